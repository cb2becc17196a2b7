"""Spec and an explanation that is not on the list → what rules it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.engine.enumeration.enumerate import Options, staged
from verifier.engine.outcome import Exit
from verifier.errors import InputError, Problem
from verifier.explanation import Explanation, Feature, parse_feature
from verifier.notation import suggest
from verifier.run.enumerate_spec import prepared, section_of
from verifier.run.standing import RuledOut, output_gates, standing
from verifier.spec import Spec
from verifier.verdict import UndecidedError


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, and the exit code."""

    text: str
    exit: Exit


def why_not(spec: Spec, texts: Sequence[str], options: Options) -> Answer:
    """Return why an explanation of the spec, or one made of `NAME: GATE @ SITE`, is not on the spec's list.

    Raises:
        InputError: a feature that cannot be read, or a space that does not fit.
    """
    space = section_of(spec).space
    explanation = _explanation(spec, texts)
    subject = prepared(spec, options)
    try:
        stage = staged(subject, space, options)
        found = standing(stage, explanation)
    except UndecidedError as error:
        return Answer(f"undecided: {error}", Exit.UNDECIDED)
    if isinstance(found, RuledOut):
        return Answer(f"ruled out by {found.condition}: {found.told()}", Exit.OK)
    about = [f"{name} is {gate}" for name, gate in output_gates(stage, explanation, found).items()]
    if space.polarity:
        about.append("one of its class is listed, the least up to complementing features")
    aside = f" ({'; '.join(about)})" if about else ""
    return Answer(f"not ruled out: it is an explanation of this space{aside}", Exit.UNEXPECTED)


def _explanation(spec: Spec, texts: Sequence[str]) -> Explanation:
    """Return the explanation that is named, or the one that features make up.

    Among others, an explanation stands for its features; what it says of outputs is left out.
    """
    known = {entry.explanation.name: entry.explanation for entry in spec.entries}
    if len(texts) == 1 and texts[0].strip() in known:
        return known[texts[0].strip()]
    names = list(spec.domain.inputs)
    features: list[Feature] = []
    problems: list[Problem] = []
    for text in texts:
        name, colon, rest = text.partition(":")
        name = name.strip()
        if not colon and name in known:
            outputs = spec.decoding.names
            kept = [f for f in known[name].features if f.site is not None or f.name not in outputs]
            features += kept
            names += [feature.name for feature in kept]
            continue
        if not colon:
            hint = suggest(name, known)
            problems.append(Problem("E601", f"expected NAME: GATE @ SITE, got {text}", hint))
            continue
        try:
            features.append(parse_feature(name, rest, spec.network, names))
        except InputError as error:
            problems += [problem.at(name, problem.position) for problem in error.problems]
        names.append(name)
    if problems:
        raise InputError(problems)
    return Explanation("", tuple(features), spec.decoding.tolerance)
