"""Fates of mutants → text for a terminal: how many were noticed, and what a claim would not notice."""

from collections import Counter
from fractions import Fraction
from typing import assert_never

from rich.table import Table

from verifier.checks import DEFAULT_CHECKS, applicable
from verifier.domain import show_bits
from verifier.engine.mutation.outcome import (
    Equal,
    Killed,
    Mutated,
    MutationReport,
    Open,
    Refused,
    Skipped,
)
from verifier.notation import rounded, show_decimal
from verifier.report.page import Page
from verifier.report.suggestion import short


def mutation_text(report: MutationReport, most: int, width: int, color: bool) -> str:
    """Return the report of a `mutate` run; of the mutants that survived, the `most` shortest."""
    page = Page(width, color)
    page.literal(report.path, 0)
    if report.title:
        page.line((report.title, "bold"))
    if report.mutated:
        claim = report.mutated[0].claim
        size = "|D| not counted" if report.domain_size is None else f"|D| = {report.domain_size}"
        page.line(f"{claim.network}; every x in {claim.domain}, {size}")
    for each in report.explanations:
        page.line("")
        match each:
            case Mutated():
                _mutated(page, each, report.wanted, most)
            case Skipped(name, reason):
                page.line((name, "bold"), (f"  not mutated: {reason}", "dim"))
            case _:
                assert_never(each)
    return str(page)


def _mutated(page: Page, each: Mutated, wanted: Fraction, most: int) -> None:
    name, score = each.claim.explanation.name, each.score
    if score is None:
        page.line((name, "bold"), ("  no score: no mutant claims anything else", "yellow"))
    else:
        below = f", less than {show_decimal(wanted * 100)} %" if score < wanted else ""
        style = "red" if below else "green" if score == 1 else "yellow"
        told = f"{each.killed} of {each.counted} mutants noticed"
        page.line((name, "bold"), "  ", (f"{percent(score)}{below}", style), f": {told}")
    if each.total > len(each.fates):
        tried = f"{len(each.fates)} of {each.total} mutants were tried, evenly spaced"
        page.line((f"a sample: {tried}; --most {each.total} tries all", "yellow"), indent=2)
    noticed = Counter(fate.check for _, fate in each.fates if isinstance(fate, Killed))
    by = [f"{check} ({noticed[check]})" if check in noticed else check for check in each.checks]
    page.line((f"checked in turn: {', '.join(by)}", "dim"), indent=2)
    if each.refuted:
        page.line((f"left out, refuted as expected: {', '.join(each.refuted)}", "dim"), indent=2)
    asked = (*each.checks, *each.refuted)
    unasked = [c for c in DEFAULT_CHECKS if c not in asked and applicable(each.claim.explanation, c)]
    if unasked and each.survivors:
        page.line((f"not asked: {', '.join(unasked)}", "dim"), indent=2)
    _survivors(page, each, most)
    if each.count(Open):
        reason = next(fate.reason for _, fate in each.fates if isinstance(fate, Open))
        page.line((f"undecided: {each.count(Open)}, such as: {reason}", "yellow"), indent=2)
    if each.count(Equal):
        bases = sorted({fate.rests_on for _, fate in each.fates if isinstance(fate, Equal)})
        page.line(
            (f"left out: {each.count(Equal)} proved to claim the same [{', '.join(bases)}]", "dim"), indent=2
        )
    if each.count(Refused):
        page.line((f"left out: {each.count(Refused)} that nobody could claim", "dim"), indent=2)


def _survivors(page: Page, each: Mutated, most: int) -> None:
    alive = each.survivors
    if not alive:
        return
    page.line(("this claim would not notice", "yellow"), indent=2)
    table = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(4):
        table.add_column(overflow="fold")
    for mutant, fate in alive[:most]:
        before, after = (short(rounded(text)) for text in mutant.show(each.claim.network))
        table.add_row(before, "→", after, _where(each, fate.at))
    page.table(table, 4)
    if len(alive) > most:
        page.line((f"… and {len(alive) - most} more: --show {len(alive)}", "dim"), indent=4)


def _where(each: Mutated, at: tuple[tuple[str, bool], ...]) -> str:
    """Return in words where a mutant that survived claims something else."""
    if not at:
        return "(another place)"
    if tuple(name for name, _ in at) == each.claim.domain.inputs:
        return f"(differs at x = {show_bits([bit for _, bit in at])})"
    return f"(differs at {', '.join(f'{name} = {bit:d}' for name, bit in at)})"


def percent(score: Fraction) -> str:
    """Return a share in percent, rounded down: only all is 100 %."""
    return f"{score.numerator * 100 // score.denominator} %"
