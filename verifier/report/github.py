"""Run → annotations of a workflow run on GitHub, one line each, and last lines that sum up.

The format of a line and what is escaped in it: "Workflow commands for GitHub Actions" in GitHub's
documentation. The runner cuts a message off at 4096 characters (since its version 2.305).
"""

from pathlib import Path

from verifier.engine.outcome import Exit, RunReport
from verifier.report.cases import Case, cases, warnings
from verifier.report.formats import relative
from verifier.report.summary import closing
from verifier.visible import visible

MOST_LETTERS = 4096
CUT = "\n… cut off: see the log"


def annotations(run: RunReport, root: Path, brief: bool = False) -> str:
    """Return a line for everything that is not as expected, or believed.

    Paths below a folder are relative to it. `brief` as for `cases`.
    """
    found = cases(run, brief)
    lines = [_annotation("error", case, root) for case in found if case.exit != Exit.OK]
    lines += [_annotation("warning", case, root) for case in warnings(run)]
    lines += [_annotation("notice", case, root) for case in found if case.exit == Exit.OK and case.believed]
    lines += [
        _command("notice", visible(note), file=_file(report.path, root), title="verifier")
        for report in run.specs
        for note in report.notes
    ]
    return "\n".join([*lines, *closing(run)]) + "\n"


def _annotation(level: str, case: Case, root: Path) -> str:
    """Return the line of a case."""
    told = "\n".join(part for part in (case.message, case.details, *case.commands) if part)
    place = {
        "file": _file(case.path, root) if case.path else "",
        "line": str(case.position.line) if case.position else "",
        "col": str(case.position.column) if case.position else "",
        "title": f"verifier: {case.name}",
    }
    return _command(level, told, **place)


def _file(path: str, root: Path) -> str:
    return visible(relative(path, root).as_posix())


def _command(level: str, message: str, **properties: str) -> str:
    """Return a workflow command; properties without a value are left out."""
    told = ",".join(f"{key}={_escaped_property(value)}" for key, value in properties.items() if value)
    return f"::{level} {told}::{_escaped(_cut(message))}"


def _cut(message: str) -> str:
    return message if len(message) <= MOST_LETTERS else message[: MOST_LETTERS - len(CUT)] + CUT


def _escaped(text: str) -> str:
    """Return a text as the message of a command.

    >>> _escaped("100%\\nsure")
    '100%25%0Asure'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    """Return a text as the value of a property of a command.

    >>> _escaped_property("a,b:c")
    'a%2Cb%3Ac'
    """
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
