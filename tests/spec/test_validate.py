import pytest


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("output: y", "outputs: y"), "7:1: E102 unknown key outputs\n    hint: did you mean output?"),
        (("bias: [-1/2],", "bais: [-1/2],"), "E102 unknown key bais\n    hint: did you mean bias?"),
        (("output: y\n", ""), "1:1: E103 missing key output\n    hint: expected an output such as"),
        (("[x1, x2]", "x1"), "2:9: E104 expected a list such as [a, b] or [x1..x4], got x1"),
        (("[x1, x2]", "[]"), "2:9: E104 expected a list such as [a, b] or [x1..x4], got a list of 0 items"),
        (("[x1, x2]", "[x1, 2x]"), "E104 expected a name, a range such as x1..x8, or"),
        (
            ("[[1, 1, -2]]", "[1, 1, -2]"),
            "6:26: E104 expected rows of weights such as [[1, -1/2], [0, 2]]",
        ),
        (
            ("[[1, 1, -2]]", "[[1, 1, -2], 0]"),
            "E104 expected a row of weights such as [1, -1/2], got 0",
        ),
        (("bias: [-1/2],", "bias: -1/2,"), "E104 expected a list, each a number, got -1/2"),
        (("output: y", "output: {}"), "or {NAME: OUTPUT}, got an empty mapping"),
        (
            ("output: y", "output: [[y]]"),
            "7:10: E104 expected an output such as y, y > 1/2 or argmax, got a list",
        ),
        (
            ("output: y", "output: y\ntolerance: -1"),
            "8:12: E104 expected a number from 0 to below 1/2, got -1",
        ),
        (
            ("a1: x1", "a-1: x1"),
            "11:7: E104 expected a name, got a-1 (a letter or _, then letters, digits or _)",
        ),
        (("a1: x1", "and: x1"), "expected a name, got and (and is a word of the formula notation)"),
        (
            ("network:\n  layers:", "network:\n  file: a.pt\n  layers:"),
            "6:26: E104 expected the name of a tensor",
        ),
    ],
)
def test_says_what_was_expected_and_what_was_found(vary, hints, pair, said):
    assert said in hints(vary(pair))


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("    checks: []\n", "E104 expected a list such as [behavior], got a list of 0 items"),
        ("    checks: behavior\n", "14:13: E104 expected a list such as [behavior], got behavior"),
        ("    checks: [floats]\n", "or mediation or necessity or readout, got floats"),
        ("    expect: refuted\n", "E104 expected a mapping such as {behavior: refuted}, got refuted"),
        ("    write: h1\n", "E104 expected a mapping of at least one key, got h1"),
        ("    checks: [readuot]\n", "did you mean readout?"),
        (
            "    expect: {behavior: unknown}\n",
            "E104 expected proved, refuted or {at_least: NUMBER}, got unknown",
        ),
        ("    interchange: {mode: every}\n", "E104 expected all or donor or single, got every"),
        ("    interchange: all\n", "E104 expected a mapping with the keys mode, got all"),
        ("    tolerance: 0.5\n", "E104 expected a number from 0 to below 1/2"),
        ("  bob: x1\n", "E104 expected a mapping with the keys circuit, got x1"),
        ("enumerate: {layer: h, features: 1, must_use: h1}\n", "a list of one or more, each a name, got h1"),
        ("enumerate: {layer: h, features: 1, expect: 8}\n", "keys count, classes, contains, complete, got 8"),
        ("enumerate: {layer: h, features: two}\n", "or a range such as 1..3, got two"),
        ("enumerate: {layer: h, features: 0}\n", "(at least one feature)"),
        ("enumerate: {layer: h, features: 3..1}\n", "(the first bound is above the second)"),
        (
            "enumerate: {layer: h, features: 1, coefficients: 2}\n",
            "E104 expected a range such as -2..2, or any, got 2",
        ),
        ("enumerate: {layer: h, features: 1, up_to: [size]}\n", "E104 expected order or polarity, got size"),
        (
            "enumerate: {layer: h, features: 1, expect: {count: -1}}\n",
            "expected an integer of 0 or more, got -1",
        ),
        ("enumerate: {layer: h, features: 1, expect: {complete: 1}}\n", "expected true or false, got 1"),
        ("enumerate: {features: 1}\n", "E103 missing key layer"),
    ],
)
def test_the_same_below_an_explanation_and_the_space(vary, hints, added, said):
    told = hints(vary(add=added))
    assert said in told
    assert not said.endswith(("got two", "got 2", "got floats")) or told.endswith(said)


def test_a_long_text_is_cut(vary, hints):
    assert len(hints(vary(("[-1/2],", f"[{'x' * 1000}],")))) < 200
