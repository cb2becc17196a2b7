"""Features with gate and place → an input on which a readout is not what its gate says."""

from collections.abc import Sequence

from verifier.algebra import RATIONALS
from verifier.claim import Claim
from verifier.domain import show_bits
from verifier.engine.replay import activations
from verifier.engine.verify import Subject
from verifier.explanation import Explanation, Feature
from verifier.formula import Const
from verifier.linear import dot
from verifier.readout import Linear
from verifier.verdict import Proved, Refuted, Run, UndecidedError


def misread(subject: Subject, features: Sequence[Feature]) -> str | None:
    """Return a sentence about an input on which a linear readout differs from its gate; None: there is none.

    The check `readout` decides, so that domains too large to list are decided too.

    Raises:
        UndecidedError: the check was not decided.
    """
    taken = {feature.name for feature in features}
    outputs = [Feature(name, Const(False)) for name in subject.decoding.names if name not in taken]
    explanation = Explanation("", (*features, *outputs))
    claim = Claim(subject.network, subject.domain, subject.decoding, explanation)
    verdict = subject.verify(claim, "readout").verdict
    if isinstance(verdict, Proved):
        return None
    if not isinstance(verdict, Refuted) or not isinstance(verdict.counterexample, Run):
        raise UndecidedError(f"whether the readouts read their gates was not decided: {verdict}")
    x = verdict.counterexample.x
    bits = explanation.recompute(RATIONALS, subject.domain.named(x))
    for feature in features:
        assert isinstance(feature.site, Linear)
        h = activations(subject.network, subject.domain, x, feature.site.layer)
        value = dot(feature.site.row, h) + feature.site.offset
        if value != bits[feature.name]:
            return f"{feature.name} reads {value} at x = {show_bits(x)}, its gate says {bits[feature.name]:d}"
    raise UndecidedError("a refuted readout that reads right")  # the check and this replay are one definition
