"""`network`, written out → Network, every shape that does not fit shown at its place."""

from collections.abc import Iterable

from verifier.errors import Position
from verifier.network import Activation, Layer, Network
from verifier.notation import rational
from verifier.spec.nodes import Mapping, Sequence, scalars
from verifier.spec.problems import Problems

_TRANSPOSED = "are the weights transposed? write one row per unit, one entry per input"


def read_network(node: Mapping | None, n_inputs: int | None, problems: Problems) -> Network | None:
    """Return the network; None if something in it is faulty. `n_inputs` is None where it is not known."""
    sequence = node.sequence("layers") if node else None
    if sequence is None:
        return None
    layers: list[Layer] = []
    names: set[str] = set()
    units: set[str] = set()
    width, below = n_inputs, "the spec names"
    sound = True
    for item in sequence.items:
        layer = _layer(item, width, below, problems) if isinstance(item, Mapping) and item.sound else None
        if layer is None or not isinstance(item, Mapping):
            sound, width = False, None
            continue
        sound &= width in (None, len(layer.W[0]))
        sound &= _new(names, "layers", [layer.name], [item.items["name"][1].position], problems)
        named = scalars(item.sequence("units"))
        places = [unit.position for unit in named] or [item.items["name"][1].position] * layer.width
        sound &= _new(units, "units", layer.units, places, problems)
        layers.append(layer)
        width, below = layer.width, f"layer {layer.name} has"
    return Network(layers) if sound else None


def _new(
    seen: set[str], what: str, names: Iterable[str], places: Iterable[Position], problems: Problems
) -> bool:
    """Return whether no name has been seen before; else complain."""
    sound = True
    for name, place in zip(names, places, strict=True):
        if name in seen:
            problems.add("E105", f"two {what} are named {name}", place)
            sound = False
        seen.add(name)
    return sound


def _layer(node: Mapping, width: int | None, below: str, problems: Problems) -> Layer | None:
    """Return a layer whose own shapes fit each other; `below` says whose the `width` inputs are."""
    name, kind, weights = node.scalar("name"), node.scalar("activation"), node.sequence("weights")
    assert name is not None
    assert kind is not None
    assert weights is not None
    rows = [scalars(row) for row in weights.items if isinstance(row, Sequence)]
    n, beside = len(rows[0]), [given for key in ("bias", "units") if (given := node.sequence(key))]
    misfits = [
        (f"expected rows of one length, got {n} and {len(row)} weights", place.position)
        for row, place in zip(rows, weights.items, strict=True)
        if len(row) != n
    ]
    fits = bool(misfits) or width in (None, n)
    transposed = not fits and len(rows) == width and all(len(given.items) == n for given in beside)
    if not fits:
        message = f"layer {name.text} takes {n} input{'' if n == 1 else 's'}, but {below} {width}"
        problems.add("E301", message, weights.position, _TRANSPOSED if transposed else "")
    misfits += [
        (f"expected {len(rows)} entries, one per row of weights, got {len(given.items)}", given.position)
        for given in beside
        if len(given.items) != len(rows) and not transposed
    ]
    for message, position in misfits:
        problems.add("E301", message, position)
    activation = problems.attempt(kind, lambda: read_activation(kind.text, node))
    if activation is None or misfits or (transposed and beside):
        return None
    W = [[item.text for item in row] for row in rows]
    b = [item.text for item in scalars(node.sequence("bias"))] or None
    return Layer.of(name.text, W, b, activation, [unit.text for unit in scalars(node.sequence("units"))])


def read_activation(kind: str, node: Mapping) -> Activation:
    """Return the activation of this kind with the parameters in a mapping.

    Raises:
        InputError: E303.
    """
    tie = node.scalar("tie")
    slope, low, high = (
        rational(value.text) if (value := node.scalar(key)) else None for key in ("slope", "low", "high")
    )
    return Activation(kind, int(tie.text) if tie else None, slope, low, high)  # type: ignore[arg-type]
