"""Environment, and the nearest pyproject.toml with `[tool.verifier]` → what they say about how to check.

The command line comes before the environment, that before the spec, and that before pyproject.toml.
"""

import os
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from msgspec import UNSET, Meta, UnsetType

from verifier.engine.options import SILENT, Options
from verifier.errors import InputError, Position, Problem
from verifier.notation import suggest
from verifier.report.formats import Format, format_named, read_output
from verifier.spec import Spec, models, scalars
from verifier.spec.files import decode, read_bytes
from verifier.spec.nodes import Mapping, Node, Scalar, Sequence
from verifier.spec.nodes import scalars as scalars_of
from verifier.spec.nodes_to_options import read_options
from verifier.spec.problems import Problems
from verifier.spec.toml_to_nodes import read_table
from verifier.spec.validate import validate
from verifier.verdict import NODES
from verifier.visible import visible

FILE, TABLE = "pyproject.toml", ("tool", "verifier")
PREFIX = "VERIFIER_"

T = TypeVar("T")


class Table(models.Options, kw_only=True, forbid_unknown_fields=True):
    """The keys of `[tool.verifier]`, and in capitals behind `VERIFIER_` the variables."""

    paths: (
        Annotated[list[models.Path], Meta(title='a list of paths such as ["specs"]', min_length=1)]
        | UnsetType
    ) = UNSET
    jobs: (
        Annotated[int, Meta(title="a whole number of 1 or more", extra={"read": scalars.positive})]
        | UnsetType
    ) = UNSET
    format: Format | UnsetType = UNSET
    brief: bool | UnsetType = UNSET
    output: (
        Annotated[
            list[Annotated[str, Meta(title="FORMAT=PATH", extra={"read": read_output})]],
            Meta(title="a list of FORMAT=PATH"),
        ]
        | UnsetType
    ) = UNSET


KEYS = Table.__struct_fields__
LISTS = ("paths", "output")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key is said: a file and its line, or a variable."""

    path: str
    position: Position | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.position.line}" if self.position is not None else self.path


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says; `places` has where, for each key it says."""

    options: Options = SILENT
    paths: tuple[str, ...] = ()
    jobs: int | None = None
    format: Format | None = None
    brief: bool | None = None
    output: tuple[str, ...] = ()
    places: AnyMapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))


_DEFAULTS = Said(Options("auto", nodes=NODES), jobs=1, format="text")


@dataclass(frozen=True, slots=True)
class Settings:
    """What environment and pyproject.toml say; `unknown` are variables that look like ours and are not."""

    environment: Said = Said()
    project: Said = Said()
    unknown: tuple[str, ...] = ()

    def options(self, said: Options = SILENT) -> Options:
        """Return the options of a run, given those of its command line; `with_spec` makes them a spec's."""
        return replace(said.over(self.environment.options), otherwise=self.project.options)

    def first(self, said: T | None, key: str) -> T | None:
        """Return what the command line, the environment or pyproject.toml says under a key no spec has."""
        found = (said, getattr(self.environment, key), getattr(self.project, key))
        return next((value for value in found if value not in (None, ())), None)


def read_settings(folder: Path | None = None, environ: AnyMapping[str, str] | None = None) -> Settings:
    """Return the settings that hold in a folder, by default the working directory.

    An empty variable says nothing. Paths of pyproject.toml are relative to it, those of variables to the
    folder; both are returned as seen from the folder.

    Raises:
        InputError: everything wrong with the variables, and with the file.
    """
    settings, problems = understood_settings(folder, environ)
    if problems:
        raise InputError(problems)
    return settings


def understood_settings(
    folder: Path | None = None, environ: AnyMapping[str, str] | None = None
) -> tuple[Settings, tuple[Problem, ...]]:
    """Return the settings without those that cannot be understood, and everything wrong with these."""
    environ = os.environ if environ is None else environ
    problems: list[Problem] = []
    environment, project = _of_environment(environ, problems), Said()
    try:
        project = _of_project(folder or Path(), problems)
    except InputError as error:
        problems += error.problems
    known = {_variable(key) for key in KEYS}
    unknown = tuple(sorted(name for name in environ if name.startswith(PREFIX) and name not in known))
    return Settings(environment, project, unknown), tuple(problems)


@dataclass(frozen=True, slots=True)
class Setting:
    """A key, what holds for it, and who says so."""

    key: str
    value: str | bool | int | float | tuple[str, ...] | None
    origin: str

    @property
    def text(self) -> str:
        """The value in one line."""
        if isinstance(self.value, tuple):
            return visible(" ".join(self.value)) or "none"
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return "none" if self.value is None else str(self.value).removesuffix(".0")


