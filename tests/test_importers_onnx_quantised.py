"""Quantised networks (QDQ): staircases of steps, judged by onnxruntime on every input."""

from fractions import Fraction

import numpy as np
import onnx
import pytest
from onnx_files import exact, imported, inputs, measured, model, node, tensor
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from verifier.network import Activation

HALF = Fraction(1, 2)


def staircase(W, scale, zero, kind=np.int8, before=(), axis=1):
    """Return a model that multiplies by W and quantises: to integers, and back."""
    nodes = [node("Gemm", "x", "W", transB=1), *before]
    parameters = [tensor("s", scale), tensor("z", zero, kind)]
    nodes.append(node("QuantizeLinear", nodes[-1].output[0], "s", "z", axis=axis))
    nodes.append(node("DequantizeLinear", "quantizelinear", "s", "z", axis=axis))
    return model(nodes, [tensor("W", W), *parameters], shape=("N", len(W[0])))


@pytest.mark.parametrize("zero", [0, 1, -3, 127, -128])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_halves_round_to_even(zero, scale):
    """From -2 to 2 in quarters: v / s is rounded, halves to even, before an odd zero point is added."""
    file, rows = staircase([[-2, 1, 0.5, 0.25]], scale, zero), inputs(4)
    expected = measured(file, rows).tolist()
    assert exact(imported(file), rows) == expected
    assert len({y for (y,) in expected}) > 1


@pytest.mark.parametrize(("kind", "zero"), [(np.int8, 100), (np.int8, -100), (np.uint8, 3), (np.uint8, 250)])
def test_saturation(kind, zero):
    """Integers end at those of the type, on either side."""
    file, rows = staircase([[-200, 180, 30, 10]], 1.0, zero, kind), inputs(4)
    expected = measured(file, rows)
    assert exact(imported(file), rows) == expected.tolist()
    low, high = np.iinfo(kind).min - zero, np.iinfo(kind).max - zero
    assert expected.min() == low or expected.max() == high


def test_one_scale_per_unit():
    file, rows = staircase([[-2, 1, 0.5], [1, 2, -3]], [0.5, 2.0], [3, -1]), inputs(3)
    assert exact(imported(file), rows) == measured(file, rows).tolist()


def test_a_step_that_goes_up_at_equality_is_written_the_other_way_round():
    """v / s rounds to 2 from 3/2 on, to 1 only beyond 1/2: 1 - [3/2 - v > 0], [v - 1/2 > 0]."""
    network = imported(staircase([[1, 2]], 1.0, 125, before=[node("Relu", "gemm")]))
    steps, sums = network.layers[1:]
    assert steps.activation == Activation("step", tie=0)
    assert (steps.W, steps.b) == (((1,), (-1,)), (-HALF, 3 * HALF))
    assert (sums.W, sums.b, sums.activation.kind) == (((1, -1),), (1,), "identity")


def test_steps_that_nothing_reaches_are_left_out():
    """A relu never goes below 0, a clip not beyond its ends; without either all 255 steps are kept."""

    def units(*before):
        file = staircase([[1, 2]], 0.125, 0, before=before)
        file.graph.initializer.extend([tensor("low", -0.25), tensor("high", 0.5)])
        rows = inputs(2)
        network = imported(file)
        assert exact(network, rows) == measured(file, rows).tolist()
        return next(layer for layer in network.layers if layer.activation.kind == "step").width

    assert units() == 255
    assert units(node("Relu", "gemm")) == 127
    assert units(node("Clip", "gemm", "low", "high")) == 6
    assert units(node("Relu", "gemm"), node("Clip", "relu", "low", "high")) == 4


