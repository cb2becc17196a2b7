"""What is suggested, against a brute force of lists and a closure of formulas that share nothing with it.

A failure here means that something simpler exists than what is called the simplest, or that a formula or an
explanation is suggested that does not hold.
"""

from fractions import Fraction
from itertools import product
from operator import mul
from pathlib import Path

import pytest
import threshold_oracle
from enumeration_oracle import class_of
from hypothesis import HealthCheck, assume, given, seed, settings
from profiles import EXAMPLES, PHASES, SEED
from test_enumeration_differential import cases, to_network, to_output
from test_enumeration_golden import RELU, STEP, parity, xor
from test_shortest import least, least_with_parentheses

import verifier.engine.suggest.candidates as candidates_module
import verifier.engine.suggest.rank as rank_module
import verifier.engine.suggest.suggest as suggest_module
from verifier import Explanation, InputError, Layer, Network, check, load, suggest
from verifier.engine.suggest.outcome import FULL, Request
from verifier.engine.suggest.search import Search
from verifier.engine.suggest.suggest import suggest as suggest_subject
from verifier.engine.verify import Subject
from verifier.formula import parse, truth_table
from verifier.readout import Linear
from verifier.report.suggestion import suggestion_text

F = Fraction
HELD = ("readout", "mediation", "interchange")
SPECS = Path(__file__).parent.parent / "specs"


# --- a ranking by brute force ------------------------------------------------------------------------------


def sizes(points, bits):
    """Return the least size of a formula with these bits on these points; of three inputs, its literals."""
    n = len(points[0])
    codes = [int("".join(map(str, p)), 2) for p in points]
    wanted = {2**n - 1 - c: b for c, b in zip(codes, bits, strict=True)}
    fitting = [f for f in range(1 << 2**n) if all(f >> place & 1 == b for place, b in wanted.items())]
    if n <= 2:
        return min(least_with_parentheses(n)[f] for f in fitting)
    return (min(min(least(n)[f][0], n if f in counted(n) else 99) for f in fitting),)


def counted(n):
    """Return the functions that one gate over the number of ones is."""
    weights = [sum(p) for p in product((0, 1), repeat=n)]
    gates = [[w >= k for w in weights] for k in range(1, n + 1)]
    gates += [[w == k for w in weights] for k in range(1, n)] + [[w % 2 == 1 for w in weights]]
    numbers = {int("".join("01"[bit] for bit in gate), 2) for gate in gates}
    return numbers | {(1 << 2**n) - 1 - f for f in numbers}


def simplicity(inputs, functions, tables, weight):
    """Return what an explanation is to be ranked by, literals alone where anything has three inputs."""
    outputs = [
        tuple(int(table[int("".join(str(f[i]) for f in functions), 2)]) for i in range(len(inputs)))
        for table in tables
    ]
    opposite = [tuple(1 - bit for bit in f) for f in functions]
    restates = all(output in (*functions, *opposite) for output in outputs if len(set(output)) == 2)
    corners = list(product((0, 1), repeat=len(functions)))
    parts = [sizes(inputs, f) for f in functions]
    parts += [sizes(corners, [int(bit) for bit in table]) for table in tables]
    shared = min(map(len, parts))
    total = tuple(sum(part[i] for part in parts) for i in range(shared))
    return (restates, len(functions), *total, *([weight] if shared == 3 else []))


def ordered(classes):
    """Return the least simplicity of every class, ascending, as far as all of them are known."""
    known = min((len(s) for found in classes.values() for s in found), default=0)
    return sorted(min(s[:known] for s in found) for found in classes.values())


def ranking(question):
    """Return the order of a question's classes, and the classes."""
    classes = {}
    for features, tables in question.listing().explanations:
        functions = [question.read(*feature) for feature in features]
        weight = sum(abs(c) for row, _ in features for c in row)
        told = simplicity(question.inputs, functions, tables, weight)
        classes.setdefault(class_of(features), []).append(told)
    return ordered(classes), classes


def suggested(case, most=10_000):
    """Return what the package suggests for one number of features."""
    n = len(case.inputs[0])
    return suggest(
        to_network(case.layers),
        inputs=[f"x{i + 1}" for i in range(n)],
        output=to_output(case),
        rows=None if len(case.inputs) == 2**n else case.inputs,
        encoding=(case.low, case.high),
        tolerance=case.decoding["tolerance"],
        layers=[case.space["layer"]],
        features=tuple(case.space["features"]),
        coefficients=case.space["coefficients"],
        most=most,
        readouts=["linear"],
    )


