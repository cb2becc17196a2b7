"""Libraries of gates, against trying every set of inputs and every gate on it."""

from functools import cache
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from profiles import MORE, SEED

import verifier.library
import verifier.separable
from verifier.errors import InputError
from verifier.library import ANY, KINDS, Library, UndecidedLibraryError
from verifier.separable import separable

LITERAL_GATES = {
    "and": (all, range(1, 9)),
    "or": (any, range(1, 9)),
    "nand": (lambda v: not all(v), range(1, 9)),
    "nor": (lambda v: not any(v), range(1, 9)),
    "xor": (lambda v: sum(v) % 2 == 1, range(1, 9)),
    "parity": (lambda v: sum(v) % 2 == 1, range(1, 9)),
    "xnor": (lambda v: sum(v) % 2 == 0, range(1, 9)),
    "iff": (lambda v: v[0] == v[1], (2,)),
    "implies": (lambda v: v[0] <= v[1], (2,)),
    "not": (lambda v: not v[0], (1,)),
    "maj": (lambda v: sum(v) > len(v) / 2, (3, 5, 7)),
    "ite": (lambda v: v[1] if v[0] else v[2], (3,)),
}


def cube(n):
    """Return {0,1}^n in counting order."""
    return list(product((0, 1), repeat=n))


def array(points, n):
    """Return points as an array, also when they have no coordinates."""
    return np.array(points, dtype=bool).reshape(len(points), n)


@cache
def gates(kind, size):
    """Return every total function of a kind on exactly these inputs, as a tuple of bits."""
    rows = cube(size)
    if kind == "any":
        return set(product((0, 1), repeat=len(rows)))
    if kind == "symmetric":
        return {tuple(v[sum(x)] for x in rows) for v in product((0, 1), repeat=size + 1)}
    if kind == "threshold":
        found = set()
        for w in product(range(-3, 4), repeat=size):
            for bound in range(-9, 11):
                found.add(tuple(int(sum(a * b for a, b in zip(w, x, strict=True)) >= bound) for x in rows))
        return found
    if kind in ("atleast", "exactly"):
        tells = [
            (lambda v, k=k: sum(v) >= k) if kind == "atleast" else (lambda v, k=k: sum(v) == k)
            for k in range(size + 2)
        ]
        sizes = range(1, 9)
    else:
        tell, sizes = LITERAL_GATES[kind]
        tells = [tell]
    if size not in sizes:
        return set()
    return {
        tuple(int(tell([x[i] ^ flips[i] for i in order])) for x in rows)
        for tell in tells
        for order in permutations(range(size))
        for flips in product((0, 1), repeat=size)
    }


def brute(kind, fan_in, points, bits):
    """Return whether some gate on some inputs agrees, by trying all."""
    n = len(points[0])
    for size in range(min(n, n if fan_in is None else fan_in) + 1):
        for A in combinations(range(n), size):
            places = [int("".join(str(x[i]) for i in A) or "0", 2) for x in points]
            if any(all(g[at] == b for at, b in zip(places, bits, strict=True)) for g in gates(kind, size)):
                return True
    return False


def member(kind, fan_in, points, bits):
    """Ask the library."""
    return Library((kind,), fan_in).contains(array(points, len(points[0])), np.array(bits, dtype=bool))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_whole_cube(kind, n):
    """Every function of at most three inputs."""
    for bits in product((0, 1), repeat=2**n):
        for fan_in in (None, 1, 2):
            assert member(kind, fan_in, cube(n), bits) == brute(kind, fan_in, cube(n), bits), (bits, fan_in)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_square(kind):
    """Every function on every part of {0,1}^2."""
    for size in (1, 2, 3):
        for points in combinations(cube(2), size):
            for bits in product((0, 1), repeat=size):
                for fan_in in (None, 1):
                    expected = brute(kind, fan_in, points, bits)
                    assert member(kind, fan_in, points, bits) == expected, (points, bits, fan_in)


