"""Many runs at once → the algebra of exact integer arrays, and their distinct rows.

A number is an integer array over a common denominator, with a proven bound on its entries: int64 while the
bound fits, Python integers beyond.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.algebra import Exact

_INT64 = 2**63

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Num:
    """The numbers values / den, every |value| at most `bound`; int64 exactly when the bound fits."""

    values: Array
    den: int
    bound: int


def integers(values: Array | int, bound: int) -> Array:
    """Return the values as an array of the type that holds every integer up to the bound.

    Arithmetic on an array without axes gives a plain number, which this makes an array again.
    """
    return np.asarray(values, dtype=np.int64 if bound < _INT64 else object)


def product(a: Array, b: Array) -> Array:
    """Return the matrix product of integers, in int64 where a bound proves that it fits."""
    largest = [int(np.abs(part).max(initial=0)) for part in (a, b)]
    bound = max(*largest, largest[0] * largest[1] * b.shape[0])
    return np.asarray(integers(a, bound) @ integers(b, bound))


class Arrays(Exact):
    """The algebra of many runs at once: bits are boolean arrays, numbers are `Num`; shapes broadcast."""

    def bit(self, value: bool) -> Array:
        return np.array(value)

    def negate(self, a: Array) -> Array:
        return ~a

    def conjoin(self, bits: Sequence[Array]) -> Array:
        return reduce(np.logical_and, bits, np.array(True))

    def disjoin(self, bits: Sequence[Array]) -> Array:
        return reduce(np.logical_or, bits, np.array(False))

    def differ(self, a: Array, b: Array) -> Array:
        return np.asarray(a ^ b)

    def at_least(self, threshold: int, bits: Sequence[Array]) -> Array:
        return np.asarray(reduce(np.add, [b.astype(np.int64) for b in bits], np.array(0)) >= threshold)

    def number(self, value: Fraction) -> Num:
        bound = abs(value.numerator)
        return Num(integers(value.numerator, bound), value.denominator, bound)

    def choose(self, bit: Array, high: Fraction, low: Fraction) -> Num:
        return self.select(bit, self.number(high), self.number(low))

    def select(self, bit: Array, then: Num, otherwise: Num) -> Num:
        den = lcm(then.den, otherwise.den)
        a, b = self._over(then, den), self._over(otherwise, den)
        bound = max(a.bound, b.bound)
        return Num(np.where(bit, integers(a.values, bound), integers(b.values, bound)), den, bound)

    def _over(self, number: Num, den: int) -> Num:
        factor = den // number.den
        bound = number.bound * factor
        if factor == 1 or bound == 0:  # a factor beyond int64 may meet nothing but zeros
            return Num(number.values, den, bound)
        return Num(integers(integers(number.values, bound) * factor, bound), den, bound)

    def affine(self, row: Sequence[Fraction], values: Sequence[Num], offset: Fraction) -> Num:
        terms = [(w / v.den, v) for w, v in zip(row, values, strict=True) if w and v.bound]
        den = lcm(offset.denominator, *(c.denominator for c, _ in terms))
        whole = [(int(c * den), v) for c, v in terms]
        constant = int(offset * den)
        bound = sum((abs(k) * v.bound for k, v in whole), abs(constant))
        total = integers(constant, bound)
        for k, v in whole:
            total = total + integers(v.values, bound) * k
        return Num(integers(total, bound), den, bound)

    def greater(self, value: Num, bound: Fraction) -> Array:
        threshold = (bound.numerator * value.den) // bound.denominator
        if abs(threshold) > value.bound:
            return np.full(np.shape(value.values), threshold < 0)
        return np.asarray(value.values > threshold, dtype=bool)

    def equal(self, value: Num, bound: Fraction) -> Array:
        target, rest = divmod(bound.numerator * value.den, bound.denominator)
        if rest or abs(target) > value.bound:
            return np.zeros(np.shape(value.values), dtype=bool)
        return np.asarray(value.values == target, dtype=bool)


ARRAYS = Arrays()


def distinct(columns: Sequence[Array]) -> tuple[Array, Array]:
    """Return (first, index): where each distinct row first occurs, and every row's place among them.

    Columns are packed in mixed radix as long as the product of their ranges fits an int64.
    """
    code = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1
    for column in columns:
        low, high = column.min(), column.max()
        radix = int(high) - int(low) + 1
        if radix > len(column) or column.dtype == object:
            levels, column = np.unique(column, return_inverse=True)
            low, radix = 0, len(levels)
        if size * radix >= 2**62:
            levels, code = np.unique(code, return_inverse=True)
            size = len(levels)
        code = code * radix + (column - low).astype(np.int64)
        size *= radix
    _, first, index = np.unique(code, return_index=True, return_inverse=True)
    return first, index.reshape(-1)
