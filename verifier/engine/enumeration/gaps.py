"""CutStage and independent rows → the only gaps with which they can be an explanation, if any.

Let f(x, v_1 … v_k) be what the outputs say when values v_j of the rows are written into input x. With gaps
chosen, the rows pass `interchange` iff f depends on nothing but the side of each gap on which v_j lies. As
any two arguments are joined by steps from one value to the next, that is so iff f is the same for all x,
and no step but those over the gaps changes it. Every feature matters iff each gap has a step that does. So
the gaps are the steps that change f: one for each row, if it is an explanation.

Steps are searched for as counterexamples: cells (the products of the sides of the gaps known so far) are
explored in boxes; two cases of one cell with different outputs differ by some step, which is a gap not known
before, or refutes the rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from verifier.balls.parts import Box, Column, Item, Part
from verifier.balls.reals import TooCloseError
from verifier.engine.enumeration.cuts import CutStage
from verifier.network import Row
from verifier.readout import Reading
from verifier.verdict import UndecidedError

Outputs = tuple[bool, ...]
Case = tuple[Item, ...]


class TornError(Exception):
    """No choice of gaps makes an explanation of these rows."""


@dataclass
class Grid:
    """Everything that can be written into some rows: per row its values, ascending; and the bases."""

    stage: CutStage
    rows: tuple[Row, ...]
    base: Part
    axes: list[tuple[Item, ...]]

    @classmethod
    def of(cls, stage: CutStage, rows: tuple[Row, ...]) -> "Grid":
        return cls(stage, rows, stage.base(rows), [stage.ladder(row).items for row in rows])

    def gaps(self) -> tuple[int, ...] | None:
        """Return, per row, the number of the only gap that can be a feature's; None if the rows are torn.

        Raises:
            UndecidedError: a case is too close to decide, there are too many boxes, or the time is up.
        """
        found: dict[int, int] = {}
        try:
            while (pair := self._different(found)) is not None:
                axis, gap = self._step(*pair)
                if axis in found:
                    return None
                found[axis] = gap
        except TornError:
            return None
        return tuple(found[axis] for axis in range(len(self.rows))) if len(found) == len(self.rows) else None

    def _different(self, found: dict[int, int]) -> tuple[Case, Case] | None:
        """Return two cases of a cell with different outputs, if there are any."""
        sides = [
            [items[: found[axis] + 1], items[found[axis] + 1 :]] if axis in found else [items]
            for axis, items in enumerate(self.axes)
        ]
        failed: TooCloseError | None = None
        for cell in product(*sides):
            seen: tuple[Case, Outputs] | None = None
            for case, shown in self._told(cell):
                if isinstance(shown, TooCloseError):
                    failed = shown
                elif seen is None:
                    seen = case, shown
                elif shown != seen[1]:
                    return seen[0], case
        if failed is not None:
            raise UndecidedError(f"an interchange: {failed}")
        return None

    def _told(self, cell: Sequence[tuple[Item, ...]]) -> Iterator[tuple[Case, Outputs | TooCloseError]]:
        """Yield what the outputs say in a cell, by cases of boxes that fill it.

        Raises:
            TornError: somewhere they say nothing.
        """
        whole = (self.base, *(Column(items) for items in cell))
        try:
            shown = _outputs(*self.stage.written(self.rows, whole))
        except TooCloseError:
            pass
        else:
            yield _first(whole), shown
            return
        ends = [dict.fromkeys((items[0], items[-1])) for items in (self.base.items, *cell)]
        corners: list[Box] = [tuple(Part([item]) for item in corner) for corner in product(*ends)]
        for box in (*corners, whole):
            for part, judged in self.stage.explored(self.rows, box):
                yield _first(part), judged if isinstance(judged, TooCloseError) else _outputs(*judged)

    def _step(self, a: Case, b: Case) -> tuple[int, int]:
        """Return a step (axis, gap) that changes the outputs, on a way between two cases that differ in them.

        Raises:
            TornError: another base changes them, or on the way they say nothing.
            UndecidedError: a case is too close to decide.
        """
        at = list(a)
        before = self._at(at)
        for axis in range(len(at)):
            at[axis] = b[axis]
            if self._at(at) == before:
                continue
            if axis == 0:
                raise TornError
            number = {id(item): i for i, item in enumerate(self.axes[axis - 1])}
            low, high = number[id(a[axis])], number[id(b[axis])]
            while abs(high - low) > 1:
                middle = (low + high) // 2
                at[axis] = self.axes[axis - 1][middle]
                low, high = (middle, high) if self._at(at) == before else (low, middle)
            return axis - 1, min(low, high)
        raise AssertionError("two cases with different outputs that no step leads between")

    def _at(self, case: Sequence[Item]) -> Outputs:
        try:
            return _outputs(*self.stage.written(self.rows, tuple(Part([item]) for item in case)))
        except TooCloseError as error:
            raise UndecidedError(f"an interchange: {error}") from None


def _first(box: Box) -> Case:
    return tuple(side.items[0] for side in box)


def _outputs(readings: Sequence[Reading[bool]], tie: bool) -> Outputs:
    if tie or any(reading.zero is reading.one for reading in readings):
        raise TornError
    return tuple(reading.one for reading in readings)


def cut_at(stage: CutStage, row: Row, gap: int) -> Fraction:
    """Return the number that is listed for a gap of a row.

    Raises:
        UndecidedError: two values are too close.
    """
    try:
        return stage.ladder(row).cut(gap)
    except TooCloseError as error:
        raise UndecidedError(str(error)) from None
