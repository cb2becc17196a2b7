"""Space, statement and expectations of a list → the sentences that say what was asked and what is claimed."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from verifier.engine.enumeration.listing import Statement
from verifier.engine.enumeration.outcome import ListReport
from verifier.network import Network
from verifier.notation import rounded_within, show_row
from verifier.space import Space

Styled = tuple[str, str]
MOST_DIRECTIONS = 3


def asked(space: Space) -> str:
    """Return a space in words."""
    low, high = space.features
    count = f"{low} feature{'' if low == 1 else 's'}" if low == high else f"{low} to {high} features"
    bounds = (
        "any integer coefficients"
        if space.coefficients is None
        else (f"coefficients {space.coefficients[0]}..{space.coefficients[1]}")
    )
    how = "read" if space.readouts == "linear" else "read by comparison"
    parts = [f"{count} {how} at {space.layer}", bounds, f"with {', '.join(space.require)}"]
    if not space.gates.unrestricted:
        parts.append(f"features: {space.gates}")
    if not space.output_gates.unrestricted:
        parts.append(f"outputs: {space.output_gates}")
    if space.must_use:
        parts.append(f"using {', '.join(space.must_use)}")
    if space.must_not_use:
        parts.append(f"not using {', '.join(space.must_not_use)}")
    if space.given:
        parts.append(f"given {', '.join(feature.name for feature in space.given)}")
    if space.polarity:
        parts.append("one per class up to complementing features")
    return "; ".join(parts)


def stated(report: ListReport, functions: int | None = None, brief: bool = False) -> Iterator[Styled]:
    """Yield what is claimed about a list, and how that compares to what was expected, each with its style.

    Why explanations are not listed is said of those that were expected, unless `brief` is false.
    """
    wanted = {expectation.expected for expectation in report.expectations}
    statement = report.listing.statement
    style = "green" if statement.complete else "yellow"
    made = f", of {functions} different sets of Boolean functions" if functions is not None else ""
    yield f"{statement}{made}", style
    yield completeness(statement, report.space, report.network), style
    if statement.complete and not statement.count and report.space.readouts == "linear":
        yield "coefficients are whole numbers: readouts with fractions are not listed", "dim"
    for name, why in report.absent.items():
        if name in wanted or not brief:
            yield f"not listed: {name}, because {rounded_within(why)}", "dim"
    for expectation in report.expectations:
        told = {True: "as expected", False: "NOT AS EXPECTED", None: "undecided"}[expectation.ok]
        got = "" if expectation.ok else f", got {expectation.got}"
        yield f"{told}: {expectation.what} {expectation.expected}{got}", "" if expectation.ok else "red"


def completeness(statement: Statement, space: Space, network: Network) -> str:
    """Return what is claimed about a list, in a sentence."""
    if not statement.complete:
        return f"not complete: {statement.reason}"
    units = network.layer(space.place(network)).units
    by = _by(statement.rests_on, network.smooth)
    if space.coefficients is None:
        told = f"complete for all integers ({by})"
        return f"{told}; {_same(statement, units)} are listed once" if statement.kernel else told
    low, high = space.coefficients
    bound = {
        True: "the bound cuts others off",
        False: "the bound cuts nothing off, so the list is complete for all integers",
        None: "whether the bound cuts others off is not known",
    }[statement.bound_binding]
    told = f"complete for coefficients {low}..{high} ({by}); {bound}"
    if statement.kernel and statement.count:
        told += f"; {_same(statement, units)} are listed apart, `coefficients: any` lists them once"
    return told


def _by(rests_on: str, smooth: bool) -> str:
    """Return how a list was closed, and what told of inputs that were not listed."""
    closed, *told = rests_on.split("+")
    by = {
        "z3": "Z3 found no other",
        "algebra": "every function of the hidden rows was tried",
        "arb": f"every readout of the box was tried{', in ball arithmetic' if smooth else ''}",
        "audit": "the auditor found no other",
        "lock": "as it was locked, believed",
    }[closed]
    rows = {"bdd": "decision diagrams", "z3": "Z3"}
    return f"{by}; {' and '.join(rows[name] for name in told)} told of all inputs" if told else by


def _same(statement: Statement, units: Sequence[str]) -> str:
    """Return which readouts read the same function."""
    shown = [show_row(tuple(map(Fraction, vector)), units) for vector in statement.kernel[:MOST_DIRECTIONS]]
    more = len(statement.kernel) - len(shown)
    told = ", ".join([*shown, f"{more} more"] if more else shown)
    return f"readouts that no input tells apart (they differ by multiples of {told})"
