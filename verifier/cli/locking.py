"""The lock of a folder of specs: the options, what replaces the check of specs, what is written after it."""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from verifier.certificate import digest
from verifier.cli.terminal import replace_file
from verifier.errors import Problem, input_error
from verifier.visible import visible

if TYPE_CHECKING:
    from verifier.engine.options import Options
    from verifier.engine.outcome import RunReport
    from verifier.run.check_run import Reported

F = TypeVar("F", bound=Callable[..., Any])
BEGINNING = b'{"format":"verifier-certificate"'


def locking(command: F) -> F:
    """Add the options `--locked` and `--update-lock`."""
    update = "Write verifier.lock beside the specs, if everything is as expected."
    locked = "Replay what verifier.lock holds, without a solver; fail on whatever is stale."
    command = click.option("--update-lock", is_flag=True, help=update)(command)
    return click.option("--locked", is_flag=True, help=locked)(command)


def refused(
    absent: Sequence[Problem],
    locked: bool,
    update: bool,
    select: str | None,
    explanation: str | None,
    options: "Options",
) -> "RunReport | None":
    """Return the report of a run that cannot be as it was asked for; None of one that can.

    `absent` are complaints about the paths of the settings.
    """
    from verifier.engine.outcome import RunReport

    told = ""
    if locked and update:
        told = "--locked reads verifier.lock and --update-lock writes it: leave one out"
    elif update and (select is not None or explanation is not None):
        told = "--update-lock locks whole specs: leave out -k and -e"
    elif locked and options.method not in (None, "auto"):
        told = (
            f"--locked decides without a solver, by methods of its own: leave out --method {options.method}"
        )
    elif locked and options.why:
        told = "--locked finds no proofs that could tell why: leave out --why"
    problems = (*absent, *((Problem("E601", told),) if told else ()))
    return RunReport(problems=problems) if problems else None


def reporter(locked: bool, paths: Sequence[str]) -> "Reported":
    """Return what checks the specs."""
    if locked:
        from verifier.run.locked import locked_reports

        return partial(locked_reports, paths)
    from verifier.run.check_specs import reports_of

    return reports_of


def after(locked: bool, update: bool, run: "RunReport") -> "RunReport":
    """Return the report of a run after its locks were written, or compared with what it found."""
    from verifier.run.check_run import stopped_by

    try:
        return _after(locked, update, run)
    except (Exception, KeyboardInterrupt) as error:
        return stopped_by(error, run)


def _after(locked: bool, update: bool, run: "RunReport") -> "RunReport":
    from verifier.engine.outcome import Exit

    if not (locked or update):
        if not any(os.path.lexists(Path(report.path).parent / "verifier.lock") for report in run.specs):
            return run
        from verifier.run.lock_specs import compared

        return compared(run)
    if locked:
        return run
    if run.exit != Exit.OK:
        click.echo("verifier.lock was not written: not everything is as expected", err=True)
        return run
    write_locks(run)
    return run


def write_locks(run: "RunReport") -> None:
    """Write the lock of every folder with a spec of a run in which everything was as expected.

    Raises:
        InputError: as `lockings`, or a file that cannot be written.
    """
    from verifier.lock.document import CERTIFICATES, NAME
    from verifier.run.lock_specs import lockings

    for locking in lockings(run.specs):
        certificates = locking.folder / CERTIFICATES
        for sha256, text in locking.certificates.items():
            _write(certificates / f"{sha256}.jsonl", text)
        _write(locking.folder / NAME, locking.text)
        if locking.replaced:
            click.echo(visible(f"it replaces what was no lock: {locking.replaced}"), err=True)
        _remove(certificates, locking.kept)


def _write(path: Path, text: str) -> None:
    """Write a file, unless it holds the text already."""
    try:
        if path.is_file() and not path.is_symlink() and path.read_bytes() == text.encode():
            return
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise input_error("E108", f"cannot write {path}: {error.strerror}") from None
    replace_file(path, [text])
    click.echo(visible(f"wrote {path}"), err=True)


def _remove(folder: Path, kept: Iterable[str]) -> None:
    """Remove the certificates that no lock names any more: files that are what their name says."""
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem in kept or path.is_symlink() or not path.is_file():
            continue
        try:
            data = path.read_bytes()
            if data.startswith(BEGINNING) and digest(data) == path.stem:
                path.unlink()
        except OSError as error:
            raise input_error("E108", f"cannot remove {path}: {error.strerror}") from None
