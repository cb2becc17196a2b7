"""Rows and obligation → finding: every case run over sums of sigmoids, cases with writes many at a time.

A write is affine, so cases that differ only in where their numbers come from, with equal bits on the
explanation's side, are run as one box: base and donors as the hulls of what they hold. A box that decides
nothing is halved, down to single cases, which are exact.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import chain, islice, product

import numpy as np

from verifier.arrays import ARRAYS, Array, distinct
from verifier.balls.parts import Box, Item, Part, explore, size
from verifier.balls.reals import Real, Reals, TooCloseError
from verifier.balls.rows import Level, Rows
from verifier.checks import Agreement, Influence, Mediation, Obligation, Plan
from verifier.claim import Claim, Compared, agree, changed, readings
from verifier.domain import Bits, show_bits
from verifier.mediation import mediation
from verifier.network import Row
from verifier.readout import Reading
from verifier.table.decide import first_place
from verifier.verdict import Finding, Idle, Proved, Refuted, Run, Share, Unknown

MAX_BOXES = 2**17
Slot = tuple[tuple[str, ...], Mapping[tuple[bool, ...], Part]]


def decide(rows: Rows, claim: Claim, obligation: Obligation, most: int | None = None) -> Finding:
    """Return the verdict on one obligation, with the share of cases that hold, from so many boxes at most."""
    most = MAX_BOXES if most is None else most
    try:
        match obligation:
            case Agreement(compared, None):
                return _observed(rows, claim, compared)
            case Agreement(compared, plan):
                assert plan is not None
                return _written(rows, claim, compared, plan, most)
            case Influence(plan):
                return _influence(rows, claim, plan)
            case Mediation():
                return mediation(obligation, lambda row: _pair(rows, obligation, row))
    except TimeoutError:
        return Finding(Unknown("the time limit was reached"))
    except TooCloseError as error:
        return Finding(Unknown(str(error)))


def _observed(rows: Rows, claim: Claim, compared: Compared) -> Finding:
    start = first_place(claim, compared)
    level = rows.at(start)
    told = rows.each(level, lambda h: readings(rows.alg, claim, compared, start, h))
    names = [name for name, _ in told[0][0]]
    zeros, ones = (
        [np.array([getattr(shown[i][1], side) for shown, _ in told]) for i in range(len(names))]
        for side in ("zero", "one")
    )
    ties = np.array([tie for _, tie in told])
    held, failing = 0, None
    for chunk, index in zip(rows.chunks, level.index, strict=True):
        expected = claim.explanation.recompute(ARRAYS, claim.domain.named(chunk.x))
        read = (Reading(zero[index], one[index]) for zero, one in zip(zeros, ones, strict=True))
        holds = agree(ARRAYS, list(zip(names, read, strict=True)), ties[index], expected)
        held += int(holds.sum())
        if failing is None and not holds.all():
            failing = Run(chunk.input_at(int(holds.argmin())))
    verdict = Proved("arb", 1) if failing is None else Refuted(failing)
    return Finding(verdict, Share(held, rows.size))


def _written(rows: Rows, claim: Claim, compared: Compared, plan: Plan, most: int) -> Finding:
    held = total = boxes = 0
    failing: Run | None = None
    reason = ""
    slots = _slots(rows, claim, plan)
    for expected, box in _boxes(rows, claim, compared, plan, slots):
        total += size(box)

        def judge(box: Box, expected: dict[str, bool] = expected) -> bool:
            rows.tick()
            alg, h, targets = _numbers(rows, plan, slots, box)
            after = plan.write.apply(alg, plan.features, h, targets)
            shown, tie = readings(alg, claim, compared, plan.layer, after)
            return agree(alg, shown, tie, expected)

        for part, judged in explore(box, judge):
            boxes += 1
            if isinstance(judged, TooCloseError):
                reason = reason or f"{judged} at x = {show_bits(_run(plan, slots, part).x)}, with writes"
            elif judged:
                held += size(part)
            else:
                failing = failing or _run(plan, slots, part)
            if boxes > most or (reason and rows.slopes is not None):
                reason = reason or f"more than {most} groups of cases"
                break
        if boxes > most or (reason and rows.slopes is not None):
            break
    if failing is not None:
        return Finding(Refuted(failing), None if reason else Share(held, total))
    return Finding(Unknown(reason)) if reason else Finding(Proved("arb", 1), Share(held, total))


def _influence(rows: Rows, claim: Claim, plan: Plan) -> Finding:
    outputs = Compared(outputs=True)
    slots = _slots(rows, claim, plan)
    ((_, choices),) = slots
    level = rows.at(plan.layer)
    base = Part.of([Item(tuple(h), x, 1) for h, x in zip(level.rows, level.first, strict=True)])
    reason = ""

    def judge(box: Box) -> bool:
        rows.tick()
        alg, h, targets = _numbers(rows, plan, slots, box)
        before, _ = readings(alg, claim, outputs, plan.layer, h)
        after, tie = readings(
            alg, claim, outputs, plan.layer, plan.write.apply(alg, plan.features, h, targets)
        )
        return changed(alg, before, after, tie)

    explored = chain.from_iterable(explore((base, part), judge) for part in choices.values())
    for boxes, (found, moved) in enumerate(explored, start=1):
        if isinstance(moved, TooCloseError):
            reason = str(moved)
        elif moved:
            return Finding(Proved("arb", 1), witness=_run(plan, slots, found))
        if boxes > MAX_BOXES:
            reason = f"more than {MAX_BOXES} groups of cases"
            break
    return Finding(Unknown(reason) if reason else Refuted(Idle(plan.features[0], "arb")))


def _slots(rows: Rows, claim: Claim, plan: Plan) -> list[Slot]:
    """Return, per group of features set together, what they can be set to, by the bits that stands for."""
    slots: list[Slot] = []
    donors: dict[int, list[str]] = {}
    for name, source in zip(plan.features, plan.sources, strict=True):
        if source is None:
            numbers = {bit: rows.alg.number(Fraction(bit)) for bit in (False, True)}
            slots.append(((name,), {(b,): Part([Item((n,), b, 1)]) for b, n in numbers.items()}))
        else:
            donors.setdefault(source, []).append(name)
    return [*slots, *((tuple(names), _donated(rows, claim, plan, names)) for names in donors.values())]


def _donated(rows: Rows, claim: Claim, plan: Plan, names: list[str]) -> dict[tuple[bool, ...], Part]:
    """Return what donors supply to features set together: equal numbers kept once."""
    level = rows.at(plan.layer)
    values = [
        tuple(value for name in names for value in plan.write.rows.read(rows.alg, name, h))
        for h in level.rows
    ]
    found: dict[tuple[bool, ...], dict[tuple[object, ...], Item]] = {}
    for bits, row, x, count in _grouped(rows, claim, level, {}, tuple(names)):
        items = found.setdefault(bits, {})
        key = tuple(value.key for value in values[row])
        known = items.get(key)
        items[key] = Item(values[row], known.source if known else x, count + (known.count if known else 0))
    return {bits: Part.of(list(items.values())) for bits, items in found.items()}


def _boxes(
    rows: Rows, claim: Claim, compared: Compared, plan: Plan, slots: list[Slot]
) -> Iterator[tuple[dict[str, bool], Box]]:
    """Yield all cases as boxes (base, what each slot is set to), with what the explanation says there."""
    level = rows.at(plan.layer)
    names = (*compared.features, *claim.decoding.names)
    bases: dict[tuple[tuple[int, Bits, int], ...], Part] = {}
    for choice in product(*(by_bits.items() for _, by_bits in slots)):
        do = {
            name: bit
            for (features, _), (bits, _) in zip(slots, choice, strict=True)
            for name, bit in zip(features, bits, strict=True)
        }
        classes: dict[tuple[bool, ...], list[tuple[int, Bits, int]]] = {}
        for expected, row, x, count in _grouped(rows, claim, level, do, names):
            classes.setdefault(expected, []).append((row, x, count))
        for expected, members in classes.items():
            key = tuple(members)
            if key not in bases:
                bases[key] = Part.of([Item(tuple(level.rows[row]), x, c) for row, x, c in members])
            yield dict(zip(names, expected, strict=True)), (bases[key], *(part for _, part in choice))


def _grouped(
    rows: Rows, claim: Claim, level: Level, do: Mapping[str, bool], names: tuple[str, ...]
) -> list[tuple[tuple[bool, ...], int, Bits, int]]:
    """Return (bits of these features under the settings, row, first input, number of inputs), each once."""
    forced = {name: np.array(bit) for name, bit in do.items()}
    found: dict[tuple[tuple[bool, ...], int], tuple[Bits, int]] = {}
    for chunk, index in zip(rows.chunks, level.index, strict=True):
        rows.tick()
        bits = claim.explanation.recompute(ARRAYS, claim.domain.named(chunk.x), forced)
        told: list[Array] = [bits[name] for name in names]
        if all(bit.ndim == 0 for bit in told) and len(rows.chunks) == 1:
            fixed = tuple(map(bool, told))
            return [(fixed, i, level.first[i], level.counts[i]) for i in range(len(level.rows))]
        columns = [np.broadcast_to(bit, (chunk.size,)) for bit in told]
        first, own = distinct([index, *(column.astype(np.int64) for column in columns)])
        for i, count in zip(first, np.bincount(own), strict=True):
            key = tuple(bool(column[i]) for column in columns), int(index[i])
            x, already = found.get(key, (chunk.input_at(int(i)), 0))
            found[key] = x, already + int(count)
    return [(bits, row, x, count) for (bits, row), (x, count) in found.items()]


def _numbers(rows: Rows, plan: Plan, slots: list[Slot], box: Box) -> tuple[Reals, list[Real], list[Real]]:
    """Return the algebra of a box, the activations before the write, and the targets in the plan's order.

    What a hull is made of is not kept beyond its box.
    """
    single = all(len(part.items) == 1 for part in box)
    base, *parts = box
    of: dict[str, list[Real]] = {}
    for (names, _), part in zip(slots, parts, strict=True):
        values = iter(part.hull)
        for name in names:
            of[name] = list(islice(values, len(plan.write.rows.span(name))))
    targets = [value for name in plan.features for value in of[name]]
    return (rows.alg if single else Reals(rows.slopes)), base.hull, targets


def _run(plan: Plan, slots: list[Slot], box: Box) -> Run:
    """Return the first case of a box."""
    base, *parts = box
    of = {name: part.items[0].source for (names, _), part in zip(slots, parts, strict=True) for name in names}
    x = base.items[0].source
    assert not isinstance(x, bool)
    return Run(x, tuple((name, of[name]) for name in plan.features), plan.layer)


def _pair(rows: Rows, obligation: Mediation, row: Row) -> tuple[Bits, Bits] | None:
    """Return two inputs the readouts cannot tell apart and `row` can, as far as sums show it, or None."""
    seen: dict[tuple[object, ...], tuple[Real, Bits]] = {}
    level = rows.at(obligation.rows.layer)
    for h, x in zip(level.rows, level.first, strict=True):
        rows.tick()
        *read, value = (rows.alg.affine(r, h, Fraction(0)) for r in (*obligation.rows.C, row))
        other, first = seen.setdefault(tuple(v.key for v in read), (value, x))
        difference = rows.alg.affine([Fraction(1), Fraction(-1)], [value, other], Fraction(0))
        if not rows.alg.equal(difference, Fraction(0)):
            return first, x
    return None
