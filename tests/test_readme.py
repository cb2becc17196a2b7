"""The README's commands and snippets do what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CERTIFICATES = (ROOT / "specs" / "certificate.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = FENCED.findall(README)


def blocks(language: str, found: list[tuple[str, str]] = BLOCKS) -> list[str]:
    return [text for kind, text in found if kind == language]


def run_verifier(command: str, folder: Path) -> str:
    words = shlex.split(command)
    assert words[0] == "verifier"
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("document", [README, CERTIFICATES], ids=["README", "certificate"])
def test_console_blocks_show_the_real_output(document: str, tmp_path: Path) -> None:
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    (tmp_path / "pyproject.toml").write_text("\n".join(blocks("toml")), encoding="utf-8")
    commands = re.compile(r"^(?:    |\$ )(verifier .*)\n", re.MULTILINE)  # indented: shown without its output
    shown = {
        block.partition("\n")[0][2:]: block.partition("\n")[2]
        for block in blocks("console", FENCED.findall(document))
    }
    assert shown
    for command in commands.findall(document):
        output = run_verifier(command, tmp_path)
        assert command not in shown or output == shown[command]


@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "README.md", "exec"), {})
    wanted = re.findall(r"print\(.*\)  # (.*)", block)
    assert capsys.readouterr().out.splitlines() == wanted


def test_two_set_up_commands_are_the_ones_ci_runs() -> None:
    set_up = README.split("\n## Set up\n")[1].split("\n## ")[0]
    commands = blocks("sh", FENCED.findall(set_up))
    assert len(commands) == 2
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in commands:
        assert command.strip() in ci


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert {kind for kind, _ in BLOCKS} == {"console", "sh", "python", "toml", "yaml"}
    in_ci = FENCED.findall(README.split("\n## Put it in your CI\n")[1].split("\n## ")[0])
    assert [kind for kind, _ in in_ci] == ["toml", "console", "sh", "yaml", "yaml"]  # by test_ci.py
    assert len(blocks("sh")) == 3
    assert len(blocks("toml") + blocks("yaml")) == 3


def test_inline_commands_exist() -> None:
    for command in re.findall(r"`verifier ([\w-]+)", README):
        assert "Usage:" in run_verifier(f"verifier {command} --help", ROOT)
    for script in re.findall(r"`python (benchmarks/\S+)`", README):
        assert (ROOT / script).is_file()
