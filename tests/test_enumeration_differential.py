"""Enumeration against a brute force that shares nothing with the package.

A failure here means that a list that is called complete has gaps, or holds what is not an explanation.
`HYPOTHESIS_PROFILE=more` tries ten times as many networks, differently every time.
"""

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, pairwise, product

import pytest
from enumeration_oracle import ANY, KINDS, Question, Stack, class_of, complement, exact, rank
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from networks import direction_text
from profiles import EXAMPLES, MORE, SEED

F = Fraction
ZERO, HALF, ONE = F(0), F(1, 2), F(1)
REQUIRE = (
    ["readout", "mediation", "interchange"],
    ["readout", "interchange"],
    ["readout"],
)
MOST_SETS = 1500  # of readouts that the brute force decides
MOST_ROWS = 3125  # that it tries
MOST_ONE_BY_ONE = 48  # explanations the monolithic loop is asked for


@dataclass(frozen=True)
class Case:
    """A question as plain data, see `enumeration_oracle`."""

    layers: tuple
    inputs: tuple
    decoding: dict
    space: dict
    low: Fraction = ZERO
    high: Fraction = ONE

    @property
    def question(self):
        """The same, for the brute force."""
        return Question(self.layers, self.inputs, self.decoding, self.space, self.low, self.high)

    @property
    def place(self):
        """The place of the layer that is read, from 1."""
        return [layer["name"] for layer in self.layers].index(self.space["layer"]) + 1

    def within(self, **changes):
        """Return the case with some keys of the space exchanged."""
        return replace(self, space={**self.space, **changes})


# --- plain data → the package ------------------------------------------------------------------------------


def to_network(layers):
    """Return the network."""
    from verifier.network import Activation, Layer, Network

    return Network(
        Layer.of(layer["name"], layer["weights"], layer["bias"], Activation(**layer["activation"]))
        for layer in layers
    )


def to_space(case):
    """Return the space; what has its default is left out."""
    from verifier.explanation import Feature
    from verifier.formula import parse
    from verifier.library import Library
    from verifier.readout import Linear
    from verifier.space import Space

    space = case.space
    least, most = space["features"]
    given_features = []
    for i, g in enumerate(space.get("given", ())):
        site = Linear(case.place, g["row"], g["offset"]) if g["row"] is not None else None
        given_features.append(Feature(f"a{i + 1}", parse(_table(case, g["bits"])), site))
    options = {
        key: Library(tuple(space[key]["kinds"]), space[key]["fan_in"])
        for key in ("gates", "output_gates")
        if key in space
    }
    return Space(
        layer=space["layer"],
        features=least if least == most else (least, most),
        coefficients=None if space["coefficients"] is None else tuple(space["coefficients"]),
        polarity=space.get("polarity", False),
        require=tuple(space["require"]),
        must_use=tuple(space.get("must_use", ())),
        must_not_use=tuple(space.get("must_not_use", ())),
        given=tuple(given_features),
        **options,
    )


def _table(case, bits):
    n = len(case.inputs[0])
    ones = {x for x, bit in zip(case.inputs, bits, strict=True) if bit == "1"}
    table = "".join("01"[x in ones] for x in product((0, 1), repeat=n))
    return f"table({table}; {', '.join(f'x{i + 1}' for i in range(n))})"


def to_output(case):
    """Return the decoding as a spec writes it."""
    if case.decoding["argmax"]:
        return "argmax"
    names, texts = case.layers[-1]["units"], {}
    for output in case.decoding["outputs"]:
        form, value = direction_text(output["row"], names), output["value"]
        sign = "-" if value < 0 else ""
        exactly = f"{form} {sign or '+'} {abs(value)}"
        texts[output["name"]] = f"{form} {output['op']} {sign}{abs(value)}" if output["op"] else exactly
    return texts


