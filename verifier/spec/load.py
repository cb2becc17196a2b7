"""Spec file → Spec: text → nodes → nodes that conform → values, every problem at once."""

from hashlib import sha256
from pathlib import Path

from verifier.errors import InputError, input_error
from verifier.importers.read import SUFFIXES
from verifier.spec.files import decode, read_bytes
from verifier.spec.models import Document, ReferringDocument
from verifier.spec.nodes import Mapping, Node, positions
from verifier.spec.nodes_to_concepts import read_concepts
from verifier.spec.nodes_to_decoding import check_labels, read_decoding
from verifier.spec.nodes_to_domain import read_domain, read_inputs
from verifier.spec.nodes_to_enumeration import read_enumeration
from verifier.spec.nodes_to_explanations import Context, read_entries
from verifier.spec.nodes_to_import import names_file, read_import
from verifier.spec.nodes_to_network import read_network
from verifier.spec.nodes_to_options import read_options
from verifier.spec.problems import Problems
from verifier.spec.scalars import tolerance
from verifier.spec.spec import Spec
from verifier.spec.text_to_nodes import read_nodes
from verifier.spec.validate import validate

WEIGHTS = (*SUFFIXES, ".npy", ".onnx")
IMPORT = (
    "`verifier import` writes a spec for a file of weights, `verifier suggest` looks for explanations of it"
)


def load(path: str | Path) -> Spec:
    """Return what a spec file says; a name that ends in `.json` is JSON, any other YAML.

    Raises:
        InputError: everything wrong with the file, in its order, and with the data file it names.
    """
    try:
        data = read_bytes(Path(path), regular=False)
        if Path(path).suffix.lower() in WEIGHTS:
            raise input_error("E101", "expected a spec, got weights", IMPORT)
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
    node = _of_this_version(read_nodes(text, path, problems), problems)
    root = validate(node, ReferringDocument if names_file(node) else Document, problems)
    if not isinstance(root, Mapping):
        raise problems.error()
    return _build(root, path, digest, problems)


def _of_this_version(node: Node, problems: Problems) -> Node:
    """Return the root.

    Raises:
        InputError: another version of the format, about whose keys nothing is known.
    """
    version = node.scalar("spec") if isinstance(node, Mapping) else None
    if version is not None and not (version.plain and version.text == "1"):
        got = (version.text or "nothing") if version.plain else f'"{version.text}"'
        problems.add(
            "E107", f"expected version 1 of the format, got {got}", version.position, "write  spec: 1"
        )
        raise problems.error()
    return node


def _build(root: Mapping, path: str, digest: str, problems: Problems) -> Spec:
    title, distance = root.scalar("title"), root.scalar("tolerance")
    inputs = read_inputs(root, problems)
    folder = Path(path).parent
    domain = read_domain(root, inputs, folder, problems)
    n_inputs = len(inputs.names) if inputs else None
    if names_file(root):
        network = read_import(root, n_inputs, folder, problems)
    else:
        network = read_network(root.mapping("network"), n_inputs, problems)
    near = tolerance(distance.text if distance else "0")
    decoding = read_decoding(root, network, inputs, near, problems)
    context = Context(inputs, network, decoding, near)
    entries = read_entries(root, context, problems)
    check_labels(root, domain, decoding, problems)
    concepts = read_concepts(root, context, problems)
    section = read_enumeration(root, context, problems)
    if problems or network is None or domain is None or decoding is None:
        raise problems.error()
    places = dict(positions(root))
    return Spec(
        path,
        digest,
        " ".join(title.text.split()) if title else "",
        network,
        domain,
        decoding,
        entries,
        section,
        places,
        concepts,
        read_options(root.mapping("options")),
    )
