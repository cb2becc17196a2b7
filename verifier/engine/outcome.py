"""Results and expectations → outcomes: what `check` reports of a spec, and the exit code it earns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, assert_never

from verifier.claim import Claim
from verifier.engine.verify import Result
from verifier.errors import Position, Problem
from verifier.verdict import AtLeast, Expected, Proved, Refuted, Share, Unknown, Verdict

if TYPE_CHECKING:
    from verifier.engine.enumeration.outcome import ListReport


class Exit(IntEnum):
    """What the process returns."""

    OK = 0  # everything decided, and as expected
    UNEXPECTED = 1  # something refuted that should hold, or proved that should not
    BAD_INPUT = 2  # usage, spec or network error
    UNDECIDED = 3  # something neither proved nor refuted
    INTERNAL = 4  # a defect of ours, or methods that disagree
    NOTHING = 5  # nothing to check
    INTERRUPTED = 130


_PRECEDENCE = (Exit.INTERRUPTED, Exit.INTERNAL, Exit.BAD_INPUT, Exit.UNEXPECTED, Exit.UNDECIDED)


def word(verdict: Verdict) -> Literal["proved", "refuted", "unknown"]:
    """Return a verdict as one word."""
    match verdict:
        case Proved():
            return "proved"
        case Refuted():
            return "refuted"
        case Unknown():
            return "unknown"
        case _:
            assert_never(verdict)


@dataclass(frozen=True, slots=True)
class Checked:
    """A result beside what was expected of it."""

    result: Result
    expected: Expected

    @property
    def ok(self) -> bool:
        """Whether the verdict is the expected one, or the share that holds large enough; unknown never is."""
        verdict, share = self.result.verdict, self.result.share
        if isinstance(self.expected, AtLeast) and isinstance(verdict, Refuted):
            return share is not None and share.fraction >= self.expected.share
        return word(verdict) == ("proved" if isinstance(self.expected, AtLeast) else self.expected)

    @property
    def exit(self) -> Exit:
        """What this check alone would return."""
        uncounted = isinstance(self.expected, AtLeast) and self.result.share is None
        if isinstance(self.result.verdict, Unknown) or (
            uncounted and isinstance(self.result.verdict, Refuted)
        ):
            return Exit.UNDECIDED
        return Exit.OK if self.ok else Exit.UNEXPECTED


@dataclass(frozen=True, slots=True)
class ExplanationReport:
    """The checks of one explanation; `skipped` are the default checks that were not asked for."""

    claim: Claim
    checks: tuple[Checked, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many rows of the data file within the domain, equal ones counted apart, agree with their label."""

    column: str
    share: Share


@dataclass(frozen=True, slots=True)
class SpecReport:
    """What was found out about one spec. `domain_size` is None where |D| was not counted.

    `listing` is the list of all explanations where the spec expects something of it. `positions` maps keys of
    the file, as `explanations.alice`, to places. `problems` (malformed input), `defect` (a bug of ours) and
    `interrupted` stand for the checks that could not be run, `nothing` says that none was asked for. `stale`
    are sentences on what a lock says that is no longer so. `accuracy` is how far the network agrees with the
    labels of its data, if these are named.
    """

    path: str
    sha256: str | None = None
    title: str = ""
    domain_size: int | None = None
    explanations: tuple[ExplanationReport, ...] = ()
    listing: "ListReport | None" = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    defect: str = ""
    positions: Mapping[str, Position] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    interrupted: bool = False
    nothing: str = ""
    accuracy: Accuracy | None = None

    @property
    def about(self) -> "Claim | ListReport | None":
        """What has the network and the domain that the report is about; None where nothing was run."""
        return self.explanations[0].claim if self.explanations else self.listing

    @property
    def exit(self) -> Exit:
        """What a run over this spec alone returns."""
        found = [checked.exit for explanation in self.explanations for checked in explanation.checks]
        if self.listing is not None:
            found.append(self.listing.exit)
        if self.stale:
            found.append(Exit.UNEXPECTED)
        return _ended(found, self)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run of `check` found, and what stopped it: every format is a function of this.

    `problems` and `defect` are those of the run, beside those of its specs. When `interrupted`, specs that
    were not reached are missing. `nothing` says what there is nothing to check in. `warnings` are about files
    that nothing in it rests on.
    """

    specs: tuple[SpecReport, ...] = ()
    problems: tuple[Problem, ...] = ()
    defect: str = ""
    interrupted: bool = False
    nothing: str = ""
    warnings: tuple[Problem, ...] = ()

    @property
    def exit(self) -> Exit:
        """What the process returns: where all else passes, not 0 if a spec or a path has nothing to check."""
        ended = _ended([spec.exit for spec in self.specs], self)
        vacuous = bool(self.nothing) or any(spec.nothing for spec in self.specs)
        return Exit.NOTHING if vacuous and ended == Exit.OK else ended


def _ended(found: list[Exit], report: SpecReport | RunReport) -> Exit:
    """Return the exit code of what was found together with what stopped it."""
    if report.problems:
        found.append(Exit.BAD_INPUT)
    if report.defect:
        found.append(Exit.INTERNAL)
    if report.interrupted:
        found.append(Exit.INTERRUPTED)
    return worst(found)


def worst(exits: Iterable[Exit]) -> Exit:
    """Return the exit code of several taken together; of none at all: nothing to check."""
    found = set(exits)
    for code in _PRECEDENCE:
        if code in found:
            return code
    return Exit.OK if Exit.OK in found else Exit.NOTHING
