"""Decodings: how a real output becomes a bit."""

from fractions import Fraction

import pytest

from verifier.algebra import RATIONALS
from verifier.api import check
from verifier.decoding import Decoding, argmax, parse_output
from verifier.engine.outcome import word
from verifier.errors import InputError
from verifier.explanation import Explanation
from verifier.network import Layer, Network

F = Fraction
NETWORK = Network([Layer.of("h", [[1, 1]]), Layer.of("y", [[1], [1], [1]], None, "identity")])


def decoded(decoding, *numbers):
    """Return the bits as text (`?` for neither), or `tie`."""
    readings, tie = decoding.decode(RATIONALS, [F(v) for v in numbers])
    text = "".join("?" if not (r.zero or r.one) else "1" if r.one else "0" for r in readings)
    return "tie" if tie else text


def test_exactly_zero_or_one():
    """Anything else is neither bit, up to the tolerance."""
    outputs = (parse_output("y1", NETWORK), parse_output("y2 - y3", NETWORK, "d"))
    assert decoded(Decoding(outputs), 1, 1, 1) == "10"
    assert decoded(Decoding(outputs), "9/8", 1, 0) == "?1"
    assert decoded(Decoding(outputs, F(1, 8)), "9/8", "1/8", 0) == "10"
    assert decoded(Decoding(outputs, F(1, 8)), "-1/8", "1/7", 0) == "0?"


@pytest.mark.parametrize(("op", "bits"), [(">", ["0", "tie", "1"]), ("<", ["1", "tie", "0"])])
def test_strict_comparisons_tie(op, bits):
    """Equality decides nothing."""
    decoding = Decoding((parse_output(f"y1 {op} 1/2", NETWORK),))
    assert [decoded(decoding, v, 0, 0) for v in ("0", "1/2", "1")] == bits


@pytest.mark.parametrize(("op", "bits"), [(">=", "011"), ("<=", "110")])
def test_weak_comparisons_do_not(op, bits):
    """Equality is said to be one of them."""
    decoding = Decoding((parse_output(f"y1 {op} 1/2", NETWORK),))
    assert "".join(decoded(decoding, v, 0, 0) for v in ("0", "1/2", "1")) == bits


def test_argmax():
    """One bit per unit, for the single largest; without one there is a tie."""
    decoding = argmax(NETWORK)
    assert decoding.names == ("y1", "y2", "y3")
    assert decoded(decoding, 1, 3, 2) == "010"
    assert decoded(decoding, -1, -3, "-1/2") == "001"
    assert decoded(decoding, 3, 1, 3) == "tie"
    assert decoded(decoding, 1, 3, 1) == "010"


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("h", None, "E205"), ("h > 0", "z", "E205"), ("{y1}", None, "E204"), ("y1 - y2", None, "E204"),
        ("2*y1", None, "E204"), ("q", None, "E205"), ("y1 >", None, "E204"),
    ],
)  # fmt: skip
def test_refused(text, name, code):
    """An output is a readout of the last layer with a name."""
    with pytest.raises(InputError) as caught:
        parse_output(text, NETWORK, name)
    assert [p.code for p in caught.value.problems] == [code]


def test_argmax_of_one_unit_is_refused():
    """It would always be the largest."""
    with pytest.raises(InputError):
        argmax(Network([Layer.of("y", [[1]])]))


def test_names_of_outputs():
    """An output is called like its only unit."""
    assert parse_output("y2", NETWORK).name == "y2"
    assert parse_output("y2 > 1/2", NETWORK).name == "y2"
    assert parse_output("y1 - y2 > 0", NETWORK, "first").name == "first"


@pytest.mark.parametrize("tolerance", ["1/2", 1, "3/2", -1])
def test_a_tolerance_that_reads_both_bits_is_refused(tolerance):
    """With a tolerance of 1/2 or more one output would be both bits: XNOR would explain XOR."""
    xor = Network(
        [
            Layer.of("h", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"]),
            Layer.of("y", [[1, 1, -2]], ["-1/2"]),
        ]
    )
    with pytest.raises(InputError):
        check(xor, Explanation.of(xor, {"y": "~(x1 ^ x2)"}), tolerance=tolerance)


@pytest.mark.parametrize("method", ["table", "smt"])
def test_every_output_counts(method):
    """A full adder has two outputs; being wrong at the second is being wrong."""
    adder = Network(
        [
            Layer.of("h", [[1, 1, 1]] * 3, ["-1/2", "-3/2", "-5/2"]),
            Layer.of("y", [[1, -1, 1], [0, 1, 0]], ["-1/2", "-1/2"]),
        ]
    )
    right = {"y1": "parity(x1..x3)", "y2": "maj(x1, x2, x3)"}
    for wrong in ({}, {"y1": "x1"}, {"y2": "x1"}):
        report = check(adder, Explanation.of(adder, {**right, **wrong}), method=method)
        assert word(report["behavior"].verdict) == ("refuted" if wrong else "proved")
