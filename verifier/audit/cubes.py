"""Cube lines → nothing, or what is false: they tile the box, hold all readouts, and their proofs check."""

import lzma
from collections.abc import Sequence
from itertools import pairwise
from math import prod
from pathlib import Path

import numpy as np

from verifier.audit.evaluate import State
from verifier.audit.flaw import BeyondError, FlawError, got
from verifier.audit.lines import Cube, Proof
from verifier.audit.table import Table
from verifier.certificate import digest, show_feature

MAX_PROOF = 2**31


def allowed(state: State) -> list[range]:
    """Return the integers every column may have.

    Raises:
        BeyondError: there are no bounds.
    """
    space = state.query.space
    if space.bounds is None:
        raise BeyondError("no bounds")
    low, high = space.bounds
    return [range(1) if c in space.must_not_use else range(low, high + 1) for c in range(state.m)]


def check_tiling(cubes: Sequence[Cube], values: Sequence[range], complete: bool) -> None:
    """Check that cubes lie in the box, are disjoint and, if `complete`, ascend and leave nothing out.

    Raises:
        FlawError: the first cube that does not.
    """
    for cube in cubes:
        if len(cube.prefix) > len(values):
            raise FlawError(cube.line, f"cube: expected at most {len(values)} coefficients")
        for c, (value, column) in enumerate(zip(cube.prefix, values, strict=False)):
            if value not in column:
                raise FlawError(cube.line, f"cube: coefficient {c + 1} is {got(value)}, outside the box")
    for before, cube in pairwise(cubes if complete else sorted(cubes, key=lambda c: (c.prefix, c.line))):
        if cube.prefix[: len(before.prefix)] == before.prefix:
            message = f"the cube {got(list(cube.prefix))} lies in the cube of line {before.line}"
            raise FlawError(cube.line, f"cubes overlap: {message}")
        if not before.prefix < cube.prefix:
            raise FlawError(cube.line, f"expected cubes in ascending order, got {got(list(cube.prefix))}")
    points = sum(_points(values[len(cube.prefix) :]) for cube in cubes)
    if complete and points != _points(values):
        hole = _hole([cube.prefix for cube in cubes], values, ())
        message = f"the cubes leave out the readouts that begin with {got(list(hole))}"
        raise FlawError(cubes[-1].line, message)


def _points(values: Sequence[range]) -> int:
    return prod(column.stop - column.start for column in values)


def _hole(
    prefixes: Sequence[tuple[int, ...]], values: Sequence[range], at: tuple[int, ...]
) -> tuple[int, ...]:
    """Return a shortest prefix that no cube covers, below a prefix that cubes do not cover whole."""
    while True:
        for value in values[len(at)]:
            below = [p for p in prefixes if p[: len(at) + 1] == (*at, value)]
            if not below:
                return (*at, value)
            rest = _points(values[len(at) + 1 :])
            if sum(_points(values[len(p) :]) for p in below) != rest:
                at = (*at, value)
                break
        else:
            return at


def check_members(table: Table, cubes: Sequence[Cube], numbers: Sequence[int], complete: bool) -> None:
    """Check that every readout of a cube is in it, ascending; if `complete`, that all of the table are there.

    `numbers` says which feature of the table each readout of the pool is.

    Raises:
        FlawError: the first cube with a readout too many or too few.
    """
    for cube in cubes:
        listed = [numbers[i] for i in cube.readouts]
        for f in listed:
            if table.row(f)[: len(cube.prefix)] != cube.prefix:
                raise FlawError(cube.line, f"the readout {_show(table, f)} is not in the cube")
        if any(a >= b for a, b in pairwise(listed)):
            raise FlawError(cube.line, "expected different readouts in ascending order")
    left = set(np.nonzero(table.readable())[0].tolist()) - {numbers[i] for c in cubes for i in c.readouts}
    if complete and left:
        first = table.row(min(left))
        line = next(cube.line for cube in cubes if first[: len(cube.prefix)] == cube.prefix)
        raise FlawError(line, f"the cube misses the readout {_show(table, min(left))}")


def _show(table: Table, f: int) -> str:
    return show_feature(*table.readout(f))


def check_proofs(table: Table, cubes: Sequence[Cube], numbers: Sequence[int], folder: Path) -> int:
    """Return how many proofs refute that their cube holds another readout.

    Raises:
        FlawError: a proof that is not the one named, or proves nothing.
        BeyondError: a proof that is not there, or whose clauses are too many.
    """
    from verifier.audit import cnf, lrat

    proved = [(cube, cube.proof) for cube in cubes if cube.proof is not None]
    if not proved:
        return 0
    try:
        base = cnf.Base.of(table.state.H, allowed(table.state))
    except cnf.TooLargeError as error:
        raise BeyondError(f"the proofs cannot be checked: {error}") from None
    for cube, proof in proved:
        text = _read(cube, proof, folder)
        blocked = [table.R[numbers[i]].tolist() for i in cube.readouts]
        reason = lrat.check(base.cube(cube.prefix, blocked), text)
        if reason is not None:
            raise FlawError(cube.line, f"the proof {proof.file} does not refute another readout: {reason}")
    return len(proved)


def _read(cube: Cube, proof: Proof, folder: Path) -> str:
    try:
        packed = (folder / proof.file).read_bytes()
    except (OSError, ValueError):
        raise BeyondError(f"the proof {proof.file} of line {cube.line} cannot be opened") from None
    found = digest(packed)
    if found != proof.sha256:
        raise FlawError(cube.line, f"the digest of the proof {proof.file} is {found}, got {proof.sha256}")
    unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=2**30)
    try:
        text = unpacker.decompress(packed, MAX_PROOF).decode("ascii")
    except (lzma.LZMAError, UnicodeDecodeError, EOFError) as error:
        raise FlawError(cube.line, f"the proof {proof.file} is no xz-compressed text: {error}") from None
    if not unpacker.eof:
        if unpacker.needs_input:
            raise FlawError(cube.line, f"the proof {proof.file} is cut off")
        raise BeyondError(f"the proof {proof.file} is longer than {MAX_PROOF} bytes")
    return text
