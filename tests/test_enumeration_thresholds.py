"""Lists of comparisons, and of forms within a tolerance, of exact networks: golden counts and brute force."""

from fractions import Fraction
from itertools import combinations, product
from random import Random

import numpy as np
import pytest
import threshold_oracle as oracle

import verifier.engine.enumeration.cuts as cuts
import verifier.engine.enumeration.donors as donors
import verifier.engine.enumeration.sieve as sieve
import verifier.engine.enumeration.thresholds as thresholds
from verifier.algebra import RATIONALS
from verifier.api import check, enumerate_explanations
from verifier.audit.audit import audit
from verifier.engine.enumeration.cuts import simplest_between
from verifier.engine.enumeration.enumerate import enumerate_space
from verifier.engine.enumeration.gaps import Grid
from verifier.engine.verify import Subject, TiesError
from verifier.errors import InputError
from verifier.explanation import Explanation
from verifier.library import Library
from verifier.network import Activation, Layer, Network
from verifier.query import query_document
from verifier.readout import parse
from verifier.run.certify import finished
from verifier.run.given import decoding_of, domain_of
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError

F = Fraction
ALL = ("readout", "mediation", "interchange")
SQUARE = [(0, 0), (0, 1), (1, 0), (1, 1)]


def network(layers):
    """Return the network of an oracle's layers: h, g, …, y."""
    names = [*"hgf"[: len(layers) - 1], "y"]
    return Network([Layer.of(name, *of) for name, of in zip(names, layers, strict=True)])


def told(explanations):
    """Return explanations as an oracle tells them."""
    return {
        tuple((tuple(map(int, row)), number) for row, number in item.readouts): item.output
        for item in explanations
    }


def xor():
    """Return the layers of the seed."""
    return [
        ([[1, 0], [0, 1], [1, 1]], [F(-1, 2), F(-1, 2), F(-3, 2)], "step"),
        ([[1, 1, -2]], [F(-1, 2)], "step"),
    ]


RELU = [([[1, 0], [0, 1], [1, 1]], [0, 0, -1], "relu"), ([[1, 1, -2]], [0], "relu")]


# Golden counts; those of k = 2 by brute force here, those of k = 3 by brute force once (a minute)


@pytest.mark.parametrize(
    ("k", "require", "count", "classes"),
    [(1, ALL, 0, 0), (1, ALL[:1], 40, 20), (2, ALL, 36, 9), (2, ALL[::2], 36, 9), (2, ALL[:1], 632, 158),
     (3, ALL, 272, 34), (3, ALL[::2], 272, 34)],
)  # fmt: skip
def test_xor(k, require, count, classes):
    space = Space("h", k, (-1, 1), require=require, readouts="threshold")
    *found, statement = enumerate_explanations(network(xor()), space)
    assert (statement.count, statement.classes, statement.complete) == (count, classes, True)
    assert (statement.rests_on, statement.bound_binding) == ("arb", None)
    if k == 2:
        assert told(found) == oracle.explanations(xor(), 1, SQUARE, None, F(0), (-1, 1), k, require)
    least = Space("h", k, (-1, 1), require=require, readouts="threshold", polarity=True)
    *fewer, statement = enumerate_explanations(network(xor()), least)
    assert len(fewer) == statement.count == statement.classes == classes
    assert set(fewer) <= set(found)


# Brute force

WHERE = {"x1 | x2": lambda x: x[0] or x[1], "~(x1 & x2)": lambda x: not (x[0] and x[1]), None: lambda x: True}


