"""Claim and facts → the claim with only these facts known of its network: the rest could be anything.

The facts of a network are its units ("h2 is the activation of its sum", bias included) and its non-zero
weights ("the sum of y has the term -2·h3"); one more fact is that inputs are in the domain. Without its fact,
in every run of the network anew (a base, and each donor with all it supplies, is one run),

- a unit has any value that its activation has at all: 0 or 1 for a step, any number from 0 on for a relu;
- a term -2·h3 is -2 times any such value of h3, or of any bit for an input. Activations that were written,
  and those of identity units, could be any number: without such a term the unit has any value;
- inputs are any bits.

More facts leave fewer possibilities, so what follows from some facts follows from more. A unit whose z = 0 is
a tie that the network refuses may have any of its values there: that no unit ties is not traced. Encoding,
readouts, writes, decoding and gates are the claim itself, and always there.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, assert_never

from verifier import symbolic
from verifier.algebra import RATIONALS, Algebra, B, S
from verifier.checks import Agreement
from verifier.claim import Claim, Compared
from verifier.domain import Bits, Domain
from verifier.errors import InternalError
from verifier.network import ONE, ZERO, Activation, Layer, Network
from verifier.readout import Linear, Threshold
from verifier.sums import Sum
from verifier.verdict import Share


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One fact of a claim about a network; `unit` and `source` (a unit or an input) are names."""

    kind: Literal["unit", "weight", "domain"]
    unit: str = ""
    source: str = ""


DOMAIN = Fact("domain")


@dataclass(frozen=True, slots=True)
class Span:
    """The values an activation can have: `low` to `high`, None for no end; with `two`, these two alone."""

    low: Fraction | None = None
    high: Fraction | None = None
    two: bool = False

    @property
    def endless(self) -> bool:
        """Whether it is all numbers."""
        return self.low is None and self.high is None


def span(activation: Activation) -> Span:
    """Return the values an exact activation has over all numbers."""
    match activation.kind:
        case "step":
            return Span(ZERO, ONE, two=True)
        case "sign":
            return Span(-ONE, ONE, two=True)
        case "identity":
            return Span()
        case "relu":
            return Span(ZERO)
        case "leaky_relu":
            return Span() if (activation.slope or ZERO) > 0 else Span(ZERO)
        case "hard_tanh":
            return Span(-ONE, ONE)
        case "clip":
            return Span(activation.low, activation.high)
        case "sigmoid" | "tanh":
            raise InternalError(f"the facts of a {activation.kind} are not traced")
        case _:
            assert_never(activation.kind)


def facts(network: Network, domain: Domain) -> dict[Fact, Fraction]:
    """Return all facts, layer by layer, with the size of each weight."""
    found = {} if domain.where is None and domain.rows is None else {DOMAIN: ZERO}
    below: Sequence[str] = domain.inputs
    for layer in network.layers:
        for unit, row in zip(layer.units, layer.W, strict=True):
            found[Fact("unit", unit)] = ZERO
            found |= {Fact("weight", unit, source): abs(w) for w, source in zip(row, below, strict=True) if w}
        below = layer.units
    return found


class Query(symbolic.Query):
    """A question about symbolic inputs where only some facts are known."""

    def __init__(self, network: Network, domain: Domain, *options: Any) -> None:
        super().__init__(network, domain, *options)
        self.network = _relaxed(self, network)
        self.broken: list[Any] = []
        self._count = 0

    @abstractmethod
    def given(self, fact: Fact) -> Any:
        """Return the bit that says whether a fact is known."""

    @abstractmethod
    def number(self, name: str) -> Sum:
        """Return a fresh free number."""

    def inside(self, x: Sequence[Any]) -> Any:
        return self._if_given([DOMAIN], super().inside(x))

    def hold(self, needed: Iterable[Fact], condition: Any) -> None:
        """Restrict the assignments to those with the condition true, if the facts needed are known."""
        self.assume(self._if_given(needed, condition))

    def break_without(self, needed: Iterable[Fact]) -> None:
        """The claim fails unless these facts are known: what it reads could be any number."""
        self.broken += [self.alg.negate(self.given(fact)) for fact in needed]

    def free(self, among: Span) -> Sum:
        """Return a fresh free number of a span."""
        self._count += 1
        name = f"free {self._count}"
        if among.two and among.low is not None and among.high is not None:
            return self.alg.choose(self.bit(name), among.high, among.low)
        value = self.number(name)
        if among.low is not None:
            below = self.alg.affine([-ONE], [value], ZERO)
            self.assume(self.alg.negate(self.alg.greater(below, -among.low)))
        if among.high is not None:
            self.assume(self.alg.negate(self.alg.greater(value, among.high)))
        return value

    def _if_given(self, needed: Iterable[Fact], condition: Any) -> Any:
        return self.alg.disjoin([*(self.alg.negate(self.given(fact)) for fact in needed), condition])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relaxed(Layer):
    """A layer of which a query knows some facts; it has no ties.

    `sources` are the names of what it reads and `among` their values; `read`, of the last layer, the units
    that the claim reads directly, None elsewhere.
    """

    query: Query
    sources: tuple[str, ...]
    among: Span
    read: frozenset[int] | None

    def preactivations(self, alg: Algebra[B, S], h: Sequence[S]) -> list[S]:
        return [
            alg.affine(row, [self._carried(alg, i, j, value) for j, value in enumerate(h)], offset)
            for i, (row, offset) in enumerate(zip(self.W, self.b, strict=True))
        ]

    def _carried(self, alg: Any, i: int, j: int, value: Any) -> Any:
        """Return the value that unit i takes source j to have."""
        if self.among.endless or not self.W[i][j]:
            return value
        taken = self.query.free(self.among)
        self.query.hold([Fact("weight", self.units[i], self.sources[j])], _equal(alg, taken, value))
        return taken

    def tied(self, alg: Algebra[B, S], z: Sequence[S]) -> B:
        return alg.bit(False)

    def activations(self, alg: Algebra[B, S], z: Sequence[S]) -> list[S]:
        return [self._activation(alg, i, value) for i, value in enumerate(z)]

    def _activation(self, alg: Any, i: int, z: Any) -> Any:
        unit, values = self.units[i], span(self.activation)
        needed = [Fact("unit", unit)]
        if self.among.endless:
            terms = zip(self.W[i], self.sources, strict=True)
            needed += [Fact("weight", unit, source) for w, source in terms if w]
        computed = self.activation.apply(alg, z)
        if self.read is not None and values.endless:
            if i in self.read:
                self.query.break_without(needed)
            return computed
        value = self.query.free(values)
        right = _equal(alg, value, computed)
        if self.activation.refuses_ties:
            right = alg.disjoin([right, alg.equal(z, ZERO)])
        self.query.hold(needed, right)
        return value


