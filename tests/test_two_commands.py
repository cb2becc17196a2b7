"""From a network in a file and rows of data to a verdict in two commands, where no framework is installed."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "specs" / "gallery" / "README.md").read_text(encoding="utf-8")
FRAMEWORKS = ("torch", "sklearn", "onnxruntime", "tensorflow", "keras")

Run = subprocess.CompletedProcess[str]
PAIRS = [
    [line.strip() for line in block.strip().splitlines()]
    for block in re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Return a folder with `specs` in it, in which no framework can be imported."""
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    for name in FRAMEWORKS:
        hide(tmp_path, name)
    return tmp_path


def hide(folder: Path, name: str) -> None:
    """Put a module in the way that says it is not installed."""
    (folder / "hidden" / name).mkdir(parents=True)
    source = f"raise ModuleNotFoundError('no {name} here', name='{name}')\n"
    (folder / "hidden" / name / "__init__.py").write_text(source)


def python(folder: Path, *words: str) -> Run:
    """Run Python in a folder that `bare` made."""
    path = os.pathsep.join([str(folder / "hidden"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "80"}
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def verifier(folder: Path, command: str) -> Run:
    """Run a command line of the README."""
    name, *words = shlex.split(command)
    assert name == "verifier"
    return python(folder, "-m", "verifier", *words)


def test_frameworks_cannot_be_imported(bare: Path) -> None:
    for name in FRAMEWORKS:
        assert f"no {name} here" in python(bare, "-c", f"import {name}").stderr


def test_the_readme_shows_pairs_of_commands() -> None:
    assert len(PAIRS) == 2
    assert [[line.split()[1] for line in pair] for pair in PAIRS] == [
        ["suggest", "check"],
        ["import", "check"],
    ]


def test_a_network_and_rows_are_suggested_a_claim_which_is_proved(bare: Path) -> None:
    suggest, check = PAIRS[0]
    done = verifier(bare, suggest)
    assert done.returncode == 0, done.stderr
    started = time.perf_counter()
    done = verifier(bare, f"{check} --format json")
    assert time.perf_counter() - started < 20  # about 1 s; benchmarks/rows.py measures it
    assert done.returncode == 0, done.stderr
    (spec,) = json.loads(done.stdout)["specs"]
    checks = [entry for explanation in spec["explanations"] for entry in explanation["checks"]]
    behavior = [entry for entry in checks if entry["check"] == "behavior"]
    assert spec["domain_size"] == 515
    assert behavior
    assert all(entry["verdict"] == "proved" and entry["method"] == "table" for entry in behavior)


def test_a_network_rows_and_a_claim_are_refuted_by_a_row_of_the_file(bare: Path) -> None:
    importing, check = PAIRS[1]
    done = verifier(bare, importing)
    assert done.returncode == 0, done.stderr
    done = verifier(bare, check)
    assert done.returncode == 1, done.stderr
    assert "holds in 469/515" in " ".join(done.stdout.split())
    (x,) = re.findall(r"at x = ([01]{30}) ", done.stdout)
    rows = (ROOT / "specs" / "gallery" / "breast-cancer-bits.csv").read_text(encoding="utf-8").splitlines()
    assert ",".join(x) in rows[1:]


def test_without_the_onnx_package_the_extra_is_named(bare: Path) -> None:
    hide(bare, "onnx")
    done = verifier(bare, PAIRS[0][0])
    assert done.returncode == 2
    assert "circuit-verifier[onnx]" in done.stderr
