"""Locks: what they hold is replayed, audited or decided again; what is stale or forged is never a pass."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

import verifier.run.believed as believed
import verifier.run.locked as locked
from verifier.cli import run
from verifier.engine.options import Options
from verifier.engine.outcome import Exit
from verifier.errors import InputError, Position
from verifier.lock.document import CERTIFICATES, NAME, json_schema, parse, read_lock, show
from verifier.lock.evidence import counterexample, evidence
from verifier.run.check_run import check_run
from verifier.run.check_specs import check_specs
from verifier.run.locked import locked_reports
from verifier.verdict import Refuted
from verifier.write import Dependency

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
CHOSEN = ("xor", "xor-relu-exact", "one-hot-veto", "redundant-copies", "tie-break", "modular-addition-3")
XOR, RELU, VETO = "xor.circuit.yaml", "xor-relu-exact.circuit.yaml", "one-hot-veto.circuit.yaml"
WIDE = "equality-12-bits.circuit.yaml"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of specs that is locked."""
    folder = tmp_path_factory.mktemp("locked") / "specs"
    folder.mkdir()
    for name in CHOSEN:
        shutil.copy(SPECS / f"{name}.circuit.yaml", folder)
    assert run(["check", str(folder), "--update-lock"]) == 0
    return folder


@pytest.fixture(scope="module")
def smaller(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of four of them."""
    folder = tmp_path_factory.mktemp("smaller") / "specs"
    shutil.copytree(original, folder)
    for name in ("redundant-copies", "modular-addition-3"):
        (folder / f"{name}.circuit.yaml").unlink()
    assert run(["check", str(folder), "--update-lock"]) == 0
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "specs"))


@pytest.fixture
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every check be one that takes long."""
    monkeypatch.setattr(believed, "TABLE_CASES", -1)
    monkeypatch.setattr(believed, "SLOW_CASES", -1)


def checked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    """Return exit code and document of a check."""
    capsys.readouterr()
    code = run(["check", *map(str, arguments), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def stale(document: Any) -> list[str]:
    return [sentence for spec in document["specs"] for sentence in spec["stale"]]


def notes(document: Any) -> list[str]:
    return [note for spec in document["specs"] for note in spec["notes"]]


def lock_of(folder: Path) -> Any:
    return json.loads((folder / NAME).read_text(encoding="utf-8"))


def write(folder: Path, document: Any) -> None:
    (folder / NAME).write_text(json.dumps(document), encoding="utf-8")


def change(path: Path, old: str, new: str) -> None:
    """Replace a text that occurs in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# what is as it was locked


def test_what_is_unchanged_passes_and_is_not_written_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(folder)
    code, document = checked(capsys, folder, "--locked")
    assert (code, stale(document)) == (0, [])
    _, fresh = checked(capsys, folder)
    for one, other in zip(document["specs"], fresh["specs"], strict=True):
        assert [note for note in one["notes"] if not note.startswith("locked:")] == other["notes"]
        for explained, anew in zip(one["explanations"], other["explanations"], strict=True):
            told = [{k: c[k] for k in c if k not in ("floats", "seconds")} for c in explained["checks"]]
            assert told == [{k: c[k] for k in c if k not in ("floats", "seconds")} for c in anew["checks"]]
    assert run(["check", str(folder), "--update-lock", "-j", "2"]) == 0
    assert everything(folder) == before


def test_the_text_is_canonical_and_follows_its_schema(folder: Path) -> None:
    text = (folder / NAME).read_text(encoding="utf-8")
    lock = read_lock(folder)
    assert show(lock) == text
    assert parse(json.dumps(json.loads(text)), "x") == lock
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(text))
    assert not any(word in text for word in ("seconds", str(folder), "2026"))


def test_no_solver_is_reached(folder: Path) -> None:
    program = (
        "import sys; sys.modules['z3'] = None\n"
        "from verifier.cli import run\n"
        "import verifier.run.believed as believed\n"
        "codes = [run(['check', sys.argv[1], '--locked', '--format', 'json'])]\n"
        "believed.TABLE_CASES = believed.SLOW_CASES = -1\n"
        "codes += [run(['check', sys.argv[1], '--locked', '--format', 'json'])]\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('cvc5', 'pysat', 'pysolvers')]\n"
        "assert 'verifier.smt' not in sys.modules\n"
        "sys.exit(any(codes))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.usefixtures("nothing_is_small")
def test_what_takes_long_is_replayed_or_believed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = checked(capsys, folder, "--locked")
    assert (code, stale(document)) == (0, [])
    checks = [c for s in document["specs"] for e in s["explanations"] for c in e["checks"]]
    proved = [check for check in checks if check["verdict"] == "proved"]
    refuted = [check for check in checks if check["verdict"] == "refuted"]
    assert {check["rests_on"] for check in proved} == {"lock", "algebra"}
    assert all(("; believed" in str(check["notes"])) is (check["rests_on"] == "lock") for check in proved)
    by_algebra = [check for check in refuted if check["method"] == "algebra"]
    assert {check["counterexample"]["kind"] for check in by_algebra} <= {"dependency", "direction"}
    assert {check["rests_on"] for check in refuted} <= {"replay", "lock"}
    idle = [check for check in refuted if check["counterexample"]["kind"] == "idle"]
    assert {(check["method"], check["rests_on"]) for check in idle} == {("lock", "lock")}
    assert all("believed" in check["notes"][0] for check in idle)
    assert {"run", "direction", "rounding", "idle"} <= {c["counterexample"]["kind"] for c in refuted}
    _, fresh = checked(capsys, folder)
    again = [c for s in fresh["specs"] for e in s["explanations"] for c in e["checks"]]
    for check, other in zip(checks, again, strict=True):
        assert (check["check"], check["verdict"], check["iia"]) == (
            other["check"],
            other["verdict"],
            other["iia"],
        )


@pytest.mark.parametrize(
    "name",
    [
        "xor",
        "xor-relu-exact",
        "tie-break",
        "tenths",
        "hierarchical-equality",
        "modular-addition-3",
        "mux-4",
        "xor-tanh",
    ],
)
def test_counterexamples_come_back(name: str) -> None:
    (report,) = check_specs([str(SPECS / f"{name}.circuit.yaml")])
    for explanation in report.explanations:
        network = explanation.claim.network
        for one in explanation.checks:
            if isinstance(one.result.verdict, Refuted):
                found = one.result.found or one.result.verdict.counterexample
                back = counterexample(network, one.result.check, evidence(network, found))
                assert evidence(network, back or found) == evidence(network, found)
                assert (back is None) is isinstance(found, Dependency)


def test_what_no_method_reaches_any_more_is_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """2^24 inputs: decision diagrams decide again, and where they may not, only counterexamples are left."""
    shutil.copy(SPECS / WIDE, tmp_path)
    assert run(["check", str(tmp_path), "--update-lock"]) == 0
    code, document = checked(capsys, tmp_path, "--locked")
    assert (code, stale(document)) == (0, [])
    checks = [c for e in document["specs"][0]["explanations"] for c in e["checks"]]
    assert {check["rests_on"] for check in checks} == {"bdd", "replay"}
    monkeypatch.setattr(believed, "DIAGRAM_NODES", 1)
    code, document = checked(capsys, tmp_path, "--locked")
    assert (code, stale(document)) == (Exit.UNDECIDED, [])
    checks = [c for e in document["specs"][0]["explanations"] for c in e["checks"]]
    assert {check["rests_on"] for check in checks} == {"algebra", "lock", "replay"}
    enumeration = document["specs"][0]["enumeration"]
    assert (enumeration["rests_on"], enumeration["ok"]) == ("lock", False)
    assert [e["ok"] for e in enumeration["expectations"]] == [True, True, None, True]
    assert sum("believed" in note for note in document["specs"][0]["notes"]) == 2
    lock = lock_of(tmp_path)
    lock["specs"][WIDE]["tool"]["dd"] = "0.0"
    write(tmp_path, lock)
    code, document = checked(capsys, tmp_path, "--locked")
    assert code == Exit.UNEXPECTED
    assert any(
        sentence.startswith("the list of all explanations was made with dd 0.0")
        for sentence in stale(document)
    )


@pytest.mark.parametrize(
    ("bias", "verdict"), [("-0.49999999999999994", "proved"), ("-0.5000000000000001", "proved")]
)
def test_one_unit_in_the_last_place_is_another_network(
    folder: Path, capsys: pytest.CaptureFixture[str], bias: str, verdict: str
) -> None:
    change(folder / XOR, "bias: [-1/2, -1/2, -3/2]", f"bias: [{bias}, -1/2, -3/2]")
    code, document = checked(capsys, folder / XOR, "--locked", "-k", "alice")
    assert code == Exit.UNEXPECTED
    assert stale(document)[0] == "network changed since this was proved"
    assert {check["verdict"] for check in document["specs"][0]["explanations"][0]["checks"]} == {verdict}


@pytest.mark.parametrize("fmt", ["text", "json", "github", "sarif", "junit", "markdown"])
def test_what_is_stale_is_in_every_format(folder: Path, capsys: pytest.CaptureFixture[str], fmt: str) -> None:
    change(folder / XOR, "bias: [-1/2, -1/2, -3/2]", "bias: [-1/2, -1/2, -1.4999]")
    (folder / RELU).unlink()
    capsys.readouterr()
    assert run(["check", str(folder), "--locked", "--format", fmt]) == Exit.UNEXPECTED
    shown = capsys.readouterr()
    for told in ("network changed since this was proved", "not there any more"):
        assert told in shown.out.replace("\n", " ") + (shown.err if fmt == "text" else "")


@pytest.mark.slow
def test_all_shipped_specs_can_be_locked(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SPECS, tmp_path / "specs"))
    assert run(["check", str(folder), "--update-lock"]) == 0
    before = everything(folder)
    assert run(["check", str(folder), "--locked"]) == 0
    assert run(["check", str(folder), "--update-lock"]) == 0
    assert everything(folder) == before


# what has changed


def test_a_changed_network_is_told_with_what_holds_and_what_fell(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder / XOR, "bias: [-1/2, -1/2, -3/2]", "bias: [-1/2, -1/2, -5/2]")
    code, document = checked(capsys, folder / XOR, "--locked")
    assert code == Exit.UNEXPECTED
    assert stale(document)[0] == "network changed since this was proved"
    assert "alice::behavior was proved, and is refuted now" in stale(document)
    assert not any("as before" in sentence for sentence in stale(document))
    assert any(note.startswith("decided again, as before: alice::") for note in notes(document))
    assert document["summary"][-1].startswith("1 spec is stale; once all is as expected: verifier check ")
    behavior = document["specs"][0]["explanations"][0]["checks"][0]
    assert (behavior["verdict"], behavior["counterexample"]["x"]) == ("refuted", "11")
    assert document["specs"][0]["enumeration"]["complete"] is False  # it takes Z3 now
    code, document = checked(capsys, folder / XOR)
    assert (code, stale(document)) == (Exit.UNEXPECTED, [])
    assert "network changed since this was proved" in document["specs"][0]["notes"]
    assert "alice::behavior was proved, and is refuted now" in document["specs"][0]["notes"]


def test_a_changed_network_of_which_all_holds_is_stale_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder / XOR, "bias: [-1/2, -1/2, -3/2]", "bias: [-1/2, -1/2, -1.4999]")
    code, document = checked(capsys, folder / XOR, "--locked")
    assert code == Exit.UNEXPECTED
    assert stale(document)[0] == "network changed since this was proved"
    assert stale(document)[1:] == []
    assert "decided again, as before: alice, bob, carol" in notes(document)
    assert document["summary"][-1] == f"1 spec is stale: verifier check {folder / XOR} --update-lock"
    enumeration = document["specs"][0]["enumeration"]
    assert (enumeration["rests_on"], enumeration["ok"]) == ("algebra", True)
    code, document = checked(capsys, folder / XOR)
    assert code == 0
    assert document["specs"][0]["notes"][0] == "network changed since this was proved"
    assert run(["check", str(folder / XOR), "--update-lock"]) == 0
    assert checked(capsys, folder, "--locked")[0] == 0


def test_comments_and_titles_are_no_claims(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / XOR).open("a", encoding="utf-8") as file:
        file.write("# no more\n")
    code, document = checked(capsys, folder, "--locked")
    assert (code, stale(document)) == (0, [])
    notes = [note for spec in document["specs"] for note in spec["notes"] if not note.startswith("locked:")]
    assert notes == ["this file changed since this was locked, in nothing that is checked"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("a1: x1 & ~x2  ", "a1: ~(~x1 | x2) ", "the claim alice changed since it was proved"),
        ("output: y  ", "where: x1 | x2\noutput: y  ", "domain changed since this was proved"),
        ("output: y  ", "output: y > 1/2  ", "decoding of the output changed since this was proved"),
        ("  carol:", "  caroline:", "caroline is not in verifier.lock"),
        ("  carol:", "  caroline:", "carol::readout is in verifier.lock, and not checked any more"),
        (
            "coefficients: -2..2",
            "coefficients: -3..3",
            "the space of explanations changed since they were listed",
        ),
        (
            "expect: {readout: refuted}",
            "expect: {readout: {at_least: 0.5}}",
            "carol::readout was expected refuted when it was locked, is now expected at least 0.5",
        ),
        (
            "expect: {readout: refuted}",
            "checks: [readout, mediation]",
            "carol::mediation is not in verifier.lock",
        ),
    ],
)
def test_whatever_changed_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    change(folder / XOR, old, new)
    code, document = checked(capsys, folder, "--locked")
    assert code == Exit.UNEXPECTED
    assert any(sentence.startswith(told) for sentence in stale(document))


def test_a_spec_that_is_new_and_one_that_is_gone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(SPECS / "mux-2.circuit.yaml", folder)
    code, document = checked(capsys, folder / "mux-2.circuit.yaml", "--locked")
    assert (code, stale(document)) == (Exit.UNEXPECTED, ["this spec is not in verifier.lock"])
    (folder / XOR).unlink()
    assert checked(capsys, folder / RELU, "--locked")[0] == 0
    code, document = checked(capsys, folder, "--locked")
    assert code == Exit.UNEXPECTED
    assert "it is in verifier.lock, and not there any more" in stale(document)
    held = set(lock_of(folder)["specs"])
    assert run(["check", str(folder / "mux-2.circuit.yaml"), "--update-lock"]) == 0
    assert set(lock_of(folder)["specs"]) == held - {XOR} | {"mux-2.circuit.yaml"}
    assert checked(capsys, folder, "--locked")[0] == 0


def test_a_folder_whose_specs_are_all_gone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in folder.glob("*.circuit.yaml"):
        path.unlink()
    code, document = checked(capsys, folder, "--locked")
    assert (code, len(stale(document))) == (Exit.UNEXPECTED, len(CHOSEN))


def test_other_versions_are_stale_for_what_is_believed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    older = {**locked.versions(), "z3-solver": "1.0"}
    document = lock_of(folder)
    document["specs"][RELU]["tool"] = older
    write(folder, document)
    assert checked(capsys, folder, "--locked")[0] == 0  # all of it is decided again
    monkeypatch.setattr(believed, "TABLE_CASES", -1)
    code, found = checked(capsys, folder / RELU, "--locked")
    assert code == Exit.UNEXPECTED
    assert any("proved with z3-solver 1.0, this is z3-solver" in sentence for sentence in stale(found))
    checks = [c for e in found["specs"][0]["explanations"] for c in e["checks"]]
    assert {c["verdict"] for c in checks if c["check"] != "mediation"} == {"unknown", "refuted"}


# what writes a lock


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("interchange: refuted", "interchange: proved", Exit.UNEXPECTED),
        ("interchange: refuted", "interchange: unknown", Exit.BAD_INPUT),
        ("count: 4", "count: 5", Exit.UNEXPECTED),
    ],
)
def test_what_is_not_as_expected_is_not_locked(folder: Path, old: str, new: str, code: Exit) -> None:
    before = (folder / NAME).read_bytes()
    change(folder / RELU, old, new)
    assert run(["check", str(folder / RELU), "--update-lock"]) == code
    assert (folder / NAME).read_bytes() == before
    (folder / NAME).unlink()
    assert run(["check", str(folder / RELU), "--update-lock"]) == code
    assert not (folder / NAME).exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--update-lock", "-k", "alice"],
        ["--update-lock", "-e", "alice"],
        ["--update-lock", "--locked"],
        ["--locked", "--method", "smt"],
        ["--locked", "--why"],
    ],
)
def test_arguments_that_do_not_go_together(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    before = everything(folder)
    assert run(["check", str(folder), *arguments]) == 2
    assert "E601" in capsys.readouterr().err
    assert everything(folder) == before


def test_certificates_that_no_lock_names_are_removed(folder: Path) -> None:
    certificates = folder / CERTIFICATES
    foreign = b"someone's own"
    (certificates / f"{sha256(foreign).hexdigest()}.jsonl").write_bytes(foreign)
    (certificates / "notes.txt").write_text("mine", encoding="utf-8")
    before = {path.name for path in certificates.iterdir()}
    change(folder / XOR, "coefficients: -2..2", "coefficients: -3..3")
    assert run(["check", str(folder / XOR), "--update-lock"]) == 0
    after = {path.name for path in certificates.iterdir()}
    assert (len(before - after), len(after - before)) == (1, 1)
    assert "notes.txt" in after
    assert run(["check", str(folder), "--locked"]) == 0


@pytest.mark.parametrize("text", ["{", "{}", "<<<<<<< a\n=======\n>>>>>>> b\n", '{"version": 2}'])
def test_what_is_no_lock_is_replaced_if_all_it_could_hold_is_known(
    text: str, smaller: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(smaller, tmp_path / "specs"))
    right = everything(folder)
    (folder / NAME).write_text(text, encoding="utf-8")
    before = everything(folder)
    assert run(["check", str(folder / XOR), "--update-lock"]) == Exit.BAD_INPUT
    assert everything(folder) == before
    renewal = f"delete it, or write it anew:  verifier check {folder} --update-lock"
    assert renewal in capsys.readouterr().err
    assert run(["check", str(folder), "--locked"]) == Exit.BAD_INPUT
    assert renewal in capsys.readouterr().err
    assert run(["check", str(folder), "--update-lock"]) == 0
    assert everything(folder) == right
    assert f"it replaces what was no lock: {folder / NAME}:" in capsys.readouterr().err


def test_a_lock_of_another_version_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"specs": {},\n "version": 2, "more": 1}', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_lock(tmp_path)
    (problem,) = refused.value.problems
    assert (problem.code, problem.position) == ("E107", Position(2, 2 + len('"version": ')))
    assert "written by another version of this program" in problem.message


def test_a_check_beside_what_is_no_lock_warns_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / NAME).write_text("\n<<<<<<< a\n", encoding="utf-8")
    code, document = checked(capsys, folder / XOR, folder / RELU)
    assert code == 0
    (warning,) = document["warnings"]
    assert (warning["path"], warning["code"], warning["line"]) == (str(folder / NAME), "E101", 2)
    assert run(["check", str(folder / XOR)]) == 0
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last[0].startswith(f"warning: {folder / NAME}:2:1: E101 a merge conflict")
    assert last[1].startswith("    hint: delete it")


def test_what_is_wrong_with_a_certificate_is_told_in_the_lock(folder: Path) -> None:
    lock = (folder / NAME).read_text(encoding="utf-8")
    document = lock_of(folder)
    held = document["specs"][XOR]["enumerate"]
    text = (folder / XOR).read_text(encoding="utf-8")
    held.update(count=7, classes=1)
    (folder / NAME).write_text(show(parse(json.dumps(document), "x")), encoding="utf-8")
    assert complaints(folder) == [
        (key, f"E701 {key} is {said}, in ", f" {found}")
        for key, said, found in (("classes", 1, 2), ("count", 7, 8))
    ]
    (folder / NAME).write_text(lock, encoding="utf-8")
    (folder / CERTIFICATES / f"{held['certificate']}.jsonl").unlink()
    assert complaints(folder) == [("certificate", "E108 cannot open ", " No such file or directory")]
    assert (folder / XOR).read_text(encoding="utf-8") == text


def complaints(folder: Path) -> list[tuple[str, str, str]]:
    """Return for each complaint of a locked run the key of the lock it is at, its beginning and its end."""
    (report,) = check_run([str(folder / XOR)], Options(), reported=partial(locked_reports, [])).specs
    lines = (folder / NAME).read_text(encoding="utf-8").splitlines()
    found = []
    for problem in report.problems:
        assert (problem.path, problem.position is None) == (str(folder / NAME), False)
        assert "--update-lock" in problem.hint
        begin, _, end = problem.message.partition(str(folder))
        line = lines[problem.position.line - 1][problem.position.column - 1 :]
        found.append(
            (line.split('"')[1], f"{problem.code} {begin}", end.partition(".jsonl")[2].removeprefix(":"))
        )
    return sorted(found)


# forgeries

Forgery = Callable[[Path], object]
FORGERIES: dict[str, Forgery] = {}
MALFORMED: dict[str, Forgery] = {}


def forging(made: Callable[[Any, Path], object]) -> Forgery:
    """Return what changes the document of a lock, or files beside it."""

    def forge(folder: Path) -> None:
        document = lock_of(folder)
        made(document, folder)
        write(folder, document)

    return forge


def forgery(made: Callable[[Any, Path], object]) -> None:
    """Keep a forgery that is a lock, of something else."""
    FORGERIES[made.__name__] = forging(made)


def malformed(made: Callable[[Any, Path], object]) -> None:
    """Keep a forgery that is no lock."""
    MALFORMED[made.__name__] = forging(made)


def malformed_text(made: Callable[[str], str]) -> None:
    """Keep a forgery of the text that is no lock."""

    def forge(folder: Path) -> None:
        path = folder / NAME
        text = path.read_text(encoding="utf-8")
        forged = made(text)
        assert forged != text
        path.write_text(forged, encoding="utf-8")

    MALFORMED[made.__name__] = forge


def check_in(document: Any, name: str, explanation: str, check: str) -> Any:
    return document["specs"][name]["explanations"][explanation]["checks"][check]


@forgery
def a_refutation_becomes_a_proof_in_most_cases(document: Any, folder: Path) -> None:
    a_refutation_becomes_a_proof_in(document, folder, "7/8")


@forgery
def a_refutation_becomes_a_proof_of_all_cases(document: Any, folder: Path) -> None:
    a_refutation_becomes_a_proof_in(document, folder, "8/8")


def a_refutation_becomes_a_proof_in(document: Any, folder: Path, share: str) -> None:
    held = check_in(document, XOR, "carol", "readout")
    del held["counterexample"]
    held.update(verdict="proved", rests_on="table", expected="proved", share=share)
    change(folder / XOR, "expect: {readout: refuted}", "checks: [readout]")


@forgery
def a_refutation_that_was_expected_becomes_a_proof(document: Any, folder: Path) -> None:
    held = check_in(document, XOR, "carol", "readout")
    del held["counterexample"]
    held.update(verdict="proved", rests_on="table")


@forgery
def a_proof_becomes_a_refutation(document: Any, folder: Path) -> None:
    held = check_in(document, XOR, "alice", "behavior")
    held.update(verdict="refuted", rests_on="replay", counterexample={"kind": "run", "x": "00"})


@forgery
def a_refutation_without_a_counterexample(document: Any, folder: Path) -> None:
    del check_in(document, XOR, "carol", "readout")["counterexample"]


@forgery
def a_counterexample_of_another_claim(document: Any, folder: Path) -> None:
    other = check_in(document, RELU, "alice", "interchange")["counterexample"]
    check_in(document, XOR, "carol", "readout")["counterexample"] = other


@forgery
def a_counterexample_at_another_input(document: Any, folder: Path) -> None:
    check_in(document, XOR, "carol", "readout")["counterexample"]["x"] = "00"


@forgery
def a_counterexample_at_an_input_that_is_too_long(document: Any, folder: Path) -> None:
    check_in(document, XOR, "carol", "readout")["counterexample"]["x"] = "000"


@forgery
def a_counterexample_that_sets_what_is_no_feature(document: Any, folder: Path) -> None:
    check_in(document, RELU, "alice", "interchange")["counterexample"]["set"] = ["zz=1", "a2=1"]


@forgery
def a_counterexample_at_a_layer_that_is_not_there(document: Any, folder: Path) -> None:
    check_in(document, RELU, "alice", "interchange")["counterexample"]["layer"] = "zz"


@forgery
def a_counterexample_that_sets_half(document: Any, folder: Path) -> None:
    told = check_in(document, RELU, "alice", "interchange")["counterexample"]
    told["set"] = told["set"][:1]


@forgery
def a_rounding_that_sums_otherwise(document: Any, folder: Path) -> None:
    told = roundings(document)[0]
    told["sums"] = [" ".join(sorted(summed.split())) for summed in told["sums"]]
    told["computed"] = told["exact"]


@forgery
def a_rounding_that_divides_by_zero(document: Any, folder: Path) -> None:
    roundings(document)[0]["exact"] = "1/0"


def roundings(document: Any) -> list[Any]:
    return [
        check["counterexample"]
        for spec in document["specs"].values()
        for explanation in spec["explanations"].values()
        for check in explanation["checks"].values()
        if check.get("counterexample", {}).get("kind") == "rounding"
    ]


@forgery
def digests_of_the_network_swapped_between_specs(document: Any, folder: Path) -> None:
    one, other = document["specs"][XOR], document["specs"][RELU]
    one["network"], other["network"] = other["network"], one["network"]


@forgery
def entries_swapped_between_specs(document: Any, folder: Path) -> None:
    specs = document["specs"]
    specs[XOR], specs[RELU] = specs[RELU], specs[XOR]


@forgery
def claims_swapped_between_explanations(document: Any, folder: Path) -> None:
    explanations = document["specs"][XOR]["explanations"]
    explanations["alice"], explanations["bob"] = explanations["bob"], explanations["alice"]


@forgery
def no_entry(document: Any, folder: Path) -> None:
    del document["specs"][XOR]


@forgery
def no_check(document: Any, folder: Path) -> None:
    del document["specs"][XOR]["explanations"]["alice"]["checks"]["interchange"]


@forgery
def no_list(document: Any, folder: Path) -> None:
    del document["specs"][XOR]["enumerate"]


@forgery
def another_count(document: Any, folder: Path) -> None:
    document["specs"][XOR]["enumerate"]["count"] = 7
    change(folder / XOR, "count: 8", "count: 7")


@forgery
def a_list_that_is_said_to_have_been_holey(document: Any, folder: Path) -> None:
    document["specs"][XOR]["enumerate"]["audit"] = "holey"
    shorter_list(document, folder)


@forgery
def another_count_with_a_certificate_to_match(document: Any, folder: Path) -> None:
    shorter_list(document, folder)


def shorter_list(document: Any, folder: Path) -> None:
    """Leave an explanation out of a certificate, its digests and its count made to fit."""
    held = document["specs"][XOR]["enumerate"]
    path = folder / CERTIFICATES / f"{held['certificate']}.jsonl"
    first, *items, last = path.read_text(encoding="utf-8").splitlines(keepends=True)
    footer = json.loads(last)
    footer.update(count=7, list_sha256=sha256("".join(items[:-1]).encode()).hexdigest())
    forged = "".join([first, *items[:-1], json.dumps(footer, sort_keys=True, separators=(",", ":")) + "\n"])
    held.update(count=7, certificate=sha256(forged.encode()).hexdigest())
    (folder / CERTIFICATES / f"{held['certificate']}.jsonl").write_text(forged, encoding="utf-8")
    change(folder / XOR, "count: 8, classes: 2, contains: [alice, bob]", "count: 7, contains: [bob]")


@forgery
def the_certificate_of_another_spec(document: Any, folder: Path) -> None:
    other = document["specs"][RELU]["enumerate"]
    document["specs"][XOR]["enumerate"]["certificate"] = other["certificate"]


@forgery
def a_certificate_that_is_missing(document: Any, folder: Path) -> None:
    (folder / CERTIFICATES / f"{document['specs'][XOR]['enumerate']['certificate']}.jsonl").unlink()


@forgery
def a_certificate_that_was_altered(document: Any, folder: Path) -> None:
    path = folder / CERTIFICATES / f"{document['specs'][XOR]['enumerate']['certificate']}.jsonl"
    path.write_bytes(path.read_bytes() + b"\n")


@forgery
def a_certificate_that_is_a_link(document: Any, folder: Path) -> None:
    path = folder / CERTIFICATES / f"{document['specs'][XOR]['enumerate']['certificate']}.jsonl"
    path.rename(folder / "elsewhere")
    path.symlink_to(folder / "elsewhere")


@malformed
def a_certificate_elsewhere(document: Any, folder: Path) -> None:
    document["specs"][XOR]["enumerate"]["certificate"] = "../../" + "a" * 58


@malformed
def a_spec_elsewhere(document: Any, folder: Path) -> None:
    document["specs"]["../xor.circuit.yaml"] = document["specs"][XOR]


@malformed
def a_name_with_a_line_break(document: Any, folder: Path) -> None:
    document["specs"]["a\nb"] = document["specs"][XOR]


@malformed
def a_list_that_rests_on_words(document: Any, folder: Path) -> None:
    document["specs"][XOR]["enumerate"]["rests_on"] = "algebra; all is well"


@malformed
def names_of_what_is_listed(document: Any, folder: Path) -> None:
    document["specs"][XOR]["enumerate"]["named"] = {"carol": 3}


@forgery
def an_audit_that_is_better_than_it_was(document: Any, folder: Path) -> None:
    document["specs"][VETO]["enumerate"]["audit"] = "valid"


@malformed
def a_share_above_one(document: Any, folder: Path) -> None:
    check_in(document, XOR, "carol", "readout")["share"] = "9/8"


@forgery
def another_share(document: Any, folder: Path) -> None:
    check_in(document, XOR, "carol", "readout")["share"] = "6/8"


@forgery
def another_number_of_cases(document: Any, folder: Path) -> None:
    check_in(document, XOR, "carol", "readout")["share"] = "15/16"


@forgery
def a_refutation_that_holds_in_all_cases(document: Any, folder: Path) -> None:
    check_in(document, XOR, "carol", "readout")["share"] = "8/8"


@malformed
def an_unknown_key(document: Any, folder: Path) -> None:
    document["specs"][XOR]["trust"] = "me"


@malformed
def an_unknown_verdict(document: Any, folder: Path) -> None:
    check_in(document, XOR, "alice", "behavior")["verdict"] = "valid"


@malformed
def a_proof_that_rests_on_the_lock(document: Any, folder: Path) -> None:
    check_in(document, XOR, "alice", "behavior")["rests_on"] = "lock"


@malformed
def another_version_of_the_format(document: Any, folder: Path) -> None:
    document["version"] = 2


@malformed
def a_version_in_quotes(document: Any, folder: Path) -> None:
    document["version"] = "1"


@malformed
def nothing_where_a_digest_was(document: Any, folder: Path) -> None:
    document["specs"][XOR]["network"] = None


@malformed
def a_list_where_a_mapping_was(document: Any, folder: Path) -> None:
    document["specs"] = [document["specs"]]


@malformed_text
def cut_short(text: str) -> str:
    return text[: len(text) // 2]


@malformed_text
def empty(text: str) -> str:
    return ""


@malformed_text
def only_null(text: str) -> str:
    return "null\n"


@malformed_text
def a_key_twice(text: str) -> str:
    return text.replace('"verdict": "refuted"', '"verdict": "proved", "verdict": "refuted"', 1)


@malformed_text
def a_conflict(text: str) -> str:
    return text.replace('"version": 1', '"version": 1\n<<<<<<< ours\n=======\n>>>>>>> theirs', 1)


@malformed_text
def nested_deep(text: str) -> str:
    return "[" * 100_000 + text


@malformed_text
def too_large(text: str) -> str:
    return text + " " * 2**24


@malformed_text
def not_a_number(text: str) -> str:
    return text.replace('"version": 1', '"version": NaN', 1)


@malformed_text
def a_comment(text: str) -> str:
    return "// trust me\n" + text


# what is not about a check is read the same, however long that takes
CASES = [(name, True) for name in FORGERIES] + [
    (name, False) for name in FORGERIES if not re.search("certificate|_list|entr|digest|count$|audit", name)
]


@pytest.mark.parametrize(("name", "small"), CASES)
def test_forgeries_do_not_pass(
    name: str,
    small: bool,
    smaller: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(shutil.copytree(smaller, tmp_path / "specs"))
    if not small:
        monkeypatch.setattr(believed, "TABLE_CASES", -1)
    FORGERIES[name](folder)
    code = run(["check", str(folder), "--locked"])
    shown = capsys.readouterr()
    if name in BELIEVED and not small:
        assert code == 0
        assert "believed" in shown.out
        return
    assert code in (Exit.UNEXPECTED, Exit.BAD_INPUT)
    assert "Traceback" not in shown.err + shown.out
    if code == Exit.BAD_INPUT:
        assert str(folder) in shown.err


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_lock_is_refused_in_its_place(name: str, smaller: Path, tmp_path: Path) -> None:
    shutil.copy(smaller / NAME, tmp_path)
    shutil.copy(smaller / XOR, tmp_path)
    MALFORMED[name](tmp_path)
    with pytest.raises(InputError) as refused:
        read_lock(tmp_path)
    assert {problem.path for problem in refused.value.problems} == {str(tmp_path / NAME)}
    assert run(["check", str(tmp_path), "--locked"]) == Exit.BAD_INPUT


# of what takes long to decide again a lock is believed that proofs are proofs, and how often a claim holds
BELIEVED = {"another_share", "a_refutation_becomes_a_proof_of_all_cases"}


@pytest.mark.parametrize("made", [b"\xff\xfe{}", b"\x00", b'{"version": 1}'])
def test_bytes_that_are_no_lock(folder: Path, made: bytes) -> None:
    (folder / NAME).write_bytes(made)
    with pytest.raises(InputError) as refused:
        read_lock(folder)
    assert all(problem.path == str(folder / NAME) for problem in refused.value.problems)
    assert run(["check", str(folder), "--locked"]) == Exit.BAD_INPUT


def test_a_lock_that_is_missing_a_link_or_a_folder(folder: Path) -> None:
    path = folder / NAME
    path.rename(folder / "elsewhere")
    assert run(["check", str(folder), "--locked"]) == Exit.BAD_INPUT
    path.symlink_to(folder / "elsewhere")
    assert run(["check", str(folder), "--locked"]) == Exit.BAD_INPUT
    path.unlink()
    path.mkdir()
    assert run(["check", str(folder), "--locked"]) == Exit.BAD_INPUT
    assert run(["check", str(folder), "--update-lock"]) == Exit.BAD_INPUT


def keys(schema: Any) -> Iterator[str]:
    """Yield every key that a JSON Schema gives a meaning to."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


def test_every_key_is_described() -> None:
    text = (SPECS / "lock.md").read_text(encoding="utf-8")
    assert not {key for key in keys(json_schema()) if f"`{key}`" not in text}
    assert msgspec.json.decode(msgspec.json.encode(json_schema())) == json_schema()
