"""Values → text of a spec or of a network file, in YAML or JSON, that loads back to the same values."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Union

from verifier.decoding import Decoding
from verifier.errors import input_error
from verifier.explanation import Explanation
from verifier.formula import show as show_formula
from verifier.importers.layout import Layout, Stored
from verifier.network import ZERO, Activation, Network, Row
from verifier.notation import show, show_row
from verifier.readout import show_site

Plain = Union[str, int, Sequence["Plain"], Mapping[str, "Plain"]]  # noqa: UP007 - it refers to itself
"""What a file is made of: texts, integers and truth values, lists and mappings of them."""

_PLAIN = re.compile(r"(?:[A-Za-z0-9_~(.]|-[0-9.])(?!.*(?::(?: |$)| #))(?:.*[^ ])?")
_FLOW = re.compile(r"[,\[\]{}()]")
_NULLS = ("~", "null", "Null", "NULL")


def spec_text(document: Mapping[str, Plain], as_json: bool = False) -> str:
    """Return a spec file: `spec: 1`, then the keys of the document, in their order."""
    return text_of({"spec": 1, **document}, as_json)


def network_text(network: Network, source: Mapping[str, Plain], as_json: bool = False) -> str:
    """Return a network file; `source` holds file, format and sha256 of what the numbers came from."""
    return text_of({"source": source, **written_network(network)}, as_json)


def text_of(document: Mapping[str, Plain], as_json: bool = False) -> str:
    """Return a file that holds the document."""
    return _json(document, "") + "\n" if as_json else "\n".join(_yaml(document, "")) + "\n"


def written_inputs(names: Sequence[str]) -> list[Plain]:
    """Return names of inputs, those counted from 1 as a range.

    >>> written_inputs(["x1", "x2", "x3", "a", "b1"])
    ['x1..x3', 'a', 'b1']
    """
    written: list[Plain] = []
    rest = list(names)
    while rest:
        stem = rest[0].removesuffix("1")
        run = next((k for k, name in enumerate(rest) if name != f"{stem}{k + 1}"), len(rest))
        written.append(f"{rest[0]}..{rest[run - 1]}" if stem and run > 1 else rest[0])
        rest = rest[max(run, 1) :]
    return written


def written_network(network: Network) -> dict[str, Plain]:
    """Return what stands under `network` in a spec that writes the network out."""
    layers: list[Plain] = []
    for layer in network.layers:
        item: dict[str, Plain] = {"name": layer.name, "weights": [_numbers(row) for row in layer.W]}
        if any(layer.b):
            item["bias"] = _numbers(layer.b)
        item |= written_activation(layer.activation)
        numbered = tuple(f"{layer.name}{i + 1}" for i in range(layer.width))
        if layer.units != (numbered if layer.width > 1 else (layer.name,)):
            item["units"] = list(layer.units)
        layers.append(item)
    return {"layers": layers}


def seen_from(file: str | Path, folder: Path) -> str:
    """Return the path of a file as seen from a folder, symbolic links on the way to both followed.

    Raises:
        InputError: E601 for a name that is not UTF-8, which no text can hold.
    """
    path = Path(file)
    seen = Path(os.path.relpath(path.parent.resolve() / path.name, folder.resolve())).as_posix()
    try:
        seen.encode()
    except UnicodeEncodeError:
        message = f"the name of the file {seen!r} is not UTF-8: what is written cannot name it"
        raise input_error("E601", message, "rename it") from None
    return seen


def written_file(file: str, sha256: str, layout: Layout) -> dict[str, Plain]:
    """Return what stands under `network` in a spec that names a file, `file` relative to the spec."""
    written: dict[str, Plain] = {"file": file, "sha256": sha256}
    if layout.layers is not None:
        written["layers"] = [_written_layer(layer) for layer in layout.layers]
    if layout.activations is not None:
        kinds = [written_activation(activation) for activation in layout.activations]
        written["activations"] = [kind["activation"] if len(kind) == 1 else kind for kind in kinds]
    if layout.ignored:
        written["ignore"] = list(layout.ignored)
    return written


def _written_layer(layer: Stored) -> Plain:
    item: dict[str, Plain] = {"weights": layer.weights}
    item |= {"bias": layer.bias} if layer.bias else {}
    item |= {"transpose": layer.transpose} if layer.transpose is not None else {}
    item |= {"name": layer.name} if layer.name else {}
    item |= {"units": list(layer.units)} if layer.units else {}
    item |= written_activation(layer.activation) if layer.activation else {}
    return item if len(item) > 1 else layer.weights


def written_activation(activation: Activation) -> dict[str, Plain]:
    """Return the keys `activation`, `tie`, `slope`, `low` and `high` of an activation, where it has them."""
    written: dict[str, Plain] = {"activation": activation.kind}
    if activation.tie is not None:
        written["tie"] = activation.tie
    for key in ("slope", "low", "high"):
        value = getattr(activation, key)
        if value is not None and not (activation.smooth and value == 1):
            written[key] = shortest(value)
    return written


def written_output(decoding: Decoding, network: Network) -> Plain:
    """Return what stands under `output`."""
    if decoding.argmax:
        return "argmax"
    texts = {output.name: show_site(output.site, network) for output in decoding.outputs}
    if all(re.fullmatch(rf"{re.escape(name)}(?: [<>]=? \S+)?", text) for name, text in texts.items()):
        forms = list(texts.values())
        return forms if len(forms) > 1 else forms[0]
    return texts


def written_explanation(
    explanation: Explanation, network: Network, tolerance: Fraction = ZERO
) -> dict[str, Plain]:
    """Return what stands under the name of an explanation, but for titles, checks and expectations.

    `tolerance` is that of the file, which an explanation has unless it says another.
    """
    circuit: dict[str, Plain] = {}
    for feature in explanation.features:
        place = f" @ {show_site(feature.site, network)}" if feature.site is not None else ""
        circuit[feature.name] = show_formula(feature.gate) + place
    written: dict[str, Plain] = {"circuit": circuit}
    if explanation.tolerance != tolerance:
        written["tolerance"] = show(explanation.tolerance)
    if explanation.writes:
        layers = {f.name: network.layer(f.site.layer) for f in explanation.features if f.site is not None}
        written["write"] = {name: show_row(w, layers[name].units) for name, w in explanation.writes.items()}
    if explanation.mode != "all":
        written["interchange"] = {"mode": explanation.mode}
    return written


def shortest(value: Fraction) -> str:
    """Return the shorter exact text of a number: a fraction, or a hexadecimal float.

    >>> shortest(Fraction(-3, 4)), shortest(Fraction(0.1)), shortest(Fraction(1, 3))
    ('-3/4', '0xccccccccccccdp-55', '1/3')
    """
    n, d = abs(value.numerator), value.denominator
    if d & (d - 1) or n == 0:
        return show(value)
    zeros = (n & -n).bit_length() - 1
    text = f"{'-' if value < 0 else ''}0x{n >> zeros:x}p{zeros - d.bit_length() + 1}"
    return min(show(value), text, key=len)


def _numbers(row: Row) -> list[Plain]:
    return [shortest(value) for value in row]


def _yaml(node: Plain, pad: str) -> Iterator[str]:
    """Yield the lines of a list or mapping that is not written in brackets."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if _inline(value):
                yield f"{pad}{_scalar(key, True)}: {_flow(value)}"
            else:
                yield f"{pad}{_scalar(key, True)}:"
                yield from _yaml(value, pad + "  ")
    elif isinstance(node, Sequence):
        for item in node:
            lines = (
                [_flow(item)] if _inline(item) else [line[len(pad) + 2 :] for line in _yaml(item, pad + "  ")]
            )
            yield f"{pad}- {lines[0]}"
            yield from (f"{pad}  {line}" for line in lines[1:])


