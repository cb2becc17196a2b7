"""The plugin of pytest: ids, outcomes, what a failure shows, and what it costs where there is no spec."""

import json
import os
import re
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest

import verifier.engine.enumeration.enumerate
import verifier.pytest_plugin
import verifier.report.cases
from verifier.cli import run as run_cli
from verifier.engine.verify import Subject
from verifier.errors import InternalError

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
XOR = (ROOT / "specs" / "xor.circuit.yaml").read_text(encoding="utf-8")
BARE = XOR.partition("explanations:")[0]
FALSE = XOR.replace("expect: {readout: refuted}", "expect: {readout: proved}")
WIDE = f"""
spec: 1
inputs: [x1..x40]
network:
  layers:
    - {{name: y, weights: [{[1] * 40}], bias: [-1/2], activation: step}}
output: y
explanations:
  any:
    circuit: {{y: "atleast(1; x1..x40)"}}
    expect: {{behavior: proved}}
"""
# neither this plugin twice nor one that takes a second to load
QUIET = ("-p", "no:verifier", "-p", "no:hypothesispytest")
TABLE = "--verifier-method=table"  # which 2^40 inputs are too many for
CHECKS = ("behavior", "readout", "mediation", "interchange")
IDS = [
    *(f"xor.circuit.yaml::{name}::{check}" for name in ("alice", "bob") for check in CHECKS),
    "xor.circuit.yaml::carol::readout",
    "xor.circuit.yaml::enumerate",
]


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Import everything now: what a run in this process imports first is forgotten when that run ends."""
    assert run_cli(["check", str(ROOT / "specs" / "xor.circuit.yaml"), "--method", "all"]) == 0


Apart = Callable[..., pytest.RunResult]


class Runs:
    """A folder with specs, and runs of pytest in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def spec(self, text: str, name: str = "xor.circuit.yaml") -> "Runs":
        """Write a spec."""
        (self.pytester.path / name).write_text(text, encoding="utf-8")
        return self

    def run(self, *words: str) -> pytest.RunResult:
        """Run pytest in this process, the plugin given by hand: it may not be installed."""
        return self.pytester.runpytest_inprocess(
            *QUIET, *words, plugins=[verifier.pytest_plugin], no_reraise_ctrlc=True
        )

    def outcomes(self, *words: str) -> dict[str, int]:
        """Run pytest, and count outcomes; warnings are not counted."""
        found = self.run(*words).parseoutcomes()
        return {name: count for name, count in found.items() if "warning" not in name}

    def collected(self, *words: str) -> list[str]:
        """Return the ids that are collected."""
        return [line for line in self.run("--co", "-q", *words).outlines if "::" in line]


@pytest.fixture
def runs(pytester: pytest.Pytester) -> Runs:
    return Runs(pytester)


def test_one_test_per_check_and_one_for_the_list(runs: Runs) -> None:
    runs.spec(XOR)
    assert runs.collected() == IDS
    assert runs.outcomes("-W", "error", "--strict-markers", "--strict-config") == {"passed": 10}


def test_all_suffixes(runs: Runs) -> None:
    document = {
        "spec": 1,
        "inputs": ["x1"],
        "network": {"layers": [{"name": "y", "weights": [[1]], "activation": "identity"}]},
        "output": "y",
        "explanations": {"same": {"circuit": {"y": "x1"}}},
    }
    runs.spec(XOR, "a.circuit.yml").spec(json.dumps(document), "b.circuit.json")
    runs.spec(XOR, "c.yaml").spec(XOR, "d.circuit.txt")
    assert {name.partition("::")[0] for name in runs.collected()} == {"a.circuit.yml", "b.circuit.json"}


def test_a_refutation_shows_the_counterexample_its_place_and_the_command(runs: Runs) -> None:
    line = FALSE[: FALSE.index("readout: proved}\n\nenumerate")].count("\n") + 1
    result = runs.spec(FALSE).run()
    result.assert_outcomes(passed=9, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ carol::readout _*",
            f"xor.circuit.yaml:{line}:*: carol::readout refuted, expected proved: at x = 10: c2 reads 0, *",
            "*c2 *h2  |  x1 | x2 *<- first*",
            "    see: verifier eval xor.circuit.yaml -e carol --x 10",
            "FAILED xor.circuit.yaml::carol::readout - refuted, expected proved: *",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert ".py:" not in result.stdout.str()


def below_the_sentence(result: pytest.RunResult) -> list[str]:
    """Return the lines between the sentence about a refutation and the summary."""
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if ": carol::readout refuted, expected proved" in line)
    end = next(i for i, line in enumerate(lines) if "short test summary info" in line)
    return lines[start + 1 : end]


