"""Slopes of claims → text for a terminal, and the JSON document of `slope`."""

import json
from collections.abc import Mapping
from decimal import MAX_EMAX, MIN_EMIN, ROUND_UP, Context, Decimal
from fractions import Fraction
from typing import Any, assert_never

from rich.table import Table

from verifier.engine.outcome import Exit
from verifier.engine.slope.certificate import degenerate, shown
from verifier.engine.slope.outcome import Always, Bracket, Degenerate, Judged, Never, Open, SlopeReport
from verifier.notation import show_decimal
from verifier.report.describe import place, sentence, sources
from verifier.report.json import SCHEMA_VERSION
from verifier.report.page import Page
from verifier.verdict import Counterexample, Run

_STYLE = {Exit.OK: "green", Exit.UNEXPECTED: "red", Exit.UNDECIDED: "yellow"}


def slope_text(report: SlopeReport, width: int, color: bool) -> str:
    """Return the report of a `slope` run."""
    page = Page(width, color)
    claim = report.judged[0].claim
    page.literal(report.path, 0)
    if report.title:
        page.line((report.title, "bold"))
    decoding = claim.decoding.show(claim.network)
    page.line(f"{claim.network}; output {decoding}; every x in {claim.domain}, |D| = {report.size}")
    for told in sources(claim.network, claim.domain):
        page.line(told)
    page.line("λ*: the smallest slope from which on a check holds at every larger one")
    if report.margins:
        page.line(f"step network: {shown(report.margins)}")
    if report.errors:
        told = ", ".join(
            f"{margin.layer} {_rounded_up(error)}"
            for margin, error in zip(report.margins, report.errors, strict=True)
        )
        page.line(
            f"at every slope >= {show_decimal(report.slope)} no unit is further from its step than: {told}"
        )
    name = ""
    for judged in report.judged:
        if judged.claim.explanation.name != name:
            name = judged.claim.explanation.name
            page.line("")
            page.line((name, "bold"))
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_column(width=11)
        line.add_column(overflow="fold", style=_STYLE[judged.exit])
        line.add_row(judged.check, _told(judged))
        page.table(line, 2)
    return str(page)


def _told(judged: Judged) -> str:
    match judged.outcome:
        case Always():
            return "holds at every slope"
        case Bracket(low, high, None):
            return f"holds at every slope >= {show_decimal(high)}; nothing is known below"
        case Bracket(low, high, found):
            assert found is not None
            ends = f"[{show_decimal(low)}, {show_decimal(high)}]"
            return f"λ* in {ends}; at its lower end it fails: {_where(judged, found)}"
        case Never(slope, found):
            return f"fails at every slope >= {show_decimal(slope)}: {_where(judged, found)}"
        case Degenerate(tie):
            return degenerate(tie)
        case Open(reason, low, high):
            holds = f"; holds at every slope >= {show_decimal(high)}" if high is not None else ""
            fails = f"; fails at {show_decimal(low)}" if low is not None else ""
            return f"unknown: {reason}{holds}{fails}"
        case _:
            assert_never(judged.outcome)


def _where(judged: Judged, found: Counterexample) -> str:
    return (
        place(found, judged.claim.domain)
        if isinstance(found, Run)
        else sentence(judged.claim, judged.check, found, ())
    )


def _rounded_up(value: Fraction) -> str:
    context = Context(prec=3, rounding=ROUND_UP, Emin=MIN_EMIN, Emax=MAX_EMAX, capitals=0)
    return context.to_sci_string(context.divide(Decimal(value.numerator), Decimal(value.denominator)))


def slope_document(report: SlopeReport, tool: Mapping[str, str]) -> str:
    """Return the JSON document of a `slope` run; exact numbers are strings."""
    errors = report.errors or (None,) * len(report.margins)
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": dict(tool),
        "exit_code": int(report.exit),
        "path": report.path,
        "sha256": report.sha256,
        "title": report.title,
        "domain_size": report.size,
        "slope": str(report.slope),
        "margins": [
            {
                "layer": margin.layer,
                "m": str(margin.m),
                "A": str(margin.A),
                "delta": _rounded_up(error) if error is not None else None,
            }
            for margin, error in zip(report.margins, errors, strict=True)
        ],
        "checks": [_judged(judged) for judged in report.judged],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _judged(judged: Judged) -> dict[str, Any]:
    return {
        "explanation": judged.claim.explanation.name,
        "check": judged.check,
        "outcome": type(judged.outcome).__name__.lower(),
        **_known(judged),
    }


def _known(judged: Judged) -> dict[str, Any]:
    match judged.outcome:
        case Always():
            return {"holds_from": "0"}
        case Bracket(low, high, found):
            where = _where(judged, found) if found is not None else None
            return {"fails_at": str(low) if found else None, "holds_from": str(high), "counterexample": where}
        case Never(slope, found):
            return {"fails_from": str(slope), "counterexample": _where(judged, found)}
        case Degenerate(tie):
            return {"reason": degenerate(tie)}
        case Open(reason, low, high):
            known = {"fails_at": low, "holds_from": high}
            return {"reason": reason, **{key: str(v) if v is not None else None for key, v in known.items()}}
        case _:
            assert_never(judged.outcome)
