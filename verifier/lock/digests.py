"""Network, domain, decoding, explanation, space → digests: what a lock knows them by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from verifier.certificate import canonical, digest
from verifier.decoding import Decoding
from verifier.domain import Domain
from verifier.explanation import Explanation
from verifier.formula import show as show_formula
from verifier.network import Network
from verifier.query import query_document, subject_document, texts
from verifier.readout import Linear, Site, Threshold, Units
from verifier.space import Space


@dataclass(frozen=True, slots=True)
class About:
    """Digests of the exact network, domain and decoding, and of the bytes of the files they are from."""

    network: str
    domain: str
    decoding: str
    files: Mapping[str, str]


def about(network: Network, domain: Domain, decoding: Decoding) -> About:
    """Return the digests of what claims are about."""
    document = subject_document(network, domain, decoding)
    sources = [source for source in (network.origin, domain.source) if source is not None]
    parts = {part: digest(canonical(value)) for part, value in document.items()}
    return About(**parts, files={source.file: source.sha256 for source in sources})


def claim_digest(explanation: Explanation) -> str:
    """Return the digest of what an explanation says, whatever its name."""
    document = {
        "features": [
            {"name": f.name, "gate": show_formula(f.gate), "site": _site(f.site)}
            for f in explanation.features
        ],
        "tolerance": str(explanation.tolerance),
        "writes": {name: texts(row) for name, row in explanation.writes.items()},
        "mode": explanation.mode,
    }
    return digest(canonical(document))


def space_digest(network: Network, domain: Domain, decoding: Decoding, space: Space) -> str:
    """Return the digest of a space of explanations."""
    return digest(canonical(query_document(network, domain, decoding, space)["space"]))


def _site(site: Site | None) -> dict[str, Any] | None:
    match site:
        case None:
            return None
        case Linear(layer, row, offset):
            return {"layer": layer, "row": texts(row), "offset": str(offset)}
        case Threshold(layer, row, op, bound):
            return {"layer": layer, "row": texts(row), "op": op, "bound": str(bound)}
        case Units(layer, units):
            return {"layer": layer, "units": list(units)}
        case _:
            assert_never(site)
