"""Sums of sigmoids: exact where they cancel, compared in balls that are always right."""

from fractions import Fraction

import flint
import mpmath
import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st
from profiles import EXAMPLES, PHASES, SEED

import verifier.balls.reals as reals
from verifier.balls.parts import Item, Part, explore, size
from verifier.balls.reals import Real, Reals, Slopes, TooCloseError, bounds, hull

F = Fraction
SMALL = st.fractions(-8, 8, max_denominator=12)
TINY = F(1, 2**300)


def precise(value):
    """Return a rational at the precision of mpmath."""
    return mpmath.mpf(value.numerator) / value.denominator


def oracle(tree):
    """Return the value of a nested (kind, row, trees, offset) or of a rational, by mpmath."""
    if isinstance(tree, F):
        return precise(tree)
    kind, row, trees, offset = tree
    z = sum((precise(w) * oracle(t) for w, t in zip(row, trees, strict=True)), precise(offset))
    return {"id": z, "sigmoid": 1 / (1 + mpmath.exp(-z)), "tanh": mpmath.tanh(z)}[kind]


def built(alg, tree):
    """Return the same value in the algebra."""
    if isinstance(tree, F):
        return alg.number(tree)
    kind, row, trees, offset = tree
    z = alg.affine(row, [built(alg, t) for t in trees], offset)
    return z if kind == "id" else alg.smooth(kind, z)


def grown(trees):
    """Return trees one layer higher."""
    return st.lists(st.tuples(SMALL, trees), min_size=1, max_size=3).flatmap(
        lambda terms: st.tuples(
            st.sampled_from(["id", "sigmoid", "tanh"]),
            st.just([w for w, _ in terms]),
            st.just([t for _, t in terms]),
            SMALL,
        )
    )


TREES = st.recursive(SMALL, grown, max_leaves=8)


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, phases=PHASES)
@given(TREES, st.fractions(-2, 2, max_denominator=9))
def test_comparisons_are_those_of_high_precision(tree, bound):
    alg = Reals()
    with mpmath.workdps(700):  # what saturates is not equal
        difference = oracle(tree) - precise(bound)
        assume(abs(difference) > mpmath.mpf(10) ** -50 or difference == 0)
        value = built(alg, tree)
        assert alg.greater(value, bound) == (difference > 0)
        assert alg.equal(value, bound) == (difference == 0)
        low, high = bounds(value)
        assert low <= high
        assert precise(low) - mpmath.mpf(10) ** -60 <= oracle(tree) <= precise(high) + mpmath.mpf(10) ** -60


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, phases=PHASES)
@given(TREES, st.fractions(0, 9, max_denominator=7), st.fractions(0, 9, max_denominator=7), st.data())
def test_an_interval_of_slopes_encloses_every_slope(tree, a, b, data):
    low, high = sorted((a, b))
    slope = data.draw(st.fractions(low, high, max_denominator=9).map(lambda s: min(max(s, low), high)))
    assume(slope > 0)
    top = data.draw(st.sampled_from([high, None]))

    def at(tree):
        if isinstance(tree, F):
            return precise(tree)
        kind, row, trees, offset = tree
        z = sum((precise(w) * at(t) for w, t in zip(row, trees, strict=True)), precise(offset))
        s = precise(slope) * z
        return {"id": z, "sigmoid": 1 / (1 + mpmath.exp(-s)), "tanh": mpmath.tanh(s)}[kind]

    with mpmath.workdps(60):
        ends = bounds(built(Reals(Slopes(low, top)), tree))
        assert (
            precise(ends[0]) - mpmath.mpf(10) ** -30 <= at(tree) <= precise(ends[1]) + mpmath.mpf(10) ** -30
        )


def test_what_cancels_is_exact():
    alg = Reals()
    a, b = (alg.smooth("sigmoid", alg.number(F(v))) for v in (1, -1))
    both = alg.affine([F(1), F(1)], [a, b], F(0))
    assert (both.terms, both.offset) == ({}, 1)  # σ(z) + σ(-z) = 1
    assert alg.equal(both, F(1))
    again = alg.affine([F(1), F(-1)], [a, alg.smooth("sigmoid", alg.number(F(1)))], F(0))
    assert alg.equal(again, F(0))
    doubled = alg.affine([F(1), F(-2)], [alg.smooth("tanh", alg.number(F(1, 2))), a], F(1))
    assert alg.equal(doubled, F(0))  # tanh(z) = 2σ(2z) - 1
    assert alg.equal(alg.smooth("sigmoid", alg.number(F(0))), F(1, 2))
    assert alg.equal(alg.smooth("tanh", alg.number(F(0))), F(0))