@pytest.mark.parametrize(("low", "high"), [(-0.25, 0.75), (0.25, 1.25), (-0.75, 0.25)])
def test_an_end_that_is_a_cut(low, high):
    """A clip may end exactly where v / s goes up: whether it does there depends on which integer is even."""
    file, rows = (
        staircase([[-1, 0.5, 0.25, 2]], 0.5, 0, before=[node("Clip", "gemm", "low", "high")]),
        inputs(4),
    )
    file.graph.initializer.extend([tensor("low", low), tensor("high", high)])
    assert exact(imported(file), rows) == measured(file, rows).tolist()


def test_a_constant_has_no_steps():
    """What a clip leaves rounds to one integer: a number, whatever the inputs."""
    file = staircase([[1, 2]], 8.0, 5, before=[node("Clip", "gemm", "low", "high")])
    file.graph.initializer.extend([tensor("low", -0.25), tensor("high", 0.5)])
    network, rows = imported(file), inputs(2)
    assert exact(network, rows) == measured(file, rows).tolist() == [[0]] * 4


@pytest.mark.parametrize(
    ("kind", "axis", "scale", "zero"),
    [
        (np.int8, 1, 0.5, 3), (np.uint8, 1, 0.25, 200), (np.int32, 1, 0.125, 0),
        (np.int8, 0, [0.5, 2.0], [1, -1]), (np.int8, -2, [0.5, 2.0], [1, -1]),
        (np.uint8, 1, [0.5, 1.0, 4.0], [0, 1, 2]),
    ],
)  # fmt: skip
def test_weights_from_integers(kind, axis, scale, zero):
    """(q - zero) · scale, one scale for all or one per row or column."""
    most, least = (1000, -70000) if kind == np.int32 else (np.iinfo(kind).max, np.iinfo(kind).min)
    Q = [[most, 3, 0], [least, 7, 1]]
    tensors = [tensor("W", Q, kind), tensor("s", scale), tensor("z", zero, kind)]
    given = ("s",) if kind == np.int32 else ("s", "z")
    file = model(
        [node("DequantizeLinear", "W", *given, axis=axis), node("Gemm", "x", "dequantizelinear", transB=1)],
        tensors,
    )
    rows = inputs(3)
    assert exact(imported(file), rows) == measured(file, rows).tolist()


@pytest.mark.parametrize("zero", [(), ("z",)])
@pytest.mark.parametrize("scale", [0.5, [0.5]])
def test_a_number_from_an_integer(zero, scale):
    """Constants without axes."""
    file = model(
        [node("DequantizeLinear", "q", "s", *zero), node("Add", "x", "dequantizelinear")],
        [tensor("q", 3, np.uint8), tensor("s", scale), tensor("z", 1, np.uint8)],
    )
    rows = inputs(3)
    expected = [[Fraction(v) for v in row] for row in measured(file, rows, optimised=False).tolist()]
    assert exact(imported(file), rows) == expected


def test_weights_alone():
    """Exact numbers, as onnxruntime has them unless it fuses, and quantises 100 and 1/4 together."""
    file = model(
        [
            node("MatMul", "x", "W"), node("Relu", "matmul"), node("DequantizeLinear", "q", "s", "z"),
            node("MatMul", "relu", "dequantizelinear", output="y"),
        ],
        [
            tensor("W", [[100, 100, 0], [0, 0, 0.25]]), tensor("q", [[1], [-1], [1]], np.int8),
            tensor("s", 1.0), tensor("z", 0, np.int8),
        ],
        shape=("N", 2),
    )  # fmt: skip
    rows = inputs(2)
    assert exact(imported(file), rows) == [[0], [0.25], [0], [0.25]]
    assert measured(file, rows, optimised=False).tolist() == [[0], [0.25], [0], [0.25]]


def test_scales_are_exact_rationals():
    """3 times the float 0.1 is no float: the weight is the product, not its rounding."""
    file = model(
        [node("DequantizeLinear", "W", "s"), node("Gemm", "x", "dequantizelinear", transB=1)],
        [tensor("W", [[3, 1, 0]], np.int8), tensor("s", 0.1)],
    )
    tenth = Fraction(float(np.float32(0.1)))
    (weights,) = imported(file).layers[0].W
    assert weights == (3 * tenth, tenth, 0)


