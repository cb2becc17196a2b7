"""Mutants of claims: every fate against a brute force, which mutants there are, and what a score says."""

import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from mutation_oracle import differences, mutated, plain
from networks import (
    FIXED,
    XOR_RELU,
    cases,
    formula_text,
    formulas,
    linear,
    name,
    row,
    threshold,
    to_claim,
    xor,
)
from oracle import Case, Feature, Layer, Site, value
from profiles import MORE, PHASES, SEED

from verifier import cli
from verifier.checks import STATEMENTS
from verifier.claim import Claim
from verifier.engine.mutation.gates import changes, function
from verifier.engine.mutation.mutants import Mutant, mutants
from verifier.engine.mutation.mutate import mutate
from verifier.engine.mutation.outcome import (
    Equal,
    Killed,
    MutationReport,
    Open,
    Refused,
    Survived,
)
from verifier.engine.outcome import Exit
from verifier.engine.verify import Subject
from verifier.errors import InputError
from verifier.formula import names, parse, show
from verifier.readout import Linear, Threshold, Units
from verifier.report.mutation import mutation_text, percent
from verifier.run.mutate_spec import mutate_spec

SPECS = Path(__file__).parent.parent / "specs"
F = Fraction
WEAK = str(SPECS / "weak-claim.circuit.yaml")
SEEN: Counter[str] = Counter()


def prepared(case, choice="auto", **limits):
    """Return the subject of a case and its claim."""
    claim = to_claim(case)
    return Subject(claim.network, claim.domain, claim.decoding, choice, **limits), claim


# --- every fate is what a brute force says -----------------------------------------------------------------


def examine(case, most=1000):
    """Compare the fate of every mutant of a case with the oracle: with all checks that hold, and with one."""
    truth = case.truth
    if truth.ties:
        return
    holding = [c for c in STATEMENTS if truth.applicable(c) and truth.decide(c)[0]]
    for checks in (holding, holding[:1]) if len(holding) > 1 else (holding,):
        subject, claim = prepared(case)
        found = mutate(subject, claim, checks, most)
        assert found.counted + found.count(Equal) + found.count(Refused) == min(most, found.total)
        for mutant, fate in found.fates:
            SEEN[f"{type(fate).__name__} {mutant.operator}"] += 1
            SEEN[type(fate).__name__] += 1
            assert_fate(case, mutant, fate, checks)


def assert_fate(case, mutant, fate, checks):
    """Assert that the oracle sees a mutant end the same way."""
    other = mutated(case, mutant)
    match fate:
        case Killed(check):
            at = checks.index(check)
            assert [other.truth.decide(c)[0] for c in checks[: at + 1]] == [True] * at + [False]
            SEEN[f"killed by {check}"] += 1
        case Refused(reason):
            assert case.writes or "is found before" in reason
        case Equal(rests_on):
            assert all(other.truth.decide(check)[0] for check in checks)
            assert not differences(case, other)
            assert rests_on == "table"
        case Survived(at):
            assert all(other.truth.decide(check)[0] for check in checks)
            found = differences(case, other)
            assert any(dict(at).items() <= env.items() for env in found)
        case _:
            raise AssertionError(fate)


WHOLE_LAYER = xor(
    (
        Feature("a", ("xor", name("x1"), name("x2")), Site(1, "units", units=(0, 1, 2))),
        Feature("y", name("a")),
    )
)
NOWHERE = xor(tuple(replace(feature, site=None) for feature in FIXED["alice"].features))
OF_FEW_ROWS = xor(FIXED["alice"].features, rows=((False, False), (False, True), (True, False)))


