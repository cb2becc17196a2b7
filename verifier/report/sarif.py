"""Run → SARIF 2.1.0: a result per check (pass, fail, open), a notification for whatever stopped the run.

Source: Static Analysis Results Interchange Format, OASIS Standard, version 2.1.0 with errata 01. Code
scanning on GitHub takes every result for an alert, of whatever kind: for it, results that pass are left out.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, assert_never
from urllib.parse import quote

from verifier.checks import CHECKS
from verifier.engine.outcome import Exit, RunReport
from verifier.errors import CODES, Position
from verifier.report.cases import DEFECT, ENUMERATE, INTERRUPTED, NOTHING, STALE, Case, cases, warnings
from verifier.report.formats import relative
from verifier.report.markdown import escaped

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"

#: What a rule states; the checks as in `verifier explain`.
RULES = {
    "behavior": "On every input of the domain the network puts out what the explanation computes.",
    "readout": "On every input of the domain every feature is read as the bit that it is claimed to be.",
    "mediation": "The next layer sees the activations through the readouts of the features only.",
    "interchange": "Whatever is written into the features of a layer, the network goes on as explained.",
    "necessity": "Every feature matters: some write of it alone changes an output.",
    "float32": "No rounding and no order of summation in single precision changes a decision.",
    "float64": "No rounding and no order of summation in double precision changes a decision.",
    ENUMERATE: "The list of all explanations of a stated kind is as expected.",
    STALE: "What was recorded when the claims were proved is still so.",
}
#: What a notification says, beside the codes of problems.
STOPPED = {
    DEFECT: "A defect of the verifier, or methods that disagree.",
    INTERRUPTED: "The run was interrupted: checks are missing.",
    NOTHING: "There is nothing to check.",
}
EXITS = {
    Exit.OK: "everything decided, and as expected",
    Exit.UNEXPECTED: "something refuted that should hold, or proved that should not",
    Exit.BAD_INPUT: "usage, spec or network error",
    Exit.UNDECIDED: "undecided",
    Exit.INTERNAL: "internal error, or methods that disagree",
    Exit.NOTHING: "nothing to check",
    Exit.INTERRUPTED: "interrupted",
}
_RULE_NUMBER = {name: number for number, name in enumerate(RULES)}
_NOTIFICATIONS = {**CODES, **STOPPED}
_NOTIFICATION_NUMBER = {name: number for number, name in enumerate(_NOTIFICATIONS)}


def sarif(run: RunReport, version: str, root: Path, problems_only: bool = False) -> str:
    """Return the log of a run; paths below a folder are relative to it.

    `problems_only` leaves out what passes.
    """
    assert set(RULES) == {*CHECKS, ENUMERATE, STALE}
    files = {relative(report.path, root): report.sha256 for report in run.specs}
    numbers = {file: number for number, file in enumerate(files)}
    results, notes = [], []
    for case in cases(run):
        if _rule(case) not in RULES:
            notes.append((case, _notification(case, root, numbers, "error")))
        elif not (problems_only and case.exit == Exit.OK):
            results.append(_result(case, root, numbers))
    warned = [_notification(case, root, numbers, "warning") for case in warnings(run)]
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(version)},
                "invocations": [
                    {
                        "executionSuccessful": run.exit in (Exit.OK, Exit.UNEXPECTED, Exit.UNDECIDED),
                        "exitCode": int(run.exit),
                        "exitCodeDescription": EXITS[run.exit],
                        "toolExecutionNotifications": [n for case, n in notes if _of_the_tool(case)],
                        "toolConfigurationNotifications": [
                            *(n for case, n in notes if not _of_the_tool(case)),
                            *warned,
                        ],
                    }
                ],
                "originalUriBaseIds": {
                    ROOT: {"description": {"text": "The root of the repository, or the working directory."}}
                },
                "artifacts": [
                    {
                        "location": _location(file, {}),
                        "roles": ["analysisTarget"],
                        **({"hashes": {"sha-256": digest}} if digest else {}),
                    }
                    for file, digest in files.items()
                ],
                "results": results,
                "columnKind": "unicodeCodePoints",
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _driver(version: str) -> dict[str, Any]:
    return {
        "name": "verifier",
        "semanticVersion": version,
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": text},
                "fullDescription": {"text": text},
                "help": {"text": _help(name)},
                "defaultConfiguration": {"level": "error"},
            }
            for name, text in RULES.items()
        ],
        "notifications": [
            {"id": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}
            for name, text in _NOTIFICATIONS.items()
        ],
    }


def _help(rule: str) -> str:
    if rule == ENUMERATE:
        return "`verifier enumerate SPEC` shows the list and says what that it is complete rests on."
    if rule == STALE:
        return "`verifier check --update-lock` records what holds now."
    return f"`verifier explain SPEC -k {rule}` writes out what is stated, with the numbers filled in."


def _rule(case: Case) -> str:
    """Return the last part of a name: the check."""
    return case.name.rpartition("::")[2]


def _of_the_tool(case: Case) -> bool:
    """Return whether a case is about the run itself, not about what it was asked to do."""
    return case.exit in (Exit.INTERNAL, Exit.INTERRUPTED)


def _result(case: Case, root: Path, numbers: dict[Path, int]) -> dict[str, Any]:
    rule, kind = _rule(case), _kind(case.exit)
    return {
        "ruleId": rule,
        "ruleIndex": _RULE_NUMBER[rule],
        "kind": kind,
        "level": "error" if kind == "fail" else "none",
        "message": _message(case),
        "locations": [
            {**_place(case, root, numbers), "logicalLocations": [{"fullyQualifiedName": case.name}]}
        ],
        "partialFingerprints": _fingerprints(case, root),
    }


def _kind(exit_code: Exit) -> Literal["pass", "fail", "open"]:
    match exit_code:
        case Exit.OK:
            return "pass"
        case Exit.UNDECIDED:
            return "open"
        case Exit.UNEXPECTED | Exit.BAD_INPUT | Exit.INTERNAL | Exit.NOTHING | Exit.INTERRUPTED:
            return "fail"
        case _:
            assert_never(exit_code)


def _notification(
    case: Case, root: Path, numbers: dict[Path, int], level: Literal["error", "warning"]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "descriptor": {"id": case.name, "index": _NOTIFICATION_NUMBER[case.name]},
        "level": level,
        "message": _message(case),
    }
    if case.path:
        found["locations"] = [_place(case, root, numbers)]
    return found


def _place(case: Case, root: Path, numbers: dict[Path, int]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _location(relative(case.path, root), numbers)}
    whole = Position(1, 1) if _rule(case) in RULES else None  # GitHub asks for a line of every result
    position = case.position or whole
    if position is not None:
        place["region"] = {"startLine": position.line, "startColumn": position.column}
    return {"physicalLocation": place}


def _location(file: Path, numbers: dict[Path, int]) -> dict[str, Any]:
    """Return where a file is: relative to the root, or by its URI; and its number among the artifacts."""
    number = {"index": numbers[file]} if file in numbers else {}
    if file.is_absolute():
        return {"uri": file.as_uri(), **number}
    return {"uri": quote(file.as_posix().encode("utf-8", "surrogateescape")), "uriBaseId": ROOT, **number}


def _fingerprints(case: Case, root: Path) -> dict[str, str]:
    """Return what tells a claim from others, and is the same however lines move.

    GitHub knows only `primaryLocationLineHash`.
    """
    text = "\0".join([relative(case.path, root).as_posix(), case.name])
    digest = sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return {"claim/v1": digest, "primaryLocationLineHash": f"{digest[:16]}:1"}


def _message(case: Case) -> dict[str, str]:
    """Return the sentence with the commands; as Markdown also with the values, set as a table."""
    commands = [f"See: {command}" for command in case.commands]
    message = {"text": _literal("\n".join([case.message, *commands]))}
    blocks = [block for block in (case.details, "\n".join(case.commands)) if block]
    if blocks:
        indented = ["\n".join(f"    {line}" for line in block.splitlines()) for block in blocks]
        message["markdown"] = _literal("\n\n".join([escaped(case.message), *indented]))
    return message


def _literal(text: str) -> str:
    """Return a text as a message string, in which braces stand for arguments and `[a](b)` for a link.

    >>> _literal("x in {0,1}^2 [table](1)")
    'x in {{0,1}}^2 [table] (1)'
    """
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