@st.composite
def parts(draw, least=3, most=4):
    """Draw some distinct points, in any order, with bits."""
    n = draw(st.integers(least, most))
    points = draw(st.lists(st.sampled_from(cube(n)), min_size=1, max_size=12, unique=True))
    return points, draw(st.lists(st.integers(0, 1), min_size=len(points), max_size=len(points)))


@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_the_cube(kind):
    """Parts of {0,1}^3, and of {0,1}^4 with at most three inputs."""

    @seed(SEED + 90)
    @settings(max_examples=1000 if MORE else 100, deadline=None, database=None)
    @given(parts(), st.sampled_from([1, 2, 3]))
    def check(part, fan_in):
        points, bits = part
        if len(points[0]) == 3 and fan_in == 3:
            fan_in = None
        assert member(kind, fan_in, points, bits) == brute(kind, fan_in, points, bits)

    check()


@st.composite
def planted(draw, n=5):
    """Draw a gate on literals of some inputs, and the part of the cube it is seen on."""
    kind = draw(st.sampled_from(["and", "or", "parity", "atleast", "exactly", "maj", "ite", "symmetric"]))
    size = (
        3 if kind == "ite" else draw(st.sampled_from([1, 3, 5])) if kind == "maj" else draw(st.integers(1, n))
    )
    size = 3 if kind == "maj" and size == 1 else size
    A = draw(st.permutations(range(n)))[:size]
    flips = [0 if kind == "symmetric" else draw(st.integers(0, 1)) for _ in A]
    count = draw(st.integers(0, size + 1))
    values = draw(st.lists(st.integers(0, 1), min_size=size + 1, max_size=size + 1))
    tell = {
        "atleast": lambda v: sum(v) >= count,
        "exactly": lambda v: sum(v) == count,
        "symmetric": lambda v: values[sum(v)],
    }.get(kind) or LITERAL_GATES[kind][0]
    seen = draw(st.one_of(st.just(cube(n)), st.lists(st.sampled_from(cube(n)), min_size=1, unique=True)))
    bits = [int(tell([x[i] ^ f for i, f in zip(A, flips, strict=True)])) for x in seen]
    return kind, size, seen, bits


@seed(SEED + 91)
@settings(max_examples=4000 if MORE else 400, deadline=None, database=None)
@given(planted())
def test_planted_gates_are_found(case):
    """A gate that is there is found, with just as many inputs as it has, on all or a part of {0,1}^5."""
    kind, size, points, bits = case
    assert member(kind, size, points, bits)
    assert member(kind, None, points, bits)
    assert member("any", size, points, bits)
    if kind in ("and", "or", "atleast", "maj"):
        assert member("threshold", size, points, bits)


@pytest.mark.parametrize(("n", "count"), [(1, 4), (2, 14), (3, 104), (4, 1882)])
def test_number_of_threshold_functions(n, count):
    """The known counts, half of them: a function is separable iff its complement is."""
    rows = array(cube(n), n)
    found = 0
    for f in range(1 << (2**n - 1)):
        bits = np.array([f >> i & 1 for i in range(2**n)], dtype=bool)
        found += Library(("threshold",)).contains(rows, bits)
    assert 2 * found == count


@pytest.mark.parametrize("n", [1, 2, 3])
def test_number_of_symmetric_functions(n):
    """2^(n+1) of all inputs; with fewer inputs there are more."""
    functions = list(product((0, 1), repeat=2**n))
    whole = [b for b in functions if member("symmetric", None, cube(n), b)]
    own = {tuple(v[sum(x)] for x in cube(n)) for v in product((0, 1), repeat=n + 1)}
    assert own <= set(whole)
    assert len(own) == 2 ** (n + 1)


