"""Which encoding should the symbolic Z3 method use? Seconds per encoding on networks of growing size.

    python benchmarks/z3_encodings.py [--timeout SECONDS]

Prints one line per network: seconds for `bv`, `lia` and `pb`, and how many times slower than `bv` each is.
Every answer is compared with the known one. Times of one run on one machine; only the ratios mean anything.
"""

import argparse
import time
from collections.abc import Iterator
from fractions import Fraction

from verifier import Explanation, Layer, Network, Proved, Refuted, Unknown
from verifier.checks import Check, obligations
from verifier.claim import Claim
from verifier.decoding import Decoding, parse_output
from verifier.domain import Domain
from verifier.smt.decide import decide
from verifier.smt.terms import ENCODINGS
from verifier.verdict import Limits


def parity(n: int, wrong: bool = False) -> Claim:
    """One hidden layer h_i = [Σx >= i], y = [Σ(-1)^(i+1) h_i > 1/2], against the XOR of the inputs."""
    thresholds = [Fraction(1 - 2 * i, 2) for i in range(1, n + 1)]
    signs = [(-1) ** i for i in range(n)]
    network = Network([Layer.of("h", [[1] * n] * n, thresholds), Layer.of("y", [signs], ["-1/2"])])
    gate = f"parity(x1..x{n})" + (
        f" ^ (x1 & {' & '.join(f'x{i}' for i in range(2, n + 1))})" if wrong else ""
    )
    return claim(network, {"y": gate})


def staircase(n: int) -> Claim:
    """The same network's interchange: every h_i is the feature [Σx >= i]; writes of bits in any order."""
    circuit = {f"a{i}": f"atleast({i}; x1..x{n}) @ h{i}" for i in range(1, n + 1)}
    total = " ^ ".join(f"a{i}" for i in range(1, n + 1))
    return claim(parity(n).network, {**circuit, "y": total})


def median(n: int) -> Claim:
    """Majority of n as a relu network: relu(s) - relu(s - 1) with s = Σx - (n-1)/2."""
    low, high = -((n - 1) // 2), -((n - 1) // 2) - 1
    network = Network(
        [Layer.of("h", [[1] * n] * 2, [low, high], "relu"), Layer.of("y", [[1, -1]], [0], "identity")]
    )
    return claim(network, {"y": f"maj(x1..x{n})"})


def comparator(bits: int) -> Claim:
    """[A > B] of two numbers as one step unit with weights ±2^i, against the bit-by-bit formula."""
    weights = [2**i for i in reversed(range(bits))] + [-(2**i) for i in reversed(range(bits))]
    network = Network([Layer.of("y", [weights], ["-1/2"])])
    circuit = {"g1": f"x{bits} & ~x{2 * bits}"}
    for i in range(2, bits + 1):
        a, b = f"x{bits + 1 - i}", f"x{2 * bits + 1 - i}"
        circuit[f"g{i}"] = f"{a} & ~{b} | ({a} <-> {b}) & g{i - 1}"
    return claim(network, {**circuit, "y": f"g{bits}"})


def claim(network: Network, circuit: dict[str, str]) -> Claim:
    """Return a claim on the whole cube, the output y exact."""
    inputs = tuple(f"x{i + 1}" for i in range(network.n))
    explanation = Explanation.of(network, circuit)
    return Claim(network, Domain(inputs), Decoding((parse_output("y", network),)), explanation)


def cases() -> Iterator[tuple[str, Claim, Check, type]]:
    """Yield (name, claim, check, the known verdict)."""
    for n in (8, 12, 16, 20, 32):
        yield f"parity-{n}, behavior", parity(n), "behavior", Proved
    yield "parity-16, wrong gate", parity(16, wrong=True), "behavior", Refuted
    for n in (4, 6, 8):
        yield f"parity-{n}, interchange", staircase(n), "interchange", Refuted
    for n in (7, 11, 15):
        yield f"relu majority-{n}, behavior", median(n), "behavior", Proved
    for bits in (8, 12, 16):
        yield f"{bits}-bit comparator, behavior", comparator(bits), "behavior", Proved


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds per query")
    timeout_s = parser.parse_args().timeout
    print(f"{'network and check':32}" + "".join(f"{e:>10}" for e in ENCODINGS) + "   slower than bv")
    for name, subject, check, known in cases():
        stated = obligations(subject, check)
        assert isinstance(stated, tuple)
        seconds, shown = {}, []
        for encoding in ENCODINGS:
            started = time.perf_counter()
            verdicts = [decide(subject, o, Limits.of(timeout_s, None), encoding).verdict for o in stated]
            seconds[encoding] = time.perf_counter() - started
            undecided = any(isinstance(verdict, Unknown) for verdict in verdicts)
            if not undecided:
                assert all(isinstance(verdict, known) for verdict in verdicts), (name, encoding, verdicts)
            shown.append(f"{'>' if undecided else ''}{seconds[encoding]:.3f}")
        ratios = "  ".join(f"{e} {seconds[e] / seconds['bv']:.1f}x" for e in ENCODINGS[1:])
        print(f"{name:32}" + "".join(f"{text:>10}" for text in shown) + f"   {ratios}", flush=True)


if __name__ == "__main__":
    main()
