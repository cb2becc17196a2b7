"""Run and the name of a format → text: every format that `check` speaks."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never, get_args

if TYPE_CHECKING:
    from verifier.engine.outcome import RunReport

Format = Literal["text", "json", "github", "sarif", "code-scanning", "junit", "markdown"]
FORMATS: tuple[Format, ...] = get_args(Format)
WIDTH = 100


def format_named(name: str) -> Format | None:
    """Return the format of that name."""
    return next((fmt for fmt in FORMATS if fmt == name), None)


def read_output(text: str) -> tuple[Format, str]:
    """Return format and path of `FORMAT=PATH`, a report to write.

    Raises:
        ValueError: it is none.
    """
    said, _, path = text.partition("=")
    fmt = format_named(said)
    if fmt is None or not path:
        raise ValueError(f"one of {', '.join(FORMATS)}, then = and a path")
    return fmt, path


def render(
    run: "RunReport",
    fmt: Format,
    tool: Callable[[], Mapping[str, str]],
    root: Path,
    brief: bool | None = None,
) -> str:
    """Return a run in a format, everything in it that went wrong included.

    Args:
        tool: gives name and version of this program, and versions of what a verdict may depend on.
        root: the folder that paths are written relative to where a format wants that.
        brief: whether to leave out the values of counterexamples, in formats for people; None: of those that
            were expected, in a text with many checks.
    """
    match fmt:
        case "text":
            from verifier.report.screen import run_text

            return run_text(run, WIDTH, brief)
        case "json":
            from verifier.report.json import check_document

            return check_document(run, tool()) + "\n"
        case "github":
            from verifier.report.github import annotations

            return annotations(run, root, bool(brief))
        case "sarif" | "code-scanning":
            from verifier.report.sarif import sarif

            return sarif(run, tool()["version"], root, problems_only=fmt == "code-scanning") + "\n"
        case "junit":
            from verifier.report.junit import junit

            return junit(run, root)
        case "markdown":
            from verifier.report.markdown import markdown

            return markdown(run, brief=bool(brief))
        case _:
            assert_never(fmt)


def relative(path: str, root: Path) -> Path:
    """Return a path relative to a folder if it is below that, else absolute."""
    absolute = Path(os.path.abspath(path))
    return absolute.relative_to(root) if absolute.is_relative_to(root) else absolute
