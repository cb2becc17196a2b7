"""The auditor against certificates written by brute force, and against forgeries of them."""

import ast
import json
import lzma
import random
import re
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
from verifier.audit import audit, library
from verifier.audit import join as joining
from verifier.audit.audit import difference
from verifier.audit.complete import all_explanations
from verifier.audit.evaluate import state_of
from verifier.audit.features import all_features
from verifier.audit.flaw import BeyondError, FlawError
from verifier.audit.library import Membership
from verifier.audit.plain import judge as judge_by_definition
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


@pytest.mark.parametrize(("n", "k", "count", "classes"), [(3, 2, 8, 2), (3, 3, 64, 8), (4, 2, 16, 4)])
def test_parity(run, n, k, count, classes):
    document = fg.query(fg.parity_layers(n), inputs=n, features=[k, k], coefficients=[-1, 1])
    found = run(fg.certificate(document))
    assert (found.verdict, found.count, found.classes) == ("valid", count, classes)


PARITY = [(4, 3, 272, 34), (5, 2, 24, 6), (5, 3, 976, 122), (6, 2, 40, 10), (6, 3, 3056, 382)]


@pytest.mark.parametrize(("n", "k", "count", "classes"), PARITY)
def test_wider_parity(run, n, k, count, classes):
    """The counts that two other programs agree on; here the auditor's own list is written and audited."""
    found = run(own_certificate(n, k))
    assert (found.verdict, found.count, found.classes) == ("valid", count, classes), found


@pytest.mark.slow
def test_a_quarter_of_a_million(run):
    """1,023 classes of features, 243,440 explanations: measured 3 s and 0.3 GB."""
    found = run(own_certificate(10, 3))
    assert (found.verdict, found.count, found.classes) == ("valid", 243_440, 30_430)
    assert found.seconds < 30


def own_certificate(n, k):
    """Return the certificate of parity that the auditor's search gives; far too much for brute force."""
    document = fg.query(fg.parity_layers(n), inputs=n, features=[k, k], coefficients=[-1, 1])
    state = state_of(read_query(document))
    table = Table.of(state, all_features(state, (-1, 1), 2**20))
    found = all_explanations(table, k, 2**27).sets
    texts = [fg.show(table.readout(f)) for f in range(len(table))]
    lines = [fg.canonical(fg.header(document))]
    for chosen, bits in zip(found.tolist(), judge(table, found).output[:, :, 0].tolist(), strict=True):
        tables = ["".join("01"[bit] for bit in bits)]
        lines.append(fg.canonical({"features": [texts[f] for f in chosen], "output": tables}))
    return fg.seal(lines)


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
    return fg.layer(
        name, weights, [small(rng) + F(1, 4) * rng.choice([0, 1]) for _ in range(width)], kind, **parameters
    )


