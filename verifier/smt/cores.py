"""Claim → core: a minimal set of facts of its network that it follows from, by Z3's unsatisfiable cores.

Every fact is a literal. The claim's failure is asserted once; then sets of facts are left out, large ones
first, as long as the failure stays unsatisfiable. What is left is asked of a solver that has never heard of
the rest. Each fact that could not be left out comes with a case in which the claim fails without it, replayed
in rationals.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

from verifier.checks import Agreement
from verifier.claim import Claim
from verifier.errors import InternalError
from verifier.relaxed import DOMAIN, Fact, Query, Replay, facts, fails, two_valued
from verifier.smt import decide
from verifier.smt.decide import limited, reason
from verifier.smt.reals import REALS
from verifier.verdict import Limits, UndecidedError


@dataclass(frozen=True, slots=True)
class Core:
    """Facts from which a claim follows; `minimal` if each was seen to be needed, in a case that replays."""

    facts: tuple[Fact, ...]
    minimal: bool


class _Tracked(Query, decide.Query):
    """Constraints with a literal per fact; or, where it is said what is `known`, with nothing of the rest."""

    def __init__(
        self,
        claim: Claim,
        stated: Sequence[Agreement],
        limits: Limits,
        known: Collection[Fact] | None = None,
    ) -> None:
        self.literals: dict[Fact, Any] = {}
        self.known = known
        super().__init__(claim.network, claim.domain, limits)
        if not two_valued(claim.network, stated):
            self.alg: Any = REALS
            self.solver = z3.SolverFor("QF_LRA")
        self.failure = fails(self, claim, stated)

    def given(self, fact: Fact) -> Any:
        if self.known is not None:
            return self.alg.bit(fact in self.known)
        if fact not in self.literals:
            self.literals[fact] = z3.Bool(f"fact {len(self.literals) + 1}")
        return self.literals[fact]

    def number(self, name: str) -> Any:
        assert self.alg is REALS
        return z3.Real(name)


class _Search:
    """The search for a core: the claim follows from `kept`, and not without any fact of `needed`."""

    def __init__(self, claim: Claim, stated: Sequence[Agreement], limits: Limits) -> None:
        self.claim, self.stated, self.limits = claim, stated, limits
        self.query = _Tracked(claim, stated, limits)
        self.query.solver.add(self.query.failure)
        self.sizes = facts(claim.network, claim.domain)
        self.kept = [fact for fact in self.sizes if fact in self.query.literals]
        self.needed: set[Fact] = set()

    def run(self) -> Core:
        """Return the core that is left when all is tried, or the time is up.

        Raises:
            UndecidedError: nothing could be left out within the limits, and not all was tried.
        """
        known = len(self.kept)
        try:
            for group in self._groups():
                self._leave_out(group)
        except UndecidedError:
            if len(self.kept) == known:
                raise
            return Core(tuple(self.kept), minimal=False)
        return Core(tuple(self.kept), minimal=True)

    def _groups(self) -> Iterator[set[Fact]]:
        """Yield what to leave out: all weights of an input, units with their weights, then each fact.

        Small weights come first: they are the least likely to matter.
        """
        for name in self.claim.domain.inputs:
            yield {fact for fact in self.kept if fact.source == name}
        for name in self.claim.network.unit_names():
            yield {fact for fact in self.kept if fact.unit == name}
        yield {DOMAIN}
        for kind in ("weight", "unit"):
            for fact in sorted((fact for fact in self.kept if fact.kind == kind), key=self.sizes.__getitem__):
                yield {fact}

    def _leave_out(self, group: set[Fact]) -> None:
        rest = [fact for fact in self.kept if fact not in group]
        if len(rest) == len(self.kept) or group & self.needed:
            return
        enough = self._follows(rest)
        if enough is None:
            if len(group) == 1:
                self._replay(rest)
                self.needed |= group
        else:
            self.kept = [fact for fact in rest if fact in enough] if len(group) == 1 else rest

    def _follows(self, known: Sequence[Fact]) -> set[Fact] | None:
        """Return those of some facts that the solver used to show that the claim follows; None: it does not.

        Raises:
            UndecidedError: no answer within the limits.
        """
        if self.limits.passed:
            raise UndecidedError("the time limit was reached")
        solver = limited(self.query.solver, self.limits)
        answer = solver.check([self.query.literals[fact] for fact in known])
        if answer == z3.sat:
            return None
        if answer != z3.unsat:
            raise UndecidedError(reason(solver, self.limits))
        used = {literal.get_id() for literal in solver.unsat_core()}
        return {fact for fact in known if self.query.literals[fact].get_id() in used}

    def _replay(self, known: Sequence[Fact]) -> None:
        """Run the case just found, in which the claim fails though these facts hold.

        Raises:
            InternalError: it does not fail.
        """
        assignment = self.query.solver.model()

        def bit(name: str) -> bool:
            return bool(z3.is_true(assignment.eval(z3.Bool(name), model_completion=True)))

        def number(name: str) -> Fraction:
            return Fraction(assignment.eval(z3.Real(name), model_completion=True).as_fraction())

        case = Replay(self.claim.network, self.claim.domain, set(known), bit, number)
        if case.solve(fails(case, self.claim, self.stated), []) is None:
            raise InternalError("a case that shows a fact to be needed does not replay")


def core(claim: Claim, stated: Sequence[Agreement], limits: Limits, again: Limits) -> Core:
    """Return facts from which the agreements of an exact claim follow, which are known to hold.

    Args:
        limits: what the search may spend.
        again: what the second solver may spend on what is found.

    Raises:
        UndecidedError: nothing was found, or not confirmed, within the limits.
        InternalError: they do not hold, or two solvers disagree.
    """
    found = _Search(claim, stated, limits).run()
    fresh = _Tracked(claim, stated, again, found.facts)
    if fresh.solve(fresh.failure, [], least=False) is not None:
        raise InternalError("a core that is not enough")
    return found
