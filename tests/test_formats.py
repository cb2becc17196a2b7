"""JUnit XML, annotations, Markdown, drawings: all that happened, and nothing that reads as something else."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from format_runs import RUNS, TOOL, everything, folder, run_of, shown
from junitparser import Error, Failure, JUnitXml

from verifier.engine.outcome import Exit, ExplanationReport, RunReport, SpecReport
from verifier.errors import Position, Problem
from verifier.report.cases import cases
from verifier.report.formats import FORMATS, Format, render
from verifier.report.markdown import markdown
from verifier.report.mermaid import flowchart
from verifier.run.check_specs import claims_of

SPECS = Path(__file__).parent.parent / "specs"
PIECES = (  # of everything that stopped a run
    "no such file or folder: absent",
    "unknown key titel",
    "did you mean title",
    "unknown unit h9",
    "ValueError",
    "RuntimeError: planted",
    "nothing to check in nowhere",
    "network changed since this was proved",
    "a cell, 100%",
    "interrupted",
)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_error_is_in_every_format(fmt: str) -> None:
    text = shown(everything(), fmt).replace("%25", "%").replace("\\", "")
    for piece in PIECES:
        assert piece in text, piece


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("exit_code", RUNS, ids=lambda code: code.name)
def test_every_format_ends_in_one_newline(exit_code: Exit, fmt: str) -> None:
    text = shown(RUNS[exit_code](), fmt)
    assert text.endswith("\n")
    assert not text.endswith("\n\n\n")


def junit_of(run: RunReport) -> JUnitXml:
    text = shown(run, "junit")
    ElementTree.fromstring(text)
    return JUnitXml.fromstring(text.encode())


def test_junit_fails_what_does_not_pass() -> None:
    run = everything()
    found = {(suite.name, case.name): case for suite in junit_of(run) for case in suite}
    kinds = {name: [type(result) for result in case.result] for (_, name), case in found.items()}
    assert kinds["alice::behavior"] == []
    assert kinds["carol::mediation"] == []
    assert kinds["carol::readout"] == kinds["any::behavior"] == kinds["lock"] == [Failure]
    for name in ("E108", "E102", "E205", "E402", "internal", "interrupted", "nothing"):
        assert kinds[name] == [Error]
    assert found["wide.circuit.yaml", "any::behavior"].result[0].type == "undecided"
    (failure,) = found["wrong 100%, a|b.circuit.yaml", "carol::readout"].result
    assert failure.type == "unexpected"
    assert "<- first" in failure.text
    assert "--x 10" in failure.text


def test_junit_counts() -> None:
    run = everything()
    document = junit_of(run)
    failed = [case.exit for case in cases(run) if case.exit != Exit.OK]
    failures = sum(code in (Exit.UNEXPECTED, Exit.UNDECIDED) for code in failed)
    assert document.tests == len(cases(run))
    assert (document.failures, document.errors) == (failures, len(failed) - failures)
    assert document.skipped == 0


@pytest.mark.parametrize("exit_code", RUNS, ids=lambda code: code.name)
def test_junit_is_red_when_the_run_is(exit_code: Exit) -> None:
    document = junit_of(RUNS[exit_code]())
    assert bool(document.failures + document.errors) is (exit_code != Exit.OK)


def test_junit_has_an_error_for_a_spec_without_checks() -> None:
    run = run_of("right.circuit.yaml", "bare.circuit.yaml")
    assert run.exit == Exit.NOTHING
    (result,) = [result for suite in junit_of(run) for case in suite for result in case.result]
    assert isinstance(result, Error)


def test_junit_names_file_and_line() -> None:
    root = ElementTree.fromstring(shown(run_of("wrong 100%, a|b.circuit.yaml"), "junit"))
    (case,) = root.findall(".//testcase[@name='carol::readout']")
    assert (case.get("file"), case.get("line")) == ("wrong 100%, a|b.circuit.yaml", "29")


ANNOTATION = re.compile(r"^::(error|warning|notice) ([^:]*)::(.*)$")


def annotations_of(run: RunReport) -> list[tuple[str, dict[str, str], str]]:
    """Return the commands as the runner reads them; the line after them sums up."""
    lines = shown(run, "github").splitlines()
    last = [line for line in lines if not line.startswith("::")]
    assert 1 <= len(last) <= 2
    assert lines[-len(last) :] == last
    found = []
    for line in lines[: -len(last)]:
        command = ANNOTATION.match(line)
        assert command is not None, line
        level, properties, message = command.groups()
        parted = dict(part.split("=", 1) for part in properties.split(","))
        unescaped = {key: _unescaped(_unescaped_property(value)) for key, value in parted.items()}
        found.append((level, unescaped, _unescaped(message)))
    return found


def _unescaped(text: str) -> str:
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def _unescaped_property(text: str) -> str:
    return text.replace("%3A", ":").replace("%2C", ",")


def test_annotations_say_what_did_not_pass() -> None:
    run = everything()
    found = annotations_of(run)
    wanted = [case for case in cases(run) if case.exit != Exit.OK]
    assert [(p["title"], m.splitlines()[0]) for level, p, m in found if level == "error"] == [
        (f"verifier: {case.name}", case.message.splitlines()[0]) for case in wanted
    ]
    (refuted,) = [p for _, p, _ in found if p["title"] == "verifier: carol::readout"]
    assert refuted == {
        "file": "wrong 100%, a|b.circuit.yaml",
        "line": "29",
        "col": "14",
        "title": "verifier: carol::readout",
    }


def test_annotations_of_a_pass() -> None:
    assert annotations_of(run_of("right.circuit.yaml")) == []
    found = annotations_of(run_of("right.circuit.yaml", "bare.circuit.yaml"))
    assert [(level, p["file"]) for level, p, _ in found if level != "notice"] == [
        ("error", "bare.circuit.yaml")
    ]


def test_long_annotations_are_cut() -> None:
    run = RunReport(defect="%" * 10_000 + "\nValueError: " + "x" * 10_000)
    ((_, _, message),) = annotations_of(run)
    assert len(message) == 4096
    assert message.endswith("see the log")


def test_markdown_has_rows_counterexamples_and_drawings() -> None:
    text = shown(run_of("wrong 100%, a|b.circuit.yaml"), "markdown")
    rows = [line for line in text.splitlines() if line.startswith(("| ✅", "| ❌"))]
    assert len(rows) == 11
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert "<details open><summary>carol::readout: refuted, expected proved: at x = 10" in text
    assert "<- first" in text
    assert text.count("```mermaid\n") == 3
    assert text.count("<details") == text.count("</details>")


def test_markdown_means_what_it_shows() -> None:
    """Rendered by a parser of Markdown, titles are what they are in the spec."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("gfm-like", {"linkify": False}).render(shown(everything(), "markdown"))
    assert "<b>" not in html
    assert "100% | <b>wide</b>" in unescape(html)
    assert f"<h2><code>{folder()}/wrong 100%, a|b.circuit.yaml</code></h2>" in html
    assert html.count("<table>") == len([r for r in (everything(), *everything().specs) if _shows(r)])
    cells = [re.sub("<[^>]*>", "", cell) for cell in re.findall("<td>(.*?)</td>", html)]
    assert "a cell, 100%: a|b::c (<write> 1)" in [unescape(cell) for cell in cells]


