"""Path of a file with a network → what it holds: the only place that opens such files."""

from hashlib import sha256
from pathlib import Path

from verifier.errors import InputError, input_error
from verifier.importers.layout import Layout
from verifier.importers.pointer import refuse_pointer
from verifier.importers.read import Imported, read_weights, refuse_suffix
from verifier.network import Network
from verifier.spec.files import decode, read_bytes
from verifier.spec.models import NetworkFile
from verifier.spec.nodes import Mapping
from verifier.spec.nodes_to_network import read_network
from verifier.spec.problems import Problems
from verifier.spec.text_to_nodes import read_nodes
from verifier.spec.validate import validate

TEXTS = (".yaml", ".yml", ".json")


def read_network_file(path: Path, layout: Layout | None = None, digest: str = "") -> Imported:
    """Return the network of a file: weights in binary, or a network file in YAML or JSON.

    Args:
        layout: what is said about layers and activations; default nothing.
        digest: the sha256 that the file must have; empty for any.

    Raises:
        InputError: E108, E302, E306, or what is wrong inside; of a text with its path and place, else
            without a path.
    """
    layout = layout or Layout()
    refuse_suffix(path)
    data = read_bytes(path)
    refuse_pointer(data, "E306")
    found = sha256(data).hexdigest()
    if digest not in ("", found):
        raise input_error("E306", f"expected the sha256 {digest}, got {found}", "the file is another one")
    if path.suffix.lower() not in TEXTS:
        return read_weights(data, path, layout)
    if not layout.silent:
        hint = "leave out layers and activations"
        raise input_error("E104", "a network file says itself what its layers are", hint)
    return Imported(loads_network(data, path), "network", found)


def loads_network(data: bytes, path: Path) -> Network:
    """Return the network in the text of a network file; `path` tells the format and is what problems name.

    Raises:
        InputError: everything wrong with it, in its order.
    """
    problems = Problems(str(path))
    try:
        node = read_nodes(decode(data, "E101"), str(path), problems)
    except InputError as error:
        raise InputError(p.at(str(path), p.position) for p in error.problems) from None
    root = validate(node, NetworkFile, problems)
    network = read_network(root, None, problems) if isinstance(root, Mapping) else None
    if problems or network is None:
        raise problems.error()
    return network
