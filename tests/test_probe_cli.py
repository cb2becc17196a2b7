"""`verifier probe` on the command line: text, JSON, exit codes, and the section `concepts` of a spec."""

import json
from pathlib import Path

import pytest

from verifier import load
from verifier.cli import run

SPECS = Path(__file__).parent.parent / "specs"
XOR = str(SPECS / "xor.circuit.yaml")
SPEC = """spec: 1
inputs: [a, b]
network:
  layers:
    - {name: h, weights: [[2, 0], [0, 3]], activation: identity}
    - {name: y, weights: [[1, 1]], activation: identity}
output: y > 1
"""


@pytest.fixture
def spec(tmp_path):
    """Return what writes a spec with some more lines."""

    def write(more=""):
        path = tmp_path / "s.circuit.yaml"
        path.write_text(SPEC + more, encoding="utf-8")
        return str(path)

    return write


def test_the_report_of_a_spec(capsys):
    assert run(["probe", XOR]) == 0
    text = capsys.readouterr().out
    for told in (
        "alice.a1, carol.c1: x1 & ~x2 (1 on 1 of 4)",
        "linear     h1 - h3",
        "the only readout, whatever the coefficients",
        "margin 1; no readout has more, whatever its coefficients",
        "linear: 5 of 5 concepts readable at 3 units; rank of the readouts 3",
    ):
        assert told in text
    assert max(map(len, text.splitlines())) <= 80


def test_all_functions_are_listed(capsys):
    assert run(["probe", XOR, "--all", "--form", "linear"]) == 0
    text = capsys.readouterr().out
    assert "16 of 2^4 functions of the rows are readable (linear):" in text
    assert "x1 ^ x2" in text
    assert "threshold" not in text


def test_concepts_of_a_spec_and_of_the_command_line(spec, capsys):
    path = spec("concepts:\n  both: a & b\n  one: (a | b) & ~both\n")
    assert [concept.name for concept in load(path).concepts] == ["both", "one"]
    assert run(["probe", path, "--concept", "same: ~one", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    names = [concept["names"] for concept in document["concepts"]]
    assert names == [["both"], ["one"], ["same"]]
    both, one, _ = (concept["answers"] for concept in document["concepts"])
    assert both["linear"]["answer"] == "unfit"
    assert both["threshold"]["answer"] == "readable"
    assert both["threshold"]["smallest"] is True
    assert one["threshold"]["answer"] == "meeting"
    assert set(one["threshold"]["weights"].values()) == {"1/2", "-1/2"}
    assert document["exit_code"] == 0


def test_without_concepts_the_outputs_are_probed(spec, capsys):
    assert run(["probe", spec(), "--bound", "3"]) == 0
    text = capsys.readouterr().out
    assert "1 of 1 concept readable" in text
    assert "coefficients c: whole, |c| <= 3" in text


def test_without_concepts_and_output_bits_the_inputs_are_probed(spec, capsys):
    path = Path(spec())
    path.write_text(path.read_text().replace("output: y > 1", "output: y"), encoding="utf-8")
    assert run(["probe", str(path), "--bound", "3"]) == 0
    text = capsys.readouterr().out
    assert "a (1 on 2 of 4)" in text
    assert "b (1 on 2 of 4)" in text


def test_undecided_is_exit_3(spec, capsys):
    assert run(["probe", spec(), "--timeout", "0.000000001"]) == 3
    assert "unknown: the time limit was reached" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--concept", "x"], "expected NAME: FORMULA"),
        (["--concept", "a: b"], "there is an input or a concept a already"),
        (["--concept", "c: a @ h1"], "expected a formula alone"),
        (["--concept", "c: z"], "unknown name z"),
        (["--layer", "g"], "expected a layer of the network, got g"),
    ],
)
def test_bad_options(spec, capsys, options, told):
    assert run(["probe", spec(), *options]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("section", "code", "line"),
    [
        ("concepts:\n  c: a @ h1\n", "E104", 9),
        ("concepts:\n  c: d\n  d: a\n", "E202", 9),
        ("concepts:\n  a: b\n", "E105", 9),
        ("concepts: {}\n", "E104", 8),
        ("concepts:\n  c: a &\n", "E201", 9),
    ],
)
def test_malformed_concepts(spec, capsys, section, code, line):
    path = spec(section)
    assert run(["check", path]) == 2
    told = capsys.readouterr()
    assert f"{path}:{line}:" in told.err + told.out
    assert code in told.err + told.out


def test_constant_units_and_equations_are_explained(spec, capsys):
    path = Path(spec())
    text = path.read_text().replace("[[2, 0], [0, 3]]", "[[2, 2], [0, 0]]").replace("y > 1", "y > 3")
    path.write_text(text, encoding="utf-8")
    assert run(["probe", str(path), "--concept", "one: a ^ b"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "the same on every input: h2" in told
    assert "a mean of activations where it is 1 equals a mean of those where it is 0" in told
    assert "-h(00) + 2*h(01) - h(11) = 0, h(x) being the activations at x" in told
    assert run(["probe", str(path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["constant_units"] == ["h2"]
