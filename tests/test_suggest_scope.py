"""What `suggest` says does not exist, against a brute force of exactly what the sentence names.

Each case here was once told wrongly: an empty list of one number of features within wide bounds spoke for all
numbers of features, a set of features that is an explanation was called a near miss, sets outside the bounds
were counted.
"""

import json
import re
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import threshold_oracle

import verifier.engine.suggest.search as search_module
from verifier import Explanation, Layer, Network, check, load, suggest
from verifier.cli import run
from verifier.engine.suggest.outcome import FREE, FULL
from verifier.engine.suggest.search import Search
from verifier.report.suggestion import remarks_of, suggestion_text
from verifier.report.suggestion_claims import sure
from verifier.report.suggestion_json import suggestion_document
from verifier.verdict import Proved

F = Fraction
INPUTS = list(product((0, 1), repeat=2))

SCALED = """
spec: 1
inputs: [x1, x2, x3, x4]
network:
  layers:
    - {name: h, weights: [[1, 0, 6, 0], [0, 0, 3, 0], [0, 1, 0, 6], [0, 0, 0, 3]], activation: relu}
    - name: g
      weights: [[1, -199/100, -98/99, 2], [-88/89, 2, 1, -200/101]]
      bias: [-1/2, -1/2]
      activation: step
    - {name: y, weights: [[1, 1]], bias: [-1/2], activation: step}
output: y
"""


@pytest.fixture
def scaled(tmp_path):
    """Return a network that f1: x1 @ h1 - 2*h2, f2: x2 @ h3 - 2*h4 explain without mediation."""
    path = tmp_path / "scaled.circuit.yaml"
    path.write_text(SCALED, encoding="utf-8")
    return path


def network(*layers):
    """Return a network with layers h, ..., y."""
    names = [*"hgk"[: len(layers) - 1], "y"]
    return Network([Layer.of(name, *layer) for name, layer in zip(names, layers, strict=True)])


HALF = network(
    ([["1/2", 0], [0, "1/2"]], [0, 0], "relu"),
    ([[1, 0], [0, 1]], [0, 0], "relu"),
    ([[3, 7]], [5], "step"),
)
CONSTANT = network(([[1, 0], [0, 1]], ["-1/2", "-1/2"], "step"), ([[0, 0]], [1], "step"))


def text(suggestion):
    """Return the report."""
    return suggestion_text(suggestion, "x", "", 5, 1000, False)


def about(path, **options):
    """Return what is suggested of layer h of a spec."""
    spec = load(path)
    return suggest(spec.network, inputs=spec.domain.inputs, output="y", layers=["h"], **options)


# --- what was told wrongly ----------------------------------------------------------------------------------


def test_few_sets_are_all_tried_within_the_bounds_that_were_asked_for(scaled):
    """Coefficients of 2 are needed without mediation, and found."""
    suggestion = about(scaled)
    (layer,) = suggestion.layers
    assert suggestion.explanations[0].features[0].show(suggestion.subject.network) == "f1: x1 @ h1 - 2*h2"
    bounds = {each.space.coefficients for each in layer.counted if each.space.readouts == "linear"}
    assert bounds == {(-2, 2)}
    assert not layer.misses
    assert "no explanation of" not in text(suggestion)


def test_what_passes_every_case_together_is_an_explanation_and_no_miss(scaled, monkeypatch, tmp_path):
    """Found by putting functions together, beyond the bounds of the lists; the spec guards no such list."""
    monkeypatch.setattr(search_module, "MOST_TRIED", 0)
    suggestion = about(scaled, features=(1, 2))
    (layer,) = suggestion.layers
    assert layer.telling
    assert not layer.misses
    assert not layer.complete
    last = layer.counted[-1]
    assert (last.space.features, last.space.coefficients, last.space.require) == ((2, 2), (-2, 2), FREE)
    assert (last.statement.count, last.statement.classes, last.statement.complete) == (4, 1, False)
    for explanation in suggestion.explanations:
        assert explanation.mode == "all"
        report = check(suggestion.subject.network, explanation, output="y")
        for name in ("behavior", "readout", "interchange"):
            assert isinstance(report[name].verdict, Proved)
    told = text(suggestion)
    assert "no explanation with readout, interchange exists" not in told
    assert "nearest to" not in told
    assert "the simplest found, of at least 4; not all was looked at\n" in told
    out = tmp_path / "out.circuit.yaml"
    assert run(["suggest", str(scaled), "--layer", "h", "--features", "1..2", "-o", str(out)]) == 0
    assert run(["check", str(out)]) == 0
    assert load(out).enumeration is None


