"""Network and a set of inputs → what rounding can do at most: for every number a range and an error bound.

The error of a sum in floating point is that of Higham, Accuracy and Stability of Numerical Algorithms (2nd
ed., chapters 3 and 4), widened to hold also where results below the normal numbers are flushed to zero. All
of it is computed in rationals, rounded upwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, inf
from typing import assert_never

from verifier.algebra import RATIONALS
from verifier.engine.rounding.format import Format, exponent
from verifier.network import ONE, ZERO, Activation, Network, Row

_BITS = 32  # of an error bound


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What holds of one number on every input of a set, and of the float computed for it in any order.

    The number is in [low, high] and a multiple of 2^grain (-inf: not known to be one; +inf: it is zero); the
    float differs from it by at most `error` (None: nothing bounds it, a sum may overflow).
    """

    low: Fraction
    high: Fraction
    grain: float
    error: Fraction | None

    @property
    def most(self) -> Fraction:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    @property
    def zero(self) -> bool:
        """Whether the number and its float are 0 on every input."""
        return self.most == 0 and self.error == 0


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
    """Return the enclosure of row · h + offset: every order of summation, products fused or not."""
    terms = [(w, v) for w, v in zip(row, h, strict=True) if w and not v.zero]
    low = sum((w * (v.low if w > 0 else v.high) for w, v in terms), offset)
    high = sum((w * (v.high if w > 0 else v.low) for w, v in terms), offset)
    fine = min([grain(offset), *(grain(w) + v.grain for w, v in terms if v.most)])
    finite = all(conversion(form, w) is not None for w in row)  # an infinity times 0 is no number
    return _enclosure(low, high, fine, _error(form, terms, offset, fine) if finite else None)


@lru_cache(maxsize=2**14)
def conversion(form: Format, value: Fraction) -> Fraction | None:
    """Return how far the float read for a number is from it at most; None where it is infinite."""
    rounded = form.constant(value)
    if isinstance(rounded, float):
        return None
    flushed = 0 < abs(rounded) < form.tiny  # a subnormal number may be read as zero
    return max(abs(value - rounded), abs(value) if flushed else ZERO)


def grain(value: Fraction) -> float:
    """Return the largest g with value a multiple of 2^g; -inf where there is none, +inf for 0.

    >>> grain(Fraction(-3, 4)), grain(Fraction(1, 3)), grain(Fraction(0))
    (-2, -inf, inf)
    """
    n, d = value.numerator, value.denominator
    if n == 0:
        return inf
    return -inf if d & (d - 1) else (n & -n).bit_length() - d.bit_length()


def _enclosure(low: Fraction, high: Fraction, fine: float, error: Fraction | None) -> Enclosure:
    return Enclosure(low, high, grain(low) if low == high else fine, error)


def _error(
    form: Format, terms: Sequence[tuple[Fraction, Enclosure]], offset: Fraction, fine: float
) -> Fraction | None:
    """Return how far the float of Σ w·h + offset is from it at most, on all inputs; None: no bound.

    With m numbers to add, a product is rounded at most once and then at most m - 1 times in sums, which
    multiplies it by 1 + θ, |θ| ≤ γ_m. Each of the products and sums may also underflow, by `tiny` at most.
    """
    moved = conversion(form, offset)
    if moved is None:
        return None
    total = abs(offset) + moved
    for w, v in terms:
        c = conversion(form, w)
        if c is None or v.error is None:
            return None
        moved += (abs(w) + c) * v.error + c * v.most
        total += (abs(w) + c) * (v.most + v.error)
    if moved == 0 and _all_sums_exact(form, total, fine):
        return ZERO
    m = len(terms) + (offset != 0)
    rounded = m - 1 + any(not _power_of_two(w) for w, _ in terms) if terms else 0
    if m * form.u >= 1:
        return None
    slack = (len(terms) + m - 1) * form.tiny * (1 + gamma(form, m)) if terms else ZERO
    if total * (1 + gamma(form, m)) + slack > form.most:
        return None
    return _upwards(moved + gamma(form, rounded) * total + slack)


def gamma(form: Format, k: int) -> Fraction:
    """Return γ_k = k·u / (1 - k·u), which bounds the relative error of k roundings."""
    return k * form.u / (1 - k * form.u)


def _all_sums_exact(form: Format, total: Fraction, fine: float) -> bool:
    """Return whether multiples of 2^fine that add up to `total` at most, in absolute value, add without error.

    Then so does each part of them: a multiple of 2^fine below 2^(p + fine) is a float, and a normal one.
    """
    if total == 0:
        return True
    return form.emin <= fine < inf and total <= min(form.most, Fraction(2) ** (form.p + int(fine)))


def _power_of_two(w: Fraction) -> bool:
    return abs(w) == Fraction(2) ** exponent(w)


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
