"""Probed concepts → the JSON document of `probe`; exact numbers are strings."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, assert_never

from verifier.domain import show_bits
from verifier.engine.probe.outcome import (
    Answer,
    Beyond,
    Clash,
    Constant,
    Ends,
    Fractional,
    Meeting,
    Probed,
    ProbeReport,
    Readable,
    Site,
    Unfit,
    Weights,
)
from verifier.formula import show as show_formula
from verifier.readout import show_site
from verifier.report.json import SCHEMA_VERSION
from verifier.verdict import Unknown


def probe_document(report: ProbeReport, path: str, sha256: str, tool: Mapping[str, str]) -> str:
    """Return the document of a `probe` run."""
    subject = report.subject
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": dict(tool),
        "exit_code": int(report.exit),
        "path": path,
        "sha256": sha256,
        "network": str(subject.network),
        "domain": subject.domain.written(),
        "domain_size": subject.size,
        "tolerance": str(subject.decoding.tolerance),
        "layer": report.layer.name,
        "units": list(report.layer.units),
        "constant_units": list(report.constant),
        "distinct_rows": report.rows,
        "affine_rank": report.rank,
        "bound": report.bound,
        "concepts": [_probed(report, probed) for probed in report.probed],
        "all": [
            {
                "form": each.form,
                "reason": each.reason or None,
                "functions": [_probed(report, one) for one in each.functions],
            }
            for each in report.listed
        ],
        "superposition": [
            {
                "form": form,
                "readable": len(report.readable(form)),
                "rank_of_readouts": report.span(form),
                "read_by": {unit: list(names) for unit, names in report.users(form).items()},
            }
            for form in report.forms
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _probed(report: ProbeReport, probed: Probed) -> dict[str, Any]:
    concept = probed.concept
    return {
        "names": [name for name in concept.names if name],
        "formula": show_formula(concept.gate),
        "ones": concept.ones,
        "answers": {
            form: {"answer": type(answer).__name__.lower(), **_told(report, answer)}
            for form, answer in probed.answers.items()
        },
    }


def _told(report: ProbeReport, answer: Answer) -> dict[str, Any]:
    match answer:
        case Constant(bit):
            return {"bit": int(bit)}
        case Readable(site, why, reason, margin, widest):
            told = {
                **_site(report, site),
                "smallest": why is not None,
                "rests_on": why,
                "reason": reason or None,
            }
            if margin is not None:
                told["margin"] = _ends(margin)
            if widest is not None:
                told["widest"] = {
                    **_site(report, widest.site),
                    "margin": _ends(widest.margin),
                    "widest_up_to_bound": widest.compared or widest.margin[0] == widest.ceiling,
                    "ceiling": str(widest.ceiling),
                    "ceiling_attained_by": None
                    if widest.attained is None
                    else show_site(widest.attained, report.subject.network),
                }
            return told
        case Clash(zero, one):
            return {"zero": show_bits(zero), "one": show_bits(one)}
        case Unfit(weights, error):
            return {"weights": _weights(weights), "error": str(error)}
        case Meeting(weights) | Fractional(weights):
            return {"weights": _weights(weights)}
        case Beyond(_, weights, beyond, only):
            found = {"beyond": _site(report, beyond)} if beyond is not None else {}
            return {**found, "only": only, "weights": _weights(weights)}
        case Unknown(reason):
            return {"reason": reason}
        case _:
            assert_never(answer)


def _site(report: ProbeReport, site: Site) -> dict[str, Any]:
    return {
        "readout": show_site(site, report.subject.network),
        "units": sum(c != 0 for c in site.row),
        "coefficients_sum": str(sum(map(abs, site.row), Fraction(0))),
    }


def _ends(ends: Ends) -> str | list[str]:
    return str(ends[0]) if ends[0] == ends[1] else [str(end) for end in ends]


def _weights(weights: Weights) -> dict[str, str]:
    return {show_bits(x): str(w) for x, w in weights}
