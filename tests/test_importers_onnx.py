"""ONNX to network: every operator, judged by onnxruntime on every input; and what is refused."""

import sys
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_files import exact, imported, inputs, measured, model, node, tensor

from verifier.cli import run
from verifier.errors import InputError
from verifier.importers.onnx.read import read_onnx
from verifier.network import Activation
from verifier.spec.network_file import read_network_file

W = [[0.5, -1, 2], [1, 1, -1.5]]
WT = np.transpose(W)
B = [0.25, -0.5]
GEMM = node("Gemm", "x", "W", "b", transB=1)
WEIGHTS = (tensor("W", W), tensor("b", B))
ENDS = (tensor("low", -0.25), tensor("high", 0.75))
STATISTICS = (
    tensor("s", [2, -1]), tensor("o", [0.5, 0]), tensor("m", [1, -1]), tensor("v", [0.1875, 3.9375]),
)  # fmt: skip


def after(op, *more, tensors=(), opset=17, **attributes):
    """Return a model with one more node after the weights."""
    nodes = [GEMM, node(op, "gemm", *more, **attributes)]
    return model(nodes, [*WEIGHTS, *tensors], opset=opset)


def with_outputs(file, *names):
    """Return a model whose last node has more outputs."""
    file.graph.node[-1].output.extend(names)
    return file


