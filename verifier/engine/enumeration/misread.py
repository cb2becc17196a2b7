"""Features → an input on which a readout is not what its gate says."""

from collections.abc import Sequence

from verifier.algebra import RATIONALS
from verifier.claim import Claim
from verifier.domain import show_bits
from verifier.engine.replay import activations, algebra, number_text
from verifier.engine.verify import Subject
from verifier.explanation import Explanation, Feature
from verifier.formula import Const
from verifier.readout import Linear, Threshold, read, value_of
from verifier.verdict import Proved, Refuted, Run, UndecidedError


def misread(subject: Subject, features: Sequence[Feature]) -> str | None:
    """Return a sentence about an input on which a readout differs from its gate; None: there is none.

    The check `readout` decides, so that domains too large to list are decided too.

    Raises:
        UndecidedError: the check was not decided.
    """
    taken = {feature.name for feature in features}
    outputs = [Feature(name, Const(False)) for name in subject.decoding.names if name not in taken]
    tolerance = subject.decoding.tolerance
    explanation = Explanation("", (*features, *outputs), tolerance)
    claim = Claim(subject.network, subject.domain, subject.decoding, explanation)
    verdict = subject.verify(claim, "readout").verdict
    if isinstance(verdict, Proved):
        return None
    if not isinstance(verdict, Refuted) or not isinstance(verdict.counterexample, Run):
        raise UndecidedError(f"whether the readouts read their gates was not decided: {verdict}")
    x = verdict.counterexample.x
    bits = explanation.recompute(RATIONALS, subject.domain.named(x))
    alg = algebra(subject.network)
    for feature in explanation.readable:
        assert isinstance(feature.site, Linear | Threshold)
        h = activations(subject.network, subject.domain, x, feature.site.layer, alg)
        if not read(alg, feature.site, h, tolerance).agrees(alg, bits[feature.name]):
            told = f"reads {number_text(value_of(alg, feature.site, h))} at x = {show_bits(x)}"
            return f"{feature.name} {told}, its gate says {bits[feature.name]:d}"
    raise UndecidedError("a refuted readout that reads right")  # the check and this replay are one definition
