"""Stored tensors of an ONNX file → arrays of exact rationals."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from verifier.errors import input_error
from verifier.importers.tensors import check_total, from_bytes, printable

TYPES: dict[int, str] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.FLOAT16: "float16",
    onnx.TensorProto.BFLOAT16: "bfloat16",
    onnx.TensorProto.INT8: "int8",
    onnx.TensorProto.UINT8: "uint8",
    onnx.TensorProto.INT32: "int32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.BOOL: "bool",
}
"""The types of numbers that are read, by their number in the format."""
FLOATS = ("float16", "bfloat16", "float32", "float64")
_WIDER = {"float16": ("float32", "float64"), "bfloat16": ("float32", "float64"), "float32": ("float64",)}
_STORED = {
    "float32": ("float_data", "<f4"),
    "float64": ("double_data", "<f8"),
    "float16": ("int32_data", "<u2"),
    "bfloat16": ("int32_data", "<u2"),
    "int8": ("int32_data", "i1"),
    "uint8": ("int32_data", "u1"),
    "int32": ("int32_data", "<i4"),
    "int64": ("int64_data", "<i8"),
    "bool": ("int32_data", "u1"),
}
"""The field that holds numbers of a type where `raw_data` does not, and their bytes in `raw_data`."""
_FIELDS = (
    "raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data", "string_data",
)  # fmt: skip

Exact = NDArray[Any]
"""An array of Fractions."""


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """Numbers known from the file alone: `values` are Fractions, `type` is what the file stores them as."""

    name: str
    type: str
    values: Exact

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.values.shape

    def __str__(self) -> str:
        return f"{printable(self.name)} of shape {list(self.shape)}"

    def number(self) -> Fraction:
        """Return the only number.

        Raises:
            InputError: E301, where there are more, or none.
        """
        if self.values.size != 1:
            raise input_error("E301", f"expected one number, got {self}")
        return Fraction(self.values.ravel()[0])

    def integers(self) -> list[int]:
        """Return the numbers of a list of integers.

        Raises:
            InputError: E301, for any other numbers.
        """
        if self.values.ndim > 1 or not self.type.startswith("int"):
            raise input_error("E301", f"expected a list of integers, got {self.type} {self}")
        return [int(v) for v in self.values.ravel()]


Given = Sequence[Constant | None]
"""The inputs of a node that are constants, at their places; None for another, or for one that is left out."""


def optional(given: Given, place: int) -> Constant | None:
    """Return the constant at a place, or None."""
    return given[place] if place < len(given) else None


def needed(given: Given, place: int) -> Constant:
    """Return the constant at a place.

    Raises:
        InputError: E302, where there is none.
    """
    found = optional(given, place)
    if found is None:
        raise input_error("E302", f"expected a constant as input no. {place + 1}")
    return found


def element_type(number: int, what: str) -> str:
    """Return the name of a type of numbers.

    Raises:
        InputError: E302, for one that is not read.
    """
    if number in TYPES:
        return TYPES[number]
    names = {value: name for name, value in onnx.TensorProto.DataType.items()}
    message = f"{what}: numbers of type {names.get(number, f'no. {number}')} are not read"
    raise input_error("E302", message, f"known: {', '.join(TYPES.values())}")


def cast(old: str, number: int) -> str:
    """Return the type after Cast, which must change no number.

    Raises:
        InputError: E302, for one that may.
    """
    new = element_type(number, "its result")
    if new != old and new not in _WIDER.get(old, ()):
        hint = "export the network with an input and weights of one type"
        raise input_error("E302", f"turning {old} into {new} may change numbers", hint)
    return new


def elsewhere(proto: onnx.TensorProto) -> bool:
    """Return whether the data of a tensor are not in it."""
    external = proto.data_location == onnx.TensorProto.EXTERNAL
    return external or len(proto.external_data) > 0 or proto.HasField("segment")


def exact(values: NDArray[Any]) -> Exact:
    """Return the numbers of an array, each the rational it is."""
    found = np.empty(values.size, dtype=object)
    found[:] = [Fraction(v) for v in values.ravel().tolist()]
    return found.reshape(values.shape)


def constant(proto: onnx.TensorProto, name: str) -> Constant:
    """Return the numbers of a stored tensor, whose data are in it.

    Raises:
        InputError: E302 for a type that is not read; E306 for data that do not fit, or too many; E104 for NaN
            and infinities.
    """
    kind = element_type(proto.data_type, f"tensor {printable(name)}")
    check_total([proto.dims])
    tensor = from_bytes(name, kind, tuple(proto.dims), _data(proto, kind, name))
    return Constant(name, kind, exact(tensor.values))


def _data(proto: onnx.TensorProto, kind: str, name: str) -> bytes:
    """Return the bytes of the numbers, little-endian."""
    given = [field for field in _FIELDS if len(getattr(proto, field))]
    if len(given) > 1:
        raise input_error("E306", f"tensor {printable(name)} has its data twice: {', '.join(given)}")
    if given == ["raw_data"]:
        return bytes(proto.raw_data)
    field, code = _STORED[kind]
    values = np.array(getattr(proto, field), dtype=None if getattr(proto, field) else code)
    narrow = values.astype(code)
    if narrow.dtype.kind in "iu" and (values != narrow).any():
        raise input_error("E306", f"tensor {printable(name)}: an entry of {field} is no {kind}")
    return narrow.tobytes()
