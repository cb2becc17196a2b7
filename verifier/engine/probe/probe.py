"""Subject, layer, concepts → for every concept and form an answer, each confirmed before it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.domain import Bits
from verifier.engine.probe.confirm import Judge
from verifier.engine.probe.outcome import (
    Answer,
    Beyond,
    Clash,
    Concept,
    Constant,
    Form,
    Fractional,
    Meeting,
    Readable,
    Site,
    Unfit,
    Widest,
)
from verifier.engine.probe.program import Program
from verifier.engine.probe.question import Question
from verifier.engine.probe.seen import Seen, Told
from verifier.engine.probe.smallest import smallest
from verifier.engine.probe.widest import margin, widest
from verifier.errors import InternalError
from verifier.lattice import Lattice
from verifier.linear import Row
from verifier.verdict import Limits, UndecidedError, Unknown

#: Bits of the coefficients of a comparison beyond the bound that are tried.
MAX_BITS = 64
#: Dimensions of a lattice in which a shortest vector is looked for.
MAX_SHORTEST = 6


@dataclass(eq=False)
class Probe:
    """Answers questions about one layer of a subject, with whole coefficients up to a bound."""

    seen: Seen
    bound: int
    timeout_s: float | None = None

    def __post_init__(self) -> None:
        seen = self.seen
        self.judge = Judge(seen.subject, seen.place, seen.first)
        self.units = tuple(range(seen.m))
        self.basis = _basis(seen) if seen.exact else ()

    @property
    def rank(self) -> int | None:
        """The dimension of the affine space that the rows span, where they are rational."""
        return len(self.basis) if self.seen.exact else None

    def answer(self, concept: Concept, told: Told, form: Form) -> Answer:
        """Return what is known of a concept.

        Raises:
            InternalError: an answer that does not hold.
        """
        limits = Limits.of(self.timeout_s, None)
        answer: Answer
        try:
            answer = self._answer(concept, told, form, limits)
            if not self.judge.holds(concept, answer):
                raise InternalError(f"an answer that does not hold: {answer}")
        except UndecidedError as error:
            return Unknown(str(error))
        return answer

    def _answer(self, concept: Concept, told: Told, form: Form, limits: Limits) -> Answer:
        if told and not isinstance(told[0], bool):
            zero, one = told
            return Clash(zero, one)
        bits = tuple(map(bool, told))
        if len(set(bits)) == 1:
            return Constant(bits[0])
        tolerance = self.seen.subject.decoding.tolerance if form == "linear" else Fraction(0)
        question = Question(self.seen, bits, form, tolerance)
        if form == "threshold":
            return self._compared(concept, question, limits)
        return self._fitted(question, limits)

    def _compared(self, concept: Concept, question: Question, limits: Limits) -> Answer:
        slack = Program(question, self.units, limits).slack()
        if self.seen.exact and slack.t is not None:
            return Meeting(tuple((x, 2 * w) for x, w in slack.weights))
        found = smallest(question, self.bound, limits)
        if found.found is None:
            return self._beyond(question, _rounded(question, slack.row))
        window = question.window(found.found)
        assert window is not None
        wide: Widest | None = None
        try:
            wide, weights = widest(question, found.found, self.bound, limits)
            if not self.judge.limits(concept, wide, weights):
                raise InternalError(f"a limit of margins that does not hold: {wide}")
        except UndecidedError:  # the readout stands without it
            pass
        return Readable(
            question.site(found.found, window),
            "z3" if not found.reason else None,
            found.reason,
            margin(question, found.found),
            wide,
        )

    def _fitted(self, question: Question, limits: Limits) -> Answer:
        beyond: list[int] | None = None
        if self.seen.exact:
            program = Program(question, self.units, limits)
            slack = program.slack()
            assert slack.t is not None  # it is τ at most
            if slack.t < 0:
                return Unfit(slack.weights, question.tolerance - slack.t)
            if question.tolerance == 0:
                whole = self._whole(question.bits)
                if isinstance(whole, Fractional):
                    return whole
                beyond, only = whole
                if only and max(map(abs, beyond)) <= self.bound:
                    return Readable(self._site(question, beyond), "only")
                if only:
                    return Beyond(self.bound, site=self._site(question, beyond), only=True)
            slack = program.slack(self.bound)
            if slack.t is not None and slack.t < 0:
                return Beyond(self.bound, slack.weights, self._site(question, beyond) if beyond else None)
        found = smallest(question, self.bound, limits)
        if found.found is None:
            return self._beyond(question, beyond)
        site = self._site(question, found.found)
        return Readable(site, "z3" if not found.reason else None, found.reason)

    def _beyond(self, question: Question, row: Sequence[int] | None) -> Beyond:
        known = row is not None and question.window(row) is not None
        return Beyond(self.bound, site=self._site(question, row) if row is not None and known else None)

    def _site(self, question: Question, row: Sequence[int]) -> Site:
        window = question.window(row)
        if window is None:
            raise InternalError(f"{row} does not read the concept")
        return question.site(row, window)

    def _whole(self, bits: Bits) -> tuple[list[int], bool] | Fractional:
        """Return a whole readout of any size, short if easy, and whether it is the only one; or why not.

        The bits are those of some rational form.
        """
        seen = self.seen
        lattice = Lattice.of([self._difference(i) for i in self.basis], seen.m)
        target = [seen.den * (int(bits[i]) - int(bits[0])) for i in self.basis]
        found = lattice.solution(tuple(map(Fraction, target)))
        if found is not None:
            few = len(lattice.kernel) <= MAX_SHORTEST
            return list(lattice.shortest(found) if few else found), not lattice.kernel
        obstacle = lattice.obstacle(target)
        if obstacle is None:
            raise InternalError("no whole readout, and nothing that rules it out")
        scaled = [w * seen.den for w in obstacle]
        told = [(seen.first[i], w) for i, w in zip(self.basis, scaled, strict=True) if w]
        return Fractional((*told, (seen.first[0], -sum(scaled, Fraction(0)))))

    def _difference(self, i: int) -> list[int]:
        A = self.seen.A
        return [int(a) - int(b) for a, b in zip(A[i], A[0], strict=True)]


def _rounded(question: Question, row: Row) -> list[int] | None:
    """Return whole coefficients in about the direction of a row that compare like it, small if possible."""
    largest = max(map(abs, row), default=Fraction(0))
    for scale in range(1, MAX_BITS) if largest else ():
        whole = [round(c / largest * 2**scale) for c in row]
        if question.window(whole) is not None:
            return whole
    return None


def _basis(seen: Seen) -> tuple[int, ...]:
    """Return numbers of rows whose differences from the first row are independent and span all."""
    from flint import fmpz_mat

    columns = (seen.A.astype(object) - seen.A[0].astype(object)).T
    reduced, _, rank = fmpz_mat([[int(v) for v in column] for column in columns]).rref()
    table = reduced.tolist()[: int(rank)]
    return tuple(next(i for i, v in enumerate(row) if v != 0) for row in table)
