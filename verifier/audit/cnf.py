"""Hidden rows + allowed coefficients + a cube + the readouts listed in it → clauses without an assignment.

The clauses say "here is a non-constant readout in the cube that is not listed". A refutation of them is a
proof that the list of the cube is complete.

**Readouts.** H_0 < H_1 < … < H_{N−1} are the distinct hidden rows, V_c the integers allowed for coefficient
c. A readout is a row R with R_c in V_c and a rational d such that R·H_i + d is 0 or 1 for every i, and not
always the same. Let Δ_i = H_i − H_0 for i ≥ 1, den_i the least common denominator of its entries, D_i =
den_i Δ_i. Then R is the row of a readout iff every R·D_i is −den_i, 0 or den_i, not all are 0, and no two
of them differ in sign; d = b0 − R·H_0 follows, where b0, the bit of row 0, is 0 when some R·D_i > 0 and 1
when some R·D_i < 0.

**Variables**, numbered from 1 in this order:

- x(c, v), "R_c = v": by c, then v ascending, over the whole of V_c whatever the cube;
- b0;
- y(i, p, s), "the first p terms of R·D_i sum to s": by i from 1, then p, then s ascending. The terms of row
  i are those c with D_ic ≠ 0, in order of c; p runs from 1 to their number. There is such a *node* only if
  s is a sum of p values R_c D_ic with R_c in V_c, and some choice of the terms that remain makes the whole
  −den_i, 0 or den_i;
- t, the last one, which is true.

**Clauses**, in this order; a clause of fewer than two literals is written with the additional literal ¬t:

1. for each c: some x(c, v); then, pairwise, not two of them;
2. for each row i: for each term p, each s ascending (s = 0 alone before the first term), each v ascending,
   with c the column of the term: ¬x(c, v) ∨ ¬y(i, p − 1, s) ∨ y(i, p, s + v D_ic), without the second
   literal when p = 1, and without the third when there is no such node; then, pairwise, not two of the
   nodes of the last term; then ¬y(i, last, −den_i) ∨ b0 and ¬y(i, last, den_i) ∨ ¬b0, where the nodes
   exist;
3. some y(i, last, ±den_i), by i, then −den_i before den_i;
4. for each listed readout, in the order given: ¬x(0, R_0) ∨ … ∨ ¬x(m − 1, R_{m−1});
5. for each value of the cube: x(c, v);
6. t, the very last clause, and the only one of a single literal unless some clause of 1 to 5 is empty.

So a proof system that numbers the clauses in order meets a unit clause only at the end.

**Why a refutation proves completeness.** Take any readout (R, d) in the cube, with bits g_i = R·H_i + d.
Let x(c, v) be true iff R_c = v, b0 iff g_0 = 1, y(i, p, s) iff s is the sum of the first p terms of R·D_i,
and t. Each of these sums has a node: R itself reaches it from 0, and goes on from it to den_i (g_i − g_0).
So every clause of 2 holds: when its first two literals are false, R has the coefficient v and the sum s, so
that the third is there and is true; one node of the last term is true, not two; and the sum is den_i only
if g_0 = 0, −den_i only if g_0 = 1. 1 holds because R_c is one member of V_c, 3 because g is not constant, 5
because R is in the cube, and 6. If all clauses together have no assignment, it is one of 4 that fails: R is
listed. Nothing else is assumed of R, hence every readout of the cube is listed.

Conversely, an assignment names one value per column by 1; by 2, along the true sums of row i, the node of
its total is true and is the only one of the last term; by 2 and 3 the totals are those of a readout, and b0
is its bit of row 0. Assignments without 4 are therefore readouts of the cube, each of which fixes all x and
b0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import lcm

from verifier.errors import VerifierError

MAX_NODES = 200_000
MAX_CLAUSES = 2_000_000

Clause = list[int]


class TooLargeError(VerifierError):
    """The rows have too many partial sums, or the columns too many values, to be written as clauses."""


@dataclass(frozen=True, slots=True)
class Base:
    """The clauses that all cubes share; `literals[c][v]` is x(c, v), `last` is t."""

    literals: tuple[dict[int, int], ...]
    clauses: list[Clause]
    last: int

    @classmethod
    def of(cls, rows: Sequence[Sequence[Fraction]], values: Sequence[Iterable[int]]) -> "Base":
        """Return the clauses 1 to 3 of the distinct hidden rows, ascending, and the integers per column.

        Raises:
            ValueError: rows that are not ascending, or not as long as there are columns.
            TooLargeError: more than `MAX_NODES` partial sums or `MAX_CLAUSES` clauses.
        """
        width = len(values)
        if not rows or not width or any(len(row) != width for row in rows):
            raise ValueError(f"expected at least one row of {width} ≥ 1 numbers each")
        if any(tuple(a) >= tuple(b) for a, b in pairwise(rows)):
            raise ValueError("expected distinct rows in ascending order")
        columns = [sorted(set(allowed)) for allowed in values]
        _bounded(sum(len(column) ** 2 // 2 for column in columns))
        literals: list[dict[int, int]] = []
        free = 1
        for column in columns:
            literals.append({v: free + k for k, v in enumerate(column)})
            free += len(column)
        first_bit = free
        free += 1
        clauses: list[Clause] = []
        for column_literals in literals:
            clauses.append(list(column_literals.values()))
            clauses += _not_two(column_literals.values())
        changes: Clause = []
        limit = free + MAX_NODES
        for row in rows[1:]:
            free = _add_row(rows[0], row, literals, first_bit, free, limit, clauses, changes)
        clauses.append(changes)
        return cls(tuple(literals), [_guarded(clause, free) for clause in clauses], free)

    def cube(self, cube: Sequence[int], blocked: Iterable[Sequence[int]]) -> list[Clause]:
        """Return all clauses of the cube with these first coefficients, the listed readouts excluded.

        Raises:
            ValueError: a cube or a readout outside the allowed values.
        """
        literals, last = self.literals, self.last
        if len(cube) > len(literals):
            raise ValueError(f"expected a cube of at most {len(literals)} values, got {len(cube)}")
        try:
            listed = [[-x[v] for x, v in zip(literals, readout, strict=True)] for readout in blocked]
            fixed = [[x[v], -last] for x, v in zip(literals, cube, strict=False)]
        except (KeyError, ValueError) as error:
            raise ValueError(f"a cube or a readout outside the allowed values: {error}") from None
        if len(literals) == 1:
            listed = [[literal, -last] for (literal,) in listed]
        return [*self.clauses, *listed, *fixed, [last]]

    def readout(self, assignment: Iterable[int]) -> tuple[int, ...]:
        """Return the row R of the readout that an assignment (its true literals) names."""
        true = set(assignment)
        return tuple(next(v for v, x in column.items() if x in true) for column in self.literals)


def encode(
    rows: Sequence[Sequence[Fraction]],
    values: Sequence[Iterable[int]],
    cube: Sequence[int],
    blocked: Iterable[Sequence[int]],
) -> list[Clause]:
    """Return the clauses "a non-constant readout of the cube that is not blocked".

    One hidden unit, hidden rows 0 and 1, coefficients 0 and 1, the readout 1 blocked:

    >>> encode([(Fraction(0),), (Fraction(1),)], [(0, 1)], (), [(1,)])
    [[1, 2], [-1, -2], [-1, 4], [-2, 5], [-4, -5], [-5, -3], [5, -6], [-2, -6], [6]]

    Raises:
        ValueError: rows that are not ascending, or a cube or a readout outside the allowed values.
        TooLargeError: more than `MAX_NODES` partial sums or `MAX_CLAUSES` clauses.
    """
    return Base.of(rows, values).cube(cube, blocked)


def dimacs(clauses: Sequence[Clause]) -> str:
    """Return the clauses in the DIMACS format, for checkers other than ours.

    >>> dimacs([[1, -2], [2]])
    'p cnf 2 2\\n1 -2 0\\n2 0\\n'
    """
    variables = max((abs(literal) for clause in clauses for literal in clause), default=0)
    lines = [" ".join(map(str, [*clause, 0])) for clause in clauses]
    return "\n".join([f"p cnf {variables} {len(clauses)}", *lines]) + "\n"


def _add_row(
    first: Sequence[Fraction],
    row: Sequence[Fraction],
    literals: Sequence[dict[int, int]],
    first_bit: int,
    free: int,
    limit: int,
    clauses: list[Clause],
    changes: Clause,
) -> int:
    """Append the clauses 2 of a row, and its literals of clause 3; return the first variable that is free."""
    delta = [b - a for a, b in zip(first, row, strict=True)]
    den = lcm(*(v.denominator for v in delta))
    terms = [(x, int(v * den)) for x, v in zip(literals, delta, strict=True) if v]
    levels = _nodes([[v * factor for v in x] for x, factor in terms], den)
    below: dict[int, int] = {}
    for p, ((x, factor), sums) in enumerate(zip(terms, levels, strict=True)):
        above = {s: free + k for k, s in enumerate(sums)}
        free += len(above)
        if free > limit:
            raise TooLargeError(f"more than {MAX_NODES:,} partial sums of hidden rows")
        scaled = [(v * factor, -literal) for v, literal in x.items()]
        _bounded(len(clauses) + len(below) * len(scaled))
        for s, node in below.items() if p else [(0, 0)]:
            for step, literal in scaled:
                clause = [literal, -node] if p else [literal]
                after = above.get(s + step)
                if after is not None:
                    clause.append(after)
                clauses.append(clause)
        below = above
    clauses += _not_two(below.values())
    for total, literal in ((-den, first_bit), (den, -first_bit)):
        if total in below:
            clauses.append([-below[total], literal])
            changes.append(below[total])
    return free


def _nodes(terms: Sequence[Sequence[int]], den: int) -> list[list[int]]:
    """Return, per term, the sums up to it that are reached from 0 and begin some whole sum of −den, 0 or den.

    Sums are followed from both ends to the middle only, where few of them meet when the numbers are odd ones.
    """
    count, middle = len(terms), len(terms) // 2
    before, after = _bounds(terms), _bounds(terms[::-1])[::-1]
    reached, ending = {0: {0}}, {count: {-den, 0, den}}
    for p in range(1, middle + 1):
        low, high = after[p]
        _bounded(len(reached[p - 1]) * len(terms[p - 1]))
        reached[p] = _within({s + v for s in reached[p - 1] for v in terms[p - 1]}, -den - high, den - low)
    for p in range(count - 1, middle - 1, -1):
        low, high = before[p]
        _bounded(len(ending[p + 1]) * len(terms[p]))
        ending[p] = _within({s - v for s in ending[p + 1] for v in terms[p]}, low, high)
    alive = {middle: reached[middle] & ending[middle]}
    for p in range(middle - 1, 0, -1):
        alive[p] = reached[p] & {s - v for s in alive[p + 1] for v in terms[p]}
    for p in range(middle + 1, count + 1):
        alive[p] = ending[p] & {s + v for s in alive[p - 1] for v in terms[p - 1]}
    return [sorted(alive[p]) for p in range(1, count + 1)]


def _bounds(terms: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the least and the greatest sum of the first p terms, for p from 0."""
    bounds = [(0, 0)]
    for steps in terms:
        low, high = bounds[-1]
        bounds.append((low + min(steps, default=0), high + max(steps, default=0)))
    return bounds


def _within(sums: set[int], low: int, high: int) -> set[int]:
    """Return the sums between two bounds, both included."""
    kept = {s for s in sums if low <= s <= high}
    if len(kept) > MAX_NODES:
        raise TooLargeError(f"more than {MAX_NODES:,} partial sums of a hidden row")
    return kept


def _bounded(count: int) -> None:
    if count > MAX_CLAUSES:
        raise TooLargeError(f"more than {MAX_CLAUSES:,} clauses")


def _not_two(literals: Iterable[int]) -> list[Clause]:
    return [[-a, -b] for a, b in combinations(literals, 2)]


def _guarded(clause: Clause, last: int) -> Clause:
    """Return a clause, with the literal ¬t when it has fewer than two."""
    return clause if len(clause) > 1 else [*clause, -last]
