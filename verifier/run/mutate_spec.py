"""Spec → scores of its proved explanations: checked as asked first, then changed, to see who notices."""

from collections.abc import Callable
from fractions import Fraction

from verifier.engine.mutation.mutate import MOST, mutate
from verifier.engine.mutation.outcome import Mutated, MutationReport, Skipped, testing
from verifier.engine.options import Options
from verifier.engine.outcome import Exit, ExplanationReport, SpecReport, word, worst
from verifier.errors import InputError, InternalError
from verifier.run.check_specs import Prepared, loaded
from verifier.run.selection import Select
from verifier.verdict import Proved


def mutate_spec(
    path: str,
    options: Options | None = None,
    select: Select | None = None,
    most: int = MOST,
    wanted: Fraction = Fraction(0),
    progress: Callable[[int, int], None] | None = None,
) -> MutationReport:
    """Return the scores of the explanations of a spec; what is not proved as asked is skipped.

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
        reason, checks = _unfit(explanation), testing(c.result.check for c in explanation.checks)
        if reason or not checks:
            code = worst(checked.exit for checked in explanation.checks)
            told = reason or "what is checked is about the network alone"
            name = explanation.claim.explanation.name
            found.append(Skipped(name, told, Exit.NOTHING if code == Exit.OK else code))
        else:
            found.append(mutate(prepared.prepared(), explanation.claim, checks, most, progress))
    return MutationReport(path, report.sha256, report.title, report.domain_size, tuple(found), wanted)


def _stopped(report: SpecReport) -> BaseException:
    """Return what a report says that could not be checked."""
    if report.problems:
        return InputError(report.problems)
    return InternalError(report.defect) if report.defect else KeyboardInterrupt()


def _unfit(explanation: ExplanationReport) -> str:
    """Return which checks are not proved, or were to be refuted."""
    return "; ".join(
        f"{checked.result.check} is {word(checked.result.verdict)}, "
        + ("as expected" if checked.exit == Exit.OK else f"expected {checked.expected}")
        for checked in explanation.checks
        if checked.exit != Exit.OK or not isinstance(checked.result.verdict, Proved)
    )
