"""Spec → scores of its proved explanations: checked as asked first, then changed, to see who notices."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from verifier.checks import Statement
from verifier.engine.mutation.mutate import MOST, mutate
from verifier.engine.mutation.outcome import Mutated, MutationReport, Skipped, testing
from verifier.engine.options import Options
from verifier.engine.outcome import Exit, ExplanationReport, SpecReport, word, worst
from verifier.errors import InputError, InternalError
from verifier.run.check_specs import Prepared, loaded
from verifier.run.find_specs import find_specs
from verifier.run.selection import Select
from verifier.verdict import Proved, Refuted


def mutate_spec(
    path: str,
    options: Options | None = None,
    select: Select | None = None,
    most: int = MOST,
    wanted: Fraction = Fraction(0),
    progress: Callable[[int, int], None] | None = None,
) -> MutationReport:
    """Return the scores of the explanations of a spec, by the checks of each that are proved.

    Skipped are explanations that are not as expected, whose behavior is refuted, or of which nothing is
    proved.

    Args:
        select: which `path::explanation::check` to ask.
        most: how many mutants of an explanation to try.
        wanted: the score that every explanation must have.

    Raises:
        InputError: the spec is malformed.
        InternalError: a defect of ours.
        KeyboardInterrupt: the run was interrupted.
    """

    def asked(text: str) -> bool:
        return not text.endswith("::enumerate") and (select is None or select(text))

    part = loaded(path, asked)
    if isinstance(part, SpecReport):
        raise _stopped(part)
    prepared = Prepared(part.spec, options or Options())
    report = prepared.report(part)
    if report.problems or report.defect or report.interrupted:
        raise _stopped(report)
    found: list[Mutated | Skipped] = []
    for explanation in report.explanations:
        checks, refuted = (
            testing(c.result.check for c in explanation.checks if isinstance(c.result.verdict, kind))
            for kind in (Proved, Refuted)
        )
        reason = _unfit(explanation)
        if reason or not checks or "behavior" in refuted:
            code = worst(checked.exit for checked in explanation.checks)
            told = reason or _refuted(refuted) or "what is checked is about the network alone"
            name = explanation.claim.explanation.name
            found.append(Skipped(name, told, Exit.NOTHING if code == Exit.OK else code))
        else:
            mutated = mutate(prepared.prepared(), explanation.claim, checks, most, progress)
            found.append(replace(mutated, refuted=refuted))
    return MutationReport(path, report.sha256, report.title, report.domain_size, tuple(found), wanted)


def mutate_specs(
    paths: Sequence[str],
    options: Options,
    select: Select | None,
    most: int,
    wanted: Fraction,
    progress: Callable[[int, int], None] | None,
) -> Iterator[MutationReport]:
    """Yield the scores of spec files, and of folders of them; a malformed spec stops no other.

    Raises:
        InputError: a folder cannot be read.
        InternalError, KeyboardInterrupt: as `mutate_spec`.
    """
    for path in find_specs(paths):
        try:
            yield mutate_spec(path, options, select, most, wanted, progress)
        except InputError as error:
            yield MutationReport(path, None, "", None, (), wanted, error.problems)


def _stopped(report: SpecReport) -> BaseException:
    """Return what a report says that could not be checked."""
    if report.problems:
        return InputError(report.problems)
    return InternalError(report.defect) if report.defect else KeyboardInterrupt()


def _unfit(explanation: ExplanationReport) -> str:
    """Return which checks are not as expected."""
    return "; ".join(
        f"{checked.result.check} is {word(checked.result.verdict)}, expected {checked.expected}"
        for checked in explanation.checks
        if checked.exit != Exit.OK
    )


def _refuted(checks: Sequence[Statement]) -> str:
    """Return which checks are refuted as expected, where that leaves nothing to go by."""
    are = "is" if len(checks) == 1 else "are"
    return f"{', '.join(checks)} {are} refuted, as expected" if checks else ""
