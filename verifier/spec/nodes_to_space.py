"""`enumerate` → Space: what an enumeration ranges over and what it is expected to list."""

from verifier.network import Network
from verifier.notation import suggest
from verifier.spec import scalars
from verifier.spec.nodes import Mapping, Scalar
from verifier.spec.nodes import scalars as scalars_of
from verifier.spec.problems import Problems
from verifier.spec.spec import Listing, Space


def read_space(root: Mapping, network: Network | None, problems: Problems) -> Space | None:
    """Return the space; None if there is none, or it is faulty."""
    node = root.mapping("enumerate")
    if node is None:
        return None
    layer = node.scalar("layer")
    if layer is not None and network is not None and network.place_of(layer.text) is None:
        hint = suggest(layer.text, [layer.name for layer in network.layers])
        problems.add("E104", f"expected a layer of the network, got {layer.text}", layer.position, hint)
    expect = node.mapping("expect")
    listing = _listing(expect, root, problems) if expect else Listing()
    features, coefficients = node.scalar("features"), node.scalar("coefficients")
    if layer is None or features is None:
        return None
    return Space(
        layer.text,
        scalars.count(features.text),
        scalars.coefficients(coefficients.text) if coefficients else None,
        tuple(item.text for item in scalars_of(node.sequence("up_to"))),
        listing,
        root.items["enumerate"][0].position,
    )


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
