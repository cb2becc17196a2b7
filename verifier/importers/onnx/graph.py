"""Bytes of an ONNX file → Graph: one chain of nodes from the input to the output, each named and known.

What is no such chain is refused: all of it at once, by node.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import onnx

from verifier.errors import InputError, Problem, input_error
from verifier.importers.onnx.constants import element_type
from verifier.importers.onnx.content import about, opsets_of, place_of, short
from verifier.importers.onnx.wire import check_wire
from verifier.importers.tensors import MAX_NUMBERS

MAX_NODES, MAX_PROBLEMS = 2**10, 2**6
Operators = Mapping[str, Mapping[str, object]]
"""The operators that are read, and the types of their attributes."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: where it stands, what it is given by name, what it makes, and its attributes, those
    of a default among them."""

    op: str
    place: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in order; those that make a tensor of the `chain` depend on the input, the others on constants.

    `shape` is that of one input, without the batch axis; `batch` is how many there are, None for any number;
    `type` is that of their numbers.
    """

    shape: tuple[int, ...]
    batch: int | None
    type: str
    initializers: Mapping[str, onnx.TensorProto]
    nodes: tuple[Node, ...]
    chain: frozenset[str]


def parse(data: bytes) -> onnx.ModelProto:
    """Return the message that the bytes are.

    Raises:
        InputError: E306, for bytes that are none, or too much of anything.
    """
    check_wire(data, onnx.ModelProto.DESCRIPTOR)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except Exception as error:  # the library of messages has kinds of its own
        raise input_error("E306", f"damaged, or no ONNX file: {str(error)[:200]}") from None
    if not model.graph.node:
        raise input_error("E306", "no ONNX file, or one without a node")
    if len(model.graph.node) > MAX_NODES:
        raise input_error("E306", f"expected at most {MAX_NODES} nodes, got {len(model.graph.node)}")
    return model


def graph_of(model: onnx.ModelProto, operators: Operators) -> Graph:
    """Return the chain of a model whose nodes are among the operators, each with attributes among theirs.

    Raises:
        InputError: E302 for what is no chain of known operators, E306 for what is unsafe or damaged: all of
            it; then E301, for an input of no known shape.
    """
    graph = model.graph
    problems = list(about(model, operators))
    initializers = {proto.name: proto for proto in graph.initializer}
    inputs = [value for value in graph.input if value.name not in initializers]
    places = [place_of(i, node) for i, node in enumerate(graph.node)]
    chain: list[str] = []
    if len(inputs) == len(graph.output) == 1:
        trace = _Trace(inputs[0].name, initializers, graph.node, places)
        problems += trace.follow(graph.output[0].name)
        chain = trace.chain
    if len(problems) > MAX_PROBLEMS:
        problems[MAX_PROBLEMS:] = [Problem("E302", f"and {len(problems) - MAX_PROBLEMS} more such problems")]
    if problems:
        raise InputError(problems)
    shape, batch, kind = _input(inputs[0])
    (opset,) = opsets_of(model)
    nodes = tuple(
        Node(node.op_type, place, tuple(node.input), node.output[0], _attributes(node, opset))
        for node, place in zip(graph.node, places, strict=True)
    )
    return Graph(shape, batch, kind, initializers, nodes, frozenset(chain))


def _attributes(node: onnx.NodeProto, opset: int) -> dict[str, Any]:
    known = onnx.defs.get_schema(node.op_type, opset).attributes.values()
    defaults = [attribute.default_value for attribute in known if attribute.default_value.type]
    return {a.name: onnx.helper.get_attribute_value(a) for a in (*defaults, *node.attribute)}


class _Trace:
    """Follows the input through the nodes, which stand in the order in which they compute."""

    def __init__(
        self, start: str, given: Mapping[str, object], nodes: Sequence[onnx.NodeProto], places: Sequence[str]
    ) -> None:
        self.tip = start
        """The tensor at which the chain has arrived."""
        self.chain: list[str] = []
        """The tensors that the nodes of the chain make."""
        self._constants = {*given}
        self._nodes = list(zip(nodes, places, strict=True))
        self._taken: dict[str, str] = {}
        """A tensor of the chain → the node that takes it."""
        self._makers = {name: place for node, place in self._nodes for name in node.output if name}

    def follow(self, output: str) -> Iterator[Problem]:
        """Yield what is no single chain from the input to the output."""
        made, used = {self.tip} | self._constants, {output}
        for node, place in self._nodes:
            inputs = [name for name in node.input if name]
            used.update(inputs)
            for name in inputs:
                if name not in made:
                    yield Problem("E302", f"{place} takes {short(name)}, {self._missing(name)}")
            for name in node.output:
                if name and name in made:
                    yield Problem("E306", f"{place} makes {short(name)}, which is there before")
                made.add(name)
            yield from self._step(node, place, [name for name in inputs if name not in self._constants])
        for node, place in self._nodes:
            if not any(name in used for name in node.output):
                yield Problem("E302", f"{place}: nothing uses what it makes")
            if any(name in used for name in node.output[1:]):
                yield Problem("E302", f"{place}: only its first output is read")
        if output != self.tip:
            yield Problem("E302", f"the output {short(output)} is not the end of the chain from the input")

    def _missing(self, name: str) -> str:
        if name in self._makers:
            return f"which only a later node makes, {self._makers[name]}: a cycle, or nodes out of order"
        return "which nothing makes"

    def _step(self, node: onnx.NodeProto, place: str, computed: Sequence[str]) -> Iterator[Problem]:
        """Take one node, given those of its inputs that are no constants."""
        if not computed:
            self._constants.update(node.output)
            return
        if len(computed) > 1:
            names = ", ".join(map(short, computed[:8]))
            yield Problem("E302", f"{place} combines {names}: only one of its inputs may depend on the input")
        for name in computed:
            if name in self._taken:
                also = f"{short(name)}, which {self._taken[name]} takes too"
                yield Problem("E302", f"{place} takes {also}: a graph that branches is not read")
            self._taken[name] = place
        if node.output:
            self.tip = node.output[0]
            self.chain.append(self.tip)


def _input(value: onnx.ValueInfoProto) -> tuple[tuple[int, ...], int | None, str]:
    """Return the shape of one input, how many there are, and the type of their numbers."""
    name = f"input {short(value.name)}"
    if not value.type.HasField("tensor_type"):
        raise input_error("E302", f"{name}: expected a tensor")
    tensor = value.type.tensor_type
    kind = element_type(tensor.elem_type, name)
    lengths = [dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim]
    texts = [short(dim.dim_param) or str(dim.dim_value or "?") for dim in tensor.shape.dim]
    shape = tuple(length for length in lengths[1:] if length is not None and length > 0)
    if len(lengths) < 2 or len(shape) < len(lengths) - 1:
        got = f"[{', '.join(texts)}]"
        hint = "state it when exporting, or with onnx.tools.update_model_dims"
        raise input_error("E301", f"{name}: expected a shape [N, n] with a known n, got {got}", hint)
    if prod(shape) > MAX_NUMBERS:
        raise input_error("E306", f"{name}: expected at most {MAX_NUMBERS} numbers, got {prod(shape)}")
    return shape, lengths[0], kind
