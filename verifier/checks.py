"""Check of a claim → obligations: the ∀- and ∃-statements that decide it, free of any method."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Literal, assert_never

from verifier.claim import Claim, Compared
from verifier.decoding import Decoding
from verifier.explanation import Explanation
from verifier.network import Network, Row
from verifier.readout import Linear, Threshold
from verifier.write import Dependency, Rows, Write, compile_write, rows_at

Float = Literal["float32", "float64"]
Statement = Literal["behavior", "readout", "mediation", "interchange", "necessity"]
Check = Literal[Statement, Float]
STATEMENTS: tuple[Statement, ...] = ("behavior", "readout", "mediation", "interchange", "necessity")
FLOATS: tuple[Float, ...] = ("float32", "float64")
CHECKS: tuple[Check, ...] = (*STATEMENTS, *FLOATS)
COUNTED: tuple[Check, ...] = ("behavior", "readout", "interchange")
DEFAULT_CHECKS: tuple[Check, ...] = ("behavior", "readout", "mediation", "interchange")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which features of a layer are set, and from what.

    `sources` has one entry per feature: None for a free bit, or the number of the donor that supplies it.
    Two features with one donor number are set from the same input.
    """

    write: Write
    features: tuple[str, ...]
    sources: tuple[int | None, ...]

    @property
    def layer(self) -> int:
        """The place of the layer written to."""
        return self.write.rows.layer


@dataclass(frozen=True, slots=True)
class Agreement:
    """For every input, every bit and every donor of the plan: network and explanation agree."""

    compared: Compared
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Influence:
    """For some input and some setting of the plan's only feature: the output changes."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Mediation:
    """Every row of the next layer that reaches an output is in the span of the readouts' rows."""

    rows: Rows
    targets: tuple[tuple[str, Row], ...]


Obligation = Agreement | Influence | Mediation


def applicable(explanation: Explanation, check: Check) -> bool:
    """Return whether a check has anything to check in an explanation."""
    match check:
        case "behavior" | "float32" | "float64":
            return True
        case "readout":
            return bool(explanation.readable)
        case "mediation" | "interchange" | "necessity":
            return bool(explanation.layers)
        case _:
            assert_never(check)


def obligations(claim: Claim, check: Statement) -> tuple[Obligation, ...] | Dependency:
    """Return the statements that decide a check, or the dependency that refutes it outright."""
    explanation = claim.explanation
    match check:
        case "behavior":
            return (Agreement(Compared(outputs=True)),)
        case "readout":
            return tuple(Agreement(Compared(False, (feature.name,))) for feature in explanation.readable)
        case "mediation":
            return tuple(
                Mediation(rows_at(claim.network, explanation, layer), reaching_rows(claim, layer))
                for layer in explanation.layers
            )
        case "interchange" | "necessity":
            found: list[Obligation] = []
            for layer in explanation.layers:
                write = compile_write(claim.network, explanation, layer)
                if isinstance(write, Dependency):
                    return write
                found += _written(claim, check, write)
            return tuple(found)
        case _:
            assert_never(check)


def _written(claim: Claim, check: Literal["interchange", "necessity"], write: Write) -> Iterator[Obligation]:
    explanation = claim.explanation
    features = tuple(name for name, _ in write.rows.spans)
    bits = {name: explanation.writes_bits(explanation.feature(name)) for name in features}
    if check == "necessity":
        for name in features:
            yield Influence(Plan(write, (name,), (None if bits[name] else 0,)))
        return
    later = tuple(
        feature.name
        for feature in explanation.readable
        if feature.site is not None and feature.site.layer > write.rows.layer
    )
    compared = Compared(True, later)
    match explanation.mode:
        case "all":
            sources = tuple(None if bits[name] else donor for donor, name in enumerate(features))
            yield Agreement(compared, Plan(write, features, sources))
        case "single":
            for name in features:
                yield Agreement(compared, Plan(write, (name,), (0,)))
        case "donor":
            subsets = (combinations(features, size) for size in range(1, len(features) + 1))
            for subset in chain.from_iterable(subsets):
                yield Agreement(compared, Plan(write, subset, (0,) * len(subset)))
        case _:
            assert_never(explanation.mode)


def reaching_rows(claim: Claim, layer: int, watched: bool = False) -> tuple[tuple[str, Row], ...]:
    """Return the rows that read layer `layer` and reach an output (see `rows_that_reach`).

    `watched` adds the rows that reach what else an interchange looks at: a feature read at a later layer, a
    unit that may not tie.
    """
    features = claim.explanation.features if watched else ()
    sites = [feature.site for feature in features if isinstance(feature.site, Linear | Threshold)]
    return rows_that_reach(claim.network, claim.decoding, layer, sites, watched)


def rows_that_reach(
    network: Network,
    decoding: Decoding,
    layer: int,
    sites: Sequence[Linear | Threshold] = (),
    ties: bool = False,
) -> tuple[tuple[str, Row], ...]:
    """Return the rows that read layer `layer` and reach an output along non-zero weights, named by unit.

    After the last layer these are the forms the decoding reads. Rows that reach one of the `sites` count too,
    and with `ties` those of units that may not tie.
    """
    rows = [(output.name, output.site.row) for output in decoding.outputs]
    if decoding.argmax:  # only differences of units decide: a common shift changes nothing
        first_name, first_row = rows[0]
        rows = [
            (f"{name} - {first_name}", tuple(a - b for a, b in zip(row, first_row, strict=True)))
            for name, row in rows[1:]
        ]
    for place in range(network.depth, layer, -1):
        above = network.layer(place)
        rows += [("", site.row) for site in sites if site.layer == place]
        no_tie = ties and above.activation.refuses_ties
        alive = [no_tie or any(row[i] for _, row in rows) for i in range(above.width)]
        rows = [(above.units[i], above.W[i]) for i in range(above.width) if alive[i]]
    return tuple(rows)
