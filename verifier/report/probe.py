"""Probed concepts → text for a terminal: what a layer can be read for, with how little, and why not."""

from fractions import Fraction
from typing import assert_never

from rich.table import Table
from rich.text import Text

from verifier.domain import show_bits
from verifier.engine.probe.outcome import (
    Answer,
    Beyond,
    Clash,
    Constant,
    Ends,
    Form,
    Fractional,
    Listed,
    Meeting,
    Probed,
    ProbeReport,
    Readable,
    Unfit,
    Weights,
    Widest,
)
from verifier.formula import show as show_formula
from verifier.linear import primitive
from verifier.network import Network
from verifier.notation import above, below, rounded, show, show_row
from verifier.readout import show_site
from verifier.report.describe import sources
from verifier.report.page import Page
from verifier.report.suggestion import short
from verifier.verdict import Unknown

#: Characters up to which a number, or an equation, is written out.
MAX_NUMBER, MAX_EQUATION = 12, 150


def probe_text(report: ProbeReport, path: str, title: str, width: int, color: bool) -> str:
    """Return the report of a `probe` run."""
    page, subject, layer = Page(width, color), report.subject, report.layer
    page.literal(path, 0)
    if title:
        page.line((title, "bold"))
    size = "|D| not counted" if subject.size is None else f"|D| = {subject.size}"
    page.line(f"{subject.network}; every x in {subject.domain}, {size}")
    for told in sources(subject.network, subject.domain):
        page.line(told)
    rows = "" if report.rows is None else f", {_count(report.rows, 'distinct row')}"
    span = "" if report.rank is None else f" of affine rank {report.rank}"
    page.line(f"layer {layer.name}: {_count(layer.width, 'unit')}{rows}{span}")
    if report.constant:
        page.line(f"the same on every input: {', '.join(report.constant)}")
    near = subject.decoding.tolerance
    within = f"; linear forms within {show(near)}" if near and "linear" in report.forms else ""
    page.line(f"coefficients c: whole, |c| <= {report.bound}{within}")
    for probed in report.probed:
        _probed(page, report, probed)
    for every in report.listed:
        _listed(page, report, every)
    if report.rows is not None:
        for form in report.forms:
            _superposition(page, report, form)
    return str(page)


def _probed(page: Page, report: ProbeReport, probed: Probed) -> None:
    concept, size = probed.concept, report.subject.size
    page.line("")
    formula = short(show_formula(concept.gate))
    about = f" (1 on {concept.ones} of {size})" if concept.ones is not None else ""
    told = f": {formula}" if formula not in concept.names else ""
    page.line((", ".join(concept.names), "bold"), f"{told}", (about, "dim"))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=9)
    table.add_column(overflow="fold")
    for form, answer in probed.answers.items():
        for number, (text, style) in enumerate(told_lines(report, answer)):
            table.add_row("" if number else form, Text(text, style))
    page.table(table, 4)


def told_lines(report: ProbeReport, answer: Answer) -> list[tuple[str, str]]:
    """Return what an answer says, in lines with a style each."""
    network = report.subject.network
    match answer:
        case Constant(bit):
            return [(f"nothing to read: {bit:d} on every input", "dim")]
        case Readable(site, why, reason, margin, widest):
            lines = [(show_site(site, network), "green")]
            if why == "only":
                lines.append(("the only readout, whatever the coefficients", "dim"))
            elif why == "z3":
                lines.append(("the smallest: fewest units, then least sum of |c|", "dim"))
            else:
                lines.append((f"not proved the smallest: {reason}", "yellow"))
            return lines + (_margins(network, report.bound, site.row, margin, widest) if margin else [])
        case Clash(zero, one):
            at = f"x = {show_bits(zero)} (0) and x = {show_bits(one)} (1)"
            return [(f"none of any kind: equal activations at {at}", "red")]
        case Unfit(weights, error):
            head = f"none whatever the coefficients: off by {_at_least(error)} or more"
            return [(f"{head} at one of {_inputs(weights)}", "red"), *_equation(weights)]
        case Meeting(weights):
            head = "none whatever the coefficients"
            reason = "a mean of activations where it is 1 equals a mean of those where it is 0"
            return [(f"{head}: {reason}", "red"), *_equation(weights)]
        case Fractional(weights):
            head = f"none with whole coefficients: activations at {_inputs(weights)}"
            reason = "add up, weighted, to whole numbers, the bits do not"
            return [(f"{head} {reason}", "red"), *_equation(weights, "whole")]
        case Beyond(bound, weights, site, only):
            why_not = "by a combination of rows" if weights else "all sets of units were searched"
            lines = [(f"none with |c| <= {bound}" + ("" if only else f": {why_not}"), "red")]
            if site is not None:
                what = "the only readout there is" if only else "beyond it, for example"
                lines.append((f"{what}: {show_site(site, network)}", "dim"))
            return lines
        case Unknown(reason):
            return [(f"unknown: {reason}", "yellow")]
        case _:
            assert_never(answer)


