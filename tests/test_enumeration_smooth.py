"""Lists of explanations within a tolerance: golden counts, and brute force that shares no code."""

import json
from copy import deepcopy
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random

import mpmath
import pytest
import smooth_oracle

import verifier.balls.reals as reals
import verifier.engine.enumeration.box as box
import verifier.engine.enumeration.donors as donors
import verifier.engine.enumeration.near as near
from verifier.api import enumerate_explanations
from verifier.audit.audit import audit
from verifier.audit.smooth import GAP
from verifier.certificate import canonical, digest
from verifier.cli import run
from verifier.engine.enumeration.describe import Describer, by_functions
from verifier.engine.enumeration.enumerate import Options, enumerate_space
from verifier.engine.enumeration.near import simplest
from verifier.errors import InputError
from verifier.explanation import Explanation
from verifier.library import Library
from verifier.network import Activation, Layer, Network
from verifier.query import digests
from verifier.run.enumerate_spec import prepared
from verifier.space import Space
from verifier.spec import load
from verifier.verdict import Limits

F = Fraction
SPECS = Path(__file__).parent.parent / "specs"
XOR = SPECS / "xor-sigmoid.circuit.yaml"


def layer(name, W, b, kind, slope):
    """Return a layer of a network."""
    return Layer.of(name, W, b, Activation(kind, slope=F(slope)) if kind in ("sigmoid", "tanh") else kind)


def network(layers):
    """Return the network of an oracle's layers: h, g, …, y."""
    names = [*"hg"[: len(layers) - 1], "y"]
    return Network([layer(name, *of) for name, of in zip(names, layers, strict=True)])


def xor(slope=25, kind="sigmoid"):
    """Return the layers of the seed."""
    return [
        ([[1, 0], [0, 1], [1, 1]], [F(-1, 2), F(-1, 2), F(-3, 2)], kind, slope),
        ([[1, 1, -2]], [F(-1, 2)], kind, slope),
    ]


def parity(n, slope=25):
    """Return the layers of parity in one hidden layer."""
    return [
        ([[1] * n] * n, [F(1, 2) - i for i in range(1, n + 1)], "sigmoid", slope),
        ([[(-1) ** i for i in range(n)]], [F(-1, 2)], "sigmoid", slope),
    ]


def listed(layers, space, **options):
    """Return the explanations as an oracle tells them, and the statement."""
    *found, statement = enumerate_explanations(network(layers), space, **options)
    told = {
        tuple((tuple(map(int, row)), offset) for row, offset in item.readouts): item.output for item in found
    }
    assert len(told) == len(found) == statement.count
    return told, statement


@pytest.mark.parametrize(("k", "count", "classes"), [(1, 2, 1), (2, 8, 2), (3, 64, 8)])
def test_xor(k, count, classes):
    _, statement = listed(xor(), Space("h", k, (-2, 2)), tolerance="1/1000")
    assert (statement.count, statement.classes, statement.complete) == (count, classes, True)
    assert (statement.rests_on, statement.bound_binding, statement.kernel) == ("arb", None, ())


@pytest.mark.parametrize(
    ("n", "k", "count", "classes"), [(3, 2, 8, 2), (3, 3, 64, 8), (4, 2, 16, 4), (4, 3, 272, 34)]
)
def test_parity(n, k, count, classes):
    _, statement = listed(parity(n), Space("h", k, (-1, 1)), tolerance="1/1000")
    assert (statement.count, statement.classes, statement.complete) == (count, classes, True)


WHERE = {"x1 | x2": lambda x: x[0] or x[1], "~(x1 & x2)": lambda x: not (x[0] and x[1]), None: lambda x: True}


