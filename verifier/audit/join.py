"""Rows of features and target rows → the sets of k features that may span every target, none of them idle.

With mediation and essential features, the targets T lie in the span of S and in that of no proper part of
S. So with all but two features F chosen, T has one or two dimensions modulo span F. If one, the last two
are not 0 and are multiples of each other modulo span(F, T); if two, both are 0 there. This is looked for
modulo a prime p and along two random directions, where multiples stay multiples; what is found are only
candidates. Two things could hide a set, and are settled over the rationals: a rank that drops modulo p, and
a feature that vanishes along a direction.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb

import numpy as np

from verifier.audit.flaw import BeyondError, amount
from verifier.audit.forward import Array

P = 1048573  # the largest prime below 2^20: products of two residues stay below 2^40
BLOCK = 2**16

Rows = Sequence[Sequence[int | Fraction]]


def candidates(rows: Rows, targets: Rows, fixed: Sequence[int], k: int, budget: int) -> Iterator[Array]:
    """Yield blocks of sets, each k ascending numbers of integer rows, that hold `fixed`.

    Every set whose span holds all targets, and no proper part of which does, is in exactly one block.

    Raises:
        BeyondError: more pairs than `budget` would have to be looked at.
    """
    others = [i for i in range(len(rows)) if i not in set(fixed)]
    free = k - len(fixed)
    work = comb(len(others), max(0, free - 1))
    if work > budget:
        raise BeyondError(f"{amount(work)} partial sets of {k} features to join, the budget is {budget}")
    if free < 0:
        return
    if free < 2:
        sets = [sorted([*fixed, *more]) for more in combinations(others, free)]
        yield np.array(sets, dtype=np.int64).reshape(len(sets), k)
        return
    waiting: list[Array] = []
    size = seen = 0
    for block in _Join(rows, targets, list(fixed), others, k).run():
        waiting.append(block)
        size += len(block)
        seen += len(block)
        if seen > budget:
            raise BeyondError(f"more than {budget} candidate sets of {k} features")
        if size > BLOCK:
            yield np.concatenate(waiting)
            waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)


class _Join:
    """The search over all but two features; `X` are residues, `h` those along two directions."""

    def __init__(self, rows: Rows, targets: Rows, fixed: list[int], others: list[int], k: int) -> None:
        self.rows, self.targets, self.fixed, self.others, self.k = rows, targets, fixed, others, k
        self.numbers = np.array(others, dtype=np.int64)
        self.inverse = _inverses()
        self.target_rank = rank(targets)
        m = len(rows[0])
        v = np.random.default_rng(m).integers(1, P, size=(m, 2))
        X = np.array([[c % P for c in rows[i]] for i in others], dtype=np.int64).reshape(len(others), m)
        self.residues, self.rank = self._without(X, [*targets, *(rows[i] for i in fixed)])
        self.v = v

    def _without(self, X: Array, span: Rows) -> tuple[Array, int]:
        """Return rows modulo the span of others, and the rank of those."""
        left = np.array([[c % P for c in row] for row in span], dtype=np.int64).reshape(-1, X.shape[1])
        found = 0
        for i in range(len(left)):
            pivot = self._pivot(left[i])
            if pivot is None:
                continue
            column, row = pivot
            found += 1
            left = (left - left[:, column, None] * row) % P
            X = (X - X[:, column, None] * row) % P
        return X, found

    def _pivot(self, row: Array) -> tuple[int, Array] | None:
        """Return the first column where a row is not 0, and its multiple that is 1 there."""
        places = np.nonzero(row)[0]
        if not len(places):
            return None
        column = int(places[0])
        return column, row * self.inverse[row[column]] % P

    def run(self) -> Iterator[Array]:
        """Yield blocks of candidates."""
        if self.target_rank <= self.k:
            h = np.stack([(self.residues * self.v[:, d] % P).sum(axis=1) % P for d in (0, 1)])
            yield from self._descend([], 0, self.residues, h, self.rank)

    def _descend(self, chosen: list[int], start: int, X: Array, h: Array, found: int) -> Iterator[Array]:
        """Choose further features from place `start` on; X and h begin at that place."""
        count = len(self.fixed) + len(chosen)
        more = self.k - 2 - count
        if found - count > 2 + more:
            return
        if more == 0:
            yield from self._finish(chosen, start, h, found)
            return
        for i in range(len(X) - more - 1):
            pivot = self._pivot(X[i])
            after, h_after = X[i + 1 :], h[:, i + 1 :]
            if pivot is not None:
                column, row = pivot
                factor = after[:, column]
                along = (row[:, None] * self.v % P).sum(axis=0) % P
                h_after = (h_after - along[:, None] * factor) % P
                if more > 1:
                    after = (after - factor[:, None] * row) % P
            yield from self._descend(
                [*chosen, start + i], start + i + 1, after, h_after, found + (pivot is not None)
            )

    def _finish(self, chosen: list[int], start: int, h: Array, found: int) -> Iterator[Array]:
        """Yield the sets that two features from place `start` on make with the chosen ones."""
        part = [*self.fixed, *(self.others[c] for c in chosen)]
        open_dimensions = found - len(part)
        span = [*self.targets, *(self.rows[i] for i in part)]
        if found != self.target_rank + len(part) and rank(span) != found:
            pairs = np.array(np.triu_indices(h.shape[1], 1))
        elif open_dimensions == 2:
            zero = np.nonzero((h == 0).all(axis=0))[0]
            pairs = zero[np.array(np.triu_indices(len(zero), 1))]
        elif open_dimensions == 1:
            pairs = self._multiples(h, start, span, found)
        else:
            return
        if pairs.shape[1]:
            sets = np.empty((pairs.shape[1], self.k), dtype=np.int64)
            sets[:, : len(part)] = part
            sets[:, len(part) :] = self.numbers[start + pairs.T]
            sets.sort(axis=1)
            yield sets

    def _multiples(self, h: Array, start: int, span: Rows, found: int) -> Array:
        """Return the pairs that may be multiples of each other, as two rows of places in h."""
        vanishing = h[1] == 0
        key = h[0] * self.inverse[h[1]] % P
        key[vanishing] = P + np.arange(int(vanishing.sum()))
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        pairs = []
        for gap in range(1, len(order)):
            same = np.nonzero(ordered[gap:] == ordered[:-gap])[0]
            if not len(same):
                break
            pairs.append(np.stack([order[same], order[same + gap]]))
        lost = [
            int(i)
            for i in np.nonzero(vanishing)[0]
            if rank([*span, self.rows[self.others[start + int(i)]]]) > found
        ]
        for i in lost:
            mates = np.array([j for j in range(h.shape[1]) if j not in lost or j > i], dtype=np.int64)
            pairs.append(np.stack([np.full(len(mates), i), mates]))
        return np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), dtype=np.int64)


def rank(rows: Rows) -> int:
    """Return the rank of rows over the rationals."""
    reduced: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        rest = [Fraction(v) for v in row]
        for pivot, other in reduced:
            if rest[pivot]:
                rest = [v - rest[pivot] * w for v, w in zip(rest, other, strict=True)]
        lead = next((i for i, v in enumerate(rest) if v), None)
        if lead is not None:
            reduced.append((lead, [v / rest[lead] for v in rest]))
    return len(reduced)


@cache
def _inverses() -> Array:
    """Return the inverse of every residue modulo p, and 0 for 0: powers of a generator, read backwards."""
    factors = [q for q in range(2, 1500) if (P - 1) % q == 0]
    factors += [(P - 1) // q for q in factors]
    generator = next(g for g in range(2, P) if all(pow(g, (P - 1) // q, P) != 1 for q in factors if q > 1))
    powers = np.ones(1, dtype=np.int64)
    while len(powers) < P - 1:
        powers = np.concatenate([powers, powers * pow(generator, len(powers), P) % P])
    powers = powers[: P - 1]
    inverse = np.zeros(P, dtype=np.int64)
    inverse[powers] = np.concatenate([powers[:1], powers[:0:-1]])
    return inverse
