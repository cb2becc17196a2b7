"""Network, domain, decoding and space → the query document: everything an enumeration is about, as JSON."""

from typing import Any

from verifier.certificate import canonical, digest
from verifier.decoding import Decoding
from verifier.domain import Domain, show_bits
from verifier.explanation import Feature
from verifier.formula import show as show_formula
from verifier.library import Library
from verifier.network import Activation, Network, Row
from verifier.readout import Linear, Threshold
from verifier.space import Space


def subject_document(network: Network, domain: Domain, decoding: Decoding) -> dict[str, Any]:
    """Return what a query and a claim are about: exact numbers are texts, counts are integers."""
    return {
        "network": {"layers": [_layer(network, place) for place in range(1, network.depth + 1)]},
        "domain": {
            "inputs": list(domain.inputs),
            "where": show_formula(domain.where) if domain.where is not None else None,
            "rows": [show_bits(row) for row in domain.rows] if domain.rows is not None else None,
            "low": str(domain.low),
            "high": str(domain.high),
        },
        "decoding": {
            "argmax": decoding.argmax,
            "tolerance": str(decoding.tolerance),
            "outputs": [_output(output.name, output.site) for output in decoding.outputs],
        },
    }


def query_document(network: Network, domain: Domain, decoding: Decoding, space: Space) -> dict[str, Any]:
    """Return the query: exact numbers are texts, counts are integers (`specs/certificate.md`).

    `readouts` is there where version 1 of the format has no word for them: comparisons, and affine forms
    within a tolerance if no layer is smooth.
    """
    near = decoding.tolerance > 0 and not network.smooth
    told = {"readouts": space.readouts} if near or space.readouts != "linear" else {}
    return {
        **subject_document(network, domain, decoding),
        "space": {
            "layer": space.layer,
            "features": list(space.features),
            "coefficients": list(space.coefficients) if space.coefficients is not None else None,
            "polarity": space.polarity,
            "require": list(space.require),
            "gates": _library(space.gates),
            "output_gates": _library(space.output_gates),
            "must_use": list(space.must_use),
            "must_not_use": list(space.must_not_use),
            "given": [_given(feature, bool(told)) for feature in space.given],
            **told,
        },
    }


def digests(query: dict[str, Any]) -> dict[str, str]:
    """Return the digests a certificate's header holds."""
    return {
        "network_sha256": digest(canonical(query["network"])),
        "query_sha256": digest(canonical(query)),
    }


def _layer(network: Network, place: int) -> dict[str, Any]:
    layer = network.layer(place)
    return {
        "name": layer.name,
        "units": list(layer.units),
        "weights": [texts(row) for row in layer.W],
        "bias": texts(layer.b),
        "activation": _activation(layer.activation),
    }


def _activation(activation: Activation) -> dict[str, Any]:
    numbers = {name: getattr(activation, name) for name in ("slope", "low", "high")}
    texts = {name: None if value is None else str(value) for name, value in numbers.items()}
    return {"kind": activation.kind, "tie": activation.tie, **texts}


def _output(name: str, site: Linear | Threshold) -> dict[str, Any]:
    op, value = (None, site.offset) if isinstance(site, Linear) else (site.op, site.bound)
    return {"name": name, "row": texts(site.row), "op": op, "value": str(value)}


def _library(library: Library) -> dict[str, Any]:
    return {"kinds": list(library.kinds), "fan_in": library.fan_in}


def _given(feature: Feature, compared: bool) -> dict[str, Any]:
    """Return a given feature; with its comparison, if it has one, in the version that knows comparisons."""
    site = feature.site if isinstance(feature.site, Linear | Threshold) else None
    number = site.bound if isinstance(site, Threshold) else site.offset if site is not None else None
    told = {
        "name": feature.name,
        "gate": show_formula(feature.gate),
        "row": texts(site.row) if site is not None else None,
        "offset": str(number) if number is not None else None,
    }
    return {**told, "op": site.op if isinstance(site, Threshold) else None} if compared else told


def texts(row: Row) -> list[str]:
    """Return exact numbers as documents hold them."""
    return [str(value) for value in row]
