"""Explanation → a drawing in Mermaid: inputs, the units that are read, the features, the outputs.

Of Mermaid's grammar only flowcharts with quoted labels are used; every character with a meaning in it is
written as a numeric entity, as its documentation says.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from verifier.engine.outcome import ExplanationReport
from verifier.explanation import Feature
from verifier.formula import names
from verifier.network import Network
from verifier.readout import Units
from verifier.verdict import Counterexample, Idle, Refuted
from verifier.write import Dependency

MOST_NODES = 16  # of a kind; more become one
MOST_LETTERS = 80  # of a label
FELL, KNOWN = "stroke:#d00,stroke-width:3px", "stroke:#666,stroke-dasharray:4"
_SPECIAL = re.compile(r"[^\w .,+*/=()^-]", re.ASCII)


def flowchart(report: ExplanationReport) -> str:
    """Return the drawing of an explanation; what its counterexamples are about is marked.

    What is refuted is red, unless that is expected: then it is dashed.
    """
    claim = report.claim
    explanation, network = claim.explanation, claim.network
    outputs = set(claim.decoding.names)
    fell, known = (set(chain.from_iterable(_blamed(report, expected))) for expected in (False, True))
    inputs, lines = _nodes("i", "([{}])", claim.domain.inputs, "inputs")
    edges: dict[str, None] = {}
    units: dict[tuple[int, int], str] = {}
    for place in explanation.layers:
        layer = network.layer(place)
        read = sorted(set(chain.from_iterable(map(_read, explanation.found_at(place)))))
        ids, declared = _nodes(f"u{place}_", "[{}]", [layer.units[i] for i in read], f"units of {layer.name}")
        lines += declared
        units |= {(place, i): ids[layer.units[i]] for i in read}
        edges |= {
            f"{inputs[claim.domain.inputs[j]]} --> {units[place, i]}": None
            for i in read
            for j in _seen(network, place, i)
        }
    node = {feature.name: f"f{number}" for number, feature in enumerate(explanation.features)}
    for feature in explanation.features:
        to, site = node[feature.name], feature.site
        shape = "[[{}]]" if feature.name in outputs else "({})"
        lines.append(f"{to}{shape.format(_quoted(feature.show(network)))}")
        if site is not None:
            edges |= {f"{units[site.layer, i]} --> {to}": None for i in _read(feature)}
        below = [name.name for name in names(feature.gate)]
        edges |= {f"{node[name]} -.-> {to}": None for name in below if name in node}
        if site is None:
            edges |= {f"{inputs[name]} -.-> {to}": None for name in below if name in inputs}
    lines += edges
    for kind, style, about in (("refuted", FELL, fell), ("expected", KNOWN, known - fell)):
        marked = [node[name] for name in node if name in about]
        if marked:
            lines += [f"classDef {kind} {style}", f"class {','.join(marked)} {kind}"]
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines)]) + "\n"


def _nodes(prefix: str, shape: str, named: Sequence[str], kind: str) -> tuple[dict[str, str], list[str]]:
    """Return the node of every name, and the lines that declare them: one for all if they are many."""
    if len(named) > MOST_NODES:
        return dict.fromkeys(named, prefix), [f"{prefix}{shape.format(_quoted(f'{len(named)} {kind}'))}"]
    ids = {name: f"{prefix}{number}" for number, name in enumerate(named)}
    return ids, [f"{node}{shape.format(_quoted(name))}" for name, node in ids.items()]


def _read(feature: Feature) -> tuple[int, ...]:
    """Return the numbers of the units at which a feature is read."""
    site = feature.site
    assert site is not None
    return site.units if isinstance(site, Units) else tuple(i for i, c in enumerate(site.row) if c)


def _seen(network: Network, place: int, unit: int) -> list[int]:
    """Return the inputs from which weights other than 0 lead to a unit."""
    seen = {unit}
    for below in range(place, 0, -1):
        seen = {j for i in seen for j, w in enumerate(network.layer(below).W[i]) if w}
    return sorted(seen)


def _blamed(report: ExplanationReport, expected: bool) -> Iterator[Sequence[str]]:
    """Yield the names that the counterexamples are about, which were expected or not."""
    for checked in report.checks:
        verdict = checked.result.verdict
        if isinstance(verdict, Refuted) and checked.ok is expected:
            yield _named(verdict.counterexample)
            for _, trace in checked.result.traces:
                yield [step.name for step in trace.steps if step.diverges]


def _named(found: Counterexample) -> Sequence[str]:
    match found:
        case Idle(feature):
            return [feature]
        case Dependency(terms=terms):
            return [name for name, c in terms if c]
        case _:
            return []


def _quoted(text: str) -> str:
    """Return a text as a quoted label.

    >>> _quoted('a | "b"')
    '"a #124; #34;b#34;"'
    """
    short = text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 2]} …"
    return f'"{_SPECIAL.sub(lambda found: f"#{ord(found[0])};", short)}"'
