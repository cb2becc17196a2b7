"""Paths and a selection as a person gives them → the report of one run, whatever stops it."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from traceback import format_exception

from verifier.engine.options import Options
from verifier.engine.outcome import Exit, RunReport, SpecReport
from verifier.errors import InputError, Problem
from verifier.notation import suggest
from verifier.run.check_specs import reports_of
from verifier.run.find_specs import specs_by_path
from verifier.run.selection import Select, selection
from verifier.visible import visible

Reported = Callable[
    [Sequence[str], Options, Select | None, int, Callable[[int, int], None] | None], Iterable[SpecReport]
]


def check_run(
    paths: Sequence[str],
    options: Options,
    expression: str | None = None,
    explanation: str | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
    reported: Reported = reports_of,
) -> RunReport:
    """Return what one run finds. Nothing is raised: bad input, defects and interruptions are in the report.

    Args:
        paths: spec files, or folders of them.
        expression: which `path::explanation::check` to run, as `-k` takes it; default all.
        explanation: the only explanation to check, by its name; default all.
        jobs: how many processes.
        progress: called with (units done, units in all).
        reported: what checks the specs.
    """
    reports: list[SpecReport] = []
    try:
        missing = [
            Problem("E108", f"no such file or folder: {path}") for path in paths if not os.path.exists(path)
        ]
        if missing:
            return RunReport(problems=tuple(missing))
        select = selection(expression, explanation)
        # takes them one by one: an interruption keeps those before it
        found = specs_by_path(paths)
        specs = list(dict.fromkeys(chain.from_iterable(found.values())))
        reports.extend(reported(specs, options, select, jobs, progress))
    except (Exception, KeyboardInterrupt) as error:
        return stopped_by(error, RunReport(tuple(reports)))
    run = RunReport(tuple(reports))
    if run.exit == Exit.NOTHING:
        sentence = nothing_in(paths, expression, explanation)
        keys = (key.split(".") for report in run.specs for key in report.positions)
        names = dict.fromkeys(parts[1] for parts in keys if parts[0] == "explanations" and parts[1:])
        hint = suggest(explanation, names) if explanation is not None and explanation not in names else ""
        return replace(run, nothing=f"{sentence} ({visible(hint)})" if hint else sentence)
    bare = [path for path, specs in found.items() if not specs]
    if bare:
        run = replace(run, nothing=nothing_in(bare))
    if select is not None:
        return run
    told = [
        replace(report, nothing=nothing_in([report.path])) if report.exit == Exit.NOTHING else report
        for report in run.specs
    ]
    return replace(run, specs=tuple(told))


def stopped_by(error: BaseException, run: RunReport | None = None) -> RunReport:
    """Return the report of a run that an exception ended, with what it held before."""
    run = run or RunReport()
    match error:
        case InputError():
            return replace(run, problems=(*run.problems, *error.problems))
        case KeyboardInterrupt():
            return replace(run, interrupted=True)
        case _:
            told = "".join(format_exception(error))
            return replace(run, defect=f"{run.defect}\n{told}" if run.defect else told)


def nothing_in(paths: Sequence[str], expression: str | None = None, explanation: str | None = None) -> str:
    """Return the sentence that there is nothing to check in some paths."""
    asked = [f"-e {explanation}"] * (explanation is not None)
    asked += [f"-k {expression!r}"] * (expression is not None)
    told = f": no check fits {' '.join(asked)}" if asked else ""
    return visible(f"nothing to check in {', '.join(paths)}{told}")
