"""Node of the chain → what it does to the flow: one function per operator, every coefficient exact."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from verifier.errors import input_error
from verifier.importers.fold import normalisation
from verifier.importers.onnx.constants import Constant, Given, cast, needed, optional
from verifier.importers.onnx.flow import Flow
from verifier.importers.onnx.graph import Node
from verifier.importers.onnx.quantise import dequantise, quantise
from verifier.importers.onnx.shapes import flattened, regrouped, squeezed
from verifier.network import ONE, ZERO, Activation, Kind
from verifier.notation import rational

Operator = Callable[[Flow, Node, Given], None]
_FLOAT32_MAX = rational(float(np.finfo(np.float32).max))
_FOLD = (
    "fold it when exporting, so that the rounded weights the runtime uses are in the file: "
    "torch.nn.utils.fusion.fuse_linear_bn_eval(linear, norm)"
)


def _gemm(flow: Flow, node: Node, given: Given) -> None:
    """alpha · A · B + beta · C, with A the flow; transB turns B round."""
    if node.attributes.get("transA", 0):
        raise input_error("E302", "transA = 1 turns the batch round")
    alpha, beta = _number(node, "alpha", 1.0), _number(node, "beta", 1.0)
    _multiply(flow, node, needed(given, 1), node.attributes.get("transB", 0) != 0, alpha)
    C = optional(given, 2)
    if C is not None:
        _add_constant(flow, C, beta)


def _matmul(flow: Flow, node: Node, given: Given) -> None:
    _multiply(flow, node, needed(given, 1), False, ONE)


def _multiply(flow: Flow, node: Node, B: Constant, transposed: bool, factor: Fraction) -> None:
    if B.values.ndim != 2 or not B.values.size:
        raise input_error("E301", f"expected a matrix, got {B}")
    rows = (B.values if transposed else B.values.T).tolist()
    flow.matrix([tuple(factor * w for w in row) for row in rows], node.place)


def _add(flow: Flow, node: Node, given: Given) -> None:
    _add_constant(flow, needed(given, 1 if given[0] is None else 0), ONE)


def _add_constant(flow: Flow, term: Constant, factor: Fraction) -> None:
    """Add a constant whose axes are those of the flow or fit them, the same to every input of a batch."""
    try:
        spread = np.broadcast_to(term.values, (1, *flow.shape)).ravel()
    except ValueError:
        raise input_error("E301", f"{term} does not fit [N, {', '.join(map(str, flow.shape))}]") from None
    flow.elementwise([ONE] * flow.width, [factor * v for v in spread])


def _batch_normalization(flow: Flow, node: Node, given: Given) -> None:
    """scale · (v - mean) / sqrt(var + epsilon) + B, where that is rational."""
    if node.attributes.get("training_mode", 0) or not node.attributes.get("spatial", 1):
        raise input_error("E302", "only its form for inference, one mean per channel, is read")
    parameters = [needed(given, place) for place in range(1, 5)]
    for parameter in parameters:
        if parameter.shape != flow.shape:
            raise input_error("E301", f"{parameter} does not fit [N, {', '.join(map(str, flow.shape))}]")
    scale, offset, mean, variance = (tuple(parameter.values) for parameter in parameters)
    folded = normalisation(scale, offset, mean, variance, _number(node, "epsilon", 1e-5))
    if isinstance(folded, int):
        message = f"var + epsilon of channel {folded + 1} has no rational root: nothing exact can be folded"
        raise input_error("E302", message, _FOLD)
    flow.elementwise(*folded)


def _activation(kind: Kind) -> Operator:
    def apply(flow: Flow, node: Node, given: Given) -> None:
        flow.activate(Activation(kind), node.place)

    return apply


def _leaky_relu(flow: Flow, node: Node, given: Given) -> None:
    flow.activate(Activation("leaky_relu", slope=_number(node, "alpha", 0.01)), node.place)


def _hard_sigmoid(flow: Flow, node: Node, given: Given) -> None:
    """alpha · v + beta, cut off at 0 and 1."""
    alpha, beta = _number(node, "alpha", 0.2), _number(node, "beta", 0.5)
    flow.elementwise([alpha] * flow.width, [beta] * flow.width)
    flow.activate(Activation("clip", low=ZERO, high=ONE), node.place)


def _clip(flow: Flow, node: Node, given: Given) -> None:
    """Cut off at min and max: attributes before opset 11, inputs since.

    The ends of float32 cut no number of that type, nor of a narrower one.
    """
    low, high = (
        _number(node, name, 0) if name in node.attributes else None if end is None else end.number()
        for name, end in (("min", optional(given, 1)), ("max", optional(given, 2)))
    )
    if flow.type != "float64":
        low = None if low is not None and low <= -_FLOAT32_MAX else low
        high = None if high is not None and high >= _FLOAT32_MAX else high
    if low is not None and high is not None:
        flow.activate(Activation("clip", low=low, high=high), node.place)
    elif low is not None:
        _rectify(flow, node, ONE, low)
    elif high is not None:
        _rectify(flow, node, -ONE, high)


def _rectify(flow: Flow, node: Node, sign: Fraction, end: Fraction) -> None:
    """Cut v off at one end: end + sign · relu(sign · (v - end))."""
    flow.elementwise([sign] * flow.width, [-sign * end] * flow.width)
    flow.activate(Activation("relu"), node.place)
    flow.elementwise([sign] * flow.width, [end] * flow.width)


def _unchanged(flow: Flow, node: Node, given: Given) -> None:
    pass


def _dropout(flow: Flow, node: Node, given: Given) -> None:
    training = optional(given, 2)
    if training is not None and training.number():
        raise input_error("E302", "it is random in training mode", "export for inference: network.eval()")


def _cast(flow: Flow, node: Node, given: Given) -> None:
    flow.type = cast(flow.type, node.attributes.get("to", 0))


def _flatten(flow: Flow, node: Node, given: Given) -> None:
    flow.shape = flattened(flow.shape, node.attributes.get("axis", 1))


def _reshape(flow: Flow, node: Node, given: Given) -> None:
    zeros = node.attributes.get("allowzero", 0) != 0
    flow.shape = regrouped(flow.shape, flow.batch, needed(given, 1).integers(), zeros)


def _squeeze(flow: Flow, node: Node, given: Given) -> None:
    axes = optional(given, 1)
    flow.shape = squeezed(flow.shape, node.attributes.get("axes") if axes is None else axes.integers())


def _quantize(flow: Flow, node: Node, given: Given) -> None:
    quantise(flow, needed(given, 1), optional(given, 2), node.attributes.get("axis", 1), node.place)


def _dequantize(flow: Flow, node: Node, given: Given) -> None:
    dequantise(flow, needed(given, 1), optional(given, 2), node.attributes.get("axis", 1))


def _argmax(flow: Flow, node: Node, given: Given) -> None:
    """The number of the largest unit: a decoding, and the end of the graph."""
    if len(flow.shape) != 1 or flow.width < 2 or node.attributes.get("axis", 0) not in (1, -1):
        raise input_error("E302", "expected the largest of two units or more, along axis 1")
    flow.output, flow.type = "argmax", "int64"


def _number(node: Node, name: str, default: float) -> Fraction:
    """Return an attribute: they are of single precision, and so are their defaults."""
    return rational(float(np.float32(node.attributes.get(name, default))))


OPERATORS: dict[str, Operator] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _add,
    "BatchNormalization": _batch_normalization,
    "Relu": _activation("relu"),
    "LeakyRelu": _leaky_relu,
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Sign": _activation("sign"),
    "HardSigmoid": _hard_sigmoid,
    "Clip": _clip,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Identity": _unchanged,
    "Dropout": _dropout,
    "Cast": _cast,
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
    "ArgMax": _argmax,
}
ON_INTEGERS = {"Flatten", "Reshape", "Squeeze", "Identity", "DequantizeLinear"}
"""What may stand between QuantizeLinear and DequantizeLinear, and the latter."""
