"""Functions of the rows → readouts up to the kernel lattice: sets of functions that are explanations.

Where the hidden rows do not span the whole layer, a readable function has infinitely many readouts R + κ,
κ in the kernel lattice K of integer vectors that no row shows. A set of functions is listed when some choice
of readouts is an explanation. Modulo K the mediation equation W = Σ α_j R_j fixes α, if the functions are
independent; then Σ α_j κ_j = W - Σ α_j R_j is to be solved over K, which the Hermite form decides.

If the functions satisfy one relation Σ c_j R_j = 0 modulo K (c primitive), then α(t) = α + t c for any
rational t, and writes decide open intervals of t. Let e clear the denominators of α and of the right side,
and N be the gcd of the minors of (e α, c). Then t = p/q in lowest terms is solvable over K as soon as q is
divisible by a high enough power of each prime of e N: the gcd of the e q α_j(t) has of these primes just the
factors of e, and no others. Such t are dense, so that an interval that fits contains one.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import ceil, floor, gcd, lcm

from verifier.algebra import RATIONALS
from verifier.certificate import show_feature
from verifier.engine.enumeration.examine import Accepted, essential, examine
from verifier.engine.enumeration.features import Features
from verifier.engine.enumeration.listing import Found, Order
from verifier.engine.enumeration.propose import Hull
from verifier.engine.enumeration.stage import Readout, Stage
from verifier.errors import InternalError, input_error
from verifier.lattice import Lattice, Vector, closest
from verifier.linear import combination, content, dependency, dot, independent, rank
from verifier.network import Row
from verifier.verdict import UndecidedError

MAX_SETS = 200_000
MAX_SHORTEST = 6
SMALL = 6


class Cosets:
    """Decides sets of functions of a stage whose kernel lattice is not zero.

    Raises:
        InputError: E104, the space asks for what depends on the choice of readouts.
    """

    def __init__(self, stage: Stage, hull: Hull) -> None:
        self.stage, self.hull = stage, hull
        self.K = [tuple(map(Fraction, v)) for v in hull.kernel]
        space = stage.space
        if space.must_use or any(isinstance(w, tuple) and isinstance(w[0], tuple) for w in stage.given):
            raise input_error(
                "E104",
                "expected bounds on the coefficients: readouts differ by what no input shows, so that "
                "must_use and given readouts mean nothing with `any`",
            )

    def all(self, features: Features, k: int) -> Iterator[list[Found]]:
        """Yield the explanations with k of the features, in batches.

        Raises:
            UndecidedError: the sets are too many, or one of them was not decided.
        """
        open_still = ""
        for tried, members in enumerate(combinations(range(len(features)), k)):
            if tried >= MAX_SETS or self.stage.limits.passed:
                raise UndecidedError(f"more than {MAX_SETS} sets, or the time, were needed")
            rows = [tuple(int(c) for c in features.R[j]) for j in members]
            try:
                yield from self.signed(rows, [features.listed[j] for j in members])
            except UndecidedError as error:
                open_still = str(error)
        if open_still:
            raise UndecidedError(open_still)

    def signed(self, rows: Sequence[Vector], allowed: Sequence[Sequence[bool]]) -> Iterator[list[Found]]:
        """Yield the explanations by functions with bit 0 at the first row, or allowed complements."""
        chosen = self.choose(rows)
        if chosen is None:
            return
        found = []
        for flips in product([False, True], repeat=len(rows)):
            if all(flags[int(flip)] for flags, flip in zip(allowed, flips, strict=True)):
                readouts = sorted(self._readout(row, flip) for row, flip in zip(chosen, flips, strict=True))
                verdict = examine(self.stage, readouts)
                if isinstance(verdict, Accepted):
                    found.append(Found(tuple(show_feature(*readout) for readout in readouts), verdict.output))
        yield Order().ranked(found)[:1] if self.stage.space.polarity else found

    def listed(self, readouts: Sequence[Readout]) -> Iterator[list[Found]]:
        """Yield the explanation by these functions, or one of its class, with readouts chosen here."""
        base = self.stage.rows[0]
        flips = [dot(row, base) + offset == 1 for row, offset in readouts]
        rows = [
            tuple(int(-c if flip else c) for c in row) for (row, _), flip in zip(readouts, flips, strict=True)
        ]
        every = self.stage.space.polarity
        yield from self.signed(rows, [[every or not flip, every or flip] for flip in flips])

    def _readout(self, row: Vector, flip: bool) -> Readout:
        exact = tuple(map(Fraction, row))
        offset = -dot(exact, self.stage.rows[0])
        return (tuple(-c for c in exact), 1 - offset) if flip else (exact, offset)

    def choose(self, rows: Sequence[Vector]) -> list[Vector] | None:
        """Return readouts of these functions that are an explanation, before restrictions on gates; or None.

        The choice does not depend on the order of the functions.

        Raises:
            UndecidedError: a kind of set that this does not decide.
        """
        shortest = [self.hull.shortest(row) for row in rows]
        order = sorted(range(len(rows)), key=shortest.__getitem__)
        chosen = self._choose([tuple(map(Fraction, shortest[j])) for j in order])
        if chosen is None:
            return None
        placed = dict(zip(order, chosen, strict=True))
        return [placed[j] for j in range(len(rows))]

    def _choose(self, R: list[Row]) -> list[Vector] | None:
        space = self.stage.space
        if not space.interchange:
            return self._spread(R)
        if not space.mediation or set(self.stage.watched) != set(self.stage.reaching):
            raise UndecidedError(
                "without mediation the verdict depends on which of infinitely many readouts is taken"
            )
        W = [self.stage.network.layer(self.stage.place + 1).W[i] for i in self.stage.reaching]
        barred = set(range(self.stage.m)) - set(self.hull.columns)
        if not W or any(target[c] for target in W for c in barred):
            return None
        seen = [self._shown(row) for row in R]
        alphas = [combination(seen, self._shown(target)) for target in W]
        if any(alpha is None for alpha in alphas):
            return None
        relations = len(R) - rank(seen)
        told = [alpha for alpha in alphas if alpha is not None]
        if relations == 0:
            solved = self._solve(R, told, W)
            return solved if solved is not None and self._explains(solved) else None
        if relations > 1 or len(W) > 1 or not self._by_sign():
            raise UndecidedError("sets of dependent functions are decided for one step unit above them only")
        return self._related(R, told[0], dependency(seen) or (), W[0])

    def _shown(self, row: Row) -> Row:
        """Return the row modulo K: what it adds up to on the basis rows."""
        return tuple(dot(tuple(map(Fraction, self.hull.D[i].tolist())), row) for i in self.hull.basis)

    def _by_sign(self) -> bool:
        return self.stage.network.layer(self.stage.place + 1).activation.kind in ("step", "sign")

    def _explains(self, rows: Sequence[Vector]) -> bool:
        return isinstance(
            examine(self.stage, [self._readout(row, False) for row in rows], restrict=False), Accepted
        )

    def _spread(self, R: list[Row]) -> list[Vector] | None:
        """Return independent readouts of the functions, or None."""
        rows = list(R)
        spare = list(self.K)
        while (relation := dependency(rows)) is not None:
            if not spare:
                return None
            j = next(i for i, c in enumerate(relation) if c)
            rows[j] = tuple(a + b for a, b in zip(rows[j], spare.pop(), strict=True))
        return [tuple(map(int, row)) for row in rows]

    def _solve(self, R: list[Row], alphas: Sequence[Row], W: Sequence[Row]) -> list[Vector] | None:
        """Return R_j + κ_j with Σ_j α_ij (R_j + κ_j) = W_i, of least Σ c² where feasible; or None.

        Each coordinate of the κ_j in the basis of K is an integer equation system of its own.
        """
        k, m = len(R), len(R[0])
        equations = [
            (*alpha, *self._coordinates(_rest(alpha, R, target)))
            for alpha, target in zip(alphas, W, strict=True)
        ]
        reduced = independent(equations)
        if any(not any(row[:k]) for row in reduced):
            return None
        dens = [lcm(*(v.denominator for v in row[:k])) for row in reduced]
        scaled = [[v * den for v in row] for row, den in zip(reduced, dens, strict=True)]
        lattice = Lattice.of([[int(v) for v in row[:k]] for row in scaled], k)
        moves = [[0] * m for _ in range(k)]
        for b, vector in enumerate(self.K):
            wanted = [row[k + b] for row in scaled]
            y = lattice.solution(wanted)
            if y is None:
                return None
            for j in range(k):
                moves[j] = [move + y[j] * int(v) for move, v in zip(moves[j], vector, strict=True)]
        flat: Sequence[int] = [
            int(v) + step
            for row, move in zip(R, moves, strict=True)
            for v, step in zip(row, move, strict=True)
        ]
        free = [
            tuple(n[j] * int(v[c]) for j in range(k) for c in range(m))
            for n in lattice.kernel
            for v in self.K
        ]
        if 0 < len(free) <= MAX_SHORTEST:
            flat = closest(free, flat)
        for step in [(0,) * (k * m), *free]:  # a step along the lattice, if the shortest rows are dependent
            moved = [v + s for v, s in zip(flat, step, strict=True)]
            rows = [tuple(moved[j * m : (j + 1) * m]) for j in range(k)]
            if dependency([tuple(map(Fraction, row)) for row in rows]) is None:
                return rows
        return None

    def _coordinates(self, rest: Row) -> Row:
        """Return the coordinates of a vector in the basis of K."""
        found = combination(self.K, rest)
        if found is None:
            raise InternalError("a rest outside the kernel")
        return found

    def _related(self, R: list[Row], alpha: Row, c: Row, W: Row) -> list[Vector] | None:
        """Return readouts for some α + t c with which every write acts as an explanation, or None.

        Between the t at which some z(u) is 0 nothing changes; where ties are allowed, those t are tried too.
        """
        layer = self.stage.network.layer(self.stage.place + 1)
        (i,) = self.stage.reaching
        level = dot(layer.W[i], self.stage.rows[0]) + layer.b[i]
        writes = [tuple(map(Fraction, u)) for u in product([0, 1], repeat=len(R))]
        lines = [(level + dot(alpha, u), dot(c, u)) for u in writes]
        breaks = sorted({-z / slope for z, slope in lines if slope})
        points = [] if layer.activation.refuses_ties else breaks
        ends = [None, *breaks, None]
        found = []
        for low, high in [*pairwise(ends), *zip(points, points, strict=True)]:
            middle = _between(low, high)
            table = self._table(i, [z + middle * slope for z, slope in lines])
            if table is None or not all(any(essential(o, j) for o in table) for j in range(len(R))):
                continue
            rows = self._shortest(R, alpha, c, W, low, high)
            if rows is not None and not self._explains(rows):
                raise InternalError("readouts of related functions that are no explanation")
            found += [rows] if rows is not None else []
        if len(found) > 1 and not self.stage.space.output_gates.unrestricted:
            raise UndecidedError("functions that are related on the domain allow several output gates")
        return found[0] if found else None

    def _table(self, i: int, z: Sequence[Fraction]) -> tuple[str, ...] | None:
        tables: list[str] = ["" for _ in self.stage.decoding.outputs]
        for value in z:
            readings, tie = self.stage.beyond(RATIONALS, {i: value})
            if tie or any(reading.zero is reading.one for reading in readings):
                return None
            tables = [table + "01"[reading.one] for table, reading in zip(tables, readings, strict=True)]
        return tuple(tables)

    def _shortest(
        self, R: list[Row], alpha: Row, c: Row, W: Row, low: Fraction | None, high: Fraction | None
    ) -> list[Vector] | None:
        """Return readouts for some t in (low, high), or t = low = high: short ones where a simple t does."""
        if low is not None and low == high:
            return self._solve(R, [_along(alpha, c, low)], [W])
        found = [
            rows
            for t in _simple(low, high)
            if (rows := self._solve(R, [_along(alpha, c, t)], [W])) is not None
        ]
        if found:
            return min(found, key=lambda rows: (sum(v * v for row in rows for v in row), rows))
        t = self._solvable(R, alpha, c, W, low, high)
        if t is None:
            return None
        rows = self._solve(R, [_along(alpha, c, t)], [W])
        if rows is None:
            raise InternalError("related functions that should have readouts have none")
        return rows

    def _solvable(
        self, R: list[Row], alpha: Row, c: Row, W: Row, low: Fraction | None, high: Fraction | None
    ) -> Fraction | None:
        """Return t in (low, high) for which Σ (α + t c)_j κ_j = rest is solvable over K; None: there is none.

        For α = 0 the equation is t Σ c_j κ_j = W - t Σ c_j R_j: W/t must be integer, so t = content(W) / n.
        Otherwise solvable t are dense (see the module).
        """
        if not any(alpha):
            return _fraction_of(content(W), low, high) if any(W) else None
        low = low if low is not None else _between(low, high)  # solvable t are everywhere
        high = high if high is not None else _between(low, high)
        theta = self._coordinates(_rest(alpha, R, W))
        e = lcm(*(v.denominator for v in (*alpha, *theta)))
        a, steps = [int(v * e) for v in alpha], [int(v) for v in c]
        N = gcd(*(a[x] * steps[y] - a[y] * steps[x] for x, y in combinations(range(len(a)), 2)))
        fine = (N * e) ** 2
        while True:  # finer and finer, until a numerator coprime to the denominator fits
            fine *= 2 * N * e
            start = floor(low * fine) + 1
            for p in range(start, min(start + 4 * N * e + 64, ceil(high * fine))):
                if gcd(p, fine) == 1:
                    return Fraction(p, fine)


def _fraction_of(g: Fraction, low: Fraction | None, high: Fraction | None) -> Fraction | None:
    """Return g / n, n whole, between two numbers of one sign (None: no end); None if there is none."""
    if low is None or (high is not None and high <= 0):
        ends = (None if high is None else -high, None if low is None else -low)
        found = _fraction_of(g, *ends) if ends[0] is not None else g
        return None if found is None else -found
    n = 1 if high is None else floor(g / high) + 1  # the least n with g / n < high
    return g / n if g / n > low else None


def _between(low: Fraction | None, high: Fraction | None) -> Fraction:
    """Return a number between two, or the one number that they are (None: no end)."""
    if low is None or high is None:
        return low + 1 if low is not None else high - 1 if high is not None else Fraction(0)
    return (low + high) / 2


def _rest(alpha: Row, R: Sequence[Row], target: Row) -> Row:
    """Return target - Σ α_j R_j."""
    return tuple(t - dot(alpha, column) for t, column in zip(target, zip(*R, strict=True), strict=True))


def _along(alpha: Row, c: Row, t: Fraction) -> Row:
    """Return α + t c."""
    return tuple(a + t * step for a, step in zip(alpha, c, strict=True))


def _simple(low: Fraction | None, high: Fraction | None) -> list[Fraction]:
    """Return fractions with small numerator and denominator between two numbers."""
    terms = {Fraction(p, q) for q in range(1, SMALL + 1) for p in range(-SMALL, SMALL + 1)}
    return sorted(t for t in terms if (low is None or low < t) and (high is None or t < high))
