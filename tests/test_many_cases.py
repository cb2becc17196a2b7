"""Very many cases with donors: boxes say what the table says, verdict and share, on random exact networks."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest

import verifier.balls.many as many
import verifier.engine.methods as methods
from verifier.api import check
from verifier.balls.decide import decide as decide_in_boxes
from verifier.balls.rows import Rows
from verifier.checks import STATEMENTS, applicable, obligations
from verifier.claim import Claim
from verifier.decoding import Decoding, parse_output
from verifier.domain import Domain
from verifier.explanation import Explanation
from verifier.network import Layer, Network
from verifier.table.decide import decide
from verifier.table.rows import Table
from verifier.verdict import Idle, Proved, Refuted
from verifier.write import Dependency

F = Fraction
PLACES = {
    "h1 > 1/2": lambda h: h[0] > F(1, 2),
    "h2 > 1/2": lambda h: h[1] > F(1, 2),
    "h1 - h2 > 0": lambda h: h[0] > h[1],
    "h1 + h2 >= 1": lambda h: h[0] + h[1] >= 1,
    "h2 < 1": lambda h: h[1] < 1,
    "{h2}": lambda h: h[1] > F(1, 2),
    "h1": lambda h: h[0] > F(1, 2),
}


def claim_of(seed):
    """Return a claim about a small network whose features take values; half of the gates are what is read."""
    random = Random(seed)
    n, m = random.choice([2, 3]), random.choice([2, 3])

    def row(count, scale=1):
        return [
            (F(random.choice([-2, -1, 1, 1, 2])) + F(random.choice([-1, 0, 0, 1]), 16)) / scale
            for _ in range(count)
        ]

    kind = random.choice(["relu", "relu", "hard_tanh", "step", "identity"])
    hidden = Layer.of("h", [row(n) for _ in range(m)], row(m, 2), kind)
    net = Network([hidden, Layer.of("y", [row(m)], row(1, 3), random.choice(["relu", "identity"]))])
    domain = Domain(tuple(f"x{i + 1}" for i in range(n)))
    circuit = {}
    for j, place in enumerate(random.sample(list(PLACES), 2)):
        bits = [random.choice("01") for _ in range(2**n)]
        if seed % 2:
            bits = ["01"[PLACES[place](after(hidden, x))] for x in product([0, 1], repeat=n)]
        circuit[f"a{j}"] = f"table({''.join(bits)}; {', '.join(domain.inputs)}) @ {place}"
    circuit["y"] = random.choice(["a0 & a1", "a0 | a1", "a0 ^ a1", "a0", "~a0 & a1", "a0 & x1"])
    options = {"tolerance": F(1, 4), "mode": random.choice(["all", "donor", "single"])}
    decoding = Decoding((parse_output(random.choice(["y > 1/3", "y > -1/7"]), net),))
    return Claim(net, domain, decoding, Explanation.of(net, circuit, **options))


def after(layer, x):
    """Return the activations of an input; ties of a step give 0."""
    z = [
        sum((w * v for w, v in zip(row, x, strict=True)), b) for row, b in zip(layer.W, layer.b, strict=True)
    ]
    kinds = {"relu": lambda v: max(v, 0), "step": lambda v: int(v > 0), "identity": lambda v: v}
    return [kinds.get(layer.activation.kind, lambda v: max(-1, min(1, v)))(v) for v in z]


def found_of(finding):
    """Return what methods must agree on."""
    idle = isinstance(finding.verdict, Refuted) and isinstance(finding.verdict.counterexample, Idle)
    return type(finding.verdict), idle, finding.share


def test_boxes_say_what_the_table_says():
    seen = set()
    for seed in range(400):
        claim = claim_of(seed)
        table = Table(claim.network, claim.domain)
        if table.ties(claim.decoding):
            continue
        rows = Rows(claim.network, claim.domain, table=table)
        for statement in STATEMENTS:
            stated = obligations(claim, statement) if applicable(claim.explanation, statement) else ()
            for obligation in () if isinstance(stated, Dependency) else stated:
                said = found_of(decide(table, claim, obligation))
                assert found_of(decide_in_boxes(rows, claim, obligation)) == said, (seed, obligation)
                seen.add((statement, claim.explanation.mode, said[0]))
    for mode in ("all", "donor", "single"):
        assert seen >= {("interchange", mode, Proved), ("interchange", mode, Refuted)}


def wide(gates=("atleast(3; x1..x6)", "atleast(3; x7..x12)"), V=(1, 1), places=("h1 > 3", "h2 > 3")):
    """Return a network with many different values, an explanation of it, and its inputs."""
    random = Random(1)
    W = [[1 + F(random.randrange(-99, 99), 10**5) if x // 6 == i else 0 for x in range(12)] for i in range(2)]
    net = Network([Layer.of("h", W, [1, 1], "relu"), Layer.of("y", [V], [0], "identity")])
    rows = [x for x in product([0, 1], repeat=12) if {sum(x[:6]), sum(x[6:])} <= {0, 1, 5, 6}]
    circuit = {"a": f"{gates[0]} @ {places[0]}", "b": f"{gates[1]} @ {places[1]}", "y": "a & b"}
    return net, Explanation.of(net, circuit), random.sample(rows, 150)


def test_what_a_table_cannot_list_is_decided(monkeypatch):
    net, explanation, rows = wide()
    monkeypatch.setattr(methods, "MANY_CASES", 0)
    report = check(net, explanation, rows=rows, output="y > 10", method="table")
    assert report.proved
    share = report["interchange"].share
    assert share.held == share.total == 150**3
    monkeypatch.setattr(methods, "MANY_CASES", 2**60)
    assert check(net, explanation, rows=rows, output="y > 10", method="table")["interchange"].share == share


@pytest.mark.parametrize("boxes", [0, 2**12])
def test_what_refutes_is_found_in_few_boxes_or_many(monkeypatch, boxes):
    net, explanation, rows = wide(V=(1, F(1, 20)))
    monkeypatch.setattr(methods, "MANY_CASES", 2**60)
    listed = check(net, explanation, rows=rows, output="y > 6", method="table")["interchange"]
    monkeypatch.setattr(methods, "MANY_CASES", 0)
    monkeypatch.setattr(many, "FEW_BOXES", boxes)
    found = check(net, explanation, rows=rows, output="y > 6", method="table")["interchange"]
    assert isinstance(found.verdict, Refuted)
    assert found.share == listed.share  # few boxes or none: the table has counted
