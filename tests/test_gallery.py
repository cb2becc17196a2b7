"""The gallery of trained networks: what its specs, its README and its training scripts say holds."""

import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from verifier.cli import run
from verifier.engine.options import Options
from verifier.engine.outcome import Exit, SpecReport
from verifier.run.check_specs import check_specs
from verifier.verdict import AtLeast

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "specs" / "gallery"
SPECS = sorted(GALLERY.glob("*.circuit.yaml"))
README = (GALLERY / "README.md").read_text(encoding="utf-8")
SCRIPTS = sorted(
    path
    for path in (ROOT / "benchmarks" / "train").glob("*.py")
    if "__main__" in path.read_text(encoding="utf-8")
)
DATA = (".safetensors", ".npz", ".onnx", ".csv", ".npy")
MAX_BYTES = 200_000


def name_of(path: Path) -> str:
    return path.name.removesuffix(".circuit.yaml").removesuffix(".py")


def trainer(spec: Path) -> str:
    """Return the name of the script that the first line of a spec gives."""
    line = spec.read_text(encoding="utf-8").splitlines()[0]
    match = re.match(r"# benchmarks/train/(\w+)\.py \w+ it\b", line)
    assert match, line
    return match[1]


def data_files(path: Path) -> set[str]:
    """Return the names of the files of weights and rows that a text names."""
    return {name for name in re.findall(r"[\w.-]+", path.read_text(encoding="utf-8")) if name.endswith(DATA)}


def shares(report: SpecReport) -> set[str]:
    """Return the shares of cases, of all checks that count them."""
    return {
        f"{share.held}/{share.total}"
        for entry in report.explanations
        for checked in entry.checks
        if (share := checked.result.share) is not None
    }


@pytest.mark.parametrize("path", SPECS, ids=name_of)
def test_spec(path: Path) -> None:
    (report,) = check_specs([str(path)], Options())
    assert not report.problems
    assert report.exit == Exit.OK
    expected = [{checked.expected for checked in entry.checks} for entry in report.explanations]
    assert {"proved"} in expected
    assert any(verdicts - {"proved"} for verdicts in expected), "no claim is refuted"
    for entry in report.explanations:
        for checked in entry.checks:
            if isinstance(checked.expected, AtLeast):
                share = checked.result.share
                assert share is not None
                assert Fraction(share.held, share.total) == checked.expected.share, "the share is not exact"
    (row,) = (line for line in README.splitlines() if line.startswith(f"| `{name_of(path)}` |"))
    _, _, _, proved, refuted, _ = row.split("|")
    assert set(re.findall(r"\b\d+/\d+\b", proved + refuted)) <= shares(report)


def test_every_file_is_used_and_small() -> None:
    files = {path.name for path in GALLERY.iterdir()} - {path.name for path in SPECS} - {"README.md"}
    assert files == set().union(*map(data_files, [*SPECS, GALLERY / "README.md"]))
    assert all((GALLERY / name).stat().st_size < MAX_BYTES for name in files)
    assert {trainer(path) for path in SPECS} == set(map(name_of, SCRIPTS))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_training_again_gives_the_same(script: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=600)
    written = {path.name for path in tmp_path.iterdir()}
    assert written <= {path.name for path in GALLERY.iterdir()}
    for path in SPECS:
        if trainer(path) != name_of(script):
            continue
        assert data_files(path) <= written
        if all((tmp_path / name).read_bytes() == (GALLERY / name).read_bytes() for name in data_files(path)):
            continue
        # Another machine may round otherwise in training; what is said of the network must hold all the same.
        copy = Path(shutil.copy(path, tmp_path))
        (report,) = check_specs([str(copy)], Options())
        assert report.exit == Exit.OK


def test_floats_of_a_quantised_network_are_said_to_be_of_its_steps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, told in (("greater-int8", True), ("sparse-parity", False)):
        run(["check", str(GALLERY / f"{name}.circuit.yaml"), "--brief"])
        said = " ".join(capsys.readouterr().out.split())
        assert "exact proof" in said
        assert ("how a runtime divides and rounds is not covered" in said) is told
