"""`explanations` → entries: features in order, explicit writes, checks with their expected verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, cast

from verifier.checks import CHECKS, COUNTED, DEFAULT_CHECKS, FLOATS, Check, applicable
from verifier.decoding import Decoding
from verifier.errors import InputError, Position, Problem, input_error
from verifier.explanation import Explanation, Feature, Mode, parse_feature
from verifier.formula import parse, unknown_names
from verifier.network import Network, Row
from verifier.notation import suggest
from verifier.readout import Linear, Threshold, parse_direction
from verifier.spec import scalars
from verifier.spec.nodes import Mapping, Scalar
from verifier.spec.nodes import scalars as scalars_of
from verifier.spec.nodes_to_domain import Inputs
from verifier.spec.problems import Problems
from verifier.spec.spec import Entry
from verifier.verdict import AtLeast, Expected
from verifier.write import validate_writes

_NO_SITE = "no feature is found anywhere, write  gate @ site"
_LACKS: dict[Check, str] = {
    **dict.fromkeys(("behavior", *FLOATS), "there is no output"),
    "readout": "no feature is read by a form, write  gate @ h1 - h3",
    "mediation": _NO_SITE,
    "interchange": _NO_SITE,
    "necessity": _NO_SITE,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What an explanation is about; None where that is faulty, so that nothing can be said about it."""

    inputs: Inputs | None
    network: Network | None
    decoding: Decoding | None
    tolerance: Fraction


def read_entries(root: Mapping, context: Context, problems: Problems) -> tuple[Entry, ...]:
    """Return the explanations that are sound, in order."""
    node = root.mapping("explanations")
    entries = [
        _entry(key, value, context, problems)
        for key, value in (node.items.values() if node else ())
        if isinstance(value, Mapping)
    ]
    return tuple(entry for entry in entries if entry is not None)


def _entry(key: Scalar, node: Mapping, context: Context, problems: Problems) -> Entry | None:
    explanation = _explanation(key.text, node, context, problems)
    checks = _checks(node, explanation, problems)
    if explanation is None or not node.sound:
        return None
    title = node.scalar("title")
    return Entry(explanation, checks, key.position, title.text if title else "")


def _explanation(name: str, node: Mapping, context: Context, problems: Problems) -> Explanation | None:
    circuit = node.mapping("circuit")
    features = read_features(circuit, context, problems) if circuit else None
    if circuit is not None and context.decoding is not None:
        for output in context.decoding.names:
            if output not in circuit.items:
                hint = suggest(output, circuit.items)
                message = f"the output {output} of the network is not among the features"
                problems.add("E501", message, node.items["circuit"][0].position, hint)
    own = node.scalar("tolerance")
    tolerance = scalars.tolerance(own.text) if own else context.tolerance
    interchange = node.mapping("interchange")
    mode = interchange.scalar("mode") if interchange else None
    explanation = None
    if circuit is not None and features is not None and context.network is not None:
        try:
            explanation = Explanation(
                name, features, tolerance, mode=cast("Mode", mode.text) if mode else "all"
            )
        except InputError as error:
            for problem in error.problems:  # its first word is the feature it is about
                place = circuit.get(problem.message.partition(" ")[0]) or circuit
                problems.locate(InputError([problem]), place)
    writes = _writes(node, explanation, context, problems)
    return replace(explanation, writes=writes) if explanation is not None else None


def read_features(circuit: Mapping, context: Context, problems: Problems) -> tuple[Feature, ...] | None:
    """Return the features; None if any is faulty, or the network is."""
    features: list[Feature] = []
    names = list(circuit.items)
    inputs = context.inputs.names if context.inputs else ()
    known = list(inputs)
    for i, (name, (key, value)) in enumerate(circuit.items.items()):
        if name in inputs:
            problems.add("E105", f"the feature {name} has the name of an input", key.position)
        try:
            if isinstance(value, Scalar):
                features.append(_feature(name, value.text, context.network, known))
        except InputError as error:
            found = [_in_order(problem, names[i:]) for problem in error.problems]
            if context.inputs is None:
                found = [problem for problem in found if problem.code != "E202"]
            if found:
                problems.locate(InputError(found), value)
        known.append(name)
    return tuple(features) if len(features) == len(names) else None


