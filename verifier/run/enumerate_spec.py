"""Spec with a section `enumerate` → the listing, what was expected of it, and the exit code that earns."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from verifier.certificate import parse_feature
from verifier.engine.enumeration.enumerate import Options, Watch, count, enumerate_space
from verifier.engine.enumeration.listing import Found, Listing, Order
from verifier.engine.enumeration.outcome import Expectation, ListReport
from verifier.engine.enumeration.stage import Stage
from verifier.engine.options import Choice
from verifier.engine.options import Options as Said
from verifier.engine.verify import Subject
from verifier.errors import InputError, InternalError, input_error
from verifier.query import query_document
from verifier.run.standing import RuledOut, refutation, standing
from verifier.spec import Enumeration, Spec
from verifier.verdict import UndecidedError


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
    return _report(spec, section, subject, listing, *_placed(spec, listing))


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
    return _report(spec, replace(section, expect=expect), subject, Listing((), (), statement, None))


def _report(
    spec: Spec,
    section: Enumeration,
    subject: Subject,
    listing: Listing,
    named: Mapping[str, int] = MappingProxyType({}),
    absent: Mapping[str, str] = MappingProxyType({}),
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
        absent,
        section.expect.complete is False,
    )


def _placed(spec: Spec, listing: Listing) -> tuple[dict[str, int], dict[str, str], list[str]]:
    """Return which explanations of the spec are in the list, and which are not; and which may be in it.

    The first have their number, counted from 1, the second the reason, if the list is complete.
    """
    stage = listing.stage
    if stage is None:
        return {}, {}, [entry.explanation.name for entry in spec.entries]
    named, absent, undecided = {}, {}, []
    key, complete = _key(stage, bool(listing.statement.kernel)), listing.statement.complete
    numbers = {key(found): number for number, found in reversed(list(enumerate(listing, start=1)))}
    for explanation in (entry.explanation for entry in spec.entries):
        sites = [feature.site for feature in explanation.found_at(stage.place)]
        readouts = [readout for readout in map(stage.readout_of, sites) if readout is not None]
        texts = tuple(stage.text(*readout) for readout in readouts)
        number = numbers.get(key(Found(texts, ()))) if len(texts) == len(sites) else None
        if not sites or (number is None and not complete):
            continue
        failing = None
        try:
            failing = refutation(stage, explanation) if number is not None else None
            if number is not None and failing is None:
                named[explanation.name] = number
                continue
            found = standing(stage, explanation)
            if isinstance(found, RuledOut):
                reason = found.told(number)
            elif listing.statement.rests_on == "lock":
                reason = "the list that was locked lacks it"
            else:
                raise InternalError(f"a complete list that lacks {explanation.name}")
        except UndecidedError as error:
            reason = str(error)
            if number is not None and failing is None:
                undecided.append(explanation.name)
        if complete:
            absent[explanation.name] = reason
    return named, absent, undecided


def _key(stage: Stage, kernel: bool) -> Callable[[Found], tuple[Any, ...]]:
    """Return what tells explanations of a list apart: one part per feature, also of features that are alike.

    Where readouts are listed up to what no input shows, it is the functions they read.
    """
    space, order = stage.space, Order()

    def function(text: str) -> tuple[Any, ...]:
        bits = tuple(stage.reads(*parse_feature(text)))
        return min(bits, tuple(1 - bit for bit in bits)) if space.polarity else bits

    free = space.coefficients is None and kernel
    part = function if free else order.unsigned if space.polarity else str
    return lambda found: tuple(sorted(map(part, found.features)))


def _expectations(
    section: Enumeration, listing: Listing, named: Mapping[str, int], undecided: Collection[str]
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
