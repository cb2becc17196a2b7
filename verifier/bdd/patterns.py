"""Diagrams of a layer's units → the image of the domain: the rows of activations that inputs reach."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from verifier.bdd.count import count
from verifier.bdd.decide import Query
from verifier.network import Row
from verifier.sums import Sum


def distinct_rows(query: Query, place: int, most: int) -> list[Row] | None:
    """Return the rows of activations at a place that inputs of the domain reach; None if over `most`.

    None too where a unit has more than two values. Units are decided one after the other, each on the inputs
    that led so far, so that the work is one step per unit and row.

    Raises:
        UndecidedError: the node limit or the time limit was reached.
    """
    units = _two_valued(query, place)
    if units is None:
        return None
    alg = query.alg
    reached: list[tuple[Row, Any]] = [((), alg.care)]
    for unit in units:
        longer: list[tuple[Row, Any]] = []
        for row, inputs in reached:
            for value, side in _values(unit):
                part = alg.conjoin([inputs, side]) if side is not None else inputs
                if part != alg.manager.false:
                    longer.append(((*row, value), part))
        if len(longer) > most:
            return None
        reached = longer
    return [row for row, _ in reached]


def count_rows(query: Query, place: int) -> int | None:
    """Return how many rows of activations inputs reach; None where a unit has more than two values.

    The image is  ∃x. x ∈ D ∧ ⋀ (y_i ↔ h_i(x))  over a fresh bit y_i per unit.

    Raises:
        UndecidedError: the node limit or the time limit was reached.
    """
    units = _two_valued(query, place)
    if units is None:
        return None
    alg = query.alg
    inputs = set(alg.manager.vars)
    image = alg.care
    fresh = 0
    for unit in units:
        for _, atom in unit.terms.values():
            fresh += 1
            image = alg.conjoin([image, ~alg.differ(query.bit(f"unit {fresh}"), atom.term)])
    inputs -= {f"bit {i}" for i in range(fresh)}
    return count(alg.manager, alg.forget(inputs, image)) >> (len(alg.manager.vars) - fresh)


def _two_valued(query: Query, place: int) -> Sequence[Sum] | None:
    units = query.activations(query.copy(), place)
    return units if all(len(unit.terms) <= 1 for unit in units) else None


def _values(unit: Sum) -> list[tuple[Fraction, Any]]:
    """Return each value of a unit of at most one atom, and when it has it; None: always."""
    if not unit.terms:
        return [(unit.offset, None)]
    ((c, atom),) = unit.terms.values()
    return [(unit.offset, ~atom.term), (unit.offset + c, atom.term)]
