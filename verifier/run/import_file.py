"""A file with a network, and what is said about it → what it holds, a network file, or a ready spec."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from verifier.errors import InputError, InternalError, input_error
from verifier.importers.layout import Layout
from verifier.importers.read import Imported, holds_tensors, read_tensors
from verifier.importers.tensors import printable, show_shape
from verifier.network import Activation
from verifier.notation import above, below
from verifier.report.describe import unused
from verifier.run.asked import COMMA, Asked, in_options
from verifier.spec import loads
from verifier.spec.files import MAX_BYTES, read_bytes
from verifier.spec.network_file import loads_network, read_network_file
from verifier.spec.write import network_text, seen_from, spec_text, written_file

_ACTIVATION = re.compile(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*")


def imported_file(path: str, layout: Layout) -> Imported:
    """Return the network of a file, every problem located in it.

    Raises:
        InputError: as `read_network_file`.
    """
    try:
        return read_network_file(Path(path), layout)
    except InputError as error:
        raise in_options(_located(error, path)) from None


def ready_spec(path: str, layout: Layout, asked: Asked, target: Path) -> str:
    """Return the text of a spec about a network in a file, to be written to `target`; it has been loaded.

    Raises:
        InputError: for the file, the data file, or what is asked; E103 without a decoding.
    """
    imported = imported_file(path, layout)
    if not asked.outputs and not imported.output:
        hint = "say it:  --output 'y > 0', or argmax, or y, or 'NAME: FORM'"
        raise input_error("E103", f"{path} does not say how its output becomes a bit", hint)
    network = written_file(seen_from(path, target.parent), imported.sha256, layout)
    try:
        document = asked.document(imported.network.n, network, imported.output, target.parent)
    except InputError as error:
        raise in_options(error) from None
    text = spec_text(document, target.name.lower().endswith(".json"))
    try:
        loads(text, str(target))
    except InputError as error:
        raise in_options(_unplaced(error, target)) from None
    return text


def network_file(path: str, layout: Layout, target: Path) -> str:
    """Return the text of a network file with the exact weights of a file; it has been loaded.

    Raises:
        InputError: for the file; E108 for a text that is too large to be read again; what a name or a number
            has that no network file holds.
    """
    imported = imported_file(path, layout)
    here = seen_from(path, target.parent)
    source = {"file": here, "format": imported.format, "sha256": imported.sha256}
    text = network_text(imported.network, source, target.name.lower().endswith(".json"))
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise input_error("E108", f"{target} would be larger than {MAX_BYTES // 2**20} MiB")
    try:
        loaded = loads_network(data, target)
    except InputError as error:
        raise _unplaced(error, target) from None
    if loaded != imported.network:
        raise InternalError(f"the text of {target} is another network than {path} holds")
    return text


def contents(path: str, layout: Layout) -> list[str]:
    """Return what a file holds, line by line: of tensors about whose layers nothing is said, these alone.

    Raises:
        InputError: for the file.
    """
    file = Path(path)
    if holds_tensors(file) and layout.silent:
        try:
            tensors = read_tensors(read_bytes(file), file).values()
        except InputError as error:
            raise _located(error, path) from None
        lines = [f"{path}: {len(tensors)} tensors"]
        for tensor in tensors:
            values = [Fraction(v) for v in tensor.values.reshape(-1).tolist()]
            lines.append(f"  {printable(tensor.name)}  {show_shape(tensor.shape)}  {_range(values)}")
        return [*lines, "say --activations, one per layer, to import it as a network"]
    imported = imported_file(path, layout)
    lines = [f"{path}: {imported.format}, sha256 {imported.sha256}"]
    lines += [f"not used: {unused(imported.unused)}"] if imported.unused else []
    lines.append(str(imported.network))
    for layer in imported.network.layers:
        values = [*(w for row in layer.W for w in row), *layer.b]
        units = f"{layer.width} unit{'' if layer.width == 1 else 's'}"
        lines.append(f"  {layer.name}  {units}  {layer.activation}  {_range(values)}")
    return [*lines, *([f"output: {imported.output}"] if imported.output else [])]


def activations_of(text: str) -> tuple[Activation, ...]:
    """Return the activations of `relu, leaky_relu(slope=1/100), clip(low=0, high=6)`.

    Raises:
        InputError: E601 for the notation, E303 for an activation.
    """
    found = []
    for item in COMMA.split(text):
        match = _ACTIVATION.fullmatch(item)
        pairs = [pair.partition("=") for pair in (match[2] or "").split(",") if pair.strip()] if match else []
        if match is None or any(key.strip() not in ("tie", "slope", "low", "high") for key, _, _ in pairs):
            hint = "such as relu,leaky_relu(slope=1/100),clip(low=0,high=6)"
            raise input_error("E601", f"expected activations, got {text}", hint)
        given = {key.strip(): value.strip() for key, _, value in pairs}
        tie = given.pop("tie", None)
        if tie not in (None, "0", "1"):
            raise input_error("E601", f"expected tie=0 or tie=1, got {tie}")
        found.append(Activation(match[1], int(tie) if tie else None, **given))  # type: ignore[arg-type]
    return tuple(found)


def _range(values: Sequence[Fraction]) -> str:
    if not values:
        return "no numbers"
    finest = max(value.denominator for value in values)
    power = finest.bit_length() - 1
    steps = f"multiples of 2^-{power}" if finest == 1 << power else "not all of them binary fractions"
    whole = "whole numbers" if finest == 1 else steps
    return f"from {below(min(values))} to {above(max(values))}, {whole}"


def _unplaced(error: InputError, target: Path) -> InputError:
    """Return problems without their places in a file that is not there yet."""
    return InputError(
        replace(p, path="", position=None) if p.path == str(target) else p for p in error.problems
    )


def _located(error: InputError, path: str) -> InputError:
    return InputError(p if p.path or p.code == "E108" else p.at(path, None) for p in error.problems)
