"""Answers → whether they hold, by what did not find them: the network run once more, and the check `readout`.

Nothing of the layer's table of whole numbers is used here: activations are computed anew, as rationals (or as
sums of sigmoids), on the inputs that an answer names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Any, assert_never

from verifier.algebra import RATIONALS
from verifier.domain import Bits
from verifier.engine.enumeration.misread import misread
from verifier.engine.probe.outcome import (
    Answer,
    Beyond,
    Clash,
    Concept,
    Constant,
    Fractional,
    Meeting,
    Readable,
    Site,
    Unfit,
    Weights,
    Widest,
)
from verifier.engine.replay import activations, algebra
from verifier.engine.verify import Subject
from verifier.explanation import Explanation, Feature
from verifier.linear import rank
from verifier.verdict import Unknown


@dataclass(eq=False)
class Judge:
    """Confirms answers about one layer; `inputs` are those of the domain, one per row of the layer."""

    subject: Subject
    place: int
    inputs: Sequence[Bits]
    _seen: dict[Bits, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._alg = algebra(self.subject.network)

    def holds(self, concept: Concept, answer: Answer) -> bool:
        """Return whether an answer about a concept holds."""
        tolerance = self.subject.decoding.tolerance
        match answer:
            case Unknown():
                return True
            case Constant(value):
                return all(self._bit(concept, x) is value for x in self.inputs)
            case Readable(site, why, _, _, wide):
                sites = [site, *([wide.site, wide.attained] if wide is not None else [])]
                return (why != "only" or self._unique()) and all(
                    one is None or self._reads(concept, one) for one in sites
                )
            case Clash(zero, one):
                same = self._none(((zero, Fraction(1)), (one, Fraction(-1))))
                return same and self._bit(concept, one) and not self._bit(concept, zero)
            case Unfit(weights, error):
                size = sum((abs(w) for _, w in weights), Fraction(0))
                return (
                    self._none(weights)
                    and self._told(concept, weights) == error * size
                    and size > 0
                    and error > tolerance
                )
            case Meeting(weights):
                signed = all(self._bit(concept, x) is (w > 0) for x, w in weights)
                return bool(weights) and signed and self._none(weights)
            case Fractional(weights):
                whole = all(v.denominator == 1 for v in self._total(weights))
                return whole and self._told(concept, weights).denominator > 1
            case Beyond(bound, weights, beyond, only):
                if beyond is not None and not self._reads(concept, beyond):
                    return False
                if only and (beyond is None or not self._unique() or max(map(abs, beyond.row)) <= bound):
                    return False
                need = self._told(concept, weights) - tolerance * sum(abs(w) for _, w in weights)
                return not weights or bool(bound * sum(map(abs, self._total(weights)[:-1])) < need)
            case _:
                assert_never(answer)

    def limits(self, concept: Concept, wide: Widest, weights: Weights) -> bool:
        """Return whether no comparison has a wider margin than said: a distance of means of the classes."""
        *total, rest = self._total(weights)
        signed = all(self._bit(concept, x) is (w > 0) for x, w in weights)
        ones = sum(w for _, w in weights if w > 0)
        if not signed or ones != 1 or rest != 0:
            return False
        if not self.subject.network.smooth:
            return bool(sum(map(abs, total)) <= wide.ceiling)
        from verifier.balls.reals import bounds

        return sum(max(map(abs, bounds(value))) for value in total) <= wide.ceiling

    def _bit(self, concept: Concept, x: Bits) -> bool:
        told = Explanation("", concept.features).recompute(RATIONALS, self.subject.domain.named(x))
        return told[concept.features[-1].name]

    def _told(self, concept: Concept, weights: Weights) -> Fraction:
        """Return Σ w g."""
        return sum((w for x, w in weights if self._bit(concept, x)), Fraction(0))

    def _total(self, weights: Weights) -> list[Any]:
        """Return Σ w h, and Σ w last, exactly."""
        network, domain = self.subject.network, self.subject.domain
        alg = self._alg
        for x, _ in weights:
            if x not in self._seen:
                self._seen[x] = activations(network, domain, x, self.place, alg)
        ws = [w for _, w in weights]
        columns = zip(*(self._seen[x] for x, _ in weights), strict=True)
        return [*(alg.affine(ws, column, Fraction(0)) for column in columns), sum(ws, Fraction(0))]

    def _none(self, weights: Weights) -> bool:
        """Return whether Σ w h and Σ w are 0."""
        return all(self._alg.equal(v, Fraction(0)) for v in self._total(weights)[:-1]) and not sum(
            w for _, w in weights
        )

    def _unique(self) -> bool:
        """Return whether an affine form is told by its values on the rows."""
        one = Fraction(1)
        rows = [tuple(self._total(((x, one),))) for x in self.inputs]
        return rank(rows) == len(rows[0])

    def _reads(self, concept: Concept, site: Site) -> bool:
        *context, read = concept.features
        taken = {*self.subject.domain.inputs, *(feature.name for feature in context)}
        name = next(name for i in count(1) if (name := f"g{i}") not in taken)
        return misread(self.subject, [*context, Feature(name, read.gate, site)]) is None
