"""`output` → Decoding."""

from fractions import Fraction

from verifier.decoding import Decoding, argmax, parse_output
from verifier.domain import Domain
from verifier.errors import Position
from verifier.network import Network
from verifier.spec.data import shown
from verifier.spec.nodes import Faulty, Mapping, Scalar, Sequence, scalars
from verifier.spec.nodes_to_domain import Inputs
from verifier.spec.problems import Problems


def read_decoding(
    root: Mapping, network: Network | None, inputs: Inputs | None, tolerance: Fraction, problems: Problems
) -> Decoding | None:
    """Return the decoding; None if it, or the network, is faulty."""
    node = root.get("output")
    if node is None or isinstance(node, Faulty) or network is None:
        return None
    if isinstance(node, Scalar) and node.text.strip() == "argmax":
        decoding = problems.attempt(node, lambda: argmax(network, tolerance))
        places = [node.position] * len(decoding.names) if decoding else []
    else:
        decoding, places = _outputs(node, network, tolerance, problems)
    if decoding is None:
        return None
    sound = True
    for i, (name, place) in enumerate(zip(decoding.names, places, strict=True)):
        if name in decoding.names[:i]:
            problems.add("E105", f"two outputs are named {name}", place)
            sound = False
        elif inputs is not None and name in inputs.names:
            hint = "give it another name:  output: {NAME: FORM}"
            problems.add("E105", f"the output {name} has the name of an input", place, hint)
            sound = False
    return decoding if sound else None


def check_labels(root: Mapping, domain: Domain | None, decoding: Decoding | None, problems: Problems) -> None:
    """Complain of the first label of the data file that stands for no output bits."""
    rows = root.get("rows")
    node = rows.scalar("label") if isinstance(rows, Mapping) else None
    label = domain.source.label if domain is not None and domain.source is not None else None
    if node is None or label is None or domain is None or decoding is None:
        return
    cells = {cell for _, cell, _ in label.told}
    unclear = cells - decoding.meanings(cells).keys()
    if unclear:
        x, cell = next((x, cell) for x, cell, _ in label.told if cell in unclear)
        many = len(decoding.names)
        last = f"0 to {many - 1}, or {decoding.names[0]} to {decoding.names[-1]}"
        expected = "0 or 1 (or throughout -1 or 1)" if many == 1 else last
        column = f"{domain.origin(x)}, column {label.column}"
        message = f"{column}: expected the label {expected}, got {shown(cell)}"
        problems.add("E402", message, node.position)


def _outputs(
    node: Scalar | Sequence | Mapping, network: Network, tolerance: Fraction, problems: Problems
) -> tuple[Decoding | None, list[Position]]:
    """Return the decoding and the place of every name in it."""
    forms: list[tuple[str | None, Scalar, Position]] = []
    match node:
        case Scalar():
            forms = [(None, node, node.position)]
        case Sequence():
            forms = [(None, item, item.position) for item in scalars(node)]
        case Mapping(items):
            if not node.sound:
                return None, []
            forms = [
                (name, form, key.position) for name, (key, form) in items.items() if isinstance(form, Scalar)
            ]
    outputs = [
        problems.attempt(form, lambda name=name, form=form: parse_output(form.text, network, name))  # type: ignore[misc]
        for name, form, _ in forms
    ]
    whole = tuple(output for output in outputs if output is not None)
    if len(whole) < len(forms):
        return None, []
    return Decoding(whole, tolerance), [place for _, _, place in forms]
