"""YAML text → nodes. Anchors, aliases, tags and merge keys are refused, wherever they are: where a formula
was meant, YAML would silently read something else.
"""

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from verifier.errors import Position
from verifier.spec.builder import Builder
from verifier.spec.nodes import Faulty, Node, Scalar
from verifier.spec.problems import Problems

_READ_AS = {
    "&": "an anchor", "*": "an alias", "!": "a tag", "|": "a block of text", ">": "a block of text",
    "%": "a directive", "@": "a reserved sign", "`": "a reserved sign",
    "'": "a text that ends at the next quote", '"': "a text that ends at the next quote",
}  # fmt: skip
_VALUE = r"""(?:^|[\s\[{,])(?:[^\s\[\]{},:#]+:|-)[ ]+"""
_INDICATOR = re.compile(_VALUE + r"(?P<value>[&*!%@`].*|[|>](?![-+0-9]*\s*(?:#.*)?$).*)")
_AFTER_QUOTE = re.compile(_VALUE + r"""(?P<value>("[^"]*"|'[^']*')(?!\s*(?:[,\]}:]|$|\s#)).*)""")
_LINE_END = re.compile(r"\s*(?:\s#.*)?$")
_HINTS = {
    "mapping values are not allowed here": "put a text that contains a colon in quotes; indent with spaces",
    "could not find expected ':'": "write a space after the colon of a key",
    "but got '{'": "inside { } and [ ], put a text that contains brackets or braces in quotes",
    "but got '['": "inside { } and [ ], put a text that contains brackets or braces in quotes",
    "sequence entries are not allowed here": "put a text that starts with - and a space in quotes",
}


def parse(text: str, problems: Problems) -> Node | None:
    """Return the root; None for an empty text, or after a complaint.

    Raises:
        InputError: nested too deep.
    """
    builder = Builder(problems)
    documents = 0
    yaml = YAML(typ="safe", pure=True)
    try:
        for event in yaml.parse(text):
            documents += isinstance(event, DocumentStartEvent)
            if documents > 1:
                problems.add("E101", "expected one document, got another one", _position(event.start_mark))
                return None
            _add(event, builder, text)
    except (YAMLError, ValueError, OverflowError) as error:
        _explain(error, text, problems)
        return None
    return builder.root


def _add(event: Any, builder: Builder, text: str) -> None:
    position = _position(event.start_mark)
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
    hint = f"put it in quotes: {_quoted(source)}"
    if isinstance(event, MappingStartEvent | SequenceStartEvent):
        hint = "leave it out: a spec shares nothing between its parts"
    message = f"YAML reads {source[:1]} as the start of {_READ_AS.get(source[:1], 'a tag')}"
    problems.add("E106", message, position, hint)
    return False


def _explain(error: Exception, text: str, problems: Problems) -> None:
    """Complain about a text that is not YAML: as the trap it fell into, where one can be told."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position)
        column = error.position - (text.rfind("\n", 0, error.position) + 1)
        place = Position(line + 1, column + 1)
        problems.add("E101", f"not YAML: the character {chr(error.character)!r} is not allowed", place)
        return
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    if not isinstance(error, MarkedYAMLError) or mark is None:
        problems.add("E101", f"not YAML: {error}", None)
        return
    if error.context_mark is not None and not text[mark.index :].strip():
        mark = error.context_mark  # what was never closed is shown where it was opened
    line = text.split("\n")[mark.line]
    if line[mark.column : mark.column + 1] == "\t":
        problems.add("E106", "YAML takes no tab here", _position(mark), "write spaces instead of the tab")
        return
    for pattern in (_INDICATOR, _AFTER_QUOTE):
        trap = pattern.search(line)
        if trap is not None and trap.start("value") <= mark.column:
            value = _LINE_END.sub("", trap["value"])
            message = f"YAML reads {value[0]} as the start of {_READ_AS[value[0]]}"
            place = Position(mark.line + 1, trap.start("value") + 1)
            problems.add("E106", message, place, f"put all of it in quotes: {_quoted(value)}")
            return
    message = ", ".join(part for part in (error.context, error.problem) if part)
    hint = next((hint for sign, hint in _HINTS.items() if sign in message), "")
    problems.add("E101", f"not YAML: {message}", _position(mark), hint)


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)
