"""Why a check holds → sentences, and the JSON value."""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from verifier.engine.why import Combined, Needed, Untold, Why
from verifier.notation import show_row

MOST = 8  # names that are listed


def told(why: Why) -> Iterator[str]:
    """Yield what there is to say, a line each."""
    match why:
        case Needed():
            units, weights = len(why.units), len(why.weights)
            every = f"{units} of {units + len(why.unused_units)} units"
            subject = why.about or "why"
            least = "minimal" if why.minimal else "not shown to be minimal"
            yield (
                f"{subject}: needs {_some(why.units)} ({every}), "
                f"{weights} of {weights + len(why.unused_weights)} weights; {least}"
            )
            if why.unused_inputs:
                yield f"  never looks at {_some(why.unused_inputs)}"
            if only := [x for x in why.named if x not in why.read]:
                yield f"  {_some(only)} only in the formula"
            if why.anywhere:
                yield "  holds outside the domain too"
        case Combined(layer, rows):
            for unit, terms in rows:
                yield f"why: {unit} sees {layer} as {_sum(terms)}"
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
                "inputs_read": list(why.read),
                "inputs_named": list(why.named),
                "unused_inputs": list(why.unused_inputs),
                "outside_domain_too": why.anywhere,
            }
        case Combined(layer, rows):
            return {
                "kind": "combined",
                "layer": layer,
                "rows": {unit: {name: str(a) for name, a in terms} for unit, terms in rows},
            }
        case Untold(reason):
            return {"kind": "untold", "reason": reason}
        case _:
            assert_never(why)


def _sum(terms: Sequence[tuple[str, Any]]) -> str:
    return show_row([a for _, a in terms], [name for name, _ in terms])


def _some(names: Sequence[str]) -> str:
    """Return the names, of many the first and how many more there are."""
    if not names:
        return "nothing"
    left_out = len(names) - MOST
    if left_out <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:MOST])} and {left_out} more"
