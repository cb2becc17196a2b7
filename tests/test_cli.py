"""The command line: exit codes, streams, and the JSON document."""

import json
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

import verifier.cli
import verifier.engine.verify as engine
from verifier.cli import run
from verifier.engine.outcome import Exit, worst
from verifier.verdict import Finding, Proved, Refuted, Run

ROOT = Path(__file__).parent.parent
XOR = str(ROOT / "specs" / "xor.circuit.yaml")

RELU = """
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [0, 0, -1], activation: relu}
    - {name: y, weights: [[1, 1, -2]], activation: relu}
output: y
explanations:
  alice:
    circuit:
      a1: x1 & ~x2 @ h1 - h3
      a2: ~x1 & x2 @ h2 - h3
      y: a1 | a2
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "relu.circuit.yaml"
    path.write_text(RELU, encoding="utf-8")
    return path


def as_expected(text: str) -> str:
    """Return the relu spec with the one refutation expected."""
    return text + "    expect: {behavior: proved, interchange: refuted}\n"


def test_as_expected_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", XOR]) == 0
    out, err = capsys.readouterr()
    assert "3 explanations, 9 checks: 8 proved, 1 refuted as expected" in out
    assert err == ""


def test_refuted_is_1(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(spec)]) == 1
    out = capsys.readouterr().out
    assert "EXPECTED PROVED" in out
    assert "at x = 01, with a1 := 1: y is no bit but 2, the explanation says 1" in out
    assert f"verifier eval {spec} -e alice --x 01 --set a1=1" in out


def test_unexpectedly_proved_is_1(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(RELU + "    expect: {behavior: refuted}\n", encoding="utf-8")
    assert run(["check", str(spec)]) == 1
    assert "EXPECTED REFUTED" in capsys.readouterr().out


def test_expected_refutation_is_0(spec: Path) -> None:
    spec.write_text(as_expected(RELU), encoding="utf-8")
    assert run(["check", str(spec)]) == 0


@pytest.mark.parametrize("arguments", [["check"], ["check", "--no-such-option"], ["no-such-command"], []])
def test_usage_errors_are_2(arguments: list[str]) -> None:
    assert run(arguments) == 2


def test_missing_file_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path / "absent.yaml")]) == 2
    assert "E108" in capsys.readouterr().err


def test_malformed_spec_is_2_and_others_still_run(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = spec.parent / "broken.circuit.yaml"
    broken.write_text(RELU.replace("output: y", "outputs: y"), encoding="utf-8")
    spec.write_text(as_expected(RELU), encoding="utf-8")
    assert run(["check", str(spec.parent)]) == 2
    out, err = capsys.readouterr()
    assert f"{broken}:8:1: E102" in err
    assert "1 refuted as expected; 1 spec(s) refused" in out


def test_unknown_is_3(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(_parity(14), encoding="utf-8")
    assert run(["check", str(spec), "--method", "smt", "--rlimit", "1000"]) == 3
    assert "unknown" in capsys.readouterr().out


def test_unknown_is_3_even_when_refuted_is_expected(spec: Path) -> None:
    spec.write_text(_parity(14) + "    expect: {behavior: refuted}\n", encoding="utf-8")
    assert run(["check", str(spec), "--method", "smt", "--rlimit", "1000"]) == 3


def test_table_too_large_is_unknown(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(_parity(40), encoding="utf-8")
    assert run(["check", str(spec), "--method", "table"]) == 3
    assert "2^40 inputs are too many" in capsys.readouterr().out


def test_auto_takes_diagrams_where_the_table_ends(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(_parity(24), encoding="utf-8")
    assert run(["check", str(spec), "--format", "json"]) == 0
    (check,) = json.loads(capsys.readouterr().out)["specs"][0]["explanations"][0]["checks"]
    assert (check["method"], check["rests_on"]) == ("bdd", "bdd")


def _parity(n: int) -> str:
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
explanations:
  odd:
    circuit:
      y: parity(x1..x{n})
"""


