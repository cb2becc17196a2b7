"""Obligations → decision: each given to the chosen methods, every answer replayed, the worst one kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.checks import Obligation
from verifier.claim import Claim
from verifier.engine.methods import Method
from verifier.engine.replay import confirm, confirm_witness
from verifier.errors import InternalError
from verifier.verdict import Finding, Limits, Proved, Refuted, RestsOn, Share, Unknown, Verdict

WEAKEST: tuple[RestsOn, ...] = ("z3", "bdd", "arb", "table", "algebra")


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on all obligations of a check, the share of cases that hold, and who said so."""

    verdict: Verdict
    share: Share | None
    method: str
    notes: tuple[str, ...] = ()


def decide(
    claim: Claim, stated: tuple[Obligation, ...], methods: Sequence[Method], compare: bool, limits: Limits
) -> Decision:
    """Return refuted if any obligation is, else unknown if any is, else proved.

    Each obligation goes to one method after the other until one decides it; with `compare`, to all of them.

    Raises:
        InternalError: a counterexample or witness that does not replay, or methods that disagree.
    """
    if not stated:
        raise InternalError("a check without an obligation")
    decisions: list[Decision] = []
    for obligation in stated:
        if not methods[0].counts and any(isinstance(d.verdict, Refuted) for d in decisions):
            break  # the verdict stands, and there is no share to count
        decisions.append(_decide_one(claim, obligation, methods, compare, limits))
    method = "+".join(dict.fromkeys(name for d in decisions for name in d.method.split("+")))
    notes = tuple(dict.fromkeys(note for d in decisions for note in d.notes))
    shares = [d.share for d in decisions if d.share is not None]
    share = None
    if len(shares) == len(stated):
        share = Share(sum(s.held for s in shares), sum(s.total for s in shares))
    for kind in (Refuted, Unknown):
        for decision in decisions:
            if isinstance(decision.verdict, kind):
                return Decision(decision.verdict, share if kind is Refuted else None, method, notes)
    bases = [d.verdict.rests_on for d in decisions if isinstance(d.verdict, Proved)]
    if len(bases) != len(stated):
        raise InternalError("a check with an obligation nobody decided")
    return Decision(Proved(min(bases, key=WEAKEST.index), len(stated)), share, method, notes)


def _decide_one(
    claim: Claim, obligation: Obligation, methods: Sequence[Method], compare: bool, limits: Limits
) -> Decision:
    found: dict[str, Finding] = {}
    for method in methods:
        name = method.label(obligation)
        if name in found:
            continue
        finding = method.decide(claim, obligation, limits)
        _replay(claim, obligation, name, finding)
        found[name] = finding
        if not compare and not isinstance(finding.verdict, Unknown):
            break
    return _together(found, compare)


def _replay(claim: Claim, obligation: Obligation, method: str, finding: Finding) -> None:
    verdict, witness = finding.verdict, finding.witness
    if isinstance(verdict, Refuted) and not confirm(claim, obligation, verdict.counterexample):
        raise InternalError(f"a refutation by {method} does not replay: {verdict}")
    if witness is not None and not confirm_witness(claim, witness):
        raise InternalError(f"a witness by {method} does not replay: {witness}")


def _together(found: dict[str, Finding], compare: bool) -> Decision:
    """Return what the methods say together: a decided finding, once no two decided ones differ."""
    decided = {m: finding for m, finding in found.items() if not isinstance(finding.verdict, Unknown)}
    if len({type(finding.verdict) for finding in decided.values()}) > 1:
        told = ", ".join(f"{method}: {finding.verdict}" for method, finding in decided.items())
        raise InternalError(f"methods disagree: {told}")
    if not decided:
        method = list(found)[-1]
        reasons = dict.fromkeys(f.verdict.reason for f in found.values() if isinstance(f.verdict, Unknown))
        return Decision(Unknown("; ".join(reasons)), None, method)
    notes = tuple(
        f"{method} gave no answer: {finding.verdict.reason}"
        for method, finding in found.items()
        if compare and isinstance(finding.verdict, Unknown)
    )
    shares = {finding.share for finding in decided.values() if finding.share is not None}
    if len(shares) > 1:
        raise InternalError(f"methods count differently: {', '.join(map(str, shares))}")
    first = next(iter(decided.values()))
    return Decision(first.verdict, next(iter(shares), None), "+".join(decided), notes)
