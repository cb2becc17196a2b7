"""Explanations: lists of features, recomputed under interventions."""

import pickle
from fractions import Fraction

import pytest
from networks import FIXED, to_claim

from verifier.algebra import RATIONALS
from verifier.api import check
from verifier.errors import InputError
from verifier.explanation import Explanation
from verifier.network import Layer, Network

F = Fraction
NETWORK = Network(
    [Layer.of("h", [[1, 0], [0, 1]], None, "relu"), Layer.of("k", [[1, 1]]), Layer.of("y", [[1]])]
)


def test_setting_overrides_the_gate():
    """do(a := u) wins over what a's gate says, and only what depends on a follows."""
    circuit = {"a": "x1 & x2", "b": "~a", "c": "x1", "y": "a | b & c"}
    explanation = Explanation.of(NETWORK, circuit)
    x = {"x1": True, "x2": False}
    assert explanation.recompute(RATIONALS, x) == {"a": False, "b": True, "c": True, "y": True}
    done = explanation.recompute(RATIONALS, x, {"a": True})
    assert done == {"a": True, "b": False, "c": True, "y": True}
    both = explanation.recompute(RATIONALS, x, {"a": True, "b": True})
    assert both == {"a": True, "b": True, "c": True, "y": True}
    assert explanation.recompute(RATIONALS, x, {"a": False}) == explanation.recompute(RATIONALS, x)


def test_recompute_is_the_brute_force():
    """For every fixed case, every input and every single intervention."""
    for case in FIXED.values():
        explanation = to_claim(case).explanation
        for x in case.truth.domain:
            named = case.truth.named(x)
            for do in ({}, *({f.name: bit} for f in case.features for bit in (False, True))):
                told = explanation.recompute(RATIONALS, named, do)
                wanted = case.truth.recompute(x, do)
                assert told == {f.name: wanted[f.name] for f in case.features}


def test_places():
    """Features by layer, in order; those without a place are only computed."""
    explanation = Explanation.of(
        NETWORK, {"a": "x1 @ h1", "b": "x2 @ {h2}", "c": "a | b @ k > 0", "y": "c"}, tolerance="1/4"
    )
    assert explanation.layers == (1, 2)
    assert [f.name for f in explanation.found_at(1)] == ["a", "b"]
    assert [f.name for f in explanation.readable] == ["a", "c"]
    assert not explanation.writes_bits(explanation.feature("a"))
    exact = Explanation.of(NETWORK, {"a": "x1 @ h1", "y": "a"})
    assert exact.writes_bits(exact.feature("a"))


def test_pickles():
    """An explanation crosses to another process."""
    explanation = Explanation.of(NETWORK, {"a": "x1 @ h1", "y": "a"}, write={"a": "h1"})
    assert pickle.loads(pickle.dumps(explanation)) == explanation


@pytest.mark.parametrize(
    ("circuit", "options", "codes"),
    [
        ({"y": "q"}, {}, {"E202"}),
        ({"y": "a", "a": "x1"}, {}, {"E202"}),
        ({"y": "y"}, {}, {"E202"}),
        ({"y": "x1 @ q"}, {}, {"E205"}),
        ({"y": "x1 @"}, {}, {"E204"}),
        ({"y": "x1 @ h1 + k"}, {}, {"E206"}),
        ({"y": "x1 & @ h1"}, {}, {"E201"}),
        ({"y": "x1 & @ q", "z": "zz"}, {}, {"E201", "E205", "E202"}),
        ({"a": "x1 @ k", "b": "a @ h1", "y": "b"}, {}, {"E504"}),
        ({"a": "x1 @ k", "c": "~a", "b": "c @ h1", "y": "b"}, {}, {"E504"}),
        ({"y": "x1"}, {"tolerance": "1/2"}, {"E104"}),
        ({"y": "x1"}, {"tolerance": -1}, {"E104"}),
        ({"y": "x1"}, {"mode": "some"}, {"E104"}),
    ],
)
def test_refused(circuit, options, codes):
    """Malformed explanations are errors, all problems at once."""
    with pytest.raises(InputError) as caught:
        Explanation.of(NETWORK, circuit, **options)
    assert {p.code for p in caught.value.problems} == codes


def test_same_layer_is_not_too_early():
    """A feature may depend on one of its own layer."""
    Explanation.of(NETWORK, {"a": "x1 @ h1", "b": "a | x2 @ h2", "y": "b"})


@pytest.mark.parametrize("circuit", [{"a": "x1"}, {"x1": "x2", "y": "x1"}])
def test_claims_name_things_once(circuit):
    """The outputs are among the features, and no feature has an input's name."""
    with pytest.raises(InputError):
        check(NETWORK, Explanation.of(NETWORK, circuit), where="~x1 & x2", checks=["behavior"])
