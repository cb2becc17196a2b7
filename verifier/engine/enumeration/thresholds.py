"""CutStage → explanations: sets of rows, each with the gaps that its outputs ask for.

With interchange a set of rows is an explanation with one choice of gaps at most (`gaps.py`), so rows are
joined, not features. Without, every choice of gaps with different functions is one. Rows are taken up to
sign, and each set found is expanded by the signs that are in the space.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from itertools import product as choices
from math import gcd, prod

import numpy as np

from verifier.arrays import Array, integers
from verifier.engine.enumeration.cuts import CutStage
from verifier.engine.enumeration.examine import Accepted, Rejected, broken, examine, mediated
from verifier.engine.enumeration.gaps import Grid, cut_at
from verifier.engine.enumeration.join import candidates
from verifier.engine.enumeration.listing import Found
from verifier.engine.enumeration.sieve import Sieve
from verifier.engine.enumeration.stage import Readout, Stage
from verifier.errors import InternalError
from verifier.linear import dependency, direction
from verifier.network import Row
from verifier.verdict import UndecidedError

MAX_CELLS = 2**24
MAX_SETS = 2**22


def rows_of(stage: CutStage) -> list[Row]:
    """Return the rows of the box that are not constant on the domain, coprime and up to sign; and given ones.

    Raises:
        UndecidedError: they are too many, values are too close to tell apart, or the time is up.
    """
    values = stage.values()
    count = prod(map(len, values))
    if count * stage.n_rows > MAX_CELLS:
        told = f"{count} rows of coefficients on {stage.n_rows} hidden rows"
        raise UndecidedError(f"{told} are too many to try (at most 2^24 together)")
    box = (direction(tuple(map(Fraction, row))) for row in choices(*values) if gcd(*row) == 1)
    placed = (want[0] for want in stage.given if want is not None and isinstance(want[0], tuple))
    rows = dict.fromkeys([*box, *map(direction, placed)])
    found = []
    for row in rows:
        stage.tick()
        if len(stage.ladder(row).values) > 1:
            found.append(row)
    return sorted(found)


def explanations(stage: CutStage, rows: Sequence[Row]) -> Iterator[list[Found]]:
    """Yield the explanations that rows up to sign make up, those of one set of rows at a time.

    Raises:
        UndecidedError: as `rows_of`, or a case of an interchange is too close to decide.
    """
    low, high = stage.space.features
    for k in range(low, min(high, stage.m) + 1):
        for readouts in _interchanging(stage, rows, k) if stage.space.interchange else _free(stage, rows, k):
            stage.tick()
            accepted = examine(stage, readouts, restrict=False)
            if isinstance(accepted, Accepted):
                found = expand(stage, readouts, accepted)
                if found:
                    yield found
            elif accepted.condition != "distinct":
                raise InternalError(f"a set of rows that is no explanation: {accepted.reason}")


def _interchanging(stage: CutStage, rows: Sequence[Row], k: int) -> Iterator[list[Readout]]:
    """Yield the readouts of each set of k rows that can be an explanation."""
    whole = np.array([[int(c) for c in row] for row in rows], dtype=object).reshape(len(rows), stage.m)
    R = integers(whole, int(np.abs(whole).max(initial=0)))
    layer = stage.network.layer(stage.place + 1)
    targets = [layer.W[i] for i in stage.reaching] if stage.space.mediation else None
    sieve = None if stage.network.smooth or not len(rows) else Sieve(stage, R)
    for members in candidates(R, targets, k, stage.limits):
        for chosen in _sieved(stage, sieve, rows, members).tolist():
            picked = tuple(rows[i] for i in chosen)
            gaps = Grid.of(stage, picked).gaps()
            if gaps is not None:
                yield [(row, cut_at(stage, row, gap)) for row, gap in zip(picked, gaps, strict=True)]


def _sieved(stage: CutStage, sieve: Sieve | None, rows: Sequence[Row], members: Array) -> Array:
    """Return the sets that are left to decide: independent ones that mediate, if they must."""
    if sieve is not None:
        return sieve.kept(members)
    sets = [[rows[i] for i in chosen] for chosen in members.tolist()]
    return np.asarray(members[np.array([_independent(stage, some) for some in sets], dtype=bool)])


def _independent(stage: CutStage, rows: Sequence[Row]) -> bool:
    names = [f"f{j + 1}" for j in range(len(rows))]
    readouts = [(row, Fraction(0)) for row in rows]
    return dependency(rows) is None and not isinstance(mediated(stage, readouts, names), Rejected)


def _free(stage: CutStage, rows: Sequence[Row], k: int) -> Iterator[list[Readout]]:
    """Yield the readouts of every choice of gaps with functions that are neither equal nor complementary."""
    heights = [len(stage.ladder(row).values) - 1 for row in rows]
    total = sum(prod(some) for some in combinations(heights, k)) if len(rows) < 2**10 or k == 1 else MAX_SETS
    if total >= MAX_SETS:
        raise UndecidedError(f"{total} or more sets of {k} comparisons are too many (at most 2^22)")
    for picked in combinations(rows, k):
        if dependency(picked) is not None:
            continue
        ladders = [stage.ladder(row) for row in picked]
        for gaps in choices(*(range(len(ladder.values) - 1) for ladder in ladders)):
            functions = [ladder.function(gap) for ladder, gap in zip(ladders, gaps, strict=True)]
            signed = {tuple(bit is not one[0] for bit in one) for one in functions}
            if len(signed) == k:
                yield [(row, cut_at(stage, row, gap)) for row, gap in zip(picked, gaps, strict=True)]


def expand(stage: Stage, readouts: Sequence[Readout], accepted: Accepted) -> list[Found]:
    """Return the explanations of readouts with every choice of signs; the least one, up to polarity."""
    found = []
    k = len(readouts)
    for flips in choices([False, True], repeat=k):
        signed = [stage.complement(*r) if flip else r for r, flip in zip(readouts, flips, strict=True)]
        order = sorted(range(k), key=signed.__getitem__)
        ordered = [signed[j] for j in order]
        output = tuple(_reordered(table, order, flips) for table in accepted.output)
        if broken(stage, ordered, output) is None:
            found.append((ordered, output))
    found.sort()
    kept = found[:1] if stage.space.polarity else found
    return [Found(tuple(stage.text(*r) for r in ordered), output) for ordered, output in kept]


def _reordered(table: str, order: Sequence[int], flips: Sequence[bool]) -> str:
    """Return a truth table with features in another order, some of them complemented."""
    k = len(order)
    told = []
    for u in choices([False, True], repeat=k):
        old = 0
        for place, j in enumerate(order):
            old |= (u[place] ^ flips[j]) << (k - 1 - j)
        told.append(table[old])
    return "".join(told)
