"""Stage → explanations by the plain loop: Z3 finds one, it is decided exactly and blocked, and again.

This is the reference for every space. It asks for k features at once, so each round is one call of the
solver; a hidden row that an input of the domain adds is one more constraint of the same solver.
Completeness: every explanation of the space satisfies the constraints, and leaves them only by being
blocked, which happens to what was listed, and to what `examine` has shown not to be an explanation.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import lcm

from verifier.engine.enumeration.cosets import Cosets
from verifier.engine.enumeration.examine import Accepted, examine
from verifier.engine.enumeration.listing import Found, Order
from verifier.engine.enumeration.stage import Readout, Stage
from verifier.linear import dot
from verifier.network import Row
from verifier.smt.explanations import Loop, Question


def explanations(
    stage: Stage,
    k: int,
    known: Sequence[Found],
    cosets: Cosets | None,
    loops: list[Loop] | None = None,
) -> Iterator[list[Found]]:
    """Yield the explanations with k features that are not among the known.

    With `cosets` readouts are told up to the kernel lattice, and sets of functions are listed. The loop that
    found nothing more is added to `loops`.

    Raises:
        UndecidedError: Z3 gave up, or `examine` did.
    """
    placed = [want for want in stage.given if want is not None and isinstance(want[0], tuple)]
    fixed = list(dict.fromkeys(placed))
    if None in stage.given or len(fixed) > k:
        return
    if len(fixed) == k:
        already = {item.features for item in known}
        for found in _accepted(stage, fixed):
            yield [item for item in found if item.features not in already]
        return
    question = _question(stage, k - len(fixed), fixed)
    if question is None:
        return
    loop = Loop(question, stage.limits)
    _restrict(stage, loop)
    for item in known:
        unknown = [readout for readout in item.readouts if readout not in fixed]
        for readouts in _images(stage, unknown) if stage.space.polarity else [unknown]:
            if cosets is not None:
                loop.block_functions([_bits(stage, *readout) for readout in readouts])
            else:
                loop.block([integers_of(row) for row, _ in sorted(readouts)])
    while (rows := loop.another()) is not None:
        readouts = [_readout(stage, row) for row in rows]
        if _grown(stage, loop, rows):
            continue
        if cosets is not None:
            for images in _images(stage, readouts) if stage.space.polarity else [readouts]:
                loop.block_functions([_bits(stage, *readout) for readout in images])
            yield from cosets.listed(readouts)
            continue
        verdict = examine(stage, _ordered([*fixed, *readouts]))
        loop.block(rows)
        if isinstance(verdict, Accepted):
            yield from _family(stage, loop, fixed, readouts)
            continue
        loop.excluded.append(f"{'  '.join(stage.text(*readout) for readout in readouts)}: {verdict.reason}")
        if verdict.condition == "gates":
            for row, readout in zip(rows, readouts, strict=True):
                if not stage.in_library(_bits(stage, *readout)):
                    loop.block_feature(row)
    if loops is not None:
        loops.append(loop)


def as_listed(stage: Stage, item: Found, cosets: Cosets | None) -> bool:
    """Return whether an explanation of an earlier run is one, as it would be listed today."""
    readouts = list(item.readouts)
    if any(len(row) != stage.m or stage.canonical(row, offset) != (row, offset) for row, offset in readouts):
        return False
    if not isinstance(examine(stage, readouts), Accepted):
        return False
    if cosets is not None:
        return any(item in batch for batch in cosets.listed(readouts))
    family = _images(stage, readouts) if stage.space.polarity else iter([readouts])
    accepted = [found for images in family for batch in _accepted(stage, images) for found in batch]
    return Order().ranked(accepted)[:1] == [item]


def _question(stage: Stage, k: int, fixed: list[Readout]) -> Question | None:
    """Return the question for k unknown features; None if a given readout reads no bit, so nothing fits."""
    D, den = stage.differences()
    known = []
    for row, offset in fixed:
        values = [dot(row, h) + offset for h in stage.rows]
        if set(values) != {0, 1} or stage.refute(row, (-offset, 1 - offset)) is not None:
            return None
        known.append((row, tuple(value == 1 for value in values)))
    layer = stage.network.layer(stage.place + 1)
    mediated = [(i, layer.W[i], dot(layer.W[i], stage.rows[0]) + layer.b[i]) for i in stage.reaching]
    return Question(
        D.tolist(),
        den.tolist(),
        stage.values() if stage.space.coefficients is not None else None,
        tuple(unit in stage.space.must_not_use for unit in stage.units),
        k,
        tuple(known),
        tuple(mediated) if stage.space.mediation else (),
        tuple(i for i in stage.watched if i not in stage.reaching),
        stage.beyond if stage.space.interchange else None,
    )


def _restrict(stage: Stage, loop: Loop) -> None:
    loop.distinct()
    for c, unit in enumerate(stage.units):
        if unit in stage.space.must_use:
            loop.use(c)
    for want in stage.given:
        if want is not None and not isinstance(want[0], tuple):
            loop.have([bool(bit) for bit in want])


def _grown(stage: Stage, loop: Loop, rows: tuple[tuple[int, ...], ...]) -> bool:
    """Add the rows of inputs on which a feature reads no bit; return whether there are any."""
    grown = False
    for row in rows:
        readout = _readout(stage, row)
        new = stage.refute(readout[0], (-readout[1], 1 - readout[1]))
        if new is not None:
            step = [a - b for a, b in zip(new, stage.rows[0], strict=True)]
            den = lcm(*(v.denominator for v in step))
            loop.add_row([int(v * den) for v in step], den)
            grown = True
    return grown


def _readout(stage: Stage, row: tuple[int, ...]) -> Readout:
    """Return the readout with this row, its offset such that the lesser of its two values is 0."""
    exact = tuple(map(Fraction, row))
    return exact, -min(dot(exact, h) for h in stage.rows)


def _bits(stage: Stage, row: Row, offset: Fraction) -> tuple[bool, ...]:
    return tuple(dot(row, h) + offset == 1 for h in stage.rows)


def _ordered(readouts: list[Readout]) -> list[Readout]:
    return sorted(readouts)


def integers_of(row: Row) -> tuple[int, ...]:
    """Return an integer row as integers."""
    return tuple(int(c) for c in row)


def _accepted(stage: Stage, readouts: list[Readout]) -> Iterator[list[Found]]:
    """Yield the readouts as an explanation if they are one."""
    ordered = _ordered(readouts)
    verdict = examine(stage, ordered)
    if isinstance(verdict, Accepted):
        yield [Found(tuple(stage.text(*readout) for readout in ordered), verdict.output)]


def _family(stage: Stage, loop: Loop, fixed: list[Readout], readouts: list[Readout]) -> Iterator[list[Found]]:
    """Yield an accepted explanation; or its whole class, blocked, where one per class is listed."""
    if not stage.space.polarity:
        yield from _accepted(stage, [*fixed, *readouts])
        return
    family: list[Found] = []
    for flipped in _images(stage, readouts):
        loop.block([integers_of(row) for row, _ in sorted(flipped)])
        for found in _accepted(stage, [*fixed, *flipped]):
            family += found
    yield Order().ranked(family)[:1]


def _images(stage: Stage, readouts: Sequence[Readout]) -> Iterator[list[Readout]]:
    """Yield the readouts with every choice of them complemented."""
    for flips in product([False, True], repeat=len(readouts)):
        yield [stage.complement(*r) if flip else r for r, flip in zip(readouts, flips, strict=True)]