def test_a_miss_that_nothing_shows_one_by_one_says_why_it_is_one(scaled, monkeypatch, capsys):
    """Where mediation is asked for, interchange holds and the next layer sees more."""
    arguments = ["suggest", str(scaled), "--layer", "h", "--require", ",".join(FULL)]
    assert run(arguments) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "holds in 512/512 cases, but unit g1 of the next layer sees more" in told
    assert (
        "no explanation with readout, mediation, interchange exists by linear or threshold readouts of 1 to 3"
        in told
    )
    assert run([*arguments, "--format", "json"]) == 0
    (layer,) = json.loads(capsys.readouterr().out)["layers"]
    assert layer["near_misses"]
    assert all(miss["no_explanation_because"] for miss in layer["near_misses"])


def test_readouts_are_counted_within_the_bounds_that_are_named(monkeypatch):
    """2*h1 and 2*h2 are the only readouts: none has coefficients up to 1."""
    monkeypatch.setattr(search_module, "MOST_TRIED", 0)
    layer = suggest(HALF, layers=["h"]).layers[0]
    linear = [
        (c.space.coefficients, c.space.features[0], c.obstacle.forms, c.obstacle.sets)
        for c in layer.counted
        if c.space.readouts == "linear" and c.space.require == FREE
    ]
    assert linear == [((-1, 1), 1, 0, 0), ((-1, 1), 2, 0, 0)]
    monkeypatch.undo()
    layer = suggest(HALF, layers=["h"]).layers[0]
    linear = [c.obstacle for c in layer.counted if c.space.readouts == "linear" and c.space.require == FREE]
    assert [(obstacle.forms, obstacle.sets) for obstacle in linear] == [(2, 2), (2, 1)]


def test_readouts_that_no_input_tells_apart_are_not_counted():
    """Without bounds x1 is read by h1, by h2, by 2*h1 - h2, which with h3 mediates: sets have no number."""
    copies = network(
        ([[1, 0], [1, 0], [0, 1]], [0, 0, 0], "relu"),
        ([[2, -1, 1]], [0], "identity"),
    )
    read = Explanation.of(copies, {"a": "x1 @ 2*h1 - h2", "b": "x2 @ h3", "y": "a | b"})
    report = check(copies, read, where="~(x1 & x2)", output="y")
    assert all(isinstance(report[name].verdict, Proved) for name in ("readout", "mediation"))
    linear = {"where": "~(x1 & x2)", "output": "y", "features": (2, 2), "readouts": ("linear",)}
    found = suggest(copies, coefficients=None, **linear)
    (layer,) = found.layers
    assert layer.counted[0].statement.complete
    assert [counted.obstacle for counted in layer.counted] == [None, None]
    assert "\n  2 features: no explanation\n" in text(found)
    document = json.loads(suggestion_document(found, "x", {}))
    assert [counted["excluded"] for counted in document["layers"][0]["lists"]] == [None, None]
    within = suggest(copies, coefficients=(-2, 2), **linear)
    assert re.search(
        r"2 features: no explanation; of \d+ sets of \d+ readouts [1-9]\d* mediate", text(within)
    )


def test_a_layer_with_fewer_units_than_features_is_not_looked_at(capsys):
    """Nobody looked for its functions, so they have no number; with few enough features there is one."""
    one = network(([[1, 1]], ["-3/2"], "step"), ([[1]], [0], "identity"))
    found = suggest(one, output="y", features=(2, 2))
    told = text(found)
    assert "layer h: not looked at\n  no explanation: it has fewer units than features\n" in told
    assert "can be read" not in told
    (layer,) = json.loads(suggestion_document(found, "x", {}))["layers"]
    assert layer["readable"] is None
    looked = suggest(one, output="y", features=(1, 2))
    assert "layer h: 1 function can be read" in text(looked)
    (layer,) = json.loads(suggestion_document(looked, "x", {}))["layers"]
    assert layer["readable"]["functions"] == 1


