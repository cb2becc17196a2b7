"""`enumerate` → Enumeration: the space to list, and what the list is expected to hold."""

from collections.abc import Sequence
from typing import cast

from verifier.checks import Check
from verifier.errors import InputError
from verifier.explanation import Feature, parse_feature
from verifier.library import ANY, Library
from verifier.network import Network
from verifier.notation import suggest
from verifier.space import REQUIREMENTS, SITES, Readouts, Space
from verifier.spec import scalars
from verifier.spec.nodes import Mapping, Scalar
from verifier.spec.nodes import Sequence as Items
from verifier.spec.nodes import scalars as scalars_of
from verifier.spec.nodes_to_explanations import Context
from verifier.spec.problems import Problems
from verifier.spec.spec import Enumeration, Listing


def read_enumeration(root: Mapping, context: Context, problems: Problems) -> Enumeration | None:
    """Return the section; None if there is none, or it is faulty."""
    node = root.mapping("enumerate")
    if node is None:
        return None
    key = root.items["enumerate"][0]
    expect = node.mapping("expect")
    listing = _listing(expect, root, problems) if expect else Listing()
    network = context.network
    layer, features, coefficients = (node.scalar(k) for k in ("layer", "features", "coefficients"))
    place = _place(layer, network, problems)
    units = network.layer(place).units if network is not None and place is not None else None
    used, unused = (_units(node.sequence(k), units, problems) for k in ("must_use", "must_not_use"))
    told = node.scalar("readouts")
    readouts: Readouts = "threshold" if told is not None and told.text == "threshold" else "linear"
    given = _given(node.mapping("given"), context, place, readouts, problems)
    gates, output_gates = (_library(node, k, problems) for k in ("gates", "output_gates"))
    if layer is None or features is None or not node.sound:
        return None
    require = tuple(cast("Check", item.text) for item in scalars_of(node.sequence("require")))
    try:
        space = Space(
            layer.text,
            scalars.count(features.text),
            scalars.coefficients(coefficients.text) if coefficients else None,
            "polarity" in [item.text for item in scalars_of(node.sequence("up_to"))],
            require or REQUIREMENTS[-1],
            gates,
            output_gates,
            used,
            unused,
            given,
            readouts,
        )
        if network is not None and place is not None and not problems:
            space.place(network)
    except InputError as error:
        problems.locate(error, key)
        return None
    return Enumeration(space, listing, key.position)


def _place(layer: Scalar | None, network: Network | None, problems: Problems) -> int | None:
    """Return the place of the layer, which must be a hidden one."""
    if layer is None or network is None:
        return None
    hidden = [one.name for one in network.layers[:-1]]
    if layer.text not in hidden:
        hint = suggest(layer.text, hidden) or f"hidden layers: {', '.join(hidden) or 'none'}"
        problems.add(
            "E104", f"expected a hidden layer of the network, got {layer.text}", layer.position, hint
        )
        return None
    return network.place_of(layer.text)


def _units(node: Items | None, units: Sequence[str] | None, problems: Problems) -> tuple[str, ...]:
    items = scalars_of(node)
    for item in items:
        if units is not None and item.text not in units:
            problems.add("E205", f"unknown unit {item.text}", item.position, suggest(item.text, units))
    return tuple(item.text for item in items)


def _given(
    node: Mapping | None, context: Context, place: int | None, readouts: Readouts, problems: Problems
) -> tuple[Feature, ...]:
    features = []
    for name, (key, value) in node.items.items() if node else ():
        if not isinstance(value, Scalar) or context.network is None or context.inputs is None:
            continue
        if name in context.inputs.names:
            problems.add("E105", f"the given feature {name} has the name of an input", key.position)
        try:
            feature = parse_feature(name, value.text, context.network, context.inputs.names)
        except InputError as error:
            problems.locate(error, value)
            continue
        site = feature.site
        if site is not None and (not isinstance(site, SITES[readouts]) or place not in (None, site.layer)):
            example = "h1 - h3" if readouts == "linear" else "h1 - h3 > 1/2"
            message = f"expected {name} to be a {readouts} readout of the layer of the space, as {example}"
            problems.add("E506", message, value.position)
        features.append(feature)
    return tuple(features)


def _library(root: Mapping, key: str, problems: Problems) -> Library:
    """Return the gates a list of kinds, or {kinds, fan_in}, allows."""
    node = root.get(key)
    if node is None:
        return ANY
    kinds = node if isinstance(node, Items) else node.sequence("kinds") if isinstance(node, Mapping) else None
    most = node.scalar("fan_in") if isinstance(node, Mapping) else None
    texts = tuple(item.text for item in scalars_of(kinds)) or ("any",)
    try:
        return Library(texts, int(most.text) if most else None)
    except InputError as error:
        problems.locate(error, kinds or node)
        return ANY


def _listing(node: Mapping, root: Mapping, problems: Problems) -> Listing:
    explanations = root.mapping("explanations")
    contains = scalars_of(node.sequence("contains"))
    for item in contains:
        if "explanations" not in root.items or (explanations and item.text not in explanations.items):
            hint = suggest(item.text, explanations.items if explanations else ())
            problems.add(
                "E104", f"expected an explanation of this file, got {item.text}", item.position, hint
            )
    count, classes, complete = node.scalar("count"), node.scalar("classes"), node.scalar("complete")
    return Listing(
        _integer(count),
        _integer(classes),
        tuple(item.text for item in contains),
        complete.text == "true" if complete else None,
    )


def _integer(node: Scalar | None) -> int | None:
    return int(node.text) if node else None
