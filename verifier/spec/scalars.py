"""The text of one scalar → the value it means.

Every function raises `ValueError` with the reason, or `InputError`.
"""

import re
from fractions import Fraction

from verifier.formula import MAX_ARGUMENTS, expand
from verifier.notation import NAME, RESERVED, exact

LABEL = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
SHA256 = "[0-9a-fA-F]{64}"
_NAME = re.compile(NAME)
_NAMES = re.compile(rf"({NAME})\.\.({NAME})")
_ONE_HOT = re.compile(r"one_hot\(\s*([0-9]{1,6})\s*\)")
_RANGE = re.compile(r"([-+]?[0-9]{1,9})(?:\s*\.\.\s*([-+]?[0-9]{1,9}))?")

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


def one_hot(text: str) -> int:
    """Return the size of a group, 2 or more.

    >>> one_hot("one_hot(3)")
    3
    """
    match = _ONE_HOT.fullmatch(text)
    size = int(match[1]) if match else 0
    if not 2 <= size <= MAX_ARGUMENTS:
        raise ValueError(f"a size from 2 to {MAX_ARGUMENTS}")
    return size


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


def count(text: str) -> Range:
    """Return the bounds of a positive number or of a range of them.

    >>> count("2"), count("1..3")
    ((2, 2), (1, 3))
    """
    low, high = _bounds(text)
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
        raise ValueError("two bounds")
    return _bounds(text)


def _bounds(text: str) -> Range:
    match = _RANGE.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if match is None:
        raise ValueError("integers")
    low = int(match[1])
    high = int(match[2]) if match[2] else low
    if low > high:
        raise ValueError("the first bound is above the second")
    return low, high
