"""ONNX model → what in it is unsafe, or no part of a network that is read here: all of it, by place."""

from collections.abc import Iterator, Mapping

import onnx

from verifier.errors import Problem
from verifier.importers.onnx.constants import elsewhere
from verifier.importers.tensors import printable

OPSETS = range(7, onnx.defs.onnx_opset_version() + 1)
_DOMAINS = ("", "ai.onnx")
_CUT = 'cut it off: onnx.utils.extract_model("all.onnx", "network.onnx", ["INPUT"], ["TENSOR"])'
_SOFTMAX = f"the largest of a softmax is the largest of what goes in: write  output: argmax , and {_CUT}"
_CLASS = f"it only names the class: {_CUT}, with the tensor that decides"
_QDQ = "quantise in the format QDQ: quant_format=QuantFormat.QDQ"
_HINTS = {
    "Softmax": _SOFTMAX,
    "LogSoftmax": _SOFTMAX,
    "ZipMap": _CLASS,
    "ArrayFeatureExtractor": _CLASS,
    "LabelEncoder": _CLASS,
    "TopK": _CLASS,
    "QLinearMatMul": _QDQ,
    "QGemm": _QDQ,
    "QLinearConv": _QDQ,
    "MatMulInteger": _QDQ,
    "ConvInteger": _QDQ,
    "DynamicQuantizeLinear": _QDQ,
}
_TRAINING = {
    "BatchNormalization": "in opsets before 14 that is its form for training: export after network.eval()"
}
_MORE_OUTPUTS = ("Dropout",)
"""Operators whose further outputs change nothing about the first one."""


def short(name: str) -> str:
    """Return a name as it can be shown."""
    return printable(name[:80])


def place_of(i: int, node: onnx.NodeProto) -> str:
    """Return what complaints call node no. i + 1."""
    return f"node {i + 1} ({short(node.op_type)}{f' {short(node.name)}' if node.name else ''})"


def about(model: onnx.ModelProto, operators: Mapping[str, Mapping[str, object]]) -> Iterator[Problem]:
    """Yield what of a model is not read, looking at no connection between nodes.

    `operators` are those that are read, with the types of their attributes.
    """
    yield from _about_file(model)
    yield from _about_tensors(model.graph)
    yield from _about_ends(model.graph)
    opset = min(max([0, *opsets_of(model)]), OPSETS[-1])
    for i, node in enumerate(model.graph.node):
        yield from _about_node(node, place_of(i, node), operators, opset)


def opsets_of(model: onnx.ModelProto) -> list[int]:
    """Return the versions of the standard operators that a model states."""
    return sorted({entry.version for entry in model.opset_import if entry.domain in _DOMAINS})


def _about_file(model: onnx.ModelProto) -> Iterator[Problem]:
    opsets = opsets_of(model)
    if len(opsets) != 1 or opsets[0] not in OPSETS:
        got = ", ".join(map(str, opsets)) or "none"
        hint = "convert it: onnx.version_converter.convert_version(model, 17)"
        yield Problem("E302", f"expected an opset from {OPSETS[0]} to {OPSETS[-1]}, got {got}", hint)
    for function in model.functions:
        hint = "write it out: onnx.inliner.inline_local_functions(model)"
        yield Problem("E302", f"function {short(function.name)}: functions are not read", hint)
    if model.training_info:
        yield Problem("E302", "instructions for training are not read", "export for inference")


def _about_tensors(graph: onnx.GraphProto) -> Iterator[Problem]:
    held = [(proto, f"tensor {short(proto.name)}") for proto in graph.initializer]
    for i, node in enumerate(graph.node):
        held += [(attribute.t, place_of(i, node)) for attribute in node.attribute if attribute.HasField("t")]
    for proto, place in held:
        if elsewhere(proto):
            named = [short(entry.value) for entry in proto.external_data if entry.key == "location"]
            message = f"{place}: its data are in another place, {', '.join(named) or 'unnamed'}: not opened"
            hint = "save them in the file: onnx.save_model(model, path, save_as_external_data=False)"
            yield Problem("E306", message, hint)
    seen: set[str] = set()
    for proto in graph.initializer:
        if proto.name in seen:
            yield Problem("E306", f"two tensors are named {short(proto.name)}")
        seen.add(proto.name)
    for sparse in graph.sparse_initializer:
        yield Problem("E302", f"tensor {short(sparse.values.name)}: sparse tensors are not read")


def _about_ends(graph: onnx.GraphProto) -> Iterator[Problem]:
    constants = {proto.name for proto in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in constants]
    for what, names in (("input", inputs), ("output", [value.name for value in graph.output])):
        if len(names) != 1:
            got = ", ".join(map(short, names[:8])) or "none"
            hint = f"keep one: {_CUT}" if names else ""
            yield Problem("E302", f"expected one {what}, got {len(names)}: {got}", hint)


def _about_node(
    node: onnx.NodeProto, place: str, operators: Mapping[str, Mapping[str, object]], opset: int
) -> Iterator[Problem]:
    hint = _HINTS.get(node.op_type, "")
    if node.domain not in _DOMAINS:
        yield Problem("E302", f"{place}: operators of the domain {short(node.domain)} are not read", hint)
        return
    if node.op_type not in operators:
        yield Problem("E302", f"{place}: this operator is not read", hint or f"known: {', '.join(operators)}")
        return
    if not onnx.defs.has(node.op_type, opset):
        yield Problem("E302", f"{place}: there is no such operator in opset {opset}")
        return
    schema, types = onnx.defs.get_schema(node.op_type, opset), operators[node.op_type]
    if not schema.min_input <= len(node.input) <= schema.max_input:
        counts = f"expected {schema.min_input} to {schema.max_input} inputs, got {len(node.input)}"
        yield Problem("E306", f"{place}: {counts}")
    if any(node.output[1:]) and node.op_type not in _MORE_OUTPUTS:
        outputs = ", ".join(map(short, node.output[:8]))
        message = f"{place} makes {outputs}: with more than one output it may compute another function"
        yield Problem("E302", message, _TRAINING.get(node.op_type, ""))
    for attribute in node.attribute:
        name = short(attribute.name)
        if attribute.name not in types or attribute.name not in schema.attributes:
            yield Problem("E302", f"{place}: the attribute {name} is not read in opset {opset}")
        elif attribute.ref_attr_name or attribute.type != types[attribute.name]:
            yield Problem("E306", f"{place}: the attribute {name} is of another type")
    if len({attribute.name for attribute in node.attribute}) < len(node.attribute):
        yield Problem("E306", f"{place} has an attribute twice")
