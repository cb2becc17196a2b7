"""Fates of mutants → the JSON document of `mutate`; exact numbers are strings."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from verifier.engine.mutation.mutants import Mutant
from verifier.engine.mutation.outcome import (
    Equal,
    Fate,
    Killed,
    Mutated,
    MutationReport,
    Open,
    Refused,
    Skipped,
    Survived,
)
from verifier.engine.outcome import worst
from verifier.network import Network
from verifier.report.json import SCHEMA_VERSION, problem_document


def mutation_document(reports: Sequence[MutationReport], tool: Mapping[str, str]) -> str:
    """Return the document of a `mutate` run."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": dict(tool),
        "exit_code": int(worst(report.exit for report in reports)),
        "specs": [_spec(report) for report in reports],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _spec(report: MutationReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "sha256": report.sha256,
        "title": report.title,
        "domain_size": report.domain_size,
        "wanted": str(report.wanted),
        "explanations": [_mutated(each) for each in report.mutated],
        "skipped": [
            {"name": each.name, "reason": each.reason}
            for each in report.explanations
            if isinstance(each, Skipped)
        ],
        "errors": [problem_document(problem) for problem in report.problems],
    }


def _mutated(each: Mutated) -> dict[str, Any]:
    network = each.claim.network
    return {
        "name": each.claim.explanation.name,
        "checks": list(each.checks),
        "left_out": list(each.refuted),
        "score": None if each.score is None else str(each.score),
        "refuted": each.killed,
        "survived": each.count(Survived),
        "undecided": each.count(Open),
        "equal": each.count(Equal),
        "malformed": each.count(Refused),
        "tried": len(each.fates),
        "mutants_in_all": each.total,
        "mutants": [{**_mutant(mutant, network), **_fate(fate)} for mutant, fate in each.fates],
    }


def _mutant(mutant: Mutant, network: Network) -> dict[str, Any]:
    before, after = mutant.show(network)
    return {
        "feature": mutant.before.name,
        "operator": mutant.operator,
        "before": before,
        "after": after,
    }


def _fate(fate: Fate) -> dict[str, Any]:
    match fate:
        case Killed(check):
            return {"state": "refuted", "check": check}
        case Survived(at):
            return {"state": "survived", "differs_at": {name: int(bit) for name, bit in at}}
        case Equal(rests_on):
            return {"state": "equal", "rests_on": rests_on}
        case Refused(reason):
            return {"state": "malformed", "reason": reason}
        case Open(reason):
            return {"state": "undecided", "reason": reason}
        case _:
            assert_never(fate)
