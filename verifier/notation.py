"""Text → exact numbers, suggestions, parsed notations: what formulas and readouts share."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from difflib import get_close_matches
from fractions import Fraction
from math import gcd
from operator import index
from typing import Any, Literal

from lark import Lark, Transformer, UnexpectedInput, UnexpectedToken

from verifier.errors import InputError, Position, Problem, input_error

Comparison = Literal[">", ">=", "<", "<="]
RESERVED = ("and", "or", "xor", "not", "true", "false")
NAME = rf"(?!(?:{'|'.join(RESERVED)})\b)[A-Za-z_][A-Za-z0-9_]*"
MAX_DIGITS = 4000
MAX_TEXT = 100_000
MOST_KNOWN = 12  # names that a hint lists
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE]([+-]?[0-9]{1,9}))?")
_LONG = re.compile(  # a quotient of ten characters, or thirteen digits that are no bits of an input
    r"(?<![A-Za-z0-9_.])((?=[0-9/]{10})[0-9]+/[0-9]+|(?![01]+(?![0-9]))[0-9]{13,})(?![A-Za-z0-9_.])"
)
_INTEGER = re.compile(r"[0-9]+")
_HEX = re.compile(
    r"(?P<sign>[+-]?)0[xX](?P<whole>[0-9a-fA-F]*)(\.(?P<part>[0-9a-fA-F]*))?([pP](?P<exponent>[+-]?[0-9]{1,9}))?"
)


@contextmanager
def any_digits() -> Iterator[None]:
    """Let exact numbers be printed however long they are, which Python limits."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


def exact(text: str) -> Fraction:
    """Return the rational a text means: an integer, a decimal, a quotient or a hexadecimal float.

    A decimal is the decimal: `0.1` is 1/10, not the nearest float.

    Raises:
        ValueError: the text is no finite number, divides by zero, or has an absurd number of digits.

    >>> exact("-1/2"), exact("0.1"), exact("0x1.8p-1")
    (Fraction(-1, 2), Fraction(1, 10), Fraction(3, 4))
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if _HEX.match(text):
        return _hexadecimal(text)
    numerator, slash, denominator = text.partition("/")
    value = decimal(numerator)
    if not slash:
        return value
    if not _INTEGER.fullmatch(denominator.strip()):
        raise ValueError(f"{denominator!r} is not a positive integer")
    divisor = decimal(denominator)
    if divisor == 0:
        raise ValueError("division by zero")
    return value / divisor


def rational(value: object) -> Fraction:
    """Return the exact rational a weight means: text as written, a float as the dyadic rational it is.

    Raises:
        InputError: E104, for anything else, NaN and infinities included.

    >>> rational("0.1"), rational(0.5)
    (Fraction(1, 10), Fraction(1, 2))
    """
    try:
        if isinstance(value, Fraction):
            return value
        if isinstance(value, str):
            return exact(value)
        if hasattr(value, "__index__"):
            return Fraction(index(value))
        return Fraction(*value.as_integer_ratio())  # type: ignore[attr-defined]
    except (ValueError, OverflowError, AttributeError, TypeError):
        raise input_error("E104", f"expected a finite exact number, got {value!r}") from None


def decimal(text: str) -> Fraction:
    """Return the rational a decimal means: a sign, digits, a point, an exponent, and nothing else.

    Raises:
        ValueError: the text is no such number, or has an absurd number of digits.

    >>> decimal("-2.5e-1")
    Fraction(-1, 4)
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number")
    if len(text) > MAX_DIGITS or abs(int(match[4] or 0)) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return Fraction(text)


def _hexadecimal(text: str) -> Fraction:
    match = _HEX.fullmatch(text)
    if match is None or not (match["whole"] or match["part"]):
        raise ValueError(f"{text!r} is not a number")
    part, exponent = match["part"] or "", int(match["exponent"] or 0)
    if len(text) > MAX_DIGITS or abs(exponent) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    value = int(match["whole"] + part, 16) * Fraction(2) ** (exponent - 4 * len(part))
    return -value if match["sign"] == "-" else value


def show(value: Fraction) -> str:
    """Return the exact text of a number, shortest form; `exact` reads it back.

    >>> show(Fraction(-1, 2)), show(Fraction(3))
    ('-1/2', '3')
    """
    return str(value)


def context(digits: int, rounding: str = ROUND_HALF_EVEN) -> Context:
    """Return decimals of so many digits, whose exponents have no bound."""
    return Context(prec=digits, rounding=rounding, Emin=MIN_EMIN, Emax=MAX_EMAX, capitals=0)


def below(value: Fraction) -> str:
    """Return a number of two digits that is no larger, the nearest.

    >>> below(Fraction(1, 3)), above(Fraction(1, 3)), below(Fraction(0)), above(Fraction(1, 2**30))
    ('0.33', '0.34', '0', '9.4e-10')
    """
    return _two_digits(value, ROUND_FLOOR)


def above(value: Fraction) -> str:
    """Return a number of two digits that is no smaller, the nearest."""
    return _two_digits(value, ROUND_CEILING)


def _two_digits(value: Fraction, rounding: str) -> str:
    quotient = context(2, rounding).divide(Decimal(value.numerator), Decimal(value.denominator))
    return context(2).to_sci_string(quotient.normalize(context(2)))