def cases(count):
    """Yield networks near ones that have explanations, and what is asked of them."""
    random = Random(4)
    for number in range(count):
        kind = "tanh" if number % 4 == 3 else "sigmoid"
        if kind == "tanh":  # values about 1 apart
            W, b, slope = [[1, 0], [0, 1], [1, 1]], [F(-1, 2)] * 3, random.choice([1, F(6, 5)])
            V, c = [1, random.choice([1, -1, 2]), random.choice([0, 0, 1])], F(random.choice([-1, 1]), 2)
            tolerance = random.choice([F(1, 10), F(1, 5), F(6, 25)])
        else:
            template = random.choice([xor(), xor(), parity(2), parity(3)])
            (W, b, _, _), (V, c, _, _) = template
            W, b, V, c = [list(row) for row in W], list(b), list(V[0]), c[0]
            near = [
                (25, F(1, 1000)),
                (25, F(1, 20)),
                (10, F(1, 20)),
                (10, F(1, 50)),
                (6, F(1, 5)),
                (4, F(1, 5)),
            ]
            slope, tolerance = random.choice(near)
        for _ in range(random.choice([0, 0, 0, 1])):
            W[random.randrange(len(W))][random.randrange(len(W[0]))] = random.choice([0, 1, 2])
        layers = [(W, b, kind, slope), ([V], [c], random.choice(["sigmoid", "identity"]), slope)]
        if number % 5 == 4:  # one more smooth layer below
            n = len(W[0])
            layers.insert(
                0, ([[int(i == j) for j in range(n)] for i in range(n)], [F(-1, 2)] * n, "sigmoid", 12)
            )
        threshold = F(0) if layers[-1][2] == "identity" else F(1, 2)
        decoded = random.choice([None, threshold])
        where = random.choice([None, None, *WHERE])
        yield layers, decoded, where, tolerance, random.choice([1, 2]), random.choice([True, True, False])


def test_brute_force():
    total = undecided = 0
    held = set()
    for number, (layers, threshold, where, tolerance, k, mediation) in enumerate(cases(50)):
        n, place = len(layers[0][0][0]), len(layers) - 1
        inputs = [x for x in product([0, 1], repeat=n) if WHERE[where](x)]
        require = ("readout", "mediation", "interchange") if mediation else ("readout", "interchange")
        bounds = (-2, 2) if n == 2 else (-1, 1)
        asked = (layers, place, inputs, threshold, tolerance, bounds, k, mediation)
        try:
            expected = smooth_oracle.explanations(*asked)
        except smooth_oracle.BoundaryError:
            undecided += 1
            continue
        output = None if threshold is None else f"y > {threshold}"
        space = Space("hg"[place - 1], k, bounds, require=require)
        found, statement = listed(layers, space, output=output, where=where, tolerance=tolerance)
        assert statement.complete, statement.reason
        assert found == expected, number
        total += len(expected)
        if expected:
            held |= {
                ("where", where),
                ("of", layers[place - 1][2]),
                ("output", layers[-1][2], threshold is None),
            }
            held |= {("at", place, k), ("mediation", mediation), ("inputs", n), ("tolerance", tolerance)}
    assert total > 100
    assert undecided < 10
    assert held >= {("of", "tanh"), ("output", "identity", False), ("output", "sigmoid", True), ("at", 2, 1)}
    assert held >= {("mediation", False), ("inputs", 3), ("tolerance", F(1, 1000)), ("tolerance", F(1, 5))}
    assert held >= {("where", where) for where in WHERE}


