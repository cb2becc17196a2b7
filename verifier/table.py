"""Obligation → finding by enumeration: every input of the domain, in vectorised exact integers.

Inputs are taken in chunks, and at every layer each distinct row of activations is kept once.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import lcm, prod
from typing import Any

import numpy as np

from verifier.arrays import ARRAYS, Array, Num, distinct, integers
from verifier.checks import Agreement, Influence, Mediation, Obligation, Plan
from verifier.claim import Claim, Compared, agree, changed, readings
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.linear import combination, orthogonal_part
from verifier.network import Network, Row
from verifier.readout import Reading
from verifier.verdict import (
    Direction,
    Finding,
    Idle,
    Proved,
    Refuted,
    Run,
    Setting,
    Share,
    Tie,
    TooLargeError,
    Unknown,
)

CHUNK = 2**16
MAX_INPUTS = 2**24
MAX_CASES = 2**26
CELLS = 2**22


@dataclass(slots=True)
class Chunk:
    """Some inputs of the domain; per layer the distinct activations and which input has which."""

    x: list[Array]
    size: int
    layers: dict[int, tuple[list[Num], Array]] = field(default_factory=dict)

    def input_at(self, i: int) -> Bits:
        """Return input number i."""
        return tuple(bool(column[i]) for column in self.x)


class Table:
    """Every input of a domain, run through a network.

    Raises:
        TooLargeError: when more than `MAX_INPUTS` inputs would have to be listed.
    """

    def __init__(self, network: Network, domain: Domain, deadline: float | None = None) -> None:
        self.network, self.domain, self.deadline = network, domain, deadline
        self.chunks = [chunk for chunk in _chunks(domain, self._tick) if chunk.size]
        self.size = sum(chunk.size for chunk in self.chunks)

    def _tick(self) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError

    def activations(self, chunk: Chunk, place: int) -> tuple[list[Num], Array]:
        """Return the distinct activations at a place, and each input's index among them."""
        if place not in chunk.layers:
            self._tick()
            if place == 0:
                values, index = self.domain.encode(ARRAYS, chunk.x), np.arange(chunk.size)
            else:
                below, index = self.activations(chunk, place - 1)
                layer = self.network.layer(place)
                values = [layer.activation.apply(ARRAYS, z) for z in layer.preactivations(ARRAYS, below)]
                rows = [np.broadcast_to(v.values, (len(below[0].values),)) for v in values]
                first, own = distinct(rows)
                values = [Num(row[first], v.den, v.bound) for row, v in zip(rows, values, strict=True)]
                index = own[index]
            chunk.layers[place] = values, index
        return chunk.layers[place]

    def distinct_rows(self, place: int, most: int) -> list[Row] | None:
        """Return the distinct rows of activations at a place over the whole domain; None if over `most`."""
        rows: dict[Row, None] = {}
        for chunk in self.chunks:
            values, _ = self.activations(chunk, place)
            if len(values[0].values) > most:
                return None
            columns = [[Fraction(int(v), number.den) for v in number.values] for number in values]
            rows.update(dict.fromkeys(zip(*columns, strict=True)))
            if len(rows) > most:
                return None
        return list(rows)

    def ties(self, decoding: Decoding) -> list[Tie]:
        """Return the units, and the outputs, that are undecided on some input, each with its first input."""
        found: dict[tuple[str, str], Tie] = {}
        for chunk in self.chunks:
            decided = np.ones(chunk.size, dtype=bool)  # what follows a tie means nothing
            for place, layer in enumerate(self.network.layers, start=1):
                if layer.activation.refuses_ties:
                    below, index = self.activations(chunk, place - 1)
                    z = layer.preactivations(ARRAYS, below)
                    ties = [_gather1(ARRAYS.equal(v, Fraction(0)), below, index) & decided for v in z]
                    for unit, tie in zip(layer.units, ties, strict=True):
                        _note(found, chunk, layer.name, unit, tie)
                    decided &= ~ARRAYS.disjoin(ties)
            last, index = self.activations(chunk, self.network.depth)
            undecided = _gather1(decoding.decode(ARRAYS, last)[1], last, index) & decided
            _note(found, chunk, "", ", ".join(decoding.names), undecided)
        return list(found.values())

    def decide(self, claim: Claim, obligation: Obligation) -> Finding:
        """Return the verdict on one obligation, with the exact share of cases that hold."""
        try:
            match obligation:
                case Agreement():
                    return self._agreement(claim, obligation)
                case Influence(plan):
                    return self._influence(claim, plan)
                case Mediation():
                    return self._mediation(obligation)
        except TimeoutError:
            return Finding(Unknown("the time limit was reached"))
        except TooLargeError as error:
            return Finding(Unknown(str(error)))

    def _agreement(self, claim: Claim, obligation: Agreement) -> Finding:
        best: tuple[int, Run] | None = None
        held = total = 0
        batches = self._batches(claim, obligation.plan)
        for chunk in self.chunks:
            for batch in batches(chunk.size):
                self._tick()
                holds = self._holds(claim, obligation, chunk, batch)
                total += chunk.size * sum(batch.multiplicity)
                held += int(
                    (holds.sum(axis=0, dtype=np.int64) * np.array(batch.multiplicity, dtype=object)).sum()
                )
                if not holds.all():
                    best = self._nearest(claim, obligation, chunk, batch, holds, best)
        verdict = Proved("table", 1) if best is None else Refuted(best[1])
        return Finding(verdict, Share(held, total))

    def _holds(self, claim: Claim, obligation: Agreement, chunk: Chunk, batch: "Batch") -> Array:
        """Return, for every input (rows) and setting (columns), whether the two sides agree."""
        start = obligation.plan.layer if obligation.plan else _first_place(claim, obligation.compared)
        h, index = self.activations(chunk, start)
        h = [Num(v.values[:, None], v.den, v.bound) for v in h]
        if obligation.plan:
            h = obligation.plan.write.apply(ARRAYS, obligation.plan.features, h, batch.targets)
        shown, tie = readings(ARRAYS, claim, obligation.compared, start, h)
        expected = claim.explanation.recompute(
            ARRAYS, claim.domain.named([column[:, None] for column in chunk.x]), batch.bits
        )
        rows = len(self.activations(chunk, start)[0][0].values)
        shape = (rows, len(batch.multiplicity))
        gathered = [
            (name, Reading(*(_gather(b, shape, index) for b in (r.zero, r.one)))) for name, r in shown
        ]
        holds = agree(ARRAYS, gathered, _gather(tie, shape, index), expected)
        return np.broadcast_to(holds, (chunk.size, shape[1]))

    def _nearest(
        self,
        claim: Claim,
        obligation: Agreement,
        chunk: Chunk,
        batch: "Batch",
        holds: Array,
        best: tuple[int, Run] | None,
    ) -> tuple[int, Run] | None:
        """Return the failing case that writes the fewest features something new, then the first input."""
        plan = obligation.plan
        new = np.zeros(holds.shape, dtype=np.int64)
        if plan:
            h, index = self.activations(chunk, plan.layer)
            held = [number for name in plan.features for number in plan.write.rows.read(ARRAYS, name, h)]
            for now, target in zip(held, batch.targets, strict=True):
                difference = ARRAYS.affine(
                    [Fraction(1), Fraction(-1)],
                    [
                        Num(
                            np.broadcast_to(now.values, (len(h[0].values),))[index][:, None],
                            now.den,
                            now.bound,
                        ),
                        target,
                    ],
                    Fraction(0),
                )
                new = new + ~ARRAYS.equal(difference, Fraction(0))
        distance = np.where(holds, np.iinfo(np.int64).max, new)
        i, q = np.unravel_index(int(distance.argmin()), distance.shape)
        if best is not None and best[0] <= int(distance[i, q]):
            return best
        settings = tuple(zip(plan.features, batch.settings[q], strict=True)) if plan else ()
        return int(distance[i, q]), Run(chunk.input_at(int(i)), settings, plan.layer if plan else 0)

    def _influence(self, claim: Claim, plan: Plan) -> Finding:
        outputs = Compared(outputs=True)
        batches = self._batches(claim, plan)
        for chunk in self.chunks:
            h, index = self.activations(chunk, plan.layer)
            h = [Num(v.values[:, None], v.den, v.bound) for v in h]
            before, _ = readings(ARRAYS, claim, outputs, plan.layer, h)
            for batch in batches(len(h[0].values)):
                self._tick()
                written = plan.write.apply(ARRAYS, plan.features, h, batch.targets)
                after, tie = readings(ARRAYS, claim, outputs, plan.layer, written)
                moved = np.broadcast_to(
                    changed(ARRAYS, before, after, tie), (len(h[0].values), len(batch.multiplicity))
                )
                if moved.any():
                    row, q = np.unravel_index(int(moved.argmax()), moved.shape)
                    x = chunk.input_at(int((index == row).argmax()))
                    settings = tuple(zip(plan.features, batch.settings[q], strict=True))
                    return Finding(Proved("table", 1), witness=Run(x, settings, plan.layer))
        return Finding(Refuted(Idle(plan.features[0], "table")))

    def _mediation(self, obligation: Mediation) -> Finding:
        missed = [
            (unit, row) for unit, row in obligation.targets if combination(obligation.rows.C, row) is None
        ]
        if not missed:
            return Finding(Proved("algebra", 1))
        for unit, row in missed:  # noqa: B007
            pair = self._pair(obligation, row)
            if pair is not None:
                break
        else:
            (unit, row), pair = missed[0], None
        v = orthogonal_part(obligation.rows.C, row)
        return Finding(Refuted(Direction(obligation.rows.layer, v, unit, pair)))

    def _pair(self, obligation: Mediation, row: Row) -> tuple[Bits, Bits] | None:
        """Return two inputs the readouts cannot tell apart and `row` can, or None."""
        seen: dict[tuple[Fraction, ...], tuple[Fraction, Bits]] = {}
        for chunk in self.chunks:
            self._tick()
            h, index = self.activations(chunk, obligation.rows.layer)
            forms = [ARRAYS.affine(r, h, Fraction(0)) for r in (*obligation.rows.C, row)]
            columns = [
                [Fraction(int(v), f.den) for v in np.broadcast_to(f.values, (len(h[0].values),))]
                for f in forms
            ]
            first = np.full(len(h[0].values), -1)
            first[index[::-1]] = np.arange(chunk.size)[::-1]
            for i, (*key, value) in zip(first, zip(*columns, strict=True), strict=True):
                x = chunk.input_at(int(i))
                known = seen.setdefault(tuple(key), (value, x))
                if known[0] != value:
                    return known[1], x
        return None

    def _batches(self, claim: Claim, plan: Plan | None) -> Callable[[int], Iterator["Batch"]]:
        """Return the settings of a plan, in batches that fit `CELLS` for so many rows."""
        if plan is None:
            return lambda rows: iter([Batch([], {}, [()], [1])])
        groups = self._choices(claim, plan)
        cases = self.size * prod(map(len, groups.values()))
        if cases > MAX_CASES:
            raise TooLargeError(f"{cases} cases are too many for a table (at most {MAX_CASES})")

        def batches(rows: int) -> Iterator[Batch]:
            pending: list[tuple[Choice, ...]] = []
            for combined in product(*groups.values()):
                pending.append(combined)
                if len(pending) * rows >= CELLS:
                    yield _batch(plan, list(groups), pending)
                    pending = []
            if pending:
                yield _batch(plan, list(groups), pending)

        return batches

    def _choices(self, claim: Claim, plan: Plan) -> dict[tuple[str, ...], list["Choice"]]:
        """Return, per group of features set together, what they can be set to."""
        groups: dict[tuple[str, ...], list[Choice]] = {}
        donors: dict[int, list[str]] = {}
        for name, source in zip(plan.features, plan.sources, strict=True):
            if source is None:
                groups[(name,)] = [Choice((bit,), ((Fraction(bit),),), (bit,), 1) for bit in (False, True)]
            else:
                donors.setdefault(source, []).append(name)
        for names in donors.values():
            groups[tuple(names)] = self._donated(claim, plan, names)
        return groups

    def _donated(self, claim: Claim, plan: Plan, names: Sequence[str]) -> list["Choice"]:
        """Return the distinct (values, bits) donors supply, with the first donor of each and their number."""
        found: dict[tuple[Any, ...], tuple[Bits, int]] = {}
        for chunk in self.chunks:
            self._tick()
            h, index = self.activations(chunk, plan.layer)
            numbers = [plan.write.rows.read(ARRAYS, name, h) for name in names]
            bits = claim.explanation.recompute(ARRAYS, claim.domain.named(chunk.x))
            flat = [n for of_one in numbers for n in of_one]
            rows = (len(h[0].values),)
            columns = [np.broadcast_to(n.values, rows)[index] for n in flat]
            columns += [np.broadcast_to(bits[name], (chunk.size,)).astype(np.int64) for name in names]
            first, own = distinct(columns)
            for i, count in zip(first, np.bincount(own), strict=True):
                values = tuple(
                    Fraction(int(column[i]), n.den) for column, n in zip(columns, flat, strict=False)
                )
                bit = tuple(bool(np.broadcast_to(bits[name], (chunk.size,))[i]) for name in names)
                x, already = found.get((values, bit), (chunk.input_at(int(i)), 0))
                found[values, bit] = x, already + int(count)
        widths = [len(plan.write.rows.span(name)) for name in names]
        return [
            Choice((x,) * len(names), tuple(_split(values, widths)), bit, count)
            for (values, bit), (x, count) in found.items()
        ]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to set a group of features: settings, numbers per feature, bits, and how many donors do it."""

    settings: tuple[Setting, ...]
    values: tuple[tuple[Fraction, ...], ...]
    bits: tuple[bool, ...]
    multiplicity: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Many settings of a plan as arrays of one row, and as what a counterexample needs."""

    targets: list[Num]
    bits: Mapping[str, Array]
    settings: list[tuple[Setting, ...]]
    multiplicity: list[int]


