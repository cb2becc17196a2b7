"""Run → cases: everything one run found as a flat list, which every format for programs renders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from verifier.claim import Claim
from verifier.engine.enumeration.outcome import ListReport
from verifier.engine.outcome import Checked, Exit, RunReport, SpecReport
from verifier.errors import Position, Problem
from verifier.report.describe import commands, sentence
from verifier.report.page import Page
from verifier.report.statement import stated
from verifier.report.summary import relock
from verifier.report.text import remarks, trace_tables
from verifier.verdict import AtLeast, Proved, Refuted, Unknown
from verifier.visible import visible, visible_lines

WIDTH = 100
ENUMERATE, STALE, NOTHING, INTERRUPTED, DEFECT = "enumerate", "lock", "nothing", "interrupted", "internal"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing a run found: a check of an explanation, the list of all of them, or what stopped the run.

    `name` reads `alice::interchange` for a check, `enumerate` for the list, else a code such as `E104`,
    `lock`, `nothing`, `interrupted` or `internal`. `exit` is what it alone would return: only `Exit.OK` is a
    pass. `message` is one sentence; `details` more lines, of at most 100 columns unless other than that is
    asked for, the values of a counterexample among them; `commands` show the counterexample again, or mend
    what is stale: all of it `visible`. `path` is empty and `position` None where no file, or no place in it,
    is meant. `believed` is set where the message says what of it was taken from a lock.
    """

    path: str
    name: str
    exit: Exit
    position: Position | None
    message: str
    details: str = ""
    commands: tuple[str, ...] = ()
    seconds: float = 0.0
    believed: bool = False


def cases(run: RunReport, brief: bool = False) -> list[Case]:
    """Return everything that a run found and that stopped it, in the order of the specs.

    If `brief`, details are without the values of counterexamples.
    """
    found = [case for report in run.specs for case in spec_cases(report, brief=brief)]
    return [*found, *stopped_cases(run, "")]


def warnings(run: RunReport) -> list[Case]:
    """Return what is wrong with files that nothing in a run rests on; it fails nothing."""
    return [replace(_problem(problem, ""), exit=Exit.OK) for problem in run.warnings]


def spec_cases(report: SpecReport, width: int = WIDTH, brief: bool = False) -> Iterator[Case]:
    """Yield what was found about a spec, its details in `width` columns; `brief` as for `cases`."""
    for explanation in report.explanations:
        for checked in explanation.checks:
            yield check_case(report, explanation.claim, checked, width, brief)
    if report.listing is not None:
        yield list_case(report, report.listing, width)
    if report.stale:
        first, *rest = map(visible, report.stale)
        told = f"{first}; {len(rest)} more below" if rest else first
        command = visible(relock([report]))
        yield Case(report.path, STALE, Exit.UNEXPECTED, None, told, "\n".join(rest), (command,))
    yield from stopped_cases(report, report.path)


def check_case(
    report: SpecReport, claim: Claim, checked: Checked, width: int = WIDTH, brief: bool = False
) -> Case:
    """Return the case of one check."""
    result, name = checked.result, claim.explanation.name
    page = Page(width, color=False)
    for told in remarks(report, claim, checked):
        page.line(told)
    taken = f"; believed: {result.believed}" if result.believed else ""
    shown: tuple[str, ...] = ()
    if isinstance(result.verdict, Refuted):
        if not brief:
            trace_tables(page, checked, 0)
        found = result.verdict.counterexample
        shown = tuple(map(visible, commands(report.path, claim, found))) if report.path else ()
    return Case(
        report.path,
        f"{name}::{result.check}",
        checked.exit,
        place_of(report.positions, f"explanations.{name}", result.check),
        visible(f"{_message(claim, checked)}{taken}"),
        str(page).rstrip(),
        shown,
        result.seconds,
        bool(taken),
    )


def list_case(report: SpecReport, listing: ListReport, width: int = WIDTH) -> Case:
    """Return the case of the list of all explanations."""
    lines = [text for text, _ in stated(listing, brief=True)]
    wrong = [e for e in listing.expectations if e.ok is not True]
    told = "; ".join(f"expected {e.what} {e.expected}, got {e.got}" for e in wrong)
    page = Page(width, color=False)
    for line in (*lines[1:], *listing.believed):
        page.line(line)
    return Case(
        report.path,
        ENUMERATE,
        listing.exit,
        place_of(report.positions, ENUMERATE),
        visible(f"{lines[0]}, {told or ('as expected' if listing.exit == Exit.OK else lines[1])}"),
        str(page).rstrip(),
    )


def stopped_cases(report: SpecReport | RunReport, path: str) -> Iterator[Case]:
    """Yield what could not be checked, and why."""
    for problem in report.problems:
        yield _problem(problem, path)
    if report.defect:
        defect = visible_lines(report.defect.strip())
        message = f"internal error, please report it: {defect.splitlines()[-1]}"
        yield Case(path, DEFECT, Exit.INTERNAL, None, message, defect)
    if report.interrupted:
        yield Case(path, INTERRUPTED, Exit.INTERRUPTED, None, "interrupted: what is missing was not checked")
    if report.nothing:
        yield Case(path, NOTHING, Exit.NOTHING, None, report.nothing)


def _problem(problem: Problem, path: str) -> Case:
    hint = f" ({problem.hint})" if problem.hint else ""
    told = visible(f"{problem.message}{hint}")
    return Case(problem.path or path, problem.code, Exit.BAD_INPUT, problem.position, told)


def _message(claim: Claim, checked: Checked) -> str:
    """Return the verdict and what was expected as one sentence, with the counterexample if there is one."""
    verdict, expected = checked.result.verdict, checked.expected
    match verdict:
        case Proved():
            return "proved" if checked.ok else f"proved, expected {expected}"
        case Unknown(reason):
            return f"undecided: {reason}"
        case Refuted(found):
            told = sentence(claim, checked.result.check, found, checked.result.traces)
            return f"refuted{_against(checked)}: {told}"
        case _:
            assert_never(verdict)


def _against(checked: Checked) -> str:
    """Return what was expected of a refuted check."""
    share = checked.result.share
    how_often = f"holds in {share} cases" if share is not None else "not counted how often it holds"
    counted = f", {how_often}" if isinstance(checked.expected, AtLeast) else ""
    return f" as expected{counted}" if checked.ok else f"{counted}, expected {checked.expected}"


def place_of(positions: Mapping[str, Position], section: str, key: str = "") -> Position | None:
    """Return the place of what is expected of a check in a section, else of the section."""
    expected = f"{section}.expect.{key}" if key else f"{section}.expect"
    return positions.get(expected) or positions.get(section)