def ask(case, strategy="auto"):
    """Return what the package lists, as the brute force writes it, and its statement."""
    from verifier.api import enumerate_explanations

    n = len(case.inputs[0])
    *found, statement = enumerate_explanations(
        to_network(case.layers),
        to_space(case),
        inputs=[f"x{i + 1}" for i in range(n)],
        output=to_output(case),
        rows=None if len(case.inputs) == 2**n else case.inputs,
        encoding=(case.low, case.high),
        tolerance=case.decoding["tolerance"],
        strategy=strategy,
    )
    listed = [(tuple((tuple(row), d) for row, d in e.readouts), e.output or None) for e in found]
    return listed, statement


# --- random plain data -------------------------------------------------------------------------------------


def make_layer(name, weights, bias, kind, **parameters):
    """Return a layer as plain data."""
    units = [name] if len(weights) == 1 else [f"{name}{i + 1}" for i in range(len(weights))]
    given_parameters = {key: v for key, v in parameters.items() if v is not None}
    return {
        "name": name,
        "units": units,
        "weights": [[F(v) for v in row] for row in weights],
        "bias": [F(v) for v in bias],
        "activation": {"kind": kind, **given_parameters},
    }


def make_output(name, row, op=None, value=0):
    """Return an output as plain data."""
    return {"name": name, "row": [F(v) for v in row], "op": op, "value": F(value)}


def make_decoding(*outputs, argmax=False, tolerance=ZERO):
    """Return a decoding as plain data."""
    return {"argmax": argmax, "tolerance": tolerance, "outputs": list(outputs)}


WEIGHTS = [F(v) for v in (1, 1, 1, 0, -1, -1, 2, -2)] + [HALF, -HALF]
BIASES = [-HALF, -HALF, HALF, F(-3, 2), F(0), F(1), F(-1), F(-5, 2)]
BOXES = [(-1, 1), (-2, 2), (-1, 1), (-2, 2), (0, 1), (-1, 2), (-3, 1)]
MOSTLY_STEP = ["step"] * 6 + ["relu", "relu", "identity", "sign", "clip", "leaky_relu"]
NOTHING = make_decoding(make_output("y", [1], ">=", 0))


@st.composite
def cases(draw, kernel=None, bounded=True, plain=False, kinds=MOSTLY_STEP):
    """Return a question that the brute force answers quickly.

    Args:
        kernel: whether a function may have (True) or must not have (False) several readouts.
        bounded: whether the coefficients have bounds; else the space has none, and `kernel` is False.
        plain: whether the space restricts nothing but the number of features and the coefficients.
        kinds: the activations of hidden layers to choose from.
    """
    n = draw(st.sampled_from([2, 3, 2, 3, 4]))
    inputs = tuple(product((0, 1), repeat=n))
    if draw(st.sampled_from([False, False, True])):
        inputs = tuple(draw(st.lists(st.sampled_from(inputs), min_size=3, max_size=8, unique=True)))
    low, high = draw(st.sampled_from([(F(0), F(1)), (F(0), F(1)), (F(-1), F(1)), (HALF, F(-1))]))
    below = [draw(_hidden("h", n, kinds))]
    if draw(st.integers(0, 7)) == 0:
        below.append(draw(_hidden("k", len(below[0]["weights"]), kinds)))
    wanted = draw(st.sampled_from([False, False, True])) if kernel is None else kernel
    if wanted:
        below[-1] = draw(_with_kernel(below[-1]))
    case = Case(
        (*below, make_layer("o", [[0] * len(below[-1]["weights"])], [0], "identity")),
        inputs,
        NOTHING,
        {"layer": below[-1]["name"], "features": [1, 1], "coefficients": None, "require": REQUIRE[0]},
        low,
        high,
    )
    case = _decided(draw, case)
    if kernel is False:
        assume(case.question.kernel_is_zero())
    case = _affordable(draw, case, bounded)
    case = draw(_planted(case))
    return case if plain else draw(_restricted(case))


