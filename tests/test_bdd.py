"""Diagrams: comparisons, counts, orders and limits, and claims about more inputs than any table holds."""

import sys
from fractions import Fraction
from itertools import product

import pytest
from families import FAMILIES, Instance
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from profiles import SEED

from verifier import (
    Explanation,
    Layer,
    Network,
    Proved,
    Refuted,
    Space,
    Unknown,
    check,
    enumerate_explanations,
)
from verifier.algebra import RATIONALS
from verifier.bdd.count import count
from verifier.bdd.decide import Asking, Query
from verifier.bdd.diagrams import Diagrams
from verifier.bdd.order import input_order
from verifier.bdd.patterns import count_rows, distinct_rows
from verifier.bdd.thresholds import FALSE, TRUE, Thresholds, subset_sums
from verifier.checks import Check
from verifier.domain import Domain
from verifier.engine.enumeration.listing import Found, Statement
from verifier.formula import parse
from verifier.verdict import Limits, UndecidedError

MANAGERS = ("cudd", "autoref")


def claimed(instance: Instance, circuit: dict[str, str]) -> Explanation:
    """Return an explanation of an instance's network."""
    return Explanation.of(instance.network, circuit, inputs=instance.inputs)


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(-3, 60))
def test_thresholds(coefficients: list[int], bound: int) -> None:
    """Following a diagram from its root gives what the comparison gives, at every input."""
    diagram = Thresholds(coefficients)
    diagram.root(bound // 2)
    root = diagram.root(bound)
    for bits in product([0, 1], repeat=len(coefficients)):
        number = root
        while number not in (FALSE, TRUE):
            node = diagram.nodes[number]
            number = node.high if bits[node.level] else node.low
        assert (number == TRUE) is (sum(c * b for c, b in zip(coefficients, bits, strict=True)) > bound)


def test_thresholds_merge_equivalent_bounds() -> None:
    """2^40 sums of powers of two need two nodes a level; 40 equal coefficients a node per count."""
    powers = Thresholds([2**i for i in reversed(range(40))])
    powers.root(2**39 + 5)
    assert len(powers.nodes) <= 2 + 2 * 40
    equal = Thresholds([1] * 40)
    for bound in range(40):
        equal.root(bound)
    assert len(equal.nodes) == 2 + 40 * 41 // 2


def test_subset_sums() -> None:
    assert subset_sums([1, 2, 4], 8) == list(range(8))
    assert subset_sums([1, 2, 4], 7) is None
    assert subset_sums([], 1) == [0]


@pytest.mark.parametrize("manager", MANAGERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_comparisons_of_functions(manager: str, data: st.DataObject) -> None:
    """Sums of functions, of selected numbers, and their comparisons, against rationals at every input."""
    weights = st.lists(st.integers(-4, 4).map(Fraction), min_size=3, max_size=3)
    rows = data.draw(st.lists(weights, min_size=2, max_size=4))
    outer = data.draw(st.lists(st.integers(-3, 3).map(Fraction), min_size=len(rows), max_size=len(rows)))
    bound = data.draw(st.integers(-4, 4).map(Fraction))
    alg = Diagrams(Limits(), manager)  # type: ignore[arg-type]
    for name in "abc":
        alg.declare(name)

    def program(algebra: object, bits: list[object]) -> list[object]:
        x = [algebra.choose(b, Fraction(1), Fraction(-1)) for b in bits]
        units = []
        for i, row in enumerate(rows):
            z = algebra.affine(row, x, Fraction(1, 2))
            fires = algebra.greater(z, Fraction(0))
            bit = algebra.choose(fires, Fraction(1), Fraction(0))
            units.append(bit if i % 2 else algebra.select(fires, z, algebra.number(Fraction(0))))
        y = algebra.affine(outer, units, Fraction(0))
        return [algebra.greater(y, bound), algebra.equal(y, bound), algebra.at_least(2, bits)]

    symbols = [alg.manager.var(name) for name in "abc"]
    answers = program(alg, symbols)
    for values in product([False, True], repeat=3):
        expected = program(RATIONALS, list(values))
        at = dict(zip("abc", values, strict=True))
        assert [alg.manager.let(at, answer) == alg.manager.true for answer in answers] == expected


@pytest.mark.parametrize("manager", MANAGERS)
def test_counts_are_exact(manager: str) -> None:
    """2^100 - 1 is no floating-point number; declared variables that do not matter count too."""
    alg = Diagrams(Limits(), manager)  # type: ignore[arg-type]
    for i in range(101):
        alg.declare(f"x{i}")
    some = alg.disjoin([alg.manager.var(f"x{i}") for i in range(1, 101)])
    assert count(alg.manager, some) == 2 * (2**100 - 1)
    assert count(alg.manager, ~some) == 2
    assert count(alg.manager, alg.manager.true) == 2**101
    assert count(alg.manager, alg.manager.false) == 0


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("size", [3, 5])
def test_families_by_all_methods(name: str, size: int) -> None:
    """On few inputs the table, diagrams and Z3 say the same of each family, and count what it says."""
    instance = FAMILIES[name](size)
    options = {"inputs": instance.inputs, "output": "y", "method": "all"}
    assert check(instance.network, claimed(instance, instance.circuit), **options).proved  # type: ignore[arg-type]
    wrong = check(instance.network, claimed(instance, instance.wrong), **options)["behavior"]  # type: ignore[arg-type]
    assert wrong.method == "table+bdd+smt"
    assert wrong.share is not None
    assert wrong.share.total - wrong.share.held == instance.failing


@pytest.mark.parametrize(
    ("name", "size"), [("equality", 128), ("comparator", 128), ("carry", 64), ("parity", 64), ("median", 101)]
)
def test_many_inputs(name: str, size: int) -> None:
    """Claims about up to 2^256 inputs are proved; a wrong gate is refuted, and its failures are counted."""
    instance = FAMILIES[name](size)
    right = check(instance.network, claimed(instance, instance.circuit), inputs=instance.inputs, output="y")
    assert right["behavior"].verdict == Proved("bdd", 1)
    assert right.domain_size == 2 ** len(instance.inputs)
    wrong = check(instance.network, claimed(instance, instance.wrong), inputs=instance.inputs, output="y")
    assert isinstance(wrong["behavior"].verdict, Refuted)
    share = wrong["behavior"].share
    assert share is not None
    assert (share.total - share.held, share.total) == (instance.failing, 2 ** len(instance.inputs))


def test_interventions_on_many_inputs() -> None:
    """All checks on 2^64 inputs: each comparison is written to 0 and 1 on every one of them."""
    instance = FAMILIES["equality"](32)
    circuit = {
        **FAMILIES["comparator"](32).circuit,
        "y": "ge & le",
    }
    circuit = {name: gate for name, gate in circuit.items() if name != "y"}
    flipped = {f"d{name[1:]}": _swapped(gate) for name, gate in circuit.items()}
    whole = {**circuit, **flipped, "ge": "c32 @ h1", "le": "d32 @ h2", "y": "ge & le"}
    claim = claimed(instance, whole)
    report = check(instance.network, claim, inputs=instance.inputs, output="y")
    assert report.proved
    assert str(report["interchange"].share) == f"{2**66}/{2**66}"
    wrong = claimed(instance, {**whole, "y": "ge | le"})
    interchange = check(instance.network, wrong, inputs=instance.inputs, output="y")["interchange"]
    assert isinstance(interchange.verdict, Refuted)
    assert interchange.share is not None
    assert interchange.share.fraction == Fraction(1, 2)  # writes 01 and 10 fail, whatever the input


def _swapped(gate: str) -> str:
    """Return a gate of the comparator with the two numbers exchanged, and its steps renamed."""
    return (
        gate.translate(str.maketrans("abc", "bad"))
        if "xnor" not in gate
        else gate.replace("xnor(", "XN").translate(str.maketrans("abc", "bad")).replace("XN", "xnor(")
    )


def hard(n: int) -> Network:
    """Return a unit with unrelated weights: nearly all partial sums differ, whatever the order."""
    weights = [pow(3, 7 * i + 5, 1_000_003) for i in range(n)]
    return Network([Layer.of("y", [weights], [Fraction(1, 2) - sum(weights) // 2], "step")])


@pytest.mark.parametrize("manager", MANAGERS)
def test_the_node_limit_ends_in_unknown(manager: str) -> None:
    network, domain = hard(40), Domain(tuple(f"x{i + 1}" for i in range(40)))
    asking = Asking(network, domain, manager)  # type: ignore[arg-type]
    asking.limits = Limits(nodes=2000)
    query = asking(1)
    with pytest.raises(UndecidedError, match="more than 2000 nodes"):
        query.activations(query.copy(), 1)
    asking.limits = Limits()
    assert asking(1).alg is not query.alg  # what ran out is not used again


def test_the_node_limit_of_a_check() -> None:
    report = check(hard(40), Explanation.of(hard(40), {"y": "x1"}), output="y", method="bdd", node_limit=2000)
    verdict = report["behavior"].verdict
    assert isinstance(verdict, Unknown)
    assert "more than 2000 nodes" in verdict.reason


def test_reordering_finds_an_order_the_weights_do_not_show() -> None:
    """An OR of 64 inputs against XNORs of far pairs: 2^32 nodes in the order of the weights."""
    network = Network([Layer.of("y", [[1] * 64], ["-1/2"], "step")])
    gate = " & ".join(f"xnor(x{i}, x{i + 32})" for i in range(1, 33))
    result = check(network, Explanation.of(network, {"y": gate}), output="y")["behavior"]
    assert result.method == "bdd"
    assert result.share is not None
    assert result.share.held == 2**32 - 1  # equal pairs, not all of them 0


def test_input_order() -> None:
    """Bits of one weight side by side, heaviest first; blocks that do not meet apart."""
    assert input_order(FAMILIES["comparator"](3).network) == [2, 5, 1, 4, 0, 3]
    blocks = Network(
        [Layer.of("h", [[0, 1, 0, 2], [2, 0, 1, 0]], [0, 0]), Layer.of("y", [[1, 3]], None, "identity")]
    )
    assert input_order(blocks) == [0, 2, 3, 1]
    idle = Network([Layer.of("y", [[0, 1]])])
    assert input_order(idle) == [1, 0]


@pytest.mark.parametrize("manager", MANAGERS)
def test_reachable_patterns(manager: str) -> None:
    """Counting units reach n + 1 of 2^n patterns, fewer where the domain is restricted."""
    network = FAMILIES["parity"](30).network
    names = tuple(f"x{i}" for i in range(1, 31))
    domain = Domain(names)

    def query(about: Domain) -> Query:
        return Asking(network, about, manager)(1)  # type: ignore[arg-type]

    rows = distinct_rows(query(domain), 1, 100)
    assert rows is not None
    assert sorted(rows) == sorted(tuple(Fraction(j < k) for j in range(30)) for k in range(31))
    assert distinct_rows(query(domain), 1, 30) is None
    assert count_rows(query(domain), 1) == 31
    few = Domain(names, parse("~atleast(4; x1..x30)"))
    assert count_rows(query(few), 1) == 4
    assert len(distinct_rows(query(few), 1, 100) or ()) == 4


def test_a_domain_is_counted() -> None:
    """`where` over 2^40 inputs is counted exactly, and an empty one is an error."""
    network = Network([Layer.of("y", [[1] * 40], ["-1/2"], "step")])
    explanation = Explanation.of(network, {"y": "atleast(1; x1..x40)"})
    report = check(network, explanation, where="x1 | x2", output="y")
    assert report.proved
    assert report.domain_size == 3 * 2**38


@pytest.mark.parametrize("method", ["table", "bdd"])
def test_every_feature_has_a_donor_of_its_own(method: str) -> None:
    """Three copies of one input, read by comparing: AND for OR is right where all three donors agree."""
    layers = [Layer.of("h", [[1]] * 3, None, "identity"), Layer.of("y", [[1, 1, 1]], ["-1/2"], "step")]
    network = Network(layers)
    copies = {name: f"x1 @ h{i} > 1/2" for i, name in enumerate("abc", start=1)}
    explanation = Explanation.of(network, {**copies, "y": "a & b & c"})
    result = check(network, explanation, output="y", checks=["interchange"], method=method)["interchange"]  # type: ignore[arg-type]
    assert isinstance(result.verdict, Refuted)
    assert str(result.share) == "4/16"


def test_diagrams_find_the_rows_of_an_enumeration() -> None:
    """2^64 inputs reach three rows of the two comparisons, as 2^6 do: the lists are the same."""
    lists = []
    for size in (3, 32):
        instance = FAMILIES["equality"](size)
        for coefficients in ((-2, 2), None):
            space = Space("h", (1, 2), coefficients)
            *found, statement = enumerate_explanations(
                instance.network, space, inputs=instance.inputs, output="y"
            )
            assert isinstance(statement, Statement)
            assert statement.complete
            assert statement.rests_on.endswith("+bdd") is (size == 32)
            lists.append([item.features for item in found if isinstance(item, Found)])
    assert lists[:2] == lists[2:]
    assert [len(some) for some in lists[:2]] == [6, 6]


def test_reached_rows_are_told() -> None:
    """2^20 rows are too many to list; diagrams count them all the same."""
    wires = [[int(i == j) for j in range(24)] for i in range(20)]
    network = Network(
        [Layer.of("h", wires, ["-1/2"] * 20, "step"), Layer.of("y", [[1] * 20], ["-1/2"], "step")]
    )
    explanation = Explanation.of(network, {"a": "x1 @ h1", "y": "atleast(1; x1..x20)"})
    report = check(network, explanation, output="y", checks=["readout"])
    (vacuity,) = report["readout"].vacuity
    assert (vacuity.rows, vacuity.readable, vacuity.vacuous) == (2**20, None, False)
    assert "at most 2^21 of 2^1048576 functions are readable at h" in repr(report)


@st.composite
def step_networks(draw: st.DrawFn) -> tuple[Network, Explanation]:
    """Return a network of step and sign units over 5 to 12 inputs, and a claim that may hold."""
    n, width, deep = draw(st.integers(5, 12)), draw(st.integers(2, 3)), draw(st.booleans())
    kinds = st.sampled_from(["step", "sign"])

    def layer(name: str, inputs: int, units: int) -> Layer:
        row = st.lists(st.integers(-3, 3), min_size=inputs, max_size=inputs)
        bias = st.integers(-4, 4).map(lambda b: b + Fraction(1, 2))  # no ties among whole numbers
        weights = draw(st.lists(row, min_size=units, max_size=units))
        return Layer.of(name, weights, draw(st.lists(bias, min_size=units, max_size=units)), draw(kinds))

    layers = [layer("h", n, width)]
    if deep:
        layers.append(layer("k", width, width))
    layers.append(layer("y", width, 1))
    network = Network(layers)
    votes = ", ".join(f"{draw(st.sampled_from(['', '~']))}x{i}" for i in range(1, n + 1))
    gates = [f"atleast({draw(st.integers(1, n))}; {votes})", "parity(x1..x3)", "x1 & ~x2 | x3", "x1"]
    gate, other = draw(st.sampled_from(gates)), draw(st.sampled_from(gates))
    circuit = {
        "a": f"{gate} @ h1 > 0",
        "b": f"{other} @ h2 > 0",
        "y": draw(st.sampled_from(["a", "a | b", "a ^ b"])),
    }
    return network, Explanation.of(network, circuit, mode=draw(st.sampled_from(["all", "donor", "single"])))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@seed(SEED)
@given(case=step_networks())
def test_twelve_inputs_by_all_methods(case: tuple[Network, Explanation]) -> None:
    """Table, diagrams and Z3 agree, in verdicts and counts (they would raise), and the first two decide."""
    network, explanation = case
    checks: list[Check] = ["behavior", "readout", "interchange", "necessity"]
    report = check(network, explanation, output="y > 1/2", checks=checks, method="all", timeout_s=20)
    for result in report.results:
        assert not isinstance(result.verdict, Unknown)
        assert {"table", "bdd"} <= set(result.method.split("+")) or result.method == "algebra"


def test_without_the_wheel_of_cudd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `dd.cudd` cannot be imported, the manager in pure Python decides the same."""
    monkeypatch.delattr("dd.cudd", raising=False)
    monkeypatch.setitem(sys.modules, "dd.cudd", None)
    instance = FAMILIES["comparator"](24)
    explanation = claimed(instance, instance.wrong)
    result = check(instance.network, explanation, inputs=instance.inputs, output="y")["behavior"]
    assert result.method == "bdd"
    assert result.share is not None
    assert result.share.total - result.share.held == instance.failing
    alg = Diagrams(Limits())
    assert type(alg.manager).__module__ == "dd.autoref"
