"""CSV file → rows of bits, one column per input; everything wrong with the file at once."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.domain import Bits, show_bits
from verifier.errors import InputError, Position, Problem
from verifier.notation import suggest
from verifier.spec.files import decode, read_bytes

MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of the file and the number of its line."""

    line: int
    cells: list[str]

    def problem(self, message: str, i: int = 0, hint: str = "") -> Problem:
        """Return a complaint about cell i."""
        column = 1 + sum(len(cell) + 1 for cell in self.cells[:i])
        return Problem("E402", message, hint, position=Position(self.line, column))


def read_rows(path: Path, inputs: Sequence[str]) -> tuple[Bits, ...]:
    """Return the rows in the order of the file, the bits in the order of `inputs`.

    Raises:
        InputError: E108 for a file that cannot be opened, E402 for what is in it; at most `MAX_SHOWN`.
    """
    data = read_bytes(path)
    try:
        header, *body = _records(decode(data, "E402"))
        problems = list(_header_problems(header, inputs))
        rows: tuple[Bits, ...] = ()
        if not problems:
            rows, problems = _bits(header, body, inputs)
    except InputError as error:
        problems = list(error.problems)
    if len(problems) > MAX_SHOWN:
        more = Problem(
            "E402", f"and {len(problems) - MAX_SHOWN} more problems", position=problems[-1].position
        )
        problems = [*problems[:MAX_SHOWN], more]
    if problems:
        raise InputError(problem.at(str(path), problem.position) for problem in problems)
    return rows


def _records(text: str) -> list[_Record]:
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        records = [_Record(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise InputError(
            [Problem("E402", f"not CSV: {error}", position=Position(reader.line_num, 1))]
        ) from None
    if len(records) < 2:
        message = "expected a header that names the inputs, and rows below it, got none"
        raise InputError([Problem("E402", message, position=Position(1, 1))])
    return records


def _header_problems(header: _Record, inputs: Sequence[str]) -> Iterator[Problem]:
    names = [cell.strip() for cell in header.cells]
    for i, name in enumerate(names):
        if name not in inputs:
            yield header.problem(f"column {name or i + 1} is not an input", i, suggest(name, inputs))
        elif name in names[:i]:
            yield header.problem(f"two columns are named {name}", i)
    missing = [name for name in inputs if name not in names]
    if missing:
        yield header.problem(f"no column for {', '.join(missing)}")


def _bits(
    header: _Record, body: Sequence[_Record], inputs: Sequence[str]
) -> tuple[tuple[Bits, ...], list[Problem]]:
    names = [cell.strip() for cell in header.cells]
    order = [names.index(name) for name in inputs]
    rows: dict[Bits, int] = {}
    problems: list[Problem] = []
    for record in body:
        cells = [cell.strip() for cell in record.cells]
        wrong = [(i, cell) for i, cell in enumerate(cells[: len(names)]) if cell not in ("0", "1")]
        problems += [
            record.problem(f"column {names[i]}: expected 0 or 1, got {c or 'nothing'}", i) for i, c in wrong
        ]
        if len(cells) != len(names):
            problems.append(record.problem(f"expected {len(names)} cells, got {len(cells)}"))
        elif not wrong:
            row = tuple(cells[i] == "1" for i in order)
            first = rows.setdefault(row, record.line)
            if first != record.line:
                problems.append(record.problem(f"the row {show_bits(row)} is on line {first} already"))
    return tuple(rows), problems
