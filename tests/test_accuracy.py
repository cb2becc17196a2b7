"""Labels: on how many rows of a data file a network decides as they say, counted by hand."""

import json
from pathlib import Path

import pytest

from verifier.cli import run
from verifier.engine.accuracy import accuracy
from verifier.engine.verify import Subject
from verifier.errors import InputError
from verifier.spec import Spec, loads

XOR = """\
spec: 1
inputs: [a, b]
{more}
rows: {{file: d.csv, label: {label}, duplicates: merge}}
network:
  layers:
    - {{name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [-1/2, -1/2, -3/2], activation: {act}}}
    - {{name: y, weights: {W}, activation: identity}}
output: {output}
explanations: {{any: {{circuit: {{{names}: a | b}}}}}}
"""
ROWS = "a,b,label\n0,0,0\n0,1,1\n0,1,0\n0,1,1\n1,1,1\n1,0,1.0\n"


def spec(folder: Path, rows: str, **said: str) -> Spec:
    (folder / "d.csv").write_text(rows)
    default = {"more": "", "label": "label", "act": "step", "W": "[[1, 1, -2]]", "output": "y > 1/2"}
    text = XOR.format(**{**default, "names": "y", **said})
    (folder / "a.circuit.yaml").write_text(text)
    return loads(text, str(folder / "a.circuit.yaml"))


def agreed(spec: Spec, method: str = "auto") -> tuple[int, int]:
    found = accuracy(Subject(spec.network, spec.domain, spec.decoding, method))
    assert found is not None
    return found.share.held, found.share.total


@pytest.mark.parametrize("method", ["auto", "table", "bdd", "smt", "all"])
def test_every_row_counts_whatever_the_method(tmp_path: Path, method: str) -> None:
    assert agreed(spec(tmp_path, ROWS), method) == (4, 6)  # wrong: 01 once of three times, and 11


def test_only_rows_of_the_domain_count(tmp_path: Path) -> None:
    assert agreed(spec(tmp_path, ROWS, more="where: ~(a & b)")) == (4, 5)


def test_signs_are_labels_too(tmp_path: Path) -> None:
    assert agreed(spec(tmp_path, "a,b,label\n0,0,-1\n0,1,1\n1,1,1\n")) == (2, 3)


def test_classes_are_counted_from_0_or_named(tmp_path: Path) -> None:
    many = {"W": "[[0, 0, 1], [1, 0, 0], [0, 1/2, 0]]", "output": "argmax", "names": "y1: a, y2: b, y3"}
    rows = "a,b,label\n1,0,1\n0,1,2\n0,1,0\n"
    assert agreed(spec(tmp_path, rows, **many)) == (2, 3)
    assert agreed(spec(tmp_path, rows.replace(",2\n", ",y3\n"), **many)) == (2, 3)


def test_smooth_networks_decide_by_balls(tmp_path: Path) -> None:
    # y is about 0.39 at 00, 0.25 at 01 and 10, and 0 at 11
    assert agreed(spec(tmp_path, ROWS, act="sigmoid", output="y > 1/8")) == (3, 6)


def test_an_output_that_is_no_bit_agrees_with_nothing(tmp_path: Path) -> None:
    assert agreed(spec(tmp_path, ROWS, W="[[2, 1, -3]]", output="y")) == (3, 6)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,b,label\n0,0,2\n", "line 2 of d.csv, column label: expected the label 0 or 1"),
        ("a,b,label\n0,0,0\n0,1,-1\n", "line 3 of d.csv, column label: expected the label"),
        ("a,b,lable\n0,0,0\n", "did you mean lable?"),
    ],
)
def test_what_labels_cannot_be(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")) as caught:
        spec(tmp_path, rows)
    assert all(problem.code == "E402" for problem in caught.value.problems)


def test_an_input_is_no_label(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column a is used, so it cannot be the label"):
        spec(tmp_path, ROWS, label="a")


def test_reports_tell_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    spec(tmp_path, ROWS)
    for verb in ("check", "suggest"):
        run([verb, "a.circuit.yaml"])
        assert "agrees with the label on 4 of 6 rows" in capsys.readouterr().out
        run([verb, "a.circuit.yaml", "--format", "json"])
        document = json.loads(capsys.readouterr().out)
        document = document["specs"][0] if verb == "check" else document
        assert document["label"] == {"column": "label", "agrees": 4, "rows": 6}
