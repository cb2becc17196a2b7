"""Rows of data through every verb: what is told of them, and that all of it agrees."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verifier.api import check
from verifier.cli import run
from verifier.errors import InputError
from verifier.explanation import Explanation
from verifier.network import Layer, Network

FOLDER = Path(__file__).parent.parent / "specs"
ROWS = {
    "file": "thermometer.csv",
    "rows": 7,
    "distinct": 5,
    "thresholds": {
        "warm": "temperature (C) >= 18.5",
        "hot": "temperature (C) >= 26",
        "dry": "humidity < 0.6",
    },
    "ignored": ["day"],
}
NETWORK = Network([Layer.of("y", [[1, 1]], ["-3/2"])])
AND = Explanation.of(NETWORK, {"y": "x1 & x2"})


@pytest.fixture
def thermometer(tmp_path: Path) -> Path:
    """Return the shipped spec with a space to list beside its data."""
    shutil.copy(FOLDER / "thermometer.csv", tmp_path)
    text = (FOLDER / "thermometer.circuit.yaml").read_text(encoding="utf-8")
    path = tmp_path / "thermometer.circuit.yaml"
    space = "enumerate: {layer: h, features: 1..2, coefficients: -1..1, expect: {contains: [mild_and_dry]}}\n"
    path.write_text(text + space, encoding="utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert run([str(word) for word in words]) == 0
    return " ".join(capsys.readouterr().out.split())


def document(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(told(capsys, *words, "--format", "json"))
    return parsed


@pytest.mark.parametrize("verb", ["check", "enumerate"])
def test_a_report_tells_the_rows_and_the_thresholds(verb, thermometer, capsys) -> None:
    text = told(capsys, verb, thermometer)
    assert "every x in 7 given rows (5 distinct), |D| = 5 " in text
    cuts = "warm = [temperature (C) >= 18.5], hot = [temperature (C) >= 26], dry = [humidity < 0.6]"
    assert f"thresholds on thermometer.csv: {cuts} " in text


def test_the_documents_tell_the_same(thermometer, capsys) -> None:
    (spec,) = document(capsys, "check", thermometer)["specs"]
    listed = document(capsys, "enumerate", thermometer)
    for rows in (spec["rows"], listed["rows"]):
        assert {key: value for key, value in rows.items() if key != "sha256"} == ROWS
        assert len(rows["sha256"]) == 64
    (plain,) = document(capsys, "check", FOLDER / "xor.circuit.yaml")["specs"]
    assert plain["rows"] is None


def test_explain_defines_the_inputs(thermometer, capsys) -> None:
    text = told(capsys, "explain", thermometer, "-e", "mild_and_dry")
    assert "warm = [temperature (C) >= 18.5] hot = [temperature (C) >= 26] dry = [humidity < 0.6] h1" in text
    assert "for all x in 7 given rows (5 distinct): y = [warm & ~hot & dry]" in text


def test_a_counterexample_is_found_in_the_file(thermometer, capsys) -> None:
    assert "at x = 111 (line 6 of thermometer.csv): comfortable decodes to 0" in told(
        capsys, "check", thermometer
    )
    (spec,) = document(capsys, "check", thermometer)["specs"]
    found = spec["explanations"][2]["checks"][0]["counterexample"]
    assert (found["x"], found["row"]) == ("111", "line 6 of thermometer.csv")


def test_eval_knows_the_rows(thermometer, capsys) -> None:
    assert "at x = 111 (line 6 of thermometer.csv) " in told(capsys, "eval", thermometer, "--x", "111")
    assert "(outside the domain)" not in told(capsys, "eval", thermometer, "--x", "111")
    assert "(outside the domain)" in told(capsys, "eval", thermometer, "--x", "010")


def test_a_certificate_holds_the_rows(thermometer, capsys) -> None:
    certificate = thermometer.with_name("list.jsonl")
    told(capsys, "enumerate", thermometer, "--certificate", certificate)
    header = json.loads(certificate.read_text(encoding="utf-8").splitlines()[0])
    assert header["query"]["domain"]["rows"] == ["000", "100", "101", "111", "110"]
    assert "valid" in told(capsys, "audit", certificate)


@pytest.mark.parametrize("method", ["table", "bdd", "smt", "all"])
def test_every_method_ranges_over_the_rows(method, thermometer, capsys) -> None:
    assert run(["check", str(thermometer), "--method", method]) == 0
    assert "4 proved, 0" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", [bool, np.int8, np.float16, np.float64, object])
def test_arrays(kind) -> None:
    rows = np.array([[0, 1], [1, 1]]).astype(kind)
    assert check(NETWORK, AND, rows=rows).domain_size == 2
    assert check(NETWORK, AND, rows=list(rows)).domain_size == 2
    assert check(NETWORK, AND, rows=[[True, np.float64(0)]]).domain_size == 1


@pytest.mark.parametrize(
    "rows",
    [
        5,
        np.array(5),
        {(1, 1): 3},
        {(1, 1)},
        "11",
        [{0: 1, 1: 1}],
        [{0, 1}],
        [[0, 1], {"0": 1, "1": 1}.keys()],
    ],
    ids=repr,
)
def test_what_is_no_list_of_rows(rows) -> None:
    with pytest.raises(InputError, match="E402"):
        check(NETWORK, AND, rows=rows)


@pytest.mark.parametrize("cell", ["sNaN", "NaN", "Infinity", "1e999999999"])
def test_decimals_that_are_no_bits(cell) -> None:
    with pytest.raises(InputError, match="rows:2:1: E402 row 2, column 1: expected 0 or 1, got "):
        check(NETWORK, AND, rows=[[1, 1], [Decimal(cell), 1]])


def test_arrays_of_the_numbers_fed() -> None:
    rows = np.array([[-1, 1], [1, 1]])
    report = check(NETWORK, AND, rows=rows, encoding=(-1, 1))
    assert report.claim.domain.rows == ((False, True), (True, True))
    with pytest.raises(InputError, match="rows:1:1: E402 row 1, column 1: expected 0 or 1, got -1"):
        check(NETWORK, AND, rows=rows)
    with pytest.raises(
        InputError, match="rows:2:1: E402 row 2, column 1: expected -1 or 1, as elsewhere, got 0"
    ):
        check(NETWORK, AND, rows=[[1, -1], [0, 1]], encoding=(-1, 1))
    with pytest.raises(InputError, match="rows:2:1: E402 row 2, the row 11 equals row 1"):
        check(NETWORK, AND, rows=np.ones((2, 2)))
    with pytest.raises(InputError, match="rows:1:1: E402 row 1, expected 2 cells, got 3"):
        check(NETWORK, AND, rows=np.ones((1, 3)))
    with pytest.raises(InputError, match="E402 row 1, expected 2 cells, got "):
        check(NETWORK, AND, rows=np.ones(2))
