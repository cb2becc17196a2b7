"""Readouts → accepted, or the first condition they break: the definition of an explanation, in rationals.

Everything listed has passed here or through `sets.py`, which does the same for many sets at once; the tests
hold the two together. Conditions in the order of checking: readout (each value on every input is a bit, both
occur), distinct and not complementary functions, independent rows, mediation, interchange, essential
features, and the restrictions of the space.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from verifier.engine.enumeration.stage import Readout, Stage, member
from verifier.engine.replay import number_text
from verifier.errors import InternalError
from verifier.linear import combination, dependency, dot, orthogonal_part
from verifier.network import Row
from verifier.notation import show, show_row

Bits = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An explanation: per output the truth table over the features, and how the next layer combines them.

    `weights` and `bias` hold, per unit of the next layer that reaches an output, α and β with
    z = α·u + β; they are empty without mediation, `output` is empty without interchange.
    """

    output: tuple[str, ...]
    weights: tuple[Row, ...]
    bias: Row


@dataclass(frozen=True, slots=True)
class Rejected:
    """No explanation of the space: the condition that fails, and a sentence with the evidence."""

    condition: str
    reason: str


def examine(
    stage: Stage, readouts: Sequence[Readout], names: Sequence[str] = (), restrict: bool = True
) -> Accepted | Rejected:
    """Return whether the readouts, in the order given, are an explanation of the stage's space.

    Without `restrict` the restrictions of the space are left out.

    Raises:
        UndecidedError: a question about inputs that are not kept as rows was not decided.
    """
    names = list(names) or [f"f{j + 1}" for j in range(len(readouts))]
    bits: list[Bits] = []
    for (row, offset), name in zip(readouts, names, strict=True):
        found = _bits(stage, row, offset, name)
        if isinstance(found, Rejected):
            return found
        bits.append(found)
    readouts = [stage.canonical(*readout) for readout in readouts]
    for (a, one), (b, other) in combinations(zip(names, bits, strict=True), 2):
        if one == other or all(p != q for p, q in zip(one, other, strict=True)):
            relation = "the same function" if one == other else "complements"
            return Rejected("distinct", f"{a} and {b} are {relation} on the domain")
    rows = [row for row, _ in readouts]
    relation_found = dependency(rows)
    if relation_found is not None:
        used = [(name, c) for name, c in zip(names, relation_found, strict=True) if c]
        told = show_row([c for _, c in used], [name for name, _ in used])
        return Rejected("independent", f"the readouts are dependent: the rows of {told} add up to 0")
    combined = mediated(stage, readouts, names)
    if isinstance(combined, Rejected):
        return combined
    weights, bias = combined
    output = _interchange(stage, readouts, bits, names) if stage.space.interchange else ()
    if isinstance(output, Rejected):
        return output
    refused = broken(stage, readouts, output, bits, names) if restrict else None
    return refused or Accepted(output, weights, bias)


def broken(
    stage: Stage,
    readouts: Sequence[Readout],
    output: tuple[str, ...],
    bits: Sequence[Bits] | None = None,
    names: Sequence[str] = (),
) -> Rejected | None:
    """Return which restriction of the space an explanation breaks, if any."""
    if bits is None:
        functions = [stage.function(*readout) for readout in readouts]
        bits = [function for function in functions if function is not None]
    names = list(names) or [f"f{j + 1}" for j in range(len(readouts))]
    return restricted(stage, readouts, bits, names) or _gates(stage, output)


def _bits(stage: Stage, row: Row, offset: Fraction, name: str) -> Bits | Rejected:
    """Return the function a readout is on the kept rows, once no input of the domain shows another value."""
    stage.refute(row, (-offset, 1 - offset))
    bits = []
    for i, value in enumerate(stage.reads(row, offset)):
        bit = stage.bit(value)
        if bit is None:
            return Rejected("readout", f"{name} reads {number_text(value)}, no bit, {stage.where(i)}")
        bits.append(bit)
    if len(set(bits)) == 1:
        return Rejected("readout", f"{name} reads {bits[0]:d} on every input")
    return tuple(bits)


def mediated(
    stage: Stage, readouts: Sequence[Readout], names: Sequence[str]
) -> tuple[tuple[Row, ...], Row] | Rejected:
    """Return how the next layer combines what is read, α and β per unit, or why it does not."""
    if not stage.space.mediation:
        return (), ()
    layer = stage.network.layer(stage.place + 1)
    rows, weights, bias = [row for row, _ in readouts], [], []
    for i in stage.reaching:
        alpha = combination(rows, layer.W[i])
        if alpha is None:
            v = show_row(orthogonal_part(rows, layer.W[i]), stage.units)
            told = f"{v} changes it, and none of {', '.join(names)}"
            reason = f"unit {layer.units[i]} of the next layer sees more: {told}"
            return Rejected("mediation", reason)
        weights.append(alpha)
        bias.append(layer.b[i] - dot(alpha, [offset for _, offset in readouts]))
    return tuple(weights), tuple(bias)


