"""`rows` and `thresholds` → rows of bits, and the file they come from."""

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePath

from verifier.domain import Bits, Cut, Source
from verifier.errors import InputError, input_error
from verifier.importers.tensors import printable
from verifier.notation import suggest
from verifier.spec import scalars
from verifier.spec.csv_to_data import parse_csv
from verifier.spec.data import Data
from verifier.spec.data_to_rows import Group, Wanted, rows_of
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
    wanted = Wanted(inputs, groups, cuts, left_out, *encoding, "merge" if merge else "refuse")
    rows = problems.attempt(file, lambda: rows_of(data, wanted))
    if rows is None:
        return None
    places = tuple(map(data.row, rows.values()))
    return tuple(rows), Source(file.text, digest, data.size, places, cuts, left_out)


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
            if problems.attempt(value, partial(_column, column, data, "E403")) is not None:
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
        elif problems.attempt(item, partial(_column, item.text, data, "E402")) is not None:
            names.append(item.text)
    return tuple(names) if len(names) == len(items) else None


def _column(name: str, data: Data, code: str) -> str:
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
    if path.suffix.lower() == ".npy":
        return parse_npy(data, str(path)), digest
    try:
        text = decode(data, "E402")
    except InputError as error:
        hint = "rows are read from CSV in UTF-8 and from .npy files"
        raise InputError(replace(p, hint=hint).at(str(path), p.position) for p in error.problems) from None
    return parse_csv(text, str(path)), digest
