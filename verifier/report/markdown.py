"""Run → a summary in GitHub-flavored Markdown: tables of checks, counterexamples, drawings of circuits."""

import re
from collections.abc import Iterator

from verifier.engine.outcome import Exit, RunReport, SpecReport
from verifier.report.cases import Case, spec_cases, stopped_cases, warnings
from verifier.report.mermaid import flowchart
from verifier.report.summary import closing
from verifier.visible import visible

MOST_BYTES = 1_000_000
CUT = "\n\n… cut off: `--output json=FILE` has all of it\n"
MARKS = {
    Exit.OK: "✅ pass",
    Exit.UNEXPECTED: "❌ unexpected",
    Exit.BAD_INPUT: "⛔ refused",
    Exit.UNDECIDED: "❔ undecided",
    Exit.INTERNAL: "⛔ internal error",
    Exit.NOTHING: "⚠️ nothing to check",
    Exit.INTERRUPTED: "⛔ interrupted",
}


def markdown(run: RunReport, most: int = MOST_BYTES, brief: bool = False) -> str:
    """Return the summary, of at most so many bytes: without the counterexamples and drawings if need be.

    `brief` as for `cases`.
    """
    for full in (True, False):
        text = "\n".join(_blocks(run, full, brief))
        if len(text.encode("utf-8", "replace")) <= most:
            return text
    kept = text.encode("utf-8", "replace")[: max(0, most - len(CUT.encode()))].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n") + 1] + CUT


def _blocks(run: RunReport, full: bool, brief: bool) -> Iterator[str]:
    yield f"# verifier: {MARKS[run.exit]}\n"
    for told in closing(run):
        yield f"{escaped(told)}\n"
    for case in warnings(run):
        where = f"{case.path}:{case.position.line}" if case.position else case.path
        yield f"Warning: {escaped(f'{where}: {case.message}')}\n"
    stopped = list(stopped_cases(run, ""))
    if stopped:
        yield from _table(stopped)
        yield from _details(stopped)
    for report in run.specs:
        yield f"## {_code(report.path)}\n"
        found = list(spec_cases(report, brief=brief))
        about = report.about
        if report.title:
            yield f"{escaped(report.title)}\n"
        if about is not None:
            yield f"{escaped(f'{about.network}; every x in {about.domain}')}\n"
        if found:
            yield from _table(found)
        for note in report.notes:
            yield f"Note: {escaped(note)}\n"
        if full:
            yield from _details(found)
            yield from _drawings(report)


def _table(found: list[Case]) -> Iterator[str]:
    yield "| | check | line | |"
    yield "|---|---|---|---|"
    for case in found:
        line = case.position.line if case.position is not None else ""
        name = _code(case.name).replace("|", "\\|")
        yield f"| {MARKS[case.exit]} | {name} | {line} | {escaped(case.message)} |"
    yield ""


def _details(found: list[Case]) -> Iterator[str]:
    """Yield the values of counterexamples, and whatever else there is to say of what did not pass."""
    for case in found:
        if case.details and (case.commands or case.exit != Exit.OK):
            opened = " open" if case.exit != Exit.OK else ""
            yield f"<details{opened}><summary>{_html(f'{case.name}: {case.message}')}</summary>\n"
            yield _fenced("text", "\n".join([case.details, *case.commands]))
            yield "</details>\n"


def _drawings(report: SpecReport) -> Iterator[str]:
    for explanation in report.explanations:
        name = _html(explanation.claim.explanation.name)
        yield f"<details><summary>Circuit of {name}</summary>\n"
        yield _fenced("mermaid", flowchart(explanation).rstrip("\n"))
        yield "</details>\n"


def _fenced(kind: str, text: str) -> str:
    """Return a block of code, its fence longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}\n"


def _code(text: str) -> str:
    """Return a text in one line as code.

    >>> _code("a`b")
    '`` a`b ``'
    """
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    pad, ticks = " " if longest else "", "`" * (longest + 1)
    return f"{ticks}{pad}{_one_line(text)}{pad}{ticks}"


def escaped(text: str) -> str:
    """Return a text in one line, nothing in which means anything to Markdown.

    >>> escaped("a|b <i> *c*")
    'a\\\\|b \\\\<i\\\\> \\\\*c\\\\*'
    """
    return re.sub(r"([\\`*_{}\[\]<>|~&$#@])", r"\\\1", _one_line(text))


def _html(text: str) -> str:
    """Return a text in one line as the text of an HTML element."""
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))