def _interchange(
    stage: Stage, readouts: Sequence[Readout], functions: Sequence[Bits], names: Sequence[str]
) -> tuple[str, ...] | Rejected:
    """Return the truth table of every output over the features, once no write disagrees with it."""
    tables: list[list[str]] = [[] for _ in stage.decoding.outputs]
    for u in product([False, True], repeat=len(readouts)):
        seen: tuple[tuple[bool, ...], Callable[[], str]] | None = None
        told = ", ".join(f"{name} := {int(bit)}" for name, bit in zip(names, u, strict=True))
        for where, readings, tie in stage.outcomes(readouts, functions, u):
            if tie:
                return Rejected("interchange", f"a tie under {told}, {where()}".rstrip(", "))
            vague = [o.name for o, r in zip(stage.decoding.outputs, readings, strict=True) if r.zero is r.one]
            if vague:
                message = f"output {vague[0]} is no bit under {told}, {where()}".rstrip(", ")
                return Rejected("interchange", message)
            shown = tuple(reading.one for reading in readings)
            if seen is not None and shown != seen[0]:
                both = f"{_bits_of(stage, seen[0])} {seen[1]()}, {_bits_of(stage, shown)} {where()}"
                message = f"under {told} the outputs still depend on the input: {both}"
                return Rejected("interchange", message)
            seen = seen or (shown, where)
        if seen is None:
            raise InternalError("no row to write into")
        for table, bit in zip(tables, seen[0], strict=True):
            table.append("01"[bit])
    output = tuple(map("".join, tables))
    for j, name in enumerate(names):
        if not any(essential(table, j) for table in output):
            return Rejected("essential", f"no output depends on {name}")
    return output


def _bits_of(stage: Stage, bits: Sequence[bool]) -> str:
    pairs = zip(stage.decoding.names, bits, strict=True)
    return ", ".join(f"{name} = {bit:d}" for name, bit in pairs)


def essential(table: str, j: int) -> bool:
    """Return whether a truth table of k features depends on feature j, the first being most significant."""
    step = len(table) >> (j + 1)
    return any(table[u] != table[u ^ step] for u in range(len(table)))


def restricted(
    stage: Stage, readouts: Sequence[Readout], bits: Sequence[Bits], names: Sequence[str]
) -> Rejected | None:
    """Return which restriction of the space on single features the readouts break."""
    space = stage.space
    for (row, offset), name in zip(readouts, names, strict=True):
        if (row, offset) in stage.given:
            continue
        if space.coefficients is not None:
            low, high = space.coefficients
            wide = next((c for c in row if not low <= c <= high), None)
            if wide is not None:
                return Rejected("coefficients", f"{name} has coefficient {show(wide)}, outside {low}..{high}")
        broken = next((c for c in row if c.denominator != 1), None)
        if broken is not None:
            return Rejected("coefficients", f"{name} has coefficient {show(broken)}, no integer")
    for unit, column in zip(stage.units, zip(*(row for row, _ in readouts), strict=True), strict=True):
        if unit in space.must_use and not any(column):
            return Rejected("must_use", f"no feature uses unit {unit}")
        if unit in space.must_not_use and any(column):
            return Rejected(
                "must_not_use", f"{names[[bool(c) for c in column].index(True)]} uses unit {unit}"
            )
    for one, name in zip(bits, names, strict=True):
        if not stage.in_library(one):
            return Rejected("gates", f"{name} is no gate of the library ({space.gates})")
    for j, feature in enumerate(space.given):
        want = stage.given[j]
        if want not in [(row, offset) for row, offset in readouts] and want not in bits:
            return Rejected("given", f"the given feature {feature.name} is not among them")
    return None


def _gates(stage: Stage, output: tuple[str, ...]) -> Rejected | None:
    told = zip(stage.decoding.outputs, output, strict=False)  # none without interchange
    for decoded, table in told:
        if not stage.space.output_gates.unrestricted:
            k = len(table).bit_length() - 1
            points = np.array(list(product([False, True], repeat=k)), dtype=bool)
            if not member(stage.space.output_gates, points, np.array([bit == "1" for bit in table])):
                return Rejected(
                    "output_gates", f"{decoded.name} is no gate of the library ({stage.space.output_gates})"
                )
    return None
