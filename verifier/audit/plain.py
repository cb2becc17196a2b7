"""A set of features → what it violates: conditions C1 to C8 by definition, in rationals, one set at a time.

The reference of the vectorised `sets`, and the source of what is said about an explanation that is none.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from verifier.audit.evaluate import State
from verifier.audit.library import Membership
from verifier.audit.query import Layer
from verifier.audit.values import Row
from verifier.certificate import show_feature
from verifier.errors import InternalError

Readout = tuple[Row, Fraction]
Bits = tuple[int, ...]


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return the inner product."""
    return sum((x * y for x, y in zip(a, b, strict=True) if x and y), Fraction(0))


def combination(rows: Sequence[Row], target: Row) -> Row | None:
    """Return α with Σ α_j rows_j = target for independent rows, or None."""
    left = [[*column, t] for column, t in zip(zip(*rows, strict=True), target, strict=True)]
    place = 0
    for j in range(len(rows)):
        pivot = next((i for i in range(place, len(left)) if left[i][j]), None)
        if pivot is None:
            raise ValueError("dependent rows")
        left[place], left[pivot] = left[pivot], left[place]
        left[place] = [v / left[place][j] for v in left[place]]
        for i, row in enumerate(left):
            if i != place and row[j]:
                left[i] = [v - row[j] * w for v, w in zip(row, left[place], strict=True)]
        place += 1
    if any(row[-1] for row in left[place:]):
        return None
    return tuple(row[-1] for row in left[:place])


def dependent(rows: Sequence[Row]) -> bool:
    """Return whether the rows are linearly dependent."""
    try:
        combination(rows, tuple(Fraction(0) for _ in rows[0]))
    except ValueError:
        return True
    return False


def bits_of(state: State, readout: Readout) -> Bits | None:
    """Return the bits read on the distinct rows, or None when a value is no bit."""
    values = [dot(readout[0], h) + readout[1] for h in state.H]
    return None if set(values) - {0, 1} else tuple(map(int, values))


def feature_violated(state: State, readout: Readout, gates: bool = True) -> str | None:
    """Return what is wrong with a feature alone (C1, C2, its part of C8; the library if `gates`), or None."""
    row, space = readout[0], state.query.space
    text = show_feature(*readout)
    if readout not in [(given.row, given.offset) for given in space.given]:
        for value in row:
            if value.denominator != 1:
                return f"the coefficient {value} of {text} is no integer"
            if space.bounds is not None and not space.bounds[0] <= value <= space.bounds[1]:
                return f"the coefficient {value} of {text} is outside {space.bounds[0]}..{space.bounds[1]}"
    for h in state.H:
        value = dot(row, h) + readout[1]
        if value not in (0, 1):
            where = "input " + "".join("01"[int(b)] for b in state.x[_input_with(state, h)])
            return f"the readout {text} is {value} on the {where}: neither 0 nor 1"
    bits = bits_of(state, readout)
    if bits is None or len(set(bits)) < 2:
        return f"the feature {text} is constant on the domain"
    for column in space.must_not_use:
        if row[column]:
            return f"the readout {text} uses {_unit(state, column)}, which must not be used"
    if gates and not space.gates.free(len(state.query.inputs)):
        membership = Membership(space.gates, state.x)
        if not membership.contains(np.array(bits, dtype=bool)[state.row_of]):
            return f"the function of {text} is not in the library of gates"
    return None


def _input_with(state: State, h: Row) -> int:
    return int(np.nonzero(state.row_of == state.H.index(h))[0][0])


def _unit(state: State, column: int) -> str:
    return state.query.layers[state.query.space.place - 1].units[column]


def judge(state: State, features: Sequence[Readout]) -> tuple[str | None, tuple[str, ...] | None]:
    """Return what a set of features violates, and the truth table of every output where it is known."""
    space = state.query.space
    if not space.least <= len(features) <= space.most:
        return f"{len(features)} features, expected {space.least} to {space.most}", None
    for feature in features:
        problem = feature_violated(state, feature)
        if problem is not None:
            return problem, None
    bits = [bits_of(state, feature) for feature in features]
    for j, mine in enumerate(bits):
        for i, other in enumerate(bits[:j]):
            if mine is None or other is None:
                raise AssertionError("a feature without bits")
            names = f"{show_feature(*features[i])} and {show_feature(*features[j])}"
            if mine == other:
                return f"the features {names} are one function", None
            if mine == tuple(1 - b for b in other):
                return f"the features {names} are complementary functions", None
    rows = [row for row, _ in features]
    if dependent(rows):
        return "the readouts are linearly dependent", None
    problem = _restricted(state, features, bits)
    if problem is not None:
        return problem, None
    if space.mediation:
        for target in state.targets:
            if combination(rows, target) is None:
                return f"mediation: the row {' '.join(map(str, target))} is not in the span", None
    if not space.interchange:
        return None, None
    return _interchange(state, features)


