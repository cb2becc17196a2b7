"""List of explanations → text for a terminal: one per class, and how far the list can be trusted."""

from rich.table import Table

from verifier.engine.enumeration.describe import Describer, by_functions
from verifier.engine.enumeration.listing import Found
from verifier.engine.enumeration.outcome import ListReport
from verifier.notation import show_row
from verifier.report.describe import sources
from verifier.report.page import Page
from verifier.report.statement import asked, stated


def listing_text(report: ListReport, width: int, color: bool, every: bool, most: int) -> str:
    """Return the report of an `enumerate` run: the first explanation of each class, or every one."""
    page = Page(width, color)
    page.literal(report.path, 0)
    if report.title:
        page.line((report.title, "bold"))
    size = "|D| not counted" if report.domain_size is None else f"|D| = {report.domain_size}"
    decoding = report.decoding.show(report.network)
    page.line(f"{report.network}; output {decoding}; every x in {report.domain}, {size}")
    for told in sources(report.network, report.domain):
        page.line(told)
    page.line(f"listed: {asked(report.space)}")
    page.line("")
    listing = report.listing
    if listing.stage is not None:
        _explanations(page, report, Describer(listing.stage), every, most)
    functions = None
    if listing.stage is not None and listing.items:
        functions = by_functions(listing.stage, listing.items)
    for part in stated(report, functions):
        page.line(part)
    return str(page)


def _explanations(page: Page, report: ListReport, describer: Describer, every: bool, most: int) -> None:
    listing = report.listing
    names: dict[int, list[str]] = {}
    for name, number in report.named.items():
        names.setdefault(number, []).append(name)
    members: dict[int, list[int]] = {}
    for number, group in enumerate(listing.groups, start=1):
        members.setdefault(group, []).append(number)
    if every:
        chosen = list(range(1, len(listing.items) + 1))
    else:
        chosen = [_plainest(report, describer, numbers) for numbers in list(members.values())[:most]]
    for number in chosen[:most]:
        group = listing.groups[number - 1]
        others = members[group]
        title = f"no. {number}"
        if names.get(number):
            title += f" = {', '.join(names[number])}"
        rest = [other for other in others if other != number]
        named = [f"no. {other} = {name}" for other in rest for name in names.get(other, ())]
        more = f"{len(rest)} more up to complementing features" if rest and not every else ""
        told = "; ".join([f"class {group}", *([more] if more else []), *(named if not every else [])])
        page.line((title, "bold"), (f"  ({told})", "dim"))
        page.table(_circuit(describer, listing.items[number - 1]), 4)
        for line in _sums(describer, listing.items[number - 1]):
            page.line(line, indent=4)
    hidden = (len(listing.items) if every else len(members)) - most
    if hidden > 0:
        noun = (
            ("explanation" if hidden == 1 else "explanations")
            if every
            else "class"
            if hidden == 1
            else "classes"
        )
        page.line(
            (
                f"… and {hidden} more {noun}: --show {hidden + most}, or --format json",
                "dim",
            )
        )
    if chosen:
        page.line("")


def _plainest(report: ListReport, describer: Describer, numbers: list[int]) -> int:
    """Return the member of a class to show: one the spec names, else the one with the shortest formulas."""
    named = [number for number in numbers if number in report.named.values()]
    return min(named or numbers, key=lambda number: describer.size(report.listing.items[number - 1]))


def _circuit(describer: Describer, found: Found) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    names = describer.names(len(found.features))
    for name, text in zip(names, found.features, strict=True):
        gate = describer.gate(text)
        table.add_row(
            f"{name}:",
            gate if gate is not None else "(a gate of many inputs)",
            f"@ {describer.readout(text)}",
        )
    for output, gate in describer.output_gates(found).items():
        table.add_row(f"{output}:", gate, "")
    return table


def _sums(describer: Describer, found: Found) -> list[str]:
    """Return how the next layer combines the features, a line per unit."""
    names = describer.names(len(found.features))
    weights = describer.weights(found).items()
    return [f"z({unit}) = {show_row(alpha, names, beta)}" for unit, (alpha, beta) in weights]
