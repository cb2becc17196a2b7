"""`output` → Decoding."""

from fractions import Fraction

from verifier.decoding import Decoding, argmax, parse_output
from verifier.errors import Position
from verifier.network import Network
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
