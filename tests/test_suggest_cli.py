"""`verifier suggest` on the command line, and the specs that it writes."""

import json
from pathlib import Path

import numpy as np
import pytest

from verifier.cli import run
from verifier.engine.options import Options
from verifier.engine.outcome import Exit
from verifier.run.check_specs import check_specs
from verifier.spec import load

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
GALLERY = sorted((SPECS / "gallery").glob("*.circuit.yaml"))
SMALL = sorted(path for path in SPECS.glob("*.circuit.yaml") if load(path).domain.listed <= 2**16)


def checked(path):
    """Return the report of a spec, which must be as expected."""
    (report,) = check_specs([str(path)], Options(timeout_s=60))
    assert not report.problems
    assert not report.defect
    assert report.exit == Exit.OK
    return report


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.name.partition(".")[0])
def test_what_is_suggested_of_a_shipped_spec_is_proved(path, tmp_path, capsys):
    """Suggest, then check: every claim proved, every list as counted, from another folder."""
    target = tmp_path / "out.circuit.yaml"
    assert run(["suggest", str(path), "--show", "2", "-o", str(target)]) == 0
    assert "now: verifier check" in capsys.readouterr().err
    report = checked(target)
    spec, before = load(target), load(path)
    assert (spec.network, spec.domain, spec.decoding) == (before.network, before.domain, before.decoding)
    names = [e.explanation.name for e in spec.entries]
    assert names[-1] == "function" or names[0] == "simple1"
    assert (report.listing is not None) == (spec.network.depth > 1)


@pytest.mark.slow
@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.name.partition(".")[0])
def test_what_is_suggested_of_a_trained_network_is_proved(path, tmp_path, capsys):
    """The same of networks that were trained, as far as half a minute leads; from another folder too."""
    target = tmp_path / "out.circuit.yaml"
    code = run(["suggest", str(path), "--features", "1..2", "--timeout", "30", "-o", str(target)])
    assert code in (0, 3)
    capsys.readouterr()
    report = checked(target)
    assert report.listing is None or report.listing.listing.statement.count > 0


def test_a_domain_too_large_for_formulas_is_undecided(tmp_path, capsys):
    """There is nothing to claim then, and nothing is written."""
    target = tmp_path / "out.circuit.yaml"
    assert run(["suggest", str(SPECS / "equality-12-bits.circuit.yaml"), "-o", str(target)]) == 3
    captured = capsys.readouterr()
    assert "no formula: formulas are told where at most 65536 inputs are" in captured.out
    assert "nothing to claim" in captured.err
    assert not target.exists()


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_trained_networks_from_files_take_two_commands(suffix, tmp_path, monkeypatch, capsys):
    """A file of weights and rows in, a spec out that names both, and a verdict."""
    rng = np.random.default_rng(5)
    for number in range(6):
        n, m = int(rng.integers(2, 5)), int(rng.integers(2, 4))
        folder = tmp_path / str(number)
        (folder / "weights").mkdir(parents=True)
        monkeypatch.chdir(folder)
        W1, b1 = rng.normal(size=(m, n)).astype(np.float32), rng.normal(size=m).astype(np.float32)
        W2, b2 = rng.normal(size=(1, m)), rng.normal(size=1)
        np.savez("weights/net.npz", W1=W1, b1=b1, W2=W2, b2=b2)
        points = np.unique(rng.integers(0, 2, (7, n)), axis=0)
        header = ",".join("abcd"[:n])
        np.savetxt("rows.csv", points, fmt="%d", delimiter=",", header=header, comments="")
        out = f"out.circuit.{suffix}"
        about = [
            "--rows",
            "rows.csv",
            "--output",
            "y > 0",
            "--activations",
            "relu,identity",
            "--features",
            "1..2",
        ]
        assert run(["suggest", "weights/net.npz", *about, "-o", out]) == 0
        report = checked(out)
        assert report.domain_size == len(points)
        assert load(out).domain.inputs == tuple("abcd"[:n])
        section = load(out).enumeration
        assert section is None or section.expect.count
    capsys.readouterr()