ALL = ["step", "step", "sign", "identity", "relu", "leaky_relu", "hard_tanh", "clip"]
GATES = {
    "x1": lambda x: x[0], "x1 & ~x2": lambda x: x[0] & (1 - x[1]), "x1 ^ x2": lambda x: x[0] ^ x[1],
    "x1 | x2": lambda x: x[0] | x[1],
}  # fmt: skip
KINDS = [
    "any", "symmetric", "threshold", "and", "or", "nand", "nor", "xor", "xnor", "parity", "iff", "implies",
    "not", "maj", "ite", "atleast", "exactly",
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
        outputs = [fg.output(row, rng.choice(ops), rng.choice(values), f"o{i}") for i, row in enumerate(rows)]
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
        if len(brute.features()) > 24:  # too many sets to try one by one
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


# Forgeries


def test_the_original_is_valid(run):
    lines, document = fg.original()
    found = run(lines, expected_query=document)
    assert (found.verdict, found.line, found.count, found.classes) == ("valid", None, 8, 2)
    assert any("cubes: 5, tiling the box" in check for check in found.checks)


@pytest.mark.parametrize("name", fg.FORGERIES)
def test_forgeries(run, name):
    forge, verdict, reason, line = fg.FORGERIES[name]
    found = run(forge(fg.original()[0]))
    assert (found.verdict, found.line) == (verdict, line), found
    assert reason in found.reason


@pytest.mark.parametrize("name", fg.MEANINGLESS)
def test_queries_that_mean_nothing(run, name):
    change, reason = fg.MEANINGLESS[name]
    found = run(fg.requery(fg.original()[0], change))
    assert (found.verdict, found.line) == ("invalid", 1), found
    assert reason in found.reason


def test_another_query(run):
    """The digests fit, but it is not what was asked."""
    lines, document = fg.original()
    asked = json.loads(json.dumps(document))
    asked["space"]["coefficients"][1] = 3
    found = run(lines, expected_query=asked)
    assert (found.verdict, found.line) == ("invalid", 1)
    assert "query.space.coefficients[1] differs" in found.reason
    assert difference({"a": True}, {"a": 1}, "query") == "query.a"
    assert difference({"a": 1}, {"b": 1}, "query") == "query.a"


def test_dependent_readouts(run):
    """x1 & ~x2, ~x1 & x2 and their sum, the XOR."""
    document = fg.query(fg.xor_layers(), features=[3, 3])
    lines = fg.certificate(document)
    dependent = fg.canonical({"features": ["0 1 -1;0", "1 0 -1;0", "1 1 -2;0"], "output": ["01111110"]})
    found = run(fg.seal([lines[0], dependent], complete=False))
    assert (found.verdict, found.line) == ("invalid", 2)
    assert "dependent" in found.reason


def test_a_readout_outside_the_box(run):
    document = fg.query(fg.xor_layers(), features=[1, 1], coefficients=[-1, 1])
    lines = fg.certificate(document)
    outside = fg.canonical({"features": ["1 1 -2;0"], "output": ["01"]})
    found = run(fg.seal([lines[0], outside]))
    assert (found.verdict, found.line) == ("invalid", 2)
    assert "outside -1..1" in found.reason
    assert run(fg.seal([lines[0]], binding=True)).verdict == "valid"
    found = run(fg.seal([lines[0]], binding=False))
    assert (found.verdict, found.line) == ("invalid", 2)
    assert "cut explanations off" in found.reason


def test_polarity_lists_the_least(run):
    document = fg.query(fg.xor_layers(), polarity=True)
    lines = fg.certificate(document)
    assert run(lines).count == 2
    everything = fg.certificate(fg.query(fg.xor_layers()))[1:-1]
    other = next(line for line in everything if line not in lines and line > lines[2])
    found = run(fg.seal([*lines[:2], other]))
    assert (found.verdict, found.line) == ("invalid", 3)
    assert "up to polarity" in found.reason


def test_more_features_than_the_layer_has_units(run):
    """2^40 values are not written into forty features to find out that they are dependent."""
    document = fg.query(fg.xor_layers(), features=[1, 10**30])
    features = sorted(fg.Brute(document).features())[:14]
    line = fg.canonical({"features": [fg.show(f) for f in features], "output": ["0"]})
    found = run(fg.seal([fg.canonical(fg.header(document)), line]))
    assert (found.verdict, found.line) == ("invalid", 2)
    assert "dependent" in found.reason


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="E108"):
        audit(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="E108"):
        audit(tmp_path)


def test_an_unfinished_file(run):
    """While a run goes on its cubes and explanations stand in the order in which they were found."""
    lines, _ = fg.original()
    mixed = [lines[0], lines[8], lines[3], lines[6], lines[1]]
    assert run(mixed).verdict == "holey"
    assert run(fg.to_bytes(mixed) + lines[4][:9].encode()).verdict == "holey"
    assert run(fg.seal(mixed, complete=False)).verdict == "invalid"
    found = run([*mixed, lines[1]])
    assert (found.verdict, found.line) == ("invalid", 6)
    assert "cubes overlap" in found.reason


