"""Error bounds: what they must hold for, and what they are known to be."""

from fractions import Fraction
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.algebra import RATIONALS
from verifier.engine.rounding.bounds import affine, enclosures, fed
from verifier.engine.rounding.budget import Enclosure, conversion, gamma, grain
from verifier.engine.rounding.format import FLOAT32, FLOAT64, Format
from verifier.network import Activation, Layer, Network

F = Fraction
U = FLOAT32.u


def point(value, form=FLOAT32):
    """Return what is known of one number."""
    return fed(form, [F(value)])


def test_gamma():
    """γ_k = k·u / (1 - k·u)."""
    assert gamma(FLOAT32, 3) == F(3, 2**24 - 3)


def test_conversion():
    """What is a float costs nothing; a subnormal one may be read as zero; an infinite one has no bound."""
    assert conversion(FLOAT32, F(1, 2)) == 0
    assert 0 < conversion(FLOAT32, F(1, 10)) <= U / 10
    subnormal = F(2) ** -130
    assert (conversion(FLOAT32, subnormal), conversion(FLOAT64, subnormal)) == (subnormal, 0)
    assert conversion(FLOAT32, F("1e-60")) == F("1e-60")
    assert conversion(FLOAT32, F("1e400")) is None


@pytest.mark.parametrize(
    ("row", "offset", "error"),
    [
        ([1, -2, 1], "1/2", 0),
        ([2**24 - 3, 1, 1], 1, 0),  # 2^24 is the last whole number with all before it
        ([2**24 - 3, 1, 1], 2, None),
        ([1, 1, 1], F(1, 2**22), 0),
        ([1, 1, 1], F(1, 2**23), None),
        ([F(2) ** -126, 0, 0], 0, 0),
        ([F(2) ** -127, 0, 0], 0, None),  # may be flushed to zero
    ],
)
def test_sums_without_error(row, offset, error):
    """Multiples of 2^q below 2^(p + q) add exactly in any order, as long as they are normal numbers."""
    found = affine(FLOAT32, [F(w) for w in row], [point(1)] * 3, F(offset))
    assert (found.error == 0) == (error == 0)
    assert found.low == found.high == sum(map(F, row)) + F(offset)


def test_the_budget_of_a_sum():
    """With n products γ_{n+1}(Σ|w||h| + |b|), the conversion of a weight, and what underflows."""
    tenth, third = FLOAT32.nearest(F(1, 10)), F(1, 3)
    row = (tenth, FLOAT32.nearest(tenth * 3), third)
    total = row[0] + row[1] + third + conversion(FLOAT32, third) + 1
    expected = gamma(FLOAT32, 4) * total + conversion(FLOAT32, third)
    found = affine(FLOAT32, row, [point(1)] * 3, F(-1)).error
    assert expected < found <= expected * (1 + F(1, 2**30))


def test_an_error_of_a_hidden_value_goes_on():
    """Σ|w|·e is added, and the value counts as |h| + e."""
    h = Enclosure(F(0), F(3), 0, F(1, 100))
    found = affine(FLOAT32, (F(5),), [h], F(0)).error
    exact = 5 * F(1, 100) + gamma(FLOAT32, 1) * 5 * (3 + F(1, 100))
    assert exact < found <= exact * (1 + F(1, 2**30))


def test_overflow_has_no_bound():
    """Neither of sums, nor of weights, even times 0; and it stays so."""
    big = F(2) ** 127
    assert affine(FLOAT32, (big, big), [point(1)] * 2, F(0)).error is None
    assert affine(FLOAT32, (big, -big / 2), [point(1)] * 2, F(0)).error == 0
    assert affine(FLOAT32, (F("1e400"), F(1)), [point(0), point(1)], F(0)).error is None
    unbounded = Enclosure(F(0), F(1), 0, None)
    assert affine(FLOAT32, (F(1),), [unbounded], F(0)).error is None
    for kind in ("relu", "identity", "hard_tanh"):
        network = Network([Layer.of("h", [["1e400"]], None, kind)])
        assert enclosures(FLOAT32, network, [point(1)])[1][0].error is None


