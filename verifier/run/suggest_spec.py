"""Spec, or file with a network → suggestion, and the spec that claims it, which `verifier check` proves."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap

from verifier.engine.enumeration.enumerate import Progress
from verifier.engine.suggest.outcome import FULL, Miss, Request, Suggestion
from verifier.engine.suggest.rank import Ranked
from verifier.engine.suggest.suggest import suggest
from verifier.engine.verify import Subject
from verifier.errors import InputError, input_error
from verifier.explanation import Explanation
from verifier.formula import names, show
from verifier.importers.layout import Layout
from verifier.network import Activation, Network
from verifier.notation import MAX_TEXT
from verifier.readout import Linear, Threshold
from verifier.report.suggestion import remarks_of
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

#: How wide the comments of a spec are.
COLUMNS = 110
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
    section = _section(suggestion)
    document = {
        **{key: said for key, said in _moved(source, target.parent).items() if key != "enumerate"},
        "explanations": claims,
        **({"enumerate": section} if section else {}),
    }
    if target.name.lower().endswith(".json"):
        return text_of(document, True)
    remarks = [line for told in remarks_of(suggestion) for line in wrap(told, COLUMNS)]
    return "".join(f"# {line}\n" for line in remarks) + text_of(document)


def claimed(suggestion: Suggestion) -> dict[str, Plain]:
    """Return what stands under `explanations`: the simplest ones, or near misses, and the function."""
    network, telling = suggestion.subject.network, suggestion.telling
    told: dict[str, Plain] = {}
    for one in suggestion.ranked:
        if one.explanation in telling:
            expect: dict[str, Plain] = {**dict.fromkeys(one.proved, "proved")}
            expect |= dict.fromkeys(one.refuted, "refuted")
            told[one.explanation.name] = {
                **written_explanation(one.explanation, network),
                "expect": expect,
            }
    told |= {miss.explanation.name: _near(miss, network) for miss in suggestion.misses}
    function = suggestion.function
    if function is None or any(len(show(feature.gate)) > MAX_TEXT for feature in function.features):
        return told
    literals = sum(1 for feature in function.features for _ in names(feature.gate))
    if literals <= MAX_LITERALS or not told:
        told["function"] = {**written_explanation(function, network), "expect": {"behavior": "proved"}}
    return told


def _near(miss: Miss, network: Network) -> Mapping[str, Plain]:
    """Return a near miss as what it is: setting one feature at a time, the network agrees in many cases."""
    holds = miss.share.held == miss.share.total
    return {
        "title": f"interchange of one feature at a time holds in {miss.share} cases",
        **written_explanation(miss.explanation, network),
        "expect": {
            "behavior": "proved",
            "readout": "proved",
            "interchange": "proved" if holds else "refuted",
        },
    }


def _section(suggestion: Suggestion) -> Mapping[str, Plain]:
    """Return what guards a complete list, that of the first claim: an empty list is no finding to guard."""
    network = suggestion.subject.network
    kinds = [
        (_kind(one.explanation, network), one)
        for one in suggestion.ranked
        if one.explanation in suggestion.telling
    ]
    if not kinds:
        return {}
    (layer, readouts), first = kinds[0]
    lists = [counted for each in suggestion.layers if each.layer == layer for counted in each.counted]
    mine = next(counted for counted in lists if any(_same(first, one) for one in counted.ranking.ranked))
    of = [counted for counted in lists if replace(counted.space, features=mine.space.features) == mine.space]
    space, sizes = mine.space, {counted.space.features[0] for counted in of}
    low, high, bounds = min(sizes), max(sizes), space.coefficients
    if not all(counted.statement.complete for counted in of) or len(sizes) <= high - low:
        return {}
    contains = [
        one.explanation.name
        for kind, one in kinds
        if kind == (layer, readouts)
        and any(_same(one, other) for counted in of for other in counted.ranking.ranked)
    ]
    return {
        "layer": layer,
        "features": f"{low}..{high}" if low < high else low,
        "coefficients": "any" if bounds is None else f"{bounds[0]}..{bounds[1]}",
        **({"readouts": readouts} if readouts != "linear" else {}),
        **({"require": list(space.require)} if space.require != FULL else {}),
        "expect": {
            "count": sum(counted.statement.count for counted in of),
            "classes": sum(counted.statement.classes for counted in of),
            "contains": contains,
        },
    }


def _same(one: Ranked, other: Ranked) -> bool:
    return one.explanation.features == other.explanation.features


def _kind(claim: Explanation, network: Network) -> tuple[str, Readouts]:
    """Return at which layer the features of a claim are read, and how."""
    site = claim.readable[0].site
    assert isinstance(site, Linear | Threshold)
    return network.layer(site.layer).name, "linear" if isinstance(site, Linear) else "threshold"


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
