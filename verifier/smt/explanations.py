"""Space → explanations, all unknowns at once: solve, block, again, nothing rebuilt between rounds.

The unknowns are the integer coefficients R_jc of k features, the bit of every feature on every hidden row
(the gates), and, with mediation, the rational α_ij of each unit i of the next layer that reaches an output:
W_i = Σ_j α_ij R_j, where a product α·R_jc is `v·α` for the value v that R_jc has. The output gate is the rest
of the network run on z(u) = z(H_0) + Σ_j α_j (u_j - bit_j0) for every u. The features are in rising order.

What Z3 finds satisfies these constraints; the caller decides it exactly and blocks it, accepted or not, so
that leaving out a condition (independent readouts, restrictions on gates) costs rounds but loses nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import z3

from verifier.network import Row
from verifier.readout import Reading
from verifier.smt.decide import limited, reason
from verifier.smt.reals import REALS, exact, total
from verifier.verdict import Limits, UndecidedError

Beyond = Callable[[Any, dict[int, Any]], tuple[list[Reading[Any]], Any]]
Values = Sequence[Sequence[int]] | None


@dataclass(frozen=True)
class Question:
    """What explanations are asked for.

    Args:
        D, den: integer differences of the hidden rows, D_i = den_i (H_i - H_0), N x m and N.
        values: the integers each coefficient may be, m lists; None: any.
        zero: which coefficients must be 0.
        k: how many features are unknown; `fixed` holds those that are given, with their bits on the rows.
        targets: with mediation, per unit of the next layer that reaches an output: number, W_i and z_i(H_0).
        beyond: with interchange, the outputs as a function of the pre-activations; `free` are the units of
            the next layer it looks at besides the targets.
    """

    D: list[list[int]]
    den: list[int]
    values: Values
    zero: tuple[int, ...]
    k: int
    fixed: tuple[tuple[Row, tuple[bool, ...]], ...] = ()
    targets: tuple[tuple[int, Row, Fraction], ...] = ()
    free: tuple[int, ...] = ()
    beyond: Beyond | None = None


class Loop:
    """One solver that is asked for an explanation again and again; `excluded` is why candidates were none."""

    def __init__(self, question: Question, limits: Limits) -> None:
        self.question, self.limits = question, limits
        self.m, self.k = len(question.zero), question.k
        self.solver = z3.Solver()
        self.excluded: list[str] = []
        self.R = [[z3.Int(f"R{j + 1}_{c + 1}") for c in range(self.m)] for j in range(self.k)]
        self.first = [z3.Bool(f"bit{j + 1}_0") for j in range(self.k)]
        self.bits: list[list[Any]] = [[first] for first in self.first]
        for row in self.R:
            self._domain(row)
        for step, den in zip(question.D, question.den, strict=True):
            self.add_row(step, den)
        for a, b in combinations(range(self.k), 2):
            if b == a + 1:
                self.solver.add(_ascending(self.R[a], self.R[b]))
        if question.targets:
            self._mediate()

    def _domain(self, row: list[Any]) -> None:
        for c, r in enumerate(row):
            column = self.question.values[c] if self.question.values is not None else None
            if column is not None:
                self.solver.add(z3.And(r >= column[0], r <= column[-1]) if column else z3.BoolVal(False))
            if self.question.zero[c]:
                self.solver.add(r == 0)

    def add_row(self, step: Sequence[int], den: int) -> None:
        """Add a hidden row: every feature reads a bit there."""
        i = len(self.bits[0]) if self.bits else 0
        for j in range(self.k):
            bit = z3.Bool(f"bit{j + 1}_{i}")
            value = total([int(a) * r for a, r in zip(step, self.R[j], strict=True) if a] or [z3.IntVal(0)])
            self.solver.add(value == z3.If(bit, den, 0) - z3.If(self.first[j], den, 0))
            self.bits[j].append(bit)

    def distinct(self) -> None:
        """Ask for functions that are not constant and pairwise neither equal nor complementary."""
        for one in self.bits:
            self.solver.add(REALS.disjoin(one), z3.Not(REALS.conjoin(one)))
        for one, other in combinations(self.bits, 2):
            unequal = [z3.Xor(p, q) for p, q in zip(one, other, strict=True)]
            self.solver.add(REALS.disjoin(unequal), z3.Not(REALS.conjoin(unequal)))

    def use(self, c: int) -> None:
        """Ask for a feature with a non-zero coefficient c, unless a given one has it."""
        if not any(row[c] for row, _ in self.question.fixed):
            self.solver.add(z3.Or([row[c] != 0 for row in self.R]))

    def have(self, bits: Sequence[bool]) -> None:
        """Ask for a feature with this function of the rows, unless a given one has it."""
        if tuple(bits) in [known for _, known in self.question.fixed]:
            return
        same = [
            z3.And([p if bit else z3.Not(p) for p, bit in zip(one, bits, strict=True)]) for one in self.bits
        ]
        self.solver.add(z3.Or(same))

    def _mediate(self) -> None:
        question = self.question
        features = [*self.R, *([exact(c) for c in row] for row, _ in question.fixed)]
        first = [*self.first, *(z3.BoolVal(bits[0]) for _, bits in question.fixed)]
        start: dict[int, Any] = {}
        alpha: dict[int, list[Any]] = {}
        for i, W, level in question.targets:
            alpha[i] = [z3.Real(f"alpha{i + 1}_{j + 1}") for j in range(len(features))]
            for c in range(self.m):
                if question.values is not None:
                    pairs = enumerate(zip(alpha[i], features, strict=True))
                    parts = [self._product(i, j, c, a, row[c]) for j, (a, row) in pairs]
                    self.solver.add(total(parts) == exact(W[c]))
            if question.values is None:
                self._mediate_by_rows(W, alpha[i])
            shifts = [z3.If(b, -a, 0) for a, b in zip(alpha[i], first, strict=True)]
            start[i] = total([exact(level), *shifts])
        if question.beyond is not None:
            self._interchange(question.beyond, start, alpha, len(features))

    def _product(self, i: int, j: int, c: int, alpha: Any, coefficient: Any) -> Any:
        """Return alpha · coefficient, linear because the coefficient has few values."""
        if j >= self.k:
            return alpha * coefficient
        assert self.question.values is not None
        if self.question.zero[c]:
            return exact(Fraction(0))
        term = z3.Real(f"term{i + 1}_{j + 1}_{c + 1}")
        for v in self.question.values[c]:
            self.solver.add(z3.Implies(coefficient == v, term == v * alpha))
        return term

    def _mediate_by_rows(self, W: Row, alpha: list[Any]) -> None:
        """Ask that Σ α_j bit_j follows W on the rows: all that can be asked linearly without bounds."""
        known = [[z3.BoolVal(bit) for bit in bits] for _, bits in self.question.fixed]
        for i, (step, den) in enumerate(zip(self.question.D, self.question.den, strict=True), start=1):
            moved = sum((w * d for w, d in zip(W, step, strict=True)), Fraction(0)) / den
            parts = [
                z3.If(bits[i], a, 0) - z3.If(bits[0], a, 0)
                for a, bits in zip(alpha, [*self.bits, *known], strict=True)
            ]
            self.solver.add(total(parts) == exact(moved))

    def _interchange(
        self, beyond: Beyond, start: dict[int, Any], alpha: dict[int, list[Any]], k: int
    ) -> None:
        tables: list[list[Any]] = []
        for number, u in enumerate(product([False, True], repeat=k)):
            z = {i: total([start[i], *(a for a, bit in zip(alpha[i], u, strict=True) if bit)]) for i in start}
            z |= {i: z3.Real(f"free{i + 1}_{number}") for i in self.question.free}
            readings, tie = beyond(REALS, z)
            self.solver.add(z3.Not(tie), *(z3.Xor(r.zero, r.one) for r in readings))
            tables.append([r.one for r in readings])
        for j in range(k):
            step = 1 << (k - 1 - j)
            pairs = [(tables[n], tables[n | step]) for n in range(2**k) if not n & step]
            self.solver.add(z3.Or([z3.Xor(a, b) for off, on in pairs for a, b in zip(off, on, strict=True)]))

    def another(self) -> tuple[tuple[int, ...], ...] | None:
        """Return the rows of another set of features, or None when there is none.

        Raises:
            UndecidedError: the solver gave up.
        """
        answer = limited(self.solver, self.limits).check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise UndecidedError(reason(self.solver, self.limits))
        assignment = self.solver.model()
        return tuple(
            tuple(assignment.eval(r, model_completion=True).as_long() for r in row) for row in self.R
        )

    def block(self, rows: Sequence[Sequence[int]]) -> None:
        """Exclude this set of features, given in rising order."""
        self.solver.add(z3.Or([self._differs(j, row) for j, row in enumerate(rows)]))

    def block_feature(self, row: Sequence[int]) -> None:
        """Exclude every set with this feature."""
        for j in range(self.k):
            self.solver.add(self._differs(j, row))

    def block_functions(self, bits: Sequence[Sequence[bool]]) -> None:
        """Exclude every set of features with these functions of the rows."""
        same = [
            z3.And([p if bit else z3.Not(p) for p, bit in zip(one, wanted, strict=True)])
            for one in self.bits
            for wanted in bits
        ]
        covered = [z3.Or(same[j * len(bits) : (j + 1) * len(bits)]) for j in range(self.k)]
        self.solver.add(z3.Not(z3.And(covered)))

    def _differs(self, j: int, row: Sequence[int]) -> Any:
        parts = [(r, v) for r, v in zip(self.R[j], row, strict=True)]
        return z3.Or([side for r, v in parts for side in (r <= v - 1, r >= v + 1)])

    def smt2(self) -> str:
        """Return the query "another explanation exists" as SMT-LIB 2 text."""
        comments = "".join(f"; excluded: {told}\n" for told in self.excluded)
        return f"(set-logic ALL)\n{comments}{self.solver.to_smt2()}"


def _ascending(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """Return whether a < b in lexicographic order."""
    holds = z3.BoolVal(False)
    for p, q in reversed(list(zip(a, b, strict=True))):
        holds = z3.Or(p < q, z3.And(p == q, holds))
    return holds
