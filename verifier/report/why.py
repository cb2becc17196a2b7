"""Why a check holds → sentences, and the JSON value."""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from verifier.domain import show_bits
from verifier.engine.why import Combined, Needed, Shown, Untold, Why
from verifier.notation import rounded, show, show_row
from verifier.report.describe import run_document, show_setting

MOST = 8  # names that are listed


def told(why: Why) -> Iterator[str]:
    """Yield what there is to say, a line each."""
    match why:
        case Needed():
            units = _part(_some(why.units), len(why.units), len(why.unused_units), "unit")
            weights = _part(str(len(why.weights)), len(why.weights), len(why.unused_weights), "weight")
            about = f"{why.about} " if why.about else ""
            free = ": with any of these free it fails" if why.facts else ""
            least = f"minimal{free}" if why.minimal else "not shown to be minimal"
            parts = [f"why: {about}needs {units}, {weights}", least]
            if why.constant:
                fixed = [f"{unit} is {show(value)}" for unit, value in why.constant]
                parts.append(f"{_some(fixed)} on all of D")
            if why.unused_inputs:
                domain = " but for the domain" if why.within else ""
                parts.append(f"never looks at {_some(why.unused_inputs)}{domain}")
            if only := [x for x in why.named if x not in why.read]:
                parts.append(f"{_some(only)} only in the formula")
            if why.anywhere:
                parts.append("holds outside the domain too")
            yield "; ".join(parts)
        case Combined(layer, rows):
            for unit, terms in rows[:MOST]:
                yield f"why: {unit} sees {layer} as {_sum(terms)}"
            if len(rows) > MOST:
                yield f"why: and {len(rows) - MOST} more units likewise"
        case Shown(feature, run):
            ((_, setting),) = run.settings
            yield f"why: {feature} matters at x = {show_bits(run.x)}, set to {show_setting(setting)}"
        case Untold(reason):
            yield f"why: {reason}"
        case _:
            assert_never(why)


def why_document(why: Why) -> dict[str, Any]:
    """Return the JSON value, in full."""
    match why:
        case Needed():
            return {
                "kind": "needed",
                "about": why.about or None,
                "minimal": why.minimal,
                "units": list(why.units),
                "unused_units": list(why.unused_units),
                "weights": [list(pair) for pair in why.weights],
                "unused_weights": [list(pair) for pair in why.unused_weights],
                "constant_units": {unit: str(value) for unit, value in why.constant},
                "inputs_read": list(why.read),
                "inputs_named": list(why.named),
                "unused_inputs": list(why.unused_inputs),
                "outside_domain_too": why.anywhere,
                "needs_domain": why.within,
            }
        case Combined(layer, rows):
            return {
                "kind": "combined",
                "layer": layer,
                "rows": {unit: {name: str(a) for name, a in terms} for unit, terms in rows},
            }
        case Shown(feature, run):
            return {"kind": "shown", "feature": feature, **run_document(run)}
        case Untold(reason):
            return {"kind": "untold", "reason": reason}
        case _:
            assert_never(why)


def _part(shown: str, used: int, unused: int, noun: str) -> str:
    """Return how many of a kind are needed, of how many."""
    every = f"{used + unused} {noun}{'' if used + unused == 1 else 's'}"
    return f"all {every}" if used and not unused else f"{shown} of {every}"


def _sum(terms: Sequence[tuple[str, Any]]) -> str:
    return rounded(show_row([a for _, a in terms], [name for name, _ in terms]))


def _some(names: Sequence[str]) -> str:
    """Return the names, of many the first and how many more there are."""
    if not names:
        return "nothing"
    if len(names) <= MOST:
        return ", ".join(names)
    return f"{', '.join(names[: MOST - 1])} and {len(names) - MOST + 1} more"
