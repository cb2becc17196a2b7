"""What a lock is believed: by sizes and never by time, and never in silence; regressions of forged locks."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import verifier.run.believed as believed
import verifier.run.relisted as relisted
from verifier.cli import run
from verifier.engine.outcome import Exit
from verifier.engine.verify import Result, Subject
from verifier.lock.document import CERTIFICATES, NAME
from verifier.verdict import Unknown

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
XOR, SIGMOID, WIDE, RELU, MAJORITY = (
    f"{name}.circuit.yaml"
    for name in ("xor", "xor-sigmoid", "equality-12-bits", "xor-relu-exact", "majority-3")
)
TIMES = ("option", "environment", "spec", "project")


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a locked folder for each of some specs."""
    folder = tmp_path_factory.mktemp("locked")
    for name in (XOR, SIGMOID, WIDE, RELU):
        (folder / name).mkdir()
        shutil.copy(SPECS / name, folder / name)
        assert run(["check", str(folder / name), "--update-lock"]) == 0
    return folder


@pytest.fixture
def copied(originals: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: Path(shutil.copytree(originals / name, tmp_path / "specs"))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every check and every list be one that takes long."""
    for name in ("TABLE_CASES", "SLOW_CASES"):
        monkeypatch.setattr(believed, name, -1)
        monkeypatch.setattr(relisted, name, -1)
    for name in ("MOST", "MOST_SLOW"):
        monkeypatch.setattr(relisted, name, -1)


def checked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    """Return the exit code of a locked check, and its document about the first spec."""
    capsys.readouterr()
    code = run(["check", *map(str, arguments), "--locked", "--format", "json"])
    return code, json.loads(capsys.readouterr().out)["specs"][0]


def result(document: Any, explanation: str, check: str) -> Any:
    explained = next(e for e in document["explanations"] if e["name"] == explanation)
    return next(c for c in explained["checks"] if c["check"] == check)


def relock(folder: Path, change: Callable[[Any], object]) -> None:
    """Change the entry of the only spec of a lock."""
    lock = json.loads((folder / NAME).read_text(encoding="utf-8"))
    (entry,) = lock["specs"].values()
    change(entry)
    (folder / NAME).write_text(json.dumps(lock), encoding="utf-8")


def relist(folder: Path, change: Callable[[list[str], Any], object]) -> None:
    """Change the explanations of the only certificate, and its footer; digests and counts are made to fit."""
    (path,) = (folder / CERTIFICATES).glob("*.jsonl")
    first, *lines, last = path.read_text(encoding="utf-8").splitlines(keepends=True)
    items, footer = [line for line in lines if "features" in line], json.loads(last)
    change(items, footer)
    footer.update(count=len(items), list_sha256=sha256("".join(items).encode()).hexdigest())
    text = "".join([first, *items, json.dumps(footer, sort_keys=True, separators=(",", ":")) + "\n"])
    digest = sha256(text.encode()).hexdigest()
    path.unlink()
    (folder / CERTIFICATES / f"{digest}.jsonl").write_text(text, encoding="utf-8")
    told = {"certificate": digest, "count": len(items), "classes": footer["classes"], "audit": "holey"}
    relock(folder, lambda entry: entry["enumerate"].update(told))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# statements about all inputs, which no replay shows


def idle(entry: Any) -> None:
    """Say of a feature that matters that it does not."""
    told = {"kind": "idle", "feature": "a1"}
    check = {"verdict": "refuted", "expected": "refuted", "rests_on": "table", "counterexample": told}
    entry["explanations"]["alice"]["checks"]["necessity"] = check


@pytest.mark.parametrize("small", [True, False])
def test_that_a_feature_does_not_matter_is_not_replayed(
    small: bool,
    copied: Callable[[str], Path],
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = copied(RELU)
    edit(folder / RELU, "interchange: refuted}", "interchange: refuted, necessity: refuted}")
    relock(folder, idle)
    if not small:
        request.getfixturevalue("large")
    code, document = checked(capsys, folder, "-e", "alice")
    found = result(document, "alice", "necessity")
    if small:
        assert (code, found["verdict"]) == (Exit.UNEXPECTED, "proved")
    else:
        assert (code, found["rests_on"], found["method"]) == (0, "lock", "lock")
        assert "locked: refuted by table" in found["notes"][0]
        assert "believed" in found["notes"][0]


def test_that_no_two_inputs_show_a_direction_is_not_replayed(
    copied: Callable[[str], Path], large: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(SIGMOID)
    assert "believed" not in str(result(checked(capsys, folder)[1], "carol", "mediation")["notes"])

    def forge(entry: Any) -> None:
        del entry["explanations"]["carol"]["checks"]["mediation"]["counterexample"]["inputs"]

    relock(folder, forge)
    _, document = checked(capsys, folder)
    (note,) = result(document, "carol", "mediation")["notes"]
    assert note == "locked: replayed; that no two inputs show it is believed"


def test_algebra_looks_at_no_input(
    copied: Callable[[str], Path], large: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(SIGMOID)
    _, document = checked(capsys, folder)
    assert result(document, "alice", "mediation")["rests_on"] == "algebra"
    assert result(document, "alice", "readout")["rests_on"] == "lock"
    assert result(document, "alice", "interchange")["iia"] is None  # of cases nobody counted

    def forge(entry: Any) -> None:
        proved = entry["explanations"]["alice"]["checks"]["mediation"]
        entry["explanations"]["carol"]["checks"]["mediation"] = {**proved, "expected": "refuted"}

    relock(folder, forge)
    code, document = checked(capsys, folder)
    assert result(document, "carol", "mediation")["verdict"] != "proved"
    assert code == Exit.UNEXPECTED


# time


@pytest.mark.parametrize("where", TIMES)
def test_no_time_limit_makes_a_lock_believed(
    where: str,
    copied: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = copied(XOR)
    said: list[str] = []
    if where == "option":
        said = ["--timeout", "0.000001"]
    elif where == "environment":
        monkeypatch.setenv("VERIFIER_TIMEOUT", "0.000001")
    elif where == "spec":
        edit(folder / XOR, "spec: 1", "spec: 1\noptions: {timeout: 1/1000000}")
    else:
        (folder / "pyproject.toml").write_text('[tool.verifier]\ntimeout = "1/1000000"\n', encoding="utf-8")
        monkeypatch.chdir(folder)
    code, document = checked(capsys, folder, *said)
    assert (code, document["stale"]) == (0, [])
    assert "believed" not in json.dumps(document)

    def forge(entry: Any) -> None:
        held = entry["explanations"]["carol"]["checks"]["readout"]
        del held["counterexample"]
        held.update(verdict="proved", share="8/8", expected="proved", rests_on="table")

    relock(folder, forge)
    edit(folder / XOR, "{readout: refuted}", "{readout: proved}")
    code, document = checked(capsys, folder, *said)
    assert (code, result(document, "carol", "readout")["verdict"]) == (Exit.UNEXPECTED, "refuted")


def test_a_time_limit_is_for_what_changed(
    copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(XOR)
    edit(folder / XOR, "expect: {readout: refuted}", "expect: {readout: refuted, behavior: refuted}")
    _, document = checked(capsys, folder, "--timeout", "0.000001")
    assert result(document, "carol", "behavior")["verdict"] == "unknown"
    assert result(document, "carol", "readout")["rests_on"] == "replay"


# lists


def more(items: list[str], footer: Any) -> None:
    """Add what is no explanation: nothing reads it."""
    items.append('{"features":["0 1 0;0","1 0 -2;0"],"output":["0111"]}\n')
    footer["classes"] = 3


def fewer(items: list[str], footer: Any) -> None:
    del items[-1]


@pytest.mark.parametrize("forge", [more, fewer])
def test_a_list_of_sigmoids_is_made_again(
    forge: Callable[[list[str], Any], object],
    copied: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = copied(SIGMOID)
    code, document = checked(capsys, folder)
    assert (code, document["enumeration"]["rests_on"]) == (0, "arb")
    assert "believed" not in json.dumps(document)
    relist(folder, forge)
    edit(folder / SIGMOID, "count: 8, classes: 2", "classes: 2" if forge is fewer else "count: 9, classes: 3")
    code, document = checked(capsys, folder)
    assert code == Exit.BAD_INPUT
    told = "is missing, one of 1" if forge is fewer else "is no explanation to be listed here"
    assert told in document["errors"][0]["message"]


def test_what_is_listed_is_decided_again_where_the_list_cannot_be_made_again(
    copied: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(relisted, "MOST_SLOW", -1)
    folder = copied(SIGMOID)
    code, document = checked(capsys, folder)
    assert (code, document["enumeration"]["rests_on"]) == (0, "lock")
    assert [note for note in document["notes"] if "believed" in note] == [
        "locked: that the list is complete rests on arb; believed"
    ]
    relist(folder, more)
    edit(folder / SIGMOID, "count: 8, classes: 2", "count: 9, classes: 3")
    code, document = checked(capsys, folder)
    assert code == Exit.BAD_INPUT
    assert "is no explanation: f2 reads" in document["errors"][0]["message"]


def test_a_list_that_is_only_believed_is_told_as_such(
    copied: Callable[[str], Path], large: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(SIGMOID)
    relist(folder, more)
    edit(folder / SIGMOID, "count: 8, classes: 2", "count: 9, classes: 3")
    code, document = checked(capsys, folder)
    told = [note for note in document["notes"] if "believed" in note]
    assert (code, document["enumeration"]["rests_on"]) == (Exit.UNDECIDED, "lock")
    assert [e["ok"] for e in document["enumeration"]["expectations"]] == [True, True, None, None, True]
    assert told == [
        "locked: that all that is listed are explanations is believed",
        "locked: that the list is complete rests on arb; believed",
    ]


def test_a_list_that_is_too_short_is_refused_by_the_auditor_alone(
    copied: Callable[[str], Path], large: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(XOR)
    relist(folder, fewer)
    edit(folder / XOR, "count: 8, classes: 2", "classes: 2")
    code, document = checked(capsys, folder)
    assert code == Exit.BAD_INPUT
    assert "1 of 8 explanations with k = 2 are missing" in document["errors"][0]["message"]


def test_a_list_of_many_inputs_is_made_again(
    copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(WIDE)
    code, document = checked(capsys, folder, "-k", "enumerate")
    assert (code, document["enumeration"]["rests_on"]) == (0, "algebra+bdd")

    def forge(items: list[str], footer: Any) -> None:
        items.insert(2, '{"features":["-1 1;0","0 1;0"],"output":["0111"]}\n')
        footer["classes"] = 2

    relist(folder, forge)
    code, document = checked(capsys, folder, "-k", "enumerate")
    assert code == Exit.BAD_INPUT
    assert "-1 1;0 and 0 1;0" in document["errors"][0]["message"]


def test_what_is_on_a_list_is_not_what_the_lock_says(
    copied: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(XOR)
    edit(folder / XOR, "contains: [alice, bob]", "contains: [alice, bob, carol]")
    code, document = checked(capsys, folder, "--timeout", "0.000001")
    assert code == Exit.UNEXPECTED
    assert [e["ok"] for e in document["enumeration"]["expectations"]] == [True, True, True, True, False]
    edit(folder / XOR, ", carol]", "]")
    monkeypatch.setattr(believed, "TABLE_CASES", -1)
    code, document = checked(capsys, folder, "-k", "enumerate")  # no check is told beside it: all is decided
    assert (code, "believed" in json.dumps(document)) == (0, False)
    code, document = checked(capsys, folder)
    assert code == 0
    assert document["enumeration"]["ok"]
    assert not [
        note for note in document["notes"] if "believed" in note
    ]  # which checks are, by their own notes


def test_what_is_on_a_list_is_undecided_where_its_checks_are(
    copied: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = Result("readout", Unknown("no time"), "table")
    monkeypatch.setattr(Subject, "verify", lambda *_: unknown)
    _, document = checked(capsys, copied(XOR), "-k", "enumerate")
    enumeration = document["enumeration"]
    assert [e["ok"] for e in enumeration["expectations"] if e["what"] == "contains"] == [None, None]


# what is in a lock and not in the run


def gone_folder(path: Path) -> None:
    path.mkdir()


def gone_link(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("put", [None, gone_folder, gone_link])
def test_a_spec_that_is_gone_whatever_has_its_name(
    put: Callable[[Path], None] | None, copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(XOR)
    shutil.copy(SPECS / MAJORITY, folder)
    assert run(["check", str(folder), "--update-lock"]) == 0
    (folder / MAJORITY).unlink()
    if put is not None:
        put(folder / MAJORITY)
    assert run(["check", str(folder), "--locked"]) in (Exit.UNEXPECTED, Exit.BAD_INPUT)
    assert f"{folder / MAJORITY}" in capsys.readouterr().err


def test_a_spec_that_no_run_of_the_folder_finds(
    copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(XOR)
    shutil.copy(folder / XOR, folder / "claims.yaml")
    assert run(["check", str(folder / XOR), str(folder / "claims.yaml"), "--update-lock"]) == 0
    capsys.readouterr()
    assert run(["check", str(folder), "--locked"]) == Exit.UNEXPECTED
    assert "claims.yaml: it is in verifier.lock, and not checked" in capsys.readouterr().err
    assert run(["check", str(folder), str(folder / "claims.yaml"), "--locked"]) == 0


# what writes a lock


def test_a_spec_without_checks_is_no_lock(copied: Callable[[str], Path]) -> None:
    folder = copied(XOR)
    before = (folder / NAME).read_bytes()
    text = (folder / XOR).read_text(encoding="utf-8")
    (folder / XOR).write_text(text[: text.index("explanations:")], encoding="utf-8")
    shutil.copy(SPECS / MAJORITY, folder)
    assert run(["check", str(folder), "--update-lock"]) == Exit.NOTHING
    assert (folder / NAME).read_bytes() == before
    assert run(["check", str(folder), "--locked"]) == Exit.UNEXPECTED
    (folder / XOR).unlink()
    assert run(["check", str(folder), "--update-lock"]) == 0
    assert run(["check", str(folder), "--locked"]) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_report_that_nobody_can_read_is_no_success(copied: Callable[[str], Path], unbuffered: str) -> None:
    folder, environment = copied(XOR), {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    for option in ("--update-lock", "--locked"):
        with Path("/dev/full").open("w") as full:
            command = [sys.executable, "-m", "verifier", "check", str(folder), option]
            done = subprocess.run(command, stdout=full, stderr=full, cwd=ROOT, env=environment, timeout=60)
        assert done.returncode == Exit.INTERNAL
