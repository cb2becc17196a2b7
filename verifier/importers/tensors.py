"""Array, or bytes and the type of their numbers → Tensor, whose entries are finite and exact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.errors import input_error
from verifier.network import Row

MAX_NUMBERS = 2**20
_MAX_SHOWN = 12
_READ = ("float64", "float32", "float16", "int64", "int32", "int16", "int8",
         "uint64", "uint32", "uint16", "uint8", "bool")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """Named numbers. `values` are of type float64, int64 or uint64, each holding its numbers exactly."""

    name: str
    values: NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.values.shape

    def __str__(self) -> str:
        return f"{printable(self.name)} {show_shape(self.shape)}"


def from_array(name: str, array: NDArray[Any]) -> Tensor:
    """Return the tensor of an array.

    Raises:
        InputError: E306 for numbers that are not read here, or too many; E104 for NaN and infinities.
    """
    if array.dtype.name not in _READ:
        raise input_error(
            "E306", f"tensor {printable(name)}: numbers of type {array.dtype.name} are not read"
        )
    check_total([array.shape])
    kind = {"f": np.float64, "u": np.uint64}.get(array.dtype.kind, np.int64)
    values = array.astype(kind)
    wrong = np.argwhere(~np.isfinite(values)).tolist() if array.dtype.kind == "f" else []
    if wrong:
        entry, more = ", ".join(map(str, wrong[0])), f" ({len(wrong)} such entries)" * (len(wrong) > 1)
        message = f"expected a finite number, got {values[tuple(wrong[0])]}{more}"
        raise input_error("E104", f"tensor {printable(name)}, entry [{entry}]: {message}")
    return Tensor(name, values)


def from_bytes(name: str, dtype: str, shape: Sequence[int], data: bytes) -> Tensor:
    """Return the tensor of little-endian bytes; `dtype` is a name of numpy's, or `bfloat16`.

    Raises:
        InputError: as `from_array`; E306 where there are not as many bytes as the shape says.
    """
    if dtype != "bfloat16" and dtype not in _READ:
        raise input_error("E306", f"tensor {printable(name)}: numbers of type {dtype} are not read")
    check_total([shape])
    stored = np.dtype("uint16" if dtype == "bfloat16" else dtype).newbyteorder("<")
    if len(data) != prod(shape) * stored.itemsize:
        counts = f"expected {prod(shape) * stored.itemsize} bytes of {dtype}, got {len(data)}"
        raise input_error("E306", f"tensor {printable(name)} of shape {show_shape(shape)}: {counts}")
    array = np.frombuffer(data, stored).reshape(shape)
    if dtype == "bfloat16":  # the upper half of a float32
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return from_array(name, array)


def check_total(shapes: Iterable[Sequence[int]]) -> None:
    """Raise E306 if arrays of these shapes hold more than `MAX_NUMBERS` numbers, or negative lengths."""
    total = 0
    for shape in shapes:
        if any(length < 0 for length in shape):
            raise input_error("E306", f"expected lengths of 0 or more, got the shape {show_shape(shape)}")
        total += prod(shape)
    if total > MAX_NUMBERS:
        raise input_error("E306", f"expected at most {MAX_NUMBERS} numbers, got {total}")


def vector(tensor: Tensor) -> Row:
    """Return the entries of a tensor with one axis.

    Raises:
        InputError: E301.
    """
    if len(tensor.shape) != 1 or not tensor.values.size:
        raise input_error(
            "E301", f"tensor {printable(tensor.name)}: expected a vector, got the shape {shown(tensor)}"
        )
    return tuple(map(Fraction, tensor.values.tolist()))


def matrix(tensor: Tensor, transpose: bool = False) -> tuple[Row, ...]:
    """Return the rows of a tensor with two axes, or its columns.

    Raises:
        InputError: E301.
    """
    if len(tensor.shape) != 2 or not tensor.values.size:
        raise input_error(
            "E301", f"tensor {printable(tensor.name)}: expected a matrix, got the shape {shown(tensor)}"
        )
    values = tensor.values.T if transpose else tensor.values
    return tuple(tuple(map(Fraction, row)) for row in values.tolist())


def printable(name: str) -> str:
    """Return a name as it can be shown: one that holds anything unprintable in quotes."""
    return name if name.isprintable() else repr(name)


def shown(tensor: Tensor) -> str:
    """Return the shape as text."""
    return show_shape(tensor.shape)


def show_shape(shape: Sequence[int]) -> str:
    """Return lengths as text.

    >>> show_shape((3, 4)), show_shape((5,)), show_shape(())
    ('3x4', '5', 'of a single number')
    """
    return "x".join(map(str, shape)) or "of a single number"


def show_tensors(tensors: Iterable[Tensor]) -> str:
    """Return names and shapes, of a long list the first."""
    texts = [str(tensor) for tensor in tensors]
    more = [f"and {len(texts) - _MAX_SHOWN} more"] if len(texts) > _MAX_SHOWN else []
    return ", ".join(texts[:_MAX_SHOWN] + more) or "nothing"