def effective(settings: Settings, spec: Spec | None = None) -> list[Setting]:
    """Return what holds for every key where the command line is silent, for a spec if one is given."""
    said = [settings.environment, settings.project]
    if spec is not None:
        lines = {key: spec.positions.get(f"options.{key}") for key in KEYS}
        places = {key: Place(spec.path, at) for key, at in lines.items() if at is not None}
        said.insert(1, Said(spec.options, places=places))
    found = []
    for key in KEYS:
        source = next((each for each in said if key in each.places), None)
        values = _values(source or _DEFAULTS)
        found.append(Setting(key, values[key], str(source.places[key]) if source else "default"))
    return found


def _values(said: Said) -> dict[str, Any]:
    """Return the value of every key."""
    options = said.options
    return {
        "method": options.method,
        "timeout": options.timeout_s,
        "rlimit": options.rlimit,
        "node_limit": options.nodes,
        "paths": said.paths,
        "jobs": said.jobs,
        "format": said.format,
        "brief": said.brief,
        "output": said.output,
    }


def options_of(spec: Spec, said: Options) -> Options:
    """Return the options that hold for a spec, given those of the command line.

    Raises:
        InputError: as `read_settings`.
    """
    return read_settings().options(said).with_spec(spec.options)


def missing(settings: Settings) -> tuple[Problem, ...]:
    """Return a complaint about each of the `paths` that hold where the command line has none, and are not."""
    source = settings.environment if settings.environment.paths else settings.project
    place = source.places.get("paths", Place(""))
    return tuple(
        Problem("E108", f"paths: no such file or folder: {path}", "", place.path, place.position)
        for path in source.paths
        if not os.path.exists(path)
    )


def warnings(settings: Settings) -> list[str]:
    """Return a warning for each variable that is not known."""
    known = [_variable(key) for key in KEYS]
    told = [(name, suggest(name, known)) for name in settings.unknown]
    return [f"unknown variable {visible(name)}" + (f" ({hint})" if hint else "") for name, hint in told]


def _variable(key: str) -> str:
    return f"{PREFIX}{key.upper()}"


def _of_environment(environ: AnyMapping[str, str], problems: list[Problem]) -> Said:
    """Return what the variables say; those that cannot be understood are added to the problems."""
    nowhere = Position(1, 1)
    items: dict[str, tuple[Scalar, Node]] = {}
    for key in KEYS:
        name, text = _variable(key), environ.get(_variable(key), "")
        if not text:
            continue
        node: Node = Scalar(text, nowhere)
        if key in LISTS:
            parts = filter(None, text.split(os.pathsep))
            node = Sequence(tuple(Scalar(part, nowhere, plain=False) for part in parts), nowhere)
        found = Problems(name)
        checked = validate(Mapping({key: (Scalar(key, nowhere), node)}, nowhere), Table, found)
        if found:
            problems += [problem.at(name, None) for problem in found.error().problems]
        if isinstance(checked, Mapping):
            items |= checked.items
    return replace(_said(Mapping(items, nowhere)), places={key: Place(_variable(key)) for key in items})


def _of_project(folder: Path, problems: list[Problem]) -> Said:
    """Return what the nearest pyproject.toml with our table says, in the folder or above it.

    Keys that cannot be understood are added to the problems.

    Raises:
        InputError: a file that cannot be read.
    """
    try:
        here = folder.resolve()
    except OSError:  # the working directory is gone
        return Said()
    for above in (here, *here.parents):
        file = above / FILE
        if not os.path.lexists(file):  # a link to nothing is refused below, and so is a folder
            continue
        shown = os.path.relpath(file, here)
        found = Problems(shown)
        try:
            text = decode(read_bytes(file), "E101")
        except InputError as error:
            raise InputError(problem.at(shown, problem.position) for problem in error.problems) from None
        node = read_table(text, TABLE, found)
        if node is None:
            continue
        table = validate(node, Table, found)
        if found:
            problems += found.error().problems
        if not isinstance(table, Mapping):
            return Said()
        said = _said(table)
        beside = os.path.relpath(above, here)
        return replace(
            said,
            paths=tuple(os.path.normpath(os.path.join(beside, path)) for path in said.paths),
            output=tuple(_beside(beside, output) for output in said.output),
            places={name: Place(shown, key.position) for name, (key, _) in table.items.items()},
        )
    return Said()


def _beside(folder: str, output: str) -> str:
    fmt, path = read_output(output)
    return f"{fmt}={os.path.normpath(os.path.join(folder, path))}"


def _said(table: Mapping) -> Said:
    jobs, fmt, brief = table.scalar("jobs"), table.scalar("format"), table.scalar("brief")
    return Said(
        read_options(table),
        tuple(item.text for item in scalars_of(table.sequence("paths"))),
        scalars.positive(jobs.text) if jobs else None,
        format_named(fmt.text) if fmt else None,
        brief.text == "true" if brief else None,
        tuple(item.text for item in scalars_of(table.sequence("output"))),
    )
