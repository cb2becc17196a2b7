"""Suggestion → text for a terminal: what is computed, what can be read, and the simplest explanations."""

from collections.abc import Iterator

from rich.table import Table

from verifier.engine.suggest.candidates import Candidates
from verifier.engine.suggest.outcome import LayerFindings, Miss, Suggestion
from verifier.engine.suggest.outputs import OutputFunction
from verifier.engine.suggest.rank import Ranked
from verifier.explanation import Explanation
from verifier.formula import Formula, Gate, names, show
from verifier.network import Network
from verifier.notation import show as show_number
from verifier.readout import show_site
from verifier.report.describe import agrees, sources
from verifier.report.page import Page
from verifier.report.suggestion_claims import completed, counts, groups, how, sure, wide
from verifier.space import Space

MAX_SHOWN, MAX_GATE = 200, 100
#: Literals from which on it is worth saying that an output is no vote.
MANY_LITERALS = 12
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
    if suggestion.accuracy is not None:
        page.line(agrees(suggestion.accuracy))
    page.line("")
    page.line(("what it computes", "bold"))
    for output in suggestion.outputs:
        page.line(f"{output.name}: {short(show(output.formula))}", indent=4)
        if voted(output):
            page.line(voted(output), indent=6)
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
    least = "short, not proved the shortest"
    if output.fewest:
        least = "names each input once: no formula has fewer literals"
    if output.shortest:
        basic = set(_gates(output.formula)) <= BASIC
        least = "shortest in ~ & | ^" if basic else "shorter than any in ~ & | ^"
    count = f"{len(output.inputs)} of {domain.n} inputs"
    whole = size == 1 << domain.n
    about = f"depends on {count}" if whole else f"names {count}; beyond D it may say anything"
    return f"{least}; {about}; 1 on {output.ones} of {size}"


def voted(output: OutputFunction) -> str:
    """Return an output as a vote, if that is plainer than its formula; that it is none, if that is news."""
    literals = sum(1 for _ in names(output.formula))
    if output.vote is not None and literals > len(output.vote.weights):
        return f"a vote: 1 iff {output.vote}"
    return "no weighted vote of the inputs" if output.no_vote and literals > MANY_LITERALS else ""


def _gates(formula: Formula) -> Iterator[str]:
    if isinstance(formula, Gate):
        yield formula.op
        for argument in formula.args:
            yield from _gates(argument)


def _readable(page: Page, layer: LayerFindings, most: int) -> None:
    """Say which functions can be read one by one."""
    page.line((f"layer {layer.layer}", "bold"), _many(layer))
    if layer.skipped:
        page.line((f"to look at it all the same: --layer {layer.layer}", "dim"), indent=4)
    if layer.constant:
        page.line(f"the same on every input: {', '.join(layer.constant)}", indent=4)
    if layer.candidates is not None:
        _functions(page, layer.candidates, most)


def _many(layer: LayerFindings) -> str:
    """Return how many functions can be read, as far as that is known, or why nobody looked."""
    found = layer.candidates
    if found is None:
        return f": {layer.skipped}" if layer.skipped else "" if layer.reason else ": not looked at"
    if found.functions == 0 and layer.reason:
        return ""
    many = "too many functions to count" if found.functions is None else f"{found.functions} functions"
    count = "1 function" if found.functions == 1 else many
    return f": {count} can be read{how(found.readouts)}, complements not counted"


def _functions(page: Page, found: Candidates, most: int) -> None:
    """Show functions that can be read."""
    if found.items:
        page.line((_order(found), "dim"), indent=4)
    elif found.small:
        page.line(
            "none of these is an output, read from one unit, or a formula of one or two inputs", indent=4
        )
    outputs, units = ([one for one in found.items if getattr(one, kind)] for kind in ("name", "unit"))
    rest = [one for one in found.items if not one.name and not one.unit]
    table = Table.grid(padding=(0, 1, 0, 0))
    for candidate in (*outputs, *units[:most], *rest[:most]):
        table.add_row(candidate.name or short(candidate.gate, MAX_GATE), f"@ {candidate.place}")
    if found.items:
        page.table(table, 4)
    hidden = max(len(units), len(rest))
    if hidden > most:
        more = len(units[most:]) + len(rest[most:])
        page.line((f"… and {more} more: all with --show {hidden}", "dim"), indent=4)


