"""Shortest formulas, against a closure over all expressions; longer ones, by what they must not contain."""

import re
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from profiles import MORE, SEED

from verifier.arrays import ARRAYS
from verifier.formula import Const, Gate, Name, evaluate, parse, show, truth_table
from verifier.shortest import proved_shortest, shortest, size

NAMES = "abcdefghijklmn"
LETTERS = [f"x{i}" for i in range(1, 15)]


def cube(n):
    """Return {0,1}^n in counting order."""
    return np.array(list(product((0, 1), repeat=n)), dtype=bool).reshape(2**n, n)


def values(formula, points, inputs):
    """Return the bits of a formula on the points."""
    columns = {name: points[:, i] for i, name in enumerate(inputs)}
    return np.broadcast_to(evaluate(formula, ARRAYS, columns), len(points))


def find(points, bits, inputs=NAMES):
    """Return the formula found, after the checks that hold for all of them."""
    points, bits = np.asarray(points, dtype=bool), np.asarray(bits, dtype=bool)
    inputs = list(inputs[: points.shape[1]])
    formula = shortest(points, bits, inputs)
    assert (values(formula, points, inputs) == bits).all(), show(formula)
    assert parse(show(formula)) == formula
    for shorter in without_one(formula):
        assert (values(shorter, points, inputs) != bits).any(), (show(formula), show(shorter))
    return formula


def without_one(formula):
    """Yield the formula without one of the parts of one of its chains."""
    if not isinstance(formula, Gate):
        return
    for i, arg in enumerate(formula.args):
        rest = formula.args[:i] + formula.args[i + 1 :]
        if formula.op in ("and", "or", "xor"):
            yield rest[0] if len(rest) == 1 else replace(formula, args=rest)
        for shorter in without_one(arg):
            yield replace(formula, args=(*formula.args[:i], shorter, *formula.args[i + 1 :]))


def measure(formula):
    """Return literals, operators and pairs of parentheses, counted in the text."""
    text = show(formula)
    return len(re.findall(r"[a-z]", text)), len(re.findall(r"[~&|^]", text)), text.count("(")


def places(n):
    """Return the inputs and the constants as integers with a bit per row."""
    rows = cube(n)
    return [int("".join("01"[int(b)] for b in column), 2) for column in rows.T], (1 << 2**n) - 1


@cache
def least(n):
    """Return every function's least (literals, operators), by relaxing until nothing changes."""
    inputs, everywhere = places(n)
    cost = {0: (0, 0), everywhere: (0, 0)} | dict.fromkeys(inputs, (1, 0))
    changed = True
    while changed:
        changed = False
        found = dict(cost)
        known = sorted(cost.items(), key=lambda item: item[1])
        for f, (literals, operators) in known:
            offers = [(everywhere ^ f, (literals, operators + 1))]
            for g, (more, others) in known:
                total = (literals + more, operators + others + 1)
                offers += [(f & g, total), (f | g, total), (f ^ g, total)]
            for h, total in offers:
                if total < found.get(h, (99, 99)):
                    found[h], changed = total, True
        cost = found
    return cost


@cache
def least_with_parentheses(n):
    """Return every function's least measure, constants being no operands."""
    inputs, everywhere = places(n)
    tight = {"name": 4, "not": 4, "and": 3, "xor": 2, "or": 1}
    operations = {"and": int.__and__, "xor": int.__xor__, "or": int.__or__}
    cost = dict.fromkeys(((0, "name"), (everywhere, "name")), (0, 0, 0))
    cost |= {(f, "name"): (1, 0, 0) for f in inputs}
    changed = True
    while changed:
        changed = False
        known = [item for item in cost.items() if item[0][0] not in (0, everywhere)]
        for (f, root), (a, b, c) in known:
            offers = [((everywhere ^ f, "not"), (a, b + 1, c + (tight[root] < 4)))]
            for (g, other), (p, q, r) in known:
                for op, operation in operations.items():
                    around = (tight[root] < tight[op]) + (tight[other] < tight[op])
                    offers.append(((operation(f, g), op), (a + p, b + q + 1, c + r + around)))
            for at, total in offers:
                if total < cost.get(at, (99, 99, 99)):
                    cost[at], changed = total, True
    return {f: min(total for (g, _), total in cost.items() if g == f) for f, _ in cost}


