"""Columns, a target and costs, all integers → the cheapest non-negative combination, or the proof of none.

The simplex method in two phases on an integer tableau whose entries share the denominator `den` (Edmonds
1967): every number is exact. The column that enters is the steepest; after a pivot that changed nothing it is
the first one (Bland 1977), so that the method cannot run in circles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.linear import Row


@dataclass(frozen=True, slots=True)
class Optimum:
    """Weights λ ≥ 0 with Σ λ_j columns_j = target of least costs · λ.

    The proof is `dual`: y · columns_j ≤ costs_j for all j, and y · target = costs · λ.
    """

    weights: Row
    dual: Row


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No weights: `dual` has y · columns_j ≤ 0 for all j and y · target > 0 (Farkas)."""

    dual: Row


@dataclass(frozen=True, slots=True)
class Unbounded:
    """Weights as cheap as one likes: no y has y · columns_j ≤ costs_j for all j."""


def cheapest(
    columns: Sequence[Sequence[int]],
    target: Sequence[int],
    costs: Sequence[int],
    tick: Callable[[], None] = lambda: None,
) -> Optimum | Infeasible | Unbounded:
    """Return the cheapest combination of the columns that is the target; `tick` is called before each pivot.

    >>> cheapest([(1, 0), (0, 1), (1, 1)], (2, 3), (1, 1, 1)).weights
    (Fraction(0, 1), Fraction(1, 1), Fraction(2, 1))
    >>> cheapest([(1, 1)], (1, 0), (0,)).dual
    (Fraction(1, 1), Fraction(-1, 1))
    """
    size, count = len(target), len(columns)
    signs = [-1 if t < 0 else 1 for t in target]
    table = [
        [sign * column[i] for column in columns] + [int(i == j) for j in range(size)] + [sign * target[i]]
        for i, sign in enumerate(signs)
    ]
    table.append([*costs, *[0] * (size + 1)])
    artificial = [0] * count + [1] * size + [0]
    table.append(
        [c - sum(column) for c, column in zip(artificial, zip(*table[:size], strict=True), strict=True)]
    )
    tableau = _Tableau(table, list(range(count, count + size)), count, tick)
    tableau.descend(-1)
    if table[-1][-1] != 0:
        return Infeasible(_dual(table[-1], tableau.den, signs, count, 1))
    tableau.drive_out()
    if not tableau.descend(-2):
        return Unbounded()
    weights = [Fraction(0)] * count
    for row, column in zip(table, tableau.basis, strict=False):
        if column < count:
            weights[column] = Fraction(row[-1], tableau.den)
    return Optimum(tuple(weights), _dual(table[-2], tableau.den, signs, count, 0))


def _dual(reduced: list[int], den: int, signs: list[int], count: int, cost: int) -> Row:
    """Return y: the reduced cost of the i-th artificial column is its cost minus y_i."""
    entries = zip(signs, reduced[count:-1], strict=True)
    return tuple(Fraction(sign * (cost * den - entry), den) for sign, entry in entries)


class _Tableau:
    """Integer rows over `den`; the last two are reduced costs, of the given costs and of phase one."""

    def __init__(
        self, table: list[list[int]], basis: list[int], count: int, tick: Callable[[], None]
    ) -> None:
        self.table, self.basis, self.count, self.tick, self.den = table, basis, count, tick, 1

    def descend(self, costs: int) -> bool:
        """Pivot until no column has a negative reduced cost in that row; return whether that is ever so."""
        table, stuck = self.table, False
        while True:
            falling = [c for c in range(self.count) if table[costs][c] < 0]
            if not falling:
                return True
            entering = falling[0] if stuck else min(falling, key=table[costs].__getitem__)
            rising = [r for r in range(len(self.basis)) if table[r][entering] > 0]
            if not rising:
                return False
            leaving = min(rising, key=lambda r: (Fraction(table[r][-1], table[r][entering]), self.basis[r]))
            stuck = table[leaving][-1] == 0
            self.pivot(leaving, entering)

    def drive_out(self) -> None:
        """Take artificial columns out of the basis, all 0 by now; a row where none can be is no equation."""
        for r, column in enumerate(self.basis):
            entering = next((c for c in range(self.count) if self.table[r][c]), -1)
            if column >= self.count and entering >= 0:
                if self.table[r][entering] < 0:
                    self.table[r] = [-v for v in self.table[r]]
                self.pivot(r, entering)

    def pivot(self, leaving: int, entering: int) -> None:
        """Let a column take the place of the one that is basic in a row."""
        self.tick()
        pivot_row = self.table[leaving]
        pivot = pivot_row[entering]
        for r, row in enumerate(self.table):
            if r != leaving:
                factor = row[entering]
                row[:] = [(v * pivot - factor * p) // self.den for v, p in zip(row, pivot_row, strict=True)]
        self.den, self.basis[leaving] = pivot, entering
