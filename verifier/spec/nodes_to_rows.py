"""`rows` and `thresholds` → rows of bits, and the file they come from."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePath

from verifier.domain import Bits, Cut, Label, Source
from verifier.errors import InputError, input_error
from verifier.importers.pointer import is_pointer
from verifier.importers.tensors import printable
from verifier.notation import show, suggest
from verifier.spec import scalars
from verifier.spec.csv_to_data import parse_csv
from verifier.spec.data import Data, number_of, text_of
from verifier.spec.data_to_rows import Group, Wanted, distinct, every_row
from verifier.spec.files import decode, read_bytes
from verifier.spec.nodes import Mapping, Scalar, Sequence
from verifier.spec.nodes import scalars as scalars_of
from verifier.spec.npy_to_data import parse_npy
from verifier.spec.problems import Problems

REST = ("rest",)


def read_rows(
    root: Mapping,
    inputs: tuple[str, ...],
    groups: tuple[Group, ...],
    encoding: tuple[Fraction, Fraction],
    folder: Path,
    problems: Problems,
) -> tuple[tuple[Bits, ...], Source] | None:
    """Return the rows; None if there are none, or something about them is faulty."""
    node, thresholds = root.get("rows"), root.mapping("thresholds")
    options = node if isinstance(node, Mapping) else None
    file = options.scalar("file") if options else node
    if thresholds and "rows" not in root.items:
        problems.add(
            "E403", "thresholds cut the columns of a data file", thresholds.position, "rows: FILE.csv"
        )
    if not isinstance(file, Scalar):
        return None
    found = problems.attempt(file, lambda: read_data(folder / file.text))
    if found is None:
        return None
    data, digest = found
    cuts = _cuts(thresholds, inputs, data, problems)
    if cuts is None:
        return None
    used = {*inputs} - {cut.name for cut in cuts} | {cut.column for cut in cuts}
    ignored = _ignored(options, used, data, problems)
    if ignored is None:
        return None
    left_out = None if ignored is REST else ignored
    chosen = options.scalar("duplicates") if options else None
    merge = chosen.text == "merge" if chosen else bool(cuts)
    answers = options.scalar("label") if options else None
    if answers and answers.text in (*used, *ignored):
        other = "used" if answers.text in used else "ignored"
        problems.add("E402", f"column {answers.text} is {other}, so it cannot be the label", answers.position)
        return None
    if answers and problems.attempt(answers, lambda: column_of(answers.text, data, "E402")) is None:
        return None
    aside = left_out if left_out is None or not answers else (*left_out, answers.text)
    wanted = Wanted(inputs, groups, cuts, aside, *encoding, "merge" if merge else "refuse")
    every = problems.attempt(file, lambda: every_row(data, wanted))
    rows = problems.attempt(file, lambda: distinct(data, every, wanted)) if every is not None else None
    if every is None or rows is None:
        return None
    places = tuple(map(data.row, rows.values()))
    label = _label(answers.text, every, data) if answers else None
    return tuple(rows), Source(file.text, digest, data.size, places, cuts, left_out, label)


def _label(column: str, rows: Collection[Bits], data: Data) -> Label:
    """Return the answers in a column; whole numbers as they are counted, 1.0 being 1."""
    cells = data.columns[data.names.index(column)]
    numbers = {cell: number_of(cell) for cell in set(cells)}
    texts = {cell: text_of(cell) if n is None else show(n) for cell, n in numbers.items()}
    counted = Counter(zip(rows, (texts[cell] for cell in cells), strict=True))
    return Label(column, tuple((row, text, times) for (row, text), times in counted.items()))


def _cuts(
    node: Mapping | None, inputs: tuple[str, ...], data: Data, problems: Problems
) -> tuple[Cut, ...] | None:
    """Return the thresholds; None if one is faulty."""
    given = list(node.items.items()) if node else []
    cuts = []
    for name, (key, value) in given:
        if name not in inputs:
            problems.add("E403", f"{name} is not an input", key.position, suggest(name, inputs))
        elif isinstance(value, Scalar):
            column, op, bound = scalars.cut(value.text)
            if problems.attempt(value, partial(column_of, column, data, "E403")) is not None:
                cuts.append(Cut(name, column, op, bound))
    return tuple(cuts) if len(cuts) == len(given) else None


def _ignored(
    options: Mapping | None, used: Collection[str], data: Data, problems: Problems
) -> tuple[str, ...] | None:
    """Return the names of the columns to leave out, or `REST`; None if one is faulty."""
    node = options.get("ignore") if options else None
    if isinstance(node, Scalar):
        return REST
    items = scalars_of(node if isinstance(node, Sequence) else None)
    names = []
    for item in items:
        if item.text in used:
            message = f"column {item.text} is used, so it cannot be ignored"
            problems.add("E402", message, item.position)
        elif problems.attempt(item, partial(column_of, item.text, data, "E402")) is not None:
            names.append(item.text)
    return tuple(names) if len(names) == len(items) else None


def column_of(name: str, data: Data, code: str) -> str:
    """Return the name of a column.

    Raises:
        InputError: there is none of this name; `code` says who asks.
    """
    if name not in data.names:
        raise input_error(
            code,
            f"{PurePath(data.path).name} has no column {name}",
            suggest(name, map(printable, data.names)),
        )
    return name


def read_data(path: Path) -> tuple[Data, str]:
    """Return the table in a file, `.npy` or CSV, and the digest of its bytes.

    Raises:
        InputError: E108 for a file that cannot be opened, E402 for what is in it.
    """
    data = read_bytes(path)
    digest = sha256(data).hexdigest()
    if path.suffix.lower() == ".npy" and not is_pointer(data):  # which `decode` refuses
        return parse_npy(data, str(path)), digest
    try:
        text = decode(data, "E402")
    except InputError as error:
        hint = "rows are read from CSV in UTF-8 and from .npy files"
        hinted = (replace(p, hint=p.hint or hint) for p in error.problems)
        raise InputError(p.at(str(path), p.position) for p in hinted) from None
    return parse_csv(text, str(path)), digest
