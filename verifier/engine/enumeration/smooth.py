"""Smooth network and space → SmoothStage: readouts within a tolerance, on rows that are sums of sigmoids.

With tolerance τ, an integer row R reads the function g if some offset d has |R·h(x) + d - g(x)| <= τ on all x
of the domain. For τ < 1/4 it reads one function that is not constant at most: with v = R·h, inputs with equal
bits have values at most 2τ < 1/2 apart, inputs with bits 1 and 0 values that differ by 1 - 2τ > 1/2 or more,
so differences of v tell the bits. The offsets that will do make up [max(g - v) - τ, min(g - v) + τ], at most
2τ < 1/2 long. Listed is the one with the least denominator. There is only one: no two whole numbers are that
near, and between neighbours p/q and (p+1)/q with q > 1 lies a fraction of denominator q - 1. The complement,
-R, has the offsets 1 - d for the d of R, with the same denominators, so the listed ones correspond.

An interchange writes values, not bits: feature j gets R_j·h(s) of a donor s of its own. Offsets cancel there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

import numpy as np

from verifier.arrays import Array
from verifier.balls.parts import Box, Item, Part, explore
from verifier.balls.reals import PRECISIONS, Real, Reals, TooCloseError, bounds
from verifier.balls.rows import Level, Rows
from verifier.certificate import parse_feature, show_feature
from verifier.domain import Bits, show_bits
from verifier.engine.enumeration.stage import MAX_POINTS, Readout, Stage, above, wanted
from verifier.engine.verify import Subject
from verifier.errors import InternalError, input_error
from verifier.linear import dot, right_inverse
from verifier.network import Row
from verifier.notation import show, show_row
from verifier.readout import Linear, Reading, read
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError

MAX_BOXES = 2**17
HALF = Fraction(1, 2)
ZERO, ONE = Fraction(0), Fraction(1)
TIME_IS_UP = "the time limit was reached"


@dataclass
class SmoothStage(Stage):
    """A stage whose rows are sums of sigmoids, in `level`; `rows`, for rational ones, is empty."""

    runs: Rows = field(kw_only=True)
    level: Level = field(kw_only=True)
    _decided: dict[Row, tuple[Fraction, Bits] | None] = field(default_factory=dict, kw_only=True)
    _functions: dict[Readout, Bits | None] = field(default_factory=dict, kw_only=True)
    _donors: dict[tuple[Row, bool], Part] = field(default_factory=dict, kw_only=True)
    _written: tuple[tuple[Row, ...], list[Row], Part] | None = field(default=None, kw_only=True)

    @property
    def tolerance(self) -> Fraction:
        """τ, that of the decoding."""
        return self.decoding.tolerance

    @property
    def alg(self) -> Reals:
        """The algebra of the rows."""
        return self.runs.alg

    @property
    def bitwise(self) -> bool:
        return False

    @property
    def n_rows(self) -> int:
        return len(self.level.rows)

    def tick(self) -> None:
        """Raise UndecidedError when the time is up."""
        if self.limits.passed:
            raise UndecidedError(TIME_IS_UP)

    def reads(self, row: Row, offset: Fraction) -> list[Real]:
        return [self.alg.affine(row, h, offset) for h in self.level.rows]

    def bit(self, value: Any) -> bool | None:
        reading = read(self.alg, Linear(self.place, (ONE,), ZERO), [value], self.tolerance)
        return reading.one if reading.one or reading.zero else None

    def where(self, i: int) -> str:
        return f"at x = {show_bits(self.level.first[i])}"

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

    def functions(self, texts: Sequence[str]) -> Array:
        return np.array([self.function(*parse_feature(text)) for text in texts], dtype=bool)

    def whole_rows(self) -> tuple[Array, int]:
        raise InternalError("rows of sigmoids are not rational")

    def differences(self) -> tuple[Array, Array]:
        raise InternalError("rows of sigmoids are not rational")

    @cached_property
    def points(self) -> tuple[Array, Array]:
        if self.runs.size > MAX_POINTS:
            raise UndecidedError(f"gates are told on domains of at most {MAX_POINTS} inputs")
        inputs = [np.stack(chunk.x, axis=1) for chunk in self.runs.chunks]
        return np.concatenate(inputs), np.concatenate(self.level.index)

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

    def outcomes(
        self, readouts: Sequence[Readout], functions: Sequence[Bits], u: Bits
    ) -> Iterator[tuple[list[Reading[bool]], bool]]:
        """Yield what `beyond` says, box by box, when feature j reads what any donor with bit u_j has there.

        Raises:
            UndecidedError: a case is too close to decide, or there are too many boxes.
        """
        rows = tuple(row for row, _ in readouts)
        gains, base = self._write(rows)
        donors = [self._donor(*case) for case in zip(rows, functions, u, strict=True)]

        def judge(box: Box) -> tuple[list[Reading[bool]], bool]:
            self.tick()
            alg = self.alg if all(len(part.items) == 1 for part in box) else Reals()
            before, *given = (part.hull for part in box)
            values = [value for (value,) in given]
            z = {
                i: alg.affine((ONE, *gain), (start, *values), ZERO)
                for i, gain, start in zip(self.watched, gains, before, strict=True)
            }
            return self.beyond(alg, z)

        failed: TooCloseError | None = None
        for number, (_, judged) in enumerate(explore((base, *donors), judge)):
            if number >= MAX_BOXES:
                raise UndecidedError(f"an interchange takes more than {MAX_BOXES} groups of cases")
            if isinstance(judged, TooCloseError):
                failed = judged
            else:
                yield judged
        if failed is not None:
            raise UndecidedError(f"an interchange: {failed}")

    def _write(self, rows: tuple[Row, ...]) -> tuple[list[Row], Part]:
        """Return, per watched unit, what it gains from the values written, and what it has without them.

        Writing t along the columns C of the right inverse gives W·(h + C (t - R h)) = W·C t + (W - W·C R)·h.
        """
        if self._written is None or self._written[0] != rows:
            layer = self.network.layer(self.place + 1)
            columns = list(zip(*right_inverse(rows), strict=True))
            gains = [tuple(dot(layer.W[i], column) for column in columns) for i in self.watched]
            rest = [
                tuple(
                    w - dot(gain, column)
                    for w, column in zip(layer.W[i], zip(*rows, strict=True), strict=True)
                )
                for i, gain in zip(self.watched, gains, strict=True)
            ]
            starts = [
                tuple(self.alg.affine(r, h, layer.b[i]) for r, i in zip(rest, self.watched, strict=True))
                for h in self.level.rows
            ]
            self._written = rows, gains, self._part(starts, range(self.n_rows))
        return self._written[1], self._written[2]

    def _donor(self, row: Row, function: Bits, bit: bool) -> Part:
        """Return the values a row reads where its feature has a bit."""
        if (row, bit) not in self._donors:
            values = [(value,) for value in self.reads(row, ZERO)]
            self._donors[row, bit] = self._part(values, [i for i, b in enumerate(function) if b is bit])
        return self._donors[row, bit]

    def _part(self, values: Sequence[tuple[Real, ...]], chosen: Sequence[int]) -> Part:
        """Return some of the values, one set per row, each once."""
        items = {
            tuple(value.key for value in values[i]): Item(values[i], self.level.first[i], 1) for i in chosen
        }
        return Part.of(list(items.values()))


def prepare(subject: Subject, space: Space, limits: Limits) -> SmoothStage:
    """Return the stage of a space of the subject's network, which is smooth.

    Raises:
        InputError: as `Space.place`; E104, a tolerance or coefficients that allow no complete list.
        UndecidedError: nothing decides anything about this subject, or the time is up.
    """
    network, domain, decoding = subject.network, subject.domain, subject.decoding
    place = space.place(network)
    if decoding.tolerance >= Fraction(1, 4):
        hint = "from 1/4 on one readout may be two features"
        raise input_error("E104", f"expected a tolerance below 1/4, got {show(decoding.tolerance)}", hint)
    if space.coefficients is None:
        hint = "readouts within a tolerance are found by trying all: coefficients: -2..2"
        raise input_error("E104", "expected bounds on the coefficients of a smooth network, got any", hint)
    if subject.runs is None:
        raise UndecidedError(subject.obstacle)
    subject.runs.table.deadline = limits.deadline
    try:
        level = subject.runs.at(place)
    except TimeoutError:
        raise UndecidedError(TIME_IS_UP) from None
    reaching, watched = above(network, decoding, place)
    stage = SmoothStage(
        network, domain, decoding, space, place, [], True, subject.size, reaching, watched, limits, subject,
        runs=subject.runs, level=level,
    )  # fmt: skip
    stage.given = [wanted(stage, feature) for feature in space.given]
    return stage


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
