"""Lists of comparisons, and of forms within a tolerance, of exact networks: golden counts and brute force."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest
import threshold_oracle as oracle

from verifier.api import _decoding, _domain, enumerate_explanations
from verifier.audit.audit import audit
from verifier.engine.enumeration.cuts import simplest_between
from verifier.engine.enumeration.enumerate import enumerate_space
from verifier.engine.verify import Subject, TiesError
from verifier.network import Layer, Network
from verifier.query import query_document
from verifier.run.certify import finished
from verifier.space import Space

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
    domain = _domain(about, None, where, None, (0, 1))
    return about, domain, _decoding(about, output, tolerance), space


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
     (F(-1, 3), F(1, 8)), (F(314, 100), F(315, 100)), (F(-9), F(-2)), (F(1, 3), F(1, 2)), (F(0), F(1, 7))],
)  # fmt: skip
def test_simplest_between(low, high):
    found = simplest_between(low, high)
    fractions = {F(p, q) for q in range(1, found.denominator + 1) for p in range(-10 * q, 10 * q + 1)}
    inside = [value for value in fractions if low < value < high]
    assert found == min(inside, key=lambda value: (value.denominator, abs(value)))
    assert simplest_between(-high, -low) == -found
