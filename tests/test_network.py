"""Networks: exact numbers in, the forward pass as defined."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from networks import cases, to_network
from profiles import MORE, SEED

from verifier.algebra import RATIONALS
from verifier.errors import InputError
from verifier.network import Activation, Layer, Network, rational

F = Fraction


@seed(SEED + 50)
@settings(
    max_examples=500 if MORE else 60, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(cases())
def test_forward(case):
    """Every activation, and every tie, is the brute force's."""
    network = to_network(case)
    for x in case.truth.domain:
        h = [case.high if bit else case.low for bit in x]
        for place in range(1, network.depth + 1):
            values, tie = network.forward(RATIONALS, 0, h, place)
            expected = case.truth.activations(x, place)
            assert tie is (expected is None)
            if expected is not None:
                assert values == expected


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        ("0.1", F(1, 10)), (0.1, F(3602879701896397, 2**55)), ("-1/2", F(-1, 2)), (2, F(2)),
        ("1e-3", F(1, 1000)),
        (F(1, 3), F(1, 3)), ("0x1.8p-1", F(3, 4)), (5e-324, F(1, 2**1074)), (-0.0, F(0)), ("−2", F(-2)),
    ],
)  # fmt: skip
def test_numbers_are_exact(number, exact):
    """Text is the number it says, a float is the dyadic it is."""
    assert rational(number) == exact
    assert type(rational(number)) is Fraction


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), "nan", "inf", "1/0", "", "x", None, "1/2/3", [1]]
)
def test_numbers_refused(number):
    """What is no finite number is an error."""
    with pytest.raises(InputError):
        rational(number)


@pytest.mark.parametrize(
    ("activation", "values"),
    [
        (Activation("step"), [0, None, 1]),
        (Activation("step", tie=0), [0, 0, 1]),
        (Activation("step", tie=1), [0, 1, 1]),
        (Activation("sign", tie=0), [-1, -1, 1]),
        (Activation("sign", tie=1), [-1, 1, 1]),
        (Activation("identity"), [-2, 0, 2]),
        (Activation("relu"), [0, 0, 2]),
        (Activation("leaky_relu", slope=F(1, 4)), [F(-1, 2), 0, 2]),
        (Activation("leaky_relu", slope=F(-1)), [2, 0, 2]),
        (Activation("hard_tanh"), [-1, 0, 1]),
        (Activation("clip", low=F(1, 3), high=F(1, 2)), [F(1, 3), F(1, 3), F(1, 2)]),
        (Activation("clip", low=F(-3), high=F(3)), [-2, 0, 2]),
    ],
)
def test_activations(activation, values):
    """Each at -2, 0 and 2."""
    layer = Layer.of("h", [[1]], [0], activation)
    for z, wanted in zip((-2, 0, 2), values, strict=True):
        (h,), tie = Network([layer]).forward(RATIONALS, 0, [F(z)], 1)
        assert tie is (wanted is None)
        if wanted is not None:
            assert h == wanted


def test_names():
    """Units are numbered from 1; a single unit has its layer's name, too."""
    network = Network([Layer.of("h", [[1], [2]]), Layer.of("y", [[1, 1]])])
    assert network.unit_names() == ["h1", "h2", "y"]
    assert network.find("h2") == (1, 1)
    assert network.find("y") == network.find("y1") == (2, 0)
    assert network.find("h3") is None
    named = Network([Layer.of("h", [[1], [2]], units=("left", "right"))])
    assert named.find("right") == (1, 1)
    assert named.find("h2") is None


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: Network([]), "E301"),
        (lambda: Layer.of("h", []), "E301"),
        (lambda: Layer.of("h", [[]]), "E301"),
        (lambda: Layer.of("h", [[1, 2], [1]]), "E301"),
        (lambda: Layer.of("h", [[1, 2]], [1, 2]), "E301"),
        (lambda: Layer.of("h", [[1]], units=("a", "b")), "E301"),
        (lambda: Network([Layer.of("h", [[1], [1]]), Layer.of("y", [[1]])]), "E301"),
        (lambda: Network([Layer.of("h", [[1]]), Layer.of("h", [[1]])]), "E105"),
        (lambda: Network([Layer.of("h", [[1]], units=("y",)), Layer.of("y", [[1]])]), "E105"),
        (lambda: Activation("sigmoidal"), "E303"),
        (lambda: Activation("relu", tie=1), "E303"),
        (lambda: Activation("step", tie=2), "E303"),
        (lambda: Activation("leaky_relu"), "E303"),
        (lambda: Activation("clip", low=F(1), high=F(1)), "E303"),
        (lambda: Activation("clip", low=F(1)), "E303"),
        (lambda: Activation("identity", slope=F(1)), "E303"),
        (lambda: Layer.of("h", [["a"]]), "E104"),
    ],
)
def test_refused(build, code):
    """Shapes and parameters that do not fit are errors."""
    with pytest.raises(InputError) as caught:
        build()
    assert code in {p.code for p in caught.value.problems}
