"""A network of Gemm and Relu or Sign → an ONNX file, in the precision of its weights."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


def save_onnx(path: Path, layers: Sequence[tuple[NDArray[np.floating], NDArray[np.floating]]]) -> None:
    """Write layers (W, b), Relu between them, as a chain of nodes gemm1, relu1, … from `x` to `y`."""
    nodes, tensors, below = [], [], "x"
    for i, (W, b) in enumerate(layers, start=1):
        last = i == len(layers)
        tensors += [numpy_helper.from_array(W, f"W{i}"), numpy_helper.from_array(b, f"b{i}")]
        gemm = "y" if last else f"z{i}"
        nodes.append(helper.make_node("Gemm", [below, f"W{i}", f"b{i}"], [gemm], f"gemm{i}", transB=1))
        if not last:
            nodes.append(helper.make_node("Relu", [gemm], [f"h{i}"], f"relu{i}"))
        below = f"h{i}"
    kind = helper.np_dtype_to_tensor_dtype(layers[0][0].dtype)
    ends = [
        helper.make_tensor_value_info("x", kind, ["N", layers[0][0].shape[1]]),
        helper.make_tensor_value_info("y", kind, ["N", len(layers[-1][1])]),
    ]
    graph = helper.make_graph(nodes, path.stem, ends[:1], ends[1:], tensors)
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(network)
    onnx.save(network, str(path))
