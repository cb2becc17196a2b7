"""Bytes of .npy files: what numpy.save writes is read back; everything else is refused, unread."""

import contextlib
import struct
import time
from io import BytesIO
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib import format as npy

from verifier.errors import InputError
from verifier.spec.npy_to_data import parse_npy

ALIGNED = np.dtype([("big", "i1"), ("old", "f8")], align=True)
MATRIX = np.array([[0, 1], [1, 0], [1, 1]])


def saved(array, **options):
    buffer = BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def written(header, data=b"", version=b"\x01\x00"):
    """Return a .npy file with any header at all."""
    size = struct.pack("<H" if version[0] == 1 else "<I", len(header))
    return b"\x93NUMPY" + version + size + header.encode("latin-1") + data


def refused(data):
    with pytest.raises(InputError) as caught:
        parse_npy(data, "rows.npy")
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("E402", "rows.npy")
    return problem.message


@pytest.mark.parametrize("kind", ["?", "i1", "u8", ">i4", "<f2", "f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_matrix_of_numbers(kind, order):
    data = parse_npy(saved(np.asarray(MATRIX.astype(kind), order=order)), "rows.npy")
    assert (data.names, data.named) == (("column 1", "column 2"), False)
    assert data.columns == ([0, 1, 1], [1, 0, 1])


@pytest.mark.parametrize("shape", [(3,), (3, 2)])
def test_arrays_as_entries(shape):
    header = repr({"descr": ("<f8", (2,)), "fortran_order": False, "shape": shape}) + "\n"
    data = written(header, bytes(48 * len(shape)))
    assert "expected plain numbers, got arrays as entries" in refused(data)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_records_with_fields(version):
    name = "größe" if version < (3, 0) else "μέγεθος"
    array = np.array([(0.5, "a"), (2, "bc")], dtype=[(name, "<f4"), ("text", "U2")])
    buffer = BytesIO()
    npy.write_array(buffer, array, version=version)
    data = parse_npy(buffer.getvalue(), "rows.npy")
    assert (data.names, data.named) == ((name, "text"), True)
    assert data.columns == ([0.5, 2.0], ["a", "bc"])


def test_records_that_are_aligned():
    data = parse_npy(saved(np.array([(1, 0.5), (0, 3)], dtype=ALIGNED)), "rows.npy")
    assert (data.names, data.columns) == (("big", "old"), ([1, 0], [0.5, 3.0]))


def test_texts_of_bytes():
    data = parse_npy(saved(np.array([(b"red",)], dtype=[("color", "S3")])), "rows.npy")
    assert data.columns == (["red"],)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([0, 1]), "expected a matrix, one row per input, got an array of shape (2,)"),
        (np.zeros((2, 2, 2)), "expected a matrix, one row per input, got an array of shape (2, 2, 2)"),
        (np.zeros((0, 2)), "expected rows, got none"),
        (np.zeros((2, 0)), "expected rows, got none"),
        (MATRIX.astype(complex), "expected booleans, integers or floats, got complex128"),
        (MATRIX.astype("M8[s]"), "expected booleans, integers or floats, got datetime64[s]"),
        (np.array([["0", "1"]]), "expected booleans, integers or floats, got <U1"),
        (np.array([[0, None]]), "the file holds pickled objects"),
        (np.array([(1, (2, 3))], dtype=[("a", "i1"), ("b", "i1", 2)]), "field b: expected booleans, numbers"),
        (np.array([(1, None)], dtype=[("a", "i1"), ("b", "O")]), "the file holds pickled objects"),
        (np.array([((1,),)], dtype=[("a", [("b", "i1")])]), "field a: expected booleans, numbers or texts"),
        (np.array([[(1,)]], dtype=[("a", "i1")]), "expected a list of records, got an array of shape (1, 1)"),
        (np.zeros((1, 16385)), "expected at most 16384 columns, got 16385"),
        (np.zeros((2**20 + 1, 1), bool), "expected at most 1048576 rows, got 1048577"),
    ],
)
def test_arrays_that_are_no_rows(array, message):
    assert refused(saved(array)).startswith(message)


SHAPE = "{{'descr': '<i8', 'fortran_order': False, 'shape': {}}}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file: not an npy file"),
        (b"\x93NUMPY\x01", "the file: not an npy file"),
        (saved(MATRIX)[:60], "the file: not an npy header"),
        (b"PK\x03\x04" + bytes(200), "the file: not an npy file"),
        (saved(MATRIX)[:-1], "the file: shape (3, 2) of int64 needs 48 bytes, the file has 47"),
        (saved(MATRIX) + b"0", "the file: shape (3, 2) of int64 needs 48 bytes, the file has 49"),
        (written(SHAPE.format("(1099511627775, 1099511627775)")), "the file: shape"),
        (written(SHAPE.format("(1, -1)")), "the file: expected a shape of lengths from 0"),
        (written(SHAPE.format("(1, 0x" + "f" * 9_000 + ")")), "the file: expected a shape of lengths from 0"),
        (written("{}"), "the file: not an npy header"),
        (written("[" * 9_000), "the file: not an npy header"),
        (written("{'descr': __import__('os')}"), "the file: not an npy header"),
        (written("{'descr': 'V0', 'fortran_order': False, 'shape': (2, 2)}"), "the file: "),
        (written(" " * 70_000, version=b"\x02\x00"), "the file: not an npy header"),
        (written("", version=b"\x04\x00"), "the file: not an npy file, or one of a version above 3.0"),
        (
            written("{'descr': [('a', '<U1')], 'fortran_order': False, 'shape': (1,)}", b"\0\0\x11\0"),
            "field a: a text in it is no Unicode",
        ),
    ],
)
def test_damaged_files(data, message):
    assert refused(data).startswith(message)


def test_headers_are_read_in_no_time():
    """numpy's reader tries this one with every number of spaces, for 17 s."""
    header = "x" + " " * 6000 + "\x93"
    start = time.monotonic()
    refused(written(header))
    assert time.monotonic() - start < 1


def test_nothing_is_unpickled(tmp_path):
    """An object array may run anything when it is unpickled: this one would make a file."""
    mark = tmp_path / "mark"
    trap = type("Trap", (), {"__reduce__": lambda self: (open, (str(mark), "w"))})()
    refused(saved(np.array([[trap]], dtype=object), allow_pickle=True))
    assert not mark.exists()


@given(st.binary(max_size=60), st.integers(0, 200), st.sampled_from([MATRIX, np.zeros(2, ALIGNED)]))
def test_any_damage(piece, at, array):
    data = saved(array)
    damaged = data[:at] + piece + data[at + len(piece) :]
    with contextlib.suppress(InputError):
        table = parse_npy(damaged, "rows.npy")
        assert all(isinstance(c, bool | int | float) for c in chain.from_iterable(table.columns))
