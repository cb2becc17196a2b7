"""Positive integers c, bound t → the decision diagram of  Σ c_i a_i > t  over the bits a_i in their order.

Bounds between which no sum of the remaining coefficients lies are equivalent: each level keeps the intervals
of bounds it has met, each with its node (Eén and Sörensson 2006 build pseudo-Boolean constraints this way).
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

FALSE, TRUE = 0, 1


class Node(NamedTuple):
    """A decision on bit `level`: the numbers of the nodes to go to."""

    level: int
    low: int
    high: int


_Interval = tuple[int, int, int]  # all bounds from the first to the second have this node


class Thresholds:
    """The diagrams of one list of coefficients for any number of bounds, their nodes shared.

    Nodes 0 and 1 are the constants; a node comes after those it leads to.

    >>> diagram = Thresholds([2, 1, 1])
    >>> diagram.root(2) == diagram.root(2), diagram.root(4), diagram.root(-1)
    (True, 0, 1)
    """

    def __init__(self, coefficients: Sequence[int]) -> None:
        self.coefficients = list(coefficients)
        self.rest = [*accumulate(reversed(self.coefficients), initial=0)][::-1]
        self.nodes: list[Node] = [Node(len(coefficients), FALSE, FALSE), Node(len(coefficients), TRUE, TRUE)]
        self._unique: dict[Node, int] = {}
        self._starts: list[list[int]] = [[] for _ in self.rest]
        self._intervals: list[list[_Interval]] = [[] for _ in self.rest]

    def root(self, bound: int, tick: Callable[[int], None] = lambda _: None) -> int:
        """Return the node of Σ c_i a_i > bound; `tick` is told the number of nodes, and may raise."""
        stack = [(0, bound)]
        while stack:
            level, t = stack[-1]
            if self._find(level, t) is not None:
                stack.pop()
                continue
            c = self.coefficients[level]
            high, low = self._find(level + 1, t - c), self._find(level + 1, t)
            if high is None or low is None:
                if high is None:
                    stack.append((level + 1, t - c))
                if low is None:
                    stack.append((level + 1, t))
                continue
            first, last = max(high[0] + c, low[0]), min(high[1] + c, low[1])
            found = first, last, self._node(level, low[2], high[2])
            place = bisect_right(self._starts[level], first)
            self._starts[level].insert(place, first)
            self._intervals[level].insert(place, found)
            stack.pop()
            tick(len(self.nodes))
        top = self._find(0, bound)
        assert top is not None
        return top[2]

    def _find(self, level: int, t: int) -> _Interval | None:
        if t < 0:
            return -self.rest[0], -1, TRUE  # as far as any bound below a root can lie
        if t >= self.rest[level]:
            return self.rest[level], 2 * self.rest[0], FALSE
        place = bisect_right(self._starts[level], t) - 1
        if place < 0:
            return None
        found = self._intervals[level][place]
        return found if t <= found[1] else None

    def _node(self, level: int, low: int, high: int) -> int:
        if low == high:
            return low
        node = Node(level, low, high)
        if node not in self._unique:
            self._unique[node] = len(self.nodes)
            self.nodes.append(node)
        return self._unique[node]


def subset_sums(coefficients: Sequence[int], most: int) -> list[int] | None:
    """Return the different sums of some of the coefficients, ascending; None if over `most`.

    Two bounds are equivalent for what is left of a comparison iff as many of these sums are at most as large.
    """
    sums = {0}
    for c in coefficients:
        sums |= {c + known for known in sums}
        if len(sums) > most:
            return None
    return sorted(sums)
