"""Rows and coefficients → is there another readout? The judge of a list of single features, cube by cube.

The unknowns are integers R_c; every hidden row must read 0 or 1. What is known is blocked, and Z3 is asked
for another until it says that there is none. As z3py takes longer to build terms than the solver to refute
them, what holds of all readouts is handed over as SMT-LIB text, and blocking clauses are built from cached
literals `R_c <= v` through z3's C interface.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import z3
from z3 import z3core

from verifier.arrays import Array
from verifier.smt.decide import limited, reason
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
        self._held: list[Any] = []  # what `_bounds` points to
        self._base = _is_readout(D, den, self.values)

    def _at_most(self, c: int, v: int) -> tuple[Any, Any]:
        """Return the literals `R_c <= v` and its negation, as the C interface takes them."""
        found = self._bounds.get((c, v))
        if found is None:
            literal = self.R[c] <= v
            negated = z3.Not(literal)
            self._held += [literal, negated]
            found = self._bounds[c, v] = literal.as_ast(), negated.as_ast()
        return found

    def others(self, cube: Readout, known: Sequence[Readout], most: int | None = None) -> list[Readout]:
        """Return the readouts that start with `cube` and are not in `known`, all unless `most` is given.

        Raises:
            UndecidedError: the solver gave up.
        """
        with _small_integers():
            solver = z3.Solver()
            solver.from_string(self._base)
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
        array = (z3core.Ast * len(literals))(*literals)
        z3core.Z3_solver_assert(context, solver.solver, z3core.Z3_mk_or(context, len(literals), array))

    def smt2(self, known: Sequence[Readout]) -> str:
        """Return the query "another readout exists" as SMT-LIB 2 text."""
        solver = z3.Solver()
        solver.from_string(self._base)
        for readout in known:
            self._block(solver, readout, 0)
        return f"(set-logic QF_LIA)\n{solver.to_smt2()}"


def _is_readout(D: Array, den: Array, values: Sequence[Sequence[int]]) -> str:
    """Return what holds of every readout, as SMT-LIB text."""
    names = [f"R{c + 1}" for c in range(len(values))]
    lines = ["(declare-const first Bool)", *(f"(declare-const {name} Int)" for name in names)]
    for name, column in zip(names, values, strict=True):
        lines.append(f"(assert (<= {_integer(column[0])} {name} {_integer(column[-1])}))")
    some = ["false"]
    for row, top in zip(D.tolist(), den.tolist(), strict=True):
        terms = [f"(* {_integer(a)} {name})" for a, name in zip(row, names, strict=True) if a]
        value = f"(+ 0 {' '.join(terms)})" if terms else "0"
        up, down = f"(>= {value} 1)", f"(<= {value} (- 1))"
        lines.append(f"(assert (<= (- {top}) {value} {top}))")
        lines.append(f"(assert (and (=> {up} (not first)) (=> {down} first)))")
        if top > 1:
            lines.append(f"(assert (or (<= {value} (- {top})) (= {value} 0) (>= {value} {top})))")
        some += [up, down]
    return "\n".join([*lines, f"(assert (or {' '.join(some)}))"])


def _integer(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


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
