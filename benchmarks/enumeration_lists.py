"""Long lists: single features of random networks, and explanations by the hundred thousand."""

import time
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from enumeration_runs import (
    Findings,
    family_spec,
    footer,
    hidden_rows,
    least_run,
    mib,
    parity_spec,
    size_of,
)

from verifier.engine.enumeration.enumerate import Watch
from verifier.run.enumerate_spec import Options, enumerate_spec
from verifier.spec import load

# Rows and columns of H, seed, how many readouts there are, seconds allowed to list them.
FAMILY = ((6, 9, 3, 9220, 1.5), (7, 11, 7, 98388, 15.0), (8, 12, 18, 108120, 15.0))
LARGE = 10, 3, 243440, 30430
LEAST = 200_000
MEMORY = 4 * 2**30
FEW = 20

Events = list[tuple[float, int]]


def family(findings: Findings, folder: Path) -> None:
    """Print how long lists of single features take to find, to prove and to audit."""
    print("all readouts c of random hidden rows, c in -2..2; wall (CPU) seconds of whole commands")
    print(
        f"{'H':>6} {'readouts':>9} {'find':>15} {'audit':>15} {'find and prove':>15} {'audit proofs':>15} "
        f"{'certificate':>12} {'proofs':>9}  rate over the cubes, first and last tenth"
    )
    for r, m, seed, count, allowed_s in FAMILY:
        name = f"{r}x{m}"
        path = family_spec(folder / f"family-{name}.circuit.yaml", hidden_rows(r, m, seed))
        plain, proved = folder / f"{name}.jsonl", folder / f"{name}.lrat.jsonl"
        find = least_run("enumerate", path, "--certificate", plain, "--force")
        prove = least_run("enumerate", path, "--certificate", proved, "--force", "--proof", "lrat")
        audits = [least_run("audit", file) for file in (plain, proved)]
        for file, audit in zip((plain, proved), audits, strict=True):
            told = footer(file)
            findings.check(f"{file.name}, complete", (True, count), (told.get("complete"), told.get("count")))
            findings.check(f"{file.name}, audit", (0, "valid"), (audit.code, audit.first.partition(":")[0]))
        findings.check(f"{name}, exit codes", (0, 0), (find.code, prove.code))
        rates, steady = _over_cubes(path)
        together = prove.seconds + audits[1].seconds
        print(
            f"{name:>6} {count:9} {find!s:>15} {audits[0]!s:>15} {prove!s:>15} {audits[1]!s:>15} "
            f"{mib(size_of(plain)):>12} {mib(size_of(Path(f'{proved}.proof'))):>9}  {rates}",
            flush=True,
        )
        figure = f"{find.seconds:.1f} s ({find.cpu_s:.1f} s of CPU)"
        findings.require(f"{count} readouts found within {allowed_s} s", find.seconds <= allowed_s, figure)
        figure = f"{together:.1f} s ({prove.cpu_s + audits[1].cpu_s:.1f} s of CPU)"
        what = f"{count} readouts found, proved and audited within {2 * allowed_s} s"
        findings.require(what, together <= 2 * allowed_s, figure)
        if steady is not None:
            what = f"{count} readouts: the rate of the last tenth at least half that of the first"
            findings.require(what, steady >= 0.5, f"{steady:.2f} of it")
    _cold(findings, folder)


def _cold(findings: Findings, folder: Path) -> None:
    """Let Z3 find every readout of the first of the family."""
    r, m, seed, count, _ = FAMILY[0]
    path = family_spec(folder / "cold.circuit.yaml", hidden_rows(r, m, seed))
    target = folder / "cold.jsonl"
    cold = least_run("enumerate", path, "--no-warm-start", "--certificate", target, "--force")
    told = footer(target)
    findings.check("--no-warm-start, complete", (True, count), (told.get("complete"), told.get("count")))
    print(f"{r}x{m} --no-warm-start: {count} readouts found by Z3 itself in {cold} s", flush=True)


