"""The checks float32 and float64: what is proved, refuted and open, and what machine floats do meanwhile."""

import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import isnan
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from profiles import EXAMPLES, SEED
from test_golden import ALICE, BOB, RELU, STEP

from verifier.algebra import RATIONALS
from verifier.api import check
from verifier.claim import Claim
from verifier.cli import run
from verifier.decoding import Decoding, argmax, parse_output
from verifier.domain import Domain
from verifier.engine.outcome import word
from verifier.engine.replay import confirm
from verifier.engine.rounding.decide import Question
from verifier.engine.rounding.decisions import decided
from verifier.engine.rounding.format import FLOAT32, FLOAT64, FORMATS
from verifier.engine.rounding.orders import ORDERS, Ordered
from verifier.engine.rounding.replay import Following
from verifier.engine.verify import Subject
from verifier.errors import InternalError
from verifier.explanation import Explanation
from verifier.network import Activation, Layer, Network
from verifier.report.explain import explain
from verifier.spec import loads
from verifier.table.rows import Table
from verifier.verdict import Limits, Proved, Refuted, Rounding, Summation, Unknown

F = Fraction
WORK = 2**16
TIE_0 = Activation("step", tie=0)
LEAKY = Activation("leaky_relu", slope=F(1, 10))


def ask(network, output="y", form=FLOAT32, table=True, low=0, tolerance=0, inside=None, work=WORK):
    """Return the verdict on a network of inputs x1..xn."""
    domain = Domain(tuple(f"x{i + 1}" for i in range(network.n)), low=F(low))
    decoding = argmax(network) if output == "argmax" else decode(network, output, tolerance)
    rows = Table(network, domain) if table else None
    return Question(form, network, domain, decoding, work).decide(rows, Limits(), inside)


def decode(network, output, tolerance=0):
    """Return the decoding of a text."""
    return Decoding((parse_output(output, network),), F(tolerance))


def single(weights, bias, activation="step"):
    """Return a network of one unit."""
    return Network([Layer.of("y", [weights], [bias], activation)])


TENTHS = single(["0.1", "0.2", "-0.3"], 0, TIE_0)
TIE_BREAK = single(["0.1", "0.2", "-0.3"], "1e-9")


def refutation(verdict):
    """Return the counterexample of a refuted check."""
    assert isinstance(verdict, Refuted), verdict
    assert isinstance(verdict.counterexample, Rounding)
    return verdict.counterexample


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("table", [True, False])
def test_the_xor_networks_have_no_rounding_at_all(form, table):
    """Small whole weights and halves: no table is needed, and the relu network's exact 0 and 1 stay."""
    assert ask(STEP, form=form, table=table) == Proved("rounding", 3 + 1 + 2)
    assert ask(RELU, form=form, table=table) == Proved("rounding", 2)


def test_a_tenth_and_two_against_three():
    """The most famous sum: in double precision 0.1 + 0.2 > 0.3 from left to right."""
    found = refutation(ask(TENTHS, form=FLOAT64))
    assert (found.x, found.decision, found.exact) == ((True, True, True), "y", 0)
    assert found.sums == (Summation((0, 1, 2)),)
    assert found.computed == F(0.1 + 0.2 - 0.3) != 0
    assert ask(TENTHS) == Unknown("margin 0 < budget 1.3e-7 of y at x = 111")


def test_a_small_bias():
    """Single precision loses one billionth when it is added first, double keeps it in any order."""
    found = refutation(ask(TIE_BREAK))
    assert (found.x, found.exact, found.computed) == ((True, True, True), F(1, 10**9), 0)
    assert found.sums == (Summation((3, 0, 1, 2)),)
    assert ask(TIE_BREAK, form=FLOAT64) == Proved("rounding", 3)


