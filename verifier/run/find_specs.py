"""Paths → spec files: a file as it is, a folder as the spec files below it. Imports nothing heavy."""

from collections.abc import Iterable
from pathlib import Path

SUFFIXES = (".circuit.yaml", ".circuit.yml", ".circuit.json")


def find_specs(paths: Iterable[str]) -> list[str]:
    """Return the spec files among paths: a file as it is, a folder as the files below it named `SUFFIXES`."""
    found: dict[str, None] = {}
    for path in paths:
        if Path(path).is_dir():
            below = sorted(p for p in Path(path).rglob("*") if p.name.endswith(SUFFIXES) and not p.is_dir())
            found.update(dict.fromkeys(map(str, below)))
        else:
            found[path] = None
    return list(found)
