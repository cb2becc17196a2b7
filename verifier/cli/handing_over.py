"""Run of `check` → what is printed of it."""

from typing import TYPE_CHECKING

import click

from verifier.cli.terminal import color, print_text, width

if TYPE_CHECKING:
    from verifier.engine.outcome import RunReport


def hand_over(run: "RunReport", fmt: str) -> None:
    """Print a run: on the error stream what stopped it, on the other the report in the format asked for."""
    from verifier.report.text import check_text, stopped

    for told in stopped(run):
        click.echo(told, err=True)
    if fmt == "json":
        from verifier.report.json import check_document
        from verifier.run.check_specs import tool_versions

        click.echo(check_document(run, tool_versions()))
    elif run.specs and not run.nothing:
        print_text(check_text(run.specs, width(), color()))
