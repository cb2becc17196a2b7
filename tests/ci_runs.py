"""The pre-commit hook and the steps of the GitHub action, run in a repository as those who offer them do."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
ACTION = ROOT / ".github" / "actions" / "check" / "action.yml"


def read(text: str | Path) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment with nothing of the user's, in which `verifier` is that in `tools` of a folder.

    Where it is missing, it is made to be this checkout.
    """
    tool = folder / "tools" / "verifier"
    tool.parent.mkdir(exist_ok=True)
    if not tool.exists():
        root, python = shlex.quote(str(ROOT)), shlex.quote(sys.executable)
        tool.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {python} -m verifier "$@"\n', encoding="utf-8")
        tool.chmod(0o755)
    return {
        "PATH": f"{tool.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "PRE_COMMIT_HOME": str(folder / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        **{f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        **{name: os.environ[name] for name in os.environ if name.startswith("PIP_")},
        **more,
    }  # fmt: skip


def git(repository: Path, *words: str) -> None:
    subprocess.run(
        ["git", *words], cwd=repository, env=environment(repository.parent), check=True, capture_output=True
    )


def committed(repository: Path) -> None:
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "claims")


def pre_commit(repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *words],
        cwd=repository,
        env=environment(repository.parent),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def act(
    repository: Path, name: str, variables: Mapping[str, str] | None = None, /, **inputs: str
) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as a runner does: expressions in `env` replaced, the script given to bash."""
    action = read(ACTION)
    (step,) = [step for step in action["runs"]["steps"] if step["name"] == name]
    temp = repository.parent / "temp"
    temp.mkdir(exist_ok=True)
    values = {f"inputs.{key}": str(each["default"]) for key, each in action["inputs"].items()}
    values |= {f"inputs.{key.replace('_', '-')}": value for key, value in inputs.items()}
    values["github.action_path"] = str(ACTION.parent)
    env = {
        key: re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values[match[1]], text)
        for key, text in step.get("env", {}).items()
    }
    script = temp / "script.sh"
    script.write_text(step["run"], encoding="utf-8")
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=repository,
        env=environment(
            repository.parent,
            RUNNER_TEMP=str(temp),
            GITHUB_OUTPUT=str(temp / "output"),
            GITHUB_STEP_SUMMARY=str(temp / "summary"),
            GITHUB_WORKSPACE=str(repository),
            **env,
            **(variables or {}),
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
