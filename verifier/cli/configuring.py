"""The verb about settings: config."""

import json

import click

from verifier.cli.completing import spec_files
from verifier.cli.terminal import FORMATS
from verifier.visible import visible


@click.command()
@click.argument("path", metavar="[SPEC]", required=False, shell_complete=spec_files)
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def config(path: str | None, fmt: str) -> int:
    """Show every setting that holds here, or for a SPEC, and where it comes from.

    The command line of `check` comes before variables VERIFIER_..., these before `options` of a spec, and
    these before [tool.verifier] in the nearest pyproject.toml that has it.
    """
    from verifier.run.settings import effective, missing, read_settings, warnings
    from verifier.spec import load

    settings = read_settings()
    found = effective(settings, load(path) if path is not None else None)
    told = [*warnings(settings), *(problem.told for problem in missing(settings))]
    if fmt == "json":
        rows = {each.key: {"value": each.value, "from": each.origin} for each in found}
        click.echo(json.dumps({"schema_version": 1, "settings": rows, "warnings": told}, indent=2))
        return 0
    width = max(len(each.text) for each in found)
    for each in found:
        click.echo(f"{each.key:<10}  {each.text:<{width}}  {visible(each.origin)}")
    for warning in told:
        click.echo(warning, err=True)
    return 0
