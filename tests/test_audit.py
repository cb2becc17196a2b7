"""The auditor against certificates written by brute force, and against forgeries of them."""

import ast
import json
import lzma
import random
from fractions import Fraction
from itertools import product
from pathlib import Path

import forgeries as fg
import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from profiles import MORE, SEED

import verifier.audit as package
from verifier.audit import audit
from verifier.audit import join as joining
from verifier.audit.audit import difference
from verifier.audit.evaluate import state_of
from verifier.audit.features import all_features
from verifier.audit.flaw import BeyondError, FlawError
from verifier.audit.library import Membership
from verifier.audit.plain import violated
from verifier.audit.query import Library, read_query
from verifier.audit.separable import separable
from verifier.audit.sets import judge
from verifier.audit.table import Table
from verifier.errors import InputError

F = Fraction


@pytest.fixture
def run(tmp_path):
    """Return a function that audits lines or bytes."""

    def audited(lines, **options):
        path = tmp_path / "list.jsonl"
        path.write_bytes(lines if isinstance(lines, bytes) else fg.to_bytes(lines))
        return audit(path, **options)

    return audited


# What the auditor is made of


def test_no_solver_within_reach():
    """The auditor is a second opinion only if it shares no evaluator, no algebra and no solver."""
    allowed = {"certificate", "formula", "algebra", "notation", "errors", "domain", "audit"}
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top, *rest = name.split(".")
                assert top not in ("z3", "flint", "pysat", "pysolvers")
                assert top != "verifier" or rest[0] in allowed, (path.name, name)


# Golden facts


@pytest.mark.parametrize(
    ("bounds", "k", "count", "classes"),
    [
        ((-2, 2), 1, 2, 1), ((-2, 2), 2, 8, 2), ((-2, 2), 3, 64, 8),
        ((-1, 1), 1, 0, 0), ((-1, 1), 2, 8, 2), ((-1, 1), 3, 64, 8),
        (None, 1, 2, 1), (None, 2, 8, 2), (None, 3, 64, 8),
    ],
)  # fmt: skip
def test_xor(run, bounds, k, count, classes):
    """Alice's and Bob's explanations are the only ones with k = 2."""
    document = fg.query(fg.xor_layers(), features=[k, k], coefficients=bounds and list(bounds))
    found = run(fg.certificate(document, cubes=bounds is not None), expected_query=document)
    assert (found.verdict, found.count, found.classes, found.complete) == ("valid", count, classes, True)


@pytest.mark.parametrize(("n", "k", "count", "classes"), [(3, 2, 8, 2), (3, 3, 64, 8), (4, 2, 16, 4), (4, 3, 272, 34)])
def test_parity(run, n, k, count, classes):
    document = fg.query(fg.parity_layers(n), inputs=n, features=[k, k], coefficients=[-1, 1])
    found = run(fg.certificate(document))
    assert (found.verdict, found.count, found.classes) == ("valid", count, classes)


def test_relu_lists_bob_only(run):
    document = fg.query(fg.xor_layers("relu", (0, 0, -1), 0))
    found = run(fg.certificate(document))
    assert (found.verdict, found.count, found.classes) == ("valid", 4, 1)


# Random queries

CASES = 1500 if MORE else 150


def small(rng):
    return rng.choice([-2, -1, -1, 0, 1, 1, 2, F(1, 2), F(-3, 2)])


def random_layer(rng, name, fan_in, width, kinds):
    kind = rng.choice(kinds)
    parameters = {"slope": "1/3"} if kind == "leaky_relu" else {}
    parameters |= {"low": "-1/2", "high": "2"} if kind == "clip" else {}
    if kind in ("step", "sign") and rng.random() < 0.4:
        parameters["tie"] = rng.choice([0, 1])
    weights = [[small(rng) for _ in range(fan_in)] for _ in range(width)]
    return fg.layer(name, weights, [small(rng) + F(1, 4) * rng.choice([0, 1]) for _ in range(width)], kind, **parameters)


ALL = ["step", "step", "sign", "identity", "relu", "leaky_relu", "hard_tanh", "clip"]
GATES = {
    "x1": lambda x: x[0], "x1 & ~x2": lambda x: x[0] & (1 - x[1]), "x1 ^ x2": lambda x: x[0] ^ x[1],
    "x1 | x2": lambda x: x[0] | x[1],
}  # fmt: skip
KINDS = [
    "any", "symmetric", "threshold", "and", "or", "nand", "nor", "xor", "xnor", "parity", "iff", "implies", "not",
    "maj", "ite", "atleast", "exactly",
]  # fmt: skip


def random_library(rng):
    if rng.random() < 0.7:
        return fg.ANY
    return {"kinds": sorted(rng.sample(KINDS, rng.choice([1, 2]))), "fan_in": rng.choice([None, 1, 2, 3])}


