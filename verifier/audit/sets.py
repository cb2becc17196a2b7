"""Many sets of features → which are explanations, by C3 to C7 and `must_use`, in exact integers all at once.

With R the k rows of a set (scaled to integers by s), G = R Rᵀ, A = adj G and D = det G:
the rows are independent iff D ≠ 0; W is in their span iff D·W = W Rᵀ A R; writing u over the bits g moves the
activations by Rᵀ A s(u − g) / D. What is added never leaves the integers; a run's denominator is den·D.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from verifier.audit.flaw import BeyondError
from verifier.audit.forward import Array, Runs, fit, matmul, top, whole
from verifier.audit.table import Table

BLOCK = 2**22
MAX_WRITTEN = 16


@dataclass(frozen=True, slots=True)
class Judged:
    """Per set: whether it is an explanation, and the bits of every output for every u (else 0)."""

    holds: Array
    output: Array


def assignments(k: int) -> Array:
    """Return {0,1}^k in counting order, the first feature being the most significant bit."""
    return (np.arange(1 << k)[:, None] >> np.arange(k - 1, -1, -1)) & 1


def judge(table: Table, sets: Array) -> Judged:
    """Return which rows of `sets` (numbers of features of the table, all of one size k) are explanations.

    C1, C2, the given features and both libraries are left to the caller.

    Raises:
        BeyondError: sets of more than `MAX_WRITTEN` features.
    """
    state = table.state
    count, k = sets.shape
    if state.query.space.interchange and k > MAX_WRITTEN:
        raise BeyondError(f"2^{k} values to write into {k} features")
    outputs = len(state.query.outputs)
    shape = (count, 1 << k if state.query.space.interchange else 0, outputs)
    holds, output = np.zeros(count, dtype=bool), np.zeros(shape, dtype=bool)
    for part in _blocks(count, k * (k + state.m) + (state.m << k)):
        holds[part], output[part] = _judge(table, sets[part])
    return Judged(holds, output)


def _blocks(count: int, cost: int) -> Iterator[slice]:
    step = max(1, BLOCK // max(1, cost))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def _judge(table: Table, sets: Array) -> tuple[Array, Array]:
    state = table.state
    space = state.query.space
    count, k = sets.shape
    functions = np.sort(table.function[sets], axis=1)
    holds = (functions[:, 1:] != functions[:, :-1]).all(axis=1)
    for column in space.must_use:
        holds &= (table.R[sets, column] != 0).any(axis=1)
    output = np.zeros((count, 1 << k if space.interchange else 0, len(state.query.outputs)), dtype=bool)
    kept = np.nonzero(holds)[0]
    R = table.R[sets[kept]]
    A, D = _adjugate(R)
    independent = D != 0
    kept, R, A, D = kept[independent], R[independent], A[independent], D[independent]
    holds[:] = False
    if space.mediation:
        spanned = _spans(R, A, D, state.targets)
        kept, R, A, D = kept[spanned], R[spanned], A[spanned], D[spanned]
    if not space.interchange:
        holds[kept] = True
        return holds, output
    only = np.zeros(len(kept), dtype=bool)  # whose every run depends on u only, so that one input tells
    if space.mediation:
        only = _spans(R, A, D, state.watched)
    for chosen, one in ((np.nonzero(only)[0], True), (np.nonzero(~only)[0], False)):
        rows = 1 if one else len(state.H)
        for part in _blocks(len(chosen), rows * (state.m << k)):
            at = chosen[part]
            fine, bits = _interchange(table, sets[kept[at]], R[at], A[at], D[at], one)
            holds[kept[at]] = fine
            output[kept[at]] = bits & fine[:, None, None]
    return holds, output


def _adjugate(R: Array) -> tuple[Array, Array]:
    """Return adj(R Rᵀ) and det(R Rᵀ), by Faddeev and LeVerrier: every division is exact."""
    k, m = R.shape[1:]
    g_top = m * top(R) ** 2
    G = matmul(R, np.swapaxes(R, 1, 2), g_top)
    eye = np.eye(k, dtype=np.int64)
    M, m_top = np.broadcast_to(eye, G.shape), 1
    for step in range(1, k + 1):
        bound = k * g_top * m_top
        GM = matmul(G, M, bound)
        c = -(np.trace(fit(GM, k * bound), axis1=1, axis2=2) // step)
        if step == k:
            sign = -1 if k % 2 == 0 else 1
            return np.asarray(sign * M), np.asarray(-c * sign)
        m_top = bound + (k * bound) // step
        M = fit(GM, m_top) + fit(c, m_top)[:, None, None] * eye
    raise ValueError("a set of no features")


def _spans(R: Array, A: Array, D: Array, targets: tuple[tuple[object, ...], ...]) -> Array:
    """Return, per set, whether every target is a combination of the rows."""
    if not targets:
        return np.ones(len(R), dtype=bool)
    T, _ = whole(targets)  # type: ignore[arg-type]
    k, m = R.shape[1:]
    p_top = m * top(T) * top(R)
    P = matmul(T[None], np.swapaxes(R, 1, 2), p_top)
    a_top = k * p_top * top(A)
    left = matmul(matmul(P, A, a_top), R, k * a_top * max(1, top(R)))
    right = fit(D, max(1, top(D)) * top(T))[:, None, None] * T[None]
    return np.asarray((left == right).all(axis=(1, 2)))


def _interchange(table: Table, sets: Array, R: Array, A: Array, D: Array, one: bool) -> tuple[Array, Array]:
    """Return, per set, whether C6 and C7 hold, and the output bits for every u."""
    state = table.state
    count, k = sets.shape
    u = assignments(k)
    if one:
        g = table.first[sets][:, None, :].astype(np.int64)
        H = state.HI[:1]
    else:
        g = np.swapaxes(table.bits(sets), 1, 2).astype(np.int64)
        H = state.HI
    s_top = top(table.scale)
    gap = (u[None, None] - g[:, :, None, :]) * fit(table.scale[sets], s_top)[:, None, None, :]
    c_top = k * s_top * top(A)
    c = matmul(gap.reshape(count, -1, k), A, c_top)
    x_top = k * c_top * max(1, top(R)) * state.den
    d_top = top(D)
    bound = x_top + d_top * top(H)
    moved = fit(matmul(c, R, x_top), bound).reshape(count, len(H), 1 << k, state.m) * state.den
    base = fit(D, bound)[:, None, None] * fit(H, bound)[None]
    q = np.broadcast_to(fit(D, d_top * state.den)[:, None, None] * state.den, moved.shape[:-1])
    runs = Runs(moved + base[:, :, None, :], q, bound, d_top * state.den)
    bits, decided = state.rest(runs)
    fine = decided.all(axis=(1, 2)) & (bits == bits[:, :1]).all(axis=(1, 2, 3))
    bits = bits[:, 0]
    for j in range(k):
        other = np.arange(1 << k) ^ (1 << (k - 1 - j))
        fine &= (bits != bits[:, other]).any(axis=(1, 2))
    return fine, bits
