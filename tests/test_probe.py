"""Probes: golden facts, brute force over boxes, planted mistakes in answers, float weights, sigmoids."""

import random
import time
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import mpmath
import numpy as np
import probe_oracle as oracle
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from profiles import EXAMPLES, PHASES, SEED

import verifier.engine.probe.listing as listing_module
from verifier import Layer, Network, load, probe
from verifier.engine.outcome import Exit
from verifier.engine.probe.confirm import Judge
from verifier.engine.probe.layer import Request, probe_layer
from verifier.engine.probe.outcome import (
    Beyond,
    Clash,
    Constant,
    Fractional,
    Meeting,
    Readable,
    Unfit,
)
from verifier.engine.probe.question import Question
from verifier.engine.probe.seen import Seen
from verifier.engine.probe.sieve import Sieve
from verifier.engine.probe.smallest import smallest
from verifier.engine.verify import Subject
from verifier.errors import InputError, InternalError
from verifier.network import Activation
from verifier.readout import Linear, Threshold
from verifier.smt.supports import Supports
from verifier.verdict import Limits, Unknown

F = Fraction
SPECS = Path(__file__).parent.parent / "specs"


def hidden(W, b, kind="step"):
    """Return a network of one hidden layer; what is above it does not matter."""
    activation = Activation("step", tie=0) if kind == "step" else Activation(kind)
    return Network([Layer.of("h", W, b, activation), Layer.of("y", [[1] * len(W)], [0], "identity")])


def answers(network, concepts, form, **options):
    """Return the answers about concepts, by their first names."""
    report = probe(network, concepts, forms=[form], **options)
    return {p.concept.names[0]: p.answers[form] for p in report.probed}


def answer(network, formula, form, **options):
    """Return the answer about one concept."""
    return answers(network, {"g": formula}, form, **options)["g"]


def reads(network, site, formula_bits, domain):
    """Return whether a readout is right on every input, by a forward pass of this test."""
    for x, bit in zip(domain, formula_bits, strict=True):
        layer = network.layers[0]
        h = oracle.run(layer.W, layer.b, layer.activation.kind, list(map(F, x)))
        value = sum(c * v for c, v in zip(site.row, h, strict=True))
        got = value + site.offset if isinstance(site, Linear) else None
        if isinstance(site, Threshold):
            got = value > site.bound if site.op == ">" else value < site.bound
        if got != bit:
            return False
    return True


def xor_network():
    """Return the seed network with steps."""
    return hidden([[1, 0], [0, 1], [1, 1]], [F(-1, 2), F(-1, 2), F(-3, 2)])


# --- golden facts ------------------------------------------------------------------------------------------


def test_all_sixteen_functions_are_readable_in_the_xor_network_each_in_one_way():
    report = probe(xor_network(), bound=2, every=True)
    linear, threshold = report.listed
    assert len(linear.functions) == len(threshold.functions) == 16
    moving = [p.answers["linear"] for p in linear.functions if not isinstance(p.answers["linear"], Constant)]
    assert len(moving) == 14
    assert all(a.why == "only" and max(map(abs, a.site.row)) <= 2 for a in moving)
    assert any(max(map(abs, a.site.row)) == 2 for a in moving)
    assert report.exit == Exit.OK
    assert (report.rows, report.rank) == (4, 3)


def test_the_known_readouts_of_the_xor_network():
    found = answers(xor_network(), {"a1": "x1 & ~x2", "b1": "nand(x1,x2)", "b2": "x1 | x2"}, "linear")
    rows = {name: (tuple(map(int, a.site.row)), a.site.offset) for name, a in found.items()}
    assert rows == {"a1": ((1, 0, -1), 0), "b1": ((0, 0, -1), 1), "b2": ((1, 1, -1), 0)}


@pytest.mark.parametrize("n", [3, 4, 5])
def test_parity_in_one_layer_is_a_sum_of_alternating_counters(n):
    W, b = [[1] * n] * n, [F(1, 2) - i for i in range(1, n + 1)]
    found = answer(hidden(W, b), f"parity(x1..x{n})", "linear")
    assert found.why == "only"
    assert found.site.row == tuple(F((-1) ** i) for i in range(n))
    compared = answer(hidden(W, b), f"parity(x1..x{n})", "threshold")
    assert compared.why == "z3"
    assert compared.margin == (1, 1)
    assert compared.widest.ceiling == 1


