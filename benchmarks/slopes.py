"""Smooth networks: brackets of the smallest slope, the error at a slope, parity of 10 inputs in sigmoids.

python benchmarks/slopes.py

Seconds are of this process's clock, imports left out. The figures for XOR are those of its closed form:
2 ln 3 for "on the right side of 1/2".
"""

from fractions import Fraction
from math import log
from time import perf_counter

from verifier import Activation, Explanation, Layer, Network, Proved, check
from verifier.balls.rows import cut
from verifier.claim import Claim
from verifier.decoding import Decoding, parse_output
from verifier.domain import Domain
from verifier.engine.slope.bracket import bracket
from verifier.engine.slope.family import Family
from verifier.engine.slope.outcome import Bracket
from verifier.table.rows import Table

HALF = Fraction(1, 2)
ALICE = {"a1": "x1 & ~x2 @ h1 - h3", "a2": "~x1 & x2 @ h2 - h3", "y": "a1 | a2"}


def xor(slope: object) -> Network:
    """Return the network of two inputs and three hidden units, in sigmoids."""
    sigmoid = Activation("sigmoid", slope=slope)  # type: ignore[arg-type]
    hidden = Layer.of("h", [[1, 0], [0, 1], [1, 1]], [-HALF, -HALF, -3 * HALF], sigmoid)
    return Network([hidden, Layer.of("y", [[1, 1, -2]], [-HALF], sigmoid)])


def parity(n: int, slope: object) -> Network:
    """Return the parity of n inputs from n counting units, in sigmoids."""
    sigmoid = Activation("sigmoid", slope=slope)  # type: ignore[arg-type]
    hidden = Layer.of("h", [[1] * n] * n, [HALF - i for i in range(1, n + 1)], sigmoid)
    return Network([hidden, Layer.of("y", [[(-1) ** i for i in range(n)]], [-HALF], sigmoid)])


def bracketed(output: str, tolerance: object = 0) -> tuple[Bracket, float]:
    """Return the bracket of the smallest slope from which on XOR is right, and the seconds it took."""
    network = xor(25)
    started = perf_counter()
    decoding = Decoding((parse_output(output, network),), Fraction(str(tolerance)))
    explanation = Explanation.of(network, {"y": "x1 ^ x2"})
    claim = Claim(network, Domain(("x1", "x2")), decoding, explanation)
    found = bracket(Family(claim, "behavior", Table(cut(network), claim.domain)), Fraction(1, 10**9))
    assert isinstance(found, Bracket)
    return found, perf_counter() - started


def main() -> None:
    for label, output, tolerance in (("y > 1/2", "y > 1/2", 0), ("within 0.1", "y", "0.1")):
        found, seconds = bracketed(output, tolerance)
        width = float(found.high - found.low)
        told = f"[{float(found.low):.13g}, {float(found.high):.13g}], {width:.1e} wide"
        print(f"XOR {label:12} λ* in {told}, {seconds:.3f} s")
    print(f"2 ln 3 = {2 * log(3):.13g}")
    for error in ("3.7274e-6", "3.7273e-6"):
        claim = Explanation.of(xor(25), {"y": "x1 ^ x2"})
        verdict = check(xor(25), claim, tolerance=error, checks=["behavior"])["behavior"].verdict
        told = "proved" if isinstance(verdict, Proved) else "refuted"
        print(f"|y - XOR| <= {error} at slope 25: {told}")
    n = 10
    features = {f"a{i}": f"atleast({i}; x1..x{n}) @ h{i}" for i in range(1, n + 1)}
    pairs = " | ".join(f"(a{i} & ~a{i + 1})" for i in range(1, n, 2))
    votes = ", ".join(f"{'~' if i % 2 == 0 else ''}a{i}" for i in range(1, n + 1))
    vote = f"atleast({n // 2 + 1}; {votes})"
    claim = Explanation.of(parity(n, 25), {**features, "y": vote}, tolerance="1/100")
    wrong = Explanation.of(parity(n, 25), {**features, "y": pairs}, tolerance="1/100")
    for name, explanation in (("a vote of the counters", claim), ("exactly i, for an odd i", wrong)):
        started = perf_counter()
        report = check(parity(n, 25), explanation, output="y > 1/2")
        told = ", ".join(f"{r.check} {type(r.verdict).__name__.lower()}" for r in report.results)
        share = report["interchange"].share
        print(f"parity-{n}, {name}: {told} (IIA {share}), {perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
