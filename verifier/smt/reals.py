"""Symbolic weights → the algebra of z3's real arithmetic: a network run on unknown pre-activations."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import z3


def exact(value: Fraction) -> Any:
    """Return the constant."""
    return z3.Q(value.numerator, value.denominator)


def total(terms: Sequence[Any]) -> Any:
    """Return the sum; of one term the term itself, as SMT-LIB wants."""
    return terms[0] if len(terms) == 1 else z3.Sum(list(terms))


class Reals:
    """Bits are z3 Booleans, numbers are z3 reals."""

    def bit(self, value: bool) -> Any:
        return z3.BoolVal(value)

    def negate(self, a: Any) -> Any:
        return z3.Not(a)

    def conjoin(self, bits: Sequence[Any]) -> Any:
        return bits[0] if len(bits) == 1 else z3.And(list(bits)) if bits else z3.BoolVal(True)

    def disjoin(self, bits: Sequence[Any]) -> Any:
        return bits[0] if len(bits) == 1 else z3.Or(list(bits)) if bits else z3.BoolVal(False)

    def differ(self, a: Any, b: Any) -> Any:
        return z3.Xor(a, b)

    def at_least(self, threshold: int, bits: Sequence[Any]) -> Any:
        return total([z3.If(b, 1, 0) for b in bits]) >= threshold

    def number(self, value: Fraction) -> Any:
        return exact(value)

    def choose(self, bit: Any, high: Fraction, low: Fraction) -> Any:
        return z3.If(bit, exact(high), exact(low))

    def select(self, bit: Any, then: Any, otherwise: Any) -> Any:
        return z3.If(bit, then, otherwise)

    def affine(self, row: Sequence[Fraction], values: Sequence[Any], offset: Fraction) -> Any:
        terms = [exact(w) * v for w, v in zip(row, values, strict=True) if w]
        return total([*terms, exact(offset)])

    def greater(self, value: Any, bound: Fraction) -> Any:
        return value > exact(bound)

    def equal(self, value: Any, bound: Fraction) -> Any:
        return value == exact(bound)


REALS = Reals()
