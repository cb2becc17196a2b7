"""What is known of sets of units → the cheapest set that a readout may read: Z3's optimiser over cuts.

The unknowns are which units a readout reads (its *support*) and the sum of its absolute coefficients; the
objective is the number of units, then that sum. Exact arithmetic adds what it finds out about a proposal as a
cut, so an optimum that some readout attains is the optimum over all readouts, and no proposal means that
there is no readout (logic-based Benders decomposition: Hooker and Ottosson 2003).
"""

from collections.abc import Collection

import z3

from verifier.smt.decide import limited, reason
from verifier.smt.reals import total
from verifier.verdict import Limits, UndecidedError

Cost = tuple[int, int]


class Supports:
    """The supports among m units that are not ruled out, for whole coefficients up to a bound."""

    def __init__(self, m: int, bound: int, limits: Limits) -> None:
        self.limits = limits
        self.used = [z3.Bool(f"u{c + 1}") for c in range(m)]
        self.size = total([z3.If(u, 1, 0) for u in self.used])
        self.weight = z3.Int("weight")
        self.optimiser = z3.Optimize()
        self.optimiser.set("priority", "lex")
        self.optimiser.add(z3.Or(self.used), self.weight >= self.size, self.weight <= bound * self.size)
        self.optimiser.minimize(self.size)
        self.optimiser.minimize(self.weight)

    def cheapest(self) -> tuple[tuple[int, ...], int] | None:
        """Return a support of least size, then of least weight, and that weight; None: all are ruled out.

        Raises:
            UndecidedError: the solver gave up.
        """
        if self.limits.deadline is not None:
            self.optimiser.set("timeout", self.limits.remaining_ms())
        answer = self.optimiser.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise UndecidedError(reason(self.optimiser, self.limits))
        found = self.optimiser.model()
        support = tuple(
            c for c, u in enumerate(self.used) if z3.is_true(found.eval(u, model_completion=True))
        )
        return support, found.eval(self.weight, model_completion=True).as_long()

    def needs_more(self, units: Collection[int]) -> None:
        """No readout reads these units alone."""
        self.optimiser.add(z3.Or([u for c, u in enumerate(self.used) if c not in units]))

    def costs(self, support: Collection[int], weight: int | None) -> None:
        """A readout with just this support has this weight or more; None: there is none."""
        differs = [z3.Not(u) if c in support else u for c, u in enumerate(self.used)]
        self.optimiser.add(z3.Or(differs if weight is None else [*differs, self.weight >= weight]))

    def none_below(self, cost: Cost) -> bool:
        """Return whether a plain solver, too, says that nothing is cheaper.

        Raises:
            UndecidedError: it gave up.
        """
        solver = limited(z3.Solver(), self.limits)
        size, weight = cost
        solver.add(self.optimiser.assertions())
        solver.add(z3.Or(self.size < size, z3.And(self.size == size, self.weight < weight)))
        answer = solver.check()
        if answer == z3.unknown:
            raise UndecidedError(reason(solver, self.limits))
        return bool(answer == z3.unsat)