@pytest.mark.parametrize("bounds", [(-1, 1), (-2, 2), None])
def test_where_nothing_can_be_read_lists_are_what_they_are_without_a_short_cut(bounds, monkeypatch):
    """No function in bounds, or none whatever the bounds, is no set of functions either; some are some."""
    asked, found = Search._listed, Search._found

    def stripped(search, name, readouts):
        return replace(found(search, name, readouts), nothing=None)

    spared = 0
    for rows in ([[5, 1], [1, 7]], [[3, 0], [0, 4]], [[1, 0], [0, 1]], [["1/3", 0], [0, "1/2"]]):
        about = network((rows, [0, 0], "relu"), ([[3, 7]], ["-1/2"], "step"))
        options = {"output": "y", "features": (1, 2), "coefficients": bounds, "readouts": ("linear",)}
        told, count = [], []
        for stripping in (False, True):
            with monkeypatch.context() as patched:
                spaces = []
                patched.setattr(
                    Search, "_listed", lambda s, space, to=spaces: to.append(space) or asked(s, space)
                )
                if stripping:
                    patched.setattr(Search, "_found", stripped)
                (layer,) = suggest(about, **options).layers
            told.append([(each.space, each.statement, each.obstacle) for each in layer.counted])
            count.append(len(spaces))
        assert told[0] == told[1]
        spared += count[1] - count[0]
    assert spared > 0


def test_comparisons_without_bounds_are_not_looked_at(capsys):
    """Then nothing is said not to exist."""
    suggestion = suggest(HALF, readouts=["threshold"], coefficients=None)
    assert suggestion.exit == 3
    told = text(suggestion)
    assert "comparisons are all tried, which takes bounds" in told
    assert "no explanation" not in told
    assert "0 functions" not in told


def test_a_list_of_the_source_is_not_taken_over(scaled, tmp_path):
    """Its expectations are about other explanations; what is empty is told in remarks alone."""
    claim = "explanations: {e: {circuit: {y: x1 ^ x2}}}"
    section = "enumerate: {layer: g, features: 1, coefficients: 0..0, expect: {count: 0}}"
    scaled.write_text(f"{SCALED}{claim}\n{section}\n", encoding="utf-8")
    out = tmp_path / "out.circuit.yaml"
    about = ["--layer", "h", "--features", "1", "-o", str(out)]
    assert run(["suggest", str(scaled), *about]) == 0
    assert load(scaled).enumeration is not None
    assert load(out).enumeration is None


@pytest.mark.parametrize("most", [0, 2**12])
def test_numbers_of_features_ascend(most, monkeypatch):
    """Whatever there are fewer sets of."""
    monkeypatch.setattr(search_module, "MOST_TRIED", most)
    told = text(suggest(CONSTANT))
    assert "2 to 1" not in told
    assert "1 to 2 features" in told
    assert "sets of 1 readouts" not in told
    assert "of 1 sets" not in told


def test_a_constant_output_is_not_called_no_vote():
    (output,) = suggest(CONSTANT, features=(1, 1)).outputs
    assert (str(output.formula), output.vote, output.no_vote) == ("1", None, False)


def test_time_that_is_up_between_two_lists_is_told(monkeypatch):
    """What is looked at ends with a complete list; those after it are missing all the same."""
    left = iter([9.0] * 3)
    monkeypatch.setattr(search_module.Search, "_left", lambda _: next(left, 0))
    layer = suggest(HALF, layers=["h"], timeout_s=60.0, require="readout,mediation,interchange").layers[0]
    assert layer.counted
    assert layer.counted[0].statement.complete
    assert not layer.complete
    assert "time limit" in layer.reason
    assert "no explanation was found" in sure(layer)


def test_z3_is_named_where_it_was_asked_alone(monkeypatch):
    """Every readout of a function is asked for where there are several; else all functions are tried."""
    import verifier.smt.readouts as readouts_module

    asked = []
    others = readouts_module.Judge.others
    monkeypatch.setattr(readouts_module.Judge, "others", lambda *told: asked.append(told) or others(*told))
    dead = network(([[1, 0], [0, 0]], ["-1/2", 1], "step"), ([[1, 0]], ["-1/2"], "step"))
    for about, basis in ((HALF, "algebra"), (dead, "z3")):
        asked.clear()
        (layer, *_) = suggest(about, readouts=["linear"], layers=["h"]).layers
        assert {counted.statement.rests_on for counted in layer.counted} == {basis}
        assert bool(asked) == (basis == "z3")


# --- brute force --------------------------------------------------------------------------------------------

WHERE = re.compile(r"(linear or threshold|linear|threshold) readouts(?: of (\d+)(?: to (\d+))? features?)?"
                   r"(?: within (-?\d+)\.\.(-?\d+))?")  # fmt: skip


def named(sentence):
    """Return the readouts, numbers of features and bounds that a sentence names; any bounds are -4..4."""
    found = []
    for kinds, low, high, least, most in WHERE.findall(sentence):
        numbers = range(int(low), int(high or low) + 1) if low else None
        bounds = (int(least), int(most)) if least else (-4, 4)
        found += [(kind, numbers, bounds) for kind in kinds.split(" or ")]
    assert found
    return found


