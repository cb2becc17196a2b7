"""Every way in which a run can end × every format: nothing but *decided as expected* looks like a pass."""

import io
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from endings import FALSE, PASSING, ROOT, ROWS, XOR, about, folder_of, ran
from format_readers import AT_A_GLANCE, GREEN

import verifier.pytest_plugin
from verifier.claim import Claim
from verifier.cli import run
from verifier.engine.methods import ByTable
from verifier.engine.outcome import Exit
from verifier.report.formats import FORMATS
from verifier.verdict import Finding, Unknown

pytest_plugins = ["pytester"]

# the ways that runs end in, one row for each
ENDINGS = (
    "proved",
    "refuted",
    "unexpectedly_proved",
    "unknown",
    "vacuous_beside",
    "malformed",
    "interrupted",
    "defect",
    "disagreement",
    "empty_folder",
    "unreadable",
    "locked",
    "locked_before_claims_fell",
)
BUSY = (
    "import os, sys, time, verifier.table.rows as rows\n"
    "from verifier.cli import run\n"
    "rows.Table.ties = lambda *_: print(os.getpid(), flush=True) or time.sleep(60)\n"
    "sys.exit(run(sys.argv[1:]))"
)


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Import everything now: nobody may not be allowed to, and what pytest imports here it forgets again."""
    with redirect_stdout(io.StringIO()):
        for fmt in FORMATS:
            spec = str(ROOT / "specs" / "xor.circuit.yaml")
            assert run(["check", spec, "--method", "all", "--format", fmt]) == 0


def cells(rows: Any, *columns: str) -> Any:
    """Return the parameters of a test of some cells: the name of the row, and of the column."""
    named = [pytest.param(row, column, id=f"{row}-{column}") for row in rows for column in columns]
    return pytest.mark.parametrize(("row", "column"), named)


def green(fmt: str, out: str, err: str = "") -> bool:
    """Return whether a report looks like a pass; to a person also by what the error stream says."""
    return GREEN[fmt](out) and not (fmt == "text" and err)


@cells(ROWS, "exit", *FORMATS)
def test_only_what_is_decided_as_expected_looks_like_a_pass(row: str, column: str) -> None:
    code, out, err = printed(row, "text" if column == "exit" else column)
    assert code == ROWS[row].exit
    if column != "exit":
        assert green(column, out, err) is (row in PASSING)
        quiet = not err if column == "text" else True
        assert (AT_A_GLANCE[column](out) and quiet) is (row in PASSING)


@cache
def printed(row: str, fmt: str) -> tuple[int, str, str]:
    return ran(row, "--format", fmt)


@cells([name for name, row in ROWS.items() if row.plugin is not None], "pytest")
def test_only_what_is_decided_as_expected_passes_in_pytest(
    row: str, column: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    with about(row, folder_of(row)) as asked:
        result = pytester.runpytest_inprocess(
            *("-p", "no:cacheprovider", "--tb", "short"),
            *(asked.plugin or ()),
            plugins=[verifier.pytest_plugin],
            no_reraise_ctrlc=True,
        )
    outcomes = result.parseoutcomes()
    assert (result.ret == 0 and set(outcomes) == {"passed"}) is (row in PASSING)
    assert (result.ret == 0) is (row in PASSING)


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_part_of_a_report_looks_like_a_pass(fmt: str) -> None:
    report = printed("proved", fmt)[1]
    assert GREEN[fmt](report)
    whole = report.rstrip()
    for end in {0, 1, len(whole) - 1, *range(0, len(whole), 1 + len(whole) // 50)}:
        assert not GREEN[fmt](whole[:end]), whole[:end]


def outputs(folder: Path) -> dict[str, Path]:
    return {fmt: folder / f"out.{fmt}" for fmt in FORMATS}


def said(folder: Path) -> list[str]:
    return [word for fmt, path in outputs(folder).items() for word in ("--output", f"{fmt}={path}")]


def leave_green(folder: Path) -> None:
    """Leave the reports of a run that passed."""
    for fmt, path in outputs(folder).items():
        path.write_text(printed("proved", fmt)[1], encoding="utf-8")
        assert GREEN[fmt](printed("proved", fmt)[1])


def assert_written(folder: Path, passing: bool) -> None:
    for fmt, path in outputs(folder).items():
        assert GREEN[fmt](path.read_text(encoding="utf-8")) is passing, fmt


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("row", ENDINGS)
def test_all_reports_of_a_run_say_the_same_and_none_is_older(row: str, jobs: str) -> None:
    folder = folder_of(row)
    leave_green(folder)
    code, out, err = ran(row, "-j", jobs, *said(folder))
    assert code == ROWS[row].exit
    assert green("text", out, err) is (row in PASSING)
    assert_written(folder, row in PASSING)
    assert json.loads((folder / "out.json").read_text(encoding="utf-8"))["exit_code"] == code
    for path in outputs(folder).values():
        path.unlink()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_report_of_a_run_that_was_ended_looks_like_a_pass(sent: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "x.circuit.yaml").write_text(XOR, encoding="utf-8")
    leave_green(tmp_path)
    words = [sys.executable, "-c", BUSY, "check", str(tmp_path), *said(tmp_path), "--format", "sarif"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(sent)
        out, _ = process.communicate(timeout=30)
    assert not GREEN["sarif"](out.decode())
    if sent == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
        assert not [path for path in outputs(tmp_path).values() if path.exists()]
    else:
        assert process.returncode == Exit.INTERRUPTED
        assert_written(tmp_path, passing=False)


@contextmanager
def full() -> Iterator[io.TextIOWrapper]:
    """Yield a stream on a device that is full."""
    stream = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 (closing it fails, too)
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


@contextmanager
def broken() -> Iterator[io.TextIOWrapper]:
    """Yield a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", encoding="utf-8")
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


