"""Symbolic runs → the algebra of z3 terms: bits are Booleans, numbers are exact affine sums of atoms.

How a comparison of a sum is encoded:

- `bv`: unsigned bit-vectors just wide enough for the largest sum, so that no overflow is possible;
- `lia`: linear integer arithmetic;
- `pb`: pseudo-Boolean constraints, where every atom is a bit and every number fits a C int; `lia` elsewhere.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any, Literal

import z3

from verifier.sums import Atom, Comparison, Signed, Sum, Sums

Encoding = Literal["bv", "lia", "pb"]
ENCODINGS: tuple[Encoding, ...] = ("bv", "lia", "pb")
_C_INT = 2**31


class Terms(Sums):
    """The algebra of runs on symbolic inputs, in one of the encodings."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding

    def bit(self, value: bool) -> Any:
        return z3.BoolVal(value)

    def negate(self, a: Any) -> Any:
        if z3.is_true(a) or z3.is_false(a):
            return z3.BoolVal(z3.is_false(a))
        return a.arg(0) if z3.is_not(a) else z3.Not(a)

    def conjoin(self, bits: Sequence[Any]) -> Any:
        if any(z3.is_false(b) for b in bits):
            return z3.BoolVal(False)
        open_bits = [b for b in bits if not z3.is_true(b)]
        return z3.And(*open_bits) if len(open_bits) > 1 else open_bits[0] if open_bits else z3.BoolVal(True)

    def disjoin(self, bits: Sequence[Any]) -> Any:
        return self.negate(self.conjoin([self.negate(b) for b in bits]))

    def differ(self, a: Any, b: Any) -> Any:
        for this, other in ((a, b), (b, a)):
            if z3.is_false(this):
                return other
            if z3.is_true(this):
                return self.negate(other)
        return z3.Xor(a, b)

    def literal(self, bit: Any) -> bool | Signed:
        if z3.is_true(bit) or z3.is_false(bit):
            return bool(z3.is_true(bit))
        negated = bool(z3.is_not(bit))
        term = bit.arg(0) if negated else bit
        return Signed(term.get_id(), term, negated)

    def select(self, bit: Any, then: Sum, otherwise: Sum) -> Sum:
        if z3.is_true(bit) or z3.is_false(bit):
            return then if z3.is_true(bit) else otherwise
        if not then.terms and not otherwise.terms:
            return self.choose(bit, then.offset, otherwise.offset)
        den = lcm(
            *(v.denominator for s in (then, otherwise) for v in (s.offset, *(c for c, _ in s.terms.values())))
        )
        (low_a, high_a), (low_b, high_b) = self._range(then, den), self._range(otherwise, den)
        low, most = min(low_a, low_b), max(high_a, high_b) - min(low_a, low_b)
        term = z3.If(bit, self._shifted(then, den, low, most), self._shifted(otherwise, den, low, most))
        return Sum({term.get_id(): (Fraction(1, den), Atom(term, most, False))}, Fraction(low, den))

    def exceeds(self, comparison: Comparison) -> Any:
        literals, most, threshold, _ = comparison
        if self._is_pb(literals, most):
            return z3.PbGe([(atom.term, c) for c, atom in literals], threshold + 1)
        if self.encoding == "bv":
            width = most.bit_length()
            return z3.UGT(self._total(literals, width), z3.BitVecVal(threshold, width))
        return self._total(literals, 0) > threshold

    def meets(self, comparison: Comparison) -> Any:
        literals, most, threshold, _ = comparison
        if self._is_pb(literals, most):
            return z3.PbEq([(atom.term, c) for c, atom in literals], threshold)
        width = most.bit_length()
        return self._total(literals, width if self.encoding == "bv" else 0) == threshold

    def complement(self, atom: Atom) -> Atom:
        if atom.is_bit:
            return Atom(self.negate(atom.term))
        return Atom(atom.most - atom.term, atom.most, False)

    def _is_pb(self, literals: Sequence[tuple[int, Atom]], most: int) -> bool:
        return self.encoding == "pb" and most < _C_INT and all(atom.is_bit for _, atom in literals)

    def _total(self, literals: Sequence[tuple[int, Atom]], width: int) -> Any:
        """Return Σ c·a as an integer term, or as a bit-vector of `width` bits when that is not 0."""
        parts = []
        for c, atom in literals:
            if width:
                constant = z3.BitVecVal(c, width)
                if atom.is_bit:
                    parts.append(z3.If(atom.term, constant, z3.BitVecVal(0, width)))
                else:
                    wide = z3.ZeroExt(width - atom.term.size(), atom.term)
                    parts.append(wide * constant if c > 1 else wide)
            elif atom.is_bit:
                parts.append(z3.If(atom.term, z3.IntVal(c), z3.IntVal(0)))
            else:
                parts.append(atom.term * c if c > 1 else atom.term)
        return reduce(lambda a, b: a + b, parts)

    def _range(self, value: Sum, den: int) -> tuple[int, int]:
        """Return the least and the greatest value of den · value."""
        low = high = value.offset * den
        for c, atom in value.terms.values():
            low += min(c * den * atom.most, Fraction(0))
            high += max(c * den * atom.most, Fraction(0))
        return int(low), int(high)

    def _shifted(self, value: Sum, den: int, low: int, most: int) -> Any:
        """Return den · value - low, known to lie in [0, most], as an integer term."""
        width = most.bit_length() if self.encoding == "bv" else 0
        constant = value.offset * den - low
        literals = []
        for c, atom in value.terms.values():
            c *= den
            if c < 0:
                constant += c * atom.most
                atom = self.complement(atom)
            literals.append((int(abs(c)), atom))
        offset = z3.BitVecVal(int(constant), width) if width else z3.IntVal(int(constant))
        return self._total(literals, width) + offset if literals else offset
