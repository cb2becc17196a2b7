"""Exact arrays: no float, no overflow, int64 only where a proven bound fits."""

from fractions import Fraction

import numpy as np
import pytest

from verifier.api import check
from verifier.arrays import ARRAYS, Num, distinct, integers
from verifier.engine.outcome import word
from verifier.explanation import Explanation
from verifier.network import Layer, Network

F = Fraction
BITS = np.array([False, True])


def number(*values, den=1):
    """Return a column of numbers with its tightest bound."""
    bound = max(map(abs, values))
    return Num(integers(np.array(values, dtype=object), bound), den, bound)


@pytest.mark.parametrize("bound", [2**53, 2**62, 2**63 - 1])
def test_int64_while_the_bound_fits(bound):
    """Every |value| up to the bound is held exactly."""
    values = integers(np.array([bound, -bound], dtype=object), bound)
    assert values.dtype == np.int64
    assert [int(v) for v in values] == [bound, -bound]


@pytest.mark.parametrize("bound", [2**63, 2**64, 2**70])
def test_python_integers_beyond(bound):
    """One more than int64 holds is held by Python integers."""
    values = integers(np.array([bound, -bound], dtype=object), bound)
    assert values.dtype == object
    assert [int(v) for v in values] == [bound, -bound]


@pytest.mark.parametrize("k", [53, 54, 61, 62, 63, 64, 70])
def test_sums_around_powers_of_two(k):
    """2^k + 1 differs from 2^k: a float, or a wrapped int64, would not see it."""
    a = ARRAYS.choose(BITS, F(2**k), F(0))
    total = ARRAYS.affine([F(1), F(1)], [a, a], F(1))
    assert [int(v) for v in total.values] == [1, 2 ** (k + 1) + 1]
    assert list(ARRAYS.equal(total, F(2 ** (k + 1)))) == [False, False]
    assert list(ARRAYS.equal(total, F(2 ** (k + 1) + 1))) == [False, True]
    assert list(ARRAYS.greater(total, F(2 ** (k + 1)))) == [False, True]
    assert list(ARRAYS.greater(total, F(2 ** (k + 1) + 1))) == [False, False]
    assert total.values.dtype == (np.int64 if total.bound < 2**63 else object)


def test_intermediate_sums_do_not_wrap():
    """2^62 + 2^62 - 2^62 is formed in a type that holds its largest partial sum."""
    a = ARRAYS.choose(BITS, F(2**62), F(0))
    total = ARRAYS.affine([F(1), F(1), F(-1)], [a, a, a], F(0))
    assert [int(v) for v in total.values] == [0, 2**62]


@pytest.mark.parametrize("wide", [F(2**70), F(1, 2**70), F(-(2**64), 3)])
def test_single_numbers_stay_arrays(wide):
    """A constant too wide for int64 can be used in every operation, and so can the constant 0."""
    for constant in (ARRAYS.number(wide), ARRAYS.number(F(0)), ARRAYS.affine([], [], wide)):
        scaled = ARRAYS.affine([wide], [constant], F(1, 3))
        chosen = ARRAYS.select(BITS, scaled, ARRAYS.number(F(1, 7)))
        again = ARRAYS.affine([F(1), F(2)], [chosen, constant], F(0))
        value = F(int(np.broadcast_to(constant.values, 2)[0]), constant.den)
        expected = [F(1, 7) + 2 * value, wide * value + F(1, 3) + 2 * value]
        assert [F(int(v), again.den) for v in again.values] == expected


def test_quotients_keep_one_denominator():
    """Thirds and halves meet over six, exactly."""
    third, half = ARRAYS.choose(BITS, F(1, 3), F(0)), ARRAYS.choose(BITS, F(1, 2), F(-1))
    total = ARRAYS.affine([F(1), F(1)], [third, half], F(1, 7))
    assert [F(int(v), total.den) for v in total.values] == [F(1, 7) - 1, F(1, 7) + F(5, 6)]
    chosen = ARRAYS.select(BITS, third, half)
    assert [F(int(v), chosen.den) for v in chosen.values] == [F(-1), F(1, 3)]


def test_comparisons_with_quotients():
    """Bounds between the representable numbers round down for >, and are never met for =."""
    column = number(-2, -1, 0, 1, 2, den=3)
    assert list(ARRAYS.greater(column, F(1, 2))) == [False, False, False, False, True]
    assert list(ARRAYS.greater(column, F(-1, 2))) == [False, True, True, True, True]
    assert list(ARRAYS.equal(column, F(1, 2))) == [False] * 5
    assert list(ARRAYS.equal(column, F(-1, 3))) == [False, True, False, False, False]
    assert list(ARRAYS.greater(column, F(10**30))) == [False] * 5
    assert list(ARRAYS.greater(column, F(-(10**30)))) == [True] * 5


def test_distinct_rows():
    """Equal rows share a place, unequal rows never do, whatever their range."""
    columns = [np.array([5, 5, -(2**62), 5]), np.array([2**70, 2**70, 0, 1], dtype=object)]
    first, index = distinct(columns)
    assert index[0] == index[1]
    assert len({*index.tolist()}) == 3
    assert [first[index[i]] for i in range(4)] == [0, 0, 2, 3]
    wide = [np.array([0, 2**62]), np.array([0, 2**62]), np.array([2**62, 0])]
    assert len(distinct(wide)[0]) == 2


@pytest.mark.parametrize("k", [20, 53, 62, 63, 70])
def test_a_network_that_only_exact_numbers_decide(k):
    """h = 2^k x1 + x2, and y asks for h > 2^k: x1 & x2; one lost bit makes it constant."""
    network = Network([Layer.of("h", [[2**k, 1]], [0], "relu"), Layer.of("y", [[1]], [-(2**k)])])
    network = Network([network.layers[0], Layer.of("y", [[2]], [-(2 ** (k + 1)) - 1])])
    for method in ("table", "smt"):
        true = check(network, Explanation.of(network, {"y": "x1 & x2"}), method=method)
        false = check(network, Explanation.of(network, {"y": "x1"}), method=method)
        assert [word(true["behavior"].verdict), word(false["behavior"].verdict)] == ["proved", "refuted"]


def test_float_weights_of_several_layers():
    """Trained weights are dyadics of 53 bits: after two layers nothing fits an int64."""
    W = [[0.1, -0.7], [0.3, 0.9]]
    network = Network(
        [
            Layer.of("h", W, [0.2, -0.1], "hard_tanh"),
            Layer.of("k", W, [0.05, 0.3], "relu"),
            Layer.of("y", [[1.1, -0.3]], [-0.2], "identity"),
        ]
    )
    report = check(network, Explanation.of(network, {"y": "x1 | x2"}), output="y > 0", method="all")
    floats = []
    for x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        h = np.clip(np.array(W) @ x + [0.2, -0.1], -1, 1)
        k = np.maximum(np.array(W) @ h + [0.05, 0.3], 0)
        floats.append(bool(k @ [1.1, -0.3] - 0.2 > 0))
    held = sum(bit == (i > 0) for i, bit in enumerate(floats))
    assert str(report["behavior"].share) == f"{held}/4"


def test_huge_weight_on_a_dead_unit():
    """A unit that is always 0 may be read with any weight."""
    network = Network(
        [
            Layer.of("h", [[0, 0], [1, 0]], [0, 0], "relu"),
            Layer.of("y", [["1e30", 1]], ["-1/2"]),
        ]
    )
    assert check(network, Explanation.of(network, {"y": "x1"}), method="all").proved
    assert not check(network, Explanation.of(network, {"y": "x2"}), method="all").proved
