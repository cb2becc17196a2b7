"""Inputs of one kind → another one nearby: tokens, lines and bytes are left out, doubled, exchanged.

Formats whose parts hold together by lengths and checksums are taken apart first and put together afterwards.
"""

import json
import re
import struct
from collections.abc import Iterator, Sequence
from copy import deepcopy
from io import BytesIO
from random import Random
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from ruamel.yaml import YAML

from verifier.certificate import canonical, digest
from verifier.query import digests

_WORDS = """
0 1 -1 2 1/2 0.1 1e3 -0 1/0 1e9999 0x1p-1074 0x1p9999 nan inf 99999999999999999999 x1..x9999 x1 h1 y argmax
~ & | ^ -> <-> ( ) [ ] { } , : ; @ > >= = < # - ' " \\ ≤ ü *a &a !a << null parity(x1..x2) maj(x1,x2,x1)
table(01;x1) atleast(99;x1) one_hot(2) true not
"""
WORDS = [*(word.encode() for word in _WORDS.split()), b"\t", b"\0", b"\xff", b"\xe2\x80\xa8", b"\xef\xbb\xbf"]
NUMBERS = (
    0,
    1,
    2,
    3,
    0x7F,
    0x80,
    0xFF,
    2**15,
    2**16 - 1,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**62,
    2**63 - 1,
    2**64 - 1,
)
_TOKEN = re.compile(rb"\w+|[ ]+|\n[ ]*|[^\w ]")


def mutant(rng: Random, name: str, seeds: Sequence[bytes]) -> bytes:
    """Return a variation of one of the seeds, of the kind that target reads."""
    data = rng.choice(seeds)
    if name in _STRUCTURED and rng.random() < 0.7:
        try:
            return _STRUCTURED[name](rng, data, seeds)
        except Exception:  # a seed that is damaged already cannot be taken apart
            return _bytes(rng, data)
    binary = name in ("npy", "npz", "safetensors", "onnx")
    return (_bytes if binary or rng.random() < 0.1 else _tokens)(rng, data, seeds)