def _shows(report: RunReport | SpecReport) -> bool:
    return isinstance(report, RunReport) or bool(cases(RunReport((report,))))


def test_what_is_refuted_as_expected_is_not_drawn_in_red() -> None:
    text = shown(run_of("right.circuit.yaml"), "markdown")
    assert text.startswith("# verifier: ✅ pass")
    assert "stroke:#d00" not in text
    assert re.search("  class f.* expected$", text, re.MULTILINE)


def lines_of(run: RunReport, *, brief: bool | None = None) -> list[str]:
    return render(run, "text", lambda: TOOL, folder(), brief).splitlines()


def test_a_long_text_ends_with_the_names_of_what_is_not_as_expected() -> None:
    names = ("right.circuit.yaml", "wrong 100%, a|b.circuit.yaml", "wide.circuit.yaml")
    lines = lines_of(run_of(*names))
    at = lines.index("not as expected:")
    assert lines[at + 1 : at + 4] == [
        f"  {folder()}/{names[1]}:29  carol::readout",
        f"  {folder()}/{names[2]}:9  any::behavior",
        "",
    ]
    assert lines[at + 4].startswith("7 explanations, 20 checks: ")
    assert len(lines[at + 4 :]) <= 2
    for short in (run_of(names[0]), run_of(names[2])):
        assert "not as expected:" not in lines_of(short)