def test_a_network_file_needs_no_output_where_its_values_are_bits(tmp_path, capsys):
    """The only unit is taken as it is; what is no bit is refused, with the file's own name."""
    target = tmp_path / "net.yaml"
    layers = "layers: [{name: y, weights: [[1, 1]], bias: [%s], activation: %s}]\n"
    target.write_text(layers % ("-3/2", "step"), encoding="utf-8")
    assert run(["suggest", str(target)]) == 0
    told = "    y: x1 & x2\n      shortest in ~ & | ^; depends on 2 of 2 inputs; 1 on 1 of 4\n"
    assert told in capsys.readouterr().out
    target.write_text(layers % ("0", "identity"), encoding="utf-8")
    assert run(["suggest", str(target)]) == 2
    assert capsys.readouterr().err.startswith(f"{target}: E305 expected 0 or 1 of output y, got another")
    target.write_text("layers: [{name: y, weights: [[1], [-1]], activation: step}]\n", encoding="utf-8")
    assert run(["suggest", str(target)]) == 2
    assert "--output argmax" in capsys.readouterr().err


def test_json_holds_what_the_text_says(capsys):
    """The document is complete: formulas, lists, features, explanations and what they rest on."""
    assert run(["suggest", str(SPECS / "xor.circuit.yaml"), "--format", "json", "--features", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["outputs"] == [
        {
            "name": "y",
            "formula": "x1 ^ x2",
            "shortest": True,
            "inputs": ["x1", "x2"],
            "ones": 2,
            "fewest_literals": True,
            "vote": None,
            "no_vote": True,
        }
    ]
    (layer,) = told["layers"]
    assert layer["complete"]
    assert [(each["count"], each["rests_on"]) for each in layer["lists"]] == [(8, "algebra")]
    assert layer["readable"]["features"][0] == {
        "gate": "x1 ^ x2", "place": "h1 + h2 - 2*h3", "coefficients_sum": "4", "shortest": True,
        "output": "y", "unit": None,
    }  # fmt: skip
    assert [[f["gate"] for f in e["circuit"]] for e in layer["explanations"]] == [
        ["x1 & x2", "x1 | x2", "~f1 & f2"],
        ["x1 & ~x2", "~x1 & x2", "f1 | f2"],
    ]


def test_a_tie_and_a_value_that_is_no_bit_are_located(tmp_path, capsys):
    """What is wrong with the output is told at its key, a tie as what it is."""
    target = tmp_path / "spec.circuit.yaml"
    text = "spec: 1\ninputs: [a]\nnetwork: {layers: [{name: y, weights: [[1]], activation: %s}]}\noutput: y\n"
    target.write_text(text % "step", encoding="utf-8")
    assert run(["suggest", str(target)]) == 2
    assert capsys.readouterr().err.startswith(f"{target}: E304 a tie: z = 0 at unit y at x = 0")
    target.write_text((text % "identity").replace("[[1]]", "[[2]]"), encoding="utf-8")
    assert run(["suggest", str(target)]) == 2
    assert capsys.readouterr().err.startswith(f"{target}:4:1: E305 expected 0 or 1 of output y, got another")


WRONG = [
    (["--features", "0"], "E601 expected at least one feature as --features"),
    (["--coefficients", "3"], "E601 expected a range such as -2..2, or any as --coefficients"),
    (["--layer", "k"], "E104 expected a hidden layer of the network, got k"),
    (["--features", "1..11"], "E104 expected 1 to 10 features"),
    (["-o", "out.yaml"], "E601 expected a name that ends in .circuit.yaml"),
    (["-o", str(SPECS / "xor.circuit.yaml")], "exists"),
    (["--output", "y > 0"], "is a spec, and says what the network and the domain are"),
    (["--timeout", "inf"], "expected a positive number of seconds, got --timeout inf"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_what_cannot_be_understood_ends_with_a_message(arguments, message, capsys):
    """Exit code 2, and nothing is printed but the reason."""
    assert run(["suggest", str(SPECS / "xor.circuit.yaml"), *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert not captured.out


def test_no_time_is_no_completeness(tmp_path, capsys):
    """A list that was cut short is no list in the spec, and the exit code says so."""
    target = tmp_path / "out.circuit.yaml"
    command = ["suggest", str(SPECS / "xor.circuit.yaml"), "--timeout", "1e-9", "-o", str(target)]
    assert run(command) == 3
    told = capsys.readouterr().out
    assert "the time limit was reached" in told
    assert "no. 1" not in told
    if target.exists():
        assert load(target).enumeration is None
