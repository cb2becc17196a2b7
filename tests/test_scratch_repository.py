"""A repository that keeps claims beside weights, checked by an installed wheel in every way that there is.

All is green; then one weight changes by one unit in the last place, and what is said is what brute force in
fractions says; then one changes enough, and all is red: the same line, the same counterexample.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from ci_runs import HOOKS, ROOT, act, committed, environment, git, pre_commit, read
from format_readers import GREEN
from safetensors.numpy import load_file, save_file

from verifier.engine.outcome import Exit
from verifier.report.formats import FORMATS

SPEC = """spec: 1
title: XOR, of weights in floats
inputs: [x1, x2]
network:
  file: ../weights/xor.safetensors
  layers: [fc1, fc2]
  activations: [step, step]
output: y
explanations:
  xor:
    circuit:
      both: x1 & x2 @ h1
      any: x1 | x2 @ h2
      y: any & ~both
    expect: {behavior: proved, readout: proved, mediation: proved, interchange: proved}
enumerate:
  layer: h
  features: 2
  coefficients: -2..2
  expect: {count: 4, contains: [xor]}
"""
LINE = SPEC[: SPEC.index("    expect: {behavior")].count("\n") + 1
WEIGHTS = {
    # 0.1 + 0.2 - 0.3 is 2^-55 > 0 in exact arithmetic on these three floats
    "fc1.weight": np.array([[0.1, 0.2], [1.0, 1.0]]),
    "fc1.bias": np.array([-0.3, -0.5]),
    "fc2.weight": np.array([[-1.0, 1.0]]),
    "fc2.bias": np.array([-0.5]),
}
SETTINGS = """[tool.verifier]
paths = ["claims"]
timeout = 60

[tool.pytest.ini_options]
testpaths = ["claims"]
"""
WORKFLOW = """on: [push]
jobs:
  claims:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: OWNER/REPO/.github/actions/check@v{version}
        with:
          paths: claims
"""
CHECKS = ("behavior", "readout", "mediation", "interchange")
BITS = tuple(product((0, 1), repeat=2))
WHERE = "claims/xor.circuit.yaml"
IN_TWO = ("-n", "2", "-p", "no:hypothesispytest")  # which takes a second to load


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that is built of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        folder,
        ROOT,
    ]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, capture_output=True)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def tools(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment with the wheel in it; what it depends on is shared."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    shared = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "shared.pth").write_text("".join(f"{path}\n" for path in shared), encoding="utf-8")
    python = home / "bin" / "python"
    words = ["--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, capture_output=True)
    return home / "bin"


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    info = f"circuit_verifier-{version('circuit-verifier')}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"verifier", info}
    shipped = {name for name in names if name.startswith("verifier/")}
    here = [path.relative_to(ROOT) for path in (ROOT / "verifier").rglob("*") if path.is_file()]
    assert shipped == {path.as_posix() for path in here if "__pycache__" not in path.parts}
    assert "verifier/py.typed" in shipped
    assert {name.removeprefix(f"{info}/") for name in set(names) - shipped} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
        "licenses/LICENSE",
    }
    points = zipfile.ZipFile(wheel).read(f"{info}/entry_points.txt").decode().split()
    assert points[1:] == [
        *("verifier", "=", "verifier.__main__:main"),
        *("[pytest11]", "verifier", "=", "verifier.pytest_plugin"),
    ]


@dataclass(frozen=True)
class Repository:
    """A repository, and the programs of the environment in which its checks are run."""

    folder: Path
    tools: Path

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository."""
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.folder,
            env=environment(self.folder.parent, COLUMNS="100"),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def check(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.tools / "verifier", "check", *words)

    def reports(self) -> tuple[int, dict[str, str]]:
        """Return the exit code of a check and its report in every format."""
        outputs = [word for fmt in FORMATS for word in ("--output", f"{fmt}=../out.{fmt}")]
        done = self.check(*outputs)
        parent = self.folder.parent
        return done.returncode, {fmt: (parent / f"out.{fmt}").read_text(encoding="utf-8") for fmt in FORMATS}

    def pytest(self, *words: str) -> tuple[int, ElementTree.Element]:
        """Return the exit code of pytest and what it wrote for CI servers."""
        result = self.folder.parent / "pytest.xml"
        words = (*words, "-p", "no:cacheprovider", f"--junitxml={result}", "-o", "junit_family=xunit1")
        done = self.run(self.tools / "python", "-m", "pytest", *words)
        return done.returncode, ElementTree.parse(result).getroot()

    def with_weight(self, name: str, place: tuple[int, ...], value: float) -> dict[str, Any]:
        """Change one number in the file of weights; return all numbers in it."""
        path = self.folder / "weights" / "xor.safetensors"
        tensors = load_file(path)
        assert tensors[name][place] != value
        tensors[name][place] = value
        save_file(tensors, path)
        return tensors


