"""NearStage → features: every row of the box of coefficients is tried, by floats and then exactly."""

from collections.abc import Iterator
from fractions import Fraction
from math import prod

import numpy as np

from verifier.arrays import Array
from verifier.balls.reals import bounds
from verifier.engine.enumeration.features import Features, collect
from verifier.engine.enumeration.near import HALF, NearStage
from verifier.verdict import UndecidedError

MAX_CELLS = 2**30
CELLS = 2**22
TOO_LARGE = "activations or coefficients are too large for floats to tell which readouts to try"


def features(stage: NearStage) -> Features:
    """Return every feature of the space: each row of the box is tried.

    Raises:
        UndecidedError: too many rows, the time is up, or values are too close to the tolerance.
    """
    rows, functions = [np.zeros((0, stage.m), dtype=np.int64)], [np.zeros((0, stage.n_rows), dtype=bool)]
    for block in near(stage):
        for row in block:
            stage.tick()
            found = stage.decided(tuple(map(Fraction, row.tolist())))
            if found is not None:
                rows.append(row[None])
                functions.append(np.array([found[1]]))
    return collect(stage, np.concatenate(rows), np.concatenate(functions))


def near(stage: NearStage) -> Iterator[Array]:
    """Yield, in blocks, all rows of the box that may read a function; few others.

    Each activation h is within e of a float F. Let S be the largest Σ|R_c| and A the largest |F|, both 1 or
    more, and m the number of units. Then R·F is within S·e of R·h, and its rounded sum within
    γ_m S·A <= 2m·2^-53·S·A of that, in whatever order it is added (N. J. Higham, Accuracy and Stability of
    Numerical Algorithms, 2002, section 3.1; products with whole numbers do not underflow). Two such sums are
    subtracted, then a bit, then two of those: five roundings of numbers up to 2S·A + 1 or so. All this is
    within 4ε for ε = S·e + (m + 4)·2^-51·S·A. Where 4ε < 1/2 - 2τ, the floats of a row that reads a function
    tell the bits of the exact values, and values minus bits span at most 2τ + 4ε.

    Raises:
        UndecidedError: the box is too large, the numbers are too large for floats, or the time is up.
    """
    assert stage.space.coefficients is not None
    low, high = stage.space.coefficients
    count = (high - low + 1) ** sum(unit not in stage.space.must_not_use for unit in stage.units)
    if count * stage.n_rows > MAX_CELLS:
        told = f"{count} rows of coefficients on {stage.n_rows} hidden rows"
        raise UndecidedError(f"{told} are too many to try (at most 2^30 together)")
    columns = [np.array(values, dtype=np.int64) for values in stage.values()]
    ends = [[bounds(value) for value in h] for h in stage.level.rows]
    largest = max(abs(end) for h in ends for pair in h for end in pair)
    S = max(1, sum(int(np.abs(values).max(initial=0)) for values in columns))
    if largest > 2**50:
        raise UndecidedError(TOO_LARGE)
    F = np.array([[float((a + b) / 2) for a, b in h] for h in ends])
    e = max(
        max(abs(Fraction(float(f)) - a), abs(Fraction(float(f)) - b))
        for h, of in zip(ends, F, strict=True)
        for (a, b), f in zip(h, of, strict=True)
    )
    A = max(Fraction(1), Fraction(float(np.abs(F).max())))
    margin = 4 * (S * e + (stage.m + 4) * Fraction(1, 2**51) * S * A)
    if margin >= HALF - 2 * stage.tolerance:
        raise UndecidedError(TOO_LARGE)
    most = float(2 * stage.tolerance + margin)
    size = max(1, CELLS // (stage.n_rows + stage.m))
    sizes = [len(values) for values in columns]
    for start in range(0, prod(sizes), size):
        stage.tick()
        places = np.unravel_index(np.arange(start, min(start + size, prod(sizes))), sizes)
        R = np.stack([values[at] for values, at in zip(columns, places, strict=True)], axis=1)
        values = R @ F.T
        values -= values.min(axis=1)[:, None]
        bits = values > 0.5
        values -= bits
        spread = values.max(axis=1) - values.min(axis=1)
        yield R[bits.any(axis=1) & (spread <= most)]