@cache
def least_literals():
    """Return how many literals every function of four inputs needs, level by level; complements are free."""
    inputs, everywhere = places(4)
    literals = np.full(1 << 16, 99)
    literals[[0, everywhere]] = 0
    levels = [np.array([], dtype=np.int64), np.array(inputs)]
    literals[inputs] = literals[everywhere ^ levels[1]] = 1
    levels[1] = np.flatnonzero(literals == 1)
    while (literals == 99).any():
        here = len(levels)
        for i in range(1, here // 2 + 1):
            for operation in (np.bitwise_and, np.bitwise_xor):
                reached = np.zeros(1 << 16, dtype=bool)
                for g in levels[i]:
                    reached[operation(g, levels[here - i])] = True
                new = np.flatnonzero((reached | reached[::-1]) & (literals == 99))
                literals[new] = here
        levels.append(np.flatnonzero(literals == here))
    return literals


def bits_of(f, n):
    """Return the bits of a function given as an integer, in counting order."""
    return [f >> i & 1 for i in reversed(range(2**n))]


def counts(formula):
    """Return whether a formula is told by the number of ones: only then is it shorter than all others."""
    return re.search("maj|atleast|exactly", show(formula)) is not None


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_all_functions_of_at_most_three_inputs(n):
    """No expression is shorter."""
    for f, expected in least(n).items():
        formula = find(cube(n), bits_of(f, n))
        if counts(formula):
            assert size(formula)[0] < expected[0], show(formula)
            continue
        assert measure(formula)[:2] == expected, show(formula)
        assert size(formula) == measure(formula)


@pytest.mark.parametrize("n", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_parentheses(n):
    """Among the shortest formulas, one with the fewest parentheses."""
    for f, expected in least_with_parentheses(n).items():
        formula = find(cube(n), bits_of(f, n))
        assert counts(formula) or measure(formula) == expected


def test_functions_of_four_inputs():
    """As many literals as a level-by-level closure needs; at most eight."""
    literals = least_literals()
    assert np.bincount(literals).tolist() == [2, 8, 60, 456, 2474, 10624, 24184, 24640, 3088]
    rng = np.random.default_rng(3)
    chosen = rng.choice(1 << 16, size=20000 if MORE else 400, replace=False)
    for f in map(int, [*chosen, *np.flatnonzero(literals == 8)[:50]]):
        formula = find(cube(4), bits_of(f, 4))
        assert size(formula)[0] < literals[f] if counts(formula) else size(formula)[0] == literals[f]


def test_counts_of_ones_are_told_as_such():
    """Where they have fewer literals than any formula over ~ & | ^."""
    for text in ("maj(a,b,c)", "exactly(1; a,b,c)", "atleast(2; a,b,c,d)", "~exactly(2; a,b,c,d)"):
        n = text.count(",") + 1
        names = "abcd"[:n]
        bits = [bit == "1" for bit in truth_table(parse(text), names)]
        assert show(find(cube(n), bits, names)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parity(a,b,c,d)", (4, 3, 0)),
        ("a & b & c | d", (4, 3, 0)),
        ("maj(a,b,c)", (5, 4, 1)),
        ("ite(a,b,c)", (4, 4, 0)),
        ("a & b | ~a & ~b", (2, 2, 0)),
        ("nand(a,b,c,d)", (4, 4, 1)),
        ("a | ~a", (0, 0, 0)),
    ],
)
def test_known_sizes(text, expected):
    """Some by hand; `ite` is c ^ a & (b ^ c) or a & b | ~a & c."""
    bits = values(parse(text), cube(4), NAMES[:4])
    literals, operators, pairs = size(find(cube(4), bits))
    assert (literals, operators) <= expected[:2]
    assert (literals, operators, pairs) <= expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x2 & x1", "x1 & x2"),
        ("~x1 & ~x2", "~(x1 | x2)"),
        ("iff(x1, x2)", "~x1 ^ x2"),
        ("parity(x1..x6)", "parity(x1,x2,x3,x4,x5,x6)"),
        ("~parity(x1..x6)", "~parity(x1,x2,x3,x4,x5,x6)"),
        ("maj(x1..x5)", "maj(x1,x2,x3,x4,x5)"),
        ("atleast(2; x1..x6)", "atleast(2; x1,x2,x3,x4,x5,x6)"),
        ("~atleast(3; x1..x6)", "~atleast(3; x1,x2,x3,x4,x5,x6)"),
        ("exactly(2; x1..x6)", "exactly(2; x1,x2,x3,x4,x5,x6)"),
        ("~exactly(2; x1..x6)", "~exactly(2; x1,x2,x3,x4,x5,x6)"),
        (
            "~atleast(5; x1..x6) & atleast(2; x1..x6)",
            "atleast(2; x1,x2,x3,x4,x5,x6) & ~atleast(5; x1,x2,x3,x4,x5,x6)",
        ),
        ("and(x1..x6)", "x1 & x2 & x3 & x4 & x5 & x6"),
        ("nand(x1..x6)", "~(x1 & x2 & x3 & x4 & x5 & x6)"),
        ("(x1 | x2 | x3) & (x4 | x5 | x6)", "(x1 | x2 | x3) & (x4 | x5 | x6)"),
        ("x1 & x2 & x3 | ~x4 & x5 & x6", "x1 & x2 & x3 | ~x4 & x5 & x6"),
        ("x1 & x6 ^ x3", "x1 & x6 ^ x3"),
        ("0", "0"),
    ],
)  # fmt: skip
def test_texts(text, shown):
    """What people read."""
    bits = values(parse(text), cube(6), LETTERS[:6])
    assert show(find(cube(6), bits, LETTERS)) == shown