@pytest.mark.parametrize(
    ("weights", "bias", "form", "expected"),
    [
        ([2**24, 1, 1], "-16777216.5", FLOAT64, "proved"),
        ([2**24, 1, 1], "-16777216.5", FLOAT32, "refuted"),
        ([2**21, 1], "-2097151.5", FLOAT32, "proved"),
        (["0.1", "0.7"], "-0.4", FLOAT32, "proved"),
        (["1e400", 1], "-1/2", FLOAT32, "unknown"),  # infinity times 0 is no number, nothing is said of it
        (["1e400", 1], "-1/2", FLOAT64, "unknown"),
        (["1e300", "1e300"], "-1", FLOAT32, "unknown"),
        (["1e300", "1e300"], "-1", FLOAT64, "proved"),
        (["3e38", "3e38", "-3e38"], "-1", FLOAT32, "unknown"),  # may overflow, to what is right
        (["1e-60", "1"], "-1/2", FLOAT32, "proved"),
        (["1e-60", "1"], "-1e-61", FLOAT32, "refuted"),  # nothing is left of them
        (["1e-60", "1"], "-1e-61", FLOAT64, "proved"),
        ([F(2) ** -126, 1], F(-1, 2), FLOAT32, "proved"),
        ([F(2) ** -130, 1], -(F(2) ** -131), FLOAT32, "unknown"),  # subnormal: right, unless flushed to zero
        ([F(2) ** -130, 1], -(F(2) ** -131), FLOAT64, "proved"),
    ],
)
def test_one_unit(weights, bias, form, expected):
    """Large and small numbers."""
    verdict = ask(single(weights, bias), form=form)
    assert word(verdict) == expected, verdict


@pytest.mark.parametrize(("bias", "expected"), [("-2", "proved"), ("-0.2", "unknown")])
def test_a_tie_is_decided_where_the_sum_is_exact(bias, expected):
    """z = 0 leaves no margin: 1 + 1 - 2 is 0 in every order; of 0.1 + 0.1 - 0.2 the bound does not know."""
    weight = F(bias) / -2
    for tie in (0, 1):
        network = single([weight, weight], bias, Activation("step", tie=tie))
        assert word(ask(network)) == expected


@pytest.mark.parametrize(
    ("margin", "expected"), [(F(1, 10), True), (F(1, 10**6), True), (F(1, 10**8), False)]
)
def test_hidden_errors_reach_the_output(margin, expected):
    """Two hidden layers: the margin of the output stands against what they may be off."""
    network = Network(
        [
            Layer.of("h", [["0.1", "0.7"], ["0.3", "-0.2"]], ["0.05", "0.1"], "relu"),
            Layer.of("k", [["0.9", "-0.3"], ["0.1", "-1.3"]], ["0.1", "0.2"], LEAKY),
            Layer.of("y", [["0.6", "0.4"]], [0], "identity"),
        ]
    )
    domain, decoding = Domain(("x1", "x2")), decode(network, "y > 1/2")
    *_, (_, _, value, _) = decided(RATIONALS, network, decoding, domain, (True, False))
    assert (word(ask(network, f"y > {value - margin}")) == "proved") == expected
    assert word(ask(network, f"y > {value - margin}", FLOAT64)) == "proved"


def test_argmax_looks_at_the_largest_only():
    """Two losers may be as close as they like, a winner and a loser may not."""
    rows = [["1", "0"], ["0.1", "0.1"], ["0.1", "0.1"]]
    losers = Network([Layer.of("y", rows, ["2", "0.3", "0.3"], "identity")])
    assert ask(losers, "argmax") == Proved("rounding", 3)
    winners = Network([Layer.of("y", rows, ["0.2", "0.4", "0.400000001"], "identity")])
    assert word(ask(winners, "argmax")) in ("unknown", "refuted")
    assert word(ask(winners, "argmax", FLOAT64)) == "proved"


def test_tolerance_and_encoding():
    """An output near its bit has the tolerance for a margin; inputs that are no floats are rounded too."""
    network = single(["0.3", "0.7"], 0, "identity")
    assert word(ask(network, "y")) != "proved"
    assert word(ask(network, "y", tolerance=F(1, 20))) == "proved"
    edge = single(["1"], "0.05", "identity")
    assert word(ask(edge, "y", tolerance=F(1, 20))) != "proved"
    thirds = single(["3"], "-1", TIE_0)
    assert word(ask(thirds, low=F(1, 3))) != "proved"
    assert word(ask(thirds, low=F(1, 4))) == "proved"


def test_without_a_table():
    """Where inputs are found symbolically: none, one that is open, one that is not."""
    network = single(["0.1"] * 20, "-0.45")
    asked = []

    def inside(place, forms, limits):
        asked.append((place, forms))
        return answer, "z3"

    answer = None
    assert ask(network, table=False, inside=inside, work=1) == Proved("z3", 3)
    ((place, (above, below)),) = asked
    assert place == 0
    assert above[0] == tuple(-w for w in below[0]) == (F(1, 10),) * 20
    budget = -(above[1] + below[1]) / 2
    assert above[1] + budget == F(-45, 100)
    assert 0 < budget < F(1, 10**4)
    answer = (False,) * 20
    assert isinstance(ask(network, table=False, inside=inside, work=1), Unknown)
    assert isinstance(ask(network, table=False, work=1), Unknown)
    assert "overflow" in ask(single(["1e400"] * 20, 1), table=False, inside=inside, work=1).reason


