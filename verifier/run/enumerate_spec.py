"""Spec with a section `enumerate` → the listing, what was expected of it, and the exit code that earns."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from verifier.claim import Claim
from verifier.engine.enumeration.enumerate import Options, Watch, count, enumerate_space
from verifier.engine.enumeration.examine import Accepted, examine
from verifier.engine.enumeration.listing import Found, Listing, Order
from verifier.engine.enumeration.outcome import Expectation, ListReport
from verifier.engine.options import Choice
from verifier.engine.options import Options as Said
from verifier.engine.verify import Subject
from verifier.errors import InputError, input_error
from verifier.query import query_document
from verifier.spec import Entry, Enumeration, Spec
from verifier.verdict import Proved, Refuted, UndecidedError, Unknown


def section_of(spec: Spec) -> Enumeration:
    """Return the section `enumerate`.

    Raises:
        InputError: E103, there is none.
    """
    if spec.enumeration is None:
        raise input_error(
            "E103", f"{spec.path} has no section `enumerate`", "enumerate: {layer: h, features: 2}"
        )
    return spec.enumeration


def query_of(spec: Spec) -> dict[str, Any]:
    """Return the query of a spec, as certificates hold it."""
    return query_document(spec.network, spec.domain, spec.decoding, section_of(spec).space)


def prepared(spec: Spec, options: Options, method: Choice = "auto") -> Subject:
    """Return the network of a spec on its domain.

    Raises:
        InputError: located in the file.
    """
    section = section_of(spec)
    try:
        return Subject(spec.network, spec.domain, spec.decoding, method, options.timeout_s, options.rlimit)
    except InputError as error:
        raise InputError(p.at(spec.path, p.position or section.position) for p in error.problems) from None


def enumerate_spec(
    spec: Spec,
    options: Options,
    known: Sequence[Found] = (),
    watch: Watch | None = None,
    subject: Subject | None = None,
) -> ListReport:
    """Return all explanations of the space a spec names; `subject` is its network, where that is prepared.

    Raises:
        InputError: located in the file.
    """
    section = section_of(spec)
    subject = subject or prepared(spec, options)
    try:
        listing = enumerate_space(subject, section.space, options, known, watch)
    except InputError as error:
        raise InputError(p.at(spec.path, p.position or section.position) for p in error.problems) from None
    return report_of(spec, subject, listing)


def report_of(spec: Spec, subject: Subject, listing: Listing) -> ListReport:
    """Return what a list is worth."""
    section = section_of(spec)
    named, undecided = _named(spec, section, subject, listing)
    return _report(spec, section, subject, listing, named, undecided)


def guard_options(said: Said) -> Options:
    """Return how `check` lists: without Z3 where trying every function does, unless Z3 is asked for."""
    return Options(solver=said.method in ("smt", "all"), timeout_s=said.timeout_s, rlimit=said.rlimit)


def count_spec(spec: Spec, options: Options) -> ListReport:
    """Return how many explanations the space of a spec holds, as the report of a list that was not kept.

    Raises:
        InputError: located in the file.
    """
    section = section_of(spec)
    subject = prepared(spec, options)
    try:
        statement = count(subject, section.space, options)
    except InputError as error:
        raise InputError(p.at(spec.path, p.position or section.position) for p in error.problems) from None
    expect = replace(section.expect, contains=())  # only a list can tell
    return _report(spec, replace(section, expect=expect), subject, Listing((), (), statement, None), {})


def _report(
    spec: Spec,
    section: Enumeration,
    subject: Subject,
    listing: Listing,
    named: dict[str, int],
    undecided: Collection[str] = (),
) -> ListReport:
    return ListReport(
        spec.path,
        spec.sha256,
        spec.title,
        spec.network,
        spec.domain,
        spec.decoding,
        section.space,
        subject.size,
        listing,
        _expectations(section, listing, named, undecided),
        named,
        _absent(spec, section, subject, listing, named),
        section.expect.complete is False,
    )


def _named(
    spec: Spec, section: Enumeration, subject: Subject, listing: Listing
) -> tuple[dict[str, int], list[str]]:
    """Return which explanations of the spec are in the list, each with its number, and which may be in it.

    Numbers count from 1. Only explanations that hold count, in the checks that the space requires. Where
    readouts are listed up to what no input shows, explanations are known by the functions they read.
    """
    stage, order = listing.stage, Order()
    if stage is None:
        return {}, [entry.explanation.name for entry in spec.entries]
    free = section.space.coefficients is None and bool(listing.statement.kernel)

    def key(found: Found) -> frozenset[Any]:
        if free:
            functions = [tuple(stage.reads(row, offset)) for row, offset in found.readouts]
            complements = [tuple(1 - value for value in function) for function in functions]
            pairs = zip(functions, complements, strict=True)
            return frozenset(map(min, pairs) if section.space.polarity else functions)
        return order.group(found) if section.space.polarity else frozenset(found.features)

    numbers = {key(found): number for number, found in reversed(list(enumerate(listing, start=1)))}
    named, undecided = {}, []
    for entry in spec.entries:
        sites = [feature.site for feature in entry.explanation.found_at(stage.place)]
        readouts = [readout for readout in map(stage.readout_of, sites) if readout is not None]
        texts = [stage.text(*readout) for readout in readouts]
        number = numbers.get(key(Found(tuple(texts), ())))
        listed = texts and number is not None and len(texts) == len(sites)
        if not listed:
            continue
        failing = _failing(spec, section, subject, entry)
        if failing is None:
            named[entry.explanation.name] = number or 0
        elif isinstance(failing[1], Unknown):
            undecided.append(entry.explanation.name)
    return named, undecided


def _failing(
    spec: Spec, section: Enumeration, subject: Subject, entry: Entry
) -> tuple[str, Refuted | Unknown] | None:
    """Return a required check that an explanation does not pass, one that is refuted if there is any."""
    explanation = replace(entry.explanation, mode="all")
    claim = Claim(spec.network, spec.domain, spec.decoding, explanation)
    verdicts = {check: subject.verify(claim, check).verdict for check in section.space.require}
    failing = [(check, verdict) for check, verdict in verdicts.items() if not isinstance(verdict, Proved)]
    return min(failing, key=lambda found: isinstance(found[1], Unknown), default=None)


def _absent(
    spec: Spec, section: Enumeration, subject: Subject, listing: Listing, named: dict[str, int]
) -> dict[str, str]:
    """Return why explanations of the spec that are found at the layer are not on a complete list."""
    stage, absent = listing.stage, {}
    if stage is None or not listing.statement.complete:
        return {}
    low, high = section.space.features
    for entry in spec.entries:
        features = entry.explanation.found_at(stage.place)
        if entry.explanation.name in named or not features:
            continue
        sites = [feature.site for feature in features]
        readouts = [readout for readout in map(stage.readout_of, sites) if readout is not None]
        if len(readouts) < len(sites):
            reason = f"only {section.space.readouts} readouts are listed"
        elif not low <= len(readouts) <= high:
            reason = f"it has {len(readouts)} feature{'' if len(readouts) == 1 else 's'} there"
        else:
            try:
                found = examine(stage, readouts, [feature.name for feature in features])
            except UndecidedError as error:
                reason = str(error)
            else:
                failing = _failing(spec, section, subject, entry)
                reason = (
                    f"its {failing[0]} is not proved" if failing else "another one of its class is listed"
                )
                reason = reason if isinstance(found, Accepted) else found.reason
        absent[entry.explanation.name] = reason
    return absent


def _expectations(
    section: Enumeration, listing: Listing, named: dict[str, int], undecided: Collection[str]
) -> tuple[Expectation, ...]:
    expect, statement = section.expect, listing.statement
    found = []
    for what, wanted, got in (
        ("count", expect.count, statement.count),
        ("classes", expect.classes, statement.classes),
    ):
        if wanted is not None:
            decided = statement.complete or got > wanted
            least = "" if statement.complete else "at least "
            found.append(Expectation(what, str(wanted), f"{least}{got}", got == wanted if decided else None))
    for name in expect.contains:
        told_apart = statement.complete and name not in undecided
        verdict = True if name in named else False if told_apart else None
        told = "listed" if name in named else "not listed" if told_apart else "not known to be listed"
        found.append(Expectation("contains", name, told, verdict))
    if expect.complete is True:
        told = "complete" if statement.complete else "not complete"
        found.append(Expectation("the list is", "complete", told, True if statement.complete else None))
    return tuple(found)
