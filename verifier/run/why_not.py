"""Spec and an explanation that is not on the list → what rules it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.engine.enumeration.enumerate import Options, staged
from verifier.engine.enumeration.examine import Accepted, examine
from verifier.engine.enumeration.misread import misread
from verifier.engine.outcome import Exit
from verifier.errors import InputError, Problem
from verifier.explanation import Feature, parse_feature
from verifier.run.enumerate_spec import prepared, section_of
from verifier.space import Space
from verifier.spec import Spec
from verifier.verdict import UndecidedError


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, and the exit code."""

    text: str
    exit: Exit


def why_not(spec: Spec, texts: Sequence[str], options: Options) -> Answer:
    """Return why features, given as `NAME: GATE @ SITE` or as an explanation, are none of the spec's space.

    Raises:
        InputError: a feature that cannot be read, or is not what the space lists.
    """
    section = section_of(spec)
    space = section.space
    features = _features(spec, texts, space)
    subject = prepared(spec, options)
    try:
        wrong = misread(subject, features)
        if wrong is not None:
            return Answer(f"ruled out by readout: {wrong}", Exit.OK)
        stage = staged(subject, space, options)
        low, high = space.features
        if not low <= len(features) <= high:
            wanted = low if low == high else f"{low}..{high}"
            told = f"the space has explanations of {wanted} features, here are {len(features)}"
            return Answer(f"ruled out by features: {told}", Exit.OK)
        readouts = [readout for f in features if (readout := stage.readout_of(f.site)) is not None]
        found = examine(stage, readouts, [feature.name for feature in features])
    except UndecidedError as error:
        return Answer(f"undecided: {error}", Exit.UNDECIDED)
    if not isinstance(found, Accepted):
        return Answer(f"ruled out by {found.condition}: {found.reason}", Exit.OK)
    about = [
        f"truth table of {name} {table}"
        for name, table in zip(spec.decoding.names, found.output, strict=False)
    ]
    if space.polarity:
        about.append("one of its class is listed, the least up to complementing features")
    aside = f" ({'; '.join(about)})" if about else ""
    return Answer(f"not ruled out: it is an explanation of this space{aside}", Exit.UNEXPECTED)


def _spelled(spec: Spec, texts: Sequence[str], place: int) -> list[str]:
    """Return the features in full: an explanation stands for its features, outputs are left out."""
    known = {entry.explanation.name: entry.explanation for entry in spec.entries}
    spelled = []
    for text in texts:
        name = text.partition(":")[0].strip()
        if ":" not in text and name in known:
            spelled += [feature.show(spec.network) for feature in known[name].found_at(place)]
        elif not (name in spec.decoding.names and "@" not in text):
            spelled.append(text)
    return spelled


def _features(spec: Spec, texts: Sequence[str], space: Space) -> list[Feature]:
    place = space.place(spec.network)
    features: list[Feature] = []
    problems: list[Problem] = []
    for text in _spelled(spec, texts, place):
        name, colon, rest = text.partition(":")
        if not colon:
            problems.append(Problem("E601", f"expected NAME: GATE @ SITE, got {text}"))
            continue
        try:
            feature = parse_feature(name.strip(), rest, spec.network, spec.domain.inputs)
        except InputError as error:
            problems += [problem.at(f"{name.strip()}", problem.position) for problem in error.problems]
            continue
        if not space.reads(feature.site) or feature.site.layer != place:
            message = f"expected {feature.name} to be a {space.readouts} readout of layer {space.layer}"
            problems.append(Problem("E506", message))
        features.append(feature)
    if problems:
        raise InputError(problems)
    return features
