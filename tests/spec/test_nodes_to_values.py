"""Inputs, network, outputs, explanations, space: what is accepted and means what, and what is refused."""

from fractions import Fraction

import pytest

from verifier.formula import show
from verifier.library import Library
from verifier.readout import Units
from verifier.space import Space
from verifier.spec.spec import Enumeration, Listing

WIDE = [("[x1, x2]", "[x1..x3]"), ("[[1, 0], [0, 1], [1, 1]]", "[[1, 0, 0], [0, 1, 0], [1, 1, 0]]")]


def test_inputs_may_be_a_range_or_a_group(read):
    assert read(*WIDE).domain.inputs == ("x1", "x2", "x3")
    domain = read(
        ("[x1, x2]", "[x1, {c: one_hot(2)}]\nwhere: ~x1"),
        ("x1 & ~x2", "x1 & ~c2"),
        ("~x1 & x2", "~x1 & c2"),
        ("[[1, 0], [0, 1], [1, 1]]", "[[1, 0, 0], [0, 1, 0], [1, 1, 0]]"),
    ).domain
    assert domain.inputs == ("x1", "c1", "c2")
    assert domain.where is not None
    assert show(domain.where) == "~x1 & exactly(1; c1,c2)"


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        ("[x1, x2, x1]", ["E105 2:18"]),
        ("[x1, {x: one_hot(2)}]", ["E105 2:14"]),
        ("[x1, x3..x2]", ["E104 2:14"]),
        ("[x1, y1..x2]", ["E104 2:14"]),
        ("[x1, {x: one_hot(1)}]", ["E104 2:18"]),
        ("[x1, {x: two_hot(2)}]", ["E104 2:18"]),
        ("[x1, {x: one_hot(2), y: one_hot(2)}]", ["E104 2:14"]),
        ("[x1, x1..x99999999]", ["E104 2:14"]),
        ("[x1..x3]", ["E301 5:26"]),
    ],
)
def test_inputs_that_are_refused(vary, refuse, inputs, found):
    assert refuse(vary(("[x1, x2]", inputs))) == found


def test_encoding(read, vary, refuse):
    domain = read(("network:", "encoding: [-1, 0.1]\nnetwork:")).domain
    assert (domain.low, domain.high) == (Fraction(-1), Fraction(1, 10))
    assert refuse(vary(("network:", "encoding: [1, 2/2]\nnetwork:"))) == ["E104 3:11"]


def test_where_ranges_over_inputs_only(read, vary, refuse):
    assert read(("network:", "where: x1 -> x2\nnetwork:")).domain.where is not None
    assert refuse(vary(("network:", "where: x1 -> y\nnetwork:"))) == ["E202 3:14"]


@pytest.mark.parametrize(
    ("activation", "shown"),
    [
        ("relu", "relu"),
        ("step, tie: 0", "step(tie 0)"),
        ("leaky_relu, slope: 0.1", "leaky_relu(slope 1/10)"),
        ("clip, low: -1, high: 2", "clip(low -1, high 2)"),
        ("sigmoid", "sigmoid(slope 1)"),
        ("tanh, slope: 0.1", "tanh(slope 1/10)"),
    ],
)
def test_activations(read, activation, shown):
    last = ("[-1/2], activation: step", f"[-1/2], activation: {activation}")
    assert str(read(last).network.layers[1].activation) == shown


@pytest.mark.parametrize(
    "activation",
    [
        "sigmoid, slope: 0",
        "tanh, slope: -1",
        "sigmoid, tie: 1",
        "stepp",
        "clip, low: 2, high: 1",
        "relu, slope: 1",
        "clip",
    ],
)
def test_activations_that_are_refused(vary, refuse, activation):
    found = refuse(vary(("[-1/2], activation: step", f"[-1/2], activation: {activation}")))
    assert set(found) == {"E303 6:66"}


