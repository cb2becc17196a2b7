"""Rows → everything that can be written into them: which steps between their values change the outputs.

Writing values v along the least-squares directions leaves P·h of a row h, with P = 1 - Rᵀ(R Rᵀ)⁻¹R, and
adds Rᵀ(R Rᵀ)⁻¹ v. Outputs are evaluated for every P·h that the next layer tells apart and every v, exactly.
Rows with one gap each are an explanation iff outputs are bits, no P·h changes them, and each row has one step
that does: its gap. (Any two cases are joined by steps from one value to the next.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.audit.evaluate import State
from verifier.audit.flaw import BeyondError, amount
from verifier.audit.forward import Array, Runs, top, whole
from verifier.audit.plain import combination, dot
from verifier.audit.readings import Readings
from verifier.audit.values import Row

BLOCK = 2**18
FEW = 4


@dataclass
class Budget:
    """How many cases may still be looked at."""

    left: int

    def spend(self, cases: int) -> None:
        """Take cases away.

        Raises:
            BeyondError: there are not that many left.
        """
        if cases > self.left:
            raise BeyondError(f"writes of {amount(cases)} cases, the budget has {self.left} left")
        self.left -= cases


@dataclass(frozen=True, slots=True)
class Steps:
    """Per row the one step that changes the outputs, and per output its bits when the features are set."""

    gaps: tuple[int, ...]
    output: tuple[str, ...]


def mediates(state: State, rows: Sequence[Row]) -> bool:
    """Return whether every unit that reaches an output is a combination of the rows."""
    return all(combination(rows, target) is not None for target in state.targets)


def steps_of(readings: Readings, rows: Sequence[Row], budget: Budget) -> Steps | str:
    """Return the steps that change the outputs, or why the rows can be no explanation.

    Raises:
        BeyondError: more cases than the budget has left.
    """
    state = readings.state
    ladders = [readings.ladder(row) for row in rows]
    gram = [tuple(dot(a, b) for b in rows) for a in rows]
    units = [tuple(Fraction(i == j) for i in range(len(rows))) for j in range(len(rows))]
    inverse = [combination(gram, unit) or () for unit in units]
    columns = [tuple(dot(part, column) for column in zip(*rows, strict=True)) for part in inverse]
    bases = _bases(readings, rows, columns)
    few = [tuple(ladder[i] for i in _spread(len(ladder))) for ladder in ladders]
    found = _steps(state, bases[:: max(1, len(bases) // FEW)], few, columns, budget)
    if not isinstance(found, str):
        found = _steps(state, bases, ladders, columns, budget)
    if isinstance(found, str):
        return found
    changes, outputs = found
    idle = next((j for j, change in enumerate(changes) if not change), None)
    if idle is not None:
        return f"no step of row {' '.join(map(str, rows[idle]))} changes an output: it is not essential"
    gaps = tuple(change[0] for change in changes)
    corners = np.ix_(*([gap, gap + 1] for gap in gaps))
    bits = outputs[0][corners].reshape(2 ** len(rows), -1)
    return Steps(gaps, tuple("".join("01"[bit] for bit in column) for column in bits.T.tolist()))


def _bases(readings: Readings, rows: Sequence[Row], columns: Sequence[Row]) -> list[Row]:
    """Return P·h of the hidden rows, those that the next layer tells apart."""
    state = readings.state
    found: dict[Row, Row] = {}
    for i, h in enumerate(state.H):
        read = [readings.values(row)[i] for row in rows]
        left = tuple(v - dot(read, column) for v, column in zip(h, zip(*columns, strict=True), strict=True))
        found.setdefault(tuple(dot(w, left) for w in state.watched), left)
    return list(found.values())


def _spread(count: int) -> list[int]:
    return sorted({i * (count - 1) // (FEW - 1) for i in range(FEW)})


def _steps(
    state: State, bases: Sequence[Row], ladders: Sequence[Row], columns: Sequence[Row], budget: Budget
) -> tuple[list[list[int]], Array] | str:
    """Return, per row, the steps between these values that change an output, and all outputs."""
    shape = (len(bases), *map(len, ladders))
    cases = int(np.prod(shape, dtype=object))
    budget.spend(cases)
    pairs = zip(columns, ladders, strict=True)
    added = [tuple(v * c for c in column) for column, ladder in pairs for v in ladder]
    parts, den = whole([*bases, *added])
    wide = top(parts) * (len(ladders) + 1) >= 2**62
    parts = parts.astype(object) if wide else parts
    offsets = np.cumsum([0, *shape])
    outputs = np.zeros((cases, len(state.query.outputs)), dtype=bool)
    for start in range(0, cases, BLOCK):
        number = np.arange(start, min(start + BLOCK, cases))
        places = np.unravel_index(number, shape)
        h = sum((parts[offset + at] for offset, at in zip(offsets, places, strict=False)), 0)
        q = np.full(len(number), den, dtype=object if den >= 2**62 else np.int64)
        bits, decided = state.rest(Runs(np.asarray(h), q, (len(ladders) + 1) * top(parts), den))
        if not decided.all():
            return "interchange: after a write there is a tie, or an output is no bit"
        outputs[start : start + len(number)] = bits
    outputs = outputs.reshape(*shape, -1)
    if (outputs != outputs[:1]).any():
        return "interchange: after a write the outputs depend on the input too"
    changes = []
    for axis in range(1, len(shape)):
        other = tuple(a for a in range(outputs.ndim) if a != axis)
        changes.append(np.flatnonzero(np.diff(outputs, axis=axis).any(axis=other)).tolist())
    several = next((j for j, change in enumerate(changes) if len(change) > 1), None)
    if several is not None:
        return (
            "interchange: the outputs depend on more of what is written than on which side of a gap it lies"
        )
    return changes, outputs