@st.composite
def _hidden(draw, name, width, kinds):
    kind = draw(st.sampled_from(kinds))
    parameters = {
        "leaky_relu": {"slope": draw(st.sampled_from([HALF, F(-1)]))},
        "clip": {"low": F(0), "high": draw(st.sampled_from([F(1), HALF]))},
    }.get(kind, {})
    m = draw(st.sampled_from([3, 2, 4, 3, 5]))
    weights = [[draw(st.sampled_from(WEIGHTS)) for _ in range(width)] for _ in range(m)]
    return make_layer(name, weights, [draw(st.sampled_from(BIASES)) for _ in range(m)], kind, **parameters)


@st.composite
def _with_kernel(draw, layer):
    """Return the layer with a unit twice, or with one that is constant."""
    weights, bias = list(layer["weights"])[:4], list(layer["bias"])[:4]
    dead = draw(st.booleans())
    i = draw(st.integers(0, len(weights) - 1))
    row, b = (
        ([F(0)] * len(weights[0]), draw(st.sampled_from([HALF, -HALF]))) if dead else (weights[i], bias[i])
    )
    at = draw(st.integers(0, len(weights)))
    weights.insert(at, row)
    bias.insert(at, b)
    parameters = {key: v for key, v in layer["activation"].items() if key != "kind"}
    return make_layer(layer["name"], weights, bias, layer["activation"]["kind"], **parameters)


def _decided(draw, case, start=0):
    """Return the case with a tie rule on every layer that would tie, and sometimes on others."""
    for i, layer in enumerate(case.layers):
        if i < start or layer["activation"]["kind"] not in ("step", "sign"):
            continue
        rule = draw(st.sampled_from([None, None, 0, 1]))
        if rule is None and _ties(case, i + 1):
            rule = draw(st.sampled_from([0, 1]))
        if rule is not None:
            ruled = {**layer, "activation": {**layer["activation"], "tie": rule}}
            case = replace(case, layers=(*case.layers[:i], ruled, *case.layers[i + 1 :]))
    return case


def _activations(case, place):
    """Return the activations at a place on every input, None for a tie."""
    stack = Stack(case.layers, case.decoding)
    return [stack.run(0, [case.high if bit else case.low for bit in x], place) for x in case.inputs]


def _ties(case, place):
    return any(h is None for h in _activations(case, place))


def _affordable(draw, case, bounded):
    """Return the case with coefficients and numbers of features that can be tried."""
    width = len(case.layers[case.place - 1]["units"])
    if bounded:
        boxes = [box for box in BOXES if (box[1] - box[0] + 1) ** width <= MOST_ROWS]
        case = case.within(coefficients=list(draw(st.sampled_from(boxes))))
    else:
        size = 1
        for values in case.question.box():
            size *= len(values)
        assume(size <= MOST_ROWS)
    features = draw(st.sampled_from([[2, 2], [1, 2], [1, 1], [3, 3], [1, 3], [2, 3]]))
    readouts = case.question.readouts
    while case.within(features=features).question.work() > MOST_SETS:
        assume(features[1] > 1)
        features = [min(features[0], features[1] - 1), features[1] - 1]
    assume(readouts or draw(st.integers(0, 9)) == 0)
    return case.within(features=features)


@st.composite
def _planted(draw, case):
    """Return the case with layers above that mostly read what one to three readouts say."""
    readouts, width = case.question.readouts, len(case.layers[case.place - 1]["units"])
    below = case.layers[: case.place]
    chosen = []
    if readouts and draw(st.integers(0, 9)):
        question = case.question
        apart = {r: frozenset((question.read(*r), question.read(*complement(r)))) for r in readouts}
        k = min(draw(st.integers(*case.space["features"])), len(set(apart.values())))
        chosen = draw(st.lists(st.sampled_from(readouts), min_size=k, max_size=k, unique_by=apart.get))
    weights, bias = [], []
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        if not chosen:
            weights.append([draw(st.sampled_from(WEIGHTS)) for _ in range(width)])
            bias.append(draw(st.sampled_from(BIASES)))
            continue
        factors = [draw(st.sampled_from([F(1), F(-1), F(2), F(-2), HALF, F(1)])) for _ in chosen]
        sums = sorted({sum(f for f, b in zip(factors, u, strict=True) if b) for u in _points(len(chosen))})
        middles = [(a + b) / 2 for a, b in pairwise(sums)]
        bound = draw(st.sampled_from(middles * 3 + sums))
        pairs = list(zip(factors, chosen, strict=True))
        weights.append([sum(f * row[c] for f, (row, _) in pairs) for c in range(width)])
        bias.append(sum(f * d for f, (_, d) in pairs) - bound)
    kind = draw(st.sampled_from(["step", "step", "step", "relu", "identity", "sign"]))
    stack = [*below, make_layer("o", weights, bias, kind)]
    if len(below) == 1 and draw(st.integers(0, 4)) == 0:
        stack[-1] = make_layer("k", weights, bias, kind)
        top = [
            [draw(st.sampled_from(WEIGHTS)) for _ in weights] for _ in range(draw(st.sampled_from([1, 2])))
        ]
        stack.append(make_layer("o", top, [draw(st.sampled_from(BIASES)) for _ in top], "step"))
    case = _decided(draw, replace(case, layers=tuple(stack)), case.place)
    return replace(case, decoding=draw(_decoding(case)))


