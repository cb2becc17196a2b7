"""What a run found, as a flat list: every check, and everything that stopped it, with its own exit code."""

import os
import signal
from pathlib import Path

import pytest

import verifier.engine.verify as engine
from verifier.engine.options import Options
from verifier.engine.outcome import Exit, RunReport, SpecReport, worst
from verifier.errors import Position
from verifier.report.cases import Case, cases
from verifier.run.check_run import check_run
from verifier.run.check_specs import check_specs

ROOT = Path(__file__).parent.parent
XOR = str(ROOT / "specs" / "xor.circuit.yaml")
MALFORMED = str(ROOT / "specs" / "malformed" / "several-in-every-part.yaml")


def found(*paths: str, jobs: int = 1, expression: str | None = None) -> dict[str, Case]:
    """Return the cases of a run by name, the exit code of the run being the worst of theirs."""
    run = check_run(paths, Options(), expression, jobs=jobs)
    shown = cases(run)
    assert worst(case.exit for case in shown) == run.exit
    return {case.name: case for case in shown}


def test_checks_stand_at_what_is_expected_of_them() -> None:
    shown = found(XOR)
    carol = shown["carol::readout"]
    assert (carol.exit, carol.position) == (Exit.OK, Position(29, 14))
    assert carol.message == "refuted as expected: at x = 10: c2 reads 0, the explanation says 1"
    assert "<- first" in carol.details
    assert max(map(len, carol.details.splitlines())) <= 100
    assert carol.commands == (f"verifier eval {XOR} -e carol --x 10",)
    assert shown["enumerate"].position == Position(36, 3)
    assert shown["enumerate"].message == "8 explanations in 2 classes, as expected"
    assert len(shown) == 10


def test_without_an_expectation_checks_stand_at_the_name(tmp_path: Path) -> None:
    path = tmp_path / "plain.circuit.yaml"
    text = Path(XOR).read_text(encoding="utf-8").replace("    expect: {readout: refuted}\n", "")
    path.write_text(text, encoding="utf-8")
    shown = found(str(path), expression="carol and readout")
    assert shown["carol::readout"].position == Position(24, 3)
    assert shown["carol::readout"].exit == Exit.UNEXPECTED
    assert shown["carol::readout"].message.startswith("refuted, expected proved: at x = 10")


def test_shares_are_told(tmp_path: Path) -> None:
    path = tmp_path / "share.circuit.yaml"
    text = Path(XOR).read_text(encoding="utf-8")
    path.write_text(text.replace("{readout: refuted}", "{readout: {at_least: 0.99}}"), encoding="utf-8")
    shown = found(str(path), expression="carol")["carol::readout"]
    assert shown.message.startswith("refuted, holds in 7/8 cases, expected at least 0.99: at x")


def test_problems_keep_their_places() -> None:
    shown = [c for c in cases(check_run([MALFORMED, XOR], Options())) if c.exit == Exit.BAD_INPUT]
    assert [(case.name, case.position) for case in shown][:2] == [
        ("E102", Position(3, 1)),
        ("E105", Position(4, 18)),
    ]
    assert {case.path for case in shown} == {MALFORMED}


def test_a_missing_path_is_a_problem_of_the_run() -> None:
    (case,) = found("absent.yaml").values()
    assert (case.name, case.exit, case.path) == ("E108", Exit.BAD_INPUT, "")


def test_a_selection_that_is_no_expression_is_one_too() -> None:
    assert set(found(XOR, expression="alice and")) == {"E601"}


def test_what_was_meant_is_told_where_nothing_is_checked() -> None:
    run = check_run([XOR], Options(), explanation="alicia")
    assert run.nothing == f"nothing to check in {XOR}: no check fits -e alicia (did you mean alice?)"
    run = check_run([XOR], Options(), "zz", explanation="alice")
    assert run.nothing == f"nothing to check in {XOR}: no check fits -e alice -k 'zz'"


def test_weights_are_no_spec(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"PK\x03\x04\xff")
    (case,) = found(str(path)).values()
    assert (case.name, case.exit) == ("E101", Exit.BAD_INPUT)
    assert case.message.startswith("expected a spec, got weights (`verifier import` writes a spec")


def test_shares_that_are_as_expected_are_told(tmp_path: Path) -> None:
    path = tmp_path / "share.circuit.yaml"
    text = Path(XOR).read_text(encoding="utf-8")
    path.write_text(text.replace("{readout: refuted}", "{readout: {at_least: 0.5}}"), encoding="utf-8")
    case = found(str(path), expression="carol")["carol::readout"]
    assert case.message.startswith("refuted as expected, holds in 7/8 cases: at x")
    assert case.details.startswith("as expected (at least 0.5); |D| = 4")