def test_a_crash_of_ours_is_4(
    spec: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def planted(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(engine.Subject, "verify", planted)
    assert run(["check", str(spec)]) == 4
    assert "planted" in capsys.readouterr().err


def test_methods_that_disagree_are_4(
    spec: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import verifier.smt.decide as smt

    monkeypatch.setattr(smt, "decide", lambda *_: Finding(Proved("z3", 1)))
    assert run(["check", str(spec), "--method", "all"]) == 4
    assert "methods disagree" in capsys.readouterr().err


def test_a_refutation_that_does_not_replay_is_4(
    spec: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import verifier.smt.decide as smt

    monkeypatch.setattr(smt, "decide", lambda *_: Finding(Refuted(Run((False, True)))))
    assert run(["check", str(spec), "--method", "smt", "-k", "behavior"]) == 4
    assert "does not replay" in capsys.readouterr().err


def test_nothing_to_check_is_5(tmp_path: Path, spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(["check", str(empty)]) == 5
    assert run(["check", str(spec), "-k", "nobody"]) == 5
    assert "nothing to check" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["check", "explain", "mutate"])
def test_a_path_without_a_spec_is_5_beside_others(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([verb, XOR]) == 0
    assert run([verb, XOR, str(tmp_path)]) == 5
    assert capsys.readouterr().err == f"nothing to check in {tmp_path}\n"


def test_a_spec_without_explanations_is_named_and_no_pass_beside_others(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (spec.parent / "bare.circuit.yaml").write_text(RELU.partition("explanations:")[0], encoding="utf-8")
    spec.write_text(as_expected(RELU), encoding="utf-8")
    assert run(["check", str(spec.parent)]) == 5
    assert f"nothing to check in {spec.parent / 'bare.circuit.yaml'}" in capsys.readouterr().err


def test_interrupted_is_130() -> None:
    code = (
        "import sys, time, verifier.table.rows as rows\n"
        "from verifier.cli import run\n"
        "rows.Table.ties = lambda *_: print('ready', flush=True) or time.sleep(60)\n"
        "sys.exit(run(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", code, "check", XOR]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130


def test_precedence() -> None:
    order = [Exit.INTERNAL, Exit.BAD_INPUT, Exit.UNEXPECTED, Exit.UNDECIDED, Exit.OK]
    for i, first in enumerate(order):
        for second in order[i:]:
            assert worst([second, first]) == first
    assert worst([]) == Exit.NOTHING
    assert worst([Exit.NOTHING, Exit.OK]) == Exit.OK


def test_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", XOR, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert set(document["tool"]) >= {"name", "version", "z3-solver"}
    (spec,) = document["specs"]
    assert spec["path"] == XOR
    assert len(spec["sha256"]) == 64
    assert spec["domain_size"] == 4
    checks = {(e["name"], c["check"]): c for e in spec["explanations"] for c in e["checks"]}
    alice = checks["alice", "interchange"]
    keys = {"check", "verdict", "expected", "ok", "method", "rests_on", "counterexample", "reason", "iia"}
    assert keys <= set(alice)
    assert (alice["verdict"], alice["expected"], alice["ok"]) == ("proved", "proved", True)
    assert (alice["iia"], alice["rests_on"], alice["counterexample"]) == ("16/16", "table", None)
    vacuity = checks["alice", "readout"]["vacuity"]
    assert vacuity == [
        {
            "layer": "h",
            "form": "affine",
            "readable": "16",
            "functions": "16",
            "readable_at_most": None,
            "distinct_rows": 4,
        }
    ]
    carol = checks["carol", "readout"]
    assert (carol["verdict"], carol["expected"], carol["ok"], carol["rests_on"]) == (
        "refuted",
        "refuted",
        True,
        "replay",
    )
    assert carol["counterexample"]["x"] == "10"
    assert carol["counterexample"]["commands"] == [f"verifier eval {XOR} -e carol --x 10"]


def test_json_of_errors_and_unknowns(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(RELU.replace("h2 - h3", "h2 - h9"), encoding="utf-8")
    assert run(["check", str(spec), "--format", "json"]) == 2
    document = json.loads(capsys.readouterr().out)
    (error,) = document["specs"][0]["errors"]
    assert (document["exit_code"], error["code"], error["line"]) == (2, "E205", 13)


def test_eval_replays_a_counterexample(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", str(spec), "--x", "01", "--set", "a1=1", "--format", "json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["runs"]
    assert shown["agrees"] is False
    last = shown["trace"][-1]
    assert (last["name"], last["network"], last["explanation"], last["diverges"]) == ("y", "2", "1", True)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--x", "0"], "expected 2 digits 0 or 1"),
        (["--x", "0a"], "expected 2 digits 0 or 1"),
        (["--x", "01", "--set", "a9=1"], "no explanation has the features a9"),
        (["--x", "01", "--set", "a1=2"], "expected NAME=0 or NAME=1"),
        (["--x", "01", "--set", "y=1"], "not a feature of alice that is found at a place"),
        (["--x", "01", "--set", "a1=1", "--donor", "a1=10"], "a1 is set twice"),
        (["--x", "01", "-e", "alicia"], "did you mean alice?"),
        (["--x", "01", "--add", "h1 - y"], "--add: E206 expected units of one layer"),
        (["--x", "01", "--add", "h9"], "--add: E205 unknown unit h9\n    hint: known: h1, h2, h3, y"),
    ],
)
def test_eval_refuses(
    spec: Path, arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["eval", str(spec), *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_eval_runs_a_network_without_explanations(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(spec.read_text().partition("explanations:")[0])
    assert run(["eval", str(spec), "--x", "01", "--x", "11", "--add", "h1", "--format", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["runs"]
    assert (first["explanation"], first["agrees"]) == (None, True)
    values = [(step["name"], step["network"], step["explanation"]) for step in first["trace"]]
    assert values[:2] == [("x1", "0", None), ("x2", "1", None)]
    assert (
        values[2:]
        == [("h1", "0", None), ("h2", "1", None), ("h3", "0", None), ("h1", "1", None)]
        + [("y", "2", None)] * 2
    )
    assert [step["network"] for step in second["trace"] if step["name"] == "y"][-1] == "1"
    assert run(["eval", str(spec), "--x", "01"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("the network at x = 01")
    assert "explanation" not in told
    assert run(["eval", str(spec), "--x", "01", "--set", "a1=1"]) == 2
    assert "no explanation has the features a1" in capsys.readouterr().err


def test_eval_says_nothing_of_what_comes_after_a_tie(tmp_path, capsys):
    spec = tmp_path / "e.circuit.yaml"
    spec.write_text(
        """\
spec: 1
inputs: [x1]
encoding: [1, 2]
where: x1
network:
  layers:
    - {name: h, weights: [[1], [1]], bias: [-1, 0], activation: step}
    - {name: g, weights: [[1, 1]], activation: relu}
    - {name: y, weights: [[1]], activation: identity}
output: y > 1/2
explanations: {e: {circuit: {a: x1 @ h1, b: x1 @ g, y: a}}}
"""
    )
    assert run(["check", str(spec), "--brief"]) == 1
    capsys.readouterr()
    assert run(["eval", str(spec), "--x", "0", "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["runs"]
    values = [(step["name"], step["network"]) for step in told["trace"]]
    assert values == [("x1", "0"), ("h1", "tie"), ("h2", "1"), ("y", "tie")]
    assert [step["definition"] for step in told["trace"]][:2] == ["fed as 1", "step(x1 - 1 = 0)"]
    for more in ([], ["-e", "e"]):
        assert run(["eval", str(spec), "--x", "0", *more]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in lines[2:]] == ["x1", "h1", "h2", "y"]
        assert lines[-1].endswith("differs")


def test_init_writes_an_example_that_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    assert run(["check", "example.circuit.yaml"]) == 0
    before = Path("example.circuit.yaml").read_bytes()
    assert run(["init"]) == 2
    assert Path("example.circuit.yaml").read_bytes() == before
    assert run(["init", "--force"]) == 0


def test_explain_fills_in_the_numbers(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", str(spec)]) == 0
    out = capsys.readouterr().out
    assert "h1' = h1 + 2/3*(u_a1 - (h1 - h3)) - 1/3*(u_a2 - (h2 - h3))" in out
    assert "what y reads, h1 + h2 - 2*h3, = (h1 - h3) + (h2 - h3)" in out


def test_explain_has_no_needless_parentheses(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = spec.read_text(encoding="utf-8").replace("x1 & ~x2 @ h1 - h3", "x1 & ~x2 @ h1", 1)
    spec.write_text(text.replace("a1 | a2", "a1 & a2 & x1", 1), encoding="utf-8")
    assert run(["explain", str(spec)]) == 0
    out = capsys.readouterr().out
    assert "(u_a1 - h1)" in out
    assert "(u_a2 - (h2 - h3))" in out
    assert "= [x1 & ~x2 & ~x1 & x2 & x1]" in out


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert "$defs" in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["xor", "equality-12-bits", "xor-sigmoid"])
def test_jobs_change_nothing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    def document(*options: str) -> Any:
        assert run(["check", f"specs/{name}.circuit.yaml", "--format", "json", *options]) == 0
        found = json.loads(capsys.readouterr().out)
        for explanation in found["specs"][0]["explanations"]:
            for check in explanation["checks"]:
                del check["seconds"]
        return found

    assert document() == document("-j", "2")


def test_selection(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", XOR, "-k", "alice and not (readout or mediation)", "--format", "json"]) == 0
    (explanation,) = json.loads(capsys.readouterr().out)["specs"][0]["explanations"]
    assert [check["check"] for check in explanation["checks"]] == ["behavior", "interchange"]


@pytest.mark.parametrize("expression", ["alice and", "(alice", "alice readout"])
def test_a_selection_that_is_no_expression_is_2(expression: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", XOR, "-k", expression]) == 2
    assert "E601" in capsys.readouterr().err


def test_counterexamples_of_z3_do_not_depend_on_what_ran_before(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def found(*paths: str) -> Any:
        run(["check", *paths, "--method", "smt", "--format", "json"])
        checks = json.loads(capsys.readouterr().out)["specs"][-1]["explanations"][0]["checks"]
        return [check["counterexample"] for check in checks]

    assert found(str(spec)) == found(XOR, str(spec))
    assert found(str(spec))[3]["x"] == "00"


def test_every_command_of_the_modules_is_a_verb() -> None:
    found = {
        command.name: module.name
        for module in pkgutil.iter_modules(verifier.cli.__path__)
        for command in vars(import_module(f"verifier.cli.{module.name}")).values()
        if isinstance(command, click.Command) and command.callback is not None
        if command.callback.__module__ == f"verifier.cli.{module.name}"
    }
    assert found == verifier.cli.VERBS
    for name in found:
        verb = verifier.cli.cli.get_command(click.Context(verifier.cli.cli), name)
        assert verb is not None
        assert verb.name == name
    assert verifier.cli.cli.get_command(click.Context(verifier.cli.cli), "prove") is None


def test_z3_is_imported_only_when_it_is_used() -> None:
    for arguments, wanted in (
        (["--help"], False),
        (["check", XOR], False),
        (["check", XOR, "--method", "smt"], True),
    ):
        code = f"import sys; from verifier.cli import run; run({arguments!r}); sys.exit('z3' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=ROOT)
        assert bool(done.returncode) is wanted, arguments


def test_no_escape_sequences_off_a_terminal_or_with_no_color() -> None:
    import pty

    words = [sys.executable, "-m", "verifier", "check", XOR]
    assert b"\x1b" not in subprocess.run(words, capture_output=True, check=True, cwd=ROOT).stdout
    for no_color, wanted in (("", True), ("1", False)):
        parent, child = pty.openpty()
        environment = {**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}
        with subprocess.Popen(
            words, stdout=child, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT
        ) as process:
            os.close(child)
            shown = b""
            while True:
                try:
                    block = os.read(parent, 4096)
                except OSError:
                    break
                if not block:
                    break
                shown += block
            process.wait(timeout=30)
        os.close(parent)
        assert (b"\x1b[" in shown) is wanted


def test_timeout_is_unknown_not_a_pass(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(_parity(14), encoding="utf-8")
    started = time.monotonic()
    assert run(["check", str(spec), "--method", "smt", "--timeout", "0.001"]) == 3
    assert "1 check: 1 unknown" in capsys.readouterr().out
    assert time.monotonic() - started < 60


PEAK = (
    "import resource, sys\n"
    "from verifier.cli import run\n"
    "code = run(sys.argv[1:])\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    "sys.exit(code)"
)


def test_the_node_limit_is_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """2^40 inputs weighed without a pattern: diagrams end at their limit, in memory that is bounded too."""
    weights = [pow(3, 7 * i + 5, 1_000_003) for i in range(40)]
    spec = tmp_path / "hard.circuit.yaml"
    spec.write_text(
        "spec: 1\ninputs: [x1..x40]\nnetwork:\n  layers:\n"
        f"    - {{name: y, activation: step, weights: [{weights}], bias: [{-(sum(weights) // 2)}.5]}}\n"
        "output: y\nexplanations: {first: {circuit: {y: x1}}}\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-c", PEAK, "check", str(spec), "--method", "bdd", "--node-limit", "10000"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "more than 10000 nodes" in " ".join(done.stdout.split())
    assert int(done.stderr) < 2 * 2**20  # KiB


def test_one_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", XOR, "-e", "alice", "-k", "behavior or readout", "--format", "json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)["specs"]
    ((name, checks),) = [(e["name"], [c["check"] for c in e["checks"]]) for e in report["explanations"]]
    assert (name, checks, report["enumeration"]) == ("alice", ["behavior", "readout"], None)
    assert run(["check", XOR, "-e", "alic"]) == 5
    assert "no check fits -e alic" in capsys.readouterr().err


def test_explain_writes_out_what_is_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each feature uses the one before it three times: written out, the last would have 3^40 parts."""
    circuit = "".join(f"\n      p{i}: ite(p{i - 1}, p{i - 1} | x{i}, x{i} ^ p{i - 1})" for i in range(2, 41))
    spec = tmp_path / "chain.circuit.yaml"
    spec.write_text(
        "spec: 1\ninputs: [x1..x40]\nnetwork:\n  layers:\n"
        f"    - {{name: y, activation: step, weights: [{[1] * 40}], bias: [-1/2]}}\n"
        f"output: y\nexplanations:\n  chain:\n    circuit:\n      p1: x1{circuit}\n      y: p39\n",
        encoding="utf-8",
    )
    assert run(["explain", str(spec)]) == 0
    told = capsys.readouterr().out
    assert len(told) < 20_000
    for name in re.findall(r"p[0-9]+", told):  # what is used is explained
        assert f"\n  {name} = [" in told
    assert run(["check", str(spec), "--method", "bdd"]) == 1
    assert "inputs" in capsys.readouterr().out


def test_brief_reports_have_no_tables(capsys: pytest.CaptureFixture[str]) -> None:

    assert run(["check", XOR, "-e", "carol", "--brief"]) == 0
    told = capsys.readouterr().out
    assert "at x = 10: c2 reads 0" in told
    assert "replay: verifier eval" in told
    assert "computed as" not in told
    assert run(["check", XOR, "-e", "carol"]) == 0
    assert "computed as" in capsys.readouterr().out


def test_explanations_fit_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("greater-int8", "digits"):
        assert run(["explain", str(ROOT / "specs" / "gallery" / f"{name}.circuit.yaml")]) == 0
        told = capsys.readouterr().out
        assert max(map(len, told.splitlines())) <= 80
        assert ("more units of layer ha" in told) == (name == "greater-int8")
