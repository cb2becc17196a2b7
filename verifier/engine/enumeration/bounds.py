"""Complete bounded listing → does the bound on the coefficients cut anything off?"""

from collections.abc import Sequence

from verifier.engine.enumeration import decomposed
from verifier.engine.enumeration.features import Features
from verifier.engine.enumeration.listing import Found, Order
from verifier.engine.enumeration.stage import Stage
from verifier.linear import independent
from verifier.verdict import UndecidedError

MAX_FUNCTIONS = 2048


def binding(stage: Stage, items: Sequence[Found], features: Features | None) -> bool | None:
    """Return whether explanations of the same space exist outside the bounds; None: unknown.

    Where the rows span the layer, every function has one readout: either none of them is outside the bounds,
    or the unbounded space is enumerated too. Where readouts differ by a kernel lattice, any explanation with
    more features than independent rows to span can be moved along the lattice as far as one likes.
    """
    try:
        return _binding(stage, items, features)
    except (UndecidedError, KeyboardInterrupt):  # the list stands
        return None


def _binding(stage: Stage, items: Sequence[Found], features: Features | None) -> bool | None:
    hull, every = decomposed.unbounded_features(stage)
    if hull.kernel:
        return _movable(stage, items)
    if features is not None and every.count == features.count:
        return False
    if every.count > MAX_FUNCTIONS:
        return None
    order = Order()
    key = order.group if stage.space.polarity else (lambda item: frozenset(item.features))
    inside = {key(item) for item in items}
    return any(key(item) not in inside for batch in decomposed.explanations(stage, every) for item in batch)


def _movable(stage: Stage, items: Sequence[Found]) -> bool | None:
    space = stage.space
    if stage.given or not items:
        return None
    if not space.interchange:
        return True
    if not space.mediation or set(stage.watched) != set(stage.reaching):
        return None
    layer = stage.network.layer(stage.place + 1)
    needed = len(independent([layer.W[i] for i in stage.reaching]))
    return True if any(len(item.features) > needed for item in items) else None
