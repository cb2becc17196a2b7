"""Functions that can be read → sets of two or three that make up the outputs on the domain, simplest first.

Of such features `behavior` and `readout` hold. What an interchange writes into them, no input may lead to;
there the gates of the outputs are the shortest that fit, and whether the network agrees is open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np

from verifier.arrays import Array
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.examine import Rejected, examine
from verifier.engine.enumeration.listing import Found, Listing, Order, Statement
from verifier.engine.enumeration.stage import Stage
from verifier.engine.enumeration.thresholds import expand
from verifier.engine.suggest.candidates import Option
from verifier.engine.suggest.written import Written
from verifier.explanation import Explanation
from verifier.formula import Formula, names, show
from verifier.linear import dependency
from verifier.shortest import shortest, size
from verifier.verdict import UndecidedError

#: Functions that are taken two by two, and three by three, and as the third.
PAIRED, TRIPLED, THIRD = 1024, 256, 32
#: Sets whose formulas are found, and those that are returned.
MOST_MEASURED, MOST_SETS = 24, 12


def combined(
    stage: Stage,
    pool: Sequence[Option],
    outputs: Mapping[str, Array],
    features: tuple[int, int],
    written: Written = shortest,
) -> list[Explanation]:
    """Return explanations by functions of the pool, none of which is an output or can be left out.

    Interchange is of one feature at a time: its cases can be counted.
    """
    points, index = stage.points
    _, first = np.unique(index, return_index=True)
    rows = {name: bits[first] for name, bits in outputs.items()}
    seen, number = np.unique(np.stack(list(rows.values())), axis=1, return_inverse=True)
    classes = number.ravel() == np.arange(seen.shape[1])[:, None]
    some = [option for option in pool if not _pure(option[0][None], classes)[0, 0]][:PAIRED]
    F = np.array([bits for bits, _ in some], dtype=bool).reshape(len(some), stage.n_rows)

    @cache
    def gate(j: int) -> Formula:
        return written(points, F[j][index], stage.domain.inputs)

    told = []
    for k, sets in ((2, _pairs), (3, _triples)):
        if features[0] <= k <= min(features[1], stage.m):
            for chosen in _lightest(sets(F, classes), some):
                outs = _gates(F[list(chosen)].T, rows, Describer(stage).names(k))
                if outs is not None:
                    told.append((k, _size([*map(gate, chosen), *outs.values()]), chosen, outs))
    told.sort(key=lambda one: one[:3])
    return [
        _explanation(stage, [(gate(j), some[j][1].text) for j in chosen], outs)
        for _, _, chosen, outs in told[:MOST_SETS]
    ]


def _pure(F: Array, classes: Array) -> Array:
    """Return for which two functions (F x N) their bits tell the class of every row (C x N)."""
    pure = np.ones((len(F), len(F)), dtype=bool)
    for a, b in product((F, ~F), repeat=2):
        found = sum(((a & c).astype(np.float32) @ b.T.astype(np.float32) > 0).astype(int) for c in classes)
        pure &= found <= 1
    return pure


def _pairs(F: Array, classes: Array) -> Iterator[tuple[int, ...]]:
    """Yield the pairs of functions that tell the class."""
    yield from zip(*np.nonzero(np.triu(_pure(F, classes), 1)), strict=True)


def _triples(F: Array, classes: Array) -> Iterator[tuple[int, ...]]:
    """Yield the triples of functions that tell the class, no two of which do."""
    F = F[:TRIPLED]
    two = _pure(F, classes)
    for t in range(min(len(F), THIRD)):
        pure = _pure(F[:, F[t]], classes[:, F[t]]) & _pure(F[:, ~F[t]], classes[:, ~F[t]])
        pure &= ~two & ~two[t] & ~two[t][:, None]
        pure[: t + 1] = False
        yield from ((t, *pair) for pair in zip(*np.nonzero(np.triu(pure, 1)), strict=True))


def _lightest(sets: Iterator[tuple[int, ...]], some: Sequence[Option]) -> list[tuple[int, ...]]:
    """Return sets with independent rows that read the fewest units, by the widest margins."""

    def load(chosen: Sequence[int]) -> tuple[object, ...]:
        places = [some[j][1] for j in chosen]
        margin = sum(at.margin for at in places)
        return sum(at.units for at in places), sum(at.weight for at in places), -margin, chosen

    kept: list[tuple[int, ...]] = []
    for chosen in sorted((tuple(map(int, one)) for one in sets), key=load):
        if dependency([some[j][1].row for j in chosen]) is None:
            kept.append(chosen)
            if len(kept) == MOST_MEASURED:
                break
    return kept


def _gates(values: Array, outputs: Mapping[str, Array], features: Sequence[str]) -> dict[str, Formula] | None:
    """Return the outputs as gates of features with these values (N x k); None if they can do with fewer."""
    seen, first = np.unique(values, axis=0, return_index=True)
    gates = {name: shortest(seen, bits[first], features) for name, bits in outputs.items()}
    used = {occurrence.name for gate in gates.values() for occurrence in names(gate)}
    return gates if used == set(features) else None


def _size(formulas: Sequence[Formula]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(size, formulas), strict=True)))


def _explanation(
    stage: Stage, told: Sequence[tuple[Formula, str]], outputs: Mapping[str, Formula]
) -> Explanation:
    features = Describer(stage).names(len(told))
    circuit = {name: f"{show(gate)} @ {place}" for name, (gate, place) in zip(features, told, strict=True)}
    circuit |= {name: show(gate) for name, gate in outputs.items()}
    inputs, tolerance = stage.domain.inputs, stage.decoding.tolerance
    found = Explanation.of(stage.network, circuit, name="near", inputs=inputs, tolerance=tolerance)
    return replace(found, mode="single")


def explained_by(stage: Stage, explanation: Explanation) -> list[Found] | str:
    """Return the explanations of the stage's space with these features up to complement, or why none is.

    The gates of the outputs are those that writing into the features shows, whatever the given ones are.
    """
    named = []
    for feature in explanation.readable:
        readout = stage.readout_of(feature.site)
        assert readout is not None  # the site is a readout of the layer
        named.append((readout, feature.name))
    named.sort()
    readouts = [readout for readout, _ in named]
    try:
        judged = examine(stage, readouts, [name for _, name in named], restrict=False)
    except UndecidedError as error:
        return f"it was not decided: {error}"
    return judged.reason if isinstance(judged, Rejected) else expand(stage, readouts, judged)


def unfinished(stage: Stage, items: Sequence[Found], reason: str) -> Listing:
    """Return explanations of one number of features as a list that may lack others."""
    ranked, groups = Order().arranged(items)
    statement = Statement(len(ranked), max(groups, default=0), False, "", None, reason)
    return Listing(ranked, groups, statement, stage)
