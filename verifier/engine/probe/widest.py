"""Question of a comparison → its margin, and the readout of the widest.

The **margin** of a row of coefficients is the gap between its least value where the bit is 1 and its greatest
where the bit is 0, over the largest |c|: multiples of a row have one margin. With coefficients of any size,
the largest margin is the distance, in the sum of absolute differences, of the convex hulls of the classes; a
linear program finds both (Mangasarian 1999). Where the readout it finds is not whole up to the bound, all
that are are compared if they are few; else it is rounded at every scale, and the distance limits the loss.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from verifier.engine.probe.outcome import Ends, Weights, Widest
from verifier.engine.probe.program import Program
from verifier.engine.probe.question import Question
from verifier.linear import Row, primitive
from verifier.readout import Linear, Threshold
from verifier.verdict import Limits

#: Rows of coefficients that are compared one and all.
MAX_BOX = 2**18
#: Of these, how many are near enough to the widest to be compared exactly.
MAX_EXACT = 4096


def margin(question: Question, row: Sequence[int]) -> Ends | None:
    """Return the margin of a row of coefficients, enclosed; None if it does not read the concept."""
    window = question.window(row)
    if window is None:
        return None
    largest = max(map(abs, row))
    if question.seen.exact:
        exact = (window[1] - window[0]) / largest
        return exact, exact
    ends = question.seen.ends(row, 8 * 64)
    low = min(ends[i][0] for i in question.lower) - max(ends[j][1] for j in question.upper)
    high = min(ends[i][1] for i in question.lower) - max(ends[j][0] for j in question.upper)
    return low / largest, high / largest


def widest(question: Question, smallest: Sequence[int], bound: int, limits: Limits) -> tuple[Widest, Weights]:
    """Return the readout of the widest margin that is found, and the weights that limit all margins."""
    seen = question.seen
    slack = Program(question, tuple(range(seen.m)), limits).slack(1)
    assert slack.t is not None  # coefficients are bounded
    weights = tuple((x, 2 * w) for x, w in slack.weights)
    most = 2 * slack.t + (0 if seen.exact else Fraction(2 * seen.m, seen.den))
    best = list(smallest)
    found = margin(question, best)
    assert found is not None
    moving = [Fraction(0) if same else c for c, same in zip(slack.row, seen.constant, strict=True)]
    whole = [int(c) for c in primitive(moving)]
    fits = max(map(abs, whole)) <= bound
    box = _box(question, bound) if not fits and (2 * bound + 1) ** seen.m <= MAX_BOX else None
    for row in box or ([whole] if fits else _rounded(slack.row, bound)):
        ends = margin(question, row)
        if ends is not None and (ends[0], _plainness(row)) > (found[0], _plainness(best)):
            best, found = list(row), ends
    window = question.window(best)
    assert window is not None
    site = question.site(best, window)
    assert isinstance(site, Threshold)
    attained = None
    if seen.exact and found[0] < most:
        window = question.window(whole)
        assert window is not None
        assert margin(question, whole) == (most, most)
        attained = question.site(whole, window)
    assert not isinstance(attained, Linear)
    return Widest(site, found, most, box is not None and seen.exact, attained), weights


def _plainness(row: Sequence[int]) -> tuple[int, int]:
    """Return what is larger the fewer units a row has and, of as many, the smaller its coefficients."""
    return -sum(c != 0 for c in row), -sum(map(abs, row))


def _rounded(row: Row, bound: int) -> Iterator[list[int]]:
    for scale in range(1, bound + 1):
        whole = [round(scale * c) for c in row]
        if any(whole):
            yield whole


def _box(question: Question, bound: int) -> list[list[int]] | None:
    """Return the coprime rows up to the bound among which the widest margin is; None if they are too many."""
    sieve, m = question.sieve, question.seen.m
    axes = np.indices((2 * bound + 1,) * m).reshape(m, -1).T - bound
    rows = axes[np.gcd.reduce(axes, axis=1) == 1]
    low, high = sieve.A[list(question.lower)], sieve.A[list(question.upper)]
    step = max(1, 2**22 // len(sieve.A))
    parts = [rows[start : start + step] for start in range(0, len(rows), step)]
    gap = np.concatenate([(some @ low.T).min(axis=1) - (some @ high.T).max(axis=1) for some in parts])
    slack = 2 * sieve.error * np.abs(rows).sum(axis=1)
    largest = np.abs(rows).max(axis=1)
    first = int(((gap - slack) / largest).argmax())  # any row will do, a good one rules out most others
    near = (gap + slack) * largest[first] >= (gap[first] - slack[first]) * largest
    kept: list[list[int]] = rows[near].tolist()
    return kept if len(kept) <= MAX_EXACT else None
