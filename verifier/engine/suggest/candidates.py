"""List of single features → the functions that can be read from a layer, simplest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations

import numpy as np

from verifier.arrays import Array
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.listing import Listing
from verifier.engine.enumeration.stage import Stage
from verifier.engine.suggest.rank import BUDGET, weight
from verifier.formula import parse, show
from verifier.shortest import proved_shortest, shortest, size


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function that can be read: its formula, the place as a spec writes it, and Σ|coefficients|.

    `shortest` says that no shorter formula is right on the domain.
    """

    gate: str
    place: str
    weight: Fraction
    shortest: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """Functions readable at a layer, of each function and its complement the simpler one.

    There are `functions` of them. Where these are too many to find all formulas, those that are formulas of
    one or two inputs are here alone (`small`).
    """

    items: tuple[Candidate, ...] = ()
    functions: int = 0
    small: bool = False


def candidates(listing: Listing) -> Candidates:
    """Return the functions of a list of single features, by their formulas, then by their lightest readouts.

    Raises:
        UndecidedError: the inputs are too many to tell formulas.
    """
    stage, texts = listing.stage, [item.features[0] for item in listing]
    if stage is None or not texts:
        return Candidates()
    points, index = stage.points
    lightest: dict[bytes, tuple[Fraction, str]] = {}
    functions: dict[bytes, Array] = {}  # each with bit 0 at the first row
    for text, bits in zip(texts, stage.functions(texts), strict=True):
        read, one = (weight(text), text), bits ^ bits[0]
        lightest[bits.tobytes()] = min(lightest.get(bits.tobytes(), read), read)
        functions[one.tobytes()] = one
    small = len(functions) * len(points) > BUDGET
    chosen = {one.tobytes() for one in _small(stage)} & functions.keys() if small else functions.keys()
    describer, inputs = Describer(stage), stage.domain.inputs
    found = []
    for one in map(functions.__getitem__, chosen):
        gates = [
            (size(gate), load, show(gate), text)
            for bits in (one, ~one)
            if bits.tobytes() in lightest
            for gate, (load, text) in [(shortest(points, bits[index], inputs), lightest[bits.tobytes()])]
        ]
        found.append(min(gates))
    items = tuple(
        Candidate(gate, describer.readout(text), load, proved_shortest(points, inputs, parse(gate)))
        for _, load, gate, text in sorted(found)
    )
    return Candidates(items, len(functions), small)


def _small(stage: Stage) -> Iterator[Array]:
    """Yield the functions of the rows that are formulas of one or two inputs, with bit 0 at the first row."""
    points, index = stage.points
    _, first = np.unique(index, return_index=True)
    columns = list(points.T)
    pairs = (gate for a, b in combinations(columns, 2) for gate in (a & b, a & ~b, ~a & b, ~a & ~b, a ^ b))
    for bits in chain(columns, pairs):
        told = bits[first]
        if (told[index] == bits).all():
            yield told ^ told[0]
