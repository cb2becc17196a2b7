"""Stage → Features: every single readout of the space, and what says that there is no other.

Work is done by cubes, the readouts that share their first coefficients: an exact search proposes all
readouts, each is replayed, and for each cube Z3 is asked for another one. Where the rows are a sample of
the domain, a proposal that some input refutes adds that input's row; once nothing is refuted, Z3 judges
against these rows: what has no other solution on a sample has none on the domain, so the list is complete
all the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from verifier.arrays import Array, distinct, integers, product
from verifier.engine.enumeration.propose import Hull, ascending, bounded
from verifier.engine.enumeration.stage import Readout, Stage
from verifier.errors import InternalError
from verifier.linear import dot
from verifier.network import Row
from verifier.verdict import Limits

CUBE_SIZE = 5000
MOST_BRANCHES = 1000
SAMPLE = 200
NEW_ROWS = 32

Cube = tuple[int, ...]
Propose = Callable[[Hull, list[list[int]], Limits], Array]


@dataclass(frozen=True)
class Features:
    """Single readouts up to polarity, those with bit 0 at the first row: row j is R[j] / scale[j].

    `bits` (F x N) holds the functions on the kept rows; `listed` (F x 2) says whether the feature itself and
    its complement (-R, 1 - d) are in the space.
    """

    R: Array
    scale: Array
    bits: Array
    listed: Array

    def __len__(self) -> int:
        return len(self.R)

    @property
    def count(self) -> int:
        """How many features there are, complements counted."""
        return int(self.listed.sum())


def readout(stage: Stage, features: Features, j: int, complement: bool = False) -> Readout:
    """Return the row and the offset of feature j, or of its complement."""
    row: Row = tuple(Fraction(int(c), int(features.scale[j])) for c in features.R[j])
    offset = stage.offset(row)
    return (tuple(-c for c in row), 1 - offset) if complement else (row, offset)


def cubes(rows: Array, values: list[list[int]], most: int = CUBE_SIZE) -> list[Cube]:
    """Return prefixes that tile the box, each with at most so many of the rows (if a prefix can tell)."""
    done: list[Cube] = []
    pending: list[tuple[Cube, Array]] = [((), rows)]
    while pending:
        prefix, inside = pending.pop()
        c = len(prefix)
        if len(inside) <= most or c == len(values) or len(values[c]) > MOST_BRANCHES:
            done.append(prefix)
        else:
            pending += [((*prefix, v), inside[inside[:, c] == v]) for v in values[c]]
    return sorted(done)


def tile(prefixes: Sequence[Cube], values: Sequence[Sequence[int]]) -> bool:
    """Return whether every point of the box lies in exactly one cube.

    >>> tile([(0,), (1, 0), (1, 1)], [[0, 1], [0, 1]]), tile([(0,), (1, 1)], [[0, 1], [0, 1]])
    (True, False)
    """

    def covered(prefix: Cube, below: Sequence[Cube]) -> bool:
        if list(below) == [prefix]:
            return True
        c = len(prefix)
        if c == len(values) or any(len(p) <= c or p[c] not in values[c] for p in below):
            return False
        return all(covered((*prefix, v), [p for p in below if p[c] == v]) for v in values[c])

    return covered((), prefixes)


def judged(
    stage: Stage,
    hull: Hull,
    proposed: Array,
    values: list[list[int]],
    on_cube: Callable[[Cube, Array], None] | None = None,
) -> Iterator[Array]:
    """Yield the complete list of readouts of every cube: those proposed, and what Z3 finds besides.

    Raises:
        UndecidedError: Z3 gave up.
        InternalError: cubes that do not tile the box.
    """
    from verifier.smt.readouts import Judge

    if not all(values):  # a coefficient with no value: no readouts
        yield proposed
        return
    prefixes = cubes(proposed, values)
    if not tile(prefixes, values):
        raise InternalError("cubes that do not tile the box")
    judge = Judge(hull.D, hull.den, values, stage.limits)
    for prefix in prefixes:
        inside = proposed[(proposed[:, : len(prefix)] == np.array(prefix, dtype=np.int64)).all(axis=1)]
        others = judge.others(prefix, [tuple(row) for row in inside.tolist()])
        if others:
            inside = ascending(np.concatenate([inside, np.array(others, dtype=np.int64)]))
        if on_cube is not None:
            on_cube(prefix, inside)
        yield inside


def collect(stage: Stage, rows: Array, bits: Array) -> Features:
    """Return the features with these integer rows, which are these functions, and the given ones."""
    first = bits[:, 0]
    zero = np.where(first[:, None], -rows, rows)
    where, index = distinct(list(zero.T)) if len(rows) else (np.zeros(0, dtype=np.int64),) * 2
    listed = np.zeros((len(where), 2), dtype=bool)
    listed[index, first.astype(np.int64)] = True
    R, bits = zero[where], bits[where] ^ first[where][:, None]
    scale = np.ones(len(where), dtype=np.int64)
    for want in stage.given:
        extra = (
            _given(stage, want, R, scale, listed) if want is not None and isinstance(want[0], tuple) else None
        )
        if extra is not None:
            R, scale = np.concatenate([R, extra[0]]), np.concatenate([scale, extra[1]])
            bits, listed = np.concatenate([bits, extra[2]]), np.concatenate([listed, extra[3]])
    if not stage.space.gates.unrestricted:
        for polarity in (0, 1):
            for j in np.flatnonzero(listed[:, polarity]).tolist():
                listed[j, polarity] = stage.in_library(bits[j] ^ bool(polarity))
    kept = listed.any(axis=1)
    return Features(R[kept], scale[kept], bits[kept], listed[kept])


def _given(
    stage: Stage, want: Readout, R: Array, scale: Array, listed: Array
) -> tuple[Array, Array, Array, Array] | None:
    """Return a given feature as one more row of `Features`; None if it is there, or no readout."""
    row, offset = want
    function = stage.function(row, offset)
    if function is None:
        return None
    if any(c and unit in stage.space.must_not_use for c, unit in zip(row, stage.units, strict=True)):
        return None
    first = int(function[0])
    den = lcm(*(c.denominator for c in row))
    whole = np.array([int(c * den) * (-1) ** first for c in row], dtype=object)
    known = np.flatnonzero((whole == R).all(axis=1) & (scale == den))
    if len(known):
        listed[known[0], first] = True
        return None
    bits = np.array([function]) ^ bool(first)
    flags = np.zeros((1, 2), dtype=bool)
    flags[0, first] = True
    row_array = integers(whole[None, :], int(np.abs(whole).max()))
    return row_array, np.array([den], dtype=np.int64), bits, flags


def search(stage: Stage, propose: Propose = bounded) -> tuple[Hull, Array]:
    """Return the hull of the rows and the proposed readouts (F x m integers, ascending).

    Rows are added to a stage that does not hold all of them until no input of the domain refutes a proposal.
    """
    values = stage.values()
    negated = [[-v for v in reversed(column)] for column in values]
    while True:
        hull = Hull.of(stage)
        zero = propose(hull, values, stage.limits)
        one = -(zero if negated == values else propose(hull, negated, stage.limits))
        found = ascending(np.concatenate([zero, one]))
        if not refuted(stage, found):
            return hull, found


def refuted(stage: Stage, found: Array) -> bool:
    """Add the rows of inputs on which a readout reads no bit; return whether there are any."""
    if stage.whole:
        return False
    spread = np.random.default_rng(0).permutation(len(found))
    known = len(stage.rows)
    for number, j in enumerate(spread.tolist()):
        if (number >= SAMPLE and len(stage.rows) > known) or len(stage.rows) >= known + NEW_ROWS:
            break
        row = tuple(Fraction(int(c)) for c in found[j])
        values = {dot(row, h) for h in stage.rows}
        if len(values) == 2 and max(values) - min(values) == 1:
            stage.refute(row, sorted(values))
    return len(stage.rows) > known


def replayed(hull: Hull, rows: Array) -> Array:
    """Return the bits of readouts on the rows (F x N), recomputed.

    Raises:
        InternalError: a readout that reads anything but a bit, or the same everywhere.
    """
    sums = product(rows, hull.D.T)
    up, down = sums == hull.den, sums == -hull.den
    first = down.any(axis=1)
    if not ((up | down | (sums == 0)).all() and (up.any(axis=1) ^ first).all()):
        raise InternalError("a proposed readout does not replay")
    bits = np.concatenate([np.zeros((len(rows), 1), dtype=bool), up | down], axis=1)
    return np.asarray(bits ^ first[:, None])
