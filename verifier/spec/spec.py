"""What a spec file says, as frozen values: the network, the domain, the decoding, and what is claimed."""

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.checks import Check
from verifier.decoding import Decoding
from verifier.domain import Domain
from verifier.engine.options import SILENT, Options
from verifier.errors import Position
from verifier.explanation import Explanation, Feature
from verifier.network import Network
from verifier.space import Space
from verifier.verdict import Expected


@dataclass(frozen=True, slots=True)
class Entry:
    """An explanation, the checks to run with the verdict each must have, and the place of its name."""

    explanation: Explanation
    checks: tuple[tuple[Check, Expected], ...]
    position: Position
    title: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What an enumeration must list; None and the empty tuple expect nothing."""

    count: int | None = None
    classes: int | None = None
    contains: tuple[str, ...] = ()
    complete: bool | None = None


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The section `enumerate`: a space of explanations to list, and what is expected of the list."""

    space: Space
    expect: Listing
    position: Position


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec file. `sha256` is the digest of its bytes; `positions` maps `explanations.alice` to a place.

    `concepts` are features without places, for `verifier probe`; `options` is how it wants to be checked.
    """

    path: str
    sha256: str
    title: str
    network: Network
    domain: Domain
    decoding: Decoding
    entries: tuple[Entry, ...]
    enumeration: Enumeration | None
    positions: Mapping[str, Position]
    concepts: tuple[Feature, ...] = ()
    options: Options = SILENT
