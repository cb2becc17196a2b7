"""Texts from outside in what is printed: none ends its line, steers a terminal or a command to a runner."""

import json
import unicodedata
from pathlib import Path

import pytest
from format_runs import ROOT, XOR
from hypothesis import given
from hypothesis import strategies as st

import verifier.pytest_plugin
from verifier.cli import run
from verifier.report.formats import FORMATS
from verifier.visible import visible, visible_lines

pytest_plugins = ["pytester"]

FORGED = "3 explanations, 9 checks: 8 proved, 1 refuted as expected"
STEERING = "\x1b[31m\x9b\u202e\u2066\u2028\x85"
NASTY = f"\n{FORGED}\n::stop-commands::token\r{STEERING}\nend"
TITLED = XOR.replace("title: Two", f"title: {json.dumps(NASTY)} # Two")
FALSE = TITLED.replace("expect: {readout: refuted}", "expect: {readout: proved}")
BROKEN = TITLED.replace("output: y ", f"{json.dumps(NASTY)}: y ")
LABELLED = """
spec: 1
inputs: [x1]
rows: {{file: rows.csv, label: {label}}}
network: {{layers: [{{name: h, weights: [[1]], bias: [-1/2], activation: step}}]}}
output: h
explanations:
  e:
    circuit: {{h: x1}}
    checks: [behavior]
"""


def assert_harmless(text: str) -> None:
    """Assert that no part of `NASTY` has an effect in a text of several lines."""
    kinds = {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")}
    assert kinds <= {"\n"}
    lines = [line.strip() for line in text.splitlines()]
    assert FORGED not in lines
    assert not [line for line in lines if line.startswith("::stop")]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_what_is_visible_is_one_line(text: str) -> None:
    told = visible(text)
    assert len(told.splitlines()) <= 1
    assert not [letter for letter in told if unicodedata.category(letter) == "Cc"]
    assert visible(told) == told
    assert visible_lines(f"{text}\n{text}").count("\n") == 2 * text.count("\n") + 1


def test_plain_text_stays_as_it_is() -> None:
    assert visible("λ* ≈ 5 \\n é") == "λ* ≈ 5 \\n é"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a name as bad as a name can be, in a working directory outside of any workflow."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / NASTY.replace("/", "")
    path.mkdir()
    return path


@pytest.mark.parametrize("text", [TITLED, FALSE, BROKEN, "", None])
@pytest.mark.parametrize("fmt", ["text", "github", "markdown"])
def test_neither_titles_nor_paths_nor_keys_forge_a_report(
    fmt: str, text: str | None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fmt in FORMATS
    if text is not None:
        (folder / "x.circuit.yaml").write_text(text, encoding="utf-8")
    assert (run(["check", folder.name, "--format", fmt]) == 0) is (text == TITLED)
    out, err = capsys.readouterr()
    assert_harmless(out)
    assert_harmless(err)
    if fmt == "github":
        assert err == ""


@pytest.mark.parametrize("fmt", ["text", "github", "markdown"])
@pytest.mark.parametrize("column", [NASTY.strip(), "absent"])
def test_columns_of_data_forge_none(
    column: str, fmt: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "rows.csv").write_text(f'x1,"{NASTY.strip()}"\n0,0\n1,1\n', encoding="utf-8", newline="")
    spec = LABELLED.format(label=json.dumps(column))
    (folder / "x.circuit.yaml").write_text(spec, encoding="utf-8")
    assert run(["check", folder.name, "--format", fmt]) == (2 if column == "absent" else 0)
    for told in capsys.readouterr():
        assert_harmless(told)


def test_other_verbs_neither(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = f"{folder.name}/x.circuit.yaml"
    (folder / "x.circuit.yaml").write_text(TITLED, encoding="utf-8")
    for words in (
        ["explain", path],
        ["eval", path, "--x", "01"],
        ["enumerate", path],
        ["mutate", path, "-k", "carol"],
        ["check", path, "--update-lock"],
        ["check", path, "--locked"],
        ["explain", folder.name, "-k", "nobody"],
    ):
        run(words)
        for told in capsys.readouterr():
            assert_harmless(told)
    (folder / "x.circuit.yaml").unlink()
    (folder / "y.circuit.yaml").write_text(TITLED, encoding="utf-8")
    assert run(["check", folder.name, "--locked"]) == 1
    for told in capsys.readouterr():
        assert_harmless(told)


def test_settings_neither(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VERIFIER_PATHS", folder.name.replace(":", ""))
    monkeypatch.setenv(f"VERIFIER_{NASTY}", "1")
    assert run(["config"]) == 0
    for told in capsys.readouterr():
        assert_harmless(told)


ABSENT = BROKEN.partition("network:")[0] + f"network: {json.dumps(NASTY[1:])}\noutput: y\n"


def test_pytest_neither(
    folder: Path,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "x.circuit.yaml").write_text(ABSENT, encoding="utf-8")
    monkeypatch.chdir(folder.parent)
    words = ("-p", "no:verifier", "-p", "no:cacheprovider", "--tb=short", "-q")
    result = pytester.runpytest_inprocess(*words, plugins=[verifier.pytest_plugin])
    capsys.readouterr()  # the error that is counted in it is none of this test
    (told,) = [line for line in result.outlines if "E108" in line]
    assert visible(FORGED) in told
    assert told.count(visible(STEERING)) == 3  # in the path of the spec, and twice in what is wrong


def test_the_specs_that_are_shipped_are_shown_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(ROOT / "specs" / "xor.circuit.yaml")]) == 0
    assert "\\" not in capsys.readouterr().out