@pytest.mark.parametrize("columns", [80, 90, 200])
def test_tables_fit_the_terminal(runs: Runs, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences are not wrapped: they are for reading line by line. Nobody reads lines of 200 columns."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = below_the_sentence(runs.spec(FALSE).run("-k", "carol"))
    table = [line for line in lines if "see: " not in line]
    assert any("<- first" in line for line in table)
    assert max(map(len, table)) <= min(columns, 100)
    told = " ".join(" ".join(table).split())
    assert "all 16 functions are readable at h" in told


def test_styles_of_tracebacks(runs: Runs) -> None:
    line = FALSE[: FALSE.index("readout: proved}\n\nenumerate")].count("\n") + 1
    runs.spec(FALSE)
    short = below_the_sentence(runs.run("--tb=short"))
    assert [told.strip() for told in short] == ["see: verifier eval xor.circuit.yaml -e carol --x 10"]
    crash = f"*xor.circuit.yaml:{line}: refuted, expected proved: at x = 10: c2 reads 0, *"
    one = runs.run("--tb=line").stdout.str()
    _, _, failures = one.partition("= FAILURES =")
    _, told, last, *_ = failures.splitlines()
    assert fnmatch(told, crash)
    assert "short test summary info" in last
    none = runs.run("--tb=no")
    none.assert_outcomes(passed=9, failed=1)
    assert "FAILURES" not in none.stdout.str()
    none.stdout.fnmatch_lines(["FAILED xor.circuit.yaml::carol::readout - refuted, expected proved: *"])
    assert runs.run("-p", "no:terminal").ret == pytest.ExitCode.TESTS_FAILED  # there are no such options
    for style in ("long", "auto", "native"):
        assert any("<- first" in told for told in below_the_sentence(runs.run(f"--tb={style}")))


def test_the_command_replays(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    result = runs.spec(FALSE).run()
    (command,) = [line for line in result.outlines if "see: " in line]
    words = command.partition("see: verifier ")[2].split()
    assert run_cli(words) == 0
    assert "<- first" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "words", "outcome"),
    [
        ("{readout: refuted}", "{readout: refuted}", (), {"passed": 1}),
        ("{readout: refuted}", "{readout: proved}", (), {"failed": 1}),
        ("{readout: refuted}", "{readout: {at_least: 0.875}}", (), {"passed": 1}),
        ("{readout: refuted}", "{readout: {at_least: 0.876}}", (), {"failed": 1}),
        ("{readout: refuted}", "{readout: refuted, behavior: refuted}", (), {"passed": 2}),
    ],
)
def test_verdicts_against_expectations(
    runs: Runs, old: str, new: str, words: tuple[str, ...], outcome: dict[str, int]
) -> None:
    got = runs.spec(XOR.replace(old, new)).outcomes("-k", "carol", *words)
    assert {name: count for name, count in got.items() if name != "deselected"} == outcome


def test_unexpectedly_proved_fails(runs: Runs) -> None:
    result = runs.spec(XOR.replace("expect: {behavior: proved", "expect: {behavior: refuted", 1)).run()
    result.assert_outcomes(passed=9, failed=1)
    result.stdout.fnmatch_lines(["FAILED xor.circuit.yaml::alice::behavior - proved, expected refuted*"])


