"""Lists → what they decide together: which readouts, of how many features, within which bounds.

What is said not to exist is said of this, and of nothing wider.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from verifier.engine.suggest.outcome import Counted, Require
from verifier.space import Readouts

Bounds = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Kinds of readouts, each with every one of these numbers of features, within bounds (None: without)."""

    readouts: tuple[Readouts, ...]
    features: tuple[int, ...]
    coefficients: Bounds


def decided(counted: Iterable[Counted], require: Require, features: range | None = None) -> tuple[Scope, ...]:
    """Return where all explanations with a requirement are listed; of some numbers of features, if given.

    Each list speaks for its own number of features, and for all integers where its bounds cut nothing off.
    Kinds that were looked at within one pair of bounds, or without, are told together within these.
    """
    cells: dict[tuple[Readouts, int], list[Bounds]] = {}
    for each in counted:
        k = each.space.features[0]
        if each.statement.complete and each.space.require == require and (features is None or k in features):
            cells.setdefault((each.space.readouts, k), []).append(bounds_of(each))
    kinds: dict[tuple[Readouts, Bounds], list[int]] = {}
    for (readouts, k), found in cells.items():
        for bounds in dict.fromkeys(found):
            if not any(_wider(other, bounds) for other in found):
                kinds.setdefault((readouts, bounds), []).append(k)
    alike: dict[tuple[int, ...], list[tuple[Readouts, Bounds]]] = {}
    for kind, sizes in kinds.items():
        alike.setdefault(tuple(sorted(sizes)), []).append(kind)
    told = []
    for numbers, some in alike.items():
        limits = {bounds for _, bounds in some if bounds is not None}
        for group in [some] if len(limits) <= 1 else [[kind] for kind in some]:
            of = dict.fromkeys(readouts for readouts, _ in group)
            told.append(Scope(tuple(of), numbers, next((b for _, b in group if b is not None), None)))
    return tuple(told)


def bounds_of(counted: Counted) -> Bounds:
    """Return within which bounds a list holds every explanation; None: whatever the coefficients."""
    return None if counted.statement.bound_binding is False else counted.space.coefficients


def _wider(one: Bounds, other: Bounds) -> bool:
    """Return whether bounds hold others, and more."""
    if one is None or other is None:
        return one is None and other is not None
    return one != other and one[0] <= other[0] and other[1] <= one[1]
