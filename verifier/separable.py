"""0/1 rows in two groups → does some half-space hold the one and none of the other?

Quick tests that answer rarely but exactly, then a linear program in integers.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

PERCEPTRON_STEPS = 60


def separable(on: Ints, off: Ints) -> bool:
    """Return whether some half-space holds the 0/1 rows `on` and none of `off`.

    >>> separable(np.array([[1, 1], [1, 0]]), np.array([[0, 1]]))
    True
    """
    if not len(on) or not len(off):
        return True
    V = np.vstack([np.insert(on, 0, 1, axis=1), -np.insert(off, 0, 1, axis=1)]).astype(np.int64)
    w = V.sum(axis=0)
    for _ in range(PERCEPTRON_STEPS):
        margin = V @ w
        worst = int(margin.argmin())
        if margin[worst] > 0:
            return True
        w = w + V[worst] * max(1, -int(margin[worst]) // V.shape[1])
    if _summable(on, off):
        return False
    chosen = [0, len(V) - 1]
    while True:
        separator = _separator([V[i].tolist() for i in chosen])
        if separator is None:
            return False
        margins = V.astype(object) @ np.array(separator, dtype=object)
        worst = int(margins.argmin())
        if margins[worst] > 0:
            return True
        chosen.append(worst)


def _summable(on: Ints, off: Ints) -> bool:
    """Return whether two rows of `on`, or one twice, add up to what two of `off` do: none separates them."""
    if on.shape[1] > 30 or max(len(on), len(off)) > 1000:
        return False
    base = 4 ** np.arange(on.shape[1])
    a, b = on @ base, off @ base
    return bool(np.intersect1d(np.add.outer(a, a), np.add.outer(b, b)).size)


def _separator(vectors: list[list[int]]) -> list[int] | None:
    """Return integers w with w · v > 0 for all vectors, or None when there are none.

    By duality there are none iff Σ λ_v (v, 1) = (0, 1) for some λ ≥ 0. The first phase of the simplex method
    looks for λ, with Bland's rule and integer pivots (Edmonds): entries have the common denominator `den`.
    """
    size, count = len(vectors[0]), len(vectors)
    T = [[v[i] for v in vectors] + [int(i == j) for j in range(size + 1)] + [0] for i in range(size)]
    T.append([1] * count + [0] * size + [1, 1])
    costs = [0] * count + [1] * (size + 1) + [0]
    T.append([c - sum(column) for c, column in zip(costs, zip(*T, strict=True), strict=True)])
    basis, den = list(range(count, count + size + 1)), 1
    while True:
        entering = next((c for c in range(count) if T[-1][c] < 0), -1)
        if entering < 0:
            break
        rising = [r for r in range(size + 1) if T[r][entering] > 0]  # not empty: λ is bounded
        leaving = min(rising, key=lambda r: (Fraction(T[r][-1], T[r][entering]), basis[r]))
        pivot_row = T[leaving]
        pivot = pivot_row[entering]
        for r, row in enumerate(T):
            if r != leaving:
                factor = row[entering]
                T[r] = [(v * pivot - factor * p) // den for v, p in zip(row, pivot_row, strict=True)]
        den, basis[leaving] = pivot, entering
    if T[-1][-1] == 0:
        return None
    # The reduced cost of the i-th artificial column is 1 − y_i; at the optimum y · (v, 1) ≤ 0 < y_last.
    return [T[-1][count + i] - den for i in range(size)]
