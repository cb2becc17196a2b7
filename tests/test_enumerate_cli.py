"""The verbs about all explanations on the command line: enumerate, audit, why-not, and what they write."""

import json
import lzma
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

import verifier.cli.listing as listing_module
import verifier.engine.enumeration.features as features_module
from verifier.audit.cnf import Base
from verifier.cli import run
from verifier.engine.enumeration.enumerate import Options, closing_queries, enumerate_space
from verifier.engine.enumeration.features import cubes
from verifier.engine.enumeration.listing import Listing
from verifier.errors import InternalError
from verifier.run.enumerate_spec import prepared
from verifier.smt.readouts import Judge
from verifier.spec import load
from verifier.verdict import Limits, UndecidedError

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
XOR = str(SPECS / "xor.circuit.yaml")
FOR_SOLVERS = sorted(  # with a list of forms that equal a bit
    path.name.removesuffix(".circuit.yaml")
    for path in SPECS.glob("*.circuit.yaml")
    if "\nenumerate:" in (text := path.read_text(encoding="utf-8"))
    and not any(part in text for part in ("activation: sigmoid", "\ntolerance: 1", "readouts:"))
)

NETWORKS = {
    "xor": """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [-1/2, -1/2, -3/2], activation: step}
    - {name: y, weights: [[1, 1, -2]], bias: [-1/2], activation: step}
output: y
""",
    "relu": """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [0, 0, -1], activation: relu}
    - {name: y, weights: [[1, 1, -2]], activation: relu}
output: y
""",
    "first": """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [-1/2, -1/2, -3/2], activation: step}
    - {name: y, weights: [[1, 0, 0]], bias: [-1/2], activation: step}
output: y
""",
    "twice": """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [1, 0], [0, 1]], activation: relu}
    - {name: y, weights: [[1, 1, 1]], bias: [-5/2], activation: step}
output: y
""",
    "thirds": """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1/3, 0], [0, 1/2], [1/3, 1/2]], activation: identity}
    - {name: y, weights: [[3, 2, 0]], bias: [-3/2], activation: step}
output: y
""",
    "hundreds": """
spec: 1
inputs: [x1..x17]
network:
  layers:
    - name: h
      weights:
        - [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        - [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        - [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
      bias: [-9/2, -17/2, -25/2]
      activation: step
    - {name: y, weights: [[1, -1, 1]], bias: [-1/2], activation: step}
output: y
""",
}
SPACE = "features: 2, coefficients: -2..2"
ALICE = ["a1: x1 & ~x2 @ h1 - h3", "a2: ~x1 & x2 @ h2 - h3"]


def parity(n: int) -> str:
    """Return parity in one hidden layer as a spec."""
    rows = ", ".join(str([1] * n) for _ in range(n))
    bias = ", ".join(f"{1 - 2 * i}/2" for i in range(1, n + 1))
    signs = ", ".join("1" if i % 2 == 0 else "-1" for i in range(n))
    return f"""
spec: 1
inputs: [x1..x{n}]
network:
  layers:
    - {{name: h, weights: [{rows}], bias: [{bias}], activation: step}}
    - {{name: y, weights: [[{signs}]], bias: [-1/2], activation: step}}
output: y
"""


def write(folder: Path, network: str = "xor", section: str = SPACE, name: str = "s") -> str:
    """Write a spec that lists what the section says; return its path."""
    path = folder / f"{name}.circuit.yaml"
    text = NETWORKS.get(network, network)
    path.write_text(text + (f"enumerate: {{layer: h, {section}}}\n" if section else ""), encoding="utf-8")
    return str(path)


def ran(*arguments: object) -> int:
    """Return the exit code of a command line."""
    return run([str(argument) for argument in arguments])


@pytest.fixture
def spec(tmp_path: Path) -> str:
    return write(tmp_path)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return tmp_path / "c.jsonl"


@pytest.fixture
def small_cubes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several cubes even in a small box."""
    monkeypatch.setattr(features_module, "cubes", lambda rows, values: cubes(rows, values, 3))


# --- what is shown -----------------------------------------------------------------------------------------


def test_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")
    assert ran("enumerate", "specs/xor.circuit.yaml") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert (
        out
        == """\
specs/xor.circuit.yaml
Two explanations of one XOR network
2-3-1 network (step, step); output y; every x in {0,1}^2, |D| = 4
listed: 2 features read at h; coefficients -2..2; with readout, mediation,
interchange

no. 6 = bob  (class 1; 3 more up to complementing features)
    f1: ~(x1 & x2) @ 1 - h3
    f2: x1 | x2    @ h1 + h2 - h3
    y:  f1 & f2
    z(y) = f1 + f2 - 3/2
no. 8 = alice  (class 2; 3 more up to complementing features)
    f1: ~x1 & x2 @ h2 - h3
    f2: x1 & ~x2 @ h1 - h3
    y:  f1 | f2
    z(y) = f1 + f2 - 1/2

