"""How many functions are readable at a layer, against trying every function."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from oracle import readable_functions
from profiles import MORE, SEED

from verifier.engine.vacuity import Vacuity, at_most, count_affine, count_separable

F = Fraction
CUBE = [tuple(map(F, x)) for x in product((0, 1), repeat=3)]
SMALL = st.sampled_from([F(0), F(1), F(-1), F(1, 2), F(2)])


@seed(SEED + 80)
@settings(max_examples=400 if MORE else 60, deadline=None, database=None)
@given(
    st.integers(1, 3).flatmap(
        lambda w: st.lists(st.tuples(*[SMALL] * w), min_size=1, max_size=6, unique=True)
    )
)
def test_affine_readouts(rows):
    """A failure means that the vacuity note of a report is wrong."""
    assert count_affine(rows) == readable_functions(rows)


def separable_on_the_cube():
    """Return all threshold functions of three bits: half-integer bounds and weights up to 3 give them all."""
    found = set()
    for w in product(range(-3, 4), repeat=3):
        for bound in range(-9, 10):
            found.add(tuple(2 * sum(a * b for a, b in zip(w, x, strict=True)) > 2 * bound + 1 for x in CUBE))
    return found


SEPARABLE = separable_on_the_cube()


def test_threshold_functions_of_the_cube():
    """14 of two bits, 104 of three: the known counts."""
    assert len(SEPARABLE) == 104
    assert count_separable(CUBE) == 104
    assert count_separable([(a, b) for a, b, c in CUBE if not c]) == 14


@seed(SEED + 81)
@settings(max_examples=200 if MORE else 40, deadline=None, database=None)
@given(st.sets(st.integers(0, 7), min_size=1))
def test_comparisons_on_parts_of_the_cube(chosen):
    """What is separable on some rows is what a threshold function of the cube says there."""
    kept = sorted(chosen)
    expected = {tuple(f[i] for i in kept) for f in SEPARABLE}
    assert count_separable([CUBE[i] for i in kept]) == len(expected)


@pytest.mark.parametrize("k", [40, 62, 70])
def test_wide_numbers(k):
    """Three points on a line: the middle one is not free, whatever the scale."""
    on_a_line = [(F(0),), (F(2**k),), (F(2 ** (k + 1)),)]
    assert count_affine(on_a_line) == 2
    off_by_one = [(F(0), F(0)), (F(2**k), F(1)), (F(2 ** (k + 1)), F(1))]
    assert count_affine(off_by_one) == 8


@pytest.mark.parametrize("count", [4, 5, 6, 8])
def test_bounds_hold(count):
    """Points of the moment curve are in general position: there the bound on comparisons is the count."""
    curve = [(F(i), F(i * i)) for i in range(count)]
    assert count_separable(curve) == at_most(count, 2, "threshold")
    assert count_affine(curve) <= at_most(count, 2, "affine")
    line = [(F(i), F(2 * i)) for i in range(count)]
    assert count_separable(line) < at_most(count, 2, "threshold")
    kept = CUBE[:count]
    assert count <= 4 or count_separable(kept) <= at_most(count, 3, "threshold")
    assert at_most(count, count - 1, "threshold") is None


def test_vacuous():
    """All functions, or not."""
    assert Vacuity("h", "affine", 16, 4).vacuous
    assert not Vacuity("h", "affine", 8, 4).vacuous
