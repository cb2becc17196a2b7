"""parity-n: features joined to sets against the plain loop, and a join in numpy that proves nothing."""

import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from enumeration_runs import Findings, parity, signs, timed

from verifier import Space
from verifier.api import enumerate_explanations
from verifier.engine.enumeration.enumerate import Strategy

Array = np.ndarray[Any, np.dtype[Any]]
K = 3
SIZES = range(3, 11)
MONOLITHIC_S = 120
COUNTS = {3: 64, 4: 272, 5: 976, 6: 3056}
REPORTED = 6
PLOT = Path(__file__).with_name("enumeration.png")
ASSIGNMENTS = np.array(list(product([0, 1], repeat=K)))


@dataclass(frozen=True)
class Row:
    """What was measured of parity-n: the count, and seconds (None: the plain loop did not end)."""

    n: int
    count: int
    bare: float
    listed: float
    decomposed: float
    monolithic: float | None


def benchmark(findings: Findings) -> None:
    """Print seconds per n, and draw them."""
    print(f"parity-n, k = {K}, coefficients -1..1; CPU seconds in one process, the least of several runs.")
    print(
        "bare: joined in numpy floats, nothing proved; list: that, in order and written out as the same list"
    )
    print(
        f"{'n':>2} {'count':>8} {'bare':>9} {'list':>9} {'decomposed':>11} {'to bare':>8} {'to list':>8} "
        f"{'monolithic':>11}  to decomposed"
    )
    looping = True
    measured = []
    for n in SIZES:
        row, looping = _measure(findings, n, looping)
        measured.append(row)
        loop = (
            "" if row.monolithic is None else f"{row.monolithic:11.2f}  {row.monolithic / row.decomposed:.0f}"
        )
        print(
            f"{n:2} {row.count:8} {row.bare:9.4f} {row.listed:9.4f} {row.decomposed:11.4f} "
            f"{row.decomposed / row.bare:8.1f} {row.decomposed / row.listed:8.1f} {loop}",
            flush=True,
        )
    _require(findings, next(row for row in measured if row.n == REPORTED))
    draw(measured)


