"""Network and domain → Table: every input run through the network, in vectorised exact integers.

Inputs are taken in chunks, and at every layer each distinct row of activations is kept once.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from verifier.arrays import ARRAYS, Array, Num, distinct
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.network import Network, Row
from verifier.verdict import Tie, TooLargeError

CHUNK = 2**16
MAX_INPUTS = 2**24


@dataclass(slots=True)
class Chunk:
    """Some inputs of the domain; per layer the distinct activations and which input has which."""

    x: list[Array]
    size: int
    layers: dict[int, tuple[list[Num], Array]] = field(default_factory=dict)

    def input_at(self, i: int) -> Bits:
        """Return input number i."""
        return tuple(bool(column[i]) for column in self.x)


@dataclass(frozen=True, slots=True)
class Level:
    """The distinct activations at a place, the first input of each, and how many inputs have it.

    `index` says which input has which, in one array per chunk.
    """

    rows: list[Row]
    first: list[Bits]
    counts: list[int]
    index: list[Array]


class Table:
    """Every input of a domain, run through a network.

    Raises:
        TooLargeError: when more than `MAX_INPUTS` inputs would have to be listed.
    """

    def __init__(self, network: Network, domain: Domain, deadline: float | None = None) -> None:
        self.network, self.domain, self.deadline = network, domain, deadline
        self.chunks = [chunk for chunk in _chunks(domain, self.tick) if chunk.size]
        self.size = sum(chunk.size for chunk in self.chunks)

    def tick(self) -> None:
        """Raise TimeoutError when the time is up."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError

    def activations(self, chunk: Chunk, place: int) -> tuple[list[Num], Array]:
        """Return the distinct activations at a place, and each input's index among them."""
        if place not in chunk.layers:
            self.tick()
            if place == 0:
                values, index = self.domain.encode(ARRAYS, chunk.x), np.arange(chunk.size)
            else:
                below, index = self.activations(chunk, place - 1)
                layer = self.network.layer(place)
                values = [layer.activation.apply(ARRAYS, z) for z in layer.preactivations(ARRAYS, below)]
                rows = [np.broadcast_to(v.values, (len(below[0].values),)) for v in values]
                first, own = distinct(rows)
                values = [Num(row[first], v.den, v.bound) for row, v in zip(rows, values, strict=True)]
                index = own[index]
            chunk.layers[place] = values, index
        return chunk.layers[place]

    def distinct_rows(self, place: int, most: int) -> list[Row] | None:
        """Return the distinct rows of activations at a place over the whole domain; None if over `most`."""
        rows: dict[Row, None] = {}
        for chunk in self.chunks:
            values, _ = self.activations(chunk, place)
            if len(values[0].values) > most:
                return None
            columns = [[Fraction(int(v), number.den) for v in number.values] for number in values]
            rows.update(dict.fromkeys(zip(*columns, strict=True)))
            if len(rows) > most:
                return None
        return list(rows)

    def level(self, place: int) -> Level:
        """Return the distinct activations at a place over the whole domain."""
        known: dict[Row, int] = {}
        first, counts, index = [], [], []
        for chunk in self.chunks:
            values, own = self.activations(chunk, place)
            width = len(values[0].values)
            columns = [[Fraction(int(v), number.den) for v in number.values] for number in values]
            of_row = np.full(width, -1)
            of_row[own[::-1]] = np.arange(chunk.size)[::-1]
            number = np.empty(width, dtype=np.int64)
            for i, row in enumerate(zip(*columns, strict=True)):
                if row not in known:
                    known[row] = len(known)
                    first.append(chunk.input_at(int(of_row[i])))
                    counts.append(0)
                number[i] = known[row]
            for i, c in enumerate(np.bincount(own, minlength=width)):
                counts[int(number[i])] += int(c)
            index.append(number[own])
        return Level(list(known), first, counts, index)

    def outside(self, place: int, row: Row, allowed: Sequence[Fraction]) -> Bits | None:
        """Return an input whose activations h at a place give row · h no allowed value, or None."""
        for chunk in self.chunks:
            self.tick()
            h, index = self.activations(chunk, place)
            value = ARRAYS.affine(row, h, Fraction(0))
            strange = ~ARRAYS.disjoin([ARRAYS.equal(value, number) for number in allowed])
            if strange.any():
                return chunk.input_at(int(_per_input(strange, h, index).argmax()))
        return None

    def ties(self, decoding: Decoding | None) -> list[Tie]:
        """Return the units, and outputs if decoded, undecided on some input, each with its first input."""
        found: dict[tuple[str, str], Tie] = {}
        for chunk in self.chunks:
            decided = np.ones(chunk.size, dtype=bool)  # what follows a tie means nothing
            for place, layer in enumerate(self.network.layers, start=1):
                if layer.activation.refuses_ties:
                    below, index = self.activations(chunk, place - 1)
                    z = layer.preactivations(ARRAYS, below)
                    ties = [_per_input(ARRAYS.equal(v, Fraction(0)), below, index) & decided for v in z]
                    for unit, tie in zip(layer.units, ties, strict=True):
                        _note(found, chunk, layer.name, unit, tie)
                    decided &= ~ARRAYS.disjoin(ties)
            if decoding is None:
                continue
            last, index = self.activations(chunk, self.network.depth)
            undecided = _per_input(decoding.decode(ARRAYS, last)[1], last, index) & decided
            _note(found, chunk, "", ", ".join(decoding.names), undecided)
        return list(found.values())


def _per_input(bits: Array, distinct_values: Sequence[Num], index: Array) -> Array:
    """Return one bit per input from one per distinct row."""
    return np.asarray(np.broadcast_to(bits, distinct_values[0].values.shape)[index])


def _note(found: dict[tuple[str, str], Tie], chunk: Chunk, layer: str, what: str, tie: Array) -> None:
    if not tie.any():
        return
    known = found.get((layer, what))
    x, count = (known.x, known.count or 0) if known else (chunk.input_at(int(tie.argmax())), 0)
    found[layer, what] = Tie(layer, what, x, count + int(tie.sum()))


def count(domain: Domain) -> int:
    """Return |D|.

    Raises:
        TooLargeError: as `Table`.
    """
    return sum(chunk.size for chunk in _chunks(domain, lambda: None))


def _chunks(domain: Domain, tick: Callable[[], None]) -> Iterator[Chunk]:
    count = domain.listed
    if count > MAX_INPUTS:
        raise TooLargeError(f"2^{domain.n} inputs are too many for a table (at most 2^24)")
    for start in range(0, count, CHUNK):
        tick()
        stop = min(start + CHUNK, count)
        if domain.rows is not None:
            block = np.array(domain.rows[start:stop], dtype=bool)
            x = [np.ascontiguousarray(block[:, i]) for i in range(domain.n)]
        else:
            number = np.arange(start, stop)
            x = [(number >> (domain.n - 1 - i)) & 1 == 1 for i in range(domain.n)]
        inside = np.broadcast_to(domain.contains(ARRAYS, domain.named(x)), (stop - start,))
        yield Chunk([column[inside] for column in x], int(inside.sum()))
