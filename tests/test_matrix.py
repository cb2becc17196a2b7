"""Every way in which a run can end × every format: nothing but *decided as expected* looks like a pass."""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from format_readers import GREEN

import verifier.pytest_plugin
from verifier.cli import run
from verifier.engine.methods import ByDiagrams, BySolver, ByTable
from verifier.engine.outcome import Exit
from verifier.report.formats import FORMATS
from verifier.verdict import Finding, Proved, Refuted, Run

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
XOR = (ROOT / "specs" / "xor.circuit.yaml").read_text(encoding="utf-8")
BARE, _, REST = XOR.partition("explanations:")
ALICE = "expect: {behavior: proved, readout: proved, mediation: proved, interchange: proved}\n  bob"
CAROL = "expect: {readout: refuted}"
GREEN_SPEC = """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: y, weights: [[1, 1]], bias: [-3/2], activation: step}
output: y
explanations:
  both:
    circuit: {y: x1 & x2}
"""
WIDE = f"""
spec: 1
inputs: [x1..x40]
network:
  layers:
    - {{name: y, weights: [{[1] * 40}], bias: [-39/2], activation: step}}
output: y
explanations:
  many:
    circuit: {{y: "atleast(20; x1..x40)"}}
"""
NOBODY = 65534


def changed(old: str, new: str, text: str = XOR) -> str:
    """Return a text with its one occurrence of something replaced."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def nothing_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave everything as it is."""


