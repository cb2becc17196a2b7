"""Rows and coefficients → is there another readout? The judge of a list of single features, cube by cube.

The unknowns are integers R_c; every hidden row must read 0 or 1. What is known is blocked, and Z3 is asked
for another until it says that there is none. Blocking clauses are built from cached bound literals `R_c <=
v` through z3's C interface: z3py takes longer to build a clause than the solver to refute it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import z3
from z3 import z3core

from verifier.arrays import Array
from verifier.smt.decide import limited, reason
from verifier.smt.reals import total
from verifier.verdict import Limits, UndecidedError

Readout = tuple[int, ...]


class Judge:
    """Decides which R with R_c in values[c] are readouts and missing from a list.

    D R must lie in {0, den} (bit 0 at the first row) or in {-den, 0} (bit 1), not all 0. `D` is N x m and
    `den` has N entries, all integers; `values` are m lists of consecutive integers.
    """

    def __init__(self, D: Array, den: Array, values: Sequence[Sequence[int]], limits: Limits) -> None:
        self.values, self.limits = [list(column) for column in values], limits
        self.R = [z3.Int(f"R{c + 1}") for c in range(len(self.values))]
        self._bounds: dict[tuple[int, int], tuple[Any, Any]] = {}
        self._base = [z3.And(r >= v[0], r <= v[-1]) for r, v in zip(self.R, self.values, strict=True)]
        first, some = z3.Bool("first"), []
        for row, top in zip(D.tolist(), den.tolist(), strict=True):
            value = total([int(a) * r for a, r in zip(row, self.R, strict=True) if a] or [z3.IntVal(0)])
            up, down = value >= 1, value <= -1
            self._base += [
                value >= -top,
                value <= top,
                z3.Implies(up, z3.Not(first)),
                z3.Implies(down, first),
            ]
            if top > 1:
                self._base.append(z3.Or(value <= -top, z3.And(z3.Not(up), z3.Not(down)), value >= top))
            some += [up, down]
        self._base.append(z3.Or(some))

    def _at_most(self, c: int, v: int) -> tuple[Any, Any]:
        """Return the literals `R_c <= v` and its negation."""
        if (c, v) not in self._bounds:
            literal = self.R[c] <= v
            self._bounds[c, v] = literal, z3.Not(literal)
        return self._bounds[c, v]

    def others(self, cube: Readout, known: Sequence[Readout], most: int | None = None) -> list[Readout]:
        """Return the readouts that start with `cube` and are not in `known`, all unless `most` is given.

        Raises:
            UndecidedError: the solver gave up.
        """
        with _small_integers():
            solver = z3.Solver()
            solver.add(self._base)
            for c, v in enumerate(cube):
                solver.add(self.R[c] >= v, self.R[c] <= v)
            for readout in known:
                self._block(solver, readout, len(cube))
            found: list[Readout] = []
            while most is None or len(found) < most:
                answer = limited(solver, self.limits).check()
                if answer == z3.unsat:
                    break
                if answer != z3.sat:
                    raise UndecidedError(reason(solver, self.limits))
                assignment = solver.model()
                found.append(tuple(assignment.eval(r, model_completion=True).as_long() for r in self.R))
                self._block(solver, found[-1], len(cube))
            return found

    def _block(self, solver: z3.Solver, readout: Readout, fixed: int) -> None:
        """Add the clause that some coefficient after the cube's differs from the readout's."""
        literals = []
        for c in range(fixed, len(readout)):
            column, v = self.values[c], readout[c]
            if v > column[0]:
                literals.append(self._at_most(c, v - 1)[0])
            if v < column[-1]:
                literals.append(self._at_most(c, v)[1])
        context = solver.ctx.ref()
        array = (z3core.Ast * len(literals))(*(literal.as_ast() for literal in literals))
        z3core.Z3_solver_assert(context, solver.solver, z3core.Z3_mk_or(context, len(literals), array))

    def smt2(self, known: Sequence[Readout]) -> str:
        """Return the query "another readout exists" as SMT-LIB 2 text."""
        solver = z3.Solver()
        solver.add(self._base)
        for readout in known:
            self._block(solver, readout, 0)
        return f"(set-logic QF_LIA)\n{solver.to_smt2()}"


@contextmanager
def _small_integers() -> Iterator[None]:
    """Run Z3's SAT core with its arithmetic plugin: some ten times faster on blocking clauses over bounds."""
    z3.set_param("sat.euf", True)
    z3.set_param("tactic.default_tactic", "smt")
    try:
        yield
    finally:
        z3.set_param("sat.euf", False)
        z3.set_param("tactic.default_tactic", "")
