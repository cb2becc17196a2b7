"""What every verb that prints needs: how wide the terminal is, whether it has colors, and printing itself."""

import os
import shutil
import sys
import textwrap

import click

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
