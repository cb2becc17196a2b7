"""Run of `check` → what is printed and written of it, in every format that was asked for."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, takewhile
from pathlib import Path
from traceback import format_exc
from typing import TYPE_CHECKING

from verifier.cli.terminal import color, complain, print_text, replace_file, width
from verifier.errors import InputError, Problem, input_error

if TYPE_CHECKING:
    from verifier.engine.outcome import RunReport
    from verifier.report.formats import Format

MOST_SUMMARY = 2**20  # bytes that GitHub shows of the summary of a step
SUMMARY = "GITHUB_STEP_SUMMARY"
OUTPUT = "--output"


@dataclass(frozen=True, slots=True)
class Target:
    """A report to write: the format, and the file."""

    format: "Format"
    path: Path


def targets(outputs: Sequence[str]) -> tuple[Target, ...]:
    """Return what `FORMAT=PATH` texts ask for.

    Files that are there already are removed, so that none of them is taken for the report of a run that never
    came to its end.

    Raises:
        InputError: every problem of every text; the files of the others are removed all the same.
    """
    from verifier.report.formats import read_output

    found: dict[Path, Target] = {}
    problems: list[Problem] = []
    for text in outputs:
        try:
            fmt, path = read_output(text)
            target = Target(fmt, Path(path))
            place = _place(target.path)
            if place in found:
                raise input_error("E601", f"two outputs go to {target.path}")
            found[place] = target
        except ValueError as error:
            problems.append(Problem("E601", f"expected {error} as --output, got {text}"))
        except OSError as error:
            problems.append(Problem("E108", f"cannot write {text.partition('=')[2]}: {error.strerror}"))
        except InputError as error:
            problems += error.problems
    for place in found:
        try:
            place.unlink(missing_ok=True)
        except OSError as error:
            problems.append(Problem("E108", f"cannot write {place}: {error.strerror}"))
    if problems:
        raise InputError(problems)
    return tuple(found.values())


def forget_reports(words: Sequence[str]) -> None:
    """Remove the reports that a command line of `check` asks for which cannot be understood.

    They are those of an earlier run. What may be wrong with them is not told: what is wrong already is.
    """
    options = list(takewhile(lambda word: word != "--", words))
    said = [after for word, after in pairwise(options) if word == OUTPUT]
    said += [word.removeprefix(f"{OUTPUT}=") for word in options if word.startswith(f"{OUTPUT}=")]
    with suppress(Exception):
        from verifier.run.settings import understood_settings

        targets(said or understood_settings()[0].first((), "output") or ())


def _place(path: Path) -> Path:
    """Return the absolute path of a file that can be written.

    Raises:
        InputError: it cannot.
        OSError: likewise.
    """
    from verifier.run.find_specs import SUFFIXES

    folder = path.parent
    if str(path) == "-":
        raise input_error("E601", "--output writes files, and - is none", "--format chooses what is printed")
    if path.name.lower().endswith(SUFFIXES):
        raise input_error("E601", f"{path} is the name of a spec", "choose another name for the report")
    if not folder.is_dir():
        raise input_error("E108", f"cannot write {path}: there is no folder {folder}")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise input_error("E108", f"cannot write {path}: it is not a plain file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise input_error("E108", f"cannot write {path}: nothing may be written in {folder}")
    return folder.resolve() / path.name


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """Take SIGTERM, as CI sends it, for an interruption."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # signals are for the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def hand_over(
    run: "RunReport", fmt: "Format", outputs: Sequence[Target] = (), brief: bool | None = None
) -> "RunReport":
    """Write and print a run, `brief` as for `render`, and return it with what went wrong with that.

    What stopped the run goes to the error stream, the report in the format asked for to the other.
    """
    from verifier.report.formats import render
    from verifier.report.screen import screen
    from verifier.report.text import stopped
    from verifier.run.check_specs import tool_versions

    summary = Path(os.environ[SUMMARY]) if fmt == "github" and os.environ.get(SUMMARY) else None
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
    formats: list[Format] = [fmt, *(target.format for target in outputs)]
    views: dict[object, Callable[[RunReport], str]] = {
        name: partial(render, fmt=name, tool=tool_versions, root=root, brief=brief) for name in formats
    }
    if fmt == "text":
        views[screen] = partial(screen, width=width(), color=color(), brief=brief)
    if summary is not None:
        from verifier.report.markdown import markdown

        views[summary] = partial(markdown, most=MOST_SUMMARY - _size(summary), brief=bool(brief))
    run, texts = _rendered(run, views)
    for deliver in (_write, _append):
        problems = deliver(texts, outputs, summary)
        if problems:
            run, texts = _rendered(replace(run, problems=(*run.problems, *problems)), views)
            _write(texts, outputs)
    if fmt != "github":  # where all of it is annotated, and a line may be a command
        for told in stopped(run):
            complain(told)
    print_text(texts[screen if fmt == "text" else fmt])
    return run


def _rendered(
    run: "RunReport", views: Mapping[object, Callable[["RunReport"], str]]
) -> tuple["RunReport", dict[object, str]]:
    """Return the texts of a run. A view that fails is a defect, which the run returned and all texts name."""
    texts: dict[object, str] = {}
    defects = [run.defect] if run.defect else []
    for name, view in views.items():
        try:
            texts[name] = view(run)
        except Exception:
            defects.append(format_exc())
    if len(texts) == len(views):
        return run, texts
    run = replace(run, defect="\n".join(defects))
    for name, view in views.items():
        texts[name] = ""
        for less in (run, replace(run, specs=())):
            try:
                texts[name] = view(less)
                break
            except Exception:
                continue
    return run, texts


def _write(
    texts: Mapping[object, str], outputs: Sequence[Target], _: Path | None = None
) -> tuple[Problem, ...]:
    """Write the files, each as a whole, and return what could not be written.

    Of a file that cannot be written, none is left: it may be there from before something went wrong.
    """
    problems: list[Problem] = []
    for target in outputs:
        text = texts[target.format].encode("utf-8", "backslashreplace").decode("utf-8")
        try:
            replace_file(target.path, [text])
        except InputError as error:
            problems += error.problems
            with suppress(OSError):
                target.path.unlink(missing_ok=True)
    return tuple(problems)


def _append(texts: Mapping[object, str], _: Sequence[Target], summary: Path | None) -> tuple[Problem, ...]:
    """Append to the summary of a step, as the runner wants it, and return what could not be written."""
    if summary is None:
        return ()
    try:
        with summary.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(texts[summary])
    except OSError as error:
        return (Problem("E108", f"cannot write {summary}: {error.strerror}"),)
    return ()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
