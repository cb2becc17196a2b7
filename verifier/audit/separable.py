"""Two finite sets of points → whether a hyperplane strictly separates them, decided exactly.

With a = ±(point, 1), the sign by the set, a plane w separates iff w·a > 0 for all a. By Gordan's theorem
there is none iff some λ ≥ 0, Σ λ = 1, has Σ λ a = 0; that is a linear program, solved in rationals by
Bland's rule.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from verifier.audit.flaw import BeyondError
from verifier.audit.forward import Array

MAX_STEPS = 400
MAX_PIVOTS = 4000


def separable(high: Sequence[tuple[int, ...]], low: Sequence[tuple[int, ...]]) -> bool:
    """Return whether some w, t have w·p > t for p in `high` and w·p < t for p in `low`.

    >>> separable([(1, 1)], [(0, 0), (0, 1), (1, 0)]), separable([(0, 0), (1, 1)], [(0, 1), (1, 0)])
    (True, False)
    """
    if not high or not low:
        return True
    signed = [(*p, 1) for p in high] + [tuple(-v for v in (*p, 1)) for p in low]
    a = np.array(signed, dtype=np.int64)
    w = a.sum(axis=0)
    for _ in range(MAX_STEPS):  # the perceptron: quick when the gap is wide
        products = a @ w
        worst = int(products.argmin())
        if products[worst] > 0:
            return True
        w = w + a[worst]
    return not _zero_in_hull(a)


def _zero_in_hull(a: Array) -> bool:
    """Return whether 0 is a convex combination of the rows: phase 1 of the simplex method.

    Columns (row, 1) must combine to (0, …, 0, 1); the start is one artificial column per equation.
    """
    columns = np.concatenate([a, np.ones((len(a), 1), dtype=np.int64)], axis=1)
    size, count = columns.shape[1], len(columns)
    inverse = [[Fraction(i == j) for j in range(size)] for i in range(size)]
    value = [Fraction(i == size - 1) for i in range(size)]
    basis = [count + i for i in range(size)]  # numbers from `count` on are artificial
    for _ in range(MAX_PIVOTS):
        artificial = [i for i in range(size) if basis[i] >= count]
        if not any(value[i] for i in artificial):
            return True
        y = [sum((inverse[i][j] for i in artificial), Fraction(0)) for j in range(size)]
        scale = lcm(*(v.denominator for v in y))
        gain = columns.astype(object) @ np.array([int(v * scale) for v in y], dtype=object)
        better = np.nonzero(gain > 0)[0]
        if not len(better):
            return False
        enter = int(better[0])
        column = columns[enter].tolist()
        ratio = [sum((v * c for v, c in zip(row, column, strict=True) if c), Fraction(0)) for row in inverse]
        _, _, leave = min((value[i] / ratio[i], basis[i], i) for i in range(size) if ratio[i] > 0)
        inverse[leave] = [v / ratio[leave] for v in inverse[leave]]
        value[leave] /= ratio[leave]
        for i in range(size):
            if i != leave and ratio[i]:
                inverse[i] = [v - ratio[i] * w for v, w in zip(inverse[i], inverse[leave], strict=True)]
                value[i] -= ratio[i] * value[leave]
        basis[leave] = enter
    raise BeyondError("a linear program that takes too many steps")