8 explanations in 2 classes, of 8 different sets of Boolean functions
complete for coefficients -2..2 (Z3 found no other); the bound cuts nothing off,
so the list is complete for all integers
not listed: carol, because c2 reads 0 at x = 10, its gate says 1
as expected: count 8
as expected: classes 2
as expected: contains alice
as expected: contains bob
"""
    )


def test_no_line_is_wider_than_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, parity(5), "features: 1..3, coefficients: -1..1, gates: [threshold, symmetric]")
    assert ran("enumerate", "s.circuit.yaml") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_show_and_all(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*options: object) -> tuple[int, str]:
        assert ran("enumerate", spec, *options) == 0
        out = capsys.readouterr().out
        return sum(line.startswith("no. ") for line in out.splitlines()), out

    assert shown()[0] == 2  # one per class
    assert shown("--all")[0] == 8
    number, out = shown("--all", "--show", 3)
    assert number == 3
    assert "and 5 more explanations: --all --show 8" in out or "and 5 more explanations: --show 8" in out
    number, out = shown("--show", 1)
    assert number == 1
    assert "and 1 more class: --show 2" in out
    assert shown("--show", 0)[0] == 0
    every = shown("--all")[1]
    assert [f"no. {i}  " in every for i in range(1, 9)] == [True] * 8


def test_an_empty_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, section="features: 1, coefficients: -1..1")
    assert ran("enumerate", path) == 0
    out = capsys.readouterr().out
    assert "0 explanations in 0 classes" in out
    assert "the bound cuts others off" in out


@pytest.mark.parametrize(
    ("network", "section", "told"),
    [
        ("xor", "features: 2, coefficients: any", "complete for all integers (every function"),
        (
            "twice",
            "features: 2, coefficients: any",
            "readouts that no input tells apart (they differ by multiples of",
        ),
        ("twice", "features: 2, coefficients: -1..2", "the bound cuts others off"),
        ("twice", "features: 1, coefficients: -1..1", "not known"),
    ],
)
def test_what_is_claimed(
    network: str,
    section: str,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert ran("enumerate", write(tmp_path, network, section)) == 0
    assert told in " ".join(capsys.readouterr().out.split())


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("enumerate", XOR, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) >= {
        "schema_version", "tool", "query", "count", "classes", "complete", "bound_binding", "rests_on",
        "explanations",
    }  # fmt: skip
    assert told["schema_version"] == 1
    assert set(told["tool"]) >= {"name", "version", "z3-solver"}
    assert set(told["query"]) == {"network", "domain", "decoding", "space"}
    assert told["query"]["space"]["coefficients"] == [-2, 2]
    assert (told["count"], told["classes"], told["complete"]) == (8, 2, True)
    assert (told["bound_binding"], told["rests_on"], told["exit_code"]) == (False, "z3", 0)
    assert told["named"] == {"alice": 8, "bob": 6}
    assert len(told["explanations"]) == 8
    for explanation in told["explanations"]:
        assert set(explanation) >= {"features", "weights", "bias", "output_gate", "class"}
        for feature in explanation["features"]:
            assert set(feature) >= {"gate", "table", "coefficients", "offset"}
    alice = told["explanations"][7]
    first, second = alice["features"]
    assert (first["gate"], first["table"], first["coefficients"], first["offset"]) == (
        "~x1 & x2",
        "0100",
        ["0", "1", "-1"],
        "0",
    )
    assert (second["gate"], second["coefficients"]) == ("x1 & ~x2", ["1", "0", "-1"])
    assert (alice["weights"], alice["bias"], alice["output_gate"], alice["class"]) == (
        ["1", "1"],
        "-1/2",
        "f1 | f2",
        2,
    )
    assert alice["output_table"] == ["0111"]


def test_json_of_several_outputs_and_of_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("enumerate", SPECS / "full-adder.circuit.yaml", "--format", "json", "--limit", 1) in (1, 3)
    (explanation,) = json.loads(capsys.readouterr().out)["explanations"]
    assert set(explanation["weights"]) == set(explanation["bias"]) == {"sum", "carry"}
    assert set(explanation["output_gate"]) == {"sum", "carry"}
    path = write(tmp_path, section="features: 1, coefficients: -1..1, require: [readout]")
    assert ran("enumerate", path, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["count"] > 0
    for explanation in told["explanations"]:
        assert (explanation["weights"], explanation["bias"], explanation["output_gate"]) == (None,) * 3


def test_json_of_an_empty_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, section="features: 1, coefficients: -1..1")
    assert ran("enumerate", path, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["explanations"], told["count"], told["bound_binding"]) == ([], 0, True)


@pytest.mark.parametrize("section", [SPACE, "features: 2, coefficients: any", f"{SPACE}, up_to: [polarity]"])
@pytest.mark.parametrize("strategy", ["auto", "decomposed", "monolithic"])
def test_count(section: str, strategy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, section=section)
    assert ran("enumerate", path, "--format", "json", "--strategy", strategy) == 0
    listed = json.loads(capsys.readouterr().out)
    assert ran("enumerate", path, "--count", "--format", "json", "--strategy", strategy) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["count"], told["classes"]) == (listed["count"], listed["classes"])
    assert told["complete"]
    assert ran("enumerate", path, "--count") == 0
    assert capsys.readouterr().out.startswith(f"{told['count']} explanations in 2 classes\ncomplete for ")


def test_no_warm_start_lists_the_same(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    documents = []
    for options in ([], ["--no-warm-start"], ["--strategy", "monolithic"]):
        assert ran("enumerate", spec, "--format", "json", *options) == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1] == documents[2]


# --- exit codes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expect", "options", "code"),
    [
        ("", [], 0),
        ("{count: 8}", [], 0),
        ("{count: 8, classes: 2, complete: true}", [], 0),
        ("{count: 7}", [], 1),
        ("{count: 9}", [], 1),
        ("{classes: 3}", [], 1),
        ("{complete: false}", [], 0),
        ("", ["--limit", 3], 3),
        ("{count: 8}", ["--limit", 3], 3),
        ("{count: 2}", ["--limit", 3], 1),  # three are too many already
        ("{complete: true}", ["--limit", 3], 3),
        ("{complete: false}", ["--limit", 3], 0),
        ("", ["--timeout", "0.000001"], 3),
        ("", ["--rlimit", 1], 3),
        ("", ["--rlimit", 1, "--strategy", "monolithic"], 3),
        ("", ["--count", "--rlimit", 1], 3),
    ],
)
def test_exit_codes(expect: str, options: list[object], code: int, tmp_path: Path) -> None:
    section = SPACE + (f", expect: {expect}" if expect else "")
    assert ran("enumerate", write(tmp_path, section=section), *options) == code


def test_a_named_explanation_that_is_missing_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    carol = """explanations:
  carol: {circuit: {c1: x1 & ~x2 @ h1 - h3, c2: x1 | x2 @ h1 + h2 - h3, y: c1 | c2}}
