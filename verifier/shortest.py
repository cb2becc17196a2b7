"""Bits on some points → the shortest formula that has them there; on other points it may say anything.

**Size** of a formula over ~ & | ^: first its literals (occurrences of names), then its operators (a ~ is one,
a chain of & | ^ of p parts is p − 1), then its pairs of parentheses. With names of one letter that is
by literals, then by the length of the text. A constant is a formula of its own, never a part of one.
Which of several formulas of one size is found is arbitrary but fixed.

Of at most four inputs, or for functions that need no more, the formula is the shortest there is: a table
holds the size of every function, filled in the order of size (each part of a shortest formula is a shortest
formula of its own function), and don't-cares are settled by the smallest entry that fits; where only the
number of ones matters, `maj`, `atleast` or `exactly` is taken if it has fewer literals. Beyond, it is the
shortest of these: an irredundant sum of prime products, the like product of sums, over inputs none of which
can be left out and over all, and such counted forms (each counted as one operator per argument).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby

import numpy as np
from numpy.typing import NDArray

from verifier.formula import Const, Formula, Gate, Name, show
from verifier.formula import names as occurrences

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

MOST_EXACT = 4
MOST_PRIMES = 9

_FAR = 99
_INVERT = 0
_OPS = {"and": np.bitwise_and, "xor": np.bitwise_xor, "or": np.bitwise_or}
_Groups = list[tuple[int, NDArray[np.uint16]]]


def shortest(points: Bools, bits: Bools, names: Sequence[str]) -> Formula:
    """Return the shortest formula over the n named inputs that has these bits (P) on these points (P×n).

    Exact where four inputs are enough to tell the bits, else an irredundant sum, product or counted form.

    >>> square = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
    >>> show(shortest(square, np.array([0, 1, 1, 0], dtype=bool), ["a", "b"]))
    'a ^ b'
    >>> show(shortest(square[1:], np.array([0, 1, 1], dtype=bool), ["a", "b"]))
    'a'
    """
    points, bits = np.asarray(points, dtype=bool), np.asarray(bits, dtype=bool)
    needed = _needed(points, bits)
    kept = [names[i] for i in needed]
    if len(names) <= MOST_EXACT:
        found = _over(points, bits, names, names, points)
        if size(found)[0] <= len(kept):
            return found
        fewer = _over(points[:, needed], bits, kept, kept, points[:, needed])
        return min([found, fewer], key=lambda formula: size(formula)[0])
    found = _over(points[:, needed], bits, kept, names, points)
    if not 0 < len(needed) < len(names) or len(points) == 1 << len(names):
        return found
    sums = _two_level(points, bits, names, True), map(negated, _two_level(points, ~bits, names, True))
    return min([found, *chain(*sums)], key=size)


def _over(some: Bools, bits: Bools, kept: Sequence[str], names: Sequence[str], points: Bools) -> Formula:
    """Return the formula over inputs that are kept because they tell the bits, or a counted form over all."""
    seen, first = np.unique(some, axis=0, return_index=True)
    told = bits[first]
    if len(kept) <= MOST_EXACT:
        found = _exact(seen, told, kept)
        if size(found)[0] <= len(kept):  # a counted form has every input
            return found
        return min([found, *_counted(seen, told, kept)], key=lambda formula: size(formula)[0])
    candidates = [*_two_level(seen, told, kept), *map(negated, _two_level(seen, ~told, kept))]
    candidates += [*_counted(seen, told, kept), *_counted(points, bits, names)]
    return min(candidates, key=size)


def size(formula: Formula) -> tuple[int, int, int]:
    """Return the numbers of literals, operators and pairs of parentheses.

    >>> size(Gate("and", (Gate("or", (Name("a"), Name("b"))), Gate("not", (Name("c"),)))))
    (3, 3, 1)
    """
    operators, pending = 0, [formula]
    while pending:
        part = pending.pop()
        if isinstance(part, Gate):
            pending += part.args
            operators += len(part.args) - (part.op in _OPS)
    return sum(1 for _ in occurrences(formula)), operators, show(formula).count("(")


def proved_shortest(points: Bools, names: Sequence[str], formula: Formula) -> bool:
    """Return whether nothing shorter than what `shortest` returned has its bits on these distinct points.

    So it is of four inputs at most; of more, on the whole cube, if the bits depend on four or fewer: these
    every formula names, and no other helps; and wherever a single name will do.
    """
    used = {name.name for name in occurrences(formula)}
    whole = len(points) == 1 << len(names)
    return len(names) <= MOST_EXACT or (whole and len(used) <= MOST_EXACT) or size(formula) <= (1, 0, 0)


def negated(formula: Formula) -> Formula:
    """Return the complement of a formula, without two negations in a row."""
    if isinstance(formula, Gate) and formula.op == "not":
        return formula.args[0]
    return Gate("not", (formula,))


def _needed(points: Bools, bits: Bools) -> list[int]:
    """Return inputs that tell the bits, none of which can be left out; earlier inputs are preferred."""
    n = points.shape[1]
    spare = -n % 8
    codes = [int.from_bytes(row.tobytes(), "big") >> spare for row in np.packbits(points, axis=1)]
    on = {code for code, bit in zip(codes, bits, strict=True) if bit}
    off = {code for code, bit in zip(codes, bits, strict=True) if not bit}
    needed = list(range(n))
    for i in reversed(range(n)):
        mask = ~(1 << (n - 1 - i))
        fewer = {code & mask for code in on}, {code & mask for code in off}
        if fewer[0].isdisjoint(fewer[1]):
            on, off = fewer
            needed.remove(i)
    return needed


# At most four inputs: a table of all functions. A function of n inputs is the number whose bits, the most
# significant one first, are its values in counting order.


def _exact(points: Bools, bits: Bools, inputs: Sequence[str]) -> Formula:
    n = len(inputs)
    table = _table(n)
    places = (1 << n) - 1 - points @ (1 << np.arange(n - 1, -1, -1))
    care = int((1 << places).sum())
    wanted = int((1 << places[bits]).sum())
    fitting = np.flatnonzero((table.functions & care) == wanted)
    return table.formula(int(fitting[table.size[fitting].argmin()]), inputs)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """For every function its size as a number, and per outermost operation its parentheses and parts."""

    functions: Ints
    size: Ints
    pairs: NDArray[np.int8]
    parts: Ints

    def formula(self, f: int, inputs: Sequence[str]) -> Formula:
        """Return the formula of a function."""
        if f in (0, len(self.functions) - 1):
            return Const(f > 0)
        return self._build(f, "or", dict(zip(_variables(len(inputs)).tolist(), inputs, strict=True)))

    def _build(self, f: int, inside: str, literals: dict[int, str]) -> Formula:
        if f in literals:
            return Name(literals[f])
        around = _around(self.pairs[:, f], inside)
        op = int(around.argmin())
        g, h = divmod(int(self.parts[op, f]), len(self.functions))
        if op == _INVERT:
            return Gate("not", (self._build(g, "not", literals),))
        name = tuple(_OPS)[op - 1]
        parts = [self._build(g, name, literals), self._build(h, name, literals)]
        args = chain.from_iterable(p.args if isinstance(p, Gate) and p.op == name else (p,) for p in parts)
        order = list(literals.values())
        return Gate(name, tuple(sorted(args, key=lambda a: [order.index(v.name) for v in occurrences(a)])))


def _around(pairs: NDArray[np.int8], inside: str) -> NDArray[np.int8]:
    """Return the parentheses per outermost operation (not, and, xor, or) when it is a part of another."""
    own = {"not": (0, 1, 1, 1), "and": (0, 0, 1, 1), "xor": (0, 0, 0, 1), "or": (0, 0, 0, 0)}[inside]
    return (pairs.T + np.array(own, dtype=np.int8)).T


def _variables(n: int) -> Ints:
    """Return the functions that are an input."""
    rows = np.arange(1 << n)
    return np.array([((rows >> (n - 1 - i) & 1) << rows[::-1]).sum() for i in range(n)], dtype=np.int64)


@cache
def _table(n: int) -> _Table:
    """Fill the table by ascending literals, then operators; per operation, by ascending parentheses."""
    count = 1 << (1 << n)
    cost, parts = np.full(count, _FAR << 8), np.zeros((4, count), dtype=np.int64)
    pairs = np.full((4, count), _FAR, dtype=np.int8)
    cost[[0, -1]] = 0
    layers: list[dict[int, dict[str, _Groups]]] = [{}]
    while (cost == _FAR << 8).any():
        literals = len(layers)
        layers.append({})
        most = max((max(layers[i]) + max(layers[-1 - i]) + 1 for i in range(1, literals)), default=0)
        latest = _variables(n) if literals == 1 else np.array([], dtype=np.int64)
        pairs[_INVERT, latest] = 0
        for operators in range(most + 2):
            unknown = cost == _FAR << 8
            if operators:
                inverted = count - 1 - latest
                inverted = inverted[unknown[inverted]]
                pairs[_INVERT, inverted] = _around(pairs[:, count - 1 - inverted], "not").min(axis=0)
                parts[_INVERT, inverted] = (count - 1 - inverted) * count
            for op, name in enumerate(_OPS, start=1):
                _combine(layers, operators, name, unknown.copy(), pairs[op], parts[op])
            latest = np.flatnonzero(unknown & (pairs.min(axis=0) < _FAR))
            cost[latest] = literals << 8 | operators
            if len(latest):
                layers[literals][operators] = {name: _grouped(pairs, latest, name) for name in _OPS}
    least = _around(pairs, "or").min(axis=0)
    return _Table(np.arange(count), np.where(least < _FAR, cost << 8 | least, 0), pairs, parts)


def _grouped(pairs: NDArray[np.int8], functions: Ints, inside: str) -> _Groups:
    """Return functions by their parentheses as parts of an operation."""
    around = _around(pairs[:, functions], inside).min(axis=0)
    return [(int(p), functions[around == p].astype(np.uint16)) for p in np.unique(around)]


def _combine(
    layers: list[dict[int, dict[str, _Groups]]],
    operators: int,
    name: str,
    free: Bools,
    pairs: Ints,
    parts: Ints,
) -> None:
    """Enter all functions that are an operation on two known ones with so many operators in total."""
    literals, count = len(layers) - 1, len(free)
    todo = [
        (p + q, i, a, G, H)
        for i in range(1, literals // 2 + 1)
        for a, left in layers[i].items()
        for b, right in layers[literals - i].items()
        if a + b + 1 == operators and (2 * i < literals or a <= b)
        for p, G in left[name]
        for q, H in right[name]
    ]
    for p, _, _, G, H in sorted(todo, key=lambda case: case[:3]):
        values = _OPS[name].outer(G, H).ravel()
        hit = np.flatnonzero(free[values])
        if hit.size:
            entered = values[hit]
            pairs[entered] = p
            parts[entered] = G[hit // len(H)].astype(np.int64) * count + H[hit % len(H)]
            free[entered] = False


# More inputs: sums of products, and counts. A product has per input 1, 0 (negated) or 2 (left out).


def _two_level(points: Bools, bits: Bools, inputs: Sequence[str], plain: bool = False) -> Iterator[Formula]:
    """Yield a sum of products, and the complement of a product of sums that is like it."""
    products = _cover(points[bits], _primes(points[bits], points[~bits], plain))

    def join(op: str, parts: Sequence[Formula]) -> Formula:
        return Gate(op, tuple(parts)) if len(parts) > 1 else parts[0]

    for outer, inner, positive in (("or", "and", 1), ("and", "or", 0)):
        terms: list[Formula] = []
        for product in products:
            literals = [(Name(name), v) for name, v in zip(inputs, product, strict=True) if v < 2]
            terms.append(join(inner, [a if v == positive else Gate("not", (a,)) for a, v in literals]))
        yield join(outer, terms) if positive else negated(join(outer, terms))


def _primes(on: Bools, off: Bools, plain: bool) -> Ints:
    """Return products that hold on none of `off` and can spare no literal, together covering `on`.

    All there are of few inputs; of more, one per row of `on` with none yet, later literals left out first,
    if `plain` negated ones before others.
    """
    n = on.shape[1]
    if n <= MOST_PRIMES:
        fits = np.ones((2,) * n, dtype=bool)
        fits[tuple(off.T.astype(int))] = False
        for axis in range(n):
            fits = np.concatenate([fits, fits.all(axis=axis, keepdims=True)], axis=axis)
        prime = fits.copy()
        for axis in range(n):
            np.moveaxis(prime, axis, 0)[:2] &= ~np.moveaxis(fits, axis, 0)[2]
        return np.argwhere(prime)
    products: list[Ints] = []
    missing = np.ones(len(on), dtype=bool)
    while missing.any():
        row = on[missing.argmax()]
        product, differs = row.astype(np.int64), off != row
        missed_by = differs.sum(axis=1)
        for i in sorted(range(n), key=lambda i: (plain and row[i], -i)):
            if (missed_by > differs[:, i]).all():
                missed_by -= differs[:, i]
                product[i] = 2
        products.append(product)
        missing &= ~((product == 2) | (product == on)).all(axis=1)
    return np.array(products)


def _cover(on: Bools, products: Ints) -> list[list[int]]:
    """Return some of the products that cover all rows, none of which can be left out, in a fixed order."""
    covers = np.ones((len(products), len(on)), dtype=bool)
    for column, values in zip(products.T, on.T, strict=True):
        covers &= (column[:, None] == 2) | (column[:, None] == values)
    literals = (products < 2).sum(axis=1)
    chosen = sorted({int(covers[:, x].argmax()) for x in np.flatnonzero(covers.sum(axis=0) == 1)})
    missing = ~covers[chosen].any(axis=0)
    gain = covers[:, missing].sum(axis=1)
    while missing.any():
        best = int((gain * 256 - literals).argmax())
        chosen.append(best)
        newly = missing & covers[best]
        gain -= covers[:, newly].sum(axis=1)
        missing &= ~newly
    times = covers[chosen].sum(axis=0)
    for k in sorted(chosen, key=lambda k: -int(literals[k])):
        if (times[covers[k]] > 1).all():
            times -= covers[k]
            chosen.remove(k)
    return sorted(products[chosen].tolist(), key=lambda product: [(1, 0, 2)[v] for v in product])


def _counted(points: Bools, bits: Bools, inputs: Sequence[str]) -> Iterator[Formula]:
    """Yield formulas in the number of ones, when that tells the bits."""
    ones = points.sum(axis=1)
    told = dict(zip(ones.tolist(), bits.tolist(), strict=True))
    if any(told[w] != bit for w, bit in zip(ones.tolist(), bits.tolist(), strict=True)):
        return
    args = tuple(map(Name, inputs))
    for flip in (False, True):
        if all(bit == (w % 2 == 1) ^ flip for w, bit in told.items()):
            parity = Gate("parity", args)
            yield Gate("not", (parity,)) if flip else parity
        runs = [[w for w, _ in run] for _, run in groupby(sorted(told.items()), key=lambda item: item[1])]
        first = told[runs[0][0]] ^ flip
        terms = []
        for at in range(not first, len(runs), 2):
            below, above = runs[at - 1][-1] if at else None, runs[at + 1][0] if at + 1 < len(runs) else None
            if below is not None and above is not None and len(runs[at]) == 1:
                terms.append(Gate("exactly", args, str(runs[at][0])))
                continue
            bounds = []
            if below is not None:
                bounds.append(_at_least(below, runs[at][0], args))
            if above is not None:
                bounds.append(Gate("not", (_at_least(runs[at][-1], above, args),)))
            terms.append(Gate("and", tuple(bounds)) if len(bounds) > 1 else bounds[0])
        formula = Gate("or", tuple(terms)) if len(terms) > 1 else terms[0]
        yield Gate("not", (formula,)) if flip else formula


def _at_least(below: int, first: int, args: tuple[Name, ...]) -> Gate:
    """Return that there are at least k ones, for a k with `below` < k ≤ `first`."""
    half = len(args) // 2 + 1
    if len(args) % 2 and below < half <= first:
        return Gate("maj", args)
    return Gate("atleast", args, str(first))
