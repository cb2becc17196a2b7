"""Format → the algebra of one float evaluation, all but its sums, whose order is up to the evaluation."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from math import isnan

from verifier.algebra import Booleans, Exact
from verifier.engine.rounding.format import Format, Number


class UnspecifiedError(ArithmeticError):
    """A NaN reached an activation or a comparison: what follows is up to the library."""


class Floats(Booleans, Exact, ABC):
    """Bits are `bool`, numbers those of a format; constants are rounded to it where they are used."""

    def __init__(self, form: Format) -> None:
        self.form = form

    def number(self, value: Fraction) -> Number:
        return self.form.constant(value)

    def choose(self, bit: bool, high: Fraction, low: Fraction) -> Number:
        return self.number(high if bit else low)

    def select(self, bit: bool, then: Number, otherwise: Number) -> Number:
        if isnan(then) or isnan(otherwise):
            raise UnspecifiedError
        return then if bit else otherwise

    @abstractmethod
    def affine(self, row: Sequence[Fraction], values: Sequence[Number], offset: Fraction) -> Number: ...

    def greater(self, value: Number, bound: Fraction) -> bool:
        return self._told(value) > self.number(bound)

    def equal(self, value: Number, bound: Fraction) -> bool:
        return self._told(value) == self.number(bound)

    def _told(self, value: Number) -> Number:
        """Return a number that compares as numbers do: what is not > need not be <= where one is a NaN."""
        if isnan(value):
            raise UnspecifiedError
        return value


def terms(row: Sequence[Fraction], offset: Fraction) -> list[int]:
    """Return the numbers of what is added: the weights other than 0, and the offset, n, if it is not 0."""
    return [i for i, w in enumerate((*row, offset)) if w]