def case(seed):
    """Return layers, place, where, threshold, tolerance, bounds, k, require and the kind of readouts."""
    random = Random(seed)
    n, m, outputs = random.choice([2, 2, 3]), random.choice([2, 2, 3]), random.choice([1, 1, 1, 2])
    readouts = random.choice(["threshold", "threshold", "linear"])

    def off():
        return F(random.choice([-1, 0, 0, 1]), 32)

    if readouts == "linear":  # near a network that has explanations
        W, b, kind = [[1, 1 + off()], [1 + off(), 1]], [off(), -1 + off()], "relu"
        W, n, outputs = [[*row, 0][:n] for row in W] if n == 3 else W, n, 1
        V, c, threshold = [[1 + off(), -2]], [off()], random.choice([None, F(1, 2)])
        last, tolerance = "identity", random.choice([F(1, 8), F(1, 16), F(1, 5)])
    else:
        kind = random.choice(["relu", "relu", "step", "hard_tanh", "identity"])
        W = [[random.choice([-1, 0, 1, 1, 1, 2]) + 2 * off() for _ in range(n)] for _ in range(m)]
        b = [F(random.choice([-5, -3, -1, -1, 1, 1, 3]), 2) + F(1, 16) for _ in range(m)]
        V = [[random.choice([-2, -1, 1, 1, 1, 2]) + off() for _ in range(m)] for _ in range(outputs)]
        c, last = (
            [F(random.choice([-19, -11, -7, -3, 5]), 13) for _ in range(outputs)],
            random.choice(["identity", "relu", "step"]),
        )
        threshold = None if last == "step" else F(random.choice([0, 1, 1]), 2)
        tolerance = random.choice([F(0), F(1, 8)])
    layers = [(W, b, kind), (V, c, last)]
    if random.random() < 0.15 and threshold is not None:
        layers.append(([[random.choice([-1, 1])] * outputs], [F(-1, 3)], "step"))
        threshold = None
    if random.random() < 0.2:
        layers.insert(0, ([[int(i == j) for j in range(n)] for i in range(n)], [F(0)] * n, "relu"))
    place = next(i for i, layer in enumerate(layers, start=1) if layer[0] is W)
    require = random.choice([ALL, ALL, ALL, ALL[::2], ALL[::2], ALL[:1]])
    bounds = random.choice([(-1, 1), (-1, 1), (-2, 2), (0, 2)]) if len(W) == 2 else (-1, 1)
    where = random.choice([None, None, *WHERE])
    return layers, place, where, threshold, tolerance, bounds, random.choice([1, 2, 2]), require, readouts


def asked(seed):
    """Return the network, domain, decoding and space of a case."""
    layers, place, where, threshold, tolerance, bounds, k, require, readouts = case(seed)
    about = network(layers)
    output = None if threshold is None else [f"{u} > {threshold}" for u in about.layers[-1].units]
    space = Space(about.layer(place).name, k, bounds, require=require, readouts=readouts)
    domain = domain_of(about, None, where, None, (0, 1))
    return about, domain, decoding_of(about, output, tolerance), space


def listing(seed):
    """Return the list of a case; None where an input meets a tie."""
    about, domain, decoding, space = asked(seed)
    try:
        return enumerate_space(Subject(about, domain, decoding), space)
    except TiesError:
        return None


@pytest.mark.parametrize("part", range(4))
def test_brute_force(part):
    held = set()
    for seed in range(part, 60, 4):
        layers, place, where, threshold, tolerance, bounds, k, require, readouts = case(seed)
        found = listing(seed)
        if found is None:
            continue
        assert found.statement.complete, found.statement.reason
        inputs = [x for x in product([0, 1], repeat=len(layers[0][0][0])) if WHERE[where](x)]
        expected = oracle.explanations(
            layers, place, inputs, threshold, tolerance, bounds, k, require, readouts
        )
        assert told(found) == expected, seed
        held |= {(readouts, bool(expected)), (readouts, len(require), bool(expected))}
    assert held >= {("threshold", True), ("threshold", False), ("linear", True)}


def test_without_the_sieve(monkeypatch):
    """The sieve refutes nothing that is an explanation, and nothing else is let through without it."""
    for seed in range(40):
        sifted = listing(seed)
        with monkeypatch.context() as patched:
            patched.setattr(sieve, "SAMPLES", ())
            patched.setattr(sieve.Sieve, "_like_donors", lambda _, members: members)
            every = listing(seed)
        assert sifted is every is None or sifted.items == every.items, seed


