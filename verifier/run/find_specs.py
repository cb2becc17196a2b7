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
    return list(dict.fromkeys(spec for specs in specs_by_path(paths).values() for spec in specs))


def specs_by_path(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the spec files of each path.

    Raises:
        InputError: as `find_specs`.
    """
    return {
        path: list(map(str, sorted(files_below(path, SUFFIXES)))) if os.path.isdir(path) else [path]
        for path in paths
    }


def bare(paths: Iterable[str]) -> list[str]:
    """Return the paths in which there is no spec file.

    Raises:
        InputError: as `find_specs`.
    """
    return [path for path, specs in specs_by_path(paths).items() if not specs]


def files_below(folder: str | Path, endings: str | tuple[str, ...]) -> Iterator[Path]:
    """Yield the files below a folder whose names end so; what is no folder counts as a file.

    Links to folders are followed, when all else has been visited: each folder is visited once.

    Raises:
        InputError: E108, a folder that cannot be read.
    """
    visited: set[str] = set()
    waiting = [str(folder)]
    for start in waiting:
        for place, folders, names in os.walk(start, onerror=_refuse):
            real = os.path.realpath(place)
            if real in visited:
                folders.clear()
                continue
            visited.add(real)
            below = [os.path.join(place, name) for name in sorted(folders)]
            waiting += filter(os.path.islink, below)
            yield from (Path(place, name) for name in names if name.endswith(endings))


def placed(path: str | Path) -> Path:
    """Return a path to the same file, its folder spelt in the one way that is without links."""
    return Path(os.path.realpath(Path(path).parent), Path(path).name)


def in_a_loop(path: Path) -> bool:
    """Return whether links make one of the folders of a path the same as another one.

    Files below such a path are found without the detour, too.
    """
    folders = [os.path.realpath(folder) for folder in path.parents]
    return len(set(folders)) < len(folders)


def _refuse(error: OSError) -> None:
    from verifier.errors import input_error

    raise input_error("E108", f"cannot read the folder {error.filename}: {error.strerror}")
