"""Readouts that are no bits → Reading: the row's values on the domain, and the gap at which its bit changes.

A row R that is no constant on the domain takes values v_0 < v_1 < …; a feature is a row with a *gap* i: its
bit is 1 on the inputs with a value above v_i. A comparison may have any gap. A form within the tolerance
τ < 1/4 of its bit has one at most, and an offset d with |v + d - bit| <= τ throughout.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import gcd

from verifier.audit.evaluate import State
from verifier.audit.flaw import BeyondError, FlawError, amount
from verifier.audit.plain import Readout, dot
from verifier.audit.query import CUT, Given
from verifier.audit.values import Row

Feature = tuple[Row, int]
Interval = tuple[Fraction, Fraction]


@dataclass
class Readings:
    """The rows of a query with what they read on its hidden rows, each looked at once."""

    state: State

    def __post_init__(self) -> None:
        self._ladders: dict[Row, tuple[Fraction, ...]] = {}
        self._values: dict[Row, list[Fraction]] = {}

    def values(self, row: Row) -> list[Fraction]:
        """Return the value on each hidden row."""
        if row not in self._values:
            self._values[row] = [dot(row, h) for h in self.state.H]
        return self._values[row]

    def ladder(self, row: Row) -> tuple[Fraction, ...]:
        """Return the different values, ascending."""
        if row not in self._ladders:
            self._ladders[row] = tuple(sorted(set(self.values(row))))
        return self._ladders[row]

    def bits(self, feature: Feature) -> tuple[bool, ...]:
        """Return a feature's bit on each hidden row."""
        row, gap = feature
        level = self.ladder(row)[gap]
        return tuple(value > level for value in self.values(row))

    def complement(self, feature: Feature) -> Feature:
        """Return the feature with the other bit everywhere."""
        row, gap = feature
        return tuple(-v for v in row), len(self.ladder(row)) - 2 - gap

    def gaps(self, row: Row) -> list[int]:
        """Return the gaps a row may have."""
        every = range(len(self.ladder(row)) - 1)
        if self.state.query.space.readouts == CUT:
            return list(every)
        return [gap for gap in every if self.offsets((row, gap)) is not None]

    def offsets(self, feature: Feature) -> Interval | None:
        """Return the least and the greatest offset within the tolerance of the bits; None: there is none."""
        row, gap = feature
        ladder, tolerance = self.ladder(row), self.state.query.tolerance
        low = max(0 - ladder[0], 1 - ladder[gap + 1]) - tolerance
        high = min(0 - ladder[gap], 1 - ladder[-1]) + tolerance
        return (low, high) if low <= high else None

    def read(self, readout: Readout) -> Feature | str:
        """Return the feature a listed readout is, or what is wrong with its row or its number."""
        row, number = readout
        ladder = self.ladder(row)
        if self.state.query.space.readouts == CUT:
            if any(v.denominator > 1 for v in row) or gcd(*map(int, row)) != 1:
                return "the coefficients are not coprime integers"
            below = sum(value < number for value in ladder)
            if number in ladder or not 0 < below < len(ladder):
                return f"{number} is not between two values of the row"
            feature, ends, closed = (row, below - 1), (ladder[below - 1], ladder[below]), False
        else:
            gaps = self.gaps(row)
            within = self.offsets((row, gaps[0])) if gaps else None
            if within is None or not within[0] <= number <= within[1]:
                return f"with offset {number} it is not within the tolerance of a bit"
            feature, ends, closed = (row, gaps[0]), within, True
        if not simplest(number, ends, closed):
            return f"{number} is not the simplest number that reads this function"
        return feature

    def given(self, given: Given) -> Feature | None:
        """Return the feature a given readout is; None if it is none."""
        assert given.row is not None
        row, op, number = given.row, given.op, given.offset
        if op is None:
            ends = next((self.offsets((row, gap)) for gap in self.gaps(row)), None)
            fits = ends is not None and ends[0] <= number <= ends[1]
            return (row, self.gaps(row)[0]) if fits else None
        if op in ("<", "<="):
            row, number = tuple(-v for v in row), -number
        if not any(row):
            return None
        den = 1
        for value in row:
            den = den * value.denominator // gcd(den, value.denominator)
        scale = Fraction(den, gcd(*(int(v * den) for v in row)))
        row, number = tuple(v * scale for v in row), number * scale
        ladder = self.ladder(row)
        strict = op in (">", "<")
        zeros = sum(value <= number if strict else value < number for value in ladder)
        return (row, zeros - 1) if 0 < zeros < len(ladder) else None


def simplest(number: Fraction, ends: Interval, closed: bool) -> bool:
    """Return whether a number within the ends has the least denominator there, of whole ones being nearest 0.

    Of all fractions with smaller denominators its two parents in the Stern-Brocot tree are the nearest to it
    (R. Graham, D. Knuth, O. Patashnik, Concrete Mathematics, 1994, section 4.5).
    """
    p, q = number.numerator, number.denominator
    if q > 1:
        b = pow(p, -1, q)  # p·b - a·q = 1
        a = (p * b - 1) // q
        nearest: Iterable[Fraction] = (Fraction(a, b), Fraction(p - a, q - b))
    else:
        nearest = () if p == 0 else (Fraction(p - 1 if p > 0 else p + 1),)
    low, high = ends
    return not any(low <= other <= high if closed else low < other < high for other in nearest)


def all_rows(readings: Readings, budget: int) -> list[Row]:
    """Return every row of the box that some feature has, in no order.

    Raises:
        BeyondError: more than the budget.
    """
    state = readings.state
    space = state.query.space
    if space.bounds is None:
        raise FlawError(1, "query: expected bounds on the coefficients")
    low, high = space.bounds
    ranges = [
        ([0] if low <= 0 <= high else []) if c in space.must_not_use else range(low, high + 1)
        for c in range(state.m)
    ]
    count = 1
    for values in ranges:
        count *= len(values)
    if count * len(state.H) > budget // 32:
        told = f"{amount(count)} rows of coefficients on {len(state.H)} hidden rows"
        raise BeyondError(f"{told}, the budget has {budget} points")
    whole = (row for row in product(*ranges) if space.readouts != CUT or gcd(*row) == 1)
    rows = (tuple(map(Fraction, row)) for row in whole)
    return [row for row in rows if any(row) and len(readings.ladder(row)) > 1 and readings.gaps(row)]
