"""Table of cells, and which column is which input → rows of bits; everything wrong with the cells at once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import Literal, TypeVar

from verifier.algebra import RATIONALS
from verifier.domain import Bits, Cut, show_bits
from verifier.errors import InputError, Position, Problem
from verifier.importers.tensors import printable
from verifier.notation import rational, show, suggest
from verifier.readout import compare
from verifier.spec.data import MAX_SHOWN, Cell, Complaints, Data, number_of, place_in_line, shown, text_of

ZERO, ONE = Fraction(0), Fraction(1)
MOST_VALUES = 8  # that a hint spells out
Readings = Mapping[Fraction, bool]
Column = Sequence[bool]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """A one-hot group: its inputs, and the value of each where one column `stem` holds them all."""

    stem: str
    names: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of a table: the inputs in order, and how each is found in it.

    An input with a cut is 1 where its column is above (or below) the bound. The others are columns of their
    names, holding bits, or throughout the numbers `low` and `high` that the network is fed; a group may be
    one column of values. Where columns have no names, those that are neither cut nor ignored are the other
    inputs, in order. `ignored` columns are left out; None leaves out whatever is not used.
    """

    inputs: tuple[str, ...]
    groups: tuple[Group, ...] = ()
    cuts: tuple[Cut, ...] = ()
    ignored: tuple[str, ...] | None = ()
    low: Fraction = ZERO
    high: Fraction = ONE
    duplicates: Literal["refuse", "merge"] = "refuse"


def rows_of(data: Data, wanted: Wanted) -> dict[Bits, int]:
    """Return the rows in the order of the table, the bits in the order of the inputs.

    Rows that are equal come once, each with the number, from 0, of the first of them.

    Raises:
        InputError: as `every_row`; E402 for equal rows that are not to be merged.
    """
    return distinct(data, every_row(data, wanted), wanted)


def distinct(data: Data, rows: Sequence[Bits], wanted: Wanted) -> dict[Bits, int]:
    """Return each of the rows of a table once, with the number, from 0, of the first of its equals.

    Raises:
        InputError: E402 for equal rows that are not to be merged.
    """
    first = {row: r for r, row in reversed(list(enumerate(rows)))}
    if len(first) < len(rows) and wanted.duplicates == "refuse":
        complaints = Complaints()
        complaints.add(_repeated(data, rows, first), len(rows) - len(first))
        raise complaints.error()
    return {row: first[row] for row in dict.fromkeys(rows)}


def every_row(data: Data, wanted: Wanted) -> list[Bits]:
    """Return all rows of a table, the bits in the order of the inputs.

    Raises:
        InputError: E402 for columns and cells, E403 for what a threshold cannot cut.
    """
    plain, chosen = _columns(data, wanted)
    complaints = Complaints()
    found: dict[str, Column] = {}
    for cut in wanted.cuts:
        found[cut.name] = _cut(data, cut, complaints)
    for group, i in chosen:
        found.update(zip(group.names, _values(data, group, i, complaints), strict=True))
    fed = {show(number): number for number in (wanted.low, wanted.high)}
    numbers = {
        cell: fed.get(text_of(cell), number_of(cell)) for i in plain.values() for cell in set(data.columns[i])
    }
    readings = _readings(data, list(plain.values()), numbers, wanted)
    bits = {cell: readings[n] for cell, n in numbers.items() if n is not None and n in readings}
    settled = len(readings) == 2 and {wanted.low, wanted.high} != {ZERO, ONE}
    expected = f"expected {' or '.join(map(show, sorted(readings)))}{', as elsewhere' if settled else ''}"
    signs = -ONE in numbers.values() and -ONE not in readings
    hint = "if the network is fed -1 and 1:  encoding: [-1, 1]" if signs else ""
    for name, i in plain.items():
        found[name] = _read(data, i, bits, expected, complaints, hint or _mends(data, i, numbers))
    if complaints:
        raise complaints.error()
    return list(zip(*(found[name] for name in wanted.inputs), strict=True))


def _columns(data: Data, wanted: Wanted) -> tuple[dict[str, int], list[tuple[Group, int]]]:
    """Return the column of every input without a cut, and those of the groups that are one column.

    Raises:
        InputError: columns that are missing, or too many.
    """
    at = {name: i for i, name in enumerate(data.names)}
    cut = {cut.name for cut in wanted.cuts}
    ignored = wanted.ignored or ()
    rest = [name for name in wanted.inputs if name not in cut]
    used = {*ignored, *(cut.column for cut in wanted.cuts)}
    if not data.named:
        left = [i for name, i in at.items() if name not in used]
        if len(left) != len(rest) and (rest or wanted.ignored is not None):
            message = f"expected {_count(len(rest))}, one for each input without a threshold, got {len(left)}"
            many = len(left) > len(rest)
            hint = _leave_out(data, data.names[left[-1]]) if many else "name as many inputs, or cut some"
            raise InputError([_at_column(data, 0, message, hint)])
        return dict(zip(rest, left, strict=False)), []
    chosen = [
        (group, at[group.stem])
        for group in wanted.groups
        if group.stem in at and group.stem not in (*wanted.inputs, *ignored)
        if not any(name in at or name in cut for name in group.names)
    ]
    grouped = {name for group, _ in chosen for name in group.names}
    missing = [name for name in rest if name not in at and name not in grouped]
    known = {*rest, *used, *(group.stem for group, _ in chosen)}
    extra = [i for name, i in at.items() if name not in known] if wanted.ignored is not None else []
    complaints = Complaints()
    if missing:
        told = ", ".join(missing[:MAX_SHOWN]) + (", …" if len(missing) > MAX_SHOWN else "")
        complaints.add(iter([_at_column(data, 0, f"no column for {told}")]), 1)
    complaints.add((_not_an_input(data, i, missing) for i in extra), len(extra))
    if complaints:
        raise complaints.error()
    return {name: at[name] for name in rest if name not in grouped}, chosen


