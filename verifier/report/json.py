"""Outcomes → the JSON document of `check` and `eval`; exact numbers are strings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any, assert_never

from verifier.checks import Check, Float
from verifier.claim import Claim
from verifier.domain import Domain, show_bits
from verifier.engine.enumeration.listing import Statement
from verifier.engine.enumeration.outcome import Expectation, ListReport
from verifier.engine.outcome import Accuracy, Checked, Exit, ExplanationReport, RunReport, SpecReport, word
from verifier.engine.replay import Trace, in_domain
from verifier.errors import Problem
from verifier.network import Network
from verifier.notation import show_row
from verifier.report.describe import SAMPLES, chance, commands, run_document, sentence
from verifier.report.summary import closing
from verifier.report.why import why_document
from verifier.verdict import (
    Counterexample,
    Direction,
    Idle,
    Proved,
    Refuted,
    Rounding,
    Run,
    Unknown,
    Verdict,
)
from verifier.write import Dependency

SCHEMA_VERSION = 1


def check_document(run: RunReport, tool: Mapping[str, str]) -> str:
    """Return the document of a `check` run."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": dict(tool),
        "exit_code": int(run.exit),
        "summary": list(closing(run)),
        "specs": [_spec(report) for report in run.specs],
        "warnings": [problem_document(problem) for problem in run.warnings],
        **_stopped(run),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def eval_document(runs: Sequence[tuple[str, Domain, Run, Trace]], tool: Mapping[str, str]) -> str:
    """Return the document of an `eval` run: one trace per explanation and input."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": dict(tool),
        "runs": [
            {
                "explanation": name or None,
                **run_document(run),
                "trace": _trace(trace),
                "in_domain": in_domain(domain, run.x),
                "agrees": trace.first_divergence is None,
            }
            for name, domain, run, trace in runs
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _spec(report: SpecReport) -> dict[str, Any]:
    about = report.about
    return {
        "path": report.path,
        "sha256": report.sha256,
        "title": report.title,
        "domain_size": report.domain_size,
        "weights": weights_document(about.network) if about is not None else None,
        "rows": rows_document(about.domain) if about is not None else None,
        "label": label_document(report.accuracy),
        "explanations": [_explanation(report.path, explanation) for explanation in report.explanations],
        "enumeration": _enumeration(report.listing) if report.listing is not None else None,
        "notes": list(report.notes),
        "stale": list(report.stale),
        **_stopped(report),
    }


def _stopped(report: SpecReport | RunReport) -> dict[str, Any]:
    """Return what could not be checked, and why."""
    return {
        "errors": [problem_document(problem) for problem in report.problems],
        "defect": report.defect or None,
        "interrupted": report.interrupted,
        "nothing": report.nothing or None,
    }


def weights_document(network: Network) -> dict[str, Any] | None:
    """Return the file that the weights are from, if they are."""
    return asdict(network.origin) if network.origin is not None else None


def rows_document(domain: Domain) -> dict[str, Any] | None:
    """Return the data file that the domain is made of, if it is."""
    if domain.source is None or domain.rows is None:
        return None
    return {
        "file": domain.source.file,
        "sha256": domain.source.sha256,
        "rows": domain.source.size,
        "distinct": len(domain.rows),
        "thresholds": {cut.name: cut.comparison for cut in domain.source.cuts},
        "ignored": "rest" if domain.source.ignored is None else list(domain.source.ignored),
    }


def label_document(found: Accuracy | None) -> dict[str, Any] | None:
    """Return how far the network agrees with the labels of its data, if they are named."""
    if found is None:
        return None
    return {"column": found.column, "agrees": found.share.held, "rows": found.share.total}


def _enumeration(report: ListReport) -> dict[str, Any]:
    return {
        **statement_document(report.listing.statement),
        "expectations": [expectation_document(expectation) for expectation in report.expectations],
        "ok": report.exit == Exit.OK,
    }


def statement_document(statement: Statement) -> dict[str, Any]:
    """Return what is claimed about a list, or a count."""
    return {
        "count": statement.count,
        "classes": statement.classes,
        "complete": statement.complete,
        "bound_binding": statement.bound_binding,
        "kernel": [[str(c) for c in vector] for vector in statement.kernel],
        "rests_on": statement.rests_on or None,
        "reason": statement.reason or None,
    }


def expectation_document(expectation: Expectation) -> dict[str, Any]:
    """Return what was expected of a list and what was found."""
    return {
        "what": expectation.what,
        "expected": expectation.expected,
        "got": expectation.got,
        "ok": expectation.ok,
    }


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return the JSON value of a complaint."""
    return {
        "code": problem.code,
        "path": problem.path or None,
        "message": problem.message,
        "hint": problem.hint or None,
        "line": problem.position.line if problem.position else None,
        "column": problem.position.column if problem.position else None,
    }


