"""Subject → suggestion: its function, what can be read from its layers, and the simplest explanations.

Nothing is guessed: the lists are those of `enumerate_space`, with what their completeness rests on, and every
explanation that is returned has passed the checks, which know nothing of how it was found.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from verifier.checks import DEFAULT_CHECKS, applicable
from verifier.claim import Claim
from verifier.engine.agreement import agreement
from verifier.engine.enumeration.cuts import CutStage
from verifier.engine.enumeration.enumerate import (
    INTERRUPTED,
    Options,
    Progress,
    Watch,
    enumerate_space,
    staged,
)
from verifier.engine.enumeration.listing import Listing, Statement
from verifier.engine.outcome import Agreement, Exit
from verifier.engine.suggest.candidates import Candidates, compared, linear
from verifier.engine.suggest.outputs import OutputFunction, functions, table_of, tabulated
from verifier.engine.suggest.rank import Ranked, Ranking, rank
from verifier.engine.verify import Subject
from verifier.errors import InternalError
from verifier.explanation import Explanation, Feature
from verifier.space import Readouts, Space
from verifier.verdict import Limits, Proved, Refuted, UndecidedError

#: Explanations of one number of features, or functions of one layer, to stop after.
MOST_LISTED = 200_000


@dataclass(frozen=True, slots=True)
class Request:
    """What to look for: at these layers (none: every hidden one), so many features, coefficients in bounds.

    `readouts` are tried in order: the second kind where the first explains nothing. The `most` simplest
    explanations of a layer are returned in full. `timeout_s` is for everything together.
    """

    layers: tuple[str, ...] = ()
    features: tuple[int, int] = (1, 3)
    coefficients: tuple[int, int] | None = (-2, 2)
    readouts: tuple[Readouts, ...] = ("linear", "threshold")
    most: int = 3
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """The explanations of a layer with so many features as the space says: how many, and the simplest."""

    space: Space
    statement: Statement
    ranking: Ranking

    @property
    def telling(self) -> bool:
        """Whether some of them do more than restate the outputs."""
        return self.ranking.restating < self.statement.classes


@dataclass(frozen=True, slots=True)
class LayerFindings:
    """What a layer holds: functions that can be read one by one, and explanations.

    `counted` has one entry per kind of readouts and number of features, up to the first with explanations
    that do more than restate the outputs. `reason` says why something is missing.
    """

    layer: str
    candidates: Candidates = field(default_factory=Candidates)
    counted: tuple[Counted, ...] = ()
    reason: str = ""

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
        """The simplest explanations, in order."""
        found = (one for counted in self.counted for one in counted.ranking.ranked)
        return tuple(sorted(found, key=lambda one: one.simplicity))


@dataclass(frozen=True, slots=True, repr=False)
class Suggestion:
    """What there is to say of a network without claims. `reason` says why outputs have no formulas."""

    subject: Subject
    request: Request
    outputs: tuple[OutputFunction, ...]
    layers: tuple[LayerFindings, ...]
    reason: str = ""
    agreement: Agreement | None = None

    def __repr__(self) -> str:
        """Return the formulas of the outputs, and the simplest explanations."""
        outputs = [f"{output.name}: {output.formula}" for output in self.outputs]
        return "\n".join([*outputs, *map(repr, self.explanations)])

    @property
    def exit(self) -> Exit:
        """What a run that says this returns."""
        complete = not self.reason and all(layer.complete for layer in self.layers)
        return Exit.OK if complete else Exit.UNDECIDED

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """The simplest explanations of all layers, the simplest first: those that only restate come last."""
        found = sorted((one for layer in self.layers for one in layer.ranked), key=lambda one: one.simplicity)
        return tuple(replace(one.explanation, name=f"simple{i}") for i, one in enumerate(found, start=1))

    @property
    def telling(self) -> tuple[Explanation, ...]:
        """Of these, the ones that do more than restate the outputs; where there are none, all."""
        restating = sum(one.simplicity.restates for layer in self.layers for one in layer.ranked)
        return self.explanations[: len(self.explanations) - restating] or self.explanations

    @property
    def function(self) -> Explanation | None:
        """The claim that the outputs are the formulas told, which says nothing of the inside."""
        if not self.outputs:
            return None
        features = tuple(Feature(output.name, output.formula) for output in self.outputs)
        return Explanation("function", features)


def suggest(
    subject: Subject, request: Request | None = None, progress: Callable[[Progress], None] = lambda _: None
) -> Suggestion:
    """Return what a network computes and the simplest explanations of how.

    Raises:
        InputError: E305, an output is no bit on some input; a space that does not fit the network.
    """
    request = request or Request()
    names = request.layers or tuple(layer.name for layer in subject.network.layers[:-1])
    for name in names:
        Space(name, request.features, request.coefficients).place(subject.network)
    limits = Limits.of(request.timeout_s, None)
    outputs: tuple[OutputFunction, ...] = ()
    reason = ""
    try:
        outputs = functions(subject, tabulated(subject, limits))
    except UndecidedError as error:
        reason = str(error)
    layers = []
    for i, name in enumerate(names):
        share = None if limits.deadline is None else (limits.deadline - time.monotonic()) / (len(names) - i)
        search = _Search(subject, request, Limits.of(share, None), progress)
        layers.append(search.layer(name))
        if search.interrupted:  # what was found is told, nothing more is looked for
            limits = Limits(time.monotonic())
    return Suggestion(subject, request, outputs, tuple(layers), reason, agreement(subject))


@dataclass(slots=True)
class _Search:
    """Lists of one layer, within one limit of time."""

    subject: Subject
    request: Request
    limits: Limits
    progress: Callable[[Progress], None]
    interrupted: bool = False

    def layer(self, name: str) -> LayerFindings:
        """Return what a layer holds: what can be read linearly and, where that explains nothing, compared."""
        found = LayerFindings(name)
        for readouts in self.request.readouts:
            if readouts == "threshold" and self.request.coefficients is None:
                break  # all rows in bounds are compared
            found = self._read(found, readouts)
            if found.reason or found.telling:
                break
        return found

    def _read(self, known: LayerFindings, readouts: Readouts) -> LayerFindings:
        """Return what is known of a layer, and what one kind of readouts adds."""
        name, (low, high), bounds = known.layer, self.request.features, self.request.coefficients
        width = self.subject.network.layer(self.subject.network.place_of(name) or 0).width
        counted = list(known.counted)
        try:
            found = self._candidates(Space(name, 1, bounds, require=("readout",), readouts=readouts))
            for k in range(low, min(high, width) + 1):
                space = Space(name, k, bounds, readouts=readouts)
                listing = self._listed(space)
                ranking = rank(listing, self.request.most)
                for one in ranking.ranked:
                    self._replay(one.explanation)
                counted.append(Counted(space, listing.statement, ranking))
                if counted[-1].telling or not listing.statement.complete:
                    break
        except UndecidedError as error:
            return replace(known, counted=tuple(counted), reason=str(error))
        rich = known.candidates.functions is None or known.candidates.functions >= width
        return replace(known, candidates=known.candidates if rich else found, counted=tuple(counted))

    def _candidates(self, space: Space) -> Candidates:
        """Return the functions that can be read.

        Raises:
            UndecidedError: not all of them were found; nor would be what they make up.
        """
        if space.readouts == "threshold":
            stage = staged(self.subject, space, Options(timeout_s=self._left()))
            assert isinstance(stage, CutStage)
            return compared(stage)
        listing = self._listed(space)
        if not listing.statement.complete:
            raise UndecidedError(f"not complete: {listing.statement.reason}")
        return linear(listing)

    def _left(self) -> float | None:
        """Return the seconds that are left."""
        return None if self.limits.deadline is None else max(self.limits.deadline - time.monotonic(), 0)

    def _listed(self, space: Space) -> Listing:
        options = Options(solver=False, limit=MOST_LISTED, timeout_s=self._left())
        listing = enumerate_space(self.subject, space, options, watch=Watch(progress=self.progress))
        if listing.statement.reason == INTERRUPTED:
            self.interrupted, self.limits = True, Limits(time.monotonic())
        table = table_of(self.subject)
        if table is not None:
            table.deadline = None  # what is listed is told, whatever the time
        return listing

    def _replay(self, explanation: Explanation) -> None:
        """Have the checks prove what was listed.

        Raises:
            UndecidedError: a check was not decided.
            InternalError: a check refutes it.
        """
        subject = self.subject
        claim = Claim(subject.network, subject.domain, subject.decoding, explanation)
        for result in subject.verify_all(claim, [c for c in DEFAULT_CHECKS if applicable(explanation, c)]):
            if isinstance(result.verdict, Refuted):
                raise InternalError(f"{explanation!r} is listed, and its {result.check} refuted")
            if not isinstance(result.verdict, Proved):
                raise UndecidedError(f"{result.check} of {explanation.name}: {result.verdict.reason}")
