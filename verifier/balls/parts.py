"""Lists of vectors → boxes: cases decided at once over their hulls, halved where that is too coarse."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TypeVar

from verifier.balls.reals import Real, TooCloseError, estimate, hull
from verifier.verdict import Setting

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """Numbers that go together, what they come from (an input, or a bit), and how many cases share them."""

    values: tuple[Real, ...]
    source: Setting
    count: int


class Part:
    """Some items, sorted so that near ones stand together; a binary tree by halves."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)

    @classmethod
    def of(cls, items: Sequence[Item]) -> "Part":
        """Return the root of a tree."""
        if len(items) == 1:
            return cls(items)
        return cls(sorted(items, key=lambda item: [estimate(value) for value in item.values]))

    @cached_property
    def count(self) -> int:
        """How many cases the items stand for."""
        return sum(item.count for item in self.items)

    @cached_property
    def hull(self) -> list[Real]:
        """One number per column: all that the items hold there; of one item, exactly that."""
        return [hull(column) for column in zip(*(item.values for item in self.items), strict=True)]

    @cached_property
    def halves(self) -> "tuple[Part, Part]":
        """The two halves of at least two items."""
        middle = len(self.items) // 2
        return type(self)(self.items[:middle]), type(self)(self.items[middle:])


class Column(Part):
    """Items of one number each, which ascend: the first and the last tell what all of them hold."""

    @cached_property
    def hull(self) -> list[Real]:
        return [hull([self.items[0].values[0], self.items[-1].values[0]])]


Box = tuple[Part, ...]


def size(box: Box) -> int:
    """Return how many cases a box holds."""
    return prod(part.count for part in box)


def explore(box: Box, judge: Callable[[Box], T]) -> Iterator[tuple[Box, T | TooCloseError]]:
    """Yield boxes that make up the box, each with its judgement: halved where none is possible.

    Only a single case is left with the reason that it cannot be judged.
    """
    pending = [box]
    while pending:
        box = pending.pop()
        try:
            judged = judge(box)
        except TooCloseError as error:
            longest = max(range(len(box)), key=lambda i: len(box[i].items))
            if len(box[longest].items) == 1:
                yield box, error
                continue
            left, right = box[longest].halves
            pending += [(*box[:longest], half, *box[longest + 1 :]) for half in (right, left)]
        else:
            yield box, judged
