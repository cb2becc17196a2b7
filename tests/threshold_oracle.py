"""Explanations by readouts that are not bits, of tiny exact networks, by brute force over rationals.

It shares no code with the package, and none of its ideas: every row of the box with every cut (or offset
within the tolerance), every set of them, every base, every choice of donors is tried.
"""

from fractions import Fraction
from itertools import combinations, product
from math import gcd

F = Fraction


def dot(a, b):
    return sum((F(x) * y for x, y in zip(a, b, strict=True)), F(0))


def act(kind, z):
    """Return an activation, None for a tie."""
    if kind in ("step", "sign"):
        return None if z == 0 else F(z > 0) if kind == "step" else F(1 if z > 0 else -1)
    return {"relu": max(z, F(0)), "identity": z, "hard_tanh": min(max(z, F(-1)), F(1))}[kind]


def forward(layers, h):
    """Return the activations after layers (W, b, kind), None once there was a tie."""
    for W, b, kind in layers:
        h = [act(kind, dot(row, h) + c) for row, c in zip(W, b, strict=True)]
        if None in h:
            return None
    return h


def decode(h, threshold, tolerance):
    """Return the bits of the last layer, None for a tie or what is no bit."""
    if h is None:
        return None
    if threshold is not None:
        return None if any(v == threshold for v in h) else tuple(int(v > threshold) for v in h)
    bits = [[bit for bit in (0, 1) if abs(v - bit) <= tolerance] for v in h]
    return tuple(bit[0] for bit in bits) if all(len(bit) == 1 for bit in bits) else None


def inverse(matrix):
    """Return the inverse; None if there is none."""
    size = len(matrix)
    left = [[*map(F, row), *(F(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for j in range(size):
        pivot = next((i for i in range(j, size) if left[i][j]), None)
        if pivot is None:
            return None
        left[j], left[pivot] = left[pivot], left[j]
        left[j] = [v / left[j][j] for v in left[j]]
        for i in range(size):
            if i != j:
                left[i] = [v - left[i][j] * w for v, w in zip(left[i], left[j], strict=True)]
    return [row[size:] for row in left]


def least_denominator(fits, low, high):
    """Return the number from low to high that fits, of least denominator, of these the nearest to 0."""
    q = 0
    while True:
        q += 1
        found = [F(p, q) for p in range(int(low * q) - 2, int(high * q) + 3) if fits(F(p, q))]
        if found:
            return min(found, key=abs)


def comparisons(H, low, high):
    """Return (row, cut, function) of every primitive row of the box and every gap."""
    found = []
    for R in product(range(low, high + 1), repeat=len(H[0])):
        if gcd(*R) != 1:
            continue
        v = [dot(R, h) for h in H]
        for a in set(v):
            above = [b for b in v if b > a]
            if above:
                top = min(above)
                cut = least_denominator(lambda t, a=a, top=top: a < t < top, a, top)
                found.append((R, cut, tuple(int(b > cut) for b in v)))
    return found


def near(H, low, high, tolerance):
    """Return (row, offset, function) of every row of the box within the tolerance of a function."""
    found = []
    for R in product(range(low, high + 1), repeat=len(H[0])):
        v = [dot(R, h) for h in H]
        for g in product([0, 1], repeat=len(H)):
            least = max(b - a for a, b in zip(v, g, strict=True)) - tolerance
            most = min(b - a for a, b in zip(v, g, strict=True)) + tolerance
            if len(set(g)) == 2 and least <= most:
                found.append((R, least_denominator(lambda d, a=least, b=most: a <= d <= b, least, most), g))
    return found


def explanations(layers, place, inputs, threshold, tolerance, bounds, k, require, kind="threshold"):
    """Return {((row, number), ...): truth tables} of all explanations with k features at a place."""
    H = list(dict.fromkeys(tuple(forward(layers[:place], list(map(F, x)))) for x in inputs))
    above = layers[place:]
    listed = comparisons(H, *bounds) if kind == "threshold" else near(H, *bounds, tolerance)
    found = {}
    for chosen in combinations(sorted(listed), k):
        rows, functions = [c[0] for c in chosen], [c[2] for c in chosen]
        if any(
            a == b or all(p != q for p, q in zip(a, b, strict=True)) for a, b in combinations(functions, 2)
        ):
            continue
        inverted = inverse([[dot(a, b) for b in rows] for a in rows])
        if inverted is None:
            continue
        columns = [[dot(inverted[j], [row[i] for row in rows]) for j in range(k)] for i in range(len(H[0]))]
        if "mediation" in require and not mediates(above, rows, columns):
            continue
        tables = table(above, H, rows, columns, functions, threshold, tolerance) if len(require) > 1 else ()
        if tables is not None:
            found[tuple((row, number) for row, number, _ in chosen)] = tables
    return found


def mediates(above, rows, columns):
    """Return whether every unit of the next layer that reaches an output is a combination of the rows."""
    alive = set(range(len(above[-1][0])))
    for W, _, _ in reversed(above[1:]):
        alive = {j for i in alive for j, w in enumerate(W[i]) if w}
    for i in alive:
        W = above[0][0][i]
        gain = [dot(W, column) for column in zip(*columns, strict=True)]
        if any(dot(gain, [row[c] for row in rows]) != W[c] for c in range(len(W))):
            return False
    return True


def table(above, H, rows, columns, functions, threshold, tolerance):
    """Return the truth table of every output, if no donor or base changes it and every feature matters."""
    k, shown = len(rows), []
    for u in product([0, 1], repeat=k):
        donors = [
            {dot(row, h) for h, bit in zip(H, g, strict=True) if bit == want}
            for row, g, want in zip(rows, functions, u, strict=True)
        ]
        seen = set()
        for h, *given in product(H, *donors):
            moves = [v - dot(row, h) for v, row in zip(given, rows, strict=True)]
            after = [v + dot(column, moves) for v, column in zip(h, columns, strict=True)]
            seen.add(decode(forward(above, after), threshold, tolerance))
            if len(seen) > 1 or None in seen:
                return None
        shown.append(seen.pop())
    if any(all(shown[u] == shown[u ^ (1 << (k - 1 - j))] for u in range(2**k)) for j in range(k)):
        return None
    return tuple("".join(map(str, column)) for column in zip(*shown, strict=True))
