"""Table and obligation → finding: the verdict, and the exact share of all cases that hold."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from verifier.arrays import ARRAYS, Array, Num
from verifier.checks import Agreement, Influence, Mediation, Obligation, Plan
from verifier.claim import Claim, Compared, agree, changed, readings
from verifier.domain import Bits
from verifier.errors import InternalError
from verifier.mediation import mediation
from verifier.network import Row
from verifier.readout import Reading
from verifier.table.rows import Chunk, Table
from verifier.table.settings import MAX_CASES, SEARCH_CASES, Batch, Settings, settings
from verifier.verdict import (
    Finding,
    Idle,
    Proved,
    Refuted,
    Run,
    Share,
    Unknown,
)

Nearest = tuple[int, Run] | None


def decide(table: Table, claim: Claim, obligation: Obligation) -> Finding:
    """Return the verdict on one obligation, with the share of cases that hold."""
    try:
        match obligation:
            case Agreement():
                return _agreement(table, claim, obligation)
            case Influence(plan):
                return _influence(table, claim, plan)
            case Mediation():
                return mediation(obligation, lambda row: _pair(table, obligation, row))
    except TimeoutError:
        return Finding(Unknown("the time limit was reached"))


def _agreement(table: Table, claim: Claim, obligation: Agreement) -> Finding:
    nearest: Nearest = None
    held = total = 0
    ranged = settings(table, claim, obligation.plan)
    cases = table.size * ranged.count
    if cases > MAX_CASES:
        return _search(table, claim, obligation, ranged, cases)
    for chunk in table.chunks:
        for batch in ranged.batches(chunk.size):
            table.tick()
            holds = _holds(table, claim, obligation, chunk, batch)
            total += chunk.size * sum(batch.multiplicity)
            counts = holds.sum(axis=0, dtype=np.int64)
            held += sum(int(count) * m for count, m in zip(counts, batch.multiplicity, strict=True))
            if not holds.all():
                nearest = _nearest(table, obligation.plan, chunk, batch, holds, nearest)
    verdict = Proved("table", 1) if nearest is None else Refuted(nearest[1])
    return Finding(verdict, Share(held, total))


def _search(table: Table, claim: Claim, obligation: Agreement, ranged: Settings, cases: int) -> Finding:
    """Return a refutation if one is among the first cases; otherwise nothing is known."""
    seen = 0
    for chunk in table.chunks:
        for batch in ranged.batches(chunk.size, SEARCH_CASES // 16):
            table.tick()
            holds = _holds(table, claim, obligation, chunk, batch)
            if not holds.all():
                nearest = _nearest(table, obligation.plan, chunk, batch, holds, None)
                assert nearest is not None
                return Finding(Refuted(nearest[1]))
            seen += holds.size
            if seen >= SEARCH_CASES:
                message = f"{cases} cases are too many for a table (at most {MAX_CASES})"
                return Finding(Unknown(message))
    raise InternalError("a search that saw every case of too many")


def _holds(table: Table, claim: Claim, obligation: Agreement, chunk: Chunk, batch: Batch) -> Array:
    """Return, for every input (rows) and setting (columns), whether the two sides agree."""
    plan = obligation.plan
    start = plan.layer if plan else first_place(claim, obligation.compared)
    h, index = table.activations(chunk, start)
    h = _as_columns(h)
    shape = (len(h[0].values), len(batch.multiplicity))
    if plan:
        h = plan.write.apply(ARRAYS, plan.features, h, batch.targets)
    shown, tie = readings(ARRAYS, claim, obligation.compared, start, h)
    x = claim.domain.named([column[:, None] for column in chunk.x])
    expected = claim.explanation.recompute(ARRAYS, x, batch.bits)
    gathered = [(name, Reading(*(_gather(b, shape, index) for b in (r.zero, r.one)))) for name, r in shown]
    holds = agree(ARRAYS, gathered, _gather(tie, shape, index), expected)
    return np.broadcast_to(holds, (chunk.size, shape[1]))


def _nearest(
    table: Table, plan: Plan | None, chunk: Chunk, batch: Batch, holds: Array, best: Nearest
) -> Nearest:
    """Return the failing case that writes something new to the fewest features, then the first input."""
    new = np.zeros(holds.shape, dtype=np.int64)
    if plan:
        h, index = table.activations(chunk, plan.layer)
        shape = (len(h[0].values), len(batch.multiplicity))
        held = [n for name in plan.features for n in plan.write.rows.read(ARRAYS, name, _as_columns(h))]
        for now, target in zip(held, batch.targets, strict=True):
            difference = ARRAYS.affine([Fraction(1), Fraction(-1)], [now, target], Fraction(0))
            new = new + ~_gather(ARRAYS.equal(difference, Fraction(0)), shape, index)
        new[new == 0] = len(batch.targets) + 1  # a write of nothing new: no more than `behavior` shows
    distance = np.where(holds, np.iinfo(np.int64).max, new)
    i, q = np.unravel_index(int(distance.argmin()), distance.shape)
    if best is not None and best[0] <= int(distance[i, q]):
        return best
    written = tuple(zip(plan.features, batch.settings[q], strict=True)) if plan else ()
    return int(distance[i, q]), Run(chunk.input_at(int(i)), written, plan.layer if plan else 0)


def _influence(table: Table, claim: Claim, plan: Plan) -> Finding:
    outputs = Compared(outputs=True)
    ranged = settings(table, claim, plan)
    for chunk in table.chunks:
        h, index = table.activations(chunk, plan.layer)
        h = _as_columns(h)
        before, _ = readings(ARRAYS, claim, outputs, plan.layer, h)
        for batch in ranged.batches(len(h[0].values)):
            table.tick()
            written = plan.write.apply(ARRAYS, plan.features, h, batch.targets)
            after, tie = readings(ARRAYS, claim, outputs, plan.layer, written)
            shape = (len(h[0].values), len(batch.multiplicity))
            moved = np.broadcast_to(changed(ARRAYS, before, after, tie), shape)
            if moved.any():
                row, q = np.unravel_index(int(moved.argmax()), moved.shape)
                x = chunk.input_at(int((index == row).argmax()))
                set_to = tuple(zip(plan.features, batch.settings[q], strict=True))
                return Finding(Proved("table", 1), witness=Run(x, set_to, plan.layer))
    return Finding(Refuted(Idle(plan.features[0], "table")))


def _pair(table: Table, obligation: Mediation, row: Row) -> tuple[Bits, Bits] | None:
    """Return two inputs the readouts cannot tell apart and `row` can, or None."""
    seen: dict[tuple[Fraction, ...], tuple[Fraction, Bits]] = {}
    for chunk in table.chunks:
        table.tick()
        h, index = table.activations(chunk, obligation.rows.layer)
        forms = [ARRAYS.affine(r, h, Fraction(0)) for r in (*obligation.rows.C, row)]
        columns = [
            [Fraction(int(v), form.den) for v in np.broadcast_to(form.values, h[0].values.shape)]
            for form in forms
        ]
        first = np.full(len(h[0].values), -1)
        first[index[::-1]] = np.arange(chunk.size)[::-1]
        for i, (*key, value) in zip(first, zip(*columns, strict=True), strict=True):
            x = chunk.input_at(int(i))
            known = seen.setdefault(tuple(key), (value, x))
            if known[0] != value:
                return known[1], x
    return None


def _as_columns(h: Sequence[Num]) -> list[Num]:
    """Return the numbers with an axis for the settings."""
    return [Num(v.values[:, None], v.den, v.bound) for v in h]


def _gather(bits: Array, shape: tuple[int, int], index: Array) -> Array:
    """Return the rows of a broadcast array that the inputs have."""
    return np.broadcast_to(bits, shape)[index]


def first_place(claim: Claim, compared: Compared) -> int:
    """Return the lowest place that a comparison without writes looks at."""
    sites = [claim.explanation.feature(name).site for name in compared.features]
    return min([site.layer for site in sites if site is not None], default=claim.network.depth)
