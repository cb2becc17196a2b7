"""Stage → integer readouts, proposed by exact search without a solver: what Z3 then judges.

Only readouts whose bit at the first row is 0 are searched for; the others are their complements (-R, 1 - d).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from verifier.arrays import Array, integers
from verifier.engine.enumeration.stage import Stage
from verifier.lattice import Lattice
from verifier.verdict import Limits, UndecidedError

MAX_RANK = 20
CELLS = 2**22


@dataclass(frozen=True)
class Hull:
    """The affine hull of the rows: `basis` numbers independent differences D_i, the others are fixed by them.

    For every i: D_i = Σ_j (combine[i, j] / q) D_basis[j]. Units that must not be used are left out: `columns`
    numbers the others, `m` is the number of all.
    """

    D: Array
    den: Array
    basis: tuple[int, ...]
    combine: Array
    q: int
    lattice: Lattice
    columns: tuple[int, ...]
    m: int

    @classmethod
    def of(cls, stage: Stage) -> "Hull":
        """Return the hull of a stage's rows."""
        from flint import fmpq, fmpq_mat

        every, den = stage.differences()
        columns = tuple(c for c, unit in enumerate(stage.units) if unit not in stage.space.must_not_use)
        D, width = every[:, columns], len(columns)
        if not D.any():
            lattice, combine = Lattice.of([], width), np.zeros((len(D), 0), dtype=np.int64)
            return cls(every, den, (), combine, 1, lattice, columns, stage.m)
        reduced, rank = fmpq_mat([[fmpq(int(v)) for v in column] for column in D.T]).rref()
        table = [[Fraction(int(v.p), int(v.q)) for v in row] for row in reduced.tolist()[: int(rank)]]
        basis = tuple(next(i for i, v in enumerate(row) if v) for row in table)
        q = lcm(*(v.denominator for row in table for v in row))
        combine = np.array([[int(v * q) for v in row] for row in table], dtype=object).T
        lattice = Lattice.of([[int(v) for v in D[i]] for i in basis], width)
        return cls(every, den, basis, combine, q, lattice, columns, stage.m)

    @property
    def kernel(self) -> tuple[tuple[int, ...], ...]:
        """A basis of the integer vectors over the usable units that no row shows."""
        return tuple(self._spread(v) for v in self.lattice.kernel)

    def shortest(self, row: tuple[int, ...]) -> tuple[int, ...]:
        """Return the readout of the same function with the least Σ R_c², then first in order."""
        return self._spread(self.lattice.shortest([row[c] for c in self.columns]))

    def _spread(self, row: Sequence[int]) -> tuple[int, ...]:
        """Return a row over the usable units as one over all."""
        held = dict(zip(self.columns, row, strict=True))
        return tuple(held.get(c, 0) for c in range(self.m))

    def functions(self, limits: Limits) -> Array:
        """Return one readout (integer rows, F x m) of every readable function that is 0 at the first row.

        Every such function is fixed by its bits on the basis, so all 2^r are tried.

        Raises:
            UndecidedError: the rank is above `MAX_RANK`, or the time is up.
        """
        r = len(self.basis)
        if r > MAX_RANK:
            raise UndecidedError(f"the rows span {r} dimensions: 2^{r} functions are too many to try")
        dens = self.den[list(self.basis)].astype(object)
        bound = int(np.abs(self.combine).max(initial=0)) * max(map(int, dens), default=0) * max(r, 1)
        bound = max(bound, int(np.abs(self.combine).max(initial=0)), *map(int, dens), 0)
        combine, weights = integers(self.combine, bound), integers(dens, bound)
        wanted = integers(
            self.den.astype(object) * self.q, bound + abs(self.q) * int(self.den.max(initial=0))
        )
        found = [np.zeros((0, len(self.columns)), dtype=np.int64)]
        step = max(1, CELLS // max(1, len(self.D)))
        for start in range(0, 2**r, step):
            _tick(limits)
            numbers = np.arange(start, min(start + step, 2**r))
            targets = ((numbers[:, None] >> np.arange(r)) & 1) * weights
            values = targets @ combine.T
            fits = ((values == 0) | (values == wanted)).all(axis=1) & (numbers > 0)
            _, readouts = self.lattice.solve(targets[fits])
            found.append(readouts)
        narrow = np.concatenate(found)
        wide = np.zeros((len(narrow), self.m), dtype=narrow.dtype)
        wide[:, self.columns] = narrow
        return wide


def by_functions(hull: Hull) -> bool:
    """Return whether `bounded` tries all functions of the rows: each has one readout, and they are few."""
    return not hull.kernel and len(hull.basis) <= MAX_RANK - 4


def bounded(hull: Hull, values: list[list[int]], limits: Limits) -> Array:
    """Return all R with R_c in values[c] and D R in {0, den}, not all 0, ascending.

    Raises:
        UndecidedError: the time is up.
    """
    if not all(values) or not len(hull.D):
        return np.zeros((0, len(values)), dtype=np.int64)
    if by_functions(hull):
        found = hull.functions(limits)
        inside = np.ones(len(found), dtype=bool)
        for c, allowed in enumerate(map(frozenset, values)):
            inside &= np.array([v in allowed for v in found[:, c].tolist()], dtype=bool)
        return ascending(found[inside].astype(np.int64))
    blocks = list(_search(hull, values, limits))
    return ascending(np.concatenate(blocks) if blocks else np.zeros((0, len(values)), dtype=np.int64))


def ascending(rows: Array) -> Array:
    """Return integer rows in order."""
    return rows[np.lexsort(rows.T[::-1])] if rows.size else rows


def _search(hull: Hull, values: list[list[int]], limits: Limits) -> Iterator[Array]:
    """Yield blocks of readouts, depth first, cut where a row's sum cannot end in [0, den]."""
    D, den, m = hull.D, hull.den, len(values)
    largest = max(abs(v) for column in values for v in column)
    bound = int(np.abs(D.astype(object)).sum(axis=1).max(initial=0)) * largest + int(den.max(initial=0))
    D, den = integers(D, bound), integers(den, bound)
    ends = [np.stack([D[:, c] * column[0], D[:, c] * column[-1]]) for c, column in enumerate(values)]
    low = [sum((e.min(axis=0) for e in ends[c:]), np.zeros_like(den)) for c in range(m + 1)]
    high = [sum((e.max(axis=0) for e in ends[c:]), np.zeros_like(den)) for c in range(m + 1)]
    stack: list[tuple[int, Array, Array]] = [
        (0, np.zeros((1, 0), dtype=np.int64), np.zeros((1, len(D)), dtype=D.dtype))
    ]
    while stack:
        _tick(limits)
        c, prefix, sums = stack.pop()
        if c == m:
            whole = ((sums == 0) | (sums == den)).all(axis=1) & (sums != 0).any(axis=1)
            yield prefix[whole]
            continue
        room = max(1, CELLS // (len(values[c]) * (len(D) + m)))
        if len(prefix) > room:
            stack += [(c, prefix[i : i + room], sums[i : i + room]) for i in range(0, len(prefix), room)]
            continue
        choices = np.array(values[c], dtype=np.int64)
        after = (sums[:, None, :] + choices[None, :, None].astype(D.dtype) * D[:, c]).reshape(-1, len(D))
        fits = ((after + low[c + 1] <= den) & (after + high[c + 1] >= 0)).all(axis=1)
        extended = np.repeat(prefix, len(choices), axis=0)
        column = np.tile(choices, len(prefix))[:, None]
        stack.append((c + 1, np.concatenate([extended, column], axis=1)[fits], after[fits]))


def _tick(limits: Limits) -> None:
    if limits.passed:
        raise UndecidedError("the time limit was reached")


def nothing(hull: Hull, values: list[list[int]], limits: Limits) -> Array:
    """Return no readouts: the solver has to find them all."""
    return np.zeros((0, len(values)), dtype=np.int64)
