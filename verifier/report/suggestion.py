"""Suggestion → text for a terminal: what is computed, what can be read, and the simplest explanations."""

from collections.abc import Iterator

from rich.table import Table

from verifier.engine.suggest.outputs import OutputFunction
from verifier.engine.suggest.rank import Ranked
from verifier.engine.suggest.suggest import Counted, LayerFindings, Suggestion
from verifier.formula import Formula, Gate, show
from verifier.network import Network
from verifier.notation import show as show_number
from verifier.readout import show_site
from verifier.report.describe import agrees, sources
from verifier.report.page import Page
from verifier.report.statement import completeness
from verifier.space import Readouts, Space

MAX_SHOWN, MAX_GATE = 200, 100
BASIC = {"not", "and", "or", "xor"}


def suggestion_text(suggestion: Suggestion, path: str, title: str, most: int, width: int, color: bool) -> str:
    """Return the report of a `suggest` run, at most so many functions per layer."""
    page, subject = Page(width, color), suggestion.subject
    page.literal(path, 0)
    if title:
        page.line((title, "bold"))
    size = "|D| not counted" if subject.size is None else f"|D| = {subject.size}"
    decoding = subject.decoding.show(subject.network)
    page.line(f"{subject.network}; output {decoding}; every x in {subject.domain}, {size}")
    for told in sources(subject.network, subject.domain):
        page.line(told)
    if suggestion.agreement is not None:
        page.line(agrees(suggestion.agreement))
    page.line("")
    page.line(("what it computes", "bold"))
    for output in suggestion.outputs:
        page.line(f"{output.name}: {short(show(output.formula))}", indent=4)
        page.line((_about(suggestion, output), "dim"), indent=6)
    if suggestion.reason:
        page.line((f"no formula: {suggestion.reason}", "yellow"), indent=4)
    for layer in suggestion.layers:
        page.line("")
        _readable(page, layer, most)
        _explanations(page, suggestion, layer)
    return str(page)


def _about(suggestion: Suggestion, output: OutputFunction) -> str:
    """Return how sure a formula is to be the shortest, and what it is about."""
    domain, size = suggestion.subject.domain, suggestion.subject.size
    least = "shortest in ~ & | ^" if output.shortest else "short, not proved the shortest"
    if output.shortest and not set(_gates(output.formula)) <= BASIC:
        least = "shorter than any in ~ & | ^"
    count = f"{len(output.inputs)} of {domain.n} inputs"
    whole = size == 1 << domain.n
    about = f"depends on {count}" if whole else f"names {count}; beyond D it may say anything"
    return f"{least}; {about}; 1 on {output.ones} of {size}"


def _gates(formula: Formula) -> Iterator[str]:
    if isinstance(formula, Gate):
        yield formula.op
        for argument in formula.args:
            yield from _gates(argument)


def _readable(page: Page, layer: LayerFindings, most: int) -> None:
    """Say which functions can be read one by one."""
    found = layer.candidates
    many = "too many functions to count" if found.functions is None else f"{found.functions} functions"
    count = "1 function" if found.functions == 1 else many
    told = f": {count} can be read{_how(found.readouts)}, complements not counted"
    page.line((f"layer {layer.layer}", "bold"), told if found.functions != 0 or not layer.reason else "")
    if found.small:
        none = "" if found.items else " none"
        page.line(f"of these, those that are formulas of one or two inputs:{none}", indent=4)
    table = Table.grid(padding=(0, 1, 0, 0))
    for candidate in found.items[:most]:
        table.add_row(short(candidate.gate, MAX_GATE), f"@ {candidate.place}")
    if found.items:
        page.table(table, 4)
    if len(found.items) > most:
        page.line((f"… and {len(found.items) - most} more: --show {len(found.items)}", "dim"), indent=4)