def test_many_inputs():
    """Equality of two 40-bit numbers: single precision cannot hold them, double can."""
    bits = [2**i for i in range(40)]
    minus = [-b for b in bits]
    hidden = Layer.of("h", [[*bits, *minus], [*minus, *bits]], ["1/2", "1/2"])
    network = Network([hidden, Layer.of("y", [[1, 1]], ["-3/2"])])
    equal = " & ".join(f"xnor(x{i + 1}, x{i + 41})" for i in range(40))
    report = check(network, Explanation.of(network, {"y": equal}), checks=["behavior", "float32", "float64"])
    assert [word(result.verdict) for result in report.results] == ["proved", "refuted", "proved"]
    found = refutation(report["float32"].verdict)
    assert abs(found.exact) == F(1, 2)
    assert word(report["behavior"].floats[0][1]) == "refuted"
    tenths = Network(
        [replace(hidden, W=tuple(tuple(w / 10 for w in r) for r in hidden.W)), network.layers[1]]
    )
    assert isinstance(ask(tenths, form=FLOAT64, table=False), Unknown)


def test_limits():
    """No time, or no work, is unknown."""
    domain = Domain(("x1", "x2", "x3"))
    question = Question(FLOAT32, TIE_BREAK, domain, decode(TIE_BREAK, "y"), WORK)
    assert question.decide(None, Limits.of(-1.0, None)) == Unknown("the time limit was reached")
    close = single(["0.1"] * 8, "-0.4000001")
    assert word(ask(close, work=1)) == "unknown"


def test_a_counterexample_is_followed_not_believed():
    """Every part of the evidence counts."""
    claim = Claim(
        TIE_BREAK,
        Domain(("x1", "x2", "x3")),
        decode(TIE_BREAK, "y"),
        Explanation.of(TIE_BREAK, {"y": "x3 -> x1 & x2"}),
    )
    found = refutation(ask(TIE_BREAK))
    assert confirm(claim, None, found)
    forged = [
        replace(found, format="float64"),
        replace(found, x=(True, True, False)),
        replace(found, decision="h"),
        replace(found, place=1),
        replace(found, exact=F(2, 10**9)),
        replace(found, computed=F(-1)),
        replace(found, sums=(Summation((0, 1, 2, 3)),)),  # an order that changes nothing
        replace(found, sums=(Summation((3, 0, 1)),)),
        replace(found, sums=(Summation((3, 0, 1, 2, 2)),)),
        replace(found, sums=(Summation((3, 0, 1, 4)),)),
        replace(found, sums=(Summation((3, 0, 1, 2), tree=True, fma=True),)),
        replace(found, sums=()),
        replace(found, sums=found.sums * 2),
        replace(found, deciding=1),
    ]
    assert not any(confirm(claim, None, other) for other in forged)
    narrow = replace(claim, domain=replace(claim.domain, rows=((False,) * 3,)))
    assert not confirm(narrow, None, found)


def test_a_search_that_lies_is_caught(monkeypatch):
    """What does not replay is a defect."""
    found = refutation(ask(TIE_BREAK))
    lie = replace(found, sums=(Summation((0, 1, 2, 3)),))
    monkeypatch.setattr("verifier.engine.rounding.decide.search", lambda *_: lie)
    with pytest.raises(InternalError):
        ask(TIE_BREAK)


