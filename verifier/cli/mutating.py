"""The verb about how much a claim says: mutate."""

from fractions import Fraction
from typing import TYPE_CHECKING

import click

from verifier.cli.completing import explanations, spec_files
from verifier.cli.options import checking
from verifier.cli.terminal import FORMATS, color, print_text, progress, width

if TYPE_CHECKING:
    from verifier.engine.options import Choice


@click.command()
@click.argument("path", metavar="SPEC", shell_complete=spec_files)
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
    path: str,
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

    \b
    Exit codes: 0 every mutant is decided, 1 a score is too low, or an
    explanation is not proved as expected, 3 undecided, 5 nothing to mutate.
    """
    from verifier.engine.mutation.mutate import MOST
    from verifier.engine.options import Options
    from verifier.engine.outcome import Exit
    from verifier.run.check_run import nothing_in
    from verifier.run.check_specs import tool_versions
    from verifier.run.mutate_spec import mutate_spec
    from verifier.run.selection import selection
    from verifier.run.settings import read_settings

    options = read_settings().options(Options(method, timeout, rlimit, node_limit))
    chosen = selection(select, explanation)
    report = mutate_spec(path, options, chosen, most or MOST, _share(fail_under), progress("mutants"))
    if fmt == "json":
        from verifier.report.mutation_json import mutation_document

        click.echo(mutation_document(report, tool_versions()))
    elif report.explanations:
        from verifier.report.mutation import mutation_text

        print_text(mutation_text(report, show, width(), color()))
    if report.exit == Exit.NOTHING:
        told = nothing_in([path], select, explanation) if not report.explanations else "nothing to mutate"
        click.echo(told, err=True)
    return report.exit


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
