"""Readout rows → Table: which of them are features, with offsets and bits, in the order of certificates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from verifier.audit.evaluate import State
from verifier.audit.forward import Array, fit, matmul, top

BLOCK = 2**22


@dataclass(frozen=True, slots=True)
class Table:
    """Different rows, ascending. Row f is `R[f]` / `scale[f]`; its least value on the hidden rows is
    `least[f]` / (scale[f] · den), so that its offset is minus that. `good[f]`: it is a feature by C2;
    `function[f]` numbers its function on the domain, complementary functions sharing a number, and `first[f]`
    is its bit on the first hidden row. `polar[f]` numbers the row up to sign.
    """

    state: State
    rows: list[tuple[int | Fraction, ...]]
    place: dict[tuple[int | Fraction, ...], int]
    R: Array
    scale: Array
    least: Array
    good: Array
    function: Array
    first: Array
    polar: Array

    @classmethod
    def of(cls, state: State, rows: Iterable[tuple[int | Fraction, ...]]) -> "Table":
        """Return the table of some rows of the layer's width."""
        ordered = sorted(set(rows))
        R, scale = _integers(ordered, state.m)
        count, N = len(ordered), len(state.H)
        bound = top(R) * top(state.HI) * state.m
        wide = max(bound, top(scale) * state.den) >= 2**61
        least = np.zeros(count, dtype=object if wide else np.int64)
        good = np.zeros(count, dtype=bool)
        first = np.zeros(count, dtype=bool)
        packed: list[bytes] = []
        step = max(1, BLOCK // N)
        for start in range(0, count, step):
            part = slice(start, start + step)
            values = fit(matmul(R[part], state.HI.T, bound), 2**62 if wide else 0)
            low = values.min(axis=1)
            bits = values - low[:, None] == (fit(scale[part], 2**62 if wide else 0) * state.den)[:, None]
            good[part] = (bits | (values == low[:, None])).all(axis=1) & bits.any(axis=1)
            least[part], first[part] = low, bits[:, 0]
            packed += [row.tobytes() for row in np.packbits(bits ^ bits[:, :1], axis=1)]
        numbers: dict[bytes, int] = {}
        function = np.array([numbers.setdefault(key, len(numbers)) for key in packed], dtype=np.int64)
        place = {row: f for f, row in enumerate(ordered)}
        signs: dict[tuple[int | Fraction, ...], int] = {}
        polar = np.array(
            [signs.setdefault(max(row, _negated(row)), len(signs)) for row in ordered], dtype=np.int64
        )
        return cls(state, ordered, place, R, scale, least, good, function, first, polar)

    def offset(self, f: int) -> Fraction:
        """Return the offset of a feature."""
        return Fraction(-int(self.least[f]), int(self.scale[f]) * self.state.den)

    def bits(self, chosen: Array) -> Array:
        """Return the bits of features on the hidden rows: one more last axis of N."""
        R = self.R[chosen]
        values = matmul(R, self.state.HI.T, top(self.R) * top(self.state.HI) * self.state.m)
        return np.asarray(values != self.least[chosen][..., None])

    def readout(self, f: int) -> tuple[tuple[Fraction, ...], Fraction]:
        """Return a feature as certificates write it."""
        return tuple(map(Fraction, self.rows[f])), self.offset(f)

    def readable(self) -> Array:
        """Return which rows are features by C1 and C2, without the columns that must not be used."""
        space = self.state.query.space
        good = self.good & (self.scale == 1)
        if space.bounds is not None:
            good &= ((space.bounds[0] <= self.R) & (space.bounds[1] >= self.R)).all(axis=1)
        for column in space.must_not_use:
            good &= self.R[:, column] == 0
        return np.asarray(good)


def _negated(row: tuple[int | Fraction, ...]) -> tuple[int | Fraction, ...]:
    return tuple(-v for v in row)


def _integers(rows: Sequence[tuple[int | Fraction, ...]], m: int) -> tuple[Array, Array]:
    """Return integer rows and the denominator of each."""
    if all(type(v) is int for row in rows for v in row):
        values: list[Sequence[int]] = [[int(v) for v in row] for row in rows]
        scales = [1] * len(rows)
    else:
        scales = [lcm(*(Fraction(v).denominator for v in row)) for row in rows]
        values = [[int(v * s) for v in row] for row, s in zip(rows, scales, strict=True)]
    largest = max((max(map(abs, row), default=0) for row in values), default=0)
    dtype = object if max(largest, *scales, 1) >= 2**61 else np.int64
    return np.array(values, dtype=dtype).reshape(len(rows), m), np.array(scales, dtype=dtype)