@pytest.mark.parametrize("factor", [F(1), F(10) ** 400, F(1, 10**400)])
def test_what_a_donor_refutes_is_torn(factor):
    """Steps from one value to the next show the same of every set that is dropped because of a donor."""
    dropped = kept = 0
    for seed in range(12):
        random = Random(seed)
        W, V = ([[F(random.randint(-9, 9)) for _ in range(3)] for _ in range(rows)] for rows in (3, 2))
        b, c = ([F(random.randint(-9, 9), 2) for _ in range(rows)] for rows in (3, 2))
        above = [[factor * w for w in row] for row in V], [factor * v for v in c]
        layers = [(W, b, "relu"), (*above, "relu"), ([[factor, -factor]], [factor**2 / 3], "identity")]
        about = network(layers)
        domain, decoding = domain_of(about, None, None, None, (0, 1)), decoding_of(about, "y > 0", F(0))
        space = Space("h", 2, (-1, 1), require=("readout", "interchange"), readouts="threshold")
        stage = cuts.prepare(Subject(about, domain, decoding), space, Limits())
        rows = thresholds.rows_of(stage)
        R = np.array([[int(v) for v in row] for row in rows]).reshape(len(rows), 3)
        sets = np.array(list(combinations(range(len(rows)), 2)), dtype=int).reshape(-1, 2)
        left = sieve.Sieve(stage, R)._like_donors(sets).tolist()
        for i, j in (some for some in sets.tolist() if some not in left):
            assert Grid.of(stage, (rows[i], rows[j])).gaps() is None
        dropped, kept = dropped + len(sets) - len(left), kept + len(left)
    assert dropped > kept > 0


def test_sets_are_sifted_a_few_at_a_time(monkeypatch):
    """How many at a time makes no difference, but to when the clock is looked at."""
    ticks = []
    for seed in range(4):
        sifted = listing(seed)
        with monkeypatch.context() as patched:
            patched.setattr(sieve, "CELLS", 1)
            patched.setattr(donors.DonorStage, "tick", lambda _: ticks.append(1))
            every = listing(seed)
        assert sifted is every is None or sifted.items == every.items, seed
    assert len(ticks) > 20
    monkeypatch.setattr(sieve.Sieve, "_kept", lambda *_: pytest.fail("the time is up"))
    domain = domain_of(network(RELU), None, None, None, (0, 1))
    subject = Subject(network(RELU), domain, decoding_of(network(RELU), "y > 1/2", F(0)))
    stage = cuts.prepare(subject, Space("h", 2, (-1, 1), readouts="threshold"), Limits(deadline=0.0))
    with pytest.raises(UndecidedError, match="time"):
        sieve.Sieve(stage, np.eye(3, dtype=int)).kept(np.array([[0, 1]]))


@pytest.mark.parametrize("samples", [(3,), ()])
def test_parity_is_no_comparison_of_a_count(samples, monkeypatch):
    """The outputs change at every step of the count 0..3, though at its ends they are what one step makes."""
    monkeypatch.setattr(sieve, "SAMPLES", samples)
    layers = [([[1, 1, 1]], [0], "relu"), ([[1]] * 3, [F(-1, 2), F(-3, 2), F(-5, 2)], "step")]
    layers.append(([[1, -1, 1]], [F(-1, 2)], "step"))
    space = Space("h", 1, (-1, 1), readouts="threshold")
    *found, statement = enumerate_explanations(network(layers), space)
    assert (found, statement.complete) == ([], True)


