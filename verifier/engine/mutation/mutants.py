"""Explanation → mutants: the explanation with one gate or one place changed, every different one once."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import assert_never

from verifier.claim import Claim
from verifier.engine.mutation.gates import Operator, changes, function
from verifier.engine.verify import Subject
from verifier.explanation import Explanation, Feature
from verifier.formula import names, show
from verifier.linear import dot
from verifier.network import Network, Row
from verifier.readout import Linear, Site, Threshold, Units, show_site

MAX_ROWS = 2**14  # of a layer whose gaps are looked for
MAX_REPLACED = 20_000  # of one gate: in a long one, names are replaced by the first others only
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Mutant:
    """An explanation with feature `before` changed to `after`, in its gate or in its place."""

    operator: Operator
    before: Feature
    after: Feature

    def of(self, claim: Claim) -> Claim:
        """Return the claim that has this feature instead.

        Raises:
            InputError: nobody could claim this.
        """
        features = [self.after if f.name == self.before.name else f for f in claim.explanation.features]
        return replace(claim, explanation=replace(claim.explanation, features=tuple(features)))

    @property
    def in_gate(self) -> bool:
        """Whether the gate is what differs."""
        return self.before.gate != self.after.gate

    def show(self, network: Network) -> tuple[str, str]:
        """Return what is changed as a spec writes it, after the name of the feature, and what it becomes."""
        name, one, other = self.before.name, self.before.site, self.after.site
        if self.in_gate or one is None or other is None:
            return f"{name}: {show(self.before.gate)}", show(self.after.gate)
        return f"{name} @ {show_site(one, network)}", show_site(other, network)


def mutants(subject: Subject, explanation: Explanation) -> list[Mutant]:
    """Return the mutants, feature by feature; of those that make the same claim whatever D, the shortest."""
    found: list[Mutant] = []
    earlier: list[str] = []
    for feature in explanation.features:
        chosen: dict[Hashable, Mutant] = {}
        for operator, after in _changed(subject, feature, earlier):
            mutant = Mutant(operator, feature, after)
            key = function(after.gate) if mutant.in_gate else after.site
            known = chosen.setdefault(key, mutant)
            if known is not mutant and len(show(after.gate)) < len(show(known.after.gate)):
                chosen[key] = mutant
        found += (mutant for mutant in chosen.values() if mutant.after != feature)
        earlier.append(feature.name)
    return found


def _changed(
    subject: Subject, feature: Feature, earlier: Sequence[str]
) -> Iterator[tuple[Operator, Feature]]:
    occurrences = sum(1 for _ in names(feature.gate))

    def alike(name: str) -> list[str]:
        kind = subject.domain.inputs if name in subject.domain.inputs else earlier
        return [other for other in kind if other != name][: MAX_REPLACED // occurrences]

    for operator, gate in changes(feature.gate, alike):
        yield operator, replace(feature, gate=gate)
    if feature.site is not None:
        for operator, site in _moved(subject, feature.site):
            yield operator, replace(feature, site=site)


def _moved(subject: Subject, site: Site) -> Iterator[tuple[Operator, Site]]:
    """Yield the places that differ in one coefficient, offset, bound or unit."""
    match site:
        case Linear(_, row, offset):
            yield from (("coefficient", replace(site, row=near)) for near in _near(row))
            yield from (("offset", replace(site, offset=offset + step)) for step in (-ONE, ONE))
        case Threshold(_, row, _, _):
            yield from (("coefficient", replace(site, row=near)) for near in _near(row))
            yield from (("bound", replace(site, bound=bound)) for bound in _bounds(subject, site))
        case Units(_, units):
            for unit in units if len(units) > 1 else ():
                yield "unit", replace(site, units=tuple(other for other in units if other != unit))
        case _:
            assert_never(site)


def _near(row: Row) -> Iterator[Row]:
    for i, c in enumerate(row):
        for step in (-ONE, ONE):
            yield (*row[:i], c + step, *row[i + 1 :])


def _bounds(subject: Subject, site: Threshold) -> list[Fraction]:
    """Return a bound in each of the gaps beside its own between the values compared; 1 apart if unknown."""
    rows = subject.distinct_rows(site.layer, MAX_ROWS)
    if rows is None:
        return [site.bound - ONE, site.bound + ONE]
    values = sorted({dot(site.row, row) for row in rows})
    ends = [values[0] - 2, *values, values[-1] + 2]
    below = sum(v < site.bound or (v == site.bound and site.op in (">", "<=")) for v in values)
    return [(ends[gap] + ends[gap + 1]) / 2 for gap in (below - 1, below + 1) if 0 <= gap <= len(values)]
