"""The verb that checks certificates: audit."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from verifier.cli.completing import files, spec_files
from verifier.cli.terminal import FORMATS, print_wrapped
from verifier.visible import visible

EXITS = {"valid": 0, "invalid": 1, "holey": 3}


@click.command()
@click.argument("path", metavar="CERTIFICATE", shell_complete=files)
@click.option(
    "--spec",
    "spec_path",
    metavar="SPEC",
    shell_complete=spec_files,
    help="Also compare what was asked with a spec.",
)
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def audit(path: str, spec_path: str | None, fmt: str) -> int:
    """Check a certificate again, without a solver: every explanation, and that there is no other.

    \b
    valid    all of it holds, and the list is complete                       (exit 0)
    holey    what is listed holds; that nothing is missing was not checked   (exit 3)
    invalid  something in it is false                                        (exit 1)
    """
    from verifier.audit import audit as audited

    expected = None
    if spec_path is not None:
        from verifier.run.enumerate_spec import query_of
        from verifier.spec import load

        expected = query_of(load(spec_path))
    result = audited(Path(path), expected)
    if fmt == "json":
        click.echo(json.dumps({"schema_version": 1, "path": path, **asdict(result)}, indent=2))
        return EXITS[result.verdict]
    place = f"{path}:{result.line}: " if result.line is not None else ""
    print_wrapped(visible(f"{result.verdict}" + (f": {place}{result.reason}" if result.reason else "")))
    for told in result.checks:
        print_wrapped(visible(f"  {told}"))
    return EXITS[result.verdict]
