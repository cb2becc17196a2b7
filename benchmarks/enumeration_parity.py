"""parity-n: features joined to sets against the plain loop, and against a join in numpy that proves nothing."""

import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from enumeration_runs import Findings, parity, signs, timed

from verifier import Space
from verifier.api import enumerate_explanations

Array = np.ndarray[Any, np.dtype[Any]]
K = 3
SIZES = range(3, 11)
MONOLITHIC_S = 120
COUNTS = {3: 64, 4: 272, 5: 976, 6: 3056}
REPORTED = 6
PLOT = Path(__file__).with_suffix("").parent / "enumeration.png"


def benchmark(findings: Findings) -> None:
    """Print seconds per n, and draw them."""
    space = Space("h", K, (-1, 1))
    print(f"parity-n, k = {K}, coefficients -1..1; seconds in one process, the least of several runs")
    print(f"{'n':>2} {'count':>8} {'bare join':>10} {'decomposed':>11} {'to bare':>8} {'monolithic':>11} ratio")
    rows: list[tuple[int, int, float, float, float | None]] = []
    looping = True
    for n in SIZES:
        network = parity(n)
        bare_s, joined = timed(lambda n=n: bare(n), 9)
        decomposed_s, (*found, statement) = timed(
            lambda net=network: list(enumerate_explanations(net, space, strategy="decomposed")), 7
        )
        findings.check(f"parity-{n}, complete", True, statement.complete)
        findings.check(f"parity-{n}, count of the bare join", statement.count, len(joined))
        if n in COUNTS:
            findings.check(f"parity-{n}, count", (COUNTS[n], COUNTS[n] // 2**K), (statement.count, statement.classes))
        whole_s = None
        if looping:
            whole_s, (*looped, told) = timed(
                lambda net=network: list(
                    enumerate_explanations(net, space, strategy="monolithic", timeout_s=MONOLITHIC_S)
                ),
                2,
                10,
            )
            looping = told.complete
            if told.complete:
                findings.check(f"parity-{n}, both strategies list the same", True, looped == found)
        shown, ratio = "", ""
        if whole_s is not None:
            shown = f"{whole_s:.2f}" if looping else f"> {MONOLITHIC_S}"
            ratio = f"{'' if looping else '> '}{whole_s / decomposed_s:.0f}"
            if not looping:
                ratio += f" ({told})"
        print(
            f"{n:2} {statement.count:8} {bare_s:10.4f} {decomposed_s:11.4f} {decomposed_s / bare_s:8.1f} "
            f"{shown:>11} {ratio}",
            flush=True,
        )
        rows.append((n, statement.count, bare_s, decomposed_s, whole_s if looping else None))
    for n, _, bare_s, decomposed_s, whole_s in rows:
        if n == REPORTED:
            faster = whole_s / decomposed_s if whole_s is not None else MONOLITHIC_S / decomposed_s
            what = f"parity-{n}: decomposed at least 100 times faster than monolithic"
            findings.require(what, faster >= 100, f"{faster:.0f} times")
            ratio_s = decomposed_s / bare_s
            what = f"parity-{n}: decomposed within 3 times of the bare join"
            findings.require(what, ratio_s <= 3, f"{ratio_s:.1f} times")
    draw(rows)


def bare(n: int) -> Array:
    """Return the explanations of parity-n as members, polarities and truth table; in floats, nothing proved.

    Features are taken with bit 0 at the first hidden row, where z = -1/2.
    """
    H = np.tril(np.ones((n, n)))
    bits = (np.arange(1, 2**n)[:, None] >> np.arange(n) & 1).astype(float)
    R = np.rint(np.linalg.solve(H, bits.T).T)
    R = R[np.abs(R).max(axis=1) <= 1]
    members = _joined(R, np.array(signs(n), dtype=float))
    spans = R[members]
    gram = spans @ spans.transpose(0, 2, 1)
    alpha = np.linalg.solve(gram, (spans @ signs(n))[:, :, None])[:, :, 0]
    assignments = np.array(list(product([0, 1], repeat=K)))
    output = alpha @ assignments.T > 0.5
    essential = [(output != output[:, np.arange(2**K) ^ 1 << j]).any(axis=1) for j in range(K)]
    fine = np.all(essential, axis=0)
    members, output = members[fine], output[fine]
    flips = np.arange(2**K)
    tables = output[:, np.arange(2**K) ^ flips[:, None]].reshape(-1, 2**K)
    polarity = np.tile(assignments, (len(members), 1))
    return np.concatenate([np.repeat(members, 2**K, axis=0), polarity, tables], axis=1)


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


def draw(rows: list[tuple[int, int, float, float, float | None]]) -> None:
    """Draw the growth beside this file, where matplotlib is installed."""
    try:
        import matplotlib
    except ImportError:
        print("no plot: matplotlib is not installed", file=sys.stderr)
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    sizes = [row[0] for row in rows]
    figure, (times, counts) = pyplot.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    looped = [(row[0], row[4]) for row in rows if row[4] is not None]
    times.plot(*zip(*looped, strict=True), "s-", color="tab:red", label="monolithic: Z3 finds whole explanations")
    times.plot(sizes, [row[3] for row in rows], "o-", color="tab:blue", label="decomposed: features, then sets")
    times.plot(sizes, [row[2] for row in rows], "^--", color="tab:gray", label="bare join in numpy, no proof")
    times.set_ylabel("time (s)")
    times.set_title(f"Time (monolithic: up to {MONOLITHIC_S} s)", fontsize=10)
    times.legend(fontsize=8, loc="upper right")
    times.set_ylim(top=2e3)
    counts.plot(sizes, [row[1] for row in rows], "o-", color="tab:green", label="explanations")
    counts.plot(sizes, [row[1] / 2**K for row in rows], "o--", color="tab:olive", label="classes up to polarity")
    counts.set_ylabel("number listed")
    counts.set_title("Length of the complete list", fontsize=10)
    counts.legend(fontsize=8, loc="upper left")
    for axes in (times, counts):
        axes.set_yscale("log")
        axes.set_xlabel("n, inputs and hidden units of parity-n")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(True, which="major", alpha=0.3)
    figure.suptitle(f"All explanations with k = {K} features, coefficients -1..1", fontsize=11)
    figure.savefig(PLOT, dpi=130)
    print(f"drawn: benchmarks/{PLOT.name}")
