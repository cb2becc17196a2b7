"""`enumerate`, `audit` and `why-not` of a spec that lists comparisons."""

import json

import pytest

from verifier.cli import run

SPEC = """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [0, 0, -1], activation: relu}
    - {name: y, weights: [[1, 1, -2]], activation: relu}
output: y > 1/2
explanations:
  compared:
    circuit: {nor: ~(x1 | x2) @ 2*h1 + 2*h2 <= 1, both: x1 & x2 @ h3 >= 1/3, y: ~(nor | both)}
  read:
    circuit: {any: x1 | x2 @ h1 + h2 - h3, both: x1 & x2 @ h3, y: any & ~both}
  wrong:
    circuit: {a: x1 @ h1 > 1/2, b: x2 @ h2 > 1/2, y: a ^ b}
    checks: [behavior]
enumerate:
  {layer: h, features: 2, coefficients: -1..1, readouts: threshold, EXPECT}
"""


@pytest.fixture
def spec(tmp_path):
    """Return a function that writes the spec with more in its section, and returns its path."""

    def written(more="expect: {count: 36, classes: 9, contains: [compared]}"):
        path = tmp_path / "one.circuit.yaml"
        path.write_text(SPEC.replace("EXPECT", more), encoding="utf-8")
        return str(path)

    return written


def test_the_list_in_words(spec, capsys):
    assert run(["enumerate", spec(), "--show", "99"]) == 0
    told = capsys.readouterr().out
    assert "listed: 2 features read by comparison at h; coefficients -1..1" in told
    assert "= compared  (class" in told
    assert "@ -h1 - h2 > -1/2" in told
    assert "z(y)" not in told
    assert "complete for coefficients -1..1 (every readout of the box was tried);" in told  # exactly
    assert "not listed: read, because only threshold readouts are listed" in told
    assert "not listed: wrong, because unit y of the next layer sees more" in told
    assert told.count("as expected") == 3


def test_the_list_as_json(spec, capsys):
    assert run(["enumerate", spec(), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["count"], told["classes"], told["complete"]) == (36, 9, True)
    assert set(told["named"]) == {"compared"}
    feature = told["explanations"][0]["features"][0]
    assert (feature["coefficients"], feature["cut"]) == (["-1", "-1", "-1"], "-2")
    assert "offset" not in feature
    assert told["query"]["space"]["readouts"] == "threshold"


def test_count_and_check(spec, capsys):
    assert run(["enumerate", spec(), "--count"]) == 0
    assert "36 explanations in 9 classes" in capsys.readouterr().out
    assert run(["check", spec(), "-k", "compared"]) == 0
    capsys.readouterr()
    assert run(["enumerate", spec("up_to: [polarity], expect: {count: 9, contains: [wrong]}")]) == 1
    assert "NOT AS EXPECTED: contains wrong, got not listed" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("features", "code", "told"),
    [
        (["compared"], 1, "not ruled out: it is an explanation of this space (y is ~(nor | both))"),
        (["wrong"], 0, "ruled out by mediation: unit y of the next layer sees more"),
        (["f: x1 | x2 @ h1 + h2 > 1/2"], 0, "ruled out by features"),
        (["f: x1 @ h1 > 2", "g: x2 @ h2 > 0"], 0, "ruled out by readout"),
        (["f: x1 & x2 @ h1 + h2 + h3 > 2", "g: x1 | x2 @ h1 + h2 + h3 > 1/2"], 0, "ruled out by independent"),
        (["f: x1 & x2 @ h1 + h2 > 1", "g: x1 & x2 @ h1 + h2 + h3 > 2"], 0, "ruled out by distinct"),
        (["f: x1 & x2 @ 5*h3 > 2", "g: x1 | x2 @ 3*h1 + 3*h2 + h3 > 2"], 0, "ruled out by coefficients"),
        (["read"], 0, "ruled out by readouts: only threshold readouts are listed"),
    ],
)
def test_why_not(spec, features, code, told, capsys):
    assert run(["why-not", spec(), *features]) == code
    said = capsys.readouterr()
    assert told in " ".join((said.out + said.err).split())


def test_why_not_without_interchange(spec, capsys):
    """No gate of the output is fixed then, and none is told."""
    assert run(["why-not", spec("require: [readout]"), "compared"]) == 1
    assert capsys.readouterr().out.strip().endswith("it is an explanation of this space")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("readouts: linear", "E105"),
        ("given: {a: x1 & x2 @ h3}", "E506"),
        ("coefficients: any", "E105"),
    ],
)
def test_refused(spec, more, code, capsys):
    assert run(["enumerate", spec(more)]) == 2
    assert code in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--strategy", "monolithic"], "no question for Z3"),
        (["--no-warm-start"], "no question for Z3"),
        (["--certificate", "list.jsonl", "--proof", "lrat"], "proofs are made of readouts that equal bits"),
        (["--export", "smt2"], "expected a complete list with bounded coefficients, found cube by cube"),
    ],
)
def test_what_needs_bits_is_refused(spec, options, told, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run(["enumerate", spec(), *options]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_killed_and_resumed(spec, capsys, tmp_path):
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    assert run(["enumerate", spec(), "--certificate", str(whole)]) == 0
    lines = whole.read_bytes().splitlines(keepends=True)
    cut.write_bytes(b"".join(lines[:5]) + lines[5][:9])
    assert run(["enumerate", spec(), "--resume", str(cut)]) == 0
    assert cut.read_bytes() == whole.read_bytes()
    assert run(["audit", str(cut), "--spec", spec()]) == 0
    capsys.readouterr()
    cut.write_bytes(b"".join(lines[:5]).replace(b">-2", b";-2"))
    assert run(["enumerate", spec(), "--resume", str(cut)]) == 2
    assert "would not be listed in this space" in " ".join(capsys.readouterr().err.split())
