"""Sums of sigmoids → the algebra of exact real numbers, compared in balls of rising precision.

A number is Σ c_i a_i + d with rational c_i and d. An atom a_i is σ(z) of such a number z, made once per z, so
that what cancels never reaches a ball; σ(-z) = 1 - σ(z) and tanh(z) = 2σ(2z) - 1 leave one kind. Two more
things are *wide*, they stand for many numbers at once and no precision makes them narrow: the hull of some
numbers, and σ(λz) for every slope λ in an interval.

Balls are python-flint's `arb` (F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval
arithmetic", IEEE Transactions on Computers 66, 2017).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, Context, Decimal
from fractions import Fraction
from itertools import count
from typing import Any

from verifier.algebra import Booleans, Smooth
from verifier.errors import VerifierError
from verifier.notation import show
from verifier.verdict import UndecidedError

PRECISIONS = tuple(2**k for k in range(6, 14))  # bits
WIDE_PRECISION = 128
HALF = Fraction(1, 2)
DIGITS = 8
_ranks = count()


class TooCloseError(UndecidedError, VerifierError):
    """Two numbers are too close to tell apart, or a wide one reaches both sides of a bound."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Slopes:
    """Every slope λ > 0 with low <= λ <= high; `high` None: every λ from `low` on."""

    low: Fraction
    high: Fraction | None


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """A number no rational is known for. `enclose` returns a ball of it at the precision that is set.

    `z` is its argument if it is a sigmoid, None for a hull. Atoms are ordered by `rank`.
    """

    enclose: Callable[[], Any]
    wide: bool
    z: "Real | None" = None
    rank: int = field(default_factory=lambda: next(_ranks))
    _balls: dict[int, Any] = field(default_factory=dict, repr=False)

    def ball(self, precision: int) -> Any:
        """Return a ball; `precision` is the one that is set."""
        if precision not in self._balls:
            self._balls[precision] = self.enclose()
        return self._balls[precision]


@dataclass(frozen=True, slots=True, eq=False)
class Real:
    """The number Σ coefficient · atom + offset."""

    terms: dict[Atom, Fraction]
    offset: Fraction

    @property
    def key(self) -> tuple[Any, ...]:
        """What two numbers share exactly when they are the same sum."""
        return tuple(sorted(self.terms.items(), key=lambda term: term[0].rank)), self.offset

    @property
    def wide(self) -> bool:
        """Whether this stands for more than one number."""
        return any(atom.wide for atom in self.terms)

    def ball(self, precision: int) -> Any:
        """Return a ball; `precision` is the one that is set."""
        total = _arb(self.offset)
        for atom, c in self.terms.items():
            total += atom.ball(precision) if c == 1 else _arb(c) * atom.ball(precision)
        return total

    def __str__(self) -> str:
        """Return the number: exact if it is rational, else its first digits, none of them rounded."""
        return show(self.offset) if not self.terms else f"{_digits(self)}…"


class Reals(Booleans):
    """The algebra of one run, or with `slopes` of one run for all of them at once.

    Comparisons raise TooCloseError where no precision up to the last of `PRECISIONS` decides.
    """

    def __init__(self, slopes: Slopes | None = None) -> None:
        self.slopes = slopes
        self._sigmoids: dict[tuple[Any, ...], Atom] = {}

    def number(self, value: Fraction) -> Real:
        return Real({}, value)

    def choose(self, bit: bool, high: Fraction, low: Fraction) -> Real:
        return self.number(high if bit else low)

    def select(self, bit: bool, then: Real, otherwise: Real) -> Real:
        return then if bit else otherwise

    def affine(self, row: Sequence[Fraction], values: Sequence[Real], offset: Fraction) -> Real:
        terms: dict[Atom, Fraction] = {}
        for w, value in zip(row, values, strict=True):
            if not w:
                continue
            if value.offset:
                offset += w * value.offset
            for atom, c in value.terms.items():
                part = c if w == 1 else w * c
                total = terms[atom] + part if atom in terms else part
                if total:
                    terms[atom] = total
                else:
                    del terms[atom]
        return Real(terms, offset)

    def smooth(self, kind: Smooth, z: Real) -> Real:
        if kind == "sigmoid":
            return self._sigmoid(z)
        doubled = self.affine([Fraction(2)], [z], Fraction(0))
        return self.affine([Fraction(2)], [self._sigmoid(doubled)], Fraction(-1))

    def _sigmoid(self, z: Real) -> Real:
        terms, offset = z.key
        lead = terms[0][1] if terms else offset
        if lead == 0:
            return self.number(HALF)
        if lead < 0:
            mirrored = self._sigmoid(self.affine([Fraction(-1)], [z], Fraction(0)))
            return self.affine([Fraction(-1)], [mirrored], Fraction(1))
        if z.key not in self._sigmoids:
            wide = z.wide or (self.slopes is not None and self.slopes.low != self.slopes.high)
            self._sigmoids[z.key] = Atom(lambda: _sigmoid_ball(z, self.slopes), wide, z)
        return Real({self._sigmoids[z.key]: Fraction(1)}, Fraction(0))

    def greater(self, value: Real, bound: Fraction) -> bool:
        return self._sign(Real(value.terms, value.offset - bound)) > 0

    def equal(self, value: Real, bound: Fraction) -> bool:
        return self._sign(Real(value.terms, value.offset - bound)) == 0

    def _sign(self, value: Real) -> int:
        """Return -1, 0 or 1; 0 only for a sum that cancels."""
        if not value.terms:
            return (value.offset > 0) - (value.offset < 0)
        if len(value.terms) == 1:
            ((atom, c),) = value.terms.items()
            if atom.z is not None:
                level, side = -value.offset / c, 1 if c > 0 else -1  # the sign of c (σ(z) - level)
                if level <= 0 or level >= 1:
                    return side if level <= 0 else -side
                if level == HALF:
                    return side * self._sign(atom.z)
        for precision in (WIDE_PRECISION,) if value.wide else PRECISIONS:
            with _working(precision):
                ball = value.ball(precision)
                if ball > 0:
                    return 1
                if ball < 0:
                    return -1
        raise TooCloseError(
            "a hull on both sides of a bound" if value.wide else f"no difference within {PRECISIONS[-1]} bits"
        )