@pytest.mark.parametrize("samples", [(3,), ()])
def test_a_tie_under_a_write(samples, monkeypatch):
    """h1 + 2 h2 - 2 is 0 where h2 is 1 and h1 is not, which no input shows."""
    monkeypatch.setattr(sieve, "SAMPLES", samples)
    layers = [([[1, 0], [0, 1]], [F(-1, 2)] * 2, "step"), ([[1, 2]], [-2], "step")]
    space = Space("h", 2, (0, 1), readouts="threshold")
    *found, statement = enumerate_explanations(network(layers), space, where="x1 | ~x2")
    assert statement.complete
    assert (("1 0>1/2", "0 1>1/2"), ("0001",)) not in found
    assert told(found) == oracle.explanations(layers, 1, [(0, 0), (1, 0), (1, 1)], None, F(0), (0, 1), 2, ALL)


def test_the_auditor_agrees(tmp_path):
    file, found = tmp_path / "list.jsonl", 0
    for seed in range(70):
        about, domain, decoding, space = asked(seed)
        list_ = listing(seed)
        if list_ is None:
            continue
        file.write_text("".join(finished(list_, query_document(about, domain, decoding, space), {})))
        said = audit(file)
        assert said.verdict == "valid", (seed, said.reason)
        found += said.count
    assert found > 100


@pytest.mark.parametrize(
    ("low", "high"),
    [(F(1, 4), F(2, 5)), (F(-1, 2), F(-1, 3)), (F(0), F(1)), (F(-1), F(0)), (F(5, 2), F(13, 5)), (F(2), F(9)),
     (F(-1, 3), F(1, 8)), (F(-5, 2), F(3, 2)),
     (F(314, 100), F(315, 100)), (F(-9), F(-2)), (F(1, 3), F(1, 2)), (F(0), F(1, 7))],
)  # fmt: skip
def test_simplest_between(low, high):
    found = simplest_between(low, high)
    fractions = {F(p, q) for q in range(1, found.denominator + 1) for p in range(-10 * q, 10 * q + 1)}
    inside = [value for value in fractions if low < value < high]
    assert found == min(inside, key=lambda value: (value.denominator, abs(value)))
    assert simplest_between(-high, -low) == -found


@pytest.mark.parametrize(
    ("text", "listed"),
    [("h1 + h2 > 1/3", "1 1 0>1/2"), ("2*h1 + 2*h2 >= 1", "1 1 0>1/2"), ("h1 + h2 >= 1", "1 1 0>1/2"),
     ("h1 + h2 > 1", "1 1 0>3/2"), ("h1 + h2 < 1", "-1 -1 0>-1/2"), ("h1 + h2 <= 1", "-1 -1 0>-3/2"),
     ("-1/3*h1 - 1/3*h2 < -1/3", "1 1 0>3/2"), ("h1 + h2 > 7", "1 1 0>7"), ("h1 + h2 < 0", "-1 -1 0>0")],
)  # fmt: skip
def test_canonical(text, listed):
    """h1 + h2 takes the values 0, 1 and 2; a comparison that is constant is left as it is, and no feature."""
    about = network(RELU)
    subject = Subject(about, domain_of(about, None, None, None, (0, 1)), decoding_of(about, "y > 1/2", F(0)))
    stage = cuts.prepare(subject, Space("h", 1, (-1, 1), readouts="threshold"), Limits())
    readout = stage.readout_of(parse(text, about))
    assert stage.text(*readout) == listed
    assert (stage.function(*readout) is None) is (listed in {"1 1 0>7", "-1 -1 0>0"})


# Against the checks, and the same list by another route


def function_of(readout, about, place, readouts, inputs):
    """Return the bits of a readout on the inputs, from the activations by a plain forward pass."""
    row, number = readout
    values = [oracle.dot(row, about.forward(RATIONALS, 0, list(map(F, x)), place)[0]) for x in inputs]
    return [int(v > number if readouts == "threshold" else 2 * (v + number) > 1) for v in values]


