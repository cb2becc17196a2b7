"""The verb about what a layer holds: probe."""

import click

from verifier.cli.completing import spec_files
from verifier.cli.options import timeout_option
from verifier.cli.terminal import FORMATS, color, print_text, width


@click.command()
@click.argument("path", metavar="SPEC", shell_complete=spec_files)
@click.option("--layer", default="", metavar="LAYER", help="Default: the only hidden layer.")
@click.option("--concept", "concepts", multiple=True, metavar="'NAME: FORMULA'", help="Repeatable.")
@click.option(
    "--bound", type=click.IntRange(1, 1000), default=8, show_default=True, help="Of the whole coefficients."
)
@click.option("--form", type=click.Choice(["linear", "threshold", "both"]), default="both", show_default=True)
@click.option("--all", "every", is_flag=True, help="List every readable function too, if they are few.")
@timeout_option("Per answer.  [default: 60]")
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def probe(
    path: str,
    layer: str,
    concepts: tuple[str, ...],
    bound: int,
    form: str,
    every: bool,
    timeout: float | None,
    fmt: str,
) -> int:
    """Say of every named concept whether a layer can be read for it: the smallest readout, or why none.

    Concepts are those of the spec, the features of its explanations and the options; else the outputs.

    \b
    Exit codes: 0 everything is decided, 3 something is not.
    """
    from verifier.engine.options import Options
    from verifier.engine.probe.layer import Request
    from verifier.engine.probe.outcome import FORMS
    from verifier.run.check_specs import tool_versions
    from verifier.run.probe_spec import probe_spec
    from verifier.run.settings import options_of
    from verifier.spec import load

    forms = tuple(each for each in FORMS if form in (each, "both"))
    spec = load(path)
    limit = options_of(spec, Options(timeout_s=timeout)).timeout_s or 60
    report = probe_spec(spec, Request(layer, bound, forms, every, limit), concepts)
    if fmt == "json":
        from verifier.report.probe_json import probe_document

        click.echo(probe_document(report, spec.path, spec.sha256, tool_versions()))
    else:
        from verifier.report.probe import probe_text

        print_text(probe_text(report, spec.path, spec.title, width(), color()))
    return report.exit
