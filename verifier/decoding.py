"""Activations of the last layer → named output bits: how a real output becomes a bit is part of the claim."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.algebra import Algebra, B, S
from verifier.errors import InputError, Problem, input_error
from verifier.network import Network
from verifier.notation import rational
from verifier.readout import Linear, Reading, Threshold, Units, parse, read, show_site, value_of


@dataclass(frozen=True, slots=True)
class Output:
    """One output bit: its name, and the readout of the last layer that it is."""

    name: str
    site: Linear | Threshold


@dataclass(frozen=True, slots=True)
class Decoding:
    """The output bits of a network.

    A linear output must be exactly 0 or 1 (within `tolerance`, which listed readouts share). A `>` or `<`
    that meets equality is a tie, and so is an `argmax` without a single largest unit; `>=` and `<=` say what
    equality means and have none. With `argmax` bit i is whether unit i is the largest.
    """

    outputs: tuple[Output, ...]
    tolerance: Fraction = Fraction(0)
    argmax: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerance", rational(self.tolerance))
        if any(isinstance(output.site, Units) for output in self.outputs):
            raise input_error("E204", "expected outputs that are read, got a set of units")
        if not self.outputs:
            raise input_error("E503", "expected at least one output, got none")
        if not 0 <= self.tolerance < Fraction(1, 2):
            raise input_error("E104", f"expected a tolerance in [0, 1/2), got {self.tolerance}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the output bits."""
        return tuple(output.name for output in self.outputs)

    def decode(self, alg: Algebra[B, S], h: Sequence[S]) -> tuple[list[Reading[B]], B]:
        """Return one reading per output from the last layer's activations, and whether there is a tie."""
        if self.argmax:
            largest = [
                alg.conjoin([_exceeds(alg, h, i, j) for j in range(len(h)) if j != i]) for i in range(len(h))
            ]
            readings = [Reading(alg.negate(bit), bit) for bit in largest]
            return readings, alg.negate(alg.disjoin(largest))
        readings, ties = [], []
        for output in self.outputs:
            readings.append(read(alg, output.site, h, self.tolerance))
            if isinstance(output.site, Threshold) and output.site.op in (">", "<"):
                ties.append(alg.equal(value_of(alg, output.site, h), output.site.bound))
        return readings, alg.disjoin(ties)

    def meanings(self, labels: Collection[str]) -> dict[str, tuple[bool, ...]]:
        """Return the output bits that labels stand for, those that can be understood.

        Of one output they are 0 and 1, or -1 and 1. Of several, a label names the one that is 1, or counts
        them from 0 as classes are counted.
        """
        width = len(self.outputs)
        known: dict[str, tuple[bool, ...]]
        if width == 1:
            zero = "-1" if "-1" in labels and "0" not in labels else "0"
            known = {zero: (False,), "1": (True,)}
        else:
            alone = [tuple(i == j for j in range(width)) for i in range(width)]
            known = dict(zip(map(str, range(width)), alone, strict=True))
            known |= dict(zip(self.names, alone, strict=True))
        return {label: known[label] for label in labels if label in known}

    def show(self, network: Network) -> str:
        """Return the decoding as a spec would write it."""
        if self.argmax:
            return f"argmax of {', '.join(self.names)}"
        texts = [(output.name, show_site(output.site, network)) for output in self.outputs]
        return ", ".join(text if text == name else f"{name}: {text}" for name, text in texts)


def _exceeds(alg: Algebra[B, S], h: Sequence[S], i: int, j: int) -> B:
    return alg.greater(alg.affine([Fraction(1), Fraction(-1)], [h[i], h[j]], Fraction(0)), Fraction(0))


def parse_output(text: str, network: Network, name: str | None = None) -> Output:
    """Return the output a text means: `y`, or a comparison such as `y > 1/2`; its name is its only unit.

    Raises:
        InputError: as for readouts; E205 for a unit of another layer; E204 when no name can be told.
    """
    site = parse(text, network, network.layer(network.depth).units)
    if isinstance(site, Units):
        raise input_error("E204", f"expected an output such as y or y > 1/2, got {text}")
    if site.layer != network.depth:
        last = network.layer(network.depth).name
        raise input_error("E205", f"expected units of the last layer {last}, got {text}")
    used = [unit for unit, c in zip(network.layer(site.layer).units, site.row, strict=True) if c]
    if name is None and (len(used) != 1 or any(c not in (0, 1) for c in site.row)):
        raise input_error("E204", f"the output {text} needs a name", "write  output: {NAME: FORM}")
    return Output(name if name is not None else used[0], site)


def argmax(network: Network, tolerance: Fraction = Fraction(0)) -> Decoding:
    """Return the decoding that says which unit of the last layer is the largest.

    The `tolerance` is that of linear readouts of hidden layers: no output needs one.
    """
    last = network.layer(network.depth)
    if last.width < 2:
        message = f"argmax needs two units or more, layer {last.name} has one"
        raise InputError([Problem("E301", message)])
    units = [
        Linear(network.depth, tuple(Fraction(i == j) for j in range(last.width)), Fraction(0))
        for i in range(last.width)
    ]
    return Decoding(tuple(map(Output, last.units, units)), tolerance, argmax=True)