def _measure(findings: Findings, n: int, looping: bool) -> tuple[Row, bool]:
    """Return the figures of parity-n, and whether the plain loop should try the next one."""
    network, space = parity(n), Space("h", K, (-1, 1))

    def complete(strategy: Strategy) -> list[Any]:
        return list(enumerate_explanations(network, space, strategy=strategy, timeout_s=MONOLITHIC_S))

    bare_s, joined = timed(lambda: bare(n), 9)
    listed_s, written = timed(lambda: bare_list(n), 9)
    decomposed_s, (*found, statement) = timed(lambda: complete("decomposed"), 9)
    findings.check(f"parity-{n}, complete", True, statement.complete)
    findings.check(f"parity-{n}, count of the bare join", statement.count, len(joined))
    same = written == [(item.features, item.output) for item in found]
    findings.check(f"parity-{n}, the bare join lists the same", True, same)
    if n in COUNTS:
        got = statement.count, statement.classes
        findings.check(f"parity-{n}, count and classes", (COUNTS[n], COUNTS[n] // 2**K), got)
    loop_s = None
    if looping:
        loop_s, (*looped, told) = timed(lambda: complete("monolithic"), 2, 3)
        if told.complete:
            findings.check(f"parity-{n}, both strategies list the same", True, looped == found)
        else:
            print(f"{n:2} monolithic: {told} after {loop_s:.0f} s")
            loop_s = None
    return Row(n, statement.count, bare_s, listed_s, decomposed_s, loop_s), loop_s is not None


def _require(findings: Findings, row: Row) -> None:
    name = f"parity-{row.n}: decomposed"
    faster = None if row.monolithic is None else row.monolithic / row.decomposed
    figure = f"over {MONOLITHIC_S / row.decomposed:.0f} times" if faster is None else f"{faster:.0f} times"
    findings.require(
        f"{name} at least 100 times faster than monolithic", faster is None or faster >= 100, figure
    )
    for against, seconds in (("bare join", row.bare), ("bare join that writes out the list", row.listed)):
        slower = row.decomposed / seconds
        findings.require(f"{name} within 3 times of the {against}", slower <= 3, f"{slower:.1f} times")


def bare(n: int) -> Array:
    """Return the explanations of parity-n as members, polarities, truth table: in floats, nothing proved."""
    _, members, _, output = _classes(n)
    flips = np.arange(2**K)
    tables = output[:, flips ^ flips[:, None]].reshape(-1, 2**K)
    return np.concatenate(
        [np.repeat(members, 2**K, axis=0), np.tile(ASSIGNMENTS, (len(members), 1)), tables], axis=1
    )


def bare_list(n: int) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the explanations of `bare` in canonical order and written as the verifier writes them."""
    R, members, alpha, _ = _classes(n)
    signed = np.concatenate([R, -R]).astype(int)
    order = np.lexsort(signed.T[::-1])
    place = np.argsort(order)
    texts = [f"{' '.join(map(str, signed[j].tolist()))};{int(j >= len(R))}" for j in order]
    polarity = np.tile(ASSIGNMENTS, (len(members), 1))
    numbers = place[np.repeat(members, 2**K, axis=0) + len(R) * polarity]
    inside = np.argsort(numbers, axis=1)
    numbers, polarity, weights = (
        np.take_along_axis(part, inside, axis=1)
        for part in (numbers, polarity, np.repeat(alpha, 2**K, axis=0))
    )
    first = np.lexsort(numbers.T[::-1])
    bits = ASSIGNMENTS[None] ^ polarity[first][:, None, :]
    tables = ((bits * weights[first][:, None, :]).sum(axis=2) > 0.5).astype(np.uint8) @ (
        1 << np.arange(2**K)
    )[::-1]
    shown = [(f"{table:0{2**K}b}",) for table in range(2**2**K)]
    return [
        (tuple(map(texts.__getitem__, row)), shown[table])
        for row, table in zip(numbers[first].tolist(), tables.tolist(), strict=True)
    ]


def _classes(n: int) -> tuple[Array, Array, Array, Array]:
    """Return the features with bit 0 at the first hidden row, where z = -1/2, and the sets of them.

    These are rows R, members (C x K), weights with W = Σ α_j R_j, and truth tables of the output.
    """
    H = np.tril(np.ones((n, n)))
    bits = (np.arange(1, 2**n)[:, None] >> np.arange(n) & 1).astype(float)
    R = np.rint(np.linalg.solve(H, bits.T).T)
    R = R[np.abs(R).max(axis=1) <= 1]
    W = np.array(signs(n), dtype=float)
    members = _joined(R, W)
    spans = R[members]
    alpha = np.linalg.solve(spans @ spans.transpose(0, 2, 1), (spans @ W)[:, :, None])[:, :, 0]
    sums = alpha @ ASSIGNMENTS.T
    output = sums > 0.5
    flips = np.arange(2**K)
    essential = [(output != output[:, flips ^ (1 << j)]).any(axis=1) for j in range(K)]
    fine = np.all(essential, axis=0) & (np.abs(sums - 0.5) > 1e-9).all(axis=1)
    return R, members[fine], alpha[fine], output[fine]


def _joined(R: Array, W: Array) -> Array:
    """Return all triples of rows (C x 3) that combine to W, each with a weight that is not 0.

    Modulo W and one row, the other two are parallel; triples that need no third row drop out.
    """
    weights = np.random.default_rng(0).standard_normal(R.shape[1])
    R0 = R - R[:, :1] / W[0] * W
    found = [np.zeros((0, 3), dtype=np.int64)]
    for a in range(len(R) - 2):
        row = R0[a]
        c = int(np.abs(row).argmax())
        if not row[c]:
            continue
        rest = R0[a + 1 :] - R0[a + 1 :, c : c + 1] / row[c] * row
        lead = rest[np.arange(len(rest)), (np.abs(rest) > 1e-9).argmax(axis=1)]
        live = np.flatnonzero(np.abs(lead) > 1e-9)
        hashed = np.rint(rest[live] @ weights / lead[live] * 1e9)
        order = np.argsort(hashed, kind="stable")
        hashed, live = hashed[order], live[order] + a + 1
        for step in range(1, len(live)):
            same = hashed[step:] == hashed[:-step]
            if not same.any():
                break
            pair = np.stack([live[:-step][same], live[step:][same]], axis=1)
            pair.sort(axis=1)
            found.append(np.concatenate([np.full((len(pair), 1), a), pair], axis=1))
    members = np.concatenate(found)
    spans = R[members]
    regular = np.abs(np.linalg.det(spans @ spans.transpose(0, 2, 1))) > 1e-6
    return members[regular]


def draw(rows: list[Row]) -> None:
    """Draw the growth beside this file, where matplotlib is installed."""
    try:
        import matplotlib
    except ImportError:
        print("no plot: matplotlib is not installed", file=sys.stderr)
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    sizes = [row.n for row in rows]
    figure, (times, counts) = pyplot.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    for axes in (times, counts):
        axes.set_yscale("log")
    looped = [(row.n, row.monolithic) for row in rows if row.monolithic is not None]
    label = "monolithic: Z3 finds whole explanations"
    times.plot(*zip(*looped, strict=True), "s-", color="tab:red", label=label)
    label = "decomposed: single features, then sets"
    times.plot(sizes, [row.decomposed for row in rows], "o-", color="tab:blue", label=label)
    label = "bare join in numpy, nothing proved"
    times.plot(sizes, [row.bare for row in rows], "^--", color="tab:gray", label=label)
    times.set_ylabel("CPU time (s)")
    times.set_title(f"Time (monolithic: as far as it ends within {MONOLITHIC_S} s)", fontsize=10)
    times.legend(fontsize=8, loc="upper right")
    times.set_ylim(1e-4, 1e4)
    counts.plot(sizes, [row.count for row in rows], "o-", color="tab:green", label="explanations")
    classes = [row.count / 2**K for row in rows]
    counts.plot(sizes, classes, "o--", color="tab:olive", label="classes up to polarity")
    counts.set_ylabel("how many")
    counts.set_title("Length of the complete list", fontsize=10)
    counts.legend(fontsize=8, loc="upper left")
    for axes in (times, counts):
        axes.set_xlabel("n (inputs and hidden units of parity-n)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(True, which="major", alpha=0.3)
    figure.suptitle(f"All explanations with k = {K} features, coefficients -1..1", fontsize=11)
    figure.savefig(PLOT, dpi=130)
    print(f"drawn: benchmarks/{PLOT.name}")
