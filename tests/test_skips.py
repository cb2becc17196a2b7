"""What is missing is skipped on somebody's own machine and fails where `CI` is set; other skips stay."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest

def test_package():
    pytest.importorskip("no_such_package")

def test_shell():
    pytest.skip("fish is not installed")

def test_root():
    pytest.skip("root may write anywhere")

@pytest.mark.xfail(reason="zsh is not installed")
def test_expected():
    assert False

def test_passes():
    pass
"""


@pytest.mark.parametrize(
    ("ci", "outcomes"),
    [
        ("", {"passed": 1, "skipped": 3, "xfailed": 1}),
        ("true", {"passed": 1, "skipped": 1, "failed": 2, "xfailed": 1}),
    ],
)
def test_what_is_missing(
    ci: str, outcomes: dict[str, int], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(TESTS)
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:verifier").assert_outcomes(**outcomes)