def test_bias_is_zero_and_units_are_numbered_unless_given(read):
    network = read((", bias: [-1/2], activation", ", activation")).network
    assert network.layers[1].b == (0,)
    assert network.layers[0].units == ("h1", "h2", "h3")
    named = read(
        (", bias: [-1/2, -1/2, -3/2]", ", units: [u, v, w]"), ("h1 - h3", "u - w"), ("h2 - h3", "v - w")
    )
    assert named.network.layers[0].units == ("u", "v", "w")


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        (("[0, 1], [1, 1]", "[0], [1, 1]"), ["E301 5:35"]),
        (("[[1, 1, -2]]", "[[1, 1]]"), ["E301 6:26"]),
        (("[-1/2],", "[1, 2],"), ["E301 6:46"]),
        (("{name: y, ", "{name: h, "), ["E105 6:14"]),
        (("{name: y, ", "{name: h3, "), ["E105 6:14"]),
    ],
)
def test_shapes_and_names_that_do_not_fit(vary, refuse, pair, found):
    assert refuse(vary(pair))[: len(found)] == found


@pytest.mark.parametrize(
    ("pairs", "found", "told"),
    [
        ([("[[1, 1, -2]]", "[[1], [1], [-2]]")], "E301 6:26", "y takes 1 input, but layer h has 3"),
        (
            [("[[1, 0], [0, 1], [1, 1]]", "[[1, 0, 1], [0, 1, 1]]")],
            "E301 5:26",
            "h takes 3 inputs, but the spec names 2",
        ),
        ([("[[1, 1, -2]], bias: [-1/2],", "[[1], [1], [-2]],")], "E301 6:26", "y takes 1 input, but"),
    ],
)
def test_weights_that_look_transposed(vary, refuse, hints, pairs, found, told):
    assert refuse(vary(*pairs))[0] == found
    assert f"{told}" in hints(vary(*pairs))
    assert "transposed?" in hints(vary(*pairs))


@pytest.mark.parametrize("bias", ["[-1, -1, 2]", "[1, 2]"])
def test_weights_whose_bias_has_one_entry_per_row_do_not(vary, hints, bias):
    told = hints(vary(("[[1, 1, -2]]", "[[1], [1], [-2]]"), ("[-1/2],", f"{bias},")))
    assert "y takes 1 input, but layer h has 3" in told
    assert "transposed" not in told


@pytest.mark.parametrize(
    ("old", "new", "found", "hint"),
    [
        ("h1 - h3", "h", "E205 11:22", "h is a layer, its units are h1, h2, h3"),
        ("h1 - h3", "h1 - h5", "E205 11:27", "known: h1, h2, h3, y"),
        ("h1 - h3", "h1[0]", "E204 11:24", "write the name of a unit: h1, h2"),
        ("h1 - h3", "h[2]", "E204 11:23", "write the name of a unit: h1, h2"),
        ("h1 - h3", "h1#x", "E204 11:24", "a space before the #"),
        ("a1 | a2", "a1 | a2#x", "E201 13:17", "a space before the #"),
        ("x1 & ~x2 @ h1 - h3", '"@ h1 - h3"', "E201 11:11", "a gate before the @, got none"),
        ("output: y", "output: h", "E205 7:9", "known: y"),
    ],
)
def test_slips_of_notation(vary, refuse, hints, old, new, found, hint):
    assert refuse(vary((old, new))) == [found]
    assert hint in hints(vary((old, new)))


def test_of_a_wide_layer_the_first_and_the_last_unit_are_told(vary, hints):
    units = ", ".join(["[1, 1]"] * 13)
    text = vary(("[[1, 0], [0, 1], [1, 1]]", f"[{units}]"), ("[-1/2, -1/2, -3/2],", f"{[0] * 13},"))
    wide = text.replace("[[1, 1, -2]]", f"[{[1] * 13}]").replace("h1 - h3", "h")
    assert "its units are h1, …, h13" in hints(wide)


