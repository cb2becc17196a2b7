"""Text of a YAML or JSON file → its root node."""

from verifier.errors import Position
from verifier.spec import json_to_nodes, yaml_to_nodes
from verifier.spec.files import CONFLICT, conflict_in
from verifier.spec.nodes import Node
from verifier.spec.problems import Problems


def read_nodes(text: str, path: str, problems: Problems) -> Node:
    """Return the root; a path that ends in `.json` is JSON, any other YAML.

    Raises:
        InputError: E101, not a document, an empty one, or one with a merge conflict in it.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    place = conflict_in(text)
    if place is not None:
        problems.add("E101", CONFLICT, place)
        raise problems.error()
    parse = json_to_nodes.parse if path.lower().endswith(".json") else yaml_to_nodes.parse
    node = parse(text, problems)
    if node is None and not problems:
        problems.add("E101", "expected a spec, got an empty file", Position(1, 1))
    if node is None:
        raise problems.error()
    return node