def _margins(
    network: Network, bound: int, row: tuple[Fraction, ...], margin: Ends, widest: Widest | None
) -> list[tuple[str, str]]:
    """Return how wide a comparison is, and the widest."""
    own = f"margin {_at_least(margin[0])}"
    if widest is None:
        return [(own, "dim")]
    if widest.margin[0] == widest.ceiling:
        limit = "no readout has more, whatever its coefficients"
    else:
        most = f"no readout at all has more than {_at_most(widest.ceiling)}"
        limit = f"the widest with |c| <= {bound}; {most}" if widest.compared else most
    if widest.site.row == row:
        return [(f"{own}; {limit}", "dim")]
    wide = f"wider: {show_site(widest.site, network)}"
    return [(own, "dim"), (wide, ""), (f"margin {_at_least(widest.margin[0])}; {limit}", "dim")]


def _equation(weights: Weights, right: str = "0") -> list[tuple[str, str]]:
    """Return the combination of rows that is the proof, if it is short."""
    whole = right == "0"
    ws = primitive([w for _, w in weights]) if whole else tuple(w for _, w in weights)
    text = show_row(ws, [f"h({show_bits(x)})" for x, _ in weights])
    told = f"{text} = 0" if whole else f"{text} is whole"
    short_told = rounded(told)
    where = f"{short_told}, h(x) being the activations at x"
    return [(where, "dim")] if len(short_told) <= MAX_EQUATION else []


def _inputs(weights: Weights) -> str:
    most = 8
    told = [show_bits(x) for x, _ in weights]
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return f"x = {', '.join(told[:most])}{more}"


def _at_least(value: Fraction) -> str:
    """Return a number, rounded down if it is long."""
    return show(value) if len(show(value)) <= MAX_NUMBER else below(value)


def _at_most(value: Fraction) -> str:
    return show(value) if len(show(value)) <= MAX_NUMBER else above(value)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _listed(page: Page, report: ProbeReport, every: Listed) -> None:
    """Show all readable functions of a form."""
    page.line("")
    if every.reason:
        page.line((f"no list of all {every.form} readouts: ", "bold"), (every.reason, "yellow"))
        return
    count, total = len(every.functions), f"2^{report.rows}"
    page.line((f"{count} of {total} functions of the rows are readable ({every.form}):", "bold"))
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in every.functions:
        ((text, style), *_) = told_lines(report, one.answers[every.form])
        table.add_row(short(show_formula(one.concept.gate)), Text(text, style))
    page.table(table, 4)


def _superposition(page: Page, report: ProbeReport, form: Form) -> None:
    """Say how many concepts share how many units."""
    moving = [p for p in report.probed if not isinstance(p.answers[form], Constant)]
    found = report.readable(form)
    if not moving:
        return
    page.line("")
    readable = f"{len(found)} of {_count(len(moving), 'concept')} readable"
    width, span = report.layer.width, report.span(form)
    page.line((f"{form}: {readable} at {_count(width, 'unit')}; rank of the readouts {span}", "bold"))
    if not found:
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for unit, names in report.users(form).items():
        table.add_row(unit, ", ".join(names) if names else "read by none")
    page.table(table, 4)
    shared = sum(len(names) > 1 for names in report.users(form).values())
    page.line((f"{_count(shared, 'unit')} read by several of these readouts", "dim"), indent=4)
