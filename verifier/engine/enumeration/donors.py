"""Stage → DonorStage: features whose values are not bits, so that writes take the values of donors.

Rows are sums of sigmoids; those of a network without smooth layers are rational, a special case. An
interchange writes values: feature j gets R_j·h(s) of a donor s of its own. Offsets cancel there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from typing import TypeVar

import numpy as np

from verifier.arrays import Array
from verifier.balls.parts import Box, Item, Part, explore
from verifier.balls.reals import Real, Reals, TooCloseError
from verifier.balls.rows import Level, Rows
from verifier.certificate import parse_feature
from verifier.domain import Bits, show_bits
from verifier.engine.enumeration.stage import MAX_POINTS, Readout, Stage, above, wanted
from verifier.engine.verify import Subject
from verifier.errors import InternalError, input_error
from verifier.linear import dot, right_inverse
from verifier.network import Row
from verifier.readout import Reading
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError

MAX_BOXES = 2**17
TOO_MANY = f"an interchange takes more than {MAX_BOXES} groups of cases"
ZERO, ONE = Fraction(0), Fraction(1)
TIME_IS_UP = "the time limit was reached"
StageT = TypeVar("StageT", bound="DonorStage")


@dataclass
class DonorStage(Stage):
    """A stage whose rows are sums of sigmoids, in `level`; `rows`, for bits, is empty."""

    runs: Rows = field(kw_only=True)
    level: Level = field(kw_only=True)
    _donors: dict[tuple[Row, Fraction, bool], Part] = field(default_factory=dict, kw_only=True)
    _written: tuple[tuple[Row, ...], list[Row], Part] | None = field(default=None, kw_only=True)

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

    def where(self, i: int) -> str:
        return f"at x = {show_bits(self.level.first[i])}"

    def functions(self, texts: Sequence[str]) -> Array:
        return np.array([self.function(*parse_feature(text)) for text in texts], dtype=bool)

    def whole_rows(self) -> tuple[Array, int]:
        raise InternalError("rows that are not of bits")

    def differences(self) -> tuple[Array, Array]:
        raise InternalError("rows that are not of bits")

    @cached_property
    def points(self) -> tuple[Array, Array]:
        if self.runs.size > MAX_POINTS:
            raise UndecidedError(f"gates are told on domains of at most {MAX_POINTS} inputs")
        inputs = [np.stack(chunk.x, axis=1) for chunk in self.runs.chunks]
        return np.concatenate(inputs), np.concatenate(self.level.index)

    def outcomes(
        self, readouts: Sequence[Readout], functions: Sequence[Bits], u: Bits
    ) -> Iterator[tuple[Callable[[], str], list[Reading[bool]], bool]]:
        """Yield where, and what `beyond` says, box by box, feature j reading what a donor with bit u_j has.

        Raises:
            UndecidedError: a case is too close to decide, or there are too many boxes.
        """
        rows = tuple(row for row, _ in readouts)
        donors = [self._donor(*case) for case in zip(readouts, functions, u, strict=True)]
        failed: TooCloseError | None = None
        for box, judged in self.explored(rows, (self.base(rows), *donors)):
            if isinstance(judged, TooCloseError):
                failed = judged
            else:
                yield partial(_case, box), *judged
        if failed is not None:
            raise UndecidedError(f"an interchange: {failed}")

    def explored(
        self, rows: tuple[Row, ...], box: Box
    ) -> Iterator[tuple[Box, tuple[list[Reading[bool]], bool] | TooCloseError]]:
        """Yield boxes of base and values written that make up a box, and what `beyond` says of each.

        Raises:
            UndecidedError: the time is up, or there are too many boxes.
        """
        for number, (part, judged) in enumerate(explore(box, lambda part: self.written(rows, part))):
            if number >= MAX_BOXES:
                raise UndecidedError(TOO_MANY)
            yield part, judged

    def written(self, rows: tuple[Row, ...], box: Box) -> tuple[list[Reading[bool]], bool]:
        """Return what `beyond` says of a box of base and values written.

        Raises:
            TooCloseError: not the same of all cases.
        """
        self.tick()
        gains, _ = self._write(rows)
        alg = self.alg if all(len(part.items) == 1 for part in box) else Reals()
        before, *given = (part.hull for part in box)
        values = [value for (value,) in given]
        z = {
            i: alg.affine((ONE, *gain), (start, *values), ZERO)
            for i, gain, start in zip(self.watched, gains, before, strict=True)
        }
        return self.beyond(alg, z)

    def base(self, rows: tuple[Row, ...]) -> Part:
        """Return what the watched units have without the values written, on every row."""
        return self._write(rows)[1]

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

    def _donor(self, readout: Readout, function: Bits, bit: bool) -> Part:
        """Return the values a row reads where its feature has a bit."""
        if (*readout, bit) not in self._donors:
            values = [(value,) for value in self.reads(readout[0], ZERO)]
            chosen = [i for i, b in enumerate(function) if b is bit]
            self._donors[(*readout, bit)] = self._part(values, chosen)
        return self._donors[(*readout, bit)]

    def _part(self, values: Sequence[tuple[Real, ...]], chosen: Sequence[int]) -> Part:
        """Return some of the values, one set per row, each once."""
        items = {
            tuple(value.key for value in values[i]): Item(values[i], self.level.first[i], 1) for i in chosen
        }
        return Part.of(list(items.values()))


def _case(box: Box) -> str:
    """Return one of the cases in a box: a base and its donors."""
    sources = [part.items[0].source for part in box]
    base, *donors = (f"x = {show_bits(source)}" for source in sources if not isinstance(source, bool))
    return f"at {base} with what is read at {', '.join(donors)}"


def prepared(kind: type[StageT], subject: Subject, space: Space, limits: Limits) -> StageT:
    """Return the stage of a space of the subject's network.

    Raises:
        InputError: as `Space.place`; E104, coefficients without bounds.
        UndecidedError: nothing decides anything about this subject, or the time is up.
    """
    network, place = subject.network, space.place(subject.network)
    if space.coefficients is None:
        hint = "comparisons, and readouts within a tolerance, are found by trying all: coefficients: -2..2"
        raise input_error("E104", "expected bounds on the coefficients of these readouts, got any", hint)
    if subject.obstacle:
        raise UndecidedError(subject.obstacle)
    table, runs = subject.table, subject.runs
    if runs is None and table is not None:
        runs = Rows(network, subject.domain, table=table)
    if runs is None:
        raise UndecidedError("such readouts are found on domains whose inputs are listed")
    runs.table.deadline = limits.deadline
    try:
        level = runs.at(place)
    except TimeoutError:
        raise UndecidedError(TIME_IS_UP) from None
    reaching, watched = above(network, subject.decoding, place)
    stage = kind(
        network, subject.domain, subject.decoding, space, place, [], True, subject.size, reaching, watched,
        limits, subject, runs=runs, level=level,
    )  # fmt: skip
    stage.given = [wanted(stage, feature) for feature in space.given]
    return stage
