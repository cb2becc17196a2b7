"""Subject and space → CutStage: bits read by comparing forms R·h with numbers between their values.

A feature is a primitive row R (coprime integers) with a *gap*, two neighboring values a < b of R·h on the
domain: its bit is R·h > t for any t between them. Listed is the t of least denominator, of several whole
numbers the one nearest 0: there is only one (see `near` for fractions), and that of the complement, -R with
the gap -b < -a, is -t.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, cmp_to_key
from math import floor, lcm
from typing import Any

import numpy as np

from verifier.arrays import Array, integers, product
from verifier.balls.parts import Item
from verifier.balls.reals import PRECISIONS, Real, TooCloseError, bounds, estimate
from verifier.certificate import show_feature
from verifier.domain import Bits
from verifier.engine.enumeration.donors import ONE, ZERO, DonorStage, prepared
from verifier.engine.enumeration.stage import Readout
from verifier.engine.verify import Subject
from verifier.linear import primitive
from verifier.network import Row
from verifier.notation import show_row
from verifier.readout import Linear, Site, Threshold, compare
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError


@dataclass(frozen=True)
class Ladder:
    """The different values of a form on the domain, ascending, and which of them each hidden row has."""

    values: tuple[Real, ...]
    place: tuple[int, ...]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The values as what may be written."""
        return tuple(Item((value,), True, 1) for value in self.values)

    def function(self, gap: int) -> Bits:
        """Return the bits that are 1 above values[gap]."""
        return tuple(i > gap for i in self.place)

    def cut(self, gap: int) -> Fraction:
        """Return the number that is listed for a gap, between values[gap] and the next.

        Raises:
            TooCloseError: the two are too close.
        """
        return between(self.values[gap], self.values[gap + 1])


