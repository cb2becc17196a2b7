"""Error of the YAML scanner → complaint that says what to write instead, where the trap can be told."""

import re
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from verifier.errors import Position
from verifier.spec.problems import Problems

READ_AS = {
    "&": "the start of an anchor", "*": "the start of an alias", "!": "the start of a tag",
    "|": "the start of a block of text", ">": "the start of a block of text", "%": "the start of a directive",
    "@": "a reserved sign", "`": "a reserved sign",
    "'": "the start of a text that ends at the next quote",
    '"': "the start of a text that ends at the next quote",
}  # fmt: skip
_VALUE = r"""(?:^|[\s\[{,])(?:[^\s\[\]{},:#]+:|-)[ ]+"""
_INDICATOR = re.compile(_VALUE + r"(?P<value>[&*!%@`].*|[|>](?![-+0-9]*\s*(?:#.*)?$).*)")
_AFTER_QUOTE = re.compile(_VALUE + r"""(?P<value>("[^"]*"|'[^']*')(?!\s*(?:[,\]}:]|$|\s#)).*)""")
_GLUED = re.compile(r"\s*(?:- +)?(?P<key>[A-Za-z_][\w.-]*):(?=[^\s:/])")
_BELOW_GLUED = ("mapping values are not allowed", "could not find expected ':'", "<block mapping start>")
_LINE_END = re.compile(r"\s*(?:\s#.*)?$")
_BRACKETS = "inside { } and [ ], put a text that contains brackets or braces in quotes"
_HINTS = {
    "mapping values are not allowed here": "put a text that has a colon in quotes; write a space after key:",
    "could not find expected ':'": "write a space after the colon of a key",
    "sequence entries are not allowed here": "put a text that starts with - and a space in quotes",
    "but got '{'": _BRACKETS,
    "but got '['": _BRACKETS,
}


def position_of(mark: Any) -> Position:
    """Return the place of a mark, whose counts start at 0."""
    return Position(mark.line + 1, mark.column + 1)


def quoted(text: str) -> str:
    """Return a text in the quotes it does not contain itself.

    >>> print(quoted("x1"), quoted('say "x1"'))
    "x1" 'say "x1"'
    """
    return f"'{text}'" if '"' in text else f'"{text}"'


def explain(error: Exception, text: str, problems: Problems) -> None:
    """Complain about a text that is not YAML."""
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    if isinstance(error, MarkedYAMLError) and mark is not None:
        if any(sign in str(error.problem) for sign in _BELOW_GLUED) and _glued_above(mark, text, problems):
            return
        if error.context_mark is not None and not text[mark.index :].strip():
            mark = error.context_mark  # what was never closed is shown where it was opened
        line = text[mark.index - mark.column :].partition("\n")[0]
        if not _trapped(mark, line, problems):
            message = ", ".join(part for part in (error.context, error.problem) if part)
            hint = next((hint for sign, hint in _HINTS.items() if sign in message), "")
            problems.add("E101", f"not YAML: {message}", position_of(mark), hint)
    elif isinstance(error, ReaderError):
        before = text[: error.position]
        place = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add("E101", f"not YAML: the character {text[error.position]!r} is not allowed", place)
    else:
        problems.add("E101", f"not YAML: {error}", None)


def _glued_above(mark: Any, text: str, problems: Problems) -> bool:
    """Return whether a key just above the mark lacks the space after its colon, reported here."""
    line, *above = reversed(text.split("\n")[: mark.line + 1])
    found = None
    for i, before in enumerate(above):
        glued = _GLUED.match(before)
        if glued is not None:
            found = glued["key"], Position(mark.line - i, glued.end() + 1)
        elif before.strip() and not before.lstrip().startswith("#"):
            break
    if found is None or ": " in line[: mark.column]:
        return False
    problems.add(
        "E101", f"not YAML: {found[0]}: is part of a word", found[1], f"write a space after {found[0]}:"
    )
    return True


def _trapped(mark: Any, line: str, problems: Problems) -> bool:
    """Return whether the line falls into a known trap, reported here, at or before the mark."""
    if line[mark.column : mark.column + 1] == "\t":
        problems.add("E106", "YAML takes no tab here", position_of(mark), "write spaces instead of the tab")
        return True
    for pattern in (_INDICATOR, _AFTER_QUOTE):
        trap = pattern.search(line)
        if trap is not None and trap.start("value") <= mark.column:
            value = _LINE_END.sub("", trap["value"])
            whole = value.replace(value[0], "") if value[0] in "'\"" else value
            place = Position(mark.line + 1, trap.start("value") + 1)
            hint = f"put all of it in quotes: {quoted(whole)}"
            if value[0] == "@":
                hint = f"write the gate first: gate {value}; put any other text in quotes"
            problems.add("E106", f"YAML reads {value[0]} as {READ_AS[value[0]]}", place, hint)
            return True
    return False
