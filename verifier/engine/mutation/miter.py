"""Mutant that nothing refuted → does it claim the same? A miter of both says so, by the check `behavior`.

Two explanations that differ in one feature claim the same of a domain D iff

- its gate is the same function: of the inputs in D and of *all* values of the earlier features that have a
  place, as these can be written; features without a place are what their gates say;
- or its place reads the same on all of D: a linear form the same number, a comparison the same bit. A
  different set of units is another place.

This does not depend on which checks are asked: a claim whose checks write nothing and that would hold with
another gate is one that does not notice. Only of mutants that passed every check asked is it a question; a
coefficient of a unit that is 0 on all of D makes the same claim where all of them still hold.

A miter (Brand, 1993) computes how two circuits differ. Here it is a network and a formula that differ where
the two gates, or the two readouts, do: they agree on all of D, iff these are the same.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from verifier.claim import Claim
from verifier.decoding import Decoding, Output
from verifier.domain import Domain
from verifier.engine.mutation.mutants import Mutant
from verifier.engine.verify import Subject
from verifier.explanation import Explanation, Feature
from verifier.formula import Const, Gate, names
from verifier.network import Activation, Layer, Network
from verifier.readout import Linear, Threshold
from verifier.verdict import UndecidedError, Verdict

MAX_ROWS = 2**20
ZERO, ONE = Fraction(0), Fraction(1)


def miter(claim: Claim, mutant: Mutant) -> Claim | None:
    """Return the claim that a mutant claims the same, whose `behavior` decides it; None for other units.

    Its inputs are those of the claim and, where gates are compared, the earlier features that can be written.

    Raises:
        UndecidedError: the domain is given by rows, and these with all values of the features are too many.
    """
    if mutant.in_gate:
        return _of_gates(claim, mutant)
    return _of_readouts(claim, mutant)


def decided(subject: Subject, question: Claim) -> Verdict:
    """Return the verdict on a miter, by the method and within the limits of a subject."""
    choice = "auto" if subject.choice == "arb" else subject.choice  # few miters have a sigmoid
    network, domain, decoding = question.network, question.domain, question.decoding
    limits = subject.timeout_s, subject.rlimit, subject.nodes
    return Subject(network, domain, decoding, choice, *limits).verify(question, "behavior").verdict


def _of_gates(claim: Claim, mutant: Mutant) -> Claim:
    """Return that a network that is always 0 does what the XOR of two gates says."""
    domain = claim.domain
    difference = Gate("xor", (mutant.before.gate, mutant.after.gate))
    used = list(_used(claim.explanation, Feature(mutant.before.name, difference)))
    free = tuple(feature.name for feature in used if feature.site is not None)
    rows = domain.rows
    if rows is not None:
        if len(rows) << len(free) > MAX_ROWS:
            raise UndecidedError(f"{len(rows)} rows and {len(free)} features have too many values")
        rows = tuple((*row, *bits) for row in rows for bits in product((False, True), repeat=len(free)))
    inputs = (*domain.inputs, *free)
    zero = Layer("zero", ((ZERO,) * len(inputs),), (ZERO,), Activation("identity"))
    computed = tuple(feature for feature in used if feature.site is None)
    return _agreement(Network([zero]), Domain(inputs, domain.where, rows), computed)


def _used(explanation: Explanation, last: Feature) -> Iterator[Feature]:
    """Yield what a feature depends on, in order, back to features that have a place, and the feature."""
    needed = {name.name for name in names(last.gate)}
    used = [last]
    for feature in reversed(explanation.features):
        if feature.name in needed:
            used.append(feature)
            if feature.site is None:
                needed |= {name.name for name in names(feature.gate)}
    yield from reversed(used)


def _of_readouts(claim: Claim, mutant: Mutant) -> Claim | None:
    """Return that the difference of two readouts, a network of its own, is always 0."""
    match mutant.before.site, mutant.after.site:
        case Linear(place, row, offset), Linear(_, other, moved):
            both = tuple(a - b for a, b in zip(row, other, strict=True))
            added = [Layer("the difference", (both,), (offset - moved,), Activation("identity"))]
        case Threshold(place, row, op, bound), Threshold(_, other, _, moved):
            sign = ONE if op in (">", ">=") else -ONE
            forms = tuple(tuple(sign * c for c in form) for form in (row, other))
            compared = Activation("step", tie=int(op in (">=", "<=")))
            added = [
                Layer("both readings", forms, (-sign * bound, -sign * moved), compared),
                Layer("the difference", ((ONE, -ONE),), (ZERO,), Activation("identity")),
            ]
        case _:
            return None
    network = Network([*claim.network.layers[:place], *added])
    return _agreement(network, claim.domain, (Feature(mutant.before.name, Const(False)),))


def _agreement(network: Network, domain: Domain, features: tuple[Feature, ...]) -> Claim:
    """Return that the only unit of the last layer is always what the last of the features says."""
    output = Output(features[-1].name, Linear(network.depth, (ONE,), ZERO))
    return Claim(network, domain, Decoding((output,)), Explanation("miter", features))
