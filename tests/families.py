"""Networks with many inputs: each with the circuit it computes, and the same with a wrong gate."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from verifier import Layer, Network

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Instance:
    """A claim that holds, and the same claim with a wrong gate, which fails on `failing` inputs."""

    name: str
    inputs: tuple[str, ...]
    network: Network
    circuit: dict[str, str]
    wrong: dict[str, str]
    failing: int


def _numbers(b: int) -> tuple[str, ...]:
    """Return the names of the bits of two numbers, least significant first."""
    return tuple(f"{letter}{i}" for letter in "ab" for i in range(1, b + 1))


def _powers(b: int) -> list[int]:
    return [2**i for i in range(b)]


def equality(b: int) -> Instance:
    """A = B: two comparisons and their AND. Wrong: bit 1 may be larger in A."""
    up, down = _powers(b), [-w for w in _powers(b)]
    network = Network(
        [
            Layer.of("h", [up + down, down + up], [HALF, HALF], "step"),
            Layer.of("y", [[1, 1]], [-3 * HALF], "step"),
        ]
    )
    bits = [f"xnor(a{i}, b{i})" for i in range(1, b + 1)]
    wrong = ["(a1 | ~b1)", *bits[1:]]
    return Instance(
        f"equality-{b}",
        _numbers(b),
        network,
        {"y": " & ".join(bits)},
        {"y": " & ".join(wrong)},
        2 ** (b - 1),  # A = B + 1 with B even
    )


def comparator(b: int) -> Instance:
    """A >= B in one unit, against the comparison bit by bit. Wrong: equal numbers count as less."""
    up, down = _powers(b), [-w for w in _powers(b)]
    network = Network([Layer.of("y", [up + down], [HALF], "step")])

    def ripple(first: str) -> dict[str, str]:
        circuit = {"c1": first}
        for i in range(2, b + 1):
            circuit[f"c{i}"] = f"(a{i} & ~b{i}) | (xnor(a{i}, b{i}) & c{i - 1})"
        return {**circuit, "y": f"c{b}"}

    return Instance(
        f"comparator-{b}",
        _numbers(b),
        network,
        ripple("a1 | ~b1"),
        ripple("a1 & ~b1"),
        2**b,  # A = B
    )


def carry(b: int) -> Instance:
    """The carry out of A + B in one unit, against the ripple. Wrong: the lowest two bits are ORed."""
    network = Network([Layer.of("y", [_powers(b) * 2], [HALF - 2**b], "step")])

    def ripple(first: str) -> dict[str, str]:
        circuit = {"c1": first}
        for i in range(2, b + 1):
            circuit[f"c{i}"] = f"maj(a{i}, b{i}, c{i - 1})"
        return {**circuit, "y": f"c{b}"}

    return Instance(
        f"carry-{b}",
        _numbers(b),
        network,
        ripple("a1 & b1"),
        ripple("a1 | b1"),
        2 * 2 ** (b - 1),  # the other bits add up to 2^b - 2, and one lowest bit is 1
    )


def parity(n: int) -> Instance:
    """The parity of n bits from n counting units. Wrong: one input is left out."""
    network = Network(
        [
            Layer.of("h", [[1] * n] * n, [HALF - i for i in range(1, n + 1)], "step"),
            Layer.of("y", [[(-1) ** i for i in range(n)]], [-HALF], "step"),
        ]
    )
    inputs = tuple(f"x{i}" for i in range(1, n + 1))
    circuit = {"y": f"parity(x1..x{n})"}
    return Instance(f"parity-{n}", inputs, network, circuit, {"y": f"parity(x2..x{n})"}, 2 ** (n - 1))


def median(n: int) -> Instance:
    """The majority of n bits, n odd, is its own dual. Wrong: one vote more is asked for."""
    from math import comb

    most = (n + 1) // 2
    network = Network([Layer.of("y", [[1] * n], [HALF - most], "step")])
    inputs = tuple(f"x{i}" for i in range(1, n + 1))
    turned = ", ".join(f"~{x}" for x in inputs)
    return Instance(
        f"median-{n}",
        inputs,
        network,
        {"y": f"~atleast({most}; {turned})"},
        {"y": f"~atleast({most - 1}; {turned})"},
        comb(n, most),  # exactly `most` votes: most - 1 votes against
    )


FAMILIES: dict[str, Callable[[int], Instance]] = {
    "equality": equality,
    "comparator": comparator,
    "carry": carry,
    "parity": parity,
    "median": median,
}