def raising(error: BaseException, place: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what plants an exception at a place."""

    def planted(*_: object, **__: object) -> None:
        raise error

    return lambda monkeypatch: monkeypatch.setattr(place, planted)


def answering(method: type, finding: Finding) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what makes a method say one thing, whatever it is asked."""
    return lambda monkeypatch: monkeypatch.setattr(method, "decide", lambda *_: finding)


@dataclass(frozen=True)
class Row:
    """A way in which a run ends: what is checked, how, and with what planted; the exit code it has.

    `text` is the spec, or what makes it; beside it there is one that passes unless it is to be `alone`. `plugin`
    are words that ask pytest for the same as `words` ask `check`.
    """

    exit: Exit
    text: str | bytes | Callable[[Path], object] | None = XOR
    words: tuple[str, ...] = ()
    plugin: tuple[str, ...] = ()
    planted: Callable[[pytest.MonkeyPatch], None] = nothing_planted
    alone: bool = False


def option(name: str, value: str) -> dict[str, Any]:
    """Return an option for `check` and for pytest."""
    return {"words": (f"--{name}", value), "plugin": (f"--verifier-{name}", value)}


def options(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Return several of them."""
    said = [option(*pair) for pair in pairs]
    return {key: tuple(word for one in said for word in one[key]) for key in ("words", "plugin")}


SMALL = options(("method", "smt"), ("rlimit", "1"))
ALL = option("method", "all")
FALSE = changed(CAROL, "expect: {readout: proved}")
ROWS = {
    "proved": Row(Exit.OK),
    "proved_alone": Row(Exit.OK, GREEN_SPEC, alone=True),
    "proved_by_all": Row(Exit.OK, **ALL),
    "true_often_enough": Row(Exit.OK, changed(CAROL, "expect: {readout: {at_least: 7/8}}")),
    "refuted": Row(Exit.UNEXPECTED, FALSE),
    "refuted_alone": Row(Exit.UNEXPECTED, changed("x1 & x2", "x1 | x2", GREEN_SPEC), alone=True),
    "unexpectedly_proved": Row(Exit.UNEXPECTED, changed(ALICE, ALICE.replace("readout: proved", "readout: refuted"))),
    "true_too_seldom": Row(Exit.UNEXPECTED, changed(CAROL, "expect: {readout: {at_least: 0.876}}")),
    "list_otherwise": Row(Exit.UNEXPECTED, changed("count: 8", "count: 9")),
    "unknown": Row(Exit.UNDECIDED, WIDE, **SMALL),
    "unknown_where_refuted_is_expected": Row(
        Exit.UNDECIDED, WIDE + "    expect: {behavior: refuted}\n", **option("method", "table")
    ),
    "unknown_share": Row(Exit.UNDECIDED, WIDE + "    expect: {behavior: {at_least: 0}}\n", **SMALL),
    "unknown_within_nodes": Row(Exit.UNDECIDED, WIDE, **options(("method", "bdd"), ("node-limit", "3"))),
    "unknown_within_time": Row(Exit.UNDECIDED, WIDE, **options(("method", "bdd"), ("timeout", "1e-9"))),
    "unknown_list": Row(Exit.UNDECIDED, f"{BARE}enumerate:{XOR.partition('enumerate:')[2]}", **SMALL),
    "vacuous": Row(Exit.NOTHING, BARE, alone=True),
    "vacuous_beside": Row(Exit.NOTHING, BARE),
    "vacuous_list": Row(Exit.NOTHING, f"{BARE}enumerate: {{layer: h, features: 2}}\n"),
    "vacuous_domain": Row(Exit.BAD_INPUT, changed("output: y ", "where: x1 & ~x1\noutput: y ")),
    "vacuous_check": Row(Exit.BAD_INPUT, GREEN_SPEC + "    expect: {interchange: proved}\n"),
    "vacuous_selection": Row(Exit.NOTHING, words=("-k", "nobody"), plugin=("-k", "nobody")),
    "malformed": Row(Exit.BAD_INPUT, changed("h1 - h3\n      a2", "h1 - h9\n      a2")),
    "malformed_key": Row(Exit.BAD_INPUT, XOR + "explanation: {}\n"),
    "malformed_yaml": Row(Exit.BAD_INPUT, XOR + "}"),
    "tie": Row(Exit.BAD_INPUT, changed("bias: [-1/2, -1/2, -3/2]", "bias: [-1, -1/2, -3/2]")),
    "interrupted": Row(Exit.INTERRUPTED, planted=raising(KeyboardInterrupt(), "verifier.engine.verify.decide")),
    "interrupted_early": Row(
        Exit.INTERRUPTED, planted=raising(KeyboardInterrupt(), "verifier.run.check_specs.load")
    ),
    "interrupted_list": Row(
        Exit.INTERRUPTED,
        planted=raising(KeyboardInterrupt(), "verifier.engine.enumeration.enumerate.prepare"),
    ),
    "defect": Row(Exit.INTERNAL, planted=raising(ZeroDivisionError("planted"), "verifier.engine.verify.decide")),
    "defect_of_memory": Row(Exit.INTERNAL, planted=raising(MemoryError(), "verifier.engine.verify.decide")),
    "defect_of_loading": Row(
        Exit.INTERNAL, planted=raising(RecursionError("planted"), "verifier.run.check_specs.load")
    ),
    "defect_of_listing": Row(
        Exit.INTERNAL,
        planted=raising(AssertionError("planted"), "verifier.engine.enumeration.enumerate.prepare"),
    ),
    "defect_of_reporting": Row(
        Exit.INTERNAL, planted=raising(ZeroDivisionError("planted"), "verifier.report.cases.spec_cases")
    ),
    "disagreement": Row(Exit.INTERNAL, FALSE, planted=answering(ByDiagrams, Finding(Proved("bdd", 1))), **ALL),
    "disagreement_with_solver": Row(
        Exit.INTERNAL, FALSE, planted=answering(BySolver, Finding(Proved("z3", 1))), **ALL
    ),
    "false_alarm": Row(
        Exit.INTERNAL, GREEN_SPEC, planted=answering(ByTable, Finding(Refuted(Run((True, True)))))
    ),
    "empty_folder": Row(Exit.NOTHING, None, alone=True),
    "folder_named_as_a_spec": Row(Exit.NOTHING, Path.mkdir, words=("x.circuit.yaml",), plugin=("x.circuit.yaml",)),
    "absent": Row(Exit.BAD_INPUT, None, words=("absent.circuit.yaml",), plugin=("absent.circuit.yaml",)),
    "unreadable": Row(Exit.BAD_INPUT, b"spec: 1\n\xff"),
    "unreadable_link": Row(Exit.BAD_INPUT, lambda path: path.symlink_to("absent")),
    "unreadable_mode": Row(Exit.BAD_INPUT, lambda path: (path.write_text(XOR, encoding="utf-8"), path.chmod(0))),
    "unreadable_folder": Row(Exit.BAD_INPUT, lambda path: path.with_name("below").mkdir(mode=0)),
}  # fmt: skip
PASSING = {name for name, row in ROWS.items() if row.exit == Exit.OK}
COLUMNS = ("exit", *FORMATS)


@contextmanager
def about(name: str, folder: Path) -> Iterator[Row]:
    """Be in the folder of a row with everything planted, as a user who may not read everything."""
    row = ROWS[name]
    before = os.geteuid()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        for variable in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"):
            monkeypatch.delenv(variable, raising=False)
        row.planted(monkeypatch)
        if before == 0:
            os.seteuid(NOBODY)
        try:
            yield row
        finally:
            os.seteuid(before)


@cache
def folder_of(name: str) -> Path:
    """Return the folder of a row, which everybody may read and write."""
    kept = tempfile.TemporaryDirectory()
    _KEPT.append(kept)
    row, folder = ROWS[name], Path(kept.name)
    folder.chmod(0o777)
    path = folder / "x.circuit.yaml"
    if not row.alone:
        (folder / "a.circuit.yaml").write_text(GREEN_SPEC, encoding="utf-8")
    match row.text:
        case str():
            path.write_text(row.text, encoding="utf-8")
        case bytes():
            path.write_bytes(row.text)
        case None:
            pass
        case make:
            make(path)
    return folder


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def ran(name: str, *words: str) -> tuple[int, str, str]:
    """Return exit code, output and error stream of `check` of a row."""
    out, err = io.StringIO(), io.StringIO()
    with about(name, folder_of(name)) as row, redirect_stdout(out), redirect_stderr(err):
        paths = [word for word in row.words if word.endswith(".yaml")] or ["."]
        rest = [word for word in row.words if word not in paths]
        code = run(["check", *paths, *rest, *words])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Import everything now: nobody may not be allowed to, and what pytest imports here it forgets again."""
    with redirect_stdout(io.StringIO()):
        for fmt in FORMATS:
            assert run(["check", str(ROOT / "specs" / "xor.circuit.yaml"), "--method", "all", "--format", fmt]) == 0


def cells(*columns: str) -> Any:
    """Return the parameters of a test of some columns: the name of the row, and of the column."""
    named = [pytest.param(row, column, id=f"{row}-{column}") for row in ROWS for column in columns]
    return pytest.mark.parametrize(("row", "column"), named)


@cells(*COLUMNS)
def test_only_what_is_decided_as_expected_looks_like_a_pass(row: str, column: str) -> None:
    if column == "exit":
        assert ran(row)[0] == ROWS[row].exit
        return
    code, out, err = ran(row, "--format", column)
    assert code == ROWS[row].exit
    green = GREEN[column](out)
    assert (green and not err if column == "text" else green) is (row in PASSING)
