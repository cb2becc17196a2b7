"""The Python API gives the same values as the command line."""

import pickle

import pytest

from verifier import (
    Explanation,
    Imported,
    InputError,
    Layer,
    Network,
    Proved,
    Refuted,
    Space,
    check,
    enumerate_explanations,
    probe,
    suggest,
)

ALICE = {"a1": "x1 & ~x2 @ h1 - h3", "a2": "~x1 & x2 @ h2 - h3", "y": "a1 | a2"}


@pytest.fixture
def network() -> Network:
    hidden = Layer.of("h", [[1, 0], [0, 1], [1, 1]], [-0.5, "-1/2", -1.5])
    return Network([hidden, Layer.of("y", [[1, 1, -2]], ["-1/2"])])


def test_proved(network: Network) -> None:
    report = check(network, Explanation.of(network, ALICE, name="alice"))
    assert report.proved
    assert [result.check for result in report.results] == ["behavior", "readout", "mediation", "interchange"]
    assert str(report["interchange"].share) == "16/16"
    assert "alice" in repr(report)
    assert "proved" in repr(report)


def test_refuted(network: Network) -> None:
    report = check(network, Explanation.of(network, {**ALICE, "y": "a1 & a2"}))
    assert not report.proved
    assert isinstance(report["behavior"].verdict, Refuted)
    assert isinstance(report["readout"].verdict, Proved)


def test_methods_agree(network: Network) -> None:
    explanation = Explanation.of(network, ALICE)
    for method in ("table", "smt", "all"):
        assert check(network, explanation, method=method).proved


def test_domain_restrictions(network: Network) -> None:
    explanation = Explanation.of(network, {"y": "x1 | x2"})
    assert not check(network, explanation).proved
    assert check(network, explanation, where="~(x1 & x2)").proved
    assert check(network, explanation, rows=[(0, 1), (1, 0)]).domain_size == 2
    with pytest.raises(InputError, match="E401"):
        check(network, explanation, where="x1 & ~x1")
    with pytest.raises(InputError, match="E202"):
        check(network, explanation, where="x3")


def test_wrong_shapes_are_refused(network: Network) -> None:
    with pytest.raises(InputError, match="E301"):
        check(network, Explanation.of(network, ALICE), inputs=["x1", "x2", "x3"])
    with pytest.raises(InputError, match="E501"):
        check(network, Explanation.of(network, {"a1": ALICE["a1"]}))


def test_every_problem_of_an_explanation_at_once(network: Network) -> None:
    with pytest.raises(InputError) as caught:
        Explanation.of(network, {"a1": "x1 & x9 @ h1 - h8", "y": "a1 |"})
    assert [problem.code for problem in caught.value.problems] == ["E202", "E205", "E201"]


def test_values_survive_pickling(network: Network) -> None:
    explanation = Explanation.of(network, ALICE)
    assert pickle.loads(pickle.dumps(network)) == network
    assert pickle.loads(pickle.dumps(explanation)) == explanation
    copy = pickle.loads(pickle.dumps(network))
    assert copy.find("h2") == (1, 1)


def test_ties_are_refused_and_named(network: Network) -> None:
    tied = Network([Layer.of("h", [[1, 1]], [-1]), Layer.of("y", [[1]], ["-1/2"])])
    explanation = Explanation.of(tied, {"y": "x1 & x2"})
    for method in ("table", "smt"):
        with pytest.raises(InputError, match=r"E304 a tie: z = 0 at unit h at x = (01|10)"):
            check(tied, explanation, method=method)


def test_an_explanation_of_another_network_is_refused(network: Network) -> None:
    wide = Network(
        [Layer.of("h", [[1, 1]] * 5, [f"-{i}/2" for i in (1, 3, 5, 7, 9)]), Layer.of("y", [[1] * 5])]
    )
    explanation = Explanation.of(wide, {"a": "x1 @ h5", "y": "a"})
    with pytest.raises(InputError, match="E301"):
        check(network, explanation)


