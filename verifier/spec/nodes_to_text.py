"""Nodes → YAML or JSON text that is read back as the same nodes, but for places, comments and layout."""

import json
import re
from typing import Any

from verifier.spec.nodes import Mapping, Node, Scalar, Sequence

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "": None}


def yaml_text(root: Mapping) -> str:
    """Return a mapping as YAML: block style, but for lists of scalars and lists of those."""
    return "\n".join(_block(root, "")) + "\n"


def json_text(root: Mapping) -> str:
    """Return a mapping as JSON; numbers that are not whole are texts, which mean the same."""
    return json.dumps(_value(root), indent=2, ensure_ascii=False) + "\n"


def _block(node: Mapping | Sequence, indent: str) -> list[str]:
    lines = []
    if isinstance(node, Mapping):
        for key, value in node.items.values():
            lines += _entry(f"{indent}{_scalar(key, False)}:", value, indent + "  ")
        return lines
    for item in node.items:
        if isinstance(item, Mapping) and item.items:
            first, *rest = _block(item, indent + "  ")
            lines += [f"{indent}- {first.lstrip(' ')}", *rest]
        else:
            lines += _entry(f"{indent}-", item, indent + "  ")
    return lines


def _entry(head: str, value: Node, indent: str) -> list[str]:
    if isinstance(value, Mapping | Sequence) and value.items and not _flows(value):
        return [head, *_block(value, indent)]
    return [f"{head} {_flow(value)}".rstrip(" ")]


def _flows(node: Node) -> bool:
    """Return whether a node is a scalar or a list of scalars."""
    return isinstance(node, Scalar) or (
        isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items)
    )


def _flow(node: Node) -> str:
    match node:
        case Scalar():
            return _scalar(node, False)
        case Sequence(items):
            return f"[{', '.join(_scalar(item, True) for item in items if isinstance(item, Scalar))}]"
        case _:
            return "{}"


def _scalar(node: Scalar, inside: bool) -> str:
    """Return a scalar; `inside` brackets commas and brackets end it, so that it needs quotes."""
    if node.plain and not (inside and (not node.text or re.search(r"[,\[\]{}]", node.text))):
        return node.text
    escaped = node.text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def _value(node: Node) -> Any:
    match node:
        case Mapping(items):
            return {name: _value(value) for name, (_, value) in items.items()}
        case Sequence(items):
            return [_value(item) for item in items]
        case Scalar(text, _, True) if text in _WORDS:
            return _WORDS[text]
        case Scalar(text, _, True) if _WHOLE.fullmatch(text):
            return int(text)
        case Scalar(text):
            return text
        case _:
            raise AssertionError("a faulty node has no text")
