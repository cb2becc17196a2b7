"""Exact numbers → whether they are short: folding a small file can make numbers of millions of digits.

Binary digits are counted: a number of MAX_DIGITS of them can be read back in every notation of it, as
none has more digits, or a larger exponent.
"""

from collections.abc import Iterable
from fractions import Fraction

from verifier.errors import input_error
from verifier.network import ZERO
from verifier.notation import MAX_DIGITS


def short(value: Fraction) -> bool:
    """Return whether neither numerator nor denominator has more than MAX_DIGITS binary digits.

    >>> short(Fraction(1, 2**3999)), short(Fraction(1, 2**4000))
    (True, False)
    """
    return max(value.numerator.bit_length(), value.denominator.bit_length()) <= MAX_DIGITS


def total(terms: Iterable[Fraction]) -> Fraction | None:
    """Return the sum of numbers, None where it gets too long on the way."""
    found = ZERO
    for term in terms:
        found += term
        if not short(found):
            return None
    return found


def check_short(values: Iterable[Fraction | None]) -> list[Fraction]:
    """Return the numbers.

    Raises:
        InputError: E104, where one is too long, or None.
    """
    checked: list[Fraction] = []
    for value in values:
        if value is None or not short(value):
            hint = "scales that are multiplied along the chain get too small or too large"
            raise input_error("E104", f"up to here a number has more than {MAX_DIGITS} binary digits", hint)
        checked.append(value)
    return checked