def _order(found: Candidates) -> str:
    """Return the order of the functions that are shown."""
    parts = ["first the outputs"] if any(one.name for one in found.items) else []
    parts += ["then one of each unit" if parts else "first one of each unit"] * any(
        one.unit for one in found.items
    )
    rest = "widest gaps of units and formulas of one or two inputs" if found.small else "the others"
    return ", ".join([*parts, f"{'then ' if parts else ''}{rest} by units read, length, margin"])


def _explanations(page: Page, suggestion: Suggestion, layer: LayerFindings) -> None:
    """Say how many explanations there are, and show the simplest."""
    network = suggestion.subject.network
    shown = layer.different[: suggestion.request.most]
    lists = groups(layer.counted)
    for i, group in enumerate(lists):
        if i and lists[i - 1][0].space.require != group[0].space.require:
            page.line((_without(layer, group[0].space), "bold"), indent=2)
        style = "green" if all(counted.statement.complete for counted in group) else "yellow"
        page.line((counts(group, wide(layer)), style), indent=2)
    if not layer.counted and not layer.reason and not layer.skipped:
        page.line(("no explanation: it has fewer units than features", "green"), indent=2)
    if layer.reason:
        page.line((layer.reason, "yellow"), indent=2)
    for number, one in enumerate(shown, start=1):
        page.line((f"no. {number}", "bold"), (f"  ({_simplicity(one)})", "dim"), indent=2)
        page.table(_circuit(one.explanation, network), 6)
    _misses(page, layer, network)
    if layer.counted:
        page.line((sure(layer), "green" if layer.complete else "yellow"), indent=2)
    for told in completed(layer, network):
        page.line((told, "dim"), indent=2)


def remarks_of(suggestion: Suggestion) -> Iterator[str]:
    """Yield what a spec does not claim: layers not looked at, lists that are empty or cut short."""
    yield "Written by `verifier suggest`; every claim below was proved, or refuted where that is expected."
    for layer in suggestion.layers:
        for told in filter(None, (layer.skipped, layer.reason)):
            yield f"Layer {layer.layer}: {told}."
        for group in groups(layer.counted):
            space = group[0].space
            if not group[0].statement.count:
                yield f"Layer {layer.layer}, {', '.join(space.require)}: {counts(group, within=True)}."
        if layer.counted:
            yield f"Layer {layer.layer}: {sure(layer)}."


def _misses(page: Page, layer: LayerFindings, network: Network) -> None:
    """Show the sets of features that come nearest to an explanation."""
    if layer.misses:
        sets = f"{layer.tried} set{'' if layer.tried == 1 else 's'}"
        page.line(
            (f"nearest to an explanation, of {sets} of functions that make up the output:", "bold"), indent=2
        )
    for miss in layer.misses:
        page.line((_miss(miss), "yellow"), indent=4)
        page.table(_circuit(miss.explanation, network), 6)


def _miss(miss: Miss) -> str:
    """Return how near a miss is; of one that nothing shows so, why it is one."""
    why = f", but {miss.why}" if miss.share.held == miss.share.total else ""
    return f"one feature set at a time, interchange holds in {miss.share} cases{why}"


def _without(layer: LayerFindings, space: Space) -> str:
    """Return the heading of what is looked for with fewer requirements."""
    before = [counted for counted in layer.counted if counted.space.require != space.require]
    complete = all(counted.statement.complete for counted in before) and not layer.reason
    dropped = next(check for check in before[-1].space.require if check not in space.require)
    found = (
        f"no explanation with {dropped} among these" if complete else f"none found with {dropped}, unfinished"
    )
    return f"{found}; without {dropped} (the next layer may see more than the features):"


def _simplicity(one: Ranked) -> str:
    """Return what an explanation was ranked by."""
    s = one.simplicity
    formulas = f"literals {s.literals}, operators {s.operators}, " if s.literals else ""
    restates = "; restates the output" if s.restates else ""
    alike = f"; the same functions are read in {one.alike} ways" if one.alike > 1 else ""
    return f"{formulas}coefficients {show_number(s.weight)}{restates}; class of {one.members}{alike}"


def _circuit(explanation: Explanation, network: Network) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for feature in explanation.features:
        site = "" if feature.site is None else f"@ {show_site(feature.site, network)}"
        table.add_row(f"{feature.name}:", short(show(feature.gate), MAX_GATE), site)
    return table


def short(text: str, most: int = MAX_SHOWN) -> str:
    """Return a formula, cut off where it is long."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text)} characters)"