def _over_cubes(path: Path) -> tuple[str, float | None]:
    """Return the rates of the first and the last tenth of the cubes as text, and their ratio if it tells."""
    cubes: Events = []
    _watched(path, Watch(cube=_noted(cubes, lambda _, __, rows: len(rows))))
    return _tenths(_rates(cubes), "readouts/s", len(cubes), "cubes")


def _watched(path: Path, watch: Watch) -> None:
    enumerate_spec(load(str(path)), Options(), watch=watch)


def _noted(events: Events, size: Callable[..., int]) -> Callable[..., None]:
    """Return what notes when it was told something, and how much."""

    def note(*told: Any) -> None:
        events.append((time.perf_counter(), size(*told)))

    return note


def _rates(events: Events) -> list[tuple[float, int]]:
    """Return the seconds each event but the first took, and its size: the first includes all preparations."""
    times = [when for when, _ in events]
    return [(b - a, size) for a, b, (_, size) in zip(times, times[1:], events[1:], strict=False)]


def _tenths(
    steps: Sequence[tuple[float, int]], unit: str, count: int, things: str
) -> tuple[str, float | None]:
    if len(steps) < FEW:
        return f"{count} {things}: too few to tell", None
    part = ceil(len(steps) / 10)
    first, last = (_rate(some) for some in (steps[:part], steps[-part:]))
    return f"{first:,.0f} and {last:,.0f} {unit} ({count} {things})", last / first


def _rate(steps: Sequence[tuple[float, int]]) -> float:
    return sum(size for _, size in steps) / max(1e-9, sum(seconds for seconds, _ in steps))


def large(findings: Findings, folder: Path) -> None:
    """Print what listing and auditing hundreds of thousands of explanations takes."""
    n, k, count, classes = LARGE
    path = parity_spec(folder / "large.circuit.yaml", n, k)
    target = folder / "large.jsonl"
    search = least_run("enumerate", path, "--certificate", target, "--force", "--format", "text", runs=2)
    audit = least_run("audit", target, runs=2)
    told = footer(target)
    got = told.get("complete"), told.get("count"), told.get("classes")
    findings.check(f"parity-{n}, complete", (True, count, classes), got)
    findings.check(f"parity-{n}, audit", (0, "valid"), (audit.code, audit.first.partition(":")[0]))
    print(f"parity-{n}, k = {k}, -1..1: {count} explanations, {classes} classes; wall (CPU) seconds")
    print(f"  enumerate --certificate {search!s:>15} s, peak memory {mib(search.peak):>10}")
    print(f"  audit                   {audit!s:>15} s, peak memory {mib(audit.peak):>10}")
    print(f"  certificate             {mib(size_of(target))}")
    first, last, batches = _over_explanations(path, count)
    print(
        f"  explanations/s: first tenth {first:,.0f}, last tenth {last:,.0f} ({batches} batches)", flush=True
    )
    findings.require(f"at least {LEAST} explanations listed", count >= LEAST, str(count))
    peak = max(search.peak, audit.peak)
    findings.require("listed and audited within 4 GiB", peak <= MEMORY, mib(peak))
    figure = f"{audit.seconds:.1f} s and {search.seconds:.1f} s"
    findings.require("the audit is no slower than the search", audit.seconds <= search.seconds, figure)
    what = "the rate of the last tenth of explanations is at least half that of the first"
    findings.require(what, last >= first / 2, f"{last / first:.2f} of it")


def _over_explanations(path: Path, count: int) -> tuple[float, float, int]:
    """Return the rates of the first and the last tenth of explanations, and how many batches they came in.

    Within a batch explanations are taken to have come at an even pace.
    """
    batches: Events = []
    started = time.perf_counter()
    _watched(path, Watch(found=_noted(batches, len)))

    def when(number: float) -> float:
        before, total = started, 0
        for moment, size in batches:
            if size and total + size >= number:
                return before + (moment - before) * (number - total) / size
            before, total = moment, total + size
        return before

    tenth = count / 10
    spans = [when(b) - when(a) for a, b in ((0, tenth), (count - tenth, count))]
    return tenth / spans[0], tenth / spans[1], len(batches)