def test_where_checks_are_many_tables_are_of_what_is_not_as_expected() -> None:
    names = ("right.circuit.yaml", "wrong 100%, a|b.circuit.yaml")
    few, many = run_of(*names), RunReport(run_of(*names).specs * 2)
    tables = [
        sum("<- first" in line for line in lines_of(run, brief=brief))
        for run in (few, many)
        for brief in (None, True, False)
    ]
    assert tables == [3, 0, 3, 2, 0, 6]  # one of three is not as expected


@pytest.mark.parametrize("fmt", ["text", "github", "markdown"])
def test_brief_formats_have_no_values(fmt: Format) -> None:
    run = run_of("wrong 100%, a|b.circuit.yaml")
    for brief in (True, False):
        text = render(run, fmt, lambda: TOOL, folder(), brief)
        assert "c2 reads 0, the explanation says 1" in text
        assert ("<- first" in text) is not brief


@pytest.mark.parametrize("fmt", ["text", "github", "markdown", "json"])
def test_what_to_do_about_stale_specs_comes_last(fmt: Format) -> None:
    one = SpecReport("a b/one.circuit.yaml", "00", stale=("network changed since this was proved", "more"))
    gone = SpecReport("c/gone.circuit.yaml", stale=("it is gone",))
    fell = replace(run_of("wrong 100%, a|b.circuit.yaml").specs[0], stale=("network changed",))
    for specs, told in (
        ((one,), "1 spec is stale: verifier check 'a b/one.circuit.yaml' --update-lock"),
        ((one, gone), "2 specs are stale: verifier check 'a b' c --update-lock"),
        ((gone,), "1 spec is stale: verifier check c --update-lock"),
        ((one, fell), f"2 specs are stale; once all is as expected: verifier check 'a b' {folder()}"),
    ):
        text = render(RunReport(specs), fmt, lambda: TOOL, folder())
        if fmt == "json":
            assert json.loads(text)["summary"][-1].startswith(told)
        elif fmt == "markdown":
            assert text.replace("\\", "").splitlines()[4].startswith(told)
        else:
            lines = [line for line in text.splitlines() if not line.startswith(tuple("abc/"))]
            assert lines[-1].startswith(told)


def test_a_stale_spec_is_one_case_of_short_lines() -> None:
    told = ("network changed since this was proved", "alice::behavior was proved, and is refuted now", "x")
    (case,) = cases(RunReport((SpecReport("a.circuit.yaml", "00", stale=told),)))
    assert case.message == "network changed since this was proved; 2 more below"
    assert case.details.splitlines() == list(told[1:])
    assert case.commands == ("verifier check a.circuit.yaml --update-lock",)


@pytest.mark.parametrize("fmt", FORMATS)
def test_warnings_are_in_every_format(fmt: Format) -> None:
    problem = Problem("E101", "no lock", "delete it", str(folder() / "verifier.lock"), Position(3, 1))
    text = render(replace(run_of("right.circuit.yaml"), warnings=(problem,)), fmt, lambda: TOOL, folder())
    for told in ("no lock", "delete it", "verifier.lock", "warning"):
        assert told in text.replace("\\", "").lower()


