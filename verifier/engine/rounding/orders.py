"""Inputs → an evaluation in floats that decides otherwise than the exact one, if a search finds any.

Each of the orders below is applied to every sum of the network; a counterexample says which order each sum
had, so that following it needs none of this.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from verifier.algebra import RATIONALS
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.engine.rounding.decisions import decided
from verifier.engine.rounding.floats import Floats, UnspecifiedError, terms
from verifier.engine.rounding.format import Format, Number
from verifier.network import Network
from verifier.verdict import Rounding, Summation

SHUFFLES = 12

Term = tuple[int, Number]  # the number of a term and its rounded value
Arrange = Callable[[list[Term]], list[Term]]


def _by(key: Callable[[Number], Number | bool]) -> Arrange:
    return lambda found: sorted(found, key=lambda term: key(term[1]))


def _size(value: Number) -> Number:
    return value if value >= 0 else -value


def _shuffled(seed: int) -> Arrange:
    return lambda found: Random(seed).sample(found, len(found))


ARRANGEMENTS: tuple[Arrange, ...] = (
    lambda found: found,
    lambda found: found[-1:] + found[:-1],  # the offset first, where there is one
    lambda found: found[::-1],
    _by(_size),
    _by(lambda value: -_size(value)),
    _by(lambda value: value < 0),
    _by(lambda value: value > 0),
    *map(_shuffled, range(SHUFFLES)),
)


@dataclass(frozen=True, slots=True)
class Order:
    """How to arrange the terms of a sum, and how to add them then."""

    arrange: Arrange
    tree: bool = False
    fma: bool = False


ORDERS = tuple(
    Order(arrange, tree, fma)
    for tree, fma in ((False, False), (False, True), (True, False))
    for arrange in ARRANGEMENTS
)


class Ordered(Floats):
    """Every sum in one kind of order; notes what that was."""

    def __init__(self, form: Format, order: Order) -> None:
        super().__init__(form)
        self.order = order
        self.sums: list[Summation] = []

    def affine(self, row: Sequence[Fraction], values: Sequence[Number], offset: Fraction) -> Number:
        form = self.form
        weights = [self.number(w) for w in (*row, offset)]
        factors: list[Number] = [*values, Fraction(1)]
        found = [(i, form.multiply(weights[i], factors[i])) for i in terms(row, offset)]
        arranged = self.order.arrange(found)
        self.sums.append(Summation(tuple(i for i, _ in arranged), self.order.tree, self.order.fma))
        if self.order.tree:
            return _in_pairs(form, [value for _, value in arranged])
        total: Number = Fraction(0)
        for i, value in arranged:
            fused = self.order.fma and i < len(row)
            total = form.fma(weights[i], factors[i], total) if fused else form.add(total, value)
        return total


def _in_pairs(form: Format, values: list[Number]) -> Number:
    while len(values) > 1:
        left = values[-1:] if len(values) % 2 else []
        values = [form.add(a, b) for a, b in zip(values[::2], values[1::2], strict=False)] + left
    return values[0] if values else Fraction(0)


def search(
    form: Format, network: Network, domain: Domain, decoding: Decoding, inputs: Sequence[Bits], work: int
) -> Rounding | None:
    """Return a counterexample at one of the inputs; None when no order tried in `work` products is one."""
    for x in inputs:
        exact = list(decided(RATIONALS, network, decoding, domain, x))
        for order in ORDERS:
            alg = Ordered(form, order)
            found = _first_change(alg, exact, decided(alg, network, decoding, domain, x), x)
            if found is not None:
                return found
            work -= sum(len(made.order) for made in alg.sums)
            if work < 0:
                return None
    return None


def _first_change(
    alg: Ordered,
    exact: Sequence[tuple[str, int, Fraction, tuple[bool, ...]]],
    computed: Iterator[tuple[str, int, Number, tuple[bool, ...]]],
    x: Bits,
) -> Rounding | None:
    try:
        for (name, place, value, bits), (_, _, rounded, got) in zip(exact, computed, strict=True):
            if bits != got:
                made = tuple(alg.sums)
                return Rounding(alg.form.name, x, name, place, value, rounded, made, len(made) - 1)
    except UnspecifiedError:
        pass
    return None