BOUNDS = [[0, 10**4000], [-(10**4000), 10**4000], [10**30, 10**30 + 1], [-(2**63), 2**63], [5, 5], [0, 0]]


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize("features", [[1, 2], [1, 10**4000], [10**30, 10**30]])
def test_boxes_of_any_size(run, bounds, features):
    """Whatever the bounds, there is an answer; where nothing can be, that is found out."""
    document = fg.query(fg.xor_layers(), features=features, coefficients=bounds)
    found = run(fg.seal([fg.canonical(fg.header(document))]))
    some = features[0] == 1 and (bounds[0] < 0 or (bounds[0] == 0 < bounds[1] and features[1] > 2))
    assert found.verdict == ("invalid" if some else "valid"), found
    layers = [fg.layer("h", [[1, 1]] * 3, [F(-1, 2)] * 3), fg.layer("y", [[1, 1, 1]], [F(-1, 2)])]
    document = fg.query(layers, features=features, coefficients=bounds)
    cube = fg.canonical({"cube": [bounds[0]], "proof": None, "readouts": []})
    assert run(fg.seal([fg.canonical(fg.header(document))])).verdict
    assert run(fg.seal([fg.canonical(fg.header(document)), cube])).verdict


@seed(SEED + 90)
@settings(max_examples=2000 if MORE else 200, deadline=None, database=None)
@given(st.data())
def test_whatever_the_bytes(tmp_path_factory, data):
    """A flipped, dropped or added byte is noticed; nothing makes the auditor fall over."""
    lines = fg.to_bytes(LINES)
    at = data.draw(st.integers(0, len(lines) - 1))
    middle = data.draw(
        st.binary(max_size=4) | st.sampled_from([b"\n", b"null", b"-", b"[", b"1e9", b"\\ud800"])
    )
    forged = lines[:at] + middle + lines[at + data.draw(st.integers(0, 4)) :]
    path = tmp_path_factory.mktemp("bytes") / "list.jsonl"
    path.write_bytes(forged)
    assert forged == lines or audit(path).verdict != "valid"


LINES = fg.original()[0]


# Budgets, proofs, large numbers


def test_a_budget_that_is_too_small(run):
    lines, _ = fg.original()
    found = run(lines, budget=3)
    assert found.verdict == "holey"
    assert found.line is None
    document = fg.query(fg.parity_layers(4), inputs=4, features=[3, 3], coefficients=[-1, 1])
    features = all_features(state_of(read_query(document)), (-1, 1), 2**20)
    assert len(features) == 30
    found = run(fg.seal([fg.canonical(fg.header(document))], complete=False), budget=40)
    assert found.verdict == "holey"


def test_no_bound_and_a_kernel(run):
    """Two hidden units that are always equal: the readouts of a function are infinitely many."""
    layers = [fg.layer("h", [[1, 1], [1, 1]], [F(-1, 2), F(-1, 2)]), fg.layer("y", [[1, 1]], [F(-1, 2)])]
    document = fg.query(layers, features=[1, 1], coefficients=None)
    line = fg.canonical({"features": ["1 0;0"], "output": ["01"]})
    found = run(fg.seal([fg.canonical(fg.header(document)), line]))
    assert found.verdict == "invalid"  # the row (1, 1) is no multiple of it
    document = fg.query(layers, features=[1, 1], coefficients=None, require=["readout"])
    lines = [fg.entry([fg.parse(text)], None) for text in ("0 1;0", "1 0;0")]
    found = run(fg.seal([fg.canonical(fg.header(document)), *lines]))
    assert found.verdict == "invalid"
    assert "modulo the kernel" in found.reason
    found = run(fg.seal([fg.canonical(fg.header(document)), lines[0]], complete=False))
    assert found.verdict == "holey"


@pytest.fixture
def proved(tmp_path):
    """Return the lines of a certificate whose cubes have proofs, and their folder."""
    from verifier.audit import cnf

    document = fg.query(fg.xor_layers(), coefficients=[-1, 1])
    lines = fg.certificate(document, cubes=2)
    state = state_of(read_query(document))
    folder = tmp_path / "list.proof"
    folder.mkdir()
    for i, line in enumerate(lines):
        if line.startswith('{"cube"'):
            cube = json.loads(line)
            blocked = [[int(v) for v in fg.parse(text)[0]] for text in cube["readouts"]]
            text = fg.refute(cnf.encode(state.H, [range(-1, 2)] * 3, cube["cube"], blocked))
            packed = lzma.compress(text.encode())
            (folder / f"{i}.xz").write_bytes(packed)
            proof = {"file": f"list.proof/{i}.xz", "sha256": fg.sha256(packed).hexdigest()}
            lines[i] = fg.canonical({**cube, "proof": proof})
    return lines, folder


