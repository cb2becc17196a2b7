"""Networks as exporters write them: exact values and those of onnxruntime, within the error bound."""

from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from random import Random
from warnings import catch_warnings, simplefilter

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx_files import exact, imported, inputs, measured, model, node, tensor
from test_rounding import ask

from verifier.engine.rounding.bounds import enclosures, fed
from verifier.engine.rounding.format import FLOAT32, FLOAT64
from verifier.errors import InputError
from verifier.importers.onnx.content import OPSETS
from verifier.importers.onnx.read import read_onnx
from verifier.verdict import Proved

ACTIVATIONS = {"Relu": {}, "LeakyRelu": {"alpha": 0.01}, "Clip": {}, "Identity": {}}


def linear(random, style, before, into, out, i, kind):
    """Return nodes and tensors of one affine layer, in one of the ways in which it is written."""
    normal = np.random.default_rng(random.randrange(2**32)).normal
    W, b = tensor(f"W{i}", normal(size=(into, out)), kind), tensor(f"b{i}", normal(size=out), kind)
    if style == "Gemm":
        return [node("Gemm", before, W.name, b.name, output=f"z{i}")], [W, b]
    if style == "transB":
        W = tensor(W.name, onnx.numpy_helper.to_array(W).T, kind)
        return [node("Gemm", before, W.name, b.name, output=f"z{i}", transB=1)], [W, b]
    operands = (f"m{i}", b.name) if style == "MatMul" else (b.name, f"m{i}")
    product = node("MatMul", before, W.name, output=f"m{i}")
    return [product, node("Add", *operands, output=f"z{i}")], [W, b]


def random_model(random, opset, kind=np.float32, activations=tuple(ACTIVATIONS)):
    """Return a model of 2 to 5 inputs and up to three layers; the last ends in one number."""
    widths = [random.randint(2, 5) for _ in range(random.randint(1, 3))] + [1]
    nodes, tensors, tip = [], [tensor("low", -0.5, kind), tensor("high", 1.5, kind)], "x"
    for i, (into, out) in enumerate(pairwise(widths)):
        style = random.choice(["Gemm", "transB", "MatMul", "Add"])
        more, held = linear(random, style, tip, into, out, i, kind)
        nodes, tensors, tip = nodes + more, tensors + held, f"z{i}"
        if out > 1:
            op = random.choice(activations)
            bounds = ("low", "high") if op == "Clip" and opset >= 11 else ()
            given = {"min": -0.5, "max": 1.5} if op == "Clip" and opset < 11 else ACTIVATIONS[op]
            nodes.append(node(op, tip, *bounds, output=f"h{i}", **given))
            tip = f"h{i}"
    number = TensorProto.FLOAT if kind == np.float32 else TensorProto.DOUBLE
    return model(nodes, tensors, shape=("N", widths[0]), opset=opset, kind=number)


def within_bounds(file, form=FLOAT32, kind=np.float32):
    """Assert that onnxruntime stays within the bound on every input; return its outputs and the network."""
    network = imported(file)
    rows = inputs(network.n)
    found = measured(file, rows, kind=kind)
    for x, y, h in zip(rows, found.tolist(), exact(network, rows), strict=True):
        places = enclosures(form, network, [fed(form, [Fraction(v)]) for v in x])
        for a, b, place in zip(y, h, places[-1], strict=True):
            assert place.error is not None
            assert abs(Fraction(a) - b) <= place.error
    return found, network


@pytest.mark.parametrize("opset", [opset for opset in OPSETS if 9 <= opset <= 26])
def test_random_networks(opset):
    """Values within the bound; and what is decided the same wherever the check float32 is proved."""
    random, proved = Random(opset), 0
    for _ in range(6):
        found, network = within_bounds(random_model(random, opset))
        if isinstance(ask(network, output="y > 0"), Proved):
            proved += 1
            decided = [y > 0 for (y,) in exact(network, inputs(network.n))]
            assert [y > 0 for (y,) in found.tolist()] == decided
    assert proved > 0


def test_random_networks_in_double_precision():
    random = Random(64)
    for _ in range(10):
        within_bounds(random_model(random, 17, np.float64, ("Relu", "Identity")), FLOAT64, np.float64)


def test_an_opset_that_is_not_known():
    for opset in (6, OPSETS[-1] + 1):
        file = random_model(Random(1), 17)
        file.opset_import[0].version = opset
        with pytest.raises(InputError, match=f"expected an opset from 7 to {OPSETS[-1]}, got {opset}"):
            read_onnx(file.SerializeToString())


def exported(module, n, opset):
    """Return the model that torch writes with the exporter that needs no further package."""
    torch = pytest.importorskip("torch")
    buffer = BytesIO()
    with catch_warnings():
        simplefilter("ignore")
        torch.onnx.export(
            module.eval(), (torch.zeros(1, n),), buffer, dynamo=False, opset_version=opset,
            input_names=["x"], dynamic_axes={"x": {0: "N"}},
        )  # fmt: skip
    return onnx.load_from_string(buffer.getvalue())


