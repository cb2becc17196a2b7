"""Readouts of concepts by brute force: every row of whole coefficients in a box, in plain fractions.

Nothing of the package is used but the weights as they are written down.
"""

from fractions import Fraction
from itertools import product


def run(W, b, kind, x):
    """Return the activations of one layer."""
    act = {
        "step": lambda z: Fraction(z > 0),
        "relu": lambda z: max(z, Fraction(0)),
        "identity": lambda z: z,
        "hard_tanh": lambda z: min(max(z, Fraction(-1)), Fraction(1)),
    }[kind]
    return [act(sum((w * v for w, v in zip(row, x, strict=True)), c)) for row, c in zip(W, b, strict=True)]


def best(rows, bits, form, tolerance, bound):
    """Return ((units, sum of |c|) of the smallest readout, largest margin); None where there is none."""
    smallest = widest = None
    for R in product(range(-bound, bound + 1), repeat=len(rows[0])):
        values = [sum(c * h for c, h in zip(R, row, strict=True)) for row in rows]
        ones = [v for v, bit in zip(values, bits, strict=True) if bit]
        zeros = [v for v, bit in zip(values, bits, strict=True) if not bit]
        if form == "threshold":
            gap = min(ones) - max(zeros)
            if gap <= 0:
                continue
            margin = gap / max(map(abs, R))
            widest = margin if widest is None else max(widest, margin)
        else:
            low = max([1 - tolerance - v for v in ones] + [-tolerance - v for v in zeros])
            high = min([1 + tolerance - v for v in ones] + [tolerance - v for v in zeros])
            if low > high:
                continue
        cost = sum(c != 0 for c in R), sum(map(abs, R))
        smallest = cost if smallest is None else min(smallest, cost)
    return smallest, widest


def best_of_sigmoids(rows, bits, form, tolerance, bound):
    """Return as `best`, of rows of high-precision numbers; None for a cost where something is too close."""
    from mpmath import mpf

    close = mpf(10) ** -20
    smallest = widest = None
    tolerance = mpf(tolerance.numerator) / tolerance.denominator
    for R in product(range(-bound, bound + 1), repeat=len(rows[0])):
        values = [sum(c * h for c, h in zip(R, row, strict=True)) for row in rows]
        ones = [v for v, bit in zip(values, bits, strict=True) if bit]
        zeros = [v for v, bit in zip(values, bits, strict=True) if not bit]
        if form == "threshold":
            room = min(ones) - max(zeros)
        else:
            room = min([1 + tolerance - v for v in ones] + [tolerance - v for v in zeros]) - max(
                [1 - tolerance - v for v in ones] + [-tolerance - v for v in zeros]
            )
        if room < close:  # equal values are no margin; nearly equal ones do not occur with these weights
            assert abs(room) < mpf(10) ** -60 or room < -close
            continue
        if form == "threshold":
            margin = room / max(map(abs, R))
            widest = margin if widest is None else max(widest, margin)
        cost = sum(c != 0 for c in R), sum(map(abs, R))
        smallest = cost if smallest is None else min(smallest, cost)
    return smallest, widest
