"""What became of the mutants of an explanation, a closed sum per mutant, and the score they add up to."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from verifier.checks import STATEMENTS, Check, Statement
from verifier.claim import Claim
from verifier.engine.mutation.mutants import Mutant
from verifier.engine.outcome import Exit, worst
from verifier.errors import Problem
from verifier.verdict import RestsOn


@dataclass(frozen=True, slots=True)
class Killed:
    """A check refuted the mutant."""

    check: Statement


@dataclass(frozen=True, slots=True)
class Survived:
    """No check refuted the mutant, and it claims something else.

    `at` is a case in which it does: inputs for which a place reads otherwise; inputs and earlier features
    for which a gate says otherwise; nothing for another set of units.
    """

    at: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Equal:
    """No check refuted the mutant, and it is proved to claim the same."""

    rests_on: RestsOn


@dataclass(frozen=True, slots=True)
class Refused:
    """The mutant is malformed: nobody could claim it, so nothing is learned from it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Open:
    """Whether a check refutes the mutant, or whether it claims the same, was not decided."""

    reason: str


Fate = Killed | Survived | Equal | Refused | Open


@dataclass(frozen=True, slots=True)
class Mutated:
    """An explanation, the checks its mutants had to pass, and the mutants that were tried, of `total`.

    `refuted` are checks of it that are refuted, as expected: mutants need not pass them.
    """

    claim: Claim
    checks: tuple[Statement, ...]
    fates: tuple[tuple[Mutant, Fate], ...]
    total: int
    refuted: tuple[Statement, ...] = ()

    def count(self, kind: type[Fate]) -> int:
        """Return how many mutants had a fate of this kind."""
        return sum(isinstance(fate, kind) for _, fate in self.fates)

    @property
    def killed(self) -> int:
        """How many mutants were refuted."""
        return self.count(Killed)

    @property
    def counted(self) -> int:
        """How many mutants the score is about: an undecided one was not noticed, until it is."""
        return self.killed + self.count(Survived) + self.count(Open)

    @property
    def score(self) -> Fraction | None:
        """The share of the mutants that were refuted, of those tried that claim something else, if any."""
        return Fraction(self.killed, self.counted) if self.counted else None

    @property
    def survivors(self) -> tuple[tuple[Mutant, Survived], ...]:
        """The mutants that the claim would not notice, the shortest first."""
        network = self.claim.network
        alive = [(mutant, fate) for mutant, fate in self.fates if isinstance(fate, Survived)]
        return tuple(sorted(alive, key=lambda pair: len("".join(pair[0].show(network)))))


@dataclass(frozen=True, slots=True)
class Skipped:
    """An explanation that was not mutated, why, and what that returns."""

    name: str
    reason: str
    exit: Exit


@dataclass(frozen=True, slots=True)
class MutationReport:
    """What mutation says about one spec, or why it cannot be read; below a score of `wanted` it is red."""

    path: str
    sha256: str | None
    title: str
    domain_size: int | None
    explanations: tuple[Mutated | Skipped, ...]
    wanted: Fraction = Fraction(0)
    problems: tuple[Problem, ...] = ()

    @property
    def mutated(self) -> tuple[Mutated, ...]:
        """The explanations that were mutated."""
        return tuple(each for each in self.explanations if isinstance(each, Mutated))

    @property
    def exit(self) -> Exit:
        """What the run returns; where no mutant could say anything, there was nothing to check."""
        if self.problems:
            return Exit.BAD_INPUT
        skipped = [each.exit for each in self.explanations if isinstance(each, Skipped)]
        return worst([*skipped, *map(self._exit, self.mutated)])

    def _exit(self, mutated: Mutated) -> Exit:
        if mutated.score is None:
            return Exit.NOTHING
        if mutated.score + Fraction(mutated.count(Open), mutated.counted) < self.wanted:
            return Exit.UNEXPECTED
        return Exit.UNDECIDED if mutated.count(Open) else Exit.OK


def testing(checks: Iterable[Check]) -> tuple[Statement, ...]:
    """Return the checks that say something about an explanation, the cheapest first; not those of floats."""
    asked = set(checks)
    return tuple(check for check in STATEMENTS if check in asked)
