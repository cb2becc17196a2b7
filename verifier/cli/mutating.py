"""The verb about how much a claim says: mutate."""

from fractions import Fraction
from typing import TYPE_CHECKING

import click

from verifier.cli.completing import explanations, spec_files
from verifier.cli.options import checking, paths_of
from verifier.cli.terminal import FORMATS, color, print_text, progress, width

if TYPE_CHECKING:
    from verifier.engine.options import Choice


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]", shell_complete=spec_files)
@click.option("-k", "select", metavar="EXPR", help="Only checks whose file::explanation::check fits.")
@click.option("-e", "--explanation", help="Only the explanation of this name.", shell_complete=explanations)
@click.option(
    "--most",
    type=click.IntRange(1),
    metavar="N",
    help="Try so many mutants of an explanation; of more, evenly spaced ones.  [default: 1000]",
)
@click.option("--fail-under", metavar="PERCENT", default="0", help="Exit 1 if a score is less.")
@checking
@click.option(
    "--show", type=click.IntRange(0), default=10, show_default=True, help="Show so many unnoticed mutants."
)
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def mutate(
    paths: tuple[str, ...],
    select: str | None,
    explanation: str | None,
    most: int | None,
    fail_under: str,
    method: "Choice | None",
    timeout: float | None,
    rlimit: int | None,
    node_limit: int | None,
    show: int,
    fmt: str,
) -> int:
    """Change proved explanations in one place at a time, and say which changes their checks do not notice.

    A change is a gate negated, dropped or swapped, a name replaced, a coefficient, an offset or a bound
    moved, a unit left out. Changes that are proved to claim the same are left out of the score.

    Without a PATH, those are taken that [tool.verifier] in pyproject.toml names, as for `check`. Checks that
    are refuted as expected have no say; an explanation that is not as expected is not changed.

    \b
    Exit codes: 0 every mutant is decided, 1 a score is too low, or an
    explanation is not as expected, 2 usage or malformed spec, 3 undecided, 5 nothing to mutate.
    """
    from verifier.engine.mutation.mutate import MOST
    from verifier.engine.mutation.outcome import MutationReport
    from verifier.engine.options import Options
    from verifier.engine.outcome import Exit, worst
    from verifier.errors import InputError, listed
    from verifier.report.mutation import mutation_text
    from verifier.run.check_run import nothing_in
    from verifier.run.check_specs import tool_versions
    from verifier.run.find_specs import bare
    from verifier.run.mutate_spec import mutate_specs
    from verifier.run.selection import selection
    from verifier.run.settings import missing, read_settings

    settings = read_settings()
    absent = () if paths else missing(settings)
    if absent:
        raise InputError(absent)
    asked, options = paths_of(settings, paths), settings.options(Options(method, timeout, rlimit, node_limit))
    chosen, wanted = selection(select, explanation), _share(fail_under)
    reports: list[MutationReport] = []
    for report in mutate_specs(asked, options, chosen, most or MOST, wanted, progress("mutants")):
        if fmt == "text" and report.explanations:  # one by one: an interruption keeps those before it
            told = any(earlier.explanations for earlier in reports)
            print_text(("\n" if told else "") + mutation_text(report, show, width(), color()))
        if report.problems:
            click.echo(listed(report.problems), err=True)
        reports.append(report)
    if fmt == "json":
        from verifier.report.mutation_json import mutation_document

        click.echo(mutation_document(reports, tool_versions()))
    code = worst(report.exit for report in reports)
    empty = bare(asked)
    if code == Exit.OK and empty:
        click.echo(nothing_in(empty), err=True)
        return Exit.NOTHING
    if code == Exit.NOTHING:
        some = any(report.explanations for report in reports)
        click.echo("nothing to mutate" if some else nothing_in(asked, select, explanation), err=True)
    return code


def _share(percent: str) -> Fraction:
    """Return what share a number of percent is."""
    from verifier.errors import InputError
    from verifier.notation import rational

    try:
        share = rational(percent) / 100
    except InputError:
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise click.BadParameter(f"expected a number from 0 to 100, got {percent}", param_hint="--fail-under")
    return share
