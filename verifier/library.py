"""A function known on some points → is it a gate of a library?

It is when some gate g of a listed kind, on a set A of at most `fan_in` inputs, agrees with it on the points.
Kinds: `any`; `symmetric` (inputs may be exchanged); `threshold` (linearly separable); and the gates of
formulas by name, each input of A once and possibly negated, at least one (two for `iff` and `implies`, three
for `ite`, an odd number from three for `maj`).

**On the whole cube** A is settled by the function f itself. Let E be the inputs f depends on. Clearly E ⊆ A,
so |E| ≤ fan_in is needed; and f is of a kind iff it is one on E alone:

- `any`: f restricted to E will do.
- `threshold`: fix the inputs of A outside E at 0; the half-space stays one.
- `symmetric`, and `and` … `parity`, `maj`, `atleast`, `exactly`: g exchanges its literals, so it depends on
  all of A or on none; so A = E unless f is constant. A constant is symmetric on no input, and is
  `atleast(0; a)`, `atleast(2; a)` or `exactly(2; a)`; the other gates are never constant.
- `ite`, `iff` and `implies` depend on all their inputs, so A = E.

**On a part of the cube** A is searched. Two points that differ in one input only and in their bits force that
input into A, and its sign where the gate is monotone in its literals; the rest is tried, smallest sets first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, reduce
from itertools import combinations
from math import comb
from operator import xor

import numpy as np
from numpy.typing import NDArray

from verifier.errors import input_error
from verifier.separable import separable

KINDS = (
    "any", "symmetric", "threshold", "and", "or", "nand", "nor", "xor", "xnor", "parity", "iff", "implies",
    "not", "maj", "ite", "atleast", "exactly",
)  # fmt: skip

#: What a search on a part of the cube may look at, points times gates tried: a few seconds.
BUDGET = 1 << 28
LEAST_WORK = 1 << 12

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Counts = NDArray[np.float32]
Signs = Sequence[tuple[int, ...]]


class UndecidedLibraryError(Exception):
    """The search for a gate that agrees on a part of the cube was given up: too many to try."""


@dataclass(frozen=True, slots=True)
class Library:
    """Which gates a feature or an output may be: of these kinds, with at most `fan_in` inputs (None: any)."""

    kinds: tuple[str, ...] = ("any",)
    fan_in: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", tuple(dict.fromkeys(self.kinds)))
        if not self.kinds:
            raise input_error("E104", "expected at least one kind of gate", f"known: {', '.join(KINDS)}")
        for kind in self.kinds:
            if kind not in KINDS:
                raise input_error("E104", f"unknown kind of gate {kind}", f"known: {', '.join(KINDS)}")
        if self.fan_in is not None and self.fan_in < 1:
            raise input_error("E104", f"expected a fan-in of at least 1, got {self.fan_in}")

    def __str__(self) -> str:
        kinds = "any function" if "any" in self.kinds else ", ".join(self.kinds)
        plural = "" if self.fan_in == 1 else "s"
        return kinds if self.fan_in is None else f"{kinds} of at most {self.fan_in} input{plural}"

    @property
    def unrestricted(self) -> bool:
        """Whether every function is in the library."""
        return "any" in self.kinds and self.fan_in is None

    def contains(self, points: Bools, bits: Bools) -> bool:
        """Return whether a gate of the library has these bits (P) on these distinct points (P×n).

        Raises:
            UndecidedLibraryError: the points are a part of the cube, and there is too much to try.

        >>> square = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
        >>> Library(("and", "or")).contains(square, np.array([0, 0, 1, 0], dtype=bool))
        True
        >>> Library(("threshold",)).contains(square, np.array([0, 1, 1, 0], dtype=bool))
        False
        """
        if self.unrestricted:
            return True
        points, bits = np.asarray(points, dtype=bool), np.asarray(bits, dtype=bool)
        count, n = points.shape
        limit = n if self.fan_in is None else min(self.fan_in, n)
        if n < 62 and count == 1 << n:
            table = np.empty(count, dtype=bool)
            table[points @ (1 << np.arange(n - 1, -1, -1))] = bits
            reduced = _on_essential(table, n)
            fits = len(reduced) <= 1 << limit
            return fits and any(_is_on_cube(kind, reduced.tobytes(), n > 0) for kind in self.kinds)
        return _Part(points, bits, limit).contains(self.kinds)


ANY = Library()


# The whole cube: tables in counting order, the first input most significant.


def _on_essential(table: Bools, n: int) -> Bools:
    """Return the table over the inputs it depends on."""
    index: list[slice | int] = []
    for i in range(n):
        halves = table.reshape(1 << i, 2, -1)
        index.append(slice(None) if (halves[:, 0] != halves[:, 1]).any() else 0)
    return table.reshape((2,) * n)[tuple(index)].ravel()


@lru_cache(maxsize=1 << 17)
def _is_on_cube(kind: str, table: bytes, inputs: bool) -> bool:
    """Return whether a function is of a kind, given by its table over exactly the inputs E it depends on.

    `inputs`: whether there are others, for the gates that may be constant but not without arguments.
    """
    e, ones = len(table).bit_length() - 1, table.count(1)
    if not e:
        constant = kind == "atleast" or (kind == "exactly" and not ones)
        return kind in ("any", "symmetric", "threshold") or (inputs and constant)
    f = np.frombuffer(table, dtype=bool)
    return _is_exactly(f, e) if kind == "exactly" else _Part(_cube(e), f, e).contains([kind])


@cache
def _cube(e: int) -> Bools:
    """Return the rows of {0,1}^e in counting order."""
    bits: Bools = (np.arange(1 << e)[:, None] >> np.arange(e - 1, -1, -1)) & 1 == 1
    return bits


def _is_exactly(f: Bools, e: int) -> bool:
    """Return whether exactly k of some literals of all e inputs are true where f is.

    Negating all literals turns k into e − k, so the number of ones settles k ≤ e/2; it settles how often a
    positive and a negative literal is 1 there, or, for k = e/2, how often it equals the first.
    """
    cube, ones = _cube(e), int(f.sum())
    k = next((k for k in range(e // 2 + 1) if comb(e, k) == ones), None)
    if k is None:
        return False
    on = cube[f]
    if 2 * k == e:
        positive = (on == on[:, :1]).sum(axis=0) == 2 * comb(e - 2, k)
        positive[0] = True
    else:
        positive = on.sum(axis=0) == (comb(e - 1, k - 1) if k else 0)
    return bool((((cube == positive).sum(axis=1) == k) == f).all())


# A part of the cube: a search for the inputs and signs of a gate.


class _Part:
    """A function on some points; `limit` ≤ n bounds the inputs of a gate."""

    def __init__(self, points: Bools, bits: Bools, limit: int) -> None:
        self.points, self.bits, self.limit = points, bits, limit
        self.n = int(points.shape[1])
        self.rows = dict(zip(_codes(points), map(bool, bits), strict=True))

    def contains(self, kinds: Iterable[str]) -> bool:
        """Return whether the function is of one of the kinds; what one leaves open another may settle."""
        undecided = []
        for kind in sorted(kinds, key=("threshold", "atleast", "exactly", "maj", "symmetric").count):
            try:
                if self._is(kind):
                    return True
            except UndecidedLibraryError as error:
                undecided.append(error)
        if undecided:
            raise undecided[0]
        return False

    def _is(self, kind: str) -> bool:
        limit, bits = self.limit, self.bits
        constant = bool(bits.all() or not bits.any())
        if constant and kind in ("any", "symmetric", "threshold"):
            return True
        if self.n == 0 or len(self.forced) > limit:
            return False
        if (constant and kind == "atleast") or (kind == "exactly" and not bits.any()):
            return True
        mixed = any(len(signs) > 1 for signs in self.forced.values())
        match kind:
            case "threshold" | "maj" | "atleast" if mixed:
                return False
            case "any" | "threshold":
                return self._projected(kind)
            case "and" | "nor" | "not":
                return self._conjunction(bits, 1 if kind == "not" else None)
            case "or" | "nand" | "implies":
                return self._conjunction(~bits, 2 if kind == "implies" else None)
            case "xor" | "xnor" | "parity" | "iff":
                return self._parity(2, min(2, limit)) if kind == "iff" else self._parity(1, limit)
            case "ite":
                return limit >= 3 and self._ite()
            case _:
                signs: Signs = [(1,) if kind == "symmetric" else (1, -1)] * self.n
                if kind in ("maj", "atleast"):
                    signs = [tuple(self.forced.get(i, pair)) for i, pair in enumerate(signs)]
                sizes = range(3, limit + 1, 2) if kind == "maj" else range(1, limit + 1)
                return self._counted(kind, bits, sizes, signs)

    @cached_property
    def forced(self) -> dict[int, set[int]]:
        """The inputs that alone change the bit between two of the points, with the signs they do it by."""
        signs: dict[int, set[int]] = {}
        for i in range(self.n):
            step = 1 << (self.n - 1 - i)
            for code, bit in self.rows.items():
                if not code & step and self.rows.get(code | step, bit) != bit:
                    signs.setdefault(i, set()).add(-1 if bit else 1)
        return signs

    def _supports(self, kind: str, sizes: Iterable[int], signs: Signs | None = None) -> Iterator[list[int]]:
        """Yield the sets, of these sizes, of inputs that have a sign, the forced ones among them."""
        signs, left = signs or [(1,)] * self.n, BUDGET
        forced = sorted(self.forced)
        others = [i for i in range(self.n) if signs[i] and i not in self.forced]
        for size in sizes:
            for extra in combinations(others, size - len(forced)) if size >= len(forced) else ():
                A = sorted([*forced, *extra])
                left -= max(LEAST_WORK, (len(self.bits) + size) << sum(len(signs[i]) > 1 for i in A))
                if left < 0:
                    raise UndecidedLibraryError(f"{kind}: too many sets of inputs to try on this domain")
                yield A

    def _projected(self, kind: str) -> bool:
        """A larger set of inputs is never worse, so only the largest allowed are tried."""
        for A in self._supports(kind, [self.limit]):
            mask = sum(1 << (self.n - 1 - i) for i in A)
            on = {code & mask for code, bit in self.rows.items() if bit}
            if on.isdisjoint(code & mask for code, bit in self.rows.items() if not bit):
                seen = self.points[:, A].astype(np.int64)
                if kind == "any" or separable(seen[self.bits], seen[~self.bits]):
                    return True
        return False

    def _conjunction(self, bits: Bools, size: int | None) -> bool:
        """A conjunction of literals that hold wherever the bit is 1; more literals are never worse."""
        if not bits.any() and size is None and self.limit == self.n:
            return len(self.rows) < 1 << self.n
        columns = self.points[bits].T
        signs = [tuple(s for s, holds in ((1, c.all()), (-1, not c.any())) if holds) for c in columns]
        largest = min(self.limit, sum(map(bool, signs)))
        if largest < (size or 1) or not all(signs[i] for i in self.forced):
            return False
        return self._counted("and", bits, [size or largest], signs)

    def _counted(self, kind: str, bits: Bools, sizes: Iterable[int], signs: Signs) -> bool:
        """Try every set of inputs, each with every one of its signs: do the counts of true literals tell?"""
        on, off = self.points[bits].astype(np.float32), self.points[~bits].astype(np.float32)
        for A in self._supports(kind, sizes, signs):
            free = [t for t, i in enumerate(A) if len(signs[i]) > 1]
            for start in range(0, 1 << len(free), 256):
                choices = np.arange(start, min(start + 256, 1 << len(free)))
                chosen = np.tile(np.array([[signs[i][0]] for i in A], dtype=np.float32), len(choices))
                for place, t in enumerate(free):
                    chosen[t] = 1 - 2 * (choices >> place & 1)
                negative = (chosen < 0).sum(axis=0)
                if _COUNTED[kind](on[:, A] @ chosen + negative, off[:, A] @ chosen + negative, len(A)):
                    return True
        return False

    def _parity(self, least: int, most: int) -> bool:
        """Return whether bit = Σ a_i x_i + c over two elements for some c and `least` to `most` ones a_i."""
        basis: list[int] = []
        for code, bit in self.rows.items():
            row = reduce(lambda row, other: min(row, row ^ other), basis, code << 2 | 2 | bit)
            if row == 1:
                return False
            if row:
                basis.append(row)
        if least == 1 and most == self.n:  # there are solutions; if a = 0 is one, is there another?
            return len(basis) <= self.n or len(set(self.rows.values())) > 1
        *columns, f = self._columns()
        for A in self._supports("parity", range(least, most + 1)):
            if reduce(xor, (columns[i] for i in A), f) in (0, (1 << len(self.bits)) - 1):
                return True
        return False

    def _ite(self) -> bool:
        """For a selector, which inputs tell the bit where it is 1, and which where it is 0?"""
        *columns, f = self._columns()
        ones = (1 << len(self.bits)) - 1
        for i, s in enumerate(columns):
            tells = [
                {j for j, c in enumerate(columns) if j != i and (c ^ f) & half in (0, half)}
                for half in (s, ones ^ s)
            ]
            if all(tells) and len(tells[0] | tells[1]) > 1:
                return True
        return False

    def _columns(self) -> list[int]:
        """Return the inputs, then the bit, each as an integer with a bit per point."""
        return _codes(np.column_stack([self.points, self.bits]).T)


def _codes(rows: Bools) -> list[int]:
    """Return each row as an integer, its first bit most significant."""
    spare = -rows.shape[1] % 8
    return [int.from_bytes(row.tobytes(), "big") >> spare for row in np.packbits(rows, axis=1)]


#: Kind → whether the counts (points × signs) on the ones and on the zeros, of m literals, fit anywhere.
_COUNTED: dict[str, Callable[[Counts, Counts, int], bool]] = {
    "symmetric": lambda on, off, _: not np.intersect1d(on, off).size,
    "atleast": lambda on, off, _: bool((on.min(axis=0) > off.max(axis=0)).any()),
    "exactly": lambda on, off, _: bool(((on == on[0]).all(axis=0) & (off != on[0]).all(axis=0)).any()),
    "maj": lambda on, off, m: bool(((on > m // 2).all(axis=0) & (off <= m // 2).all(axis=0)).any()),
    "and": lambda on, off, m: bool(((on == m).all(axis=0) & (off < m).all(axis=0)).any()),
}
