"""Bytes → whether they may be parsed: fields of messages, few enough, text in UTF-8, lengths that fit.

A parser makes an object of every message it meets, however short: two bytes of a file may become a kilobyte
of memory. So they are counted first, without making any. The encoding is that of protocol buffers
(protobuf.dev/programming-guides/encoding).
"""

from typing import Any

from verifier.errors import InputError, input_error

MAX_OBJECTS, MAX_FIELDS = 2**15, 2**18
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_STRING = 9
"""The number of the type `string` among the types of fields."""


def check_wire(data: bytes, message: Any) -> None:
    """Return if the bytes are fields of a message (its descriptor), not too many of them.

    Raises:
        InputError: E306.
    """
    objects, fields = 0, 0
    waiting = [(0, len(data), message)]
    while waiting:
        at, end, kind = waiting.pop()
        while at < end:
            key, at = _varint(data, at, end)
            fields += 1
            wire, field = key & 7, kind.fields_by_number.get(key >> 3)
            if wire == _DELIMITED:
                length, at = _varint(data, at, end)
                if length > end - at:
                    raise _damaged(at, f"a field of {length} bytes, of which {end - at} are there")
                objects += field is not None and (field.message_type is not None or field.type == _STRING)
                if field is not None and field.message_type is not None:
                    waiting.append((at, at + length, field.message_type))
                elif field is not None and field.type == _STRING:
                    _check_text(data[at : at + length], field.name, at)
                at += length
            elif wire == _VARINT:
                _, at = _varint(data, at, end)
            elif wire in (_FIXED64, _FIXED32):
                at += 8 if wire == _FIXED64 else 4
            else:
                raise _damaged(at, "no field begins like this")
            if objects > MAX_OBJECTS or fields > MAX_FIELDS:
                raise input_error(
                    "E306", f"more than {MAX_OBJECTS} parts, or {MAX_FIELDS} numbers one by one"
                )
        if at > end:
            raise _damaged(at, "a field ends beyond its message")


def _check_text(text: bytes, field: str, at: int) -> None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise _damaged(at, f"the {field} {text[:80]!r} is no UTF-8") from None


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the number that begins at a place, seven bits a byte, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if at == end:
            break
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
    raise _damaged(at, "a number without an end")


def _damaged(at: int, what: str) -> InputError:
    return input_error("E306", f"damaged, or no ONNX file: byte {at}: {what}")