def test_functions_the_quick_tests_cannot_tell():
    """Monotone, 2-monotone where it can be, and settled by the linear program: weights of nine inputs."""
    rng = np.random.default_rng(5)
    rows = array(cube(9), 9)
    for _ in range(5):
        w = rng.integers(1, 60, size=9)
        sums = rows @ w
        assert Library(("threshold",)).contains(rows, sums > w.sum() // 2)
    pairs = (rows[:, 0] & rows[:, 1]) | (rows[:, 2] & rows[:, 3])
    assert not Library(("threshold",)).contains(rows, pairs)


def test_only_three_rows_together_are_inseparable():
    """Even and odd permutation matrices: threes have one sum, no twos do, so only the program can see it."""
    on = np.array([np.roll(np.eye(3, dtype=int), i, axis=0).ravel() for i in range(3)])
    off = np.array([np.roll(np.eye(3, dtype=int)[::-1], i, axis=0).ravel() for i in range(3)])
    assert not separable(on, off)
    assert separable(on[1:], off)
    assert separable(on, off[1:])


def test_linear_program_alone(monkeypatch):
    """Without the quick tests the answer is the same, on every function of three inputs and some of four."""
    monkeypatch.setattr(verifier.separable, "PERCEPTRON_STEPS", 0)
    monkeypatch.setattr(verifier.separable, "_summable", lambda on, off: False)
    random = np.random.default_rng(7)
    some = random.integers(0, 2, size=(400, 16))
    four = [tuple(bits) for bits in [*some.tolist(), *gates("threshold", 4)]]
    for n, tables in ((3, product((0, 1), repeat=8)), (4, four)):
        rows = np.array(cube(n))
        for bits in tables:
            on = np.array(bits, dtype=bool)
            assert separable(rows[on], rows[~on]) == (bits in gates("threshold", n)), bits


def test_exactly_of_many_inputs():
    """On the whole cube no sign is tried in vain: twelve inputs, half of them negated."""
    rows = array(cube(12), 12)
    literals = rows ^ (np.arange(12) % 2 == 0)
    for k in (0, 3, 6, 11):
        bits = literals.sum(axis=1) == k
        assert Library(("exactly",)).contains(rows, bits)
        spoilt = bits.copy()
        spoilt[[0, 5]] ^= True
        assert not Library(("exactly",)).contains(rows, spoilt)


def test_given_up(monkeypatch):
    """Past the budget nothing is claimed, unless another kind settles it."""
    rng = np.random.default_rng(1)
    points = np.unique(rng.integers(0, 2, size=(40, 12)).astype(bool), axis=0)
    bits = np.arange(len(points)) % 2 == 0
    monkeypatch.setattr(verifier.library, "BUDGET", 1 << 14)
    with pytest.raises(UndecidedLibraryError, match="exactly"):
        Library(("exactly",)).contains(points, bits)
    assert Library(("exactly", "threshold", "any"), 12).contains(points, bits)


def test_rows_wider_than_a_word():
    """A few rows of seventy inputs."""
    points = np.eye(70, dtype=bool)[:6]
    bits = np.array([1, 0, 0, 1, 0, 0], dtype=bool)
    assert Library(("or",), 2).contains(points, bits)
    assert not Library(("and",), 1).contains(points, bits)
    assert Library(("parity",)).contains(points, bits)
    assert Library(("iff",), 2).contains(points, bits)


@pytest.mark.parametrize(
    ("library", "text"),
    [
        (ANY, "any function"),
        (Library(("and", "or"), 2), "and, or of at most 2 inputs"),
        (Library(("any",), 1), "any function of at most 1 input"),
        (Library(("threshold",)), "threshold"),
    ],
)
def test_text(library, text):
    """What a report says."""
    assert str(library) == text
    assert library.unrestricted == (library == ANY)


@pytest.mark.parametrize(
    ("kinds", "fan_in", "words"),
    [(("nxor",), None, "known: any, symmetric,"), (("and",), 0, "fan-in"), ((), None, "at least one kind")],
)
def test_refused(kinds, fan_in, words):
    """E104, with what to write instead."""
    with pytest.raises(InputError, match=words) as caught:
        Library(kinds, fan_in)
    assert [p.code for p in caught.value.problems] == ["E104"]
