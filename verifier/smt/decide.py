"""Obligation → finding: the negated statement is handed to Z3; the engine replays what it finds."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import z3

from verifier import symbolic
from verifier.checks import Obligation
from verifier.claim import Claim
from verifier.domain import Bits, Domain
from verifier.linear import direction
from verifier.network import Network, Row
from verifier.smt.terms import Encoding, Terms
from verifier.verdict import Finding, Limits, Share, UndecidedError

SLACK_MS = 200


class Query(symbolic.Query):
    """Constraints over symbolic inputs of a domain, in one solver."""

    rests_on = "z3"

    def __init__(self, network: Network, domain: Domain, limits: Limits, encoding: Encoding = "bv") -> None:
        super().__init__(network, domain)
        self.limits = limits
        self.alg = Terms(encoding)
        self.solver = z3.SolverFor("QF_BV") if encoding == "bv" else z3.Solver()

    def bit(self, name: str) -> Any:
        return z3.Bool(name)

    def assume(self, condition: Any) -> None:
        self.solver.add(condition)

    def solve(self, condition: Any, bits: Sequence[Any], least: bool = True) -> Bits | None:
        self.solver.add(condition)
        answer = limited(self.solver, self.limits).check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise UndecidedError(reason(self.solver, self.limits))
        assignment = self.solver.model()
        if least:
            assignment = self._least(assignment, bits)
        return tuple(z3.is_true(assignment.eval(b, model_completion=True)) for b in bits)

    def share(self, holds: Any) -> Share | None:
        return None

    def direction(self, rows: Sequence[Row], target: Row) -> Row | None:
        v = [z3.Real(f"v{i}") for i in range(len(target))]
        solver = limited(z3.Solver(), self.limits)

        def product(row: Row) -> Any:
            return z3.Sum([z3.Q(*c.as_integer_ratio()) * x for c, x in zip(row, v, strict=True)])

        solver.add(*(product(row) == 0 for row in rows), product(target) == 1)
        answer = solver.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise UndecidedError(reason(solver, self.limits))
        found = [solver.model().eval(x, model_completion=True).as_fraction() for x in v]
        return direction([Fraction(value.numerator, value.denominator) for value in found])

    def _least(self, assignment: "z3.ModelRef", bits: Sequence[Any]) -> "z3.ModelRef":
        """Return the assignment whose `bits`, read as a number, are smallest, as far as the limits allow."""
        fixed: list[Any] = []
        for bit in bits:
            if z3.is_true(assignment.eval(bit, model_completion=True)):
                lower = limited(self.solver, self.limits).check(*fixed, z3.Not(bit))
                if lower == z3.sat:
                    assignment = self.solver.model()
                elif lower != z3.unsat:
                    reason(self.solver, self.limits)
                    return assignment
                else:
                    fixed.append(bit)
                    continue
            fixed.append(z3.Not(bit))
        return assignment


def asking(network: Network, domain: Domain, limits: Limits, encoding: Encoding = "bv") -> symbolic.Ask:
    """Return what asks Z3 about symbolic inputs of the domain."""
    return lambda copies: Query(network, domain, limits, encoding)


def decide(claim: Claim, obligation: Obligation, limits: Limits, encoding: Encoding = "bv") -> Finding:
    """Return the verdict on one obligation."""
    return symbolic.decide(asking(claim.network, claim.domain, limits, encoding), claim, obligation)


def limited(solver: z3.Solver, limits: Limits) -> z3.Solver:
    """Return the solver, told what it may spend from now on."""
    if limits.rlimit is not None:
        solver.set("rlimit", limits.rlimit)
    if limits.deadline is not None:
        solver.set("timeout", limits.remaining_ms())
    return solver


def reason(solver: z3.Solver, limits: Limits) -> str:
    """Return why the solver gave up.

    Raises:
        KeyboardInterrupt: because it was interrupted; Z3 then says so, or that it was canceled.
    """
    text = solver.reason_unknown()
    timed = limits.deadline is not None and limits.remaining_ms() < SLACK_MS
    if "interrupted" in text or ("canceled" in text and not timed and limits.rlimit is None):
        raise KeyboardInterrupt
    if "timeout" in text or "canceled" in text or "resource limit" in text:
        return "the time or resource limit was reached"
    return f"the solver gave up: {text}"
