"""Network and domain → Rows: every input run through it, exactly up to the first smooth layer.

What enters the first smooth layer is rational and takes few values, found by a table of the layers below.
From there on every distinct row is run once, as exact sums of sigmoids. Without smooth layers
all is rational.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

import numpy as np

from verifier.arrays import Array
from verifier.balls.reals import Real, Reals, Slopes, TooCloseError
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain, show_bits
from verifier.network import Activation, Network, Row
from verifier.table.rows import Chunk, Table
from verifier.verdict import Tie

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Level:
    """The distinct rows of activations at a place, the first input of each, and how many inputs have it.

    `index` says which input has which, in one array per chunk of the table.
    """

    rows: list[list[Real]]
    first: list[Bits]
    counts: list[int]
    index: list[Array]


class Rows:
    """Every input of a domain, run through a network; `runs` counts how often a part of it was run.

    Raises:
        TooLargeError: as `Table`.
        TimeoutError: the time is up, here and in every method.
    """

    def __init__(
        self,
        network: Network,
        domain: Domain,
        deadline: float | None = None,
        slopes: Slopes | None = None,
        table: Table | None = None,
    ) -> None:
        """Prepare; `table` is that of the same weights on the same domain, whatever the slopes."""
        self.network, self.domain, self.slopes = network, domain, slopes
        self.place = first_smooth(network)
        self.table = table if table is not None else Table(cut(network), domain, deadline)
        self.alg = Reals(slopes)
        self.runs = 0
        self._levels: dict[int, Level] = {}

    @property
    def size(self) -> int:
        """|D|."""
        return self.table.size

    @property
    def chunks(self) -> list[Chunk]:
        """The inputs of the domain."""
        return self.table.chunks

    def tick(self) -> None:
        """Count a run; raise TimeoutError when the time is up."""
        self.runs += 1
        self.table.tick()

    def at(self, place: int) -> Level:
        """Return the distinct activations at a place.

        Raises:
            TooCloseError: a step or another corner of an activation is met too closely.
        """
        if place not in self._levels:
            if place < self.place:
                level = self._exact(place)
            elif place == self.place:
                activation = self.network.layer(place).activation
                below = self._exact(place)
                rows = self.each(below, lambda row: [activation.apply(self.alg, z) for z in row])
                level = replace(below, rows=rows)
            else:
                below = self.at(place - 1)
                rows = self.each(below, lambda row: self.network.forward(self.alg, place - 1, row, place)[0])
                level = _merged(replace(below, rows=rows))
            self._levels[place] = level
        return self._levels[place]

    def _exact(self, place: int) -> Level:
        """Return the rational rows of a place of the table."""
        exact = self.table.level(place)
        rows = [[self.alg.number(value) for value in row] for row in exact.rows]
        return Level(rows, exact.first, exact.counts, exact.index)

    def each(self, level: Level, run: Callable[[list[Real]], T]) -> list[T]:
        """Return what a function says of every row of a level.

        Raises:
            TooCloseError: with the first input of the row.
        """
        told = []
        for row, x in zip(level.rows, level.first, strict=True):
            self.tick()
            try:
                told.append(run(row))
            except TooCloseError as error:
                raise TooCloseError(f"{error} at x = {show_bits(x)}") from None
        return told

    def ties(self, decoding: Decoding) -> list[Tie]:
        """Return the units, or else the outputs, that are undecided on some input, each with its first input.

        Raises:
            TooCloseError: as `at`, or an output too close to a tie.
        """
        found = self.table.ties(None)
        for place in range(self.place, self.network.depth):
            if found:
                return found
            layer = self.network.layer(place + 1)
            level = self.at(place)
            if layer.activation.refuses_ties:
                for unit, row, b in zip(layer.units, layer.W, layer.b, strict=True):
                    tied = self.each(level, partial(self._zero, row, b))
                    found += _tie(level, layer.name, unit, tied)
        if found:
            return found
        level = self.at(self.network.depth)
        undecided = self.each(level, lambda row: decoding.decode(self.alg, row)[1])
        return _tie(level, "", ", ".join(decoding.names), undecided)

    def _zero(self, row: Row, b: Fraction, h: list[Real]) -> bool:
        return self.alg.equal(self.alg.affine(row, h, b), Fraction(0))


def first_smooth(network: Network) -> int:
    """Return the place of the first smooth layer; if there is none, the place after the last."""
    smooth = (place for place, layer in enumerate(network.layers, 1) if layer.activation.smooth)
    return next(smooth, network.depth + 1)


def cut(network: Network) -> Network:
    """Return the layers up to the first smooth one, that without its activation; all, if there is none."""
    if not network.smooth:
        return network
    place = first_smooth(network)
    below = network.layers[: place - 1]
    return Network([*below, replace(network.layer(place), activation=Activation("identity"))])


def _tie(level: Level, layer: str, what: str, tied: Sequence[bool]) -> list[Tie]:
    which = [i for i, tie in enumerate(tied) if tie]
    return [Tie(layer, what, level.first[which[0]], sum(level.counts[i] for i in which))] if which else []


def _merged(level: Level) -> Level:
    """Return the level with equal rows kept once."""
    known: dict[tuple[Any, ...], int] = {}
    number = np.empty(len(level.rows), dtype=np.int64)
    rows, first, counts = [], [], []
    for i, row in enumerate(level.rows):
        key = tuple(value.key for value in row)
        if key not in known:
            known[key] = len(known)
            rows.append(row)
            first.append(level.first[i])
            counts.append(0)
        number[i] = known[key]
        counts[known[key]] += level.counts[i]
    return Level(rows, first, counts, [number[index] for index in level.index])
