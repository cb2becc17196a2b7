"""What is asked of a suggestion, and what was found layer by layer, list by list; its exit code."""

from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.checks import Check
from verifier.engine.enumeration.listing import Statement
from verifier.engine.outcome import Accuracy, Exit
from verifier.engine.suggest.candidates import Candidates
from verifier.engine.suggest.outputs import OutputFunction
from verifier.engine.suggest.rank import Ranked, Ranking, Simplicity
from verifier.engine.verify import Subject
from verifier.explanation import Explanation, Feature
from verifier.notation import suggest
from verifier.space import REQUIREMENTS, Readouts, Space
from verifier.verdict import Share

Require = tuple[Check, ...]

FULL, FREE = REQUIREMENTS[2], REQUIREMENTS[1]


def requirement(text: str) -> Require:
    """Return the checks of a list such as `readout,interchange`.

    Raises:
        ValueError: with what was expected.
    """
    checks = [check.strip() for check in text.split(",")]
    for check in checks:
        if check not in FULL:
            hint = suggest(check, FULL)
            raise ValueError(f"names of {', '.join(FULL)}" + (f" ({hint})" if hint else ""))
    for require in (FULL, FREE):
        if set(checks) == set(require):
            return require
    raise ValueError(f"{','.join(FULL)} or {','.join(FREE)}")


@dataclass(frozen=True, slots=True)
class Request:
    """What to look for: at these layers (none: all hidden ones but staircases), so many features, in bounds.

    `readouts` are tried in order: the second kind where the first explains nothing; then the same with the
    next of `requires`, where there is no explanation with those before it. The `most` simplest explanations
    of a layer are returned in full. `timeout_s` is for everything together.
    """

    layers: tuple[str, ...] = ()
    features: tuple[int, int] = (1, 3)
    coefficients: tuple[int, int] | None = (-2, 2)
    readouts: tuple[Readouts, ...] = ("linear", "threshold")
    most: int = 3
    timeout_s: float | None = None
    requires: tuple[Require, ...] = (FULL, FREE)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What rules sets of readouts out where none explains: of so many `forms`, `sets` were looked at.

    `forms` are single readouts, or forms that are compared, up to sign. `mediating` counts the sets that show
    the next layer all it sees, each form being needed; None where that is not asked for.
    """

    forms: int
    sets: int
    mediating: int | None


@dataclass(frozen=True, slots=True)
class Counted:
    """The explanations of a layer with so many features as the space says: how many, and the simplest."""

    space: Space
    statement: Statement
    ranking: Ranking
    obstacle: Obstacle | None = None

    @property
    def telling(self) -> bool:
        """Whether some of them do more than restate the outputs."""
        return self.ranking.restating < self.statement.classes


@dataclass(frozen=True, slots=True)
class Miss:
    """Features that are read, and make up the outputs on the domain, and `why` they are no explanation.

    `share` says in how many cases `interchange` of one feature at a time holds.
    """

    explanation: Explanation
    share: Share
    why: str


def nearness(miss: Miss) -> tuple[Fraction, str]:
    """Return what misses are sorted by: the share of cases that fail."""
    return 1 - miss.share.fraction, str(miss.explanation)


def order(one: Ranked) -> tuple[bool, bool, Simplicity]:
    """Return what explanations are sorted by: those that mediate come before others."""
    return one.simplicity.restates, "mediation" not in one.proved, one.simplicity


@dataclass(frozen=True, slots=True)
class LayerFindings:
    """What a layer holds: functions that can be read one by one (None: not looked at), and explanations.

    `counted` has one entry per requirement, bounds, kind of readouts and number of features, up to the first
    with explanations that do more than restate the outputs. `misses` are the nearest of `tried` sets of
    features; explanations among these end `counted`, in lists that are not complete. `reason` says why
    something is missing, `skipped` why the layer was not looked at.
    `constant` are units that are the same on every input.
    """

    layer: str
    candidates: Candidates | None = None
    counted: tuple[Counted, ...] = ()
    reason: str = ""
    misses: tuple[Miss, ...] = ()
    tried: int = 0
    skipped: str = ""
    constant: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.reason and all(counted.statement.complete for counted in self.counted)

    @property
    def telling(self) -> bool:
        """Whether there is an explanation that does more than restate the outputs."""
        return any(counted.telling for counted in self.counted)

    @property
    def ranked(self) -> tuple[Ranked, ...]:
        """The simplest explanations, in order, each once; those that mediate before others."""
        found = (one for counted in self.counted for one in counted.ranking.ranked)
        ordered = sorted(found, key=lambda one: (*order(one), repr(one.explanation.features)))
        return tuple({repr(one.explanation.features): one for one in ordered}.values())

    @property
    def different(self) -> tuple[Ranked, ...]:
        """Of these, the simplest with each set of formulas."""
        found: dict[tuple[str, ...], Ranked] = {}
        for one in self.ranked:
            found.setdefault(one.gates, one)
        return tuple(found.values())


@dataclass(frozen=True, slots=True, repr=False)
class Suggestion:
    """What there is to say of a network without claims. `reason` says why outputs have no formulas."""

    subject: Subject
    request: Request
    outputs: tuple[OutputFunction, ...]
    layers: tuple[LayerFindings, ...]
    reason: str = ""
    accuracy: Accuracy | None = None

    def __repr__(self) -> str:
        """Return the formulas of the outputs, and the simplest explanations."""
        outputs = [f"{output.name}: {output.formula}" for output in self.outputs]
        return "\n".join([*outputs, *map(repr, self.explanations)])

    @property
    def exit(self) -> Exit:
        """What a run that says this returns: whether the lists with the first requirement are complete."""
        asked = self.request.requires[0]
        lists = (each for layer in self.layers for each in layer.counted if each.space.require == asked)
        complete = all(each.statement.complete for each in lists)
        reasons = [self.reason, *(layer.reason for layer in self.layers)]
        return Exit.OK if complete and not any(reasons) else Exit.UNDECIDED

    @property
    def ranked(self) -> tuple[Ranked, ...]:
        """The simplest explanations of all layers, the simplest first: those that only restate come last."""
        found = sorted(
            (one for layer in self.layers for one in layer.different),
            key=order,
        )
        return tuple(
            replace(one, explanation=replace(one.explanation, name=f"simple{i}"))
            for i, one in enumerate(found, start=1)
        )

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """The simplest explanations of all layers, in that order."""
        return tuple(one.explanation for one in self.ranked)

    @property
    def telling(self) -> tuple[Explanation, ...]:
        """Of these, the ones that do more than restate the outputs; where there are none, all."""
        told = tuple(one.explanation for one in self.ranked if not one.simplicity.restates)
        return told or self.explanations

    @property
    def misses(self) -> tuple[Miss, ...]:
        """The nearest misses of all layers, the nearest first."""
        found = sorted((miss for layer in self.layers for miss in layer.misses), key=nearness)
        return tuple(
            replace(miss, explanation=replace(miss.explanation, name=f"near{i}"))
            for i, miss in enumerate(found, start=1)
        )

    @property
    def function(self) -> Explanation | None:
        """The claim that the outputs are the formulas told, which says nothing of the inside."""
        if not self.outputs:
            return None
        features = tuple(Feature(output.name, output.formula) for output in self.outputs)
        return Explanation("function", features)
