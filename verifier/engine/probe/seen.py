"""Subject and layer → Seen: its distinct activations as integers, and the bits of concepts on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from verifier.arrays import ARRAYS, Array, integers
from verifier.balls.reals import Real, Reals, bounds
from verifier.balls.reals import estimate as rough
from verifier.domain import Bits
from verifier.engine.probe.outcome import Ends
from verifier.engine.verify import Subject
from verifier.explanation import Explanation
from verifier.network import Row
from verifier.table.rows import Chunk
from verifier.verdict import UndecidedError

MAX_ROWS = 2**14
#: Digits after the point to which sums of sigmoids are rounded, in bits.
GRID = 64

#: What is known of the bits of a concept on a row: one bit, or two inputs of the row with bits 0 and 1.
Told = tuple[bool, ...] | tuple[Bits, Bits]


@dataclass(frozen=True, eq=False)
class Seen:
    """The N distinct activations of a layer of m units, over a domain of `size` inputs.

    Row i is A[i] / den; where they are irrational, every entry is within 1 / den of that, and `reals` holds
    the rows themselves. `first` holds an input of each.
    """

    subject: Subject
    place: int
    A: Array
    den: int
    first: list[Bits]
    index: list[Array]
    chunks: list[Chunk]
    rows: list[Row]
    reals: list[list[Real]]
    alg: Reals | None = None

    @classmethod
    def of(cls, subject: Subject, place: int) -> "Seen":
        """Return what a layer shows.

        Raises:
            UndecidedError: the inputs, or the rows, are too many.
        """
        if subject.runs is not None:
            runs = subject.runs
            try:
                level = runs.at(place)
            except TimeoutError:
                raise UndecidedError("the time limit was reached") from None
            _few(len(level.rows))
            near = [[_rounded(value) for value in row] for row in level.rows]
            A, den = np.array(near, dtype=object), 2**GRID
            return cls(
                subject, place, A, den, level.first, level.index, runs.chunks, [], level.rows, runs.alg
            )
        if subject.table is None:
            raise UndecidedError(subject.obstacle or "the inputs are too many to run one by one")
        exact = subject.table.level(place)
        _few(len(exact.rows))
        den = lcm(*(v.denominator for row in exact.rows for v in row))
        scaled = np.array([[int(v * den) for v in row] for row in exact.rows], dtype=object)
        A = integers(scaled, int(np.abs(scaled).max(initial=0)))
        chunks = subject.table.chunks
        return cls(subject, place, A, den, exact.first, exact.index, chunks, exact.rows, [])

    @property
    def exact(self) -> bool:
        """Whether the rows are rational."""
        return self.alg is None

    @property
    def m(self) -> int:
        """The number of units."""
        return self.subject.network.layer(self.place).width

    @property
    def units(self) -> tuple[str, ...]:
        """The names of the units."""
        return self.subject.network.layer(self.place).units

    @cached_property
    def constant(self) -> list[bool]:
        """Return which units are the same on every input; of irrational ones, at least those known to be."""
        if self.exact:
            return [len(set(column)) == 1 for column in zip(*self.rows, strict=True)]
        return [len({value.key for value in column}) == 1 for column in zip(*self.reals, strict=True)]

    def told(self, context: Explanation) -> dict[str, tuple[bytes, Told, int]]:
        """Return, per feature, what tells its function, its bits on the rows, and how many inputs have bit 1.

        In place of bits stand two inputs with equal rows, if the feature differs on them.
        """
        names = [feature.name for feature in context.features]
        zero: dict[str, dict[int, Bits]] = {name: {} for name in names}
        one: dict[str, dict[int, Bits]] = {name: {} for name in names}
        parts: dict[str, list[Array]] = {name: [] for name in names}
        for chunk, index in zip(self.chunks, self.index, strict=True):
            bits = context.recompute(ARRAYS, self.subject.domain.named(chunk.x))
            for name in names:
                bit = np.broadcast_to(bits[name], (chunk.size,))
                parts[name].append(bit)
                for side, chosen in ((zero, ~bit), (one, bit)):
                    inputs = np.flatnonzero(chosen)
                    where, at = np.unique(index[inputs], return_index=True)
                    for row, i in zip(where.tolist(), inputs[at].tolist(), strict=True):
                        side[name].setdefault(row, chunk.input_at(i))
        every = {name: np.concatenate(parts[name]) for name in names}
        return {
            name: (np.packbits(bit).tobytes(), _told(zero[name], one[name], len(self.first)), int(bit.sum()))
            for name, bit in every.items()
        }

    def ends(self, row: Sequence[int], precision: int) -> list[Ends]:
        """Return bounds on the values of row · h on the rows; equal ones where they are rational."""
        if self.alg is None:
            values = self.A.astype(object) @ np.array(row, dtype=object)
            return [(v, v) for v in (Fraction(int(value), self.den) for value in values)]
        return [bounds(value, precision) for value in self.values(row)]

    def values(self, row: Sequence[int]) -> list[Real]:
        """Return the values of row · h on irrational rows."""
        assert self.alg is not None
        exact = tuple(map(Fraction, row))
        return [self.alg.affine(exact, h, Fraction(0)) for h in self.reals]


def _few(count: int) -> None:
    if count > MAX_ROWS:
        raise UndecidedError(f"the layer has {count} distinct rows, more than {MAX_ROWS}")


def _rounded(value: Real) -> int:
    """Return a whole number less than 1 away from 2^GRID · value."""
    low, high = bounds(value, 4 * GRID)
    found = round(Fraction(2**GRID) * (low + high) / 2)
    if (high - low) * 2**GRID >= Fraction(1, 2):
        raise UndecidedError(f"an activation near {rough(value)} is too large to round")
    return found


def _told(zero: dict[int, Bits], one: dict[int, Bits], count: int) -> Told:
    both = sorted(zero.keys() & one.keys())
    return (zero[both[0]], one[both[0]]) if both else tuple(i in one for i in range(count))
