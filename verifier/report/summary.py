"""Run → its last lines: the counts, and what to do about specs that are stale."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from verifier.engine.enumeration.outcome import ListReport
from verifier.engine.outcome import Exit, RunReport, SpecReport
from verifier.report.describe import update_command
from verifier.verdict import AtLeast, Proved, Refuted, Unknown
from verifier.visible import visible


def closing(run: RunReport) -> Iterator[str]:
    """Yield the lines that a report of a run ends with."""
    yield summary(run.specs)
    stale = [report for report in run.specs if report.stale]
    if stale:
        fell = any(
            replace(report, stale=()).exit in (Exit.UNEXPECTED, Exit.BAD_INPUT) for report in run.specs
        )
        first = "; once all is as expected" if fell else ""
        told = f"{_count(len(stale), 'spec')} {'is' if len(stale) == 1 else 'are'} stale"
        yield f"{told}{first}: {visible(relock(stale))}"


def relock(reports: Sequence[SpecReport]) -> str:
    """Return the command that locks specs anew: a single one that is there, else the folders."""
    if len(reports) == 1 and reports[0].sha256 is not None:
        return update_command([reports[0].path])
    return update_command(list(dict.fromkeys(str(Path(report.path).parent) for report in reports)))


def summary(reports: Sequence[SpecReport]) -> str:
    """Return the counts of a run in a line."""
    checks = [c for report in reports for explanation in report.explanations for c in explanation.checks]
    lists = [report.listing for report in reports if report.listing is not None]
    counted = {
        "proved": sum(c.ok and isinstance(c.result.verdict, Proved) for c in checks),
        "refuted as expected": sum(c.ok and c.expected == "refuted" for c in checks),
        "as often true as expected": sum(
            c.ok and isinstance(c.expected, AtLeast) and isinstance(c.result.verdict, Refuted) for c in checks
        ),
        "unexpectedly refuted": sum(
            c.exit == Exit.UNEXPECTED and isinstance(c.result.verdict, Refuted) for c in checks
        ),
        "unexpectedly proved": sum(not c.ok and isinstance(c.result.verdict, Proved) for c in checks),
        "unknown": sum(isinstance(c.result.verdict, Unknown) for c in checks),
        "not counted": sum(
            c.exit == Exit.UNDECIDED and not isinstance(c.result.verdict, Unknown) for c in checks
        ),
    }
    explanations = sum(len(report.explanations) for report in reports)
    told = ", ".join(f"{count} {name}" for name, count in counted.items() if count) or "none"
    refused = sum(bool(report.problems) for report in reports)
    broken = sum(bool(report.defect) for report in reports)
    tail = f"; {_count(len(lists), 'list')} of all explanations, {_agreed(lists)}" if lists else ""
    tail += f"; {refused} spec(s) refused" if refused else ""
    tail += f"; {broken} internal error(s)" if broken else ""
    return f"{_count(explanations, 'explanation')}, {_count(len(checks), 'check')}: {told}{tail}"


def _agreed(lists: Sequence[ListReport]) -> str:
    exits = [listing.exit for listing in lists]
    wrong, open_still = exits.count(Exit.UNEXPECTED), exits.count(Exit.UNDECIDED)
    parts = [f"{wrong} NOT as expected"] if wrong else []
    parts += [f"{open_still} undecided"] if open_still else []
    return ", ".join(parts) or "as expected"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
