"""What every verb that prints needs: how wide the terminal is, whether it has colors, and printing itself."""

import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import click

from verifier.errors import input_error
from verifier.visible import visible

if TYPE_CHECKING:
    from verifier.engine.enumeration.enumerate import Progress

#: Seconds after which progress is told where there is no terminal, first and from then on.
FIRST_S, EVERY_S = 10.0, 30.0
#: The variable through which a shell asks what may come next.
COMPLETE = "_VERIFIER_COMPLETE"
FORMATS = click.Choice(["text", "json"])


def print_text(text: str) -> None:
    """Print a report."""
    click.echo(text, nl=False, color=color())


def complain(text: str) -> None:
    """Print to the error stream, wrapped if that is a terminal."""
    if sys.stderr is not None and sys.stderr.isatty():
        print_wrapped(text, err=True)
    else:
        click.echo(text, err=True)


def print_wrapped(text: str, err: bool = False) -> None:
    """Print lines, each wrapped at the width of the terminal, under its indent and a little more."""
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        wrapper = textwrap.TextWrapper(width(), subsequent_indent=indent)
        wrapper.break_long_words = wrapper.break_on_hyphens = False
        click.echo(wrapper.fill(visible(line)), err=err)


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
    import shutil

    return min(shutil.get_terminal_size((80, 24)).columns, 140)


def replace_file(target: Path, lines: Iterable[str]) -> None:
    """Write a file as a whole: whoever reads it sees the old one or the new one.

    It is written beside the target under a name that nobody can foresee, so that no link is followed and no
    two runs share it.

    Raises:
        InputError: E108.
    """
    beside = target.with_name(f".verifier-{os.urandom(8).hex()}.new")
    try:
        with beside.open("x", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        raise input_error("E108", f"cannot write {target}: {error.strerror}") from None
    except UnicodeEncodeError as error:
        raise input_error(
            "E108", f"cannot write {target}: {error.object[error.start]!r} is not UTF-8"
        ) from None
    finally:
        with suppress(OSError):  # it is the target now, or could not be made
            beside.unlink()


@contextmanager
def list_progress() -> "Iterator[Callable[[Progress], None]]":
    """Give what shows the progress of a list on standard error.

    On a terminal that is one line, kept up to date; elsewhere a line now and then, if it takes long.
    """
    if sys.stderr is None:
        yield lambda _: None
    elif sys.stderr.isatty():
        yield lambda progress: click.echo(f"\r\x1b[K{_told(progress)}\r", err=True, nl=False)
    else:
        latest: list[Progress] = []
        started, over = time.monotonic(), Event()

        def report() -> None:
            wait = FIRST_S
            while not over.wait(wait):
                told = f": {_told(latest[-1])}" if latest else ""
                click.echo(f"still searching after {time.monotonic() - started:.0f} s{told}", err=True)
                wait = EVERY_S

        def keep(progress: "Progress") -> None:
            latest[:] = [progress]

        reporter = Thread(target=report, daemon=True)
        reporter.start()
        try:
            yield keep
        finally:
            over.set()
            reporter.join()


def _told(progress: "Progress") -> str:
    rate = progress.found / progress.seconds if progress.seconds else 0
    doing = f"{progress.doing}: " if progress.doing else ""
    found = f"{progress.found} found ({rate:.0f}/s), {progress.features} features"
    cubes = f" in {progress.cubes} cubes" if progress.cubes else ""
    return f"{doing}{found}{cubes}, {progress.seconds:.0f} s"


def progress(what: str) -> Callable[[int, int], None] | None:
    """Return what shows on a terminal how many of something are done, nothing elsewhere."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        click.echo(f"\r{done}/{total} {what}" + ("\r\x1b[K" if done == total else ""), err=True, nl=False)

    return show
