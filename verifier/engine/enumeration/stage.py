"""Network, domain, decoding, space → Stage: the rows features are read from, and what reads them.

A linear feature with integer row R and offset d is determined by R and its bit at the first hidden row H_0:
with D_i = den_i (H_i - H_0) it needs R·D_i = den_i (bit_i - bit_0), and then d = bit_0 - R·H_0.

Where the domain has too many distinct rows to hold them all (or was never listed), the rows are a sample that
spans the affine hull of all of them; `refute` finds an input that shows what the sample does not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from math import lcm
from typing import Any

import numpy as np

from verifier.algebra import RATIONALS, Algebra, B, S
from verifier.arrays import Array, integers, product
from verifier.certificate import parse_feature, show_feature
from verifier.checks import rows_that_reach
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain, show_bits
from verifier.engine.replay import activations
from verifier.engine.verify import Subject
from verifier.explanation import Feature
from verifier.formula import evaluate
from verifier.lattice import Lattice
from verifier.library import Library, UndecidedLibraryError
from verifier.linear import combination, dot, independent, right_inverse
from verifier.network import Network, Row
from verifier.notation import show
from verifier.readout import Linear, Reading, Site, Threshold
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError

MAX_ROWS = 4096
MAX_POINTS = 2**16

Readout = tuple[Row, Fraction]


@dataclass
class Stage:
    """What an enumeration is about. `rows` are distinct, `whole` says whether they are those of all of D.

    `reaching` and `watched` hold the numbers of the units of the next layer that reach an output, and those
    whose value an interchange looks at (they may not tie, or reach a unit that may not).
    """

    network: Network
    domain: Domain
    decoding: Decoding
    space: Space
    place: int
    rows: list[Row]
    whole: bool
    size: int | None
    reaching: tuple[int, ...]
    watched: tuple[int, ...]
    limits: Limits
    subject: Subject
    given: list[Readout | Bits | None] = field(default_factory=list)

    @property
    def bitwise(self) -> bool:
        """Whether readouts read nothing but 0 and 1, so that what a write does is known from one row."""
        return True

    @property
    def n_rows(self) -> int:
        """The number of rows that functions are told on."""
        return len(self.rows)

    @property
    def m(self) -> int:
        """The number of units of the layer."""
        return self.network.layer(self.place).width

    @property
    def units(self) -> tuple[str, ...]:
        """The names of the units of the layer."""
        return self.network.layer(self.place).units

    def values(self) -> list[list[int]]:
        """Return the integers each coefficient may be, where they are bounded."""
        assert self.space.coefficients is not None
        low, high = self.space.coefficients
        barred = set(self.space.must_not_use)
        return [
            ([0] if low <= 0 <= high else []) if unit in barred else list(range(low, high + 1))
            for unit in self.units
        ]

    def reads(self, row: Row, offset: Fraction) -> Sequence[Any]:
        """Return the numbers read on the rows."""
        return [dot(row, h) + offset for h in self.rows]

    def bit(self, value: Any) -> bool | None:
        """Return the bit a number is, or None."""
        return bool(value) if value in (0, 1) else None

    def where(self, i: int) -> str:
        """Return an input that has row i, for a message; where inputs are not listed the row itself."""
        x = self._first.get(self.rows[i])
        layer = ", ".join(map("{} = {}".format, self.units, map(show, self.rows[i])))
        return f"where {layer}" if x is None else f"at x = {show_bits(x)}"

    @cached_property
    def _first(self) -> dict[Row, Bits]:
        level = self.subject.table.level(self.place) if self.subject.table is not None else None
        return {} if level is None else dict(zip(level.rows, level.first, strict=True))

    def function(self, row: Row, offset: Fraction) -> Bits | None:
        """Return the function of the rows that a readout is; None if it is none, or constant."""
        bits = [self.bit(value) for value in self.reads(row, offset)]
        if set(bits) != {False, True} or self.refute(row, (-offset, 1 - offset)) is not None:
            return None
        return tuple(map(bool, bits))

    def offset(self, row: Row) -> Fraction:
        """Return the offset at which a row reads 0 on the first row."""
        return -dot(row, self.rows[0])

    def canonical(self, row: Row, offset: Fraction) -> Readout:
        """Return the readout that is listed for this one."""
        return row, offset

    def complement(self, row: Row, offset: Fraction) -> Readout:
        """Return the readout of the complement."""
        return tuple(-c for c in row), 1 - offset

    def text(self, row: Row, offset: Fraction) -> str:
        """Return a readout as certificates write it."""
        return show_feature(row, offset)

    def site(self, row: Row, offset: Fraction) -> Linear | Threshold:
        """Return a readout as the place of a feature."""
        return Linear(self.place, row, offset)

    def readout_of(self, site: Site | None) -> Readout | None:
        """Return the readout that is listed for the place of a feature; None if none would be."""
        return self.canonical(site.row, site.offset) if isinstance(site, Linear) else None

    def whole_rows(self) -> tuple[Array, int]:
        """Return the rows as integers over a common denominator (N x m), and that denominator."""
        den = lcm(*(v.denominator for row in self.rows for v in row))
        scaled = np.array([[int(v * den) for v in row] for row in self.rows], dtype=object)
        return integers(scaled, int(np.abs(scaled).max(initial=0))), den

    def texts(self, readouts: Array) -> list[str]:
        """Return integer readouts (F x m) as certificates write them: the least value read is 0."""
        rows, den = self.whole_rows()
        least = product(readouts, rows.T).min(axis=1).tolist() if len(readouts) else []
        offsets = {value: str(Fraction(-value, den)) for value in set(least)}
        pairs = zip(readouts.tolist(), least, strict=True)
        return [f"{' '.join(map(str, row))};{offsets[value]}" for row, value in pairs]

    def functions(self, texts: Sequence[str]) -> Array:
        """Return the functions of readouts as certificates write them (F x N bits)."""
        parsed = [parse_feature(text)[0] for text in texts]
        scale = lcm(*{c.denominator for row in parsed for c in row})
        whole = np.array([[int(c * scale) for c in row] for row in parsed], dtype=object)
        sums = product(whole, self.whole_rows()[0].T)
        return np.asarray(sums != sums.min(axis=1)[:, None])

    def differences(self) -> tuple[Array, Array]:
        """Return the integer rows D_i = den_i (H_i - H_0) and the den_i, one per row after the first."""
        base = self.rows[0]
        scaled, dens = [], []
        for row in self.rows[1:]:
            step = [a - b for a, b in zip(row, base, strict=True)]
            den = lcm(*(v.denominator for v in step))
            scaled.append([int(v * den) for v in step])
            dens.append(den)
        bound = max((abs(v) for row in (*scaled, dens) for v in row), default=0)
        shaped = np.array(scaled, dtype=object).reshape(len(scaled), self.m)
        return integers(shaped, bound), integers(np.array(dens, dtype=object), bound)

    def beyond(self, alg: Algebra[B, S], z: dict[int, S]) -> tuple[list[Reading[B]], B]:
        """Return what the outputs say, and whether there was a tie, from the watched pre-activations."""
        layer = self.network.layer(self.place + 1)
        idle = alg.number(Fraction(1))
        every = [z.get(i, idle) for i in range(layer.width)]
        ties = [layer.tied(alg, [z[i] for i in self.watched])]
        values, tie = self.network.forward(
            alg, self.place + 1, [layer.activation.apply(alg, v) for v in every], self.network.depth
        )
        readings, undecided = self.decoding.decode(alg, values)
        return readings, alg.disjoin([*ties, tie, undecided])

    def outcomes(
        self, readouts: Sequence[Readout], functions: Sequence[Bits], u: Bits
    ) -> Iterator[tuple[Callable[[], str], list[Reading[bool]], bool]]:
        """Yield where, and what `beyond` says with u written: once if the readouts decide it, else per row.

        Raises:
            UndecidedError: it takes all rows, and they are not kept.
        """
        layer = self.network.layer(self.place + 1)
        rows = [row for row, _ in readouts]
        offsets = [offset for _, offset in readouts]
        alphas = {i: combination(rows, layer.W[i]) for i in self.watched}
        if all(alpha is not None for alpha in alphas.values()):
            gains = [bit - offset for bit, offset in zip(u, offsets, strict=True)]
            z = {i: layer.b[i] + dot(alpha or (), gains) for i, alpha in alphas.items()}
            yield str, *self.beyond(RATIONALS, z)
            return
        if not self.whole:
            raise UndecidedError(
                "interchange without mediation is decided on all hidden rows, which are too many here"
            )
        columns = right_inverse(rows)
        for i, h in enumerate(self.rows):
            moves = [bit - dot(row, h) - offset for bit, (row, offset) in zip(u, readouts, strict=True)]
            after = [value + dot(column, moves) for value, column in zip(h, columns, strict=True)]
            z = {i: layer.b[i] + dot(layer.W[i], after) for i in self.watched}
            yield partial(self.where, i), *self.beyond(RATIONALS, z)

    @cached_property
    def points(self) -> tuple[Array, Array]:
        """The inputs of the domain (P x n bits), and for each the number of its row.

        Raises:
            UndecidedError: they are too many to list.
        """
        table = self.subject.table
        if table is None or not self.whole or table.size > MAX_POINTS:
            raise UndecidedError(f"gates are told on domains of at most {MAX_POINTS} inputs")
        number = {row: i for i, row in enumerate(self.rows)}
        inputs, places = [], []
        for chunk in table.chunks:
            values, index = table.activations(chunk, self.place)
            columns = [[Fraction(int(v), part.den) for v in part.values] for part in values]
            order = np.array([number[row] for row in zip(*columns, strict=True)])
            inputs.append(np.stack(chunk.x, axis=1))
            places.append(order[index])
        return np.concatenate(inputs), np.concatenate(places)

    def in_library(self, bits: Sequence[bool]) -> bool:
        """Return whether a function of the rows is, on the domain, a gate of the space's library."""
        if self.space.gates.unrestricted:
            return True
        inputs, index = self.points
        return member(self.space.gates, inputs, np.array(bits, dtype=bool)[index])

    def bit_of(self, feature: Feature, x: Bits) -> bool:
        """Return what a gate over the inputs says of an input."""
        return evaluate(feature.gate, RATIONALS, self.domain.named(x))

    def function_of(self, feature: Feature) -> Bits | None:
        """Return a gate over the inputs as a function of the rows; None when it is none."""
        inputs, index = self.points
        known: dict[int, bool] = {}
        for x, i in zip(inputs.tolist(), index.tolist(), strict=True):
            bit = self.bit_of(feature, x)
            if known.setdefault(i, bit) is not bit:
                return None
        return tuple(known[i] for i in range(self.n_rows))

    def refute(self, row: Row, allowed: Sequence[Fraction]) -> Row | None:
        """Return a hidden row h on which row · h has no allowed value, and keep it; None if there is none.

        Raises:
            UndecidedError: nothing decided whether there is one.
        """
        if self.whole:
            return None
        x = self.subject.outside(self.place, row, allowed, self.limits)
        if x is None:
            return None
        self.rows.append(row_at(self.network, self.domain, x, self.place))
        return self.rows[-1]


