"""Paths → spec files: a file as it is, a folder as the spec files below it. Imports nothing heavy."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIXES = (".circuit.yaml", ".circuit.yml", ".circuit.json")


def find_specs(paths: Iterable[str]) -> list[str]:
    """Return the spec files among paths: a file as it is, a folder as the files below it named `SUFFIXES`.

    Raises:
        InputError: E108, a folder that cannot be read: there may be specs in it.
    """
    found: dict[str, None] = {}
    for path in paths:
        if Path(path).is_dir():
            found.update(dict.fromkeys(map(str, sorted(_below(path)))))
        else:
            found[path] = None
    return list(found)


def _below(folder: str) -> Iterator[Path]:
    """Yield the files below a folder that are named as specs."""
    for place, _, names in os.walk(folder, onerror=_refuse):
        yield from (Path(place, name) for name in names if name.endswith(SUFFIXES))


def _refuse(error: OSError) -> None:
    from verifier.errors import input_error

    raise input_error("E108", f"cannot read the folder {error.filename}: {error.strerror}")
