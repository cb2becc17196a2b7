"""Obligations → decision: each given to the chosen methods, every answer replayed, the worst one kept."""

from dataclasses import dataclass
from typing import Literal

from verifier.checks import Mediation, Obligation
from verifier.claim import Claim
from verifier.engine.replay import confirm, confirm_witness
from verifier.errors import InternalError
from verifier.table.rows import Table
from verifier.verdict import Finding, Limits, Proved, Refuted, Share, Unknown, Verdict

Choice = Literal["auto", "table", "smt", "both"]
CHOICES: tuple[Choice, ...] = ("auto", "table", "smt", "both")


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on all obligations of a check, the share of cases that hold, and who said so."""

    verdict: Verdict
    share: Share | None
    method: str
    notes: tuple[str, ...] = ()


def decide(
    claim: Claim, stated: tuple[Obligation, ...], table: Table | None, choice: Choice, limits: Limits
) -> Decision:
    """Return refuted if any obligation is, else unknown if any is, else proved.

    Raises:
        InternalError: a counterexample or witness that does not replay, or methods that disagree.
    """
    if not stated:
        raise InternalError("a check without an obligation")
    decisions: list[Decision] = []
    for obligation in stated:
        if table is None and any(isinstance(d.verdict, Refuted) for d in decisions):
            break  # the verdict stands, and without a table there is no share to count
        decisions.append(_decide_one(claim, obligation, table, choice, limits))
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
    return Decision(Proved("z3" if "z3" in bases else bases[0], len(stated)), share, method, notes)


def _decide_one(
    claim: Claim, obligation: Obligation, table: Table | None, choice: Choice, limits: Limits
) -> Decision:
    found: dict[str, Finding] = {}
    if table is not None and choice != "smt":
        from verifier.table.decide import decide as decide_by_table

        table.deadline = limits.deadline
        name = "algebra" if isinstance(obligation, Mediation) else "table"
        found[name] = decide_by_table(table, claim, obligation)
    open_still = all(isinstance(finding.verdict, Unknown) for finding in found.values())
    if choice in ("smt", "both") or (choice == "auto" and open_still):
        found["smt"] = _by_smt(claim, obligation, limits)
    for method, finding in found.items():
        _replay(claim, obligation, method, finding)
    return _together(found, choice)


def _by_smt(claim: Claim, obligation: Obligation, limits: Limits) -> Finding:
    if limits.passed:
        return Finding(Unknown("the time limit was reached"))
    from verifier.smt.decide import decide as decide_by_smt

    return decide_by_smt(claim, obligation, limits)


def _replay(claim: Claim, obligation: Obligation, method: str, finding: Finding) -> None:
    verdict, witness = finding.verdict, finding.witness
    if isinstance(verdict, Refuted) and not confirm(claim, obligation, verdict.counterexample):
        raise InternalError(f"a refutation by {method} does not replay: {verdict}")
    if witness is not None and not confirm_witness(claim, witness):
        raise InternalError(f"a witness by {method} does not replay: {witness}")


def _together(found: dict[str, Finding], choice: Choice) -> Decision:
    """Return what the methods say together: a decided finding, once no two decided ones differ."""
    decided = {m: finding for m, finding in found.items() if not isinstance(finding.verdict, Unknown)}
    if len({type(finding.verdict) for finding in decided.values()}) > 1:
        told = ", ".join(f"{method}: {finding.verdict}" for method, finding in decided.items())
        raise InternalError(f"methods disagree: {told}")
    if not decided:
        method, finding = list(found.items())[-1]
        return Decision(finding.verdict, None, method)
    notes = tuple(
        f"{method} gave no answer: {finding.verdict.reason}"
        for method, finding in found.items()
        if choice == "both" and isinstance(finding.verdict, Unknown)
    )
    first = next(iter(decided.values()))
    return Decision(first.verdict, first.share, "+".join(decided), notes)
