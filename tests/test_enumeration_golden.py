"""Lists known from elsewhere, checked by two independent programs; a failure would change the mathematics."""

from fractions import Fraction
from itertools import product

import pytest
from enumeration_oracle import Question, class_of, threshold_functions
from test_enumeration_differential import REQUIRE, Case, ask, make_decoding, make_layer, make_output

F = Fraction
SQUARE = tuple(product((0, 1), repeat=2))
STEP = (
    make_layer("h", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"], "step"),
    make_layer("y", [[1, 1, -2]], ["-1/2"], "step"),
)
RELU = (
    make_layer("h", [[1, 0], [0, 1], [1, 1]], [0, 0, -1], "relu"),
    make_layer("y", [[1, 1, -2]], [0], "relu"),
)
EXACT = make_decoding(make_output("y", [1]))
OVER_HALF = make_decoding(make_output("y", [1], ">", "1/2"))
STRATEGIES = ["monolithic", "decomposed", "auto"]

A1, A2 = ((1, 0, -1), 0), ((0, 1, -1), 0)
B1, B2 = ((0, 0, -1), 1), ((1, 1, -1), 0)


def space(k, coefficients, **restrictions):
    """Return a space of sets of k readouts."""
    return {
        "layer": "h",
        "features": [k, k],
        "coefficients": coefficients,
        "require": REQUIRE[0],
        **restrictions,
    }


def xor(k, coefficients=(-2, 2), layers=STEP, decoding=EXACT, **restrictions):
    """Return a question about XOR."""
    return Case(layers, SQUARE, decoding, space(k, coefficients, **restrictions))


def parity(n, k, coefficients=(-1, 1)):
    """Return a question about parity in one hidden layer: unit i says that at least i inputs are on."""
    hidden = make_layer("h", [[1] * n] * n, [F(1, 2) - i for i in range(1, n + 1)], "step")
    last = make_layer("y", [[(-1) ** i for i in range(n)]], ["-1/2"], "step")
    return Case((hidden, last), tuple(product((0, 1), repeat=n)), EXACT, space(k, coefficients))


XOR_COUNTS = [
    (1, (-2, 2), 2, 1),
    (2, (-2, 2), 8, 2),
    (3, (-2, 2), 64, 8),
    (1, (-1, 1), 0, 0),
    (2, (-1, 1), 8, 2),
    (3, (-1, 1), 64, 8),
    (1, None, 2, 1),
    (2, None, 8, 2),
    (3, None, 64, 8),
]
PARITY_COUNTS = [
    (3, 2, 8, 2),
    (4, 2, 16, 4),
    (5, 2, 24, 6),
    (6, 2, 40, 10),
    (3, 3, 64, 8),
    (4, 3, 272, 34),
    (5, 3, 976, 122),
    (6, 3, 3056, 382),
]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(("k", "coefficients", "count", "classes"), XOR_COUNTS)
def test_xor(k, coefficients, count, classes, strategy):
    """One hidden layer of three steps computes XOR in this many ways."""
    found, statement = ask(xor(k, coefficients), strategy)
    assert (len(found), statement.count, statement.classes) == (count, count, classes)
    assert len({features for features, _ in found}) == count
    assert len({class_of(features) for features, _ in found}) == classes
    assert statement.complete
    assert statement.rests_on


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("coefficients", [(-1, 1), (-2, 2), None])
def test_two_features_of_xor_are_those_of_alice_or_of_bob(coefficients, strategy):
    """There are two stories, each with its features or their complements, and their OR and AND."""
    found, _ = ask(xor(2, coefficients), strategy)
    outputs = dict(found)
    assert set(map(class_of, outputs)) == {class_of((A1, A2)), class_of((B1, B2))}
    assert outputs[tuple(sorted((A1, A2)))] == ("0111",)
    assert outputs[tuple(sorted((B1, B2)))] == ("0001",)
    assert list(outputs) == sorted(outputs)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_per_class(strategy):
    """Up to polarity each story is told once, by its least readouts."""
    found, statement = ask(xor(2, polarity=True), strategy)
    assert found == [
        ((((-1, -1, 1), 1), ((0, 0, -1), 1)), ("0100",)),
        ((((-1, 0, 1), 1), ((0, -1, 1), 1)), ("1110",)),
    ]
    assert (statement.count, statement.classes) == (2, 2)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("coefficients", [(-2, 2), None])
def test_the_relu_network_computes_as_bob_says(coefficients, strategy):
    """An interchange makes Alice's sum 2, which is no bit; decoded by `y > 1/2` it is 1, and she is right."""
    found, statement = ask(xor(2, coefficients, RELU), strategy)
    assert (statement.count, statement.classes) == (4, 1)
    assert {class_of(features) for features, _ in found} == {class_of((B1, B2))}
    _, statement = ask(xor(2, coefficients, RELU, OVER_HALF), strategy)
    assert (statement.count, statement.classes) == (8, 2)


@pytest.mark.parametrize(
    ("n", "k", "count", "classes"),
    [pytest.param(*facts, marks=pytest.mark.slow if facts[:2] == (6, 3) else ()) for facts in PARITY_COUNTS],
)
def test_parity(n, k, count, classes):
    """Parity of n bits in one hidden layer of counters."""
    found, statement = ask(parity(n, k))
    assert (len(found), statement.count, statement.classes) == (count, count, classes)
    assert statement.complete


@pytest.mark.parametrize(
    ("n", "k", "count", "classes"),
    [
        pytest.param(*facts, marks=pytest.mark.slow if facts[2] > 64 else ())
        for facts in PARITY_COUNTS
        if facts[2] < 1000
    ],
)
def test_parity_one_by_one(n, k, count, classes):
    """The loop that asks for one explanation after the other ends with the same list."""
    found, statement = ask(parity(n, k), "monolithic")
    assert (statement.count, statement.classes) == (count, classes)
    assert found == ask(parity(n, k), "decomposed")[0]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("coefficients", [(-2, 2), None])
@pytest.mark.parametrize(
    "restriction",
    [
        {"output_gates": {"kinds": ["and"], "fan_in": None}},
        {"gates": {"kinds": ["symmetric"], "fan_in": None}},
        {"gates": {"kinds": ["and", "nor"], "fan_in": None}, "polarity": True},
        {"given": [{"row": A1[0], "offset": A1[1], "bits": "0010"}]},
        {"given": [{"row": None, "offset": None, "bits": "0111"}]},
        {"must_not_use": ["h1"]},
        {"must_use": ["h1"], "must_not_use": ["h2"]},
        {"must_use": ["h1", "h2"]},
    ],
)
def test_restrictions_of_xor(restriction, coefficients, strategy):
    """A gate library, a unit or a given feature singles out some of them, with and without bounds."""
    case = xor(2, coefficients, **restriction)
    assert tuple(ask(case, strategy)[0]) == case.question.listing().explanations


@pytest.mark.parametrize(("layers", "decoding"), [(STEP, EXACT), (RELU, EXACT), (RELU, OVER_HALF)])
def test_what_the_package_lists_is_what_the_brute_force_lists(layers, decoding):
    """Also when fewer checks are required."""
    for require in REQUIRE:
        case = xor(2, (-2, 2), layers, decoding, require=require)
        expected = case.question.listing()
        for strategy in STRATEGIES:
            found, statement = ask(case, strategy)
            assert tuple(found) == expected.explanations
            assert statement.classes == expected.classes


def test_a_tie_of_the_network_is_an_error():
    """A network that decides nothing on some input has no explanations, not an empty list of them."""
    from verifier.errors import InputError

    tied = (make_layer("h", [[1, 1]], [-1], "step"), make_layer("y", [[1]], ["-1/2"], "step"))
    with pytest.raises(InputError, match="tie"):
        ask(Case(tied, SQUARE, EXACT, space(1, (-1, 1))))


def test_a_bound_that_binds_is_told():
    """One feature of XOR needs the coefficient -2: within 1 it is missed, within 2 nothing is."""
    narrow, wide = ask(xor(1, (-1, 1)))[1], ask(xor(1, (-2, 2)))[1]
    assert (narrow.bound_binding, wide.bound_binding) == (True, False)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_unit_that_reaches_no_output_may_not_tie(strategy):
    """Alice's features set to 11 tie a second unit of the next layer; Bob's never do."""
    above = make_layer("g", [[1, 1, -2], [1, 1, -2]], ["-1/2", -2], "step")
    layers = (STEP[0], above, make_layer("y", [[1, 0]], ["-1/2"], "step"))
    case = xor(2, layers=layers)
    found, statement = ask(case, strategy)
    assert tuple(found) == case.question.listing().explanations
    assert (statement.count, statement.classes) == (4, 1)
    assert any({B1, B2} == set(features) for features, _ in found)


@pytest.mark.parametrize(
    ("readouts", "condition"),
    [
        ([A1, A2], None),
        ([B1, B2], None),
        ([A1, B1], "mediation"),
        ([A1, ((-1, 0, 1), 1)], "distinct"),
        ([A1, A1], "distinct"),
        ([A1, ((0, 1, 0), 0)], "mediation"),
        ([((1, 0, 1), 0), A2], "readout"),
        ([A1, ((0, 0, 0), 1)], "readout"),
        ([A1, A2, ((1, 1, -2), 0)], "independent"),
        ([((1, 0, 0), 0), ((0, 1, 0), 0), ((0, 0, 1), 0)], None),
    ],
)
def test_the_definition_by_hand(readouts, condition):
    """What `examine` says of features of XOR."""
    from verifier import Layer, Network
    from verifier.decoding import Decoding, parse_output
    from verifier.domain import Domain
    from verifier.engine.enumeration.examine import Rejected, examine
    from verifier.engine.enumeration.stage import prepare
    from verifier.engine.verify import Subject
    from verifier.space import Space
    from verifier.verdict import Limits

    half = F(-1, 2)
    h = Layer.of("h", [[1, 0], [0, 1], [1, 1]], [half, half, F(-3, 2)])
    network = Network([h, Layer.of("y", [[1, 1, -2]], [half])])
    subject = Subject(network, Domain(("x1", "x2")), Decoding((parse_output("y", network),)))
    stage = prepare(subject, Space("h", (1, 3), (-2, 2)), Limits())
    exact = [(tuple(map(F, row)), F(offset)) for row, offset in readouts]
    found = examine(stage, exact)
    assert (found.condition if isinstance(found, Rejected) else None) == condition


# --- the brute force itself --------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "coefficients", "count", "classes"), XOR_COUNTS)
def test_brute_force_of_xor(k, coefficients, count, classes):
    """It finds the same facts by itself."""
    listing = xor(k, coefficients).question.listing()
    assert (len(listing.explanations), listing.classes) == (count, classes)


@pytest.mark.parametrize(("n", "k", "count", "classes"), PARITY_COUNTS[:2] + PARITY_COUNTS[4:5])
def test_brute_force_of_parity(n, k, count, classes):
    """It finds the same facts by itself."""
    listing = parity(n, k).question.listing()
    assert (len(listing.explanations), listing.classes) == (count, classes)


def test_brute_force_of_relu():
    """It refutes Alice where her sum is no bit."""
    listing = xor(2, (-2, 2), RELU).question.listing()
    assert (len(listing.explanations), listing.classes) == (4, 1)
    assert class_of(listing.features[0]) == class_of((B1, B2))


def test_a_box_that_is_called_enough_is():
    """Two more on every side adds nothing, and all 14 functions of XOR's hidden layer are readable in it."""
    question = xor(1, None).question
    most = max(question.enough())
    larger = xor(1, (-most - 2, most + 2)).question
    assert question.readouts == larger.readouts
    assert len(question.readouts) == 14
    assert max(abs(c) for row, _ in question.readouts for c in row) == 2


def test_brute_force_knows_all_threshold_functions():
    """There are 4, 14, 104 and 1882 of 1, 2, 3 and 4 bits (OEIS A000609)."""
    assert [len(threshold_functions(n)) for n in (1, 2, 3, 4)] == [4, 14, 104, 1882]


def test_brute_force_takes_texts():
    """Numbers of a query document are texts."""
    layers = [
        {**layer, "weights": [[str(v) for v in row] for row in layer["weights"]]} for layer in map(dict, STEP)
    ]
    listing = Question(layers, SQUARE, EXACT, space(2, (-2, 2))).listing()
    assert len(listing.explanations) == 8
