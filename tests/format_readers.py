"""A report of `check` in some format → whether its reader takes it for a pass, as that reader parses it."""

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from markdown_it import MarkdownIt

PASSES = {"proved", "refuted as expected", "as often true as expected"}
SUMMARY = re.compile(
    r"(\d+) explanations?, (\d+) checks?: (.+?)(?:; (\d+) lists? of all explanations, as expected)?"
)
ROW = re.compile(r"  (\w+) +(proved|refuted|unknown)  (.*)")


def text(report: str) -> bool:
    """A person who reads it: so many rows as the last paragraph counts, and nothing after that."""
    counted = _summary(" ".join(report.rstrip("\n").rpartition("\n\n")[2].split("\n")))
    rows = [ROW.fullmatch(line) for line in report.splitlines()]
    told = [row for row in rows if row is not None]
    return (
        report.endswith("\n")
        and counted is not None
        and counted[1] == len(told)
        and not any(row[2] == "unknown" or "EXPECTED" in row[3] for row in told)
    )


def _summary(line: str) -> tuple[int, int, int] | None:
    """Return how many explanations, checks and lists a line says are as expected; None if not all are."""
    found = SUMMARY.fullmatch(line)
    if found is None:
        return None
    explanations, checks, told, lists = found.groups(default="0")
    kinds = [part.partition(" ") for part in told.split(", ")] if told != "none" else []
    if not all(number.isdecimal() and kind in PASSES for number, _, kind in kinds):
        return None
    counted = int(explanations), int(checks), int(lists)
    whole = sum(int(number) for number, _, _ in kinds) == int(checks)
    return counted if whole and sum(counted[1:]) > 0 else None


def json_document(report: str) -> bool:
    """A program that compares every verdict with what was expected, besides the exit code."""
    document = _parsed(report)
    if document is None:
        return False
    specs = document["specs"]
    checks = [check for spec in specs for each in spec["explanations"] for check in each["checks"]]
    lists = [spec["enumeration"] for spec in specs if spec["enumeration"] is not None]
    kinds = ("errors", "defect", "interrupted", "nothing")
    stopped = [part for part in (document, *specs) if any(part[kind] for kind in kinds)]
    return (
        document["exit_code"] == 0
        and not stopped
        and not any(spec["stale"] for spec in specs)
        and all(spec["explanations"] or spec["enumeration"] for spec in specs)
        and bool(checks or lists)
        and all(map(_decided, checks))
        and all(one["complete"] and all(e["ok"] for e in one["expectations"]) for one in lists)
    )


def _decided(check: dict[str, Any]) -> bool:
    """Return whether a check is decided, and as expected; a share that is expected is taken at its word."""
    if check["expected"] in ("proved", "refuted"):
        return bool(check["ok"] and check["verdict"] == check["expected"])
    return bool(check["ok"] and check["verdict"] in ("proved", "refuted"))


def github(report: str) -> bool:
    """The runner, which looks for commands at the start of lines; below them one line sums up."""
    *commands, last = report.splitlines() or [""]
    levels = [found[1] for line in commands if (found := re.match(r"\s*::(\w+)(?: [^:]*)?::", line))]
    return report.endswith("\n") and not {"error", "warning"} & set(levels) and _summary(last) is not None


def sarif(report: str) -> bool:
    """A viewer: the tool came to its end, told of no trouble, and every result is a pass."""
    document = _parsed(report)
    if document is None:
        return False
    results = [result for run in document["runs"] for result in run["results"]]
    return _ran_well(document) and bool(results) and all(result["kind"] == "pass" for result in results)


def code_scanning(report: str) -> bool:
    """Code scanning, to which every result is an alert."""
    document = _parsed(report)
    return (
        document is not None and _ran_well(document) and not any(run["results"] for run in document["runs"])
    )


def _ran_well(document: dict[str, Any]) -> bool:
    invocations = [call for run in document["runs"] for call in run["invocations"]]
    troubles = [
        note
        for call in invocations
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications")
        for note in call.get(kind, [])
        if note["level"] in ("error", "warning")
    ]
    return bool(invocations) and all(call["executionSuccessful"] for call in invocations) and not troubles


def junit(report: str) -> bool:
    """A CI server, which counts the elements and does not trust the attributes to be right."""
    try:
        root = ElementTree.fromstring(report)
    except ElementTree.ParseError:
        return False
    cases = root.findall(".//testcase")
    bad = [
        case for case in cases if any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
    ]
    stated = [
        int(suite.get(kind, "0")) for suite in root.iter() for kind in ("failures", "errors", "skipped")
    ]
    return bool(cases) and not bad and not any(stated) and int(root.get("tests", "0")) == len(cases)


def markdown(report: str) -> bool:
    """A reader of the rendered summary: the headline, as many rows that pass as it counts, all drawings."""
    html = MarkdownIt("gfm-like", {"linkify": False}).render(report)
    headline = re.match(r"<h1>(.*)</h1>\n<p>(.*)</p>", html)
    counted = _summary(headline[2]) if headline is not None else None
    if headline is None or counted is None:
        return False
    explanations, checks, lists = counted
    marks = re.findall(r"<tr>\s*<td>(.*?)</td>", html)
    drawings = re.findall(r'<code class="language-mermaid">.*?</code></pre>\s*</details>', html, re.DOTALL)
    return (
        headline[1] == "verifier: ✅ pass"
        and marks == ["✅ pass"] * (checks + lists)
        and len(drawings) == explanations
    )


def _parsed(report: str) -> Any:
    try:
        return json.loads(report)
    except json.JSONDecodeError:
        return None


GREEN: dict[str, Callable[[str], bool]] = {
    "text": text,
    "json": json_document,
    "github": github,
    "sarif": sarif,
    "code-scanning": code_scanning,
    "junit": junit,
    "markdown": markdown,
}


def _runs(report: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(report)["runs"]
    return found


def _successful(report: str) -> bool:
    return all(call["executionSuccessful"] for run in _runs(report) for call in run["invocations"])


#: What somebody sees who looks at one thing only.
AT_A_GLANCE: dict[str, Callable[[str], bool]] = {
    "text": lambda report: _summary(" ".join(report.rpartition("\n\n")[2].split())) is not None,
    "json": lambda report: json.loads(report)["exit_code"] == 0,
    "github": lambda report: "::error" not in {line[:7] for line in report.splitlines()},
    "sarif": lambda report: (
        _successful(report)
        and not [r for run in _runs(report) for r in run["results"] if r["kind"] != "pass"]
    ),
    "code-scanning": lambda report: _successful(report) and not any(run["results"] for run in _runs(report)),
    "junit": lambda report: (
        {ElementTree.fromstring(report).get(kind) for kind in ("failures", "errors")} == {"0"}
    ),
    "markdown": lambda report: report.startswith("# verifier: ✅ pass\n"),
}
