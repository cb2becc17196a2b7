"""What every verb that prints needs: how wide the terminal is, whether it has colors, and printing itself."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import click

from verifier.errors import input_error

FORMATS = click.Choice(["text", "json"])


def print_text(text: str) -> None:
    """Print a report."""
    click.echo(text, nl=False, color=color())


def print_wrapped(text: str) -> None:
    """Print sentences, each line wrapped at the width of the terminal."""
    for line in text.splitlines():
        click.echo(textwrap.fill(line, width(), subsequent_indent="  ", break_long_words=False) or "")


def color() -> bool:
    """Return whether escape sequences are wanted."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def width() -> int:
    """Return how many columns to use."""
    return min(shutil.get_terminal_size((80, 24)).columns, 140)


def replace_file(target: Path, lines: Iterable[str]) -> None:
    """Write a file as a whole: whoever reads it sees the old one or the new one.

    Raises:
        InputError: E108.
    """
    beside = target.with_name(f".{target.name}.new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        raise input_error("E108", f"cannot write {target}: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)
