"""`network`, naming a file → what the file holds, with what the spec says about it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from verifier.errors import InputError
from verifier.importers.layout import Layout, Stored
from verifier.network import Activation, Network, Origin
from verifier.spec.network_file import read_network_file
from verifier.spec.nodes import Mapping, Node, Scalar, scalars
from verifier.spec.nodes_to_network import read_activation
from verifier.spec.problems import Problems

T = TypeVar("T")


def names_file(root: Node) -> bool:
    """Return whether the network of a document is in a file, rather than written out (or missing)."""
    node = root.get("network") if isinstance(root, Mapping) else None
    return bool(isinstance(node, Scalar) and node.text) or (
        isinstance(node, Mapping) and "file" in node.items
    )


def read_import(root: Mapping, n_inputs: int | None, folder: Path, problems: Problems) -> Network | None:
    """Return the network in the file; None if it, or what is said about it, is faulty.

    A relative path is looked up in `folder`. Problems are located in the spec, and name the file.
    """
    node = root.get("network")
    file = node if isinstance(node, Scalar) else node.scalar("file") if isinstance(node, Mapping) else None
    if node is None or file is None:
        return None
    layout, digest = Layout(n_inputs=n_inputs), ""
    if isinstance(node, Mapping):
        said = _layout(node, n_inputs, problems)
        pinned = node.scalar("sha256")
        if said is None or not node.sound:
            return None
        layout, digest = said, pinned.text.lower() if pinned else ""
    try:
        imported = read_network_file(folder / file.text, layout, digest)
    except InputError as error:
        for problem in error.problems:
            if problem.path:
                problems.locate(InputError([problem]), file)
            else:
                named = "" if problem.code == "E108" else f"{file.text}: "
                place = problem.position or file.position
                problems.add(problem.code, named + problem.message, place, problem.hint)
        return None
    if n_inputs not in (None, imported.network.n):
        message = f"{file.text}: the network takes {imported.network.n} inputs, but the spec names {n_inputs}"
        problems.add("E301", message, file.position)
        return None
    origin = Origin(file.text, imported.format, imported.sha256, imported.unused)
    return Network(imported.network.layers, origin)


def _layout(node: Mapping, n_inputs: int | None, problems: Problems) -> Layout | None:
    """Return what is said about layers and activations; None if something in it is faulty."""
    listed, named = node.sequence("layers"), node.sequence("activations")
    layers = _each(listed.items, lambda item: _stored(item, problems)) if listed else None
    activations = _each(named.items, lambda item: _activation(item, problems)) if named else None
    if (listed and layers is None) or (named and activations is None):
        return None
    ignored = tuple(item.text for item in scalars(node.sequence("ignore")))
    return Layout(layers, activations, n_inputs, ignored)


def _each(nodes: tuple[Node, ...], read: Callable[[Node], T | None]) -> tuple[T, ...] | None:
    """Return what every node is read as; None if one of them is faulty."""
    read_all = [read(node) for node in nodes]
    sound = tuple(value for value in read_all if value is not None)
    return sound if len(sound) == len(read_all) else None


def _activation(node: Node, problems: Problems) -> Activation | None:
    match node:
        case Scalar(kind):
            return problems.attempt(node, lambda: read_activation(kind, Mapping({}, node.position)))
        case Mapping() if node.sound and (named := node.scalar("activation")) is not None:
            return problems.attempt(named, lambda: read_activation(named.text, node))
        case _:
            return None


def _stored(node: Node, problems: Problems) -> Stored | None:
    if isinstance(node, Scalar):
        return Stored(node.text, at=node.position)
    if not isinstance(node, Mapping) or not node.sound:
        return None
    weights, bias, name, transpose = map(node.scalar, ("weights", "bias", "name", "transpose"))
    assert weights is not None
    stored = Stored(
        weights.text,
        bias.text if bias else "",
        transpose.text == "true" if transpose else None,
        name.text if name else "",
        tuple(unit.text for unit in scalars(node.sequence("units"))),
        at=node.position,
    )
    if not set(node.items) & {"activation", "tie", "slope", "low", "high"}:
        return stored
    activation = _activation(node, problems)
    if activation is None and node.scalar("activation") is None:
        problems.add("E103", "missing key activation", node.position, "its parameters are given")
    return replace(stored, activation=activation) if activation else None
