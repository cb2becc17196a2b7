"""Every way in which a run of `check` can end: what is checked, how, with what planted, and the exit code."""

import io
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from verifier.claim import Claim
from verifier.cli import run
from verifier.engine import verify
from verifier.engine.decide import Decision
from verifier.engine.methods import ByDiagrams, BySolver, ByTable
from verifier.engine.outcome import Exit
from verifier.verdict import Finding, Proved, Refuted, Run, Share

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


def miscounting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a method find one case more than there is."""
    decide = ByDiagrams.decide

    def planted(*about: Any) -> Finding:
        finding = decide(*about)
        assert finding.share is not None
        return replace(finding, share=Share(finding.share.held + 1, finding.share.total + 1))

    monkeypatch.setattr(ByDiagrams, "decide", planted)


def interrupting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt when the first explanations have been proved."""
    decide = verify.decide

    def planted(claim: Claim, *rest: Any) -> Decision:
        if claim.explanation.name == "bob":
            raise KeyboardInterrupt
        return decide(claim, *rest)

    monkeypatch.setattr(verify, "decide", planted)


def killing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes that were started end as if memory had run out."""
    started_by = os.getpid()

    def planted(*_: object) -> None:
        assert os.getpid() != started_by
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("verifier.engine.verify.decide", planted)


def rewrite(folder: Path, old: str, new: str, name: str = "x.circuit.yaml") -> None:
    """Replace a text in a file of a folder."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def cut(path: Path) -> None:
    """Leave half of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def relink(path: Path) -> None:
    """Leave a link to nothing in place of a file."""
    path.unlink()
    path.symlink_to("absent")


@dataclass(frozen=True)
class Row:
    """A way in which a run ends: what is checked, how, and with what planted; the exit code it has.

    `text` is the spec, or what makes it; beside it there is one that passes unless it is to be `alone`.
    `plugin` are words that ask pytest for the same as `words` ask `check`, None if none do. Where specs are
    `locked`, that is what happens to their folder afterwards. `as_nobody`: root is somebody else, who may not
    read everything.
    """

    exit: Exit
    text: str | bytes | Callable[[Path], object] | None = XOR
    words: tuple[str, ...] = ()
    plugin: tuple[str, ...] | None = ()
    planted: Callable[[pytest.MonkeyPatch], None] = nothing_planted
    alone: bool = False
    locked: Callable[[Path], object] | None = None
    as_nobody: bool = False


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
    "unexpectedly_proved": Row(
        Exit.UNEXPECTED, changed(ALICE, ALICE.replace("readout: proved", "readout: refuted"))
    ),
    "true_too_seldom": Row(Exit.UNEXPECTED, changed(CAROL, "expect: {readout: {at_least: 0.876}}")),
    "list_otherwise": Row(Exit.UNEXPECTED, changed("count: 8", "count: 9")),
    "unknown": Row(Exit.UNDECIDED, WIDE, **SMALL),
    "unknown_where_refuted_is_expected": Row(
        Exit.UNDECIDED, WIDE + "    expect: {behavior: refuted}\n", **option("method", "table")
    ),
    "unknown_share": Row(Exit.UNDECIDED, WIDE + "    expect: {behavior: {at_least: 1/2}}\n", **SMALL),
    "unknown_within_nodes": Row(Exit.UNDECIDED, WIDE, **options(("method", "bdd"), ("node-limit", "3"))),
    "unknown_within_time": Row(Exit.UNDECIDED, WIDE, **options(("method", "bdd"), ("timeout", "1e-9"))),
    "unknown_list": Row(
        Exit.UNDECIDED, f"{BARE}enumerate: {{layer: h, features: 2, expect: {{count: 8}}}}\n", **SMALL
    ),
    "vacuous": Row(Exit.NOTHING, BARE, alone=True),
    "vacuous_beside": Row(Exit.NOTHING, BARE),
    "vacuous_list": Row(Exit.NOTHING, f"{BARE}enumerate: {{layer: h, features: 2}}\n"),
    "vacuous_domain": Row(Exit.BAD_INPUT, changed("output: y ", "where: x1 & ~x1\noutput: y ")),
    "vacuous_check": Row(Exit.BAD_INPUT, GREEN_SPEC + "    expect: {interchange: proved}\n"),
    "vacuous_selection": Row(Exit.NOTHING, words=("-k", "nobody"), plugin=("-k", "nobody")),
    "malformed": Row(Exit.BAD_INPUT, changed("h1 - h3\n      a2", "h1 - h9\n      a2")),
    "malformed_key": Row(Exit.BAD_INPUT, XOR + "explanation: {}\n"),
    "malformed_settings": Row(Exit.BAD_INPUT, planted=lambda patch: patch.setenv("VERIFIER_METHOD", "maybe")),
    "malformed_yaml": Row(Exit.BAD_INPUT, XOR + "}"),
    "tie": Row(Exit.BAD_INPUT, changed("bias: [-1/2, -1/2, -3/2]", "bias: [-1, -1/2, -3/2]")),
    "interrupted": Row(
        Exit.INTERRUPTED, planted=raising(KeyboardInterrupt(), "verifier.engine.verify.decide")
    ),
    "interrupted_early": Row(
        Exit.INTERRUPTED, planted=raising(KeyboardInterrupt(), "verifier.run.check_specs.load")
    ),
    "interrupted_later": Row(Exit.INTERRUPTED, planted=interrupting),
    "interrupted_list": Row(
        Exit.INTERRUPTED,
        planted=raising(KeyboardInterrupt(), "verifier.engine.enumeration.enumerate.prepare"),
    ),
    "defect": Row(
        Exit.INTERNAL, planted=raising(ZeroDivisionError("planted"), "verifier.engine.verify.decide")
    ),
    "defect_of_memory": Row(Exit.INTERNAL, planted=raising(MemoryError(), "verifier.engine.verify.decide")),
    "defect_of_loading": Row(
        Exit.INTERNAL, planted=raising(RecursionError("planted"), "verifier.run.check_specs.load")
    ),
    "defect_of_listing": Row(
        Exit.INTERNAL,
        planted=raising(AssertionError("planted"), "verifier.engine.enumeration.enumerate.prepare"),
    ),
    "disagreement": Row(
        Exit.INTERNAL, FALSE, planted=answering(ByDiagrams, Finding(Proved("bdd", 1))), **ALL
    ),
    "disagreement_with_solver": Row(
        Exit.INTERNAL, FALSE, planted=answering(BySolver, Finding(Proved("z3", 1))), **ALL
    ),
    "disagreement_on_counts": Row(Exit.INTERNAL, planted=miscounting, **ALL),
    "false_alarm": Row(
        Exit.INTERNAL, GREEN_SPEC, planted=answering(ByTable, Finding(Refuted(Run((True, True)))))
    ),
    "empty_folder": Row(Exit.NOTHING, None, alone=True),
    "empty_folder_beside": Row(
        Exit.NOTHING,
        lambda path: path.with_name("below").mkdir(),
        words=("a.circuit.yaml", "below"),
        plugin=None,  # an empty folder is nothing to pytest
    ),
    "folder_named_as_a_spec": Row(
        Exit.NOTHING, Path.mkdir, words=("x.circuit.yaml",), plugin=("x.circuit.yaml",)
    ),
    "absent": Row(Exit.BAD_INPUT, None, words=("absent.circuit.yaml",), plugin=("absent.circuit.yaml",)),
    "unreadable": Row(Exit.BAD_INPUT, b"spec: 1\n\xff"),
    "unreadable_link": Row(Exit.BAD_INPUT, lambda path: path.symlink_to("absent")),
    "unreadable_mode": Row(
        Exit.BAD_INPUT, lambda path: (path.write_text(XOR, encoding="utf-8"), path.chmod(0)), as_nobody=True
    ),
    "unreadable_folder": Row(
        Exit.BAD_INPUT, lambda path: path.with_name("below").mkdir(mode=0), as_nobody=True
    ),
}
UNTOLD = {  # to pytest
    "defect_that_ends_a_process": Row(Exit.INTERNAL, words=("-j", "2"), planted=killing),
    "locked": Row(Exit.OK, locked=lambda folder: None),
    "locked_by_nobody": Row(Exit.BAD_INPUT, locked=lambda folder: (folder / "verifier.lock").unlink()),
    "locked_before_weights_changed": Row(
        Exit.UNEXPECTED,
        locked=lambda folder: rewrite(folder, "bias: [-1/2, -1/2, -3/2]", "bias: [-1/2, -1/2, -1.4]"),
    ),
    "locked_before_claims_fell": Row(
        Exit.UNEXPECTED,
        locked=lambda folder: rewrite(folder, "bias: [-1/2, -1/2, -3/2]", "bias: [-1/2, -1/2, -5/2]"),
    ),
    "locked_before_a_spec_was_added": Row(
        Exit.UNEXPECTED,
        locked=lambda folder: (folder / "new.circuit.yaml").write_text(GREEN_SPEC, encoding="utf-8"),
    ),
    "locked_before_a_spec_was_gone": Row(
        Exit.UNEXPECTED, locked=lambda folder: (folder / "x.circuit.yaml").unlink()
    ),
    "locked_before_a_spec_was_broken": Row(
        Exit.BAD_INPUT, locked=lambda folder: rewrite(folder, "output: y ", "outputs: y ")
    ),
    "locked_by_a_forgery": Row(
        Exit.UNEXPECTED, locked=lambda folder: rewrite(folder, '"refuted"', '"proved"', "verifier.lock")
    ),
    "locked_by_half_a_file": Row(Exit.BAD_INPUT, locked=lambda folder: cut(folder / "verifier.lock")),
    "locked_by_a_link_to_nothing": Row(
        Exit.BAD_INPUT, locked=lambda folder: relink(folder / "verifier.lock")
    ),
}
ROWS |= {name: replace(row, plugin=None) for name, row in UNTOLD.items()}
PASSING = {name for name, row in ROWS.items() if row.exit == Exit.OK}


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
        if row.as_nobody and before == 0:
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
    if row.locked is not None:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            assert run(["check", str(folder), "--update-lock"]) == Exit.OK
        row.locked(folder)
    return folder


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def ran(name: str, *words: str) -> tuple[int, str, str]:
    """Return exit code, output and error stream of `check` of a row."""
    out, err = io.StringIO(), io.StringIO()
    with about(name, folder_of(name)), redirect_stdout(out), redirect_stderr(err):
        code = run([*command(name), *words])
    return code, out.getvalue(), err.getvalue()


def command(name: str) -> list[str]:
    """Return the words of `check` of a row."""
    row = ROWS[name]
    paths = [word for word in row.words if word.endswith(".yaml")]
    rest = [word for word in row.words if word not in paths]
    return ["check", *(paths or ["."]), *rest, *(["--locked"] if row.locked is not None else [])]