@dataclass
class CutStage(DonorStage):
    """A stage whose readouts are comparisons R·h > t."""

    _ladders: dict[Row, Ladder] = field(default_factory=dict, kw_only=True)
    _members: dict[Bits, bool] = field(default_factory=dict, kw_only=True)

    def reads(self, row: Row, offset: Fraction) -> list[Real]:
        return super().reads(row, -offset)

    def bit(self, value: Any) -> bool | None:
        return self.alg.greater(value, ZERO)

    def function(self, row: Row, offset: Fraction) -> Bits | None:
        bits = self._read(row, ">", offset)
        return bits if len(set(bits)) == 2 else None

    def _read(self, row: Row, op: str, bound: Fraction) -> Bits:
        ladder = self.ladder(row)
        above = [compare(self.alg, value, op, bound) for value in ladder.values]  # type: ignore[arg-type]
        return tuple(above[i] for i in ladder.place)

    def ladder(self, row: Row) -> Ladder:
        """Return the different values of a row.

        Raises:
            UndecidedError: two values are too close to tell which is larger.
        """
        if row not in self._ladders:
            try:
                self._ladders[row] = self._whole_ladder(row) or self._ladder(
                    [self.alg.affine(row, h, ZERO) for h in self.level.rows]
                )
            except TooCloseError as error:
                raise UndecidedError(f"{show_row(row, self.units)}: {error}") from None
        return self._ladders[row]

    @cached_property
    def _whole(self) -> tuple[Array, int] | None:
        """The rows as integers over a common denominator (N x m), and that; None if some are irrational."""
        if any(value.terms for h in self.level.rows for value in h):
            return None
        den = lcm(*(value.offset.denominator for h in self.level.rows for value in h))
        scaled = [[int(value.offset * den) for value in h] for h in self.level.rows]
        return integers(np.array(scaled, dtype=object), max(abs(v) for h in scaled for v in h)), den

    def _whole_ladder(self, row: Row) -> Ladder | None:
        """Return the values of a whole row where all numbers are rational."""
        if self._whole is None or any(c.denominator != 1 for c in row):
            return None
        H, den = self._whole
        sums = product(H, np.array([[int(c)] for c in row], dtype=object))[:, 0]
        values, place = np.unique(sums, return_inverse=True)
        return Ladder(tuple(Real({}, Fraction(int(v), den)) for v in values), tuple(place.tolist()))

    def _ladder(self, reads: Sequence[Real]) -> Ladder:
        different = {value.key: value for value in reads}
        near = sorted(different.values(), key=estimate)  # almost in order, which saves comparisons
        ordered = sorted(near, key=cmp_to_key(self._compare))
        groups: list[list[Real]] = []
        for value in ordered:
            if groups and not self._compare(groups[-1][0], value):
                groups[-1].append(value)
            else:
                groups.append([value])
        place = {value.key: i for i, group in enumerate(groups) for value in group}
        return Ladder(tuple(group[0] for group in groups), tuple(place[value.key] for value in reads))

    def _compare(self, a: Real, b: Real) -> int:
        step = self.alg.affine((ONE, -ONE), (a, b), ZERO)
        return 0 if self.alg.equal(step, ZERO) else 1 if self.alg.greater(step, ZERO) else -1

    def readout_of(self, site: Site | None) -> Readout | None:
        if not isinstance(site, Threshold):
            return None
        row, op, bound = site.row, site.op, site.bound
        if op in ("<", "<="):
            row, op, bound = tuple(-c for c in row), ">" if op == "<" else ">=", -bound
        scale = next((a / b for a, b in zip(row, primitive(row), strict=True) if b), ONE)
        row, bound = tuple(c / scale for c in row), bound / scale
        values = self.ladder(row).values
        below = sum(not compare(self.alg, value, op, bound) for value in values)
        return row, self.ladder(row).cut(below - 1) if 0 < below < len(values) else bound

    def canonical(self, row: Row, offset: Fraction) -> Readout:
        """Return the primitive row with the number that is listed for the gap."""
        found = self.readout_of(Threshold(self.place, row, ">", offset))
        assert found is not None
        return found

    def complement(self, row: Row, offset: Fraction) -> Readout:
        return tuple(-c for c in row), -offset

    def text(self, row: Row, offset: Fraction) -> str:
        return show_feature(row, offset, cut=True)

    def site(self, row: Row, offset: Fraction) -> Linear | Threshold:
        return Threshold(self.place, row, ">", offset)

    def in_library(self, bits: Sequence[bool]) -> bool:
        key = tuple(bits)
        if key not in self._members:
            self._members[key] = super().in_library(key)
        return self._members[key]


def prepare(subject: Subject, space: Space, limits: Limits) -> CutStage:
    """Return the stage of a space of the subject's network.

    Raises:
        InputError: as `donors.prepared`.
        UndecidedError: as `donors.prepared`; values of a given feature are too close to tell apart.
    """
    return prepared(CutStage, subject, space, limits)


def between(low: Real, high: Real) -> Fraction:
    """Return the number that is listed between two exact ones, low < high.

    Raises:
        TooCloseError: no precision tells which it is.
    """
    for precision in PRECISIONS:
        (least, below), (above, most) = (bounds(value, precision) for value in (low, high))
        if below < above:
            found = simplest_between(least, most)  # between the exact ones too, if it is inside
            if below < found < above:
                return found
    raise TooCloseError(f"no number between two values within {PRECISIONS[-1]} bits")


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the rational of least denominator with low < it < high; of several whole ones the nearest to 0.

    >>> simplest_between(Fraction(1, 3), Fraction(1, 2)), simplest_between(Fraction(-7), Fraction(-4))
    (Fraction(2, 5), Fraction(-5, 1))
    """
    if low < 0 < high:
        return Fraction(0)
    if high <= 0:
        return -simplest_between(-high, -low)
    before, last = (0, 1), (1, 0)
    top: Fraction | None = high
    while top is not None and floor(low) + 1 >= top:  # no whole number inside; None: no end above
        term = floor(low)
        before, last = last, (term * last[0] + before[0], term * last[1] + before[1])
        low, top = 1 / (top - term), 1 / (low - term) if low > term else None
    whole = floor(low) + 1
    return Fraction(whole * last[0] + before[0], whole * last[1] + before[1])