def _batch(plan: Plan, groups: list[tuple[str, ...]], combined: list[tuple[Choice, ...]]) -> Batch:
    of: dict[str, list[tuple[Setting, tuple[Fraction, ...], bool]]] = {name: [] for name in plan.features}
    for choices in combined:
        for names, choice in zip(groups, choices, strict=True):
            for name, setting, values, bit in zip(
                names, choice.settings, choice.values, choice.bits, strict=True
            ):
                of[name].append((setting, values, bit))
    targets = [
        _constants([values[r] for _, values, _ in of[name]])
        for name in plan.features
        for r in range(len(plan.write.rows.span(name)))
    ]
    bits = {name: np.array([bit for _, _, bit in of[name]])[None, :] for name in plan.features}
    settings = [tuple(of[name][q][0] for name in plan.features) for q in range(len(combined))]
    return Batch(targets, bits, settings, [prod(c.multiplicity for c in choices) for choices in combined])


def _constants(values: Sequence[Fraction]) -> Num:
    den = lcm(*(v.denominator for v in values))
    whole = [int(v * den) for v in values]
    bound = max(map(abs, whole))
    return Num(integers(np.array(whole, dtype=object), bound)[None, :], den, bound)


def _split(values: Sequence[Fraction], widths: Sequence[int]) -> Iterator[tuple[Fraction, ...]]:
    start = 0
    for width in widths:
        yield tuple(values[start : start + width])
        start += width


