"""Formulas: one text, one meaning."""

from fractions import Fraction

import numpy as np
import pytest
import z3
from hypothesis import given, seed, settings
from networks import formula_text, formulas
from oracle import value
from profiles import MORE, SEED

from verifier.arrays import ARRAYS
from verifier.errors import InputError
from verifier.formula import evaluate, names, parse, show, truth_table, unknown_names
from verifier.smt.terms import Terms

INPUTS = ["a", "b", "c"]
ROWS = [(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)]
F = Fraction


def table(text, inputs=INPUTS):
    """Return the truth table of a text."""
    return truth_table(parse(text), inputs)


@seed(SEED + 30)
@settings(max_examples=2000 if MORE else 200, deadline=None, database=None)
@given(formulas(INPUTS))
def test_random_formulas(plain):
    """Read, printed and read again, in three algebras: always the brute force's truth table."""
    formula = parse(formula_text(plain))
    expected = "".join("01"[value(plain, dict(zip(INPUTS, row, strict=True)))] for row in ROWS)
    assert truth_table(formula, INPUTS) == expected
    assert parse(show(formula)) == formula
    columns = dict(zip(INPUTS, map(np.array, zip(*ROWS, strict=True)), strict=True))
    bits = np.broadcast_to(evaluate(formula, ARRAYS, columns), len(ROWS))
    assert "".join("01"[int(b)] for b in bits) == expected
    symbols = {x: z3.Bool(x) for x in INPUTS}
    term = evaluate(formula, Terms("bv"), symbols)
    for row, bit in zip(ROWS, expected, strict=True):
        fixed = [(symbols[x], z3.BoolVal(v)) for x, v in zip(INPUTS, row, strict=True)]
        assert z3.is_true(z3.simplify(z3.substitute(term, *fixed))) is (bit == "1")


@pytest.mark.parametrize(
    ("loose", "tight"),
    [
        ("~a & b", "(~a) & b"),
        ("a ^ b & c", "a ^ (b & c)"),
        ("a | b ^ c", "a | (b ^ c)"),
        ("a -> b | c", "a -> (b | c)"),
        ("a <-> b -> c", "a <-> (b -> c)"),
        ("a -> b -> c", "a -> (b -> c)"),
        ("a <-> b <-> c", "(a <-> b) <-> c"),
        ("not a and b or c", "((~a) & b) | c"),
        ("~~a", "a"),
    ],
)
def test_precedence(loose, tight):
    """`~` binds tightest, then & ^ | -> <->; arrows group to the right."""
    assert table(loose) == table(tight)


def test_grouping_matters():
    """The other grouping is another function, so the test above can fail."""
    assert table("(a -> b) -> c") != table("a -> b -> c")
    assert table("(a ^ b) & c") != table("a ^ b & c")


@pytest.mark.parametrize(
    "same",
    [
        ["a & b", "a && b", "a and b", "a ∧ b", "and(a, b)"],
        ["a | b", "a || b", "a or b", "a ∨ b", "or(a,b)"],
        ["a ^ b", "a xor b", "a ⊕ b", "parity(a, b)", "table(0110; a, b)"],
        ["~a", "!a", "not a", "¬a", "nand(a)", "nor(a)"],
        ["a -> b", "a → b", "implies(a, b)", "~a | b"],
        ["a <-> b", "a ↔ b", "iff(a, b)", "xnor(a, b)"],
        ["maj(a, b, c)", "atleast(2; a, b, c)", "(a & b) | (b & c) | (a & c)"],
        ["exactly(1; a, b)", "a ^ b"],
        ["ite(a, b, c)", "(a & b) | (~a & c)"],
        ["1", "true", "atleast(0; a)", "and(1)"],
        ["0", "false", "atleast(4; a, b, c)"],
    ],
)
def test_spellings(same):
    """All spellings of a gate are one function."""
    assert len({table(text) for text in same}) == 1


def test_table_takes_the_first_argument_as_most_significant():
    """table(0010; a, b) is a & ~b, not ~a & b."""
    assert table("table(0010; a, b)") == table("a & ~b")
    assert table("table(0010; a, b)") != table("~a & b")


def test_ranges():
    """`x1..x12` lists twelve names."""
    formula = parse("parity(x1..x12)")
    assert [n.name for n in names(formula)] == [f"x{i}" for i in range(1, 13)]


@pytest.mark.parametrize("count", ["2", "02", "0000000002", "00000000000000000002"])
def test_counts_with_leading_zeros(count):
    """A count is the number it says, however it is padded."""
    assert table(f"atleast({count}; a, b, c)") == table("maj(a, b, c)")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E201"), ("a &", "E201"), ("a b", "E201"), ("(a", "E201"), ("a)", "E201"), ("a & & b", "E201"),
        ("2", "E201"), ("a = b", "E201"), ("~", "E201"), ("()", "E201"), ("a; b", "E201"),
        ("maj(a, b)", "E203"), ("ite(a, b)", "E203"), ("implies(a)", "E203"), ("foo(a)", "E203"),
        ("atleast(a, b)", "E203"), ("nand(2; a, b)", "E203"), ("table(011; a, b)", "E203"),
        ("table(0120; a, b)", "E203"), ("parity(x3..x1)", "E203"), ("parity(x1..y4)", "E203"),
        ("~" * 300 + "a", "E201"), ("(" * 300 + "a" + ")" * 300, "E201"),
    ],
)  # fmt: skip
def test_refused(text, code):
    """Malformed is an error with a code, never a guess."""
    with pytest.raises(InputError) as caught:
        parse(text)
    assert {p.code for p in caught.value.problems} == {code}


def test_unknown_names():
    """All unknown names are reported, known ones are not."""
    error = unknown_names(parse("a & q | zz"), INPUTS)
    assert error is not None
    assert [p.position.column for p in error.problems] == [5, 9]
    assert unknown_names(parse("a & b"), INPUTS) is None