def prepare(subject: Subject, space: Space, limits: Limits) -> Stage:
    """Return the stage of a space of the subject's network.

    Raises:
        InputError: as `Space.place`.
        UndecidedError: nothing decides anything about this subject.
    """
    network, domain, decoding = subject.network, subject.domain, subject.decoding
    place = space.place(network)
    if subject.obstacle:
        raise UndecidedError(subject.obstacle)
    distinct = subject.distinct_rows(place, MAX_ROWS)
    rows = sorted(distinct) if distinct is not None else _hull(subject, place, limits)
    stage = Stage(
        network,
        domain,
        decoding,
        space,
        place,
        rows,
        distinct is not None,
        subject.size,
        *above(network, decoding, place),
        limits,
        subject,
    )
    stage.given = [wanted(stage, feature) for feature in space.given]
    return stage


def above(network: Network, decoding: Decoding, place: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the units of the next layer that reach an output, and those an interchange looks at."""
    units = network.layer(place + 1).units
    reaching, watched = (
        tuple(sorted(units.index(name) for name, _ in rows_that_reach(network, decoding, place, ties=ties)))
        for ties in (False, True)
    )
    return reaching, watched


def wanted(stage: Stage, feature: Feature) -> Readout | Bits | None:
    """Return what a given feature asks for: its readout, or its function of the rows (None: it is none)."""
    return stage.function_of(feature) if feature.site is None else stage.readout_of(feature.site)


def member(library: Library, points: Array, bits: Array) -> bool:
    """Return whether a function known on some points is a gate of the library.

    Raises:
        UndecidedError: as the library.
    """
    try:
        return library.contains(points, bits)
    except UndecidedLibraryError as error:
        raise UndecidedError(str(error)) from None


def _hull(subject: Subject, place: int, limits: Limits) -> list[Row]:
    """Return rows of the domain whose affine hull is that of all rows: no input leads outside it.

    A form v that is constant on the rows found but not on all of them shows an input outside; when there is
    no such form left, every affine form that is constant on the rows is constant on the domain.
    """
    network, domain = subject.network, subject.domain
    m = network.layer(place).width
    first = subject.outside(0, (Fraction(0),) * network.n, (), limits)
    assert first is not None  # a subject's domain is not empty
    rows = [row_at(network, domain, first, place)]
    done: list[Row] = []
    while True:
        steps = independent([tuple(a - b for a, b in zip(row, rows[0], strict=True)) for row in rows[1:]])
        kernel = Lattice.of([_whole(step) for step in steps], m).kernel
        form = next((v for v in (tuple(map(Fraction, k)) for k in kernel) if v not in done), None)
        if form is None:
            return rows
        level = sum((a * b for a, b in zip(form, rows[0], strict=True)), Fraction(0))
        x = subject.outside(place, form, [level], limits)
        if x is None:
            done.append(form)
        else:
            rows.append(row_at(network, domain, x, place))


def _whole(row: Row) -> list[int]:
    den = lcm(*(v.denominator for v in row))
    return [int(v * den) for v in row]


def row_at(network: Network, domain: Domain, x: Bits, place: int) -> Row:
    """Return the hidden row of an input."""
    return tuple(activations(network, domain, x, place))
