"""Readout rows → Table: which of them are features, with offsets and bits, in the order of certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from verifier.audit.evaluate import State
from verifier.audit.forward import SAFE, Array, fit, matmul, top
from verifier.audit.values import Row

BLOCK = 2**22


@dataclass(frozen=True, slots=True)
class Table:
    """Different rows, ascending. Row f is `R[f]` / `scale[f]`; its least value on the hidden rows is
    `least[f]` / (scale[f] · den), so that its offset is minus that. `good[f]`: it is a feature by C2;
    `function[f]` numbers its function on the domain, complementary functions sharing a number, and `first[f]`
    is its bit on the first hidden row. `polar[f]` numbers the row up to sign. `place` finds the named rows.
    """

    state: State
    place: dict[Row, int]
    R: Array
    scale: Array
    least: Array
    good: Array
    function: Array
    first: Array
    polar: Array

    @classmethod
    def of(cls, state: State, whole_rows: Array | None = None, named: Sequence[Row] = ()) -> "Table":
        """Return the table of some integer rows and some named ones, which may be rational."""
        R, scale, place = _ordered(state.m, whole_rows, list(dict.fromkeys(named)))
        count, N = len(R), len(state.H)
        bound = top(R) * top(state.HI) * state.m
        wide = SAFE if max(bound, top(scale) * state.den) >= SAFE // 2 else 0
        least = np.zeros(count, dtype=object if wide else np.int64)
        good, first = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        packed = np.zeros((count, -(-N // 8)), dtype=np.uint8)
        step = max(1, BLOCK // N)
        for start in range(0, count, step):
            part = slice(start, start + step)
            values = fit(matmul(R[part], state.HI.T, bound), wide)
            low = values.min(axis=1)
            bits = values - low[:, None] == (fit(scale[part], wide) * state.den)[:, None]
            good[part] = (bits | (values == low[:, None])).all(axis=1) & bits.any(axis=1)
            least[part], first[part] = low, bits[:, 0]
            packed[part] = np.packbits(bits ^ bits[:, :1], axis=1)
        function = _numbered(np.ascontiguousarray(packed).view(f"V{packed.shape[1]}")[:, 0])
        return cls(state, place, R, scale, least, good, function, first, _up_to_sign(R, scale))

    def __len__(self) -> int:
        return len(self.R)

    def row(self, f: int) -> Row:
        """Return a row in rationals."""
        return tuple(Fraction(int(v), int(self.scale[f])) for v in self.R[f])

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
        return self.row(f), self.offset(f)

    def readable(self) -> Array:
        """Return which rows are features by C1 and C2, without the columns that must not be used."""
        space = self.state.query.space
        good = self.good & (self.scale == 1)
        if space.bounds is not None:
            good &= ((space.bounds[0] <= self.R) & (space.bounds[1] >= self.R)).all(axis=1)
        for column in space.must_not_use:
            good &= self.R[:, column] == 0
        return np.asarray(good)


def _ordered(m: int, whole_rows: Array | None, named: Sequence[Row]) -> tuple[Array, Array, dict[Row, int]]:
    """Return the different rows ascending, as integers with denominators, and where the named ones are."""
    scales = [lcm(1, *(v.denominator for v in row)) for row in named]
    values = [[int(v * s) for v in row] for row, s in zip(named, scales, strict=True)]
    large = max((abs(v) for row in (*values, scales) for v in row), default=0) >= SAFE // 2
    own = np.array(values, dtype=object if large else np.int64).reshape(len(values), m)
    R = own if whole_rows is None else np.concatenate([own, whole_rows])
    if all(s == 1 for s in scales) and R.dtype != object:
        order = np.lexsort(R.T[::-1])
        scale = np.ones(len(R), dtype=np.int64)
    else:
        ones = [1] * (len(R) - len(own))
        keys = [
            tuple(Fraction(v, s) for v in row) for row, s in zip(R.tolist(), [*scales, *ones], strict=True)
        ]
        order = np.array(sorted(range(len(R)), key=keys.__getitem__), dtype=np.int64)
        scale = np.array([*scales, *ones], dtype=R.dtype)
    R, scale = R[order], scale[order]
    new = np.ones(len(R), dtype=bool)
    new[1:] = (R[1:] != R[:-1]).any(axis=1) | (scale[1:] != scale[:-1])
    at = np.zeros(len(R), dtype=np.int64)
    at[order] = np.cumsum(new) - 1
    return R[new], scale[new], dict(zip(named, at[: len(named)].tolist(), strict=True))


def _up_to_sign(R: Array, scale: Array) -> Array:
    """Return a number for every row that it shares with its negative."""
    lead = np.zeros(len(R), dtype=bool)
    open_rows = np.ones(len(R), dtype=bool)
    for column in R.T:
        lead |= open_rows & (column < 0)
        open_rows &= column == 0
    positive = np.where(lead[:, None], -R, R)
    if positive.dtype == object:
        seen: dict[tuple[int, ...], int] = {}
        keys = zip(scale.tolist(), map(tuple, positive.tolist()), strict=True)
        return np.array([seen.setdefault((s, *row), len(seen)) for s, row in keys], dtype=np.int64)
    order = np.lexsort((*positive.T, scale))
    new = np.ones(len(R), dtype=bool)
    new[1:] = (positive[order[1:]] != positive[order[:-1]]).any(axis=1) | (
        scale[order[1:]] != scale[order[:-1]]
    )
    numbers = np.zeros(len(R), dtype=np.int64)
    numbers[order] = np.cumsum(new) - 1
    return numbers


def _numbered(values: Array) -> Array:
    """Return a number for every value, equal ones sharing it."""
    _, numbers = np.unique(values, return_inverse=True)
    return np.asarray(numbers.reshape(-1))