def _inline(node: Plain) -> bool:
    """Return whether a node stands on one line: a scalar, a list of scalars, or what is empty."""
    if isinstance(node, str | int) or not node:
        return True
    return isinstance(node, Sequence) and all(isinstance(item, str | int) for item in node)


def _flow(node: Plain) -> str:
    if isinstance(node, str | int):
        return _scalar(node, False)
    if isinstance(node, Mapping):
        return "{}"
    return f"[{', '.join(_scalar(item, True) for item in node if isinstance(item, str | int))}]"


def _scalar(value: str | int, flow: bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    plain = _PLAIN.fullmatch(value) and value.isprintable() and value not in _NULLS
    return value if plain and not (flow and _FLOW.search(value)) else json.dumps(value, ensure_ascii=False)


def _json(node: Plain, pad: str) -> str:
    """Return a document as JSON, lists of scalars on one line."""
    if _inline(node):
        return json.dumps(node, ensure_ascii=False)
    inner = pad + "  "
    if isinstance(node, Mapping):
        parts = [f"{inner}{json.dumps(key)}: {_json(value, inner)}" for key, value in node.items()]
        return "{\n" + ",\n".join(parts) + f"\n{pad}}}" if parts else "{}"
    assert not isinstance(node, str | int)
    return "[\n" + ",\n".join(f"{inner}{_json(item, inner)}" for item in node) + f"\n{pad}]"
