"""Candidate sets → the explanations among them, many at a time: `examine.py` in exact integer arrays.

Features are taken with bit 0 at the first hidden row (see `Features`), so that a unit of the next layer with
W = Σ α_j R_j has z(u) = z(H_0) + Σ α_j u_j. The α_j come from fraction-free elimination (Bareiss 1968), every
entry of which is a minor, so that a bound on the minors says which integers suffice.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import factorial, lcm

import numpy as np

from verifier.arrays import ARRAYS, Array, Num, distinct, integers
from verifier.engine.enumeration.examine import Accepted, examine
from verifier.engine.enumeration.features import Features, readout
from verifier.engine.enumeration.stage import Stage
from verifier.linear import dot


@dataclass(frozen=True)
class Sets:
    """Explanations up to polarity: members (C x k indices of features) and their truth tables.

    `output` (C x outputs x 2^k) holds the bit of each output when the members are set to u, in counting
    order, the first member being the most significant bit; no outputs without interchange.
    """

    members: Array
    output: Array

    def __len__(self) -> int:
        return len(self.members)


@dataclass(frozen=True)
class Solution:
    """For each candidate: scale · target_i = Σ_j gain[j, i] R_j where `spans[i]`; scale > 0."""

    regular: Array
    spans: Array
    scale: Array
    gain: Array


def decide(stage: Stage, features: Features, members: Array) -> Sets:
    """Return the explanations among candidate sets of features.

    Raises:
        UndecidedError: as `examine`.
    """
    space, k = stage.space, members.shape[1]
    if k > stage.m:  # more rows than units are dependent
        members = members[:0]
    members = members[_different(features, members)]
    if not len(members):
        return Sets(members, np.zeros((0, len(stage.decoding.outputs), 2**k), dtype=bool))
    layer = stage.network.layer(stage.place + 1)
    units = stage.watched if space.interchange else ()
    dens = [lcm(*(v.denominator for v in layer.W[i])) for i in units]
    targets = [[int(v * den) for v in layer.W[i]] for i, den in zip(units, dens, strict=True)]
    solution = solve(features.R[members], targets)
    if (features.scale != 1).any():  # features were read by R / scale
        scales = features.scale[members].astype(object)
        solution = replace(solution, gain=solution.gain * scales[:, :, None])
    fit = solution.regular
    reaching = [n for n, i in enumerate(units) if i in stage.reaching]
    if space.mediation:
        fit = fit & solution.spans[:, reaching].all(axis=1)
    if not space.interchange:
        kept = members[fit & _uses(stage, features, members)]
        return Sets(kept, np.zeros((len(kept), 0, 2**k), dtype=bool))
    fit = fit & _uses(stage, features, members)
    closed = fit & solution.spans.all(axis=1) & stage.bitwise
    kept, output = _interchanged(stage, dens, members[closed], _only(solution, closed))
    slow, slow_output = _one_by_one(stage, features, members[fit & ~closed])
    return Sets(np.concatenate([kept, slow]), np.concatenate([output, slow_output]))


def solve(R: Array, targets: list[list[int]]) -> Solution:
    """Return how each stack of k integer rows (C x k x m) combines to the targets."""
    T = np.array(targets, dtype=object).reshape(len(targets), R.shape[2])
    stacked = np.broadcast_to(T.T, (len(R), *T.T.shape))
    return _eliminated(R.transpose(0, 2, 1), stacked, R.shape[1])


def least_squares(R: Array, targets: list[list[int]]) -> Solution:
    """Return the combinations of k integer rows (C x k x m) that come nearest to the targets.

    `spans` tells nothing here: the normal equations of independent rows always have a solution.
    """
    T = np.array(targets, dtype=object).reshape(len(targets), R.shape[2])
    bound = R.shape[2] * max(_top(R), 1) * max(_top(R), _top(T), 1)
    R, T = integers(R, bound), integers(T, bound)
    return _eliminated(R @ R.transpose(0, 2, 1), R @ T.T, R.shape[1])


def _top(values: Array) -> int:
    return int(np.abs(values).max(initial=0))


def _eliminated(A: Array, B: Array, k: int) -> Solution:
    """Return what solves A · gain = scale · B, of stacks of matrices with k columns in A."""
    count = len(A)
    minor = factorial(k + 1) * max(_top(A), 1) ** k * max(_top(A), _top(B), 1)
    bound = 2 * minor * minor
    M = np.concatenate([integers(A, bound), integers(B, bound)], axis=2)
    regular = np.ones(count, dtype=bool)
    previous = integers(np.ones(count, dtype=object), bound)
    each = np.arange(count)
    for j in range(k):
        below = M[:, j:, j] != 0
        regular &= below.any(axis=1)
        chosen = j + below.argmax(axis=1)
        M[each, chosen], M[:, j] = M[:, j].copy(), M[each, chosen].copy()
        pivot = np.where(regular, M[:, j, j], previous)
        held = M[:, j].copy()
        M = M * pivot[:, None, None] - M[:, :, j : j + 1] * held[:, None, :]
        M //= previous[:, None, None]
        M[:, j] = held
        previous = pivot
    sign = np.where(previous < 0, -1, 1)
    gain = M[:, :k, k:] * sign[:, None, None]
    return Solution(regular, (M[:, k:, k:] == 0).all(axis=1), previous * sign, gain)


def _only(solution: Solution, kept: Array) -> Solution:
    return Solution(solution.regular[kept], solution.spans[kept], solution.scale[kept], solution.gain[kept])


def _different(features: Features, members: Array) -> Array:
    """Return which sets have pairwise different, not complementary functions."""
    if not len(members):
        return np.zeros(0, dtype=bool)
    number = distinct(list(features.bits.T.astype(np.int64)))[1][members]
    pairs = combinations(range(members.shape[1]), 2)
    return np.asarray(
        ~ARRAYS.disjoin([number[:, a] == number[:, b] for a, b in pairs]) & np.ones(len(members), bool)
    )


def _uses(stage: Stage, features: Features, members: Array) -> Array:
    """Return which sets use every unit that must be used."""
    wanted = [stage.units.index(unit) for unit in stage.space.must_use]
    used = (features.R != 0)[:, wanted]
    return np.asarray(used[members].any(axis=1).all(axis=1))


def _interchanged(stage: Stage, dens: list[int], members: Array, solution: Solution) -> tuple[Array, Array]:
    """Return the sets that every write agrees with, with the truth tables of the outputs."""
    count, k = members.shape
    output = np.zeros((count, len(stage.decoding.outputs), 2**k), dtype=bool)
    if not count:
        return members, output
    fine = np.ones(count, dtype=bool)
    layer = stage.network.layer(stage.place + 1)
    # The sign of z decides a step: one batch. Elsewhere numbers with one scale share a denominator.
    signs = layer.activation.kind in ("step", "sign")
    scales = [None] if signs else np.unique(solution.scale).tolist()
    for scale in scales:
        chosen = np.arange(count) if scale is None else np.flatnonzero(solution.scale == scale)
        for number in range(2**k):
            z = {}
            for n, i in enumerate(stage.watched):
                start = dot(layer.W[i], stage.rows[0]) + layer.b[i]
                z[i] = _affine(solution, chosen, n, number, k, start * dens[n], 1 if scale is None else scale)
                if scale is not None:
                    z[i] = Num(z[i].values, z[i].den * dens[n], z[i].bound)
            readings, tie = stage.beyond(ARRAYS, z)
            decided = [reading.zero ^ reading.one for reading in readings]
            fine[chosen] &= ~tie & ARRAYS.conjoin(decided)
            for o, reading in enumerate(readings):
                output[chosen, o, number] = reading.one
    for j in range(k):
        step = 1 << (k - 1 - j)
        flipped = output[:, :, np.arange(2**k) ^ step]
        fine &= (flipped != output).any(axis=(1, 2))
    return members[fine], output[fine]


def _affine(
    solution: Solution, chosen: Array, n: int, number: int, k: int, start: Fraction, scale: int
) -> Num:
    """Return start + Σ gain_j u_j / scale; for scale 1 only its sign is right."""
    gain = solution.gain[chosen, :, n]
    scales = solution.scale[chosen]
    on = [j for j in range(k) if number >> (k - 1 - j) & 1]
    largest = [int(np.abs(part).max(initial=0)) for part in (gain, scales)]
    bound = abs(start.numerator) * largest[1] + start.denominator * largest[0] * len(on)
    bound = max(bound, abs(start.numerator), start.denominator, *largest)  # factors must fit too
    total = integers(scales, bound) * start.numerator
    if on:
        total = total + integers(gain[:, on], bound).sum(axis=1) * start.denominator
    return Num(integers(total, bound), scale * start.denominator, bound)


def _one_by_one(stage: Stage, features: Features, members: Array) -> tuple[Array, Array]:
    """Return the explanations among sets whose writes must be tried on every row."""
    k = members.shape[1]
    kept, tables = [], []
    for row in members.tolist():
        found = examine(stage, [readout(stage, features, j) for j in row], restrict=False)
        if isinstance(found, Accepted):
            kept.append(row)
            tables.append([[bit == "1" for bit in table] for table in found.output])
    shape = (len(kept), len(stage.decoding.outputs), 2**k)
    return (
        np.array(kept, dtype=np.int64).reshape(len(kept), k),
        np.array(tables, dtype=bool).reshape(shape),
    )