def test_xor_of_two_inputs_is_read_from_no_identity_layer():
    network = hidden([[1, 0], [0, 1]], [0, 0], "identity")
    unfit = answer(network, "x1 ^ x2", "linear")
    assert unfit.error == F(1, 2)
    assert dict(unfit.weights) == {
        x: F(1 if x[0] != x[1] else -1, 4) for x in product([False, True], repeat=2)
    }
    meeting = answer(network, "x1 ^ x2", "threshold")
    assert {w for _, w in meeting.weights} == {F(1, 2), F(-1, 2)}


def test_every_kind_of_answer_where_it_is_due():
    scaled = hidden([[2, 0], [0, 3]], [0, 0], "identity")
    assert isinstance(answer(scaled, "x1", "linear"), Fractional)
    assert answer(scaled, "x1", "threshold").margin == (2, 2)
    small = hidden([[F(1, 9), 0], [0, 1]], [0, 0], "identity")
    beyond = answer(small, "x1", "linear")
    assert beyond == Beyond(8, site=Linear(1, (F(9), F(0)), F(0)), only=True)
    assert answer(small, "x1", "linear", bound=9).site.row == (9, 0)
    one = hidden([[1, 1]], [0], "relu")
    assert answer(one, "x1", "linear") == Clash((False, True), (True, False))
    assert answer(one, "x1 | ~x1", "threshold") == Constant(True)
    assert isinstance(answer(one, "x1 ^ x2", "threshold"), Meeting)
    assert isinstance(answer(one, "x1 ^ x2", "linear"), Unfit)
    far = hidden([[1, 0], [30, 11]], [0, 0], "identity")
    assert isinstance(answer(far, "x2", "threshold", bound=8), Beyond)
    assert answer(far, "x2", "threshold", bound=8).site is not None
    assert answer(far, "x2", "threshold", bound=20).site.row == (-20, 1)


def test_a_tolerance_widens_what_a_linear_form_may_say():
    network = hidden([[F(11, 10), 0], [0, 1]], [0, 0], "identity")
    assert isinstance(answer(network, "x1", "linear"), Fractional)
    found = answer(network, "x1", "linear", tolerance="1/20")
    assert (found.site.row, found.site.offset, found.why) == ((1, 0), F(-1, 20), "z3")
    assert isinstance(answer(network, "x1", "linear", tolerance="1/21"), Beyond)


def test_redundant_units_have_a_smallest_readout_among_infinitely_many():
    network = hidden([[1, 0], [1, 0], [0, 1]], [0, 0, 0], "identity")
    found = answer(network, "x1", "linear")
    assert found.why == "z3"
    assert sorted(map(abs, found.site.row)) == [0, 0, 1]


def test_units_shared_by_concepts_are_counted():
    report = probe(xor_network(), {"a": "x1 & ~x2", "b": "~x1 & x2", "c": "x1 & x2"}, forms=["linear"])
    assert report.users("linear") == {"h1": ("a",), "h2": ("b",), "h3": ("a", "b", "c")}
    assert report.span("linear") == 3


# --- brute force -------------------------------------------------------------------------------------------

NUMBERS = st.fractions(-3, 3, max_denominator=3)


@st.composite
def cases(draw):
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    W = draw(st.lists(st.lists(NUMBERS, min_size=n, max_size=n), min_size=m, max_size=m))
    b = draw(st.lists(st.fractions(-2, 2, max_denominator=4), min_size=m, max_size=m))
    kind = draw(st.sampled_from(["step", "relu", "identity", "hard_tanh"]))
    tolerance = draw(st.sampled_from([F(0), F(0), F(1, 10), F(1, 4)]))
    bits = draw(st.lists(st.booleans(), min_size=2**n, max_size=2**n))
    return W, b, kind, tolerance, bits, draw(st.integers(1, 3))


