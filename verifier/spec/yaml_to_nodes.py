"""YAML text → nodes. Anchors, aliases, tags and directives are refused, wherever they are.

Where a formula was meant, YAML would silently read something else.
"""

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from verifier.errors import Position
from verifier.spec.builder import Builder
from verifier.spec.nodes import Faulty, Node, Scalar
from verifier.spec.problems import Problems
from verifier.spec.yaml_traps import READ_AS, explain, position_of, quoted

_DIRECTIVE = re.compile(r"^%", re.MULTILINE)


def parse(text: str, problems: Problems) -> Node | None:
    """Return the root; None for an empty text, or after a complaint.

    Raises:
        InputError: nested too deep.
    """
    directive = _DIRECTIVE.search(text)
    if directive is not None:
        place = Position(text.count("\n", 0, directive.start()) + 1, 1)
        problems.add(
            "E101", "expected no directive, got a line that starts with %", place, "leave the line out"
        )
        return None
    builder = Builder(problems)
    documents = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            documents += isinstance(event, DocumentStartEvent)
            if documents > 1:
                problems.add("E101", "expected one document, got another one", position_of(event.start_mark))
                return None
            _add(event, builder, text)
    except (YAMLError, ValueError, OverflowError) as error:
        explain(error, text, problems)
        return None
    return builder.root


def _add(event: Any, builder: Builder, text: str) -> None:
    position = position_of(event.start_mark)
    match event:
        case MappingEndEvent() | SequenceEndEvent():
            builder.close()
        case MappingStartEvent() | SequenceStartEvent():
            mapping = isinstance(event, MappingStartEvent)
            sound = _unadorned(event, position, builder.problems, text)
            builder.open(position, mapping=mapping, flow=bool(event.flow_style), sound=sound)
        case ScalarEvent() | AliasEvent():
            sound = _unadorned(event, position, builder.problems, text)
            builder.add(_scalar(event, position) if sound else Faulty(position))
        case _:
            pass


def _scalar(event: Any, position: Position) -> Scalar:
    quotes = 1 if event.style in ("'", '"') else 0
    one_line = event.start_mark.line == event.end_mark.line
    columns = event.end_mark.column - event.start_mark.column - 2 * quotes
    lead = quotes if one_line and columns == len(event.value) else None
    return Scalar(event.value, position, event.style is None, lead)


def _unadorned(event: Any, position: Position, problems: Problems, text: str) -> bool:
    """Return whether a node has no anchor and no tag and is no alias; else complain."""
    if event.anchor is None and getattr(event, "ctag", None) is None:
        return True
    source = text[event.start_mark.index : event.end_mark.index]
    hint = f"put it in quotes: {quoted(source)}"
    if isinstance(event, MappingStartEvent | SequenceStartEvent):
        hint = "leave it out: a spec shares nothing between its parts"
    message = f"YAML reads {source[:1]} as {READ_AS.get(source[:1], 'a sign of its own')}"
    problems.add("E106", message, position, hint)
    return False
