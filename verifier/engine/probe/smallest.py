"""Question → its smallest readout: fewest units, then least sum of |c|, whole coefficients up to a bound.

Z3 proposes a support, the cheapest of those not ruled out (`verifier.smt.supports`). A linear program says
whether any readout reads these units alone; if none does, its weights say so for other sets as well. If one
may, whole coefficients are tried in the order of the sum of |c|, with the signs that linear programs leave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil, floor

import numpy as np

from verifier.arrays import Array
from verifier.engine.probe.outcome import Weights
from verifier.engine.probe.program import Program
from verifier.engine.probe.question import Question
from verifier.errors import InternalError
from verifier.linear import Row
from verifier.smt.supports import Supports
from verifier.verdict import Limits, UndecidedError

#: Whole coefficients of one support and one sum of |c| that are tried.
MAX_LEVEL = 2**20


@dataclass(frozen=True, slots=True)
class Search:
    """The smallest readout, None if there is none. `reason` is why it is not known to be the smallest."""

    found: tuple[int, ...] | None
    reason: str = ""


def smallest(question: Question, bound: int, limits: Limits) -> Search:
    """Return the smallest readout.

    Raises:
        UndecidedError: none was found, and it is not known that there is none.
    """
    m = question.seen.m
    supports = Supports(m, bound, limits)
    best: tuple[int, ...] | None = None
    try:
        best = _guess(question, bound, limits)
        while (proposal := supports.cheapest()) is not None:
            support, weight = proposal
            if best is not None and (len(support), weight) == cost(best):
                if not supports.none_below(cost(best)):
                    raise InternalError("Z3's optimiser and its solver disagree on what is smallest")
                return Search(best)
            closed = _closed(question, support, bound, limits)
            if closed is not None:
                supports.needs_more(closed)
                continue
            below = cost(best)[1] if best is not None and cost(best)[0] == len(support) else None
            found = _least(question, support, bound, below, limits)
            if found is not None:
                best = found
            supports.costs(support, below if found is None else cost(found)[1])
        if best is not None:
            raise InternalError("a readout that the cuts rule out")
        return Search(None)
    except UndecidedError as error:
        if best is None:
            raise
        return Search(best, str(error))


def _guess(question: Question, bound: int, limits: Limits) -> tuple[int, ...] | None:
    """Return some readout: the one with most room, rounded, and without the units that it can spare."""
    row = Program(question, tuple(range(question.seen.m)), limits).slack(bound).row
    largest = max(map(abs, row))
    for scale in range(1, bound + 1) if largest else ():
        whole = [round(scale * c / largest) for c in row]
        if any(whole) and question.window(whole) is not None:
            for c in sorted(range(len(whole)), key=lambda c: abs(whole[c])):
                fewer = [0 if u == c else v for u, v in enumerate(whole)]
                if question.window(fewer) is not None:
                    whole = fewer
            return tuple(whole)
    return None


def cost(row: Sequence[int]) -> tuple[int, int]:
    """Return how many units a row reads, and the sum of its absolute coefficients."""
    return sum(c != 0 for c in row), sum(map(abs, row))


def _closed(question: Question, support: tuple[int, ...], bound: int, limits: Limits) -> set[int] | None:
    """Return units, with the support among them, that no readout reads alone; None: one may."""
    if not question.seen.exact:
        return None
    closed = _obstacle(question, support, bound, limits)
    for c in range(question.seen.m) if closed is not None else ():
        if closed is not None and c not in closed:
            closed = _obstacle(question, tuple(sorted({*closed, c})), bound, limits) or closed
    return closed


def _obstacle(question: Question, units: tuple[int, ...], bound: int, limits: Limits) -> set[int] | None:
    """Return a largest set of units, these among them, for which the weights against these are proof."""
    threshold = question.form == "threshold"
    slack = Program(question, units, limits).slack(None if threshold else bound)
    if slack.t is None or (slack.t >= 0 and not threshold):
        return None
    total, need = evidence(question, slack.weights)
    closed = set(units)
    room = need - bound * sum((abs(total[c]) for c in units), Fraction(0))
    for c in range(len(total)):
        price = bound * abs(total[c]) if c not in closed else 0
        if price == 0 or price < room:
            closed.add(c)
            room -= price
    return closed


def evidence(question: Question, weights: Weights) -> tuple[Row, Fraction]:
    """Return Σ w h, and what a readout would have to make of it at least: R · Σ w h ≥ need.

    Of a comparison that is more than need, which is 0.
    """
    number = {x: i for i, x in enumerate(question.seen.first)}
    seen, total, need = question.seen, [Fraction(0)] * question.seen.m, Fraction(0)
    for x, w in weights:
        i = number[x]
        total = [t + w * Fraction(int(a), seen.den) for t, a in zip(total, seen.A[i], strict=True)]
        need += w * (question.lower if w > 0 else question.upper)[i]
    return tuple(total), need


def _least(
    question: Question, support: tuple[int, ...], bound: int, below: int | None, limits: Limits
) -> tuple[int, ...] | None:
    """Return a readout with just this support of the least sum of |c|, if that is less than `below`."""
    most = bound * len(support) if below is None else below - 1
    patterns = _patterns(question, support, bound, limits)
    for weight in range(min((low for _, low, _ in patterns), default=most + 1), most + 1):
        live = [signs for signs, low, high in patterns if low <= weight <= high]
        rows = _compositions(weight, len(support), bound) if live else np.zeros((0, len(support)))
        for signs in live:
            if limits.passed:
                raise UndecidedError("the time limit was reached")
            found = _first(question, support, rows * np.array(signs, dtype=np.int64))
            if found is not None:
                return found
    return None


def _patterns(
    question: Question, support: tuple[int, ...], bound: int, limits: Limits
) -> list[tuple[tuple[int, ...], int, int]]:
    """Return the signs a readout may have, with the least and the greatest sum of |c| for each."""
    k = len(support)
    if not question.seen.exact:
        return [(signs, k, k * bound) for signs in product((1, -1), repeat=k)]
    program = Program(question, support, limits)
    free = [0] * k
    allowed = []
    for c in range(k):
        tops = [(sign, program.most([sign * (i == c) for i in range(k)], free, bound)) for sign in (1, -1)]
        allowed.append([sign for sign, top in tops if top is not None and top >= 1])
    patterns = []
    for signs in product(*allowed):
        low = program.most([-s for s in signs], signs, bound)
        high = program.most(signs, signs, bound) if low is not None else None
        if low is not None and high is not None:
            patterns.append((signs, ceil(-low), floor(high)))
    return patterns


def _compositions(total: int, parts: int, most: int) -> Array:
    """Return all ways to write a number as a sum of so many numbers from 1 to `most`, in order.

    Raises:
        UndecidedError: there are too many.
    """
    ways = [int(t == 0) for t in range(total + 1)]
    for _ in range(parts):
        ways = [sum(ways[max(0, t - most) : t]) for t in range(total + 1)]
    if ways[total] > MAX_LEVEL:
        told = f"{ways[total]} rows of {parts} coefficients that add up to {total}"
        raise UndecidedError(f"{told} are too many to try (at most 2^20)")
    rows, left = np.zeros((1, 0), dtype=np.int64), np.array([total])
    for after in range(parts - 1, -1, -1):
        firsts = np.arange(1, most + 1)
        rest = left[:, None] - firsts
        fits = (rest >= after) & (rest <= most * after)
        at, first = np.nonzero(fits)
        rows = np.concatenate([rows[at], firsts[first][:, None]], axis=1)
        left = rest[fits]
    return rows


def _first(question: Question, support: tuple[int, ...], rows: Array) -> tuple[int, ...] | None:
    """Return the first of some coefficients that reads the concept."""
    sieve = question.sieve
    rows = rows[sieve.possible(rows, support)]
    while len(rows):
        row = [0] * question.seen.m
        for c, value in zip(support, rows[0].tolist(), strict=True):
            row[c] = value
        if question.window(row) is not None:
            return tuple(row)
        rows = rows[1:]
        if sieve.learned(row) and len(rows):
            rows = rows[sieve.possible(rows, support)]
    return None
