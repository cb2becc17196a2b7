"""Run → text: what was found, spec by spec; at the end what is not as expected, by name, and the counts."""

from verifier.engine.outcome import Exit, RunReport
from verifier.report.cases import cases
from verifier.report.page import Page
from verifier.report.summary import closing
from verifier.report.text import add_specs, stopped

SCREEN = 24  # lines, after which it is told again what is not as expected


def screen(run: RunReport, width: int, color: bool, brief: bool | None) -> str:
    """Return the report of a `check` run but for what stopped it; nothing where there was nothing to check.

    `brief` as for `add_specs`.
    """
    checked = any(report.about is not None for report in run.specs)
    if not checked and (run.nothing or not run.specs):
        return ""
    page = Page(width, color)
    add_specs(page, run.specs, brief)
    wrong = [case for case in cases(run, brief=True) if case.exit != Exit.OK]
    if wrong and str(page).count("\n") > SCREEN:
        page.line("not as expected:")
        for case in wrong:
            place = f"{case.path}:{case.position.line}" if case.position else case.path
            page.literal(f"{place or case.message}  {case.name}", 2)
        page.line("")
    counts, *to_do = closing(run)
    page.line(counts)
    to_do += [line for problem in run.warnings for line in f"warning: {problem}".splitlines()]
    for told in to_do:
        page.literal(told, 0)
    return str(page)


def run_text(run: RunReport, width: int, brief: bool | None) -> str:
    """Return the report of a `check` run without colors, with what stopped it at its end."""
    return screen(run, width, False, brief) + "".join(f"{told}\n" for told in stopped(run))