def test_a_feature_may_not_hide_an_input(network: Network) -> None:
    explanation = Explanation.of(network, {"x2": "x1 @ h1", "y": "x2"})
    with pytest.raises(InputError, match="E105"):
        check(network, explanation)


def test_rows_must_be_bits(network: Network) -> None:
    with pytest.raises(InputError, match="E402"):
        check(network, Explanation.of(network, ALICE), rows=[(0, 2)])


def test_arguments_are_checked(network: Network) -> None:
    explanation = Explanation.of(network, ALICE)
    for arguments in ({"method": "tabel"}, {"checks": ["readuot"]}, {"timeout_s": -1}):
        with pytest.raises(InputError, match="E601"):
            check(network, explanation, **arguments)  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        check(network, explanation)["necessity"]
    with pytest.raises(InputError, match="E601 expected an Explanation, got a dict"):
        check(network, ALICE)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="E601 expected a network, got a str"):
        check("net.onnx", explanation)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="E601 expected a network, got a list"):
        list(enumerate_explanations([network], Space("h", 2, (-1, 1))))  # type: ignore[arg-type]


def test_both_says_when_one_method_gave_no_answer() -> None:
    n = 26
    network = Network([Layer.of("y", [[1] * n], ["-1/2"])])
    report = check(network, Explanation.of(network, {"y": f"atleast(1; x1..x{n})"}), method="all")
    assert report.proved
    assert report["behavior"].notes == (
        "table gave no answer: 2^26 inputs are too many for a table (at most 2^24)",
    )


def test_what_is_imported_brings_its_decoding(network: Network) -> None:
    """A classifier says what its output means; what is asked for goes first."""
    logit = Network([network.layers[0], Layer.of("y", [[1, 1, -2]], ["-1/2"], "identity")])
    imported = Imported(logit, "object", output="y > 0")
    alice = Explanation.of(logit, ALICE)
    assert check(imported, alice).proved
    assert not check(imported, alice, output="y > 3/4").proved
    assert not check(logit, alice).proved
    assert suggest(imported, features=(2, 2)).explanations
    assert [found.concept.names for found in probe(imported).probed] == [("y",)]
    assert [found.concept.names for found in probe(logit).probed] == [("x1",), ("x2",)]
    *_, statement = enumerate_explanations(imported, Space("h", features=2, coefficients=(-2, 2)))
    assert statement.count == 8


def test_what_is_found_prints_as_a_report(network: Network) -> None:
    told = repr(probe(network, {"one": "x1 ^ x2"}))
    assert told.startswith("2-3-1 network")
    assert "one: x1 ^ x2 (1 on 2 of 4)" in told
    told = repr(suggest(network, features=(2, 2)))
    assert "what it computes" in told
    assert "8 explanations in 2 classes" in told
    assert max(map(len, told.splitlines())) <= 80


def test_what_is_listed_can_be_checked(network: Network) -> None:
    listed = enumerate_explanations(network, Space("h", (1, 3), (-2, 2)))
    *explanations, statement = listed
    assert len(explanations) == statement.count == 2 + 8 + 64
    for found in explanations[:20]:
        explanation = listed.explanation(found)
        assert [feature.site is None for feature in explanation.features] == [False] * len(found.features) + [
            True
        ]
        assert check(network, explanation).proved
    assert list(listed) == []


def test_formulas_of_too_many_inputs_are_not_told() -> None:
    wide = Network([Layer.of("h", [[1] + [0] * 16], [0], "relu"), Layer.of("y", [[1]], [0], "identity")])
    listed = enumerate_explanations(wide, Space("h", 1, (-1, 1)))
    *explanations, statement = listed
    assert (len(explanations), statement.complete) == (2, True)
    for found in explanations:
        with pytest.raises(InputError, match="E601 the inputs are too many to tell formulas"):
            listed.explanation(found)
