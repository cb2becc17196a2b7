"""Facts about the XOR and parity networks known from elsewhere; a failure would change the mathematics."""

from dataclasses import replace
from fractions import Fraction

import pytest

from verifier.api import check
from verifier.checks import DEFAULT_CHECKS
from verifier.engine.outcome import word
from verifier.explanation import Explanation
from verifier.network import Layer, Network
from verifier.report.describe import chance
from verifier.verdict import Refuted, Run

STEP = Network(
    [
        Layer.of("h", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"]),
        Layer.of("y", [[1, 1, -2]], ["-1/2"]),
    ]
)
RELU = Network(
    [
        Layer.of("h", [[1, 0], [0, 1], [1, 1]], [0, 0, -1], "relu"),
        Layer.of("y", [[1, 1, -2]], [0], "relu"),
    ]
)
ALICE = {"a1": "x1 & ~x2 @ h1 - h3", "a2": "~x1 & x2 @ h2 - h3", "y": "a1 | a2"}
BOB = {"b1": "nand(x1, x2) @ 1 - h3", "b2": "x1 | x2 @ h1 + h2 - h3", "y": "b1 & b2"}
CAROL = {"c1": "x1 & ~x2 @ h1 - h3", "c2": "x1 | x2 @ h2", "y": "c1 | c2"}
STORIES = {"alice": ALICE, "bob": BOB, "carol": CAROL}


def verdicts(report):
    """Return {check: word}."""
    return {result.check: word(result.verdict) for result in report.results}


@pytest.mark.parametrize("method", ["table", "smt", "all"])
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_both_stories_of_the_step_network_are_true(who, method):
    """The OR of ANDs and the AND of NAND and OR are both how it computes."""
    report = check(STEP, Explanation.of(STEP, STORIES[who]), method=method)
    assert verdicts(report) == dict.fromkeys(DEFAULT_CHECKS, "proved")
    assert report.proved


def test_every_function_is_readable_from_the_hidden_layer():
    """Reading a feature there proves nothing: 16 of 16."""
    (vacuity,) = check(STEP, Explanation.of(STEP, ALICE))["readout"].vacuity
    assert (vacuity.readable, 2**vacuity.rows) == (16, 16)
    assert vacuity.vacuous


@pytest.mark.parametrize("method", ["table", "smt", "all"])
def test_carol_is_refuted(method):
    """Her second readout says x2, not x1 | x2."""
    report = check(STEP, Explanation.of(STEP, CAROL), method=method)
    assert verdicts(report)["readout"] == "refuted"
    assert not report.proved
    verdict = report["readout"].verdict
    assert isinstance(verdict, Refuted)
    assert verdict.counterexample == Run((True, False))


@pytest.mark.parametrize(
    ("who", "mode", "held", "total"),
    [
        ("alice", "all", 12, 16),
        ("alice", "single", 30, 32),
        ("bob", "all", 16, 16),
        ("bob", "single", 32, 32),
    ],
)
def test_exact_accuracy_of_the_relu_network(who, mode, held, total):
    """Interchange tells the two stories apart, and by exactly how much."""
    result = check(RELU, Explanation.of(RELU, STORIES[who], mode=mode))["interchange"]
    assert result.share is not None
    assert (result.share.held, result.share.total) == (held, total)
    assert word(result.verdict) == ("proved" if held == total else "refuted")


@pytest.mark.parametrize("method", ["table", "smt", "all"])
def test_alice_overshoots_in_the_relu_network(method):
    """Writing a second 1 makes the output 2, where her OR says 1."""
    report = check(RELU, Explanation.of(RELU, ALICE), method=method)
    assert verdicts(report) == {
        "behavior": "proved", "readout": "proved", "mediation": "proved", "interchange": "refuted",
    }  # fmt: skip
    result = report["interchange"]
    ((run, trace),) = result.traces
    last = trace.steps[-1]
    assert (last.name, last.network, last.explanation, last.diverges) == ("y", "2", "1", True)
    if method != "smt":  # the table shows the first failing input with the fewest writes
        assert run == Run((False, True), (("a1", True),), 1)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_comparison_hides_the_overshoot(who):
    """Decoded as y > 1/2 both stories are true of the relu network."""
    assert check(RELU, Explanation.of(RELU, STORIES[who]), output="y > 1/2", method="all").proved


def test_chance_of_passing():
    """10 samples of Alice's claim all pass with probability (3/4)^10."""
    share = check(RELU, Explanation.of(RELU, ALICE))["interchange"].share
    assert share is not None
    assert share.fraction == Fraction(3, 4)
    assert [chance(share, n) for n in (10, 100)] == ["0.0563", "3.21e-13"]


def parity(n):
    """Return the network with h_i = [at least i ones] and alternating output weights."""
    hidden = Layer.of("h", [[1] * n] * n, [Fraction(1, 2) - i for i in range(1, n + 1)])
    return Network([hidden, Layer.of("y", [[(-1) ** i for i in range(n)]], ["-1/2"])])


@pytest.mark.parametrize("n", [2, 3, 5, 9])
def test_parity_in_one_hidden_layer(n):
    """The network computes parity, and by counting."""
    counts = {f"c{i}": f"atleast({i}; x1..x{n}) @ h{i}" for i in range(1, n + 1)}
    circuit = {**counts, "y": f"parity(x1..x{n})"}
    assert check(parity(n), Explanation.of(parity(n), circuit), checks=["behavior", "readout"]).proved
    wrong = {**circuit, "y": f"xnor(x1..x{n})"}
    report = check(parity(n), Explanation.of(parity(n), wrong), checks=["behavior"], method="all")
    assert verdicts(report) == {"behavior": "refuted"}


def test_one_bias_decides():
    """With the last threshold at 5/2 the third hidden unit never fires, and the network is an OR."""
    hidden = replace(STEP.layers[0], b=(*STEP.layers[0].b[:2], Fraction(-5, 2)))
    network = Network([hidden, STEP.layers[1]])
    assert check(network, Explanation.of(network, {"y": "x1 | x2"})).proved
    assert not check(network, Explanation.of(network, {"y": "x1 ^ x2"})).proved