def test_weights_quantised_in_the_file():
    """Floats, their integers and the numbers these stand for: all constants."""
    file = model(
        [
            node("QuantizeLinear", "W", "s", "z"), node("DequantizeLinear", "quantizelinear", "s", "z"),
            node("Gemm", "x", "dequantizelinear", transB=1),
        ],
        [tensor("W", [[0.25, 0.75, -1.25], [100, -100, 0.3]]), tensor("s", 0.5), tensor("z", 7, np.int8)],
    )  # fmt: skip
    rows = inputs(3)
    assert exact(imported(file), rows) == measured(file, rows).tolist()


class Samples(CalibrationDataReader):
    """Every binary input, once."""

    def __init__(self, n):
        self.rows = iter([{"x": np.array(inputs(n), np.float32)}])

    def get_next(self):
        return next(self.rows, None)


CONFIGURATIONS = {
    "int8": {},
    "uint8": {"activation_type": QuantType.QUInt8},
    "uint8 weights": {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QUInt8},
    "per channel": {"per_channel": True},
    "symmetric": {"extra_options": {"ActivationSymmetric": True}},
    "pairs on weights": {"extra_options": {"AddQDQPairToWeight": True}},
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_quantised_by_onnxruntime(name, tmp_path):
    """An MLP quantised statically agrees on every input, with its integer kernels and without.

    The dequantised outputs are levels, far apart against what floats round: so they are the same levels. This
    is not so for all networks: onnxruntime divides by the scale in single precision, and a number next to the
    half of a level may then round to the other side. It does not occur here.
    """
    n, hidden = 4, 3
    rng = np.random.default_rng(len(name))
    nodes = [
        node("Gemm", "x", "W1", "b1", transB=1, output="z"), node("Relu", "z", output="h"),
        node("Gemm", "h", "W2", "b2", transB=1, output="y"),
    ]  # fmt: skip
    sizes = {"W1": (hidden, n), "b1": hidden, "W2": (2, hidden), "b2": 2}
    file = model(nodes, [tensor(k, rng.normal(size=size)) for k, size in sizes.items()], shape=("N", n))
    source, target = tmp_path / "float.onnx", tmp_path / "int8.onnx"
    onnx.save(file, source)
    settings = {"activation_type": QuantType.QInt8, "weight_type": QuantType.QInt8} | CONFIGURATIONS[name]
    quantize_static(source, target, Samples(n), quant_format=QuantFormat.QDQ, **settings)
    quantised = onnx.load(target)
    network, rows = imported(quantised), inputs(n)
    values = np.array(exact(network, rows), dtype=float)
    last = next(t for t in quantised.graph.initializer if t.name == "y_scale")
    level = float(onnx.numpy_helper.to_array(last))
    for optimised in (False, True):
        found = measured(quantised, rows, optimised=optimised)
        assert np.abs(values - found).max() < level / 1000
    assert np.abs(values - measured(file, rows)).max() > level / 1000  # quantising changed something


def test_every_float_next_to_a_cut():
    """Where v / s is exact in floats, all agree: every eighth around every cut of four integers."""
    W = [[-2, 2, 1, 0.5, 0.25, 0.125]]
    for zero, scale in ((-127, 0.25), (126, 1.0)):
        file, rows = staircase(W, scale, zero), inputs(6)
        assert exact(imported(file), rows) == measured(file, rows).tolist()


def test_what_floats_do_besides():
    """0.5 / 0.33333334 is 1.49999995..., but 1.5 in single precision, which rounds to 2."""
    file = staircase([[0.5, 0]], 1 / 3, 0)
    scale = Fraction(float(np.float32(1 / 3)))
    assert 3 * scale > 1
    assert exact(imported(file), [(1, 0)]) == [[scale]]
    assert measured(file, [(1, 0)]).tolist() == [[2 * scale]]
