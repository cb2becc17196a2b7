"""Text of TOML → nodes of one of its tables; the grammar is that of `tomllib`, which tells no places."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from verifier.errors import Position
from verifier.spec.files import CONFLICT, conflict_in
from verifier.spec.nodes import Mapping, Node, Scalar, Sequence
from verifier.spec.problems import Problems

Keys = tuple[str, ...]

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def read_table(text: str, table: Keys, problems: Problems) -> Node | None:
    """Return what stands under the dotted name of a table, None if there is no such table.

    The place of a node is that of the statement which says it.

    Raises:
        InputError: E101, the text is no TOML.
    """
    text = text.replace("\r\n", "\n")
    try:
        value: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message, place = str(error), _PLACE.search(str(error))
        end = Position(text.count("\n") + 1, len(text) - text.rfind("\n"))
        at = Position(*map(int, place.groups())) if place and place[1] else end
        told, conflict = f"expected TOML: {_PLACE.sub('', message)}", conflict_in(text)
        problems.add("E101", CONFLICT if conflict else told, conflict or at)
        raise problems.error() from None
    for name in table:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    places: dict[Keys, Position] = {}
    for keys, position in _statements(text):
        places.setdefault(keys, position)
    return _node(value, table, Position(1, 1), places)


def _statements(text: str) -> Iterator[tuple[Keys, Position]]:
    """Yield what each statement names, and its place: a statement is the least run of lines that is TOML."""
    table: Keys = ()
    run, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        run += f"{line}\n"
        try:
            said: Any = tomllib.loads(run)
        except tomllib.TOMLDecodeError:
            continue
        start = run.lstrip()
        position = Position(first, len(run) - len(start) + 1)
        header = start.startswith("[")
        keys: Keys = () if header else table
        while isinstance(said, dict) and len(said) == 1:
            ((name, said),) = said.items()
            keys = (*keys, name)
            yield keys, position
        table = keys if header else table
        run, first = "", number + 1


def _node(value: Any, keys: Keys, outer: Position, places: dict[Keys, Position]) -> Node:
    position = places.get(keys, outer)
    if isinstance(value, dict):
        items = {name: _node(item, (*keys, name), position, places) for name, item in value.items()}
        return Mapping({name: (Scalar(name, node.position), node) for name, node in items.items()}, position)
    if isinstance(value, list):
        return Sequence(tuple(_node(item, keys, position, places) for item in value), position)
    if isinstance(value, bool):
        return Scalar(str(value).lower(), position)
    return Scalar(str(value), position, plain=not isinstance(value, str))
