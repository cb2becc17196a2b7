"""Subject, layer, concepts → ProbeReport: what a layer says of each of them, or of every function."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from verifier.decoding import Decoding
from verifier.domain import Domain
from verifier.engine.probe.listing import listed
from verifier.engine.probe.outcome import FORMS, Concept, Form, Listed, Probed, ProbeReport
from verifier.engine.probe.probe import Probe
from verifier.engine.probe.seen import Seen, Told
from verifier.engine.suggest.outputs import functions, tabulated
from verifier.engine.verify import Subject
from verifier.errors import InputError, input_error
from verifier.explanation import Explanation, Feature
from verifier.formula import Name
from verifier.network import Network
from verifier.notation import suggest
from verifier.verdict import Limits, UndecidedError, Unknown

#: Of coefficients, unless another is asked for; and the largest that may be.
BOUND, MAX_BOUND = 8, 1000


@dataclass(frozen=True, slots=True)
class Request:
    """What to find out. `layer` empty: the only hidden layer; `every`: all readable functions as well."""

    layer: str = ""
    bound: int = BOUND
    forms: tuple[Form, ...] = FORMS
    every: bool = False
    timeout_s: float | None = None


def place_of(network: Network, layer: str) -> int:
    """Return the place of a layer, by default of the only hidden one.

    Raises:
        InputError: E104, there is no such layer, or several to choose from.
    """
    names = [each.name for each in network.layers]
    if not layer and len(names) == 2:
        return 1
    place = network.place_of(layer)
    if place is None:
        got = layer or "none"
        hint = suggest(layer, names) if layer else f"layers: {', '.join(names)}"
        raise input_error("E104", f"expected a layer of the network, got {got}", hint)
    return place


def subject_of(network: Network, domain: Domain, decoding: Decoding, timeout_s: float | None) -> Subject:
    """Return what is probed, prepared by a method that runs every input.

    Raises:
        InputError: as `Subject`.
    """
    return Subject(network, domain, decoding, "arb" if network.smooth else "table", timeout_s)


def probe_layer(subject: Subject, contexts: Sequence[Explanation], request: Request) -> ProbeReport:
    """Return what is known of every feature of some explanations, wherever these find it; each function once.

    Without explanations the outputs are the concepts; where they are no bits, or inputs are too many to tell,
    the inputs.

    Raises:
        InputError: E104, as `place_of`.
        InternalError: an answer that does not hold, or two counts that disagree.
    """
    place = place_of(subject.network, request.layer)
    contexts = contexts or _outputs(subject) or inputs_of(subject.domain)

    def report(
        probed: Iterable[Probed],
        rows: int | None = None,
        rank: int | None = None,
        lists: Iterable[Listed] = (),
        constant: tuple[str, ...] = (),
    ) -> ProbeReport:
        return ProbeReport(
            subject, place, request.bound, request.forms, rows, rank, tuple(probed), tuple(lists), constant
        )

    try:
        seen = Seen.of(subject, place)
    except UndecidedError as error:
        unknown = Unknown(str(error))
        concepts = [
            Concept((_name(context, feature),), _upto(context, feature), None)
            for context in contexts
            for feature in context.features
        ]
        return report(Probed(concept, dict.fromkeys(request.forms, unknown)) for concept in concepts)
    constant = tuple(unit for unit, same in zip(seen.units, seen.constant, strict=True) if same)
    probe = Probe(seen, request.bound, request.timeout_s)
    probed = [
        Probed(concept, {form: probe.answer(concept, told, form) for form in request.forms})
        for concept, told in _distinct(seen, contexts)
    ]
    lists = [listed(probe, form) for form in request.forms] if request.every else []
    return report(probed, len(seen.first), probe.rank, lists, constant)


def inputs_of(domain: Domain) -> list[Explanation]:
    """Return every input as a concept."""
    return [Explanation("", (Feature(name, Name(name)),)) for name in domain.inputs]


def _outputs(subject: Subject) -> list[Explanation]:
    """Return every output as a concept; none where they have no formulas."""
    limits = Limits.of(subject.timeout_s, None)
    try:
        told = functions(subject, tabulated(subject, limits), limits)
    except (InputError, UndecidedError):
        return []
    return [Explanation("", (Feature(output.name, output.formula),)) for output in told]


def _distinct(seen: Seen, contexts: Sequence[Explanation]) -> list[tuple[Concept, Told]]:
    """Return the functions, each under all its names, with what the rows say of it."""
    found: dict[bytes, tuple[Concept, Told]] = {}
    for context in contexts:
        told = seen.told(context)
        for feature in context.features:
            function, bits, ones = told[feature.name]
            name = _name(context, feature)
            if function in found:
                known, _ = found[function]
                if name not in known.names:
                    found[function] = replace(known, names=(*known.names, name)), bits
            else:
                found[function] = Concept((name,), _upto(context, feature), ones), bits
    return list(found.values())


def _name(context: Explanation, feature: Feature) -> str:
    return f"{context.name}.{feature.name}" if context.name else feature.name


def _upto(context: Explanation, feature: Feature) -> tuple[Feature, ...]:
    """Return a feature and those before it, without their places."""
    last = context.features.index(feature)
    return tuple(replace(each, site=None) for each in context.features[: last + 1])
