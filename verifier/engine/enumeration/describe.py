"""Explanations found → words: gates as shortest formulas, tables, and how the next layer combines them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product as choices

import numpy as np

from verifier.arrays import Array
from verifier.certificate import parse_feature
from verifier.engine.enumeration.listing import Found
from verifier.engine.enumeration.stage import Stage
from verifier.explanation import Explanation
from verifier.formula import Formula, parse, show
from verifier.linear import combination, dot
from verifier.network import Row
from verifier.readout import show_site
from verifier.shortest import shortest, size
from verifier.verdict import UndecidedError

MAX_TABLE = 1024
MAX_MEASURED = 256
STEMS = "fgabcdeuvw"


@dataclass
class Describer:
    """Tells what the explanations of one stage are; every feature is told once, by a formula of `written`."""

    stage: Stage
    written: Callable[[Array, Array, Sequence[str]], Formula] = shortest
    _gates: dict[str, str] = field(default_factory=dict)
    _outputs: dict[tuple[str, int], str] = field(default_factory=dict)

    def bits(self, text: str) -> list[bool] | None:
        """Return a feature's bit on every input of the domain, in order; None where they are too many."""
        row, offset = parse_feature(text)
        try:
            _, index = self.stage.points
        except UndecidedError:
            return None
        function = self.stage.function(row, offset)
        assert function is not None  # every listed readout is one
        found: list[bool] = np.array(function)[index].tolist()
        return found

    def table(self, text: str) -> str | None:
        """Return a feature's truth table over the domain; None where it would be long."""
        bits = self.bits(text) if (self.stage.size or MAX_TABLE + 1) <= MAX_TABLE else None
        return None if bits is None else "".join("01"[bit] for bit in bits)

    def gate(self, text: str) -> str | None:
        """Return a feature as the shortest formula over the inputs; None if the domain is too large."""
        if text not in self._gates:
            bits = self.bits(text)
            if bits is None:
                return None
            inputs, _ = self.stage.points
            self._gates[text] = show(self.written(inputs, np.array(bits), self.stage.domain.inputs))
        return self._gates[text]

    def readout(self, text: str) -> str:
        """Return a feature's place as a spec writes it."""
        return show_site(self.stage.site(*parse_feature(text)), self.stage.network)

    def names(self, k: int) -> list[str]:
        """Return names for k features that are no names of inputs or outputs."""
        taken = {*self.stage.domain.inputs, *self.stage.decoding.names}
        stems = (stem * length for length in range(1, 4) for stem in STEMS)
        stem = next(s for s in stems if not any(f"{s}{j + 1}" in taken for j in range(k)))
        return [f"{stem}{j + 1}" for j in range(k)]

    def output_gates(self, found: Found) -> dict[str, str]:
        """Return every output as the shortest formula over the features."""
        k = len(found.features)
        told = {}
        for name, table in zip(self.stage.decoding.names, found.output, strict=False):
            if (table, k) not in self._outputs:
                self._outputs[table, k] = show(formula(table, self.names(k)))
            told[name] = self._outputs[table, k]
        return told

    def explanation(self, found: Found, name: str) -> Explanation:
        """Return a listed explanation with its formulas.

        Raises:
            UndecidedError: the inputs are too many to tell formulas.
        """
        stage, gates = self.stage, list(map(self.gate, found.features))
        if None in gates:
            raise UndecidedError("the inputs are too many to tell formulas")
        circuit = {
            name: f"{gate} @ {self.readout(text)}"
            for name, gate, text in zip(self.names(len(gates)), gates, found.features, strict=True)
        }
        circuit |= self.output_gates(found)
        inputs, tolerance = stage.domain.inputs, stage.decoding.tolerance
        return Explanation.of(stage.network, circuit, name=name, inputs=inputs, tolerance=tolerance)

    def weights(self, found: Found) -> dict[str, tuple[Row, Fraction]]:
        """Return, per unit of the next layer that reaches an output, α and β with z = α·u + β.

        None without mediation, nor of comparisons: z adds up what is read, not the bits.
        """
        if not self.stage.space.mediation or self.stage.space.readouts == "threshold":
            return {}
        layer = self.stage.network.layer(self.stage.place + 1)
        readouts = found.readouts
        told: dict[str, tuple[Row, Fraction]] = {}
        for i in self.stage.reaching:
            alpha = combination([row for row, _ in readouts], layer.W[i])
            assert alpha is not None  # every listed explanation has passed mediation
            told[layer.units[i]] = alpha, layer.b[i] - dot(alpha, [offset for _, offset in readouts])
        return told

    def size(self, found: Found) -> tuple[int, ...]:
        """Return how long the formulas of an explanation are, all together (see `shortest.size`).

        On many inputs formulas take time: there the readouts are measured instead.
        """
        if (self.stage.size or MAX_MEASURED + 1) > MAX_MEASURED:
            return (sum(map(len, found.features)),)
        texts = [self.gate(text) for text in found.features] + list(self.output_gates(found).values())
        sizes = [size(parse(text)) for text in texts if text is not None]
        return tuple(map(sum, zip(*sizes, strict=True)))


def formula(table: str, names: Sequence[str]) -> Formula:
    """Return the shortest formula of a truth table over k names, the first being the most significant bit."""
    k = len(names)
    points = np.array(list(choices([False, True], repeat=k)), dtype=bool).reshape(2**k, k)
    return shortest(points, np.array([bit == "1" for bit in table]), names)


def by_functions(stage: Stage, items: Sequence[Found]) -> int:
    """Return how many different sets of Boolean functions the explanations are made of."""
    texts = list({text for item in items for text in item.features})
    ones = np.packbits(stage.functions(texts), axis=1)
    function = {text: row.tobytes() for text, row in zip(texts, ones, strict=True)}
    return len({frozenset(map(function.__getitem__, item.features)) for item in items})
