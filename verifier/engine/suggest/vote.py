"""Bits on some points → a weighted vote that has them there, with small whole weights, if there is one.

The weights of least Σ|w| for which the sums at ones and at zeros are 1 apart are found by linear programs
over the points that rule out what was found so far. No weights for these few points are none for all, so that
"no vote" is proved too. Being large, as they may be, they are then rounded at several scales, and made
smaller one by one, as long as they still are a vote: short, not proved the shortest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.arrays import Array
from verifier.formula import Formula, Gate, Name
from verifier.linear import primitive
from verifier.notation import show_row
from verifier.simplex import Optimum, cheapest

#: Points that a linear program gains at a time.
STEP = 4
#: The largest weight at the last scale that is tried.
SCALES = 24


@dataclass(frozen=True, slots=True)
class Vote:
    """1 iff the sum of weights of the inputs that are 1 is at least `least`; weights are not 0."""

    weights: tuple[tuple[str, int], ...]
    least: int

    def __str__(self) -> str:
        row = tuple(Fraction(weight) for _, weight in self.weights)
        return f"{show_row(row, [name for name, _ in self.weights])} >= {self.least}"

    @property
    def formula(self) -> Formula:
        """The vote as a formula: an input counts as often as it weighs, negated where that is negative."""
        args: list[Formula] = []
        for name, weight in self.weights:
            args += [Name(name) if weight > 0 else Gate("not", (Name(name),))] * abs(weight)
        needed = self.least - sum(weight for _, weight in self.weights if weight < 0)
        if len(args) % 2 and needed == len(args) // 2 + 1:
            return Gate("maj", tuple(args))
        return Gate("atleast", tuple(args), str(needed))


def vote(
    points: Array, bits: Array, names: Sequence[str], tick: Callable[[], None] = lambda: None
) -> Vote | None:
    """Return a vote over the n named inputs that has these bits (P) on these points (P x n); None: none does.

    >>> square = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> print(vote(square, np.array([False, False, True, False]), ["a", "b"]))
    a - b >= 1
    >>> vote(square, np.array([False, True, True, False]), ["a", "b"]) is None
    True
    """
    on, off = points[bits].astype(np.int64), points[~bits].astype(np.int64)
    if not len(on) or not len(off):
        return None
    weights = _separating(on, off, tick)
    if weights is None:
        return None
    largest = int(np.abs(weights).max())
    rounded = ([round(Fraction(w * scale, largest)) for w in weights] for scale in range(1, SCALES + 1))
    tried = [weights, *(np.array(row, dtype=object) for row in rounded)]
    small = [_smaller(on, off, row) for row in tried if _apart(on, off, row)]
    best = min(small, key=lambda row: (int(np.abs(row).sum()), int((row != 0).sum())))
    told = tuple((name, int(weight)) for name, weight in zip(names, best, strict=True) if weight)
    return Vote(told, int(_sums(on, best).min()))


def _sums(points: Array, weights: Array) -> Array:
    """Return what the weights (whole numbers of any size) add up to on 0/1 points."""
    small = int(np.abs(weights).sum()) < 2**62
    return np.asarray(points @ (weights.astype(np.int64) if small else weights))


def _apart(on: Array, off: Array, weights: Array) -> bool:
    """Return whether the sums at ones are larger than those at zeros."""
    return bool(_sums(on, weights).min() > _sums(off, weights).max())


def _smaller(on: Array, off: Array, weights: Array) -> Array:
    """Return weights none of which can be nearer to 0, the small ones made smaller first."""
    for i in sorted(range(len(weights)), key=lambda i: abs(weights[i])):
        while weights[i]:
            fewer = weights.copy()
            fewer[i] -= 1 if weights[i] > 0 else -1
            if not _apart(on, off, fewer):
                break
            weights = fewer
    return weights


def _separating(on: Array, off: Array, tick: Callable[[], None]) -> Array | None:
    """Return coprime whole weights with larger sums at ones than at zeros; None if there are none."""
    chosen: tuple[list[int], list[int]] = [0], [0]
    while (weights := _weights(on[chosen[0]].tolist(), off[chosen[1]].tolist(), tick)) is not None:
        if _apart(on, off, weights):
            return weights
        chosen[0].extend(_worst(_sums(on, weights), chosen[0]))
        chosen[1].extend(_worst(-_sums(off, weights), chosen[1]))
    return None


def _worst(sums: Array, known: Sequence[int]) -> list[int]:
    """Return points with the least sums that are not known yet."""
    order = np.argsort(sums, kind="stable")
    return [int(i) for i in order[: STEP + len(known)] if i not in known][:STEP]


def _weights(on: list[list[int]], off: list[list[int]], tick: Callable[[], None]) -> Array | None:
    """Return coprime whole weights with w·x >= t on the ones and w·x <= t - 1 on the zeros, for some t.

    Their multiple with that gap has the least Σ|w|. Columns are w⁺, w⁻, t⁺, t⁻ and what rows have to spare.
    """
    n = len(on[0])
    rows = [[*x, -1] for x in on] + [[*(-v for v in x), 1] for x in off]
    signed = [[*row[:n], *(-v for v in row[:n]), row[n], -row[n]] for row in rows]
    columns = [list(column) for column in zip(*signed, strict=True)]
    columns += [[-int(i == j) for j in range(len(rows))] for i in range(len(rows))]
    costs = [1] * (2 * n) + [0] * (2 + len(rows))
    found = cheapest(columns, [0] * len(on) + [1] * len(off), costs, tick)
    if not isinstance(found, Optimum):
        return None
    exact = [a - b for a, b in zip(found.weights[:n], found.weights[n : 2 * n], strict=True)]
    return np.array([int(c) for c in primitive(exact)], dtype=object)
