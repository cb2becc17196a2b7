"""Distinct rows of a layer → how many Boolean functions are readable there at all, by an exact affine form.

With rows H_1..H_p and A = [H 1] of rank r, a function f is readable iff f lies in the column space of A: its
values on r independent rows are free, and those on the others are fixed rational combinations of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from verifier.linear import combination, rank
from verifier.network import Row

MAX_ROWS = 4096
MAX_RANK = 18


@dataclass(frozen=True, slots=True)
class Vacuity:
    """`readable` of the 2^`rows` Boolean functions of the distinct rows of a layer have an affine readout."""

    layer: str
    readable: int
    rows: int

    @property
    def vacuous(self) -> bool:
        """Whether every function is readable, so that reading one proves nothing."""
        return self.readable == 1 << self.rows


def count_readable(rows: Sequence[Row]) -> int | None:
    """Return how many 0/1 functions of the rows are affine in them; None when the count is out of reach.

    >>> count_readable([(Fraction(0),), (Fraction(1),), (Fraction(2),)])
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
