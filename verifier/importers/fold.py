"""An affine map, its units scaled and shifted → one affine map; batch normalisation as such factors."""

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from verifier.importers.steps import Affine
from verifier.network import Row


def scaled(affine: Affine, factors: Sequence[Fraction], shifts: Sequence[Fraction]) -> Affine:
    """Return factor · (W h + b) + shift, unit by unit."""
    W = tuple(tuple(f * w for w in row) for f, row in zip(factors, affine.W, strict=True))
    b = tuple(f * offset + shift for f, offset, shift in zip(factors, affine.b, shifts, strict=True))
    return Affine(W, b, affine.place)


def normalisation(
    scale: Row, offset: Row, mean: Row, variance: Row, epsilon: Fraction
) -> tuple[list[Fraction], list[Fraction]] | int:
    """Return factors and shifts of scale · (v - mean) / sqrt(variance + epsilon) + offset.

    Where a root is irrational the number of the first such unit is returned instead.
    """
    factors = []
    for i, (s, v) in enumerate(zip(scale, variance, strict=True)):
        root = exact_root(v + epsilon)
        if root is None or root == 0:
            return i
        factors.append(s / root)
    return factors, [b - m * f for b, m, f in zip(offset, mean, factors, strict=True)]


def exact_root(square: Fraction) -> Fraction | None:
    """Return the square root of a number, None where it is irrational or not real.

    >>> exact_root(Fraction(9, 4)), exact_root(Fraction(2))
    (Fraction(3, 2), None)
    """
    n, d = square.numerator, square.denominator
    if n < 0 or isqrt(n) ** 2 != n or isqrt(d) ** 2 != d:
        return None
    return Fraction(isqrt(n), isqrt(d))
