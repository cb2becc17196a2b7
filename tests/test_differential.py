"""Every method against a brute force that shares nothing with the package.

A failure here means that a verdict, an exact share or a counterexample is wrong: the worst kind of bug.
`HYPOTHESIS_PROFILE=more` tries ten times as many networks, differently every time.
"""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, seed, settings
from methods import METHODS, decide
from networks import FIXED, cases, to_claim, unit_names
from oracle import Truth, dot
from profiles import EXAMPLES, MORE, PHASES, SEED

from verifier.checks import STATEMENTS, obligations
from verifier.engine.outcome import word
from verifier.engine.verify import Subject, TiesError
from verifier.verdict import Direction, Idle, Refuted, Run, Unknown
from verifier.write import Dependency

SEEN: Counter[str] = Counter()
MODES = ("all", "donor", "single")
ON_RANDOM = METHODS if MORE else tuple(method for method in METHODS if method != "autoref")


def examine(case, seen, choice, methods=METHODS):
    """Compare everything the package says about a case with the oracle, counting what was seen."""
    truth, claim = case.truth, to_claim(case)
    if truth.ties:
        return
    subject = Subject(claim.network, claim.domain, claim.decoding, choice)
    assert subject.size == len(truth.domain)
    for check in STATEMENTS:
        if not truth.applicable(check):
            continue
        holds, held, total = truth.decide(check)
        expected = "proved" if holds else "refuted"
        seen[f"{expected} {check}"] += 1
        if check == "interchange":
            seen[f"{expected} interchange {case.mode}"] += 1
        result = subject.verify(claim, check)
        assert word(result.verdict) == expected, (check, result.verdict)
        stated = obligations(claim, check)
        if isinstance(stated, Dependency):
            assert_refutes(case, check, stated)
            assert (result.share, truth.decide(check)[1]) == (None, None)
            continue
        share = None if result.share is None else (result.share.held, result.share.total)
        assert share == (None if held is None else (held, total)), check
        if isinstance(result.verdict, Refuted):
            assert_refutes(case, check, result.verdict.counterexample)
        for method in methods:
            found = [decide(claim, obligation, method) for obligation in stated]
            refuted = any(isinstance(f.verdict, Refuted) for f in found)
            undecided = any(isinstance(f.verdict, Unknown) for f in found)
            assert not (holds and refuted), (check, method, [f.verdict for f in found])
            assert holds or refuted or undecided, (check, method)
            seen[f"{'un' if undecided else ''}decided by {method}"] += 1
            if held is not None and all(finding.share is not None for finding in found):
                seen[f"counted by {method}"] += 1
                assert sum(finding.share.held for finding in found) == held, (check, method)
                assert sum(finding.share.total for finding in found) == total, (check, method)
            for finding in found:
                if isinstance(finding.verdict, Refuted):
                    assert_refutes(case, check, finding.verdict.counterexample)
                if finding.witness is not None:
                    assert_moves(case, finding.witness)


def assert_refutes(case, check, found):
    """Assert that a counterexample refutes the check, as the oracle sees it."""
    truth: Truth = case.truth
    match found:
        case Run(x, (), _):
            assert x in truth.domain
            if check == "behavior":
                assert not truth.behaves(x)
            else:
                assert check == "readout"
                assert not all(truth.reads(f, x) for f in truth.readable)
        case Run(x, settings_, layer):
            assert check == "interchange"
            assert x in truth.domain
            assert_of_mode(case, layer, dict(settings_))
            assert not truth.interchanges(layer, x, dict(settings_))
        case Direction(layer, v, unit, pair):
            assert check == "mediation"
            above = {
                label if isinstance(label, str) else unit_names(case, layer + 1)[label]: row
                for label, row in truth.reaching(layer).items()
            }
            assert all(dot(r, v) == 0 for r in truth.matrix(layer))
            assert dot(above[unit], v) != 0
            if pair is None:
                missed = [truth.reaching(layer)[label] for label in truth.unmediated(layer)]
                assert not any(truth.pair_exists(layer, row) for row in missed)
            else:
                a, b = (truth.activations(x, layer) for x in pair)
                assert set(pair) <= set(truth.domain)
                assert all(dot(r, a) == dot(r, b) for r in truth.matrix(layer))
                assert dot(above[unit], a) != dot(above[unit], b)
        case Dependency(layer, terms, constant):
            assert any(c for _, c in terms)
            rows = dict(labelled_rows(case, layer))
            for x in truth.domain:
                h = truth.activations(x, layer)
                assert sum(c * (dot(rows[name][0], h) + rows[name][1]) for name, c in terms) == constant
            width = len(case.layers[layer - 1].W)
            assert [sum(c * rows[name][0][i] for name, c in terms) for i in range(width)] == [0] * width
        case Idle(feature):
            assert check == "necessity"
            assert truth.idle(next(f for f in case.features if f.name == feature))
        case _:
            raise AssertionError(found)


