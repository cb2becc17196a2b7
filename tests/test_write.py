"""Writes: afterwards a feature reads what it was set to, and the others what they read before."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from networks import FIXED, cases, to_claim
from profiles import MORE, SEED

from verifier.algebra import RATIONALS
from verifier.api import check
from verifier.engine.outcome import word
from verifier.errors import InputError
from verifier.explanation import Explanation
from verifier.linear import dot
from verifier.network import Activation, Layer, Network
from verifier.verdict import Refuted
from verifier.write import Dependency, Write, compile_write, rows_at, validate_writes

F = Fraction
NETWORK = Network(
    [
        Layer.of("h", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"]),
        Layer.of("y", [[1, 1, -2]], ["-1/2"]),
    ]
)
ALICE = {"a1": "x1 & ~x2 @ h1 - h3", "a2": "~x1 & x2 @ h2 - h3", "y": "a1 | a2"}


@seed(SEED + 70)
@settings(
    max_examples=500 if MORE else 60, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(cases())
def test_random_writes(case):
    """C · columns = identity, and applying a write is the brute force's h + Σ w (u - r)."""
    assume(not case.truth.ties)
    claim = to_claim(case)
    for layer in case.truth.layers:
        write = compile_write(claim.network, claim.explanation, layer)
        assert isinstance(write, Dependency) is case.truth.dependent(layer)
        if isinstance(write, Dependency):
            continue
        columns = list(zip(*write.columns, strict=True))
        for i, row in enumerate(write.rows.C):
            assert [dot(row, w) for w in columns] == [int(i == j) for j in range(len(columns))]
        x, donor = case.truth.domain[0], case.truth.domain[-1]
        for feature in case.truth.found_at(layer):
            for setting in [*case.truth.choices(feature)[:2], donor]:
                numbers, _ = case.truth.meaning(feature, setting)
                h = case.truth.activations(x, layer)
                after = write.apply(RATIONALS, [feature.name], h, numbers)
                assert after == case.truth.after(layer, x, {feature.name: setting})[0]
                for name, _ in write.rows.spans:
                    before = write.rows.read(RATIONALS, name, h)
                    wanted = numbers if name == feature.name else before
                    assert write.rows.read(RATIONALS, name, after) == wanted


def test_rows_of_units_and_readouts():
    """A units feature holds one number per unit, a readout one."""
    explanation = Explanation.of(NETWORK, {"u": "x1 @ {h1, h3}", "a": "x2 @ h2 + h3 + 1", "y": "u ^ a"})
    rows = rows_at(NETWORK, explanation, 1)
    assert list(rows.C) == [(F(1), F(0), F(0)), (F(0), F(0), F(1)), (F(0), F(1), F(1))]
    assert rows.d == (F(0), F(0), F(1))
    assert rows.spans == (("u", range(2)), ("a", range(2, 3)))


def test_dependent_readouts():
    """What sums to a constant cannot be set apart, and the constant is told."""
    explanation = Explanation.of(NETWORK, {"a": "x1 @ h1", "b": "~x1 @ 1 - h1", "y": "a ^ x2"})
    found = compile_write(NETWORK, explanation, 1)
    assert isinstance(found, Dependency)
    assert dict(found.terms) in ({"a": F(1), "b": F(1)}, {"a": F(-1), "b": F(-1)})
    assert abs(found.constant) == 1
    result = check(NETWORK, explanation, method="all")["interchange"]
    assert isinstance(result.verdict, Refuted)
    assert result.share is None


def test_independent_readouts():
    """Alice's are not dependent."""
    assert isinstance(compile_write(NETWORK, Explanation.of(NETWORK, ALICE), 1), Write)


@pytest.mark.parametrize("text", ["h1", "-h2 - h3", "1/2*h1 - 1/2*h2 - 1/2*h3"])
def test_writes_accepted(text):
    """Any direction that moves its own readout by 1 and no other will do: mediation holds."""
    explanation = Explanation.of(NETWORK, ALICE, write={"a1": text})
    assert validate_writes(NETWORK, explanation) == []
    assert check(NETWORK, explanation, method="all").proved


