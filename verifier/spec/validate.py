"""Nodes × models → nodes that conform: every other one is reported and replaced by `Faulty`."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.inspect import (
    BoolType,
    DictType,
    IntType,
    ListType,
    LiteralType,
    Metadata,
    StrType,
    StructType,
    Type,
    UnionType,
    type_info,
)

from verifier.errors import InputError
from verifier.notation import nearest, suggest
from verifier.spec.nodes import Faulty, Mapping, Node, Scalar, Sequence
from verifier.spec.problems import Problems

_INTEGER = re.compile(r"\+?[0-9]{1,9}")
_NULLS = ("~", "null", "Null", "NULL")
_MAX_SHOWN = 40


def validate(root: Node, model: type[Struct], problems: Problems) -> Mapping | Faulty:
    """Return the root with every unknown key dropped and every value that does not fit its key faulty."""
    node = _check(root, _type_of(model), problems)
    return node if isinstance(node, Mapping) else Faulty(root.position)


@cache
def _type_of(model: type[Struct]) -> Type:
    return type_info(model)


def _check(node: Node, kind: Type, problems: Problems) -> Node:
    cases = _cases(kind)
    match node:
        case Faulty():
            return node
        case Mapping():
            for case in cases:
                if isinstance(case, StructType):
                    return _check_keys(node, case, problems)
                if isinstance(case, DictType):
                    return _check_entries(node, case, kind, problems)
        case Sequence():
            for case in cases:
                if isinstance(case, ListType):
                    return _check_items(node, case, kind, problems)
        case Scalar():
            return _check_scalar(node, kind, problems)
    return _unexpected(node, kind, problems)


def _cases(kind: Type) -> list[Type]:
    """Return the alternatives of a type; a described alternative stays whole."""
    match kind:
        case UnionType(types):
            return [case for member in types for case in _cases(member)]
        case Metadata(type=inner, extra=None) if not isinstance(inner, StrType):
            return _cases(inner)
        case _:
            return [kind]


def _check_keys(node: Mapping, kind: StructType, problems: Problems) -> Node:
    fields = {field.name: field for field in kind.fields}
    items: dict[str, tuple[Scalar, Node]] = {}
    for name, (key, value) in node.items.items():
        if name in fields:
            items[name] = key, _check(value, fields[name].type, problems)
        else:
            problems.add("E102", f"unknown key {_show(key)}", key.position, suggest(name, fields))
    for name, field in fields.items():
        if field.required and name not in node.items:
            message = f"missing key {name}"
            problems.add("E103", message, node.position, f"expected {_title(field.type)}")
            items[name] = Scalar(name, node.position), Faulty(node.position)
    return Mapping(items, node.position)


def _check_entries(node: Mapping, kind: DictType, whole: Type, problems: Problems) -> Node:
    if not _fits(len(node.items), kind):
        return _unexpected(node, whole, problems)
    items: dict[str, tuple[Scalar, Node]] = {}
    for name, (key, value) in node.items.items():
        if isinstance(kind.key_type, LiteralType) and name not in kind.key_type.values:
            hint = suggest(name, map(str, kind.key_type.values))
            problems.add("E102", f"unknown key {_show(key)}", key.position, hint)
            continue
        named = _check_scalar(key, kind.key_type, problems)
        checked = _check(value, kind.value_type, problems)
        items[name] = key, checked if isinstance(named, Scalar) else Faulty(value.position)
    return Mapping(items, node.position)


def _check_items(node: Sequence, kind: ListType, whole: Type, problems: Problems) -> Node:
    if not _fits(len(node.items), kind):
        return _unexpected(node, whole, problems)
    nested = any(isinstance(case, ListType) for case in _cases(kind.item_type))
    if nested and all(isinstance(item, Scalar) for item in node.items):
        return _unexpected(node, whole, problems)
    items = tuple(_check(item, kind.item_type, problems) for item in node.items)
    if not (isinstance(kind.item_type, StructType) or all(map(_sound, items))):
        return Faulty(node.position)
    return Sequence(items, node.position)


def _sound(node: Node) -> bool:
    return node.sound if isinstance(node, Mapping) else not isinstance(node, Faulty)


def _fits(size: int, kind: DictType | ListType) -> bool:
    return (kind.min_length or 0) <= size and (kind.max_length is None or size <= kind.max_length)


def _check_scalar(node: Scalar, kind: Type, problems: Problems) -> Node:
    cases = _cases(kind)
    if node.plain and not node.text:
        return _unexpected(node, kind, problems)
    if node.plain and node.text in _NULLS:
        if all(_misfit(replace(node, plain=False), case) is not None for case in cases):
            return _unexpected(node, kind, problems)
        message = f"YAML reads {node.text} as nothing, not as text"
        hint = f'if it is meant as text, put it in quotes: "{node.text}"'
        problems.add("E106", message, node.position, hint)
        return Faulty(node.position)
    reasons = [_misfit(node, case) for case in cases]
    if None in reasons:
        return node
    return _unexpected(node, kind, problems, next(filter(None, reasons), ""))


def _misfit(node: Scalar, kind: Type) -> str | None:
    """Return None if the text fits, else the reason, which may be empty."""
    match kind:
        case Metadata(extra={"read": read}):
            return _reason(node.text, read)
        case LiteralType(values):
            texts = [value for value in values if isinstance(value, str)]
            words = [str(value) for value in values if not isinstance(value, str)]
            return None if node.text in texts or (node.plain and node.text in words) else ""
        case IntType(ge=least):
            fits = node.plain and _INTEGER.fullmatch(node.text) and int(node.text) >= (least or 0)
            return None if fits else ""
        case BoolType():
            return None if node.plain and node.text in ("true", "false") else ""
        case StrType() | Metadata(type=StrType()):
            return None
        case _:
            return ""


def _reason(text: str, read: Any) -> str | None:
    try:
        read(text)
    except ValueError as error:
        return str(error)
    except InputError as error:
        return error.problems[0].message
    return None


def _unexpected(node: Node, kind: Type, problems: Problems, reason: str = "") -> Faulty:
    title = _title(kind)
    told = reason == title or (isinstance(node, Scalar) and repr(node.text) in reason)
    because = f" ({reason})" if reason and not told else ""
    choices = kind.values if isinstance(kind, LiteralType) else ()
    hint = nearest(node.text, map(str, choices)) if isinstance(node, Scalar) else ""
    problems.add("E104", f"expected {title}, got {_show(node)}{because}", node.position, hint)
    return Faulty(node.position)


def _title(kind: Type) -> str:
    match kind:
        case Metadata(extra_json_schema={"title": str(title)}):
            return title
        case Metadata(type=inner):
            return _title(inner)
        case UnionType(types):
            return " or ".join(map(_title, types))
        case StructType(fields=fields):
            keys = [field.name for field in fields if field.required] or [field.name for field in fields]
            return f"a mapping with the keys {', '.join(keys)}"
        case DictType(min_length=least):
            return "a mapping of at least one key" if least else "a mapping"
        case ListType(item_type=inner, min_length=least):
            return f"a list{' of one or more' if least else ''}, each {_title(inner)}"
        case LiteralType(values):
            return " or ".join(map(str, values))
        case IntType():
            return "an integer of 0 or more"
        case BoolType():
            return "true or false"
        case _:
            return "text"


def _show(node: Node) -> str:
    match node:
        case Scalar(text, plain=plain):
            cut = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
            return (cut or "nothing") if plain else repr(cut)
        case Sequence(items):
            return f"a list of {len(items)} item{'s' if len(items) != 1 else ''}"
        case Mapping(items):
            return "a mapping" if items else "an empty mapping"
        case Faulty():
            return "nothing"
