"""Spec file → Spec: text → nodes → nodes that conform → values, every problem at once."""

from hashlib import sha256
from pathlib import Path

from verifier.errors import InputError, Position
from verifier.spec import json_to_nodes, yaml_to_nodes
from verifier.spec.files import decode, read_bytes
from verifier.spec.nodes import Faulty, Mapping, Node, Scalar, positions
from verifier.spec.nodes_to_decoding import read_decoding
from verifier.spec.nodes_to_domain import read_domain, read_inputs
from verifier.spec.nodes_to_enumeration import read_enumeration
from verifier.spec.nodes_to_explanations import Context, read_entries
from verifier.spec.nodes_to_network import read_network
from verifier.spec.problems import Problems
from verifier.spec.scalars import tolerance
from verifier.spec.spec import Spec
from verifier.spec.validate import validate


def load(path: str | Path) -> Spec:
    """Return what a spec file says; a name that ends in `.json` is JSON, any other YAML.

    Raises:
        InputError: everything wrong with the file, in its order, and with the data file it names.
    """
    try:
        data = read_bytes(Path(path))
        text = decode(data, "E101")
    except InputError as error:
        raise InputError(problem.at(str(path), problem.position) for problem in error.problems) from None
    return _read(text, str(path), sha256(data).hexdigest())


def loads(text: str, path: str = "<text>") -> Spec:
    """Return what the text of a spec file says; `path` is what problems name and `rows` is relative to.

    Raises:
        InputError: as `load`.
    """
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return _read(text, path, digest)


def _read(text: str, path: str, digest: str) -> Spec:
    problems = Problems(path)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    parse = json_to_nodes.parse if path.lower().endswith(".json") else yaml_to_nodes.parse
    node = parse(text, problems)
    if node is None and not problems:
        problems.add("E101", "expected a spec, got an empty file", Position(1, 1))
    if node is None:
        raise problems.error()
    root = validate(_of_this_version(node, problems), problems)
    if not isinstance(root, Mapping):
        raise problems.error()
    return _build(root, path, digest, problems)


def _of_this_version(node: Node, problems: Problems) -> Node:
    """Return the root with a network that is not written out made faulty.

    Raises:
        InputError: another version of the format, about whose keys nothing is known.
    """
    if not isinstance(node, Mapping):
        return node
    version = node.scalar("spec")
    if version is not None and not (version.plain and version.text == "1"):
        got = (version.text or "nothing") if version.plain else f'"{version.text}"'
        problems.add(
            "E107", f"expected version 1 of the format, got {got}", version.position, "write  spec: 1"
        )
        raise problems.error()
    network = node.get("network")
    named = isinstance(network, Scalar) and network.text
    if network is None or not (named or (isinstance(network, Mapping) and "file" in network.items)):
        return node
    message = "this version reads networks written in the spec only"
    problems.add("E302", message, network.position, "write the weights under  network: {layers: [...]}")
    items = {**node.items, "network": (node.items["network"][0], Faulty(network.position))}
    return Mapping(items, node.position)


def _build(root: Mapping, path: str, digest: str, problems: Problems) -> Spec:
    title, distance = root.scalar("title"), root.scalar("tolerance")
    inputs = read_inputs(root, problems)
    domain = read_domain(root, inputs, Path(path).parent, problems)
    network = read_network(root, len(inputs.names) if inputs else None, problems)
    near = tolerance(distance.text if distance else "0")
    decoding = read_decoding(root, network, inputs, near, problems)
    context = Context(inputs, network, decoding, near)
    entries = read_entries(root, context, problems)
    section = read_enumeration(root, context, problems)
    if problems or network is None or domain is None or decoding is None:
        raise problems.error()
    places = dict(positions(root))
    return Spec(
        path, digest, title.text if title else "", network, domain, decoding, entries, section, places
    )