@pytest.fixture(scope="module")
def green(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the repository as it was committed, with its lock."""
    folder = tmp_path_factory.mktemp("green") / "repository"
    for name in ("claims", "weights", ".github/workflows"):
        (folder / name).mkdir(parents=True)
    (folder / WHERE).write_text(SPEC, encoding="utf-8")
    shutil.copy(ROOT / "specs" / "majority-3.circuit.yaml", folder / "claims")
    save_file(WEIGHTS, folder / "weights" / "xor.safetensors")
    (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (hook,) = read(HOOKS)
    hooks = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (folder / ".pre-commit-config.yaml").write_text(json.dumps(hooks), encoding="utf-8")
    workflow = WORKFLOW.format(version=version("circuit-verifier"))
    (folder / ".github" / "workflows" / "claims.yml").write_text(workflow, encoding="utf-8")
    offered(folder.parent, tools)
    locked = Repository(folder, tools).check("--update-lock")
    assert locked.returncode == Exit.OK, locked.stdout + locked.stderr
    committed(folder)
    return folder


def offered(parent: Path, tools: Path) -> None:
    """Let hook and action find the programs where they look for them."""
    (parent / "tools").mkdir()
    (parent / "tools" / "verifier").symlink_to(tools / "verifier")
    (parent / "temp").mkdir()
    (parent / "temp" / "verifier").symlink_to(tools.parent)


@pytest.fixture
def repository(green: Path, tools: Path, tmp_path: Path) -> Repository:
    shutil.copytree(green, tmp_path / "repository")
    offered(tmp_path, tools)
    return Repository(tmp_path / "repository", tools)


def acted(repository: Repository) -> subprocess.CompletedProcess[str]:
    """Run the step of the action as the workflow of the repository asks for it."""
    _, step = read(repository.folder / ".github" / "workflows" / "claims.yml")["jobs"]["claims"]["steps"]
    return act(repository.folder, "Check", **step["with"])


def test_what_is_run_is_the_wheel(repository: Repository) -> None:
    done = repository.run(repository.tools / "python", "-c", "import verifier; print(verifier.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(repository.tools.parent)
    done = repository.run("verifier", "--version")
    assert done.stdout == f"verifier {version('circuit-verifier')}\n"


def test_all_is_green(repository: Repository) -> None:
    code, reports = repository.reports()
    assert code == Exit.OK
    assert {fmt: GREEN[fmt](report) for fmt, report in reports.items()} == dict.fromkeys(FORMATS, True)
    assert verdicts(reports) == expected(WEIGHTS)
    assert repository.check("--locked").returncode == Exit.OK
    code, root = repository.pytest(*IN_TWO)
    assert code == 0
    names = {f"{case.get('classname')}.{case.get('name')}" for case in root.iter("testcase")}
    assert {f"{WHERE.replace('/', '.')}.xor.{check}" for check in CHECKS} <= names
    assert not [*root.iter("failure"), *root.iter("error"), *root.iter("skipped")]
    assert pre_commit(repository.folder, "run", "--all-files").returncode == 0
    done = acted(repository)
    assert (done.returncode, "::error" in done.stdout) == (0, False)


def expected(tensors: dict[str, Any]) -> dict[str, str]:
    """Return what is so of the claim, by evaluating all there is in fractions."""
    weights, bias, outgoing, shift = (
        [[Fraction(float(number)) for number in row] for row in np.atleast_2d(tensors[name])]
        for name in ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias")
    )

    def step(row: list[Fraction], offset: Fraction, values: tuple[int, ...]) -> int:
        z = sum((w * v for w, v in zip(row, values, strict=True)), offset)
        assert z != 0
        return int(z > 0)

    def hidden(x: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(step(row, offset, x) for row, offset in zip(weights, bias[0], strict=True))

    def put_out(h: tuple[int, ...]) -> int:
        return step(outgoing[0], shift[0][0], h)

    held = {
        "behavior": all(put_out(hidden(x)) == (x[0] | x[1]) & 1 - (x[0] & x[1]) for x in BITS),
        "readout": all(hidden(x) == (x[0] & x[1], x[0] | x[1]) for x in BITS),
        "mediation": True,  # each unit is read
        "interchange": all(put_out(u) == u[1] & 1 - u[0] for u in BITS),  # so a write sets the units
    }
    return {check: "proved" if holds else "refuted" for check, holds in held.items()}


def claim(reports: dict[str, str]) -> dict[str, Any]:
    """Return the checks of the claim about XOR, from the JSON document."""
    (spec,) = [s for s in json.loads(reports["json"])["specs"] if s["path"] == WHERE]
    return {check["check"]: check for check in spec["explanations"][0]["checks"]}


def verdicts(reports: dict[str, str]) -> dict[str, str]:
    return {name: check["verdict"] for name, check in claim(reports).items()}


@pytest.mark.parametrize(("towards", "falls"), [(0.0, False), (-1.0, True)], ids=["stays", "falls"])
def test_one_unit_in_the_last_place_is_decided(repository: Repository, towards: float, falls: bool) -> None:
    tensors = repository.with_weight("fc1.bias", (0,), float(np.nextafter(-0.3, towards)))
    wanted = expected(tensors)
    assert ("refuted" in wanted.values()) is falls
    code, reports = repository.reports()
    assert code == (Exit.UNEXPECTED if falls else Exit.OK)
    assert verdicts(reports) == wanted
    assert {fmt: GREEN[fmt](report) for fmt, report in reports.items()} == dict.fromkeys(FORMATS, not falls)
    # whether it falls or not, what was proved was another network
    locked = repository.check("--locked", "--format", "json")
    assert locked.returncode == Exit.UNEXPECTED
    (stale,) = [spec["stale"] for spec in json.loads(locked.stdout)["specs"] if spec["path"] == WHERE]
    assert "network changed since this was proved" in stale
    assert any("was proved, and is refuted now" in told for told in stale) is falls
    update = repository.check("--update-lock")
    assert update.returncode == code
    assert repository.check("--locked").returncode == (Exit.UNEXPECTED if falls else Exit.OK)


def table(text: str) -> list[tuple[str, str, str]]:
    """Return the first table of values: of each row the name, and the values in network and explanation."""
    lines = iter(text.splitlines())
    head = next(line for line in lines if line.split()[:3] == ["value", "computed", "as"])
    start, network, explanation = (head.index(word) for word in ("value", "network", "explanation"))
    rows = []
    for line in lines:
        cells = [line[start:], line[network:explanation], line[explanation:]]
        if not cells[1].strip() or line.startswith("≈", start):
            break
        rows.append(tuple((cell.split() or [""])[0] for cell in cells))
    return rows  # type: ignore[return-value]


def refutation(check: dict[str, Any]) -> tuple[str, list[tuple[str, str, str]], str]:
    """Return sentence, table and command of a refuted check of the JSON document."""
    found = check["counterexample"]
    ((steps,),) = [[trace["steps"] for trace in found["traces"]]]
    rows = [(step["name"], step["network"] or "", step["explanation"] or "") for step in steps]
    (command,) = found["commands"]
    return found["text"], rows, command


def shown(reports: dict[str, str], name: str) -> Iterator[tuple[str, str]]:
    """Yield each format with what it says of a check of the claim, and the place that it says it of."""
    (line,) = [line for line in reports["github"].splitlines() if f"xor%3A%3A{name}:" in line]
    said = dict(part.split("=", 1) for part in line.split("::")[1].removeprefix("error ").split(","))
    assert (said["file"], said["line"]) == (WHERE, str(LINE))
    yield "github", line.split("::", 2)[2].replace("%0A", "\n").replace("%25", "%")
    for fmt in ("sarif", "code-scanning"):
        (run,) = json.loads(reports[fmt])["runs"]
        (result,) = [r for r in run["results"] if r["ruleId"] == name and r["kind"] == "fail"]
        place = result["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (WHERE, LINE)
        assert result["message"]["text"].startswith("refuted")
        yield fmt, re.sub(r"\\(.)", r"\1", result["message"]["markdown"])
    (case,) = ElementTree.fromstring(reports["junit"]).findall(f".//testcase[@name='xor::{name}']")
    (failure,) = case
    assert (case.get("file"), case.get("line")) == (WHERE, str(LINE))
    yield "junit", f"{failure.get('message')}\n{failure.text}"
    start = reports["markdown"].index(f"<summary>xor::{name}: ")
    yield "markdown", reports["markdown"][start:]
    start = reports["text"].index(f"  {name} ", reports["text"].index(WHERE))
    yield "text", reports["text"][start:]


def test_all_is_red_with_one_counterexample(repository: Repository) -> None:
    tensors = repository.with_weight("fc2.weight", (0, 0), -0.25)
    wanted = expected(tensors)
    assert wanted == {**dict.fromkeys(CHECKS, "proved"), "behavior": "refuted", "interchange": "refuted"}
    code, reports = repository.reports()
    assert code == Exit.UNEXPECTED
    assert not [fmt for fmt in FORMATS if GREEN[fmt](reports[fmt])]
    assert verdicts(reports) == wanted

    code, root = repository.pytest(*IN_TWO)
    assert code == pytest.ExitCode.TESTS_FAILED
    in_pytest = {
        case.get("name"): case for case in root.iter("testcase") if "xor" in (case.get("classname") or "")
    }
    assert {name for name, case in in_pytest.items() if case.find("failure") is not None} == {
        *("behavior", "interchange", "enumerate"),
    }
    for name in ("behavior", "interchange"):
        sentence, rows, command = refutation(claim(reports)[name])
        failure = in_pytest[name].find("failure")
        assert failure is not None
        assert in_pytest[name].get("line") == str(LINE - 1)  # counted from 0, as pytest does
        for fmt, text in [*shown(reports, name), ("pytest", failure.text or "")]:
            assert sentence in text, fmt
            assert table(text) == rows, fmt
            assert command in text, fmt
        replayed = repository.run(*shlex.split(command))
        assert replayed.returncode == 0
        assert table(replayed.stdout) == rows

    locked = repository.check("--locked")
    assert locked.returncode == Exit.UNEXPECTED
    assert "xor::behavior was proved, and is refuted now" in locked.stderr
    git(repository.folder, "add", "--all")
    committing = pre_commit(repository.folder, "run")
    assert committing.returncode == 1
    assert refutation(claim(reports)["behavior"])[0] in committing.stdout
    done = acted(repository)
    assert done.returncode == Exit.UNEXPECTED
    assert (
        f"::error file={WHERE},line={LINE},col=14,title=verifier%3A xor%3A%3Abehavior::refuted" in done.stdout
    )
    written = repository.folder.parent / "temp" / "verifier-reports" / "verifier.sarif"
    assert not GREEN["sarif"](written.read_text(encoding="utf-8"))
