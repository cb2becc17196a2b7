"""Subject and layer → its units that are the same on every input, where its rows are listed exactly."""

from fractions import Fraction
from typing import TYPE_CHECKING

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
