"""Activations of a layer → output bits: exact forward passes of many runs at once, in integers.

A run holds integers `x` and a positive integer `q` of its own; its activations are x/q. Nothing is ever
divided: `q` grows instead. Arrays are int64 as long as a proven bound allows it, Python integers after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.audit.query import Layer, Query
from verifier.audit.values import Row
from verifier.errors import InternalError

Array = NDArray[Any]

SAFE = 2**62
FLOAT_SAFE = 2**52


def fit(array: Array, bound: int) -> Array:
    """Return an array that can compute numbers up to a bound: int64, or Python integers beyond it."""
    if bound < SAFE or array.dtype == object:
        return array
    return array.astype(object)


def matmul(a: Array, b: Array, bound: int) -> Array:
    """Return the exact matrix product, every partial sum of which is at most `bound` in absolute value."""
    if bound < FLOAT_SAFE and a.dtype != object and b.dtype != object:
        product = np.matmul(a.astype(np.float64), b.astype(np.float64))
        return np.asarray(product.astype(np.int64))
    return np.asarray(np.matmul(fit(a, bound), fit(b, bound)))


def top(array: Array) -> int:
    """Return the largest absolute value of an array."""
    return max(abs(int(array.max())), abs(int(array.min()))) if array.size else 0


def whole(rows: Sequence[Row]) -> tuple[Array, int]:
    """Return integers and their common denominator."""
    den = lcm(1, *(v.denominator for row in rows for v in row))
    values = [[v.numerator * (den // v.denominator) for v in row] for row in rows]
    shape = (len(rows), len(rows[0]) if rows else 0)
    large = max((abs(v) for row in values for v in row), default=0) >= SAFE
    return np.array(values, dtype=object if large else np.int64).reshape(shape), den


@dataclass(frozen=True, slots=True)
class Runs:
    """Activations x/q: `x` has one last axis more than `q`, its units; `x_top`, `q_top` bound |x|, q."""

    x: Array
    q: Array
    x_top: int
    q_top: int


@dataclass(frozen=True, slots=True)
class Affine:
    """Rows of W and entries of b over one denominator."""

    W: Array
    b: Array
    den: int
    norm: int
    b_top: int

    @classmethod
    def of(cls, W: Sequence[Row], b: Row) -> "Affine":
        if not W:
            return cls(np.zeros((0, 0), dtype=np.int64), np.zeros(0, dtype=np.int64), 1, 0, 0)
        both, den = whole([(*row, value) for row, value in zip(W, b, strict=True)])
        norm = max((sum(abs(int(v)) for v in row[:-1]) for row in both), default=0)
        return cls(both[:, :-1], both[:, -1], den, norm, top(both[:, -1]))

    def __call__(self, runs: Runs) -> Runs:
        """Return W·(x/q) + b."""
        bound = self.norm * runs.x_top + self.b_top * runs.q_top
        q = fit(runs.q, max(runs.q_top * self.den, bound))
        z = matmul(runs.x, self.W.T, max(1, self.norm * runs.x_top)) if self.W.size else 0
        z = z + fit(q, bound)[..., None] * fit(self.b, bound)
        return Runs(np.asarray(z), q * self.den, bound, runs.q_top * self.den)


def activate(layer: Layer, runs: Runs) -> Runs:
    """Return the activations of pre-activations; at a refused tie they mean nothing."""
    z, q = runs.x, runs.q
    one = np.ones_like(q)
    match layer.kind:
        case "step" | "sign":
            fires = (z >= 0 if layer.tie == 1 else z > 0).astype(np.int64)
            return Runs(fires if layer.kind == "step" else 2 * fires - 1, one, 1, 1)
        case "identity":
            return runs
        case "relu":
            return Runs(np.where(z > 0, z, 0), q, runs.x_top, runs.q_top)
        case "leaky_relu":
            p, s = layer.slope.numerator, layer.slope.denominator
            bound = runs.x_top * max(abs(p), s)
            z, q = fit(z, bound), fit(q, runs.q_top * s)
            return Runs(np.where(z > 0, z * s, z * p), q * s, bound, runs.q_top * s)
        case "clip":
            return _clip(runs, layer.low, layer.high)
        case "hard_tanh":
            return _clip(runs, Fraction(-1), Fraction(1))
        case _:
            raise InternalError(f"{layer.kind} has no exact value")


def _clip(runs: Runs, low: Fraction, high: Fraction) -> Runs:
    den = lcm(low.denominator, high.denominator)
    a, b = int(low * den), int(high * den)
    bound = max(runs.x_top * den, runs.q_top * max(abs(a), abs(b), den))
    z, q = fit(runs.x, bound) * den, fit(runs.q, bound)
    z = np.minimum(np.maximum(z, (q * a)[..., None]), (q * b)[..., None])
    return Runs(z, q * den, bound, runs.q_top * den)


@dataclass(frozen=True, slots=True)
class Rest:
    """The network above a place, without the units that neither an output nor a tie can show.

    `used` are the units of layer place + 1 that are left.
    """

    layers: tuple[tuple[Layer, Affine], ...]
    outputs: tuple[tuple[str | None, Affine], ...]
    argmax: bool
    tolerance: Fraction
    used: tuple[int, ...]

    @classmethod
    def above(cls, query: Query, place: int) -> "Rest":
        """Return the rest of the network from the activations of layer `place` on."""
        alive = alive_units(query, ties=True)
        layers = []
        for p in range(place, len(query.layers)):
            layer, units = query.layers[p], alive[p]
            columns = alive[p - 1] if p > place else range(len(layer.W[0]))
            rows = [tuple(layer.W[i][j] for j in columns) for i in units]
            layers.append((layer, Affine.of(rows, tuple(layer.b[i] for i in units))))
        read = alive[-1]
        outputs = []
        for output in query.outputs:
            row = tuple(output.row[i] for i in read)
            value = output.value if output.op is None else -output.value
            outputs.append((output.op, Affine.of([row], (value,))))
        return cls(tuple(layers), tuple(outputs), query.argmax, query.tolerance, alive[place])

    def __call__(self, runs: Runs) -> tuple[Array, Array]:
        """Return the output bits (one last axis: outputs) and whether every one is decided, without a tie."""
        decided = np.ones(runs.x.shape[:-1], dtype=bool)
        for layer, affine in self.layers:
            runs = affine(runs)
            if layer.refuses:
                decided &= ~(runs.x == 0).any(axis=-1)
            runs = activate(layer, runs)
        if self.argmax:
            return self._largest(runs, decided)
        bits = [self._bit(op, affine(runs), decided) for op, affine in self.outputs]
        return np.stack(bits, axis=-1), decided

    def tie_free(self, runs: Runs) -> Array:
        """Return, per run, whether there is no tie; an output that is no bit is none."""
        decided = np.ones(runs.x.shape[:-1], dtype=bool)
        for layer, affine in self.layers:
            runs = affine(runs)
            if layer.refuses:
                decided &= ~(runs.x == 0).any(axis=-1)
            runs = activate(layer, runs)
        if self.argmax:
            return self._largest(runs, decided)[1]
        for op, affine in self.outputs:
            if op in (">", "<"):
                decided &= affine(runs).x[..., 0] != 0
        return decided

    def _largest(self, runs: Runs, decided: Array) -> tuple[Array, Array]:
        bits = runs.x == runs.x.max(axis=-1)[..., None]
        return bits, decided & (bits.sum(axis=-1) == 1)

    def _bit(self, op: str | None, value: Runs, decided: Array) -> Array:
        """Return one output's bits; clear `decided` where it is no bit."""
        v = value.x[..., 0]
        if op is not None:
            if op in (">", "<"):
                decided &= v != 0
            return np.asarray({">": v > 0, ">=": v >= 0, "<": v < 0, "<=": v <= 0}[op])
        p, s = self.tolerance.numerator, self.tolerance.denominator
        bound = (value.x_top + value.q_top) * max(p, s)
        v, q = fit(v, bound), fit(value.q, bound)
        zero, one = abs(v) * s <= q * p, abs(v - q) * s <= q * p
        decided &= zero | one
        return np.asarray(one)


def alive_units(query: Query, ties: bool) -> list[tuple[int, ...]]:
    """Return the units of every layer from which non-zero weights lead to what the decoding reads.

    With `ties` also those that may not tie, and what leads to them.
    """
    count = len(query.layers[-1].units)
    seen = {i for output in query.outputs for i in range(count) if output.row[i]}
    found: list[tuple[int, ...]] = []
    for layer in reversed(query.layers):
        if ties and layer.refuses:
            seen = set(range(len(layer.units)))
        found.append(tuple(sorted(seen)))
        seen = {j for i in seen for j, w in enumerate(layer.W[i]) if w}
    return found[::-1]
