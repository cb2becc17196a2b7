"""QuantizeLinear and DequantizeLinear → exact rationals of constants, staircases of what is computed.

q = saturate(round(v / s) + zero), halves to even; back it is (q - zero) · s. Both are taken at their word, in
rationals: what a runtime's rounding of v / s in floats does besides is none of the network.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from verifier.errors import input_error
from verifier.importers.onnx.constants import Constant, Exact, exact
from verifier.importers.onnx.flow import Flow
from verifier.network import ONE

RANGES = {"int8": (-128, 127), "uint8": (0, 255)}
STORED = ("int8", "uint8", "int32")
_HALF = Fraction(1, 2)


def dequantised(q: Constant, scale: Constant, zero: Constant | None, axis: int) -> Constant:
    """Return (q - zero) · scale.

    Raises:
        InputError: E302 for other types than 8-bit integers and int32; E301, E104 for scales that do not fit.
    """
    if q.type not in STORED:
        raise input_error("E302", f"integers of type {q.type} are not read", f"known: {', '.join(STORED)}")
    s, z = _parameters(scale, zero, q.shape, axis)
    values = np.asarray((q.values - z) * s, dtype=object)  # of no axes, numpy makes it a number
    return Constant(q.name, scale.type, values)


def quantised(v: Constant, scale: Constant, zero: Constant | None, axis: int) -> Constant:
    """Return the integers for some numbers.

    Raises:
        InputError: as `dequantised`.
    """
    kind, low, high = _range(zero)
    s, z = (np.broadcast_to(p, v.shape).ravel() for p in _parameters(scale, zero, v.shape, axis))
    q = [
        min(max(round(number / size) + origin, low), high)
        for number, size, origin in zip(v.values.ravel(), s, z, strict=True)
    ]
    return Constant(v.name, kind, exact(np.array(q, dtype=object).reshape(v.shape)))


def quantise(flow: Flow, scale: Constant, zero: Constant | None, axis: int, place: str) -> None:
    """Replace every value by its integer: the number of steps below it, each where v / s rounds up.

    v / s rounds to k or more from k - 1/2 on: including k - 1/2 where k is even.

    Raises:
        InputError: as `dequantised`.
    """
    kind, low, high = _range(zero)
    s, z = _along(flow, scale, zero, axis)
    cuts = [
        [((k - _HALF) * size, k % 2 == 0) for k in range(low - int(origin) + 1, high - int(origin) + 1)]
        for size, origin in zip(s, z, strict=True)
    ]
    flow.staircase(cuts, place)
    flow.elementwise([ONE] * flow.width, [Fraction(low)] * flow.width)
    flow.type = kind


def dequantise(flow: Flow, scale: Constant, zero: Constant | None, axis: int) -> None:
    """Replace every integer by the number it stands for.

    Raises:
        InputError: as `dequantised`.
    """
    s, z = _along(flow, scale, zero, axis)
    flow.elementwise(s, [-origin * size for origin, size in zip(z, s, strict=True)])
    flow.type = scale.type


def _range(zero: Constant | None) -> tuple[str, int, int]:
    kind = "uint8" if zero is None else zero.type
    if kind not in RANGES:
        raise input_error("E302", f"quantising to {kind} is not read", f"known: {', '.join(RANGES)}")
    return kind, *RANGES[kind]


def _along(
    flow: Flow, scale: Constant, zero: Constant | None, axis: int
) -> tuple[Sequence[Fraction], Sequence[Fraction]]:
    """Return scale and zero of each entry of the flow."""
    full = (1, *flow.shape)
    s, z = (np.broadcast_to(p, full).ravel().tolist() for p in _parameters(scale, zero, full, axis))
    return s, z


def _parameters(
    scale: Constant, zero: Constant | None, shape: tuple[int, ...], axis: int
) -> tuple[Exact, Exact]:
    """Return scale and zero point in shapes that broadcast: one for all, or one per index along an axis."""
    if not all(s > 0 for s in scale.values.ravel()):
        raise input_error("E104", f"scale {scale.name}: expected positive numbers")
    if zero is not None and zero.values.size != scale.values.size:
        raise input_error("E301", f"expected a zero point for each scale, got {scale} and {zero}")
    origin = zero if zero is not None else Constant("", "", np.full((), Fraction(0), dtype=object))
    return _laid(scale, shape, axis), _laid(origin, shape, axis)


def _laid(parameter: Constant, shape: tuple[int, ...], axis: int) -> Exact:
    if parameter.values.size == 1:
        return parameter.values.reshape(())
    at = axis + len(shape) if axis < 0 else axis
    if not 0 <= at < len(shape) or parameter.shape != shape[at : at + 1]:
        found = f"{parameter.name} of shape {list(parameter.shape)}"
        raise input_error("E301", f"{found} does not fit axis {axis} of {list(shape)}")
    return parameter.values.reshape(tuple(-1 if i == at else 1 for i in range(len(shape))))
