"""File → its lines: header, cubes, explanations and footer, every one in canonical form, with the digests."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from verifier.audit.flaw import FlawError, got
from verifier.audit.values import Row
from verifier.certificate import FORMAT, VERSIONS, canonical, digest, parse_feature

Readout = tuple[Row, Fraction]

_NUMBER = r"-?[0-9]+(?:/[0-9]+)?"
_READOUT = re.compile(rf"{_NUMBER}(?: {_NUMBER})*[;>]{_NUMBER}")
_EXPLANATION = re.compile(rb'\{"features":\["([-0-9/ ;>",]+)"\],"output":(?:null|\["([01",]+)"\])\}')
_HEX = re.compile(r"[0-9a-f]{64}")
_PROOF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")

MAX_DIGITS = 4300


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the proof of a cube lies, relative to the certificate, and its digest."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Cube:
    """All readouts whose first coefficients are `prefix`, as texts of the pool."""

    line: int
    prefix: tuple[int, ...]
    readouts: tuple[int, ...]
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One explanation: its features in the pool, and one truth table per output."""

    line: int
    features: tuple[int, ...]
    output: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Footer:
    """What the certificate claims of its list."""

    line: int
    complete: bool
    count: int
    classes: int
    bound_binding: bool | None
    rests_on: str


@dataclass(slots=True)
class Pool:
    """The readouts that occur, each parsed once: text → number, and where it first stood."""

    number: dict[str, int]
    readouts: list[Readout]
    lines: list[int]

    def add(self, text: str, line: int) -> int:
        """Return the number of a readout."""
        known = self.number.get(text)
        if known is not None:
            return known
        if not _READOUT.fullmatch(text):
            raise FlawError(line, f"expected a readout such as '1 0 -1;0', got {got(text)}")
        try:
            readout = parse_feature(text)
        except (ValueError, ZeroDivisionError):
            message = f"expected a readout in lowest terms such as '1 0 -1;0', got {got(text)}"
            raise FlawError(line, message) from None
        self.number[text] = len(self.readouts)
        self.readouts.append(readout)
        self.lines.append(line)
        return self.number[text]


@dataclass(frozen=True, slots=True)
class Lines:
    """A certificate as it is written; `torn` is whether its last line was cut off."""

    version: int
    query: Any
    pool: Pool
    cubes: tuple[Cube, ...]
    explanations: tuple[Listed, ...]
    footer: Footer | None
    torn: bool


def read_lines(data: bytes) -> Lines:
    """Return what the bytes of a certificate say.

    Raises:
        FlawError: the first line that is malformed, out of place, or has a wrong digest.
    """
    lines = data.split(b"\n")
    torn = lines.pop() != b""
    if not lines:
        raise FlawError(1, "expected the header, a line of JSON, and found no whole line")
    version, query = _header(_object(lines[0], 1))
    pool = Pool({}, [], [])
    cubes: list[Cube] = []
    explanations: list[Listed] = []
    footer: Footer | None = None
    late: int | None = None
    hashed = sha256()
    for number, line in enumerate(lines[1:], start=2):
        if footer is not None:
            raise FlawError(number, "expected nothing after the footer")
        match = _EXPLANATION.fullmatch(line)
        if match is not None:
            explanations.append(_explanation(match, number, pool))
            hashed.update(line + b"\n")
            continue
        value = _object(line, number)
        if "cube" in value:
            if explanations and late is None:
                late = number
            cubes.append(_cube(value, number, pool))
        elif "complete" in value:
            footer = _footer(value, number, len(explanations), hashed.hexdigest())
        else:
            raise FlawError(number, _unlike(value))
    if footer is not None and late is not None:
        raise FlawError(late, "expected cubes before the explanations")
    if footer is not None and torn:
        raise FlawError(len(lines) + 1, "expected nothing after the footer")
    return Lines(version, query, pool, tuple(cubes), tuple(explanations), footer, torn)


def _object(line: bytes, number: int) -> dict[str, Any]:
    """Return the object of a line in canonical form."""
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError:
        raise FlawError(number, f"expected ASCII, got {got(line[:40])}") from None
    try:
        value = json.loads(text, parse_constant=_refuse, parse_int=_integer)
        again = canonical(value)
    except RecursionError:
        raise FlawError(number, "expected JSON nested less deep") from None
    except (ValueError, OverflowError) as error:
        raise FlawError(number, f"expected a line of JSON, got {got(text)} ({str(error)[:80]})") from None
    if again != text:
        message = "expected canonical JSON (sorted keys, none twice, no spaces)"
        raise FlawError(number, f"{message}, got {got(text)}")
    if not isinstance(value, dict):
        raise FlawError(number, f"expected an object, got {got(value)}")
    return value


