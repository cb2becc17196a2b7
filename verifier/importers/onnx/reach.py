"""Intervals of exact numbers, whose ends may be missing: what a unit can be, whatever the inputs are."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import assert_never

from verifier.algebra import RATIONALS
from verifier.importers.onnx.lengths import short, total
from verifier.network import ONE, ZERO, Activation

Interval = tuple[Fraction | None, Fraction | None]
"""No less and no more than; None where there is no bound, or one of too many digits."""
ANYTHING: Interval = (None, None)


def scaled(interval: Interval, factor: Fraction, offset: Fraction = ZERO) -> Interval:
    """Return what factor · v + offset can be.

    >>> scaled((ZERO, None), Fraction(-2), ONE)
    (None, Fraction(1, 1))
    """
    if not factor:
        return offset, offset
    ends = (None if end is None else factor * end + offset for end in interval)
    low, high = (end if end is not None and short(end) else None for end in ends)
    return (low, high) if factor > 0 else (high, low)


def combined(row: Sequence[Fraction], intervals: Iterable[Interval]) -> Interval:
    """Return what row · v can be."""
    terms = [scaled(interval, weight) for weight, interval in zip(row, intervals, strict=True) if weight]
    lows, highs = [low for low, _ in terms], [high for _, high in terms]
    return _total(lows), _total(highs)


def _total(ends: Sequence[Fraction | None]) -> Fraction | None:
    finite = [end for end in ends if end is not None]
    return total(finite) if len(finite) == len(ends) else None


def activated(activation: Activation, interval: Interval) -> Interval:
    """Return what the activation of a number in the interval can be."""
    match activation.kind:
        case "step" | "sigmoid":
            return ZERO, ONE
        case "sign" | "tanh":
            return -ONE, ONE
        case "leaky_relu" if (activation.slope or ZERO) < 0:
            return ANYTHING
        case "identity" | "leaky_relu":
            least, most = None, None
        case "relu":
            least, most = ZERO, None
        case "hard_tanh":
            least, most = -ONE, ONE
        case "clip":
            least, most = activation.low, activation.high
        case _:
            assert_never(activation.kind)
    low, high = (None if end is None else activation.apply(RATIONALS, end) for end in interval)
    return least if low is None else low, most if high is None else high  # none of them decreases