def test_fates_of_fixed_cases():
    """Together these cases have every kind of fate, of every kind of mutant."""
    left_out = (" donor", "ruled 0", "ruled 1", "relu all", "relu single", "within 1/17", "second output")
    for label, case in FIXED.items():
        if MORE or not label.endswith(left_out):
            examine(case, 1000 if MORE else 12)
    for case in (WHOLE_LAYER, OF_FEW_ROWS, NOWHERE, FIXED["thresholds all"]):
        examine(case)
    assert {"Killed", "Survived", "Equal", "Refused"} <= SEEN.keys()
    for operator in ("negate", "drop", "swap", "replace", "coefficient", "offset", "bound", "unit"):
        assert SEEN[f"Killed {operator}"], operator
        assert SEEN[f"Survived {operator}"], operator
    for operator in ("swap", "replace", "coefficient"):
        assert SEEN[f"Equal {operator}"], operator
    assert all(SEEN[f"killed by {check}"] for check in STATEMENTS)


@seed(SEED)
@settings(
    max_examples=400 if MORE else 10,
    deadline=None,
    phases=PHASES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(cases())
def test_fates_of_random_cases(case):
    examine(case, 60 if MORE else 5)


@pytest.mark.parametrize("choice", ["table", "bdd", "smt", "all"])
def test_methods_agree_on_fates(choice):
    for key in ("thresholds all", "bob relu single"):
        case = FIXED[key]
        kinds = []
        for method in ("auto", choice):
            subject, claim = prepared(case, method)
            checks = ("behavior",) if "relu" in key else ("behavior", "readout")
            found = mutate(subject, claim, checks)
            kinds.append([type(fate) for _, fate in found.fates])
        assert kinds[0] == kinds[1]
        assert Survived in kinds[0]


# --- which mutants there are -------------------------------------------------------------------------------

GATES = {
    "a": "~a / x",
    "a & b": "~(a & b) / a / b / a | b / a ^ b / ~a & b / x & b / a & ~b / a & x",
    "a | b": "a & b / a ^ b",
    "a ^ b": "a & b / a | b",
    "~(a & b)": "a & b / ~(a | b) / ~a",
    "nand(a,b)": "nor(a,b) / xnor(a,b) / ~a / ~b",
    "nor(a,b)": "nand(a,b) / xnor(a,b)",
    "xnor(a,b)": "nand(a,b) / nor(a,b)",
    "parity(a,b,c)": "a & b & c / parity(a,b) / parity(b,c)",
    "a & b & c": "a & b / a & c / b & c",
    "a -> b": "b -> a / a <-> b",
    "a <-> b": "a -> b / b -> a",
    "ite(a,b,c)": "ite(a,c,b) / a / ite(~a,b,c)",
    "maj(a,b,c)": "atleast(1; a,b,c) / atleast(3; a,b,c)",
    "atleast(2; a,b,c)": "atleast(1; a,b,c) / atleast(3; a,b,c) / exactly(2; a,b,c) / atleast(2; b,c)",
    "exactly(0; a,b)": "exactly(1; a,b) / atleast(0; a,b)",
    "table(0110; a,b)": "table(1110; a,b) / table(0010; a,b) / table(0100; a,b) / table(0111; a,b) / b",
    "1": "0",
}


@pytest.mark.parametrize("text", GATES)
def test_changes_of_gates(text):
    found = [show(changed) for _, changed in changes(parse(text), lambda name: ["x"] if name != "x" else [])]
    wanted = [part.strip() for part in GATES[text].split("/")]
    assert set(wanted) <= set(found)
    assert all(show(parse(other)) == other for other in found)
    if text in ("a", "a & b", "1"):
        assert found == wanted or (text == "a & b" and set(found) == set(wanted))


LETTERS = ("a", "b", "c")


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(formulas(LETTERS, 2), formulas(LETTERS, 1))
def test_functions_are_equal_iff_their_values_are(one, other):
    envs = [dict(zip(LETTERS, bits, strict=True)) for bits in product((False, True), repeat=3)]
    alike = all(value(one, env) is value(other, env) for env in envs)
    one, other = (parse(formula_text(formula)) for formula in (one, other))
    assert (function(one) == function(other)) is alike
    assert set(function(one)[0]) <= {name.name for name in names(one)}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(formulas(LETTERS, 2))
def test_changes_can_be_written(formula):
    """Every change is a formula as a spec could write it; only what is dropped takes names away."""
    before = parse(formula_text(formula))
    for operator, after in changes(before, lambda name: [other for other in LETTERS if other != name]):
        assert parse(show(after)) == after
        lost = len(list(names(before))) - len(list(names(after)))
        assert lost >= 0 if operator == "drop" else lost == 0
        assert {name.name for name in names(after)} <= set(LETTERS)


def test_no_mutant_twice():
    """Of x1 ^ x2 three negations are one claim; constants and the gate itself are claims like others."""
    subject, claim = prepared(xor((Feature("y", ("xor", name("x1"), name("x2"))),)))
    found = mutants(subject, claim.explanation)
    assert [show(mutant.after.gate) for mutant in found] == [
        "~x1 ^ x2", "x1", "x2", "x1 & x2", "x1 | x2", "x2 ^ x2",
    ]  # fmt: skip


def test_names_of_a_long_gate_are_replaced_by_the_first_others_only(monkeypatch):
    monkeypatch.setattr("verifier.engine.mutation.mutants.MAX_REPLACED", 5)
    case = Case(
        (Layer((row(1, 1, 1, 1),), row("-1/2"), "step"),),
        ("x1", "x2", "x3", "x4"),
        (("y", linear(1, [1])),),
        (Feature("y", ("and", name("x1"), name("x4"))),),
    )
    subject, claim = prepared(case)
    found = [show(m.after.gate) for m in mutants(subject, claim.explanation) if m.operator == "replace"]
    assert found == ["x2 & x4", "x3 & x4", "x1 & x2"]  # x1 & x1 is what dropping x4 leaves


def sites(case, kind):
    """Return the places of the mutants of a case's first feature."""
    subject, claim = prepared(case)
    first = claim.explanation.features[0]
    found = [m.after.site for m in mutants(subject, claim.explanation) if m.before == first and not m.in_gate]
    assert all(isinstance(site, kind) for site in found)
    return found


def test_mutants_of_linear_places():
    found = sites(FIXED["alice"], Linear)
    rows = [site.row for site in found if site.offset == 0]
    assert rows == [(0, 0, -1), (2, 0, -1), (1, -1, -1), (1, 1, -1), (1, 0, -2), (1, 0, 0)]
    assert [site.offset for site in found if site.row == (1, 0, -1)] == [-1, 1]
    assert len(found) == 8


@pytest.mark.parametrize("op", [">", ">=", "<", "<="])
def test_mutants_of_bounds_are_in_the_neighboring_gaps(op):
    """h1 + h2 + h3 of the relu network takes the values 0, 1 and 3."""
    values = [F(0), F(1), F(3)]
    for bound in (F(-1), F(0), F(1, 2), F(1), F(2), F(3), F(4)):
        feature = Feature("a", ("const", True), threshold(1, [1, 1, 1], op, bound))
        case = xor((feature, Feature("y", ("const", True))), XOR_RELU)
        bounds = [site.bound for site in sites(case, Threshold) if site.row == (1, 1, 1)]
        below = {">": "<=", ">=": "<", "<": "<", "<=": "<="}[op]
        gaps = [sum(v <= b if below == "<=" else v < b for v in values) for b in (bound, *bounds)]
        assert gaps[1:] == [gap for gap in (gaps[0] - 1, gaps[0] + 1) if 0 <= gap <= 3]
        assert not {*bounds} & {*values}


def test_bounds_of_irrational_values_are_moved_by_one():
    report = mutate_spec(str(SPECS / "xor-tanh.circuit.yaml"), select=lambda text: "compared" in text)
    (each,) = report.mutated
    moved = [m for m, _ in each.fates if m.operator == "bound"]
    assert {m.after.site.bound - m.before.site.bound for m in moved} == {-1, 1}


def test_mutants_of_units():
    assert [site.units for site in sites(FIXED["units all"], Units)] == [(2,), (0,)]


def test_names_are_replaced_by_names_of_their_kind():
    subject, claim = prepared(FIXED["alice"])
    replaced = {mutant.before.name: set() for mutant in mutants(subject, claim.explanation)}
    for mutant in mutants(subject, claim.explanation):
        replaced[mutant.before.name] |= {name.name for name in names(mutant.after.gate)}
    assert replaced == {"a1": {"x1", "x2"}, "a2": {"x1", "x2"}, "y": {"a1", "a2"}}


# --- equality ----------------------------------------------------------------------------------------------


def one_fate(case, change, checks=("behavior",)):
    """Return the fate of the mutant whose text is (before, after)."""
    subject, claim = prepared(case)
    found = mutate(subject, claim, checks)
    return next(fate for mutant, fate in found.fates if mutant.show(claim.network) == change)


def test_gates_are_compared_on_all_values_of_features_with_a_place():
    """OR and XOR of Alice's features never differ on an input: only a write tells them apart."""
    fate = one_fate(FIXED["alice"], ("y: a1 | a2", "a1 ^ a2"))
    assert fate == Survived((("a1", True), ("a2", True)))
    assert one_fate(NOWHERE, ("y: a1 | a2", "a1 ^ a2")) == Equal("table")
    killed = one_fate(FIXED["alice"], ("y: a1 | a2", "a1 ^ a2"), STATEMENTS)
    assert killed == Killed("interchange")


def test_gates_are_compared_on_the_domain():
    rows = ((False, False), (False, True), (True, False))
    always = Feature("y", ("or", name("x1"), name("x2")))
    assert one_fate(xor((always,), rows=rows), ("y: x1 | x2", "x1 ^ x2")) == Equal("table")
    where = ("nand", name("x1"), name("x2"))
    assert one_fate(xor((always,), where=where), ("y: x1 | x2", "x1 ^ x2")) == Equal("table")
    both = Survived((("a1", True), ("a2", True)))  # no row causes it
    assert one_fate(OF_FEW_ROWS, ("y: a1 | a2", "a1 ^ a2")) == both


def test_a_coefficient_of_a_unit_that_is_always_0_makes_no_difference():
    assert one_fate(OF_FEW_ROWS, ("a1 @ h1 - h3", "h1")) == Equal("table")
    assert one_fate(FIXED["alice"], ("a1 @ h1 - h3", "h1")) == Survived((("x1", True), ("x2", True)))


@pytest.mark.parametrize("op", [">", ">=", "<", "<="])
def test_comparisons_are_the_same_iff_they_read_the_same_bit(op):
    """2*h1 against 1 is h1 against 1, where h1 is 0 or 1, in half of all comparisons."""
    feature = Feature("a", name("x1"), threshold(1, [1, 0, 0], op, 1))
    fate = one_fate(xor((feature, Feature("y", name("x1")))), (f"a @ h1 {op} 1", f"2*h1 {op} 1"), ())
    assert fate == (Survived((("x1", True), ("x2", False))) if op in (">", "<=") else Equal("table"))


def test_places_in_sigmoids_are_compared_by_balls():
    """Behavior notices no place: some comparisons of tanh are moved past a value, some are not."""
    report = mutate_spec(str(SPECS / "xor-tanh.circuit.yaml"), select=lambda text: "d::behavior" in text)
    (each,) = report.mutated
    assert not each.count(Open)
    kinds = {type(fate) for mutant, fate in each.fates if not mutant.in_gate}
    assert kinds == {Survived, Equal}
    assert {fate.rests_on for _, fate in each.fates if isinstance(fate, Equal)} == {"arb"}


def test_too_many_rows_leave_it_open(monkeypatch):
    monkeypatch.setattr("verifier.engine.mutation.miter.MAX_ROWS", 11)
    fate = one_fate(OF_FEW_ROWS, ("y: a1 | a2", "a1 ^ a2"))
    assert isinstance(fate, Open)
    assert "too many values" in fate.reason


# --- scores ------------------------------------------------------------------------------------------------


def test_the_weak_claim_says_so():
    report = mutate_spec(WEAK)
    scores = {each.claim.explanation.name: each.score for each in report.mutated}
    assert scores == {"strong": 1, "weak": F(22, 39), "false_places": F(22, 39)}
    assert report.exit == Exit.OK
    for wanted, code in ((F(22, 39), Exit.OK), (F(57, 100), Exit.UNEXPECTED)):
        assert replace(report, wanted=wanted).exit == code


def test_a_sample_is_spaced_evenly_and_counted():
    subject, claim = prepared(FIXED["alice"])
    every = mutate(subject, claim, ("behavior",))
    some = mutate(subject, claim, ("behavior",), most=10)
    assert every.total == len(every.fates) == some.total == 39
    assert some.fates == tuple(every.fates[i * 39 // 10] for i in range(10))
    assert some.score == F(some.killed, 10) != every.score


def test_what_is_undecided_was_not_noticed():
    """Z3 within its smallest limit: nothing is known, and nothing passes."""
    subject, claim = prepared(FIXED["alice"], "smt", rlimit=1)
    found = mutate(subject, claim, ("behavior",))
    assert found.count(Open) == 39
    assert found.score == 0
    undecided = MutationReport("", None, "", None, (found,))
    assert undecided.exit == Exit.UNDECIDED
    assert replace(undecided, wanted=F(1)).exit == Exit.UNDECIDED  # it may yet be reached


def test_a_later_check_may_refute_what_an_earlier_one_left_open(monkeypatch):
    from verifier.engine.verify import Result
    from verifier.verdict import Unknown

    verify = Subject.verify

    def forgetful(self, claim, check):
        return (
            Result(check, Unknown("asleep"), "table") if check == "behavior" else verify(self, claim, check)
        )

    subject, claim = prepared(FIXED["alice"])
    monkeypatch.setattr(Subject, "verify", forgetful)
    found = mutate(subject, claim, ("behavior", "readout"))
    assert found.killed
    assert found.count(Open) == 39 - found.killed
    assert {fate.reason for _, fate in found.fates if isinstance(fate, Open)} == {"behavior: asleep"}


def test_a_readout_that_is_written_explicitly_cannot_be_moved():
    case = FIXED["an explicit write"]
    subject, claim = prepared(case)
    found = mutate(subject, claim, ("behavior",))
    refused = [mutant for mutant, fate in found.fates if isinstance(fate, Refused)]
    assert {mutant.before.name for mutant in refused} == {"a1", "a2"}
    for mutant in refused:
        with pytest.raises(InputError, match="E502"):
            mutant.of(claim)
    assert found.counted == len(found.fates) - len(refused)


def test_what_is_mutated():
    subject, claim = prepared(FIXED["alice"])
    a1 = claim.explanation.features[0]
    changed = Mutant("negate", a1, replace(a1, gate=parse("x1"))).of(claim)
    assert isinstance(changed, Claim)
    assert changed == replace(claim, explanation=changed.explanation)
    assert show(changed.explanation.features[0].gate) == "x1"
    assert changed.explanation.features[1:] == claim.explanation.features[1:]
    assert subject.verify(claim, "readout").verdict != subject.verify(changed, "readout").verdict
    assert plain(parse("atleast(2; a,b)")) == ("atleast", 2, name("a"), name("b"))


# --- the command -------------------------------------------------------------------------------------------


def run(capsys, *arguments):
    """Return exit code and what was printed."""
    code = cli.run(["mutate", *arguments])
    return code, *capsys.readouterr()


def test_report(capsys):
    code, out, err = run(capsys, WEAK, "--show", "2")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert "strong  100 %: 39 of 39 mutants noticed" in out
    assert "weak  56 %: 22 of 39 mutants noticed" in out
    assert "this claim would not notice\n    a1 @ h1 - h3 → h1 (differs at x = 11)\n" in out
    assert "… and 15 more: --show 17" in out
    assert "not asked: readout, mediation, interchange" in out
    assert "false_places  56 %: 22 of 39 mutants noticed" in out
    assert "left out, refuted as expected: readout, mediation\n  not asked: interchange\n" in out


def test_a_share_is_rounded_down():
    assert [percent(F(n, 1000)) for n in (999, 995, 1000, 1)] == ["99 %", "99 %", "100 %", "0 %"]


def test_report_of_a_score_that_is_too_low(capsys):
    code, out, _ = run(capsys, WEAK, "-e", "weak", "--fail-under", "56.5")
    assert code == 1
    assert "weak  56 %, less than 56.5 %: 22 of 39" in out


def test_report_of_a_sample(capsys):
    _, out, _ = run(capsys, WEAK, "-e", "weak", "--most", "10")
    assert "a sample: 10 of 39 mutants were tried, evenly spaced; --most 39 tries all" in out


def test_json(capsys):
    code, out, _ = run(capsys, WEAK, "--format", "json")
    document = json.loads(out)
    assert (document["exit_code"], document["schema_version"]) == (code, 1) == (0, 1)
    (spec,) = document["specs"]
    _, weak, false_places = spec["explanations"]
    assert (weak["score"], weak["refuted"], weak["survived"], weak["tried"]) == ("22/39", 22, 17, 39)
    states = Counter(mutant["state"] for mutant in weak["mutants"])
    assert states == {"refuted": 22, "survived": 17}
    assert (false_places["checks"], false_places["left_out"]) == (["behavior"], ["readout", "mediation"])
    assert spec["skipped"] == spec["errors"] == []


def test_json_has_every_state(capsys, monkeypatch):
    from verifier.report.mutation_json import mutation_document

    rows = ((False, False), (False, True), (True, False))
    subject, claim = prepared(replace(FIXED["an explicit write"], rows=rows))
    found = mutate(subject, claim, ("behavior",))
    last = found.fates[-1][0]
    found = replace(found, fates=(*found.fates, (last, Open("why"))))
    report = MutationReport("p", None, "", None, (found,))
    (each,) = json.loads(mutation_document([report], {}))["specs"][0]["explanations"]
    states = {mutant["state"] for mutant in each["mutants"]}
    assert states == {"refuted", "survived", "equal", "malformed", "undecided"}
    text = mutation_text(report, 1, 80, False)
    assert "undecided: 1, such as: why" in text
    assert "proved to claim the same [table]" in text
    assert "that nobody could claim" in text


SPEC = """
spec: 1
inputs: [x1, x2]
network: {layers: [{name: y, weights: [[1, 1]], bias: [-1/2], activation: step}]}
output: y
explanations:
  e:
    circuit: {y: FORMULA}
"""


@pytest.mark.parametrize(
    ("formula", "rest", "arguments", "code"),
    [
        ("x1 | x2", "", (), 0),
        ("x1 | x2", "", ("--fail-under", "100"), 0),
        ("x1 & x2", "", (), 1),  # not proved as expected
        ("x1 & x2", "    expect: {behavior: refuted}\n", (), 5),
        ("x1 | x2", "    expect: {behavior: refuted}\n", (), 1),
        ("x1 & x2", "    checks: [behavior, float32]\n    expect: {behavior: refuted}\n", (), 5),
        ("x1 | x2", "    checks: [float32]\n", (), 5),
        ("x1 | x2", "", ("-k", "readout"), 5),
        ("x1 | x2", "", ("-e", "nobody"), 5),
        ("x1 |", "", (), 2),
        ("x1 | x2", "", ("--fail-under", "101"), 2),
        ("x1 | x2", "", ("--most", "0"), 2),
        ("x1 | x2", "", ("--method", "smt", "--rlimit", "1"), 3),
        ("x1 | x2", "", ("--method", "arb"), 3),
    ],
)
def test_exit_codes(formula, rest, arguments, code, tmp_path, capsys):
    path = tmp_path / "e.circuit.yaml"
    path.write_text(SPEC.replace("FORMULA", f'"{formula}"') + rest, encoding="utf-8")
    assert run(capsys, str(path), *arguments)[0] == code


def test_a_spec_that_is_not_there(tmp_path, capsys):
    code, _, err = run(capsys, str(tmp_path / "none.circuit.yaml"))
    assert code == 2
    assert "E108" in err


PARTLY = """\
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [0, 0, -1], activation: relu}
    - {name: y, weights: [[1, 1, -2]], bias: [0], activation: identity}
output: y
explanations:
  alice:
    circuit: {a1: x1 & ~x2 @ h1 - h3, a2: ~x1 & x2 @ h2 - h3, y: a1 | a2}
    expect: {behavior: proved, readout: proved, mediation: proved, interchange: EXPECTED}
  false:
    circuit: {a1: x1 & ~x2 @ h1 - h3, a2: ~x1 & x2 @ h2 - h3, y: a1 & a2}
    expect: {behavior: refuted, readout: proved, interchange: refuted}
"""


@pytest.mark.parametrize("expected", ["refuted", "{at_least: 0.75}"])
def test_what_is_refuted_as_expected_has_no_say(expected, tmp_path, capsys):
    """Of a mutant, too, interchange is refuted: counted as one that notices, it would notice everything."""
    path = tmp_path / "e.circuit.yaml"
    path.write_text(PARTLY.replace("EXPECTED", expected))
    report = mutate_spec(str(path))
    (alice,) = report.mutated
    assert (alice.checks, alice.refuted) == (("behavior", "readout", "mediation"), ("interchange",))
    (survivor,) = alice.survivors
    assert survivor[0].show(alice.claim.network)[1] == "a1 ^ a2"
    code, out, _ = run(capsys, str(path))
    assert code == 0
    assert "alice  97 %: 38 of 39 mutants noticed" in out
    assert "  left out, refuted as expected: interchange\n  this claim" in out
    assert "false  not mutated: behavior, interchange are refuted, as expected\n" in out
    assert run(capsys, str(path), "--fail-under", "98")[0] == 1


def test_what_is_not_as_expected_is_not_changed(tmp_path, capsys):
    path = tmp_path / "e.circuit.yaml"
    path.write_text(PARTLY.replace("EXPECTED", "proved"))
    code, out, _ = run(capsys, str(path), "-e", "alice")
    assert code == 1
    assert "alice  not mutated: interchange is refuted, expected proved\n" in out


def test_folders_and_settings(tmp_path, capsys, monkeypatch):
    """As `check` does: folders, paths of pyproject.toml, and a malformed spec that stops no other."""
    monkeypatch.chdir(tmp_path)
    assert run(capsys)[0] == 2
    (tmp_path / "claims").mkdir()
    assert run(capsys, "claims")[::2] == (5, "nothing to check in claims\n")
    good, bad = (SPEC.replace("FORMULA", f'"{formula}"') for formula in ("x1 | x2", "x1 |"))
    for letter, text in (("a", good), ("b", bad), ("c", good)):
        (tmp_path / "claims" / f"{letter}.circuit.yaml").write_text(text)
    (tmp_path / "pyproject.toml").write_text("[tool.verifier]\npaths = ['claims']\n")
    code, out, err = run(capsys)
    assert code == 2
    assert [line for line in out.splitlines() if "claims" in line] == [
        f"claims/{letter}.circuit.yaml" for letter in "ac"
    ]
    assert out.count("e  100 %") == 2
    assert err.startswith("claims/b.circuit.yaml:8:23: E201 ")
    (tmp_path / "claims" / "b.circuit.yaml").unlink()
    assert run(capsys, "claims/a.circuit.yaml", "claims/c.circuit.yaml", "-e", "e")[0] == 0
    assert run(capsys, "claims", "-k", "c.circuit", "--fail-under", "100")[1].count("100 %") == 1
    code, out, _ = run(capsys, "claims", "nowhere.circuit.yaml", "--format", "json")
    document = json.loads(out)
    assert code == document["exit_code"] == 2
    assert [(len(spec["explanations"]), len(spec["errors"])) for spec in document["specs"]] == [
        (1, 0),
        (1, 0),
        (0, 1),
    ]
