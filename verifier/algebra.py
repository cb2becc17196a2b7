"""The operations a network and a formula need → one protocol, and its instance over exact rationals.

Forward pass, readouts, formulas and interventions are written once against `Algebra`; they run over rationals
here, over integer arrays in `table` and over solver terms in `smt`.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol, TypeVar

B = TypeVar("B")
S = TypeVar("S")


class Algebra(Protocol[B, S]):
    """Bits of type `B` and exact numbers of type `S`."""

    def bit(self, value: bool) -> B:
        """Return the constant bit."""

    def negate(self, a: B) -> B:
        """Return ~a."""

    def conjoin(self, bits: Sequence[B]) -> B:
        """Return the AND of the bits; of none: true."""

    def disjoin(self, bits: Sequence[B]) -> B:
        """Return the OR of the bits; of none: false."""

    def differ(self, a: B, b: B) -> B:
        """Return a ^ b."""

    def at_least(self, threshold: int, bits: Sequence[B]) -> B:
        """Return whether `threshold` or more of the bits are true."""

    def number(self, value: Fraction) -> S:
        """Return the constant number."""

    def choose(self, bit: B, high: Fraction, low: Fraction) -> S:
        """Return `high` where the bit is true and `low` where it is false."""

    def select(self, bit: B, then: S, otherwise: S) -> S:
        """Return `then` where the bit is true and `otherwise` where it is false."""

    def affine(self, row: Sequence[Fraction], values: Sequence[S], offset: Fraction) -> S:
        """Return row · values + offset, exactly."""

    def greater(self, value: S, bound: Fraction) -> B:
        """Return whether value > bound."""

    def equal(self, value: S, bound: Fraction) -> B:
        """Return whether value = bound."""


class Booleans:
    """The bits of one run, as `bool`."""

    def bit(self, value: bool) -> bool:
        return value

    def negate(self, a: bool) -> bool:
        return not a

    def conjoin(self, bits: Sequence[bool]) -> bool:
        return all(bits)

    def disjoin(self, bits: Sequence[bool]) -> bool:
        return any(bits)

    def differ(self, a: bool, b: bool) -> bool:
        return a is not b

    def at_least(self, threshold: int, bits: Sequence[bool]) -> bool:
        return sum(bits) >= threshold


class Rationals(Booleans):
    """The algebra of one run: bits are `bool`, numbers are `Fraction`. Every replay uses it."""

    def number(self, value: Fraction) -> Fraction:
        return value

    def choose(self, bit: bool, high: Fraction, low: Fraction) -> Fraction:
        return high if bit else low

    def select(self, bit: bool, then: Fraction, otherwise: Fraction) -> Fraction:
        return then if bit else otherwise

    def affine(self, row: Sequence[Fraction], values: Sequence[Fraction], offset: Fraction) -> Fraction:
        return sum((w * v for w, v in zip(row, values, strict=True) if w), offset)

    def greater(self, value: Fraction, bound: Fraction) -> bool:
        return value > bound

    def equal(self, value: Fraction, bound: Fraction) -> bool:
        return value == bound


RATIONALS = Rationals()
