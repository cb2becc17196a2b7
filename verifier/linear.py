"""Rows of rationals → dependencies, right inverses, combinations: exact linear algebra on python-flint."""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flint import fmpq_mat

Row = tuple[Fraction, ...]


def _matrix(rows: Sequence[Sequence[Fraction]]) -> "fmpq_mat":
    from flint import fmpq, fmpq_mat

    return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])


def _rows(matrix: "fmpq_mat") -> tuple[Row, ...]:
    return tuple(tuple(Fraction(int(v.p), int(v.q)) for v in row) for row in matrix.tolist())


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return the inner product."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def rank(rows: Sequence[Row]) -> int:
    """Return the dimension of the span of the rows."""
    return int(_matrix(rows).rref()[1]) if rows else 0


def independent(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return a basis of the span of the rows (the non-zero rows of the reduced echelon form)."""
    if not rows:
        return ()
    reduced, size = _matrix(rows).rref()
    return _rows(reduced)[: int(size)]


def dependency(rows: Sequence[Row]) -> Row | None:
    """Return coprime integers c ≠ 0 with Σ c_j rows_j = 0, or None when the rows are independent.

    >>> dependency([(Fraction(1), Fraction(2)), (Fraction(2), Fraction(4))])
    (Fraction(2, 1), Fraction(-1, 1))
    """
    if not rows:
        return None
    width, count = len(rows[0]), len(rows)
    extended = [tuple(row) + tuple(Fraction(i == j) for j in range(count)) for i, row in enumerate(rows)]
    reduced, _ = _matrix(extended).rref()
    for row in _rows(reduced):
        if any(row[width:]) and not any(row[:width]):
            return primitive(row[width:])
    return None


def right_inverse(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return C^T (C C^T)^-1 of independent rows C (K x m): m rows of K, the least-squares right inverse."""
    C = _matrix(rows)
    Ct = C.transpose()
    return _rows(Ct * (C * Ct).inv())


def combination(rows: Sequence[Row], target: Row) -> Row | None:
    """Return α with Σ α_j rows_j = target, or None when the target is outside the span."""
    if not rows:
        return None if any(target) else ()
    columns = [(*column, t) for column, t in zip(zip(*rows, strict=True), target, strict=True)]
    reduced, size = _matrix(columns).rref()
    alpha = [Fraction(0)] * len(rows)
    for row in _rows(reduced)[: int(size)]:
        pivot = next(j for j, v in enumerate(row) if v)
        if pivot == len(rows):
            return None
        alpha[pivot] = row[-1]
    return tuple(alpha)


def orthogonal_part(rows: Sequence[Row], target: Row) -> Row:
    """Return coprime integers v, a multiple of the part of `target` orthogonal to every row.

    So rows_j · v = 0 for all j, and target · v ≠ 0 exactly when the target is outside the span.
    """
    basis = independent(rows)
    if not basis:
        return direction(target)
    C = _matrix(basis)
    w = _matrix([target])
    Ct = C.transpose()
    return direction(_rows(w - w * Ct * (C * Ct).inv() * C)[0])


def content(row: Sequence[Fraction]) -> Fraction:
    """Return the positive g with row / g coprime integers; 0 for the zero row."""
    scale = lcm(*(v.denominator for v in row))
    return Fraction(gcd(*(int(v * scale) for v in row)), scale)


def primitive(row: Sequence[Fraction]) -> Row:
    """Return the positive multiple of a row whose entries are coprime integers; zero stays zero."""
    divisor = content(row) or Fraction(1)
    return tuple(v / divisor for v in row)


def direction(row: Sequence[Fraction]) -> Row:
    """Return the multiple of a row whose entries are coprime integers, the first non-zero one positive."""
    whole = primitive(row)
    lead = next((v for v in whole if v), Fraction(1))
    return whole if lead > 0 else tuple(-v for v in whole)
