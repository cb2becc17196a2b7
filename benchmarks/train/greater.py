"""Is a > b, of six bits each → specs/gallery/greater.onnx in float32, greater-int8.onnx quantised from it.

onnxruntime quantises weights and activations to eight bits (QDQ form, static, calibrated on all inputs). The
inputs are bits, which need no quantising: that first step is cut out.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from mlp import combinations, folder, report, train
from onnx_file import save_onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static


class Inputs(CalibrationDataReader):
    """Rows of inputs, one by one."""

    def __init__(self, x: np.ndarray) -> None:
        self.rows: Iterator[np.ndarray] = iter(x.astype(np.float32)[:, None])

    def get_next(self) -> dict[str, np.ndarray] | None:
        row = next(self.rows, None)
        return None if row is None else {"x": row}


def quantise(source: Path, target: Path, x: np.ndarray) -> None:
    """Write the network of a file in eight bits."""
    eight = QuantType.QInt8
    quantize_static(
        source, target, Inputs(x), quant_format=QuantFormat.QDQ, weight_type=eight, activation_type=eight
    )
    network = onnx.load(str(target))
    nodes, tensors = network.graph.node, network.graph.initializer
    for node in [node for node in nodes if node.input[0] in ("x", "x_QuantizeLinear_Output")]:
        nodes.remove(node)
    for tensor in [tensor for tensor in tensors if tensor.name in ("x_scale", "x_zero_point")]:
        tensors.remove(tensor)
    next(node for node in nodes if node.input[0] == "x_DequantizeLinear_Output").input[0] = "x"
    onnx.save(network, str(target))


if __name__ == "__main__":
    x = combinations(*[2] * 12)
    a, b = (half @ (1 << np.arange(6)[::-1]) for half in (x[:, :6], x[:, 6:]))
    layers = train(x, a > b, [2], seed=2, l1=1e-5)
    report("greater", layers, x, a > b)
    source, target = folder() / "greater.onnx", folder() / "greater-int8.onnx"
    save_onnx(source, layers)
    quantise(source, target, x)
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    told = session.run(None, {"x": x.astype(np.float32)})[0][:, 0] > 0
    wrong = [f"{p} > {q}" for p, q in zip(a[told != (a > b)], b[told != (a > b)], strict=True)]
    print(f"greater-int8: right on {4096 - len(wrong)}/4096 inputs, wrong on {', '.join(wrong) or 'none'}")