def test_outputs(read, vary):
    assert read(("output: y", "output: y > 1/2")).decoding.names == ("y",)
    assert read(("output: y", "output: [y >= 1]")).decoding.names == ("y",)
    assert read(("output: y", "output: {y: 2*y - 1}\ntolerance: 1/4")).decoding.tolerance == Fraction(1, 4)
    two = [("[[1, 1, -2]]", "[[1, 1, -2], [0, 0, 1]]"), ("[-1/2],", "[0, 0],")]
    both = read(*two, ("output: y", "output: argmax"), ("y: a1 | a2", "y1: a1 | a2\n      y2: x1 & x2"))
    assert both.decoding.argmax
    assert both.decoding.names == ("y1", "y2")


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("[y, y > 1]", ["E105 7:13"]),
        ("{x1: y}", ["E105 7:10"]),
        ("h1", ["E205 7:9"]),
        ("z", ["E205 7:9"]),
        ("y > > 1", ["E204 7:13"]),
        ("'{y}'", ["E204 7:9"]),
        ("argmax", ["E301 7:9"]),
        ("{out: y}", ["E501 10:5"]),
    ],
)
def test_outputs_that_are_refused(vary, refuse, output, found):
    assert refuse(vary(("output: y", f"output: {output}"))) == found


def test_tolerance_of_the_spec_is_the_default_of_its_explanations(read):
    spec = read(
        ("output: y", "output: y\ntolerance: 0.1"), add="  bob: {circuit: {y: x1 ^ x2}, tolerance: 0}\n"
    )
    assert [entry.explanation.tolerance for entry in spec.entries] == [Fraction(1, 10), 0]


def test_an_explicit_write_and_a_mode(read):
    spec = read(add="    title: t\n    write: {a1: h1}\n    interchange: {mode: donor}\n")
    (alice,) = spec.entries
    assert alice.explanation.writes == {"a1": (1, 0, 0)}
    assert (alice.explanation.mode, alice.title) == ("donor", "t")


@pytest.mark.parametrize(
    ("write", "found"),
    [
        ("{a3: h1}", ["E202 14:13"]),
        ("{a1: h1 + h2}", ["E502 14:17"]),
        ("{a1: h1, a2: h2 - h4}", ["E205 14:30"]),
        ("{a1: y}", ["E502 14:17"]),
        ("{y: h1}", ["E502 14:16"]),
        ("{a1: h1 > 0}", ["E204 14:17"]),
    ],
)
def test_writes_that_are_refused(vary, refuse, write, found):
    assert refuse(vary(add=f"    write: {write}\n")) == found


def test_units_are_a_place(read):
    alice = read(("h1 - h3", "{h3, h1}")).entries[0].explanation
    assert alice.feature("a1").site == Units(1, (0, 2))


@pytest.mark.parametrize(
    ("added", "checks"),
    [
        ("    checks: [behavior, necessity]\n", {"behavior": "proved", "necessity": "proved"}),
        ("    expect: {readout: refuted}\n", {"readout": "refuted"}),
        (
            "    checks: [behavior, readout]\n    expect: {readout: refuted}\n",
            {"behavior": "proved", "readout": "refuted"},
        ),
        ("  bob: {circuit: {y: x1 ^ x2}}\n", {"behavior": "proved"}),
        (
            '  bob: {circuit: {y: "x1 ^ x2 @ {y}"}}\n',
            dict.fromkeys(("behavior", "mediation", "interchange"), "proved"),
        ),
    ],
)
def test_the_checks_to_run(read, added, checks):
    assert dict(read(add=added).entries[-1].checks) == checks


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ("    checks: [behavior, behavior]\n", ["E105 14:24"]),
        ("    checks: [behavior]\n    expect: {readout: proved}\n", ["E505 15:14"]),
        ("  bob: {circuit: {y: x1 ^ x2}, checks: [readout]}\n", ["E503 14:41"]),
        ("  bob: {circuit: {y: x1 ^ x2}, expect: {necessity: proved}}\n", ["E503 14:41"]),
        ("  bob: {circuit: {y: x1 ^ x2}, checks: [oops], expect: {behavior: proved}}\n", ["E104 14:41"]),
    ],
)
def test_checks_that_are_refused(vary, refuse, added, found):
    assert refuse(vary(add=added)) == found


