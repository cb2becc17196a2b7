"""Single readouts of a layer → the functions that can be read from it, simplest first."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations

import numpy as np

from verifier.arrays import Array
from verifier.engine.enumeration.cuts import CutStage
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.gaps import cut_at
from verifier.engine.enumeration.listing import Listing
from verifier.engine.enumeration.stage import Stage
from verifier.engine.enumeration.thresholds import rows_of
from verifier.engine.suggest.rank import BUDGET, weight
from verifier.formula import parse, show
from verifier.readout import Threshold, show_site
from verifier.shortest import proved_shortest, shortest, size
from verifier.space import Readouts

#: Bits that all functions of a layer may have together, to be counted.
MAX_BITS = 2**28

Place = tuple[Fraction, str]


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

    There are `functions` of them (None: too many to count). Where these are too many to find all formulas,
    those that are formulas of one or two inputs are here alone (`small`). `readouts` says how they are read.
    """

    items: tuple[Candidate, ...] = ()
    functions: int | None = 0
    small: bool = False
    readouts: Readouts = "linear"


def linear(listing: Listing) -> Candidates:
    """Return the functions of a list of single features.

    Raises:
        UndecidedError: the inputs are too many to tell formulas.
    """
    stage, texts = listing.stage, [item.features[0] for item in listing]
    if stage is None or not texts:
        return Candidates()
    lightest: dict[bytes, Place] = {}
    functions: dict[bytes, Array] = {}
    for text, bits in zip(texts, stage.functions(texts), strict=True):
        read = weight(text), text
        lightest[bits.tobytes()] = min(lightest.get(bits.tobytes(), read), read)
        functions[_key(bits)] = bits
    describer = Describer(stage)

    def place(bits: Array) -> Place | None:
        found = lightest.get(bits.tobytes())
        return None if found is None else (found[0], describer.readout(found[1]))

    small = len(functions) * len(stage.points[0]) > BUDGET
    items = _ranked(stage, _small(stage) if small else functions.values(), place)
    return Candidates(items, len(functions), small)


def compared(stage: CutStage) -> Candidates:
    """Return the functions that are read by comparing a row of the box, or its negative, with a number.

    Raises:
        UndecidedError: the rows or the inputs are too many, values are too close, or the time is up.
    """
    rows = sorted(rows_of(stage), key=lambda row: (sum(map(abs, row)), row))
    ladders = [stage.ladder(row) for row in rows]
    ranks = np.array([ladder.place for ladder in ladders], dtype=np.int64).reshape(len(rows), stage.n_rows)
    functions: dict[bytes, Array] = {}
    countable = sum(len(ladder.values) for ladder in ladders) * stage.n_rows <= MAX_BITS
    for ladder, rank in zip(ladders, ranks, strict=True) if countable else ():
        stage.tick()
        for gap in range(len(ladder.values) - 1):
            functions.setdefault(_key(rank > gap), rank > gap)

    def place(bits: Array) -> Place | None:
        """Return the first row with all values at ones above those at zeros, or all below."""
        ones, zeros = ranks[:, bits], ranks[:, ~bits]
        above, below = zeros.max(axis=1) < ones.min(axis=1), ones.max(axis=1) < zeros.min(axis=1)
        if not (above | below).any():
            return None
        i = int((above | below).argmax())
        gap = int((zeros if above[i] else ones)[i].max())
        site = Threshold(stage.place, rows[i], ">" if above[i] else "<=", cut_at(stage, rows[i], gap))
        return sum(map(abs, rows[i]), Fraction(0)), show_site(site, stage.network)

    small = not countable or len(functions) * len(stage.points[0]) > BUDGET
    items = _ranked(stage, _small(stage) if small else functions.values(), place)
    return Candidates(items, len(functions) if countable else None, small, "threshold")


def _ranked(
    stage: Stage, functions: Iterable[Array], place: Callable[[Array], Place | None]
) -> tuple[Candidate, ...]:
    """Return the candidates of those functions, or else of their complements, that have a place."""
    points, index = stage.points
    inputs = stage.domain.inputs
    found = {}
    for bits in functions:
        if _key(bits) in found:
            continue
        read = [(one, at) for one in (bits, ~bits) if (at := place(one)) is not None]
        gates = [(shortest(points, one[index], inputs), at) for one, at in read]
        if gates:
            found[_key(bits)] = min((size(gate), at[0], show(gate), at[1]) for gate, at in gates)
    return tuple(
        Candidate(gate, place, load, proved_shortest(points, inputs, parse(gate)))
        for _, load, gate, place in sorted(found.values())
    )


def _key(bits: Array) -> bytes:
    """Return what a function has in common with its complement alone."""
    return np.packbits(bits ^ bits[0]).tobytes()


def _small(stage: Stage) -> Iterator[Array]:
    """Yield the functions of the rows that are formulas of one or two inputs, and not constant."""
    points, index = stage.points
    _, first = np.unique(index, return_index=True)
    columns = list(points.T)
    pairs = (gate for a, b in combinations(columns, 2) for gate in (a & b, a & ~b, ~a & b, ~a & ~b, a ^ b))
    for bits in chain(columns, pairs):
        told = bits[first]
        if told.any() and not told.all() and (told[index] == bits).all():
            yield told