def machine(network, decoding, domain, x, made, name):
    """Yield what a program of machine floats decides, its sums taken by `made`; no code of the package's."""
    kind = np.float32 if name == "float32" else np.float64
    h = [kind(float(domain.high if bit else domain.low)) for bit in x]
    for layer in network.layers:
        act = layer.activation
        z = [
            made([kind(float(w)) for w in row], h, kind(float(b)))
            for row, b in zip(layer.W, layer.b, strict=True)
        ]
        if act.kind in ("step", "sign"):
            fires = [bool(v >= 0) if act.tie == 1 else bool(v > 0) for v in z]
            yield from fires
            h = [kind(f) if act.kind == "step" else kind(2 * f - 1) for f in fires]
        elif act.kind == "leaky_relu":
            h = [v if v > 0 else kind(float(act.slope)) * v for v in z]
        else:
            ends = {"relu": (0, np.inf), "hard_tanh": (-1, 1), "identity": (-np.inf, np.inf)}
            low, high = ends.get(act.kind) or (float(act.low), float(act.high))
            h = [min(max(v, kind(low)), kind(high)) for v in z]
    if decoding.argmax:
        yield [i for i, v in enumerate(h) if all(v > w for j, w in enumerate(h) if j != i)]
    for output in () if decoding.argmax else decoding.outputs:
        site = output.site
        (value,) = [v for v, w in zip(h, site.row, strict=True) if w]
        if hasattr(site, "op"):
            yield bool(value > kind(float(site.bound)))
            continue
        t = decoding.tolerance
        yield [bool(kind(float(b - t)) <= value <= kind(float(b + t))) for b in (F(0), F(1))]


def exactly(network, decoding, domain, x):
    """Return what the exact network decides, in the same form."""
    found = list(decided(RATIONALS, network, decoding, domain, x))
    hidden = [bits[0] for name, place, _, bits in found[: len(found) - len(decoding.outputs)]]
    last = [bits for *_, bits in found[len(hidden) :]]
    if decoding.argmax:
        return [*hidden, [i for i, bits in enumerate(last) if bits[1]]]
    return [
        *hidden,
        *(b[1] if hasattr(o.site, "op") else [*b] for o, b in zip(decoding.outputs, last, strict=True)),
    ]


def sums(random, name):
    """Return ways in which libraries add: in any order and bracketing, by dot and einsum, fused."""
    kind = np.float32 if name == "float32" else np.float64

    def bracketed(w, h, b):
        parts = [*(a * v for a, v in zip(w, h, strict=True)), b]
        random.shuffle(parts)
        while len(parts) > 1:
            i = random.randrange(len(parts) - 1)
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        return parts[0]

    def fused(w, h, b):
        terms = [*zip(w, h, strict=True), (kind(1), b)]
        random.shuffle(terms)
        total = kind(0)
        for a, v in terms:  # rounded once: exactly in rationals, then by the machine's own division
            exact = F(float(a)) * F(float(v)) + F(float(total))
            total = kind(exact.numerator / exact.denominator) if name == "float64" else once(exact)
        return total

    def once(exact):
        double = exact.numerator / exact.denominator
        if F(double) != exact:  # to odd: so rounding twice is rounding once
            toward = np.nextafter(double, np.inf if F(double) < exact else -np.inf)
            double = max(double, toward, key=lambda v: int(np.float64(v).view(np.int64)) & 1)
        return np.float32(double)

    def dot(w, h, b):
        return np.dot(np.array(w), np.array(h)) + b

    def einsum(w, h, b):
        return kind(np.einsum("j,j->", np.array([*w, kind(1)]), np.array([*h, b])))

    def matrix(w, h, b):
        return (np.array([w] * 3) @ np.array(h) + b)[1]

    return [bracketed, bracketed, bracketed, fused, dot, einsum, matrix]


KINDS = [
    Activation("step", tie=0), Activation("step", tie=1), Activation("sign", tie=0), Activation("relu"),
    Activation("identity"), Activation("hard_tanh"), LEAKY,
    Activation("clip", low=F(-1, 3), high=F(3, 2)),
]  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-3, 3).map(F), st.integers(-9, 9).map(lambda k: F(k, 10)), st.integers(-(2**25), 2**25).map(F)
)


@st.composite
def networks(draw, kinds=KINDS):
    """Up to three small layers, some biases so that the last sum is nearly 0 on some input."""
    width = below = draw(st.integers(2, 4))
    n, layers = width, []
    for place in range(draw(st.integers(1, 3))):
        width = draw(st.integers(1, 3))
        W = [[draw(NUMBERS) for _ in range(below)] for _ in range(width)]
        b = [draw(NUMBERS) for _ in range(width)]
        if draw(st.booleans()):  # close to a tie where every input is 1
            near = draw(st.sampled_from(["1e-9", "1e-6", "-1e-7", "1e-15", "1e-16", "-1e-17", "0.01"]))
            b = [F(near) - sum(row) for row in W]
        layers.append(
            Layer.of(f"l{place}", W, b, draw(st.sampled_from(kinds)), [f"u{place}_{i}" for i in range(width)])
        )
        below = width
    return Network(layers), n


