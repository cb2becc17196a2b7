"""JUnit XML, annotations, Markdown, drawings: all that happened, and nothing that reads as something else."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from format_runs import RUNS, everything, folder, run_of, shown
from junitparser import Error, Failure, JUnitXml

from verifier.engine.outcome import Exit, ExplanationReport, RunReport, SpecReport
from verifier.report.cases import cases
from verifier.report.formats import FORMATS
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
    *lines, last = shown(run, "github").splitlines()
    assert not last.startswith("::")
    found = []
    for line in lines:
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
      | classDef\ refuted\ [\w:#,-]+
      | class\ \w+(?:,\w+)*\ refuted
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
