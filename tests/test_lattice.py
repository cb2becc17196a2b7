"""Integer equations and short vectors, against trying every point of a box."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from verifier.lattice import Lattice, closest
from verifier.linear import combination, rank

BOX = 3
BIG = 2**70


def times(rows, vector):
    """Return the inner products of the rows with a vector."""
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in rows)


def exact(rows):
    """Return rows of fractions."""
    return [tuple(map(Fraction, row)) for row in rows]


def members(basis, vector):
    """Return whether a vector is an integer combination of independent vectors."""
    told = combination(exact(basis), tuple(map(Fraction, vector))) if basis else None
    return (told is not None and all(c.denominator == 1 for c in told)) if basis else not any(vector)


@st.composite
def independent_rows(draw, most=3, size=4):
    """Return m, and independent rows of m small integers."""
    m = draw(st.integers(1, size))
    count = draw(st.integers(0, min(most, m)))
    entry = st.integers(-4, 4)
    rows = draw(st.lists(st.lists(entry, min_size=m, max_size=m), min_size=count, max_size=count))
    assume(rank(exact(rows)) == count if rows else True)
    return m, rows


@given(independent_rows())
def test_the_kernel_holds_every_integer_vector_the_rows_do_not_show(case):
    m, rows = case
    kernel = Lattice.of(rows, m).kernel
    assert len(kernel) == m - len(rows)
    assert all(not any(times(rows, v)) for v in kernel)
    for vector in product(range(-2, 3), repeat=m):
        assert members(kernel, vector) == (not any(times(rows, vector)))


@given(independent_rows(), st.data())
def test_solve_finds_a_solution_exactly_where_there_is_one(case, data):
    m, rows = case
    lattice = Lattice.of(rows, m)
    inside = st.lists(st.integers(-BOX, BOX), min_size=m, max_size=m).map(lambda R: times(rows, R))
    anywhere = st.tuples(*[st.integers(-12, 12)] * len(rows))
    targets = data.draw(st.lists(inside | anywhere, min_size=1, max_size=5))
    array = np.array(targets, dtype=np.int64).reshape(len(targets), len(rows))
    solvable, solutions = lattice.solve(array)
    assert len(solutions) == solvable.sum()
    solved = iter(solutions.tolist())
    reachable = {times(rows, R) for R in product(range(-BOX, BOX + 1), repeat=m)}
    for target, found in zip(targets, solvable, strict=True):
        if found:
            assert times(rows, next(solved)) == tuple(target)
        else:
            assert tuple(target) not in reachable


@given(independent_rows(most=2, size=3), st.data())
def test_shortest_is_the_least_of_a_box(case, data):
    m, rows = case
    lattice = Lattice.of(rows, m)
    row = data.draw(st.tuples(*[st.integers(-BOX, BOX)] * m))
    found = lattice.shortest(row)
    assert times(rows, found) == times(rows, row)  # the same function of the rows
    box = range(-2 * BOX, 2 * BOX + 1)  # a shorter one than `row` has no coefficient above BOX √m
    least = min(
        (sum(c * c for c in R), R) for R in product(box, repeat=m) if times(rows, R) == times(rows, row)
    )
    assert (sum(c * c for c in found), found) == least


@given(independent_rows(most=3, size=3), st.data())
def test_closest_takes_any_basis(case, data):
    m, basis = case
    target = data.draw(st.tuples(*[st.integers(-BOX, BOX)] * m))
    found = closest([tuple(v) for v in basis], target)
    assert members(basis, [a - b for a, b in zip(found, target, strict=True)])
    near = (
        tuple(
            t + sum(c * v[i] for c, v in zip(coefficients, basis, strict=True)) for i, t in enumerate(target)
        )
        for coefficients in product(range(-4, 5), repeat=len(basis))
    )
    assert (sum(c * c for c in found), found) <= min((sum(c * c for c in p), p) for p in near)


def test_ties_are_broken_by_order() -> None:
    assert closest([(1, 1)], (1, 0)) == (0, -1)
    assert closest([(2,)], (1,)) == (-1,)


def test_nothing_to_move_along_leaves_the_target() -> None:
    assert closest([], (3, -1)) == (3, -1)
    assert Lattice.of([[1, 0], [0, 1]], 2).shortest((5, 7)) == (5, 7)


def test_without_rows_everything_is_in_the_kernel() -> None:
    lattice = Lattice.of([], 3)
    assert len(lattice.kernel) == 3
    assert lattice.shortest((5, -7, 9)) == (0, 0, 0)
    solvable, solutions = lattice.solve(np.zeros((2, 0), dtype=np.int64))
    assert solvable.all()
    assert solutions.tolist() == [[0, 0, 0]] * 2


def test_the_kernel_is_saturated() -> None:
    (v,) = Lattice.of([[2, 4]], 2).kernel  # 2 R1 + 4 R2 = 0 is R1 + 2 R2 = 0
    assert v in ((2, -1), (-2, 1))


@pytest.mark.parametrize(("target", "found"), [(4, True), (3, False), (0, True), (-2, True)])
def test_a_factor_of_the_row_decides(target: int, found: bool) -> None:
    solvable, solutions = Lattice.of([[2, 4]], 2).solve(np.array([[target]]))
    assert solvable.tolist() == [found]
    assert [2 * a + 4 * b for a, b in solutions.tolist()] == [target] * found


def test_numbers_beyond_64_bits() -> None:
    lattice = Lattice.of([[BIG, BIG + 1]], 2)
    solvable, solutions = lattice.solve(np.array([[1], [BIG]], dtype=object))
    assert solvable.all()
    assert [BIG * a + (BIG + 1) * b for a, b in solutions.tolist()] == [1, BIG]
    assert lattice.shortest((BIG + 2, 1 - BIG)) == (1, 1)
