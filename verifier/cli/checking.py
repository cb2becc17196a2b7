"""The verbs about single claims: check, eval, explain."""

from typing import TYPE_CHECKING

import click

from verifier.cli.completing import explanations, spec_files
from verifier.cli.completing import reports as report_files
from verifier.cli.handing_over import hand_over, targets, termination_interrupts
from verifier.cli.locking import after, locking, refused, reporter
from verifier.cli.options import checking, paths_of
from verifier.cli.terminal import FORMATS, color, print_text, print_wrapped, progress, width
from verifier.errors import InputError, Problem
from verifier.report.formats import FORMATS as REPORTS
from verifier.visible import visible

if TYPE_CHECKING:
    from verifier.engine.options import Choice
    from verifier.report.formats import Format


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]", shell_complete=spec_files)
@click.option(
    "-k", "select", metavar="EXPR", help="Only checks whose file::explanation::check fits, as pytest's -k."
)
@click.option("-e", "--explanation", help="Only the explanation of this name.", shell_complete=explanations)
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes.  [default: 1]")
@checking
@locking
@click.option("--why", is_flag=True, help="Tell which units, weights and inputs each proof needs.")
@click.option(
    "--brief/--no-brief",
    default=None,
    help="No tables of values, or all of them.  [default: where checks are many, of what is not as expected]",
)
@click.option("--format", "fmt", type=click.Choice(REPORTS), help="Of what is printed.  [default: text]")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    help="Write a report, too; repeatable.",
    shell_complete=report_files,
)
def check(
    paths: tuple[str, ...],
    select: str | None,
    explanation: str | None,
    jobs: int | None,
    method: "Choice | None",
    timeout: float | None,
    rlimit: int | None,
    node_limit: int | None,
    locked: bool,
    update_lock: bool,
    why: bool,
    brief: bool | None,
    fmt: "Format | None",
    outputs: tuple[str, ...],
) -> int:
    """Prove or refute the explanations of specs (files, or folders of *.circuit.yaml).

    Without a PATH, those are checked that [tool.verifier] in pyproject.toml names: see `verifier config`.
    """
    with termination_interrupts():
        written = targets(outputs)  # which removes what is there, before imports that take time

        from verifier.engine.options import Options
        from verifier.run.check_run import check_run, stopped_by
        from verifier.run.settings import missing, understood_settings, warnings

        try:
            settings, problems = understood_settings()
            written = written or targets(settings.first((), "output") or ())
            if problems:
                raise InputError(problems)
        except Exception as error:
            return hand_over(stopped_by(error), fmt or "text", written).exit
        absent = () if paths else missing(settings)
        for warning in warnings(settings):
            click.echo(warning, err=True)
        asked = paths_of(settings, paths)
        options = settings.options(Options(method, timeout, rlimit, node_limit, why=why or None))
        jobs = settings.first(jobs, "jobs") or 1
        run = refused(absent, locked, update_lock, select, explanation, options) or after(
            locked,
            update_lock,
            check_run(
                asked,
                options,
                select,
                explanation,
                jobs,
                progress("explanations"),
                reporter(locked, asked),
            ),
        )
        brief = settings.first(brief, "brief")
        return hand_over(run, settings.first(fmt, "format") or "text", written, brief).exit


@click.command("eval")
@click.argument("spec_path", metavar="SPEC", shell_complete=spec_files)
@click.option(
    "-e",
    "--explanation",
    help="Which explanation; default all that have the features set.",
    shell_complete=explanations,
)
@click.option(
    "--x", "inputs", multiple=True, required=True, metavar="BITS", help="An input, as 01; repeatable."
)
@click.option("--set", "bits", multiple=True, metavar="NAME=BIT", help="Set a feature to a bit; repeatable.")
@click.option(
    "--donor", "donors", multiple=True, metavar="NAME=BITS", help="Set a feature to its value at an input."
)
@click.option(
    "--add", "shift", metavar="FORM", help="Shift a layer's activations along a direction, as 'h1 - h3'."
)
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def evaluate(
    spec_path: str,
    explanation: str | None,
    inputs: tuple[str, ...],
    bits: tuple[str, ...],
    donors: tuple[str, ...],
    shift: str | None,
    fmt: str,
) -> int:
    """Run the network and its explanations on inputs, exactly, and show every value."""
    from verifier.run.check_specs import tool_versions
    from verifier.run.eval_spec import evaluate as evaluate_spec
    from verifier.spec import load

    runs = evaluate_spec(load(spec_path), inputs, explanation, bits, donors, shift)
    if fmt == "json":
        from verifier.report.json import eval_document

        click.echo(eval_document(runs, tool_versions()))
    else:
        from verifier.report.text import eval_text

        print_text(eval_text(runs, width(), color()))
    return 0


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=spec_files)
@click.option("-k", "select", metavar="EXPR", help="Only checks whose file::explanation::check fits.")
@click.option("-e", "--explanation", help="Only the explanation of this name.", shell_complete=explanations)
def explain(paths: tuple[str, ...], select: str | None, explanation: str | None) -> int:
    """Write out what each check proves, as a formula with the numbers filled in."""
    from verifier.report.explain import explain as explained
    from verifier.run.check_run import nothing_in
    from verifier.run.check_specs import claims_of
    from verifier.run.find_specs import bare, find_specs
    from verifier.run.selection import selection

    parts: list[str] = []
    problems: list[Problem] = []
    for path in find_specs(paths):
        try:
            for claim, checks in claims_of(path, selection(select)):
                if explanation in (None, claim.explanation.name):
                    parts.append(f"# {visible(path)}: {claim.explanation.name}\n{explained(claim, checks)}")
        except InputError as error:
            problems += error.problems
    if parts:
        print_wrapped("\n\n".join(parts))
    if problems:
        raise InputError(problems)
    empty = bare(paths)
    if empty or not parts:
        click.echo(nothing_in(empty) if parts else nothing_in(paths, select), err=True)
        return 5
    return 0
