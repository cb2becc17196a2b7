"""Rows of cells → a table with the place of each cell: what CSV, .npy and arrays are all read into."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from numbers import Number
from typing import Any, TypeGuard

from verifier.errors import InputError, Position, Problem, input_error
from verifier.importers.tensors import printable
from verifier.notation import decimal, rational, show

MAX_SHOWN = 20
MAX_ROWS, MAX_COLUMNS = 2**20, 2**14
_MAX_CELL = 40

Cell = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Data:
    """Columns of equal length, with their names; `named` unless these are mere numbers (`column 1`).

    `path` is what problems name. `lines` are the lines of a text its rows stand on; None for an array, whose
    rows and columns are counted from 1. `header` is the line of the names.
    """

    path: str
    names: tuple[str, ...]
    columns: tuple[Sequence[Cell], ...]
    named: bool = True
    lines: Sequence[int] | None = None
    header: int = 1

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.columns[0])

    def row(self, r: int) -> str:
        """Return what row number r (from 0) is called."""
        return f"row {r + 1}" if self.lines is None else f"line {self.lines[r]}"

    def problem(self, code: str, r: int, i: int | None, message: str, hint: str = "") -> Problem:
        """Return a complaint about row r, or its cell in column i, both counted from 0."""
        about = (
            message if i is None else f"column {printable(self.names[i].removeprefix('column '))}: {message}"
        )
        if self.lines is None:
            return Problem(code, f"row {r + 1}, {about}", hint, self.path, Position(r + 1, (i or 0) + 1))
        before = (str(column[r]) for column in self.columns[: i or 0])
        return Problem(code, about, hint, self.path, Position(self.lines[r], place_in_line(before)))


def from_rows(rows: Iterable[object], path: str, n: int) -> Data | None:
    """Return the table of an array, or of any sequence of rows of n cells; None where there are no rows.

    Raises:
        InputError: E402, for rows of another length, and for mappings and sets, whose order means nothing.
    """
    if not _is_list(rows):
        raise input_error("E402", f"expected rows, got {rows!r:.{_MAX_CELL}}", "give a list of rows")
    cells: list[list[Cell]] = []
    problems: list[Problem] = []
    for r, row in enumerate(rows):
        listed = _cells(row)
        if listed is not None and len(listed) == n:
            cells.append(listed)
        else:
            got = f"{row!r:.{_MAX_CELL}}" if listed is None else len(listed)
            message = f"row {r + 1}, expected {n} cells, got {got}"
            problems.append(Problem("E402", message, path=path, position=Position(r + 1, 1)))
    if problems:
        complaints = Complaints()
        complaints.add(iter(problems), len(problems))
        raise complaints.error()
    names = tuple(f"column {i + 1}" for i in range(n))
    return Data(path, names, tuple(zip(*cells, strict=True)), named=False) if cells else None


def _cells(row: object) -> list[Cell] | None:
    """Return the numbers and texts in a row, those of numpy as Python's; None for what is no such row."""
    listed = row.tolist() if hasattr(row, "tolist") else row
    if not _is_list(listed):
        return None
    cells = [cell.item() if hasattr(cell, "item") else cell for cell in listed]
    if not all(isinstance(cell, str | Number) for cell in cells):
        return None
    return [str(cell) if isinstance(cell, Decimal) else cell for cell in cells]


def _is_list(value: object) -> TypeGuard[Iterable[Any]]:
    """Return whether a value can be gone through, in an order that means something."""
    if isinstance(value, str | bytes | Mapping | Set):
        return False
    try:
        iter(value)  # type: ignore[call-overload]
    except TypeError:
        return False
    return True


def place_in_line(before: Iterable[str]) -> int:
    """Return the column of a text at which the cell after those begins."""
    return 1 + sum(len(cell) + 1 for cell in before)


def text_of(cell: Cell) -> str:
    """Return a cell as a text; a number in its shortest exact form."""
    if isinstance(cell, str):
        return cell.strip()
    value = number_of(cell)
    return str(cell) if value is None else show(value)


def number_of(cell: Cell) -> Fraction | None:
    """Return the exact number a cell means, None if none; a float means the float it is, a text a decimal."""
    try:
        return decimal(cell) if isinstance(cell, str) else rational(cell)
    except (ValueError, InputError):
        return None


def shown(cell: Cell) -> str:
    """Return a cell for people."""
    text = printable(str(cell).strip())
    return (text if len(text) <= _MAX_CELL else f"{text[:_MAX_CELL]}…") or "nothing"


class Complaints:
    """The first problems of a file, in its order, and how many more there are."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, problems: Iterator[Problem], count: int) -> None:
        """Collect `count` problems that come in the order of the file; only the first are looked at."""
        self._found += islice(problems, MAX_SHOWN)
        self._count += count

    def error(self) -> InputError:
        """Return the first `MAX_SHOWN` problems, and one that says how many more there are."""
        found = sorted(self._found, key=_place)[:MAX_SHOWN]
        if self._count > len(found):
            more = f"and {self._count - len(found)} more problems"
            found.append(Problem(found[-1].code, more, path=found[-1].path, position=found[-1].position))
        return InputError(found)


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.position.line, problem.position.column) if problem.position else (0, 0)