def test_steep_sigmoids_have_the_lists_of_steps():
    """At slope 4000 the list is that of the step network, by the engine for exact networks."""
    found = []
    for seed in range(30):
        random = Random(seed)
        outputs = random.choice([1, 1, 2])
        W = [[random.choice([-1, 0, 1, 1]) for _ in range(3)] for _ in range(3)]
        b = [F(random.choice([-5, -3, -1, -1, 1]), 2) for _ in range(3)]
        V = [[random.choice([-1, 1, 1, -2]) for _ in range(3)] for _ in range(outputs)]
        c = [F(random.choice([-5, -18, 8]), 13) for _ in range(outputs)]  # no write meets a tie
        k, polarity = random.choice([2, 2, 3]), random.random() < 0.3
        require = ("readout", *["mediation"] * (random.random() < 0.7), "interchange")
        space = Space("h", k, (-2, 2) if k == 2 else (-1, 1), polarity=polarity, require=require)
        below = random.choice(["step", "sigmoid", "sigmoid"])
        smooth_layers = [(W, b, below, 4000), (V, c, "sigmoid", 4000)]
        output = [f"{unit} > 1/2" for unit in network(smooth_layers).layers[-1].units]
        steps, statement = listed([(W, b, "step", 1), (V, c, "step", 1)], space, output=output)
        told, same = listed(smooth_layers, space, output=output, tolerance="1/1000")
        assert (told, same.count, same.classes) == (steps, statement.count, statement.classes), seed
        assert (statement.complete, same.complete) == (True, True)
        found += [(below, outputs, "mediation" in require)] * bool(told)
    assert len(found) > 10
    assert {("step", 1), ("sigmoid", 1), ("sigmoid", 2)} <= {case[:2] for case in found}
    assert {case[2] for case in found} == {False, True}


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(("kind", "slope"), [("sigmoid", 3), ("tanh", 1)])
def test_a_tolerance_next_to_the_boundary(kind, slope, side):
    """A unit of two values reads x1 from the tolerance (1 - their difference)/2 on, to the last digit."""
    layers = [
        ([[1]], [F(-1, 2)], kind, slope),
        ([[1]], [F(-1, 2) if kind == "sigmoid" else 0], "identity", 1),
    ]
    with mpmath.workdps(60):
        half = mpmath.mpf(slope) / 2
        apart = {"sigmoid": mpmath.tanh(half / 2), "tanh": 2 * mpmath.tanh(half)}[kind]
        tolerance = smooth_oracle.near((1 - apart) / 2, side)
    found, statement = listed(layers, Space("h", 1, (-1, 1)), output="y > 0", tolerance=tolerance)
    assert statement.complete
    assert len(found) == (2 if side > 0 else 0)


@pytest.mark.parametrize(
    ("low", "high"),
    [(F(1, 4), F(2, 5)), (F(-1, 2), F(-1, 3)), (F(0), F(0)), (F(-3, 7), F(-5, 12)), (F(5, 2), F(13, 5)),
     (F(-1, 3), F(1, 8)), (F(17, 41), F(17, 41)), (F(314, 100), F(315, 100)), (F(-9, 4), F(-2))],
)  # fmt: skip
def test_simplest(low, high):
    found = simplest(low, high)
    fractions = [F(p, q) for q in range(1, found.denominator + 1) for p in range(-4 * q, 4 * q + 1)]
    inside = [value for value in fractions if low <= value <= high]
    assert min(value.denominator for value in inside) == found.denominator
    assert found in inside
    assert simplest(1 - high, 1 - low) == 1 - found or F(found.denominator) == 1


def test_what_is_too_close_is_not_decided(monkeypatch):
    layers = [([[1]], [F(-1, 2)], "sigmoid", 3), ([[1]], [F(-1, 2)], "identity", 1)]
    with mpmath.workdps(60):
        tolerance = smooth_oracle.near(1 / (1 + mpmath.exp(mpmath.mpf(3) / 2)), 1)
    for module in (reals, near):
        monkeypatch.setattr(module, "PRECISIONS", (64,))
    found, statement = listed(layers, Space("h", 1, (-1, 1)), output="y > 0", tolerance=tolerance)
    assert (found, statement.complete, statement.rests_on) == ({}, False, "")
    assert "no difference within 64 bits" in statement.reason


def test_what_a_write_leaves_too_close_is_not_decided(monkeypatch):
    """No input has both bits: only a write brings the output next to its threshold."""
    with mpmath.workdps(60):
        bias = -smooth_oracle.near(2 / (1 + mpmath.exp(mpmath.mpf(-25) / 2)), -1)
    layers = [([[1, 0], [0, 1]], [F(-1, 2)] * 2, "sigmoid", 25), ([[1, 1]], [bias], "identity", 1)]
    space, options = Space("h", 2, (-1, 1)), {"output": "y > 0", "where": "~(x1 & x2)", "tolerance": "1/1000"}
    found, statement = listed(layers, space, **options)
    assert statement.complete
    assert found[((0, 1), 0), ((1, 0), 0)] == ("0001",)
    for module in (reals, near):
        monkeypatch.setattr(module, "PRECISIONS", (64,))
    _, statement = listed(layers, space, **options)
    assert (statement.complete, statement.count) == (False, 0)
    assert "an interchange: no difference within 64 bits" in statement.reason


