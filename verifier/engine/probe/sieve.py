"""Rows and bounds → Sieve: which of many rows of coefficients cannot read a concept, told in int64.

Everything is rounded down to multiples of a unit, and what is ruled out is ruled out whatever was cut off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from verifier.arrays import Array

#: Bits of an entry: with coefficients below 2^15 of less than 2^8 units, sums stay within int64.
BITS = 38


@dataclass(eq=False)
class Sieve:
    """Which v = A R have max(low - v) ≤ min(high - v), over the rows with such bounds; < if `strict`.

    Entries of `A` are less than `error` units from the true ones, those of `low` and `high` less than `off`.
    Coefficients are held against the rows in `kept` alone, which grow by those that others failed on.
    """

    A: Array
    low: dict[int, int]
    high: dict[int, int]
    error: int
    off: int
    strict: bool
    kept: list[int]

    @classmethod
    def of(
        cls, A: Array, exact: bool, low: Mapping[int, Fraction], high: Mapping[int, Fraction], strict: bool
    ) -> "Sieve":
        """Return the sieve of whole numbers A; those that are not `exact` are less than 1 off."""
        bounds = [*low.values(), *high.values()]
        largest = max(int(np.abs(A).max(initial=0)), *(floor(abs(b)) + 1 for b in bounds))
        shift = max(0, largest.bit_length() - BITS)
        off = 0 if shift == 0 and all(b.denominator == 1 for b in bounds) else 1
        lows, highs = ({i: floor(b) >> shift for i, b in side.items()} for side in (low, high))
        rounded = (A.astype(object) >> shift).astype(np.int64)
        error = (shift > 0) + (not exact)
        return cls(rounded, lows, highs, error, off, strict, [next(iter(low)), next(iter(high))])

    def possible(self, rows: Array, units: Sequence[int]) -> Array:
        """Return which coefficients (K x k, on these units) the kept rows do not rule out."""
        sums = rows @ self.A[:, list(units)][self.kept].T
        need = [self.low[i] - sums[:, p] for p, i in enumerate(self.kept) if i in self.low]
        room = [self.high[i] - sums[:, p] for p, i in enumerate(self.kept) if i in self.high]
        slack = 2 * (self.error * np.abs(rows).sum(axis=1) + self.off)
        if self.strict and not (self.error or self.off):
            slack = slack - 1
        return np.asarray(np.max(need, axis=0) - np.min(room, axis=0) <= slack)

    def learned(self, row: Sequence[int]) -> bool:
        """Keep the rows that these coefficients fail on most; return whether that is news."""
        v = self.A @ np.array(row, dtype=np.int64)
        worst = [
            max(self.low, key=lambda i: self.low[i] - int(v[i])),
            min(self.high, key=lambda i: self.high[i] - int(v[i])),
        ]
        new = [i for i in dict.fromkeys(worst) if i not in self.kept]
        self.kept += new
        return bool(new)
