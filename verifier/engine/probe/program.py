"""Question and units → linear programs over the readouts of these units, the rows added as they are needed.

The variables are the coefficients R, the offset d and sometimes a slack t; the constraints are those of the
rows that count. A program is solved through its dual (`verifier.simplex`): its columns are constraints, a row
that the optimum breaks is a column to add, and the weights of the columns are the proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

import numpy as np

from verifier.arrays import Array
from verifier.engine.probe.outcome import Weights
from verifier.engine.probe.question import Question
from verifier.linear import Row
from verifier.simplex import Infeasible, Optimum, Unbounded, cheapest
from verifier.verdict import Limits, UndecidedError


@dataclass(frozen=True, slots=True)
class Slack:
    """The largest t with which every constraint of a row holds by t to spare, and the readout that has it.

    `t` is None where it has no bound: a comparison separates the rows. `weights` prove that there is no more.
    """

    t: Fraction | None
    row: Row
    weights: Weights


@dataclass(eq=False)
class Program:
    """Programs over the readouts that read `units` alone; the rows are rational."""

    question: Question
    units: tuple[int, ...]
    limits: Limits
    _kept: dict[tuple[int, int], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        question = self.question
        self._A = question.seen.A[:, list(self.units)].astype(object)
        bounds = [*question.lower.values(), *question.upper.values()]
        self._q = lcm(*(b.denominator for b in bounds))
        self._kept = {(next(iter(question.lower)), 1): None, (next(iter(question.upper)), -1): None}

    def slack(self, bound: int | None = None) -> Slack:
        """Return by how much all constraints can hold, coefficients up to a bound or of any size."""
        k = len(self.units)
        fixed = (
            [] if bound is None else [(s * self._unit(c, k + 2), bound) for c in range(k) for s in (1, -1)]
        )
        found = self._solve([0] * (k + 1) + [1], fixed, spare=True)
        if isinstance(found, Infeasible):
            return Slack(None, found.dual[:k], ())
        assert isinstance(found, Optimum)  # the weights of rows add up to 1
        return Slack(found.dual[-1], found.dual[:k], self._weights(found))

    def most(self, objective: Sequence[int], signs: Sequence[int], bound: int) -> Fraction | None:
        """Return the largest objective · R with 1 ≤ sign · R_c ≤ bound, or |R_c| ≤ bound where the sign is 0.

        None: there is no such readout.
        """
        k = len(self.units)
        fixed = []
        for c, sign in enumerate(signs):
            unit = self._unit(c, k + 1)
            fixed += [(s * unit, bound if s == (sign or s) else -1) for s in (1, -1)]
        found = self._solve([*objective, 0], fixed, spare=False)
        if isinstance(found, Unbounded):
            return None
        assert isinstance(found, Optimum)  # the coefficients are bounded
        return sum((c * r for c, r in zip(objective, found.dual, strict=False)), Fraction(0))

    def _unit(self, c: int, size: int) -> Array:
        return np.array([int(i == c) for i in range(size)], dtype=object)

    def _solve(
        self, target: Sequence[int], fixed: Sequence[tuple[Array, int]], spare: bool
    ) -> Optimum | Infeasible | Unbounded:
        """Return the optimum over all rows, added until none is broken."""
        while True:
            columns = [self._column(i, sign, spare) for i, sign in self._kept]
            costs = [self._cost(i, sign) for i, sign in self._kept]
            columns += [column.tolist() for column, _ in fixed]
            found = cheapest(columns, target, [*costs, *(cost for _, cost in fixed)], self._tick)
            if isinstance(found, Unbounded):
                return found
            broken = self._broken(found, spare)
            if not broken:
                return found
            self._kept.update(dict.fromkeys(broken))

    def _tick(self) -> None:
        if self.limits.passed:
            raise UndecidedError("the time limit was reached")

    def _column(self, i: int, sign: int, spare: bool) -> list[int]:
        """Return a constraint: -sign (R·H + d) [+ t] ≤ -sign bound, in whole numbers."""
        scale, den = self._q, self.question.seen.den
        column = [-sign * scale * int(a) for a in self._A[i]]
        return [*column, -sign * scale * den] + ([scale * den] if spare else [])

    def _cost(self, i: int, sign: int) -> int:
        bound = (self.question.lower if sign > 0 else self.question.upper)[i]
        return int(-sign * bound * self.question.seen.den * self._q)

    def _broken(self, found: Optimum | Infeasible, spare: bool) -> list[tuple[int, int]]:
        """Return the constraints, one per side, that a solution (or a direction without end) breaks most."""
        D = lcm(*(v.denominator for v in found.dual))
        *R, d = [int(v * D) for v in found.dual[: len(self.units) + 1]]
        t = int(found.dual[-1] * D) if spare else 0
        den = self.question.seen.den
        values = (self._A @ np.array(R, dtype=object) + den * d) * self._q
        scale = D * den * self._q if isinstance(found, Optimum) else 0
        broken = []
        for sign, side in ((1, self.question.lower), (-1, self.question.upper)):
            missing = {i: sign * (int(b * scale) - values[i]) + t * den * self._q for i, b in side.items()}
            worst = max(missing, key=missing.__getitem__)
            if missing[worst] > 0:
                broken.append((worst, sign))
        return broken

    def _weights(self, found: Optimum) -> Weights:
        """Return the weights of the rows, those of the upper bounds negative, |weights| adding up to 1."""
        scale = self._q * self.question.seen.den
        total: dict[int, Fraction] = {}
        for (i, sign), weight in zip(self._kept, found.weights, strict=False):
            total[i] = total.get(i, Fraction(0)) + sign * weight * scale
        first = self.question.seen.first
        return tuple((first[i], w) for i, w in sorted(total.items()) if w)