def keys(layer):
    """Return what the explanations of a layer were ranked by."""
    return [one.simplicity for one in layer.ranked]


def ranked_as_by_hand(case):
    """Compare a case; return how many classes it has."""
    by_hand, classes = ranking(case.question)
    (layer,) = suggested(case).layers
    assert layer.complete
    told = keys(layer)
    assert told == sorted(told)
    full = bool(by_hand) and len(by_hand[0]) == 6
    assert [tuple(key) if full else key[:3] for key in told] == by_hand
    for one in layer.ranked:
        sites = [f.site for f in one.explanation.features if f.site is not None]
        features = tuple((site.row, site.offset) for site in sites if isinstance(site, Linear))
        assert one.members == len(classes[class_of(features)])
    return len(classes)


@pytest.mark.parametrize(
    ("case", "classes"),
    [
        (xor(1), 1),
        (xor(2), 2),
        (xor(3), 8),
        (xor(2, layers=RELU), 1),
        (xor(1, None), 1),
        (parity(3, 2), 2),
        (parity(3, 3, (-2, 2)), 8),
    ],
)
def test_lists_known_elsewhere_are_ranked_as_by_hand(case, classes):
    """XOR and parity have so many classes, in this order."""
    assert ranked_as_by_hand(case) == classes


@settings(
    max_examples=EXAMPLES // 16,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
@seed(SEED)
@given(cases(plain=True))
def test_random_lists_are_ranked_as_by_hand(case):
    """Whatever the weights, the list is the brute force's and its order is by the least formulas."""
    assume(len(case.inputs[0]) <= 3 and not case.decoding["argmax"])
    assume(case.space["features"][1] <= 3)
    k = case.space["features"][1]
    ranked_as_by_hand(case.within(features=[k, k], require=["readout", "mediation", "interchange"]))


RELU_XOR = (
    [([[1, 0], [0, 1], [1, 1]], [F(0), F(0), F(-1)], "relu"), ([[1, 1, -2]], [F(0)], "identity")],
    F(1, 2),
)
TANH_LIKE = (
    [([[1, 1], [1, 1]], [F(-1, 2), F(-3, 2)], "hard_tanh"), ([[1, -1]], [F(-1, 2)], "identity")],
    F(1, 3),
)
SIGNED = ([([[2, 2], [2, -2]], [F(-1), F(1)], "relu"), ([[1, 2]], [F(-3)], "relu")], F(1, 2))


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize(("layers", "threshold"), [RELU_XOR, TANH_LIKE, SIGNED])
def test_comparisons_are_ranked_as_by_hand(layers, threshold, k):
    """What is read by comparing ranks by the same rule."""
    inputs = list(product((0, 1), repeat=2))
    listed = threshold_oracle.explanations(layers, 1, inputs, threshold, F(0), (-2, 2), k, HELD)
    hidden = [threshold_oracle.forward(layers[:1], list(map(F, x))) for x in inputs]
    classes = {}
    for features, tables in listed.items():
        functions = [tuple(int(sum(map(mul, R, h)) > cut) for h in hidden) for R, cut in features]
        weight = sum(abs(c) for row, _ in features for c in row)
        kind = frozenset(min((R, cut), (tuple(-c for c in R), -cut)) for R, cut in features)
        classes.setdefault(kind, []).append(simplicity(inputs, functions, tables, weight))
    network = Network([Layer.of(name, *of) for name, of in zip("hy", layers, strict=True)])
    about = {"features": (k, k), "readouts": ["threshold"], "most": 10_000, "output": f"y > {threshold}"}
    (layer,) = suggest(network, **about).layers
    assert layer.complete
    assert [tuple(key) for key in keys(layer)] == ordered(classes)
    assert classes


@pytest.mark.parametrize(("layers", "threshold"), [RELU_XOR, TANH_LIKE, SIGNED])
def test_what_can_be_compared_is_what_the_brute_force_compares(layers, threshold):
    """All functions of all rows and gaps, up to complements, each read where it says by a least row."""
    inputs = list(product((0, 1), repeat=2))
    hidden = [threshold_oracle.forward(layers[:1], list(map(F, x))) for x in inputs]
    lightest = {}
    for row, _, function in threshold_oracle.comparisons(list(map(tuple, hidden)), -2, 2):
        weight = sum(map(abs, row))
        key = min(function, tuple(1 - bit for bit in function))
        lightest[key] = min(lightest.get(key, 99), weight)
    network = Network([Layer.of(name, *of) for name, of in zip("hy", layers, strict=True)])
    suggestion = suggest(network, output=f"y > {threshold}", readouts=["threshold"])
    found = suggestion.layers[0].candidates
    assert (found.readouts, found.functions, found.small) == ("threshold", len(lightest), False)
    weights = {}
    for candidate in found.items:
        table = [int(bit) for bit in truth_table(parse(candidate.gate), ["x1", "x2"])]
        weights[min(tuple(table), tuple(1 - bit for bit in table))] = candidate.weight
        claim = Explanation.of(network, {"f": f"{candidate.gate} @ {candidate.place}", "y": "f"})
        assert check(network, claim, output=f"y > {threshold}", checks=["readout"]).proved
    assert weights == lightest


def test_comparisons_are_looked_at_where_forms_explain_nothing():
    """Signs are at even steps, so nothing of them equals a bit; comparisons explain the majority."""
    spec = load(SPECS / "majority-3.circuit.yaml")
    suggestion = suggest_subject(Subject(spec.network, spec.domain, spec.decoding))
    (layer,) = suggestion.layers
    kinds = [(c.space.readouts, c.space.features[0], c.statement.count) for c in layer.counted]
    assert kinds == [
        ("linear", 1, 0), ("linear", 2, 0), ("linear", 3, 0), ("threshold", 1, 2), ("threshold", 2, 16)
    ]  # fmt: skip
    assert circuits(suggestion)[0] == [
        "f1: x1 & x2 @ h1 > 0",
        "f2: (x1 ^ x2) & x3 @ -h1 + h2 + h3 > 2",
        "y: f1 | f2",
    ]
    only = suggest_subject(suggestion.subject, Request(readouts=("linear",), requires=(FULL,)))
    assert [c.space.readouts for c in only.layers[0].counted] == ["linear"] * 3
    assert only.explanations == ()
    assert only.exit == 0


# --- what is said of it ------------------------------------------------------------------------------------


def circuits(suggestion):
    """Return the explanations of a suggestion as texts."""
    return [
        [feature.show(suggestion.subject.network) for feature in e.features] for e in suggestion.explanations
    ]


def test_xor_is_explained_as_by_bob_and_by_alice_and_then_restated():
    """Bob's AND of NAND and OR, his NAND complemented, is shorter by an operator than Alice's OR of ANDs."""
    network = to_network(STEP)
    suggestion = suggest(network)
    assert circuits(suggestion) == [
        ["f1: x1 & x2 @ h3", "f2: x1 | x2 @ h1 + h2 - h3", "y: ~f1 & f2"],
        ["f1: x1 & ~x2 @ h1 - h3", "f2: ~x1 & x2 @ h2 - h3", "y: f1 | f2"],
        ["f1: x1 ^ x2 @ h1 + h2 - 2*h3", "y: f1"],
    ]
    assert [e.name for e in suggestion.telling] == ["simple1", "simple2"]
    assert all(check(network, e).proved for e in suggestion.explanations)
    (layer,) = suggestion.layers
    assert [c.statement.count for c in layer.counted] == [2, 8]
    assert [c.ranking.restating for c in layer.counted] == [1, 0]
    assert [(c.name or c.unit or "-", c.gate, c.place) for c in layer.candidates.items] == [
        ("y", "x1 ^ x2", "h1 + h2 - 2*h3"), ("h1", "x1", "h1"), ("h2", "x2", "h2"), ("h3", "x1 & x2", "h3"),
        ("-", "x1 & ~x2", "h1 - h3"), ("-", "x1 | ~x2", "1 - h2 + h3"), ("-", "x1 | x2", "h1 + h2 - h3"),
    ]  # fmt: skip
    assert suggestion.exit == 0


KNOWN = {
    "parity-4-one-layer": [
        "f1: exactly(1; x1,x2,x3,x4) @ h1 - h2", "f2: exactly(3; x1,x2,x3,x4) @ h3 - h4", "y: f1 | f2",
    ],
    "parity-4-two-layers": ["f1: x1 ^ x2 @ h1 - h2", "f2: x3 ^ x4 @ h3 - h4", "y: f1 ^ f2"],
    "hierarchical-equality": ["f1: a ^ b @ h1 + h2", "f2: c ^ d @ h3 + h4", "y: ~f1 ^ f2"],
    "mux-2": ["f1: s & b @ h2", "f2: ~s & a @ h1", "y: f1 | f2"],
    "full-adder": [
        "f1: a & b & c @ three", "f2: a ^ b ^ c @ one - two + three", "f3: exactly(2; a,b,c) @ two - three",
        "sum: f2", "carry: f1 | f3",
    ],
    "seven-segment": ["f1: e @ h1", "f2: ~a & f @ h2", "even: f1 | f2"],
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_the_simplest_explanation_of_a_shipped_network(name):
    """What a person would say of it comes first."""
    spec = load(SPECS / f"{name}.circuit.yaml")
    suggestion = suggest_subject(Subject(spec.network, spec.domain, spec.decoding))
    assert circuits(suggestion)[0] == KNOWN[name]


def test_nothing_is_called_the_simplest_that_was_cut_short():
    """Without time there are formulas of the outputs, lists that claim nothing, and exit code 3."""
    suggestion = suggest(to_network(STEP), timeout_s=1e-9)
    (layer,) = suggestion.layers
    assert suggestion.exit == 3
    assert not layer.complete
    assert not any(c.statement.complete for c in layer.counted)


def test_an_interruption_keeps_what_was_found():
    """Of the layer at hand what can be read is told, of the layers after it nothing is claimed."""
    spec = load(SPECS / "parity-4-two-layers.circuit.yaml")
    calls = []

    def interrupt(_):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt

    suggestion = suggest_subject(Subject(spec.network, spec.domain, spec.decoding), progress=interrupt)
    first, second = suggestion.layers
    assert str(suggestion.outputs[0].formula) == "x1 ^ x2 ^ x3 ^ x4"
    assert first.candidates.functions == 6
    assert [c.statement.reason for c in first.counted] == ["interrupted"]
    assert (second.counted, second.reason) == ((), "not complete: the time limit was reached")
    assert suggestion.exit == 3


@pytest.mark.parametrize("step", ["_searched", "_spaces", "_counted", "_obstacle", "_missed"])
def test_an_interruption_of_any_step_keeps_what_was_found(monkeypatch, step):
    layers = [([[1, 1, -1], [1, -1, 2]], [0, 0], "relu"), ([[1, 2]], ["-5/2"], "identity")]
    network = Network([Layer.of(name, *layer) for name, layer in zip("hy", layers, strict=True)])

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, step, interrupt)
    suggestion = suggest(network, output="y > 0", features=(2, 2))
    assert suggestion.outputs[0].formula is not None
    assert "interrupted" in suggestion.layers[0].reason
    assert suggestion.exit == 3


def test_an_interruption_at_the_start_claims_nothing(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(suggest_module, "functions", interrupt)
    suggestion = suggest(to_network(STEP))
    assert (suggestion.outputs, suggestion.reason, suggestion.exit) == ((), "interrupted", 3)


def test_a_suggestion_is_shown_as_formulas_and_explanations():
    """In an interactive session it is the report of the command line."""
    lines = [line.strip() for line in repr(suggest(to_network(STEP))).splitlines()]
    assert lines[2:4] == ["what it computes", "y: x1 ^ x2"]
    assert any(line.split()[:5] == ["f1:", "x1", "&", "x2", "@"] for line in lines)


def test_an_output_that_is_no_bit_comes_with_the_comparison_that_helps():
    """The threshold proposed lies in the widest gap, 1 to 4, and makes a function of it."""
    network = Network([Layer.of("y", [[1, 3]], [0], "identity")])
    with pytest.raises(InputError, match=r"got another value at x = 01") as refused:
        suggest(network)
    assert "'y > 2' in the widest gap" in str(refused.value)
    (output,) = suggest(network, output="y > 2").outputs
    assert (str(output.formula), output.shortest, output.inputs, output.ones) == ("x2", True, ("x2",), 2)
    logits = Network([Layer.of("y", [[1, 3]], [-2], "identity")])
    with pytest.raises(InputError, match=r"'y > 0' for a logit, or 'y > 0' in the widest gap"):
        suggest(logits)


def test_a_formula_of_rows_is_said_to_be_about_rows():
    """Where not every input counts a short formula is not called the shortest unless it was proved."""
    network = Network([Layer.of("y", [[1, 1, 1, 1, 1]], ["-3/2"], "step")])
    (whole,) = suggest(network).outputs
    assert not whole.shortest
    assert whole.inputs == ("x1", "x2", "x3", "x4", "x5")
    rows = [(0, 0, 0, 0, 0), (1, 1, 0, 0, 0), (1, 0, 1, 1, 0)]
    (few,) = suggest(network, rows=rows).outputs
    assert (str(few.formula), few.shortest, few.ones) == ("x1", True, 2)


def test_scaling_or_permuting_units_changes_coefficients_alone():
    """With h1 and h3 exchanged, and units made smaller, the gates and their order stay."""
    spec = load(SPECS / "xor-relu-threshold.circuit.yaml")
    first, last = spec.network.layers
    factors, order = [F(1, 2), F(1, 3), F(1, 7)], [2, 1, 0]
    other = Network(
        [
            Layer.of(
                "h",
                [[factors[i] * w for w in first.W[i]] for i in order],
                [factors[i] * first.b[i] for i in order],
                "relu",
            ),
            Layer.of("y", [[row[i] / factors[i] for i in order] for row in last.W], last.b, last.activation),
        ]
    )
    found = []
    for network in (spec.network, other):
        subject = Subject(network, spec.domain, spec.decoding)
        (layer,) = suggest_subject(subject, Request(coefficients=None)).layers
        gates = [[(f.name, str(f.gate)) for f in one.explanation.features] for one in layer.ranked]
        found.append((gates, [key[:-1] for key in keys(layer)], {c.gate for c in layer.candidates.items}))
    assert len(found[0][0]) == 3
    by_size = [sorted(zip(key, gates, strict=True)) for gates, key, _ in found]
    assert by_size[0] == by_size[1]
    assert found[0][2] == found[1][2]


def test_too_many_functions_are_cut_down_to_small_formulas(monkeypatch):
    """Where formulas would take too long, only those of one and two inputs are looked for."""
    monkeypatch.setattr(candidates_module, "BUDGET", 10)
    (layer,) = suggest(to_network(parity(3, 2).layers)).layers
    assert layer.candidates.small
    assert layer.candidates.functions == 7
    assert [c.name or c.unit for c in layer.candidates.items] == [
        "y",
        "h1",
        "h2",
        "h3",
    ]  # of three inputs each
    (layer,) = suggest(to_network(STEP)).layers
    assert [c.gate for c in layer.candidates.items] == [
        "x1 ^ x2", "x1", "x2", "x1 & x2", "x1 & ~x2", "x1 | ~x2", "x1 | x2"
    ]  # fmt: skip


def test_too_many_formulas_leave_the_order_to_readouts(monkeypatch):
    """Then nothing is said about the shortest."""
    monkeypatch.setattr(rank_module, "BUDGET", 1)
    (layer,) = suggest(to_network(STEP)).layers
    assert [key[:3] for key in keys(layer)] == [(False, 2, 0), (False, 2, 0), (True, 1, 0)]
    assert not any(c.ranking.formulas or c.ranking.shortest for c in layer.counted)
    assert "formulas are too many to compare" in suggestion_text(
        suggest(to_network(STEP)), "x", "", 5, 200, False
    )


def test_a_function_is_read_as_lightly_as_can_be():
    """Of the readouts of a unit and its copy, which no input tells apart, the one with the least numbers."""
    hidden = Layer.of("h", [[2, 2], [2, 2], [0, 2]], [-1, -1, -1], "step")
    (layer,) = suggest(Network([hidden, Layer.of("y", [[1, 1, 1]], ["-1/2"], "step")])).layers
    assert layer.candidates.functions == 3
    assert [(c.gate, c.place, c.weight) for c in layer.candidates.items] == [
        ("x1 | x2", "h2", 1), ("x2", "h3", 1), ("x1 & ~x2", "h2 - h3", 2)
    ]  # fmt: skip


def test_what_is_called_simplest_names_what_was_looked_at():
    """A list from three features on says nothing of two, one of linear readouts nothing of comparisons."""
    network = to_network(STEP)

    def told(**options):
        return suggestion_text(suggest(network, **options), "x", "", 5, 200, False)

    assert "\n  nothing simpler exists with linear readouts\n" in told()
    assert "\n  nothing simpler exists with linear readouts\n" in told(features=(2, 2))
    assert "\n  nothing simpler exists with linear readouts of 3 features\n" in told(features=(3, 3))
    none = "no explanation with readout, interchange exists by linear readouts of 1 to 3 features within 0..0"
    assert f"\n  {none}\n" in told(readouts=["linear"], coefficients=(0, 0))


def test_units_that_never_change_are_named():
    """A unit that is dead, and one that is the same on these rows only."""
    network = Network(
        [
            Layer.of("h", [[1, 0], [1, 1], [0, 1]], ["-1/2", -9, "1/2"], "relu"),
            Layer.of("y", [[1, 1, 1]], ["-3/4"], "identity"),
        ]
    )
    assert suggest(network, output="y > 0", features=(1, 1)).layers[0].constant == ("h2",)
    told = suggest(network, output="y > 0", features=(1, 1), where="x2")
    assert told.layers[0].constant == ("h2", "h3")
    assert "the same on every input: h2, h3" in repr(told)
