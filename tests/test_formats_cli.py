"""`check --format` and `--output`: what is printed, what is written, and that no old report is left."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from format_runs import ROOT, WRONG, XOR

import verifier.engine.verify as engine
import verifier.report.junit
import verifier.report.sarif
from verifier.cli import run
from verifier.report.formats import FORMATS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with one right and one wrong spec, and outside of any workflow."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "right.circuit.yaml").write_text(XOR, encoding="utf-8")
    (tmp_path / "wrong.circuit.yaml").write_text(WRONG, encoding="utf-8")
    return tmp_path


def outputs(*names: str) -> list[str]:
    return [word for name in names for word in ("--output", f"{name}=out.{name}")]


def exit_codes() -> dict[str, int]:
    """Return the exit code as the written reports tell it."""
    (sarif,) = json.loads(Path("out.sarif").read_text(encoding="utf-8"))["runs"]
    return {
        "json": json.loads(Path("out.json").read_text(encoding="utf-8"))["exit_code"],
        "sarif": sarif["invocations"][0]["exitCode"],
    }


def test_all_formats_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "wrong.circuit.yaml", *outputs(*FORMATS)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert "EXPECTED PROVED" in out
    assert exit_codes() == {"json": 1, "sarif": 1}
    for name in FORMATS:
        written = Path(f"out.{name}").read_text(encoding="utf-8")
        assert run(["check", "wrong.circuit.yaml", "--format", name]) == 1
        printed = capsys.readouterr().out
        if name not in ("text", "json", "junit"):  # the width of the terminal, and seconds
            assert printed == written
        assert "at x = 10: c2 reads 0, the explanation says 1" in written
    assert not [path for path in Path().iterdir() if path.name.startswith(".verifier")]


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["absent.circuit.yaml"], 2, "no such file or folder: absent.circuit.yaml"),
        (["wrong.circuit.yaml", "-k", "alice and"], 2, "-k 'alice and'"),
        (["right.circuit.yaml", "-k", "nobody"], 5, "nothing to check in right.circuit.yaml"),
    ],
)
def test_what_stops_a_run_is_written(
    arguments: list[str], code: int, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in FORMATS:
        Path(f"out.{name}").write_text("green and old", encoding="utf-8")
    assert run(["check", *arguments, *outputs(*FORMATS)]) == code
    assert complaint in capsys.readouterr().err
    assert exit_codes() == {"json": code, "sarif": code}
    for name in FORMATS:
        assert complaint.partition(": ")[0] in Path(f"out.{name}").read_text(encoding="utf-8")


def test_an_unreadable_spec_is_written(folder: Path) -> None:
    (folder / "right.circuit.yaml").write_bytes(b"\xff\xfe\x00")
    assert run(["check", "right.circuit.yaml", *outputs("json", "sarif")]) == 2
    assert exit_codes() == {"json": 2, "sarif": 2}


@pytest.mark.parametrize(
    "place",
    [
        "verifier.run.settings.understood_settings",
        "verifier.run.check_run.selection",
        "verifier.run.check_run.specs_by_path",
        "verifier.run.check_specs.load",
        "verifier.engine.verify.decide",
        "verifier.cli.locking._after",
    ],
)
def test_a_planted_defect_is_in_every_format(
    place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def planted(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(place, planted)
    assert run(["check", "wrong.circuit.yaml", *outputs(*FORMATS)]) == 4
    assert "ZeroDivisionError: planted" in capsys.readouterr().err
    assert exit_codes() == {"json": 4, "sarif": 4}
    for name in FORMATS:
        assert "ZeroDivisionError: planted" in Path(f"out.{name}").read_text(encoding="utf-8")


def test_a_format_that_breaks_is_told_in_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def planted(*_: object) -> None:
        raise ZeroDivisionError("planted")

    Path("out.junit").write_text("green and old", encoding="utf-8")
    monkeypatch.setattr(verifier.report.junit, "junit", planted)
    assert run(["check", "right.circuit.yaml", *outputs("junit", "json", "sarif")]) == 4
    assert "ZeroDivisionError: planted" in capsys.readouterr().err
    assert exit_codes() == {"json": 4, "sarif": 4}
    assert Path("out.junit").read_text(encoding="utf-8") == ""
    (spec,) = json.loads(Path("out.json").read_text(encoding="utf-8"))["specs"]
    assert spec["explanations"]  # what was found is still there


def test_a_format_that_breaks_on_a_spec_tells_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = verifier.report.sarif.cases

    def planted(run):
        if run.specs:
            raise ZeroDivisionError("planted")
        return cases(run)

    monkeypatch.setattr(verifier.report.sarif, "cases", planted)
    assert run(["check", "right.circuit.yaml", *outputs("json", "sarif")]) == 4
    assert exit_codes() == {"json": 4, "sarif": 4}
    assert "ZeroDivisionError: planted" in Path("out.sarif").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        (["html=a.html"], "E601 expected one of text, json"),
        (["json"], "E601 expected one of text, json"),
        (["json="], "then = and a path"),
        (["json=-"], "E601 --output writes files, and - is none\n    hint: --format chooses what is printed"),
        (["json=a", "sarif=./a"], "E601 two outputs go to a"),
        (["json=none/a.json"], "E108 cannot write none/a.json: there is no folder none"),
        (["json=."], "it is not a plain file"),
        (["json=link"], "it is not a plain file"),
        (["json=right.circuit.yaml"], "E601 right.circuit.yaml is the name of a spec"),
        (["json=" + "a" * 300], "File name too long"),
    ],
)
def test_outputs_are_judged_before_any_work(
    texts: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def worked(*_: object) -> None:
        raise AssertionError("work was done")

    monkeypatch.setattr("verifier.run.check_specs.load", worked)
    Path("link").symlink_to("target")
    Path("b.json").write_text("old", encoding="utf-8")
    words = [word for text in ["json=b.json", *texts] for word in ("--output", text)]
    assert run(["check", "right.circuit.yaml", *words]) == 2
    out, err = capsys.readouterr()
    assert complaint in err
    assert out == ""
    assert not Path("b.json").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_refuses_is_told_before_any_work(folder: Path) -> None:
    shut = folder / "shut"
    shut.mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    assert run(["check", "right.circuit.yaml", "--output", "json=shut/a.json"]) == 2


def test_an_output_that_fails_in_the_end_is_told_in_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "out.sarif":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    assert run(["check", "right.circuit.yaml", *outputs("json", "sarif")]) == 2
    assert "E108 cannot write out.sarif: No space left on device" in capsys.readouterr().err
    document = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (document["exit_code"], document["errors"][0]["code"]) == (2, "E108")
    assert not Path("out.sarif").exists()


def test_outputs_of_the_settings(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.verifier]\npaths = ["wrong.circuit.yaml"]\nformat = "junit"\noutput = ["json=set.json"]\n',
        encoding="utf-8",
    )
    assert run(["check"]) == 1
    assert json.loads(Path("set.json").read_text(encoding="utf-8"))["exit_code"] == 1
    Path("set.json").unlink()
    assert run(["check", "--output", "sarif=said.sarif"]) == 1
    assert Path("said.sarif").exists()
    assert not Path("set.json").exists()


@pytest.mark.parametrize("words", [["--bogus"], ["--jobs", "x"], ["--method", "luck"]])
def test_a_command_line_that_cannot_be_understood_leaves_no_old_report(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = [folder / f"{name}.json" for name in ("one", "two", "set", "kept")]
    named = ["--output", "json=one.json", "--output=json=two.json"]
    (folder / "pyproject.toml").write_text('[tool.verifier]\noutput = ["json=set.json"]\n', encoding="utf-8")
    for said, left in ((["--", "--output", "json=kept.json"], "one two kept"), (named, "set kept")):
        for path in old:
            path.write_text("green", encoding="utf-8")
        assert run(["check", "right.circuit.yaml", *words, *said]) == 2
        assert "sage: verifier check" in capsys.readouterr().err
        assert [path.stem for path in old if path.exists()] == left.split()


@pytest.mark.parametrize("variable", [False, True])
def test_reports_named_beside_a_setting_that_cannot_be_understood_tell_that(
    variable: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv("VERIFIER_OUTPUT", "json=out.json")
        monkeypatch.setenv("VERIFIER_JOBS", "none")
    else:
        table = '[tool.verifier]\njobs = "none"\noutput = ["json=out.json"]\n'
        (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    Path("out.json").write_text("green", encoding="utf-8")
    assert run(["check", "right.circuit.yaml"]) == 2
    document = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (document["exit_code"], document["errors"][0]["code"]) == (2, "E104")


def test_a_signal_before_work_begins_leaves_no_old_report(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out.json").write_text("green", encoding="utf-8")
    monkeypatch.setattr(
        "verifier.run.settings.understood_settings", lambda: os.kill(os.getpid(), signal.SIGTERM)
    )
    assert run(["check", "right.circuit.yaml", *outputs("json")]) == 130
    assert not Path("out.json").exists()


def test_old_reports_are_removed_before_anything_large_is_imported() -> None:
    code = (
        "import signal, sys, verifier.cli.checking as checking\n"
        "def targets(_):\n"
        "    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL\n"
        "    large = {'z3', 'numpy', 'lark', 'ruamel', 'msgspec', 'rich', 'dd', 'flint'}\n"
        "    print(*sorted(large & set(sys.modules)))\n"
        "    sys.exit()\n"
        "checking.targets = targets\n"
        "checking.check(['right.circuit.yaml'])\n"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout == "\n"


def test_settings_that_cannot_be_read_are_written(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.verifier]\njobs = 0\n", encoding="utf-8")
    assert run(["check", "right.circuit.yaml", *outputs("json", "sarif")]) == 2
    assert exit_codes() == {"json": 2, "sarif": 2}


def test_github_appends_to_the_summary_of_the_step(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = folder / "summary.md"
    summary.write_text("# before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    (folder / "sub").mkdir()
    monkeypatch.chdir(folder / "sub")
    assert run(["check", "../wrong.circuit.yaml", "--format", "github"]) == 1
    assert "::error file=wrong.circuit.yaml,line=29,col=14," in capsys.readouterr().out
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# before\n# verifier: ❌")
    assert "```mermaid" in text
    summary.write_text("x" * (2**20 - 2000), encoding="utf-8")
    assert run(["check", "../wrong.circuit.yaml", "--format", "github"]) == 1
    assert summary.stat().st_size <= 2**20
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder))
    assert run(["check", "../right.circuit.yaml", "--format", "github"]) == 2
    assert "::error title=verifier%3A E108::cannot write" in capsys.readouterr().out


def test_an_interruption_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    verify_all = engine.Subject.verify_all

    def planted(self, claim, *rest):
        if claim.explanation.name == "carol":
            os.kill(os.getpid(), signal.SIGTERM)
        return verify_all(self, claim, *rest)

    monkeypatch.setattr(engine.Subject, "verify_all", planted)
    before = signal.getsignal(signal.SIGTERM)
    assert run(["check", "right.circuit.yaml", *outputs("json", "sarif", "junit")]) == 130
    assert signal.getsignal(signal.SIGTERM) == before
    assert exit_codes() == {"json": 130, "sarif": 130}
    document = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert document["interrupted"] is True
    assert [e["name"] for e in document["specs"][0]["explanations"]] == ["alice", "bob"]
    root = ElementTree.parse("out.junit").getroot()
    assert root.find(".//error[@type='interrupted']") is not None


@pytest.mark.parametrize(("sent", "jobs"), [(signal.SIGINT, "1"), (signal.SIGTERM, "2")])
def test_a_run_that_is_stopped_from_outside_writes_its_report(folder: Path, sent: int, jobs: str) -> None:
    """Also when only the process that was started hears of it; none of its children stays behind."""
    code = (
        "import os, sys, time, verifier.table.rows as rows\n"
        "from verifier.cli import run\n"
        "rows.Table.ties = lambda *_: print(os.getpid(), flush=True) or time.sleep(60)\n"
        "sys.exit(run(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", code, "check", "right.circuit.yaml", "-j", jobs, *outputs("json")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        at_work = int(process.stdout.readline())
        process.send_signal(sent)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"interrupted" in err
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))["interrupted"] is True
    for _ in range(100):
        if not Path(f"/proc/{at_work}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{at_work}").exists()
