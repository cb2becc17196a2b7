"""What git leaves in place of a file, pointers of Git LFS and merge conflicts, is refused by its name."""

from pathlib import Path

import pytest

from verifier.cli import run
from verifier.errors import InputError
from verifier.run.settings import read_settings
from verifier.spec import load, loads

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4cac19622fc3ada9\nsize 1024\n"
FETCH = "this is a pointer of Git LFS: the file that it stands for was not fetched\n    hint: git lfs pull\n"
CONFLICT = "a merge conflict that is not resolved"
SPEC = """\
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: y, weights: [[1, 1]], bias: [-1/2], activation: step}
output: y
explanations: {either: {circuit: {y: x1 | x2}}}
"""
JSON = """\
{"spec": 1, "inputs": ["x1", "x2"], "output": "y",
 "network": {"layers": [{"name": "y", "weights": [[1, 1]], "bias": ["-1/2"], "activation": "step"}]},
 "explanations": {"either": {"circuit": {"y": "x1 | x2"}}}}
"""
NETWORK = "layers:\n- {name: y, weights: [[1, 1]], bias: [-1/2], activation: step}\n"
MEANT = "network:\n  layers:\n    - {name: y, weights: [[1, 1]], bias: [-1/2], activation: step}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def conflict(text: str, line: int, end: str = "\n") -> str:
    """Return a text with one of its lines, counted from 1, on both sides of a conflict."""
    lines = text.splitlines()
    both = ["<<<<<<< HEAD", lines[line - 1], "=======", lines[line - 1], ">>>>>>> branch"]
    return end.join([*lines[: line - 1], *both, *lines[line:], ""])


@pytest.mark.parametrize("name", ["w.onnx", "w.safetensors", "w.npz", "w.yaml", "w.json"])
@pytest.mark.parametrize("pinned", [False, True])
def test_a_pointer_for_weights(
    name: str, pinned: bool, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / name).write_text(POINTER)
    digest = f", sha256: {'0' * 64}" if pinned else ""
    (here / "a.circuit.yaml").write_text(SPEC.replace(MEANT, f"network: {{file: {name}{digest}}}\n"))
    assert run(["check", "a.circuit.yaml"]) == 2
    assert capsys.readouterr().err == f"a.circuit.yaml:3:17: E306 {name}: {FETCH}"
    for command in ("import", "suggest"):
        assert run([command, name]) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"{name}: E")
        assert FETCH in told


@pytest.mark.parametrize("name", ["rows.csv", "rows.npy"])
def test_a_pointer_for_rows(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / name).write_text(POINTER)
    (here / "a.circuit.yaml").write_text(f"{SPEC}rows: {name}\n")
    assert run(["check", "a.circuit.yaml"]) == 2
    assert capsys.readouterr().err == f"{name}: E402 {FETCH}"


def test_a_pointer_for_a_spec(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.circuit.yaml").write_text(POINTER)
    assert run(["check", "."]) == 2
    assert capsys.readouterr().err == f"a.circuit.yaml: E101 {FETCH}"


@pytest.mark.parametrize(("text", "path"), [(SPEC, "a.circuit.yaml"), (JSON, "a.circuit.json")])
@pytest.mark.parametrize("line", [1, 3])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_conflict_in_a_spec(text: str, path: str, line: int, end: str) -> None:
    assert loads(text, path).entries
    with pytest.raises(InputError) as caught:
        loads(conflict(text, line, end), path)
    assert str(caught.value) == f"{path}:{line}:1: E101 {CONFLICT}"


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "=======", ">>>>>>> branch", ">>>>>>>"])
def test_one_marker_is_enough(marker: str) -> None:
    with pytest.raises(InputError, match=f"a.circuit.yaml:2:1: E101 {CONFLICT}"):
        loads(SPEC.replace("inputs", f"{marker}\ninputs", 1), "a.circuit.yaml")


@pytest.mark.parametrize("line", ["# =======", "title: <<<<<<< HEAD", "title: |\n  one\n  ======="])
def test_what_looks_like_a_marker(line: str) -> None:
    """In a comment, behind a key, indented: git writes markers where lines begin."""
    assert loads(f"{SPEC}{line}\n").entries


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_conflict_in_what_a_spec_names(here: Path, end: str) -> None:
    """Both files are named, each with its place."""
    (here / "w.yaml").write_bytes(conflict(NETWORK, 2, end).encode())
    (here / "rows.csv").write_bytes(conflict("x1,x2\n0,1\n1,1\n", 3, end).encode())
    file = here / "a.circuit.yaml"
    file.write_text(f"{SPEC.replace(MEANT, 'network: {file: w.yaml}' + chr(10))}rows: rows.csv\n")
    with pytest.raises(InputError) as caught:
        load(file)
    assert [(p.code, Path(p.path).name, p.position.line, p.message) for p in caught.value.problems] == [
        ("E402", "rows.csv", 3, CONFLICT),
        ("E101", "w.yaml", 2, CONFLICT),
    ]


def test_a_conflict_in_settings(here: Path) -> None:
    text = "[tool.verifier]\ntimeout = 60\n"
    (here / "pyproject.toml").write_text(conflict(text, 2))
    with pytest.raises(InputError, match=f"pyproject.toml:2:1: E101 {CONFLICT}"):
        read_settings(environ={})
    (here / "pyproject.toml").write_text(f"[other]\nheading = '''\n=======\n'''\n{text}")
    assert read_settings(environ={}).project.options.timeout_s == 60
