"""Exact linear algebra: each answer is checked by what it has to satisfy."""

from fractions import Fraction

from hypothesis import given, seed, settings
from hypothesis import strategies as st
from oracle import rank as rank_by_hand
from profiles import MORE, SEED

from verifier.linear import (
    combination,
    dependency,
    dot,
    independent,
    orthogonal_part,
    primitive,
    rank,
    right_inverse,
)

F = Fraction
NUMBERS = st.sampled_from([F(0), F(1), F(-1), F(2), F(1, 2), F(-2, 3), F(2**60 + 1), F(1, 2**60)])


@st.composite
def matrices(draw):
    """Return a few rows of one width."""
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.tuples(*[NUMBERS] * width), min_size=1, max_size=4))


RANDOM = settings(max_examples=1000 if MORE else 150, deadline=None, database=None)


@seed(SEED + 60)
@RANDOM
@given(matrices())
def test_rank_and_dependency(rows):
    """Dependent rows have a vanishing combination of coprime integers, independent ones have none."""
    size = rank(rows)
    assert size == rank_by_hand(rows) == len(independent(rows))
    c = dependency(rows)
    assert (c is None) is (size == len(rows))
    if c is not None:
        assert any(c)
        assert all(v.denominator == 1 for v in c)
        assert all(dot(c, column) == 0 for column in zip(*rows, strict=True))


@seed(SEED + 61)
@RANDOM
@given(matrices())
def test_right_inverse(rows):
    """C times the inverse is the identity, and its columns lie in the row space: least squares."""
    if rank(rows) < len(rows):
        return
    columns = list(zip(*right_inverse(rows), strict=True))
    for i, row in enumerate(rows):
        assert [dot(row, w) for w in columns] == [int(i == j) for j in range(len(rows))]
    assert all(rank_by_hand([*rows, w]) == len(rows) for w in columns)


@seed(SEED + 62)
@RANDOM
@given(matrices(), st.data())
def test_combination_and_orthogonal_part(rows, data):
    """Inside the span there are coefficients, outside there is a direction that shows it."""
    target = data.draw(st.tuples(*[NUMBERS] * len(rows[0])))
    if data.draw(st.booleans()):
        target = tuple(map(sum, zip(*rows, strict=True)))
    inside = rank_by_hand([*rows, target]) == rank_by_hand(rows)
    alpha = combination(rows, target)
    v = orthogonal_part(rows, target)
    assert (alpha is not None) is inside
    assert all(dot(row, v) == 0 for row in rows)
    assert (dot(target, v) != 0) is not inside
    if alpha is not None:
        assert [dot(alpha, column) for column in zip(*rows, strict=True)] == list(target)


def test_no_rows():
    """Nothing spans zero, and nothing else."""
    assert rank([]) == 0
    assert dependency([]) is None
    assert combination([], (F(0), F(0))) == ()
    assert combination([], (F(0), F(1))) is None
    assert orthogonal_part([], (F(0), F(2))) == (F(0), F(1))


def test_primitive():
    """Coprime integers of the same sign; zero stays."""
    assert primitive((F(-2, 3), F(4, 3))) == (F(-1), F(2))
    assert primitive((F(0), F(0))) == (F(0), F(0))