def test_a_long_summary_is_cut() -> None:
    run = run_of("wrong 100%, a|b.circuit.yaml")
    whole = markdown(run)
    for most in (len(whole.encode()), 3000, 500, 200):
        text = markdown(run, most)
        assert len(text.encode()) <= most
        assert text.startswith("# verifier: ❌")
        assert ("cut off" in text) is (most < 1000)
        assert text.count("<details") == text.count("</details>")


LINE = re.compile(
    r"""\ \ (?:
        \w+(?:\(\["[^"]+"\]\)|\["[^"]+"\]|\[\["[^"]+"\]\]|\("[^"]+"\))
      | \w+\ (?:-->|-\.->)\ \w+
      | classDef\ (?:refuted|expected)\ [\w:#,-]+
      | class\ \w+(?:,\w+)*\ (?:refuted|expected)
    )""",
    re.VERBOSE,
)


def drawing(report: ExplanationReport) -> tuple[dict[str, str], set[tuple[str, str]], set[str]]:
    """Return nodes with labels, edges, and what is marked, of a drawing within the subset of Mermaid used."""
    first, *lines = flowchart(report).splitlines()
    assert first == "flowchart LR"
    assert all(LINE.fullmatch(line) for line in lines)
    assert not any(re.search(r"#(?!\d+;)", line) for line in lines if '"' in line)
    nodes = {
        line.split()[0].partition("(")[0].partition("[")[0]: unescape(
            re.sub(r"#(\d+);", r"&#\1;", line.split('"')[1])
        )
        for line in lines
        if '"' in line
    }
    edges = {(a, b) for a, _, b in (line.split() for line in lines if "->" in line)}
    assert {node for edge in edges for node in edge} <= set(nodes)
    marked = {n for line in lines if line.startswith("  class ") for n in line.split()[1].split(",")}
    return nodes, edges, marked


def test_a_drawing_shows_the_circuit() -> None:
    report = {
        e.claim.explanation.name: e for e in run_of("wrong 100%, a|b.circuit.yaml").specs[0].explanations
    }
    nodes, edges, marked = drawing(report["carol"])
    named = {label.partition(":")[0]: node for node, label in nodes.items()}
    assert set(named) == {"x1", "x2", "h1", "h2", "h3", "c1", "c2", "y"}
    assert nodes[named["c1"]] == "c1: x1 & ~x2 @ h1 - h3"
    arrows = {(a, b) for a in named for b in named if (named[a], named[b]) in edges}
    assert arrows == {
        ("x1", "h1"),
        ("x2", "h2"),
        ("x1", "h3"),
        ("x2", "h3"),
        ("h1", "c1"),
        ("h3", "c1"),
        ("h2", "c2"),
        ("c1", "y"),
        ("c2", "y"),
    }
    assert marked == {named["c2"], named["y"]}  # read wrongly; unequal on inputs with equal readouts
    drawn = flowchart(report["carol"]).splitlines()
    assert [line for line in drawn if line.startswith("  class ")] == [
        f"  class {named['c2']} refuted",
        f"  class {named['y']} expected",
    ]
    assert drawing(report["alice"])[2] == set()


@pytest.mark.parametrize("name", ["hierarchical-equality", "mux-4", "equality-12-bits", "superposition"])
def test_drawings_of_shipped_specs(name: str) -> None:
    for claim, _ in claims_of(str(SPECS / f"{name}.circuit.yaml")):
        nodes, edges, _ = drawing(ExplanationReport(claim, ()))
        assert edges or not claim.explanation.layers
        assert len(nodes) < 60


def test_much_is_drawn_as_one() -> None:
    (claim, _), *_ = claims_of(str(folder() / "wide.circuit.yaml"))
    nodes, _, _ = drawing(ExplanationReport(claim, ()))
    assert "40 inputs" in nodes.values()


def test_start_up_loads_no_format() -> None:
    code = (
        "import sys; from verifier.cli import run; run(['check', 'absent.yaml']);"
        "sys.exit('junitparser' in sys.modules or 'z3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
