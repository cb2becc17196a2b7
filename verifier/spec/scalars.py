"""The text of one scalar → the value it means.

Every function raises `ValueError` with the reason, or `InputError`.
"""

import re
from fractions import Fraction

from verifier.formula import MAX_ARGUMENTS, expand
from verifier.notation import NAME, RESERVED, Comparison, exact

LABEL = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
COUNT = "a positive integer or a range such as 1..3"
COEFFICIENTS = "a range such as -2..2, or any"
SHA256 = "[0-9a-fA-F]{64}"
_NAME = re.compile(NAME)
_NAMES = re.compile(rf"({NAME})\.\.({NAME})")
_ONE_HOT = re.compile(r"one_hot\(\s*(\w+(?:\s*,\s*\w+)*)\s*\)", re.ASCII)
_CUT = re.compile(r"(.*\S)\s*(>=|<=|>|<|≥|≤)\s*([^<>=≥≤\s]+)")
_RANGE = re.compile(r"([-+]?[0-9]{1,9})(?:\s*\.\.\s*([-+]?[0-9]{1,9}))?")
_POSITIVE = re.compile(r"0*[1-9][0-9]{0,18}")

Range = tuple[int, int]


def name(text: str) -> str:
    """Return the name itself."""
    if text in RESERVED:
        raise ValueError(f"{text} is a word of the formula notation")
    if not _NAME.fullmatch(text):
        raise ValueError("a letter or _, then letters, digits or _")
    return text


def label(text: str) -> str:
    """Return the label of an explanation: what a command line can name."""
    if not re.fullmatch(LABEL, text):
        raise ValueError("letters, digits, _, . or -, the first no . or -")
    return text


def names(text: str) -> list[str]:
    """Return the names of a name or of a range.

    >>> names("y"), names("x1..x3")
    (['y'], ['x1', 'x2', 'x3'])
    """
    span = _NAMES.fullmatch(text)
    return expand(span[1], span[2]) if span else [name(text)]


def one_hot(text: str) -> tuple[str, ...]:
    """Return what is put after the name of a group, for each of its inputs, 2 or more.

    >>> one_hot("one_hot(3)"), one_hot("one_hot(red, green)")
    (('1', '2', '3'), ('_red', '_green'))
    """
    match = _ONE_HOT.fullmatch(text)
    values = re.split(r"\s*,\s*", match[1]) if match else []
    if len(values) == 1 and re.fullmatch("[0-9]{1,6}", values[0]):
        size = int(values[0])
        values = [str(i + 1) for i in range(size)] if size <= MAX_ARGUMENTS else []
    else:
        values = [f"_{value}" for value in values]
    if not 2 <= len(values) <= MAX_ARGUMENTS:
        raise ValueError(f"a size from 2 to {MAX_ARGUMENTS}, or the values")
    if len(set(values)) < len(values):
        raise ValueError("two values are equal")
    return tuple(values)


def cut(text: str) -> tuple[str, Comparison, Fraction]:
    """Return column, comparison and bound of a threshold.

    >>> cut("mean radius >= 13.5")
    ('mean radius', '>=', Fraction(27, 2))
    """
    match = _CUT.fullmatch(text.strip())
    if match is None:
        raise ValueError("the name of a column, one of > >= < <=, and a number")
    op: Comparison = {"≥": ">=", "≤": "<="}.get(match[2], match[2])  # type: ignore[assignment]
    return match[1], op, exact(match[3])


def sha256(text: str) -> str:
    """Return the digits of a digest in small letters."""
    if not re.fullmatch(SHA256, text):
        raise ValueError("as `sha256sum FILE` prints them")
    return text.lower()


def tolerance(text: str) -> Fraction:
    """Return a number in [0, 1/2)."""
    value = exact(text)
    if not 0 <= value < Fraction(1, 2):
        raise ValueError("bits closer to each other than twice the tolerance cannot be told apart")
    return value


def share(text: str) -> Fraction:
    """Return a number in (0, 1]."""
    value = exact(text)
    if not 0 < value <= 1:
        raise ValueError("a share of all cases")
    return value


def seconds(text: str) -> float:
    """Return a positive number of seconds.

    >>> seconds("0.5")
    0.5
    """
    try:
        value = float(exact(text))
    except OverflowError:
        raise ValueError("more than any clock counts") from None
    if value <= 0:
        raise ValueError
    return value


def positive(text: str) -> int:
    """Return a whole number of 1 or more."""
    if not _POSITIVE.fullmatch(text):
        raise ValueError
    return int(text)


def resources(text: str) -> int:
    """Return a positive number that Z3 takes as a limit of its resources."""
    value = positive(text)
    if value >= 2**32:
        raise ValueError
    return value


def count(text: str) -> Range:
    """Return the bounds of a positive number or of a range of them.

    >>> count("2"), count("1..3")
    ((2, 2), (1, 3))
    """
    low, high = _bounds(text, COUNT)
    if low < 1:
        raise ValueError("at least one feature")
    return low, high


def coefficients(text: str) -> Range | None:
    """Return the bounds of a range of integers, None for `any`.

    >>> coefficients("-2..2")
    (-2, 2)
    """
    if text == "any":
        return None
    if ".." not in text:
        raise ValueError(COEFFICIENTS)
    return _bounds(text, COEFFICIENTS)


def _bounds(text: str, expected: str) -> Range:
    match = _RANGE.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if match is None:
        raise ValueError(expected)
    low = int(match[1])
    high = int(match[2]) if match[2] else low
    if low > high:
        raise ValueError("the first bound is above the second")
    return low, high
