"""Subject and layer → its units that are the same on every input."""

from fractions import Fraction
from typing import TYPE_CHECKING

from verifier.engine.replay import activations
from verifier.verdict import Limits, UndecidedError

if TYPE_CHECKING:
    from verifier.engine.verify import Subject

MOST_ROWS = 4096


def constant_units(subject: "Subject", place: int) -> dict[str, Fraction]:
    """Return the units of a layer that never change, with their value; none where the rows are too many."""
    try:
        rows = subject.table.distinct_rows(place, MOST_ROWS) if subject.table is not None else None
    except TimeoutError:
        return {}
    columns = zip(subject.network.layer(place).units, zip(*rows or (), strict=True), strict=False)
    return {unit: column[0] for unit, column in columns if len(set(column)) == 1}


def constant_value(subject: "Subject", place: int, unit: int, limits: Limits) -> Fraction | None:
    """Return the value that a unit of a layer has on every input; None if it has several, or was not decided.

    Unlike `constant_units` it asks the subject's methods, so that nothing need be listed.
    """
    network, domain = subject.network, subject.domain
    one = tuple(Fraction(i == unit) for i in range(network.layer(place).width))
    try:
        x = subject.outside(0, (Fraction(0),) * network.n, (), limits)
        assert x is not None  # a subject's domain is not empty
        value: Fraction = activations(network, domain, x, place)[unit]
        return value if subject.outside(place, one, (value,), limits) is None else None
    except UndecidedError:
        return None
