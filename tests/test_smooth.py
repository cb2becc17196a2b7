"""Claims about networks with sigmoids: golden facts, and brute force in mpmath that shares no code."""

import json
import time
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise, product
from pathlib import Path

import mpmath
import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st
from profiles import EXAMPLES, PHASES, SEED

import verifier.balls.decide as balls
import verifier.balls.reals as reals
from verifier import Explanation, Layer, Network, check
from verifier.cli import run
from verifier.engine.outcome import word
from verifier.engine.verify import TiesError
from verifier.errors import InputError, InternalError
from verifier.network import Activation
from verifier.verdict import Direction, Finding, Refuted, Run

F = Fraction
SPECS = Path(__file__).parent.parent / "specs"
XOR = str(SPECS / "xor-sigmoid.circuit.yaml")
MODES = ("all", "single", "donor")
FINE = mpmath.mpf(10) ** -40
ALL = ("behavior", "readout", "mediation", "interchange")


def sigmoid(slope, kind="sigmoid"):
    """Return an activation."""
    return Activation(kind, slope=F(slope))


def xor(slope=25):
    """Return the seed network."""
    return Network([
        Layer.of("h", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"], sigmoid(slope)),
        Layer.of("y", [[1, 1, -2]], ["-1/2"], sigmoid(slope)),
    ])  # fmt: skip


ALICE = {"a1": "x1 & ~x2 @ h1 - h3", "a2": "~x1 & x2 @ h2 - h3", "y": "a1 | a2"}


@pytest.mark.parametrize(("tolerance", "verdict"), [("0.0000037274", "proved"), ("0.0000037273", "refuted")])
def test_how_far_the_seed_network_is_from_xor(tolerance, verdict):
    network = xor()
    found = check(
        network, Explanation.of(network, {"y": "x1 ^ x2"}), tolerance=tolerance, checks=["behavior"]
    )
    assert word(found["behavior"].verdict) == verdict
    assert found["behavior"].method == "arb"


def parity(n, bits):
    """Return parity of n inputs in one layer of sigmoids, with a claim about what it counts."""
    network = Network([
        Layer.of("h", [[1] * n] * n, [F(1, 2) - i for i in range(1, n + 1)], sigmoid(25)),
        Layer.of("y", [[(-1) ** i for i in range(n)]], ["-1/2"], sigmoid(25)),
    ])  # fmt: skip
    circuit = {f"a{i}": f"atleast({i}; x1..x{n}) @ h{i}" for i in range(1, n + 1)}
    return network, Explanation.of(network, {**circuit, "y": bits}, tolerance="1/100")


def test_parity_of_ten_inputs_within_two_seconds():
    votes = "atleast(6; a1, ~a2, a3, ~a4, a5, ~a6, a7, ~a8, a9, ~a10)"
    network, explanation = parity(10, votes)
    started = time.process_time()
    found = check(network, explanation, output="y > 1/2")
    assert time.process_time() - started < 2
    assert found.proved
    assert [result.check for result in found.results] == list(ALL)
    share = found["interchange"].share
    assert (share.held, share.total) == (1024**11, 1024**11)


def test_parity_by_parity_of_the_counters_fails_on_counters_that_never_occur():
    network, explanation = parity(10, "parity(a1..a10)")
    found = check(network, explanation, output="y > 1/2", checks=["behavior", "interchange"])
    assert word(found["behavior"].verdict) == "proved"
    counts = {i: sum(x.bit_count() >= i for x in range(1024)) for i in range(1, 11)}
    held = 0
    for bits in product((0, 1), repeat=10):
        ways = 1
        for i, bit in enumerate(bits, 1):
            ways *= counts[i] if bit else 1024 - counts[i]
        total = sum((-1) ** i * bit for i, bit in enumerate(bits))
        held += ways * ((total > F(1, 2)) == sum(bits) % 2)
    assert found["interchange"].share.held == 1024 * held


# --- brute force -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A network with one or two hidden layers and a claim about the first, as plain data."""

    n: int
    layers: tuple
    kind: str
    slope: F
    rows: tuple
    offsets: tuple
    gates: tuple
    output: tuple
    tolerance: F
    threshold: bool


@st.composite
def cases(draw):
    """Draw a case; gates are what the readouts show, mostly."""
    n, k = draw(st.integers(2, 3)), draw(st.integers(1, 2))
    widths = [n, *draw(st.lists(st.integers(2, 3), min_size=1, max_size=2)), 1]
    weight = st.sampled_from([F(v) for v in (-2, -1, 0, 1, 2)] + [F(1, 3), F(-3, 2)])
    bias = st.sampled_from([F(v, 4) for v in (-6, -3, -2, -1, 1, 2, 3)])
    layers = tuple(
        (
            tuple(tuple(draw(weight) for _ in range(a)) for _ in range(b)),
            tuple(draw(bias) for _ in range(b)),
        )
        for a, b in pairwise(widths)
    )
    kind, slope = draw(st.sampled_from(["sigmoid", "tanh"])), draw(st.sampled_from([F(1), F(7, 2), F(25)]))
    rows = tuple(tuple(F(draw(st.sampled_from([-1, 0, 1, 1]))) for _ in range(widths[1])) for _ in range(k))
    offsets = tuple(F(draw(st.sampled_from([0, 0, 1]))) for _ in range(k))
    case = Case(
        n, layers, kind, slope, rows, offsets, (), (), draw(st.sampled_from([F(1, 100), F(1, 5), F(2, 5)])),
        draw(st.booleans()),
    )  # fmt: skip
    with mpmath.workdps(60):
        held = [hidden(case, x) for x in product((0, 1), repeat=n)]
        gates = tuple(
            tuple(int(number(row, h, d) > mpmath.mpf(1) / 2) for h in held)
            for row, d in zip(rows, offsets, strict=True)
        )
        told = {}
        for i, h in enumerate(held):
            told.setdefault(tuple(gate[i] for gate in gates), int(rest(case, h) > mpmath.mpf(1) / 2))
    output = tuple(told.get(bits, draw(st.integers(0, 1))) for bits in product((0, 1), repeat=k))
    return Case(**{**case.__dict__, "gates": gates, "output": output})


def precise(value):
    """Return a rational at the precision of mpmath."""
    return mpmath.mpf(value.numerator) / value.denominator


def number(row, h, offset):
    """Return row · h + offset."""
    return mpmath.fsum([precise(w) * v for w, v in zip(row, h, strict=True)]) + precise(F(offset))


def applied(case, layer, h):
    """Return the activations of a layer."""
    found = []
    for row, b in zip(*layer, strict=True):
        z = precise(case.slope) * number(row, h, b)
        found.append(1 / (1 + mpmath.exp(-z)) if case.kind == "sigmoid" else mpmath.tanh(z))
    return found


def hidden(case, x):
    """Return the activations of the first layer."""
    return applied(case, case.layers[0], [mpmath.mpf(bit) for bit in x])


def rest(case, h):
    """Return the output from the activations of the first layer."""
    for layer in case.layers[1:]:
        h = applied(case, layer, h)
    return h[0]


def near(case, value, bit):
    """Return whether a value is the bit within the tolerance; closer calls than mpmath's are not drawn."""
    distance = abs(abs(value - bit) - precise(case.tolerance))
    assume(distance > FINE)
    return abs(value - bit) <= precise(case.tolerance)


def right(case, h, bit):
    """Return whether the output decodes to the bit."""
    y = rest(case, h)
    if not case.threshold:
        return near(case, y, bit)
    assume(abs(y - mpmath.mpf(1) / 2) > FINE)
    return (y > mpmath.mpf(1) / 2) == bool(bit)


def columns(rows):
    """Return C^T (C C^T)^-1 of one or two rows, None when they are dependent."""
    gram = [[sum(a * b for a, b in zip(r, s, strict=True)) for s in rows] for r in rows]
    if len(rows) == 1:
        inverse = [[1 / gram[0][0]]] if gram[0][0] else None
    else:
        (a, b), (c, d) = gram
        det = a * d - b * c
        inverse = [[d / det, -b / det], [-c / det, a / det]] if det else None
    if inverse is None:
        return None
    return [
        [sum(rows[i][unit] * inverse[i][j] for i in range(len(rows))) for j in range(len(rows))]
        for unit in range(len(rows[0]))
    ]


def interchange(case, mode):
    """Return (held, total) over all cases of a mode, None when no write exists."""
    w = columns(case.rows)
    if w is None:
        return None
    inputs = list(product((0, 1), repeat=case.n))
    held = {x: hidden(case, x) for x in inputs}
    read = {x: [number(r, held[x], d) for r, d in zip(case.rows, case.offsets, strict=True)] for x in inputs}
    bits = {x: [gate[i] for gate in case.gates] for i, x in enumerate(inputs)}
    k = len(case.rows)
    if mode == "all":
        settings = [tuple(enumerate(donors)) for donors in product(inputs, repeat=k)]
    elif mode == "single":
        settings = [((j, s),) for j in range(k) for s in inputs]
    else:
        subsets = [c for size in range(1, k + 1) for c in combinations(range(k), size)]
        settings = [tuple((j, s) for j in subset) for subset in subsets for s in inputs]
    good = total = 0
    for x, setting in product(inputs, settings):
        h, told = list(held[x]), list(bits[x])
        for j, s in setting:
            told[j] = bits[s][j]
            move = read[s][j] - read[x][j]
            h = [v + precise(w[unit][j]) * move for unit, v in enumerate(h)]
        good += right(case, h, case.output[int("".join(map(str, told)), 2)])
        total += 1
    return good, total


def package_claim(case, mode, order=None):
    """Return the same in the values of the package, the units of the first layer in another order."""
    order = order or range(len(case.layers[0][0]))
    (W, b), (V, c), *others = case.layers
    layers = [
        ([W[i] for i in order], [b[i] for i in order]), ([[row[i] for i in order] for row in V], c), *others,
    ]  # fmt: skip
    activation = Activation(case.kind, slope=case.slope)
    network = Network(
        Layer.of(name, W, b, activation)
        for name, (W, b) in zip("hky"[: len(layers) - 1] + "y", layers, strict=True)
    )
    names = [f"x{i + 1}" for i in range(case.n)]
    circuit = {}
    for j, (row, offset) in enumerate(zip(case.rows, case.offsets, strict=True)):
        form = " + ".join(f"{row[i]}*h{place + 1}" for place, i in enumerate(order)).replace("+ -", "- ")
        gate = "".join(map(str, case.gates[j]))
        circuit[f"f{j}"] = f"table({gate}; {', '.join(names)}) @ {form} + {offset}"
    bits = "".join(map(str, case.output))
    circuit["y"] = f"table({bits}; {', '.join(f'f{j}' for j in range(len(case.rows)))})"
    return network, Explanation.of(network, circuit, tolerance=case.tolerance, mode=mode)


def verdicts(case, mode, order=None):
    """Return what the package says of behavior, readout and interchange, as shares; the words too."""
    network, explanation = package_claim(case, mode, order)
    output = "y > 1/2" if case.threshold else "y"
    found = check(
        network,
        explanation,
        output=output,
        tolerance=case.tolerance,
        checks=["behavior", "readout", "interchange"],
    )
    told = []
    for result in found.results:
        share = result.share
        assert word(result.verdict) == ("proved" if share and share.held == share.total else "refuted")
        told.append((share.held, share.total) if share else None)
    return told


@seed(SEED)
@settings(max_examples=EXAMPLES // 4, deadline=None, phases=PHASES)
@given(cases(), st.sampled_from(MODES), st.data())
def test_every_share_is_that_of_brute_force(case, mode, data):
    with mpmath.workdps(60):
        inputs = list(product((0, 1), repeat=case.n))
        held = [hidden(case, x) for x in inputs]
        outputs = [
            case.output[int("".join(str(gate[i]) for gate in case.gates), 2)] for i in range(len(inputs))
        ]
        behavior = sum(right(case, h, bit) for h, bit in zip(held, outputs, strict=True))
        readout = sum(
            near(case, number(row, h, d), gate[i])
            for row, d, gate in zip(case.rows, case.offsets, case.gates, strict=True)
            for i, h in enumerate(held)
        )
        written = interchange(case, mode)
    expected = [(behavior, len(inputs)), (readout, len(inputs) * len(case.rows)), written]
    assert verdicts(case, mode) == expected
    if written is not None:
        order = data.draw(st.permutations(range(len(case.layers[0][0]))))
        assert verdicts(case, mode, order) == expected


# --- what is refused, and what is not known ----------------------------------------------------------------


def twins(shift):
    """Return a network whose two hidden units differ by a shift of the bias, and tell nothing apart."""
    return Network([
        Layer.of("h", [[1], [1]], [1, 1 - shift], sigmoid(1)),
        Layer.of("y", [[1, -1]], [0], sigmoid(1)),
    ])  # fmt: skip


def test_weights_so_close_that_precision_is_raised_three_times(monkeypatch):
    network = twins(F(1, 2**300))
    claim = Explanation.of(network, {"y": "1"})
    assert check(network, claim, output="y > 1/2").proved
    monkeypatch.setattr(reals, "PRECISIONS", reals.PRECISIONS[:3])
    assert word(check(network, claim, output="y > 1/2")["behavior"].verdict) == "unknown"


def test_a_tie_at_the_limit_is_one():
    """Both units are equal on every input: no ball could tell, the sums do."""
    network = twins(F(0))
    with pytest.raises(TiesError, match=r"E305 .* undecided at x = 0, on 2 input"):
        check(network, Explanation.of(network, {"y": "1"}), output="y > 1/2")
    single = Network([Layer.of("y", [[1, 1]], [-1], sigmoid(25))])
    with pytest.raises(TiesError, match=r"at x = 01, on 2 input"):
        check(single, Explanation.of(single, {"y": "x1 & x2"}), output="y > 1/2")
    assert check(single, Explanation.of(single, {"y": "x1 | x2"}), output="y >= 1/2").proved


def test_ties_of_steps_below_and_above_the_sigmoids():
    claim = {"y": "x1"}
    above = Network([
        Layer.of("h", [[1, 0], [0, 1]], [0, 0], sigmoid(1)), Layer.of("y", [[1, -1]], [0], "step"),
    ])  # fmt: skip
    with pytest.raises(TiesError, match="E304 a tie: z = 0 at unit y at x = 00, on 2 input"):
        check(above, Explanation.of(above, claim))
    below = Network([Layer.of("s", [[1, -1]], [0], "step"), Layer.of("y", [[1]], [0], sigmoid(1))])
    with pytest.raises(TiesError, match="E304 a tie: z = 0 at unit s at x = 00, on 2 input"):
        check(below, Explanation.of(below, claim), output="y > 1/2")


def test_exact_layers_around_sigmoids():
    """Rectifiers below and steps above a sigmoid, features found at all three, in one network."""
    network = Network([
        Layer.of("r", [[1, 1], [1, 1]], [0, -1], "relu"),
        Layer.of("h", [[2, 0], [0, 2]], [-1, -1], sigmoid(10)),
        Layer.of("y", [[1, -1]], ["-1/2"], "step"),
    ])  # fmt: skip
    circuit = {
        "both": "x1 & x2 @ r2", "any": "x1 | x2 @ h1", "all": "both @ h2", "y": "any & ~all",
    }  # fmt: skip
    explanation = Explanation.of(network, circuit, tolerance="1/1000")
    found = check(network, explanation, checks=["behavior", "readout", "interchange", "necessity"])
    assert [word(result.verdict) for result in found.results] == ["proved", "proved", "proved", "proved"]
    idle = Explanation.of(network, {**circuit, "y": "x1 ^ x2"}, tolerance="1/1000")
    assert word(check(network, idle, checks=["interchange"])["interchange"].verdict) == "refuted"


def test_units_are_copied_from_donors():
    network = xor()
    explanation = Explanation.of(network, {"p": "x1 @ {h1}", "q": "x2 @ {h2}", "r": "x1 & x2 @ {h3}",
                                           "y": "p ^ q"}, tolerance="1/1000")  # fmt: skip
    found = check(network, explanation, tolerance="1/1000", checks=["behavior", "interchange"])
    assert word(found["behavior"].verdict) == "proved"
    share = found["interchange"].share  # p, q and r have donors of their own
    assert (share.total, word(found["interchange"].verdict)) == (4 * 4**3, "refuted")
    rights = 0
    for p, q, r in product((0, 1), repeat=3):
        ways = 2 * 2 * (1 if r else 3)
        rights += ways * (((p + q - 2 * r - F(1, 2)) > 0) == bool(p ^ q))
    assert share.held == 4 * rights


def test_a_refutation_that_does_not_replay_is_caught(monkeypatch):
    network = xor()
    explanation = Explanation.of(network, ALICE, tolerance="1/1000")
    monkeypatch.setattr(balls, "decide", lambda *_: Finding(Refuted(Run((False, False)))))
    with pytest.raises(InternalError, match="arb does not replay"):
        check(network, explanation, tolerance="1/1000", checks=["behavior"])


def test_too_many_groups_of_cases_are_unknown_unless_one_fails(monkeypatch):
    network = xor()
    blind = Network([network.layers[0], Layer.of("y", [[0, 0, 0]], ["1/2"], sigmoid(1))])
    claim = Explanation.of(blind, {"a": "x1 @ h1", "y": "1"}, tolerance="1/1000")
    explanation = Explanation.of(network, ALICE, tolerance="1/1000")
    monkeypatch.setattr(balls, "MAX_BOXES", 0)
    found = check(network, explanation, tolerance="1/1000", checks=["interchange"])
    assert "more than 0 groups" in found["interchange"].verdict.reason
    for threshold, necessity in ((0, "unknown"), (2**17, "refuted")):
        monkeypatch.setattr(balls, "MAX_BOXES", threshold)
        found = check(blind, claim, output="y > 1/2", checks=["necessity"])
        assert word(found["necessity"].verdict) == necessity
    wrong = Explanation.of(network, {**ALICE, "y": "a1 & a2"}, tolerance="1/1000")
    monkeypatch.setattr(balls, "MAX_BOXES", 2)
    refuted = check(network, wrong, tolerance="1/1000", checks=["interchange"])["interchange"]
    assert word(refuted.verdict) == "refuted"
    assert refuted.share is None


def test_mediation_needs_no_inputs_and_shows_some():
    network = xor()
    explanation = Explanation.of(network, {"a": "x1 @ h1", "y": "a"}, tolerance="1/1000")
    verdict = check(network, explanation, tolerance="1/1000", checks=["mediation"])["mediation"].verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.counterexample, Direction)
    assert verdict.counterexample.pair is not None


@pytest.mark.parametrize("method", ["table", "bdd", "smt"])
def test_other_methods_do_not_run_sigmoids(method):
    network = xor()
    found = check(network, Explanation.of(network, {"y": "x1 ^ x2"}), tolerance="1/10", method=method)
    assert word(found["behavior"].verdict) == "unknown"
    assert "arb can" in found["behavior"].verdict.reason


def test_balls_do_not_run_steps():
    network = Network([Layer.of("y", [[1, 1]], ["-1/2"])])
    found = check(network, Explanation.of(network, {"y": "x1 | x2"}), method="arb")
    assert word(found["behavior"].verdict) == "unknown"


def test_slopes_are_positive_and_one_unless_given():
    assert Activation("tanh").slope == 1
    for slope in (0, -1):
        with pytest.raises(InputError, match="positive slope"):
            Activation("sigmoid", slope=F(slope))


# --- the command line --------------------------------------------------------------------------------------


def test_the_spec_of_the_seed_network(capsys):
    assert run(["check", XOR, "-k", "alice or bob", "--format", "json"]) == 0
    (spec,) = json.loads(capsys.readouterr().out)["specs"]
    results = [c for explanation in spec["explanations"] for c in explanation["checks"]]
    assert [c["verdict"] for c in results] == ["proved"] * 8
    assert {c["method"] for c in results} == {"arb", "algebra"}


def test_eval_shows_digits(capsys):
    assert run(["eval", XOR, "-e", "alice", "--x", "01"]) == 0
    assert "0.99999627…" in capsys.readouterr().out


def test_explain_shows_slopes(capsys):
    assert run(["explain", XOR, "-e", "alice"]) == 0
    assert "y = sigmoid(25*(h1 + h2 - 2*h3 - 1/2))" in capsys.readouterr().out


def test_closer_than_the_last_precision_is_unknown(tmp_path, capsys):
    path = tmp_path / "close.circuit.yaml"
    path.write_text(
        "spec: 1\ninputs: [x1]\nnetwork:\n  layers:\n"
        "    - {name: h, weights: [[1], [1]], bias: [1, 1], activation: sigmoid}\n"
        "    - {name: k, weights: [[1, 0], [0, 1]], bias: [0, 1e-3900], activation: sigmoid}\n"
        "    - {name: y, weights: [[-1, 1]], activation: sigmoid}\n"
        "output: y > 1/2\nexplanations:\n  one:\n    circuit: {y: 1}\n",
        encoding="utf-8",
    )
    assert run(["check", str(path)]) == 3
    assert "8192 bits" in " ".join(capsys.readouterr().out.split())
