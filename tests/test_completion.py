"""Shell completion: click's protocol for every shell, and the shells themselves where they are installed."""

import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from verifier.cli import run
from verifier.cli.completing import SHELLS
from verifier.report.formats import FORMATS

ROOT = Path(__file__).parent.parent
XOR = "specs/xor.circuit.yaml"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "specs" / "deep" / "er").mkdir(parents=True)
    for name in ("xor", "full-adder"):
        shutil.copy(ROOT / "specs" / f"{name}.circuit.yaml", tmp_path / "specs")
    shutil.copy(ROOT / "specs" / "xor.circuit.yaml", tmp_path / "specs" / "deep" / "er" / "a.circuit.yml")
    for other in ("specs/notes.txt", "specs/verifier.lock", "specs/.hidden.txt", "broken.circuit.yaml"):
        (tmp_path / other).write_text("explanations: {a: {", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(
    shell: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """Return what is offered for the last word, asked as the script of that shell asks."""
    monkeypatch.setenv("_VERIFIER_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(["verifier", *words]))
    monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words)))
    assert run([]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    if shell == "zsh":
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines if line]


CASES = [
    (["che"], ["check"]),
    (["comp"], ["completion"]),
    (["check", "sp"], ["specs/deep/", "specs/full-adder.circuit.yaml", XOR]),
    (["check", "specs/x"], [XOR]),
    (["check", "specs/de"], ["specs/deep/er/a.circuit.yml"]),
    (["check", ""], ["broken.circuit.yaml", "specs/"]),
    (["check", "absent/"], []),
    (["eval", "specs/f"], ["specs/full-adder.circuit.yaml"]),
    (["check", XOR, "-e", ""], ["alice", "bob", "carol"]),
    (["check", XOR, "--explanation", "c"], ["carol"]),
    (["check", "specs/deep", "-e", "a"], ["alice"]),
    (["eval", XOR, "--x", "01", "-e", "b"], ["bob"]),
    (["slope", XOR, "-e", "b"], ["bob"]),
    (["check", "-e", ""], []),
    (["check", "broken.circuit.yaml", "-e", ""], []),
    (["check", "absent.circuit.yaml", "-e", ""], []),
    (["check", "--method", "s"], ["smt"]),
    (["check", "--output", "js"], ["json="]),
    (["check", XOR, "--output", "s"], ["sarif="]),
    (["completion", ""], list(SHELLS)),
]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("words", "wanted"), CASES)
def test_what_is_offered(
    shell: str,
    words: list[str],
    wanted: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if shell == "fish" and words[-1] == "":
        monkeypatch.setenv("COMP_CWORD", "")
    assert offered(shell, words, monkeypatch, capsys) == wanted


def test_the_settings_name_specs_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text('[tool.verifier]\npaths = ["specs/deep"]\n', encoding="utf-8")
    assert offered("bash", ["check", "-e", ""], monkeypatch, capsys) == ["alice", "bob", "carol"]
    (folder / "pyproject.toml").write_text("[tool.verifier]\npaths = 1\n", encoding="utf-8")
    assert offered("bash", ["check", "-e", ""], monkeypatch, capsys) == []


def test_other_files_are_left_to_the_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_VERIFIER_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "verifier import mod")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert run([]) == 0
    assert capsys.readouterr().out == "file,mod\n"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("check --format = gi", ["plain,github"]),
        ("check --format = ", [f"plain,{fmt}" for fmt in FORMATS]),
        ("check --output = js", ["plain,json="]),
        ("check --output json = out", ["file,json=out"]),
        ("check --output = json = ", ["file,json="]),
        (f"check --format = json {XOR} --output junit = a.xml -e a", ["plain,alice"]),
    ],
)
def test_bash_parts_words_at_equals_signs(
    words: str, wanted: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_VERIFIER_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"verifier {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    assert run([]) == 0
    assert capsys.readouterr().out.splitlines() == wanted


def test_keys_pressed_in_bash(folder: Path) -> None:
    """It puts no space after `json=`, and knows the option of a value after `=`."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    tool = wrapped(folder, 'test -n "$_VERIFIER_COMPLETE" || { printf "%s\\n" "$*" >> seen; exit; }')
    typed = (
        'eval "$(_VERIFIER_COMPLETE=bash_source verifier)"\n'
        "verifier check --output js\tout.json\n"
        "verifier check --format=gi\t-j 2\n"
        "exit\n"
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        env={
            "PATH": f"{tool.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "TERM": "dumb",
        },
        start_new_session=True,
    ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        with suppress(OSError):  # which is how its end is told
            while os.read(ours, 1 << 16):
                pass
        process.wait(30)
    os.close(ours)
    assert (folder / "seen").read_text(encoding="utf-8").splitlines() == [
        "check --output json=out.json",
        "check --format=github -j 2",
    ]


def wrapped(folder: Path, first: str = "") -> Path:
    """Return an executable `verifier`, which begins with some command of the shell."""
    tool = folder / "bin" / "verifier"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\n{first}\nexec "{sys.executable}" -m verifier "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    return tool


SCRIPTS = {
    "bash": """
eval "$(verifier completion bash)"
COMP_WORDS=(verifier {words} "{last}"); COMP_CWORD={count}
_verifier_completion verifier
printf '%s\\n' "${{COMPREPLY[@]}}"
complete -p verifier >&2
""",
    "zsh": """
autoload -U compinit; compinit -u -d {folder}/dump
eval "$(verifier completion zsh)"
compadd() {{ for last; do :; done; print -l -- ${{(P)last}} }}
words=(verifier {words} "{last}"); CURRENT={current}
_verifier_completion
print -- ${{_comps[verifier]}} >&2
""",
    "fish": """
verifier completion fish | source
complete -C "verifier {words} {last}"
complete verifier >&2
""",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_in_the_shell_itself(shell: str, folder: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    tool = wrapped(folder)
    words = ["check", XOR, "-e"]
    script = SCRIPTS[shell].format(
        words=" ".join(words), last="", count=len(words) + 1, current=len(words) + 2, folder=folder
    )
    done = subprocess.run(
        [shell, "-c", script],
        env={"PATH": f"{tool.parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["alice", "bob", "carol"], done.stderr
    assert "verifier" in done.stderr


def test_completing_imports_no_solver(folder: Path) -> None:
    code = """
import sys
from verifier.cli import run
if run([]) == 0:
    print(sorted({"z3", "dd", "onnx"} & set(sys.modules)))
"""
    asked = {
        "_VERIFIER_COMPLETE": "bash_complete",
        "COMP_WORDS": f"verifier check {XOR} -e ",
        "COMP_CWORD": "4",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**asked, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == ["plain,alice", "plain,bob", "plain,carol", "[]"]
