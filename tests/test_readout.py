"""Readouts: where a feature is read, and which bit is read there."""

from fractions import Fraction

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from networks import FIXED, direction_text, site_text
from oracle import Site
from oracle import show as shown_by_hand
from profiles import MORE, SEED

from verifier.algebra import RATIONALS
from verifier.errors import InputError
from verifier.network import Layer, Network
from verifier.readout import Linear, Threshold, Units, parse, parse_direction, read, show_site

F = Fraction
NETWORK = Network([Layer.of("h", [[1, 1]] * 3), Layer.of("y", [[1, 1, 1]])])
NUMBERS = st.sampled_from([F(0), F(1), F(-1), F(1, 2), F(-7, 3), F(5), F(3, 2**60)])
ROWS = st.tuples(NUMBERS, NUMBERS, NUMBERS)
NAMES = ["h1", "h2", "h3"]


@seed(SEED + 40)
@settings(max_examples=1000 if MORE else 150, deadline=None, database=None)
@given(ROWS, NUMBERS, st.sampled_from([">", ">=", "<", "<="]), ROWS, st.sampled_from([F(0), F(1, 4)]))
def test_random_sites(row, number, op, h, tolerance):
    """Read from text, printed and read again; and the bit is the brute force's."""
    linear = Site(1, "linear", row, offset=number)
    threshold = Site(1, "threshold", row, op=op, bound=number)
    for plain in (linear, threshold):
        site = parse(site_text(plain, NAMES), NETWORK)
        assert parse(show_site(site, NETWORK), NETWORK) == site
        reading = read(RATIONALS, site, h, tolerance)
        bit = shown_by_hand(plain, h, tolerance)
        assert (reading.zero, reading.one) == (bit is False, bit is True)
    layer, direction = parse_direction(direction_text(row, NAMES), NETWORK)
    assert (layer, direction) == (1, row)


def test_three_places():
    """A form, a comparison, a set of units."""
    assert parse("h1 - 1/2*h3 + 1", NETWORK) == Linear(1, (F(1), F(0), F(-1, 2)), F(1))
    assert parse("h1 - h3 >= 1/2", NETWORK) == Threshold(1, (F(1), F(0), F(-1)), ">=", F(1, 2))
    assert parse("{h3, h1}", NETWORK) == Units(1, (0, 2))
    assert parse("y", NETWORK) == parse("y1", NETWORK) == Linear(2, (F(1),), F(0))


@pytest.mark.parametrize(
    "text", ["0*h1", "0*h1 - 1", "0*h1 + 1", "0*h1 > -1", "0*h2 <= 1/2", "-h1 - 1", "-h1 > 1"]
)
def test_sites_that_print_with_care(text):
    """Zero rows and leading minus signs, too, are read back as they were."""
    site = parse(text, NETWORK)
    assert parse(show_site(site, NETWORK), NETWORK) == site


@pytest.mark.parametrize(
    "same",
    [
        ["h1 - h3", "-h3 + h1", "h1 − h3", "2*h1 - h1 - h3", "h1*1 - 1*h3"],
        ["h1 > 1/2", "1/2 < h1", "h1 - 1/2 > 0", "2*h1 > h1 + 0.5"],
        ["h1 ≥ 1", "h1 >= 1", "1 <= h1"],
        ["{h1, h2}", "{ h2,h1 }"],
    ],
)
def test_spellings(same):
    """Spellings of one site are equal values."""
    assert len({parse(text, NETWORK) for text in same}) == 1


@pytest.mark.parametrize(("op", "bits"), [(">", "001"), (">=", "011"), ("<", "100"), ("<=", "110")])
def test_a_comparison_means_what_it_says_at_equality(op, bits):
    """Below, at and above the bound."""
    site = parse(f"h1 {op} 1", NETWORK)
    found = [read(RATIONALS, site, [F(v), F(0), F(0)], F(0)).one for v in (0, 1, 2)]
    assert "".join("01"[b] for b in found) == bits


def test_tolerance_includes_its_end():
    """|value - bit| = tolerance is read, anything more is neither bit."""
    site = parse("h1", NETWORK)
    inside = read(RATIONALS, site, [F(5, 4), F(0), F(0)], F(1, 4))
    outside = read(RATIONALS, site, [F(5, 4), F(0), F(0)], F(1, 5))
    assert (inside.zero, inside.one) == (False, True)
    assert (outside.zero, outside.one) == (False, False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E204"), ("h1 +", "E204"), ("h1 h2", "E204"), ("1", "E204"), ("1 > 0", "E204"),
        ("h1 = 1", "E204"), ("h1 * h2", "E204"), ("{}", "E204"), ("{h1 h2}", "E204"),
        ("1/0*h1", "E204"), ("h1 > 0 > 1", "E204"),
        ("h4", "E205"), ("h1 + q", "E205"), ("h1 + y", "E206"), ("{h1, y}", "E206"), ("{h1, h1}", "E105"),
    ],
)  # fmt: skip
def test_refused(text, code):
    """Malformed is an error with a code, never a guess."""
    with pytest.raises(InputError) as caught:
        parse(text, NETWORK)
    assert {p.code for p in caught.value.problems} == {code}


@pytest.mark.parametrize("text", ["h1 + 1", "h1 > 0", "{h1}"])
def test_a_direction_has_no_offset(text):
    """A write is a direction; an offset in it would be ignored."""
    with pytest.raises(InputError):
        parse_direction(text, NETWORK)


def test_the_sites_of_all_fixed_cases_survive_printing():
    """show and parse are inverse on every site the other tests use."""
    for case in FIXED.values():
        widths = [len(layer.W) for layer in case.layers]
        network = Network(
            Layer.of("hko"[i], [[0] * (widths[i - 1] if i else 2)] * w) for i, w in enumerate(widths)
        )
        for feature in case.features:
            if feature.site is not None:
                place = feature.site.layer
                names = list(network.layer(place).units)
                site = parse(site_text(feature.site, names), network)
                assert parse(show_site(site, network), network) == site


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("h1 > 5e-1", F(1, 2)),
        ("h1 >= 1e-9", F(1, 10**9)),
        ("h1 > 0x1.8p-1", F(3, 4)),
        ("h1 > 2E3/7", F(2000, 7)),
    ],
)
def test_numbers_have_exponents(text, number):
    """Exact, as everywhere in a spec."""
    assert parse(text, NETWORK).bound == F(number)


@pytest.mark.parametrize("text", ["2e1 > 1", "e1 - 2e1", "3 - 1e1*e2", "e2 > 0e1"])
def test_no_unit_is_taken_for_an_exponent(text):
    """A number that ends in the name of a unit is refused, and so it was without exponents."""
    network = Network([Layer.of("e", [[1, 1]] * 3), Layer.of("y", [[1, 1, 1]])])
    with pytest.raises(InputError, match="write \\* between a number and a unit"):
        parse(text, network)
    assert parse("2*e1 - 1e-1", network) == Linear(1, (F(2), F(0), F(0)), F(-1, 10))
