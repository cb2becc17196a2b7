"""The list of a network with sigmoids → nothing, or what is false: all that can be told without their values.

What a readout reads, what a write does and whether an explanation is missing hang on values of sigmoids,
which the auditor does not compute.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import gcd

import numpy as np

from verifier.audit import plain, sets
from verifier.audit.evaluate import inputs_of
from verifier.audit.flaw import FlawError
from verifier.audit.forward import alive_units
from verifier.audit.library import Membership
from verifier.audit.lines import Lines, Listed, Readout
from verifier.audit.listed import check_form, disorder_of
from verifier.audit.query import CUT, Query, Space
from verifier.audit.values import Row
from verifier.certificate import show_feature

GAP = "no sigmoid is evaluated here, so what is read and written, and what is missing, was not checked"


def check(lines: Lines, query: Query) -> int:
    """Return the number of classes listed.

    Raises:
        FlawError: the first line that is false or out of form.
        BeyondError: the domain is too large to list.
    """
    space = query.space
    compared = space.readouts == CUT
    if space.bounds is None or (not compared and 4 * query.tolerance >= 1):
        raise FlawError(1, "query: expected bounds on the coefficients, and a tolerance below 1/4")
    if not any(len(x) for x in inputs_of(query)):
        raise FlawError(1, "query.domain: expected at least one input, the domain is empty")
    if lines.cubes:
        raise FlawError(lines.cubes[0].line, "expected no cubes, as values of sigmoids are not exact")
    readouts = lines.pool.readouts
    for readout, line in zip(readouts, lines.pool.lines, strict=True):
        problem = _readout(query, readout)
        if problem is not None:
            raise FlawError(line, problem)
    offsets: dict[Row, Fraction] = {}
    for (row, offset), line in zip(readouts, lines.pool.lines, strict=True):
        other, opposite = _complement((row, offset), compared)
        if not compared and (
            offsets.setdefault(row, offset) != offset or offsets.setdefault(other, opposite) != opposite
        ):
            raise FlawError(line, f"{show_feature(row, offset)}: the row was listed with another offset")
    order = sorted(range(len(readouts)), key=readouts.__getitem__)
    rank = {i: number for number, i in enumerate(order)}
    unsigned = [min(readout, _complement(readout, compared)) for readout in readouts]
    places = [tuple(rank[i] for i in item.features) for item in lines.explanations]
    disorder = disorder_of(places, lines.explanations, lines.footer is not None and lines.footer.complete)
    classes: dict[frozenset[Readout], int] = {}
    for item, place in zip(lines.explanations, places, strict=True):
        check_form(query, item, place)
        problem = _explanation(query, item, [readouts[i] for i in item.features])
        if problem is not None:
            raise FlawError(item.line, problem)
        if disorder is not None and disorder.line == item.line:
            raise disorder
        line = classes.setdefault(frozenset(unsigned[i] for i in item.features), item.line)
        if space.polarity and line != item.line:
            raise FlawError(item.line, f"the class of line {line} again")
    footer = lines.footer
    if footer is not None and footer.classes != len(classes):
        reason = f"classes: the list has {len(classes)}, the footer says {footer.classes}"
        raise FlawError(footer.line, reason)
    if footer is not None and footer.bound_binding is not None:
        raise FlawError(footer.line, "bound_binding: expected null, as only readouts in the box are tried")
    return len(classes)


def _complement(readout: Readout, compared: bool) -> Readout:
    row, number = readout
    return tuple(-c for c in row), -number if compared else 1 - number


def _is_given(space: Space, row: Row) -> bool:
    """Return whether a row is, or of a comparison may be, that of a given readout."""
    rows = [given.row for given in space.given if given.row is not None]
    return any(plain.dependent([row, one]) for one in rows) if space.readouts == CUT else row in rows


def _readout(query: Query, readout: Readout) -> str | None:
    """Return what is wrong with a readout by itself, or None."""
    (row, _), space = readout, query.space
    compared = space.readouts == CUT
    text = show_feature(*readout, cut=compared)
    if len(row) != query.width:
        return f"expected readouts of {query.width} coefficients, got {len(row)}"
    low, high = space.bounds or (0, 0)
    if compared and (any(v.denominator > 1 for v in row) or gcd(*map(int, row)) != 1):
        return f"the coefficients of {text} are not coprime integers"
    if not _is_given(space, row):
        for value in row:
            if value.denominator != 1 or not low <= value <= high:
                return f"the coefficient {value} of {text} is no integer from {low} to {high}"
    if any(row[column] for column in space.must_not_use):
        return f"the readout {text} uses a unit that must not be used"
    return None


def _explanation(query: Query, item: Listed, readouts: Sequence[Readout]) -> str | None:
    """Return what is wrong with a listed explanation, as far as rows and truth tables show it, or None."""
    space, k = query.space, len(readouts)
    rows = [row for row, _ in readouts]
    if plain.dependent(rows):
        return "the readouts are linearly dependent"
    above = query.layers[space.place]
    for i in alive_units(query, ties=False)[space.place] if space.mediation else ():
        if plain.combination(rows, above.W[i]) is None:
            return f"mediation: the row of {above.units[i]} is not in the span"
    if any(not any(row[column] for row in rows) for column in space.must_use):
        return "no readout uses a unit that must be used"
    for given in space.given:
        if given.row is not None and not any(_is_given(replace(space, given=(given,)), row) for row in rows):
            return "a given feature is missing"
    for j in range(k) if item.output is not None else ():
        step = 1 << (k - 1 - j)
        if all(table[u] == table[u ^ step] for table in item.output or () for u in range(1 << k)):
            return f"the feature {show_feature(*readouts[j])} is not essential to any output"
    if item.output is not None and not space.output_gates.free(k):
        membership = Membership(space.output_gates, sets.assignments(k) == 1)
        for table in item.output:
            if not membership.contains(np.array([bit == "1" for bit in table])):
                return f"the function {table} is not in the library of output gates"
    return None
