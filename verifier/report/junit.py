"""Run → JUnit XML: a suite per spec, a test case per case.

A check that is not as expected, or left open, is a *failure*; what kept checks from being run an *error*.
"""

import re
from pathlib import Path
from typing import assert_never

from junitparser import Attr, Error, Failure, IntAttr, JUnitXml, TestCase, TestSuite

from verifier.engine.outcome import Exit, RunReport
from verifier.report.cases import Case, cases, warnings
from verifier.report.formats import relative

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# what XML 1.0 has no way to write, not even escaped
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(TestCase):
    """A test case with the place that it is about, as readers of the format commonly take it."""

    file = Attr()
    line = IntAttr()


def junit(run: RunReport, root: Path) -> str:
    """Return the document; paths below a folder are relative to it."""
    suites: dict[str, TestSuite] = {}
    for case in cases(run):
        path = _legal(relative(case.path, root).as_posix()) if case.path else ""
        name = path or "verifier"
        shown = _Case(_legal(case.name), name, round(case.seconds, 6))
        if path:
            shown.file = path
        if case.position is not None:
            shown.line = case.position.line
        failed = _failed(case)
        if failed is None:
            shown.system_out = _legal(f"{case.message}\n{case.details}")
        else:
            failed.text = _legal("\n".join(part for part in (case.details, *case.commands) if part))
            shown.result = [failed]
        suites.setdefault(name, TestSuite(name)).add_testcase(shown)
    for case in warnings(run):
        name = _legal(relative(case.path, root).as_posix())
        line = f"line {case.position.line}: " if case.position is not None else ""
        suite = suites.setdefault(name, TestSuite(name))
        suite.add_property("warning", _legal(f"{line}{case.name} {case.message}"))
    document = JUnitXml("verifier")
    for suite in suites.values():
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]
    content: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return f"{DECLARATION}{content.decode('utf-8')}\n"


def _failed(case: Case) -> Error | Failure | None:
    """Return how a case failed; None if it passed."""
    message = _legal(case.message)
    match case.exit:
        case Exit.OK:
            return None
        case Exit.UNEXPECTED:
            return Failure(message, "unexpected")
        case Exit.UNDECIDED:
            return Failure(message, "undecided")
        case Exit.BAD_INPUT | Exit.INTERNAL | Exit.NOTHING | Exit.INTERRUPTED:
            return Error(message, case.exit.name.lower().replace("_", " "))
        case _:
            assert_never(case.exit)


def _legal(text: str) -> str:
    """Return a text without what XML cannot hold.

    >>> _legal("a\\x00b")
    'a\\ufffdb'
    """
    return _ILLEGAL.sub("\ufffd", text)
