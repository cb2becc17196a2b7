"""What is proved of the gallery is what onnxruntime, numpy and fractions say of the same files."""

import csv
import json
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from verifier.cli import run

GALLERY = Path(__file__).parent.parent / "specs" / "gallery"
Bits = NDArray[np.int64]
PAIRS = np.array(list(product([0, 1], repeat=12)))
SQUARES = ["tl", "tm", "tr", "ml", "mm", "mr", "bl", "bm", "br"]
VOTERS = np.array(list(product([0, 1], repeat=9)))


def rows(name: str) -> tuple[list[str], Bits]:
    """Return the header and the cells of a file of whole numbers."""
    with (GALLERY / name).open(encoding="utf-8", newline="") as file:
        header, *cells = csv.reader(file)
    return header, np.array(cells, dtype=int)


def onnx(name: str, x: Bits) -> NDArray[np.floating]:
    """Return the outputs of a network in onnxruntime, in its own precision."""
    session = onnxruntime.InferenceSession(str(GALLERY / name), providers=["CPUExecutionProvider"])
    kind = {"tensor(float)": np.float32, "tensor(double)": np.float64}[session.get_inputs()[0].type]
    return np.asarray(session.run(None, {"x": x.astype(kind)})[0])[:, 0]


def numbers() -> tuple[Bits, Bits]:
    powers = 1 << np.arange(6)[::-1]
    return PAIRS[:, :6] @ powers, PAIRS[:, 6:] @ powers


def test_six_bits_are_compared_in_float32() -> None:
    a, b = numbers()
    assert ((onnx("greater.onnx", PAIRS) > 0) == (a > b)).all()


def test_six_bits_are_compared_in_eight_bits_but_for_one_pair() -> None:
    a, b = numbers()
    wrong = (onnx("greater-int8.onnx", PAIRS) > 0) != (a > b)
    assert list(zip(a[wrong], b[wrong], strict=True)) == [(32, 31)]


def test_tumours_are_told_by_a_vote() -> None:
    names, x = rows("breast-cancer-bits.csv")
    once = (
        "mean_radius mean_concavity area_error concave_points_error worst_radius worst_texture worst_symmetry"
    )
    weights = dict.fromkeys(once.split(), 1)
    weights |= dict.fromkeys(["radius_error", "worst_area", "worst_smoothness", "worst_concavity"], 2)
    weights |= dict.fromkeys(["mean_smoothness", "compactness_error"], -1)
    vote = x @ [weights.get(name, 0) for name in names] >= 9
    assert ((onnx("breast-cancer.onnx", x) > 0) == vote).all()
    assert len(vote) == 515


def test_bits_of_tumours_are_measurements_above_their_medians() -> None:
    with (GALLERY / "breast-cancer.csv").open(encoding="utf-8", newline="") as file:
        header, *cells = csv.reader(file)
    measured = np.array([row[:30] for row in cells], dtype=float)
    names, x = rows("breast-cancer-bits.csv")
    assert [name.replace(" ", "_") for name in header] == [*names, "diagnosis"]
    above = (measured > np.median(measured, axis=0)).astype(int)
    assert list(dict.fromkeys(map(tuple, above.tolist()))) == list(map(tuple, x.tolist()))


@pytest.mark.parametrize("by_label", [True, False])
def test_digits_are_told_by_a_vote_and_by_the_labels(by_label: bool) -> None:
    names, x = rows("digits.csv")
    file = load_file(GALLERY / "digits.safetensors")
    h = np.maximum(x[:, :64] @ file["h.weight"].T + file["h.bias"], 0)
    nine = (h @ file["y.weight"].T + file["y.bias"])[:, 0] > 0
    weights = {"r1c4": 1, "r1c6": 2, "r5c3": -2, "r6c4": -2, "r6c5": -1}
    vote = x[:, :64] @ [weights.get(name, 0) for name in names[:64]] >= -1
    assert (nine == (x[:, 64] == 9 if by_label else vote)).all()


def test_electoral_college_is_mostly_the_popular_vote() -> None:
    file = load_file(GALLERY / "electoral-college.safetensors")
    x = 2 * VOTERS - 1
    elected = np.where(x @ file["h.weight"].T > 0, 1, -1) @ file["y.weight"][0] > 0
    carried = VOTERS.reshape(-1, 3, 3).sum(axis=2) >= 2
    assert (elected == (carried.sum(axis=1) >= 2)).sum() == 466
    assert (elected == (VOTERS.sum(axis=1) >= 5)).sum() == 484


def test_no_line_of_three_can_be_read_from_the_units(capsys: pytest.CaptureFixture[str]) -> None:
    """Weights of rows that add up to nothing, those of rows with the line above 0: no comparison tells it."""
    spec = GALLERY / "tic-tac-toe.circuit.yaml"
    assert run(["probe", str(spec), "--form", "threshold", "--format", "json"]) == 0
    concepts = {concept["names"][0]: concept for concept in json.loads(capsys.readouterr().out)["concepts"]}
    names, x = rows("tic-tac-toe.csv")
    weights = load_file(GALLERY / "tic-tac-toe.safetensors")
    W, b = (np.vectorize(Fraction)(weights[key].astype(float)) for key in ("h.weight", "h.bias"))
    lines = {
        "top_row": "012", "middle_row": "345", "bottom_row": "678", "left_column": "036",
        "middle_column": "147", "right_column": "258", "falling": "048", "rising": "246",
    }  # fmt: skip
    for name, line in lines.items():
        answer = concepts[name]["answers"]["threshold"]
        assert answer["answer"] == "meeting"
        total, h_total = Fraction(0), np.zeros(len(b), dtype=object)
        for bits, text in answer["weights"].items():
            board = np.array(list(bits), dtype=int)
            assert (board == x).all(axis=1).any()
            weight = Fraction(text)
            full = all(board[names.index(f"{SQUARES[int(i)]}_x")] for i in line)
            assert weight > 0 if full else weight < 0
            total, h_total = total + weight, h_total + weight * np.maximum(W @ board + b, 0)
        assert total == 0
        assert not h_total.any()