def _equal(alg: Any, a: Any, b: Any) -> Any:
    return alg.equal(alg.affine([ONE, -ONE], [a, b], ZERO), ZERO)


def _relaxed(
    query: Query, network: Network, written: int | None = None, read: frozenset[int] | None = None
) -> Network:
    """Return the network as a query knows it, the activations at place `written` being any numbers."""
    layers: list[Layer] = []
    low, high = sorted((query.domain.low, query.domain.high))
    sources, among = query.domain.inputs, Span(low, high, two=True)
    for place, layer in enumerate(network.layers, start=1):
        layers.append(
            _Relaxed(
                layer.name,
                layer.W,
                layer.b,
                layer.activation,
                layer.units,
                query=query,
                sources=sources,
                among=Span() if written == place - 1 else among,
                read=read if place == network.depth else None,
            )
        )
        sources, among = layer.units, span(layer.activation)
    return Network(layers)


def fails(query: Query, claim: Claim, stated: Iterable[Agreement]) -> Any:
    """Return the bit that says that a statement fails, from what the query knows of the network."""
    found = []
    for obligation in stated:
        written = obligation.plan.layer if obligation.plan is not None else None
        network = _relaxed(query, claim.network, written, _read(claim, obligation.compared))
        found.append(
            query.alg.negate(symbolic.case(query, replace(claim, network=network), obligation).holds)
        )
    return query.alg.disjoin([*found, *query.broken])


def _read(claim: Claim, compared: Compared) -> frozenset[int]:
    """Return the units of the last layer that what is compared reads."""
    depth = claim.network.depth
    named = [claim.explanation.feature(name).site for name in compared.features]
    sites = [*named, *(output.site for output in claim.decoding.outputs if compared.outputs)]
    rows = [s.row for s in sites if isinstance(s, Linear | Threshold) and s.layer == depth]
    return frozenset(i for row in rows for i, c in enumerate(row) if c)


def two_valued(network: Network, stated: Iterable[Agreement]) -> bool:
    """Return whether all that is ever free is one of two numbers."""
    spans = [span(layer.activation) for layer in network.layers]
    last_written = any(o.plan is not None and o.plan.layer == network.depth for o in stated)
    needed = spans if last_written or not spans[-1].endless else spans[:-1]
    return all(values.two for values in needed)


class Replay(Query):
    """The same question with every free bit and number looked up, exactly: one case, in rationals."""

    rests_on = "table"
    alg: Any = RATIONALS

    def __init__(
        self,
        network: Network,
        domain: Domain,
        known: Collection[Fact],
        bits: Callable[[str], bool],
        numbers: Callable[[str], Fraction],
    ) -> None:
        super().__init__(network, domain)
        self.known, self.bits, self.numbers = known, bits, numbers
        self.possible = True

    def given(self, fact: Fact) -> bool:
        return fact in self.known

    def bit(self, name: str) -> bool:
        return self.bits(name)

    def number(self, name: str) -> Any:
        return self.numbers(name)

    def assume(self, condition: Any) -> None:
        self.possible = self.possible and condition

    def solve(self, condition: Any, bits: Sequence[Any], least: bool = True) -> Bits | None:
        return tuple(bits) if self.possible and condition else None

    def share(self, holds: Any) -> Share | None:
        return None
