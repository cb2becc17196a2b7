"""Subject and space → NearStage: affine forms that are within a tolerance of a bit on every row.

With tolerance τ, an integer row R reads the function g if some offset d has |R·h(x) + d - g(x)| <= τ on all x
of the domain. For τ < 1/4 it reads one function that is not constant at most: with v = R·h, inputs with equal
bits have values at most 2τ < 1/2 apart, inputs with bits 1 and 0 values that differ by 1 - 2τ > 1/2 or more,
so differences of v tell the bits. The offsets that will do make up [max(g - v) - τ, min(g - v) + τ], at most
2τ < 1/2 long. Listed is the one with the least denominator. There is only one: no two whole numbers are that
near, and between neighbours p/q and (p+1)/q with q > 1 lies a fraction of denominator q - 1. The complement,
-R, has the offsets 1 - d for the d of R, with the same denominators, so the listed ones correspond.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any

from verifier.arrays import Array
from verifier.balls.reals import PRECISIONS, TooCloseError, bounds
from verifier.certificate import show_feature
from verifier.domain import Bits
from verifier.engine.enumeration.donors import ONE, ZERO, DonorStage, prepared
from verifier.engine.enumeration.stage import Readout
from verifier.engine.verify import Subject
from verifier.errors import InternalError, input_error
from verifier.network import Row
from verifier.notation import show, show_row
from verifier.readout import Linear, read
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError

HALF = Fraction(1, 2)


@dataclass
class NearStage(DonorStage):
    """A stage whose readouts are affine forms within the tolerance of the decoding."""

    _decided: dict[Row, tuple[Fraction, Bits] | None] = field(default_factory=dict, kw_only=True)
    _functions: dict[Readout, Bits | None] = field(default_factory=dict, kw_only=True)

    @property
    def tolerance(self) -> Fraction:
        """τ, that of the decoding."""
        return self.decoding.tolerance

    def bit(self, value: Any) -> bool | None:
        reading = read(self.alg, Linear(self.place, (ONE,), ZERO), [value], self.tolerance)
        return reading.one if reading.one or reading.zero else None

    def function(self, row: Row, offset: Fraction) -> Bits | None:
        if (row, offset) not in self._functions:
            self._functions[row, offset] = super().function(row, offset)
        return self._functions[row, offset]

    def offset(self, row: Row) -> Fraction:
        found = self.decided(row)
        if found is None:
            raise InternalError(f"{show_row(row, self.units)} reads no function")
        return found[0]

    def canonical(self, row: Row, offset: Fraction) -> Readout:
        """Return the row with its simplest offset, if the given one will do."""
        return (row, offset) if self.function(row, offset) is None else (row, self.offset(row))

    def texts(self, readouts: Array) -> list[str]:
        rows = [tuple(map(Fraction, row)) for row in readouts.tolist()]
        return [show_feature(row, self.offset(row)) for row in rows]

    def decided(self, row: Row) -> tuple[Fraction, Bits] | None:
        """Return the simplest offset of a row and the function it reads; None if it reads none but constants.

        Raises:
            UndecidedError: values are too close to the tolerance.
        """
        if row not in self._decided:
            try:
                found = self._decide(row)
            except TooCloseError as error:
                raise UndecidedError(f"{show_row(row, self.units)}: {error}") from None
            complement = None if found is None else (1 - found[0], tuple(not bit for bit in found[1]))
            self._decided[row], self._decided[tuple(-c for c in row)] = found, complement
        return self._decided[row]

    def _decide(self, row: Row) -> tuple[Fraction, Bits] | None:
        values = self.reads(row, ZERO)
        steps = [self.alg.affine((ONE, -ONE), (value, values[0]), ZERO) for value in values]
        down = [self.alg.greater(self.alg.affine((-ONE,), (step,), ZERO), HALF) for step in steps]
        first = any(down)
        bits = tuple(
            not low and (first or self.alg.greater(step, HALF)) for step, low in zip(steps, down, strict=True)
        )
        if len(set(bits)) == 1:
            return None
        for precision in PRECISIONS:
            ends = [bounds(value, precision) for value in values]
            low = max(bit - most for bit, (_, most) in zip(bits, ends, strict=True)) - self.tolerance
            high = min(bit - least for bit, (least, _) in zip(bits, ends, strict=True)) + self.tolerance
            if low > high:
                return None
            offset = simplest(low, high)  # of the exact interval too, if it is inside
            if self.function(row, offset) == bits:
                return offset, bits
        raise TooCloseError(f"no offset decided within {PRECISIONS[-1]} bits")


def prepare(subject: Subject, space: Space, limits: Limits) -> NearStage:
    """Return the stage of a space of the subject's network.

    Raises:
        InputError: as `donors.prepared`; E104, a tolerance that allows no complete list.
        UndecidedError: as `donors.prepared`.
    """
    if subject.decoding.tolerance >= Fraction(1, 4):
        hint = "from 1/4 on one readout may be two features"
        told = show(subject.decoding.tolerance)
        raise input_error("E104", f"expected a tolerance below 1/4, got {told}", hint)
    return prepared(NearStage, subject, space, limits)


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the rational of least denominator in [low, high]; of several whole numbers the least.

    Its continued fraction begins as those of both ends do, up to the first term where they part.

    >>> simplest(Fraction(1, 4), Fraction(2, 5)), simplest(Fraction(-1, 2), Fraction(-1, 3))
    (Fraction(1, 3), Fraction(-1, 2))
    """
    before, last = (0, 1), (1, 0)
    while ceil(low) > high:
        term = floor(low)
        before, last = last, (term * last[0] + before[0], term * last[1] + before[1])
        low, high = 1 / (high - term), 1 / (low - term)
    return Fraction(ceil(low) * last[0] + before[0], ceil(low) * last[1] + before[1])
