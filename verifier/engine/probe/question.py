"""Rows and the bits of a concept → Question: what a readout must do on every row, decided exactly.

A row of coefficients R with values v_i = R·H_i reads the concept, with some offset d, iff
lower_i ≤ v_i + d ≤ upper_i on every row. For the *linear* form the bounds are bit - τ and bit + τ, τ being
the tolerance; for the *threshold* form v_i + d > 0 where the bit is 1, and v_i + d ≤ 0 where it is 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from verifier.balls.reals import PRECISIONS
from verifier.engine.enumeration.cuts import simplest_between
from verifier.engine.enumeration.near import simplest
from verifier.engine.probe.outcome import Ends, Form
from verifier.engine.probe.seen import Seen
from verifier.engine.probe.sieve import Sieve
from verifier.readout import Linear, Threshold
from verifier.verdict import UndecidedError

#: Rows whose ends still overlap at the last precision and are compared one by one.
MAX_TIES = 64


@dataclass(frozen=True, eq=False)
class Question:
    """Does a row of whole coefficients read these bits, one per row, both of which occur?"""

    seen: Seen
    bits: tuple[bool, ...]
    form: Form
    tolerance: Fraction = Fraction(0)

    @cached_property
    def lower(self) -> dict[int, Fraction]:
        """The bounds from below, by row."""
        if self.form == "threshold":
            return {i: Fraction(0) for i, bit in enumerate(self.bits) if bit}
        return {i: bit - self.tolerance for i, bit in enumerate(self.bits)}

    @cached_property
    def upper(self) -> dict[int, Fraction]:
        """The bounds from above, by row."""
        if self.form == "threshold":
            return {i: Fraction(0) for i, bit in enumerate(self.bits) if not bit}
        return {i: bit + self.tolerance for i, bit in enumerate(self.bits)}

    def window(self, row: Sequence[int]) -> Ends | None:
        """Return the least and the greatest rational offset known to do; None if no offset will.

        Of the threshold form, the least one itself will not do.

        Raises:
            UndecidedError: values are too close to the bounds.
        """
        for precision in (0,) if self.seen.exact else PRECISIONS:
            ends = self.seen.ends(row, precision)
            least = max(bound - ends[i][0] for i, bound in self.lower.items())
            most = min(bound - ends[i][1] for i, bound in self.upper.items())
            if self._fits(least, most):
                return least, most
            below = max(bound - ends[i][1] for i, bound in self.lower.items())
            above = min(bound - ends[i][0] for i, bound in self.upper.items())
            if not self._fits(below, above):
                return None
        low = [i for i, bound in self.lower.items() if bound - ends[i][0] >= below]
        high = [j for j, bound in self.upper.items() if bound - ends[j][1] <= above]
        if self.form == "threshold" and len(low) * len(high) <= MAX_TIES and self._tied(row, low, high):
            return None
        raise UndecidedError(f"values are within 2^-{PRECISIONS[-1]} of what they are compared with")

    def _fits(self, least: Fraction, most: Fraction) -> bool:
        return least < most if self.form == "threshold" else least <= most

    def _tied(self, row: Sequence[int], ones: Sequence[int], zeros: Sequence[int]) -> bool:
        """Return whether a row with bit 1 has the very value of one with bit 0, as sums of sigmoids."""
        keys = [value.key for value in self.seen.values(row)]
        return not {keys[i] for i in ones}.isdisjoint({keys[j] for j in zeros})

    def site(self, row: Sequence[int], window: Ends) -> Linear | Threshold:
        """Return the readout with a simple offset: of a comparison, from the middle half of those that do."""
        exact = tuple(map(Fraction, row))
        least, most = window
        if self.form == "linear":
            return Linear(self.seen.place, exact, simplest(least, most))
        quarter = (most - least) / 4
        bound = simplest_between(-most + quarter, -least - quarter)
        if max(exact) <= 0:
            return Threshold(self.seen.place, tuple(-c for c in exact), "<", -bound)
        return Threshold(self.seen.place, exact, ">", bound)

    @cached_property
    def sieve(self) -> Sieve:
        """What rules coefficients out, many at a time."""
        seen = self.seen
        low, high = ({i: b * seen.den for i, b in side.items()} for side in (self.lower, self.upper))
        return Sieve.of(seen.A, seen.exact, low, high, self.form == "threshold")