"""
    path = write(tmp_path, NETWORKS["xor"] + carol, SPACE + ", expect: {contains: [carol]}")
    assert ran("enumerate", path) == 1
    assert "NOT AS EXPECTED: contains carol, got not listed" in capsys.readouterr().out
    assert ran("enumerate", path, "--limit", 2) == 3


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--proof", "lrat"], "--proof needs a --certificate"),
        (["--export-to", "x"], "--export-to says where --export goes"),
        (["--count", "--certificate", "c"], "--count keeps no list"),
        (["--count", "--export", "smt2", "--export-to", "x"], "--count keeps no list"),
        (["--certificate", "a", "--resume", "b"], "must be the same"),
        (["--resume", "absent"], "E108"),
        (["--timeout", "inf"], "E601"),
        (["--timeout", "nan"], ""),
        (["--limit", "0"], ""),
        (["--strategy", "other"], ""),
        (["--certificate", "no/such/folder/c"], "E108"),
        (["--certificate", "."], ""),
        (["--certificate", ".", "--force"], ""),
    ],
)
def test_usage_errors_are_2(
    options: list[str],
    complaint: str,
    spec: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ran("enumerate", spec, *options) == 2
    assert complaint in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [Path(spec).name]


@pytest.mark.parametrize("verb", [["enumerate"], ["enumerate", "--count"]])
def test_a_spec_without_a_list_is_2(
    verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, section="")
    assert ran(*verb, path) == 2
    assert "has no section `enumerate`" in capsys.readouterr().err


def test_a_refused_spec_destroys_no_certificate(certificate: Path, tmp_path: Path) -> None:
    certificate.write_text("an old one\n", encoding="utf-8")
    tie = NETWORKS["xor"].replace("[-1/2, -1/2, -3/2]", "[0, -1/2, -3/2]")
    assert ran("enumerate", write(tmp_path, tie), "--certificate", certificate, "--force") == 2
    assert certificate.read_text(encoding="utf-8") == "an old one\n"


# --- certificates ------------------------------------------------------------------------------------------


def test_an_existing_certificate_is_kept_unless_forced(spec: str, certificate: Path) -> None:
    assert ran("enumerate", spec, "--certificate", certificate) == 0
    before = certificate.read_bytes()
    certificate.write_bytes(b"old")
    assert ran("enumerate", spec, "--certificate", certificate) == 2
    assert certificate.read_bytes() == b"old"
    assert ran("enumerate", spec, "--certificate", certificate, "--force") == 0
    assert certificate.read_bytes() == before
    assert [path.name for path in certificate.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("network", "section"),
    [
        ("xor", SPACE),
        ("xor", "features: 1..3, coefficients: -1..1"),
        ("xor", "features: 2, coefficients: any"),
        ("xor", f"{SPACE}, up_to: [polarity]"),
        ("xor", f"{SPACE}, gates: [and], output_gates: [or]"),
        ("xor", f"{SPACE}, must_use: [h1], must_not_use: [h2]"),
        ("xor", "features: 1, coefficients: -1..1"),
        ("xor", "features: 2, coefficients: -1..1, require: [readout]"),
        ("xor", "features: 2, coefficients: 0..2, given: {b: 'x1 & ~x2 @ h1 - h3'}"),
        ("relu", SPACE),
        ("twice", "features: 2, coefficients: -1..2"),
        ("thirds", "features: 2, coefficients: -3..3, require: [readout, interchange]"),
        (parity(5), "features: 2, coefficients: -1..1"),
    ],
)
@pytest.mark.parametrize("strategy", ["decomposed", "monolithic"])
def test_a_certificate_is_valid(
    network: str, section: str, strategy: str, tmp_path: Path, certificate: Path
) -> None:
    path = write(tmp_path, network, section)
    assert ran("enumerate", path, "--certificate", certificate, "--strategy", strategy) == 0
    assert ran("audit", certificate) == 0
    assert ran("audit", certificate, "--spec", path) == 0


def test_a_list_modulo_a_lattice_is_holey(
    tmp_path: Path, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The auditor has no route of its own to all classes; nothing is said to be false."""
    path = write(tmp_path, "twice", "features: 2, coefficients: any")
    assert ran("enumerate", path, "--certificate", certificate) == 0
    capsys.readouterr()
    assert ran("audit", certificate, "--spec", path) == 3
    assert capsys.readouterr().out.startswith("holey: a function has infinitely many readouts")


