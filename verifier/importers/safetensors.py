"""Bytes of a `.safetensors` file → tensors, by the package of that name; it checks header and offsets."""

import json

from verifier.errors import input_error
from verifier.importers.tensors import Tensor, check_total, from_bytes

_DTYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16",
    "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8",
    "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
}  # fmt: skip


def read_safetensors(data: bytes) -> dict[str, Tensor]:
    """Return the tensors by name.

    Raises:
        InputError: E306, for a file that is damaged or holds numbers that are not read here.
    """
    from safetensors import SafetensorError, deserialize

    try:
        stored = deserialize(data)  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise input_error("E306", f"not a safetensors file: {error}") from None
    _refuse_duplicates(data)
    check_total([entry["shape"] for _, entry in stored])
    found = {}
    for name, entry in sorted(stored, key=lambda item: item[0]):
        if entry["dtype"] not in _DTYPES:
            message = f"tensor {name}: numbers of type {entry['dtype']} are not read"
            raise input_error("E306", message, f"known: {', '.join(_DTYPES)}")
        found[name] = from_bytes(name, _DTYPES[entry["dtype"]], entry["shape"], bytes(entry["data"]))
    return found


def _refuse_duplicates(data: bytes) -> None:
    """Raise E306 for a header that has a name twice: the package reads the last, others the first."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise input_error("E306", f"the header has the name {twice!r} twice")
        return dict(pairs)

    size = int.from_bytes(data[:8], "little")
    json.loads(data[8 : 8 + size], object_pairs_hook=unique)