def _points(k):
    return list(product((0, 1), repeat=k))


@st.composite
def _decoding(draw, case):
    last = len(case.layers)
    seen, width = _activations(case, last), len(case.layers[-1]["units"])
    assume(None not in seen)
    if width > 1 and draw(st.integers(0, 3)) == 0 and all(len(set(h)) == width for h in seen):
        rows = [[F(i == j) for j in range(width)] for i in range(width)]
        names = case.layers[-1]["units"]
        return make_decoding(
            *(make_output(name, row) for name, row in zip(names, rows, strict=True)), argmax=True
        )
    outputs = []
    for i in range(draw(st.integers(1, width))):
        row = [F(i == j) for j in range(width)]
        if width > 1 and draw(st.integers(0, 4)) == 0:
            row = [F(1) for _ in range(width)]
        values = sorted({sum(a * b for a, b in zip(row, h, strict=True)) for h in seen})
        if set(values) <= {0, 1} and draw(st.booleans()):
            outputs.append(make_output(f"y{i + 1}", row))
        elif len(values) == 2 and draw(st.booleans()):
            span = values[1] - values[0]
            outputs.append(make_output(f"y{i + 1}", [c / span for c in row], None, F(-values[0]) / span))
        else:
            op = draw(st.sampled_from([">", ">=", "<", "<="]))
            middles = [F(a + b) / 2 for a, b in pairwise(values)] or [values[0] + HALF]
            outputs.append(make_output(f"y{i + 1}", row, op, draw(st.sampled_from(middles))))
    return make_decoding(*outputs)


@st.composite
def _restricted(draw, case):
    """Return the case with some of what a space may say besides."""
    changes = {
        "polarity": draw(st.integers(0, 2)) == 0,
        "require": draw(st.sampled_from(REQUIRE[:1] * 2 + REQUIRE)),
    }
    units = case.layers[case.place - 1]["units"]
    what = draw(st.sampled_from(["", "gates", "output_gates", "use", "not use", "given", "gate", "all"]))
    if what in ("gates", "all"):
        changes["gates"] = draw(_libraries())
    if what in ("output_gates", "all") and "interchange" in changes["require"]:
        changes["output_gates"] = draw(_libraries())
    if what in ("use", "all"):
        changes["must_use"] = draw(st.lists(st.sampled_from(units), min_size=1, max_size=2, unique=True))
    if what in ("not use", "all"):
        free = [u for u in units if u not in changes.get("must_use", ())]
        changes["must_not_use"] = draw(st.lists(st.sampled_from(free), max_size=1)) if len(free) > 1 else []
    if what in ("given", "gate"):
        found = draw(_given(case, what == "given"))
        changes["given"] = [found] if found else []
    return case.within(**changes)


@st.composite
def _libraries(draw):
    if draw(st.integers(0, 3)) == 0:
        return {**ANY, "fan_in": draw(st.sampled_from([1, 2]))}
    kinds = draw(st.lists(st.sampled_from(KINDS[1:]), min_size=2, max_size=4, unique=True))
    return {"kinds": kinds, "fan_in": draw(st.sampled_from([None, None, 2, 3]))}


