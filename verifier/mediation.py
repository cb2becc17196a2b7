"""Mediation obligation → finding: do the readouts span every row that matters, and if not, what shows it?"""

from collections.abc import Callable, Sequence

from verifier.checks import Mediation
from verifier.domain import Bits
from verifier.linear import combination, orthogonal_part
from verifier.network import Row
from verifier.verdict import Direction, Finding, Proved, Refuted, RestsOn


def unseen(rows: Sequence[Row], target: Row) -> Row | None:
    """Return v with rows·v = 0 and target·v ≠ 0, or None when there is none."""
    return orthogonal_part(rows, target) if combination(rows, target) is None else None


def mediation(
    obligation: Mediation,
    pair_for: Callable[[Row], tuple[Bits, Bits] | None],
    direction: Callable[[Sequence[Row], Row], Row | None] = unseen,
    rests_on: RestsOn = "algebra",
) -> Finding:
    """Return the verdict on a mediation, refuted with a pair of inputs if any missed row has one.

    `direction` is `unseen` by whatever method; `pair_for` a row finds two inputs that the readouts cannot
    tell apart and the row can.
    """
    rows = obligation.rows
    missed = [(unit, row, v) for unit, row in obligation.targets if (v := direction(rows.C, row)) is not None]
    if not missed:
        return Finding(Proved(rests_on, 1))
    shown = ((unit, v, pair) for unit, row, v in missed if (pair := pair_for(row)) is not None)
    unit, v, pair = next(shown, (missed[0][0], missed[0][2], None))
    return Finding(Refuted(Direction(rows.layer, v, unit, pair)))
