"""In continuous integration a package or program that is missing is a failure, not a test passed over."""

import os
from collections.abc import Generator

import pytest

MISSING = ("could not import", "is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail tests that are skipped for want of a package or a program where `CI` is set."""
    report = yield
    if os.environ.get("CI") and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if any(words in reason for words in MISSING):
            report.outcome, report.longrepr = "failed", f"{reason}; nothing is passed over where CI is set"
    return report
