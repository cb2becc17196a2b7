"""Runs that are killed at random moments and resumed end with the list of a run that was left alone."""

import random
import signal
import statistics
import subprocess
import time
from pathlib import Path

from enumeration_runs import ROOT, Findings, command, footer, parity_spec, run

N, K, COUNT = 8, 3, 27632
KILLS = 20
SEED = 1
POLL_S = 0.002


def benchmark(findings: Findings, folder: Path) -> None:
    """Kill 20 runs, the resumption of every fourth too, and compare what each ends with."""
    path = parity_spec(folder / "resume.circuit.yaml", N, K)
    whole = folder / "whole.jsonl"
    left_alone = [run("enumerate", path, "--certificate", whole, "--force").seconds for _ in range(3)]
    expected = footer(whole)
    findings.check("uninterrupted, count", COUNT, expected.get("count"))
    started_s, span_s = _span(path, folder / "span.jsonl")
    print(
        f"parity-{N}, k = {K}, {COUNT} explanations: {min(left_alone):.2f} s left alone; its certificate is "
        f"begun after {started_s:.2f} s and complete {span_s:.2f} s later; killed -9 in between"
    )
    moments = random.Random(SEED)
    held, resumed_s, killed, left = [], [], 0, 0
    for number in range(KILLS):
        inner = folder / f"killed-{number}"
        inner.mkdir()
        target = inner / "c.jsonl"
        flag = "--certificate"
        for _ in range(2 if number % 4 == 3 else 1):
            while not _killed(path, flag, target, moments.uniform(0, span_s)):
                if flag == "--certificate":
                    target.unlink()
            killed += 1
            held.append(target.read_bytes().count(b"\n"))
            flag = "--resume"
        again = run("enumerate", path, "--resume", target)
        resumed_s.append(again.seconds)
        got = footer(target)
        findings.check(f"resumed run {number}, exit code", 0, again.code)
        findings.check(f"resumed run {number}, list_sha256", expected["list_sha256"], got.get("list_sha256"))
        same = target.read_bytes() == whole.read_bytes()
        findings.check(f"resumed run {number}, the file is that of the uninterrupted run", True, same)
        left += len(list(inner.iterdir())) - 1
    audit = run("audit", target)
    findings.check("resumed run, audit", (0, "valid"), (audit.code, audit.first.partition(":")[0]))
    print(
        f"{killed} kills in {KILLS} runs; lines held when killed: {min(held)} to {max(held)}, median "
        f"{statistics.median(held):.0f}; resumed in {min(resumed_s):.2f} to {max(resumed_s):.2f} s; "
        f"temporary files left behind: {left}",
        flush=True,
    )
    right = not any("list_sha256" in text for text in findings.wrong)
    findings.require(
        f"{killed} kills, each resumed to the same list", right, "same list_sha256" if right else "no"
    )


def _span(path: Path, target: Path) -> tuple[float, float]:
    """Return how long a run takes until its certificate exists, and from then until it ends."""
    started = time.perf_counter()
    process = _begun(path, "--certificate", target)
    _appeared(process, target)
    appeared = time.perf_counter()
    process.wait()
    return appeared - started, time.perf_counter() - appeared


def _killed(path: Path, flag: str, target: Path, after_s: float) -> bool:
    """Kill a run some seconds after it began its certificate; return whether it was still running."""
    before = target.stat().st_ino if target.exists() else None
    process = _begun(path, flag, target)
    _appeared(process, target, before)
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _begun(path: Path, flag: str, target: Path) -> "subprocess.Popen[bytes]":
    words = command("enumerate", path, flag, target)
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _appeared(process: "subprocess.Popen[bytes]", target: Path, before: int | None = None) -> None:
    """Wait until a run has written its first lines, as a new file in place of an earlier one, or ended."""
    while process.poll() is None and (not target.exists() or target.stat().st_ino == before):
        time.sleep(POLL_S)