def test_proofs(run, proved):
    """Where the search is beyond the budget, the proofs stand for it."""
    lines, folder = proved
    found = run(lines)
    assert found.verdict == "valid"
    assert any("9 proof(s) checked" in check for check in found.checks)
    found = run(lines, budget=7)
    assert found.verdict == "valid"
    assert any("by the proofs" in check for check in found.checks)
    (folder / "3.xz").rename(folder / "gone.xz")
    assert run(lines).verdict == "holey"


def test_forged_proofs(run, proved):
    lines, folder = proved
    cube = json.loads(lines[2])
    text = lzma.decompress((folder / "2.xz").read_bytes()).decode()
    for forged, reason in [
        (lzma.compress(re.sub(r" \d+ 0\n$", " 0\n", text).encode()), "does not refute"),
        (lzma.compress(b""), "does not refute"),
        (lzma.compress(b"\xff"), "no xz-compressed text"),
        (lzma.compress(text.encode())[:-5], "cut off"),
        (b"nothing of the kind", "no xz-compressed text"),
    ]:
        (folder / "forged.xz").write_bytes(forged)
        proof = {"file": "list.proof/forged.xz", "sha256": fg.sha256(forged).hexdigest()}
        found = run([*lines[:2], fg.canonical({**cube, "proof": proof}), *lines[3:]])
        assert (found.verdict, found.line) == ("invalid", 3)
        assert reason in found.reason
    (folder / "2.xz").write_bytes(lzma.compress(text.encode() + b"\n"))
    found = run(lines)
    assert (found.verdict, found.line) == ("invalid", 3)
    assert "digest of the proof" in found.reason
    missing = {**json.loads(lines[4]), "readouts": json.loads(lines[4])["readouts"][1:]}
    found = run([*lines[:4], fg.canonical(missing), *lines[5:]])
    assert found.verdict == "invalid"


@pytest.mark.parametrize("scale", [F(10**9 + 7, 2**60), F(3**60), F(1, 7**40)])
def test_large_numbers(run, scale):
    """A layer scaled by a positive number decides as before, in Python integers as in those of numpy."""
    document = fg.query(fg.xor_layers(), features=[2, 3])
    lines = fg.certificate(document)
    layers = document["network"]["layers"]
    for part in layers:
        part["weights"] = [[str(scale * F(v)) for v in row] for row in part["weights"]]
        part["bias"] = [str(scale * F(v)) for v in part["bias"]]
    found = run([fg.canonical(fg.header(document)), *lines[1:]])
    assert found.verdict == "valid", found


@pytest.mark.parametrize("high", [2**63 + 1, 2**64 + 1, -(2**70)])
def test_large_inputs(run, high):
    """Fed as -1 and 2^63 + 1: numpy takes the one for signed, the other for unsigned, and rounds both."""
    last = F(high) - F(1, 2) if high > 0 else F(high) + F(1, 2)
    sign = 1 if high > 0 else -1
    layers = [fg.layer("h", [[sign, 0], [0, sign]], [-sign * last] * 2), fg.layer("y", [[1, 1]], [F(-1, 2)])]
    lines = fg.certificate(fg.query(layers, ends=(-1, high)))
    assert sum(line.startswith('{"features"') for line in lines) > 0
    found = run(lines)
    assert found.verdict == "valid", found


# The parts