@pytest.mark.parametrize("name", FORMATS)
def test_machine_floats_never_change_what_is_proved(name):
    """On every input of random networks, in random orders; and machine floats refute what is refuted."""
    seen: Counter[str] = Counter()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES // 2, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(networks(), st.randoms(use_true_random=False), st.sampled_from(["y", "y > 1/2", "argmax"]))
    def compare(made, random: Random, output):
        network, n = made
        last = network.layer(network.depth)
        domain = Domain(tuple(f"x{i + 1}" for i in range(n)))
        if output == "argmax" and last.width > 1:
            decoding = argmax(network)
        else:
            text = last.units[0] + output[1:] if output != "argmax" else last.units[0]
            decoding = decode(network, text, tolerance=F(1, 20) if ">" not in output else 0)
        table = Table(network, domain)
        if table.ties(decoding):
            return
        verdict = Question(FORMATS[name], network, domain, decoding, WORK).decide(table, Limits())
        seen[word(verdict)] += 1
        if isinstance(verdict, Proved):
            for i in range(2**n):
                x = tuple(bool(i >> j & 1) for j in range(n))
                expected = exactly(network, decoding, domain, x)
                for made_by in sums(random, name):
                    assert list(machine(network, decoding, domain, x, made_by, name)) == expected
        elif isinstance(verdict, Refuted):
            found = refutation(verdict)
            taken = iter(found.sums)

            def recorded(w, h, b):
                given = next(taken, Summation(tuple(range(len(w) + 1))))
                terms = [*zip(w, h, strict=True), (type(b)(1), b)]
                total = type(b)(0)
                for a, v in (terms[i] for i in given.order):
                    total += a * v
                return total

            kinds = {layer.activation.kind for layer in network.layers}
            if "leaky_relu" in kinds or any(s.tree or s.fma for s in found.sums) or isnan(found.computed):
                return
            got = machine(network, decoding, domain, found.x, recorded, name)
            wanted = exactly(network, decoding, domain, found.x)
            assert any(a != b for a, b in zip(got, wanted, strict=True))
            seen["refuted by the machine too"] += 1

    with np.errstate(all="ignore"):
        compare()
    assert min(seen[verdict] for verdict in ("proved", "refuted", "unknown")) > 1, seen
    assert seen["refuted by the machine too"] > 1, seen


@pytest.mark.parametrize("method", ["bdd", "smt"])
def test_symbolic_inputs_and_the_table_agree(method):
    """What is proved without a table is proved with it; what is refuted without it is not proved with it."""
    seen: Counter[str] = Counter()

    @seed(SEED)
    @settings(max_examples=EXAMPLES // 4, deadline=None, database=None)
    @given(networks([kind for kind in KINDS if kind.kind in ("step", "sign")]))
    def compare(made):
        network, n = made
        domain = Domain(tuple(f"x{i + 1}" for i in range(n)))
        decoding = decode(network, network.layer(network.depth).units[0] + " > 1/2")
        subject = Subject(network, domain, decoding, method)
        symbolic = Question(FLOAT32, network, domain, decoding, 1).decide(None, Limits(), subject.inside)
        listed = Question(FLOAT32, network, domain, decoding, WORK).decide(None, Limits())
        told = word(symbolic), word(listed)
        assert told not in [("proved", "refuted"), ("proved", "unknown"), ("refuted", "proved")]
        rests_on = symbolic.rests_on if isinstance(symbolic, Proved) else ""
        seen[f"{told[0]} {rests_on}".strip()] += 1

    compare()
    asked = {"bdd": "proved bdd", "smt": "proved z3"}[method]
    assert min(seen[asked], seen["proved rounding"], seen["unknown"] + seen["refuted"]) > 0, seen


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8), NUMBERS, st.sampled_from(sorted(FORMATS))
)
def test_what_the_search_records_is_what_it_did(pairs, offset, name):
    """Every order, followed by the replay, gives the same sum; the first is what the machine's loop gives."""
    form, kind = FORMATS[name], np.float32 if name == "float32" else np.float64
    row = [w for w, _ in pairs]
    values = [form.nearest(v) for _, v in pairs]
    for i, order in enumerate(ORDERS):
        searching = Ordered(form, order)
        found = searching.affine(row, values, offset)
        assert Following(form, searching.sums).affine(row, values, offset) == found
        if i == 0:
            total = kind(0)
            for w, v in zip(row, values, strict=True):
                total += kind(float(w)) * kind(float(v))
            assert F(float(total + kind(float(offset)))) == found