def _explanation(path: str, report: ExplanationReport) -> dict[str, Any]:
    return {
        "name": report.claim.explanation.name,
        "checks": [_check(path, report.claim, checked) for checked in report.checks],
        "not_checked": list(report.skipped),
    }


def _check(path: str, claim: Claim, checked: Checked) -> dict[str, Any]:
    result = checked.result
    verdict, share = result.verdict, result.share
    interchange = result.check == "interchange"
    return {
        "check": result.check,
        "verdict": word(verdict),
        "expected": str(checked.expected),
        "ok": checked.ok,
        "method": result.method,
        "rests_on": _rests_on(checked),
        "obligations": verdict.obligations if isinstance(verdict, Proved) else None,
        "counterexample": _counterexample(path, claim, result.check, verdict.counterexample, result.traces)
        if isinstance(verdict, Refuted)
        else None,
        "reason": verdict.reason if isinstance(verdict, Unknown) else None,
        "iia": str(share) if interchange and share is not None else None,
        "mode": claim.explanation.mode if interchange else None,
        "coverage": str(share) if not interchange and share is not None else None,
        "chance_samples_pass": {str(n): chance(share, n) for n in SAMPLES}
        if interchange and share is not None
        else None,
        "vacuity": [
            {
                "layer": v.layer,
                "form": v.form,
                "readable": str(v.readable) if v.readable is not None else None,
                "functions": str(1 << v.rows) if v.readable is not None else None,
                "readable_at_most": str(v.most) if v.most is not None else None,
                "distinct_rows": v.rows,
            }
            for v in result.vacuity
        ],
        "floats": {name: _in_floats(claim, name, told) for name, told in result.floats} or None,
        "notes": list(result.notes),
        "why": [why_document(reason) for reason in result.why] or None,
        "seconds": round(result.seconds, 6),
    }


def _in_floats(claim: Claim, name: Float, verdict: Verdict) -> dict[str, Any]:
    """Return what is known of a proved behavior in a float format."""
    refuted = verdict.counterexample if isinstance(verdict, Refuted) else None
    return {
        "verdict": word(verdict),
        "counterexample": {**_evidence(claim, refuted), "text": sentence(claim, name, refuted, ())}
        if refuted is not None
        else None,
        "reason": verdict.reason if isinstance(verdict, Unknown) else None,
    }


def _rests_on(checked: Checked) -> str | None:
    verdict = checked.result.verdict
    match verdict:
        case Proved(rests_on):
            return rests_on
        case Refuted(Idle(_, rests_on)):
            return rests_on
        case Refuted():
            return "replay"
        case Unknown():
            return None
        case _:
            assert_never(verdict)


def _counterexample(
    path: str, claim: Claim, check: Check, found: Counterexample, traces: Sequence[tuple[Run, Trace]]
) -> dict[str, Any]:
    return {
        **_evidence(claim, found),
        "text": sentence(claim, check, found, traces),
        "traces": [{"x": show_bits(run.x), "steps": _trace(trace)} for run, trace in traces],
        "commands": commands(path, claim, found),
    }


def _evidence(claim: Claim, found: Counterexample) -> dict[str, Any]:
    match found:
        case Run():
            return {"kind": "run", **run_document(found), "row": claim.domain.origin(found.x) or None}
        case Direction(layer, v, unit, pair):
            return {
                "kind": "direction",
                "layer": claim.network.layer(layer).name,
                "direction": show_row(v, claim.network.layer(layer).units),
                "seen_by": unit,
                "inputs": [show_bits(x) for x in pair] if pair else None,
            }
        case Dependency(layer, terms, constant):
            return {
                "kind": "dependency",
                "layer": claim.network.layer(layer).name,
                "coefficients": {name: _exact(c) for name, c in terms},
                "constant": _exact(constant),
            }
        case Idle(feature):
            return {"kind": "idle", "feature": feature}
        case Rounding():
            return {
                "kind": "rounding",
                "format": found.format,
                "x": show_bits(found.x),
                "row": claim.domain.origin(found.x) or None,
                "decision": found.decision,
                "exact": _exact(found.exact),
                "computed": str(found.computed),
                "deciding": found.deciding,
                "sums": [{"order": list(s.order), "tree": s.tree, "fma": s.fma} for s in found.sums],
            }
        case _:
            assert_never(found)


def _trace(trace: Trace) -> list[dict[str, Any]]:
    return [
        {
            "kind": step.kind,
            "name": step.name,
            "definition": step.definition,
            "network": step.network or None,
            "explanation": step.explanation or None,
            "diverges": step.diverges,
        }
        for step in trace.steps
    ]


def _exact(value: Fraction) -> str:
    return str(value)
