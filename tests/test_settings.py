"""Settings: who says what about how to check, who comes first, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from endings import GREEN_SPEC as SPEC
from hypothesis import given
from hypothesis import strategies as st

from verifier.cli import run
from verifier.engine.options import Options
from verifier.engine.outcome import word
from verifier.errors import InputError, Position
from verifier.run.check_specs import check_specs
from verifier.run.settings import KEYS, Settings, read_settings, warnings
from verifier.spec import loads
from verifier.spec.nodes import Mapping, Node, Sequence
from verifier.spec.problems import Problems
from verifier.spec.toml_to_nodes import read_table


def written(folder: Path, table: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.verifier]\n{table}", encoding="utf-8")
    return folder


def complaints(folder: Path, **environ: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_settings(folder, environ)
    return [str(problem).partition("\n")[0] for problem in caught.value.problems]


def test_nothing_is_said_where_nothing_says_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\ntimeout = 'soon'\n", encoding="utf-8")
    assert read_settings(tmp_path, {}) == Settings()


def test_every_key_is_read(tmp_path: Path) -> None:
    table = """
paths = ["specs", "a/b.circuit.yaml"]
method = "bdd"
timeout = 1.5
rlimit = 1000
node_limit = 99
jobs = 2
format = "junit"
brief = true
output = ["sarif=out/a.sarif"]
"""
    said = read_settings(written(tmp_path, table), {}).project
    assert said.options == Options("bdd", 1.5, 1000, 99)
    assert (said.paths, said.jobs, said.format) == (("specs", "a/b.circuit.yaml"), 2, "junit")
    assert said.output == ("sarif=out/a.sarif",)
    assert said.brief is True
    assert str(said.places["paths"]) == "pyproject.toml:3"
    assert str(said.places["output"]) == "pyproject.toml:11"


def test_the_nearest_file_with_the_table_counts(tmp_path: Path) -> None:
    written(tmp_path, 'timeout = 7\npaths = ["specs"]\noutput = ["json=a.json"]')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'other'\n", encoding="utf-8")
    said = read_settings(below, {}).project
    assert said.options.timeout_s == 7
    assert said.paths == ("../../specs",)
    assert said.output == ("json=../../a.json",)
    assert str(said.places["timeout"]) == "../../pyproject.toml:2"


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("absent"), Path.mkdir])
def test_a_nearest_file_that_is_none_is_refused(make: Callable[[Path], object], tmp_path: Path) -> None:
    below = written(tmp_path, "timeout = 7") / "below"
    below.mkdir()
    make(below / "pyproject.toml")
    (told,) = complaints(below)
    assert told.startswith("pyproject.toml: E108 cannot open ")


def test_variables_say_the_same_and_an_empty_one_says_nothing(tmp_path: Path) -> None:
    environ = {"VERIFIER_TIMEOUT": "2", "VERIFIER_METHOD": "", "VERIFIER_PATHS": "a:b", "VERIFIER_JOBS": "3"}
    settings = read_settings(written(tmp_path, 'timeout = 5\nmethod = "smt"\njobs = 4'), environ)
    assert settings.environment.options == Options(timeout_s=2)
    assert settings.environment.paths == ("a", "b")
    assert settings.first(None, "jobs") == 3
    assert settings.first(1, "jobs") == 1
    assert settings.first((), "paths") == ("a", "b")
    assert settings.first(None, "format") is None


@pytest.mark.parametrize("line", [None, 1.0])
@pytest.mark.parametrize("variable", ["", "2"])
@pytest.mark.parametrize("spec", [None, 3.0])
@pytest.mark.parametrize("project", [None, 4.0])
def test_command_line_environment_spec_and_project_in_this_order(
    line: float | None, variable: str, spec: float | None, project: float | None, tmp_path: Path
) -> None:
    written(tmp_path, "" if project is None else f"timeout = {project}")
    settings = read_settings(tmp_path, {"VERIFIER_TIMEOUT": variable})
    text = SPEC if spec is None else f"{SPEC}options: {{timeout: {spec}}}\n"
    held = settings.options(Options(timeout_s=line)).with_spec(loads(text).options)
    said = [line, float(variable) if variable else None, spec, project]
    assert held.timeout_s == next((value for value in said if value is not None), None)
    assert held.with_spec(Options(timeout_s=9)).timeout_s == (held.timeout_s or 9)


def test_a_spec_says_how_it_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "both.circuit.yaml"
    path.write_text(f"{SPEC}options: {{method: smt}}\n", encoding="utf-8")
    rests = []
    for options in (Options(), Options("table"), Options(otherwise=Options("table"))):
        (report,) = check_specs([str(path)], options)
        rests.append(report.explanations[0].checks[0].result.verdict.rests_on)
    assert rests == ["z3", "table", "z3"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('method = "tabel"', "2:1: E104 expected all or arb or auto or bdd or smt or table, got 'tabel'"),
        ("timeout = 0", "2:1: E104 expected a positive number of seconds, got 0"),
        ("timeout = inf", "2:1: E104 expected a positive number of seconds, got inf"),
        ("timeout = 1979-05-27", "2:1: E104 expected a positive number of seconds, got 1979-05-27"),
        ("timeout = [1]", "2:1: E104 expected a positive number of seconds, got a list of 1 item"),
        ("\n  rlimit = 4294967296", "3:3: E104 expected a whole number from 1 to below 2^32, got 4294967296"),
        ("node_limit = true", "2:1: E104 expected a whole number of 1 or more, got true"),
        ("jobs = 1.0", "2:1: E104 expected a whole number of 1 or more, got 1.0"),
        ('paths = "specs"', "2:1: E104 expected a list of paths such as [\"specs\"], got 'specs'"),
        ("paths = []", '2:1: E104 expected a list of paths such as ["specs"], got a list of 0 items'),
        ('format = "xml"', "2:1: E104 expected code-scanning or github or json or junit"),
        ('output = ["sarif"]', "2:1: E104 expected FORMAT=PATH, got 'sarif'"),
        ("brief = 1", "2:1: E104 expected true or false, got 1"),
        ("[tool.verifier.check]", "2:1: E102 unknown key check"),
        ("timeout = 1\ntimeout = 2", "3:12: E101 expected TOML: Cannot overwrite a value"),
        ("timeout = ", "2:11: E101 expected TOML: Invalid value"),
        ("method = '''", "2:13: E101 expected TOML: Expected"),
    ],
)
def test_what_is_wrong_with_the_file_is_told_with_its_place(table: str, told: str, tmp_path: Path) -> None:
    (found,) = complaints(written(tmp_path, table))
    assert found.startswith(f"pyproject.toml:{told}")


def test_everything_wrong_is_told_at_once_with_what_was_meant(tmp_path: Path) -> None:
    written(tmp_path, "timout = 1\njobs = 0\n")
    with pytest.raises(InputError) as caught:
        read_settings(tmp_path, {"VERIFIER_RLIMIT": "many", "VERIFIER_FORMAT": "jsno"})
    assert [(p.path, p.code, p.hint) for p in caught.value.problems] == [
        ("VERIFIER_RLIMIT", "E104", ""),
        ("VERIFIER_FORMAT", "E104", "did you mean json?"),
        ("pyproject.toml", "E102", "did you mean timeout?"),
        ("pyproject.toml", "E104", ""),
    ]


@pytest.mark.parametrize("said", ["jobs = 0", "rlimit = 0", "timeout = 0", 'format = "xml"'])
def test_what_is_expected_is_told_once(said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_settings(written(tmp_path, said), {})
    (problem,) = caught.value.problems
    assert problem.message.endswith(("got 0", "got 'xml'"))
    assert problem.hint == ""


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.verifier]\n# \xff\n")
    assert complaints(tmp_path) == ["pyproject.toml:2:3: E101 expected UTF-8 text, got the byte 0xff"]


def test_unknown_variables_are_warned_of() -> None:
    settings = read_settings(Path("/"), {"VERIFIER_TIMOUT": "1", "VERIFIER_TIMEOUT": "1", "VERIFY": "1"})
    assert warnings(settings) == ["unknown variable VERIFIER_TIMOUT (did you mean VERIFIER_TIMEOUT?)"]


TRICKY = '''
title = """
[tool.verifier]
timeout = 1
"""
list = [
  "[tool.verifier]",  # ]
]
[[tool.other]]
timeout = 2
[ tool . "verifier" ]
  # timeout = 3
  "paths" = [
    "a",
    "b"
  ]
  timeout\t= 4
[tool.last]
timeout = 5
'''


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (TRICKY, {"paths": Position(13, 3), "timeout": Position(17, 3)}),
        (TRICKY.replace("\n", "\r\n"), {"paths": Position(13, 3), "timeout": Position(17, 3)}),
        (
            "tool.verifier.jobs = 1\ntool.verifier.rlimit = 2",
            {"jobs": Position(1, 1), "rlimit": Position(2, 1)},
        ),
        ("[tool]\n verifier = {jobs = 1, rlimit = 2}", {"jobs": Position(2, 2), "rlimit": Position(2, 2)}),
        ("[tool.verifier]", {}),
    ],
)
def test_places_in_toml(text: str, places: dict[str, Position]) -> None:
    node = read_table(text, ("tool", "verifier"), Problems("pyproject.toml"))
    assert isinstance(node, Mapping)
    assert {name: key.position for name, (key, _) in node.items.items()} == places


LINES = (
    "",
    "# [tool.verifier]",
    "  ",
    "\t# jobs = 1",
    "[other]\njobs = 1\ntext = '''\n[tool.verifier]\njobs = 2\n'''",
)
SPELLINGS = (
    "{key} = 1",
    '"{key}"=[ # ]\n 1 ,\n]',
    '  \'{key}\' = """\n[tool.verifier]\n{key} = 3\n"""',
    "\t{key}.a.b = 1",
    "{key} = {{ a = '}}', b = [[], {{c = 1}}] }} # x",
)


@given(
    before=st.lists(st.sampled_from(LINES), max_size=3),
    said=st.lists(st.tuples(st.sampled_from(LINES[:4]), st.sampled_from(SPELLINGS)), max_size=5),
    after=st.booleans(),
)
def test_every_key_is_found_at_its_line(before: list[str], said: list[tuple[str, str]], after: bool) -> None:
    lines, wanted = [*dict.fromkeys(before), " [tool.verifier] # ours"], {}
    for number, (space, spelling) in enumerate(said):
        lines.append(space)
        text = spelling.format(key=f"k{number}")
        indent = len(text) - len(text.lstrip())
        wanted[f"k{number}"] = Position("\n".join(lines).count("\n") + 2, indent + 1)
        lines.append(text)
    lines += ["[[after]]", "k0 = 1"] * after
    node = read_table("\n".join(lines), ("tool", "verifier"), Problems("x"))
    assert isinstance(node, Mapping)
    assert {name: key.position for name, (key, _) in node.items.items()} == wanted


def test_a_working_directory_that_is_gone_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert read_settings(environ={}) == Settings()


def test_values_in_toml() -> None:
    text = 't = {a = "", b = 1e3, c = [true, "true"], d = 07:32:00}'
    node = read_table(text, ("t",), Problems("x"))
    assert isinstance(node, Mapping)
    assert [shown(value) for _, value in node.items.values()] == [
        "''",
        "1000.0",
        ["true", "'true'"],
        "07:32:00",
    ]


def shown(node: Node) -> object:
    if isinstance(node, Sequence):
        return [shown(item) for item in node.items]
    return node.text if node.plain else repr(node.text)


@pytest.mark.parametrize("text", ["", "[tool]", "tool = 1", "[tool.verify]\nverifier = 1"])
def test_a_file_without_the_table(text: str) -> None:
    assert read_table(text, ("tool", "verifier"), Problems("x")) is None


def test_check_without_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 2
    assert "expected a PATH, or `paths` under [tool.verifier]" in capsys.readouterr().err
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "both.circuit.yaml").write_text(SPEC, encoding="utf-8")
    written(tmp_path, 'paths = ["specs"]\nmethod = "smt"\n')
    monkeypatch.setenv("VERIFIER_TIMOUT", "1")
    assert run(["check"]) == 0
    out, err = capsys.readouterr()
    assert "[smt]" in out
    assert err == "unknown variable VERIFIER_TIMOUT (did you mean VERIFIER_TIMEOUT?)\n"
    assert run(["check", "--method", "table", "specs"]) == 0
    assert "[table]" in capsys.readouterr().out


def test_paths_that_are_missing_are_told_with_who_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "both.circuit.yaml").write_text(SPEC, encoding="utf-8")
    written(tmp_path, 'jobs = 1\npaths = [\n  "both.circuit.yaml", "net"]\n')
    monkeypatch.chdir(tmp_path)
    told = "pyproject.toml:3:1: E108 paths: no such file or folder: net"
    for words in (["check"], ["check", "--locked"], ["check", "--output", "json=out.json"]):
        assert run(words) == 2
        assert capsys.readouterr().err == f"{told}\n"
    (problem,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["errors"]
    assert (problem["path"], problem["line"]) == ("pyproject.toml", 3)
    assert run(["config"]) == 0
    assert capsys.readouterr().err == f"{told}\n"
    assert run(["mutate"]) == 2
    assert capsys.readouterr().err == f"{told}\n"
    assert run(["check", "both.circuit.yaml"]) == 0
    monkeypatch.setenv("VERIFIER_PATHS", "none:both.circuit.yaml")
    capsys.readouterr()
    assert run(["check"]) == 2
    assert capsys.readouterr().err == "VERIFIER_PATHS: E108 paths: no such file or folder: none\n"


@pytest.mark.parametrize(
    ("words", "variable", "project", "tables"),
    [
        ([], "", "", True),
        ([], "", "brief = true", False),
        ([], "false", "brief = true", True),
        ([], "true", "", False),
        (["--no-brief"], "true", "", True),
        (["--brief"], "false", "", False),
    ],
)
@pytest.mark.parametrize("fmt", ["text", "github", "markdown"])
def test_brief_is_a_setting(
    words: list[str],
    variable: str,
    project: str,
    tables: bool,
    fmt: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "wrong.circuit.yaml").write_text(SPEC.replace("x1 & x2", "x1 | x2"), encoding="utf-8")
    written(tmp_path, project)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VERIFIER_BRIEF", variable)
    assert run(["check", "wrong.circuit.yaml", "--format", fmt, *words]) == 1
    assert ("<- first" in capsys.readouterr().out) is tables


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = f"{SPEC}options:\n  timeout: 3\n  rlimit: 5\n"
    (tmp_path / "own.circuit.yaml").write_text(text, encoding="utf-8")
    table = 'paths = ["own.circuit.yaml"]\ntimeout = 4\nmethod = "smt"\noutput = ["json=a", "sarif=b"]'
    written(tmp_path, table)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VERIFIER_RLIMIT", "6")
    monkeypatch.setenv("VERIFIER_RLIMITS", "7")
    return tmp_path


def test_config_shows_every_setting_and_its_origin(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config"]) == 0
    out, err = capsys.readouterr()
    assert {line.split("  ")[0].strip() for line in out.splitlines()} == set(KEYS)
    assert [line.split() for line in out.splitlines()] == [
        ["method", "smt", "pyproject.toml:4"],
        ["timeout", "4", "pyproject.toml:3"],
        ["rlimit", "6", "VERIFIER_RLIMIT"],
        ["node_limit", "1000000", "default"],
        ["paths", "own.circuit.yaml", "pyproject.toml:2"],
        ["jobs", "1", "default"],
        ["format", "text", "default"],
        ["brief", "none", "default"],
        ["output", "json=a", "sarif=b", "pyproject.toml:5"],
    ]
    assert err == "unknown variable VERIFIER_RLIMITS (did you mean VERIFIER_RLIMIT?)\n"


def test_config_of_a_spec_in_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "own.circuit.yaml", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["settings"]["timeout"] == {"value": 3.0, "from": "own.circuit.yaml:12"}
    assert document["settings"]["rlimit"] == {"value": 6, "from": "VERIFIER_RLIMIT"}
    assert document["settings"]["output"] == {"value": ["json=a", "sarif=b"], "from": "pyproject.toml:5"}
    assert set(document["settings"]) == set(KEYS)
    assert len(document["warnings"]) == 1


def test_config_refuses_what_check_refuses(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(place, "timeout = -1")
    assert run(["config"]) == run(["check"]) == 2
    told = "pyproject.toml:2:1: E104 expected a positive number of seconds, got -1"
    assert capsys.readouterr().err.count(told) == 2
    assert run(["check", "--format", "json"]) == 2
    assert "E104" in capsys.readouterr().out


def test_limits_hold_for_other_verbs_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    xor = str(Path(__file__).parent.parent / "specs" / "xor.circuit.yaml")
    written(tmp_path, "rlimit = 1")
    assert run(["enumerate", xor]) == 3
    assert "at least" in capsys.readouterr().out
    assert run(["enumerate", xor, "--rlimit", "100000000"]) == 0
    monkeypatch.setenv("VERIFIER_TIMEOUT", "soon")
    for verb in (["enumerate", xor], ["probe", xor], ["suggest", xor], ["why-not", xor, "alice"]):
        assert run(verb) == 2
        assert "VERIFIER_TIMEOUT: E104" in capsys.readouterr().err


def test_limits_make_a_verdict_unknown_and_never_another_one() -> None:
    pairs = set()
    for path in sorted((Path(__file__).parent.parent / "specs").glob("xor*.circuit.yaml")):
        runs = []
        for options in (Options(), Options("smt", rlimit=1), Options(timeout_s=1e-9)):
            (report,) = check_specs([str(path)], options)
            runs.append([word(c.result.verdict) for each in report.explanations for c in each.checks])
        pairs |= {pair for bound in runs[1:] for pair in zip(runs[0], bound, strict=True)}
    assert ("proved", "unknown") in pairs
    assert not pairs & {("proved", "refuted"), ("refuted", "proved")}
