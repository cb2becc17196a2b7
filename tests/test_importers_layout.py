"""Tensors by name to a network: what is derived, what is said, and what nobody has to say."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from verifier.errors import InputError
from verifier.importers.layout import Layout, Stored, tensors_to_network
from verifier.importers.steps import Affine, network_of
from verifier.importers.tensors import from_array
from verifier.network import Activation, Network

RELU, IDENTITY, STEP = Activation("relu"), Activation("identity"), Activation("step")
RNG = np.random.default_rng(5)
CHAIN = {f"{name}.{part}": RNG.normal(size=size)
         for name, m, n in (("a", 4, 3), ("b", 2, 4), ("c", 5, 2), ("d", 1, 5))
         for part, size in (("weight", (m, n)), ("bias", m))}  # fmt: skip


def read(
    arrays: dict[str, object],
    *layers: object,
    n: int | None = None,
    act: object = None,
    ignored: tuple[str, ...] = (),
) -> Network:
    return read_both(arrays, *layers, n=n, act=act, ignored=ignored)[0]


def read_both(
    arrays: dict[str, object],
    *layers: object,
    n: int | None = None,
    act: object = None,
    ignored: tuple[str, ...] = (),
) -> tuple[Network, tuple[str, ...]]:
    named = tuple(Stored(layer) if isinstance(layer, str) else layer for layer in layers) or None
    tensors = {name: from_array(name, np.asarray(array, float)) for name, array in arrays.items()}
    return tensors_to_network(tensors, Layout(named, act, n, ignored))  # type: ignore[arg-type]


def test_one_order_of_layers_is_derived_whatever_the_order_in_the_file() -> None:
    wanted = read(CHAIN, "a", "b", "c", "d", act=(RELU, STEP, RELU, IDENTITY))
    assert str(wanted) == "3-4-2-5-1 network (relu, step, relu, identity)"
    assert [layer.name for layer in wanted.layers] == ["ha", "hb", "hc", "y"]
    for order in list(permutations(CHAIN))[::4001]:
        shuffled = {name: CHAIN[name] for name in order}
        assert read(shuffled, act=(RELU, STEP, RELU, IDENTITY)) == wanted


def test_inputs_decide_between_two_orders() -> None:
    arrays = {"a.weight": [[1, 2]], "b.weight": [[3], [4]]}
    assert read(arrays, n=2, act=(RELU, RELU)).n == 2
    assert read(arrays, n=1, act=(RELU, RELU)).n == 1
    with pytest.raises(InputError, match="more than one order"):
        read(arrays, act=(RELU, RELU))


PAIRS = {
    "fc": ("fc.weight", "fc.bias", False),
    "net.0": ("net.0.weight", "net.0.bias", False),
    "fc_": ("fc__weight", "fc__bias", False),
    "layer": ("layer.W", "layer.b", False),
    "W1": ("W1", "b1", False),
    "w": ("w", "b", False),
    "weight": ("weight", "bias", False),
    "dense": ("dense/kernel", "dense/bias", True),
    "coefs_0": ("coefs_0", "intercepts_0", True),
}


@pytest.mark.parametrize("prefix", PAIRS)
def test_names_that_go_together(prefix: str) -> None:
    weights, bias, transposed = PAIRS[prefix]
    W = np.array([[1, 2, 3], [4, 5, 6]])
    arrays = {weights: W.T if transposed else W, bias: [7, 8]}
    for layers in ((), (prefix,), (weights,), (Stored(weights, bias),)):
        (layer,) = read(arrays, *layers, act=(STEP,)).layers
        assert tuple(tuple(map(Fraction, row)) for row in W.tolist()) == layer.W
        assert layer.b == (7, 8)
        assert (layer.name, layer.units) == ("y", ("y1", "y2"))


def test_what_is_said_of_a_layer_is_what_it_is() -> None:
    arrays = {"p": [[1, 2], [3, 4]], "q": [5, 6], "fc.weight": [[1, 1]], "fc.bias": [1], "other": [9]}
    said = Stored("p", "q", True, "hidden", ("u", "v"), STEP)
    network = read(arrays, said, Stored("fc", activation=RELU))
    first, last = network.layers
    assert (first.W, first.b) == (((1, 3), (2, 4)), (5, 6))
    assert (first.name, first.units, first.activation) == ("hidden", ("u", "v"), STEP)
    assert (last.b, last.activation) == ((1,), RELU)
    assert read({"p": [[1, 2]]}, "p", act=(STEP,)).layers[0].b == (0,)
    assert read({"dense/kernel": [[1, 2]]}, Stored("dense", transpose=False), act=(STEP,)).n == 2


def test_one_layer_may_stand_twice() -> None:
    assert read({"a.weight": [[0, 1], [1, 0]]}, "a", "a", act=(RELU, RELU)).depth == 2


def affine(*rows: tuple[int, ...]) -> Affine:
    return Affine(tuple(tuple(map(Fraction, row)) for row in rows), (Fraction(0),) * len(rows), "somewhere")


def test_steps_become_layers() -> None:
    network = network_of([IDENTITY, RELU, affine((1, 2)), IDENTITY, STEP, affine((3,)), RELU, STEP, IDENTITY])
    assert [layer.activation for layer in network.layers] == [RELU, STEP, RELU, STEP]
    assert [layer.W for layer in network.layers] == [((1, 0), (0, 1)), ((1, 2),), ((3,),), ((1,),)]
    assert [layer.name for layer in network.layers] == ["ha", "hb", "hc", "y"]
    assert network_of([affine((1, 2)), affine((1,))]).layers[0].activation == IDENTITY


def test_many_layers_have_names() -> None:
    network = network_of([affine((1,))] * 60)
    names = [layer.name for layer in network.layers]
    assert names[:2] + names[25:28] + names[-2:] == ["ha", "hb", "hz", "haa", "hab", "hbg", "y"]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "E301 expected a layer of weights"),
        ([RELU], "E301 expected a layer of weights"),
        ([affine((1,)), affine((1, 2))], "E301 somewhere takes 2 inputs, but somewhere gives 1"),
        ([affine(*[(1,)] * 2000), RELU, RELU], "E301 an activation without weights on 2000 units"),
    ],
)
def test_steps_that_do_not_fit(steps: list[Affine | Activation], said: str) -> None:
    with pytest.raises(InputError, match=said):
        network_of(steps)


W23, W22 = [[1, 2, 3], [4, 5, 6]], [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("arrays", "layers", "said"),
    [
        ({"W": W23, "w": W22, "b": [7, 8]}, (), "tensor b is by name the bias of .*: W 2x3, w 2x2"),
        ({"W": W23, "w": W22, "b": [7, 8]}, ("W",), "tensor b is by name"),
        ({"W1": W23, "w1": W22, "b1": [7, 8]}, (), "tensor b1 is by name .*: W1 2x3, w1 2x2"),
        (
            {"fc.weight": W23, "fc.kernel": W22, "fc.bias": [7, 8]},
            ("fc.weight", "fc.kernel"),
            "tensor fc.bias .*: fc.weight 2x3, fc.kernel 2x2",
        ),
        ({"fc1": W22, "fc1.weight": W22, "fc1.bias": [7, 8]}, ("fc1",), "fc1: fc1 2x2, fc1.weight 2x2"),
        ({"fc.weight": W23, "fc.kernel": W22}, ("fc",), "fc: fc.weight 2x3, fc.kernel 2x2"),
        (
            {"a.weight": W23, "a.bias": [7, 8], "p": W22},
            ("a", Stored("p", "a.bias")),
            "tensor a.bias is the bias of two layers: a.weight and p",
        ),
        (
            {"a.weight": W22, "a.bias": [7, 8]},
            ("a", Stored("a", transpose=True)),
            "tensor a.bias is the bias of two layers: a.weight and a.weight",
        ),
    ],
)
def test_a_bias_belongs_to_one_layer_and_a_name_to_one_tensor(
    arrays: dict[str, object], layers: tuple[object, ...], said: str
) -> None:
    act = (RELU,) * (len(layers) or 2)
    with pytest.raises(InputError, match=f"E306 .*{said}"):
        read(arrays, *layers, act=act)


def test_biases_that_are_named_are_not_ambiguous() -> None:
    arrays = {"W": W23, "w": W22, "b": [7, 8], "c": [9, 9]}
    network = read(arrays, Stored("W", "b"), Stored("w", "c"), act=(RELU, RELU))
    assert [layer.b for layer in network.layers] == [(7, 8), (9, 9)]
    twice = read({"a.weight": W22, "a.bias": [7, 8]}, "a", "a", act=(RELU, RELU))
    assert [layer.b for layer in twice.layers] == [(7, 8), (7, 8)]


def test_a_normalisation_is_not_left_out() -> None:
    """Layers may be named one by one; what stands between them may not be dropped in silence."""
    layers = {
        "0.weight": np.eye(2),
        "0.bias": np.zeros(2),
        "3.weight": np.ones((1, 2)),
        "3.bias": np.zeros(1),
    }
    assert read(layers, "0", "3", act=(RELU, IDENTITY)).depth == 2
    statistics = {"1.running_mean": np.zeros(2), "1.running_var": np.ones(2)}
    with pytest.raises(InputError, match=r"E306 1.running_mean, 1.running_var stand for a normalisation"):
        read(layers | statistics, "0", "3", act=(RELU, IDENTITY))
    scale = {"1.weight": [2, 2], "1.bias": [0, 0]}  # of a LayerNorm
    with pytest.raises(InputError, match=r"E306 1.weight stand for a normalisation"):
        read(layers | scale, "0", "3", act=(RELU, IDENTITY))
    ignored = read_both(layers | scale, "0", "3", act=(RELU, IDENTITY), ignored=("1.weight", "1.bias"))
    assert ignored[1] == ("1.weight", "1.bias")


def test_what_is_in_no_layer_is_told_or_ignored() -> None:
    arrays = {**CHAIN, "head.weight": np.ones((7, 3)), "head_2": np.ones(4), "header": np.ones(2)}
    steps = (RELU,) * 4
    plain = read(CHAIN, act=steps)
    told, unused = read_both(arrays, "a", "b", "c", "d", act=steps)
    assert (told, unused) == (plain, ("head.weight", "head_2", "header"))
    assert read_both(arrays, act=steps, ignored=("head", "header")) == (plain, unused)
    with pytest.raises(InputError, match=r"E306 .*header 2\n.*ignore: \[TENSOR\]"):
        read(arrays, act=steps, ignored=("head",))


@pytest.mark.parametrize("layers", [(), ("a", "b", "c", "d")])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.bias", "E306 a.bias: used by a layer, so it cannot be ignored"),
        ("a.bais", "did you mean a.bias?"),
        ("a.b", "E306 no tensor a.b to ignore"),
    ],
)
def test_what_cannot_be_ignored(name: str, said: str, layers: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        read(CHAIN, *layers, act=(RELU,) * 4, ignored=(name,))
    assert said in str(caught.value)
