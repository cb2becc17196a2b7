"""Features → candidate sets: all k-sets whose rows can span what the next layer reads, in exact integers.

Let T be a basis of the rows that reach an output, p of them. The rows of k independent features span T
exactly when their residuals modulo T have rank k - p. So fix k - p - 1 features and reduce all others
modulo T and the fixed ones: the residuals of the remaining p + 1 lie on one line. Features are hashed by
the direction of their residual, and those that meet are joined. For p = 1 every feature must count, so a
pair with parallel non-zero residuals remains, and fixed features come before both; otherwise features with
residual zero join in too, and sets are found once per choice of the fixed ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice

import numpy as np

from verifier.arrays import Array, distinct, integers
from verifier.linear import independent, primitive
from verifier.network import Row
from verifier.verdict import Limits, UndecidedError

BATCH = 2**15
CELLS = 2**20


def candidates(R: Array, targets: Sequence[Row] | None, k: int, limits: Limits) -> Iterator[Array]:
    """Yield batches (C x k, rising indices into R) that hold every possible k-set exactly once.

    Without `targets` (None) that is every k-set; otherwise those whose rows can span the targets, and for a
    single target those that need every feature for it.

    Raises:
        UndecidedError: the time is up.
    """
    if targets is None:
        yield from _batches(combinations(range(len(R)), k), k, limits)
        return
    basis = independent(targets)
    p = len(basis)
    if not 1 <= p <= k or not len(R):
        return
    residuals = R
    for row in map(primitive, basis):
        residuals = _modulo(residuals, np.array([int(v) for v in row], dtype=object), _pivot(row))
    if p == k:
        zeros = np.flatnonzero((residuals == 0).all(axis=1))
        yield from _batches(combinations(zeros.tolist(), k), k, limits)
    elif p == 1:
        yield from _gathered(_pairs(residuals, k - 2, (), limits), k)
    else:
        yield from _batches(sorted(set(_flats(residuals, k - p - 1, p, (), limits))), k, limits)


def _pivot(row: Row) -> int:
    return next(c for c, v in enumerate(row) if v)


def _modulo(residuals: Array, row: Array, c: int) -> Array:
    """Return the residuals modulo a row with a non-zero entry c, as coprime integers, 0 in column c."""
    return np.asarray(_modulo_each(residuals, row[None], np.array([c]))[0])


def _modulo_each(residuals: Array, rows: Array, columns: Array) -> Array:
    """Return the residuals (F x m) modulo each of B rows with a non-zero entry in its column, B x F x m."""
    largest = max(int(np.abs(residuals).max(initial=0)), int(np.abs(rows).max(initial=0)))
    bound = 2 * largest * largest
    residuals, rows = integers(residuals, bound), integers(rows, bound)
    pivots = rows[np.arange(len(rows)), columns]
    reduced = residuals * pivots[:, None, None] - residuals[:, columns].T[:, :, None] * rows[:, None, :]
    divisor = np.gcd.reduce(reduced, axis=2)
    reduced = reduced // np.where(divisor == 0, 1, divisor)[:, :, None]
    return integers(reduced, int(np.abs(reduced).max(initial=0)))


def _directions(residuals: Array, *labels: Array) -> tuple[Array, Array]:
    """Return which residuals are not zero, and for those the number of their direction (and labels)."""
    live = np.flatnonzero((residuals != 0).any(axis=1))
    rows = residuals[live]
    if not len(rows):
        return live, np.zeros(0, dtype=np.int64)
    lead = rows[np.arange(len(rows)), (rows != 0).argmax(axis=1)]
    rows = np.where((lead < 0)[:, None], -rows, rows)
    return live, distinct([*(label[live] for label in labels), *rows.T])[1]


def _pairs(residuals: Array, fixed: int, prefix: tuple[int, ...], limits: Limits) -> Iterator[Array]:
    """Yield, per choice of `fixed` further features, the sets that two parallel residuals complete.

    The last of the fixed features is chosen in blocks: all of a block are reduced by at once.
    """
    start = prefix[-1] + 1 if prefix else 0
    if fixed > 1:
        for j in range(start, len(residuals)):
            row = residuals[j]
            if row.any():
                reduced = _modulo(residuals, row.astype(object), int((row != 0).argmax()))
                yield from _pairs(reduced, fixed - 1, (*prefix, j), limits)
        return
    if not fixed:
        later = np.arange(start, len(residuals))
        yield from _joined(residuals[start:], np.zeros((len(later), 0), dtype=np.int64), later, prefix)
        return
    live = start + np.flatnonzero((residuals[start:] != 0).any(axis=1))
    size = max(1, CELLS // max(1, residuals.size))
    for block in (live[i : i + size] for i in range(0, len(live), size)):
        if limits.passed:
            raise UndecidedError("the time limit was reached")
        rows = residuals[block]
        reduced = _modulo_each(residuals, rows, (rows != 0).argmax(axis=1))
        owner, later = np.nonzero(np.arange(len(residuals)) > block[:, None])
        yield from _joined(reduced[owner, later], block[owner][:, None], later, prefix)


def _joined(residuals: Array, owner: Array, features: Array, prefix: tuple[int, ...]) -> Iterator[Array]:
    """Yield prefix, owner and two features, for every two rows of one owner with parallel residuals.

    Row i is the residual of `features[i]` for the choice `owner[i]` (none or one feature); features ascend.
    """
    live, group = _directions(residuals, *owner.T)
    order = np.argsort(group, kind="stable")
    group, live = group[order], live[order]
    for step in range(1, len(live)):
        same = np.flatnonzero(group[step:] == group[:-step])
        if not len(same):
            return
        first, second = live[same], live[same + step]
        fixed = np.tile(np.array(prefix, dtype=np.int64), (len(same), 1))
        pairs = np.stack([features[first], features[second]], axis=1)
        yield np.concatenate([fixed, owner[first], pairs], axis=1)


def _flats(
    residuals: Array, fixed: int, p: int, prefix: tuple[int, ...], limits: Limits
) -> Iterator[tuple[int, ...]]:
    """Yield, per choice of `fixed` further features, the sets that p + 1 residuals on one line complete."""
    if limits.passed:
        raise UndecidedError("the time limit was reached")
    if fixed:
        for j in range(prefix[-1] + 1 if prefix else 0, len(residuals)):
            row = residuals[j]
            if row.any():
                reduced = _modulo(residuals, row.astype(object), int((row != 0).argmax()))
                yield from _flats(reduced, fixed - 1, p, (*prefix, j), limits)
        return
    live, group = _directions(residuals)
    zeros = sorted(set(range(len(residuals))) - set(live.tolist()) - set(prefix))
    for number in range(int(group.max(initial=-1)) + 1):
        line = live[group == number].tolist()
        for size in range(1, p + 2):
            for some in combinations(line, size):
                for rest in combinations(zeros, p + 1 - size):
                    yield tuple(sorted((*prefix, *some, *rest)))


def _gathered(parts: Iterable[Array], k: int) -> Iterator[Array]:
    """Yield the parts put together to batches."""
    held: list[Array] = []
    for part in parts:
        held.append(part)
        if sum(map(len, held)) >= BATCH:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def _batches(sets: Iterable[tuple[int, ...]], k: int, limits: Limits) -> Iterator[Array]:
    """Yield sets of indices as arrays."""
    pending = iter(sets)
    while some := list(islice(pending, BATCH)):
        if limits.passed:
            raise UndecidedError("the time limit was reached")
        yield np.array(some, dtype=np.int64).reshape(len(some), k)