@pytest.mark.parametrize("opset", [9, 13, 17, 20])
def test_exported_by_torch(opset):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    torch.manual_seed(opset)
    module = nn.Sequential(
        nn.Flatten(), nn.Linear(4, 6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 5, bias=False),
        nn.LeakyReLU(0.01), nn.Linear(5, 4), nn.Hardtanh(), nn.Linear(4, 3), nn.ReLU6(),
        nn.Sequential(nn.Linear(3, 2), nn.Identity()),
    )  # fmt: skip
    _, network = within_bounds(exported(module, 4, opset))
    assert [layer.activation.kind for layer in network.layers] == [
        "relu",
        "leaky_relu",
        "clip",
        "clip",
        "identity",
    ]
    assert network.layers[0].W[0][0] == Fraction(module[1].weight[0, 0].item())


def test_exported_by_torch_with_batch_normalisation():
    """In training it divides by a root that is irrational: refused, and what folds it in floats is named."""
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.ReLU())
    with pytest.raises(InputError, match="no rational root") as caught:
        read_onnx(exported(module, 3, 17).SerializeToString())
    assert "fuse_linear_bn_eval" in str(caught.value)
    module.eval()
    fused = torch.nn.utils.fusion.fuse_linear_bn_eval(module[0], module[1])
    within_bounds(exported(torch.nn.Sequential(fused, torch.nn.ReLU()), 3, 17))


def dense(names, shapes, before="x"):
    """Return nodes and tensors of dense layers as MatMul, Add and Relu, and the name of the result."""
    nodes, tensors, normal = [], [], np.random.default_rng(len(names)).normal
    for name, shape in zip(names, shapes, strict=True):
        W, b = tensor(f"{name}/kernel", normal(size=shape)), tensor(f"{name}/bias", normal(size=shape[1:]))
        z, h = f"{name}/BiasAdd:0", f"{name}/Relu:0"
        nodes.append(node("MatMul", before, W.name, output=f"{name}/MatMul:0"))
        nodes.append(node("Add", f"{name}/MatMul:0", b.name, output=z))
        nodes.append(node("Relu", z, output=h))
        tensors, before = [*tensors, W, b], h
    return nodes[:-1], tensors, z


def test_as_keras_exports():
    """tf2onnx: MatMul, Add and Relu per layer, names with slashes, an unknown batch, an Identity."""
    nodes, tensors, tip = dense(["dense", "dense_1"], [(4, 5), (5, 3)])
    nodes.append(node("Identity", tip, output="Identity:0"))
    file = model(nodes, tensors, shape=("unk__7", 4))
    _, network = within_bounds(file)
    assert str(network) == "4-5-3 network (relu, identity)"


def test_as_keras_exports_a_classifier(tmp_path):
    """The softmax at its end is refused; without it the rest is read, as the hint says to do."""
    nodes, tensors, tip = dense(["dense", "dense_1"], [(4, 5), (5, 3)])
    file = model([*nodes, node("Softmax", tip, axis=-1)], tensors, shape=("N", 4))
    with pytest.raises(
        InputError, match=r"node 6 \(Softmax the_softmax\): this operator is not read"
    ) as caught:
        read_onnx(file.SerializeToString())
    assert "onnx.utils.extract_model" in str(caught.value)
    assert str(
        imported(onnx.utils.Extractor(onnx.shape_inference.infer_shapes(file)).extract_model(["x"], [tip]))
    ) == ("4-5-3 network (relu, identity)")


def test_as_skl2onnx_exports_a_regressor():
    """A Cast that does nothing, MatMul and Add per layer, the bias as a row, a Reshape at the end."""
    nodes, tensors, tip = dense(["coefficient", "coefficient1"], [(3, 4), (4, 1)], "cast")
    biased = [
        tensor(t.name, [onnx.numpy_helper.to_array(t)]) if t.name.endswith("bias") else t for t in tensors
    ]
    file = model(
        [node("Cast", "x", to=TensorProto.FLOAT), *nodes, node("Reshape", tip, "shape_tensor")],
        [*biased, tensor("shape_tensor", [-1, 1], np.int64)],
    )
    within_bounds(file)


def test_as_skl2onnx_exports_a_classifier():
    """Labels and probabilities are two outputs, of operators of another domain: all refused at once."""
    nodes, tensors, tip = dense(["coefficient", "coefficient1"], [(3, 4), (4, 3)])
    tail = [
        node("Softmax", tip, output="probabilities"), node("ArgMax", "probabilities", output="label", axis=1),
        node("ArrayFeatureExtractor", "classes", "label", output="picked", domain="ai.onnx.ml"),
        node("ZipMap", "probabilities", output="zipped", domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2]),
    ]  # fmt: skip
    file = model(nodes + tail, [*tensors, tensor("classes", [0, 1, 2], np.int64)], output="picked")
    file.graph.output.append(helper.make_tensor_value_info("zipped", TensorProto.FLOAT, ["N", 3]))
    with pytest.raises(InputError) as caught:
        read_onnx(file.SerializeToString())
    messages = [problem.message for problem in caught.value.problems]
    assert "expected one output, got 2: picked, zipped" in messages
    assert [message for message in messages if message.startswith("node")] == [
        "node 6 (Softmax the_probabilities): this operator is not read",
        "node 8 (ArrayFeatureExtractor the_picked): operators of the domain ai.onnx.ml are not read",
        "node 9 (ZipMap the_zipped): operators of the domain ai.onnx.ml are not read",
    ]