def show_decimal(value: Fraction) -> str:
    """Return the exact text of a number: as a decimal if it is one, else as `show` does.

    >>> show_decimal(Fraction(-11, 5)), show_decimal(Fraction(1, 3)), show_decimal(Fraction(25))
    ('-2.2', '1/3', '25')
    """
    places, rest = 0, value.denominator
    while (divisor := gcd(rest, 10)) > 1:
        places, rest = places + 1, rest // divisor
    if rest > 1:
        return show(value)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    point = len(digits) - places
    return ("-" if value < 0 else "") + digits[:point] + ("." + digits[point:] if places else "")


def show_row(row: Sequence[Fraction], names: Sequence[str], offset: Fraction = Fraction(0)) -> str:
    """Return the text of row · h + offset, a positive offset first if the form would start with a minus.

    >>> show_row([Fraction(0), Fraction(-1, 2)], ["h1", "h2"], Fraction(1))
    '1 - 1/2*h2'
    """
    pairs = zip(row, names, strict=True)
    terms = [(c, name if abs(c) == 1 else f"{show(abs(c))}*{name}") for c, name in pairs if c]
    if offset or not terms:
        constant = (offset, show(abs(offset)))
        first = offset > 0 and bool(terms) and terms[0][0] < 0
        terms = [constant, *terms] if first else [*terms, constant]
    head = ("-" if terms[0][0] < 0 else "") + terms[0][1]
    return head + "".join(f" {'-' if c < 0 else '+'} {text}" for c, text in terms[1:])


def rounded(text: str) -> str:
    """Return a text with five digits of every long number in it, marked ≈ if there are any.

    >>> rounded("1/3*h1 - 12466803/2097152*h2")
    '≈ 1/3*h1 - 5.9446*h2'
    """
    short = _LONG.sub(lambda found: _five_digits(Fraction(found[0])), text)
    return text if short == text else f"≈ {short}"


def rounded_within(sentence: str) -> str:
    """Return a sentence with five digits of every long number in it, each marked ≈.

    >>> rounded_within("moving along 3*h1 + 12345678901234*h2 changes it")
    'moving along 3*h1 + ≈1.2346e+13*h2 changes it'
    """
    return _LONG.sub(lambda found: f"≈{_five_digits(Fraction(found[0]))}", sentence)


def _five_digits(value: Fraction) -> str:
    quotient = context(5).divide(Decimal(value.numerator), Decimal(value.denominator))
    return context(5).to_sci_string(quotient.normalize(context(5)))


def unfit_name(what: str, name: str) -> Problem | None:
    """Return the complaint about a name no formula could refer to."""
    if re.fullmatch(NAME, name):
        return None
    return Problem(
        "E104", f"expected a name of {what}, got {name!r}", "a letter or _, then letters, digits or _"
    )


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known names, or all of a short list.

    >>> suggest("alicia", ["alice", "bob"])
    'did you mean alice?'
    """
    names = list(known)
    return nearest(name, names) or (f"known: {', '.join(names)}" if 0 < len(names) <= MOST_KNOWN else "")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known name; none if none is near, with the same numbers in it.

    >>> nearest("alicia", ["alice", "bob"]), nearest("x3", ["x1", "x2"])
    ('did you mean alice?', '')
    """
    alike = [each for each in known if _INTEGER.findall(each) == _INTEGER.findall(name)]
    lowered = {each.lower(): each for each in reversed(alike)}
    close = get_close_matches(name.lower(), lowered, n=1, cutoff=0.7)
    return f"did you mean {lowered[close[0]]}?" if close else ""


class Notation:
    """A grammar with its builder: text → value, every failure an `InputError` with a column."""

    def __init__(
        self,
        code: str,
        what: str,
        grammar: str,
        builder: Transformer[Any, Any],
        words: dict[str, str],
        hints: dict[str, str],
    ):
        """`words` names tokens for people; `hints` says what to write instead, by what is found."""
        self.code, self.what, self.words = code, what, words
        self.hints = hints | {"#": "write a space before the # of a comment"}
        self._build: Callable[[], Lark] = lambda: Lark(
            grammar, parser="lalr", lexer="basic", transformer=builder
        )
        self._parser: Lark | None = None

    def parse(self, text: str) -> Any:
        """Return what the text means.

        Raises:
            InputError: with `Position(1, column)` counted in the text itself.
        """
        if len(text) > MAX_TEXT:
            raise input_error(self.code, f"expected a {self.what}, got a text of {len(text)} characters")
        if self._parser is None:
            self._parser = self._build()
        try:
            return self._parser.parse(text)
        except UnexpectedInput as error:
            raise InputError([self._explain(text, error)]) from None

    def _explain(self, text: str, error: UnexpectedInput) -> Problem:
        column = error.column if error.column > 0 else len(text) + 1  # lark says -1 for the end
        got = repr(text[column - 1 :][:20].rstrip()) if column <= len(text) else "the end"
        accepted: set[str] = set()
        if isinstance(error, UnexpectedToken):
            accepted = set(error.accepts or error.expected)
            if error.token.type == "$END":
                column, got = len(text) + 1, "the end"
        expected = sorted({self.words[name] for name in accepted if name in self.words})
        wanted = " or ".join(expected) if expected else f"a {self.what}"
        rest = text[column - 1 :]
        hint = next((hint for pattern, hint in self.hints.items() if re.match(pattern, rest)), "")
        return Problem(self.code, f"expected {wanted}, got {got}", hint, position=Position(1, column))


def fail(code: str, message: str, token: Any, hint: str = "") -> InputError:
    """Return the error at one token of a text."""
    column = getattr(token, "column", None)
    return InputError([Problem(code, message, hint, position=Position(1, column) if column else None)])