def _feature(name: str, text: str, network: Network | None, known: Sequence[str]) -> Feature:
    """Return the feature; without a network its gate alone."""
    if network is not None:
        return parse_feature(name, text, network, known)
    gate = parse(text.partition("@")[0])
    unknown = unknown_names(gate, known)
    if unknown is not None:
        raise unknown
    return Feature(name, gate)


def _in_order(problem: Problem, later: Sequence[str]) -> Problem:
    """Return the complaint; about a feature that exists, but not yet, with a hint that says so."""
    unknown = problem.message.removeprefix("unknown name ")
    if problem.code != "E202" or unknown not in later:
        return problem
    if unknown == later[0]:
        return replace(problem, hint=f"{unknown} cannot be computed from itself")
    return replace(problem, hint=f"features are listed in order; {unknown} comes later")


def _writes(
    node: Mapping, explanation: Explanation | None, context: Context, problems: Problems
) -> dict[str, Row]:
    """Return the sound explicit writes."""
    writes: dict[str, Row] = {}
    written, circuit, network = node.mapping("write"), node.mapping("circuit"), context.network
    for name, (key, value) in written.items.items() if written else ():
        if circuit is not None and name not in circuit.items:
            problems.add("E202", f"unknown feature {name}", key.position, suggest(name, circuit.items))
        elif isinstance(value, Scalar) and network is not None:
            try:
                writes[name] = _write(name, value.text, network, explanation)
            except InputError as error:
                problems.locate(error, value)
    return writes


def _write(name: str, text: str, network: Network, explanation: Explanation | None) -> Row:
    layer, w = parse_direction(text, network)
    if explanation is None:
        return w
    site = explanation.feature(name).site
    if isinstance(site, Linear | Threshold) and site.layer != layer:
        there, here = network.layer(layer).name, network.layer(site.layer).name
        raise input_error("E502", f"{name} is read at layer {here}, so it cannot be written at layer {there}")
    misfits = validate_writes(network, replace(explanation, writes={name: w}))
    if misfits:
        raise InputError(misfits)
    return w


def _checks(
    node: Mapping, explanation: Explanation | None, problems: Problems
) -> tuple[tuple[Check, Expected], ...]:
    """Return the checks to run: those listed, else those expected something of, else the defaults."""
    expect = node.mapping("expect")
    expected = expect.items if expect else {}
    asked: dict[str, Position] = {}
    for item in scalars_of(node.sequence("checks")):
        if item.text in asked:
            problems.add("E105", f"the check {item.text} is listed twice", item.position)
        asked[item.text] = item.position
    for name, (key, _) in expected.items():
        if "checks" not in node.items:
            asked[name] = key.position
        elif asked and name not in asked:
            problems.add("E505", f"an expectation about {name}, which is not among the checks", key.position)
    if explanation is None:
        return ()
    run = tuple(check for check in CHECKS if check in asked)
    for check in run:
        if not applicable(explanation, check):
            problems.add("E503", f"{check} has nothing to check: {_LACKS[check]}", asked[check])
    verdicts: dict[str, Expected] = {}
    for name, (key, value) in expected.items():
        if isinstance(value, Scalar):
            verdicts[name] = cast("Literal['proved', 'refuted']", value.text)
        elif isinstance(value, Mapping) and (share := value.scalar("at_least")) is not None:
            verdicts[name] = AtLeast(scalars.share(share.text), share.text)
            if name not in COUNTED:
                message = f"{name} has no cases to count: expected proved or refuted"
                problems.add("E505", message, key.position)
    run = run or tuple(check for check in DEFAULT_CHECKS if applicable(explanation, check))
    return tuple((check, verdicts.get(check, "proved")) for check in run)