@st.composite
def _given(draw, case, sited):
    """Return a feature: a readout of the box, one outside of it, or its function alone."""
    question = case.question
    readouts = list(question.readouts)
    if sited:
        seen = list(zip(*question.hidden, strict=True))
        for c, values in enumerate(seen):
            if len(set(values)) == 2:
                span = F(max(values) - min(values))
                row = tuple(exact((i == c) / span) for i in range(len(seen)))
                readouts += [(row, exact(-min(values) / span))] * 3
        for a, b in combinations(range(len(seen)), 2):
            if seen[a] == seen[b] and readouts:
                row, d = readouts[0]
                shift = [HALF * ((i == a) - (i == b)) for i in range(len(seen))]
                readouts += [(tuple(exact(c + v) for c, v in zip(row, shift, strict=True)), d)] * 3
    readouts = [(row, question.offset(row)) for row, _ in readouts if question.offset(row) is not None]
    if not readouts:
        return None
    row, d = draw(st.sampled_from(readouts))
    bits = "".join(map(str, map(int, question.read(row, d))))
    return (
        {"row": [F(v) for v in row], "offset": F(d), "bits": bits} if sited else {"row": None, "bits": bits}
    )


# --- tests -------------------------------------------------------------------------------------------------


def everyday(shard, examples):
    """Return the settings of a random test; about half of what is generated repeats itself."""

    def decorate(test):
        tried = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if MORE else [Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        return seed(SEED + shard)(tried(test))

    return decorate


class Seen(Counter):
    """What was seen of how many different cases."""

    def __init__(self):
        super().__init__()
        self.passed = set()

    def is_new(self, case):
        """Return whether the case has not passed before."""
        return repr(case) not in self.passed

    def passes(self, case, listed):
        """Note that the case passed."""
        self.passed.add(repr(case))
        self["cases"] += 1
        self["listed"] += bool(listed)


def compare(case, seen):
    """Assert that the package lists what the brute force lists, whichever way it is asked."""
    expected = case.question.listing()
    few = len(expected.explanations) <= MOST_ONE_BY_ONE
    for strategy in ("decomposed", "monolithic") if few else ("decomposed",):
        found, statement = ask(case, strategy)
        assert tuple(found) == expected.explanations, strategy
        assert statement.complete
        assert (statement.count, statement.classes) == (len(expected.explanations), expected.classes)
        seen[strategy] += 1
    seen.passes(case, expected.explanations)
    if expected.explanations:
        for key in ("given", "gates", "output_gates", "must_use", "must_not_use", "polarity"):
            seen[key] += bool(case.space.get(key))
        seen["kernel"] += not case.question.kernel_is_zero()


@pytest.mark.parametrize("shard", [0, 1])
def test_bounded(shard):
    """Every list is the brute force's, in its order, with its output gates."""
    seen = Seen()

    @everyday(shard, EXAMPLES // 8)
    @given(cases())
    def run(case):
        if seen.is_new(case):
            compare(case, seen)

    run()
    assert seen["cases"] >= 20, seen
    assert seen["listed"] > seen["cases"] / 3, seen
    for what in ("monolithic", "kernel", "polarity"):
        assert seen[what] > 1, (what, seen)


def test_any_coefficients_without_a_kernel():
    """With no bound at all the list is that of a box that provably holds every readout."""
    seen = Seen()

    @everyday(2, EXAMPLES // 10)
    @given(cases(kernel=False, bounded=False))
    def run(case):
        if seen.is_new(case):
            compare(case, seen)

    run()
    assert seen["listed"] > seen["cases"] / 3, seen


def test_any_coefficients_modulo_the_kernel():
    """With a kernel, one choice of readouts is listed per set of functions; the brute force knows some."""
    seen = Seen()

    @everyday(3, EXAMPLES // 10)
    @given(cases(kernel=True))
    def run(case):
        require = ["readout"] if case.space["require"] == ["readout"] else REQUIRE[0]
        case = case.within(polarity=False, must_use=[], given=[], require=require)
        if not seen.is_new(case):
            return
        question = case.question
        assume(not question.kernel_is_zero())
        found, statement = ask(case.within(coefficients=None))
        listed = [question.functions_of(features) for features, _ in found]
        assert len(set(listed)) == len(listed) == statement.count
        for features, output in found:
            assert question.decide(features) == output
            assert all(c.denominator == 1 for row, _ in features for c in map(F, row))
        missed = question.modulo_kernel() - set(listed)
        assert not missed or not statement.complete
        seen["complete"] += statement.complete
        seen.passes(case, found)

    run()
    assert seen["listed"] > 1, seen
    assert seen["complete"] > seen["cases"] / 2, seen


def test_a_kernel_without_mediation():
    """Where the choice of readouts decides whether writes act, nothing is missed in silence."""
    from verifier.errors import InputError

    hidden = make_layer("h", [[1, 1]] * 4, ["-1/2"] * 4, "step")
    last = make_layer("o", [[-1, -1, 0, 1]], ["1/2"], "step")
    space = {"layer": "h", "features": [1, 1], "coefficients": [-1, 1], "require": REQUIRE[1]}
    case = Case((hidden, last), tuple(_points(2)), make_decoding(make_output("y", [1])), space)
    known = case.question.modulo_kernel()
    assert len(known) == 2
    try:
        found, statement = ask(case.within(coefficients=None))
    except InputError:
        return
    assert not statement.complete or {case.question.functions_of(f) for f, _ in found} >= known


@pytest.mark.parametrize(("kind", "bias", "bound"), [("step", -3, "1/2"), ("relu", "-3/2", "3/2")])
def test_functions_that_are_dependent_up_to_the_kernel(kind, bias, bound):
    """Two constant units set readouts apart whose functions add up: g1 + g2 = g0 + 1 on every input."""
    hidden = make_layer("h", [[1, 1], [0, 0], [1, -1], [0, 0]], ["-1/2", "1/2", "1/2", "1/2"], "step")
    last = make_layer("o", [[2, 0, 2, 0]], [bias], kind)
    space = {"layer": "h", "features": [3, 3], "coefficients": [0, 1], "require": REQUIRE[0]}
    decoding = make_decoding(make_output("y", [1], ">", bound))
    case = Case((hidden, last), ((0, 0), (0, 1), (1, 0)), decoding, space)
    known = case.question.modulo_kernel()
    assert known
    found, statement = ask(case.within(coefficients=None))
    assert not statement.complete or {case.question.functions_of(f) for f, _ in found} >= known


def test_a_hidden_layer_that_says_nothing():
    """A layer that is constant on the domain has no readouts, and so no explanations."""
    layers = (
        make_layer("h", [[0, 0]] * 2, ["-1/2"] * 2, "step"),
        make_layer("o", [[1, 1]], ["-1/2"], "step"),
    )
    space = {"layer": "h", "features": [1, 2], "coefficients": [-1, 1], "require": REQUIRE[0]}
    case = Case(layers, tuple(_points(2)), make_decoding(make_output("y", [1])), space)
    for bounds in ([-1, 1], None):
        for strategy in ("decomposed", "monolithic"):
            found, statement = ask(case.within(coefficients=bounds), strategy)
            assert (found, statement.count, statement.complete) == ([], 0, True)


@everyday(4, EXAMPLES // 20)
@given(cases())
def test_brute_force_keeps_its_promises(case):
    """What the brute force lists is independent, different, in order, and one per class where asked."""
    listing = case.question.listing()
    keys = [(len(features), features) for features in listing.features]
    assert keys == sorted(set(keys))
    for features, outputs in listing.explanations:
        assert list(features) == sorted(features)
        assert rank([row for row, _ in features]) == len(features)
        assert (outputs is None) == ("interchange" not in case.space["require"])
    classes = {class_of(features) for features in listing.features}
    assert len(classes) == listing.classes
    if case.space.get("polarity"):
        assert len(keys) == listing.classes