def friendly_layer(rng, name, fan_in, width, least=-1):
    """Return a layer of steps without ties, of the kind that has explanations."""
    weights = [[rng.randint(least, 2) for _ in range(fan_in)] for _ in range(width)]
    return fg.layer(name, weights, [rng.randint(-2, 1) + F(1, 2) for _ in range(width)])


def random_query(rng):
    """Return a query of a small network, `where` as a function, and the gates of given features.

    It may mean nothing: ties, an empty domain.
    """
    friendly = rng.random() < 0.6
    n, m = rng.choice([2, 2, 3]), rng.choice([2, 3, 3, 4] if friendly else [1, 2, 2, 3, 3])
    hidden = [random_layer(rng, "h", n, m, ["step", "step", "step", "relu", "sign", "identity"])]
    width, below = rng.choice([1, 1, 1, 2, 3]), m
    deep = rng.random() < 0.25
    if deep:
        hidden.append(random_layer(rng, "g", m, 2, ALL))
        below = 2
    last = random_layer(rng, "y", below, width, ALL)
    if friendly:
        hidden[0] = friendly_layer(rng, "h", n, m, 0)
        hidden[1:] = [friendly_layer(rng, "g", m, 2, -2)] if deep else []
        last = friendly_layer(rng, "y", below, width, -2)
    if rng.random() < 0.2 and width > 1:
        rows = [fg.output([int(i == j) for j in range(width)], name=f"y{i + 1}") for i in range(width)]
        decoding = {"outputs": rows, "argmax": True}
    else:
        ops = [None, ">", ">=", "<", "<="]
        count = rng.choice([1, 1, 2]) if width > 1 else 1
        rows = [[rng.choice([0, 1, 1, -1]) for _ in range(width)] for _ in range(count)]
        values = [F(1, 2)] if friendly else [0, F(1, 2), F(1, 3)]
        outputs = [
            fg.output(row, rng.choice(ops), rng.choice(values), f"o{i}") for i, row in enumerate(rows)
        ]
        if friendly and width == 1:
            outputs = [fg.output()]
        decoding = {"outputs": outputs, "tolerance": rng.choice([0, 0, F(1, 4)])}
    low = rng.choice([-2, -1, -1, 0]) if m < 4 else -1
    least = rng.choice([1, 1, 2])
    given = []
    gates = {}
    if rng.random() < 0.12:
        text = rng.choice(list(GATES))
        given.append({"name": "a1", "gate": text, "row": None, "offset": None})
        gates = GATES
    if rng.random() < 0.12:
        row = [str(rng.choice([F(1, 2), 1, 0, 0, -1, 3])) for _ in range(m)]
        given.append({"name": "b1", "gate": "x1", "row": row, "offset": rng.choice(["0", "0", "1"])})
    where, holds = rng.choice([(None, None), (None, None), ("x1 | x2", lambda x: x[0] | x[1])])
    units = [f"h{i + 1}" for i in range(m)]
    document = fg.query(
        [*hidden, last],
        inputs=n,
        **decoding,
        where=where,
        rows=rng.choice([None, None, None, ["".join(x) for x in product("01", repeat=n)][1:]]),
        ends=rng.choice([(0, 1), (0, 1), (-1, 1), (F(1, 2), 2)]),
        features=[least, rng.choice([least, 2, 3]) if least < 3 else 3],
        coefficients=[low, rng.choice([1, 1, 2, max(low, 0)]) if m < 4 else 1],
        polarity=rng.random() < 0.3,
        require=rng.choice([fg.DEFAULT, fg.DEFAULT, ["readout"], ["readout", "interchange"]]),
        gates=random_library(rng),
        output_gates=random_library(rng),
        must_use=[rng.choice(units)] if rng.random() < 0.2 else [],
        must_not_use=[rng.choice(units)] if rng.random() < 0.1 else [],
        given=given,
    )
    return document, holds, gates


@pytest.mark.parametrize("block", range(10))
def test_random_queries(run, block):
    """What brute force lists is valid; with one explanation left out, the auditor names just that one."""
    rng = random.Random(SEED + block)
    seen = 0
    while seen < CASES // 10:
        document, holds, gates = random_query(rng)
        try:
            brute = fg.Brute(document, holds, gates)
        except (AssertionError, TypeError):  # a tie on the domain, or an empty domain
            lines = fg.seal([fg.canonical(fg.header(document))])
            found = run(lines)
            assert found.verdict == "invalid" or found.reason
            continue
        seen += 1
        lines = fg.certificate(document, brute, cubes=rng.choice([0, 1]))
        found = run(lines, expected_query=document)
        assert found.verdict == "valid", (document, found)
        listed = [i for i, line in enumerate(lines) if line.startswith('{"features"')]
        if listed:
            gone = rng.choice(listed)
            forged = fg.seal([*lines[:gone], *lines[gone + 1 : -1]])
            found = run(forged)
            assert found.verdict == "invalid", (document, found)
            first = " and ".join(json.loads(lines[gone])["features"])
            assert found.reason.endswith(first), (document, found)
