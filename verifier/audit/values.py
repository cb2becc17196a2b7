"""A value of a query document → the same value, of the type and form it must have."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from verifier.audit.flaw import FlawError, got
from verifier.notation import NAME

Row = tuple[Fraction, ...]

MAX_DIGITS = 4000
_NUMBER = re.compile(r"-?[0-9]+(/[0-9]+)?")


def fail(path: str, expected: str, value: Any) -> FlawError:
    """Return the flaw of a value of line 1 that is not what it should be."""
    return FlawError(1, f"{path}: expected {expected}, got {got(value)}")


def record(value: Any, path: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return an object that has exactly these keys."""
    if not isinstance(value, dict):
        raise fail(path, "an object", value)
    for key in keys:
        if key not in value:
            raise FlawError(1, f"{path}: expected the key {key}")
    for key in value:
        if key not in keys:
            raise FlawError(1, f"{path}: unknown key {got(key)}")
    return value


def array(value: Any, path: str, least: int = 0) -> list[Any]:
    """Return a list with at least so many items."""
    if not isinstance(value, list) or len(value) < least:
        raise fail(path, f"a list of {least} or more" if least else "a list", value)
    return value


def number(value: Any, path: str) -> Fraction:
    """Return an exact number, written as p or p/q in lowest terms."""
    if not isinstance(value, str) or len(value) > MAX_DIGITS or not _NUMBER.fullmatch(value):
        raise fail(path, "a number as text such as -1/2", value)
    try:
        exact = Fraction(value)
    except ZeroDivisionError:
        raise fail(path, "a number as text such as -1/2", value) from None
    if str(exact) != value:
        raise fail(path, f"the number {str(exact)[:40]} as text", value)
    return exact


def integer(value: Any, path: str) -> int:
    """Return an integer; a truth value is none."""
    if type(value) is not int:
        raise fail(path, "an integer", value)
    return value


def boolean(value: Any, path: str) -> bool:
    """Return a truth value."""
    if type(value) is not bool:
        raise fail(path, "true or false", value)
    return value


def name(value: Any, path: str) -> str:
    """Return a name as formulas may use it."""
    if not isinstance(value, str) or not re.fullmatch(NAME, value):
        raise fail(path, "a name", value)
    return value


def choice(value: Any, path: str, options: Sequence[Any]) -> Any:
    """Return one of the options, of the very type."""
    if not any(type(value) is type(option) and value == option for option in options):
        raise fail(path, f"one of {', '.join(map(str, options))}", value)
    return value


def different(names: Sequence[str], path: str) -> tuple[str, ...]:
    """Return names no two of which are equal."""
    if len(set(names)) < len(names):
        raise FlawError(1, f"{path}: two equal names")
    return tuple(names)


def numbers(value: Any, path: str, count: int) -> Row:
    """Return a row of so many numbers."""
    items = array(value, path)
    if len(items) != count:
        raise FlawError(1, f"{path}: expected {count} numbers, got {len(items)}")
    return tuple(number(item, f"{path}[{i}]") for i, item in enumerate(items))
