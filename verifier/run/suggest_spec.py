"""Spec → suggestion, and the spec that claims what was suggested: `verifier check` proves it at once."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from verifier.checks import DEFAULT_CHECKS, applicable
from verifier.engine.enumeration.enumerate import Progress
from verifier.engine.suggest.suggest import Request, Suggestion, suggest
from verifier.engine.verify import Subject
from verifier.errors import InputError, Position, input_error
from verifier.explanation import Explanation
from verifier.formula import names, show
from verifier.network import Network
from verifier.notation import MAX_TEXT
from verifier.readout import show_site
from verifier.spec import Spec
from verifier.spec import nodes as tree
from verifier.spec.files import decode, read_bytes
from verifier.spec.nodes_to_text import json_text, yaml_text
from verifier.spec.problems import Problems
from verifier.spec.text_to_nodes import read_nodes

#: Literals up to which a formula of the outputs is worth a claim of its own beside others.
MAX_LITERALS = 100

_PLAIN = re.compile(r"(?:[A-Za-z0-9_(~./]|-[0-9])[-A-Za-z0-9_ ()&|^~@<>=;,.*/+{}]*")
_NOWHERE = Position(1, 1)


def suggest_spec(
    spec: Spec, request: Request, progress: Callable[[Progress], None] = lambda _: None
) -> Suggestion:
    """Return what there is to say of the network of a spec, whatever the spec claims.

    Raises:
        InputError: located in the file.
    """
    try:
        subject = Subject(spec.network, spec.domain, spec.decoding, timeout_s=request.timeout_s)
        return suggest(subject, request, progress)
    except InputError as error:
        output = spec.positions.get("output")
        raise InputError(p.at(spec.path, p.position or output) for p in error.problems) from None


def suggested_spec(spec: Spec, suggestion: Suggestion, target: Path) -> str:
    """Return the text of a spec, its claims replaced by those suggested, to be written to `target`.

    Raises:
        InputError: E503, nothing is suggested.
    """
    claims = claimed(suggestion)
    if not claims:
        raise input_error("E503", "there is nothing to claim, so no spec was written")
    root = _root(spec)
    kept = {key: value for key, value in root.items.items() if key not in ("explanations", "enumerate")}
    network = suggestion.subject.network
    section = _section(suggestion, claims)
    added = {
        "explanations": {claim.name: _claim(claim, network) for claim in claims},
        **({"enumerate": section} if section else {}),
    }
    document = tree.Mapping({**kept, **_mapping(added).items}, _NOWHERE)
    text = json_text if target.name.lower().endswith(".json") else yaml_text
    return text(_moved(document, Path(spec.path).parent, target.parent))


def _root(spec: Spec) -> tree.Mapping:
    """Return the nodes of a spec that was loaded."""
    data = read_bytes(Path(spec.path))
    root = read_nodes(decode(data, "E101"), spec.path, Problems(spec.path))
    if sha256(data).hexdigest() != spec.sha256 or not isinstance(root, tree.Mapping):
        raise input_error("E108", f"{spec.path} has changed since it was read")
    return root


def claimed(suggestion: Suggestion) -> tuple[Explanation, ...]:
    """Return the claims of a suggestion: the simplest explanations, the simplest first, and the function."""
    claims = list(suggestion.telling)
    function = suggestion.function
    if function is not None:
        literals = sum(len(list(names(feature.gate))) for feature in function.features)
        fits = all(len(show(feature.gate)) <= MAX_TEXT for feature in function.features)
        claims += [function] if fits and (literals <= MAX_LITERALS or not claims) else []
    return tuple(claims)


def _claim(claim: Explanation, network: Network) -> Mapping[str, object]:
    circuit = {}
    for feature in claim.features:
        place = "" if feature.site is None else f" @ {show_site(feature.site, network)}"
        circuit[feature.name] = f"{show(feature.gate)}{place}"
    checks = [check for check in DEFAULT_CHECKS if applicable(claim, check)]
    return {"circuit": circuit, "expect": dict.fromkeys(checks, "proved")}


def _section(suggestion: Suggestion, claims: Sequence[Explanation]) -> Mapping[str, object]:
    """Return the section that guards a complete list: that of the first claim's layer, if it has one."""
    network = suggestion.subject.network
    places = [place for claim in claims for place in claim.layers]
    best = network.layer(places[0]).name if places else None
    complete = [layer for layer in suggestion.layers if layer.complete and layer.counted]
    layer = next((layer for layer in complete if best in (None, layer.layer)), None)
    if layer is None:
        return {}
    spaces = [counted.space for counted in layer.counted]
    low, high = spaces[0].features[0], spaces[-1].features[1]
    bounds = spaces[0].coefficients
    here = [claim.name for claim in claims if network.place_of(layer.layer) in claim.layers]
    return {
        "layer": layer.layer,
        "features": f"{low}..{high}" if low < high else str(low),
        "coefficients": "any" if bounds is None else f"{bounds[0]}..{bounds[1]}",
        "expect": {
            "count": str(sum(counted.statement.count for counted in layer.counted)),
            "classes": str(sum(counted.statement.classes for counted in layer.counted)),
            **({"contains": here} if here else {}),
        },
    }


def _moved(node: tree.Mapping, source: Path, target: Path) -> tree.Mapping:
    """Return a document with the files it names, under `network` and `rows`, as seen from another folder."""
    items = dict(node.items)
    for key in items.keys() & {"network", "rows"}:
        said = node.get(key)
        if isinstance(said, tree.Scalar):
            items[key] = items[key][0], _seen_from(said, source, target)
        elif isinstance(said, tree.Mapping) and (file := said.scalar("file")) is not None:
            named = {**said.items, "file": (said.items["file"][0], _seen_from(file, source, target))}
            items[key] = items[key][0], replace(said, items=named)
    return tree.Mapping(items, node.position)


def _seen_from(file: tree.Scalar, source: Path, target: Path) -> tree.Scalar:
    seen = Path(os.path.relpath(source / file.text, target)).as_posix()
    return file if os.path.isabs(file.text) or source.resolve() == target.resolve() else _scalar(seen)


def _mapping(values: Mapping[str, object]) -> tree.Mapping:
    return tree.Mapping({key: (_scalar(key), _node(value)) for key, value in values.items()}, _NOWHERE)


def _node(value: object) -> tree.Node:
    match value:
        case Mapping():
            return _mapping(value)
        case list():
            return tree.Sequence(tuple(map(_node, value)), _NOWHERE)
        case _:
            return _scalar(str(value))


def _scalar(text: str) -> tree.Scalar:
    """Return a text, in quotes if YAML would read something else."""
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in ("null", "true", "false", "~")
    return tree.Scalar(text, _NOWHERE, plain)
