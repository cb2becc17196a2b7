"""Plan → settings: everything its features can be set to, as arrays that broadcast against the inputs.

Settings that put the same numbers and bits in place are kept once, with how many donors stand for them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from math import lcm, prod
from typing import Any

import numpy as np

from verifier.arrays import ARRAYS, Array, Num, distinct, integers
from verifier.checks import Agreement, Obligation, Plan
from verifier.claim import Claim
from verifier.domain import Bits
from verifier.table.rows import Table
from verifier.verdict import Setting

MAX_CASES = 2**26
SEARCH_CASES = 2**20
CELLS = 2**22


@dataclass(frozen=True, slots=True)
class Batch:
    """Settings of a plan: numbers and bits as arrays of one row, and what a counterexample needs."""

    targets: list[Num]
    bits: Mapping[str, Array]
    settings: list[tuple[Setting, ...]]
    multiplicity: list[int]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to set a group of features: settings, numbers per feature, bits, and how many donors do it."""

    settings: tuple[Setting, ...]
    values: tuple[tuple[Fraction, ...], ...]
    bits: tuple[bool, ...]
    multiplicity: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a plan ranges over; without a plan, one setting of nothing."""

    plan: Plan | None
    groups: Mapping[tuple[str, ...], list[Choice]]

    @property
    def count(self) -> int:
        """How many different settings there are."""
        return prod(map(len, self.groups.values()))

    def batches(self, rows: int, cells: int = CELLS) -> Iterator[Batch]:
        """Yield the settings in batches of at most `cells` pairs with so many rows, or of one setting."""
        if self.plan is None:
            yield Batch([], {}, [()], [1])
            return
        size = max(1, cells // rows)
        combined = product(*self.groups.values())
        while pending := list(islice(combined, size)):
            yield _batch(self.plan, list(self.groups), pending)


def donor_cases(table: Table, claim: Claim, obligation: Obligation) -> int:
    """Return how many cases an obligation ranges over in which donors supply numbers; 0 if none does.

    Raises:
        TimeoutError: the time is up.
    """
    plan = obligation.plan if isinstance(obligation, Agreement) else None
    if plan is None or all(source is None for source in plan.sources):
        return 0
    return table.size * settings(table, claim, plan).count


def settings(table: Table, claim: Claim, plan: Plan | None) -> Settings:
    """Return what a plan ranges over."""
    return Settings(plan, _choices(table, claim, plan) if plan is not None else {})


def _choices(table: Table, claim: Claim, plan: Plan) -> dict[tuple[str, ...], list[Choice]]:
    """Return, per group of features set together, what they can be set to."""
    groups: dict[tuple[str, ...], list[Choice]] = {}
    donors: dict[int, list[str]] = {}
    for name, source in zip(plan.features, plan.sources, strict=True):
        if source is None:
            groups[(name,)] = [Choice((bit,), ((Fraction(bit),),), (bit,), 1) for bit in (False, True)]
        else:
            donors.setdefault(source, []).append(name)
    for names in donors.values():
        groups[tuple(names)] = _donated(table, claim, plan, names)
    return groups


def _donated(table: Table, claim: Claim, plan: Plan, names: Sequence[str]) -> list[Choice]:
    """Return the distinct (values, bits) donors supply, with the first donor of each and their number."""
    found: dict[tuple[Any, ...], tuple[Bits, int]] = {}
    for chunk in table.chunks:
        table.tick()
        h, index = table.activations(chunk, plan.layer)
        numbers = [number for name in names for number in plan.write.rows.read(ARRAYS, name, h)]
        bits = claim.explanation.recompute(ARRAYS, claim.domain.named(chunk.x))
        values = [np.broadcast_to(n.values, h[0].values.shape)[index] for n in numbers]
        told = [np.broadcast_to(bits[name], (chunk.size,)) for name in names]
        first, own = distinct([*values, *(bit.astype(np.int64) for bit in told)])
        for i, count in zip(first, np.bincount(own), strict=True):
            held = tuple(Fraction(int(column[i]), n.den) for column, n in zip(values, numbers, strict=True))
            key = held, tuple(bool(bit[i]) for bit in told)
            x, already = found.get(key, (chunk.input_at(int(i)), 0))
            found[key] = x, already + int(count)
    widths = [len(plan.write.rows.span(name)) for name in names]
    return [
        Choice((x,) * len(names), tuple(_split(held, widths)), bit, count)
        for (held, bit), (x, count) in found.items()
    ]


def _batch(plan: Plan, groups: list[tuple[str, ...]], combined: list[tuple[Choice, ...]]) -> Batch:
    of: dict[str, list[tuple[Setting, tuple[Fraction, ...], bool]]] = {name: [] for name in plan.features}
    for choices in combined:
        for names, choice in zip(groups, choices, strict=True):
            parts = zip(names, choice.settings, choice.values, choice.bits, strict=True)
            for name, setting, values, bit in parts:
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
