"""List of explanations → the JSON document of `enumerate`, in pieces; exact numbers are strings."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from verifier.certificate import is_cut, parse_feature
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.listing import Found
from verifier.engine.enumeration.outcome import ListReport
from verifier.report.json import (
    SCHEMA_VERSION,
    expectation_document,
    rows_document,
    statement_document,
    weights_document,
)


def listing_document(report: ListReport, query: Mapping[str, Any], tool: Mapping[str, str]) -> Iterator[str]:
    """Yield the document piece by piece: a long list never stands in memory as one text."""
    listing = report.listing
    head = {
        "schema_version": SCHEMA_VERSION,
        "tool": dict(tool),
        "exit_code": int(report.exit),
        "path": report.path,
        "sha256": report.sha256,
        "title": report.title,
        "domain_size": report.domain_size,
        "weights": weights_document(report.network),
        "rows": rows_document(report.domain),
        "query": dict(query),
        **statement_document(listing.statement),
        "expectations": [expectation_document(e) for e in report.expectations],
        "named": dict(report.named),
        "absent": dict(report.absent),
    }
    yield json.dumps(head, indent=2, ensure_ascii=False)[:-2] + ',\n  "explanations": ['
    describer = Describer(listing.stage) if listing.stage is not None else None
    for number, (found, group) in enumerate(zip(listing.items, listing.groups, strict=True)):
        assert describer is not None  # nothing is found without a stage
        told = json.dumps(_explanation(describer, found, group), ensure_ascii=False)
        yield (",\n    " if number else "\n    ") + told
    yield ("\n  " if listing.items else "") + "]\n}\n"


def count_document(report: ListReport) -> str:
    """Return the document of `enumerate --count`: the statement, and what was expected of it."""
    told = statement_document(report.listing.statement)
    return json.dumps(
        {**told, "expectations": [expectation_document(e) for e in report.expectations]}, indent=2
    )


def _explanation(describer: Describer, found: Found, group: int) -> dict[str, Any]:
    names = describer.names(len(found.features))
    weights = describer.weights(found)
    outputs = describer.output_gates(found)
    alphas = {unit: [str(a) for a in alpha] for unit, (alpha, _) in weights.items()}
    biases = {unit: str(beta) for unit, (_, beta) in weights.items()}
    return {
        "features": [
            _feature(describer, name, text) for name, text in zip(names, found.features, strict=True)
        ],
        "weights": _single(alphas),
        "bias": _single(biases),
        "output_gate": _single(outputs),
        "output_table": list(found.output) or None,
        "class": group,
    }


def _single(told: Mapping[str, Any]) -> Any:
    """Return the value of the only unit or output; several by name; of none: None."""
    return next(iter(told.values()), None) if len(told) < 2 else dict(told)


def _feature(describer: Describer, name: str, text: str) -> dict[str, Any]:
    row, offset = parse_feature(text)
    return {
        "name": name,
        "gate": describer.gate(text),
        "table": describer.table(text),
        "coefficients": [str(c) for c in row],
        "cut" if is_cut(text) else "offset": str(offset),
    }
