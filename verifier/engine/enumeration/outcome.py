"""Listing and expectations → outcome: what `enumerate` reports of a spec, and the exit code it earns."""

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.decoding import Decoding
from verifier.domain import Domain
from verifier.engine.enumeration.listing import Listing
from verifier.engine.outcome import Exit
from verifier.network import Network
from verifier.space import Space


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something expected of a list, and what was found; `ok` is None where an unfinished list cannot tell."""

    what: str
    expected: str
    got: str
    ok: bool | None


@dataclass(frozen=True, slots=True)
class ListReport:
    """The list of explanations of a spec.

    `named` maps explanations of the spec to their number in the list, `absent` those that are found at the
    layer but are not on it to the reason. `may_be_incomplete` is set where the spec expects no complete list.
    `believed` are sentences on what of it was not found here, but taken from a lock.
    """

    path: str
    sha256: str
    title: str
    network: Network
    domain: Domain
    decoding: Decoding
    space: Space
    domain_size: int | None
    listing: Listing
    expectations: tuple[Expectation, ...]
    named: Mapping[str, int]
    absent: Mapping[str, str]
    may_be_incomplete: bool = False
    believed: tuple[str, ...] = ()

    @property
    def exit(self) -> Exit:
        """What a run over this alone returns."""
        verdicts = [expectation.ok for expectation in self.expectations]
        if False in verdicts:
            return Exit.UNEXPECTED
        if None in verdicts or not (self.listing.statement.complete or self.may_be_incomplete):
            return Exit.UNDECIDED
        return Exit.OK