@pytest.mark.parametrize("stream", [full, broken])
@pytest.mark.parametrize("fmt", FORMATS)
def test_a_report_that_cannot_be_printed_is_no_pass(fmt: str, stream: Any) -> None:
    spec = str(folder_of("proved") / "x.circuit.yaml")
    with stream() as out, redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = run(["check", spec, "--format", fmt])
    assert code == Exit.INTERNAL


@pytest.mark.parametrize("streams", [(1,), (1, 2)])
@pytest.mark.parametrize("text", [XOR, FALSE])
def test_a_process_that_cannot_print_does_not_succeed(
    text: str, streams: tuple[int, ...], tmp_path: Path
) -> None:
    (tmp_path / "x.circuit.yaml").write_text(text, encoding="utf-8")
    redirected = " ".join(f"{stream}>/dev/full" for stream in streams)
    script = f'"$0" -m verifier check "$1" {redirected}'
    words = ["sh", "-c", script, sys.executable, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(words, env=environment, stderr=subprocess.DEVNULL, check=False).returncode != 0


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_reports_for_which_there_is_no_room(tmp_path: Path) -> None:
    """What is left fits into a report that says so, or is not there; it is never part of one that passes."""
    spec = str(folder_of("proved") / "x.circuit.yaml")
    leave_green(tmp_path)
    for size in (0, 300, 6000):
        out, err = io.StringIO(), io.StringIO()
        with no_room(size), redirect_stdout(out), redirect_stderr(err):
            code = run(["check", spec, *said(tmp_path)])
        assert code == Exit.BAD_INPUT
        assert not green("text", out.getvalue(), err.getvalue())
        for fmt, path in outputs(tmp_path).items():
            assert not path.exists() or not GREEN[fmt](path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("words", [("--rlimit", "1", "--method", "smt"), ("--method", "table")])
def test_what_is_not_decided_counts_for_no_claim(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither where the claim itself is open, nor where all of its mutants are."""
    decide, claims = ByTable.decide, []

    def unsure(method: ByTable, claim: Claim, *rest: Any) -> Finding:
        claims.append(claim)
        return decide(method, claim, *rest) if claim == claims[0] else Finding(Unknown("planted"))

    monkeypatch.setattr(ByTable, "decide", unsure)
    spec = str(ROOT / "specs" / "xor.circuit.yaml")
    assert run(["mutate", spec, "-e", "alice", *words, "--format", "json"]) == Exit.UNDECIDED
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == Exit.UNDECIDED
    assert bool(document["specs"][0]["skipped"]) is not bool(claims)
    for told in document["specs"][0]["explanations"]:
        assert (told["score"], told["refuted"], told["undecided"]) == ("0", 0, told["tried"])
        assert told["tried"] > 0