@seed(SEED)
@settings(max_examples=EXAMPLES // 2, deadline=None, phases=PHASES, database=None)
@given(cases())
def test_answers_are_those_of_brute_force(case):
    W, b, kind, tolerance, bits, bound = case
    n = len(W[0])
    domain = list(product([0, 1], repeat=n))
    rows = [oracle.run(W, b, kind, list(map(F, x))) for x in domain]
    table = "".join("01"[bit] for bit in bits)
    formula = f"table({table}; {','.join(f'x{i + 1}' for i in range(n))})"
    network = hidden(W, b, kind)
    report = probe(network, {"g": formula}, bound=bound, tolerance=tolerance)
    ((linear, threshold),) = (tuple(p.answers.values()) for p in report.probed)
    clash = {tuple(r) for r, bit in zip(rows, bits, strict=True) if bit} & {
        tuple(r) for r, bit in zip(rows, bits, strict=True) if not bit
    }
    for form, found in (("linear", linear), ("threshold", threshold)):
        if len(set(bits)) == 1:
            assert found == Constant(bits[0])
            continue
        least, widest = oracle.best(rows, bits, form, tolerance, bound)
        assert isinstance(found, Clash) == bool(clash)
        assert isinstance(found, Readable) == (least is not None)
        if least is None:
            continue
        row = found.site.row
        assert found.why is not None
        assert (sum(c != 0 for c in row), sum(map(abs, row))) == least
        if form == "threshold":
            assert reads(network, found.site, bits, domain)
            wide = found.widest
            assert wide.margin[0] == wide.margin[1] <= wide.ceiling
            assert wide.compared or wide.margin[0] == wide.ceiling
            assert wide.margin[0] >= widest
            assert max(map(abs, wide.site.row)) > bound or wide.margin[0] == widest
        elif tolerance == 0:
            assert reads(network, found.site, bits, domain)


@pytest.mark.parametrize("number", range(12))
def test_lists_hold_every_readable_function(number):
    """As many as are counted is checked inside; here it is which, by brute force over the functions."""
    rng = random.Random(number)
    W = [[rng.randint(-2, 2) for _ in range(2)] for _ in range(2)]
    b = [F(rng.randint(-3, 3), 2) for _ in range(2)]
    network = hidden(W, b, rng.choice(["step", "relu"]))
    report = probe(network, every=True)
    for every in report.listed:
        assert not every.reason
        for bits in product("01", repeat=4):
            found = answer(network, f"table({''.join(bits)}; x1,x2)", every.form)
            none = isinstance(found, Clash | Unfit | Meeting)
            ones = [p.concept.ones for p in every.functions if same(p.concept.gate, bits)]
            assert bool(ones) is not none


def same(formula, bits):
    """Return whether a formula has these values on two inputs."""
    from verifier.formula import truth_table

    return truth_table(formula, ["x1", "x2"]) == "".join(bits)


# --- trained-like weights ----------------------------------------------------------------------------------


def floats(m, rows, planted, noise=0.0):
    """Return a question about random float weights and a concept that a readout of so many units reads."""
    rng = np.random.default_rng(1)
    n = 10
    chosen = rng.permutation(2**n)[:rows]
    W, b = rng.normal(size=(m, n)), rng.normal(size=m)
    network = hidden(W.tolist(), b.tolist(), "relu")
    inputs = [[int(x >> i & 1) for i in range(n)] for x in chosen.tolist()]
    from verifier.decoding import Decoding, parse_output
    from verifier.run.given import domain_of

    domain = domain_of(network, None, None, inputs, (0, 1))
    subject = Subject(network, domain, Decoding((parse_output("y >= 0", network),)))
    seen = Seen.of(subject, 1)
    R = np.zeros(m, dtype=object)
    R[rng.choice(m, planted, replace=False)] = rng.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5], planted)
    values = seen.A.astype(object) @ R
    order = sorted(values)
    at = max(range(len(order) // 3, 2 * len(order) // 3), key=lambda i: order[i + 1] - order[i])
    bits = (values > order[at]) ^ (rng.random(len(values)) < noise)
    return Question(seen, tuple(map(bool, bits)), "threshold"), [int(c) for c in R]


@pytest.mark.parametrize(("m", "rows", "planted"), [(4, 515, 2), (8, 500, 4), (10, 500, 4), (10, 500, 8)])
def test_float_weights_of_fifty_five_bits(m, rows, planted):
    question, R = floats(m, rows, planted)
    assert question.seen.den.bit_length() > 50
    started = time.process_time()
    found = smallest(question, 8, Limits())
    assert time.process_time() - started < 10
    assert not found.reason
    assert question.window(found.found) is not None
    assert question.window(R) is not None
    assert sum(c != 0 for c in found.found) <= sum(c != 0 for c in R)


def test_float_weights_that_no_comparison_can_tell():
    question, _ = floats(10, 500, 4, 0.05)
    assert smallest(question, 8, Limits()).found is None


# --- planted mistakes --------------------------------------------------------------------------------------


def judged(network, formula, form, **options):
    """Return (judge, concept, answer) of a confirmed answer."""
    report = probe(network, {"g": formula}, forms=[form], **options)
    (probed,) = report.probed
    seen = Seen.of(report.subject, report.place)
    return Judge(report.subject, report.place, seen.first), probed.concept, probed.answers[form]


SQUARE = hidden([[1, 0], [0, 1]], [0, 0], "identity")
SCALED = hidden([[2, 0], [0, 3]], [0, 0], "identity")
SMALL = hidden([[F(1, 9), 0], [0, 1]], [0, 0], "identity")
PLANTED = [
    (SQUARE, "x1 ^ x2", "linear", lambda a: replace(a, weights=a.weights[1:])),
    (SQUARE, "x1 ^ x2", "linear", lambda a: replace(a, error=a.error + 1)),
    (SQUARE, "x1 ^ x2", "linear", lambda a: replace(a, weights=(), error=F(1))),
    (SQUARE, "x1 ^ x2", "linear", lambda a: Unfit(tuple((x, -w) for x, w in a.weights), -a.error)),
    (SQUARE, "x1 ^ x2", "threshold", lambda a: replace(a, weights=())),
    (SQUARE, "x1 ^ x2", "threshold", lambda a: replace(a, weights=tuple((x, -w) for x, w in a.weights))),
    (SQUARE, "x1 ^ x2", "threshold", lambda a: replace(a, weights=a.weights[1:])),
    (SQUARE, "x1", "linear", lambda a: replace(a, site=replace(a.site, row=(F(0), F(1))))),
    (SQUARE, "x1", "linear", lambda a: replace(a, site=replace(a.site, offset=F(1)))),
    (SQUARE, "x1", "threshold", lambda a: replace(a, site=replace(a.site, bound=F(2)))),
    (SQUARE, "x1", "linear", lambda a: Clash((False, False), (True, False))),
    (SQUARE, "x1", "linear", lambda a: Clash((True, False), (True, False))),
    (SQUARE, "x1", "linear", lambda a: Constant(True)),
    (SQUARE, "x1", "linear", lambda a: Fractional((((True, False), F(1, 2)), ((False, False), F(-1, 2))))),
    (SCALED, "x1", "linear", lambda a: replace(a, weights=tuple((x, 2 * w) for x, w in a.weights))),
    (SCALED, "x1", "linear", lambda a: replace(a, weights=tuple((x, w / 3) for x, w in a.weights))),
    (SCALED, "x1", "linear", lambda a: replace(a, weights=a.weights[1:])),
    (SMALL, "x1", "linear", lambda a: replace(a, bound=9)),
    (SMALL, "x1", "linear", lambda a: replace(a, site=None)),
    (SMALL, "x1", "linear", lambda a: Beyond(9, (((True, False), F(1)), ((False, False), F(-1))))),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_planted_mistakes_are_refused(number):
    network, formula, form, plant = PLANTED[number]
    judge, concept, found = judged(network, formula, form)
    assert judge.holds(concept, found)
    assert not judge.holds(concept, plant(found))


def test_only_is_refused_where_units_are_redundant():
    judge, concept, found = judged(hidden([[1, 0], [1, 0]], [0, 0], "identity"), "x1", "linear")
    assert found.why == "z3"
    assert not judge.holds(concept, replace(found, why="only"))


def test_a_limit_of_margins_is_refused_if_it_is_too_low_or_weighs_the_wrong_rows():
    judge, concept, found = judged(SQUARE, "x1", "threshold")
    one, zero = (True, False), (False, False)
    weights = ((one, F(1)), (zero, F(-1)))
    wide = found.widest
    assert judge.limits(concept, wide, weights)
    assert not judge.limits(concept, replace(wide, ceiling=F(1, 2)), weights)
    assert not judge.limits(concept, wide, ((one, F(-1)), (zero, F(1))))
    assert not judge.limits(concept, wide, ((one, F(1, 2)), (zero, F(-1, 2))))
    assert not judge.limits(concept, wide, ((one, F(1)),))


def test_an_answer_that_does_not_hold_is_a_defect(monkeypatch):
    monkeypatch.setattr(Judge, "holds", lambda *_: False)
    with pytest.raises(InternalError, match="does not hold"):
        probe(xor_network())


def test_two_counts_that_disagree_are_a_defect(monkeypatch):
    monkeypatch.setattr(listing_module, "count_readable", lambda *_: 15)
    with pytest.raises(InternalError, match="16 readable functions where 15 are counted"):
        probe(xor_network(), every=True)


# --- sieves and supports ------------------------------------------------------------------------------------


def sieved(ones, zeros, row):
    """Return whether a row of coefficients passes the sieve of two classes of rows."""
    A = np.array([*ones, *zeros], dtype=object)
    low = {i: F(0) for i in range(len(ones))}
    high = {i + len(ones): F(0) for i in range(len(zeros))}
    sieve = Sieve.of(A, True, low, high, True)
    sieve.learned(row)
    return bool(sieve.possible(np.array([row]), range(len(row)))[0])


def test_a_sieve_tells_equal_values_apart_and_no_others():
    assert sieved([[1]], [[0]], [1])
    assert not sieved([[1]], [[1]], [1])
    assert not sieved([[1], [3]], [[0], [2]], [1])


def test_a_sieve_keeps_what_rounding_turns_around():
    """5.9 - 5.8 is positive, but cut off to whole units it is 10 - 5 against 10 - 4."""
    unit = 2**24
    one, zero = [(109 * unit) // 10, 5 * unit], [10 * unit, (42 * unit) // 10]
    big = 2 ** (24 + 37)
    assert sieved([[*one, big]], [[*zero, big]], [1, -1, 0])
    assert not sieved([[*one, big]], [[50 * unit, 0, big]], [1, -1, 0])


@pytest.mark.parametrize("at", range(6))
def test_the_smallest_is_not_the_first_that_is_found(at):
    W = [[F(1, 3)]] * 6
    W[at] = [F(1)]
    found = answer(hidden(W, [0] * 6, "identity"), "x1", "linear")
    assert [abs(c) for c in found.site.row] == [i == at for i in range(6)]


def test_the_cheapest_support_follows_the_cuts():
    supports = Supports(3, 8, Limits())
    first, weight = supports.cheapest()
    assert (len(first), weight) == (1, 1)
    for c in range(3):
        supports.needs_more({c})
    support, weight = supports.cheapest()
    assert (len(support), weight) == (2, 2)
    supports.costs(support, 5)
    assert supports.cheapest()[1] == 2
    assert supports.none_below((2, 2))
    assert not supports.none_below((3, 3))
    for pair in ((0, 1), (0, 2), (1, 2)):
        supports.costs(pair, None)
    assert supports.cheapest() == ((0, 1, 2), 3)
    supports.needs_more({0, 1, 2})
    assert supports.cheapest() is None


# --- smooth networks ---------------------------------------------------------------------------------------


def test_sigmoids_are_read_within_a_tolerance_and_by_comparing():
    spec = load(SPECS / "xor-sigmoid.circuit.yaml")
    subject = Subject(spec.network, spec.domain, spec.decoding)
    report = probe_layer(subject, [spec.entries[0].explanation], Request())
    found = {p.concept.names[0]: p.answers for p in report.probed}
    assert found["alice.a1"]["linear"].site.row == (1, 0, -1)
    assert found["alice.a1"]["linear"].why == "z3"
    low, high = found["alice.a1"]["threshold"].widest.margin
    with mpmath.workdps(40):  # h1 - h2 at 10 and at 11 (or 00): σ(12.5) - σ(-12.5) against 0
        exact = mpmath.mpf(1) / (1 + mpmath.exp(-12.5)) - mpmath.mpf(1) / (1 + mpmath.exp(12.5))
        wide = found["alice.a1"]["threshold"].widest
        assert wide.site.row == (1, -1, 0)
        assert exactly(low) <= exact + mpmath.mpf(10) ** -30
        assert exact <= exactly(high) + mpmath.mpf(10) ** -30
    assert report.exit == Exit.OK


def test_what_sigmoids_cannot_tell_is_none_up_to_the_bound():
    network = Network([Layer.of("h", [[1, 1]], [0], "sigmoid"), Layer.of("y", [[1]], [0], "identity")])
    assert isinstance(answer(network, "x1", "threshold"), Clash)
    assert answer(network, "x1 ^ x2", "threshold") == Beyond(8)
    assert answer(network, "x1 | x2", "threshold").site.row == (1,)
    assert isinstance(answer(network, "x1 | x2", "linear", tolerance="1/4"), Readable | Beyond)


def exactly(value):
    """Return a fraction as a number of high precision."""
    return mpmath.mpf(value.numerator) / value.denominator


@pytest.mark.parametrize("number", range(20))
def test_sigmoids_as_by_brute_force_in_high_precision(number):
    rng = random.Random(number)
    n, m, bound = rng.choice([2, 3]), rng.choice([1, 2, 3]), 2
    W = [[rng.randint(-3, 3) for _ in range(n)] for _ in range(m)]
    b = [F(rng.randint(-5, 5), 2) for _ in range(m)]
    kind, slope, tolerance = (
        rng.choice(["sigmoid", "tanh"]),
        rng.choice([1, 4]),
        rng.choice([F(1, 10), F(1, 4)]),
    )
    activation = Activation(kind, slope=F(slope))
    network = Network([Layer.of("h", W, b, activation), Layer.of("y", [[1] * m], [0], "identity")])
    bits = [rng.random() < 0.5 for _ in range(2**n)]
    bits[:2] = [False, True]
    names = ",".join(f"x{i + 1}" for i in range(n))
    formula = f"table({''.join('01'[bit] for bit in bits)}; {names})"
    report = probe(network, {"g": formula}, bound=bound, tolerance=tolerance)
    with mpmath.workdps(80):
        rows = []
        for x in product([0, 1], repeat=n):
            z = [slope * exactly(v) for v in oracle.run(W, b, "identity", list(map(F, x)))]
            rows.append([mpmath.tanh(v) if kind == "tanh" else 1 / (1 + mpmath.exp(-v)) for v in z])
        for form, found in report.probed[0].answers.items():
            assert not isinstance(found, Unknown)
            least, widest = oracle.best_of_sigmoids(rows, bits, form, tolerance, bound)
            assert isinstance(found, Readable) == (least is not None)
            if least is None:
                continue
            row = found.site.row
            assert (sum(c != 0 for c in row), sum(map(abs, row))) == least
            if form == "threshold":
                low, high = map(exactly, found.widest.margin)
                close = mpmath.mpf(10) ** -18
                assert low - close <= widest <= high + close
                assert widest <= exactly(found.widest.ceiling)


# --- limits ------------------------------------------------------------------------------------------------


def test_a_time_limit_is_unknown_and_exit_3():
    report = probe(hidden(np.random.default_rng(0).normal(size=(6, 8)).tolist(), [0] * 6, "relu"),
                   {"g": "maj(x1,x2,x3,x4,x5)"}, timeout_s=1e-9)  # fmt: skip
    assert all(isinstance(a, Unknown) for p in report.probed for a in p.answers.values())
    assert report.exit == Exit.UNDECIDED


@pytest.mark.parametrize("bad", [{"layer": "g"}, {"bound": 0}, {"concepts": {"x1": "x9"}}])
def test_bad_requests(bad):
    with pytest.raises(InputError):
        probe(xor_network(), **bad)