def test_too_many_terms_have_no_bound():
    """γ_k is defined for k·u < 1."""
    coarse = Format("float32", 3, -126, 127)
    assert affine(coarse, [F(1, 3)] * 7, [point(1)] * 7, F(0)).error is not None
    assert affine(coarse, [F(1, 3)] * 8, [point(1)] * 8, F(0)).error is None


def test_grain():
    """The power of two that divides a number."""
    assert [grain(F(v)) for v in ("12", "-5/8", "1/3", "0")] == [2, -3, -inf, inf]


def test_where_an_activation_cuts_off_nothing_is_left_of_an_error():
    """A relu far below 0, a clip far beyond its ends."""
    network = Network([Layer.of("h", [["-0.1"]], None, "relu")])
    assert enclosures(FLOAT32, network, [point(1)])[1][0] == Enclosure(F(0), F(0), inf, F(0))
    clip = Activation("clip", low=F(0), high=F(1, 10))
    network = Network([Layer.of("h", [["0.3"]], None, clip)])
    assert enclosures(FLOAT32, network, [point(1)])[1][0].error == conversion(FLOAT32, F(1, 10))


ACTIVATIONS = [
    Activation("identity"),
    Activation("relu"),
    Activation("hard_tanh"),
    Activation("clip", low=F(-1, 3), high=F(2, 7)),
    Activation("leaky_relu", slope=F(1, 10)),
    Activation("leaky_relu", slope=F(-3)),
    Activation("leaky_relu", slope=F(1, 4)),
]


def evaluated(form, network, h, random):
    """Yield the layers' floats: sums in some bracketing, products fused or not, perhaps flushed."""
    flush = random.random() < 0.3

    def rounded(value):
        value = form.nearest(value)
        return F(0) if flush and 0 < abs(value) < form.tiny else value

    h = [rounded(v) for v in h]
    yield h
    for layer in network.layers:
        z = []
        for row, b in zip(layer.W, layer.b, strict=True):
            parts = [(rounded(w), v, rounded(rounded(w) * v)) for w, v in zip(row, h, strict=True)]
            parts.append((F(1), rounded(b), rounded(b)))
            random.shuffle(parts)
            while len(parts) > 1:
                w, v, value = parts.pop()
                i = random.randrange(len(parts))
                other = parts[i][2]
                fused = v is not None and random.random() < 0.5
                parts[i] = (None, None, rounded((w * v if fused else value) + other))
            z.append(parts[0][2])
        act = layer.activation
        rounding = Activation(
            act.kind,
            slope=act.slope and form.nearest(act.slope),
            low=None if act.low is None else form.nearest(act.low),
            high=None if act.high is None else form.nearest(act.high),
        )
        h = [rounded(rounding.apply(RATIONALS, value)) for value in z]
        yield h


WEIGHTS = st.one_of(
    st.integers(-4, 4).map(F),
    st.fractions(-2, 2, max_denominator=50),
    st.builds(lambda k, e: F(k) * F(2) ** e, st.integers(-9, 9), st.sampled_from([-140, -127, -30, 20, 60])),
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.data(), st.randoms(use_true_random=False))
def test_no_evaluation_is_further_off(data, random: Random):
    """Random networks: on one input, and on all at once, values and errors stay within the enclosures."""
    n, width = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    layers, below = [], n
    for place in range(data.draw(st.integers(1, 3))):
        W = [[data.draw(WEIGHTS) for _ in range(below)] for _ in range(width)]
        b = [data.draw(WEIGHTS) for _ in range(width)]
        layers.append(Layer.of(f"l{place}", W, b, data.draw(st.sampled_from(ACTIVATIONS))))
        below = width
    network = Network(layers)
    values = [data.draw(WEIGHTS) for _ in range(2)]
    x = [random.choice(values) for _ in range(n)]
    for h in ([fed(FLOAT32, [v]) for v in x], [fed(FLOAT32, values)] * n):
        known = enclosures(FLOAT32, network, h)
        for _ in range(3):
            for place, got in enumerate(evaluated(FLOAT32, network, x, random)):
                exact, _ = network.forward(RATIONALS, 0, x, place)
                for v, value, computed in zip(known[place], exact, got, strict=True):
                    assert v.low <= value <= v.high
                    assert (
                        v.grain == inf or v.grain == -inf or (value / F(2) ** int(v.grain)).denominator == 1
                    )
                    assert v.error is None or abs(computed - value) <= v.error