def layers_of(seed):
    """Return two or three random layers of two units, whose readouts often take coefficients of 2."""
    rng = np.random.default_rng(seed)
    W1, W2 = (rng.integers(-2, 3, (2, 2)).tolist() for _ in range(2))
    first = (W1, [F(1, 2)] * 2 if seed % 2 else [0, 0], "relu")
    if seed % 4 == 3:
        first = (W1, [F(-1, 2), F(1, 2)], "step")
    second = (W2, [F(-1, 2)] * 2, "step")
    last = ([[1, int(rng.integers(-1, 3))]], [F(-1, 3)], "step")
    return [first, second, last] if seed % 3 else [first, last]


def brute(layers, kind, k, bounds, require):
    """Return the explanations at the first layer, by trying everything."""
    kind = "threshold" if kind == "threshold" else "linear"
    return threshold_oracle.explanations(layers, 1, INPUTS, F(1, 2), F(0), bounds, k, require, kind)


def restates(layers, features, kind):
    """Return whether a feature of an explanation is the output or its complement; a constant always is."""
    hidden = [threshold_oracle.forward(layers[:1], list(map(F, x))) for x in INPUTS]
    output = [int(threshold_oracle.forward(layers[1:], h)[0] > F(1, 2)) for h in hidden]
    told = [
        [
            int(threshold_oracle.dot(row, h) > cut)
            if kind == "threshold"
            else threshold_oracle.dot(row, h) + cut
            for h in hidden
        ]
        for row, cut in features
    ]
    return len(set(output)) == 1 or any(f in (output, [1 - bit for bit in output]) for f in told)


def ties(layers):
    """Return whether an input decides nothing."""
    return any(threshold_oracle.forward(layers, list(map(F, x))) is None for x in INPUTS)


SEEDS = [seed for seed in range(60) if not ties(layers_of(seed))][:14]


def judged(seed, most, readouts, monkeypatch):
    """Hold the lists of a random network, and the sentence about what does not exist, to the brute force.

    Return which kind of sentence it is, and the bounds that it names.
    """
    monkeypatch.setattr(search_module, "MOST_TRIED", most)
    layers = layers_of(seed)
    suggestion = suggest(network(*layers), layers=["h"], features=(1, 2), readouts=readouts)
    (layer,) = suggestion.layers
    for each in layer.counted:
        kind, k, bounds = each.space.readouts, each.space.features[0], each.space.coefficients
        found = brute(layers, kind, k, bounds, each.space.require)
        if each.statement.complete:
            assert each.statement.count == len(found)
        else:
            assert 0 < each.statement.count <= len(found)
    sentence = sure(layer)
    assert sentence in " ".join(remarks_of(suggestion))
    if not layer.ranked:
        assert layer.complete
        for told in sentence.split("; "):
            require = re.search(r"with ([\w, ]+) exists by", told)[1].split(", ")
            for kind, numbers, bounds in named(told):
                assert not any(brute(layers, kind, k, bounds, require) for k in numbers)
        return {("none", bounds) for _, _, bounds in named(sentence)}
    if "nothing simpler" not in sentence:
        return {("unfinished", None)}
    best, require = layer.ranked[0].simplicity, layer.counted[-1].space.require
    for kind, numbers, bounds in named(sentence):
        for k in numbers or range(2, best.features + 1):
            telling = [not restates(layers, e, kind) for e in brute(layers, kind, k, bounds, require)]
            if best.restates:
                assert not any(telling)
                assert not telling or k >= best.features
            else:
                assert k >= best.features or not any(telling)
    return {("simpler", bounds) for _, _, bounds in named(sentence)}


@pytest.mark.parametrize("most", [0, 2**12])
def test_what_is_told_of_linear_readouts_holds_of_what_it_names(most, monkeypatch):
    """Counts of complete lists, "no explanation exists", "nothing simpler exists": of random networks."""
    seen = set().union(*(judged(seed, most, ["linear"], monkeypatch) for seed in SEEDS))
    assert {kind for kind, _ in seen} >= {"none", "simpler"}
    assert len({bounds for kind, bounds in seen}) > 1


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=[pytest.mark.slow] * (s not in SEEDS[:1])) for s in SEEDS]
)
@pytest.mark.parametrize("most", [0, 2**12])
def test_what_is_told_of_all_readouts_holds_of_what_it_names(seed, most, monkeypatch):
    """The same with comparisons, where lists of several bounds and kinds are told together."""
    assert judged(seed, most, ["linear", "threshold"], monkeypatch)