@st.composite
def parts(draw, least_n, most_n, most_points):
    """Draw some distinct points, in any order, with bits."""
    n = draw(st.integers(least_n, most_n))
    rows = draw(st.lists(st.integers(0, 2**n - 1), min_size=1, max_size=most_points, unique=True))
    bits = draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    return cube(n)[rows], bits


@seed(SEED + 95)
@settings(max_examples=2000 if MORE else 200, deadline=None, database=None)
@given(parts(0, 3, 8))
def test_dont_cares_are_used_exactly(part):
    """As short as the shortest formula of any function that agrees on the points."""
    points, bits = part
    n = points.shape[1]
    at = [int("".join("01"[int(b)] for b in x) or "0", 2) for x in points]
    fitting = [
        total
        for f, total in least(n).items()
        if all(bits_of(f, n)[r] == bit for r, bit in zip(at, bits, strict=True))
    ]
    assert size(find(points, bits))[:2] == min(fitting)


@seed(SEED + 96)
@settings(max_examples=1000 if MORE else 100, deadline=None, database=None)
@given(parts(4, 8, 60))
def test_parts_of_larger_cubes(part):
    """Right on the points, and without a literal, product or sum that could be left out."""
    find(*part)


@seed(SEED + 97)
@settings(max_examples=200 if MORE else 25, deadline=None, database=None)
@given(st.integers(5, 7), st.randoms(use_true_random=False))
def test_whole_larger_cubes(n, random):
    """The same where there is nothing to choose."""
    find(cube(n), [random.random() < 0.3 for _ in range(2**n)])


@seed(SEED + 98)
@settings(max_examples=200 if MORE else 25, deadline=None, database=None)
@given(parts(10, 14, 80))
def test_wide_domains(part):
    """Too many inputs for all primes: one per point."""
    find(*part)


def test_large_wide_domain():
    """A function of six of twelve inputs on all 4,096 rows: the other inputs are never named."""
    rows = cube(12)
    bits = rows[:, 1] & rows[:, 3] & rows[:, 5] | rows[:, 7] & rows[:, 8] & ~rows[:, 11]
    assert show(find(rows, bits)) == "b & d & f | h & i & ~l"


def test_four_of_many_inputs_are_exact():
    """A function that needs four inputs of seven gets the shortest formula there is."""
    rows = cube(7)
    bits = rows[:, 6] ^ (rows[:, 1] & (rows[:, 2] ^ rows[:, 4]))
    assert size(find(rows, bits)) == (4, 3, 1)


@pytest.mark.parametrize("n", [1, 3, 6])
@pytest.mark.parametrize("bit", [False, True])
def test_constants(n, bit):
    """No name at all; also when a single point is known."""
    assert find(cube(n), [bit] * 2**n) == Const(bit)
    assert find(cube(n)[:1], [bit]) == Const(bit)


def test_names_and_dtype():
    """Lists of integers are bits, and names are taken as they are."""
    assert shortest(np.array([[0, 1], [1, 1]]), np.array([0, 1]), ["alice", "b_2"]) == Name("alice")


def test_what_is_proved_to_be_the_shortest():
    """Up to four inputs, or four that matter on the whole cube, or a single name; else it is not claimed."""
    cases = [
        (cube(4), cube(4).sum(axis=1) % 2 == 1, True),
        (cube(6), cube(6)[:, 1] & cube(6)[:, 4], True),
        (cube(6), cube(6).sum(axis=1) > 2, False),
        (cube(6)[:9], cube(6)[:9, 5], True),
        (cube(6)[:9], cube(6)[:9, 5] & cube(6)[:9, 4], False),
        (cube(6)[:9], ~cube(6)[:9, 5], False),  # ~f, where another name might do
        (cube(6)[:9], np.ones(9, dtype=bool), True),
    ]
    for points, bits, proved in cases:
        inputs = LETTERS[: points.shape[1]]
        assert proved_shortest(points, inputs, shortest(points, bits, inputs)) is proved


def test_of_one_hot_groups_every_name_is_looked_at():
    """That two colors of four agree is said by the four names, not by three of them and their negations."""
    colors = np.eye(4, dtype=bool)
    points = np.array([np.concatenate([a, b, c]) for a, b, c in product(colors, colors, colors)])
    formula = find(points, (points[:, :4] & points[:, 8:]).any(axis=1), LETTERS)
    assert show(formula) == "x1 & x9 | x2 & x10 | x3 & x11 | x4 & x12"


def test_idle_inputs_hide_no_counted_form():
    """maj of three is shorter than any formula in ~ & | ^, whether or not there is a fourth input."""
    for n in (3, 4, 5):
        points = np.array(list(product([False, True], repeat=n)))
        bits = points[:, :3].sum(axis=1) >= 2
        assert show(shortest(points, bits, [f"x{i + 1}" for i in range(n)])) == "maj(x1,x2,x3)"
        assert show(shortest(points, ~bits, [f"x{i + 1}" for i in range(n)])) in (
            "~maj(x1,x2,x3)",
            "maj(~x1,~x2,~x3)",
        )
