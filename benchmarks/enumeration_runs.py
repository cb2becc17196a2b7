"""Networks, spec files, commands and findings that the benchmarks of enumeration share."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from verifier import Layer, Network

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
# A small process between, as the peak memory of a child starts at that of the process it was forked from.
MEASURED = """
import resource, subprocess, sys, time
started = time.perf_counter()
ended = subprocess.run(sys.argv[1:])
seconds = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(f"\\n{ended.returncode} {seconds} {used.ru_utime + used.ru_stime} {peak}")
"""


@dataclass
class Findings:
    """What was found to be wrong, and of each requirement whether it holds, with the figure."""

    wrong: list[str] = field(default_factory=list)
    required: list[tuple[str, bool, str]] = field(default_factory=list)

    def check(self, what: str, expected: object, got: object) -> None:
        """Note a count, a verdict or a digest that is not the expected one."""
        if expected != got:
            self.wrong.append(f"{what}: expected {expected}, got {got}")
            print(f"WRONG  {self.wrong[-1]}", flush=True)

    def require(self, what: str, holds: bool, figure: str) -> None:
        """Note whether a requirement on times or sizes holds."""
        self.required.append((what, holds, figure))

    def __str__(self) -> str:
        lines = [
            f"{'holds' if holds else 'DOES NOT HOLD':14} {what}: {figure}"
            for what, holds, figure in self.required
        ]
        return "\n".join([*lines, *(f"{'WRONG':14} {text}" for text in self.wrong)])


@dataclass(frozen=True)
class Run:
    """A finished command: seconds of wall and CPU time, peak memory in bytes, exit code and output."""

    seconds: float
    cpu_s: float
    peak: int
    code: int
    output: str

    def __str__(self) -> str:
        return f"{self.seconds:.2f} ({self.cpu_s:.2f})"

    @property
    def first(self) -> str:
        """The first line of the output."""
        return (self.output.strip().splitlines() or [""])[0]


def command(*words: object) -> list[str]:
    """Return the words that run the verifier in this Python."""
    return [sys.executable, "-m", "verifier", *map(str, words)]


def run(*words: object) -> Run:
    """Return one run of the verifier as a process of its own, imports included."""
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, *command(*words)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "140"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    output, _, told = ended.stdout.rstrip("\n").rpartition("\n")
    code, seconds, cpu_s, peak = told.split()
    return Run(float(seconds), float(cpu_s), int(peak), int(code), output)


def least(action: Callable[[], T], seconds: Callable[[T], float], runs: int = 3, enough_s: float = 12) -> T:
    """Return the fastest of several runs, fewer where they take long."""
    best = action()
    spent = seconds(best)
    for _ in range(runs - 1):
        if spent > enough_s:
            break
        again = action()
        spent += seconds(again)
        best = min(best, again, key=seconds)
    return best


def least_run(*words: object, runs: int = 3) -> Run:
    """Return the fastest of several runs of the verifier."""
    return least(lambda: run(*words), lambda ended: ended.seconds, runs)


def timed(action: Callable[[], T], runs: int = 3, enough_s: float = 5) -> tuple[float, T]:
    """Return the least CPU seconds that an action in this process took, and what it returned."""

    def once() -> tuple[float, T]:
        started = time.process_time()
        value = action()
        return time.process_time() - started, value

    return least(once, lambda pair: pair[0], runs, enough_s)


def footer(path: Path) -> dict[str, Any]:
    """Return the last line of a certificate; empty if there is none."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        line = json.loads(last)
    except ValueError:
        return {}
    return line if "list_sha256" in line else {}


def mib(size: int) -> str:
    """Return a number of bytes as text."""
    return f"{size / 2**20:.1f} MiB"


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    return sum(p.stat().st_size for p in path.iterdir()) if path.is_dir() else os.path.getsize(path)


def parity(n: int) -> Network:
    """One hidden layer h_i = [Σx >= i], y = [Σ(-1)^(i+1) h_i > 1/2]."""
    thresholds = [Fraction(1 - 2 * i, 2) for i in range(1, n + 1)]
    return Network([Layer.of("h", [[1] * n] * n, thresholds), Layer.of("y", [signs(n)], ["-1/2"])])


def signs(n: int) -> list[int]:
    """Return the output row of parity-n: 1, -1, 1, …"""
    return [(-1) ** i for i in range(n)]


def xor_spec(path: Path, k: int, coefficients: str) -> Path:
    """Write the XOR network of `specs/xor.circuit.yaml` with another space to list."""
    layers = ("h", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"], "step"), ("y", [[1, 1, -2]], ["-1/2"])
    return spec(path, 2, layers, f"features: {k}, coefficients: {coefficients}")


def parity_spec(path: Path, n: int, k: int) -> Path:
    """Write parity-n with the explanations of k features, coefficients -1..1, to list."""
    thresholds = [f"{1 - 2 * i}/2" for i in range(1, n + 1)]
    layers = ("h", [[1] * n] * n, thresholds, "step"), ("y", [signs(n)], ["-1/2"])
    return spec(path, n, layers, f"features: {k}, coefficients: -1..1")


def family_spec(path: Path, H: "np.ndarray[Any, Any]") -> Path:
    """Write a network whose hidden rows are those of H, to list all readouts with coefficients -2..2."""
    m = H.shape[1]
    eye = np.eye(m, dtype=int).tolist()
    names = [f"x{i + 1}" for i in range(m)]
    rows = path.with_suffix(".csv")
    rows.write_text("\n".join([",".join(names), *(",".join(map(str, row)) for row in H.tolist())]) + "\n")
    layers = ("h", eye, [0] * m, "identity"), ("y", eye[:1], ["-1/2"])
    space = "features: 1, coefficients: -2..2, require: [readout]"
    return spec(path, m, layers, space, f"rows: {rows.name}\n")


def spec(path: Path, n: int, layers: Sequence[Sequence[object]], space: str, domain: str = "") -> Path:
    """Write a spec of an output y > 0 decoded exactly; layers are name, weights, bias, activation (step)."""

    def written() -> Iterator[str]:
        for name, weights, bias, *kind in layers:
            told = ", ".join(map(str, bias)) if isinstance(bias, list) else bias
            activation = kind[0] if kind else "step"
            yield f"    - {{name: {name}, weights: {weights}, bias: [{told}], activation: {activation}}}\n"

    body = "".join(written())
    path.write_text(
        f"spec: 1\ninputs: [x1..x{n}]\n{domain}network:\n  layers:\n{body}output: y\n"
        f"enumerate: {{layer: h, {space}}}\n"
    )
    return path


def hidden_rows(r: int, m: int, seed: int) -> "np.ndarray[Any, Any]":
    """Return the different ones of r random rows of m bits."""
    return np.unique(np.random.default_rng(seed).integers(0, 2, (r, m)), axis=0)