def proved(case, readouts, table):
    """Return whether the checks that a case requires are proved of readouts with an output gate."""
    layers, place, where, threshold, tolerance, _, _, require, kind = case
    about = network(layers)
    inputs = list(product([0, 1], repeat=about.n))
    names = ", ".join(f"x{i + 1}" for i in range(about.n))
    units = about.layer(place).units
    circuit = {}
    for j, (row, number) in enumerate(readouts):
        bits = "".join(map(str, function_of((row, number), about, place, kind, inputs)))
        form = " + ".join(f"{c}*{u}" for c, u in zip(row, units, strict=True)).replace("+ -", "- ")
        end = f"> {number}" if kind == "threshold" else f"+ {number}".replace("+ -", "- ")
        circuit[f"a{j}"] = f"table({bits}; {names}) @ {form} {end}".replace("> -", "+ ").replace(
            "@ -", "@ 0 - "
        )
        if kind == "threshold" and number < 0:
            circuit[f"a{j}"] += " > 0"
    out = about.layers[-1].units[0]
    circuit[out] = f"table({table}; {', '.join(f'a{j}' for j in range(len(readouts)))})"
    report = check(
        about,
        Explanation.of(about, circuit, tolerance=tolerance if kind == "linear" else 0),
        output=out if threshold is None else f"{out} > {threshold}",
        where=where,
        tolerance=tolerance,
        checks=list(require),
    )
    return report.proved


def candidates(case, random, count):
    """Yield random pairs of readouts of a case's box that are independent and neither equal nor opposite."""
    layers, place, where, _, tolerance, (low, high), _, _, kind = case
    inputs = [x for x in product([0, 1], repeat=len(layers[0][0][0])) if WHERE[where](x)]
    H = list(dict.fromkeys(tuple(oracle.forward(layers[:place], list(map(F, x)))) for x in inputs))
    every = oracle.comparisons(H, low, high) if kind == "threshold" else oracle.near(H, low, high, tolerance)
    for _ in range(count if len(every) > 1 else 0):
        (a, s, f), (b, t, g) = sorted(random.sample(every, 2))
        opposite = all(p != q for p, q in zip(f, g, strict=True))
        if f != g and not opposite and oracle.inverse([[oracle.dot(p, q) for q in (a, b)] for p in (a, b)]):
            yield (a, s), (b, t)


ESSENTIAL = [
    table
    for table in map("".join, product("01", repeat=4))
    if (table[0], table[1]) != (table[2], table[3]) and (table[0], table[2]) != (table[1], table[3])
]


def test_listed_is_what_the_checks_prove():
    """Of what is listed the checks are proved; of random others no gate of the outputs makes them so."""
    listed = others = 0
    random = Random(7)
    for seed in range(120):
        about = case(seed)
        layers, *_, k, require, _ = about
        if k != 2 or "interchange" not in require or len(layers[-1][0]) > 1:
            continue
        found = listing(seed)
        if found is None:
            continue
        ours = told(found)
        for readouts in list(ours)[:4]:
            assert proved(about, readouts, ours[readouts][0]), (seed, readouts)
            listed += 1
        for readouts in candidates(about, random, 2):
            held = [table for table in ESSENTIAL if proved(about, readouts, table)]
            assert held == list(ours.get(readouts, ())), (seed, readouts)
            others += not held
    assert listed > 20
    assert others > 20


def test_a_smooth_last_layer_changes_nothing():
    """y > 0 of a sum is y > 1/2 of its sigmoid: the same list, by the route that sifts no sets beforehand."""
    found = 0
    for seed in range(60):
        layers, place, where, threshold, _, bounds, k, require, readouts = case(seed)
        if threshold is None or len(layers[-1][0]) > 1 or layers[-1][2] != "identity" or readouts == "linear":
            continue
        space = Space("hgf"[place - 1], k, bounds, require=require, readouts=readouts)
        W, b, _ = layers[-1]
        below = [Layer.of(name, *of) for name, of in zip("hgf", layers[:-1], strict=False)]
        sigmoid = Layer.of("y", W, [c - threshold for c in b], Activation("sigmoid", slope=1))
        listed = []
        for about, output in ((network(layers), f"y > {threshold}"), (Network([*below, sigmoid]), "y > 1/2")):
            *explanations, statement = enumerate_explanations(about, space, where=where, output=output)
            assert statement.complete
            listed.append(explanations)
        assert listed[0] == listed[1], seed
        found += len(listed[0])
    assert found >= 20


