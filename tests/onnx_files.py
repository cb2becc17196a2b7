"""Small ONNX files, built node by node; and what onnxruntime makes of them on every binary input."""

from fractions import Fraction
from itertools import product

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from verifier.algebra import RATIONALS
from verifier.importers.onnx.read import read_onnx
from verifier.importers.steps import network_of

onnxruntime.set_default_logger_severity(4)
IR = {9: 4, 11: 6, 13: 7, 15: 8, 17: 8, 19: 9, 21: 10}
"""A version of the file format that onnxruntime reads an opset in."""


def node(op, *inputs, output=None, **attributes):
    """Return a node; its output is its operator's name in small letters, unless given."""
    return helper.make_node(
        op, list(inputs), [output or op.lower()], name=f"the_{output or op.lower()}", **attributes
    )


def tensor(name, values, kind=np.float32):
    """Return an initializer."""
    return numpy_helper.from_array(np.array(values, kind), name)


def model(nodes, tensors=(), shape=("N", 3), output=None, opset=17, kind=TensorProto.FLOAT, result=None):
    """Return a model whose input is `x`; its output is what the last node makes, of no stated shape."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", kind, list(shape))],
        [helper.make_tensor_value_info(output or nodes[-1].output[0], result or kind, ["N", None])],
        list(tensors),
    )
    ir = IR.get(opset, max(IR.values()))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def imported(file):
    """Return the network of a model."""
    return network_of(read_onnx(file.SerializeToString()).steps)


def inputs(n):
    """Return every binary input."""
    return list(product((0, 1), repeat=n))


def exact(network, rows):
    """Return the outputs of the network, as rationals."""
    return [network.forward(RATIONALS, 0, list(map(Fraction, x)), network.depth)[0] for x in rows]


def session(file, optimised=True):
    """Return what runs a model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    data = file if isinstance(file, bytes) else file.SerializeToString()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def measured(file, rows, shape=(-1,), kind=np.float32, optimised=True):
    """Return the outputs of onnxruntime, one row per input."""
    fed = np.array(rows, kind).reshape(len(rows), *shape)
    return session(file, optimised).run(None, {"x": fed})[0].reshape(len(rows), -1)
