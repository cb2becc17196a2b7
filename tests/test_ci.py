"""The pre-commit hook and the GitHub action, run on a scratch repository as they are shipped."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from ci_runs import ACTION, HOOKS, ROOT, act, committed, environment, git, pre_commit, read

NETWORK = "layers:\n  - {{name: y, weights: [[1, 1]], bias: [{bias}], activation: step}}\n"
SPEC = """
spec: 1
inputs: [x1, x2]
network: both.yaml
output: y
explanations:
  both:
    circuit: {y: x1 & x2}
"""


README = (
    (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Put it in your CI\n")[1].split("\n## ")[0]
)
SHOWN = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
(SETTINGS,) = [text for kind, text in SHOWN if kind == "toml"]
(PYTEST,) = [text for kind, text in SHOWN if kind == "sh"]
WITH_PRE_COMMIT, WITH_ACTIONS = [text for kind, text in SHOWN if kind == "yaml"]


def write_network(folder: Path, bias: str) -> None:
    (folder / "both.yaml").write_text(NETWORK.format(bias=bias), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a claim, true of weights in a file of their own."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "both.circuit.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.verifier]\npaths = ["."]\n', encoding="utf-8")
    write_network(folder, "-3/2")
    return folder


def test_the_hooks_are_a_manifest(repository: Path) -> None:
    git(repository, "init", "--quiet")
    done = pre_commit(repository, "validate-manifest", str(HOOKS))
    assert done.returncode == 0, done.stdout


def test_the_hook_fails_the_commit_that_changes_weights(repository: Path) -> None:
    (hook,) = read(HOOKS)
    local = {**hook, "language": "system"}  # the checkout itself in place of an environment that is installed
    config = {"repos": [{"repo": "local", "hooks": [local]}]}
    (repository / ".pre-commit-config.yaml").write_text(json.dumps(config), encoding="utf-8")
    committed(repository)
    done = pre_commit(repository, "run", "--all-files")
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout

    write_network(repository, "-1/2")
    git(repository, "add", "both.yaml")
    done = pre_commit(repository, "run")
    assert done.returncode == 1
    assert "exit code: 1" in done.stdout
    assert "at x = 01" in done.stdout

    git(repository, "reset", "--hard", "--quiet")
    assert pre_commit(repository, "run").returncode == 0
    git(repository, "rm", "--quiet", "both.yaml")  # which leaves no file to look at
    done = pre_commit(repository, "run")
    assert done.returncode == 1
    assert "E108" in done.stdout


@pytest.mark.slow
def test_the_hook_installs_itself(repository: Path) -> None:
    committed(repository)
    done = pre_commit(repository, "try-repo", str(ROOT), "verifier-check", "--all-files", "--verbose")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 explanation, 1 check: 1 proved" in done.stdout


def assert_schema(name: str, path: Path) -> None:
    words = ["check_jsonschema", "--builtin-schema", name, str(path)]
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_action_conforms_to_the_schema_of_actions() -> None:
    words = ["check-jsonschema", "--builtin-schema", "vendor.github-actions", str(ACTION)]
    done = subprocess.run(
        [sys.executable, "-m", words[0].replace("-", "_"), *words[1:]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_expression_is_pasted_into_a_script() -> None:
    action = read(ACTION)
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert not [script for script in scripts if "${{" in script]
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text(encoding="utf-8")))
    assert used == set(action["inputs"])
    for step in action["runs"]["steps"]:
        assert ("run" in step) == (step.get("shell") == "bash")
        assert re.fullmatch(r"[\w-]+(/[\w-]+)+@v\d+", step.get("uses", "a/b@v1"))


@pytest.fixture
def installed(repository: Path) -> Path:
    """Put this checkout where the step Install puts what it installs; return the folder of a runner."""
    target = repository.parent / "temp" / "verifier" / "bin" / "python"
    target.parent.mkdir(parents=True)
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from verifier.__main__ import main; main()"
    isolated = f"{shlex.quote(sys.executable)} -I -c {shlex.quote(start)}"
    script = f'#!/bin/sh\n[ "$1 $2 $3" = "-I -m verifier" ] && shift 3 && exec {isolated} "$@"\n'
    target.write_text(script, encoding="utf-8")
    target.chmod(0o755)
    return repository.parent / "temp"


def reports(runner: Path) -> tuple[str, str, Any]:
    """Return what the step Check wrote: the output file of the runner, JUnit and SARIF."""
    folder = runner / "verifier-reports"
    sarif = json.loads((folder / "verifier.sarif").read_text(encoding="utf-8"))
    json.loads((folder / "verifier.json").read_text(encoding="utf-8"))
    junit = (folder / "verifier.xml").read_text(encoding="utf-8")
    return (runner / "output").read_text(encoding="utf-8"), junit, sarif["runs"][0]


def test_the_action_is_green(repository: Path, installed: Path) -> None:
    done = act(repository, "Check")
    assert done.returncode == 0, done.stdout + done.stderr
    output, junit, sarif = reports(installed)
    assert output == "exit-code=0\n"
    assert "<failure" not in junit
    assert [result["kind"] for result in sarif["results"]] == ["pass"]
    scanned = json.loads((installed / "verifier-reports" / "code-scanning.sarif").read_text(encoding="utf-8"))
    assert scanned["runs"][0]["results"] == []
    assert "::error" not in done.stdout
    assert (installed / "summary").read_text(encoding="utf-8")


def test_the_action_is_red_and_keeps_its_reports(repository: Path, installed: Path) -> None:
    write_network(repository, "-1/2")
    done = act(repository, "Check", paths="both.circuit.yaml\n", args="-k\nboth and behavior\n")
    assert done.returncode == 1
    output, junit, sarif = reports(installed)
    assert output == "exit-code=1\n"
    assert "<failure" in junit
    assert [result["kind"] for result in sarif["results"]] == ["fail"]
    assert "::error file=both.circuit.yaml,line=7," in done.stdout
    assert "at x = 01" in (installed / "summary").read_text(encoding="utf-8")


def test_what_is_uploaded_is_what_was_written_also_when_the_check_failed(
    repository: Path, installed: Path
) -> None:
    write_network(repository, "-1/2")
    assert act(repository, "Check").returncode == 1
    *_, sarif, kept = read(ACTION)["runs"]["steps"]
    code = "steps.check.outputs.exit-code"
    ended = f"""contains(fromJSON('["0", "1", "3"]'), {code})"""  # else alerts would be closed
    assert sarif["if"] == f"${{{{ !cancelled() && inputs.sarif == 'true' && {ended} }}}}"
    assert kept["if"] == f"${{{{ !cancelled() && inputs.artifact != '' && {code} != '' }}}}"
    places = [sarif["with"]["sarif_file"], kept["with"]["path"]]
    file, folder = (Path(place.replace("${{ runner.temp }}", str(installed))) for place in places)
    assert file.is_file()
    assert {path.name for path in folder.iterdir()} == {
        "code-scanning.sarif",
        "verifier.sarif",
        "verifier.xml",
        "verifier.json",
    }


@pytest.mark.parametrize("paths", ["$(touch pwned)", '"; touch pwned #', "`touch pwned`", "--help", "a b"])
def test_what_an_input_says_is_not_run(paths: str, repository: Path, installed: Path) -> None:
    assert act(repository, "Check", paths=paths).returncode == 2
    assert not (repository / "pwned").exists()
    assert (installed / "output").read_text(encoding="utf-8") == "exit-code=2\n"


def plant(repository: Path) -> None:
    """Put modules in a repository that would be run in place of what the action means."""
    for name in ("sitecustomize", "usercustomize", "venv", "pip", "verifier/__init__", "click", "json"):
        path = repository / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("open('pwned', 'w').close()\nraise SystemExit(0)\n", encoding="utf-8")


LURES = {"PYTHONPATH": ".", "PYTHONSTARTUP": "sitecustomize.py", "PYTHONHOME": ""}


def test_no_code_of_the_repository_is_run(repository: Path, installed: Path) -> None:
    plant(repository)
    write_network(repository, "-1/2")
    done = act(repository, "Check", LURES)
    assert done.returncode == 1, done.stderr
    assert "::error file=both.circuit.yaml,line=7," in done.stdout
    assert not (repository / "pwned").exists()


@pytest.mark.slow
def test_none_is_run_by_installing_either(repository: Path) -> None:
    plant(repository)
    done = act(repository, "Install", LURES, onnx="false")
    assert done.returncode == 0, done.stderr
    done = act(repository, "Check", LURES)
    assert done.returncode == 0, done.stderr
    assert "1 explanation, 1 check: 1 proved" in done.stdout
    assert not (repository / "pwned").exists()


def test_reports_of_an_earlier_step_are_not_kept(repository: Path, installed: Path) -> None:
    assert act(repository, "Check").returncode == 0
    assert (installed / "verifier-reports" / "verifier.xml").exists()
    assert act(repository, "Check", args="--bogus").returncode == 2
    assert not list((installed / "verifier-reports").iterdir())


@pytest.mark.slow
def test_the_action_installs_itself(repository: Path) -> None:
    done = act(repository, "Install", onnx="false")
    assert done.returncode == 0, done.stderr
    assert act(repository, "Check").returncode == 0


@pytest.fixture
def shown(repository: Path, installed: Path) -> Path:
    """Return a repository as the README shows it."""
    (repository / "both.circuit.yaml").unlink()
    (repository / "specs").mkdir()
    shutil.copy(ROOT / "specs" / "xor.circuit.yaml", repository / "specs")
    (repository / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    return repository


def spoil(repository: Path) -> None:
    """Change a weight, so that a claim falls."""
    path = repository / "specs" / "xor.circuit.yaml"
    text = path.read_text(encoding="utf-8")
    assert "[1, 1, -2]" in text
    path.write_text(text.replace("[1, 1, -2]", "[1, 1, -1]"), encoding="utf-8")


def test_the_readme_with_pytest(shown: Path) -> None:
    def tested() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *shlex.split(PYTEST), "-p", "verifier.pytest_plugin", "-q"],
            cwd=shown,
            env=environment(shown.parent, PYTHONPATH=str(ROOT), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    green = tested()
    assert green.returncode == 0, green.stdout + green.stderr
    assert "10 passed" in green.stdout
    spoil(shown)
    red = tested()
    assert red.returncode == 1
    assert "alice::behavior" in red.stdout


def test_the_readme_with_pre_commit(shown: Path) -> None:
    """As it stands there, but for where the hook comes from."""
    config = read(WITH_PRE_COMMIT)
    (hooks,) = read(HOOKS)
    (entry,) = config["repos"]
    assert [hook["id"] for hook in entry["hooks"]] == [hooks["id"]]
    assert entry["rev"] == f"v{version('circuit-verifier')}"
    local = {**hooks, **entry["hooks"][0], "language": "system", "additional_dependencies": []}
    written = {"repos": [{"repo": "local", "hooks": [local]}]}
    (shown / ".pre-commit-config.yaml").write_text(json.dumps(written), encoding="utf-8")
    committed(shown)
    assert pre_commit(shown, "run", "--all-files").returncode == 0
    spoil(shown)
    git(shown, "add", "--all")
    assert pre_commit(shown, "run").returncode == 1


def test_the_readme_with_actions(shown: Path) -> None:
    path = shown / "claims.yml"
    path.write_text(WITH_ACTIONS, encoding="utf-8")
    assert_schema("vendor.github-workflows", path)
    _, step = read(WITH_ACTIONS)["jobs"]["claims"]["steps"]
    place, _, ref = step["uses"].partition("@")
    assert (ROOT / place.removeprefix("OWNER/REPO/") / "action.yml").samefile(ACTION)
    assert ref == f"v{version('circuit-verifier')}"
    inputs = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in step["with"].items()
    }
    assert set(inputs) <= set(read(ACTION)["inputs"])
    assert act(shown, "Check", **inputs).returncode == 0
    spoil(shown)
    red = act(shown, "Check", **inputs)
    assert red.returncode == 1
    assert "::error file=specs/xor.circuit.yaml,line=" in red.stdout
