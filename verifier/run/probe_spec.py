"""Spec, and concepts asked for besides → what a layer says of them."""

from collections.abc import Sequence

from verifier.engine.probe.layer import Request, probe_layer, subject_of
from verifier.engine.probe.outcome import ProbeReport
from verifier.errors import InputError, Problem
from verifier.explanation import Explanation, Feature, parse_feature
from verifier.spec import Spec


def probe_spec(spec: Spec, request: Request, concepts: Sequence[str] = ()) -> ProbeReport:
    """Return what is known of the concepts of a spec, of the features of its explanations, and of `concepts`.

    Args:
        concepts: texts `name: formula`, over inputs and the concepts before them.

    Raises:
        InputError: E601, one of them cannot be read; E104 for the layer; as `subject_of`.
    """
    named = [*spec.concepts]
    problems: list[Problem] = []
    for text in concepts:
        try:
            named.append(_concept(spec, text, [feature.name for feature in named]))
        except InputError as error:
            problems += [problem.at(f"--concept {text!r}", problem.position) for problem in error.problems]
    if problems:
        raise InputError(problems)
    contexts = [Explanation("", tuple(named))] if named else []
    contexts += [entry.explanation for entry in spec.entries]
    try:
        subject = subject_of(spec.network, spec.domain, spec.decoding, request.timeout_s)
    except InputError as error:
        output = spec.positions.get("output")
        raise InputError(p.at(spec.path, p.position or output) for p in error.problems) from None
    return probe_layer(subject, contexts, request)


def _concept(spec: Spec, text: str, known: Sequence[str]) -> Feature:
    name, colon, formula = text.partition(":")
    name = name.strip()
    if not colon or not formula.strip():
        raise InputError([Problem("E601", "expected NAME: FORMULA")])
    if name in (*known, *spec.domain.inputs):
        raise InputError([Problem("E105", f"there is an input or a concept {name} already")])
    if "@" in formula:
        raise InputError([Problem("E601", "expected a formula alone, without a place")])
    return parse_feature(name, formula.strip(), spec.network, [*spec.domain.inputs, *known])
