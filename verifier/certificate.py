"""Explanations → lines of a certificate: format, canonical JSON and digests, for writer and auditor.

A certificate is a file of JSON lines: a header with the whole query, cubes of readouts (optional),
explanations, and a footer that says what is claimed. `specs/certificate.md` describes every key.
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Any

FORMAT = "verifier-certificate"
VERSION = 1


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, ASCII.

    >>> canonical({"b": [1, None], "a": "x"})
    '{"a":"x","b":[1,null]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(text: str | bytes) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def show_feature(row: Sequence[Fraction], offset: Fraction) -> str:
    """Return a readout as certificates write it.

    >>> show_feature((Fraction(1), Fraction(-1, 2)), Fraction(0))
    '1 -1/2;0'
    """
    return f"{' '.join(map(str, row))};{offset}"


def parse_feature(text: str) -> tuple[tuple[Fraction, ...], Fraction]:
    """Return the row and the offset of a readout.

    Raises:
        ValueError: a text that `show_feature` does not write.
    """
    row_text, _, offset_text = text.partition(";")
    try:
        row, offset = tuple(map(Fraction, row_text.split(" "))), Fraction(offset_text)
    except ZeroDivisionError:
        raise ValueError(f"expected numbers, got {text!r}") from None
    if show_feature(row, offset) != text:
        raise ValueError(f"expected a readout such as '1 0 -1;0', got {text!r}")
    return row, offset