def test_sigmoids_are_compared_too():
    """At slope 25 the values are near those of steps, and no value of a box ties: the list has as many."""
    sigmoid = Activation("sigmoid", slope=25)
    about = Network([Layer.of(name, W, b, sigmoid) for name, (W, b, _) in zip("hy", xor(), strict=True)])
    space = Space("h", 2, (-1, 1), readouts="threshold")
    *found, statement = enumerate_explanations(about, space, output="y > 1/2")
    assert (statement.count, statement.classes, statement.complete) == (36, 9, True)
    steps = list(enumerate_explanations(network(xor()), space))[:-1]
    assert [item.output for item in found] == [item.output for item in steps]


# Rewritings whose effect is known


def relu(layers, **options):
    """Return the explanations of two comparisons of a relu network."""
    space = Space("h", 2, (-1, 1), readouts="threshold", **options)
    *found, statement = enumerate_explanations(network(layers), space, output="y > 1/2")
    assert statement.complete
    return found


def test_units_in_another_order():
    (W, b, kind), (V, c, last) = RELU
    order = [2, 0, 1]
    moved = [([W[i] for i in order], [b[i] for i in order], kind), ([[V[0][i] for i in order]], c, last)]
    one, other = told(relu(RELU)), told(relu(moved))
    assert len(one) == 36
    renamed = {}
    for readouts, tables in one.items():
        pairs = [(tuple(row[i] for i in order), number) for row, number in readouts]
        flip = pairs != sorted(pairs)
        renamed[tuple(sorted(pairs))] = tuple(t[0] + t[2] + t[1] + t[3] if flip else t for t in tables)
    assert other == renamed


@pytest.mark.parametrize("scale", [F(3), F(1, 7)])
def test_larger_units(scale):
    """Relu units times a positive number, what reads them divided by it: the same rows, the cuts in scale."""
    (W, b, kind), (V, c, last) = RELU
    scaled = [([[w * scale for w in row] for row in W], [v * scale for v in b], kind)]
    scaled.append(([[v / scale for v in V[0]]], c, last))
    one, other = relu(RELU), relu(scaled)
    assert [item.output for item in one] == [item.output for item in other]
    for a, b in zip(one, other, strict=True):
        for of, to in zip(a.readouts, b.readouts, strict=True):
            assert of[0] == to[0]
            before = function_of(of, network(RELU), 1, "threshold", SQUARE)
            assert before == function_of(to, network(scaled), 1, "threshold", SQUARE)


# Restrictions


def given_(text):
    """Return a feature as spaces take it."""
    return (Explanation.of(network(RELU), {"a": text, "y": "a"}).features[0],)


RESTRICTIONS = {
    "must_use": (("h1",), lambda item, _: any(row[0] for row, _ in item.readouts)),
    "must_not_use": (("h1",), lambda item, _: not any(row[0] for row, _ in item.readouts)),
    "gates": (Library(("and",)), lambda item, of: all(sum(of[text]) == 1 for text in item.features)),
    "output_gates": (
        Library(("or",)),
        lambda item, _: item.output[:1] in {("0111",), ("1011",), ("1101",), ("1110",)},
    ),
    "given": (given_("x1 & x2 @ 2*h3 >= 1"), lambda item, _: "0 0 1>1/2" in item.features),
}


@pytest.mark.parametrize("name", RESTRICTIONS)
def test_restrictions_choose_from_the_list(name):
    value, holds = RESTRICTIONS[name]
    require = ALL[:1] if name.startswith("must") else ALL
    every = relu(RELU, require=require)
    functions = {
        text: tuple(function_of(readout, network(RELU), 1, "threshold", SQUARE))
        for item in every
        for text, readout in zip(item.features, item.readouts, strict=True)
    }
    chosen = [item for item in every if holds(item, functions)]
    assert 0 < len(chosen) < len(every)
    assert relu(RELU, require=require, **{name: value}) == chosen


