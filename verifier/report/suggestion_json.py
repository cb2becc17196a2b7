"""Suggestion → the JSON document of `suggest`; exact numbers are strings."""

import json
from collections.abc import Mapping
from typing import Any

from verifier.engine.suggest.candidates import Candidates
from verifier.engine.suggest.outcome import Counted, LayerFindings, Suggestion
from verifier.engine.suggest.rank import Ranked
from verifier.explanation import Explanation
from verifier.formula import show
from verifier.network import Network
from verifier.readout import show_site
from verifier.report.json import SCHEMA_VERSION, label_document, rows_document, statement_document


def suggestion_document(suggestion: Suggestion, path: str, tool: Mapping[str, str]) -> str:
    """Return the document of a `suggest` run."""
    subject = suggestion.subject
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": dict(tool),
        "exit_code": int(suggestion.exit),
        "path": path,
        "network": str(subject.network),
        "output": subject.decoding.show(subject.network),
        "domain": subject.domain.written(),
        "domain_size": subject.size,
        "rows": rows_document(subject.domain),
        "label": label_document(suggestion.accuracy),
        "outputs": [
            {
                "name": output.name,
                "formula": show(output.formula),
                "shortest": output.shortest,
                "inputs": list(output.inputs),
                "ones": output.ones,
                "fewest_literals": output.fewest,
                "vote": None
                if output.vote is None
                else {"weights": dict(output.vote.weights), "at_least": output.vote.least},
                "no_vote": output.no_vote,
            }
            for output in suggestion.outputs
        ],
        "reason": suggestion.reason or None,
        "layers": [_layer(layer, subject.network) for layer in suggestion.layers],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _layer(layer: LayerFindings, network: Network) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "complete": layer.complete,
        "reason": layer.reason or None,
        "skipped": layer.skipped or None,
        "constant_units": list(layer.constant),
        "readable": None if layer.candidates is None else _readable(layer.candidates),
        "lists": [_counted(counted) for counted in layer.counted],
        "explanations": [_ranked(one, network) for one in layer.ranked],
        "near_misses": [
            {
                "circuit": _circuit(miss.explanation, network),
                "interchange": str(miss.share),
                "no_explanation_because": miss.why,
            }
            for miss in layer.misses
        ],
        "near_misses_tried": layer.tried,
    }


def _readable(found: Candidates) -> dict[str, Any]:
    return {
        "functions": found.functions,
        "only_small_formulas": found.small,
        "readouts": found.readouts,
        "features": [
            {
                "gate": candidate.gate,
                "place": candidate.place,
                "coefficients_sum": str(candidate.weight),
                "shortest": candidate.shortest,
                "output": candidate.name or None,
                "unit": candidate.unit or None,
            }
            for candidate in found.items
        ],
    }


def _counted(counted: Counted) -> dict[str, Any]:
    bounds, ranking = counted.space.coefficients, counted.ranking
    return {
        "features": counted.space.features[0],
        "readouts": counted.space.readouts,
        "require": list(counted.space.require),
        "coefficients": None if bounds is None else list(bounds),
        **statement_document(counted.statement),
        "restating_classes": ranking.restating,
        "ranked_by_formulas": ranking.formulas,
        "formulas_shortest": ranking.shortest,
        "excluded": None
        if counted.obstacle is None
        else {
            "forms": counted.obstacle.forms,
            "sets": counted.obstacle.sets,
            "mediating": counted.obstacle.mediating,
        },
    }


def _circuit(explanation: Explanation, network: Network) -> list[dict[str, Any]]:
    return [
        {
            "name": feature.name,
            "gate": show(feature.gate),
            "place": None if feature.site is None else show_site(feature.site, network),
        }
        for feature in explanation.features
    ]


def _ranked(one: Ranked, network: Network) -> dict[str, Any]:
    simplicity = one.simplicity._asdict()
    return {
        "circuit": _circuit(one.explanation, network),
        "simplicity": {**simplicity, "weight": str(one.simplicity.weight)},
        "class_size": one.members,
        "same_functions": one.alike,
        "proved": list(one.proved),
        "refuted": list(one.refuted),
    }
