"""Obligation → finding: the negated statement is handed to Z3, and what it finds is replayed by the engine.

Inputs, free bits and donor inputs are Booleans; the network is encoded once per copy of its input.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, assert_never

import z3

from verifier.checks import Agreement, Influence, Mediation, Obligation, Plan
from verifier.claim import Claim, Compared, agree, changed, readings
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.linear import direction
from verifier.network import Network, Row
from verifier.smt.terms import Encoding, Sum, Terms
from verifier.verdict import Direction, Finding, Idle, Limits, Proved, Refuted, Run, Setting, Tie, Unknown


@dataclass(slots=True)
class Copy:
    """One symbolic input of the domain, with the activations it causes, layer by layer as they are wanted."""

    x: list[Any]
    places: list[list[Sum]] = field(default_factory=list)


class Query:
    """A growing set of constraints over symbolic inputs of a domain, in one solver."""

    def __init__(self, network: Network, domain: Domain, limits: Limits, encoding: Encoding = "bv") -> None:
        self.network, self.domain, self.limits = network, domain, limits
        self.alg = Terms(encoding)
        self.solver = z3.SolverFor("QF_BV") if encoding == "bv" else z3.Solver()

    def copy(self, prefix: str) -> Copy:
        """Return a fresh symbolic input of the domain."""
        x = [z3.Bool(f"{prefix}{name}") for name in self.domain.inputs]
        self.solver.add(self.domain.contains(self.alg, self.domain.named(x)))
        if self.domain.rows is not None:
            rows = [
                self.alg.conjoin([b if on else z3.Not(b) for b, on in zip(x, row, strict=True)])
                for row in self.domain.rows
            ]
            self.solver.add(self.alg.disjoin(rows))
        return Copy(x, [self.domain.encode(self.alg, x)])

    def activations(self, copy: Copy, place: int) -> list[Sum]:
        """Return the activations of a copy at a place."""
        while len(copy.places) <= place:
            below = len(copy.places) - 1
            values, _ = self.network.forward(self.alg, below, copy.places[below], below + 1)
            copy.places.append(values)
        return copy.places[place]

    def find(self, condition: Any) -> "z3.ModelRef | None":
        """Return an assignment of everything added, with the condition true, or None when there is none.

        Raises:
            UndecidedError: the solver gave up, with its reason.
        """
        self.solver.add(condition)
        answer = limited(self.solver, self.limits).check()
        if answer == z3.sat:
            return self.solver.model()
        if answer == z3.unsat:
            return None
        raise UndecidedError(reason(self.solver, self.limits))

    def least(self, assignment: "z3.ModelRef", bits: Sequence[Any]) -> "z3.ModelRef":
        """Return the assignment whose `bits`, read as a number, are smallest, as far as the limits allow.

        What is shown to people then does not depend on what the solver happened to find.
        """
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

    def value(self, assignment: "z3.ModelRef", bits: Sequence[Any]) -> Bits:
        """Return bits under an assignment; what it leaves open is false."""
        return tuple(z3.is_true(assignment.eval(b, model_completion=True)) for b in bits)


SLACK_MS = 200


class UndecidedError(Exception):
    """The solver gave up."""


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


def find_input(network: Network, domain: Domain, limits: Limits, encoding: Encoding = "bv") -> Bits | None:
    """Return an input of the domain, or None when it is empty."""
    query = Query(network, domain, limits, encoding)
    copy = query.copy("")
    assignment = query.find(z3.BoolVal(True))
    return None if assignment is None else query.value(assignment, copy.x)


def find_outside(
    network: Network, domain: Domain, place: int, row: Row, allowed: Sequence[Fraction], limits: Limits
) -> Bits | None:
    """Return an input whose activations h at a place give row · h no allowed value, or None.

    Raises:
        UndecidedError: the solver gave up.
    """
    query = Query(network, domain, limits)
    copy = query.copy("")
    value = query.alg.affine(row, query.activations(copy, place), Fraction(0))
    strange = [query.alg.negate(query.alg.equal(value, number)) for number in allowed]
    assignment = query.find(query.alg.conjoin(strange))
    return None if assignment is None else query.value(query.least(assignment, copy.x), copy.x)


def find_ties(
    network: Network, domain: Domain, decoding: Decoding, limits: Limits, encoding: Encoding = "bv"
) -> list[Tie]:
    """Return the units, and the output, that are undecided on some input, each with one such input.

    Raises:
        UndecidedError: the solver gave up.
    """
    query = Query(network, domain, limits, encoding)
    copy = query.copy("")
    suspects = []
    decided: list[Any] = []  # what follows a tie means nothing
    for place, layer in enumerate(network.layers, start=1):
        if layer.activation.refuses_ties:
            z = layer.preactivations(query.alg, query.activations(copy, place - 1))
            ties = [query.alg.equal(value, Fraction(0)) for value in z]
            for unit, tie in zip(layer.units, ties, strict=True):
                suspects.append((layer.name, unit, query.alg.conjoin([*decided, tie])))
            decided.append(query.alg.negate(query.alg.disjoin(ties)))
    _, undecided = decoding.decode(query.alg, query.activations(copy, network.depth))
    suspects.append(("", ", ".join(decoding.names), query.alg.conjoin([*decided, undecided])))
    if query.find(query.alg.disjoin([tie for _, _, tie in suspects])) is None:
        return []
    found = []
    for layer_name, what, tie in suspects:
        single = Query(network, domain, limits, encoding)
        x = single.copy("").x
        assignment = single.find(tie)
        if assignment is not None:
            found.append(Tie(layer_name, what, single.value(assignment, x), None))
    return found


def decide(claim: Claim, obligation: Obligation, limits: Limits, encoding: Encoding = "bv") -> Finding:
    """Return the verdict on one obligation."""
    query = Query(claim.network, claim.domain, limits, encoding)
    try:
        match obligation:
            case Agreement():
                return _agreement(query, claim, obligation)
            case Influence(plan):
                return _influence(query, claim, plan)
            case Mediation():
                return _mediation(query, obligation)
            case _:
                assert_never(obligation)
    except UndecidedError as error:
        return Finding(Unknown(str(error)))


@dataclass(frozen=True, slots=True)
class Written:
    """A plan in symbols: the activations after it, the bits it sets, and what to read the settings from."""

    h: list[Sum]
    bits: dict[str, Any]
    sources: list[list[Any]]


def _write(query: Query, claim: Claim, plan: Plan, base: Copy) -> Written:
    donors: dict[int, Copy] = {}
    targets: list[Sum] = []
    bits: dict[str, Any] = {}
    sources: list[list[Any]] = []
    for name, source in zip(plan.features, plan.sources, strict=True):
        if source is None:
            bits[name] = z3.Bool(f"set {name}")
            targets.append(query.alg.choose(bits[name], Fraction(1), Fraction(0)))
            sources.append([bits[name]])
            continue
        if source not in donors:
            donors[source] = query.copy(f"donor {source} ")
        donor = donors[source]
        h = query.activations(donor, plan.layer)
        targets += plan.write.rows.read(query.alg, name, h)
        bits[name] = claim.explanation.recompute(query.alg, claim.domain.named(donor.x))[name]
        sources.append(donor.x)
    h = plan.write.apply(query.alg, plan.features, query.activations(base, plan.layer), targets)
    return Written(h, bits, sources)


def _run(
    query: Query, assignment: "z3.ModelRef", base: Copy, plan: Plan | None, sources: list[list[Any]]
) -> Run:
    assignment = query.least(assignment, [*base.x, *(bit for bits in sources for bit in bits)])
    x = query.value(assignment, base.x)
    if plan is None:
        return Run(x)
    settings: list[tuple[str, Setting]] = []
    for name, source, bits in zip(plan.features, plan.sources, sources, strict=True):
        values = query.value(assignment, bits)
        settings.append((name, values[0] if source is None else values))
    return Run(x, tuple(settings), plan.layer)


def _agreement(query: Query, claim: Claim, obligation: Agreement) -> Finding:
    base, plan = query.copy(""), obligation.plan
    if plan is None:
        start, h, bits, sources = 0, query.activations(base, 0), {}, []
    else:
        written = _write(query, claim, plan, base)
        start, h, bits, sources = plan.layer, written.h, written.bits, written.sources
    shown, tie = readings(query.alg, claim, obligation.compared, start, h)
    expected = claim.explanation.recompute(query.alg, claim.domain.named(base.x), bits)
    assignment = query.find(query.alg.negate(agree(query.alg, shown, tie, expected)))
    if assignment is None:
        return Finding(Proved("z3", 1))
    return Finding(Refuted(_run(query, assignment, base, plan, sources)))


def _influence(query: Query, claim: Claim, plan: Plan) -> Finding:
    base, outputs = query.copy(""), Compared(outputs=True)
    before, _ = readings(query.alg, claim, outputs, plan.layer, query.activations(base, plan.layer))
    written = _write(query, claim, plan, base)
    after, tie = readings(query.alg, claim, outputs, plan.layer, written.h)
    assignment = query.find(changed(query.alg, before, after, tie))
    if assignment is None:
        return Finding(Refuted(Idle(plan.features[0], "z3")))
    return Finding(Proved("z3", 1), witness=_run(query, assignment, base, plan, written.sources))


def _mediation(query: Query, obligation: Mediation) -> Finding:
    missed = []
    for unit, row in obligation.targets:
        v = _direction(query.limits, obligation.rows.C, row)
        if v is not None:
            missed.append((unit, row, v))
    for unit, row, v in missed:
        pair = _pair(query, obligation, row)
        if pair is not None:
            return Finding(Refuted(Direction(obligation.rows.layer, v, unit, pair)))
    if missed:
        unit, _, v = missed[0]
        return Finding(Refuted(Direction(obligation.rows.layer, v, unit, None)))
    return Finding(Proved("z3", 1))


def _direction(limits: Limits, rows: Sequence[Row], target: Row) -> Row | None:
    """Return v with rows·v = 0 and target·v ≠ 0, or None when there is none."""
    v = [z3.Real(f"v{i}") for i in range(len(target))]
    solver = limited(z3.Solver(), limits)

    def product(row: Row) -> Any:
        return z3.Sum([z3.Q(*c.as_integer_ratio()) * x for c, x in zip(row, v, strict=True)])

    solver.add(*(product(row) == 0 for row in rows), product(target) == 1)
    answer = solver.check()
    if answer == z3.unsat:
        return None
    if answer != z3.sat:
        raise UndecidedError(reason(solver, limits))
    found = [solver.model().eval(x, model_completion=True).as_fraction() for x in v]
    return direction([Fraction(value.numerator, value.denominator) for value in found])


def _pair(query: Query, obligation: Mediation, row: Row) -> tuple[Bits, Bits] | None:
    """Return two inputs the readouts cannot tell apart and `row` can, or None."""
    pair = Query(query.network, query.domain, query.limits, query.alg.encoding)
    a, b = pair.copy("first "), pair.copy("second ")
    place = obligation.rows.layer
    h = [*pair.activations(a, place), *pair.activations(b, place)]

    def same(r: Row) -> Any:
        return pair.alg.equal(pair.alg.affine([*r, *(-c for c in r)], h, Fraction(0)), Fraction(0))

    for r in obligation.rows.C:
        pair.solver.add(same(r))
    assignment = pair.find(pair.alg.negate(same(row)))
    if assignment is None:
        return None
    assignment = pair.least(assignment, [*a.x, *b.x])
    return pair.value(assignment, a.x), pair.value(assignment, b.x)