@pytest.mark.parametrize("p", [3, 5, 7, 1048573])
def test_join_misses_nothing(monkeypatch, p):
    """Against every subset of random rows, also modulo primes that divide many a determinant."""
    monkeypatch.setattr(joining, "P", p)
    joining._inverses.cache_clear()
    rng = np.random.default_rng(SEED + p)
    for _ in range(200 if MORE else 40):
        m, k = int(rng.integers(2, 5)), int(rng.integers(1, 5))
        rows = sorted({tuple(row) for row in rng.integers(-1, 2, size=(9, m)).tolist()})
        targets = rng.integers(-2, 3, size=(int(rng.integers(1, 3)), m)).tolist()
        fixed = sorted(rng.choice(len(rows), size=int(rng.integers(0, 2)), replace=False).tolist())
        found = [
            tuple(s) for block in joining.candidates(rows, targets, fixed, k, 2**20) for s in block.tolist()
        ]
        assert len(set(found)) == len(found)
        for chosen in fg.combinations(range(len(rows)), k):
            held = [rows[i] for i in chosen]
            spans = [joining.rank([*part, *targets]) == joining.rank(part) for part in _parts(held)]
            if joining.rank(held) == k and spans[0] and not any(spans[1:]) and set(fixed) <= set(chosen):
                assert chosen in found
    joining._inverses.cache_clear()


def _parts(rows):
    """Yield the rows, then the rows but one."""
    yield rows
    for j in range(len(rows)):
        yield [*rows[:j], *rows[j + 1 :]]


@pytest.mark.parametrize("block", range(4))
def test_sets_against_the_definitions(block):
    """The vectorised check says of every set of features what the conditions say one by one."""
    rng = random.Random(SEED + 100 + block)
    judged = 0
    while judged < (1000 if MORE else 60):
        document, _, _ = random_query(rng)
        space = {"given": [], "gates": fg.ANY, "output_gates": fg.ANY, "features": [1, 4], "must_not_use": []}
        document["space"] |= space
        try:
            state = state_of(read_query(document))
        except FlawError:
            continue
        rows = all_features(state, state.query.space.bounds, 2**20)
        table = Table.of(state, rows)
        for k in (1, 2, 3):
            if len(rows) < k:
                continue
            sets = np.array([sorted(rng.sample(range(len(rows)), k)) for _ in range(6)])
            for chosen, holds in zip(sets, judge(table, sets).holds, strict=True):
                assert holds == (judge_by_definition(state, [table.readout(f) for f in chosen])[0] is None)
                judged += 1


POINTS = list(product((0, 1), repeat=3))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fan_in", [None, 1, 2])
def test_libraries(kind, fan_in):
    """Against all gates of the kind, on the whole cube and on parts of it."""
    rng = random.Random(SEED + len(kind))
    for kept in (POINTS, *(sorted(rng.sample(POINTS, rng.randint(1, 7))) for _ in range(4))):
        membership = Membership(Library((kind,), fan_in), np.array(kept, dtype=bool))
        tables = list(product((0, 1), repeat=len(kept)))
        for values in tables if len(tables) < 40 else rng.sample(tables, 40):
            expected = fg.in_library({"kinds": [kind], "fan_in": fan_in}, kept, values)
            assert membership.contains(np.array(values, dtype=bool)) == expected, (kept, values)


def test_separable():
    """The 104 threshold functions of three bits, and a plane that the perceptron takes long to find."""
    functions = product((0, 1), repeat=8)
    assert sum(separable(*_split(POINTS, bits)) for bits in functions) == 104
    weights = [2**i for i in range(10)]
    points = list(product((0, 1), repeat=10))
    bits = [fg.dot(weights, p) > 500 for p in points]
    assert separable(*_split(points, bits))
    bits[0] = not bits[0]
    assert not separable(*_split(points, bits))


def _split(points, bits):
    return [p for p, b in zip(points, bits, strict=True) if b], [
        p for p, b in zip(points, bits, strict=True) if not b
    ]


def test_a_library_beyond_reach(monkeypatch):
    points = np.array(list(product((0, 1), repeat=20)), dtype=bool)
    with pytest.raises(BeyondError, match="too many choices"):
        Membership(Library(("maj",), 10), points)
    membership = Membership(Library(("maj",), None), points[: 2**11, -11:])
    functions = np.random.default_rng(SEED).integers(0, 2, size=(64, 2**11)) == 1
    monkeypatch.setattr(library, "MAX_WORK", 2**23)
    with pytest.raises(BeyondError, match="to negate"):
        assert not any(membership.contains(values) for values in functions)
