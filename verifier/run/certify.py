"""Listing → certificate: lines of a running enumeration, the finished file, what an unfinished one holds.

While it runs, explanations and closed cubes are appended as they are found. At the end the file is replaced
by the same lines in canonical order, with a footer. `specs/certificate.md` describes the format.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from verifier.arrays import Array
from verifier.certificate import FORMAT, canonical, digest, order_of, version_of
from verifier.engine.enumeration.listing import Found, Listing
from verifier.engine.enumeration.stage import Stage
from verifier.errors import InputError, Position, Problem
from verifier.query import digests

Cube = tuple[int, ...]
Proofs = Mapping[Cube, tuple[str, str]]


def header(query: dict[str, Any], tool: Mapping[str, str]) -> str:
    """Return the first line: what is asked, and by which versions."""
    told = {
        "format": FORMAT,
        "version": version_of(query),
        "tool": dict(tool),
        **digests(query),
        "query": query,
    }
    return canonical(told) + "\n"


def explanation_line(found: Found) -> str:
    """Return the line of one explanation."""
    return canonical({"features": list(found.features), "output": list(found.output) or None}) + "\n"


def cube_line(stage: Stage, cube: Cube, rows: Array, proof: tuple[str, str] | None = None) -> str:
    """Return the line of a closed cube: its readouts, and file and digest of a proof that these are all."""
    held = {"file": proof[0], "sha256": proof[1]} if proof is not None else None
    return canonical({"cube": list(cube), "readouts": stage.texts(rows), "proof": held}) + "\n"


def finished(
    listing: Listing, query: dict[str, Any], tool: Mapping[str, str], proofs: Proofs | None = None
) -> Iterator[str]:
    """Yield the lines of the finished certificate, in canonical order."""
    yield header(query, tool)
    if listing.stage is not None:
        for cube, rows in listing.cubes:
            yield cube_line(listing.stage, cube, rows, (proofs or {}).get(cube))
    lines = [explanation_line(found) for found in listing]
    yield from lines
    statement = listing.statement
    footer = {
        "complete": statement.complete,
        "count": statement.count,
        "classes": statement.classes,
        "bound_binding": statement.bound_binding,
        "rests_on": statement.rests_on,
        "list_sha256": digest("".join(lines)),
    }
    yield canonical(footer) + "\n"


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a certificate holds: explanations, closed cubes, all lines but the footer; is it complete?"""

    known: tuple[Found, ...]
    closed: frozenset[Cube]
    text: str
    complete: bool


def unfinished(data: bytes, path: str, query: dict[str, Any], first: str) -> Earlier:
    """Return what a certificate of this query holds; a torn last line is dropped.

    `first` is the header that a new file would get: all that is there may be a torn one.

    Raises:
        InputError: E701, the file is no certificate, is about another query, or has a line that is none.
    """
    whole, newline, _ = data.rpartition(b"\n")
    lines = (whole + newline).splitlines(keepends=True)
    known: dict[tuple[str, ...], Found] = {}
    closed: set[Cube] = set()
    kept: list[str] = []
    complete = False
    for number, raw in enumerate(lines, start=1):
        try:
            line = json.loads(raw)
            if number == 1:
                _matches(line, query)
            elif "cube" in line:
                closed.add(tuple(line["cube"]))
                for text in line["readouts"]:
                    order_of(text)
            elif "features" in line:
                found = Found(tuple(line["features"]), tuple(line["output"] or ()))
                keys = [order_of(text) for text in found.features]
                if keys != sorted(keys):
                    raise ValueError("features out of order")
                known[found.features] = found
            elif "list_sha256" in line:  # the footer of a run that ended
                complete = line["complete"] is True
                continue
            else:
                raise ValueError("an unknown kind of line")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _refused(path, number, str(error)) from None
        kept.append(raw.decode())
    if not kept and not first.encode().startswith(data):
        raise _refused(path, 1, "no certificate")
    return Earlier(tuple(known.values()), frozenset(closed), "".join(kept), complete)


def _matches(line: dict[str, Any], query: dict[str, Any]) -> None:
    if line.get("format") != FORMAT or line.get("version") != version_of(query):
        raise ValueError("no certificate of this version")
    if line["query"] != query:
        parts = [key for key in query if line["query"].get(key) != query[key]]
        raise ValueError(f"it is about another query: the {' and the '.join(parts)} differ")


def _refused(path: str, number: int, why: str) -> InputError:
    hint = "start afresh with another file, or with --force"
    return InputError([Problem("E701", f"cannot resume: {why}", hint, path, Position(number, 1))])
