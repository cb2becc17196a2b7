"""Single readouts of a layer → the functions that can be read from it, simplest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, combinations, islice
from typing import NamedTuple

import numpy as np

from verifier.arrays import Array, integers
from verifier.balls.reals import estimate
from verifier.certificate import parse_feature
from verifier.engine.enumeration.cuts import CutStage
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.gaps import cut_at
from verifier.engine.enumeration.listing import Listing
from verifier.engine.enumeration.stage import Stage
from verifier.engine.suggest.rank import BUDGET, weight
from verifier.engine.suggest.written import Written
from verifier.formula import parse, show
from verifier.network import Row
from verifier.readout import Threshold, show_site
from verifier.shortest import proved_shortest, shortest, size
from verifier.space import Readouts, Space

#: Bits that all functions of a layer may have together, to be counted.
MAX_BITS = 2**28

#: Functions that are kept for near misses.
MOST_POOLED = 1024
#: Gaps of one form, the widest, that are looked at one by one.
MOST_GAPS = 8


class Place(NamedTuple):
    """Where a function is read: the coefficients, the place as a spec writes it, and the margin.

    The margin is the part of the range of the form that the gap takes, about; of what equals a bit it is 1.
    """

    row: Row
    text: str
    margin: float = 1.0

    @property
    def weight(self) -> Fraction:
        """Σ|coefficients|."""
        return sum(map(abs, self.row), Fraction(0))

    @property
    def units(self) -> int:
        """How many units are read."""
        return sum(map(bool, self.row))


Option = tuple[Array, Place]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function that can be read: its formula, the place as a spec writes it, and Σ|coefficients|.

    `shortest` says that no shorter formula is right on the domain. `name` is that of the output which the
    function is, after a ~ that of its complement; `unit` is the unit that it was told of.
    """

    gate: str
    place: str
    weight: Fraction
    shortest: bool
    name: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Functions readable at a layer, of each function and its complement the simpler one.

    There are `functions` of them (None: too many to count). First come the outputs, then one function of
    each unit, the one with the shortest formula among the widest gaps; then the others by units read, length
    and margin. Where these are too many to find all formulas, the widest gaps of units and those that are
    formulas of one or two inputs are there alone (`small`). `readouts` says how they are read. `pool` holds
    functions of the rows of the layer with their places, those of small coefficients first.
    """

    items: tuple[Candidate, ...] = ()
    functions: int | None = 0
    small: bool = False
    readouts: Readouts = "linear"
    pool: tuple[Option, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Readable:
    """The functions a layer holds by one kind of readouts, and the readouts up to sign (F x m).

    `nothing` is their list, if it is empty: that of sets of them, within the same bounds, is the same.
    """

    candidates: Candidates
    stage: Stage | None
    rows: Array
    nothing: Listing | None = None

    @classmethod
    def of(cls, candidates: Candidates, stage: Stage | None, rows: Sequence[Row], m: int) -> "Readable":
        """Return the functions with whole rows over m units."""
        whole = np.array([[int(c) for c in row] for row in rows], dtype=object).reshape(len(rows), m)
        return cls(candidates, stage, integers(whole, int(np.abs(whole).max(initial=0))))

    @property
    def width(self) -> int:
        """The number of units of the layer."""
        return int(self.rows.shape[1])

    def within(self, space: Space) -> Array:
        """Return the readouts in the bounds of a space."""
        if space.coefficients is None:
            return self.rows
        low, high = space.coefficients
        fits = ((self.rows >= low) & (self.rows <= high)).all(axis=1)
        return np.asarray(self.rows[fits | ((-self.rows >= low) & (-self.rows <= high)).all(axis=1)])


def linear(listing: Listing, outputs: Mapping[str, Array], written: Written = shortest) -> Candidates:
    """Return the functions of a list of single features; `outputs` hold bits for every input.

    Raises:
        UndecidedError: the inputs are too many to tell formulas.
    """
    stage, texts = listing.stage, [item.features[0] for item in listing]
    if stage is None or not texts:
        return Candidates()
    lightest: dict[bytes, tuple[Fraction, str]] = {}
    functions: dict[bytes, Array] = {}
    alone: dict[str, list[Array]] = {}
    for text, bits in zip(texts, stage.functions(texts), strict=True):
        read = weight(text), text
        lightest[bits.tobytes()] = min(lightest.get(bits.tobytes(), read), read)
        functions[_key(bits)] = bits
        used = [unit for unit, c in zip(stage.units, parse_feature(text)[0], strict=True) if c]
        if len(used) == 1:
            alone.setdefault(used[0], []).append(bits)
    describer = Describer(stage)

    def place(bits: Array) -> Place | None:
        found = lightest.get(bits.tobytes())
        if found is None:
            return None
        return Place(parse_feature(found[1])[0], describer.readout(found[1]))

    small = len(functions) * len(stage.points[0]) > BUDGET
    units = {
        unit: [(bits, at) for bits in alone.get(unit, ()) if (at := place(bits))] for unit in stage.units
    }
    items = _told(stage, _small(stage) if small else functions.values(), place, outputs, units, written)
    pool = [(bits, at) for bits in functions.values() for at in [place(bits)] if at is not None]
    pool.sort(key=lambda option: (option[1].weight, option[1].text))
    return Candidates(items, len(functions), small, pool=tuple(pool[:MOST_POOLED]))


def compared(
    stage: CutStage, rows: Sequence[Row], outputs: Mapping[str, Array], written: Written = shortest
) -> Candidates:
    """Return the functions that are read by comparing a row of the box, or its negative, with a number.

    Raises:
        UndecidedError: the rows or the inputs are too many, values are too close, or the time is up.
    """
    rows = sorted(rows, key=lambda row: (sum(map(abs, row)), row))
    ladders = [stage.ladder(row) for row in rows]
    ranks = np.array([ladder.place for ladder in ladders], dtype=np.int64).reshape(len(rows), stage.n_rows)
    keys: set[bytes] = set()
    countable = sum(len(ladder.values) for ladder in ladders) * stage.n_rows <= MAX_BITS
    for ladder, rank in zip(ladders, ranks, strict=True) if countable else ():
        stage.tick()
        keys.update(map(bytes, _keys(rank > np.arange(len(ladder.values) - 1)[:, None])))

    def at(i: int, gap: int, op: str) -> Place:
        values = ladders[i].values
        low, high, least, most = map(estimate, (values[gap], values[gap + 1], values[0], values[-1]))
        site = Threshold(stage.place, rows[i], op, cut_at(stage, rows[i], gap))  # type: ignore[arg-type]
        return Place(rows[i], show_site(site, stage.network), (high - low) / (most - least))

    def place(bits: Array) -> Place | None:
        """Return the first row with all values at ones above those at zeros, or all below."""
        ones, zeros = ranks[:, bits], ranks[:, ~bits]
        above, below = zeros.max(axis=1) < ones.min(axis=1), ones.max(axis=1) < zeros.min(axis=1)
        if not (above | below).any():
            return None
        i = int((above | below).argmax())
        gap = int((zeros if above[i] else ones)[i].max())
        return at(i, gap, ">" if above[i] else "<=")

    def widest(i: int) -> list[int]:
        values = [estimate(value) for value in ladders[i].values]
        return sorted(range(len(values) - 1), key=lambda gap: values[gap] - values[gap + 1])[:MOST_GAPS]

    units: dict[str, list[Option]] = {}
    for i, row in enumerate(rows):
        if sum(map(abs, row)) == 1:
            above = [(ranks[i] > gap, at(i, gap, ">")) for gap in widest(i)]
            below = [(ranks[i] <= gap, at(i, gap, "<=")) for gap in widest(i)]
            units[stage.units[list(map(bool, row)).index(True)]] = [*above, *below]
    small = not countable or len(keys) * len(stage.points[0]) > BUDGET
    functions = (np.unpackbits(np.frombuffer(key, np.uint8), count=stage.n_rows) > 0 for key in sorted(keys))
    items = _told(stage, _small(stage) if small else functions, place, outputs, units, written)
    pool: dict[bytes, Option] = {}
    pairs = ((row, gap) for row in range(len(rows)) for gap in widest(row))
    for i, gap in islice(pairs, 2 * MOST_POOLED):
        pool.setdefault(_key(ranks[i] > gap), (ranks[i] > gap, at(i, gap, ">")))
    pooled = tuple(islice(pool.values(), MOST_POOLED))
    return Candidates(items, len(keys) if countable else None, small, "threshold", pooled)


def _told(
    stage: Stage,
    functions: Iterable[Array],
    place: Callable[[Array], Place | None],
    outputs: Mapping[str, Array],
    units: Mapping[str, Sequence[Option]],
    written: Written,
) -> tuple[Candidate, ...]:
    """Return the candidates, in order: the outputs, one of each unit, and the functions that have a place."""
    points, index = stage.points
    inputs = stage.domain.inputs
    _, first = np.unique(index, return_index=True)

    def both(bits: Array) -> list[_Read]:
        return [read(one, at) for one in (bits, ~bits) if (at := place(one)) is not None]

    def read(bits: Array, at: Place) -> _Read:
        gate = written(points, bits[index], inputs)
        return _Read(size(gate), at, show(gate), _key(bits))

    def candidate(one: _Read, name: str = "", unit: str = "") -> Candidate:
        proved = proved_shortest(points, inputs, parse(one.gate))
        return Candidate(one.gate, one.at.text, one.at.weight, proved, name, unit)

    told, known = [], set()
    for name, every in outputs.items():
        bits = every[first]
        if bits.any() and not bits.all():
            for one, prefix in zip(both(bits), ["" if place(bits) is not None else "~"], strict=False):
                told.append(candidate(one, f"{prefix}{name}"))
                known.add(one.key)
    rest: dict[bytes, _Read] = {}
    for unit, options in units.items():
        alone = (read(*option) for option in options)
        ordered = sorted(alone, key=lambda one: (one.size, -one.at.margin, one.gate))
        fresh = [one for one in ordered if one.key not in known]
        told += [candidate(one, unit=unit) for one in fresh[:1]]
        known |= {one.key for one in fresh[:1]}
        for one in fresh[1:]:
            rest.setdefault(one.key, one)
    for bits in functions:
        if _key(bits) not in known and _key(bits) not in rest and (found := both(bits)):
            rest[_key(bits)] = min(found, key=lambda one: (one.size, one.at.weight, one.gate, one.at.text))
    others = [one for key, one in rest.items() if key not in known]
    others.sort(key=lambda one: (one.at.units, one.size, -one.at.margin, one.at.weight, one.gate))
    return (*told, *map(candidate, others))


class _Read(NamedTuple):
    """A function with its formula and place; `key` is what it has in common with its complement alone."""

    size: tuple[int, int, int]
    at: Place
    gate: str
    key: bytes


def _key(bits: Array) -> bytes:
    """Return what a function has in common with its complement alone."""
    return bytes(_keys(bits[None])[0])


def _keys(functions: Array) -> Array:
    """Return the keys of functions (F x N bits)."""
    return np.packbits(functions ^ functions[:, :1], axis=1)


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
