"""Subject → suggestion: its function, what can be read from its layers, and the simplest explanations.

Nothing is guessed: the lists are those of `enumerate_space`, with what their completeness rests on, and every
explanation that is returned has passed the checks, which know nothing of how it was found.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial

from verifier.arrays import Array
from verifier.engine.accuracy import accuracy
from verifier.engine.enumeration.enumerate import INTERRUPTED, Progress
from verifier.engine.suggest.outcome import LayerFindings, Request, Suggestion
from verifier.engine.suggest.outputs import OutputFunction, functions, tabulated
from verifier.engine.suggest.search import Search
from verifier.engine.suggest.written import like
from verifier.engine.verify import Subject
from verifier.network import Layer
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError

#: A layer of steps with so many units per row of weights, or more, is a staircase: a number cut at levels.
STEPS = 16


def suggest(
    subject: Subject, request: Request | None = None, progress: Callable[[Progress], None] = lambda _: None
) -> Suggestion:
    """Return what a network computes and the simplest explanations of how.

    Raises:
        InputError: E305, an output is no bit on some input; a space that does not fit the network.
    """
    request = request or Request()
    hidden = {layer.name: layer for layer in subject.network.layers[:-1]}
    names = request.layers or tuple(hidden)
    for name in names:
        Space(name, request.features, request.coefficients).place(subject.network)
    limits = Limits.of(request.timeout_s, None)
    outputs: tuple[OutputFunction, ...] = ()
    bits: Mapping[str, Array] = {}
    reason = ""
    try:
        table = tabulated(subject, limits)
        bits = dict(zip(subject.decoding.names, table.bits, strict=True))
        outputs = functions(subject, table, limits)
    except UndecidedError as error:
        reason = str(error)
    except KeyboardInterrupt:  # as below
        reason, limits = INTERRUPTED, Limits(time.monotonic())
    written = partial(like, [output.formula for output in outputs])
    skipped = {} if request.layers else {name: staircase(layer) for name, layer in hidden.items()}
    layers = []
    left = sum(not skipped.get(name) for name in names)
    for name in names:
        if skipped.get(name):
            layers.append(LayerFindings(name, skipped=skipped[name]))
            continue
        share = None if limits.deadline is None else (limits.deadline - time.monotonic()) / left
        left -= 1
        search = Search(subject, request, Limits.of(share, None), progress, bits, written)
        layers.append(search.layer(name))
        if search.interrupted:  # what was found is told, nothing more is looked for
            limits = Limits(time.monotonic())
    return Suggestion(subject, request, outputs, tuple(layers), reason, accuracy(subject))


def staircase(layer: Layer) -> str:
    """Return why a layer is not looked at unless it is asked for; empty if it is."""
    rows = len(set(layer.W))
    if layer.activation.kind not in ("step", "sign") or layer.width < STEPS * rows:
        return ""
    numbers = "a number" if rows == 1 else f"{rows} numbers"
    return f"{layer.width} steps that cut {numbers} at each level, as quantisation does: not looked at"
