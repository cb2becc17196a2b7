"""Exact number → the nearest float of a format: IEEE 754 arithmetic in rationals, an operation rounded once.

Rounding is to nearest, ties to even, with gradual underflow; beyond the largest float lies an infinity.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf

from verifier.checks import Float

Number = Fraction | float  # a float only where it is infinite or no number
"""A value of a format: a rational, or a Python float that is an infinity or NaN. Zero has no sign."""


@dataclass(frozen=True, slots=True)
class Format:
    """A binary format with p bits of precision and normal numbers from 2^emin to below 2^(emax + 1)."""

    name: Float
    p: int
    emin: int
    emax: int

    @property
    def u(self) -> Fraction:
        """The unit roundoff: a rounded result that is normal is exact · (1 + δ), |δ| ≤ u."""
        return Fraction(1, 2**self.p)

    @property
    def tiny(self) -> Fraction:
        """The least positive normal number; no underflow moves a result further, flushed to zero or not."""
        return Fraction(2) ** self.emin

    @property
    def most(self) -> Fraction:
        """The largest finite number."""
        return Fraction((2**self.p - 1) * 2 ** (self.emax - self.p + 1))

    def nearest(self, value: Number) -> Number:
        """Return the value, rounded.

        >>> FLOAT32.nearest(Fraction(1, 10)), FLOAT64.nearest(Fraction(1, 10)) == Fraction(0.1)
        (Fraction(13421773, 134217728), True)
        """
        if isinstance(value, float) or value == 0:
            return value
        grain = max(exponent(value), self.emin) - self.p + 1
        n, d = (value.numerator << max(-grain, 0)), (value.denominator << max(grain, 0))
        whole, rest = divmod(n, d)
        whole += 2 * rest > d or (2 * rest == d and whole % 2 == 1)
        if whole.bit_length() + grain > self.emax + 1:
            return inf if value > 0 else -inf
        return Fraction(whole << max(grain, 0), 1 << max(-grain, 0))

    @lru_cache(maxsize=2**14)  # noqa: B019 - the formats stay
    def constant(self, value: Fraction) -> Number:
        """Return the value, rounded, at once where it was asked for before."""
        return self.nearest(value)

    def add(self, a: Number, b: Number) -> Number:
        """Return a + b, rounded."""
        return self.nearest(_sum(a, b))

    def multiply(self, a: Number, b: Number) -> Number:
        """Return a · b, rounded."""
        return self.nearest(_product(a, b))

    def fma(self, a: Number, b: Number, c: Number) -> Number:
        """Return a · b + c, rounded once."""
        return self.nearest(_sum(_product(a, b), c))


FLOAT32 = Format("float32", 24, -126, 127)
FLOAT64 = Format("float64", 53, -1022, 1023)
FORMATS: dict[Float, Format] = {"float32": FLOAT32, "float64": FLOAT64}


def exponent(value: Fraction) -> int:
    """Return e with 2^e ≤ |value| < 2^(e + 1), for a value other than 0.

    >>> exponent(Fraction(1, 3)), exponent(Fraction(-4))
    (-2, 2)
    """
    n, d = abs(value.numerator), value.denominator
    e = n.bit_length() - d.bit_length()
    return e if (n >= d << e if e >= 0 else n << -e >= d) else e - 1


def _sum(a: Number, b: Number) -> Number:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    return _scaled(a) + _scaled(b)


def _product(a: Number, b: Number) -> Number:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a * b
    return _scaled(a) * _scaled(b)


def _scaled(value: Number) -> float:
    """Return a float that adds to and multiplies with an infinity or NaN as the value does."""
    return value if isinstance(value, float) else float((value > 0) - (value < 0))
