"""Explanations found → listing: canonical order, classes up to polarity, and what the list rests on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import numpy as np

from verifier.arrays import Array, distinct
from verifier.certificate import complement, order_of, parse_feature
from verifier.engine.enumeration.stage import Readout, Stage

Basis = Literal["z3", "algebra"]


class Found(NamedTuple):
    """One explanation: its readouts as certificates write them, in order, and a truth table per output.

    A tuple, because there may be hundreds of thousands.
    """

    features: tuple[str, ...]
    output: tuple[str, ...]

    @property
    def readouts(self) -> tuple[Readout, ...]:
        """The (row, offset) pairs."""
        return tuple(map(parse_feature, self.features))


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said about a list: it is complete, or holds at least so many, and why no more can be said.

    `classes` counts up to complementing features. `bound_binding` says whether explanations exist outside the
    bounds on the coefficients (None: not known). `rests_on` is empty when nothing is claimed. `kernel` is a
    basis of the lattice by which readouts of one function differ; without bounds, such readouts count as one.
    """

    count: int
    classes: int
    complete: bool
    rests_on: str
    bound_binding: bool | None = None
    reason: str = ""
    kernel: tuple[tuple[int, ...], ...] = ()

    def __str__(self) -> str:
        least = "" if self.complete else "at least "
        explanations = f"{self.count} explanation{'' if self.count == 1 else 's'}"
        return f"{least}{explanations} in {least}{self.classes} class{'' if self.classes == 1 else 'es'}"


@dataclass(frozen=True)
class Listing:
    """Explanations in canonical order: by the number of features, then by their readouts.

    `groups` holds the number of each one's class. `stage` is None when nothing could be prepared. `cubes` are
    the cubes Z3 has closed, each with all its readouts (rows of integers, ascending). `settled` is false
    where explanations of an earlier run were not decided again, so that they are missing. `refrained` is true
    where more would have taken what was not allowed: Z3, or too many cases.
    """

    items: tuple[Found, ...]
    groups: tuple[int, ...]
    statement: Statement
    stage: Stage | None
    cubes: Sequence[tuple[tuple[int, ...], Array]] = ()
    settled: bool = True
    refrained: bool = False

    def __iter__(self) -> Iterator[Found]:
        return iter(self.items)

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the stage behind: what runs a network does not pass from one process to another."""
        kept = self.items, self.groups, self.statement, None, self.cubes, self.settled, self.refrained
        return type(self), kept


class Order:
    """The order of explanations and their classes; every readout is looked at once."""

    def __init__(self) -> None:
        self._unsigned: dict[str, str] = {}

    def ranked(self, items: Iterable[Found]) -> list[Found]:
        """Return explanations in canonical order."""
        return list(self.arranged(items)[0])

    def arranged(self, items: Iterable[Found]) -> tuple[tuple[Found, ...], tuple[int, ...]]:
        """Return explanations in canonical order, and the number of each one's class.

        Classes are counted from 1 in order of appearance.
        """
        items = list(items)
        features = list(map(attrgetter("features"), items))
        texts = sorted(set(chain.from_iterable(features)), key=order_of)
        rank = dict(zip(texts, range(len(texts)), strict=True)).__getitem__
        numbers: dict[str, int] = {}
        classes = np.array(
            [numbers.setdefault(self.unsigned(text), len(numbers)) for text in texts], dtype=np.int64
        )
        sizes = np.fromiter(map(len, features), dtype=np.int64, count=len(features))
        order: list[int] = []
        groups: list[int] = []
        for size in np.unique(sizes):
            places = np.flatnonzero(sizes == size)
            flat = map(rank, chain.from_iterable(map(features.__getitem__, places.tolist())))
            ranks = np.fromiter(flat, dtype=np.int64, count=len(places) * size).reshape(len(places), size)
            by_rank = np.lexsort(ranks.T[::-1])
            order += places[by_rank].tolist()
            first, index = distinct(list(np.sort(classes[ranks[by_rank]], axis=1).T))
            number = np.empty_like(first)
            number[np.argsort(first)] = np.arange(len(first)) + max(groups, default=0) + 1
            groups += number[index].tolist()
        return tuple(map(items.__getitem__, order)), tuple(groups)

    def group(self, item: Found) -> frozenset[str]:
        """Return what all explanations of one class up to polarity have in common."""
        return frozenset(map(self.unsigned, item.features))

    def unsigned(self, text: str) -> str:
        """Return one text for a readout and its complement."""
        found = self._unsigned.get(text)
        if found is None:
            other = complement(text)
            found = self._unsigned[text] = self._unsigned[other] = min(text, other)
        return found
