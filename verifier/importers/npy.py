"""Bytes of a `.npy` file → array, its header judged before anything is read.

The format is numpy's (numpy.lib.format, versions 1.0 to 3.0). Pickled objects are never read.
"""

import ast
import warnings
from math import prod
from typing import Any

import numpy as np
from numpy.lib.format import descr_to_dtype
from numpy.typing import NDArray

from verifier.errors import input_error

_MAGIC = b"\x93NUMPY"
_MAX_HEADER = 10_000
_VERSIONS = {b"\x01\x00": (2, "latin-1"), b"\x02\x00": (4, "latin-1"), b"\x03\x00": (4, "utf-8")}
"""The version → how many bytes the length of the header has, and how its text is encoded."""


def read_npy(data: bytes, name: str) -> NDArray[Any]:
    """Return the array; `name` is what complaints call it. Nothing larger than `data` is allocated.

    Raises:
        InputError: E306, for anything but an array of plain numbers (or fields of them) that is all there.
    """
    if data[:6] != _MAGIC or data[6:8] not in _VERSIONS:
        raise input_error("E306", f"{name}: not an npy file, or one of a version above 3.0")
    width, encoding = _VERSIONS[data[6:8]]
    start = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    if start > min(len(data), _MAX_HEADER):
        raise input_error("E306", f"{name}: not an npy header: it is cut off, or over {_MAX_HEADER} bytes")
    try:
        shape, fortran, dtype = _header(data[8 + width : start].decode(encoding))
    except Exception as error:  # the header is an expression of Python: whatever its reader trips over
        reason = str(error).partition("\n")[0]
        raise input_error("E306", f"{name}: not an npy header: {reason[:200]}") from None
    if dtype.hasobject:
        hint = "save numbers only: numpy.savez(file, name=array.astype(float))"
        raise input_error("E306", f"{name} holds pickled objects, which run code when they are read", hint)
    if dtype.shape:
        raise input_error("E306", f"{name}: expected plain numbers, got arrays as entries: {dtype}")
    if not all(0 <= length < 2**48 for length in shape):
        raise input_error("E306", f"{name}: expected a shape of lengths from 0 to 2^48")
    expected, got = prod(shape) * dtype.itemsize, len(data) - start
    if expected != got or not dtype.itemsize:
        raise input_error(
            "E306", f"{name}: shape {shape} of {dtype} needs {expected} bytes, the file has {got}"
        )
    array = np.frombuffer(data, dtype, offset=start)
    return array.reshape(shape, order="F" if fortran else "C")


def _header(text: str) -> tuple[tuple[int, ...], bool, "np.dtype[Any]"]:
    """Return what a header says; numpy's own reader takes seconds for some damaged ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = ast.literal_eval(text.strip())
        if not isinstance(told, dict) or set(told) != {"descr", "fortran_order", "shape"}:
            raise ValueError("expected descr, fortran_order and shape")
        shape, fortran = told["shape"], told["fortran_order"]
        if not isinstance(shape, tuple) or any(type(length) is not int for length in shape):
            raise ValueError("expected a shape")
        return shape, bool(fortran), descr_to_dtype(told["descr"])
