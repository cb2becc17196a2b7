"""Spec, or file with a network → suggestion, and the spec that claims it, which `verifier check` proves."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from verifier.checks import DEFAULT_CHECKS, applicable
from verifier.engine.enumeration.enumerate import Progress
from verifier.engine.suggest.suggest import Counted, Request, Suggestion, suggest
from verifier.engine.verify import Subject
from verifier.errors import InputError, input_error
from verifier.explanation import Explanation
from verifier.formula import names, show
from verifier.importers.layout import Layout
from verifier.network import Activation, Network
from verifier.notation import MAX_TEXT
from verifier.readout import Linear, Threshold
from verifier.run.asked import Asked
from verifier.run.find_specs import SUFFIXES
from verifier.run.import_file import imported_file, ready_spec
from verifier.space import Readouts
from verifier.spec import Spec, loads
from verifier.spec import nodes as tree
from verifier.spec.files import decode, read_bytes
from verifier.spec.network_file import TEXTS
from verifier.spec.problems import Problems
from verifier.spec.text_to_nodes import read_nodes
from verifier.spec.write import Plain, seen_from, text_of, written_explanation

#: Literals up to which a formula of the outputs is worth a claim of its own beside others.
MAX_LITERALS = 100

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Source:
    """What is suggested about: a spec, as values and as what its file is made of; `path` was given for it."""

    path: str
    spec: Spec
    document: Mapping[str, Plain]


def source_of(path: str, activations: Sequence[Activation] | None, asked: Asked) -> Source:
    """Return a spec, or the spec that imports a network from a file; without a claim that counts.

    Args:
        activations: those of a file of tensors, one per layer.
        asked: what to say besides of a file with a network. Without a decoding, that of the file; or else
            its only output is taken as it is.

    Raises:
        InputError: as `load` and `ready_spec`; E601, something is asked of a spec, which says it itself.
    """
    if _is_spec(path):
        if activations is not None or asked != Asked():
            hint = "options about a FILE are keys of a spec: write them there"
            raise input_error("E601", f"{path} is a spec, and says what the network and the domain are", hint)
        try:
            return _source(path, decode(read_bytes(Path(path)), "E101"), path)
        except InputError as error:
            raise InputError(p if p.path else p.at(path, p.position) for p in error.problems) from None
    layout = Layout(activations=None if activations is None else tuple(activations))
    imported = imported_file(path, layout)
    last = imported.network.layers[-1]
    if not asked.outputs and imported.output is None:
        if last.width > 1:
            hint = f"say it:  --output argmax, or of one unit  --output '{last.units[0]} > 0'"
            raise input_error("E103", f"{path} does not say how its outputs become bits", hint)
        asked = replace(asked, outputs=(last.units[0],))
    beside = Path(path).with_name(f"{Path(path).name}.circuit.yaml")
    return _source(path, ready_spec(path, layout, asked, beside), str(beside))


def _is_spec(path: str) -> bool:
    """Return whether a file is a text with a key `spec`, or is called as if it were."""
    if Path(path).suffix.lower() not in TEXTS or path.lower().endswith(SUFFIXES):
        return path.lower().endswith(SUFFIXES)
    try:
        root = read_nodes(decode(read_bytes(Path(path)), "E101"), path, Problems(path))
    except InputError:
        return True  # whatever is wrong is told as of a spec
    return not isinstance(root, tree.Mapping) or "layers" not in root.items


def _source(named: str, text: str, path: str) -> Source:
    spec = loads(text, path)
    root = read_nodes(text, path, Problems(path))
    assert isinstance(root, tree.Mapping)  # it has been loaded
    return Source(named, spec, {key: _plain(value) for key, (_, value) in root.items.items()})


def suggest_spec(
    source: Source, request: Request, progress: Callable[[Progress], None] = lambda _: None
) -> Suggestion:
    """Return what there is to say of a network.

    Raises:
        InputError: located in the file.
    """
    spec = source.spec
    try:
        subject = Subject(spec.network, spec.domain, spec.decoding, timeout_s=request.timeout_s)
        return suggest(subject, request, progress)
    except InputError as error:
        output = spec.positions.get("output") if source.path == spec.path else None
        raise InputError(
            p.at(source.path, output if p.code == "E305" else None) for p in error.problems
        ) from None


def suggested_spec(source: Source, suggestion: Suggestion, target: Path) -> str | None:
    """Return the text of the spec whose claims are those suggested; None where nothing is.

    It is to be written to `target`: files are named relative to its folder.
    """
    claims = claimed(suggestion)
    if not claims:
        return None
    network, section = suggestion.subject.network, _section(suggestion, claims)
    document = {
        **_moved(source, target.parent),
        "explanations": {claim.name: _claim(claim, network) for claim in claims},
        **({"enumerate": section} if section else {}),
    }
    return text_of(document, target.name.lower().endswith(".json"))


def claimed(suggestion: Suggestion) -> tuple[Explanation, ...]:
    """Return the claims of a suggestion: the simplest explanations, the simplest first, and the function."""
    claims = suggestion.telling
    function = suggestion.function
    if function is None or any(len(show(feature.gate)) > MAX_TEXT for feature in function.features):
        return claims
    literals = sum(1 for feature in function.features for _ in names(feature.gate))
    return (*claims, function) if literals <= MAX_LITERALS or not claims else claims


def _claim(claim: Explanation, network: Network) -> Mapping[str, Plain]:
    checks = [check for check in DEFAULT_CHECKS if applicable(claim, check)]
    return {**written_explanation(claim, network), "expect": dict.fromkeys(checks, "proved")}


def _section(suggestion: Suggestion, claims: Sequence[Explanation]) -> Mapping[str, Plain]:
    """Return what guards a complete list: of the first claim's kind, or where nothing is read the last."""
    network = suggestion.subject.network
    kinds = [(_kind(claim, network), claim.name) for claim in claims]
    lists: dict[tuple[str, Readouts], list[Counted]] = {}
    for layer in suggestion.layers:
        for counted in layer.counted:
            lists.setdefault((layer.layer, counted.space.readouts), []).append(counted)
    whole = [kind for kind, of in lists.items() if all(counted.statement.complete for counted in of)]
    kind = kinds[0][0] if kinds[0][0] is not None else whole[-1] if whole else None
    if kind not in whole:
        return {}
    of = lists[kind]
    low, high, bounds = of[0].space.features[0], of[-1].space.features[1], of[0].space.coefficients
    contains = [name for read, name in kinds if read == kind]
    return {
        "layer": kind[0],
        "features": f"{low}..{high}" if low < high else low,
        "coefficients": "any" if bounds is None else f"{bounds[0]}..{bounds[1]}",
        **({"readouts": kind[1]} if kind[1] != "linear" else {}),
        "expect": {
            "count": sum(counted.statement.count for counted in of),
            "classes": sum(counted.statement.classes for counted in of),
            **({"contains": contains} if contains else {}),
        },
    }


