"""0/1 rows in two groups → does some half-space hold the one and none of the other?

Quick tests that answer rarely but exactly, then a linear program in integers.
"""

import numpy as np
from numpy.typing import NDArray

from verifier.linear import Row
from verifier.simplex import Infeasible, cheapest

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


def _separator(vectors: list[list[int]]) -> Row | None:
    """Return w with w · v > 0 for all vectors, or None when there are none.

    By duality there are none iff Σ λ_v (v, 1) = (0, 1) for some λ ≥ 0.
    """
    target = [0] * len(vectors[0]) + [1]
    found = cheapest([[*v, 1] for v in vectors], target, [0] * len(vectors))
    return tuple(-y for y in found.dual[:-1]) if isinstance(found, Infeasible) else None
