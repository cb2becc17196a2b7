"""List of explanations → its classes, simplest first.

**Simplicity** compares, in this order: whether an explanation only restates the outputs (each of them is one
of its features, or the complement of one: that says where an output is read, not how it comes about); the
number of features; literals, operators and parentheses of all its formulas, those of the outputs included
(see `verifier.shortest`); the sum of the absolute coefficients of its readouts. What is left is settled by
the texts of the formulas, and by the order of the list last of all. Explanations that differ by complementing
features are a class; the simplest of them stands for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np

from verifier.certificate import parse_feature
from verifier.checks import Check
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.listing import Found, Listing
from verifier.engine.enumeration.stage import Stage
from verifier.engine.suggest.written import Written
from verifier.explanation import Explanation
from verifier.formula import parse
from verifier.shortest import proved_shortest, shortest, size

#: Functions times inputs for which all formulas are found (seconds). Beyond, formulas do not count.
BUDGET = 2**18


class Simplicity(NamedTuple):
    """What is compared, in order: less is simpler. Where formulas do not count, their sizes are 0."""

    restates: bool
    features: int
    literals: int
    operators: int
    parentheses: int
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Ranked:
    """The simplest explanation of a class of so many members; which checks of it were proved, and refuted.

    `alike` counts the classes with the same formulas, read otherwise, this one included.
    """

    explanation: Explanation
    simplicity: Simplicity
    members: int
    alike: int = 1
    proved: tuple[Check, ...] = ()
    refuted: tuple[Check, ...] = ()

    @property
    def gates(self) -> tuple[str, ...]:
        """Its formulas."""
        return tuple(f"{feature.name}: {feature.gate}" for feature in self.explanation.features)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The classes of a list by simplicity, the first of them in full.

    `restating` counts the classes that only restate the outputs. `formulas` says whether formulas count, and
    `shortest` whether all that do are proved to be the shortest.
    """

    ranked: tuple[Ranked, ...] = ()
    restating: int = 0
    formulas: bool = True
    shortest: bool = True


def rank(listing: Listing, most: int, written: Written = shortest) -> Ranking:
    """Return the simplest classes of a list, `most` of them in full, of different formulas if possible.

    Functions are told by the formulas that are `written` of them.

    Raises:
        UndecidedError: the inputs are too many to tell formulas.
    """
    stage, texts = listing.stage, sorted({text for item in listing for text in item.features})
    if stage is None or not texts:
        return Ranking()
    points, inputs = stage.points[0], stage.domain.inputs
    formulas = len(texts) * len(points) <= BUDGET
    measure = _Measure(stage, listing, texts, formulas, written)
    members: dict[int, list[int]] = {}
    for number, group in enumerate(listing.groups):
        members.setdefault(group, []).append(number)
    best = sorted(min(map(measure.key, numbers)) for numbers in members.values())
    alike: dict[tuple[object, ...], list[int]] = {}
    for i, (_, names, number) in enumerate(best):
        key = (*names, *listing.items[number].output) if formulas else (i,)
        alike.setdefault(key, []).append(i)
    first = {some[0]: len(some) for some in alike.values()}
    chosen = sorted([*first, *(i for some in alike.values() for i in some[1:])][:most])
    told = tuple(
        Ranked(
            measure.describer.explanation(measure.ordered(listing.items[number]), f"simple{i}"),
            simplicity,
            len(members[listing.groups[number]]),
            first.get(place, 1),
        )
        for i, place in enumerate(chosen, start=1)
        for simplicity, _, number in best[place : place + 1]
    )
    gates = map(measure.gate, texts) if formulas else ()
    proved = all(proved_shortest(points, inputs, parse(gate)) for gate in gates)
    return Ranking(told, sum(simplicity.restates for simplicity, _, _ in best), formulas, formulas and proved)


class _Measure:
    """How simple the explanations of a list are; every feature and every output gate is measured once."""

    def __init__(
        self, stage: Stage, listing: Listing, texts: Sequence[str], formulas: bool, written: Written
    ) -> None:
        self.listing, self.formulas = listing, formulas
        self.describer = Describer(stage, written)
        self.echoes, self.outputs = echoes(stage, listing.items[0], texts)
        self.size = cache(lambda gate: size(parse(gate)))
        self.weight = cache(weight)

    def gate(self, text: str) -> str:
        """Return a feature as a formula."""
        gate = self.describer.gate(text)
        assert gate is not None  # the inputs are listed
        return gate

    def ordered(self, found: Found) -> Found:
        """Return an explanation with its features by their formulas, not by the numbers of units."""
        if not self.formulas:
            return found
        k = len(found.features)
        gates = {text: (self.size(self.gate(text)), self.gate(text)) for text in found.features}
        order = sorted(range(k), key=lambda j: gates[found.features[j]])
        places = [
            sum((u >> (k - 1 - i) & 1) << (k - 1 - j) for i, j in enumerate(order)) for u in range(2**k)
        ]
        outputs = ("".join(table[place] for place in places) for table in found.output)
        return Found(tuple(found.features[j] for j in order), tuple(outputs))

    def key(self, number: int) -> tuple[Simplicity, list[str], int]:
        """Return what an explanation of the list is sorted by."""
        found = self.ordered(self.listing.items[number])
        gates = list(map(self.gate, found.features)) if self.formulas else []
        outputs = self.describer.output_gates(found).values() if self.formulas else ()
        sizes = zip(*map(self.size, (*gates, *outputs)), strict=True)
        literals, operators, parentheses = map(sum, sizes) if self.formulas else (0, 0, 0)
        simplicity = Simplicity(
            self.outputs <= frozenset[int]().union(*map(self.echoes.__getitem__, found.features)),
            len(found.features),
            literals,
            operators,
            parentheses,
            sum(map(self.weight, found.features), Fraction(0)),
        )
        return simplicity, gates, number


def weight(text: str) -> Fraction:
    """Return the sum of the absolute coefficients of a readout."""
    return sum(map(abs, parse_feature(text)[0]), Fraction(0))


def echoes(
    stage: Stage, found: Found, texts: Sequence[str]
) -> tuple[dict[str, frozenset[int]], frozenset[int]]:
    """Return which outputs each feature is, up to complement, and which outputs are not constant.

    An explanation tells what the outputs are on the rows of the layer.
    """
    functions = dict(zip(texts, stage.functions(texts), strict=True))
    k = len(found.features)
    index = sum(functions[text].astype(np.int64) << (k - 1 - j) for j, text in enumerate(found.features))
    outputs = [np.array([bit == "1" for bit in table])[index] for table in found.output]
    moving = frozenset(o for o, output in enumerate(outputs) if output.any() and not output.all())
    same = {
        text: frozenset(o for o in moving if (outputs[o] ^ bits).all() or (outputs[o] == bits).all())
        for text, bits in functions.items()
    }
    return same, moving