def _restricted(state: State, features: Sequence[Readout], bits: Sequence[Bits | None]) -> str | None:
    space = state.query.space
    for column in space.must_use:
        if not any(row[column] for row, _ in features):
            return f"no readout uses {_unit(state, column)}, which must be used"
    named = state.named()
    for given in space.given:
        function = state.function(given.gate, named)
        if given.row is not None:
            if (given.row, given.offset) not in features:
                return f"the given feature {given.name} is missing"
        elif not any((np.array(b, dtype=bool)[state.row_of] == function).all() for b in bits):
            return f"no feature is the given function {given.name}"
        named[given.name] = function
    return None


def _interchange(state: State, features: Sequence[Readout]) -> tuple[str | None, tuple[str, ...] | None]:
    query = state.query
    rows = [row for row, _ in features]
    k = len(rows)
    gram = [tuple(dot(a, b) for b in rows) for a in rows]
    tables: list[list[int]] = []
    for u in product((0, 1), repeat=k):
        shown = None
        text = "".join(map(str, u))
        for h in state.H:
            gap = tuple(b - dot(row, h) - offset for b, (row, offset) in zip(u, features, strict=True))
            alpha = combination(gram, gap)
            assert alpha is not None
            written = [v + dot(alpha, column) for v, column in zip(h, zip(*rows, strict=True), strict=True)]
            bits = outputs(state, written)
            if bits is None:
                return f"interchange: with {text} written, a tie is met or an output is no bit", None
            if shown is not None and bits != shown:
                return f"interchange: with {text} written, the output depends on the input too", None
            shown = bits
        tables.append(shown or [])
    for j in range(k):
        step = 1 << (k - 1 - j)
        if all(tables[i] == tables[i ^ step] for i in range(1 << k)):
            return f"the feature {show_feature(*features[j])} is not essential to any output", None
    texts = tuple("".join(str(bits[o]) for bits in tables) for o in range(len(query.outputs)))
    if not query.space.output_gates.free(k):
        points = np.array(list(product((False, True), repeat=k)), dtype=bool)
        membership = Membership(query.space.output_gates, points)
        for output, text in zip(query.outputs, texts, strict=True):
            if not membership.contains(np.array([c == "1" for c in text])):
                return f"the function {text} of {output.name} is not in the library of output gates", texts
    return None, texts


def outputs(state: State, h: Sequence[Fraction]) -> list[int] | None:
    """Return the output bits from activations of the layer on, or None for a tie or what is no bit."""
    query = state.query
    for layer in query.layers[query.space.place :]:
        z = [dot(row, h) + b for row, b in zip(layer.W, layer.b, strict=True)]
        if layer.refuses and 0 in z:
            return None
        h = [_act(layer, v) for v in z]
    if query.argmax:
        return [int(v == max(h)) for v in h] if list(h).count(max(h)) == 1 else None
    found = []
    for output in query.outputs:
        v = dot(output.row, h)
        if output.op is None:
            v += output.value
            if min(abs(v), abs(v - 1)) > query.tolerance:
                return None
            found.append(int(abs(v - 1) <= query.tolerance))
        else:
            if v == output.value and output.op in (">", "<"):
                return None
            above, equal = v > output.value, v == output.value
            found.append(int({">": above, ">=": above or equal, "<": not above, "<=": not above}[output.op]))
    return found


def _act(layer: Layer, z: Fraction) -> Fraction:
    match layer.kind:
        case "step" | "sign":
            fires = z > 0 or (z == 0 and layer.tie == 1)
            return Fraction(fires if layer.kind == "step" else 2 * fires - 1)
        case "identity":
            return z
        case "relu":
            return max(z, Fraction(0))
        case "leaky_relu":
            return z if z > 0 else layer.slope * z
        case "hard_tanh":
            return max(Fraction(-1), min(Fraction(1), z))
        case "clip":
            return max(layer.low, min(layer.high, z))
        case _:
            raise InternalError(f"{layer.kind} has no exact value")