def test_limits_are_told(monkeypatch):
    space = Space("h", 2, (-2, 2))
    _, statement = listed(xor(), space, tolerance="1/1000", limit=3)
    assert (statement.count, statement.complete) == (3, False)
    _, statement = listed(xor(), space, tolerance="1/1000", timeout_s=1e-9)
    assert (statement.complete, statement.reason) == (False, "the time limit was reached")
    monkeypatch.setattr(box, "MAX_CELLS", 499)
    _, statement = listed(xor(), space, tolerance="1/1000")
    assert "125 rows of coefficients on 4 hidden rows are too many" in statement.reason
    monkeypatch.setattr(box, "MAX_CELLS", 500)
    monkeypatch.setattr(donors, "MAX_BOXES", 0)
    _, statement = listed(xor(), space, tolerance="1/1000")
    assert (statement.complete, statement.count) == (False, 0)


def test_a_list_is_told_after_its_time():
    spec = load(str(XOR))
    listing = enumerate_space(prepared(spec, Options()), spec.enumeration.space)
    listing.stage.limits = Limits(deadline=0)
    describer = Describer(listing.stage)
    assert [describer.gate(text) for text in listing.items[-1].features] == ["~x1 & x2", "x1 & ~x2"]
    assert by_functions(listing.stage, listing.items) == 8


def test_numbers_too_large_for_floats_are_told():
    layers = [([[1], [1]], [F(-1, 2)] * 2, "sigmoid", 3), ([[2**60, 1], [1, 1]], [0, 0], "identity", 1)]
    layers.append(([[1, 0]], [F(-1, 2)], "sigmoid", 1))
    _, statement = listed(layers, Space("g", 1, (-1, 1)), output="y > 1/2", tolerance="1/10")
    assert not statement.complete
    assert "too large for floats" in statement.reason


@pytest.mark.parametrize(
    ("space", "options", "message"),
    [
        (Space("h", 2), {}, "expected bounds on the coefficients of these readouts"),
        (Space("h", 2, (-1, 1)), {"tolerance": "1/4"}, "expected a tolerance below 1/4, got 1/4"),
        (Space("h", 2, (-1, 1)), {"strategy": "monolithic"}, "no question for Z3"),
    ],
)
def test_refused(space, options, message):
    with pytest.raises(InputError, match=message):
        listed(xor(), space, **{"output": "y > 1/2", **options})


def given(*texts):
    """Return features of the seed."""
    return Explanation.of(network(xor()), dict(text.split(": ", 1) for text in texts)).features


def test_restrictions():
    """The restrictions of a space choose from the same list."""
    every, _ = listed(xor(), Space("h", 2, (-2, 2)), tolerance="1/1000")

    def chosen(**options):
        found, statement = listed(xor(), Space("h", 2, (-2, 2), **options), tolerance="1/1000")
        assert statement.complete
        assert all(every[key] == table for key, table in found.items())
        return found

    assert len(chosen(polarity=True)) == 2
    assert len(chosen(output_gates=Library(("or",)))) == len(
        [t for t in every.values() if t[0].count("1") == 3]
    )
    assert len(chosen(gates=Library(("or",)))) == 2  # nand and or, implications both ways
    assert chosen(must_use=("h1",)) == every
    assert chosen(must_not_use=("h3",)) == {}
    alice = [key for key in every if ((1, 0, -1), 0) in key]
    assert list(chosen(given=given("a1: x1 & ~x2 @ h1 - h3"))) == alice
    assert list(chosen(given=given("a1: x1 & ~x2"))) == alice
    near = given("a1: x1 & ~x2 @ h1 - h3 + 1/2000")  # within the tolerance: the same readout
    assert list(chosen(given=near)) == alice
    halves = given("a1: x1 & ~x2 @ 1/2*h1 - 1/2*h3")
    with pytest.raises(InputError, match=r"the given feature a1 reads 0\.4.* at x = 10, its gate says 1"):
        chosen(given=halves)