def _not_an_input(data: Data, i: int, missing: Sequence[str]) -> Problem:
    name = printable(data.names[i])
    hint = suggest(name, missing)
    if not hint.startswith("did you mean"):
        hint = _leave_out(data, name)
    return _at_column(data, i, f"column {name or i + 1} is not an input", hint)


def _leave_out(data: Data, name: str) -> str:
    return f"to leave it out:  rows: {{file: {PurePath(data.path).name}, ignore: [{name}]}}"


def _at_column(data: Data, i: int, message: str, hint: str = "") -> Problem:
    column = i + 1 if data.lines is None else place_in_line(data.names[:i])
    return Problem("E402", message, hint, data.path, Position(data.header, column))


def _count(columns: int) -> str:
    return f"{columns} column{'' if columns == 1 else 's'}"


def _cut(data: Data, cut: Cut, complaints: Complaints) -> Column:
    i = data.names.index(cut.column)
    numbers = {cell: number_of(cell) for cell in set(data.columns[i])}
    bits = {
        cell: compare(RATIONALS, number, cut.op, cut.bound)
        for cell, number in numbers.items()
        if number is not None
    }
    return _read(data, i, bits, f"expected a number for {cut}", complaints, code="E403")


def _values(data: Data, group: Group, i: int, complaints: Complaints) -> Iterator[Column]:
    """Yield the bits of each input of a group from its only column.

    A cell is the value it spells, else the only one of its number: 3.0 is 3, 7.0 is neither 7 nor 007.
    """
    numbers = [number_of(value) for value in group.values]
    known = {}
    for cell in set(data.columns[i]):
        text, number = text_of(cell), number_of(cell)
        if text in group.values:
            known[cell] = text
        elif number is not None and numbers.count(number) == 1:
            known[cell] = group.values[numbers.index(number)]
    expected = (
        f"expected {' or '.join(group.values)}" if len(group.values) <= 8 else "expected a value of the group"
    )
    column = _read(data, i, known, expected, complaints)
    for value in group.values:
        yield [cell == value for cell in column]


def _mends(data: Data, i: int, numbers: Mapping[Cell, Fraction | None]) -> str:
    """Return which key of a spec makes bits of a column that holds none."""
    name, cells = printable(data.names[i]), list(dict.fromkeys(data.columns[i]))
    if all(numbers[cell] is not None for cell in cells):
        return f"to cut a column of numbers:  thresholds: {{NAME: {name} > NUMBER}}"
    values = [text_of(cell) for cell in cells]
    if 2 <= len(values) <= MOST_VALUES and all(re.fullmatch(r"\w+", value, re.ASCII) for value in values):
        return f'if it holds values:  inputs: [{{{name}: "one_hot({", ".join(values)})"}}]'
    return ""


def _readings(
    data: Data, columns: Sequence[int], numbers: Mapping[Cell, Fraction | None], wanted: Wanted
) -> Readings:
    """Return what the numbers in the columns of bits stand for.

    Bits, or the numbers fed, whichever a cell that can be only one of them is first; bits where one number
    could be read both ways.
    """
    bits = {ZERO: False, ONE: True}
    fed = {wanted.low: False, wanted.high: True}
    if any(bits.get(number, bit) != bit for number, bit in fed.items()):
        return bits
    kinds = {cell: fed if n in fed else bits for cell, n in numbers.items() if (n in fed) != (n in bits)}
    if all(kind is fed for kind in kinds.values()) or all(kind is bits for kind in kinds.values()):
        return next(iter(kinds.values()), {**bits, **fed})
    r, i = min((r, i) for i in columns for r, cell in enumerate(data.columns[i]) if cell in kinds)
    return kinds[data.columns[i][r]]


def _read(
    data: Data,
    i: int,
    known: Mapping[Cell, T],
    expected: str,
    complaints: Complaints,
    hint: str = "",
    code: str = "E402",
) -> list[T]:
    """Return what the cells of column i stand for; those that are not known become problems."""
    column = data.columns[i]
    wrong = [r for r, cell in enumerate(column) if cell not in known]
    complaints.add(
        (
            data.problem(code, r, i, f"{expected}, got {shown(column[r])}", hint or _decimals(column[r]))
            for r in wrong
        ),
        len(wrong),
    )
    return [known[cell] for cell in column] if not wrong else []


def _decimals(cell: Cell) -> str:
    """Return a hint for a text that would be a number elsewhere."""
    try:
        rational(cell)
    except InputError:
        return ""
    return "numbers in data are decimals, such as 0.5 or 1e-3" if number_of(cell) is None else ""


def _repeated(data: Data, rows: Sequence[Bits], first: Mapping[Bits, int]) -> Iterator[Problem]:
    """Yield a problem for every row that stands further up already."""
    hint = "to take equal rows once:  rows: {file: FILE, duplicates: merge}"
    for r, row in enumerate(rows):
        if first[row] != r:
            message = f"the row {show_bits(row)} equals {data.row(first[row])}"
            yield data.problem("E402", r, None, message, hint)
