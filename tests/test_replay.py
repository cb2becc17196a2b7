"""Replay: a true counterexample is confirmed, a forged one is not.

A failure of a forgery means that a solver's mistake could be printed as a refutation.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from methods import decide
from networks import FIXED, to_claim

from verifier.checks import STATEMENTS, Agreement, Influence, Mediation, obligations
from verifier.engine.replay import confirm, confirm_witness, shortened, trace
from verifier.engine.verify import Subject
from verifier.explanation import Explanation
from verifier.verdict import Direction, Idle, Proved, Refuted, Run
from verifier.write import Dependency

F = Fraction
T, N = True, False


def stated(name, check):
    """Return a fixed claim and its first obligation of a check."""
    claim = to_claim(FIXED[name])
    found = obligations(claim, check)
    return claim, found if isinstance(found, Dependency) else found[0]


@pytest.mark.parametrize("name", FIXED)
def test_what_the_table_finds_is_confirmed(name):
    """Every refutation and every witness of the fixed cases replays."""
    claim = to_claim(FIXED[name])
    for check in STATEMENTS:
        if not FIXED[name].truth.applicable(check):
            continue
        found = obligations(claim, check)
        if isinstance(found, Dependency):
            assert confirm(claim, None, found)
            continue
        for obligation in found:
            finding = decide(claim, obligation, "table")
            if isinstance(finding.verdict, Refuted):
                assert confirm(claim, obligation, finding.verdict.counterexample)
            if finding.witness is not None:
                assert isinstance(finding.verdict, Proved)
                assert confirm_witness(claim, finding.witness)


def test_forged_inputs_of_readout_and_behavior():
    """Carol's second readout fails at 10 only; Alice's nowhere."""
    carol, _ = stated("carol", "readout")
    first, second = obligations(carol, "readout")
    inputs = [(a, b) for a in (N, T) for b in (N, T)]
    assert [confirm(carol, second, Run(x)) for x in inputs] == [False, False, True, False]
    assert not any(confirm(carol, first, Run(x)) for x in inputs)
    alice, behavior = stated("alice", "behavior")
    assert not any(confirm(alice, behavior, Run(x)) for x in inputs)


def test_forged_inputs_outside_the_domain():
    """An input that fails, but is not one the claim is about."""
    case = replace(FIXED["carol"], where=("xor", ("name", "x1"), ("const", True)))
    claim = to_claim(case)
    second = obligations(claim, "readout")[1]
    assert not confirm(claim, second, Run((T, N)))
    listed = to_claim(replace(FIXED["carol"], rows=((N, N), (N, T))))
    assert not confirm(listed, obligations(listed, "readout")[1], Run((T, N)))
    whole = to_claim(FIXED["carol"])
    assert confirm(whole, obligations(whole, "readout")[1], Run((T, N)))


def test_forged_writes():
    """Alice overshoots where one 1 is added to another, and nowhere else."""
    claim, obligation = stated("alice relu all", "interchange")
    failing = {
        ((a, b), (u, v))
        for a in (N, T) for b in (N, T) for u in (N, T) for v in (N, T)
        if confirm(claim, obligation, Run((a, b), (("a1", u), ("a2", v)), 1))
    }  # fmt: skip
    assert failing == {((a, b), (T, T)) for a in (N, T) for b in (N, T)}


def test_forged_donors():
    """A donor outside the domain supplies nothing."""
    case = FIXED["alice relu donor"]
    claim = to_claim(case)
    pair = next(o for o in obligations(claim, "interchange") if len(o.plan.features) == 1)
    assert confirm(claim, pair, Run((N, T), (("a1", (T, N)),), 1))
    assert not confirm(claim, pair, Run((N, T), (("a1", (N, N)),), 1))
    smaller = to_claim(replace(case, where=("name", "x2")))
    pair = next(o for o in obligations(smaller, "interchange") if len(o.plan.features) == 1)
    assert not confirm(smaller, pair, Run((N, T), (("a1", (T, N)),), 1))


def test_forged_directions():
    """A direction must be invisible to the readouts, and visible above; a pair must show it."""
    claim, obligation = stated("carol", "mediation")
    assert isinstance(obligation, Mediation)
    finding = decide(claim, obligation, "table")
    assert isinstance(finding.verdict, Refuted)
    true = finding.verdict.counterexample
    assert isinstance(true, Direction)
    assert true.pair is not None
    assert confirm(claim, obligation, true)
    assert confirm(claim, obligation, replace(true, pair=None))
    assert not confirm(claim, obligation, replace(true, v=(F(0), F(0), F(0))))
    assert not confirm(claim, obligation, replace(true, v=(F(1), F(0), F(0))))
    assert not confirm(claim, obligation, replace(true, pair=(true.pair[0], true.pair[0])))
    inputs = [(a, b) for a in (N, T) for b in (N, T)]
    confirmed = {
        (a, b) for a in inputs for b in inputs if confirm(claim, obligation, replace(true, pair=(a, b)))
    }
    truth = FIXED["carol"].truth
    for a, b in confirmed:
        ha, hb = truth.activations(a, 1), truth.activations(b, 1)
        assert ha[0] - ha[2] == hb[0] - hb[2]
        assert ha[1] == hb[1]
        assert ha != hb
    assert confirmed
    assert len(confirmed) < 16


def test_forged_dependencies():
    """The coefficients must cancel the rows, and must not all be zero."""
    claim, found = stated("features that sum to one", "interchange")
    assert confirm(claim, None, found)
    assert not confirm(claim, None, replace(found, terms=(("a", F(1)), ("b", F(2)))))
    assert not confirm(claim, None, replace(found, terms=(("a", F(1)),)))
    assert not confirm(claim, None, replace(found, terms=(("a", F(0)), ("b", F(0)))))


def test_forged_idleness():
    """Whose idleness is claimed must be whose is asked about."""
    claim, obligation = stated("an idle feature", "necessity")
    assert isinstance(obligation, Influence)
    assert confirm(claim, obligation, Idle("c", "table"))
    assert not confirm(claim, obligation, Idle("d", "table"))


def test_forged_witnesses():
    """A write that changes nothing is no witness of necessity."""
    claim, _ = stated("alice", "necessity")
    assert confirm_witness(claim, Run((N, N), (("a1", T),), 1))
    assert not confirm_witness(claim, Run((N, N), (("a1", N),), 1))
    assert not confirm_witness(claim, Run((T, N), (("a1", T),), 1))
    outside = to_claim(replace(FIXED["alice"], where=("name", "x1")))
    assert not confirm_witness(outside, Run((N, N), (("a1", T),), 1))


def test_runs_of_another_kind_are_not_confirmed():
    """A write the mode does not range over refutes nothing: two features in `single`, a bit for a donor."""
    claim, obligation = stated("alice relu single", "interchange")
    assert isinstance(obligation, Agreement)
    both = Run((N, N), (("a1", (T, N)), ("a2", (N, T))), 1)
    assert not confirm(claim, obligation, both)
    mixed = Run((N, T), (("a1", T),), 1)
    assert not confirm(claim, obligation, mixed)


def test_one_name_for_a_unit_and_a_feature():
    """A feature called like a unit of another does not confuse the replay of a dependency."""
    network = to_claim(FIXED["alice"]).network
    circuit = {"u": "x1 @ {h1}", "h1": "x2 @ h2", "v": "x1 @ h1", "y": "u ^ h1"}
    claim = replace(to_claim(FIXED["alice"]), explanation=Explanation.of(network, circuit))
    found = obligations(claim, "interchange")
    assert isinstance(found, Dependency)
    assert confirm(claim, None, found)


def test_shortened_keeps_the_failure():
    """What is left out changes nothing on either side."""
    claim, _ = stated("alice relu all", "interchange")
    short = shortened(claim, Run((N, T), (("a1", T), ("a2", T)), 1))
    assert short == Run((N, T), (("a1", T),), 1)
    assert not FIXED["alice relu all"].truth.interchanges(1, short.x, dict(short.settings))
    full = Run((N, N), (("a1", T), ("a2", T)), 1)
    assert shortened(claim, full) == full


def test_traces_diverge_exactly_at_failures():
    """A trace of a failing run marks a divergence, of a holding run none."""
    for name in ("carol", "alice", "a later feature", "a unit ties under a write"):
        claim = to_claim(FIXED[name])
        truth = FIXED[name].truth
        for chosen in truth.settings(1):
            for x in truth.domain:
                run = Run(x, tuple(chosen.items()), 1)
                marked = trace(claim, run).first_divergence is not None
                if not truth.interchanges(1, x, chosen):
                    assert marked
                elif all(truth.reads(f, x) for f in truth.readable):
                    assert not marked


def test_results_carry_what_was_replayed():
    """The trace of a result is the trace of its counterexample."""
    claim = to_claim(FIXED["alice relu all"])
    subject = Subject(claim.network, claim.domain, claim.decoding, "table")
    result = subject.verify(claim, "interchange")
    ((run, steps),) = result.traces
    assert isinstance(result.verdict, Refuted)
    assert result.verdict.counterexample == run
    assert steps.first_divergence is not None
