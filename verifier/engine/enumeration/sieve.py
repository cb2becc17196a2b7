"""Sets of rational rows → those that a few cases do not refute: what `gaps.py` decides, many sets at once.

A grid of some values per row and some bases is written into each set, in exact integers. An output that is
undecided or changes with the base refutes it, and so do two steps along one row that both change an output.
"""

from itertools import product
from math import lcm

import numpy as np

from verifier.arrays import ARRAYS, Array, Num, integers
from verifier.arrays import product as matrix_product
from verifier.engine.enumeration.cuts import CutStage
from verifier.engine.enumeration.sets import Solution, least_squares

BASES, MOST_BASES = 3, 24  # that depend on the base: at least, and at most
SAMPLES = (3, 5, 9, 17)
MAX_CASES = 6000  # per set
CELLS = 2**22  # of the sets that are looked at together


class Sieve:
    """The rows of a stage (F x m coprime integers) with what they read, over one denominator."""

    def __init__(self, stage: CutStage, R: Array) -> None:
        self.stage, self.R = stage, R
        exact = [[value.offset for value in h] for h in stage.level.rows]
        self.den = lcm(*(v.denominator for h in exact for v in h))
        H = np.array([[int(v * self.den) for v in h] for h in exact], dtype=object)
        self.H = integers(H, int(np.abs(H).max(initial=0)))
        self.ladders = [np.unique(values) for values in matrix_product(R, self.H.T)]
        layer = stage.network.layer(stage.place + 1)
        self.dens = [lcm(*(v.denominator for v in layer.W[i])) for i in stage.watched]
        self.targets = [
            [int(v * den) for v in layer.W[i]] for i, den in zip(stage.watched, self.dens, strict=True)
        ]

    def kept(self, members: Array) -> Array:
        """Return the sets (C x k numbers of rows) that are independent, mediate if they must, and are not
        refuted.

        Raises:
            UndecidedError: the time is up.
        """
        size = max(1, CELLS // (MAX_CASES * max(1, len(self.targets))))
        parts = [members[:0]]
        for start in range(0, len(members), size):
            self.stage.tick()
            parts.append(self._kept(members[start : start + size]))
        return np.concatenate(parts)

    def _kept(self, members: Array) -> Array:
        solution = least_squares(self.R[members], self.targets)
        rest = self._rest(members, solution)
        fine = solution.regular
        if self.stage.space.mediation:
            reaching = [n for n, i in enumerate(self.stage.watched) if i in self.stage.reaching]
            fine = fine & (rest[:, reaching] == 0).all(axis=(1, 2))
        members, solution, rest = _chosen(fine, members, solution, rest)
        for samples in SAMPLES:
            k = members.shape[1]
            if samples**k * BASES > MAX_CASES or not len(members):
                break
            bases = min(MAX_CASES // samples**k, MOST_BASES) if (rest != 0).any() else 1
            fine = np.zeros(len(members), dtype=bool)
            for scale in np.unique(solution.scale).tolist():
                at = np.flatnonzero(solution.scale == scale)
                fine[at] = self._unrefuted(members[at], solution.gain[at], rest[at], scale, samples, bases)
            members, solution, rest = _chosen(fine, members, solution, rest)
        return members

    def _rest(self, members: Array, solution: Solution) -> Array:
        """Return scale · W - gain · R per set and watched unit: what of a base is left in it."""
        R, T = self.R[members].astype(object), np.array(self.targets, dtype=object)
        scaled = solution.scale.astype(object)[:, None, None] * T.reshape(len(self.targets), self.stage.m)
        return np.asarray(scaled - solution.gain.astype(object).transpose(0, 2, 1) @ R)

    def _unrefuted(
        self, members: Array, gain: Array, rest: Array, scale: int, samples: int, bases: int
    ) -> Array:
        """Return which sets no case of the grid refutes: z = b + (rest · h + gain · v) / (scale · dens)."""
        count, k = members.shape
        places = np.array(list(product(range(samples), repeat=k))).reshape(samples**k, k)
        chosen = np.stack([self._sampled(row, samples) for row in range(len(self.R))])
        v = np.stack([chosen[members[:, j]][:, places[:, j]] for j in range(k)], axis=2).astype(object)
        h = self.H[np.linspace(0, len(self.H) - 1, bases).astype(int)].astype(object)
        z = {}
        layer = self.stage.network.layer(self.stage.place + 1)
        for n, i in enumerate(self.stage.watched):
            left = rest[:, n] @ h.T
            sums = left[:, :, None] + (v @ gain[:, :, n].astype(object)[:, :, None])[:, None, :, 0]
            den = scale * self.dens[n] * self.den
            whole, den = (
                sums * layer.b[i].denominator + layer.b[i].numerator * den,
                den * layer.b[i].denominator,
            )
            bound = int(np.abs(whole).max(initial=0))
            z[i] = Num(integers(whole, bound), den, bound)
        readings, tie = self.stage.beyond(ARRAYS, z)
        shape = (count, bases, *[samples] * k)
        decided = ~tie & ARRAYS.conjoin([reading.zero ^ reading.one for reading in readings])
        fine = np.broadcast_to(decided, (count, bases, samples**k)).all(axis=(1, 2))
        steps = np.zeros((count, k, samples - 1), dtype=bool)
        for reading in readings:
            bits = np.broadcast_to(reading.one, (count, bases, samples**k)).reshape(shape)
            fine &= (bits == bits[:, :1]).reshape(count, -1).all(axis=1)
            for axis in range(k):
                changed = np.moveaxis(np.diff(bits, axis=axis + 2), axis + 2, 1)
                steps[:, axis] |= changed.reshape(count, samples - 1, -1).any(axis=2)
        return np.asarray(fine & (steps.sum(axis=2) <= 1).all(axis=1))

    def _sampled(self, row: int, samples: int) -> Array:
        ladder = self.ladders[row]
        return np.asarray(ladder[np.linspace(0, len(ladder) - 1, samples).astype(int)])


def _chosen(fine: Array, members: Array, solution: Solution, rest: Array) -> tuple[Array, Solution, Array]:
    kept = Solution(solution.regular[fine], solution.spans[fine], solution.scale[fine], solution.gain[fine])
    return members[fine], kept, rest[fine]
