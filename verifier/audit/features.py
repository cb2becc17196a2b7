"""Distinct hidden rows → all features: every truth assignment of an affine basis, every readout of each.

Let Δ_i = H_i − H_0 have rank r. The bits of a feature on a basis of the Δ fix those on the other rows,
which prune; each assignment that is left has the readouts A R = t, solved exactly for r pivot columns at
every value of the m − r free ones. With bit 0 on row 0 all R·Δ_i are 0 or 1; with bit 1 they are 0 or −1,
so that −R is of the first kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from verifier.audit.evaluate import State
from verifier.audit.flaw import BeyondError, amount
from verifier.audit.forward import Array, fit, matmul, top, whole

BLOCK = 2**20
MAX_FEATURES = 2**22
MAX_ASSIGNMENTS = 2**22

Range = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Basis:
    """r of the Δ (rows) and r of the columns that are in use, on which these rows are invertible.

    A[:, pivots] · R[pivots] = den·t − A[:, free] · R[free], and `inverse`/`scale` inverts the left matrix.
    Row i of `others` gives, over `scale`, the bit of another row from those of the basis.
    """

    pivots: list[int]
    free: list[int]
    A: Array
    inverse: Array
    scale: int
    others: Array


def finite(state: State) -> bool:
    """Return whether there are finitely many features: bounds, or no kernel."""
    return state.query.space.bounds is not None or not basis_of(state).free


def basis_of(state: State) -> Basis:
    """Return a basis of the differences of the hidden rows over the columns that may be used."""
    columns = [c for c in range(state.m) if c not in state.query.space.must_not_use]
    deltas = [[int(v) for v in row] for row in state.HI[1:] - state.HI[0]]
    reduced: list[tuple[int, list[Fraction]]] = []
    chosen: list[list[int]] = []
    for delta in deltas:
        if len(reduced) == len(columns):
            break
        rest = [Fraction(delta[c]) for c in columns]
        for pivot, row in reduced:
            if rest[pivot]:
                rest = [v - rest[pivot] * w for v, w in zip(rest, row, strict=True)]
        lead = next((i for i, v in enumerate(rest) if v), None)
        if lead is not None:
            reduced.append((lead, [v / rest[lead] for v in rest]))
            chosen.append(delta)
    pivots = [columns[lead] for lead, _ in reduced]
    r = len(pivots)
    A = np.array(chosen, dtype=state.HI.dtype).reshape(r, state.m)
    inverse, scale = whole(_inverted([[Fraction(row[c]) for c in pivots] for row in chosen]))
    all_deltas = (state.HI[1:] - state.HI[0])[:, pivots]
    others = matmul(all_deltas, inverse.reshape(r, r), r * max(1, top(all_deltas)) * max(1, top(inverse)))
    return Basis(pivots, [c for c in columns if c not in pivots], A, inverse.reshape(r, r), scale, others)


def _inverted(matrix: list[list[Fraction]]) -> list[tuple[Fraction, ...]]:
    size = len(matrix)
    left = [[*row, *(Fraction(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for j in range(size):
        pivot = next(i for i in range(j, size) if left[i][j])
        left[j], left[pivot] = left[pivot], left[j]
        left[j] = [v / left[j][j] for v in left[j]]
        for i in range(size):
            if i != j and left[i][j]:
                left[i] = [v - left[i][j] * w for v, w in zip(left[i], left[j], strict=True)]
    return [tuple(row[size:]) for row in left]


def all_features(state: State, bounds: Range, budget: int) -> Array:
    """Return the rows of all features with integer coefficients within the bounds, in no order.

    Without bounds every function must have one readout at most.

    Raises:
        BeyondError: more than `budget` points would have to be tried, or the readouts are infinitely many.
    """
    basis = basis_of(state)
    if bounds is None and basis.free:
        raise BeyondError(
            f"a function has infinitely many readouts (kernel of rank {len(basis.free)}): "
            "no exact route to all classes of explanations modulo it"
        )
    assigned = _assignments(basis, budget)
    points = len(assigned) * prod(bounds[1] - bounds[0] + 1 for _ in basis.free) if bounds else len(assigned)
    if points > budget:
        raise BeyondError(
            f"{amount(points)} points of assignments and free coefficients, the budget is {budget}"
        )
    if not points:
        return np.zeros((0, state.m), dtype=np.int64)
    if bounds is None or bounds[0] == -bounds[1]:
        half = _solve(state, basis, assigned, bounds)
        return np.concatenate([half, -half])
    mirrored = _solve(state, basis, assigned, (-bounds[1], -bounds[0]))
    return np.concatenate([_solve(state, basis, assigned, bounds), -mirrored])


def _assignments(basis: Basis, budget: int) -> Array:
    """Return the bits on the basis, not all 0, that make every other row a bit."""
    r = len(basis.pivots)
    known = np.zeros((1, 0), dtype=np.int64)
    last = [max((j for j in range(r) if row[j]), default=-1) for row in basis.others]
    bound = r * max(1, top(basis.others))
    for depth in range(1, r + 1):
        if 2 * len(known) > min(budget, MAX_ASSIGNMENTS):
            raise BeyondError(f"over {len(known)} assignments of a basis of rank {r} of the hidden rows")
        bit = np.tile(np.array([0, 1]), len(known))[:, None]
        known = np.concatenate([np.repeat(known, 2, axis=0), bit], axis=1)
        decided = np.array([i for i, at in enumerate(last) if at == depth - 1], dtype=np.int64)
        for start in range(0, len(decided), 64):
            rows = basis.others[decided[start : start + 64]][:, :depth]
            rows = np.unique(rows, axis=0) if rows.dtype != object else rows
            value = matmul(known, rows.T, bound)
            known = known[((value == 0) | (value == basis.scale)).all(axis=1)]
    return known[known.any(axis=1)]


def _solve(state: State, basis: Basis, assigned: Array, bounds: Range) -> Array:
    """Return the integer rows within the bounds that read 0 on row 0 and an assignment on the basis."""
    r, scale = len(basis.pivots), basis.scale
    c_top = r * top(basis.inverse) * state.den
    C = fit(matmul(assigned, basis.inverse.T, r * max(1, top(basis.inverse))), c_top) * state.den
    found: list[Array] = []
    kept = 0
    for values in _free_values(len(basis.free), bounds, max(1, BLOCK // max(1, len(assigned)))):
        B, b_top = _shift(basis, values)
        total = c_top + b_top + scale * (max(map(abs, bounds)) if bounds else 1)
        wide, shift = fit(C, total), fit(B, total)
        for t, f in _pairs(wide, shift, scale, bounds):
            rows = np.zeros((len(t), state.m), dtype=object if total >= 2**62 else np.int64)
            rows[:, basis.pivots] = (wide[t] + shift[f]) // scale
            rows[:, basis.free] = values[f]
            found.append(rows)
            kept += len(rows)
            if kept > MAX_FEATURES:
                raise BeyondError(f"more than {MAX_FEATURES} readouts")
    return np.concatenate(found) if found else np.zeros((0, state.m), dtype=np.int64)


def _shift(basis: Basis, values: Array) -> tuple[Array, int]:
    """Return −inverse · A[:, free] · values, what free coefficients do to the pivots, and a bound."""
    A = basis.A[:, basis.free]
    r = len(basis.pivots)
    if not basis.free:
        return np.zeros((1, r), dtype=np.int64), 0
    push_top = r * max(1, top(basis.inverse)) * max(1, top(A))
    push = matmul(basis.inverse, A, push_top)
    b_top = len(basis.free) * push_top * max(1, top(values))
    return -matmul(values, push.T, b_top), b_top


def _pairs(C: Array, B: Array, scale: int, bounds: Range) -> Iterator[tuple[Array, Array]]:
    """Yield the (assignment, free values) whose pivots all are integers within the bounds."""
    step = max(1, BLOCK // len(B))
    for start in range(0, len(C), step):
        part = C[start : start + step]
        t, f = np.nonzero(_fits(part[:, 0][:, None] + B[:, 0][None], scale, bounds))
        for j in range(1, C.shape[1]):
            fine = _fits(part[t, j] + B[f, j], scale, bounds)
            t, f = t[fine], f[fine]
        yield t + start, f


def _fits(value: Array, scale: int, bounds: Range) -> Array:
    fine = value == value if bounds is None else (value >= bounds[0] * scale) & (value <= bounds[1] * scale)
    if scale != 1:
        at = np.nonzero(fine)
        fine[at] = value[at] % scale == 0
    return np.asarray(fine)


def _free_values(count: int, bounds: Range, block: int) -> Iterator[Array]:
    """Yield blocks of the points of the box over the free columns."""
    if count == 0 or bounds is None:
        yield np.zeros((1, 0), dtype=np.int64)
        return
    low, size = bounds[0], bounds[1] - bounds[0] + 1
    weights: Sequence[int] = [size**i for i in range(count)]
    for start in range(0, size**count, block):
        number = np.arange(start, min(start + block, size**count), dtype=np.int64)
        digits = np.stack([number // w % size for w in weights], axis=1)
        yield fit(digits, 2 * max(map(abs, bounds))) + low
