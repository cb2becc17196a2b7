"""The verb about slopes: slope."""

import click

from verifier.cli.completing import explanations, spec_files
from verifier.cli.options import timeout_option
from verifier.cli.terminal import FORMATS, color, print_text, width
from verifier.errors import InputError, input_error


@click.command()
@click.argument("spec_path", metavar="SPEC", shell_complete=spec_files)
@click.option("-e", "--explanation", help="Only the explanation of this name.", shell_complete=explanations)
@click.option("-k", "select", metavar="EXPR", help="Only checks whose file::explanation::check fits.")
@click.option("--width", "wide", metavar="NUMBER", default="1e-9", show_default=True, help="Of a bracket.")
@timeout_option("Per check.")
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def slope(
    spec_path: str, explanation: str | None, select: str | None, wide: str, timeout: float | None, fmt: str
) -> int:
    """Find from which slope on the claims about a network with sigmoids hold: proved above, refuted below.

    \b
    Exit codes: 0 found, 1 a claim fails at every large slope, 3 undecided or
    degenerate, 2 and 5 as for check.
    """
    from verifier.engine.options import Options
    from verifier.notation import rational
    from verifier.report.slope import slope_document, slope_text
    from verifier.run.check_specs import tool_versions
    from verifier.run.selection import selection
    from verifier.run.settings import options_of
    from verifier.run.slope_spec import slope_spec
    from verifier.spec import load

    try:
        bracket_width = rational(wide)
    except InputError:
        raise input_error("E601", f"expected a number, got --width {wide}") from None
    if bracket_width <= 0:
        raise input_error("E601", f"expected a positive number, got --width {wide}")
    limit = options_of(load(spec_path), Options(timeout_s=timeout)).timeout_s
    report = slope_spec(spec_path, explanation, selection(select), bracket_width, limit)
    if fmt == "json":
        click.echo(slope_document(report, tool_versions()))
    else:
        print_text(slope_text(report, width(), color()))
    return report.exit
