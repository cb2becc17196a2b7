"""What is known about the slopes at which a check holds, and the exit code that earns."""

from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from verifier.checks import Check
from verifier.claim import Claim
from verifier.engine.outcome import Exit, worst
from verifier.engine.slope.margins import Margin
from verifier.verdict import Counterexample, Tie


@dataclass(frozen=True, slots=True)
class Always:
    """The claim holds at every slope."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """Proved at every slope from `high` on, refuted at `low` by the counterexample.

    Without a counterexample `low` is 0: no slope down to `high` fails.
    """

    low: Fraction
    high: Fraction
    found: Counterexample | None


@dataclass(frozen=True, slots=True)
class Never:
    """The claim fails at every slope from this one on; the counterexample is one at this slope."""

    slope: Fraction
    found: Counterexample


@dataclass(frozen=True, slots=True)
class Degenerate:
    """The step network has a pre-activation 0: no slope is large enough for the margin theorem."""

    tie: Tie


@dataclass(frozen=True, slots=True)
class Open:
    """Not decided. What is known: proved from `high` on, refuted at `low`."""

    reason: str
    low: Fraction | None = None
    high: Fraction | None = None


Outcome = Always | Bracket | Never | Degenerate | Open


@dataclass(frozen=True, slots=True)
class Judged:
    """One check of one explanation, at every slope."""

    claim: Claim
    check: Check
    outcome: Outcome

    @property
    def exit(self) -> Exit:
        """What this check alone would return."""
        match self.outcome:
            case Always() | Bracket():
                return Exit.OK
            case Never():
                return Exit.UNEXPECTED
            case Degenerate() | Open():
                return Exit.UNDECIDED
            case _:
                assert_never(self.outcome)


@dataclass(frozen=True, slots=True)
class SlopeReport:
    """What was found out about the slopes of a spec; `slope` is the one of the file.

    `margins` are those of the step network, `errors` how far each layer is from its steps at that slope and
    every larger one, where the margin theorem says so.
    """

    path: str
    sha256: str
    title: str
    slope: Fraction
    size: int
    margins: tuple[Margin, ...]
    errors: tuple[Fraction, ...]
    judged: tuple[Judged, ...]

    @property
    def exit(self) -> Exit:
        """What the run returns."""
        return worst(judged.exit for judged in self.judged)
