"""Counterexample → whether it is one: the recorded evaluation, followed sum by sum, against the exact one."""

from collections.abc import Sequence
from fractions import Fraction

from verifier.algebra import RATIONALS
from verifier.decoding import Decoding
from verifier.domain import Domain
from verifier.engine.rounding.decisions import decided
from verifier.engine.rounding.floats import Floats, UnspecifiedError, terms
from verifier.engine.rounding.format import FORMATS, Format, Number
from verifier.network import Network
from verifier.verdict import Rounding, Summation


class _MisfitError(Exception):
    """The evidence does not fit the evaluation."""


class Following(Floats):
    """The sums in the order the evidence gives them."""

    def __init__(self, form: Format, sums: Sequence[Summation]) -> None:
        super().__init__(form)
        self.sums = sums
        self.taken = 0

    def affine(self, row: Sequence[Fraction], values: Sequence[Number], offset: Fraction) -> Number:
        if self.taken == len(self.sums):
            raise _MisfitError
        given = self.sums[self.taken]
        self.taken += 1
        if sorted(given.order) != terms(row, offset) or (given.tree and given.fma):
            raise _MisfitError
        n = len(row)
        if given.fma:
            return self._fused(given.order, [*row, offset], values)
        parts = [
            self.number(offset) if i == n else self.form.multiply(self.number(row[i]), values[i])
            for i in given.order
        ]
        return self._halved(parts) if given.tree else self._chained(parts)

    def _fused(self, order: Sequence[int], weights: Sequence[Fraction], values: Sequence[Number]) -> Number:
        result: Number = Fraction(0)
        for i in order:
            w = self.number(weights[i])
            result = self.form.fma(w, values[i], result) if i < len(values) else self.form.add(result, w)
        return result

    def _chained(self, parts: Sequence[Number]) -> Number:
        result: Number = parts[0] if parts else Fraction(0)
        for part in parts[1:]:
            result = self.form.add(result, part)
        return result

    def _halved(self, parts: Sequence[Number]) -> Number:
        """Return the sum of neighbors in pairs: it splits at the largest power of two below their number."""
        if len(parts) < 2:
            return self._chained(parts)
        half = 2 ** ((len(parts) - 1).bit_length() - 1)
        return self.form.add(self._halved(parts[:half]), self._halved(parts[half:]))


def confirm(network: Network, domain: Domain, decoding: Decoding, found: Rounding) -> bool:
    """Return whether the evaluation of the evidence first departs from the exact one as the evidence says."""
    alg = Following(FORMATS[found.format], found.sums)
    try:
        for exact, computed in zip(
            decided(RATIONALS, network, decoding, domain, found.x),
            decided(alg, network, decoding, domain, found.x),
            strict=True,
        ):
            if exact[3] != computed[3]:
                said = (found.decision, found.place, found.exact), _text(found.computed)
                seen = (exact[:3], _text(computed[2]))
                return said == seen and found.deciding == alg.taken - 1 == len(found.sums) - 1
    except (_MisfitError, UnspecifiedError):
        return False
    return False


def _text(value: Number) -> str:
    return str(value)  # NaN is not equal to itself
