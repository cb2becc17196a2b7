"""Network, domain, decoding and explanation → Claim, and what a run of it means, over any algebra."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verifier.algebra import Algebra, B, S
from verifier.decoding import Decoding, argmax
from verifier.domain import Domain
from verifier.errors import InputError, Problem
from verifier.explanation import Explanation
from verifier.formula import unknown_names
from verifier.network import Network
from verifier.readout import Linear, Reading, Site, Threshold, Units, read
from verifier.write import validate_writes


@dataclass(frozen=True, slots=True)
class Claim:
    """An explanation of a network on a domain."""

    network: Network
    domain: Domain
    decoding: Decoding
    explanation: Explanation

    def __post_init__(self) -> None:
        problems = [*self._misfits(), *self._misnamed()]
        if problems:
            raise InputError(problems)

    def _misfits(self) -> Iterator[Problem]:
        """Yield what does not fit the shape of the network."""
        if self.network.n != self.domain.n:
            counts = f"{self.network.n} inputs, the domain has {self.domain.n}"
            yield Problem("E301", f"the network takes {counts}")
        for feature in self.explanation.features:
            if feature.site is not None and not _fits(self.network, feature.site):
                yield Problem("E301", f"the place of {feature.name} is not one of this network")
                return
        yield from validate_writes(self.network, self.explanation)
        for output in self.decoding.outputs:
            if output.site.layer != self.network.depth or not _fits(self.network, output.site):
                yield Problem("E301", f"output {output.name} is not one of this network")
        if self.decoding.argmax and self.decoding != argmax(self.network, self.decoding.tolerance):
            yield Problem("E301", "an argmax decoding must have every unit of the last layer as an output")

    def _misnamed(self) -> Iterator[Problem]:
        """Yield names that mean nothing, or two things."""
        known = list(self.domain.inputs)
        for feature in self.explanation.features:
            if feature.name in self.domain.inputs:
                yield Problem("E105", f"the feature {feature.name} has the name of an input")
            unknown = unknown_names(feature.gate, known)
            yield from unknown.problems if unknown else ()
            known.append(feature.name)
        for i, output in enumerate(self.decoding.names):
            if output in self.decoding.names[:i]:
                yield Problem("E105", f"two outputs are named {output}")
            if output in self.domain.inputs or output not in known:
                message = f"output {output} is not among the features of {self.explanation.name}"
                yield Problem("E501", message)


def _fits(network: Network, site: Site) -> bool:
    if not 1 <= site.layer <= network.depth:
        return False
    width = network.layer(site.layer).width
    return max(site.units) < width if isinstance(site, Units) else len(site.row) == width


@dataclass(frozen=True, slots=True)
class Compared:
    """What a statement compares: all outputs or none, and the features with these names."""

    outputs: bool
    features: tuple[str, ...] = ()


def readings(
    alg: Algebra[B, S], claim: Claim, compared: Compared, start: int, h: Sequence[S]
) -> tuple[list[tuple[str, Reading[B]]], B]:
    """Return what the network shows from activations `h` at place `start` on, and whether a tie was met.

    One reading per compared feature, by layer, then one per output.
    """
    network, explanation = claim.network, claim.explanation
    by_layer: dict[int, list[str]] = {network.depth: []} if compared.outputs else {}
    for name in compared.features:
        site = explanation.feature(name).site
        assert site is not None
        by_layer.setdefault(site.layer, []).append(name)
    shown: list[tuple[str, Reading[B]]] = []
    ties = []
    values, place = list(h), start
    for layer in sorted(by_layer):
        values, tie = network.forward(alg, place, values, layer)
        place = layer
        ties.append(tie)
        for name in by_layer[layer]:
            site = explanation.feature(name).site
            assert isinstance(site, Linear | Threshold)
            shown.append((name, read(alg, site, values, explanation.tolerance)))
    if compared.outputs:
        outputs, tie = claim.decoding.decode(alg, values)
        ties.append(tie)
        shown += zip(claim.decoding.names, outputs, strict=True)
    return shown, alg.disjoin(ties)


def agree(
    alg: Algebra[B, S], shown: Sequence[tuple[str, Reading[B]]], tie: B, expected: Mapping[str, B]
) -> B:
    """Return whether every reading is the explanation's bit, and no tie was met."""
    return alg.conjoin([alg.negate(tie), *(reading.agrees(alg, expected[name]) for name, reading in shown)])


def changed(
    alg: Algebra[B, S],
    before: Sequence[tuple[str, Reading[B]]],
    after: Sequence[tuple[str, Reading[B]]],
    tie: B,
) -> B:
    """Return whether some reading differs between two runs, the second of which met no tie."""
    differences = []
    for (_, old), (_, new) in zip(before, after, strict=True):
        differences += [alg.differ(old.zero, new.zero), alg.differ(old.one, new.one)]
    return alg.conjoin([alg.negate(tie), alg.disjoin(differences)])