def test_the_command_line(tmp_path, capsys):
    file = tmp_path / "list.jsonl"
    assert run(["enumerate", str(XOR), "--certificate", str(file), "--all"]) == 0
    told = capsys.readouterr().out
    assert "8 explanations in 2 classes, of 8 different sets of Boolean functions" in told
    assert "every readout of the box was tried, in ball" in told
    why = "its features are those of no. 8; its readout is refuted at x = 00: a1 reads 0.0000037266392…"
    assert f"not listed: exact, because {why}" in " ".join(told.split())
    assert run(["enumerate", str(XOR), "--count"]) == 0
    assert "8 explanations in 2 classes" in capsys.readouterr().out
    lines = file.read_text().splitlines(keepends=True)
    header = json.loads(lines[0])["query"]
    assert [one["activation"]["slope"] for one in header["network"]["layers"]] == ["25", "25"]
    assert header["decoding"]["tolerance"] == "1/1000"
    assert json.loads(lines[-1])["rests_on"] == "arb"
    cut = tmp_path / "cut.jsonl"
    cut.write_text("".join(lines[:4]))
    assert run(["enumerate", str(XOR), "--resume", str(cut), "--show", "0"]) == 0
    assert cut.read_text() == file.read_text()
    capsys.readouterr()
    assert run(["enumerate", str(XOR), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["explanations"][7]["features"][1]["gate"] == "x1 & ~x2"
    assert document["bound_binding"] is None


def test_an_explanation_of_another_offset_is_not_resumed(tmp_path, capsys):
    file = tmp_path / "list.jsonl"
    run(["enumerate", str(XOR), "--certificate", str(file), "--limit", "2"])
    text = file.read_text().splitlines(keepends=True)
    shifted = text[1].replace(';1"', ';999/1000"', 1)
    assert shifted != text[1]
    file.write_text(text[0] + shifted)
    capsys.readouterr()
    assert run(["enumerate", str(XOR), "--resume", str(file), "--limit", "1"]) == 2
    assert "would not be listed in this space" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["alice"], 1, "not ruled out: it is an explanation of this space (y is a1 | a2)"),
        (["carol"], 0, "ruled out by readout: c2 reads"),
        (["a1: x1 & ~x2 @ h1 - h3", "a2: x2 & ~x1 @ h2 - h3 + 1/2000"], 1, "not ruled out"),
        (["a1: x1 @ h1", "a2: x2 @ h2"], 0, "ruled out by mediation: unit y of the next layer sees more"),
        (["a1: x1 & ~x2 @ 2*h1 - 2*h3", "a2: x2 & ~x1 @ h2 - h3"], 0, "ruled out by readout: a1 reads 1.99"),
    ],
)
def test_why_not(arguments, code, text, capsys):
    assert run(["why-not", str(XOR), *arguments]) == code
    assert text in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--strategy", "monolithic"], "no question for Z3"),
        (["--no-warm-start"], "no question for Z3"),
        (["--proof", "lrat", "--certificate", "{}"], "proofs are made of readouts that equal bits"),
        (["--export", "smt2", "--export-to", "{}"], "expected a complete list with bounded coefficients"),
        (["--export", "dimacs", "--export-to", "{}"], "expected a complete list with bounded coefficients"),
    ],
)
def test_what_is_for_exact_networks_is_refused(options, text, tmp_path, capsys):
    target = str(tmp_path / "target")
    assert run(["enumerate", str(XOR), *(option.format(target) for option in options)]) == 2
    assert text in " ".join(capsys.readouterr().err.split())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return the lines of a complete list of the seed."""
    file = tmp_path_factory.mktemp("list") / "list.jsonl"
    assert run(["enumerate", str(XOR), "--certificate", str(file), "--show", "0"]) == 0
    return [json.loads(line) for line in file.read_text().splitlines()]


def audited(lines, tmp_path):
    """Return the audit of lines, once their digests are right."""
    head, *middle, footer = lines
    head |= digests(head["query"])
    told = [canonical(line) + "\n" for line in middle]
    footer |= {"count": sum("features" in line for line in middle)}
    footer["list_sha256"] = digest("".join(text for text in told if '"features"' in text))
    file = tmp_path / "forged.jsonl"
    file.write_text("".join([canonical(head) + "\n", *told, canonical(footer) + "\n"]))
    return audit(file)


def test_the_auditor_says_what_it_cannot_check(certificate, tmp_path):
    found = audited(deepcopy(certificate), tmp_path)
    assert (found.verdict, found.reason) == ("holey", GAP)
    assert (found.count, found.classes, found.complete) == (8, 2, True)
    file = tmp_path / "forged.jsonl"
    assert run(["audit", str(file), "--spec", str(XOR)]) == 3
    assert run(["audit", str(file), "--spec", str(SPECS / "xor.circuit.yaml")]) == 1
    lines = [*certificate[:4], certificate[9] | {"complete": False, "rests_on": ""}]
    found = audited(deepcopy(lines), tmp_path)
    assert (found.verdict, found.count, found.complete) == ("holey", 3, False)
    assert found.reason == f"the footer does not claim that the list is complete; {GAP}"


def changed(*path, to):
    """Return what puts a value at a path of the lines."""

    def change(lines):
        value = lines
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = to

    return change


SPACE = (0, "query", "space")
FORGERIES = {
    "a row out of the box": (changed(8, "features", 1, to="3 0 -1;0"), "the coefficient 3 of 3 0 -1;0 is no"),
    "half a unit": (changed(8, "features", 1, to="1/2 0 -1;0"), "the coefficient 1/2"),
    "a short row": (changed(8, "features", 1, to="1 0;0"), "expected readouts of 3 coefficients, got 2"),
    "two offsets": (
        changed(8, "features", 1, to="1 0 -1;1/9"),
        "1 0 -1;1/9: the row was listed with another",
    ),
    "an offset unlike its complement's": (changed(3, "features", 0, to="-1 0 1;1/2"), "with another offset"),
    "dependent rows": (changed(8, "features", 0, to="-1 0 1;1"), "the readouts are linearly dependent"),
    "no mediation": (changed(8, "features", 0, to="0 0 1;0"), "mediation: the row of y is not in the span"),
    "features out of order": (changed(8, "features", to=["1 0 -1;0", "0 1 -1;0"]), "ascending order"),
    "a feature that does not matter": (changed(8, "output", to=["0101"]), "0 1 -1;0 is not essential"),
    "a short table": (changed(8, "output", to=["01"]), "expected 1 truth tables of 4 bits"),
    "no table": (changed(8, "output", to=None), "output: expected truth tables"),
    "three features": (changed(*SPACE, "features", to=[3, 3]), "2 features, expected 3 to 3"),
    "a unit that must not be used": (changed(*SPACE, "must_not_use", to=["h1"]), "must not be used"),
    "a unit that must be used": (changed(*SPACE, "must_use", to=["h2"]), None),
    "an output of no library": (
        changed(*SPACE, "output_gates", to={"kinds": ["xor"], "fan_in": None}),
        "the function 0100 is not in the library of output gates",
    ),
    "polarity": (changed(*SPACE, "polarity", to=True), "the class of line 2 again"),
    "a given row": (
        changed(*SPACE, "given", to=[{"name": "a", "gate": "x1", "row": ["1", "0", "0"], "offset": "0"}]),
        "a given feature is missing",
    ),
    "no bounds": (changed(*SPACE, "coefficients", to=None), "expected bounds on the coefficients"),
    "a tolerance of 1/4": (changed(0, "query", "decoding", "tolerance", to="1/4"), "a tolerance below 1/4"),
    "an empty domain": (changed(0, "query", "domain", "where", to="x1 & ~x1"), "the domain is empty"),
    "no slope": (
        changed(0, "query", "network", "layers", 0, "activation", "slope", to=None),
        "a number for sigmoid",
    ),
    "a negative slope": (
        changed(0, "query", "network", "layers", 0, "activation", "slope", to="-25"),
        "a number above 0",
    ),
    "too many classes": (changed(9, "classes", to=3), "the list has 2, the footer says 3"),
    "bounds that bind": (changed(9, "bound_binding", to=True), "bound_binding: expected null"),
    "an explanation again": (lambda lines: lines.insert(8, lines[7]), "the explanation of line 8 again"),
    "explanations out of order": (lambda lines: lines.insert(1, lines.pop(7)), "explanations in ascending"),
    "a cube": (
        lambda lines: lines.insert(1, {"cube": [], "proof": None, "readouts": []}),
        "expected no cubes",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries(name, certificate, tmp_path):
    lines = deepcopy(certificate)
    forge, reason = FORGERIES[name]
    forge(lines)
    found = audited(lines, tmp_path)
    if reason is None:  # h2 is used everywhere
        assert found.verdict == "holey"
        return
    assert found.verdict == "invalid"
    assert reason in found.reason
