"""From verdicts to exit codes: unknown is never a pass, and the worst of several counts."""

from fractions import Fraction
from itertools import product

import pytest
from networks import FIXED, to_claim

from verifier.engine.outcome import Checked, Exit, ExplanationReport, SpecReport, word, worst
from verifier.engine.verify import Result
from verifier.errors import InputError, InternalError, Problem, listed
from verifier.verdict import AtLeast, Idle, Proved, Refuted, Share, Unknown

PROVED, REFUTED, UNKNOWN = (
    Proved("table", 1),
    Refuted(Idle("a", "table")),
    Unknown("the time limit was reached"),
)


MOST = AtLeast(Fraction(3, 4), "0.75")


def checked(verdict, expected, share=None):
    """Return a checked result."""
    return Checked(Result("behavior", verdict, "table", share), expected)


@pytest.mark.parametrize(
    ("verdict", "expected", "ok", "code"),
    [
        (PROVED, "proved", True, Exit.OK),
        (PROVED, "refuted", False, Exit.UNEXPECTED),
        (REFUTED, "proved", False, Exit.UNEXPECTED),
        (REFUTED, "refuted", True, Exit.OK),
        (UNKNOWN, "proved", False, Exit.UNDECIDED),
        (UNKNOWN, "refuted", False, Exit.UNDECIDED),
    ],
)
def test_expectations(verdict, expected, ok, code):
    """Only the expected verdict is ok; unknown never is."""
    assert checked(verdict, expected).ok is ok
    assert checked(verdict, expected).exit is code


@pytest.mark.parametrize(
    ("verdict", "share", "ok", "code"),
    [
        (PROVED, Share(4, 4), True, Exit.OK),
        (PROVED, None, True, Exit.OK),
        (REFUTED, Share(3, 4), True, Exit.OK),
        (REFUTED, Share(3 * 2**80 - 1, 2**82), False, Exit.UNEXPECTED),
        (REFUTED, None, False, Exit.UNDECIDED),
        (UNKNOWN, None, False, Exit.UNDECIDED),
    ],
)
def test_a_share_is_expected(verdict, share, ok, code):
    """Compared exactly; what nobody counted is undecided."""
    assert checked(verdict, MOST, share).ok is ok
    assert checked(verdict, MOST, share).exit is code


def test_words():
    """Three verdicts, three words."""
    assert [word(v) for v in (PROVED, REFUTED, UNKNOWN)] == ["proved", "refuted", "unknown"]


ORDER = [Exit.INTERNAL, Exit.BAD_INPUT, Exit.UNEXPECTED, Exit.UNDECIDED, Exit.OK, Exit.NOTHING]


def test_the_worst_counts():
    """A defect, then malformed input, then a refutation, then an open question; nothing is not a pass."""
    for codes in product(ORDER, repeat=3):
        assert worst(codes) is min(codes, key=ORDER.index)
    assert worst([]) is Exit.NOTHING


def test_reports():
    """A spec returns the worst of its checks, its problems and its defect."""
    claim = to_claim(FIXED["alice"])
    fine = ExplanationReport(claim, (checked(PROVED, "proved"),))
    open_ = ExplanationReport(claim, (checked(PROVED, "proved"), checked(UNKNOWN, "proved")))
    assert SpecReport("", explanations=(fine,)).exit is Exit.OK
    assert SpecReport("", explanations=(fine, open_)).exit is Exit.UNDECIDED
    assert SpecReport("", explanations=(fine,), problems=(Problem("E102", "x"),)).exit is Exit.BAD_INPUT
    assert SpecReport("", explanations=(fine,), defect="x").exit is Exit.INTERNAL
    assert SpecReport("").exit is Exit.NOTHING


def test_proved_is_earned():
    """No proof without an obligation."""
    with pytest.raises(InternalError):
        Proved("table", 0)


def test_a_hint_that_problems_share_is_told_once_and_rows_of_data_are_counted() -> None:
    keys = [Problem("E102", f"unknown key k{i}", "known: a") for i in range(8)]
    assert listed(keys).splitlines() == [
        *(f"E102 unknown key k{i}" for i in range(8)),
        "    hint for these 8: known: a",
    ]
    assert listed(keys[:1]).splitlines() == ["E102 unknown key k0", "    hint: known: a"]
    rows = [Problem("E402", f"row {i}", "cut it") for i in range(8)] + [Problem("E402", "no hint")] * 7
    assert listed(rows).splitlines() == [
        *(f"E402 row {i}" for i in range(5)),
        "    and 3 more like this",
        "    hint for these 8: cut it",
        *["E402 no hint"] * 7,
    ]
    assert str(InputError(rows)) == listed(rows)
