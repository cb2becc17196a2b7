"""A sum of products → what floats can make of it, in every order of summation, products fused or not.

The error bound is that of Higham, Accuracy and Stability of Numerical Algorithms (2nd ed., chapters 3 and 4),
widened to hold also where results below the normal numbers are flushed to zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf

from verifier.engine.rounding.format import Format, exponent
from verifier.network import ZERO, Row


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What holds of one number on every input of a set, and of the float computed for it in any order.

    The number is in [low, high] and a multiple of 2^grain (-inf: not known to be one; +inf: it is zero); the
    float differs from it by at most `error` (None: nothing bounds it, a sum may overflow).
    """

    low: Fraction
    high: Fraction
    grain: float
    error: Fraction | None

    @property
    def most(self) -> Fraction:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    @property
    def zero(self) -> bool:
        """Whether the number and its float are 0 on every input."""
        return self.most == 0 and self.error == 0


@dataclass(frozen=True, slots=True)
class Budget:
    """How far the float of row · h + offset can be off, given the absolute values |h_j| on an input.

    `c` are the distances of the weights from their floats and `moved` is what such distances, and errors of
    the values below, amount to besides; the absolute values of all terms add up to weights · |h| + constant.
    """

    weights: Row
    constant: Fraction
    c: Row
    moved: Fraction
    gamma: Fraction
    slack: Fraction
    limit: Fraction | None
    """Terms that add up to no more than this add without error; None: no such terms."""

    def total(self, h: Sequence[Fraction]) -> Fraction:
        """Return what the absolute values of the terms add up to at most."""
        return sum((w * v for w, v in zip(self.weights, h, strict=True) if w), self.constant)

    def error(self, h: Sequence[Fraction]) -> Fraction:
        """Return how far the float is off at most."""
        total = self.total(h)
        if self.limit is not None and total <= self.limit:
            return ZERO
        return (
            self.moved + sum(c * v for c, v in zip(self.c, h, strict=True)) + self.gamma * total + self.slack
        )


def budget(form: Format, row: Row, h: Sequence[Enclosure], offset: Fraction) -> Budget | None:
    """Return the budget of row · h + offset; None where a number may be infinite.

    With m numbers to add, a product is rounded at most once and then at most m - 1 times in sums, which
    multiplies it by 1 + θ, |θ| ≤ γ_m. Each of the products and sums may also underflow, by `tiny` at most.
    """
    distances = [conversion(form, w) for w in row]  # an infinity times 0 is no number
    off = conversion(form, offset)
    weights, c, below = [ZERO] * len(row), [ZERO] * len(row), ZERO
    for i, (w, v, distance) in enumerate(zip(row, h, distances, strict=True)):
        if distance is None or v.error is None:
            return None
        if w and not v.zero:
            weights[i], c[i] = abs(w) + distance, distance
            below += weights[i] * v.error
    products = [w for w, used in zip(row, weights, strict=True) if used]
    m = len(products) + (offset != 0)
    if off is None or m * form.u >= 1:
        return None
    rounded = m - 1 + any(not _power_of_two(w) for w in products) if products else 0
    slack = (len(products) + m - 1) * form.tiny * (1 + gamma(form, m)) if products else ZERO
    fine = fineness(row, h, offset)
    exact = off == below == 0 and not any(c)
    return Budget(
        tuple(weights), abs(offset) + off + below, tuple(c), off + below, gamma(form, rounded), slack,
        _limit(form, fine) if exact else None,
    )  # fmt: skip


def fineness(row: Row, h: Sequence[Enclosure], offset: Fraction) -> float:
    """Return a g such that every term is a multiple of 2^g."""
    terms = [grain(w) + v.grain for w, v in zip(row, h, strict=True) if w and v.most]
    return min([grain(offset), *terms])


def _limit(form: Format, fine: float) -> Fraction | None:
    """Return up to what multiples of 2^fine add without error: each is then a float, and a normal one."""
    if fine == inf:
        return ZERO
    return min(form.most, Fraction(2) ** (form.p + int(fine))) if fine >= form.emin else None


@lru_cache(maxsize=2**14)
def conversion(form: Format, value: Fraction) -> Fraction | None:
    """Return how far the float read for a number is from it at most; None where it is infinite."""
    rounded = form.nearest(value)
    if isinstance(rounded, float):
        return None
    flushed = 0 < abs(rounded) < form.tiny  # a subnormal number may be read as zero
    return max(abs(value - rounded), abs(value) if flushed else ZERO)


def gamma(form: Format, k: int) -> Fraction:
    """Return γ_k = k·u / (1 - k·u), which bounds the relative error of k roundings."""
    return k * form.u / (1 - k * form.u)


def grain(value: Fraction) -> float:
    """Return the largest g with value a multiple of 2^g; -inf where there is none, +inf for 0.

    >>> grain(Fraction(-3, 4)), grain(Fraction(1, 3)), grain(Fraction(0))
    (-2, -inf, inf)
    """
    n, d = value.numerator, value.denominator
    if n == 0:
        return inf
    return -inf if d & (d - 1) else (n & -n).bit_length() - d.bit_length()


def _power_of_two(w: Fraction) -> bool:
    return abs(w) == Fraction(2) ** exponent(w)
