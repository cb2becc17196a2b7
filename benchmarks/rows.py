"""A trained network's size: 30-4-1 relu, float64 weights, 515 distinct rows, features read by comparison.

python benchmarks/rows.py

The weights are seeded, not trained: four units that count bits, each weight a little off, so that they are
dyadic with denominators of 55 bits and more, as training leaves them. Of each explanation the default checks
are run by the table method; seconds are of this process's clock, imports and the table apart. The ratio is to
the time of one plain forward pass of the rows in rationals, unit by unit. Then explanations are listed.
"""

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from time import perf_counter

from verifier import Explanation, Layer, Network
from verifier.algebra import RATIONALS
from verifier.checks import DEFAULT_CHECKS
from verifier.claim import Claim
from verifier.decoding import Decoding, parse_output
from verifier.domain import Domain
from verifier.engine.enumeration.enumerate import count
from verifier.engine.outcome import word
from verifier.engine.verify import Subject
from verifier.space import REQUIREMENTS, Space

INPUTS, UNITS, ROWS = 30, 4, 515
LIMIT_S = 2.0
FREE = REQUIREMENTS[1]


def near(random: Random, value: float) -> float:
    """Return a number a little off a value."""
    return value + random.gauss(0, 1e-4)


def network(random: Random) -> Network:
    """Return the network: two units each count the bits of one half of the inputs, up to a number.

    h1 - h2 is about 5 where more than six of the first half are 1, and at most 5/2 where three are.
    """
    half = INPUTS // 2
    counted = [range(half), range(half), range(half, INPUTS), range(half, INPUTS)]
    W = [[near(random, float(x in of)) for x in range(INPUTS)] for of in counted]
    b = [near(random, -bias) for bias in (1.5, 6.5, 1.5, 6.5)]
    V = [near(random, v) for v in (1, -1, 1, -1)]
    return Network([Layer.of("h", W, b, "relu"), Layer.of("y", [V], [near(random, -8.75)], "identity")])


def rows(random: Random) -> list[tuple[int, ...]]:
    """Return distinct inputs; each half has few ones or many."""
    found: dict[tuple[int, ...], None] = {}
    while len(found) < ROWS:
        row = []
        for _ in range(2):
            count = random.choice([2, 3, 4, 8, 9, 10])
            ones = set(random.sample(range(INPUTS // 2), count))
            row += [int(i in ones) for i in range(INPUTS // 2)]
        found[tuple(row)] = None
    return list(found)


def claims(net: Network) -> Iterator[tuple[str, Explanation]]:
    """Yield explanations by what they are called."""
    left, right = "atleast(7; x1..x15)", "atleast(7; x16..x30)"
    a, b, c, d = (str(v) for v in net.layer(2).W[0])
    form = f"{a}*h1 + {b}*h2 + {c}*h3 + {d}*h4".replace("+ -", "- ")
    yield "the sum that y reads", Explanation.of(net, {"s": f"{left} & {right} @ {form} > 35/4", "y": "s"})
    sums = [f"{a}*h1 + {b}*h2".replace("+ -", "- "), f"{c}*h3 + {d}*h4".replace("+ -", "- ")]
    told = {"l": f"{left} @ {sums[0]} > 15/4", "r": f"{right} @ {sums[1]} > 15/4", "y": "l & r"}
    yield "two halves of the sum", Explanation.of(net, told)
    units = {"l": f"{left} @ h1 > 4", "m": f"{left} @ h2 > 1"}
    units |= {"r": f"{right} @ h3 > 4", "s": f"{right} @ h4 > 1"}
    yield "a feature for each unit", Explanation.of(net, {**units, "y": "l & r"})
    yield "a single unit", Explanation.of(net, {"l": f"{left} @ h1 > 4", "y": f"l & {right}"})


def main() -> None:
    random = Random(5)
    net = network(random)
    domain = Domain(tuple(f"x{i + 1}" for i in range(INPUTS)), rows=tuple(rows(random)))
    weights = (v for layer in net.layers for row in (*layer.W, layer.b) for v in row)
    bits = max(v.denominator.bit_length() - 1 for v in weights)
    started = perf_counter()
    for row in domain.rows or ():
        net.forward(RATIONALS, 0, [Fraction(bit) for bit in row], net.depth)
    plain = perf_counter() - started
    started = perf_counter()
    subject = Subject(net, domain, Decoding((parse_output("y > 0", net),)), "table")
    distinct = len(subject.distinct_rows(1, ROWS) or ())
    print(f"denominators up to 2^{bits}, {distinct} distinct hidden rows of {subject.size} inputs")
    print(f"{plain:6.2f} s  plain forward passes")
    print(f"{perf_counter() - started:6.2f} s  preparing the table")
    for name, explanation in claims(net):
        claim = Claim(net, domain, subject.decoding, explanation)
        started = perf_counter()
        results = subject.verify_all(claim, DEFAULT_CHECKS)
        seconds = perf_counter() - started
        told = ", ".join(f"{result.check} {word(result.verdict)}" for result in results)
        within = "" if seconds <= LIMIT_S else f"; over {LIMIT_S} s"
        print(f"{seconds:6.2f} s  {name}: {told} (ratio {seconds / plain:.1f}{within})")
        for result in results:
            if word(result.verdict) == "unknown":
                print(f"          {result}")
    for k, bound, require in ((1, 2, FREE), (2, 1, FREE), (2, 2, FREE), (4, 1, REQUIREMENTS[-1])):
        space = Space("h", k, (-bound, bound), require=require, readouts="threshold")
        started = perf_counter()
        statement = count(subject, space)
        asked = f"k = {k}, coefficients -{bound}..{bound}, {', '.join(require)}"
        print(f"{perf_counter() - started:6.1f} s  comparisons listed, {asked}: {statement}")


if __name__ == "__main__":
    main()
