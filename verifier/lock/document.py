"""Text of a `verifier.lock` → Lock and back: its keys, what their values may be, and where one is wrong.

`specs/lock.md` describes every key. Nothing here believes what a lock says.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from verifier.checks import CHECKS, Check
from verifier.errors import InputError, Position, Problem
from verifier.report.describe import update_command
from verifier.spec import json_to_nodes
from verifier.spec.files import CONFLICT, conflict_in, decode, read_bytes
from verifier.spec.models import Count, Digest, Label
from verifier.spec.nodes import Mapping, Node, Scalar, Sequence
from verifier.spec.problems import Problems
from verifier.spec.validate import validate

NAME = "verifier.lock"
CERTIFICATES = "verifier.certificates"
VERSION: Literal[1] = 1
_BASIS = "(z3|algebra|arb|bdd|table)"
_OPEN_LEVELS = 6  # down to the checks of an explanation: one line each


def file_name(text: str) -> str:
    """Return the name of a file beside a lock.

    Raises:
        ValueError: what was expected of it.
    """
    if not text or text in (".", "..") or re.search(r"[/\\\x00-\x1f]", text):
        raise ValueError("no folder, backslash or control character in it")
    return text


def _share(text: str) -> tuple[int, int]:
    if not re.fullmatch(r"(0|[1-9][0-9]*)/[1-9][0-9]*", text):
        raise ValueError("how many cases hold, of how many")
    held, total = map(int, text.split("/"))
    if held > total:
        raise ValueError("more than there are")
    return held, total


def _bases(text: str) -> None:
    if not re.fullmatch(rf"{_BASIS}([+]{_BASIS})*", text):
        raise ValueError("what decided it, such as z3+bdd")


FileName = Annotated[str, Meta(title="the name of a file beside the lock", extra={"read": file_name})]
ShareText = Annotated[str, Meta(title="a share such as 3/4", extra={"read": _share})]


Bases = Annotated[str, Meta(title="what a list rests on", extra={"read": _bases})]


class Evidence(Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A counterexample; which keys it has depends on its kind."""

    kind: Literal["run", "direction", "dependency", "idle", "rounding"]
    x: str = ""
    layer: str = ""
    set: list[str] | UnsetType = UNSET
    direction: list[str] | UnsetType = UNSET
    unit: str = ""
    inputs: list[str] | UnsetType = UNSET
    feature: str = ""
    decision: str = ""
    exact: str = ""
    computed: str = ""
    sums: list[str] | UnsetType = UNSET


class CheckLock(Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one check of an explanation came to."""

    verdict: Literal["proved", "refuted"]
    expected: str
    rests_on: Literal["table", "bdd", "z3", "arb", "algebra", "rounding", "replay"]
    share: ShareText | UnsetType = UNSET
    counterexample: Evidence | UnsetType = UNSET


Checks = Annotated[
    dict[Check, CheckLock],
    Meta(min_length=1, extra_json_schema={"propertyNames": {"enum": list(CHECKS)}}),
]


class ClaimLock(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An explanation: the digest of what it says, and what its checks came to."""

    claim: Digest
    checks: Checks


class ListLock(Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A list of all explanations: the digest of its space, its certificate, and what is said of the list."""

    space: Digest
    certificate: Digest
    audit: Literal["valid", "holey"]
    count: Count
    classes: Count
    complete: bool
    rests_on: Bases | UnsetType = UNSET


class SpecLock(Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A spec: digests of its bytes, of the files it names and of what they mean, and what was decided."""

    sha256: Digest
    files: dict[str, Digest] | UnsetType = UNSET
    network: Digest
    domain: Digest
    decoding: Digest
    tool: dict[str, str]
    explanations: dict[Label, ClaimLock]
    enumerate: ListLock | UnsetType = UNSET


class Lock(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What was decided about the specs of a folder, by the names of their files."""

    version: Literal[1]
    specs: dict[FileName, SpecLock]


class MalformedLockError(InputError):
    """A file that is there and no lock: everything wrong with it, each in place, and what to do."""


def read_lock(folder: Path) -> Lock:
    """Return the lock of a folder.

    Raises:
        MalformedLockError: it is none.
        InputError: E108, there is none that can be opened.
    """
    path = folder / NAME
    try:
        if not path.exists():
            raise InputError(
                [Problem("E108", f"no {NAME} in {folder}", f"write it:  {update_command([str(folder)])}")]
            )
        data = regular_bytes(path)
    except InputError as error:
        raise InputError(p.at(str(path), p.position) for p in error.problems) from None
    try:
        return parse(decode(data, "E101"), str(path))
    except InputError as error:
        hint = f"delete it, or write it anew:  {update_command([str(folder)])}"
        located = (p.at(str(path), p.position) for p in error.problems)
        raise MalformedLockError(replace(p, hint=hint) for p in located) from None


def place_of(folder: Path, *keys: str) -> Position | None:
    """Return where a key is in a lock that was read; where the keys around it are if it is not there."""
    node: Node | None = json_to_nodes.parse(decode(regular_bytes(folder / NAME), "E101"), Problems(NAME))
    place = None
    for key in keys:
        if not isinstance(node, Mapping) or key not in node.items:
            break
        name, node = node.items[key]
        place = name.position
    return place


def parse(text: str, path: str) -> Lock:
    """Return what the text of a lock says.

    Raises:
        InputError: everything wrong with it, each in place.
    """
    problems = Problems(path)
    place = conflict_in(text)
    if place is not None:
        problems.add("E101", CONFLICT, place)
        raise problems.error()
    node = json_to_nodes.parse(text, problems)
    if node is None and not problems:
        problems.add("E101", "expected a lock, got an empty file", Position(1, 1))
    version = node.scalar("version") if isinstance(node, Mapping) else None
    if version is not None and (version.text, version.plain) != (str(VERSION), True):
        got = version.text if version.plain else f'"{version.text}"'
        told = f"written by another version of this program: its format is {got}, this one's {VERSION}"
        problems.add("E107", told, version.position)
        raise problems.error()
    root = validate(node, Lock, problems) if node is not None else None
    if problems or root is None:
        raise problems.error()
    return msgspec.convert(_values(root), Lock, strict=False)


def show(lock: Lock) -> str:
    """Return the one text of a lock: sorted keys, one line per check."""
    return _show(msgspec.to_builtins(lock), _OPEN_LEVELS) + "\n"


def json_schema() -> dict[str, Any]:
    """Return the schema of a lock, for other programs; `read_lock` checks more."""
    return msgspec.json.schema(Lock)


def regular_bytes(path: Path) -> bytes:
    """Return what is in a file that is no link.

    Raises:
        InputError: E108.
    """
    if path.is_symlink():
        raise InputError([Problem("E108", f"cannot open {path}: expected a regular file, got a link")])
    return read_bytes(path)


def _values(node: Node) -> Any:
    match node:
        case Mapping(items):
            return {name: _values(value) for name, (_, value) in items.items()}
        case Sequence(children):
            return [_values(child) for child in children]
        case Scalar(text):
            return text
        case _:
            raise AssertionError(node)  # a faulty one comes with a problem


def _show(value: Any, levels: int, indent: int = 0) -> str:
    if not (isinstance(value, dict) and value and levels):
        return json.dumps(value, sort_keys=True)
    pad = " " * (indent + 1)
    parts = [f"{pad}{json.dumps(k)}: {_show(v, levels - 1, indent + 1)}" for k, v in sorted(value.items())]
    return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