@pytest.mark.parametrize("section", ["features: 2, coefficients: -1..1", f"{SPACE}, up_to: [polarity]"])
def test_another_spec_is_invalid(
    section: str, spec: str, tmp_path: Path, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("enumerate", spec, "--certificate", certificate) == 0
    capsys.readouterr()
    other = write(tmp_path, section=section, name="other")
    assert ran("audit", certificate, "--spec", other) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith(f"invalid: {certificate}:1: the certificate answers another query")
    assert ran("audit", certificate, "--spec", write(tmp_path, "relu", name="other")) == 1


@pytest.mark.parametrize("options", [["--limit", 3], ["--timeout", "0.000001"], ["--rlimit", 1]])
@pytest.mark.parametrize("strategy", ["decomposed", "monolithic"])
def test_an_unfinished_certificate_is_holey_and_resumes(
    options: list[object], strategy: str, spec: str, certificate: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    whole = tmp_path / "whole.jsonl"
    assert ran("enumerate", spec, "--certificate", whole, "--strategy", strategy) == 0
    assert ran("enumerate", spec, "--certificate", certificate, "--strategy", strategy, *options) == 3
    capsys.readouterr()
    assert ran("audit", certificate) == 3
    assert capsys.readouterr().out.startswith("holey: ")
    assert ran("enumerate", spec, "--resume", certificate, "--strategy", strategy) == 0
    assert certificate.read_bytes() == whole.read_bytes()
    assert ran("audit", certificate) == 0


def test_a_run_that_ends_before_anything_is_prepared_is_holey_and_resumes(
    spec: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the time is up at once is a matter of luck."""

    def late(*_: object) -> None:
        raise UndecidedError("the time limit was reached")

    whole = tmp_path / "whole.jsonl"
    assert ran("enumerate", spec, "--certificate", whole) == 0
    with monkeypatch.context() as patch:
        patch.setattr("verifier.engine.enumeration.enumerate.staged", late)
        assert ran("enumerate", spec, "--certificate", certificate) == 3
        assert ran("audit", certificate) == 3
        before = certificate.read_bytes()
        assert ran("enumerate", spec, "--resume", certificate) == 3
        assert certificate.read_bytes() == before
    assert ran("enumerate", spec, "--resume", certificate) == 0
    assert certificate.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("first", ["decomposed", "monolithic"])
@pytest.mark.parametrize("then", ["decomposed", "monolithic"])
def test_a_run_that_ends_before_the_footer_is_holey_and_resumes(
    first: str, then: str, spec: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs, the second one stopped when all is found: cubes may stand behind explanations."""

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    assert ran("enumerate", spec, "--certificate", certificate, "--strategy", first, "--limit", 2) == 3
    with monkeypatch.context() as patch:
        patch.setattr(listing_module, "_finish", stopped)
        assert ran("enumerate", spec, "--resume", certificate, "--strategy", then) == 130
    assert "list_sha256" not in certificate.read_text(encoding="utf-8")
    assert ran("audit", certificate) == 3
    whole = tmp_path / "whole.jsonl"
    assert ran("enumerate", spec, "--certificate", whole) == 0
    assert ran("enumerate", spec, "--resume", certificate) == 0
    assert certificate.read_bytes() == whole.read_bytes()


def test_resuming_a_finished_certificate_changes_nothing(spec: str, certificate: Path) -> None:
    assert ran("enumerate", spec, "--certificate", certificate) == 0
    before = certificate.read_bytes()
    assert ran("enumerate", spec, "--resume", certificate) == 0
    assert certificate.read_bytes() == before
    assert ran("enumerate", spec, "--resume", certificate, "--certificate", certificate) == 0
    assert certificate.read_bytes() == before


def test_what_cannot_be_resumed_is_left_as_it_is(
    spec: str, certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate.write_bytes(b"garbage\n")
    assert ran("enumerate", spec, "--resume", certificate) == 2
    assert f"{certificate}:1:1: E701" in capsys.readouterr().err
    assert certificate.read_bytes() == b"garbage\n"
    other = write(tmp_path, section="features: 2, coefficients: -1..1", name="other")
    assert ran("enumerate", other, "--certificate", certificate, "--force") == 0
    before = certificate.read_bytes()
    capsys.readouterr()
    assert ran("enumerate", spec, "--resume", certificate) == 2
    assert "the space differ" in capsys.readouterr().err
    assert certificate.read_bytes() == before


@pytest.mark.parametrize("strategy", ["decomposed", "monolithic"])
@pytest.mark.parametrize("limit", [[], ["--limit", 1]])
@pytest.mark.parametrize(
    "line",
    [
        '{"features":["0 1 -1;0","1 0 -1;0"],"output":["0110"]}',
        '{"features":["0 1 -1;0","1 0 -1;0"],"output":null}',
        '{"features":["0 1 -1;0","1 1 -1;0"],"output":["0111"]}',
    ],
)
def test_a_forged_explanation_is_not_taken_over(
    line: str, limit: list[object], strategy: str, spec: str, certificate: Path
) -> None:
    """Whether it is refused or found again: nothing false stands in the finished file."""
    assert ran("enumerate", spec, "--certificate", certificate) == 0
    header = certificate.read_text(encoding="utf-8").splitlines()[0]
    certificate.write_text(f"{header}\n{line}\n", encoding="utf-8")
    if ran("enumerate", spec, "--resume", certificate, "--strategy", strategy, *limit) != 2:
        assert line not in certificate.read_text(encoding="utf-8")
        assert ran("audit", certificate) in (0, 3)


KILLED = [pytest.param(number, marks=[pytest.mark.slow] * (number >= 5)) for number in range(20)]


@pytest.fixture(scope="module")
def parity_7(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """A spec whose list takes a moment, and its certificate."""
    folder = tmp_path_factory.mktemp("parity")
    path = write(folder, parity(7), "features: 3, coefficients: -1..1")
    assert ran("enumerate", path, "--certificate", folder / "c.jsonl", "--show", 0) == 0
    return path, (folder / "c.jsonl").read_bytes()


def started(*arguments: object) -> "subprocess.Popen[bytes]":
    """Return a running command."""
    words = [sys.executable, "-m", "verifier", *map(str, arguments)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(condition: Any, process: "subprocess.Popen[bytes]") -> None:
    """Return when the condition holds, or the process has ended."""
    until = time.monotonic() + 60
    while not condition() and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.002)


@pytest.mark.parametrize("number", KILLED)
def test_a_killed_run_resumes_to_the_same_file(
    number: int, parity_7: tuple[str, bytes], certificate: Path
) -> None:
    path, whole = parity_7
    random = Random(number)
    with started("enumerate", path, "--certificate", certificate, "--show", 0) as process:
        size = random.choice([1, 20_000, 200_000, 800_000])
        wait_for(lambda: certificate.exists() and certificate.stat().st_size >= size, process)
        time.sleep(random.random() / 20)
        process.send_signal(signal.SIGKILL)
    left = certificate.read_bytes()
    if process.returncode == -signal.SIGKILL and left != whole:
        cut = random.randrange(len(left) // 2, len(left) + 1)  # and the disk loses the end
        certificate.write_bytes(left[:cut])
        assert ran("audit", certificate) in (1, 3)
    assert ran("enumerate", path, "--resume", certificate, "--show", 0) == 0
    assert sha256(certificate.read_bytes()).digest() == sha256(whole).digest()


def test_an_interrupted_run_keeps_what_it_found(parity_7: tuple[str, bytes], certificate: Path) -> None:
    """The signal arrives while Z3 is searching."""
    path, whole = parity_7
    options = ["--certificate", certificate, "--strategy", "monolithic", "--show", 0]
    with started("enumerate", path, *options) as process:
        wait_for(lambda: certificate.exists() and certificate.read_bytes().count(b"\n") > 4, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    to_go_on = f"wrote {certificate}, which is not complete; to go on: --resume {certificate}\n"
    assert (process.returncode, err.decode()) == (3, to_go_on)
    told = out.decode()
    footer = json.loads(certificate.read_bytes().splitlines()[-1])
    assert (footer["complete"], footer["count"] >= 4) == (False, True)
    assert ran("audit", certificate) == 3
    assert ran("enumerate", path, "--resume", certificate, "--show", 0) == 0
    assert certificate.read_bytes() == whole
    assert "not complete: interrupted" in told


# --- proofs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "section"),
    [
        ("xor", SPACE),
        ("xor", "features: 1, coefficients: -1..1"),
        ("thirds", "features: 2, coefficients: -3..3"),
        ("twice", "features: 2, coefficients: 0..3"),
        ("twice", "features: 2, coefficients: -1..2, must_not_use: [h1]"),
    ],
)
def test_proofs_are_checked_and_corrupted_ones_refused(
    network: str, section: str, small_cubes: None, tmp_path: Path, certificate: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = write(tmp_path, network, section)
    assert ran("enumerate", path, "--certificate", certificate, "--proof", "lrat") == 0
    proofs = sorted((tmp_path / "c.jsonl.proof").iterdir())
    assert proofs
    capsys.readouterr()
    assert ran("audit", certificate) == 0
    assert f"cubes: {len(proofs)}, tiling the box; {len(proofs)} proof(s) checked" in capsys.readouterr().out
    proof = proofs[-1]
    before = proof.read_bytes()
    proof.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    assert ran("audit", certificate) == 1
    proof.unlink()
    assert ran("audit", certificate) != 0
    proof.write_bytes(before)
    assert ran("audit", certificate) == 0


def test_proofs_of_an_earlier_run_do_not_stay(certificate: Path, tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features_module, "cubes", lambda rows, values: cubes(rows, values, 3))
        assert ran("enumerate", path, "--certificate", certificate, "--proof", "lrat") == 0
    many = len(list((tmp_path / "c.jsonl.proof").iterdir()))
    assert ran("enumerate", path, "--certificate", certificate, "--proof", "lrat", "--force") == 0
    assert ran("audit", certificate) == 0
    assert len(list((tmp_path / "c.jsonl.proof").iterdir())) == 1 < many


def test_going_on_with_what_is_complete_changes_nothing(
    spec: str, certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("enumerate", spec, "--certificate", certificate, "--proof", "lrat") == 0
    assert capsys.readouterr().err == f"wrote {certificate}\n"
    before = certificate.read_bytes()
    assert ran("enumerate", spec, "--resume", certificate) == 0
    assert (certificate.read_bytes(), capsys.readouterr().err) == (before, f"{certificate} stays as it was\n")
    assert ran("audit", certificate) == 0
    assert "1 proof(s) checked" in capsys.readouterr().out


def test_a_proof_of_something_else_is_refused(spec: str, certificate: Path, tmp_path: Path) -> None:
    """Its digest is right, but it refutes nothing."""
    assert ran("enumerate", spec, "--certificate", certificate, "--proof", "lrat") == 0
    (proof,) = (tmp_path / "c.jsonl.proof").iterdir()
    lines = lzma.decompress(proof.read_bytes()).decode().splitlines(keepends=True)
    forged = lzma.compress("".join(lines[:-1]).encode())
    text = certificate.read_text(encoding="utf-8")
    digest = sha256(proof.read_bytes()).hexdigest()
    assert text.count(digest) == 1
    proof.write_bytes(forged)
    certificate.write_text(text.replace(digest, sha256(forged).hexdigest()), encoding="utf-8")
    assert ran("audit", certificate) == 1


@pytest.mark.parametrize(
    ("section", "options"),
    [
        ("features: 2, coefficients: any", []),
        (SPACE, ["--strategy", "monolithic"]),
    ],
)
def test_proofs_need_a_complete_list_by_cubes(
    section: str, options: list[object], tmp_path: Path, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, section=section)
    assert ran("enumerate", path, "--certificate", certificate, "--proof", "lrat", *options) == 2
    assert "E601 proofs are made for bounded coefficients" in capsys.readouterr().err
    assert not certificate.exists()


def test_an_unfinished_list_has_no_proofs(
    tmp_path: Path, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, section=SPACE)
    assert ran("enumerate", path, "--certificate", certificate, "--proof", "lrat", "--limit", 2) == 3
    assert "no proofs: the list is not complete" in capsys.readouterr().err
    assert ran("audit", certificate) == 3


# --- exports -----------------------------------------------------------------------------------------------


def judged(text: str) -> list[str]:
    """Return what cvc5 says to every check-sat of an SMT-LIB text."""
    cvc5 = pytest.importorskip("cvc5")
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    answers = []
    while not (command := parser.nextCommand()).isNull():
        answer = command.invoke(solver, parser.getSymbolManager()).strip()
        assert "error" not in answer, answer
        if answer in ("sat", "unsat", "unknown"):
            answers.append(answer)
    return answers


OWN_SPACES = [
    ("xor", SPACE, 1),
    ("xor", "features: 1..3, coefficients: -1..1", 3),
    ("xor", "features: 2, coefficients: any", 1),
    ("xor", f"{SPACE}, up_to: [polarity]", 1),
    ("xor", "features: 2, coefficients: any, up_to: [polarity]", 1),
    ("xor", f"{SPACE}, gates: [and], output_gates: [or]", 1),
    ("xor", f"{SPACE}, must_use: [h1]", 1),
    ("xor", f"{SPACE}, must_not_use: [h1]", 1),
    ("xor", "features: 2, coefficients: 0..1, given: {a: 'x1 & ~x2 @ h1 - h3'}", 1),
    ("xor", f"{SPACE}, given: {{a: 'x1 & ~x2'}}", 1),
    ("xor", f"{SPACE}, given: {{a: 'x1 & ~x2 @ h1 - h3'}}, up_to: [polarity]", 1),
    ("xor", "features: 1, coefficients: -1..1, require: [readout]", 1),
    ("xor", "features: 2, coefficients: -1..1, require: [readout, interchange]", 1),
    ("relu", SPACE, 1),
    ("twice", "features: 2, coefficients: -1..2", 1),
    ("twice", "features: 2, coefficients: any", 1),
    ("twice", "features: 1..2, coefficients: any, up_to: [polarity]", 2),
    ("thirds", "features: 2, coefficients: -3..3", 1),
]


@pytest.mark.parametrize(("network", "section", "queries"), OWN_SPACES)
def test_another_solver_finds_no_other_explanation(
    network: str, section: str, queries: int, tmp_path: Path
) -> None:
    path, target = write(tmp_path, network, section), tmp_path / "q.smt2"
    assert ran("enumerate", path, "--export", "smt2", "--export-to", target) == 0
    assert judged(target.read_text(encoding="utf-8")) == ["unsat"] * queries


def test_both_features_given_leave_nothing_to_ask(tmp_path: Path) -> None:
    section = f"{SPACE}, given: {{a: 'x1 & ~x2 @ h1 - h3', b: '~x1 & x2 @ h2 - h3'}}"
    target = tmp_path / "q.smt2"
    assert ran("enumerate", write(tmp_path, section=section), "--export", "smt2", "--export-to", target) == 0
    assert set(judged(target.read_text(encoding="utf-8"))) <= {"unsat"}


@pytest.mark.parametrize("name", FOR_SOLVERS)
def test_another_solver_agrees_on_shipped_lists(name: str, tmp_path: Path) -> None:
    path, target = SPECS / f"{name}.circuit.yaml", tmp_path / "q.smt2"
    section = load(str(path)).enumeration
    assert section is not None
    if section.expect.complete is False or (section.expect.count or 0) > 2000:
        pytest.skip("too much for one query")
    assert ran("enumerate", path, "--export", "smt2", "--export-to", target) == 0
    low, high = section.space.features
    assert judged(target.read_text(encoding="utf-8")) == ["unsat"] * (high - low + 1)


def listing_of(path: str) -> Listing:
    """Return the list of a spec."""
    spec = load(path)
    assert spec.enumeration is not None
    return enumerate_space(prepared(spec, Options()), spec.enumeration.space)


def test_a_list_with_a_gap_gives_no_query(spec: str) -> None:
    whole = listing_of(spec)
    for gone in range(8):
        items = whole.items[:gone] + whole.items[gone + 1 :]
        with pytest.raises(InternalError, match="lacks an explanation"):
            list(closing_queries(Listing(items, whole.groups[:7], whole.statement, whole.stage)))
    assert len(list(closing_queries(whole))) == 1


def test_another_solver_finds_a_readout_that_is_not_blocked(spec: str) -> None:
    listing = listing_of(spec)
    assert listing.stage is not None
    D, den = listing.stage.differences()
    judge = Judge(D, den, listing.stage.values(), Limits())
    ((_, rows),) = listing.cubes
    known = [tuple(row) for row in rows.tolist()]
    assert judged(judge.smt2(known)) == ["unsat"]
    assert judged(judge.smt2(known[1:])) == ["sat"]


@pytest.mark.parametrize(
    "section", [SPACE, "features: 1, coefficients: -1..2", f"{SPACE}, must_not_use: [h2]"]
)
def test_another_sat_solver_finds_no_other_readout(section: str, small_cubes: None, tmp_path: Path) -> None:
    formula = pytest.importorskip("pysat.formula")
    solvers = pytest.importorskip("pysat.solvers")
    path, target = write(tmp_path, section=section), tmp_path / "cnf"
    assert ran("enumerate", path, "--export", "dimacs", "--export-to", target) == 0
    files = sorted(target.glob("*.cnf"))
    listing = listing_of(path)
    assert len(files) == len(listing.cubes) > 1
    assert [file.stem for file in sorted(target.glob("*.lrat"))] == [file.stem for file in files]
    assert listing.stage is not None
    base = Base.of(listing.stage.rows, listing.stage.values())
    for file, (cube, rows) in zip(files, listing.cubes, strict=True):
        cnf = formula.CNF(from_file=str(file))
        assert cnf.clauses == base.cube(cube, rows.tolist())
        with solvers.Solver("m22", bootstrap_with=cnf.clauses) as solver:
            assert solver.solve() is False
        for gone in range(len(rows)):
            left = [row for i, row in enumerate(rows.tolist()) if i != gone]
            with solvers.Solver("m22", bootstrap_with=base.cube(cube, left)) as solver:
                assert solver.solve() is True


@pytest.mark.parametrize("kind", ["smt2", "dimacs"])
def test_an_unfinished_list_is_not_exported(
    kind: str, spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out"
    assert ran("enumerate", spec, "--limit", 2, "--export", kind, "--export-to", target) == 2
    assert "E601" in capsys.readouterr().err
    assert not target.is_file()
    assert not target.is_dir() or not list(target.iterdir())


def test_an_export_is_named_after_the_spec_and_kept(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ran("enumerate", spec, "--export", "smt2") == 0
    assert (tmp_path / "s.smt2").read_text(encoding="utf-8").startswith("(set-logic")
    assert ran("enumerate", spec, "--export", "smt2") == 2
    assert "s.smt2 exists" in capsys.readouterr().err
    assert ran("enumerate", spec, "--export", "smt2", "--force") == 0
    assert ran("enumerate", spec, "--export", "dimacs") == 0
    assert (tmp_path / "s.cubes" / "0000.cnf").is_file()


def test_an_export_that_cannot_be_written_is_2(spec: str, tmp_path: Path) -> None:
    assert ran("enumerate", spec, "--export", "smt2", "--export-to", tmp_path / "no" / "q.smt2") == 2
    assert ran("enumerate", spec, "--export", "dimacs", "--export-to", spec) == 2


# --- why not -----------------------------------------------------------------------------------------------

WHY_NOT = [
    ("readout", "xor", SPACE, ["a: x1 & x2 @ h1", "b: x2 @ h2"], "a reads 1 at x = 10, its gate says 0"),
    ("readout", "xor", SPACE, ["a: x1 @ h1 + h2", "b: x2 @ h2"], "a reads 1 at x = 01, its gate says 0"),
    ("readout", "xor", SPACE, ["a: x1 ^ x1 @ 0*h1", "b: x2 @ h2"], "a reads 0 on every input"),
    ("distinct", "xor", SPACE, ["a: x1 @ h1", "b: x1 @ h1"], "the same function"),
    ("distinct", "xor", SPACE, ["a: x1 @ h1", "b: ~x1 @ 1 - h1"], "complements"),
    (
        "independent",
        "xor",
        "features: 3, coefficients: -2..2",
        ["a: x1 @ h1", "b: x1 & x2 @ h3", "c: x1 & ~x2 @ h1 - h3"],
        "a - b - c add up to 0",
    ),
    ("mediation", "xor", SPACE, ["a: x1 @ h1", "b: x2 @ h2"], "unit y of the next layer sees more"),
    ("interchange", "relu", SPACE, ALICE, "output y is no bit under a1 := 1, a2 := 1"),
    (
        "interchange",
        "xor",
        "features: 1, coefficients: -2..2, require: [readout, interchange]",
        ALICE[:1],
        "under a1 := 0 the outputs still depend on the input: y = 0 at x = 00, y = 1 at x = 01",
    ),
    (
        "interchange",
        "xor",
        "features: 1, coefficients: -2..2, require: [readout, interchange], readouts: threshold",
        ["a1: x1 & ~x2 @ h1 - h3 > 1/2"],
        "y = 0 at x = 10 with what is read at x = 11, y = 1 at x = 01 with what is read at x = 11",
    ),
    (
        "essential",
        "xor",
        "features: 3, coefficients: -2..2",
        [*ALICE, "c: x1 & x2 @ h3"],
        "no output depends on c",
    ),
    ("coefficients", "xor", "features: 1, coefficients: -1..1", ["a: x1 ^ x2 @ h1 + h2 - 2*h3"], "outside"),
    ("coefficients", "twice", SPACE, ["a: x1 @ 1/2*h1 + 1/2*h2", "b: x2 @ h3"], "1/2, no integer"),
    ("must_use", "first", "features: 1, must_use: [h2]", ["a: x1 @ h1"], "no feature uses unit h2"),
    ("must_not_use", "xor", f"{SPACE}, must_not_use: [h2]", ALICE, "a2 uses unit h2"),
    ("gates", "xor", f"{SPACE}, gates: [or, xor]", ALICE, "a1 is no gate of the library"),
    ("output_gates", "xor", f"{SPACE}, output_gates: [and]", ALICE, "y is no gate of the library"),
    ("given", "xor", f"{SPACE}, given: {{b: x1 | x2}}", ALICE, "the given feature b is not among them"),
    ("given", "xor", f"{SPACE}, given: {{b: x1 | x2 @ h1 + h2 - h3}}", ALICE, "feature b is not among them"),
    ("features", "xor", SPACE, ALICE[:1], "1 feature at h, the space asks for 2"),
    ("features", "xor", "features: 1", ALICE, "2 features at h, the space asks for 1"),
    ("features", "xor", "features: 1..2", ["a: x1 @ y"], "0 features at h, the space asks for 1 to 2"),
    ("features", "xor", SPACE, ["a: x1"], "0 features at h, the space asks for 2"),
    ("readouts", "xor", SPACE, ["a: x1 @ h1 > 0"], "only linear readouts are listed"),
    ("readouts", "xor", SPACE, ["a: x1 @ {h1}"], "only linear readouts are listed"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "network", "section", "features", "told"), WHY_NOT)
def test_why_not(
    condition: str, network: str, section: str, features: list[str], told: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert ran("why-not", write(tmp_path, network, section), *features) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.startswith(f"ruled out by {condition}: ")
    assert told in out


@pytest.mark.parametrize(
    ("network", "section", "features"),
    [
        ("xor", SPACE, ALICE),
        ("xor", SPACE, ALICE[::-1]),
        ("xor", f"{SPACE}, up_to: [polarity]", ALICE),
        ("xor", f"{SPACE}, given: {{a: x1 & ~x2 @ h1 - h3}}, gates: [and], output_gates: [or]", ALICE),
        ("relu", SPACE, ["b1: nand(x1, x2) @ 1 - h3", "b2: x1 | x2 @ h1 + h2 - h3"]),
        ("twice", "features: 2", ["a: x1 @ h2", "b: x2 @ h1 - h2 + h3"]),
    ],
)
def test_why_not_of_what_is_listed(
    network: str, section: str, features: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("why-not", write(tmp_path, network, section), *features) == 1
    assert capsys.readouterr().out.startswith("not ruled out: it is an explanation of this space")


def test_why_not_agrees_with_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    assert ran("enumerate", path, "--format", "json") == 0
    for explanation in json.loads(capsys.readouterr().out)["explanations"]:
        features = []
        for feature in explanation["features"]:
            terms = [f"+ {c}*h{i + 1}" for i, c in enumerate(feature["coefficients"])]
            site = " ".join(terms).replace("+ -", "- ") + f" + {feature['offset']}"
            features.append(f"{feature['name']}: {feature['gate']} @ {site}")
        assert ran("why-not", path, *features) == 1


@pytest.mark.parametrize(
    ("features", "code"),
    [
        (["x1 & ~x2 @ h1"], "E601"),
        (["a x1"], "E601"),
        (["alicia"], "E601"),
        (["x1: x1 @ h1", "b: x2 @ h2"], "E105"),
        (["a: x1 @ h1", "a: x2 @ h2"], "E105"),
        (["a: x9 @ h1"], "E202"),
        (["a: x1 @ h9"], "E205"),
        (["a: x1 & @ h1"], "E201"),
    ],
)
def test_why_not_refuses(
    features: list[str], code: str, spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("why-not", spec, *features) == 2
    assert code in capsys.readouterr().err


def test_why_not_without_a_list_or_features_is_2(spec: str, tmp_path: Path) -> None:
    assert ran("why-not", spec) == 2
    assert ran("why-not", write(tmp_path, section="", name="bare"), *ALICE) == 2


def test_why_not_undecided_is_3(tmp_path: Path) -> None:
    path = write(tmp_path, "hundreds", "features: 2, coefficients: -1..1")
    assert ran("why-not", path, "--timeout", "0.000001", "a: x1 @ h1", "b: x2 @ h2") == 3


def test_why_not_looks_at_the_gates_on_large_domains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The readouts are those of an explanation, the gates are not what they read."""
    path = write(tmp_path, "hundreds", "features: 2, coefficients: -1..1")
    assert ran("why-not", path, "a: x1 @ h1 - h2", "b: x2 @ h3") != 1
    assert "not ruled out" not in capsys.readouterr().out
