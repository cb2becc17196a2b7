"""Symbolic bits → numbers: exact affine sums of atoms, and the normal form of their comparisons.

A number stays an affine sum until it is compared, so that what cancels exactly (a readout after a write, say)
never reaches a solver or a diagram. A comparison is brought to  Σ c_i a_i > t  with positive coprime integers
c_i and atoms a_i of known range [0, r_i], and decided on the spot where the ranges allow.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

from verifier.algebra import Exact


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """A term with an integer value in [0, most]; a symbolic bit when `is_bit`."""

    term: Any
    most: int = 1
    is_bit: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """The number Σ coefficient · atom + offset; the atoms by the identity of their terms."""

    terms: dict[int, tuple[Fraction, Atom]]
    offset: Fraction


class Signed(NamedTuple):
    """A bit that is not constant: an atom's identity and term, and whether the bit is its negation."""

    key: int
    term: Any
    negated: bool


class Comparison(NamedTuple):
    """value > bound iff Σ c·a > threshold, and value = bound iff `whole` and Σ c·a = threshold.

    Σ c·a is in [0, most].
    """

    literals: list[tuple[int, Atom]]
    most: int
    threshold: int
    whole: bool


class Sums(Exact, ABC):
    """The half of an algebra over symbolic bits that concerns numbers; the bits are a subclass's."""

    @abstractmethod
    def bit(self, value: bool) -> Any:
        """Return the constant bit."""

    @abstractmethod
    def negate(self, a: Any) -> Any:
        """Return ~a."""

    @abstractmethod
    def literal(self, bit: Any) -> bool | Signed:
        """Return a constant bit as `bool`, any other as an atom or its negation."""

    @abstractmethod
    def complement(self, atom: Atom) -> Atom:
        """Return the atom whose value is most - atom."""

    @abstractmethod
    def exceeds(self, comparison: Comparison) -> Any:
        """Return whether Σ c·a > threshold, which its range does not decide and no single bit is."""

    @abstractmethod
    def meets(self, comparison: Comparison) -> Any:
        """Return whether Σ c·a = threshold, which its range does not exclude and no single bit is."""

    def at_least(self, threshold: int, bits: Sequence[Any]) -> Any:
        ones = [self.choose(b, Fraction(1), Fraction(0)) for b in bits]
        total = self.affine([Fraction(1)] * len(ones), ones, Fraction(0))
        return self.greater(total, Fraction(threshold - 1))

    def number(self, value: Fraction) -> Sum:
        return Sum({}, value)

    def choose(self, bit: Any, high: Fraction, low: Fraction) -> Sum:
        literal = self.literal(bit)
        if isinstance(literal, bool):
            return self.number(high if literal else low)
        if literal.negated:
            high, low = low, high
        return Sum({literal.key: (high - low, Atom(literal.term))}, low)

    def affine(self, row: Sequence[Fraction], values: Sequence[Sum], offset: Fraction) -> Sum:
        terms: dict[int, tuple[Fraction, Atom]] = {}
        for w, value in zip(row, values, strict=True):
            if not w:
                continue
            offset += w * value.offset
            for key, (c, atom) in value.terms.items():
                terms[key] = (terms[key][0] + w * c if key in terms else w * c, atom)
        return Sum({key: (c, atom) for key, (c, atom) in terms.items() if c}, offset)

    def greater(self, value: Sum, bound: Fraction) -> Any:
        found = self.normal(value, bound)
        if found.threshold >= found.most:
            return self.bit(False)
        if found.threshold < 0:
            return self.bit(True)
        if len(found.literals) == 1 and found.literals[0][1].is_bit:
            return found.literals[0][1].term
        return self.exceeds(found)

    def equal(self, value: Sum, bound: Fraction) -> Any:
        found = self.normal(value, bound)
        if not found.whole or not 0 <= found.threshold <= found.most:
            return self.bit(False)
        if not found.literals:
            return self.bit(True)
        if len(found.literals) == 1 and found.literals[0][1].is_bit:
            bit = found.literals[0][1].term
            return bit if found.threshold else self.negate(bit)
        return self.meets(found)

    def normal(self, value: Sum, bound: Fraction) -> Comparison:
        """Return the comparison of a number with a bound over positive coprime integers."""
        if not value.terms:
            # with no atoms: 0 > t says whether the offset exceeds the bound
            return Comparison([], 0, -1 if value.offset > bound else 0, value.offset == bound)
        den = lcm(*(c.denominator for c, _ in value.terms.values()))
        whole = [(int(c * den), atom) for c, atom in value.terms.values()]
        divisor = gcd(*(c for c, _ in whole))
        target = (bound - value.offset) * den / divisor
        literals = []
        for c, atom in whole:
            if c < 0:
                target -= Fraction(c // divisor * atom.most)
                atom = self.complement(atom)
            literals.append((abs(c) // divisor, atom))
        threshold = target.numerator // target.denominator
        most = sum(c * atom.most for c, atom in literals)
        return Comparison(literals, most, threshold, target.denominator == 1)
