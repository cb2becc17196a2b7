"""Network and a set of inputs → what rounding can do at most: for every number a range and an error bound.

All of it is computed in rationals, rounded upwards.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import assert_never

from verifier.algebra import RATIONALS
from verifier.engine.rounding.budget import Enclosure, budget, conversion, fineness, grain
from verifier.engine.rounding.format import Format, exponent
from verifier.errors import InternalError
from verifier.network import ONE, ZERO, Activation, Network, Row

_BITS = 32  # of an error bound


def fed(form: Format, values: Sequence[Fraction]) -> Enclosure:
    """Return the enclosure of an input that is fed one of these values."""
    errors = [conversion(form, value) for value in values]
    error = None if None in errors else max(e for e in errors if e is not None)
    return _enclosure(min(values), max(values), min(map(grain, values)), error)


def enclosures(form: Format, network: Network, h: Sequence[Enclosure]) -> list[list[Enclosure]]:
    """Return the enclosures of all activations, places 0 to L, given those of the inputs.

    Those of a step or sign unit suppose that rounding changed no decision before.
    """
    places = [list(h)]
    for layer in network.layers:
        z = [affine(form, row, places[-1], b) for row, b in zip(layer.W, layer.b, strict=True)]
        places.append([_activated(form, layer.activation, value) for value in z])
    return places


def affine(form: Format, row: Row, h: Sequence[Enclosure], offset: Fraction) -> Enclosure:
    """Return the enclosure of row · h + offset."""
    terms = [(w, v) for w, v in zip(row, h, strict=True) if w]
    low = sum((w * (v.low if w > 0 else v.high) for w, v in terms), offset)
    high = sum((w * (v.high if w > 0 else v.low) for w, v in terms), offset)
    bound, most = budget(form, row, h, offset), [v.most for v in h]
    error = None if bound is None else _upwards(bound.error(most))
    if bound is not None and error is not None and bound.total(most) + error > form.most:
        error = None
    return _enclosure(low, high, fineness(row, h, offset), error)


def _enclosure(low: Fraction, high: Fraction, fine: float, error: Fraction | None) -> Enclosure:
    return Enclosure(low, high, grain(low) if low == high else fine, error)


def _upwards(value: Fraction) -> Fraction:
    """Return a number of few bits that is no less."""
    if value == 0:
        return value
    scale = Fraction(2) ** (exponent(value) - _BITS)
    return ceil(value / scale) * scale


def _activated(form: Format, activation: Activation, z: Enclosure) -> Enclosure:
    corners = [z.low, z.high, *([ZERO] if z.low < 0 < z.high else [])]
    ends = [activation.apply(RATIONALS, corner) for corner in corners]
    fine, error = _after(form, activation, z)
    return _enclosure(min(ends), max(ends), fine, error)


def _after(form: Format, activation: Activation, z: Enclosure) -> tuple[float, Fraction | None]:
    """Return grain and error of the activation of z."""
    match activation.kind:
        case "step" | "sign":
            return 0, ZERO
        case "identity":
            return z.grain, z.error
        case "relu":
            return z.grain, ZERO if z.error is not None and z.high + z.error <= 0 else z.error
        case "leaky_relu":
            return _leaky(form, activation.slope or ZERO, z)
        case "hard_tanh":
            return _clipped(form, z, -ONE, ONE)
        case "clip":
            return _clipped(form, z, activation.low or ZERO, activation.high or ZERO)
        case "sigmoid" | "tanh":
            raise InternalError(f"an error bound of {activation.kind}")
        case _:
            assert_never(activation.kind)


def _leaky(form: Format, slope: Fraction, z: Enclosure) -> tuple[float, Fraction | None]:
    scaled = affine(form, (slope,), [z], ZERO)
    if z.error is None or scaled.error is None:
        error = None
    elif z.low - z.error > 0:
        error = z.error
    elif z.high + z.error <= 0:
        error = scaled.error
    else:  # the float may lie on the other side of 0, where the distances from 0 add up
        error = z.error + scaled.error
    return min(z.grain, scaled.grain), error


def _clipped(form: Format, z: Enclosure, low: Fraction, high: Fraction) -> tuple[float, Fraction | None]:
    at_low, at_high = conversion(form, low), conversion(form, high)
    fine = min(z.grain, grain(low), grain(high))
    if z.error is None or at_low is None or at_high is None:
        return fine, None
    if z.high + z.error <= low - at_low:
        return fine, at_low
    if z.low - z.error >= high + at_high:
        return fine, at_high
    return fine, max(z.error, at_low, at_high)
