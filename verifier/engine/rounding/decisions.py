"""Network and decoding → decisions: every comparison with a number that the network's bits hang on.

Exact margins and error bounds are both taken of the forms listed here; what an evaluation decides is written
once, over any algebra.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.algebra import Algebra, B, S
from verifier.decoding import Decoding
from verifier.domain import Domain
from verifier.engine.rounding.bounds import affine
from verifier.engine.rounding.budget import Enclosure, budget, conversion
from verifier.engine.rounding.format import Format
from verifier.network import ONE, ZERO, Network, Row
from verifier.readout import Linear, value_of


@dataclass(frozen=True, slots=True)
class Decision:
    """Unit or output `name` compares row · h + offset at a place with `bound`.

    For `argmax` two activations are compared with each other instead; that decides where one of these
    `rivals` is the largest.
    """

    name: str
    place: int
    row: Row
    offset: Fraction
    bound: Fraction
    rivals: tuple[int, int] | None = None

    def budget(self, form: Format, h: Sequence[Enclosure]) -> Fraction | None:
        """Return how far a float evaluation can be off at most; None where nothing bounds it."""
        if self.rivals:
            first, second = (h[i].error for i in self.rivals)
            return None if first is None or second is None else first + second
        value, moved = affine(form, self.row, h, self.offset).error, conversion(form, self.bound)
        return None if value is None or moved is None else value + moved

    def open_where(self, form: Format, h: Sequence[Enclosure], most: Fraction) -> list[tuple[Row, Fraction]]:
        """Return affine forms of h that are all ≤ 0 wherever a budget of `most` leaves the decision open.

        Where some inputs have sums without error, the others are those with large terms.
        """
        z = self.offset - self.bound
        forms = [(self.row, z - most), (tuple(-w for w in self.row), -z - most)]
        bound = None if self.rivals else budget(form, self.row, h, self.offset)
        if bound is not None and bound.limit is not None and conversion(form, self.bound) == 0:
            signs = [1 if v.low >= 0 else -1 if v.high <= 0 else 0 for v in h]  # 0: |h| is no form, `most` is
            pairs = list(zip(bound.weights, h, signs, strict=True))
            rest = bound.constant + sum(w * v.most for w, v, sign in pairs if not sign)
            forms.append((tuple(-w * sign for w, _, sign in pairs), bound.limit - rest))
        return forms


def decisions(network: Network, decoding: Decoding) -> Iterator[Decision]:
    """Yield the decisions in the order of computation."""
    for place, layer in enumerate(network.layers):
        if layer.activation.kind in ("step", "sign"):
            for unit, row, b in zip(layer.units, layer.W, layer.b, strict=True):
                yield Decision(unit, place, row, b, ZERO)
    last, width = network.depth, network.layer(network.depth).width
    if decoding.argmax:
        for i in range(width):
            for j in range(i):
                row = tuple(Fraction((k == i) - (k == j)) for k in range(width))
                yield Decision(decoding.names[i], last, row, ZERO, ZERO, (i, j))
        return
    for output in decoding.outputs:
        if not isinstance(output.site, Linear):
            yield Decision(output.name, last, output.site.row, ZERO, output.site.bound)
            continue
        for bit in (ZERO, ONE):
            for bound in sorted({bit - decoding.tolerance, bit + decoding.tolerance}):
                yield Decision(output.name, last, output.site.row, output.site.offset, bound)


def decided(
    alg: Algebra[B, S], network: Network, decoding: Decoding, domain: Domain, x: Sequence[B]
) -> Iterator[tuple[str, int, S, tuple[B, ...]]]:
    """Yield for every unit or output that decides its name, the place it reads, its value and its bits."""
    h = domain.encode(alg, x)
    for place, layer in enumerate(network.layers):
        z = []
        for unit, row, b in zip(layer.units, layer.W, layer.b, strict=True):
            value = alg.affine(row, h, b)
            z.append(value)
            if layer.activation.kind in ("step", "sign"):
                yield unit, place, value, (alg.greater(layer.activation.apply(alg, value), ZERO),)
        h = layer.activations(alg, z)
    readings, _ = decoding.decode(alg, h)
    for output, reading in zip(decoding.outputs, readings, strict=True):
        yield output.name, network.depth, value_of(alg, output.site, h), (reading.zero, reading.one)


def matters(alg: Algebra[B, S], decision: Decision, decoding: Decoding, h: Sequence[S]) -> B:
    """Return whether the outcome of the decision matters: with `argmax`, whether it is about the largest."""
    if decision.rivals is None:
        return alg.bit(True)
    readings, _ = decoding.decode(alg, h)
    return alg.disjoin([readings[i].one for i in decision.rivals])
