"""Obligation → finding over symbolic inputs, for whatever answers "is there an assignment": Z3, diagrams.

Inputs, free bits and donor inputs are symbolic bits; the network is run once per copy of its input.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, assert_never

from verifier.algebra import Algebra
from verifier.checks import Agreement, Influence, Mediation, Obligation, Plan
from verifier.claim import Claim, Compared, agree, changed, readings
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.mediation import mediation, unseen
from verifier.network import Network, Row
from verifier.sums import Sum
from verifier.verdict import (
    Finding,
    Idle,
    Proved,
    Refuted,
    RestsOn,
    Run,
    Setting,
    Share,
    Tie,
    UndecidedError,
    Unknown,
)


@dataclass(slots=True)
class Copy:
    """One symbolic input of the domain, with the activations it causes, layer by layer as they are wanted."""

    x: list[Any]
    places: list[list[Sum]] = field(default_factory=list)


class Query(ABC):
    """A question about symbolic inputs of a domain: up to `copies` of them and any number of free bits."""

    rests_on: RestsOn
    alg: Algebra[Any, Sum]

    def __init__(self, network: Network, domain: Domain) -> None:
        self.network, self.domain = network, domain

    @abstractmethod
    def bit(self, name: str) -> Any:
        """Return a fresh free bit."""

    @abstractmethod
    def assume(self, condition: Any) -> None:
        """Restrict the assignments to those with the condition true: a new input is in the domain."""

    @abstractmethod
    def solve(self, condition: Any, bits: Sequence[Any], least: bool = True) -> Bits | None:
        """Return what `bits` are in an assignment with the condition true, or None when there is none.

        With `least`, the smallest they can be, read as a number, as far as the limits allow: what is shown to
        people does not depend on what happened to be found. A query is solved once.

        Raises:
            UndecidedError: no answer within the limits.
        """

    @abstractmethod
    def share(self, holds: Any) -> Share | None:
        """Return how many assignments have the bit true; None if the method does not count."""

    def direction(self, rows: Sequence[Row], target: Row) -> Row | None:
        """Return v with rows·v = 0 and target·v ≠ 0, or None when there is none."""
        return unseen(rows, target)

    def inputs(self, prefix: str) -> list[Any]:
        """Return the bits of a fresh input."""
        return [self.bit(f"{prefix}{name}") for name in self.domain.inputs]

    def inside(self, x: Sequence[Any]) -> Any:
        """Return whether an input is in the domain."""
        where = self.domain.contains(self.alg, self.domain.named(x))
        if self.domain.rows is None:
            return where
        rows = [
            self.alg.conjoin([b if on else self.alg.negate(b) for b, on in zip(x, row, strict=True)])
            for row in self.domain.rows
        ]
        return self.alg.conjoin([where, self.alg.disjoin(rows)])

    def copy(self, prefix: str = "") -> Copy:
        """Return a fresh symbolic input of the domain."""
        x = self.inputs(prefix)
        self.assume(self.inside(x))
        return Copy(x, [self.domain.encode(self.alg, x)])

    def activations(self, copy: Copy, place: int) -> list[Sum]:
        """Return the activations of a copy at a place."""
        while len(copy.places) <= place:
            below = len(copy.places) - 1
            values, _ = self.network.forward(self.alg, below, copy.places[below], below + 1)
            copy.places.append(values)
        return copy.places[place]


Ask = Callable[[int], Query]
"""Returns a new query over so many copies of the input."""


def find_input(ask: Ask) -> Bits | None:
    """Return an input of the domain, or None when it is empty.

    Raises:
        UndecidedError: no answer within the limits.
    """
    query = ask(1)
    x = query.copy().x
    return query.solve(query.alg.bit(True), x, least=False)


def find_outside(ask: Ask, place: int, row: Row, allowed: Sequence[Fraction]) -> Bits | None:
    """Return an input whose activations h at a place give row · h no allowed value, or None.

    Raises:
        UndecidedError: no answer within the limits.
    """
    query = ask(1)
    copy = query.copy()
    value = query.alg.affine(row, query.activations(copy, place), Fraction(0))
    strange = [query.alg.negate(query.alg.equal(value, number)) for number in allowed]
    return query.solve(query.alg.conjoin(strange), copy.x)


def find_inside(ask: Ask, place: int, forms: Sequence[tuple[Row, Fraction]]) -> Bits | None:
    """Return an input whose activations h at a place give row · h + offset ≤ 0 for every form, or None.

    Raises:
        UndecidedError: no answer within the limits.
    """
    query = ask(1)
    copy = query.copy()
    h = query.activations(copy, place)
    above = [query.alg.greater(query.alg.affine(row, h, offset), Fraction(0)) for row, offset in forms]
    return query.solve(query.alg.negate(query.alg.disjoin(above)), copy.x)


def find_ties(ask: Ask, decoding: Decoding) -> list[Tie]:
    """Return the units, and the output, that are undecided on some input, each with one such input.

    Raises:
        UndecidedError: no answer within the limits.
    """
    query = ask(1)
    x, suspects = _suspects(query, decoding)
    if query.solve(query.alg.disjoin([tie for _, _, tie in suspects]), x, least=False) is None:
        return []
    found = []
    for i, (layer, what, _) in enumerate(suspects):
        single = ask(1)
        x, again = _suspects(single, decoding)
        tie = again[i][2]
        tied = single.solve(tie, x, least=False)
        if tied is not None:
            share = single.share(tie)
            found.append(Tie(layer, what, tied, share.held if share is not None else None))
    return found


def _suspects(query: Query, decoding: Decoding) -> tuple[list[Any], list[tuple[str, str, Any]]]:
    """Return a symbolic input and, per (layer, unit) or output, whether it is the first to be undecided."""
    copy = query.copy()
    suspects = []
    decided: list[Any] = []  # what follows a tie means nothing
    for place, layer in enumerate(query.network.layers, start=1):
        if layer.activation.refuses_ties:
            z = layer.preactivations(query.alg, query.activations(copy, place - 1))
            ties = [query.alg.equal(value, Fraction(0)) for value in z]
            for unit, tie in zip(layer.units, ties, strict=True):
                suspects.append((layer.name, unit, query.alg.conjoin([*decided, tie])))
            decided.append(query.alg.negate(query.alg.disjoin(ties)))
    _, undecided = decoding.decode(query.alg, query.activations(copy, query.network.depth))
    suspects.append(("", ", ".join(decoding.names), query.alg.conjoin([*decided, undecided])))
    return copy.x, suspects


def decide(ask: Ask, claim: Claim, obligation: Obligation) -> Finding:
    """Return the verdict on one obligation, with the share of cases that hold where the method counts."""
    try:
        match obligation:
            case Agreement():
                return _agreement(ask, claim, obligation)
            case Influence(plan):
                return _influence(ask, claim, plan)
            case Mediation():
                query = ask(2)
                return mediation(
                    obligation,
                    lambda row: _pair(ask(2), obligation, row),
                    query.direction,
                    query.rests_on,
                )
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


def copies(plan: Plan | None) -> int:
    """Return how many inputs a case of a plan has: the base and the donors."""
    return 1 + len({source for source in (plan.sources if plan else ()) if source is not None})


def _write(query: Query, claim: Claim, plan: Plan, base: Copy) -> Written:
    donors: dict[int, Copy] = {}
    targets: list[Sum] = []
    bits: dict[str, Any] = {}
    sources: list[list[Any]] = []
    for name, source in zip(plan.features, plan.sources, strict=True):
        if source is None:
            bits[name] = query.bit(f"set {name}")
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


def _run(query: Query, condition: Any, base: Copy, plan: Plan | None, sources: list[list[Any]]) -> Run | None:
    """Return the least run with the condition true, or None when there is none."""
    values = query.solve(condition, [*base.x, *(bit for bits in sources for bit in bits)])
    if values is None:
        return None
    n = len(base.x)
    x, rest = values[:n], list(values[n:])
    if plan is None:
        return Run(x)
    settings: list[tuple[str, Setting]] = []
    for name, source, bits in zip(plan.features, plan.sources, sources, strict=True):
        taken, rest = rest[: len(bits)], rest[len(bits) :]
        settings.append((name, taken[0] if source is None else tuple(taken)))
    return Run(x, tuple(settings), plan.layer)


@dataclass(frozen=True, slots=True)
class Case:
    """A symbolic case of an agreement: whether it holds, its input, and what its settings are read from."""

    holds: Any
    base: Copy
    sources: list[list[Any]]


def case(query: Query, claim: Claim, obligation: Agreement) -> Case:
    """Return a symbolic case that stands for all an agreement ranges over."""
    plan = obligation.plan
    base = query.copy()
    if plan is None:
        start, h, bits, sources = 0, query.activations(base, 0), {}, []
    else:
        written = _write(query, claim, plan, base)
        start, h, bits, sources = plan.layer, written.h, written.bits, written.sources
    shown, tie = readings(query.alg, claim, obligation.compared, start, h)
    expected = claim.explanation.recompute(query.alg, claim.domain.named(base.x), bits)
    return Case(agree(query.alg, shown, tie, expected), base, sources)


def _agreement(ask: Ask, claim: Claim, obligation: Agreement) -> Finding:
    query = ask(copies(obligation.plan))
    found = case(query, claim, obligation)
    run = _run(query, query.alg.negate(found.holds), found.base, obligation.plan, found.sources)
    return Finding(Proved(query.rests_on, 1) if run is None else Refuted(run), query.share(found.holds))


def _influence(ask: Ask, claim: Claim, plan: Plan) -> Finding:
    query, outputs = ask(copies(plan)), Compared(outputs=True)
    base = query.copy()
    before, _ = readings(query.alg, claim, outputs, plan.layer, query.activations(base, plan.layer))
    written = _write(query, claim, plan, base)
    after, tie = readings(query.alg, claim, outputs, plan.layer, written.h)
    run = _run(query, changed(query.alg, before, after, tie), base, plan, written.sources)
    if run is None:
        return Finding(Refuted(Idle(plan.features[0], query.rests_on)))
    return Finding(Proved(query.rests_on, 1), witness=run)


def _pair(query: Query, obligation: Mediation, row: Row) -> tuple[Bits, Bits] | None:
    """Return two inputs the readouts cannot tell apart and `row` can, or None."""
    a, b = query.copy("first "), query.copy("second ")
    place = obligation.rows.layer
    h = [*query.activations(a, place), *query.activations(b, place)]

    def same(r: Row) -> Any:
        return query.alg.equal(query.alg.affine([*r, *(-c for c in r)], h, Fraction(0)), Fraction(0))

    alike = query.alg.conjoin([same(r) for r in obligation.rows.C])
    values = query.solve(query.alg.conjoin([alike, query.alg.negate(same(row))]), [*a.x, *b.x])
    return None if values is None else (values[: len(a.x)], values[len(a.x) :])
