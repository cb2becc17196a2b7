"""SARIF: valid by the schema of the standard, and by what its text asks for besides."""

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from format_runs import ROOT, RUNS, XOR, everything, folder, run_of, shown
from jsonschema import Draft202012Validator, FormatChecker

from verifier.engine.options import Options
from verifier.engine.outcome import Exit
from verifier.report.cases import cases
from verifier.run.check_run import check_run

SCHEMA = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def log(run: Any, fmt: str = "sarif") -> Any:
    """Return the only run of a log that is valid."""
    document = json.loads(shown(run, fmt))
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert document["$schema"].endswith("/sarif-schema-2.1.0.json")
    (found,) = document["runs"]
    return found


def notifications(found: Any) -> list[Any]:
    (invocation,) = found["invocations"]
    return [*invocation["toolExecutionNotifications"], *invocation["toolConfigurationNotifications"]]


def kinds(found: Any) -> dict[str, str]:
    return {
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: result["kind"]
        for result in found["results"]
    }


def test_the_schema_refuses() -> None:
    document = json.loads(shown(run_of("right.circuit.yaml"), "sarif"))
    document["runs"][0]["results"][0]["kind"] = "refuted"
    document["runs"][0]["tool"]["driver"]["unheard"] = 1
    assert len(list(VALIDATOR.iter_errors(document))) == 2


@pytest.mark.parametrize("exit_code", RUNS, ids=lambda code: code.name)
def test_valid_and_as_successful_as_the_run(exit_code: Exit) -> None:
    run = RUNS[exit_code]()
    assert run.exit == exit_code
    (invocation,) = log(run)["invocations"]
    assert invocation["exitCode"] == exit_code
    analysed = exit_code in (Exit.OK, Exit.UNEXPECTED, Exit.UNDECIDED)
    assert invocation["executionSuccessful"] is analysed
    errors = [n for n in notifications(log(run)) if n["level"] == "error"]
    assert bool(errors) is not analysed  # "error" means that the run failed, so a run without may not say so


def test_kinds() -> None:
    found = kinds(log(RUNS[Exit.UNEXPECTED]()))
    assert found["alice::interchange"] == "pass"
    assert found["carol::readout"] == "fail"
    assert found["carol::mediation"] == "pass"  # refuted, as expected
    assert found["any::behavior"] == "open"
    assert found["enumerate"] == "pass"


def test_only_failures_have_a_level() -> None:
    for result in log(everything())["results"]:
        assert result["level"] == ("error" if result["kind"] == "fail" else "none")


def test_nothing_is_missing() -> None:
    run = everything()
    found = log(run)
    told = [entry["message"]["text"] for entry in (*found["results"], *notifications(found))]
    assert len(told) == len(cases(run))
    for piece in ("no such file", "unknown unit h9", "ValueError", "RuntimeError", "interrupted", "a cell"):
        assert any(piece in text for text in told), piece


def test_references_point_to_what_they_name() -> None:
    found = log(everything())
    driver = found["tool"]["driver"]
    for result in found["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    for notification in notifications(found):
        descriptor = notification["descriptor"]
        assert driver["notifications"][descriptor["index"]]["id"] == descriptor["id"]
    for entry in (*found["results"], *notifications(found)):
        for location in entry.get("locations", ()):
            place = dict(location["physicalLocation"]["artifactLocation"])
            number = place.pop("index", None)
            assert number is None or found["artifacts"][number]["location"] == place
            assert place.get("uriBaseId", "%SRCROOT%") in found["originalUriBaseIds"]


def test_paths_are_percent_encoded_and_relative() -> None:
    found = log(everything())
    uris = {artifact["location"]["uri"] for artifact in found["artifacts"]}
    assert "wrong%20100%25%2C%20a%7Cb.circuit.yaml" in uris
    assert {unquote(uri) for uri in uris} >= {"right.circuit.yaml", "wrong 100%, a|b.circuit.yaml"}
    (elsewhere,) = [n for n in notifications(found) if n["descriptor"]["id"] == "E402"]
    place = elsewhere["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "file:///else%20where/rows.csv"}
    assert place["region"] == {"startLine": 7, "startColumn": 3}


def test_regions_are_those_of_expectations() -> None:
    found = log(run_of("wrong 100%, a|b.circuit.yaml"))
    lines = (folder() / "wrong 100%, a|b.circuit.yaml").read_text(encoding="utf-8").splitlines()
    for result in found["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        text = lines[region["startLine"] - 1][region["startColumn"] - 1 :]
        assert text.startswith(f"{result['ruleId']}:" if result["ruleId"] != "enumerate" else "expect:")


def test_every_result_has_a_line() -> None:
    for result in log(everything())["results"]:
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_fingerprints_survive_lines_that_move() -> None:
    def fingerprints(text: str) -> Any:
        path.write_text(text, encoding="utf-8")
        return [r["partialFingerprints"] for r in log(check_run([str(path)], Options()))["results"]]

    path = folder() / "moved.circuit.yaml"
    before = fingerprints(XOR)
    assert before == fingerprints("# one\n# more\n" + XOR.replace("title: Two", "title: Two equal"))
    assert len({fingerprint["claim/v1"] for fingerprint in before}) == len(before)
    assert all(set(f) == {"claim/v1", "primaryLocationLineHash"} for f in before)
    path.rename(folder() / "other.circuit.yaml")
    other = log(check_run([str(folder() / "other.circuit.yaml")], Options()))["results"]
    assert not {f["claim/v1"] for f in before} & {r["partialFingerprints"]["claim/v1"] for r in other}


def test_messages_hold_no_placeholders_or_links() -> None:
    found = log(everything())
    messages = [entry["message"] for entry in (*found["results"], *notifications(found))]
    for text in [text for message in messages for text in message.values()]:
        assert not re.search(r"[{}]", text.replace("{{", "").replace("}}", ""))
        assert "](" not in text


def test_code_scanning_gets_no_passes() -> None:
    run = everything()
    every, problems = log(run), log(run, "code-scanning")
    assert [r for r in every["results"] if r["kind"] != "pass"] == problems["results"]
    assert {r["kind"] for r in problems["results"]} == {"fail", "open"}
    assert every["invocations"] == problems["invocations"]


def test_rules_have_what_code_scanning_asks_for() -> None:
    for rule in log(run_of("right.circuit.yaml"))["tool"]["driver"]["rules"]:
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