def test_nothing_to_check(tmp_path: Path) -> None:
    assert set(found(str(tmp_path))) == {"nothing"}
    assert set(found(XOR, expression="nobody")) == {"nothing"}
    bare = tmp_path / "bare.circuit.yaml"
    bare.write_text(Path(XOR).read_text(encoding="utf-8").partition("explanations:")[0], encoding="utf-8")
    run = check_run([str(bare), XOR], Options())
    assert run.exit == Exit.NOTHING
    shown = cases(run)
    assert [(c.path, c.exit) for c in shown if c.name == "nothing"] == [(str(bare), Exit.NOTHING)]


def test_a_path_without_a_spec_is_nothing_to_check(tmp_path: Path) -> None:
    (tmp_path / "renamed.yaml").write_text(Path(XOR).read_text(encoding="utf-8"), encoding="utf-8")
    shown = {case.name: case for case in cases(check_run([XOR, str(tmp_path)], Options()))}
    assert (shown["nothing"].exit, shown["nothing"].message) == (5, f"nothing to check in {tmp_path}")
    assert shown["carol::readout"].exit == Exit.OK
    assert check_run([XOR, str(tmp_path)], Options()).exit == Exit.NOTHING
    assert check_run([XOR, str(tmp_path)], Options(), "carol").exit == Exit.NOTHING
    assert check_run([XOR, MALFORMED, str(tmp_path)], Options()).exit == Exit.BAD_INPUT


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_planted_defect_is_a_case(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(engine.Subject, "verify", planted)
    case = found(XOR, jobs=jobs)["internal"]
    assert (case.exit, case.path) == (Exit.INTERNAL, XOR)
    assert case.message == "internal error, please report it: ZeroDivisionError: planted"
    assert "Traceback" in case.details


def test_a_defect_outside_of_specs_is_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("verifier.run.check_run.specs_by_path", planted)
    (case,) = found(XOR).values()
    assert (case.name, case.exit) == ("internal", Exit.INTERNAL)


def interrupting(monkeypatch: pytest.MonkeyPatch, folder: Path, explanation: str, check: str) -> None:
    """Interrupt whoever decides a check, and the process that waits for it."""
    monkeypatch.chdir(folder)
    verify = engine.Subject.verify
    here = os.getpid()

    def planted(self, claim, name):
        if (claim.explanation.name, name) == (explanation, check) and not Path("hit").exists():
            Path("hit").touch()  # once: lists look at explanations too
            os.kill(here, signal.SIGINT)
            raise KeyboardInterrupt
        return verify(self, claim, name)

    monkeypatch.setattr(engine.Subject, "verify", planted)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interruption_keeps_what_was_found(
    jobs: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    interrupting(monkeypatch, tmp_path, "bob", "mediation")
    run = check_run([XOR], Options(), jobs=jobs)
    shown = {case.name for case in cases(run)}
    assert run.exit == Exit.INTERRUPTED
    assert {"alice::readout", "bob::behavior", "bob::readout", "interrupted"} <= shown
    assert not {"bob::mediation", "bob::interchange"} & shown


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interruption_is_told_where_nothing_was_found(
    jobs: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    interrupting(monkeypatch, tmp_path, "alice", "readout")
    run = check_run([XOR, MALFORMED], Options(), "alice and readout", jobs=jobs)
    assert (run.exit, run.interrupted) == (Exit.INTERRUPTED, True)
    assert not any("::" in case.name for case in cases(run))


def test_a_defect_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    verify = engine.Subject.verify

    def planted(self, claim, name):
        if name == "mediation":
            raise ZeroDivisionError("planted")
        return verify(self, claim, name)

    monkeypatch.setattr(engine.Subject, "verify", planted)
    shown = found(XOR)
    assert set(shown) == {"alice::behavior", "alice::readout", "internal"}


def test_check_specs_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine.Subject, "verify_all", planted)
    with pytest.raises(KeyboardInterrupt):
        check_specs([XOR])


def test_what_a_lock_says_fails() -> None:
    run = RunReport((SpecReport("a.circuit.yaml", stale=("the network changed",)),))
    (case,) = cases(run)
    assert (case.name, case.message) == ("lock", "the network changed")
    assert run.exit == case.exit == Exit.UNEXPECTED
