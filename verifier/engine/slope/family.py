"""Claim about a network with sigmoids → Family: the same claim at every slope, decided for many at once.

The enclosure of σ(λz) for all λ >= Λ is the margin theorem of `margins`, unit by unit and row by row: a z
that stays m away from 0 gives a value within 1/(1 + e^(Λm)) of its step.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.balls.decide import decide
from verifier.balls.reals import Slopes
from verifier.balls.rows import Rows
from verifier.checks import Obligation, Statement, obligations
from verifier.claim import Claim
from verifier.engine.replay import confirm, shortened
from verifier.errors import InternalError
from verifier.network import Network
from verifier.table.rows import Table
from verifier.verdict import Counterexample, Proved, Refuted, Run, Unknown, Verdict
from verifier.write import Dependency

MOST = Fraction(2**40)


def shared_slope(network: Network) -> Fraction | None:
    """Return the slope of all smooth layers, or None where they differ."""
    slopes = {layer.activation.slope for layer in network.layers if layer.activation.smooth}
    return slopes.pop() if len(slopes) == 1 else None


def with_slope(network: Network, slope: Fraction) -> Network:
    """Return the network with this slope in every smooth layer."""
    return Network(
        replace(layer, activation=replace(layer.activation, slope=slope))
        if layer.activation.smooth
        else layer
        for layer in network.layers
    )


@dataclass(slots=True)
class Family:
    """One check of a claim at every slope. `table` holds the rows that enter the first smooth layer."""

    claim: Claim
    check: Statement
    table: Table
    runs: int = 0

    def claim_at(self, slope: Fraction) -> Claim:
        """Return the claim at a slope."""
        return replace(self.claim, network=with_slope(self.claim.network, slope))

    def over(self, slopes: Slopes) -> Verdict:
        """Return proved if it holds at each of the slopes, refuted if it fails at each, else unknown."""
        return self._decided(self.claim_at(Fraction(1)), slopes)[0]

    def failing(self, slope: Fraction) -> Counterexample | None:
        """Return what refutes the claim at a slope, replayed, or None when it is proved or left open."""
        claim = self.claim_at(slope)
        verdict, obligation = self._decided(claim, None)
        if not isinstance(verdict, Refuted):
            return None
        if not confirm(claim, obligation, verdict.counterexample):
            raise InternalError(f"a refutation at slope {slope} does not replay: {verdict}")
        found = verdict.counterexample
        return shortened(claim, found) if isinstance(found, Run) and found.settings else found

    def _decided(self, claim: Claim, slopes: Slopes | None) -> tuple[Verdict, Obligation | None]:
        """Return the verdict on the check, and the obligation that refutes it."""
        stated = obligations(claim, self.check)
        if isinstance(stated, Dependency):
            return Refuted(stated), None
        rows = Rows(claim.network, claim.domain, slopes=slopes, table=self.table)
        verdict: Verdict = Proved("arb", len(stated))
        for obligation in stated:
            self.table.tick()
            found = decide(rows, claim, obligation).verdict
            if isinstance(found, Refuted):
                return found, obligation
            if isinstance(found, Unknown):
                verdict = found
        self.runs = rows.runs
        return verdict, None


@dataclass(frozen=True, slots=True)
class Limit:
    """What is the case at every slope from this one on: the claim holds, or this refutes it."""

    slope: Fraction
    found: Counterexample | None


def limit(family: Family, start: Fraction, most: Fraction = MOST) -> Limit | None:
    """Return the first of start, 2 start, … (up to `most`) from which on one thing is the case, if any."""
    slope = start
    while slope <= most:
        match family.over(Slopes(slope, None)):
            case Proved():
                return Limit(slope, None)
            case Refuted():
                found = family.failing(slope)
                if found is None:
                    raise InternalError(f"a refutation from slope {slope} on that is none at {slope}")
                return Limit(slope, found)
            case Unknown():
                slope *= 2
    return None