def test_unknown_fails(runs: Runs) -> None:
    result = runs.spec(WIDE, "wide.circuit.yaml").run(TABLE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*any::behavior undecided: *2^40 inputs are too many*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("expected", ["proved", "refuted"])
def test_unknown_may_be_allowed_but_never_passes(runs: Runs, expected: str) -> None:
    runs.spec(WIDE.replace("behavior: proved", f"behavior: {expected}"), "wide.circuit.yaml")
    assert runs.outcomes(TABLE, "--verifier-allow-unknown") == {"xfailed": 1}
    assert runs.outcomes(TABLE, "-o", "verifier_allow_unknown=true") == {"xfailed": 1}
    assert runs.outcomes(TABLE, "--verifier-allow-unknown", "--runxfail") == {"failed": 1}
    assert runs.outcomes() == {"passed" if expected == "proved" else "failed": 1}


def test_allowing_unknown_allows_no_refutation_that_was_not_counted(runs: Runs) -> None:
    runs.spec(XOR.replace("{readout: refuted}", "{readout: {at_least: 1/8}}"))
    words = ("-k", "carol", "--verifier-allow-unknown", "--verifier-method=smt")
    assert runs.outcomes(*words) == {"failed": 1, "deselected": 9}


def test_links_to_folders_are_followed_once(runs: Runs) -> None:
    elsewhere, path = runs.pytester.mkdir("elsewhere"), runs.pytester.path
    (elsewhere / "xor.circuit.yaml").write_text(XOR, encoding="utf-8")
    specs = runs.pytester.mkdir("specs")
    (specs / "sub").symlink_to("../elsewhere")
    (elsewhere / "loop").symlink_to(".")
    assert runs.outcomes("specs") == {"passed": 10}
    assert runs.outcomes("specs/sub/xor.circuit.yaml") == {"passed": 10}
    assert runs.outcomes(str(path / "specs" / "sub" / "loop" / "xor.circuit.yaml")) == {"passed": 10}


def test_allowing_unknown_allows_nothing_else(runs: Runs) -> None:
    runs.spec(FALSE)
    assert runs.outcomes("--verifier-allow-unknown") == {"passed": 9, "failed": 1}


def test_a_malformed_spec_is_an_error_that_tells_everything(runs: Runs) -> None:
    broken = XOR.replace("output: y ", "outputs: y").replace("h2 - h3", "h2 - h9")
    result = runs.spec(broken).spec(XOR, "sound.circuit.yaml").run("--continue-on-collection-errors")
    result.assert_outcomes(passed=10, errors=1)
    told = result.stdout.str()
    for place in ("xor.circuit.yaml:9:1: E102", "xor.circuit.yaml:15:", "E205"):
        assert place in told
    assert "Traceback" not in told
    assert ".py:" not in told
    assert runs.run().ret == pytest.ExitCode.INTERRUPTED


@pytest.mark.parametrize("text", [BARE, f"{BARE}enumerate: {{layer: h, features: 2}}\n"])
def test_a_spec_with_nothing_to_check_is_an_error(runs: Runs, text: str) -> None:
    result = runs.spec(text).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nothing to check in xor.circuit.yaml*"])


@pytest.mark.parametrize(
    ("data", "code"), [(b"spec: 1\n\xff", "xor.circuit.yaml:2:1: E101"), (b" " * (2**24 + 1), "E108")]
)
def test_a_file_that_cannot_be_read_is_an_error(runs: Runs, data: bytes, code: str) -> None:
    (runs.pytester.path / "xor.circuit.yaml").write_bytes(data)
    result = runs.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{code}*"])


def test_numbers_of_any_length_are_shown(runs: Runs) -> None:
    """A counterexample with more digits than Python prints unasked; its limit holds again afterwards."""
    layer = f"weights: [[{'7' * 3000}]], activation: relu"
    two = f"    - {{name: h, {layer}}}\n    - {{name: y, {layer}}}"
    runs.spec(re.sub("    - {name: y.*", two, WIDE.replace("x1..x40", "x1")))
    before, limit = sys.get_int_max_str_digits(), sys.int_info.default_max_str_digits
    sys.set_int_max_str_digits(limit)
    try:
        result = runs.run()
        assert sys.get_int_max_str_digits() == limit
    finally:
        sys.set_int_max_str_digits(before)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*any::behavior refuted, expected proved: at x = 1: *"])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("bias: [-1/2, -1/2, -3/2]", "bias: [-1, -1/2, -3/2]", "E304"),
        ("inputs: [x1, x2] ", "where: x1 & ~x1\ninputs: [x1, x2] ", "E401"),
    ],
)
def test_what_is_malformed_on_the_domain_fails_every_check(runs: Runs, old: str, new: str, code: str) -> None:
    assert old in XOR
    result = runs.spec(XOR.replace(old, new)).run()
    result.assert_outcomes(failed=10)
    assert result.stdout.str().count("FAILED xor.circuit.yaml::") == 10
    assert code in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("error", [ZeroDivisionError("planted"), InternalError("planted")])