def _tokens(rng: Random, data: bytes, seeds: Sequence[bytes] = ()) -> bytes:
    tokens = _TOKEN.findall(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        i, j = (rng.randrange(len(tokens) + 1) for _ in range(2))
        size = rng.choice((1, 1, 1, 2, 5, 20))
        match rng.randrange(7):
            case 0:
                del tokens[i : i + size]
            case 1:
                tokens[i:i] = tokens[j : j + size]
            case 2:
                tokens[i : i + size], tokens[j : j + size] = tokens[j : j + size], tokens[i : i + size]
            case 3:
                tokens[i : i + 1] = [rng.choice(WORDS)]
            case 4:
                tokens[i:i] = [rng.choice(WORDS)]
            case 5 if seeds:
                other = _TOKEN.findall(rng.choice(seeds))
                at = rng.randrange(len(other) + 1)
                tokens[i : i + rng.choice((0, size))] = other[at : at + size]
            case _:
                tokens[i:i] = tokens[j : j + 1] * rng.choice((2, 10, 100, 1000))
    return b"".join(tokens)[:200_000]


def _bytes(rng: Random, data: bytes, seeds: Sequence[bytes] = ()) -> bytes:
    buffer = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        i, size = rng.randrange(len(buffer) + 1), rng.choice((1, 1, 2, 4, 8, 64))
        match rng.randrange(6):
            case 0:
                del buffer[i : i + size]
            case 1:
                buffer[i : i + size] = rng.randbytes(size)
            case 2:
                buffer[i : i + 8] = struct.pack(rng.choice("<>") + "Q", rng.choice(NUMBERS))[
                    : rng.choice((1, 4, 8))
                ]
            case 3:
                del buffer[i:]
            case 4 if seeds:
                other = rng.choice(seeds)
                at = rng.randrange(len(other) + 1)
                buffer[i:i] = other[at : at + size]
            case _:
                buffer[i:i] = buffer[i : i + size] * rng.choice((1, 2, 50))
    return bytes(buffer)


def _npy(rng: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change the header or the data; the length of the header is right again."""
    (size,) = struct.unpack("<H", data[8:10])
    header, rest = data[10 : 10 + size], data[10 + size :]
    if rng.random() < 0.8:
        header = _tokens(rng, header)
    else:
        rest = _bytes(rng, rest)
    return data[:8] + struct.pack("<H", len(header) % 2**16) + header + rest


def _safetensors(rng: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change the header, as a text or as a value, or the data; the length of the header is right again."""
    (size,) = struct.unpack("<Q", data[:8])
    header, rest = data[8 : 8 + size], data[8 + size :]
    match rng.randrange(3):
        case 0:
            header = _tokens(rng, header)
        case 1:
            parsed = json.loads(header)
            entry = parsed[rng.choice(list(parsed))]
            entry["dtype"] = rng.choice(
                ["F64", "F16", "BF16", "I64", "I8", "BOOL", "F8_E4M3", entry["dtype"]]
            )
            entry["shape"] = rng.choice([entry["shape"], entry["shape"][::-1], [], [rng.choice(NUMBERS), 2]])
            header = json.dumps(parsed).encode()
        case _:
            rest = _bytes(rng, rest)
    return struct.pack("<Q", len(header)) + header + rest


def _grafted(rng: Random, tree: Any) -> None:
    """Change one or more values anywhere in lists and mappings."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        slots = list(_slots(tree))
        if not slots:
            return
        (holder, key), (other, at) = rng.choice(slots), rng.choice(slots)
        match rng.randrange(5):
            case 0:
                del holder[key]
            case 1:
                holder[key] = deepcopy(other[at])
            case 2 if isinstance(holder, list):
                holder.insert(key, deepcopy(other[at]))
            case 3 if isinstance(holder[key], str):
                holder[key] = _tokens(rng, holder[key].encode()).decode("utf-8", "replace")
            case _:
                holder[key] = rng.choice(
                    [None, True, 0, 1, -1, 3, 0.5, -1.5, 10**9, "", "1/3", "x1", "h", [], {}]
                )


def _slots(tree: Any) -> Iterator[tuple[Any, Any]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield tree, key
        yield from _slots(value)


def _spec(rng: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change values of a spec; it is written as JSON, which is YAML too."""
    tree = YAML(typ="safe", pure=True).load(data.decode())
    _grafted(rng, tree)
    return json.dumps(tree, ensure_ascii=False, indent=1).encode()


def _certificate(rng: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change values of a certificate; its digests are right again."""
    lines = [json.loads(line) for line in data.splitlines()]
    _grafted(rng, lines[0]["query"] if rng.random() < 0.5 else lines)
    if isinstance(lines[0], dict) and isinstance(lines[0].get("query"), dict) and rng.random() < 0.9:
        lines[0] |= digests(lines[0]["query"])
    listed = [canonical(line) + "\n" for line in lines[1:] if isinstance(line, dict) and "features" in line]
    if isinstance(lines[-1], dict) and rng.random() < 0.9:
        lines[-1] |= {"list_sha256": digest("".join(listed)), "count": len(listed)}
    return "".join(canonical(line) + "\n" for line in lines).encode()


def _npz(rng: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change a member, its name or both; the archive is sound."""
    with ZipFile(BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    i = rng.randrange(len(members))
    name, content = members[i]
    match rng.randrange(4):
        case 0:
            members[i] = _tokens(rng, name.encode()).decode("latin-1") or "a.npy", content
        case 1:
            del members[i]
        case 2:
            members.append((name, content))
        case _:
            members[i] = name, _npy(rng, content, seeds)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def _onnx(rng: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change fields of the messages; the message is sound."""
    from onnx import ModelProto

    network, other = ModelProto.FromString(data), ModelProto.FromString(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 2, 4))):
        message = rng.choice(list(_messages(network)))
        field = rng.choice(list(message.DESCRIPTOR.fields))
        donors = [m for m in _messages(other) if m.DESCRIPTOR is message.DESCRIPTOR]
        match rng.randrange(5):
            case 0:
                message.ClearField(field.name)
            case 1 if donors:
                message.MergeFrom(rng.choice(donors))
            case 2 if donors:
                message.CopyFrom(rng.choice(donors))
            case _:
                _set(rng, message, field)
    return network.SerializeToString()


def _messages(message: Any) -> Any:
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in (
                value
                if isinstance(getattr(message, field.name), type(value)) and hasattr(value, "add")
                else [value]
            ):
                yield from _messages(part)


def _set(rng: Random, message: Any, field: Any) -> None:
    """Give a field that is no message another value."""
    if field.message_type is not None:
        return
    old = getattr(message, field.name)
    repeated = hasattr(old, "append")
    sample = (list(old) or [field.default_value or 0])[0] if repeated else old
    match sample:
        case str():
            value: Any = rng.choice(
                ["", "x", "W", "Relu", "Gemm", "Add", "../../etc/passwd", "Loop", "axis", sample * 2]
            )
        case bytes():
            value = _bytes(rng, sample)
        case float():
            value = rng.choice([0.0, -1.0, 0.5, 1e38, float("nan"), float("inf")])
        case _:
            value = rng.choice([n for n in NUMBERS if n < 2**31] + [-1, -(2**31), sample + 1])
    if not repeated:
        setattr(message, field.name, value)
    elif len(old) and rng.random() < 0.7:
        old[rng.randrange(len(old))] = value
    else:
        old.append(value)


_STRUCTURED = {
    "spec_yaml": _spec,
    "spec_json": _spec,
    "check": _spec,
    "certificate": _certificate,
    "npy": _npy,
    "safetensors": _safetensors,
    "npz": _npz,
    "onnx": _onnx,
}
