"""Subject → the bit of every output on every input, and the shortest formula found for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from verifier.arrays import ARRAYS, Array
from verifier.balls.reals import bounds
from verifier.domain import show_bits
from verifier.engine.enumeration.near import simplest
from verifier.engine.enumeration.stage import MAX_POINTS
from verifier.engine.verify import Subject
from verifier.errors import InputError, Problem
from verifier.formula import Formula, names
from verifier.notation import above, below, show
from verifier.readout import Linear, show_site, value_of
from verifier.shortest import proved_shortest, shortest
from verifier.table.rows import Table
from verifier.verdict import Limits, UndecidedError


@dataclass(frozen=True, slots=True)
class OutputFunction:
    """An output as a formula that is right on the domain, and on how many inputs it is 1.

    `shortest` says that no shorter formula is right there. `inputs` are those it names; on the whole cube
    that is all the output depends on.
    """

    name: str
    formula: Formula
    shortest: bool
    inputs: tuple[str, ...]
    ones: int


@dataclass(frozen=True, slots=True)
class Tabulated:
    """Every input of a domain (P x n bits), and the bit of each output there (O x P)."""

    points: Array
    bits: Array


def tabulated(subject: Subject, limits: Limits) -> Tabulated:
    """Return the outputs on every input.

    Raises:
        InputError: E305, an output without a comparison is no bit on some input; the hint is a comparison.
        UndecidedError: the inputs are too many to list, the time is up, or a value is too close to call.
    """
    table = table_of(subject)
    if table is None or table.size > MAX_POINTS:
        raise UndecidedError(
            subject.obstacle or f"formulas are told where at most {MAX_POINTS} inputs are listed"
        )
    table.deadline = limits.deadline
    try:
        parts = list(readings(subject))
    except TimeoutError:
        raise UndecidedError("the time limit was reached") from None
    finally:
        table.deadline = None
    points = np.concatenate([np.stack(chunk.x, axis=1) for chunk in table.chunks])
    zero, one = (np.concatenate([part[side] for part in parts], axis=1) for side in (0, 1))
    vague = np.argwhere(~(zero | one))
    if len(vague):
        o, p = vague[0].tolist()
        raise InputError([_no_bit(subject, o, points[p].tolist())])
    return Tabulated(points, one)


def table_of(subject: Subject) -> Table | None:
    """Return the inputs of a subject run through its network, or what leads to its first sigmoids."""
    return subject.runs.table if subject.runs is not None else subject.table


def functions(subject: Subject, table: Tabulated) -> tuple[OutputFunction, ...]:
    """Return every output as a formula."""
    told, inputs = [], subject.domain.inputs
    for name, bits in zip(subject.decoding.names, table.bits, strict=True):
        formula = shortest(table.points, bits, inputs)
        named = {occurrence.name for occurrence in names(formula)}
        proved = proved_shortest(table.points, inputs, formula)
        used = tuple(name for name in inputs if name in named)
        told.append(OutputFunction(name, formula, proved, used, int(bits.sum())))
    return tuple(told)


def readings(subject: Subject) -> Iterator[tuple[Array, Array]]:
    """Yield, for one part of the inputs after the other, what reads 0 and what reads 1 (O x P each)."""
    depth, decoding, runs = subject.network.depth, subject.decoding, subject.runs
    if runs is not None:
        level = runs.at(depth)
        rows = runs.each(level, lambda row: decoding.decode(runs.alg, row)[0])
        index = np.concatenate(level.index)
        zero, one = (
            np.array([[getattr(reading, side) for reading in row] for row in rows])
            for side in ("zero", "one")
        )
        yield zero.T[:, index], one.T[:, index]
        return
    assert subject.table is not None
    for chunk in subject.table.chunks:
        last, index = subject.table.activations(chunk, depth)
        readings, _ = decoding.decode(ARRAYS, last)
        width = (len(last[0].values),)
        zero, one = (
            np.stack([np.broadcast_to(bits, width) for bits in side])
            for side in ([reading.zero for reading in readings], [reading.one for reading in readings])
        )
        yield zero[:, index], one[:, index]


def _no_bit(subject: Subject, o: int, x: Sequence[bool]) -> Problem:
    """Return the complaint that an output is no bit, with the comparison to write."""
    output = subject.decoding.outputs[o]
    assert isinstance(output.site, Linear)  # a comparison always is a bit
    values = sorted(_values(subject, output.site))
    form = show_site(output.site, subject.network)
    gaps = [(b - a, -a, b) for a, b in pairwise(values)]
    where = f"expected 0 or 1 of output {output.name}, got another value at x = {show_bits(tuple(x))}"
    if not gaps:
        return Problem("E305", f"{where}, the same everywhere")
    width, low, high = max(gaps)
    cut = simplest(-low + width / 4, high - width / 4)
    logit = f"'{form} > 0' for a logit, or " if values[0] < 0 < values[-1] and 0 not in values else ""
    gap = f"in the widest gap of its values, from about {below(-low)} to {above(high)}"
    return Problem("E305", where, f"say how it becomes a bit: {logit}'{form} > {show(cut)}' {gap}")


def _values(subject: Subject, site: Linear) -> set[Fraction]:
    """Return the values of an output on the domain; of irrational ones the middle of an enclosure."""
    depth, runs = subject.network.depth, subject.runs
    if runs is not None:
        reals = runs.each(runs.at(depth), lambda row: value_of(runs.alg, site, row))
        return {sum(bounds(value), Fraction(0)) / 2 for value in reals}
    assert subject.table is not None
    found: set[Fraction] = set()
    for chunk in subject.table.chunks:
        number = value_of(ARRAYS, site, subject.table.activations(chunk, depth)[0])
        found |= {Fraction(int(v), number.den) for v in np.unique(number.values)}
    return found
