"""Stage → explanations by decomposition: all single features first, then the sets of them that fit together.

Features are independent of each other but for the rows that read the layer: the list of single features is
closed by Z3 (or, without bounds, by trying every function), and sets are joined by exact linear algebra,
which leaves none out. Everything is done up to polarity and expanded at the end: complementing a feature
negates its α and shifts the bias, so that it changes no condition but those on the gates.
"""

from collections.abc import Callable, Iterator
from itertools import product as choices

import numpy as np

from verifier.arrays import Array
from verifier.engine.enumeration.catalogue import Catalogue, catalogue
from verifier.engine.enumeration.features import (
    Cube,
    Features,
    Propose,
    collect,
    judged,
    refuted,
    replayed,
    search,
)
from verifier.engine.enumeration.join import candidates
from verifier.engine.enumeration.listing import Found, Order
from verifier.engine.enumeration.propose import Hull, bounded, by_functions
from verifier.engine.enumeration.sets import Sets, decide
from verifier.engine.enumeration.stage import Stage

OnCube = Callable[[Cube, Array], None]


def bounded_features(stage: Stage, propose: Propose = bounded, on_cube: OnCube | None = None) -> Features:
    """Return every feature of a bounded space, closed by Z3 cube by cube.

    Raises:
        UndecidedError: Z3 gave up, or a question about the domain was not decided.
    """
    while True:
        hull, proposed = search(stage, propose)
        told = on_cube if stage.whole else None
        cubes = list(judged(stage, hull, proposed, stage.values(), told))
        rows = np.concatenate(cubes)
        if not refuted(stage, rows):
            return collect(stage, rows, replayed(hull, rows))


def tried_features(stage: Stage) -> Features | None:
    """Return every feature of a bounded space by trying every function; None where that will not do.

    Raises:
        UndecidedError: the time is up.
    """
    if not stage.whole or not by_functions(Hull.of(stage)):
        return None
    hull, found = search(stage, bounded)
    return collect(stage, found, replayed(hull, found))


def unbounded_features(stage: Stage) -> tuple[Hull, Features]:
    """Return a readout of every readable function, whatever its coefficients, and the hull they fit.

    Raises:
        UndecidedError: too many functions to try, or a question about the domain was not decided.
    """
    while True:
        hull = Hull.of(stage)
        found = hull.functions(stage.limits)
        rows = np.concatenate([found, -found])
        if not refuted(stage, rows):
            return hull, collect(stage, rows, replayed(hull, rows))


def explanations(stage: Stage, features: Features) -> Iterator[list[Found]]:
    """Yield the explanations that a complete list of features makes up, in batches.

    Raises:
        UndecidedError: the time is up, or `examine` was undecided.
    """
    listed = catalogue(stage, features)
    for k in range(stage.space.features[0], stage.space.features[1] + 1):
        for sets in up_to_polarity(stage, features, k):
            found = expand(stage, listed, sets)
            if found:
                yield found


def up_to_polarity(stage: Stage, features: Features, k: int) -> Iterator[Sets]:
    """Yield the sets of k features that are explanations, up to complements, before restrictions on gates."""
    layer = stage.network.layer(stage.place + 1)
    targets = [layer.W[i] for i in stage.reaching] if stage.space.mediation else None
    for members in candidates(features.R, targets, k, stage.limits):
        yield decide(stage, features, members)


def expand(stage: Stage, listed: Catalogue, sets: Sets) -> list[Found]:
    """Return the explanations of sets with every choice of polarities, or the least one of each class."""
    count, k = sets.members.shape
    if not count:
        return []
    parts = []
    for flips in choices([0, 1], repeat=k):
        numbers = listed.number[sets.members, list(flips)]
        present = np.flatnonzero((numbers >= 0).all(axis=1))
        order = np.argsort(numbers[present], axis=1)
        ranked = np.take_along_axis(numbers[present], order, axis=1)
        output = _reordered(sets.output[present], order, flips)
        allowed = listed.admits(stage, ranked, output)
        parts.append((present[allowed], ranked[allowed], output[allowed]))
    owner, ranked, output = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = np.lexsort((*ranked.T[::-1], owner))
    if stage.space.polarity:
        _, least = np.unique(owner[first], return_index=True)
        first = first[least]
    tables = _tables(output[first])
    text = listed.texts.__getitem__
    return [
        Found(tuple(map(text, row)), told) for row, told in zip(ranked[first].tolist(), tables, strict=True)
    ]


def _reordered(output: Array, order: Array, flips: tuple[int, ...]) -> Array:
    """Return truth tables with the features in another order, some of them complemented.

    The new feature i is the old feature order[i], read as its complement where flips[order[i]].
    """
    k = len(flips)
    weights = 1 << (k - 1 - np.arange(k))
    assignments = (np.arange(2**k)[:, None] & weights) > 0
    flipped = np.array(flips, dtype=bool)[order]
    old = ((assignments[None] ^ flipped[:, None, :]) * weights[order][:, None, :]).sum(axis=2)
    return np.take_along_axis(output, np.broadcast_to(old[:, None, :], output.shape), axis=2)


def _tables(output: Array) -> list[tuple[str, ...]]:
    """Return the truth tables as texts; equal ones share one."""
    count, outputs, size = output.shape
    if not outputs:
        return [()] * count
    flat = np.ascontiguousarray(output.reshape(count, outputs * size).astype(np.uint8) + ord("0"))
    keys = flat.view(f"S{outputs * size}").reshape(count).tolist()
    told = {key: tuple(key.decode()[o * size : (o + 1) * size] for o in range(outputs)) for key in set(keys)}
    return [told[key] for key in keys]


def count(stage: Stage, listed: Catalogue, sets: Sets) -> tuple[int, int]:
    """Return how many explanations sets stand for with all their polarities, and how many classes."""
    if listed.wanted or not stage.space.output_gates.unrestricted:
        found = expand(stage, listed, sets)
        order = Order()
        return len(found), len({order.group(item) for item in found})
    choices_of = (listed.number >= 0).sum(axis=1)[sets.members].prod(axis=1, initial=1)
    classes = int((choices_of > 0).sum())
    return (classes if stage.space.polarity else int(choices_of.sum())), classes