def _kind(claim: Explanation, network: Network) -> tuple[str, Readouts] | None:
    """Return at which layer the features of a claim are read, and how; None if they are only computed."""
    for feature in claim.readable:
        assert isinstance(feature.site, Linear | Threshold)
        readouts: Readouts = "linear" if isinstance(feature.site, Linear) else "threshold"
        return network.layer(feature.site.layer).name, readouts
    return None


def _plain(node: tree.Node) -> Plain:
    """Return what a node says; a text that YAML would take for a whole number or a truth value is one."""
    match node:
        case tree.Mapping(items):
            return {key: _plain(value) for key, (_, value) in items.items()}
        case tree.Sequence(items):
            return [_plain(item) for item in items]
        case tree.Scalar(text, plain=True) if text in ("true", "false"):
            return text == "true"
        case tree.Scalar(text, plain=True) if _WHOLE.fullmatch(text):
            return int(text)
        case tree.Scalar(text):
            return text
        case _:
            raise AssertionError("a spec that has been loaded has no faults")


def _moved(source: Source, folder: Path) -> Mapping[str, Plain]:
    """Return a document with the files it names, under `network` and `rows`, as seen from another folder."""
    document, start = dict(source.document), Path(source.spec.path).parent

    def seen(file: Plain) -> Plain:
        if not isinstance(file, str) or Path(file).is_absolute():
            return file
        return seen_from(start / file, folder)

    for key in document.keys() & {"network", "rows"}:
        said = document[key]
        if isinstance(said, Mapping) and "file" in said:
            document[key] = {**said, "file": seen(said["file"])}
        else:
            document[key] = seen(said)
    return document
