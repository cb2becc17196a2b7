"""Explanations → lines of a certificate: format, canonical JSON and digests, for writer and auditor.

A certificate is a file of JSON lines: a header with the whole query, cubes of readouts (optional),
explanations, and a footer that says what is claimed. `specs/certificate.md` describes every key.
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any

FORMAT = "verifier-certificate"
VERSIONS = (1, 2)


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, ASCII.

    >>> canonical({"b": [1, None], "a": "x"})
    '{"a":"x","b":[1,null]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(text: str | bytes) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def version_of(query: Any) -> int:
    """Return the version of the format that a query is written in: 2 if it says what its readouts are."""
    return VERSIONS["readouts" in query["space"]]


def show_feature(row: Sequence[Fraction], number: Fraction, cut: bool = False) -> str:
    """Return a readout as certificates write it: a row and its offset, or what the row is compared with.

    >>> show_feature((Fraction(1), Fraction(-1, 2)), Fraction(0))
    '1 -1/2;0'
    >>> show_feature((Fraction(1), Fraction(-1)), Fraction(1, 2), cut=True)
    '1 -1>1/2'
    """
    return f"{' '.join(map(str, row))}{'>' if cut else ';'}{number}"


def is_cut(text: str) -> bool:
    """Return whether a readout is a comparison."""
    return ">" in text


def parse_feature(text: str) -> tuple[tuple[Fraction, ...], Fraction]:
    """Return the row of a readout, and its offset or what it is compared with.

    Raises:
        ValueError: a text that `show_feature` does not write.
    """
    row, _, number = text.partition(_separator(text))
    return tuple(map(_number, row.split(" "))), _number(number)


def order_of(text: str) -> tuple[int | Fraction, ...]:
    """Return what readouts are ordered by: their coefficients, then the number; whole ones as int, for speed.

    Raises:
        ValueError: as `parse_feature`.
    """
    row, _, number = text.partition(_separator(text))
    return (*map(_key, row.split(" ")), _key(number))


def complement(text: str) -> str:
    """Return the readout of the complement: the negated row, and one minus the offset, or the negated cut.

    >>> complement("1 0 -1/2;0"), complement("1 0>1/2")
    ('-1 0 1/2;1', '-1 0>-1/2')
    """
    separator = _separator(text)
    row, _, number = text.partition(separator)
    other = _negated(number) if is_cut(text) else _flipped(number)
    return f"{' '.join(map(_negated, row.split(' ')))}{separator}{other}"


def _separator(text: str) -> str:
    return ">" if is_cut(text) else ";"


@lru_cache(maxsize=2**14)
def _number(text: str) -> Fraction:
    try:
        value = Fraction(text)
    except ZeroDivisionError:
        value = None
    if value is None or str(value) != text:
        raise ValueError(f"expected a number such as -1/2, got {text[:40]!r}")
    return value


@lru_cache(maxsize=2**14)
def _key(text: str) -> int | Fraction:
    value = _number(text)
    return value if value.denominator > 1 else int(value)


@lru_cache(maxsize=2**14)
def _negated(text: str) -> str:
    return str(-_number(text))


@lru_cache(maxsize=2**14)
def _flipped(text: str) -> str:
    return str(1 - _number(text))
