"""Bytes of a `.npy` file → table of cells: a matrix of numbers, or records with named fields."""

import sys
from typing import TYPE_CHECKING, Any

from verifier.errors import InputError, Position, Problem
from verifier.importers.npy import read_npy
from verifier.importers.tensors import printable
from verifier.spec.data import MAX_COLUMNS, MAX_ROWS, Cell, Data

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NUMBERS, _TEXTS = "biuf", "SU"  # kinds of numpy


def parse_npy(data: bytes, path: str) -> Data:
    """Return the table in a .npy file; the columns of an array without fields have no names.

    Raises:
        InputError: E402, for anything but a matrix of booleans, integers or floats, or a list of records of
            these and of texts.
    """
    try:
        array = read_npy(data, "the file")
    except InputError as error:
        raise _refusal(path, error.problems[0].message, error.problems[0].hint) from None
    names, shape = array.dtype.names, array.shape
    if len(shape) != (2 if names is None else 1):
        wanted = "a matrix, one row per input" if names is None else "a list of records"
        raise _refusal(path, f"expected {wanted}, got an array of shape {shape}")
    if 0 in shape:
        raise _refusal(path, "expected rows, got none")
    if shape[0] > MAX_ROWS:
        raise _refusal(path, f"expected at most {MAX_ROWS} rows, got {shape[0]}")
    columns = shape[1] if names is None else len(names)
    if columns > MAX_COLUMNS:
        raise _refusal(path, f"expected at most {MAX_COLUMNS} columns, got {columns}")
    if names is not None:
        for name in names:
            if not _is_cell(array.dtype[name], _NUMBERS + _TEXTS):
                message = (
                    f"field {printable(name)}: expected booleans, numbers or texts, got {array.dtype[name]}"
                )
                raise _refusal(path, message)
            if not _is_text(array[name]):
                raise _refusal(path, f"field {printable(name)}: a text in it is no Unicode")
        return Data(path, names, tuple(_cells(array[name]) for name in names))
    if not _is_cell(array.dtype, _NUMBERS):
        message = f"expected booleans, integers or floats, got {array.dtype}"
        raise _refusal(path, message, "save numbers:  numpy.save(FILE, array.astype(float))")
    numbered = tuple(f"column {i + 1}" for i in range(columns))
    return Data(path, numbered, tuple(map(_cells, array.T)), named=False)


def _refusal(path: str, message: str, hint: str = "") -> InputError:
    return InputError([Problem("E402", message, hint, path, Position(1, 1))])


def _is_cell(dtype: "np.dtype[Any]", kinds: str) -> bool:
    return dtype.kind in kinds and not dtype.shape


def _is_text(column: "NDArray[Any]") -> bool:
    """Return whether every letter is one: numpy makes texts of any numbers, which Python then trips over."""
    if column.dtype.kind != "U":
        return True
    letters = column.astype(column.dtype.newbyteorder("=")).view("u4")
    return letters.size == 0 or int(letters.max()) <= sys.maxunicode


def _cells(column: "NDArray[Any]") -> list[Cell]:
    cells: list[Any] = column.tolist()
    return [cell.decode("latin-1") for cell in cells] if column.dtype.kind == "S" else cells
