"""Integer equations R·D_i = t_i → all integer solutions: a particular one plus the kernel lattice.

The Hermite normal form (python-flint) of [Dᵀ | I] is [L 0; 0 K]: the rows beside L, taken in the combination
that gives t, are a particular solution, and K is a basis of the kernel lattice {v : v·D_i = 0}, which is
saturated: every integer point of its span is an integer combination of it (Cohen 1993, section 2.4).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from verifier.arrays import Array, integers, product
from verifier.linear import Row, dot

if TYPE_CHECKING:
    from flint import fmpz_mat

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Lattice:
    """The integer solutions R of D R = t for the independent rows D (r x m) and any t.

    `U` (r x m) and `L` (r x r, upper triangular) satisfy U Dᵀ = L; `kernel` is a reduced basis of the kernel.
    """

    U: tuple[Vector, ...]
    L: tuple[Vector, ...]
    kernel: tuple[Vector, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]], m: int) -> "Lattice":
        """Return the lattice of independent rows of m integers."""
        from flint import fmpz_mat

        r = len(rows)
        extended = fmpz_mat(
            [[int(rows[i][c]) for i in range(r)] + [int(c == j) for j in range(m)] for c in range(m)]
        )
        normal = _vectors(extended.hnf())
        kernel = [row[r:] for row in normal[r:]]
        reduced = _vectors(fmpz_mat([list(v) for v in kernel]).lll()) if kernel else ()
        return cls(tuple(row[r:] for row in normal[:r]), tuple(row[:r] for row in normal[:r]), reduced)

    @cached_property
    def _inverse(self) -> tuple["fmpz_mat", int]:
        """Return (A, q) with t·A / q the coordinates of t in the rows of L."""
        from flint import fmpz_mat

        inverse, q = fmpz_mat([list(row) for row in self.L]).inv().numer_denom()
        return inverse, int(q)

    def solve(self, targets: Array) -> tuple[Array, Array]:
        """Return which of the targets (p x r) have an integer solution, and those solutions (s x m)."""
        if not self.L:
            solvable = np.ones(len(targets), dtype=bool)
            return solvable, np.zeros((len(targets), len(self.kernel)), dtype=np.int64)
        inverse, q = self._inverse
        A = np.array(_vectors(inverse), dtype=object)
        y = product(targets, A)
        y = y if q < 2**62 else y.astype(object)
        solvable = np.asarray((y % q == 0).all(axis=1), dtype=bool)
        return solvable, product(y[solvable] // q, np.array(self.U, dtype=object))

    def solution(self, target: Sequence[Fraction]) -> Vector | None:
        """Return an integer solution for one target, or None."""
        if any(value.denominator != 1 for value in target):
            return None
        whole = [int(value) for value in target]
        found = self.solve(integers(np.array([whole], dtype=object), max(map(abs, whole), default=0)))[1]
        return tuple(int(v) for v in found[0]) if len(found) else None

    def obstacle(self, target: Sequence[int]) -> Row | None:
        """Return y with y·D whole and y·t not, so that D R = t has no integer solution; None if it has one.

        There is such a y if there is no solution (Kronecker): a column of the inverse of L.

        >>> Lattice.of([(2, 4)], 2).obstacle([3])
        (Fraction(1, 2),)
        """
        if not self.L:
            return None
        inverse, q = self._inverse
        for column in zip(*_vectors(inverse), strict=True):
            if sum(a * t for a, t in zip(column, target, strict=True)) % q:
                return tuple(Fraction(a, q) for a in column)
        return None

    def shortest(self, row: Sequence[int]) -> Vector:
        """Return the element of row + kernel of least Σ c², then first in order."""
        return closest(self.kernel, row)


def _vectors(matrix: "fmpz_mat") -> tuple[Vector, ...]:
    return tuple(tuple(int(v) for v in row) for row in matrix.tolist())


def closest(basis: Sequence[Vector], target: Sequence[int]) -> Vector:
    """Return the element of target + lattice of least Σ c², ties broken by order (Fincke and Pohst 1985).

    >>> closest([(1, 1)], (3, 0))
    (1, -2)
    """
    orthogonal: list[list[Fraction]] = []
    for vector in basis:
        rest = list(map(Fraction, vector))
        for o in orthogonal:
            along = dot(rest, o) / dot(o, o)
            rest = [a - along * b for a, b in zip(rest, o, strict=True)]
        orthogonal.append(rest)
    best: list[tuple[Fraction, Vector]] = []

    def descend(i: int, point: list[Fraction], spent: Fraction) -> None:
        """Try the multiples of basis vector i, nearest first; `spent` is what no earlier vector can undo."""
        if i < 0:
            key = dot(point, point), tuple(int(v) for v in point)
            best[:] = [min([*best, key])]
            return
        norm = dot(orthogonal[i], orthogonal[i])
        along = dot(point, orthogonal[i]) / norm
        for c in _outwards(-along):
            cost = spent + (along + c) ** 2 * norm
            if best and cost > best[0][0]:
                return
            descend(i - 1, [p + c * b for p, b in zip(point, basis[i], strict=True)], cost)

    start = list(map(Fraction, target))
    outside = start
    for o in orthogonal:
        along = dot(outside, o) / dot(o, o)
        outside = [a - along * b for a, b in zip(outside, o, strict=True)]
    descend(len(basis) - 1, start, dot(outside, outside))
    return best[0][1]


def _outwards(center: Fraction) -> Iterator[int]:
    """Yield all integers by their distance from a number."""
    low, high = floor(center), floor(center) + 1
    while True:
        if center - low <= high - center:
            yield low
            low -= 1
        else:
            yield high
            high += 1