MODELS = {
    "gemm": model([GEMM], WEIGHTS),
    "gemm with factors": model([node("Gemm", "x", "W", "b", transB=1, alpha=0.5, beta=-2.0)], WEIGHTS),
    "gemm not transposed": model([node("Gemm", "x", "W", "b")], [tensor("W", WT), tensor("b", B)]),
    "gemm without a bias": model([node("Gemm", "x", "W", transB=1)], WEIGHTS[:1]),
    "gemm, one bias for all": model([GEMM], [WEIGHTS[0], tensor("b", 0.5)]),
    "gemm, bias as a row": model([GEMM], [WEIGHTS[0], tensor("b", [B])], opset=9),
    "matmul": model([node("MatMul", "x", "W")], [tensor("W", WT)]),
    "matmul and add": model(
        [node("MatMul", "x", "W"), node("Add", "matmul", "b")], [tensor("W", WT), WEIGHTS[1]]
    ),
    "add and matmul": model(
        [node("MatMul", "x", "W"), node("Add", "b", "matmul")], [tensor("W", WT), WEIGHTS[1]]
    ),
    "weights turned round": model(
        [node("Transpose", "W", perm=[1, 0]), node("MatMul", "x", "transpose")], WEIGHTS[:1]
    ),
    "weights turned round by default": model(
        [node("Transpose", "W"), node("MatMul", "x", "transpose")], WEIGHTS[:1]
    ),
    "weights by another name": model(
        [node("Identity", "W"), node("Gemm", "x", "identity", "b", transB=1)], WEIGHTS
    ),
    "weights in another shape": model(
        [node("Reshape", "flat", "to"), node("Gemm", "x", "reshape", "b", transB=1)],
        [tensor("flat", np.ravel(W)), tensor("to", [2, -1], np.int64), WEIGHTS[1]],
    ),
    "weights in half precision": model(
        [node("Cast", "W", to=TensorProto.FLOAT), node("Gemm", "x", "cast", "b", transB=1)],
        [tensor("W", W, np.float16), WEIGHTS[1]],
    ),
    "weights in nodes": model(
        [node("Constant", value=tensor("", W)), node("Gemm", "x", "constant", "b", transB=1)], WEIGHTS[1:]
    ),
    "two maps": model(
        [GEMM, node("Gemm", "gemm", "V", output="out")], [*WEIGHTS, tensor("V", [[1, -2], [0.5, 3]])]
    ),
    "relu": after("Relu"),
    "relu of the inputs": model([node("Relu", "x")]),
    "relu twice": model([GEMM, node("Relu", "gemm"), node("Relu", "relu", output="out")], WEIGHTS),
    "leaky relu": after("LeakyRelu", alpha=0.125),
    "leaky relu that falls": after("LeakyRelu", alpha=-0.5),
    "hard sigmoid": after("HardSigmoid", alpha=0.25, beta=0.5),
    "sign": model(
        [node("Gemm", "x", "W", "b", transB=1), node("Sign", "gemm")], [WEIGHTS[0], tensor("b", [0.25, 0.25])]
    ),
    "clip by inputs": after("Clip", "low", "high", tensors=ENDS),
    "clip below": after("Clip", "low", tensors=ENDS[:1]),
    "clip above": after("Clip", "", "high", tensors=ENDS[1:]),
    "clip of nothing": after("Clip"),
    "clip by attributes": after("Clip", opset=9, min=-0.25, max=0.75),
    "clip below by an attribute": after("Clip", opset=9, min=0.0),
    "clip at the ends of the floats": after("Clip", opset=9, min=-1.0, max=float(np.finfo(np.float32).max)),
    "flatten": after("Flatten"),
    "flatten from the end": after("Flatten", axis=-1),
    "identity": after("Identity"),
    "only an identity": model([node("Identity", "x")]),
    "dropout": after("Dropout"),
    "dropout with inputs": after(
        "Dropout", "r", "t", tensors=[tensor("r", 0.5), tensor("t", False, np.bool_)]
    ),
    "dropout with a ratio": after("Dropout", opset=11, ratio=0.5),
    "dropout with a mask": with_outputs(after("Dropout"), "mask"),
    "cast to the same": after("Cast", to=TensorProto.FLOAT),
    "reshape": after("Reshape", "to", tensors=[tensor("to", [-1, 2], np.int64)]),
    "reshape that copies": after("Reshape", "to", tensors=[tensor("to", [0, -1], np.int64)]),
    "reshape and squeeze": model(
        [GEMM, node("Reshape", "gemm", "to"), node("Squeeze", "reshape", "axes")],
        [*WEIGHTS, tensor("to", [0, 1, 2], np.int64), tensor("axes", [1], np.int64)],
    ),
    "squeeze by an attribute": model(
        [GEMM, node("Reshape", "gemm", "to"), node("Squeeze", "reshape", axes=[-1])],
        [*WEIGHTS, tensor("to", [0, 2, 1], np.int64)],
        opset=11,
    ),
    "batch normalization": after(
        "BatchNormalization", "s", "o", "m", "v", tensors=STATISTICS, epsilon=0.0625
    ),
    "batch normalization, opset 9": after(
        "BatchNormalization", "s", "o", "m", "v", tensors=STATISTICS, epsilon=0.0625, opset=9
    ),
    "batch normalization of the inputs": model(
        [
            node("BatchNormalization", "x", "s", "o", "m", "v", epsilon=0.0625),
            node("Relu", "batchnormalization"),
        ],
        [
            tensor(name, values)
            for name, values in {"s": [2, 1, 4], "o": [0, 1, 2], "m": [0.5, 0, -1], "v": [0.1875] * 3}.items()
        ],
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_operator(name):
    """The numbers are short binary fractions: floats add them without error, and both must agree exactly."""
    file, rows = MODELS[name], inputs(3)
    assert exact(imported(file), rows) == [list(map(Fraction, row)) for row in measured(file, rows).tolist()]


def test_images_are_flattened_in_row_major_order():
    file = model(
        [node("Flatten", "x"), node("MatMul", "flatten", "W")],
        [tensor("W", [[1], [2], [4], [8]])],
        shape=("N", 2, 2),
    )
    assert imported(file).layers[0].W == ((1, 2, 4, 8),)
    rows = inputs(4)
    assert exact(imported(file), rows) == measured(file, rows, shape=(2, 2)).tolist()


def test_layers_and_names():
    """An activation ends a layer; an affine map before another one is a layer of its own, a bias is not."""
    file = model(
        [GEMM, node("Relu", "gemm"), node("MatMul", "relu", "V"), node("Add", "matmul", "c")],
        [*WEIGHTS, tensor("V", [[1], [-1]]), tensor("c", [0.5])],
    )
    network = imported(file)
    assert [(layer.name, layer.units, layer.activation.kind) for layer in network.layers] == [
        ("h", ("h1", "h2"), "relu"),
        ("y", ("y",), "identity"),
    ]
    assert tuple(tuple(map(Fraction, row)) for row in W) == network.layers[0].W
    assert network.layers[1].b == (Fraction(1, 2),)


def test_defaults_are_of_single_precision():
    """The defaults of attributes are floats of the format's own tables: 0.01 and 0.2 to 24 bits."""
    assert imported(after("LeakyRelu")).layers[0].activation == Activation(
        "leaky_relu", slope=Fraction(float(np.float32(0.01)))
    )
    layer = imported(after("HardSigmoid")).layers[0]
    assert layer.activation == Activation("clip", low=0, high=1)
    fifth = Fraction(float(np.float32(0.2)))
    assert (layer.W[0][0], layer.b[0]) == (fifth / 2, fifth / 4 + Fraction(1, 2))


LARGEST = float(np.finfo(np.float32).max)


@pytest.mark.parametrize("end", [3.5e38, LARGEST, 1.0])
def test_clip_of_doubles_beyond_single_precision(end):
    """The largest float32 is an end like any other of numbers in double."""
    for sides in (("", "end"), ("least",), ("least", "end")):
        file = model(
            [
                node("MatMul", "x", "W"), node("Clip", "matmul", *sides),
                node("MatMul", "clip", "V", output="out"),
            ],
            [
                tensor("W", [[2.0**1000], [-(2.0**999)], [1.0]], np.float64),
                tensor("end", end, np.float64), tensor("least", -end, np.float64),
                tensor("V", [[2.0**-100]], np.float64),
            ],
            kind=TensorProto.DOUBLE,
        )  # fmt: skip
        rows = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]
        found = measured(file, rows, kind=np.float64).tolist()
        assert exact(imported(file), rows) == [list(map(Fraction, row)) for row in found]


def test_clip_of_doubles_by_the_defaults_of_its_attributes():
    """Before opset 11 they are the ends of float32, whatever the type: onnxruntime has no such kernel."""
    weights = tensor("W", [[2.0**1000], [-(2.0**1000)], [1.0]], np.float64)
    nodes = [node("MatMul", "x", "W"), node("Clip", "matmul")]
    network = imported(model(nodes, [weights], opset=9, kind=TensorProto.DOUBLE))
    largest = Fraction(LARGEST)
    assert exact(network, [(1, 0, 0), (0, 1, 0), (0, 0, 1)]) == [[largest], [-largest], [1]]


def scaled_down(times, exponent=-1000):
    """Return a model that multiplies by a power of two again and again."""
    names = ["x", *(f"t{i}" for i in range(times))]
    nodes = [
        node("BatchNormalization", old, "s", "o", "m", "v", output=new, epsilon=0.0)
        for old, new in pairwise(names)
    ]
    values = {"s": 2.0**exponent, "o": 1.1, "m": 0, "v": 1}
    tensors = [tensor(name, [value] * 3, np.float64) for name, value in values.items()]
    return model(nodes, tensors, kind=TensorProto.DOUBLE)


@pytest.mark.parametrize("exponent", [-1000, 1000])
def test_numbers_are_of_bounded_length(exponent):
    """A thousand nodes would make numbers of 300,000 digits, and minutes of work."""
    ((code, text, _),) = refused(scaled_down(1000, exponent))
    assert code == "E104"
    assert "node 4 (BatchNormalization the_t3): up to here a number has more than 4000 binary digits" in text


def test_sums_are_of_bounded_length():
    """Fractions with different denominators: their sum is longer than each of them."""
    wide = 400
    roots = [2**26 - i for i in range(wide)]
    values = {"s": [1] * wide, "o": [0] * wide, "m": [1] * wide, "v": [root**2 for root in roots]}
    nodes = [
        node("BatchNormalization", "x", "s", "o", "m", "v", epsilon=0.0),
        node("MatMul", "batchnormalization", "W"),
    ]
    tensors = [tensor(name, value, np.float64) for name, value in values.items()]
    tensors.append(tensor("W", np.ones((wide, 1)), np.float64))
    ((code, text, _),) = refused(model(nodes, tensors, shape=("N", wide), kind=TensorProto.DOUBLE))
    assert (code, "node 2 (MatMul the_matmul): up to here" in text) == ("E104", True), text


def test_long_numbers_are_written_and_read_back(tmp_path, capsys):
    """What is read can be written: a network file holds all that is folded."""
    for exponent in (-1000, -1023, 1000):
        source, target = tmp_path / "net.onnx", tmp_path / "net.yaml"
        file = scaled_down(3, exponent)
        source.write_bytes(file.SerializeToString())
        assert run(["import", str(source), "-o", str(target)]) == 0
        assert read_network_file(target).network == imported(file)
        target.unlink()


@pytest.mark.parametrize("op", ["Sigmoid", "Tanh"])
def test_smooth(op):
    """What a smooth layer is given is exact; its values agree as far as floats of 24 bits do."""
    file, rows = after(op), inputs(3)
    network = imported(file)
    assert network.layers[0].activation == Activation(op.lower())
    (layer,) = network.layers
    z = [
        [
            float(sum(w * v for w, v in zip(row, x, strict=True)) + b)
            for row, b in zip(layer.W, layer.b, strict=True)
        ]
        for x in rows
    ]
    expected = np.tanh(z) if op == "Tanh" else 1 / (1 + np.exp(-np.array(z)))
    assert np.allclose(measured(file, rows), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (TensorProto.FLOAT, "float32"), (TensorProto.DOUBLE, "float64"),
        (TensorProto.FLOAT16, "float16"), (TensorProto.BFLOAT16, "bfloat16"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("raw", [False, True])
def test_every_float_is_the_dyadic_it_is(kind, stored, raw):
    """0.1 in 8, 11, 24 and 53 bits, in either of the two ways in which a file holds numbers."""
    bits = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}[stored]
    tenth = Fraction(round(Fraction(1, 10) * 2 ** (bits + 3)), 2 ** (bits + 3))
    proto = helper.make_tensor("W", kind, [1, 3], [0.1, -2.0, 0.0])
    if raw:
        widths = {"float16": "<u2", "bfloat16": "<u2", "float32": "<f4", "float64": "<f8"}
        field = {"float32": proto.float_data, "float64": proto.double_data}.get(stored, proto.int32_data)
        proto.raw_data = np.array(field, widths[stored]).tobytes()
        for name in ("float_data", "double_data", "int32_data"):
            proto.ClearField(name)
    network = imported(model([node("Gemm", "x", "W", transB=1)], [proto], kind=kind))
    assert ((tenth, -2, 0),) == network.layers[0].W


def test_argmax_is_a_decoding():
    file = model([GEMM, node("ArgMax", "gemm", axis=1, keepdims=0)], WEIGHTS, result=TensorProto.INT64)
    file.graph.output[0].type.tensor_type.shape.dim.pop()
    chain = read_onnx(file.SerializeToString())
    assert (chain.output, len(chain.steps)) == ("argmax", 1)
    assert read_onnx(MODELS["gemm"].SerializeToString()).output is None


def refused(file):
    """Return the complaints about a model."""
    with pytest.raises(InputError) as caught:
        read_onnx(file.SerializeToString())
    return [(problem.code, problem.message, problem.hint) for problem in caught.value.problems]


REFUSED = {
    "batch normalization": (
        after("BatchNormalization", "s", "o", "m", "v", tensors=STATISTICS),
        "E302",
        "node 2 (BatchNormalization the_batchnormalization): var + epsilon of channel 1 has no rational root",
    ),
    "batch normalization in training": (
        after("BatchNormalization", "s", "o", "m", "v", tensors=STATISTICS, training_mode=1),
        "E302",
        "only its form for inference",
    ),
    "batch normalization in training, opset 12": (
        with_outputs(
            after("BatchNormalization", "s", "o", "m", "v", tensors=STATISTICS, epsilon=0.0625, opset=12),
            "mean",
            "var",
            "saved_mean",
            "saved_var",
        ),
        "E302",
        "node 2 (BatchNormalization the_batchnormalization) makes batchnormalization, mean, var, saved_mean",
    ),
    "batch normalization with one more output": (
        with_outputs(
            after("BatchNormalization", "s", "o", "m", "v", tensors=STATISTICS, epsilon=0.0625, opset=12),
            "",
            "var",
        ),
        "E302",
        "with more than one output it may compute another function",
    ),
    "dropout in training": (
        after("Dropout", "r", "t", tensors=[tensor("r", 0.5), tensor("t", True, np.bool_)]),
        "E302",
        "node 2 (Dropout the_dropout): it is random in training mode",
    ),
    "cast to fewer bits": (
        after("Cast", to=TensorProto.FLOAT16),
        "E302",
        "turning float32 into float16 may change numbers",
    ),
    "cast to integers": (
        after("Cast", to=TensorProto.INT64),
        "E302",
        "turning float32 into int64 may change numbers",
    ),
    "transA": (model([node("Gemm", "x", "W", transA=1)], [tensor("W", W)]), "E302", "transA = 1"),
    "weights times inputs": (
        model([node("MatMul", "W", "x")], [tensor("W", W)]),
        "E302",
        "its input no. 2 depends",
    ),
    "inputs as a bias": (
        model([node("Gemm", "W", "V", "x")], [tensor("W", [[1]]), tensor("V", [[1, 2, 3]])]),
        "E302",
        "its input no. 3 depends",
    ),
    "sum of one": (model([node("Add", "x", "")]), "E302", "expected a constant as input no. 2"),
    "inputs as a bound": (
        model([node("Clip", "c", "x")], [tensor("c", [[1, 2, 3]])]),
        "E302",
        "its input no. 2 depends",
    ),
    "flatten of the batch": (after("Flatten", axis=0), "E302", "may mix the inputs of a batch"),
    "reshape of the batch": (
        after("Reshape", "to", tensors=[tensor("to", [2, -1], np.int64)]),
        "E302",
        "may mix",
    ),
    "reshape of the batch, hidden": (
        after("Reshape", "to", tensors=[tensor("to", [-1, 1], np.int64)]),
        "E302",
        "may mix",
    ),
    "squeeze of everything": (after("Squeeze"), "E302", "may mix"),
    "squeeze of the batch": (
        after("Squeeze", "axes", tensors=[tensor("axes", [0], np.int64)]),
        "E302",
        "may mix",
    ),
    "transpose": (after("Transpose", perm=[1, 0]), "E302", "read for constants only"),
    "bias of a batch": (
        model([GEMM], [WEIGHTS[0], tensor("b", [B, B])]),
        "E301",
        "b of shape [2, 2] does not fit [N, 2]",
    ),
    "bias that widens": (
        model([node("Gemm", "x", "V"), node("Add", "gemm", "b")], [tensor("V", [[1], [1], [1]]), WEIGHTS[1]]),
        "E301",
        "b of shape [2] does not fit [N, 1]",
    ),
    "weights of another width": (
        model([node("Gemm", "x", "W")], [tensor("W", W)]),
        "E301",
        "takes 2 numbers, but is given [N, 3]",
    ),
    "weights of three axes": (
        model([node("MatMul", "x", "W")], [tensor("W", [W])]),
        "E301",
        "expected a matrix",
    ),
    "clip that is empty": (
        after("Clip", "high", "low", tensors=ENDS),
        "E303",
        "node 2 (Clip the_clip): expected low < high",
    ),
    "batch of fixed size": (
        model(
            [GEMM, node("Reshape", "gemm", "to")], [*WEIGHTS, tensor("to", [1, 2], np.int64)], shape=("N", 3)
        ),
        "E302",
        "may mix",
    ),
    "integers at the end": (
        model(
            [GEMM, node("QuantizeLinear", "gemm", "s", "z")],
            [*WEIGHTS, tensor("s", 0.5), tensor("z", 0, np.int8)],
            result=TensorProto.INT8,
        ),
        "E302",
        "the output is of type int8",
    ),
    "integers rectified": (
        model(
            [GEMM, node("QuantizeLinear", "gemm", "s", "z"), node("Relu", "quantizelinear")],
            [*WEIGHTS, tensor("s", 0.5), tensor("z", 0, np.int8)],
            result=TensorProto.INT8,
        ),
        "E302",
        "node 3 (Relu the_relu): expected numbers in floating point, got int8",
    ),
    "integers of 16 bits": (
        after("QuantizeLinear", "s", "z", tensors=[tensor("s", 0.5), tensor("z", 0, np.int16)], opset=21),
        "E302",
        "type INT16 are not read",
    ),
    "scale of zero": (
        after("QuantizeLinear", "s", tensors=[tensor("s", 0.0)]),
        "E104",
        "scale s: expected positive numbers",
    ),
    "scales that do not fit": (
        after("QuantizeLinear", "s", tensors=[tensor("s", [1, 2, 3])]),
        "E301",
        "s of shape [3] does not fit axis 1",
    ),
    "zero points that do not fit": (
        after("QuantizeLinear", "s", "z", tensors=[tensor("s", 1), tensor("z", [1, 2], np.int8)]),
        "E301",
        "expected a zero point for each scale, got s of shape [] and z of shape [2]",
    ),
    "numbers as integers": (
        after("DequantizeLinear", "s", tensors=[tensor("s", 1)]),
        "E302",
        "expected integers, got float32",
    ),
    "constants alone": (
        model([node("Relu", "W"), node("Gemm", "x", "relu", transB=1)], WEIGHTS[:1]),
        "E302",
        "its result does not depend on the input",
    ),
    "argmax of the batch": (after("ArgMax", axis=0), "E302", "along axis 1"),
    "argmax, and more": (
        model(
            [GEMM, node("ArgMax", "gemm", axis=1), node("Identity", "argmax")],
            WEIGHTS,
            result=TensorProto.INT64,
        ),
        "E302",
        "node 3 (Identity the_identity): nothing may follow ArgMax",
    ),
    "batch normalization of another width": (
        after("BatchNormalization", "s", "o", "m", "v", tensors=[tensor(name, [1, 1, 1]) for name in "somv"]),
        "E301",
        "s of shape [3] does not fit [N, 2]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    file, code, message = REFUSED[name]
    ((found, text, _),) = refused(file)
    assert (found, message in text) == (code, True), text


def test_every_operator_that_is_not_read_is_named():
    file = model(
        [GEMM, node("Softplus", "gemm"), node("Softmax", "softplus"), node("Erf", "softmax")], WEIGHTS
    )
    found = refused(file)
    assert [message for _, message, _ in found] == [
        f"node {i} ({op} the_{op.lower()}): this operator is not read"
        for i, op in ((2, "Softplus"), (3, "Softmax"), (4, "Erf"))
    ]
    assert "argmax" in found[1][2]
    assert "Gemm" in found[0][2]


def test_nothing_is_known_only_from_the_checker():
    """What the format's checker accepts and our own words do not cover would be read wrongly: types agree."""
    file = model([node("Gemm", "x", "W")], [tensor("W", WT, np.float64)])
    ((code, text, _),) = refused(file)
    assert (code, "onnx.checker" in text) == ("E306", True)


def test_without_the_package(monkeypatch, tmp_path, capsys):
    """Where `onnx` is not installed a file is refused, with what to install."""
    for name in [name for name in sys.modules if name.startswith("verifier.importers.onnx")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)
    path = tmp_path / "net.onnx"
    path.write_bytes(MODELS["gemm"].SerializeToString())
    assert run(["import", str(path)]) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert "E302 reading ONNX needs the package onnx, which is not installed" in err
    assert "pip install 'circuit-verifier[onnx]'" in err