def test_a_comparison_with_one_half_is_one_of_arguments():
    """σ(z) > 1/2 is z > 0, whatever the precision and the slope: no ball is needed."""
    for alg in (Reals(), Reals(Slopes(F(0), None))):
        tiny = alg.smooth("sigmoid", alg.number(F(1, 10**5000)))
        assert alg.greater(tiny, F(1, 2))
        assert not alg.equal(tiny, F(1, 2))
        assert not alg.greater(alg.affine([F(-1)], [tiny], F(1)), F(1, 2))
        for bound, above in ((F(0), True), (F(-1), True), (F(1), False), (F(2), False)):
            assert alg.greater(tiny, bound) is above


def close(alg):
    """Return a positive number of 300 binary digits of zeros."""
    a, b = (alg.smooth("sigmoid", alg.number(z)) for z in (1 + TINY, F(1)))
    return alg.affine([F(1), F(-1)], [a, b], F(0))


def test_precision_is_raised_three_times(monkeypatch):
    value = close(Reals())
    assert reals.PRECISIONS[:4] == (64, 128, 256, 512)
    monkeypatch.setattr(reals, "PRECISIONS", (64, 128, 256))
    with pytest.raises(TooCloseError, match="256 bits"):
        Reals().greater(value, F(0))
    monkeypatch.setattr(reals, "PRECISIONS", (64, 128, 256, 512))
    assert Reals().greater(value, F(0))
    assert not Reals().equal(value, F(0))


def test_the_precision_of_others_is_left_alone():
    before = flint.ctx.prec
    Reals().greater(close(Reals()), F(0))
    with pytest.raises(TooCloseError):
        Reals(Slopes(F(1), F(2))).greater(close(Reals(Slopes(F(1), F(2)))), F(0))
    assert flint.ctx.prec == before


@pytest.mark.parametrize("z", [F(10) ** 6, -(F(10) ** 6), F(10) ** 40, -(F(10) ** 40)])
def test_large_arguments(z):
    alg = Reals()
    value = alg.smooth("sigmoid", alg.number(z))
    shifted = alg.affine([F(1), F(1)], [value, alg.smooth("sigmoid", alg.number(F(1)))], F(0))
    assert alg.greater(shifted, F(1)) == (z > 0)
    assert not alg.equal(value, F(z > 0))


def test_digits_are_cut_off():
    alg = Reals()
    for z, text in (
        (F(25, 2), "0.99999627…"), (F(-25, 2), "0.0000037266392…"), (F(-75, 2), "5.1755550e-17…"),
    ):  # fmt: skip
        assert str(alg.smooth("sigmoid", alg.number(z))) == text
    assert str(alg.number(F(1, 3))) == "1/3"


def test_a_hull_holds_all_and_one_value_is_itself():
    alg = Reals()
    a, b = (alg.smooth("sigmoid", alg.number(F(v))) for v in (1, 2))
    assert hull([a, a]) is a
    both = hull([a, b, alg.number(F(9, 10))])
    assert alg.greater(both, F(73, 100))
    assert not alg.greater(both, F(91, 100))
    for between in (F(4, 5), F(89, 100)):
        with pytest.raises(TooCloseError, match="hull"):
            alg.greater(both, between)
    assert not isinstance(both.wide, int) or both.wide
    assert isinstance(both, Real)
    assert not a.wide


@pytest.mark.parametrize("bound", [F(0), F(7), F(15, 2), F(100)])
def test_boxes_are_split_until_they_can_be_judged(bound):
    alg = Reals()
    numbers = [Part.of([Item((alg.number(F(v)),), False, 1 + v) for v in (3, 0, 2, 1)]) for _ in range(3)]

    def judge(box):
        (a,), (b,), (c,) = (part.hull for part in box)
        return alg.greater(alg.affine([F(1), F(2), F(3)], [a, b, c], F(0)), bound)

    counted = {True: 0, False: 0}
    for box, judged in explore(tuple(numbers), judge):
        counted[judged] += size(box)
    over = sum(
        (1 + a) * (1 + b) * (1 + c)
        for a in range(4) for b in range(4) for c in range(4) if a + 2 * b + 3 * c > bound
    )  # fmt: skip
    assert counted == {True: over, False: 1000 - over}