def hull(values: Sequence[Real]) -> Real:
    """Return a number that may be any of the values; one value is itself, exactly."""
    if not any(value.terms for value in values):
        ends = min(values, key=_offset), max(values, key=_offset)
        values = ends if ends[0].offset < ends[1].offset else ends[:1]
    if len({value.key for value in values}) == 1:
        return values[0]
    with _working(WIDE_PRECISION):
        ball = values[0].ball(WIDE_PRECISION)
        for value in values[1:]:
            ball = ball.union(value.ball(WIDE_PRECISION))
    return Real({Atom(lambda: ball, wide=True): Fraction(1)}, Fraction(0))


def _offset(value: Real) -> Fraction:
    return value.offset


def estimate(value: Real) -> float:
    """Return roughly the value: for sorting, never for a decision."""
    with _working(PRECISIONS[0]):
        return float(value.ball(PRECISIONS[0]).mid())


def bounds(value: Real, precision: int = WIDE_PRECISION) -> tuple[Fraction, Fraction]:
    """Return rationals around the number, or around all that it stands for; `precision` is in bits.

    A rational number is both ends itself.
    """
    if not value.terms:
        return value.offset, value.offset
    with _working(precision):
        return _ends(value.ball(precision))


def _ends(ball: Any) -> tuple[Fraction, Fraction]:
    low, high = (end.fmpq() for end in (ball.lower(), ball.upper()))
    return Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))


def _digits(value: Real) -> str:
    """Return the first digits of an irrational number, cut off and so all of them right."""
    down = Context(prec=DIGITS, rounding=ROUND_DOWN, Emin=MIN_EMIN, Emax=MAX_EMAX, capitals=0)
    texts: set[str] = set()
    for precision in PRECISIONS:
        with _working(precision):
            ends = _ends(value.ball(precision))
        quotients = [down.divide(Decimal(end.numerator), Decimal(end.denominator)) for end in ends]
        texts = {down.to_sci_string(quotient) for quotient in quotients}
        if len(texts) == 1:
            return texts.pop()
    return " or ".join(sorted(texts))


def _sigmoid_ball(z: Real, slopes: Slopes | None) -> Any:
    """Return a ball of σ(λz) for every slope λ; σ is monotone, so the ends of λz decide."""
    from flint import arb, ctx

    ball = z.ball(ctx.prec)
    if ball.is_exact() and slopes is None:
        return _sigmoid_at(ball)
    low, high = ball.lower(), ball.upper()
    if slopes is None:
        return _sigmoid_at(low).union(_sigmoid_at(high))
    least = slopes.high if low < 0 else slopes.low
    most = slopes.high if high > 0 else slopes.low
    below = arb(0) if least is None else _sigmoid_at(low * _arb(least))
    above = arb(1) if most is None else _sigmoid_at(high * _arb(most))
    return below.union(above)


def _sigmoid_at(z: Any) -> Any:
    power = (-abs(z)).exp()  # never overflows
    return (power if z < 0 else 1) / (1 + power)


def _arb(value: Fraction) -> Any:
    from flint import arb, fmpq

    return arb(fmpq(value.numerator, value.denominator))


@contextmanager
def _working(bits: int) -> Iterator[None]:
    """Set the precision balls are computed with, and set it back."""
    from flint import ctx

    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before
