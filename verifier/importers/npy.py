"""Bytes of a `.npy` file → array, its header judged before anything is read.

The format is numpy's (numpy.lib.format, versions 1.0 and 2.0). Pickled objects are never read.
"""

from io import BytesIO
from math import prod
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from verifier.errors import input_error

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npy(data: bytes, name: str) -> NDArray[Any]:
    """Return the array; `name` is what complaints call it. Nothing larger than `data` is allocated.

    Raises:
        InputError: E306, for anything but an array of plain numbers (or fields of them) that is all there.
    """
    file = BytesIO(data)
    try:
        version = npy.read_magic(file)
        shape, fortran, dtype = _HEADERS[version](file)
    except KeyError:
        raise input_error("E306", f"{name}: version {version} of the npy format is not read") from None
    except Exception as error:  # the header is an expression of Python: whatever its reader trips over
        reason = str(error).partition("\n")[0]
        raise input_error("E306", f"{name}: not an npy header: {reason[:200]}") from None
    if dtype.hasobject:
        hint = "save numbers only: numpy.savez(file, name=array.astype(float))"
        raise input_error("E306", f"{name} holds pickled objects, which run code when they are read", hint)
    if not all(0 <= length < 2**48 for length in shape):
        raise input_error("E306", f"{name}: expected a shape of lengths from 0 to 2^48")
    expected, got = prod(shape) * dtype.itemsize, len(data) - file.tell()
    if expected != got or not dtype.itemsize:
        raise input_error(
            "E306", f"{name}: shape {shape} of {dtype} needs {expected} bytes, the file has {got}"
        )
    array = np.frombuffer(data, dtype, offset=file.tell())
    return array.reshape(shape, order="F" if fortran else "C")
