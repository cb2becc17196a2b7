"""Outcomes → text for a terminal: one line per check, a table of values per counterexample."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from rich.table import Table

from verifier.claim import Claim
from verifier.domain import Domain, show_bits
from verifier.engine.outcome import Checked, Exit, RunReport, SpecReport, word
from verifier.engine.replay import Kind, Step, Trace, in_domain
from verifier.errors import listed
from verifier.notation import rounded
from verifier.report.describe import (
    MOST_UNITS,
    SAMPLES,
    agrees,
    chance,
    commands,
    few_terms,
    floats,
    quantised,
    sentence,
    show_input,
    show_setting,
    sources,
)
from verifier.report.page import Page
from verifier.report.statement import asked, stated
from verifier.report.summary import summary
from verifier.report.why import told as told_why
from verifier.verdict import AtLeast, Counterexample, Idle, Refuted, Run, Unknown
from verifier.visible import visible, visible_lines
from verifier.write import Dependency

MOST_INPUTS = 16  # that get a line each
MOST_LETTERS = 400  # of a definition
FEW_CHECKS = 20
_STYLE = {"proved": "green", "refuted": "red", "unknown": "yellow"}


def check_text(reports: Sequence[SpecReport], width: int, color: bool) -> str:
    """Return what was found about specs, and the counts."""
    page = Page(width, color)
    add_specs(page, reports)
    page.line(summary(reports))
    return str(page)


def add_specs(page: Page, reports: Sequence[SpecReport], brief: bool | None = False) -> None:
    """Add what was found about specs; if `brief` without the tables of values.

    If that is None, the tables of refutations as expected are left out where there are many checks.
    """
    checks = sum(len(explanation.checks) for report in reports for explanation in report.explanations)
    many = brief is None and checks > FEW_CHECKS
    for report in reports:
        if report.explanations or report.listing is not None:
            _spec(page, report, lambda checked: not brief and not (many and checked.ok))


def stopped(run: RunReport) -> Iterator[str]:
    """Yield what could not be checked and why, each a text for the error stream."""
    for report in run.specs:
        where = f"{visible(report.path)}: "
        yield from _stopped(report, where)
        yield from (f"{where}{visible(told)}" for told in report.stale)
    yield from _stopped(run, "")
    if run.exit == Exit.INTERRUPTED:
        yield "interrupted"


def _stopped(report: SpecReport | RunReport, where: str) -> Iterator[str]:
    if report.problems:
        yield listed(report.problems)
    if report.defect:
        yield f"{where}internal error, please report it\n{visible_lines(report.defect)}"
    if report.nothing:
        yield report.nothing


def eval_text(runs: Sequence[tuple[str, Domain, Run, Trace]], width: int, color: bool) -> str:
    """Return the report of an `eval` run."""
    page = Page(width, color)
    for name, domain, run, trace in runs:
        outside = "" if in_domain(domain, run.x) else " (outside the domain)"
        sets = [f"{feature} := {show_setting(setting)}" for feature, setting in run.settings]
        page.line(
            (name or "the network", "bold"),
            f" at {show_input(run.x, domain)}{outside}",
            f", with {', '.join(sets)}" if sets else "",
        )
        page.table(trace_table(trace), 2)
    return str(page)


def _spec(page: Page, report: SpecReport, shown: Callable[[Checked], bool]) -> None:
    """Add a spec, with the tables of those refutations that are to be shown."""
    about = report.about
    assert about is not None
    if report.path:
        page.literal(report.path, 0)
    if report.title:
        page.line((report.title, "bold"))
    page.line(
        f"{about.network}; output {about.decoding.show(about.network)}; ",
        f"every x in {about.domain}, {_size(report)}",
    )
    for told in sources(about.network, about.domain):
        page.line(told)
    if report.accuracy is not None:
        page.line(agrees(report.accuracy))
    for explanation in report.explanations:
        page.line("")
        page.line((explanation.claim.explanation.name, "bold"))
        circuit = Table.grid(padding=(0, 1, 0, 0))
        for feature in explanation.claim.explanation.features:
            name, _, rest = feature.show(about.network).partition(" ")
            circuit.add_row(name, rest, style="dim")
        page.table(circuit, 4)
        for checked in explanation.checks:
            _check(page, report, explanation.claim, checked, shown(checked))
        if explanation.skipped:
            page.line((f"not checked: {', '.join(explanation.skipped)}", "dim"), indent=2)
    if report.listing is not None:
        page.line("")
        page.line(("all explanations", "bold"), f": {asked(report.listing.space)}")
        for part in stated(report.listing, brief=True):
            page.line(part, indent=2)
    for note in report.notes:
        page.line("")
        page.line((f"note: {note}", "dim"))
    page.line("")


def _size(report: SpecReport) -> str:
    return f"|D| = {report.domain_size}" if report.domain_size is not None else "|D| not counted"


def _check(page: Page, report: SpecReport, claim: Claim, checked: Checked, tables: bool) -> None:
    told = word(checked.result.verdict)
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(width=11)
    line.add_column(width=7, style=_STYLE[told])
    line.add_column(overflow="fold")
    line.add_row(checked.result.check, told, "\n".join(map(visible, remarks(report, claim, checked))))
    page.table(line, 2)
    if isinstance(checked.result.verdict, Refuted):
        found = checked.result.verdict.counterexample
        page.line(sentence(claim, checked.result.check, found, checked.result.traces), indent=4)
        if tables:
            trace_tables(page, checked, 4)
        for command in commands(report.path, claim, found) if report.path else ():
            page.literal(f"{_verb(found)}: {command}", 4)


def trace_tables(page: Page, checked: Checked, indent: int) -> None:
    """Add the values of the runs that show a refutation."""
    for run, trace in checked.result.traces:
        if len(checked.result.traces) > 1:
            page.line(f"x = {show_bits(run.x)}", indent=indent)
        page.table(trace_table(trace), indent)


def remarks(report: SpecReport, claim: Claim, checked: Checked) -> Iterator[str]:
    """Yield what there is to say of a check besides its verdict: how it was found, what it rests on."""
    result, share = checked.result, checked.result.share
    told = word(result.verdict)
    parts = [f"{_size(report)} [{result.method}]"]
    if checked.exit == Exit.UNEXPECTED:
        parts.insert(0, f"EXPECTED {str(checked.expected).upper()}")
    elif isinstance(checked.expected, AtLeast):
        parts.insert(0, f"as expected ({checked.expected})" if checked.ok else f"expected {checked.expected}")
        if share is None and isinstance(result.verdict, Refuted):
            parts.append("the method does not count cases")
    elif checked.expected == "refuted":
        parts.insert(0, "as expected" if checked.ok else "expected refuted")
    if isinstance(result.verdict, Unknown):
        parts.append(result.verdict.reason)
    if result.check == "interchange" and share is not None:
        parts.append(f"IIA {share} ({claim.explanation.mode})")
    elif share is not None and share.held < share.total:
        parts.append(f"holds in {share} cases, fails in {share.total - share.held}")
    yield "; ".join(parts)
    if result.check == "interchange" and share is not None and share.held < share.total:
        chances = [chance(share, n) for n in SAMPLES]
        yield f"{', '.join(map(str, SAMPLES))} random cases all pass with chance {', '.join(chances)}"
    for vacuity in result.vacuity:
        if vacuity.readable is None and vacuity.most is None:
            yield f"inputs reach {vacuity.rows} rows of activations at {vacuity.layer}"
            continue
        functions = str(1 << vacuity.rows) if vacuity.rows <= 16 else f"2^{vacuity.rows}"
        count = f"all {functions}" if vacuity.vacuous else f"{vacuity.readable} of {functions}"
        if vacuity.most is not None:
            count = f"at most 2^{(vacuity.most - 1).bit_length()} of {functions}"
        proves = ", so reading one proves nothing" if vacuity.vacuous and told == "proved" else ""
        by = " by a comparison" if vacuity.form == "threshold" else ""
        yield f"{count} functions are readable at {vacuity.layer}{by}{proves}"
    if result.floats:
        yield floats(result.floats)
    if (result.floats or result.check in ("float32", "float64")) and quantised(claim.network):
        yield "floats: of the staircases as comparisons; how a runtime divides and rounds is not covered"
    yield from result.notes
    for reason in result.why:
        yield from told_why(reason)


def _verb(found: Counterexample) -> str:
    return "see" if isinstance(found, Dependency | Idle) else "replay"


def trace_table(trace: Trace) -> Table:
    """Return the values of a run as a table, the first divergence marked."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", caption_justify="left")
    compared = any(step.explanation for step in trace.steps)
    for title in ("value", "computed as", "network", "explanation" if compared else "", ""):
        table.add_column(title, overflow="fold")
    given = [step for step in trace.steps if step.kind == "input"]
    if len(given) > MOST_INPUTS:
        bits = "".join(step.network for step in given)
        table.add_row("inputs", bits, "", "")
    for kind, like in groupby(enumerate(trace.steps), _alike):
        steps = list(like)
        if kind[0] == "input" and len(given) > MOST_INPUTS:
            continue
        wide = kind[0] == "unit" and len(steps) > MOST_UNITS
        shown = [pair for pair in steps if pair[1].diverges] if wide else steps
        if wide:
            first, last = steps[0][1].name, steps[-1][1].name
            table.add_row(f"{first}..{last}", f"{len(steps)} units: see --format json", "", "", style="dim")
        for i, step in shown:
            mark = "<- first" if i == trace.first_divergence else "differs" if step.diverges else ""
            style = "red" if step.diverges else ""
            cells = _cut(rounded(step.definition)), rounded(step.network)
            table.add_row(step.name, *cells, step.explanation, mark, style=style)
            if any("≈" in cell for cell in cells):
                table.caption = "≈ to five digits; --format json has the exact numbers"
    return table


def _alike(pair: tuple[int, Step]) -> tuple[Kind, str]:
    """Return what units of one layer have in common, unless the spec names them."""
    return pair[1].kind, pair[1].name.rstrip("0123456789") if pair[1].kind == "unit" else ""


def _cut(definition: str) -> str:
    text, half = few_terms(definition), MOST_LETTERS // 2
    return text if len(text) <= MOST_LETTERS else f"{text[:half]} … {text[-half:]}"
