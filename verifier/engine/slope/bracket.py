"""Family → where the smallest slope lies from which on the claim holds for every larger one.

From the slope of the margin theorem downwards, intervals of slopes are proved one after the other; where one
cannot be, it is shrunk, and its lower end is tried for a refutation. What is between the last proof and the
nearest refutation is the bracket.
"""

from fractions import Fraction
from math import floor

from verifier.balls.reals import Slopes
from verifier.engine.slope.family import MOST, Family, limit
from verifier.engine.slope.outcome import Always, Bracket, Never, Open, Outcome
from verifier.verdict import Counterexample, Proved

FINEST = 2**12
NEARLY = Fraction(7, 8)


def bracket(family: Family, width: Fraction) -> Outcome:
    """Return a bracket at most so wide, or what else is the case."""
    low, high = Fraction(0), None
    found: Counterexample | None = None
    try:
        if isinstance(family.over(Slopes(Fraction(0), None)), Proved):
            return Always()
        found_limit = limit(family, Fraction(1))
        if found_limit is None:
            return Open(f"neither holds nor fails from some slope up to {MOST} on, as far as balls show")
        high = found_limit.slope
        if found_limit.found is not None:
            return Never(high, found_limit.found)
        if isinstance(family.over(Slopes(Fraction(0), high)), Proved):
            return Always()
        step = high / 2
        while high - low > width:
            step = min(step, (high - low) / 2)
            target = rounded_down(high - step, step / 8)
            if isinstance(family.over(Slopes(target, high)), Proved):
                high, step = target, 2 * step
                continue
            if step <= width:
                target = rounded_down(high - width * NEARLY, width / 16)
            failing = family.failing(target)
            if failing is not None:
                low, found = target, failing
            step /= 2
            if step < width / FINEST:
                return Open("the balls decide nothing closer", low if found is not None else None, high)
    except TimeoutError:
        return Open("the time limit was reached", low if found is not None else None, high)
    return Bracket(low, high, found)


def rounded_down(value: Fraction, spacing: Fraction) -> Fraction:
    """Return the largest decimal not above the value with as many places as the spacing asks for.

    >>> rounded_down(Fraction(2, 3), Fraction(1, 20))
    Fraction(33, 50)
    """
    places = 0
    while Fraction(1, 10**places) > spacing:
        places += 1
    return Fraction(floor(value * 10**places), 10**places)