def test_the_search_goes_through_all_kinds_of_order():
    """One after the other, with fused products, and in pairs; the arrangements differ."""
    assert {(order.tree, order.fma) for order in ORDERS} == {(False, False), (False, True), (True, False)}
    terms = [(i, F(v)) for i, v in enumerate([3, -1, 2, -5, 4])]
    assert len({tuple(order.arrange(terms)) for order in ORDERS}) > 10
    assert all(sorted(order.arrange(terms)) == sorted(terms) for order in ORDERS)


SPEC = """
spec: 1
inputs: [x1..x3]
network:
  layers:
    - {name: y, weights: [[0.1, 0.2, -0.3]], bias: [1e-9], activation: step}
output: y
explanations:
  e:
    circuit: {y: x3 -> x1 & x2}
    expect: {behavior: proved, float32: refuted, float64: proved}
"""


def test_specs_and_reports(tmp_path, capsys):
    """The checks are words of the format; both reports show the evidence."""
    (entry,) = loads(SPEC).entries
    assert entry.checks == (("behavior", "proved"), ("float32", "refuted"), ("float64", "proved"))
    path = tmp_path / "e.circuit.yaml"
    path.write_text(SPEC)
    assert run(["check", str(path), "-k", "float32"]) == 0
    text = capsys.readouterr().out
    assert "at x = 111: y is decided on 0 in place of 1/1000000000" in text
    assert "the bias, x1, x2, x3" in " ".join(text.split())
    assert run(["check", str(path), "--format", "json"]) == 0
    behavior, float32, float64 = json.loads(capsys.readouterr().out)["specs"][0]["explanations"][0]["checks"]
    evidence = {
        "kind": "rounding", "format": "float32", "x": "111", "decision": "y", "exact": "1/1000000000",
        "computed": "0", "deciding": 0, "sums": [{"order": [3, 0, 1, 2], "tree": False, "fma": False}],
    }  # fmt: skip
    assert evidence.items() <= float32["counterexample"].items()
    assert (float32["rests_on"], float64["rests_on"]) == ("replay", "rounding")
    told = behavior["floats"]
    assert {name: found["verdict"] for name, found in told.items()} == {
        "float32": "refuted",
        "float64": "proved",
    }
    assert evidence.items() <= told["float32"]["counterexample"].items()
    assert float32["floats"] is None


@pytest.mark.parametrize(
    ("network", "circuit", "line"),
    [
        (STEP, ALICE, "exact proof; holds for float32 in any summation order"),
        (RELU, BOB, "exact proof; holds for float32 in any summation order"),
        (
            TENTHS,
            {"y": "(x1 | x2) & ~x3"},
            "exact proof; float32 not established: margin 0 < budget 1.3e-7 of y at x = 111; "
            "in float64 some summation order changes y at x = 111",
        ),
        (
            TIE_BREAK,
            {"y": "x3 -> x1 & x2"},
            "exact proof; in float32 some summation order changes y at x = 111; "
            "holds for float64 in any summation order",
        ),
    ],
)
def test_the_line_beside_a_proof(network, circuit, line):
    """A proved behavior says what it is worth in floats; a refuted one does not."""
    report = check(network, Explanation.of(network, circuit), checks=["behavior"])
    assert line in " ".join(str(report).split())
    wrong = check(network, Explanation.of(network, {**circuit, "y": "x1"}), checks=["behavior"])
    assert "exact proof" not in str(wrong)
    assert wrong["behavior"].floats == ()


def test_the_statement():
    """`explain` gives every decision with the margin that is enough."""
    network = Network([Layer.of("h", [["0.1", "0.2"]], ["-0.05"]), Layer.of("y", [["1"]], ["-1/2"])])
    claim = Claim(
        network, Domain(("x1", "x2")), decode(network, "y"), Explanation.of(network, {"y": "x1 | x2"})
    )
    text = explain(claim, ("float32",))
    assert "h: |1/10*x1 + 1/5*x2 - 1/20| > " in text
    assert "y: h - 1/2 is computed exactly" in text
