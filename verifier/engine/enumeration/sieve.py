"""Sets of rational rows → those that a few cases do not refute: what `gaps.py` decides, many sets at once.

First, what one donor has in all rows is written into other bases, where the outputs must be those of the
donor, as it writes that into itself too. Floats choose the donors and the bases, exact integers judge.

Then a grid of some values per row and some bases is written into each set. An output that is undecided or
changes with the base refutes it, and so do two steps along one row that both change an output.
"""

from collections.abc import Iterator, Sequence
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
MOST_ROWS = 2**10  # hidden rows that donors and their bases are chosen from


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
        self.grids = {
            samples: np.stack([ladder[_spread(len(ladder), samples)] for ladder in self.ladders])
            for samples in SAMPLES
        }
        self.some = self.H[_spread(len(self.H), min(len(self.H), MOST_ROWS))].astype(object)
        self.before = [self._num(n, self.some @ self._target(n), 1) for n in range(len(self.targets))]
        self.shown = self._shown(self.before, len(self.some))[1]

    def kept(self, members: Array) -> Array:
        """Return the sets (C x k numbers of rows) that are independent, mediate if they must, and are not
        refuted.

        Raises:
            UndecidedError: the time is up.
        """
        size = max(1, CELLS // (MAX_CASES * max(1, len(self.targets))))
        parts = [members[:0]]
        pairs = 2 * len(np.unique(self.shown, axis=0)) * self.stage.m  # as Python integers
        for some in _chunks(members, max(1, CELLS // max(len(self.some), 16 * pairs))):
            self.stage.tick()
            for few in _chunks(some if self.stage.space.mediation else self._like_donors(some), size):
                self.stage.tick()
                parts.append(self._kept(few))
        return np.concatenate(parts)

    def _like_donors(self, members: Array) -> Array:
        """Return the independent sets that none of the donors tried refutes."""
        solution = least_squares(self.R[members], self.targets)
        members, solution, rest = _chosen(solution.regular, members, solution, self._rest(members, solution))
        fine = np.ones(len(members), dtype=bool)
        for n in range(len(self.targets)):
            cases = self._farthest(n, rest[:, n], solution.scale)
            for scale in np.unique(solution.scale[fine]).tolist():
                at = np.flatnonzero(fine & (solution.scale == scale))
                fine[at] = self._like_donor(cases[at], rest[at], scale)
        return np.asarray(members[fine])

    def _farthest(self, n: int, rest: Array, scale: Array) -> Array:
        """Return, per set, pairs (base, donor) that move a watched unit far, up and down (C x pairs x 2).

        Of the donors with the same outputs it is that with the least of its own, or the most, so that no
        other pair tells more where the outputs are monotone in this unit alone. All is divided by one number
        that no sum exceeds by much: floats do not overflow.
        """
        z = self.before[n]
        top = max(1, int(np.abs(self.some).max()))
        den = z.den // (self.dens[n] * self.den)
        unit = max(1, z.bound, den * top * max(map(abs, self.targets[n])))
        left = (rest * (den * top) / (scale.astype(object) * unit)[:, None]).astype(float)
        q = left @ (self.some / top).astype(float).T
        own = (z.values.astype(object) / unit).astype(float) - q
        pairs = []
        for outcome in np.unique(self.shown, axis=0):
            donors = np.flatnonzero((self.shown == outcome).all(axis=1))
            pairs.append((q.argmin(axis=1), donors[own[:, donors].argmin(axis=1)]))
            pairs.append((q.argmax(axis=1), donors[own[:, donors].argmax(axis=1)]))
        return np.stack([np.stack(pair, axis=1) for pair in pairs], axis=1)

    def _like_donor(self, cases: Array, rest: Array, scale: int) -> Array:
        """Return which sets, of one scale, have the outputs of the donor in every case (C x pairs x 2)."""
        base, donor = self.some[cases[:, :, 0]], self.some[cases[:, :, 1]]
        z = []
        for n in range(len(self.targets)):
            moved = ((base - donor) * rest[:, n][:, None, :]).sum(axis=2)
            z.append(self._num(n, scale * (donor @ self._target(n)) + moved, scale))
        decided, shown = self._shown(z, *cases.shape[:2])
        return np.asarray((decided & (shown == self.shown[cases[:, :, 1]]).all(axis=2)).all(axis=1))

    def _target(self, n: int) -> Array:
        return np.array(self.targets[n], dtype=object)

    def _num(self, n: int, sums: Array, scale: int) -> Num:
        """Return b + sums / (scale · dens · den), the pre-activation of a watched unit."""
        b = self.stage.network.layer(self.stage.place + 1).b[self.stage.watched[n]]
        den = scale * self.dens[n] * self.den
        whole = sums * b.denominator + b.numerator * den
        bound = int(np.abs(whole).max(initial=0))
        return Num(integers(whole, bound), den * b.denominator, bound)

    def _shown(self, z: Sequence[Num], *shape: int) -> tuple[Array, Array]:
        """Return whether the outputs are decided, and what they are (along the last axis)."""
        readings, tie = self.stage.beyond(ARRAYS, dict(zip(self.stage.watched, z, strict=True)))
        decided = ~tie & ARRAYS.conjoin([reading.zero ^ reading.one for reading in readings])
        shown = [np.broadcast_to(reading.one, shape) for reading in readings]
        return np.broadcast_to(decided, shape), np.stack(shown, axis=-1)

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
        grid = self.grids[samples]
        v = np.stack([grid[members[:, j]][:, places[:, j]] for j in range(k)], axis=2).astype(object)
        h = self.H[_spread(len(self.H), bases)].astype(object)
        z = []
        for n in range(len(self.targets)):
            left = rest[:, n] @ h.T
            sums = left[:, :, None] + (v @ gain[:, :, n].astype(object)[:, :, None])[:, None, :, 0]
            z.append(self._num(n, sums, scale))
        decided, shown = self._shown(z, count, bases, samples**k)
        fine = decided.all(axis=(1, 2))
        steps = np.zeros((count, k, samples - 1), dtype=bool)
        for o in range(shown.shape[-1]):
            bits = shown[..., o].reshape(count, bases, *[samples] * k)
            fine &= (bits == bits[:, :1]).reshape(count, -1).all(axis=1)
            for axis in range(k):
                changed = np.moveaxis(np.diff(bits, axis=axis + 2), axis + 2, 1)
                steps[:, axis] |= changed.reshape(count, samples - 1, -1).any(axis=2)
        return np.asarray(fine & (steps.sum(axis=2) <= 1).all(axis=1))


def _spread(size: int, count: int) -> Array:
    """Return so many indices below a size, evenly spread from the first to the last."""
    return np.linspace(0, size - 1, count).astype(int)


def _chunks(members: Array, size: int) -> Iterator[Array]:
    return (members[start : start + size] for start in range(0, len(members), size))


def _chosen(fine: Array, members: Array, solution: Solution, rest: Array) -> tuple[Array, Solution, Array]:
    kept = Solution(solution.regular[fine], solution.spans[fine], solution.scale[fine], solution.gain[fine])
    return members[fine], kept, rest[fine]
