"""Methods x sizes: how long each takes to prove claims about many inputs, and to refute a wrong gate.

python benchmarks/inputs.py [FAMILY ...] [--timeout SECONDS]

Every instance is checked in a process of its own, import and network included. `bdd` also counts on how many
inputs the wrong gate fails. `nodes` is what CUDD held at the end of the proof.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from verifier import Explanation, Proved, Refuted, check
from verifier.bdd.decide import Asking
from verifier.checks import obligations
from verifier.claim import Claim
from verifier.decoding import Decoding, parse_output
from verifier.domain import Domain

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from families import FAMILIES

SIZES = {
    "equality": [4, 8, 16, 24, 32, 64, 128],
    "comparator": [4, 8, 16, 24, 32, 64, 128],
    "carry": [4, 8, 16, 24, 32, 64],
    "parity": [8, 12, 16, 24, 32, 64],
    "median": [9, 15, 21, 51, 101],
}
METHODS = ("table", "bv", "lia", "bdd")
GRACE_S = 20  # Z3 may overrun; the process is ended then


def one(family: str, size: int, method: str, timeout_s: float) -> dict[str, object]:
    """Return the seconds and verdicts of one instance by one method."""
    instance = FAMILIES[family](size)
    found: dict[str, object] = {}
    for side, circuit in (("right", instance.circuit), ("wrong", instance.wrong)):
        started = perf_counter()
        explanation = Explanation.of(instance.network, circuit, inputs=instance.inputs)
        failing = None
        if method in ("table", "bdd"):
            result = check(
                instance.network,
                explanation,
                inputs=instance.inputs,
                output="y",
                checks=["behavior"],
                method=method,  # type: ignore[arg-type]
                timeout_s=timeout_s,
            )["behavior"]
            verdict = result.verdict
            if result.share is not None:
                failing = result.share.total - result.share.held
        else:
            from verifier.smt.decide import decide
            from verifier.verdict import Limits

            claim = _claim(instance, explanation)
            (stated,) = obligations(claim, "behavior")
            verdict = decide(claim, stated, Limits.of(timeout_s, None), method).verdict
        found[side] = perf_counter() - started
        expected = Proved if side == "right" else Refuted
        if isinstance(verdict, Proved | Refuted):
            assert isinstance(verdict, expected), (family, size, method, verdict)
            assert failing in (None, 0 if side == "right" else instance.failing), (family, size, failing)
        else:
            found[side] = None
            found[f"{side} reason"] = str(verdict)
    if method == "bdd":
        explanation = Explanation.of(instance.network, instance.circuit, inputs=instance.inputs)
        claim = _claim(instance, explanation)
        asking = Asking(claim.network, claim.domain)
        asking.decide(claim, obligations(claim, "behavior")[0])
        found["nodes"] = len(asking(1).alg.manager)
    return found


def _claim(instance, explanation):
    decoding = Decoding((parse_output("y", instance.network),))
    return Claim(instance.network, Domain(instance.inputs), decoding, explanation)


def told(seconds: object) -> str:
    """Return a time for a table."""
    return f"{seconds:9.3f}" if isinstance(seconds, float) else f"{seconds or '-':>9}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--one", nargs=3, metavar=("FAMILY", "SIZE", "METHOD"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        family, size, method = given.one
        print(json.dumps(one(family, int(size), method, given.timeout)))
        return
    methods = given.methods.split(",")
    print(f"seconds to prove / to refute a wrong gate; limit {given.timeout:g} s; -: none in that time")
    for family in given.families:
        print(f"\n{family:10} {'inputs':>6}" + "".join(f"{method:>20}" for method in methods) + "   nodes")
        over: set[str] = set()
        for size in SIZES[family]:
            cells, nodes = [], ""
            for method in methods:
                found = {} if method in over else run(family, size, method, given.timeout)
                if found.get("right") is None:
                    over.add(method)
                cells.append(f"{told(found.get('right'))} {told(found.get('wrong'))} ")
                nodes = str(found.get("nodes", nodes))
            inputs = len(FAMILIES[family](size).inputs)
            print(f"{size:>10} {inputs:>6}" + "".join(cells) + f"{nodes:>8}", flush=True)


def run(family: str, size: int, method: str, timeout_s: float) -> dict[str, object]:
    """Return what `one` says, from a process of its own; nothing where it had to be ended."""
    words = [sys.executable, __file__, "--one", family, str(size), method, "--timeout", str(timeout_s)]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=2 * timeout_s + GRACE_S, check=True
        )
    except subprocess.TimeoutExpired:
        return {}
    found: dict[str, object] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
