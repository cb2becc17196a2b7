"""The shipped specs hold what they say, and specs/README.md says what the format is."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from ruamel.yaml import YAML

from verifier.checks import CHECKS
from verifier.engine.methods import AUTO_TABLE_INPUTS
from verifier.engine.options import Choice, Options
from verifier.engine.outcome import Exit, SpecReport
from verifier.errors import CODES, InputError
from verifier.explanation import MODES
from verifier.formula import GATES
from verifier.network import KINDS
from verifier.run.check_specs import check_specs
from verifier.spec import json_schema, load, loads
from verifier.verdict import AtLeast

FOLDER = Path(__file__).parent.parent / "specs"
SPECS = sorted(FOLDER.glob("*.circuit.yaml"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")
METHODS: tuple[Choice, ...] = ("table", "bdd", "smt", "all")
_BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
WHOLE = [block for block in _BLOCKS if block.startswith("spec: 1\n")]


def name_of(path: Path) -> str:
    return path.name.removesuffix(".circuit.yaml")


def complaints(report: SpecReport) -> list[str]:
    """Return everything in a report that is not as the spec expects."""
    found = [str(problem) for problem in report.problems] + [report.defect] * bool(report.defect)
    for explanation in report.explanations:
        for checked in explanation.checks:
            if not checked.ok:
                where = f"{explanation.claim.explanation.name}::{checked.result.check}"
                found.append(f"{where}: expected {checked.expected}, got {checked.result.verdict}")
    return found


def keys(schema: Any) -> Iterator[str]:
    """Yield every key that a JSON Schema gives a meaning to."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


def section(title: str) -> str:
    """Return what stands in README.md below a heading of the second level."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", SPECS, ids=name_of)
def test_verdicts_are_as_expected(path: Path, method: Choice) -> None:
    spec = load(path)
    if spec.network.smooth or spec.domain.listed > AUTO_TABLE_INPUTS:  # one method fits, or Z3 does not count
        method = "auto"
    (report,) = check_specs([str(path)], Options(method))
    assert not complaints(report)
    assert report.exit == Exit.OK
    assert len(report.explanations) == len(load(path).entries)


@pytest.mark.parametrize("path", SPECS, ids=name_of)
def test_has_a_true_and_a_false_explanation(path: Path) -> None:
    verdicts = [{expected for _, expected in entry.checks} for entry in load(path).entries]
    assert {"proved"} in verdicts
    assert any("refuted" in expected for expected in verdicts)


@pytest.mark.parametrize("path", SPECS, ids=name_of)
def test_opens_with_one_line_of_comment(path: Path) -> None:
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    assert first.startswith("# ")
    assert second == "spec: 1"


@pytest.mark.parametrize("validator", [Draft7Validator, Draft202012Validator])
@pytest.mark.parametrize("path", SPECS, ids=name_of)
def test_fits_the_json_schema(path: Path, validator: Any) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    document = yaml.load(path.read_text(encoding="utf-8"))
    schema = json_schema()
    validator.check_schema(schema)
    assert not [error.message for error in validator(schema).iter_errors(document)]


def test_the_json_schema_refuses() -> None:
    document = {"spec": 1, "inputs": ["x1"], "network": {"layers": []}, "output": "y", "note": "unknown"}
    assert len(list(Draft7Validator(json_schema()).iter_errors(document))) == 2


def test_the_golden_interchange_accuracies() -> None:
    (report,) = check_specs([str(FOLDER / "xor-relu-exact.circuit.yaml")], Options("table"))
    accuracies = {
        explanation.claim.explanation.name: (share.held, share.total)
        for explanation in report.explanations
        for checked in explanation.checks
        if checked.result.check == "interchange" and (share := checked.result.share) is not None
    }
    assert accuracies == {
        "bob": (16, 16),
        "bob_single": (32, 32),
        "alice": (12, 16),
        "alice_single": (30, 32),
    }


def test_together_the_specs_use_everything() -> None:
    specs = [load(path) for path in SPECS]
    explanations = [entry.explanation for spec in specs for entry in spec.entries]
    sites = [f.site for explanation in explanations for f in explanation.features]
    asked = {check for spec in specs for entry in spec.entries for check in entry.checks}
    assert {a for a in asked if isinstance(a[1], str)} == set(product(CHECKS, ("proved", "refuted")))
    assert any(isinstance(expected, AtLeast) for _, expected in asked)
    assert {layer.activation.kind for spec in specs for layer in spec.network.layers} == set(KINDS)
    assert {explanation.mode for explanation in explanations} == set(MODES)
    assert {type(site).__name__ for site in sites} == {"NoneType", "Linear", "Threshold", "Units"}
    assert any(explanation.writes for explanation in explanations)
    assert any(explanation.tolerance for explanation in explanations)
    assert any(len(explanation.layers) > 1 for explanation in explanations)
    assert any(spec.decoding.argmax for spec in specs)
    assert any(spec.domain.rows is not None for spec in specs)
    assert any(spec.domain.source is not None and spec.domain.source.cuts for spec in specs)
    assert any(spec.domain.low == -1 for spec in specs)


def test_every_data_file_is_used() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SPECS]
    named = {name for text in texts for name in re.findall(r"^rows: .*?(\S+\.csv)", text, re.MULTILINE)}
    assert named == {path.name for path in FOLDER.glob("*.csv")}


def test_readme_has_whole_specs() -> None:
    assert len(WHOLE) >= 2


@pytest.mark.parametrize("text", WHOLE, ids=range(len(WHOLE)))
def test_readme_example(text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.circuit.yaml"
    path.write_text(text, encoding="utf-8")
    if load(path).entries:
        (report,) = check_specs([str(path)], Options("all"))
        assert not complaints(report)
        assert report.exit == Exit.OK


def test_readme_lists_the_error_codes() -> None:
    listed = re.findall(r"^\| (E\d{3}) \|", section("Error codes"), re.MULTILINE)
    assert listed == sorted(CODES)


def test_readme_lists_the_specs() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", section("The specs in this folder"), re.MULTILINE)
    assert sorted(listed) == sorted(map(name_of, SPECS))


@pytest.mark.parametrize(
    "written", re.findall(r"^\| `(.+?)`(?: and .*?)? \|", section("YAML pitfalls"), re.MULTILINE)
)
def test_readme_pitfall_is_refused(written: str) -> None:
    bias, circuit = "bias: [0]", f"\n      {written}"
    if written.startswith("{"):
        circuit = written
    elif written.startswith("bias"):
        bias, circuit = written, "{y: x1}"
    text = (
        "spec: 1\ninputs: [x1, x2, a, b, c]\nnetwork:\n  layers:\n"
        "    - {name: h, weights: [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]], activation: relu}\n"
        f"    - {{name: y, weights: [[1, 1]], {bias}, activation: relu}}\n"
        f"output: y\nexplanations:\n  e:\n    circuit: {circuit}\n"
    )
    with pytest.raises(InputError):
        loads(text)
    assert loads(text.replace(circuit, "{y: x1}").replace(bias, "bias: [0]"))


@pytest.mark.parametrize("word", sorted({*keys(json_schema()), *CHECKS, *MODES, *KINDS}))
def test_readme_mentions_every_word_of_the_format(word: str) -> None:
    assert f"`{word}`" in README


@pytest.mark.parametrize("gate", sorted(GATES))
def test_readme_mentions_every_gate(gate: str) -> None:
    assert f"`{gate}(" in README