def _integer(digits: str) -> int:
    """Return an integer; one of very many digits is refused whatever the interpreter would allow."""
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _keys(value: dict[str, Any], keys: tuple[str, ...], number: int, what: str) -> None:
    if set(value) != set(keys):
        expected, found = ", ".join(sorted(keys)), ", ".join(sorted(value))
        raise FlawError(number, f"expected {what} with the keys {expected}, got {got(found)}")


def _item(value: dict[str, Any], key: str, number: int, expected: str, fits: Callable[[Any], bool]) -> Any:
    item = value[key]
    if not fits(item):
        raise FlawError(number, f"{key}: expected {expected}, got {got(item)}")
    return item


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _header(value: dict[str, Any]) -> tuple[int, Any]:
    """Return the version and the query."""
    keys = ("format", "version", "tool", "network_sha256", "query_sha256", "query")
    _keys(value, keys, 1, "a header")
    _item(value, "format", 1, repr(FORMAT), lambda v: v == FORMAT)
    versions = " or ".join(map(str, VERSIONS))
    _item(value, "version", 1, versions, lambda v: type(v) is int and v in VERSIONS)
    _item(value, "tool", 1, "names and versions", _is_versions)
    query = _item(value, "query", 1, "an object", lambda v: isinstance(v, dict))
    for key, part in (("query_sha256", query), ("network_sha256", query.get("network"))):
        _item(value, key, 1, "64 hexadecimal digits", _is_digest)
        found = digest(canonical(part))
        if value[key] != found:
            raise FlawError(
                1, f"{key}: the digest of the {key[:-7]} is {found}, the header says {value[key]}"
            )
    return value["version"], query


def _is_versions(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(version, str) for version in value.values())


def _explanation(match: re.Match[bytes], number: int, pool: Pool) -> Listed:
    features = tuple(pool.add(text, number) for text in match[1].decode().split('","'))
    if match[2] is None:
        return Listed(number, features, None)
    output = tuple(match[2].decode().split('","'))
    for table in output:
        if '"' in table or "," in table or not table:
            raise FlawError(number, "output: expected a list of truth tables such as '0111'")
    return Listed(number, features, output)


def _unlike(value: dict[str, Any]) -> str:
    """Return why an object is no line of a certificate."""
    if "features" not in value:
        return f"expected a cube, an explanation or a footer, got the keys {got(', '.join(sorted(value)))}"
    if set(value) != {"features", "output"}:
        return f"expected an explanation with the keys features, output, got {got(', '.join(sorted(value)))}"
    features = value["features"]
    if not isinstance(features, list) or not features or not all(isinstance(v, str) for v in features):
        return f"features: expected a list of readouts, got {got(features)}"
    for text in features:
        if not _READOUT.fullmatch(text):
            return f"expected a readout such as '1 0 -1;0', got {got(text)}"
    return f"output: expected null or a list of truth tables such as '0111', got {got(value['output'])}"


def _cube(value: dict[str, Any], number: int, pool: Pool) -> Cube:
    _keys(value, ("cube", "readouts", "proof"), number, "a cube")
    prefix = _item(
        value,
        "cube",
        number,
        "a list of integers",
        lambda v: isinstance(v, list) and all(type(item) is int for item in v),
    )
    texts = _item(
        value,
        "readouts",
        number,
        "a list of readouts",
        lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
    )
    return Cube(number, tuple(prefix), tuple(pool.add(t, number) for t in texts), _proof(value, number))


def _proof(value: dict[str, Any], number: int) -> Proof | None:
    proof = _item(value, "proof", number, "null or an object", lambda v: v is None or isinstance(v, dict))
    if proof is None:
        return None
    _keys(proof, ("file", "sha256"), number, "a proof")
    expected = "a path below the certificate's folder"
    _item(proof, "file", number, expected, lambda v: isinstance(v, str) and bool(_PROOF.fullmatch(v)))
    _item(proof, "sha256", number, "64 hexadecimal digits", _is_digest)
    return Proof(proof["file"], proof["sha256"])


def _footer(value: dict[str, Any], number: int, count: int, found: str) -> Footer:
    keys = ("complete", "count", "classes", "bound_binding", "rests_on", "list_sha256")
    _keys(value, keys, number, "a footer")
    _item(value, "complete", number, "true or false", lambda v: type(v) is bool)
    _item(value, "count", number, "a count", _is_count)
    _item(value, "classes", number, "a count", _is_count)
    _item(value, "bound_binding", number, "true, false or null", lambda v: v is None or type(v) is bool)
    _item(value, "rests_on", number, "a text", lambda v: isinstance(v, str))
    _item(value, "list_sha256", number, "64 hexadecimal digits", _is_digest)
    if value["count"] != count:
        raise FlawError(number, f"count: {count} explanations are listed, the footer says {value['count']}")
    if value["list_sha256"] != found:
        raise FlawError(number, f"list_sha256: the digest of the list is {found}, got {value['list_sha256']}")
    return Footer(
        number, value["complete"], count, value["classes"], value["bound_binding"], value["rests_on"]
    )
