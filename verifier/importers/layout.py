"""Tensors by name, and what is said about which of them are which layer → Network.

A file of tensors says neither the order of its layers nor their activations: a spec does. The order is
derived from the shapes only where they admit exactly one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from verifier.errors import InputError, Position, Problem, input_error
from verifier.importers.steps import Affine, Step, default_names, network_of
from verifier.importers.tensors import Tensor, matrix, printable, show_tensors, shown, vector
from verifier.network import Activation, Network
from verifier.notation import suggest

MAX_DERIVED = 12
_STATISTICS = ("running_mean", "running_var", "moving_mean", "moving_variance")
_CONVENTIONS = (
    (re.compile(r"(.*[./_])?weight"), r"\1bias", False),
    (re.compile(r"(.*[./_])?[Ww]([0-9]*)"), r"\1b\2", False),
    (re.compile(r"(.*[./_])?kernel"), r"\1bias", True),
    (re.compile(r"coefs_([0-9]+)"), r"intercepts_\1", True),
)
"""Names of weights, the names of the biases beside them, and whether their rows are inputs, as Keras and
scikit-learn store them, rather than units, as PyTorch does."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A layer of a file: its tensor of weights, or the prefix of its tensors, and what is said about it.

    `bias` defaults to the tensor beside the weights (`fc.bias` for `fc.weight`), then to zeros; `transpose`
    (each row of the tensor is an input, not a unit) to what programs that name tensors so do. `at` is where
    the spec says it.
    """

    weights: str
    bias: str = ""
    transpose: bool | None = None
    name: str = ""
    units: tuple[str, ...] = ()
    activation: Activation | None = None
    at: Position | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What is said about a file of weights. Without `layers` the order is derived from the shapes.

    `ignored` tensors, or all with such a prefix, are in no layer. `n_inputs` is None where it is not known.
    """

    layers: tuple[Stored, ...] | None = None
    activations: tuple[Activation, ...] | None = None
    n_inputs: int | None = None
    ignored: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether nothing is said about layers."""
        return self.layers is None and self.activations is None and not self.ignored


@dataclass(frozen=True, slots=True)
class _Found:
    """A layer with its tensors."""

    said: Stored
    weights: Tensor
    bias: Tensor | None
    transpose: bool

    @property
    def widths(self) -> tuple[int, int]:
        """The numbers of inputs and of units."""
        out, into = self.weights.shape
        return (out, into) if self.transpose else (into, out)

    def fits(self) -> bool:
        return self.bias is None or self.bias.shape == (self.widths[1],)

    def turned(self) -> "_Found":
        return _Found(self.said, self.weights, self.bias, not self.transpose)

    def problem(self, code: str, message: str, hint: str = "") -> Problem:
        return Problem(code, message, hint, position=self.said.at)


def arranged(tensors: Mapping[str, Tensor], layout: Layout) -> tuple[Stored, ...]:
    """Return the layers in order: those that the layout names, else those that the shapes admit.

    Raises:
        InputError: E306 where the shapes admit no order or several, or a tensor is left over.
    """
    if layout.layers is not None:
        return layout.layers
    ignored = _ignored(tensors, layout.ignored)
    names = [name for name in tensors if _convention(name) and name not in ignored]
    found = [_find(tensors, Stored(name)) for name in names]
    used = _used(found)
    left = [tensor for name, tensor in tensors.items() if name not in used | ignored]
    if not names or left or len(names) > MAX_DERIVED:
        unclear = show_tensors(left or tensors.values())
        message = f"the layers cannot be told from the names of the tensors: {unclear}"
        hint = "name them, first to last:  layers: [{weights: TENSOR, bias: TENSOR}]"
        aside = "; or leave out what is in no layer:  ignore: [TENSOR]" if names and left else ""
        raise input_error("E306", message, hint + aside)
    flat = [layer for layer in found if len(layer.weights.shape) != 2]
    if flat:
        raise input_error(
            "E301", f"expected matrices of weights, got {show_tensors(t.weights for t in flat)}"
        )
    orders = _orders(found, layout.n_inputs)
    if len(orders) == 1:
        return tuple(layer.said for layer in orders[0])
    held = show_tensors(tensors.values())
    if orders:
        first, second = (", ".join(layer.weights.name for layer in order) for order in orders)
        message = f"the shapes admit more than one order of layers, {first} and {second}: {held}"
        raise input_error("E306", message, f"name them:  layers: [{first}]")
    turned = _orders([layer.turned() for layer in found], layout.n_inputs)
    hint = "each row of the weights seems to be an input:  layers: [{weights: TENSOR, transpose: true}]"
    given = f" and inputs (n = {layout.n_inputs})" if layout.n_inputs is not None else ""
    raise input_error("E301", f"no order of layers fits the shapes{given}: {held}", hint if turned else "")


def _orders(layers: Sequence[_Found], n_inputs: int | None) -> tuple[tuple[_Found, ...], ...]:
    """Return the orders in which each layer takes what the one before gives: all if there is at most one,
    else two of them."""

    @cache
    def orders(rest: frozenset[int], width: int | None) -> tuple[tuple[int, ...], ...]:
        if not rest:
            return ((),)
        some: list[tuple[int, ...]] = []
        for i in sorted(rest):
            into, out = layers[i].widths
            if width in (None, into) and len(some) < 2:
                some += [(i, *order) for order in orders(rest - {i}, out)]
        return tuple(some[:2])

    if not all(layer.fits() for layer in layers):
        return ()
    return tuple(tuple(layers[i] for i in order) for order in orders(frozenset(range(len(layers))), n_inputs))


def tensors_to_network(tensors: Mapping[str, Tensor], layout: Layout) -> tuple[Network, tuple[str, ...]]:
    """Return the network of the layers that the layout names, and the names of the tensors in no layer.

    Raises:
        InputError: everything that does not fit: E306 for names, E301 for shapes, E103 for activations.
    """
    problems: list[Problem] = []
    found: list[_Found] = []
    for said in arranged(tensors, layout):
        try:
            found.append(_find(tensors, said))
        except InputError as error:
            problems += error.problems
    activations = _activations([layer.said for layer in found], layout) if not problems else []
    if not problems:
        problems = _shared(found) or _misfits(found, layout.n_inputs)
    used, ignored = _used(found), _ignored(tensors, layout.ignored)
    both = ", ".join(map(printable, sorted(used & ignored)))
    problems += [Problem("E306", f"{both}: used by a layer, so it cannot be ignored")] if both else []
    problems += _normalised(tensors, used | ignored)
    if problems:
        raise InputError(problems)
    steps: list[Step] = []
    for layer, activation in zip(found, activations, strict=True):
        W = matrix(layer.weights, layer.transpose)
        b = vector(layer.bias) if layer.bias is not None else (Fraction(0),) * len(W)
        steps += [Affine(W, b, f"tensor {printable(layer.weights.name)}"), activation]
    names = [layer.said.name or name for layer, name in zip(found, default_names(len(found)), strict=True)]
    network = network_of(steps, names, [layer.said.units for layer in found])
    return network, tuple(name for name in tensors if name not in used)


def _used(found: Sequence[_Found]) -> set[str]:
    return {tensor.name for layer in found for tensor in (layer.weights, layer.bias) if tensor is not None}


def _ignored(tensors: Mapping[str, Tensor], said: Sequence[str]) -> set[str]:
    """Return the tensors that are left out, by their names or by what comes before a . / or _ in them.

    Raises:
        InputError: E306, nothing has such a name.
    """
    found: set[str] = set()
    for name in said:
        fitting = {each for each in tensors if each == name or re.match(rf"{re.escape(name)}[./_]", each)}
        if not fitting:
            held = show_tensors(tensors.values())
            message = f"no tensor {printable(name)} to ignore: the file holds {held}"
            raise input_error("E306", message, suggest(name, tensors))
        found |= fitting
    return found


def _normalised(tensors: Mapping[str, Tensor], known: set[str]) -> list[Problem]:
    """Return the complaint that layers are named, and a normalisation between them is not: a vector of
    weights, or statistics of a batch."""
    left = [
        name
        for name, tensor in tensors.items()
        if name not in known
        and (name.rpartition(".")[2] in _STATISTICS or (len(tensor.shape) == 1 and _convention(name)))
    ]
    if not left:
        return []
    message = f"{', '.join(map(printable, left))} stand for a normalisation, which is in no layer"
    hint = "fold it into the weights before; if it is no part of the network:  ignore: [TENSOR]"
    return [Problem("E306", message, hint)]


def _activations(layers: Sequence[Stored], layout: Layout) -> list[Activation]:
    if layout.activations is not None:
        twice = [layer for layer in layers if layer.activation is not None]
        if twice:
            message = f"layer {twice[0].weights} has an activation of its own beside the list"
            raise InputError([Problem("E104", message, position=twice[0].at)])
        if len(layout.activations) != len(layers):
            named = ", ".join(layer.weights for layer in layers)
            message = (
                f"expected {len(layers)} activations, one per layer ({named}), got {len(layout.activations)}"
            )
            raise input_error("E301", message, "the last layer's may be identity")
        return list(layout.activations)
    missing = [
        Problem("E103", f"layer {layer.weights}: its activation is not in the file", position=layer.at)
        for layer in layers
        if layer.activation is None
    ]
    if missing:
        example = ", ".join([*["relu"] * (len(layers) - 1), "identity"])
        named = ", ".join(layer.weights for layer in layers)
        message = f"the file says no activations; expected one per layer ({named})"
        hint = f"write which, such as  activations: [{example}]"
        raise InputError(missing if len(missing) < len(layers) else [Problem("E103", message, hint)])
    return [layer.activation for layer in layers if layer.activation is not None]


def _find(tensors: Mapping[str, Tensor], said: Stored) -> _Found:
    """Return a layer with its tensors."""
    held = f"the file holds {show_tensors(tensors.values())}"
    fitting = [tensor for name, tensor in tensors.items() if said.weights in (name, _prefix(name))]
    if not fitting:
        known = [*tensors, *{prefix: None for name in tensors if (prefix := _prefix(name))}]
        message = f"no tensor {said.weights}: {held}"
        raise InputError([Problem("E306", message, suggest(said.weights, known), position=said.at)])
    if len(fitting) > 1:
        message = f"more than one tensor goes by the name {said.weights}: {show_tensors(fitting)}"
        whole = next(tensor.name for tensor in fitting if tensor.name != said.weights)
        hint = f"name the one that is meant, such as {printable(whole)}, or rename"
        raise InputError([Problem("E306", message, hint, position=said.at)])
    weights = fitting[0]
    beside, transposed = _convention(weights.name) or ("", False)
    if said.bias and said.bias not in tensors:
        message = f"no tensor {said.bias}: {held}"
        raise InputError([Problem("E306", message, suggest(said.bias, tensors), position=said.at)])
    alike = [tensor for name, tensor in tensors.items() if (_convention(name) or ("",))[0] == beside != ""]
    if not said.bias and beside in tensors and len(alike) > 1:
        message = f"tensor {printable(beside)} is by name the bias of more than one: {show_tensors(alike)}"
        hint = f"rename tensors, or say whose it is:  {{weights: TENSOR, bias: {printable(beside)}}}"
        raise InputError([Problem("E306", message, hint, position=said.at)])
    transpose = transposed if said.transpose is None else said.transpose
    return _Found(said, weights, tensors.get(said.bias or beside), transpose)


def _convention(name: str) -> tuple[str, bool] | None:
    """Return the bias that goes by name with weights, and whether such weights are transposed."""
    for pattern, bias, transposed in _CONVENTIONS:
        match = pattern.fullmatch(name)
        if match is not None:
            return match.expand(bias), transposed
    return None


def _prefix(name: str) -> str:
    """Return what a layer is called whose weights have this name: `fc1` for `fc1.weight`; none is empty."""
    return (
        re.split(r"[./_](?=[^./_]*$)", name)[0] if _convention(name) and not name.startswith("coefs_") else ""
    )


def _shared(layers: Sequence[_Found]) -> list[Problem]:
    """Return a problem for every bias that two different layers have; one layer may stand twice."""
    owners: dict[str, _Found] = {}
    problems = []
    for layer in layers:
        if layer.bias is None:
            continue
        owner = owners.setdefault(layer.bias.name, layer)
        if (owner.weights.name, owner.transpose) != (layer.weights.name, layer.transpose):
            both = f"{printable(owner.weights.name)} and {printable(layer.weights.name)}"
            message = f"tensor {printable(layer.bias.name)} is the bias of two layers: {both}"
            problems.append(layer.problem("E306", message))
    return problems


def _misfits(layers: Sequence[_Found], n_inputs: int | None) -> list[Problem]:
    """Return what is wrong with shapes, with a hint where transposing would mend it."""
    problems = []
    width, below = n_inputs, "the spec names"
    for layer in layers:
        name, shape = printable(layer.weights.name), shown(layer.weights)
        if len(layer.weights.shape) != 2 or not layer.weights.values.size:
            problems.append(layer.problem("E301", f"tensor {name}: expected a matrix, got the shape {shape}"))
            width = None
            continue
        into, out = layer.widths
        turned = layer.turned()
        mends = turned.fits() and width in (None, turned.widths[0])
        hint = f"write transpose: {str(turned.transpose).lower()}" if mends else ""
        if layer.bias is not None and not layer.fits():
            counts = f"the bias {printable(layer.bias.name)} has the shape {shown(layer.bias)}"
            problems.append(layer.problem("E301", f"tensor {name} ({shape}) has {out} units, {counts}", hint))
        elif width is not None and into != width:
            message = f"tensor {name} ({shape}) takes {into} inputs, but {below} {width}"
            problems.append(layer.problem("E301", message, hint))
        width, below = out, f"{name} has"
    return problems
