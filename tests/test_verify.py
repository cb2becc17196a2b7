"""From obligations to one verdict: the least favourable one, agreed on by all methods, within its limits."""

from dataclasses import replace

import pytest
from networks import FIXED, to_claim

import verifier.smt.decide as smt
from verifier.checks import obligations
from verifier.engine.outcome import word
from verifier.engine.verify import Subject
from verifier.errors import InputError, InternalError
from verifier.explanation import Explanation
from verifier.smt.decide import decide
from verifier.verdict import Finding, Limits, Proved, Refuted, Run, Unknown


def subject(claim, method):
    """Return a prepared subject."""
    return Subject(claim.network, claim.domain, claim.decoding, method)


def test_a_method_that_lies_is_caught(monkeypatch):
    """Two methods that disagree are a defect, never a majority vote."""
    claim = to_claim(FIXED["carol"])
    both = subject(claim, "all")
    monkeypatch.setattr(smt, "decide", lambda *_: Finding(Proved("z3", 1)))
    with pytest.raises(InternalError):
        both.verify(claim, "readout")


def test_a_refutation_that_does_not_replay_is_caught(monkeypatch):
    """A solver that invents a counterexample is a defect."""
    claim = to_claim(FIXED["alice"])
    only = subject(claim, "smt")
    monkeypatch.setattr(smt, "decide", lambda *_: Finding(Refuted(Run((False, False)))))
    with pytest.raises(InternalError):
        only.verify(claim, "behavior")


def test_a_witness_that_does_not_replay_is_caught(monkeypatch):
    """So is one that invents a witness."""
    claim = to_claim(FIXED["alice"])
    only = subject(claim, "smt")
    idle = Run((False, False), (("a1", False),), 1)
    monkeypatch.setattr(smt, "decide", lambda *_: Finding(Proved("z3", 1), witness=idle))
    with pytest.raises(InternalError):
        only.verify(claim, "necessity")


def test_unknown_is_not_proved(monkeypatch):
    """One open obligation leaves the check open, whatever the others say; a refutation decides."""
    claim = to_claim(FIXED["carol"])
    only = subject(claim, "smt")
    open_, fine, false = (
        Finding(Unknown("tired")),
        Finding(Proved("z3", 1)),
        Finding(Refuted(Run((True, False)))),
    )
    for answers, verdict in (
        ([fine, open_], "unknown"),
        ([open_, fine], "unknown"),
        ([open_, false], "refuted"),
    ):
        answers_left = list(answers)
        monkeypatch.setattr(smt, "decide", lambda *_, left=answers_left: left.pop(0))
        result = only.verify(claim, "readout")
        assert word(result.verdict) == verdict
        if verdict == "unknown":
            assert result.share is None


@pytest.mark.parametrize("method", ["table", "smt"])
def test_no_time(method):
    """Without time the answer is unknown, not a pass."""
    claim = to_claim(FIXED["alice relu all"])
    prepared = subject(claim, method)
    prepared.timeout_s = 0.0
    for check in ("behavior", "readout", "interchange"):
        assert word(prepared.verify(claim, check).verdict) == "unknown"


def test_no_resources():
    """A solver that gives up says so."""
    claim = to_claim(FIXED["alice relu all"])
    (obligation,) = obligations(claim, "interchange")
    finding = decide(claim, obligation, Limits(rlimit=1))
    assert isinstance(finding.verdict, Unknown | Refuted)


def test_only_sited_features_are_checked():
    """A check with nothing to check is an error, not a pass."""
    claim = to_claim(FIXED["alice"])
    bare = type(claim)(
        claim.network, claim.domain, claim.decoding, Explanation.of(claim.network, {"y": "x1 ^ x2"})
    )
    for check in ("readout", "mediation", "interchange", "necessity"):
        with pytest.raises(InputError) as caught:
            subject(claim, "table").verify(bare, check)
        assert [p.code for p in caught.value.problems] == ["E503"]
    assert word(subject(claim, "table").verify(bare, "behavior").verdict) == "proved"


def test_chunks_add_up(monkeypatch):
    """A domain read in small pieces gives the same verdicts, shares and first counterexamples."""
    whole = {}
    for size in (2**16, 3, 1):
        monkeypatch.setattr("verifier.table.rows.CHUNK", size)
        monkeypatch.setattr("verifier.table.settings.CELLS", size)
        for name, case in FIXED.items():
            claim = to_claim(case)
            prepared = subject(claim, "table")
            for check in ("behavior", "readout", "mediation", "interchange", "necessity"):
                if case.truth.applicable(check):
                    result = prepared.verify(claim, check)
                    told = (word(result.verdict), str(result.share))
                    assert whole.setdefault((name, check), told) == told


def test_what_a_proof_rests_on():
    """The table's own proofs say so, the solver's too."""
    claim = to_claim(FIXED["alice"])
    assert subject(claim, "table").verify(claim, "behavior").verdict == Proved("table", 1)
    assert subject(claim, "smt").verify(claim, "behavior").verdict == Proved("z3", 1)
    assert subject(claim, "table").verify(claim, "readout").verdict == Proved("table", 2)


def test_a_claim_about_another_domain_is_caught():
    """A verdict on the prepared inputs says nothing about others."""
    claim = to_claim(FIXED["alice"])
    other = to_claim(FIXED["carol"])
    narrow = Subject(claim.network, replace(claim.domain, rows=((False, False),)), claim.decoding)
    with pytest.raises(InternalError):
        narrow.verify(other, "readout")
