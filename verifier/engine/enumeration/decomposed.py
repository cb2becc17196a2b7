"""Stage → explanations by decomposition: all single features first, then the sets of them that fit together.

Features are independent of each other but for the rows that read the layer: the list of single features is
closed by Z3 (or, without bounds, by trying every function), and sets are joined by exact linear algebra,
which leaves none out. Everything is done up to polarity and expanded at the end: complementing a feature
negates its α and shifts the bias, so that it changes no condition but those on the gates.
"""

from collections.abc import Callable, Iterator
from functools import partial

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
from verifier.engine.enumeration.join import CELLS, candidates
from verifier.engine.enumeration.listing import Found, Order
from verifier.engine.enumeration.propose import Hull, bounded, by_functions
from verifier.engine.enumeration.sets import Sets, decide
from verifier.engine.enumeration.stage import Stage

#: Of pairs: a tuple made without a look at it, as there are many.
FOUND = partial(tuple.__new__, Found)

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
    k = sets.members.shape[1]
    size = max(1, CELLS // (4**k * k))
    chunks = (Sets(sets.members[i : i + size], sets.output[i : i + size]) for i in range(0, len(sets), size))
    return [found for chunk in chunks for found in _expanded(stage, listed, chunk)]


def _expanded(stage: Stage, listed: Catalogue, sets: Sets) -> list[Found]:
    k = sets.members.shape[1]
    flips = _assignments(k)
    numbers = listed.number[sets.members[:, None, :], flips]
    owner, which = np.nonzero((numbers >= 0).all(axis=2))
    numbers = numbers[owner, which]
    order = np.argsort(numbers, axis=1)
    ranked = np.take_along_axis(numbers, order, axis=1)
    output = _reordered(sets.output[owner], order, np.take_along_axis(flips[which], order, axis=1))
    chosen = np.lexsort((*ranked.T[::-1], owner))
    chosen = chosen[listed.admits(stage, ranked[chosen], output[chosen])]
    if stage.space.polarity:
        chosen = chosen[np.unique(owner[chosen], return_index=True)[1]]
    texts = np.array(listed.texts, dtype=object)
    features = zip(*(texts[column].tolist() for column in ranked[chosen].T), strict=True)
    return list(map(FOUND, zip(features, _tables(output[chosen]), strict=True)))


def _assignments(k: int) -> Array:
    """Return all of k bits, in counting order (2^k x k)."""
    return np.arange(2**k)[:, None] >> np.arange(k)[::-1] & 1


def _reordered(output: Array, order: Array, flipped: Array) -> Array:
    """Return truth tables (C x outputs x 2^k) with the features in another order, some of them complemented.

    The new feature i is the old feature order[:, i], or its complement where flipped[:, i]: where it is u,
    the old one is u ^ flipped, which counts by its weight in the old order.
    """
    k = order.shape[1]
    weights = 1 << (k - 1 - order)
    old = (weights * flipped).sum(axis=1)[:, None] + (weights - 2 * weights * flipped) @ _assignments(k).T
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
