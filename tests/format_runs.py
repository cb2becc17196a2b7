"""Runs of `check` that the tests of formats share: one with everything in it, and one for each exit code."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from verifier.engine.options import Options
from verifier.engine.outcome import Exit, RunReport, SpecReport
from verifier.errors import Position, Problem
from verifier.report.formats import render
from verifier.run.check_run import check_run

ROOT = Path(__file__).parent.parent
XOR = (ROOT / "specs" / "xor.circuit.yaml").read_text(encoding="utf-8")
TOOL = {"name": "circuit-verifier", "version": "0.1.0"}
WRONG = XOR.replace("{readout: refuted}", "{readout: proved, mediation: refuted}")
WIDE = """spec: 1
title: "100% | <b>wide</b>"
inputs: [x1..x40]
network:
  layers:
    - {name: y, weights: [[ONES]], bias: [-1/2], activation: step}
output: y
explanations:
  any: {circuit: {y: x1}}
""".replace("ONES", ", ".join(["1"] * 40))
SPECS = {
    "right.circuit.yaml": XOR,
    "wrong 100%, a|b.circuit.yaml": WRONG,
    "wide.circuit.yaml": WIDE,
    "malformed.circuit.yaml": XOR.replace("h1 - h3", "h1 - h9").replace("title:", "titel:"),
    "bare.circuit.yaml": XOR.partition("explanations:")[0],
}


@cache
def folder() -> Path:
    """Return a folder that holds `SPECS`."""
    kept = TemporaryDirectory()
    _KEPT.append(kept)
    for name, text in SPECS.items():
        (Path(kept.name) / name).write_text(text, encoding="utf-8")
    return Path(kept.name)


_KEPT: list[TemporaryDirectory[str]] = []


@cache
def run_of(*names: str) -> RunReport:
    """Return the run over some of `SPECS`, every input being enumerated."""
    return check_run([str(folder() / name) for name in names], Options("table"))


def everything() -> RunReport:
    """Return a run in which everything has happened that can happen."""
    broken = SpecReport(
        str(folder() / "broken.circuit.yaml"), defect="Traceback\nValueError: \x00\x1b[1m {0} ]](1)"
    )
    stale = SpecReport(str(folder() / "stale.circuit.yaml"), stale=("network changed since this was proved",))
    cut = SpecReport(str(folder() / "cut.circuit.yaml"), interrupted=True)
    other = SpecReport(
        str(folder() / "rows.circuit.yaml"),
        problems=(
            Problem("E402", "a cell, 100%: a|b::c", "<write> 1", "/else where/rows.csv", Position(7, 3)),
        ),
    )
    return RunReport(
        (*run_of(*SPECS).specs, broken, stale, cut, other),
        (Problem("E108", "no such file or folder: absent\nreally"),),
        "Traceback\nRuntimeError: planted",
        True,
        "nothing to check in nowhere",
    )


#: A run for each exit code; only the first passes.
RUNS = {
    Exit.OK: lambda: run_of("right.circuit.yaml"),
    Exit.UNEXPECTED: lambda: run_of(
        "right.circuit.yaml", "wrong 100%, a|b.circuit.yaml", "wide.circuit.yaml"
    ),
    Exit.BAD_INPUT: lambda: run_of("right.circuit.yaml", "malformed.circuit.yaml"),
    Exit.UNDECIDED: lambda: run_of("right.circuit.yaml", "wide.circuit.yaml"),
    Exit.INTERNAL: lambda: RunReport(run_of("right.circuit.yaml").specs, defect="RuntimeError: planted"),
    Exit.NOTHING: lambda: run_of("bare.circuit.yaml"),
    Exit.INTERRUPTED: lambda: RunReport(run_of("right.circuit.yaml").specs, interrupted=True),
}


def shown(run: RunReport, fmt: str) -> str:
    """Return a run in a format, paths being relative to the folder of the specs."""
    return render(run, fmt, lambda: TOOL, folder())  # type: ignore[arg-type]