def _gather(bits: Array, shape: tuple[int, int], index: Array) -> Array:
    """Return the rows of a broadcast array that the inputs have."""
    return np.broadcast_to(bits, shape)[index]


def _first_place(claim: Claim, compared: Compared) -> int:
    sites = [claim.explanation.feature(name).site for name in compared.features]
    return min([site.layer for site in sites if site is not None], default=claim.network.depth)


def _gather1(bits: Array, distinct_values: Sequence[Num], index: Array) -> Array:
    """Return one bit per input from one per distinct row."""
    return np.asarray(np.broadcast_to(bits, distinct_values[0].values.shape)[index])


def _note(found: dict[tuple[str, str], Tie], chunk: Chunk, layer: str, what: str, tie: Array) -> None:
    if not tie.any():
        return
    known = found.get((layer, what))
    x, count = (known.x, known.count or 0) if known else (chunk.input_at(int(tie.argmax())), 0)
    found[layer, what] = Tie(layer, what, x, count + int(tie.sum()))


def count(domain: Domain) -> int:
    """Return |D|.

    Raises:
        TooLargeError: as `Table`.
    """
    return sum(chunk.size for chunk in _chunks(domain, lambda: None))


def _chunks(domain: Domain, tick: Callable[[], None]) -> Iterator[Chunk]:
    count = len(domain.rows) if domain.rows is not None else 2**domain.n
    if count > MAX_INPUTS:
        raise TooLargeError(f"2^{domain.n} inputs are too many for a table (at most 2^24)")
    for start in range(0, count, CHUNK):
        tick()
        stop = min(start + CHUNK, count)
        if domain.rows is not None:
            block = np.array(domain.rows[start:stop], dtype=bool)
            x = [np.ascontiguousarray(block[:, i]) for i in range(domain.n)]
        else:
            number = np.arange(start, stop)
            x = [(number >> (domain.n - 1 - i)) & 1 == 1 for i in range(domain.n)]
        inside = np.broadcast_to(domain.contains(ARRAYS, domain.named(x)), (stop - start,))
        yield Chunk([column[inside] for column in x], int(inside.sum()))
