"""Affine maps and activations, in order → Network: what every importer hands over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from verifier.errors import InputError, Problem, input_error
from verifier.network import Activation, Layer, Network, Row

IDENTITY = Activation("identity")
MAX_WEIGHTS = 2**20
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Affine:
    """z = W h + b, W with one row per unit; `place` says where it stands in what was imported."""

    W: tuple[Row, ...]
    b: Row
    place: str


Step = Affine | Activation


def network_of(
    steps: Iterable[Step], names: Sequence[str] = (), units: Sequence[Sequence[str]] = ()
) -> Network:
    """Return the layers that the steps are; names and units default to `default_names` and theirs.

    An affine map without an activation is followed by `identity`, an activation without an affine map is
    preceded by the identity matrix; activations that change nothing disappear.

    Raises:
        InputError: E301, for shapes that do not fit.
    """
    pairs: list[tuple[Affine, Activation]] = []
    waiting: list[Activation] = []
    for step in steps:
        if isinstance(step, Affine):
            pairs += [(_unchanged(len(step.W[0])), activation) for activation in waiting]
            pairs.append((step, IDENTITY))
            waiting = []
        elif step == IDENTITY:
            continue
        elif not pairs:
            waiting.append(step)
        elif pairs[-1][1] == IDENTITY:
            pairs[-1] = pairs[-1][0], step
        else:
            pairs.append((_unchanged(len(pairs[-1][0].W)), step))
    if not pairs:
        raise input_error("E301", "expected a layer of weights, got none")
    _fit([affine for affine, _ in pairs])
    names = names or default_names(len(pairs))
    if len(names) != len(pairs):
        raise input_error("E301", f"expected {len(pairs)} names of layers, got {len(names)}")
    return Network(
        Layer(name, affine.W, affine.b, activation, tuple(given))
        for name, (affine, activation), given in zip(names, pairs, units or [()] * len(pairs), strict=True)
    )


def default_names(depth: int) -> tuple[str, ...]:
    """Return the names of so many layers.

    >>> default_names(2), default_names(3)
    (('h', 'y'), ('ha', 'hb', 'y'))
    """
    if depth <= 2:
        return ("h", "y")[2 - depth :]
    return (*(f"h{_letters(i)}" for i in range(depth - 1)), "y")


def _letters(i: int) -> str:
    return (_letters(i // 26 - 1) if i >= 26 else "") + _LETTERS[i % 26]


def _unchanged(width: int) -> Affine:
    if width * width > MAX_WEIGHTS:
        raise input_error("E301", f"an activation without weights on {width} units: too many")
    eye = tuple(tuple(Fraction(i == j) for j in range(width)) for i in range(width))
    return Affine(eye, (Fraction(0),) * width, "an activation")


def _fit(affines: Sequence[Affine]) -> None:
    """Complain about every map that does not take what the one below it gives."""
    problems = []
    for below, affine in pairwise(affines):
        if len(affine.W[0]) != len(below.W):
            counts = f"takes {len(affine.W[0])} inputs, but {below.place} gives {len(below.W)}"
            problems.append(Problem("E301", f"{affine.place} {counts}"))
    if problems:
        raise InputError(problems)
