"""A gate library and the points a function is known on → whether the function is in the library."""

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np

from verifier.audit.flaw import BeyondError
from verifier.audit.forward import Array
from verifier.audit.query import Library
from verifier.audit.separable import separable

MAX_ARGUMENTS = 20
MAX_WORK = 2**27
ONE_OF = {
    "implies": 2, "iff": 2, "not": 1, "ite": 3,
}  # fmt: skip


class Membership:
    """The partial functions on some points of {0,1}^n that a gate of the library agrees with.

    Raises:
        BeyondError: when the arguments a gate may have are too many to try.
    """

    def __init__(self, library: Library, points: Array) -> None:
        self.kinds, n = set(library.kinds), points.shape[1]
        self.largest = n if library.fan_in is None else min(n, library.fan_in)
        self.known: dict[bytes, bool] = {}
        self.codes: list[tuple[int, Array]] = []
        self.work = 0
        work = 0
        for count, chosen in self._arguments(n):
            work += len(points) + (1 << count)
            if count > MAX_ARGUMENTS or work > MAX_WORK >> 3:
                raise BeyondError("a library of gates with too many choices of arguments")
            weights = 1 << np.arange(count - 1, -1, -1, dtype=np.int64)
            self.codes.append((count, points[:, chosen].astype(np.int64) @ weights))

    def _arguments(self, n: int) -> Iterator[tuple[int, list[int]]]:
        """Yield the sets of arguments worth trying; more arguments never hurt `any` and `threshold`."""
        monotone = self.kinds <= {"any", "threshold"}
        for count in range(self.largest if monotone else 0, self.largest + 1):
            for chosen in combinations(range(n), count):
                yield count, list(chosen)

    def contains(self, values: Array) -> bool:
        """Return whether some gate of the library has these values on the points."""
        key = np.packbits(values).tobytes()
        if key not in self.known:
            self.known[key] = any(self._fits(count, codes, values) for count, codes in self.codes)
        return self.known[key]

    def _fits(self, count: int, codes: Array, values: Array) -> bool:
        one, zero = np.zeros(1 << count, dtype=bool), np.zeros(1 << count, dtype=bool)
        one[codes[values]] = True
        zero[codes[~values]] = True
        if (one & zero).any():
            return False
        ones, zeros = np.nonzero(one)[0], np.nonzero(zero)[0]
        return any(self._of_kind(kind, count, ones, zeros) for kind in sorted(self.kinds))

    def _of_kind(self, kind: str, a: int, ones: Array, zeros: Array) -> bool:
        """Return whether a gate of the kind with `a` arguments is 1 on `ones` and 0 on `zeros`."""
        if kind == "any":
            return True
        if kind == "symmetric":
            return not set(_weight(ones).tolist()) & set(_weight(zeros).tolist())
        if kind == "threshold":
            return a == self.largest and separable(_points(ones, a), _points(zeros, a))
        if a < 1 or ONE_OF.get(kind, a) != a:
            return False
        match kind:
            case "and" | "nor":  # 1 at exactly one point
                return len(ones) == 1 or (len(ones) == 0 and len(zeros) < 1 << a)
            case "or" | "nand" | "implies":  # 0 at exactly one point
                return len(zeros) == 1 or (len(zeros) == 0 and len(ones) < 1 << a)
            case "xor" | "xnor" | "parity" | "iff":
                odd = {*(_weight(ones) & 1).tolist(), *(1 - (_weight(zeros) & 1)).tolist()}
                return len(odd) < 2
            case "not":
                return True if len(ones) + len(zeros) < 2 else len(ones) == len(zeros) == 1
            case "ite":
                return _ite(ones, zeros)
            case _:
                return self._counts(kind, a, ones, zeros)

    def _counts(self, kind: str, a: int, ones: Array, zeros: Array) -> bool:
        """Return whether, with some arguments negated, the count of true ones decides."""
        if kind == "maj" and (a < 3 or a % 2 == 0):
            return False
        self.work += (len(ones) + len(zeros)) << a
        if self.work > MAX_WORK:
            raise BeyondError(f"too many ways to negate the arguments of {kind}")
        for flipped in range(1 << a):
            high, low = _weight(ones ^ flipped), _weight(zeros ^ flipped)
            if kind == "exactly":
                fits = len(set(high.tolist())) < 2 and not set(high.tolist()) & set(low.tolist())
            else:
                least = int(high.min()) if len(high) else a + 1
                most = int(low.max()) if len(low) else -1
                fits = most < least if kind == "atleast" else most <= a // 2 < least
            if fits:
                return True
        return False


def _weight(codes: Array) -> Array:
    """Return how many bits of every code are 1."""
    total = np.zeros(len(codes), dtype=np.int64)
    rest = codes.astype(np.int64)
    while rest.any():
        total += rest & 1
        rest = rest >> 1
    return total


def _points(codes: Array, a: int) -> list[tuple[int, ...]]:
    return [tuple((int(code) >> (a - 1 - i)) & 1 for i in range(a)) for code in codes]


def _ite(ones: Array, zeros: Array) -> bool:
    known = {**dict.fromkeys(map(int, ones), 1), **dict.fromkeys(map(int, zeros), 0)}
    for s, p, q in permutations(range(3)):
        for flipped in range(8):
            if all(
                ((c ^ flipped) >> (p if (c ^ flipped) >> s & 1 else q)) & 1 == value
                for c, value in known.items()
            ):
                return True
    return False
