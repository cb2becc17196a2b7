"""What is written loads back to the same values, in YAML and in JSON."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.importers.layout import Layout, Stored
from verifier.network import Activation, Layer, Network
from verifier.notation import exact
from verifier.spec import load, loads
from verifier.spec.network_file import read_network_file
from verifier.spec.nodes import Mapping, Node, Scalar, Sequence
from verifier.spec.problems import Problems
from verifier.spec.text_to_nodes import read_nodes
from verifier.spec.write import (
    network_text,
    shortest,
    spec_text,
    text_of,
    written_explanation,
    written_file,
    written_inputs,
    written_network,
    written_output,
)

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.circuit.yaml"))
SHA = "0" * 64


def plain(node: Node) -> object:
    match node:
        case Scalar(text):
            return text
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(items):
            return {key: plain(value) for key, (_, value) in items.items()}
    raise AssertionError(node)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12)
texts |= st.text("ab~&|!:#-> ,[]{}()'\"*%@`x1.0", max_size=12)
documents = st.recursive(
    texts, lambda part: st.lists(part, max_size=3) | st.dictionaries(texts, part, max_size=3), max_leaves=8
)


@pytest.mark.parametrize("as_json", [False, True])
@settings(max_examples=150, deadline=None)
@given(document=st.dictionaries(texts, documents, min_size=1, max_size=4))
def test_any_document_is_read_as_it_was_written(as_json: bool, document: dict[str, object]) -> None:
    problems = Problems("x.json" if as_json else "x.yaml")
    text = text_of(document, as_json)  # type: ignore[arg-type]
    read = read_nodes(text, problems.path, problems)
    assert not problems, problems.error()
    assert plain(read) == document


@settings(max_examples=100, deadline=None)
@given(st.fractions() | st.floats(allow_nan=False, allow_infinity=False).map(Fraction))
def test_a_number_is_written_exactly_and_no_longer_than_as_a_fraction(value: Fraction) -> None:
    assert exact(shortest(value)) == value
    assert len(shortest(value)) <= len(str(value))


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name.partition(".")[0])
def test_a_spec_written_out_again_says_the_same(path: Path, as_json: bool) -> None:
    spec = load(path)
    document = {
        "inputs": written_inputs(spec.domain.inputs),
        "network": written_network(spec.network),
        "output": written_output(spec.decoding, spec.network),
        "tolerance": str(spec.decoding.tolerance),
        "explanations": {
            entry.explanation.name: written_explanation(
                entry.explanation, spec.network, spec.decoding.tolerance
            )
            for entry in spec.entries
        },
    }
    again = loads(spec_text(document, as_json), "x.json" if as_json else "x.yaml")
    assert again.domain.inputs == spec.domain.inputs
    assert (again.network, again.decoding) == (spec.network, spec.decoding)
    assert [entry.explanation for entry in again.entries] == [entry.explanation for entry in spec.entries]


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_network_file_loads_back(suffix: str, tmp_path: Path) -> None:
    layers = [
        Layer.of("ha", [[0.1, "1/3"], [1e-300, 3]], [0.5, 0], Activation("leaky_relu", slope=Fraction(0.01))),
        Layer.of("hb", [[1, 2]], None, Activation("step", tie=1), ["null"]),
        Layer.of("y", [[1]], None, Activation("clip", low=Fraction(-1, 3), high=Fraction(6))),
    ]
    network = Network(layers)
    path = tmp_path / f"net.{suffix}"
    source = {"file": "a: b #.onnx", "format": "onnx", "sha256": SHA}
    path.write_text(network_text(network, source, suffix == "json"), encoding="utf-8")
    imported = read_network_file(path)
    assert (imported.network, imported.format) == (network, "network")


def test_a_file_is_named_with_what_is_said_about_it() -> None:
    named = Stored("fc2", transpose=True, name="y", units=("yes",))
    activations = (Activation("relu"), Activation("clip", low=Fraction(0), high=Fraction(1, 3)))
    assert written_file("w.npz", SHA, Layout((Stored("fc1"), named), activations)) == {
        "file": "w.npz",
        "sha256": SHA,
        "layers": ["fc1", {"weights": "fc2", "transpose": True, "name": "y", "units": ["yes"]}],
        "activations": ["relu", {"activation": "clip", "low": "0", "high": "1/3"}],
    }
