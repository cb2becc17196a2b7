"""The formats against the machine's own floats: conversion, sums, products, and what lies at their ends."""

from fractions import Fraction
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.engine.rounding.format import FLOAT32, FLOAT64, FORMATS

F = Fraction
MACHINE = {"float32": np.float32, "float64": np.float64}
BITS = {"float32": np.uint32, "float64": np.uint64}


def of_machine(value):
    """Return a machine float as a number of a format."""
    value = float(value)
    return F(value) if abs(value) < inf else value


def same(a, b):
    """Return whether two numbers of a format are the same, NaN being one."""
    return a == b or (isinstance(a, float) and isinstance(b, float) and isnan(a) and isnan(b))


@st.composite
def patterns(draw, name):
    """Any float of a format, infinities and NaN included, from its bits."""
    size = 32 if name == "float32" else 64
    return np.array([draw(st.integers(0, 2**size - 1))], dtype=BITS[name]).view(MACHINE[name])[0]


@pytest.mark.parametrize("name", FORMATS)
def test_operations_are_the_machines(name):
    """Sums and products of any two floats, and conversion to the narrower format, agree bit for bit."""
    form = FORMATS[name]

    @settings(max_examples=400, deadline=None, database=None)
    @given(patterns(name), patterns(name))
    def compare(a, b):
        with np.errstate(all="ignore"):
            assert same(form.add(of_machine(a), of_machine(b)), of_machine(a + b))
            assert same(form.multiply(of_machine(a), of_machine(b)), of_machine(a * b))
            assert same(FLOAT32.nearest(of_machine(a)), of_machine(np.float32(a)))

    compare()


@given(st.fractions(), st.integers(-1200, 1200))
@settings(max_examples=400, deadline=None, database=None)
def test_rationals_round_as_python_divides(value, shift):
    """Python's quotient of integers is correctly rounded."""
    value *= F(2) ** shift
    try:
        expected = of_machine(value.numerator / value.denominator)
    except OverflowError:
        expected = inf if value > 0 else -inf
    assert FLOAT64.nearest(value) == expected


@given(st.integers(-(2**60), 2**60), st.integers(-40, 40))
@settings(max_examples=400, deadline=None, database=None)
def test_short_numbers_stay(whole, shift):
    """What has at most p bits is a float, and what lies half way between two goes to the even one."""
    for form in (FLOAT32, FLOAT64):
        kept = whole % 2**form.p
        value = F(kept) * F(2) ** shift
        assert form.nearest(value) == value
        middle = (2 * (kept | 2 ** (form.p - 1)) + 1) * F(2) ** shift
        rounded = form.nearest(middle)
        assert abs(rounded - middle) == F(2) ** shift
        assert (rounded / F(2) ** (shift + 1)) % 2 == 0


def test_fused_products_round_once():
    """(1 + e)(1 - e) - 1 is -e² fused, and 0 where the product is rounded first."""
    for form in FORMATS.values():
        e = F(1, 2 ** (form.p - 1))
        assert form.fma(1 + e, 1 - e, F(-1)) == -e * e
        assert form.add(form.multiply(1 + e, 1 - e), F(-1)) == 0


@pytest.mark.parametrize("name", FORMATS)
def test_the_ends(name):
    """Underflow is gradual, down to 0; from half a step beyond the largest number on lies infinity."""
    form, least = FORMATS[name], F(float(np.finfo(MACHINE[name]).smallest_subnormal))
    assert form.tiny == F(float(np.finfo(MACHINE[name]).tiny))
    assert form.most == F(float(np.finfo(MACHINE[name]).max))
    assert form.nearest(least * F(3, 2)) == 2 * least
    assert (form.nearest(least / 2), form.nearest(least * F(51, 100))) == (0, least)
    half = F(2) ** (form.emax - form.p)
    assert form.nearest(form.most + half - F(1, 10**400)) == form.most
    assert form.nearest(form.most + half) == inf
    assert form.nearest(-form.most - half) == -inf
    assert same(form.fma(inf, F(0), F(1)), nan)
    assert form.fma(form.most, -form.most, inf) == inf
    assert same(form.add(inf, -inf), nan)
