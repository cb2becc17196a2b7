"""Explanation and stage → accepted, or what rules it out: what `enumerate` and `why-not` say, decided once.

What is found at the layer must be an explanation of the space; the checks that the space requires must hold
of all the rest, outputs and features of other layers, as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

from verifier.algebra import RATIONALS
from verifier.claim import Claim
from verifier.decoding import Decoding
from verifier.engine.enumeration.describe import formula
from verifier.engine.enumeration.examine import Accepted, Rejected, examine
from verifier.engine.enumeration.misread import misread
from verifier.engine.enumeration.stage import Stage
from verifier.engine.verify import Result
from verifier.explanation import Explanation, Feature
from verifier.formula import Const, Formula, names, show
from verifier.report.describe import sentence
from verifier.verdict import Direction, Refuted, UndecidedError, Unknown
from verifier.write import Dependency


@dataclass(frozen=True, slots=True)
class RuledOut:
    """Not on the list: the condition that fails, and a sentence with the evidence.

    `matched` is set where what is found at the layer is listed, so that the sentence is about the rest.
    """

    condition: str
    reason: str
    matched: bool = False

    def told(self, number: int | None = None) -> str:
        """Return the sentence, with the number on the list that the features have, if that is known."""
        whose = "a listed explanation" if number is None else f"no. {number}"
        return f"its features are those of {whose}; {self.reason}" if self.matched else self.reason


def standing(stage: Stage, explanation: Explanation) -> Accepted | RuledOut:
    """Return whether an explanation is one of the stage's space; of outputs it lacks nothing is claimed.

    Raises:
        InputError: as `Claim`.
        UndecidedError: a question about the domain was not decided.
    """
    space, decoding = stage.space, stage.decoding
    found_here = explanation.found_at(stage.place)
    readouts = [readout for f in found_here if (readout := stage.readout_of(f.site)) is not None]
    if len(readouts) < len(found_here):
        return RuledOut("readouts", f"only {space.readouts} readouts are listed")
    low, high = space.features
    if not low <= len(readouts) <= high:
        count = f"{len(readouts)} feature{'' if len(readouts) == 1 else 's'} at {space.layer}"
        wanted = f"{low}" if low == high else f"{low} to {high}"
        return RuledOut("features", f"it has {count}, the space asks for {wanted}")
    wrong = misread(stage.subject, [_only_at(stage.place, feature) for feature in explanation.features])
    if wrong is not None:
        return RuledOut("readout", wrong)
    found = examine(stage, readouts, [feature.name for feature in found_here])
    if isinstance(found, Rejected):
        return RuledOut(found.condition, found.reason)
    if all(f in found_here and f.name not in decoding.names for f in explanation.features):
        return found  # nothing is claimed beyond
    gates = output_gates(stage, explanation, found)
    whole = _completed(explanation, decoding, gates)
    failing = refutation(stage, whole)
    if failing is None:
        return found
    return RuledOut(failing.check, _differing(stage, whole, failing, gates), matched=True)


def refutation(stage: Stage, explanation: Explanation) -> Result | None:
    """Return a refuted check, of those that the space requires; None if all are proved.

    Raises:
        UndecidedError: none is refuted, and one is not decided.
    """
    claim = _claim(stage, explanation)
    undecided = ""
    for check in stage.space.require:
        result = stage.subject.verify(claim, check)
        if isinstance(result.verdict, Refuted):
            return result
        if isinstance(result.verdict, Unknown):
            undecided = undecided or f"its {check} is undecided: {result.verdict.reason}"
    if undecided:
        raise UndecidedError(undecided)
    return None


def output_gates(stage: Stage, explanation: Explanation, found: Accepted) -> dict[str, Formula]:
    """Return what the network computes of the features at the layer; nothing without interchange."""
    over = [feature.name for feature in explanation.found_at(stage.place)]
    tables = zip(stage.decoding.names, found.output, strict=False)
    return {name: formula(table, over) for name, table in tables}


def _only_at(place: int, feature: Feature) -> Feature:
    """Return a feature, as only computed if it is found at another layer."""
    at = feature.site is not None and feature.site.layer == place
    return feature if at else replace(feature, site=None)


def _completed(explanation: Explanation, decoding: Decoding, gates: Mapping[str, Formula]) -> Explanation:
    """Return the explanation with the outputs it lacks, as the network computes them."""
    taken = {feature.name for feature in explanation.features}
    missing = [name for name in decoding.names if name not in taken]
    outputs = [Feature(name, gates.get(name, Const(False))) for name in missing]
    return replace(explanation, features=(*explanation.features, *outputs))


def _claim(stage: Stage, explanation: Explanation) -> Claim:
    return Claim(stage.network, stage.domain, stage.decoding, replace(explanation, mode="all"))


def _differing(stage: Stage, explanation: Explanation, failing: Result, gates: Mapping[str, Formula]) -> str:
    """Return what of an explanation is refuted: the outputs that are other functions of the features, if any.

    Else it is the counterexample.
    """
    if failing.check == "interchange":
        here = _outputs(stage, explanation)
        pairs = [(name, here[name], show(gate)) for name, gate in gates.items() if name in here]
        told = [f"its {name} is {own}, the network's {gate}" for name, own, gate in pairs if own != gate]
        if told:
            return "; ".join(told)
    assert isinstance(failing.verdict, Refuted)
    found = failing.verdict.counterexample
    said = sentence(_claim(stage, explanation), failing.check, found, failing.traces)
    if isinstance(found, Direction | Dependency):
        said = f"at layer {stage.network.layer(found.layer).name}: {said}"
    return f"its {failing.check} is refuted {said}"


def _outputs(stage: Stage, explanation: Explanation) -> dict[str, str]:
    """Return the outputs that are functions of what is found at the layer, as shortest formulas."""
    here = [feature.name for feature in explanation.found_at(stage.place)]
    over: dict[str, set[str]] = {name: {name} for name in here}
    for feature in explanation.features:
        if feature.name not in over:
            over[feature.name] = {x for used in names(feature.gate) for x in over.get(used.name, {used.name})}
    idle = dict.fromkeys(stage.domain.inputs, False)
    written = product([False, True], repeat=len(here))
    rows = [explanation.recompute(RATIONALS, idle, dict(zip(here, u, strict=True))) for u in written]
    told = [name for name in stage.decoding.names if over[name] <= set(here)]
    return {name: show(formula("".join("01"[row[name]] for row in rows), here)) for name in told}