def test_a_defect_of_ours_fails(runs: Runs, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def planted(*_: object) -> None:
        raise error

    monkeypatch.setattr(Subject, "verify", planted)
    result = runs.spec(XOR).run("--verifier-allow-unknown", "-k", "carol")
    result.assert_outcomes(failed=1, deselected=9)
    result.stdout.fnmatch_lines(["*internal error, please report it*planted*"])


def test_a_defect_in_the_report_fails(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(verifier.report.cases, "spec_cases", planted)
    result = runs.spec(FALSE).run("-k", "carol")
    result.assert_outcomes(failed=1, deselected=9)
    result.stdout.fnmatch_lines(["*ZeroDivisionError: planted*"])


@pytest.mark.parametrize(
    ("home", "name", "chosen"),
    [
        (Subject, "verify", "alice"),
        (Subject, "__post_init__", "bob"),
        (verifier.engine.enumeration.enumerate, "prepare", "enumerate"),
    ],
)
def test_ctrl_c_ends_the_run(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, home: object, name: str, chosen: str
) -> None:
    def planted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(home, name, planted)
    result = runs.spec(XOR).run("--verifier-allow-unknown", "-k", chosen)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert result.parseoutcomes().keys() <= {"deselected"}


@pytest.mark.parametrize(
    ("old", "new", "words", "outcome"),
    [
        ("count: 8", "count: 9", (), "expected count 9, got 8"),
        ("contains: [alice, bob]", "contains: [carol]", (), "expected contains carol, got not listed"),
        ("count: 8, ", "", (), ""),
    ],
)
def test_what_is_expected_of_the_list(
    runs: Runs, old: str, new: str, words: tuple[str, ...], outcome: str
) -> None:
    assert old in XOR
    result = runs.spec(XOR.replace(old, new)).run("-k", "enumerate", *words)
    assert (result.ret == 0) == (not outcome)
    result.stdout.fnmatch_lines([f"*{outcome}*"])


def test_an_incomplete_list_is_not_decided(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("-k", "enumerate", "--verifier-method=smt", "--verifier-rlimit=1")
    result = runs.spec(XOR).run(*words)
    result.assert_outcomes(failed=1, deselected=9)
    result.stdout.fnmatch_lines(["*xor.circuit.yaml:*: enumerate at least *"])
    runs.run(*words, "--verifier-allow-unknown").assert_outcomes(xfailed=1, deselected=9)


def test_choosing_tests_as_always(runs: Runs) -> None:
    runs.spec(FALSE)
    assert runs.collected("-k", "alice and not readout") == [IDS[0], IDS[2], IDS[3]]
    assert runs.collected(IDS[3], IDS[9]) == [IDS[3], IDS[9]]
    assert runs.collected("xor.circuit.yaml::bob") == IDS[4:8]
    assert runs.collected("--deselect", IDS[9], "-k", "carol or enumerate") == [IDS[8]]
    assert runs.collected("-m", "verifier") == IDS
    assert runs.collected("-m", "not verifier") == []
    assert runs.outcomes("-x") == {"passed": 8, "failed": 1}
    assert runs.collected("--lf") == [IDS[8]]
    runs.spec(XOR)
    assert runs.outcomes("--lf") == {"passed": 1, "deselected": 9}


def test_options_come_before_the_environment_and_that_before_the_spec(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    (runs.pytester.path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\n[tool.verifier]\nmethod = "table"\n', encoding="utf-8"
    )
    runs.spec(WIDE)
    assert runs.outcomes() == {"failed": 1}
    runs.spec(WIDE + "options: {method: bdd}\n")
    assert runs.outcomes() == {"passed": 1}
    monkeypatch.setenv("VERIFIER_METHOD", "table")
    assert runs.outcomes() == {"failed": 1}
    assert runs.outcomes("--verifier-method", "bdd") == {"passed": 1}
    assert runs.outcomes("--verifier-method", "bdd", "--verifier-node-limit", "3") == {"failed": 1}


def test_settings_are_those_of_the_tree_that_pytest_runs(runs: Runs) -> None:
    repository = runs.pytester.mkdir("repository")
    table = '[tool.pytest.ini_options]\n[tool.verifier]\nmethod = "table"\n'
    (repository / "pyproject.toml").write_text(table, encoding="utf-8")
    runs.spec(WIDE, "repository/wide.circuit.yaml").spec(WIDE, "wide.circuit.yaml")
    assert runs.outcomes("repository") == {"failed": 1}
    assert runs.outcomes("wide.circuit.yaml") == {"passed": 1}


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("--verifier-method=maybe", "--verifier-method: E104 expected *, got maybe*"),
        ("--verifier-timeout=-1", "--verifier-timeout: E104 expected *, got -1*"),
        ("--verifier-rlimit=many", "--verifier-rlimit: E104 expected *, got many*"),
    ],
)
def test_options_that_cannot_be_understood_are_an_error(runs: Runs, word: str, complaint: str) -> None:
    result = runs.spec(XOR).run(word)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([complaint])
    assert "Traceback" not in result.stdout.str()


def test_junit_has_place_message_and_properties(runs: Runs) -> None:
    runs.spec(FALSE).run("--junitxml=junit.xml", "-o", "junit_family=xunit1")
    cases = {
        (case.get("classname"), case.get("name")): case
        for case in ElementTree.parse(runs.pytester.path / "junit.xml").iter("testcase")
    }
    assert len(cases) == 10
    case = cases["xor.circuit.yaml.carol", "readout"]
    line = FALSE[: FALSE.index("expect: {readout: proved}")].count("\n")  # counted from 0, as pytest does
    assert (case.get("file"), case.get("line")) == ("xor.circuit.yaml", str(line))
    (failure,) = case.iter("failure")
    assert failure.get("message", "").startswith("refuted, expected proved: at x = 10: c2 reads 0")
    assert "<- first" in (failure.text or "")
    assert _properties(case) == {
        "domain_size": "4",
        "verdict": "refuted",
        "expected": "proved",
        "share": "7/8",
        "spec": f"xor.circuit.yaml:{line + 1}",
    }
    proved = _properties(cases["xor.circuit.yaml.alice", "mediation"])
    assert (proved["verdict"], proved["rests_on"]) == ("proved", "algebra")
    listed = _properties(cases["xor.circuit.yaml", "enumerate"])
    assert (listed["complete"], listed["count"], listed["rests_on"]) == ("true", "8", "algebra")


def _properties(case: ElementTree.Element) -> dict[str | None, str | None]:
    return {found.get("name"): found.get("value") for found in case.iter("property")}


def test_the_network_is_prepared_once_per_file(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Subject] = []
    as_always = Subject.__post_init__

    def counted(subject: Subject) -> None:
        prepared.append(subject)
        as_always(subject)

    monkeypatch.setattr(Subject, "__post_init__", counted)
    runs.spec(XOR).spec(FALSE, "zfalse.circuit.yaml")
    runs.outcomes("--co")
    assert not prepared
    runs.outcomes("-k", "not enumerate")
    assert len(prepared) == 2


def test_notes_are_those_of_check(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs.spec(XOR.replace("interchange: proved", "interchange: refuted", 1))
    note = "readouts not checked here"
    assert note not in runs.run("-k", "alice").stdout.str()
    assert note in runs.run("-k", "alice and interchange").stdout.str()


@pytest.fixture
def apart(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Apart:
    """Return what runs pytest in a process of its own, where the plugin is found as in an installation."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    info = pytester.mkdir("site") / "declared-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: declared\nVersion: 1\n", encoding="utf-8")
    lines = [f"{name} = {home}\n" for name, home in declared["pytest11"].items()]
    (info / "entry_points.txt").write_text("".join(["[pytest11]\n", *lines]), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(info.parent), str(ROOT)]))
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS", "CI"):
        monkeypatch.delenv(name, raising=False)
    return lambda *words: pytester.run(sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", *words)


def test_nothing_is_imported_where_there_is_no_spec(runs: Runs, apart: Apart) -> None:
    modules = {"verifier", "verifier.pytest_plugin", "verifier.run", "verifier.run.find_specs"}
    heavy = {"z3", "numpy", "flint", "dd", "lark", "msgspec", "rich", "click"}
    (runs.pytester.path / "test_it.py").write_text(
        "import sys\n"
        "def test_it():\n"
        f"    assert {{n for n in sys.modules if n.partition('.')[0] == 'verifier'}} == {modules}\n"
        f"    assert not {heavy} & set(sys.modules)\n",
        encoding="utf-8",
    )
    apart().assert_outcomes(passed=1)


def test_collecting_needs_no_solver(runs: Runs, apart: Apart) -> None:
    (runs.spec(XOR).pytester.path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_collection_finish(session):\n"
        "    assert len(session.items) == 10\n"
        "    assert not {'z3', 'flint', 'dd'} & set(sys.modules)\n",
        encoding="utf-8",
    )
    result = apart("--co", "-q")
    assert [line for line in result.outlines if "::" in line] == IDS
    assert result.ret == 0


def test_over_processes_and_switched_off(runs: Runs, apart: Apart) -> None:
    runs.spec(FALSE).spec(WIDE, "wide.circuit.yaml")
    found = apart("-n", "2", TABLE, "--verifier-allow-unknown")
    found.assert_outcomes(passed=9, failed=1, xfailed=1)
    found.stdout.fnmatch_lines(
        [
            "xor.circuit.yaml:*: carol::readout refuted, expected proved: at x = 10: c2 reads 0, *",
            "    see: verifier eval xor.circuit.yaml -e carol --x 10",
            "FAILED xor.circuit.yaml::carol::readout - refuted, expected proved: *",
        ]
    )
    assert apart("-p", "no:verifier").ret == pytest.ExitCode.NO_TESTS_COLLECTED
