"""Subject → the bit of every output on every input, and the shortest formula found for it.

A formula is the shortest of what `verifier.shortest` finds, of parts that share no inputs (`decompose`), and
of a weighted vote (`vote`). Which one it is, it is evaluated on every input before it is told.
"""

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
from verifier.engine.suggest.decompose import MOST_INPUTS, decomposed, support
from verifier.engine.suggest.vote import Vote, vote
from verifier.engine.verify import Subject
from verifier.errors import InputError, InternalError, Problem
from verifier.formula import Formula, Name, evaluate, names
from verifier.formula import show as show_formula
from verifier.notation import above, below, show
from verifier.readout import Linear, show_site, value_of
from verifier.shortest import proved_shortest, shortest, size
from verifier.table.rows import Table
from verifier.verdict import Limits, UndecidedError


@dataclass(frozen=True, slots=True)
class OutputFunction:
    """An output as a formula that is right on the domain, and on how many inputs it is 1.

    `shortest` says that no formula in ~ & | ^ is shorter and right there, `fewest` that none at all has fewer
    literals: on the whole cube each input that the output depends on is named, and here once. `inputs` are
    those named; on the whole cube that is all the output depends on. `vote` is the output as a vote, None
    where it is none or constant, or where the time was up; `no_vote` says that it is none.
    """

    name: str
    formula: Formula
    shortest: bool
    inputs: tuple[str, ...]
    ones: int
    fewest: bool = False
    vote: Vote | None = None
    no_vote: bool = False


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


def functions(subject: Subject, table: Tabulated, limits: Limits) -> tuple[OutputFunction, ...]:
    """Return every output as a formula, and as a vote if it is one.

    Raises:
        InternalError: a formula that is not right.
    """
    return tuple(
        _function(subject, table.points, bits, name, limits)
        for name, bits in zip(subject.decoding.names, table.bits, strict=True)
    )


def _function(subject: Subject, points: Array, bits: Array, name: str, limits: Limits) -> OutputFunction:
    inputs = subject.domain.inputs
    plain = shortest(points, bits, inputs)
    counted, decided = _vote(points, bits, inputs, limits)
    others = [_parts(points, bits, inputs, plain)]
    if counted is not None and sum(abs(weight) for _, weight in counted.weights) < size(plain)[0]:
        others.append(counted.formula)
    formula = min([plain, *others], key=size)
    columns = dict(zip(inputs, points.T, strict=True))
    if (evaluate(formula, ARRAYS, columns) != bits).any():
        raise InternalError(f"{show_formula(formula)} is not {name}")
    literals = [occurrence.name for occurrence in names(formula)]
    used = tuple(name for name in inputs if name in literals)
    fewest = False
    if len(points) == 1 << len(inputs):
        order = np.lexsort(points.T[::-1])
        fewest = len(literals) == support(bits[order].reshape((2,) * len(inputs)))
    proved = proved_shortest(points, inputs, plain)
    no_vote = decided and counted is None and bool(bits.any()) and not bits.all()
    return OutputFunction(name, formula, proved, used, int(bits.sum()), fewest, counted, no_vote)


def _vote(points: Array, bits: Array, inputs: Sequence[str], limits: Limits) -> tuple[Vote | None, bool]:
    """Return the vote that some bits are, if they are one, and whether that was decided in time."""

    def tick() -> None:
        if limits.passed:
            raise UndecidedError("the time limit was reached")

    try:
        return vote(points, bits, inputs, tick), True
    except UndecidedError:
        return None, False


def _parts(points: Array, bits: Array, inputs: Sequence[str], plain: Formula) -> Formula:
    """Return a formula of parts that share no inputs, where the inputs of a plain one take all values."""
    literals = {occurrence.name for occurrence in names(plain)}
    used = [i for i, name in enumerate(inputs) if name in literals]
    if not 2 < len(used) <= MOST_INPUTS:
        return plain
    seen, first = np.unique(points[:, used], axis=0, return_index=True)
    if len(seen) < 1 << len(used):
        return plain
    return decomposed(bits[first].reshape((2,) * len(used)), [Name(inputs[i]) for i in used])


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
