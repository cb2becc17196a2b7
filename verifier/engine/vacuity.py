"""Distinct rows of a layer → how many Boolean functions are readable there at all.

With rows H_1..H_p and A = [H 1] of rank r:

- by an exact affine form, f is readable iff it lies in the column space of A: its values on r independent
  rows are free, and those on the others are fixed rational combinations of them;
- by a comparison, f is readable iff it is linearly separable: such f are the regions that the hyperplanes
  A_i · (R, d) = 0 cut the space of (R, d) into, counted by deletion and restriction (Zaslavsky 1975).

Where that takes too long there is a bound: at most 2^r of the former, and of the latter no more than if no r
of the A_i were dependent (T. M. Cover, "Geometrical and statistical properties of systems of linear
inequalities", IEEE Transactions on Electronic Computers 14, 1965).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import comb, lcm
from typing import Literal

import numpy as np

from verifier.linear import combination, direction, rank
from verifier.network import Row

MAX_ROWS = 4096
MAX_RANK = 18
MAX_SEPARABLE_ROWS = 14

Form = Literal["affine", "threshold"]


@dataclass(frozen=True, slots=True)
class Vacuity:
    """`readable` of the 2^`rows` Boolean functions of the distinct rows of a layer have such a readout.

    `readable` is None where that is out of reach; then `most` may say how many there are at most.
    """

    layer: str
    form: Form
    readable: int | None
    rows: int
    most: int | None = None

    @property
    def vacuous(self) -> bool:
        """Whether every function is readable, so that reading one proves nothing."""
        return self.readable is not None and self.readable == 1 << self.rows


def count_readable(rows: Sequence[Row], form: Form) -> int | None:
    """Return how many Boolean functions of distinct rows have a readout; None when that is out of reach."""
    return count_affine(rows) if form == "affine" else count_separable(rows)


def at_most(rows: int, width: int, form: Form) -> int | None:
    """Return a bound on how many functions of distinct rows of so many units have a readout; None: all may.

    >>> at_most(5, 2, "threshold"), at_most(5, 2, "affine"), at_most(3, 2, "threshold")
    (22, 8, None)
    """
    if rows <= width + 1:
        return None
    return 2 ** (width + 1) if form == "affine" else 2 * sum(comb(rows - 1, i) for i in range(width + 1))


def count_affine(rows: Sequence[Row]) -> int | None:
    """Return how many 0/1 functions of the rows are affine in them; None when the count is out of reach.

    >>> count_affine([(Fraction(0),), (Fraction(1),), (Fraction(2),)])
    2
    """
    extended = [(*row, Fraction(1)) for row in rows]
    size = rank(extended)
    if size == len(rows):
        return 1 << len(rows)
    if size > MAX_RANK or len(rows) > MAX_ROWS:
        return None
    basis: list[Row] = []
    fixed: list[Row] = []
    for row in extended:
        if len(basis) < size and rank([*basis, row]) > len(basis):
            basis.append(row)
        else:
            fixed.append(row)
    bits = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
    for row in fixed:
        alpha = combination(basis, row)
        assert alpha is not None
        den = lcm(*(a.denominator for a in alpha))
        whole = [int(a * den) for a in alpha]
        fits = sum(map(abs, whole)) < 2**62
        value = bits.astype(np.int64 if fits else object) @ np.array(
            whole, dtype=np.int64 if fits else object
        )
        bits = bits[(value == 0) | (value == den)]
    return len(bits)


def count_separable(rows: Sequence[Row]) -> int | None:
    """Return how many 0/1 functions of the rows are linearly separable; None when the count is out of reach.

    >>> count_separable([(Fraction(0),), (Fraction(1),), (Fraction(2),)])
    6
    """
    normals = [(*row, Fraction(1)) for row in rows]
    if rank(normals) == len(rows):
        return 1 << len(rows)
    if len(rows) > MAX_SEPARABLE_ROWS:
        return None
    return _regions(frozenset(map(direction, normals)))


@cache
def _regions(normals: frozenset[Row]) -> int:
    """Return how many regions the hyperplanes with these pairwise different normals cut space into."""
    if not normals:
        return 1
    *others, last = sorted(normals)
    pivot = next(k for k, v in enumerate(last) if v)
    restricted = {
        direction([v - normal[pivot] / last[pivot] * w for v, w in zip(normal, last, strict=True)])
        for normal in others
    }
    return _regions(frozenset(others)) + _regions(frozenset(restricted))