@pytest.mark.parametrize("text", ["h2", "h3", "2*h1", "h1 + h2", "0*h1", "-h1", "y"])
def test_writes_refused(text):
    """A direction that does not set what it claims to set is an error, wherever it comes from."""
    with pytest.raises(InputError):
        check(NETWORK, Explanation.of(NETWORK, ALICE, write={"a1": text}))


@pytest.mark.parametrize("name", ["y", "zz", "u"])
def test_writes_of_what_has_no_readout_are_refused(name):
    """Only a feature with a readout takes a write."""
    circuit = {"u": "x1 & ~x2 @ {h1}", **ALICE}
    del circuit["a1"]
    circuit["y"] = "u | a2"
    with pytest.raises(InputError):
        check(NETWORK, Explanation.of(NETWORK, circuit, write={name: "h1"}))


def test_a_write_belongs_to_the_readout_as_written():
    """`-h1 < -1/2` reads -h1, so its write is -h1: turning the comparison around must not refuse it."""
    copy = Network([NETWORK.layers[0], Layer.of("y", [[1, 0, 0]], ["-1/2"])])
    straight = Explanation.of(copy, {"a": "x1 @ h1 > 1/2", "y": "a"}, write={"a": "h1"})
    turned = Explanation.of(copy, {"a": "x1 @ -h1 < -1/2", "y": "a"}, write={"a": "-h1"})
    assert check(copy, straight).proved
    assert check(copy, turned).proved


def test_later_features_can_depend_on_the_write_although_mediation_holds():
    """A later feature may read what no output reads: then, too, the report says that the write matters."""
    network = Network(
        [
            Layer.of("h", [[1, 0], [0, 1]], ["-1/2", "-1/2"]),
            Layer.of("k", [[1, 0], [1, 1]], ["-1/2", "-1/2"], Activation("step", tie=0)),
            Layer.of("o", [[1, 0]], ["-1/2"]),
        ]
    )
    circuit = {"a": "x1 @ h1", "b": "a | x2 @ k2", "c": "a @ k1", "o": "c"}
    found = {}
    for text in ("h1", "h1 - h2"):
        report = check(network, Explanation.of(network, circuit, write={"a": text}))
        assert word(report["mediation"].verdict) == "proved"
        found[text] = report["interchange"]
    assert [word(result.verdict) for result in found.values()] == ["proved", "refuted"]
    assert all(any("depends on the chosen write" in note for note in r.notes) for r in found.values())


def test_a_tie_where_no_output_looks_depends_on_the_write():
    """A write may bring a unit that reaches no output to a tie, which refutes: the report says it matters."""
    network = Network(
        [
            Layer.of("h", [[1, 0], [0, 1]], None, "identity"),
            Layer.of("k", [[1, 0], [1, 1]], ["-1/2", "-1/4"]),
            Layer.of("o", [[1, 0]], ["-1/2"]),
        ]
    )
    found = {}
    for text in ("h1", "h1 - 3/4*h2"):
        report = check(network, Explanation.of(network, {"a": "x1 @ h1", "o": "a"}, write={"a": text}))
        assert word(report["mediation"].verdict) == "proved"
        found[text] = report["interchange"]
    assert [word(result.verdict) for result in found.values()] == ["proved", "refuted"]
    assert all(any("depends on the chosen write" in note for note in r.notes) for r in found.values())


def test_the_verdict_depends_on_the_write_without_mediation():
    """Two writes of one claim, one true and one false: the report says that it depends."""
    case = FIXED["a unit that reaches no output"]
    claim = to_claim(case)
    circuit = {"a": "x1 @ h1", "y": "a"}
    reading = Network(
        [claim.network.layers[0], Layer.of("k", [[1, 1]], ["-1/2"]), Layer.of("o", [[1]], ["-1/2"])]
    )
    found = {}
    for text in ("h1", "h1 - h2"):
        explanation = Explanation.of(reading, {**circuit, "o": "a | x2"}, write={"a": text})
        result = check(reading, explanation, where="x2 | x1 | ~x1")["interchange"]
        found[text] = word(result.verdict)
        assert any("depends on the chosen write" in note for note in result.notes)
    assert found == {"h1": "proved", "h1 - h2": "refuted"}