def assert_of_mode(case, layer, chosen):
    """Assert that a write is one the mode ranges over, but for features left as they are."""
    truth: Truth = case.truth
    found = {f.name: f for f in truth.found_at(layer)}
    assert set(chosen) <= set(found)
    if case.mode == "all":
        assert all(setting in truth.choices(found[name]) for name, setting in chosen.items())
        return
    assert len(set(chosen.values())) == 1
    assert set(chosen.values()) <= set(truth.domain)
    assert case.mode == "donor" or len(chosen) == 1


def assert_moves(case, run):
    """Assert that a witness of necessity changes the output."""
    ((name, setting),) = run.settings
    feature = next(f for f in case.features if f.name == name)
    assert run.x in case.truth.domain
    assert setting in case.truth.choices(feature)
    assert case.truth.influences(run.layer, run.x, {name: setting})


def labelled_rows(case, layer):
    """Yield (label, (row, offset)): a readout by its feature, a unit by its feature and itself."""
    for feature in case.truth.found_at(layer):
        for i, row in enumerate(case.truth.rows_of(feature)):
            if feature.site.kind == "units":
                yield f"{feature.name}.{unit_names(case, layer)[feature.site.units[i]]}", row
            else:
                yield feature.name, row


@pytest.mark.parametrize("name", FIXED)
def test_fixed_cases(name):
    """A failure means that a claim whose truth is known by listing is judged wrongly."""
    examine(FIXED[name], Counter(), "all")


@pytest.mark.parametrize(("shard", "modes"), list(enumerate([MODES, *((mode,) for mode in MODES)])))
def test_random_networks(shard, modes):
    """All methods, all encodings and the brute force agree; and enough of both verdicts was seen.

    A solver may run out of time on wide numbers, on one check in fifty.
    """
    seen: Counter[str] = Counter()

    @seed(SEED + shard)
    @settings(
        max_examples=EXAMPLES // 4,
        deadline=None,
        database=None,
        phases=PHASES,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(modes))
    def compare(case):
        examine(case, seen, "table", ON_RANDOM)

    compare()
    expected = [*STATEMENTS, *(f"interchange {mode}" for mode in modes if len(modes) == 1)]
    for statement in expected:
        for verdict in ("proved", "refuted"):
            assert seen[f"{verdict} {statement}"] > 1, (f"too few {verdict} {statement}", dict(seen))
    for method in ON_RANDOM:
        assert 50 * seen[f"undecided by {method}"] <= seen[f"decided by {method}"], dict(seen)


@seed(SEED)
@settings(max_examples=EXAMPLES // 4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(cases(may_tie=True))
def test_random_ties(case):
    """An input that decides nothing is refused, with one to show; without one nothing is refused."""
    claim, truth = to_claim(case), case.truth
    for method in ("table", "smt"):
        try:
            Subject(claim.network, claim.domain, claim.decoding, method)
        except TiesError as error:
            SEEN["ties"] += 1
            assert truth.ties
            for tie in error.ties:
                assert tie.x in truth.domain
                h = truth.activations(tie.x, truth.depth)
                assert h is None or truth.decode(h) is None
        else:
            SEEN["no ties"] += 1
            assert not truth.ties


def test_shares_of_what_the_solver_proves():
    """Without a table the share of a proved check is still the whole of what it ranges over."""
    for name, case in FIXED.items():
        claim = to_claim(case)
        smt = Subject(claim.network, claim.domain, claim.decoding, "smt")
        for check in ("behavior", "readout", "interchange"):
            if not case.truth.applicable(check):
                continue
            holds, _, total = case.truth.decide(check)
            share = smt.verify(claim, check).share
            if holds:
                assert (share.held, share.total) == (total, total), (name, check)
