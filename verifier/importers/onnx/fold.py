"""Node that depends on no input → the constant it makes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from verifier.errors import input_error
from verifier.importers.onnx.constants import Constant, Given, cast, constant, exact, needed, optional
from verifier.importers.onnx.graph import Node
from verifier.importers.onnx.quantise import dequantised, quantised
from verifier.importers.onnx.shapes import reshaped
from verifier.importers.tensors import from_array


def _constant(node: Node, given: Given) -> Constant:
    """Return the value of Constant, which is one of its attributes."""
    if len(node.attributes) != 1:
        raise input_error("E302", f"expected one value, got {', '.join(node.attributes) or 'none'}")
    ((name, value),) = node.attributes.items()
    if name == "value":
        return constant(value, node.output)
    kind = "float32" if name.startswith("value_float") else "int64"
    return Constant(node.output, kind, exact(from_array(node.output, np.array(value, kind)).values))


def _identity(node: Node, given: Given) -> Constant:
    return needed(given, 0)


def _transpose(node: Node, given: Given) -> Constant:
    old = needed(given, 0)
    axes = range(old.values.ndim)
    order = tuple(node.attributes.get("perm", reversed(axes)))
    if sorted(order) != list(axes):
        raise input_error("E301", f"{list(order)} is no order of the axes of {old}")
    return replace(old, values=old.values.transpose(order))


def _reshape(node: Node, given: Given) -> Constant:
    old = needed(given, 0)
    shape = reshaped(old.shape, needed(given, 1).integers(), node.attributes.get("allowzero", 0) != 0)
    return replace(old, values=old.values.reshape(shape))


def _cast(node: Node, given: Given) -> Constant:
    old = needed(given, 0)
    return replace(old, type=cast(old.type, node.attributes.get("to", 0)))


def _quantize(node: Node, given: Given) -> Constant:
    return quantised(needed(given, 0), needed(given, 1), optional(given, 2), node.attributes.get("axis", 1))


def _dequantize(node: Node, given: Given) -> Constant:
    return dequantised(needed(given, 0), needed(given, 1), optional(given, 2), node.attributes.get("axis", 1))


FOLDED: dict[str, Callable[[Node, Given], Constant]] = {
    "Constant": _constant,
    "Identity": _identity,
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Cast": _cast,
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
}
"""What may stand between the weights of a file and the node that takes them."""
