"""CSV text → table of cells, each with its line; a header names the columns."""

import csv
from io import StringIO

from verifier.errors import InputError, Position, Problem
from verifier.importers.tensors import printable
from verifier.spec.data import MAX_COLUMNS, MAX_ROWS, Complaints, Data, place_in_line
from verifier.spec.files import CONFLICT, conflict_in


def parse_csv(text: str, path: str) -> Data:
    """Return the table of a CSV file; lines of nothing but white space are left out.

    Raises:
        InputError: E402, for a merge conflict, quotes that are not closed, no rows, too many, rows of
            different lengths.
    """
    conflict = conflict_in(text.replace("\r\n", "\n"))
    if conflict is not None:
        raise InputError([_problem(path, conflict.line, conflict.column, CONFLICT)])
    (first, header), *body = _records(text, path)
    names = tuple(cell.strip() for cell in header)
    complaints = Complaints()
    if len(names) > MAX_COLUMNS:
        message = f"expected at most {MAX_COLUMNS} columns, got {len(names)}"
        raise InputError([_problem(path, first, 1, message)])
    earlier = {name: i for i, name in reversed(list(enumerate(names)))}
    named_twice = [i for i, name in enumerate(names) if earlier[name] < i]
    complaints.add(
        (
            _problem(path, first, place_in_line(header[:i]), f"two columns are named {printable(names[i])}")
            for i in named_twice
        ),
        len(named_twice),
    )
    ragged = [(line, len(cells)) for line, cells in body if len(cells) != len(names)]
    complaints.add(
        (_problem(path, line, 1, f"expected {len(names)} cells, got {count}") for line, count in ragged),
        len(ragged),
    )
    if complaints:
        raise complaints.error()
    columns = tuple(zip(*(cells for _, cells in body), strict=True))
    return Data(path, names, columns, lines=[line for line, _ in body], header=first)


def _records(text: str, path: str) -> list[tuple[int, list[str]]]:
    """Return the records, two or more, with the line each begins on."""
    source = StringIO(text, newline="")
    reader = csv.reader(source, strict=True)
    records: list[tuple[int, list[str]]] = []
    line, start = 1, 0
    try:
        for cells in reader:
            if text[start : source.tell()].strip():
                records.append((line, cells))
            line, start = reader.line_num + 1, source.tell()
            if len(records) > MAX_ROWS + 1:
                raise InputError([_problem(path, line, 1, f"expected at most {MAX_ROWS} rows")])
    except csv.Error as error:
        raise InputError([_problem(path, line, 1, f"not CSV: {error}")]) from None
    if len(records) < 2:
        message = "expected a header that names the columns, and rows below it, got none"
        raise InputError([_problem(path, 1, 1, message)])
    return records


def _problem(path: str, line: int, column: int, message: str) -> Problem:
    return Problem("E402", message, path=path, position=Position(line, column))
