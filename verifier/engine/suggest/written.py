"""Bits on points → the formula by which they are told, the same for the same function all over a report.

Of an output more formulas are tried than of other functions (`outputs`), so where a feature is an output, or
the complement of one, its formula is made of that one, unless the shortest there is besides is shorter.
"""

from collections.abc import Callable, Sequence

from verifier.arrays import ARRAYS, Array
from verifier.formula import Formula, evaluate
from verifier.shortest import negated, shortest, size

Written = Callable[[Array, Array, Sequence[str]], Formula]


def like(known: Sequence[Formula], points: Array, bits: Array, names: Sequence[str]) -> Formula:
    """Return the shortest formula found that has these bits (P) on these points (P x n)."""
    columns = dict(zip(names, points.T, strict=True))
    found = [shortest(points, bits, names)]
    for formula in known:
        differs = evaluate(formula, ARRAYS, columns) ^ bits
        if not differs.any():
            found.append(formula)
        elif differs.all():
            found.append(negated(formula))
    return min(found, key=size)