def test_a_given_gate_without_a_place():
    every = relu(RELU)
    conjunction = [
        item
        for item in every
        if [0, 0, 0, 1] in [function_of(r, network(RELU), 1, "threshold", SQUARE) for r in item.readouts]
    ]
    assert 0 < len(conjunction) < len(every)
    assert relu(RELU, given=given_("x1 & x2")) == conjunction


def test_a_given_comparison_out_of_the_box():
    read = {"require": ALL[:1]}
    far = relu(RELU, given=given_("x1 | x2 @ 3*h1 + 2*h2 > 1/2"), **read)
    assert all("3 2 0>1" in item.features for item in far)
    near = {text for item in relu(RELU, **read) for text in item.features}
    assert len({text for item in far for text in item.features}) > len(near) / 2
    assert "3 2 0>1" not in near


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"coefficients": None}, "expected bounds on the coefficients of these readouts, got any"),
        ({"given": given_("x1 & x2 @ h3")}, "is not a threshold readout of layer h"),
        ({"given": given_("x1 @ h3 > 1/2")}, "a reads 0 at x = 10, its gate says 1"),
        ({"readouts": "comparison"}, "expected linear or threshold as readouts"),
    ],
)
def test_refused(options, message):
    about = {"layer": "h", "features": 2, "coefficients": (-1, 1), "readouts": "threshold", **options}

    def listed():
        return list(enumerate_explanations(network(RELU), Space(**about), output="y > 1/2"))

    with pytest.raises(InputError, match=message):
        listed()


def test_limits_are_told(monkeypatch):
    space = Space("h", 2, (-1, 1), readouts="threshold")
    *found, statement = enumerate_explanations(network(RELU), space, output="y > 1/2", limit=3)
    assert (len(found) >= 3, statement.complete) == (True, False)
    *_, statement = enumerate_explanations(network(RELU), space, output="y > 1/2", timeout_s=1e-9)
    assert (statement.complete, statement.count) == (False, 0)
    monkeypatch.setattr(donors, "MAX_BOXES", 0)
    *_, statement = enumerate_explanations(network(RELU), space, output="y > 1/2")
    assert not statement.complete
    assert "groups of cases" in statement.reason
    monkeypatch.setattr(thresholds, "MAX_CELLS", 107)
    *_, statement = enumerate_explanations(network(RELU), space, output="y > 1/2")
    assert "27 rows of coefficients on 4 hidden rows are too many" in statement.reason
    monkeypatch.setattr(thresholds, "MAX_CELLS", 108)
    monkeypatch.setattr(thresholds, "MAX_SETS", 10)
    read = Space("h", 2, (-1, 1), readouts="threshold", require=ALL[:1])
    *_, statement = enumerate_explanations(network(RELU), read, output="y > 1/2")
    assert "sets of 2 comparisons are too many" in statement.reason


def test_a_tolerance_of_an_exact_network():
    """Version 0 of this list ignored the tolerance: what reads 1.01 was no feature."""
    layers = [([[F("1.02"), F("0.99")], [F("1.01"), F("0.98")]], [F("-0.01"), -1], "relu")]
    layers.append(([[F("0.99"), -2]], [F("0.01")], "relu"))
    space = Space("h", 2, (-1, 1))
    *found, statement = enumerate_explanations(network(layers), space, tolerance="1/20")
    assert (statement.count, statement.complete, statement.rests_on) == (4, True, "arb")
    assert any(item.features == ("0 1;0", "1 -1;0") for item in found)
    *found, statement = enumerate_explanations(network(layers), space, tolerance=0, output="y > 1/2")
    assert (found, statement.complete) == ([], True)