@pytest.mark.parametrize(
    ("pair", "found", "hint"),
    [
        (("x1 & ~x2", "x1 & a2"), ["E202 11:16"], "features are listed in order; a2 comes later"),
        (("x1 & ~x2", "x1 & a1"), ["E202 11:16"], "a1 cannot be computed from itself"),
        (("x1 & ~x2", "x1 & ~x3"), ["E202 11:17"], "hint: known: x1, x2"),
        (("a1 | a2", "a1 | b"), ["E202 13:15"], "hint: known: x1, x2, a1, a2"),
        (("a1 | a2", "a1 | a2 @ h1"), [], ""),
        (
            ("~x1 & x2 @ h2 - h3", "~x1 & x2 @ h2 - h3\n      b: a1 & x1 @ y\n      c: b @ h1"),
            ["E504 14:10"],
            "before b",
        ),
        (("      y: a1 | a2\n", ""), ["E501 10:5"], "known: a1, a2"),
    ],
)
def test_the_order_of_features(vary, refuse, read, hints, pair, found, hint):
    if not found:
        assert read(pair)
        return
    assert refuse(vary(pair)) == found
    assert hint in hints(vary(pair))


def test_enumeration(read, vary, refuse):
    text = (
        "enumerate:\n  layer: h\n  features: 1..2\n  coefficients: any\n"
        "  up_to: [order]\n  expect: {contains: [alice]}\n"
    )
    spec = read(add=text)
    assert spec.enumeration == Enumeration(
        Space("h", (1, 2)), Listing(contains=("alice",)), spec.positions["enumerate"]
    )
    assert refuse(vary(add=text.replace("layer: h", "layer: g").replace("[alice]", "[bob]"))) == [
        "E104 15:10",
        "E104 19:23",
    ]


RESTRICTED = """enumerate:
  layer: h
  features: 2
  coefficients: -1..1
  up_to: [order, polarity]
  require: [readout, interchange]
  gates: {kinds: [and, or], fan_in: 2}
  output_gates: [symmetric]
  must_use: [h1]
  must_not_use: [h2]
  given:
    a1: x1 & ~x2 @ h1 - h3
    a2: x2
"""


def test_restrictions(read):
    space = read(add=RESTRICTED).enumeration.space
    assert (space.polarity, space.require) == (True, ("readout", "interchange"))
    assert space.gates == Library(("and", "or"), 2)
    assert space.output_gates == Library(("symmetric",))
    assert (space.must_use, space.must_not_use) == (("h1",), ("h2",))
    assert [(feature.name, feature.site is None) for feature in space.given] == [("a1", False), ("a2", True)]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("features: 2", "features: 11", ["E104 14:1"]),
        ("[readout, interchange]", "[mediation]", ["E104 14:1"]),
        ("[and, or]", "[und]", ["E104 20:18"]),
        ("must_use: [h1]", "must_use: [h9]", ["E205 22:14"]),
        ("must_use: [h1]", "must_use: [h2]", ["E104 14:1"]),
        ("@ h1 - h3", "@ h1 - h9", ["E205 25:25"]),
        ("@ h1 - h3", "@ h1 > 0", ["E506 25:9"]),
        ("a2: x2", "a2: x3", ["E202 26:9"]),
        ("layer: h", "layer: y", ["E104 15:10"]),
    ],
)
def test_faulty_restrictions(vary, refuse, old, new, found):
    assert refuse(vary(add=RESTRICTED.replace(old, new))) == found
