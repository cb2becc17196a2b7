"""What is wrong with a certificate, or out of the auditor's reach → the exception that says so."""

from typing import Any


class FlawError(Exception):
    """Something in the file is malformed or false; `line` is 1-based, None where no line is at fault."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


class BeyondError(Exception):
    """Something the auditor cannot establish: more work than the budget allows, or no exact route."""


def amount(count: int) -> str:
    """Return a count for a message, a large one as a power of two.

    >>> amount(8), amount(10**30)
    ('8', 'about 2^99')
    """
    return str(count) if count < 10**12 else f"about 2^{count.bit_length() - 1}"


def got(value: Any) -> str:
    """Return a value for a message, cut short.

    >>> got([1, 2])
    '[1, 2]'
    """
    text = ascii(value) if isinstance(value, str | int | float | None) else _type(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _type(value: Any) -> str:
    if isinstance(value, bytes):
        return ascii(value)[1:]
    if isinstance(value, list) and len(value) <= 8 and all(type(v) in (int, str) for v in value):
        return ascii(value)
    return {"dict": "an object", "list": "a list"}.get(type(value).__name__, type(value).__name__)
