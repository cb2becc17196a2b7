"""JSON text → nodes. The `json` module decides what is JSON; a pass over its tokens finds the places."""

import json
import re
from typing import Any

from verifier.errors import Position
from verifier.spec.builder import Builder
from verifier.spec.nodes import Node, Scalar
from verifier.spec.problems import Problems

_TOKEN = re.compile(r'(?P<line>\n)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[\[\]{}])|(?P<word>[^\s\[\]{},:"]+)')


def parse(text: str, problems: Problems) -> Node | None:
    """Return the root; None after a complaint.

    Raises:
        InputError: nested too deep.
    """
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        problems.add("E101", f"not JSON: {error.msg}", Position(error.lineno, error.colno))
        return None
    except ValueError as error:
        problems.add("E101", f"not JSON: {error}", None)
        return None
    except RecursionError:
        pass  # the pass below says where it is nested too deep
    builder = Builder(problems)
    line, line_start = 1, 0
    for match in _TOKEN.finditer(text):
        position = Position(line, match.start() - line_start + 1)
        token = match[0]
        if match["line"]:
            line, line_start = line + 1, match.end()
        elif match["text"]:
            value: str = json.loads(token)
            builder.add(Scalar(value, position, False, 1 if len(value) == len(token) - 2 else None))
        elif match["word"]:
            builder.add(Scalar(token, position))
        elif token in "[{":
            builder.open(position, mapping=token == "{", flow=True)
        else:
            builder.close()
    return builder.root


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
