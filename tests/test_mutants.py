"""The tests themselves are tested: each planted bug of `mutants` must make the tests it names fail.

The package is copied, the copy is changed, and the tests run on the copy in a process of their own.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mutants import MUTANTS

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "verifier"
PLUGIN = """
from pathlib import Path
import verifier
from verifier import algebra

HERE = Path(__file__).resolve().parent
for module in (verifier, algebra):
    assert Path(module.__file__).resolve().is_relative_to(HERE), module.__file__


def pytest_report_header():
    return f"package under test: {Path(verifier.__file__).resolve().parent}"
"""


def run(folder, killers):
    """Run tests against the copy of the package in a folder."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "-p", "the_copy"]
    command += ["-o", "addopts=", "-c", str(folder / "pytest.ini"), "--rootdir", str(folder)]
    command += ["--import-mode=importlib", *(f"tests/{killer}" for killer in killers)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": ""}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def copy(tmp_path):
    """Return a folder with a copy of the package and of the tests."""
    shutil.copytree(PACKAGE, tmp_path / "verifier", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").mkdir()
    for file in TESTS.glob("*.py"):
        shutil.copy(file, tmp_path / "tests")
    (tmp_path / "specs").symlink_to(TESTS.parent / "specs")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = tests\n")
    (tmp_path / "the_copy.py").write_text(PLUGIN)
    return tmp_path


@pytest.mark.parametrize(
    "mutant",
    [pytest.param(m, marks=pytest.mark.slow) if m.slow else m for m in MUTANTS],
    ids=lambda mutant: mutant.name,
)
def test_mutants_die(mutant, copy):
    """A planted bug is noticed, by a test that fails and not by one that cannot run."""
    texts = {file: file.read_text(encoding="utf-8") for file in (copy / "verifier").glob(mutant.files)}
    counts = {file.name: text.count(mutant.old) for file, text in texts.items() if mutant.old in text}
    assert list(counts.values()) == [1], f"the text to exchange occurs in {counts or 'no file'}"
    file, text = next((file, text) for file, text in texts.items() if mutant.old in text)
    changed = text.replace(mutant.old, mutant.new)
    compile(changed, str(file), "exec")
    file.write_text(changed, encoding="utf-8")
    done = run(copy, mutant.killers)
    assert f"package under test: {copy.resolve() / 'verifier'}" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-1000:]
    assert re.search(r"\b1 failed\b", done.stdout)
    assert not re.search(
        r"\b\d+ errors?\b|^E +(ImportError|NameError|SyntaxError)", done.stdout, re.MULTILINE
    )


@pytest.mark.slow
def test_the_tests_pass_without_a_mutant(copy):
    """The control: what kills the mutants does not fail on the package as it is."""
    killers = sorted({killer for mutant in MUTANTS for killer in mutant.killers})
    done = run(copy, killers)
    assert f"package under test: {copy.resolve() / 'verifier'}" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_there_are_enough():
    """Every mutant has a name of its own and somebody to kill it."""
    assert len(MUTANTS) >= 14
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert all(mutant.killers and mutant.old != mutant.new for mutant in MUTANTS)
