"""Bytes of an ONNX file → steps of a network, and the decoding of its output if the file means one.

The file is parsed and judged as a graph. Its nodes are then taken in order: those that depend on no input
become constants, those of the chain change the flow. `onnx.checker` is asked last, about what is left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import onnx

from verifier.errors import InputError, input_error
from verifier.importers.onnx.constants import FLOATS, Constant, Given, constant
from verifier.importers.onnx.flow import Flow
from verifier.importers.onnx.fold import FOLDED
from verifier.importers.onnx.graph import Graph, Node, Operators, graph_of, parse
from verifier.importers.onnx.operators import ON_INTEGERS, OPERATORS
from verifier.importers.steps import Step
from verifier.importers.tensors import MAX_NUMBERS

_FLOAT, _INT, _INTS = onnx.AttributeProto.FLOAT, onnx.AttributeProto.INT, onnx.AttributeProto.INTS
_ATTRIBUTES: Operators = {
    "Gemm": {"alpha": _FLOAT, "beta": _FLOAT, "transA": _INT, "transB": _INT},
    "BatchNormalization": {"epsilon": _FLOAT, "momentum": _FLOAT, "training_mode": _INT, "spatial": _INT},
    "LeakyRelu": {"alpha": _FLOAT},
    "HardSigmoid": {"alpha": _FLOAT, "beta": _FLOAT},
    "Clip": {"min": _FLOAT, "max": _FLOAT},
    "Flatten": {"axis": _INT},
    "Reshape": {"allowzero": _INT},
    "Squeeze": {"axes": _INTS},
    "Transpose": {"perm": _INTS},
    "Dropout": {"ratio": _FLOAT, "seed": _INT},
    "Cast": {"to": _INT, "saturate": _INT},
    "QuantizeLinear": {"axis": _INT, "saturate": _INT},
    "DequantizeLinear": {"axis": _INT},
    "ArgMax": {"axis": _INT, "keepdims": _INT, "select_last_index": _INT},
    "Constant": {
        "value": onnx.AttributeProto.TENSOR,
        "value_float": _FLOAT,
        "value_floats": onnx.AttributeProto.FLOATS,
        "value_int": _INT,
        "value_ints": _INTS,
    },
}
_KNOWN: Operators = {op: _ATTRIBUTES.get(op, {}) for op in dict.fromkeys([*OPERATORS, *FOLDED])}
_MAX_CONSTANTS = 2 * MAX_NUMBERS


@dataclass(frozen=True, slots=True)
class Chain:
    """What an ONNX file computes: steps in order, and the decoding it means (`argmax`), if any."""

    steps: tuple[Step, ...]
    output: str | None


def read_onnx(data: bytes) -> Chain:
    """Return the network of an ONNX file.

    Raises:
        InputError: E302 for what is not read, E306 for what is damaged or unsafe, E301, E303 and E104 for
            shapes, activations and numbers that do not fit; naming the node or the tensor.
    """
    model = parse(data)
    graph = graph_of(model, _KNOWN)
    flow = _run(graph)
    _check(model)
    with _at(graph.nodes[-1].place):
        return Chain(flow.finish(), flow.output)


def _run(graph: Graph) -> Flow:
    """Take the nodes in order."""
    flow = Flow(graph.shape, graph.batch, graph.type)
    constants: dict[str, Constant] = {}
    held = 0
    for node in graph.nodes:
        with _at(node.place):
            for name in node.inputs:
                if name in graph.initializers and name not in constants:
                    constants[name] = constant(graph.initializers[name], name)
                    held += constants[name].values.size
            if held > _MAX_CONSTANTS:
                raise input_error("E306", f"more than {_MAX_CONSTANTS} numbers up to here")
            given = [constants.get(name) for name in node.inputs]
            if node.output in graph.chain:
                _fit(flow, node, given)
                OPERATORS[node.op](flow, node, given)
            elif node.op in FOLDED:
                constants[node.output] = FOLDED[node.op](node, given)
                held += constants[node.output].values.size
            else:
                hint = "let the exporter fold constants"
                raise input_error("E302", "its result does not depend on the input", hint)
    if flow.output is None and flow.type not in FLOATS:
        raise input_error("E302", f"the output is of type {flow.type}", "end the graph in DequantizeLinear")
    return flow


def _fit(flow: Flow, node: Node, given: Given) -> None:
    """Refuse operators of constants alone, and those that take the flow where, or as, it is not."""
    places = [i for i, (name, known) in enumerate(zip(node.inputs, given, strict=True)) if name and not known]
    if places != [0] and (node.op != "Add" or places != [1]):
        raise input_error("E302", f"its input no. {places[0] + 1} depends on the input of the network")
    if node.op not in OPERATORS:
        raise input_error("E302", "read for constants only, not for what depends on the input")
    if flow.output is not None:
        raise input_error("E302", "nothing may follow ArgMax", "cut it off: onnx.utils.extract_model")
    quantised = flow.type not in FLOATS
    if quantised and node.op not in ON_INTEGERS:
        raise input_error("E302", f"expected numbers in floating point, got {flow.type}")
    if node.op == "DequantizeLinear" and not quantised:
        raise input_error("E302", f"expected integers, got {flow.type}")


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say of every complaint which node it is about."""
    try:
        yield
    except InputError as error:
        raise InputError(replace(p, message=f"{place}: {p.message}") for p in error.problems) from None


def _check(model: onnx.ModelProto) -> None:
    """Let the format's own checker look for what is left: types of numbers above all."""
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # of several kinds, not all of them documented
        text = " ".join(str(error).split())
        raise input_error("E306", f"onnx.checker refuses it: {text[:300]}") from None
