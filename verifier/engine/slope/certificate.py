"""Proved check of a smooth network → a sentence: from which slope on the margin theorem proves it too."""

from dataclasses import dataclass, field
from fractions import Fraction

from verifier.balls.reals import Slopes
from verifier.balls.rows import Rows
from verifier.checks import Statement
from verifier.claim import Claim
from verifier.domain import show_bits
from verifier.engine.slope.bracket import rounded_down
from verifier.engine.slope.family import MOST, Family, limit, shared_slope
from verifier.engine.slope.margins import Margin, margins
from verifier.notation import show, show_decimal
from verifier.verdict import Proved, Tie

MAX_RUNS = 256
FEW = 16
CLOSE, SMALL = Fraction(1, 10_000), Fraction(1, 100)


@dataclass(slots=True)
class Certificates:
    """What the slopes of a network that was run at one slope have in common."""

    rows: Rows
    _margins: tuple[Margin, ...] | Tie | None = field(init=False, default=None)

    def sentence(self, claim: Claim, check: Statement) -> str:
        """Return from which slope on a check proved at the network's own holds, or why none is known."""
        slope = shared_slope(claim.network)
        if slope is None:
            return "no slope certificate: the slopes of the layers differ"
        try:
            if self._margins is None:
                self._margins = margins(claim.network, claim.domain, self.rows.table.deadline)
            if isinstance(self._margins, Tie):
                return f"no slope certificate: {degenerate(self._margins)}"
            family = Family(claim, check, self.rows.table)
            most = max(MOST, slope) if len(self.rows.at(self.rows.place).rows) <= MAX_RUNS else slope * FEW
            found = limit(family, slope, most)
            if found is None:
                return f"no slope certificate: none is found up to slope {show_decimal(most)}"
            if found.found is not None:
                return f"fails at every slope >= {show_decimal(found.slope)}"
            least = _least(family, found.slope)
        except TimeoutError:
            return "no slope certificate: the time limit was reached"
        from_on = f"slope >= {show_decimal(least)}" if least else "slope"
        return f"holds at every {from_on} (margins, row by row: {shown(self._margins)})"


def _least(family: Family, proved: Fraction) -> Fraction:
    """Return nearly the least slope from which on enclosures prove the check; `proved` if runs are long.

    0 stands for every slope.
    """
    low, high = Fraction(0), proved
    if family.runs > MAX_RUNS:
        return high
    if isinstance(family.over(Slopes(low, None)), Proved):
        return low
    while high - low > max(high, SMALL) * CLOSE:
        middle = rounded_down((low + high) / 2, (high - low) / 8)
        if isinstance(family.over(Slopes(middle, None)), Proved):
            high = middle
        else:
            low = middle
    return high


def shown(known: tuple[Margin, ...]) -> str:
    """Return margins and row sums as text."""
    least = ", ".join(show(margin.m) for margin in known)
    return f"m = {least}; A = {', '.join(show(margin.A) for margin in known)}"


def degenerate(tie: Tie) -> str:
    """Return what is said of a step network that ties."""
    return f"degenerate, {tie.what} has z = 0 at x = {show_bits(tie.x)} in the limit of large slopes"
