import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from verifier.spec import json_schema, load

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.circuit.yaml"))
VALIDATORS = [jsonschema.Draft7Validator, jsonschema.Draft202012Validator]


def plain(text):
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("validator", VALIDATORS)
def test_is_a_schema(validator):
    validator.check_schema(json_schema())
    assert json.loads(json.dumps(json_schema())) == json_schema()


@pytest.mark.parametrize("validator", VALIDATORS)
@pytest.mark.parametrize("file", SPECS, ids=lambda file: file.stem)
def test_accepts_every_shipped_spec(validator, file):
    load(file)
    validator(json_schema()).validate(plain(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("validator", VALIDATORS)
def test_accepts_every_form(validator, vary):
    text = vary(
        ("[x1, x2]", "[x1, x2, c1..c2, {k: one_hot(2)}]\nencoding: [-1, 1.5]\nwhere: true"),
        ("[-1/2, -1/2, -3/2]", '[0.5, "1/3", 0x1p3]'),
        ("output: y", "output: {y: y > 1/2}\ntolerance: 0.1"),
        ("y: a1 | a2", "y: 1"),
        add="    title: 2024\n    checks: [behavior]\n    expect: {behavior: refuted}\nenumerate:\n"
        "  layer: h\n  features: 1..2\n  coefficients: -2..2\n  expect: {count: 3, complete: false}\n",
    )
    validator(json_schema()).validate(plain(text))


@pytest.mark.parametrize("validator", VALIDATORS)
@pytest.mark.parametrize(
    "pair",
    [
        ("spec: 1", "spec: 2"),
        ("output: y", "out: y"),
        ("activation: step}\noutput", "activation: sigmoidal}\noutput"),
        ("[x1, x2]", "[x1, [x2]]"),
        ("a1: x1", "or: x1"),
        ("    circuit:\n", "    expect: {readuot: proved}\n    circuit:\n"),
        ("    circuit:\n", "    expect: {readout: unknown}\n    circuit:\n"),
    ],
)
def test_refuses_what_the_loader_refuses_by_shape(validator, vary, refuse, pair):
    text = vary(pair)
    assert refuse(text)
    assert not validator(json_schema()).is_valid(plain(text))