def _explanations(page: Page, suggestion: Suggestion, layer: LayerFindings) -> None:
    """Say how many explanations there are, and show the simplest."""
    network, request = suggestion.subject.network, suggestion.request
    for counted in layer.counted:
        style = "green" if counted.statement.complete else "yellow"
        page.line((f"{_features(counted.space)}: {_count(counted)}", style), indent=2)
    if not layer.counted and not layer.reason:
        page.line(("no explanation: it has fewer units than features", "green"), indent=2)
    if layer.reason:
        page.line((layer.reason, "yellow"), indent=2)
    for number, one in enumerate(layer.ranked[: request.most], start=1):
        page.line((f"no. {number}", "bold"), (f"  ({_simplicity(one)})", "dim"), indent=2)
        page.table(_circuit(one, network), 6)
    if layer.counted:
        page.line((_sure(layer), "green" if layer.complete else "yellow"), indent=2)
    for counted in {counted.space.readouts: counted for counted in layer.counted}.values():
        told = f"{counted.space.readouts} readouts: {completeness(counted.statement, counted.space, network)}"
        page.line((told, "dim"), indent=2)


def _how(readouts: Readouts) -> str:
    return " by comparison" if readouts == "threshold" else ""


def _features(space: Space) -> str:
    k = space.features[0]
    return f"{k} feature{'' if k == 1 else 's'}{_how(space.readouts)}"


def _count(counted: Counted) -> str:
    """Return how many explanations there are with so many features."""
    statement, restating = counted.statement, counted.ranking.restating
    if not statement.count:
        return "no explanation" if statement.complete else f"none found: {statement.reason}"
    if restating == statement.classes:
        return f"{statement}, which only restate the outputs"
    return f"{statement}" + (f", {restating} of which only restate the outputs" if restating else "")


def _sure(layer: LayerFindings) -> str:
    """Return what is known of simpler explanations than those shown."""
    if not all(counted.statement.complete for counted in layer.counted) or layer.reason:
        count = sum(counted.statement.count for counted in layer.counted)
        return f"the simplest found, of at least {count}"
    if not layer.ranked:
        return f"no explanation of this kind exists{_within(layer)}"
    rankings = [counted.ranking for counted in layer.counted]
    kinds = " or ".join(dict.fromkeys(counted.space.readouts for counted in layer.counted))
    low = layer.counted[0].space.features[0]
    least = f" and {low} features or more" if low > 2 else ""  # one feature can only restate
    if not all(ranking.formulas for ranking in rankings):
        return (
            f"none with {kinds} readouts{least} has fewer features; formulas are too many to compare, "
            "so readouts decide the rest"
        )
    simplest = f"nothing simpler exists with {kinds} readouts{least}{_within(layer)}"
    if not all(ranking.shortest for ranking in rankings):
        return f"{simplest}, formulas being measured as found: not all are proved the shortest"
    return simplest


def _within(layer: LayerFindings) -> str:
    """Return the bounds of the coefficients, unless it is known that they cut nothing off."""
    bounds = {c.space.coefficients for c in layer.counted if c.statement.bound_binding is not False}
    ranges = [f"{low}..{high}" for low, high in filter(None, bounds)]
    return f" within {', '.join(ranges)}" if ranges else ""


def _simplicity(one: Ranked) -> str:
    """Return what an explanation was ranked by."""
    s = one.simplicity
    formulas = f"literals {s.literals}, operators {s.operators}, " if s.literals else ""
    restates = "; restates the output" if s.restates else ""
    return f"{formulas}coefficients {show_number(s.weight)}{restates}; class of {one.members}"


def _circuit(one: Ranked, network: Network) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for feature in one.explanation.features:
        site = "" if feature.site is None else f"@ {show_site(feature.site, network)}"
        table.add_row(f"{feature.name}:", short(show(feature.gate), MAX_GATE), site)
    return table


def short(text: str, most: int = MAX_SHOWN) -> str:
    """Return a formula, cut off where it is long."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text)} characters)"
