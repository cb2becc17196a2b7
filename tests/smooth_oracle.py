"""Explanations of tiny smooth networks by brute force in mpmath: it shares no code with the package.

Every row of the box, every function of the inputs, every write, base and choice of donors is tried, with 50
digits. A difference below 10^-30 that would decide something raises `Boundary`.
"""

from fractions import Fraction
from itertools import combinations, product

import mpmath

F = Fraction


class BoundaryError(Exception):
    """50 digits do not decide."""


def at_most(a, b):
    """Return whether a <= b."""
    if abs(a - b) < mpmath.mpf(10) ** -30:
        raise BoundaryError
    return bool(a < b)


def exact(value):
    """Return a rational in mpmath."""
    return mpmath.mpf(value.numerator) / value.denominator


def act(kind, slope, z):
    """Return an activation."""
    s = exact(F(slope))
    return {
        "sigmoid": lambda: 1 / (1 + mpmath.exp(-s * z)),
        "tanh": lambda: mpmath.tanh(s * z),
        "identity": lambda: z,
        "relu": lambda: max(z, mpmath.mpf(0)),
    }[kind]()


def forward(layers, h):
    """Return the activations after layers (W, b, kind, slope)."""
    for W, b, kind, slope in layers:
        z = [mpmath.fsum([exact(F(w)) * v for w, v in zip(row, h, strict=True)]) + exact(F(c))
             for row, c in zip(W, b, strict=True)]  # fmt: skip
        h = [act(kind, slope, v) for v in z]
    return h


def decode(h, threshold, tolerance):
    """Return the bits of the last layer, None for what is none; values if no `threshold`."""
    if threshold is not None:
        return tuple(not at_most(v, exact(F(threshold))) for v in h)
    bits = []
    for v in h:
        zero, one = (at_most(abs(v - bit), exact(F(tolerance))) for bit in (0, 1))
        bits.append(None if not zero and not one else one)
    return tuple(bits)


def rank(rows):
    """Return the rank of rows of rationals."""
    rows, found = [list(map(F, row)) for row in rows], 0
    for c in range(len(rows[0]) if rows else 0):
        pivot = next((r for r in range(found, len(rows)) if rows[r][c]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(len(rows)):
            if r != found and rows[r][c]:
                factor = rows[r][c] / rows[found][c]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


def simplest(low, high):
    """Return the rational of least denominator between two numbers, by trying denominators."""
    q = 1
    while True:
        p = int(mpmath.ceil(low * q))
        if abs(low * q - p) < mpmath.mpf(10) ** -30 or abs(high * q - p) < mpmath.mpf(10) ** -30:
            raise BoundaryError
        if p <= high * q:
            return F(p, q)
        q += 1


def readouts(values, tolerance, low, high):
    """Return (row, offset, function) of everything readable from rows of activations."""
    found = []
    t = exact(F(tolerance))
    for R in product(range(low, high + 1), repeat=len(values[0])):
        v = [mpmath.fsum([r * a for r, a in zip(R, h, strict=True)]) for h in values]
        for g in product([0, 1], repeat=len(values)):
            if len(set(g)) == 1:
                continue
            least = max(b - t - a for a, b in zip(v, g, strict=True))
            most = min(b + t - a for a, b in zip(v, g, strict=True))
            if at_most(least, most):
                found.append((R, simplest(least, most), g))
    return found


def explanations(layers, place, inputs, threshold, tolerance, bounds, k, mediation=True):
    """Return {((row, offset), ...): truth tables} of all explanations with k features at a place."""
    with mpmath.workdps(50):
        values = [forward(layers[:place], [mpmath.mpf(bit) for bit in x]) for x in inputs]
        above = layers[place:]
        listed = readouts(values, tolerance, *bounds)
        found = {}
        for chosen in combinations(sorted(listed), k):
            rows, functions = [c[0] for c in chosen], [c[2] for c in chosen]
            if any(
                a == b or all(p != q for p, q in zip(a, b, strict=True))
                for a, b in combinations(functions, 2)
            ):
                continue
            if rank(rows) < k or (mediation and rank([*rows, *above[0][0]]) > k):
                continue
            tables = table(above, values, rows, functions, threshold, tolerance)
            if tables is not None:
                found[tuple((row, offset) for row, offset, _ in chosen)] = tables
        return found


def table(above, values, rows, functions, threshold, tolerance):
    """Return the truth table of every output, if no donor or base changes it and every feature matters."""
    k = len(rows)
    R = mpmath.matrix([list(row) for row in rows])
    columns = R.T * mpmath.inverse(R * R.T)
    reads = [[mpmath.fsum([r * a for r, a in zip(row, h, strict=True)]) for h in values] for row in rows]
    shown = []
    for u in product([0, 1], repeat=k):
        donors = [[i for i, bit in enumerate(g) if bit == want] for g, want in zip(functions, u, strict=True)]
        seen = set()
        for x, *given in product(range(len(values)), *donors):
            moves = mpmath.matrix([reads[j][s] - reads[j][x] for j, s in enumerate(given)])
            after = mpmath.matrix(values[x]) + columns * moves
            seen.add(decode(forward(above, list(after)), threshold, tolerance))
            if len(seen) > 1 or None in next(iter(seen)):
                return None
        shown.append(seen.pop())
    for j in range(k):
        if all(shown[i] == shown[i ^ (1 << (k - 1 - j))] for i in range(2**k)):
            return None
    return tuple("".join("01"[bit] for bit in column) for column in zip(*shown, strict=True))


def near(value, side):
    """Return a rational at most 10^-30 from a number, above it for side 1 and below for -1."""
    scale = 10**31
    whole = int(mpmath.floor(value * scale)) if side < 0 else int(mpmath.ceil(value * scale))
    return F(whole + side, scale)
