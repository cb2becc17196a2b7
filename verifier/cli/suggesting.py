"""The verb about networks without claims: suggest."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.completing import files
from verifier.cli.importing import spec_options
from verifier.cli.options import timeout_option
from verifier.cli.terminal import FORMATS, color, list_progress, print_text, replace_file, width
from verifier.errors import input_error

if TYPE_CHECKING:
    from verifier.run.asked import Asked
    from verifier.space import Readouts


@click.command()
@click.argument("path", metavar="SPEC | FILE", shell_complete=files)
@spec_options
@click.option("--activations", metavar="A,B", help="FILE of tensors: one per layer, as in import.")
@click.option("--layer", "layers", multiple=True, metavar="LAYER", help="Only this hidden layer; repeatable.")
@click.option("--features", metavar="K | LOW..HIGH", default="1..3", show_default=True)
@click.option("--coefficients", metavar="LOW..HIGH | any", default="-2..2", show_default=True)
@click.option(
    "--readouts",
    type=click.Choice(["auto", "linear", "threshold"]),
    default="auto",
    show_default=True,
    help="auto: linear, and where these explain nothing, threshold.",
)
@click.option(
    "--require",
    metavar="CHECKS",
    help="readout,mediation,interchange or readout,interchange; default: the first, and where it has no "
    "explanation the second.",
)
@click.option("-o", "--out", metavar="OUT.circuit.yaml", help="Write a spec that claims what was found.")
@click.option("--force", is_flag=True, help="Overwrite it.")
@click.option("--show", type=click.IntRange(1), default=5, show_default=True, help="Show so many of a kind.")
@timeout_option("Spend so long; what is not finished by then is said to be so.  [default: 60]")
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def suggest(
    path: str,
    asked: "Asked",
    activations: str | None,
    layers: tuple[str, ...],
    features: str,
    coefficients: str,
    readouts: str,
    require: str | None,
    out: str | None,
    force: bool,
    show: int,
    timeout: float | None,
    fmt: str,
) -> int:
    """Say what a network computes, what its layers hold, and how it is explained most simply.

    The network is that of a SPEC, whatever it claims, or of a FILE as `verifier import` reads it; options
    from --rows to --activations are about a FILE.

    \b
    Exit codes: 0 the lists with mediation (or what --require says) are complete, 3 they are not.
    """
    from dataclasses import replace

    from verifier.engine.options import Options
    from verifier.engine.suggest.outcome import Request, requirement
    from verifier.run.asked import understood
    from verifier.run.check_specs import tool_versions
    from verifier.run.find_specs import SUFFIXES
    from verifier.run.import_file import activations_of
    from verifier.run.settings import options_of
    from verifier.run.suggest_spec import source_of, suggest_spec, suggested_spec
    from verifier.spec import scalars

    target = Path(out) if out is not None else None
    if target is not None and not target.name.lower().endswith(SUFFIXES):
        raise input_error(
            "E601", f"expected a name that ends in .circuit.yaml or .circuit.json, got {target}"
        )
    if target is not None and not force and target.exists():
        raise input_error("E601", f"{target} exists", "choose another name, or say --force")
    counted = understood("--features", features, scalars.count)
    bounds = understood("--coefficients", coefficients, scalars.coefficients)
    source = source_of(path, activations_of(activations) if activations else None, asked)
    kinds: tuple[Readouts, ...] = ("linear", "threshold")
    wanted = tuple(kind for kind in kinds if readouts in ("auto", kind))
    limit = options_of(source.spec, Options(timeout_s=timeout)).timeout_s or 60
    request = Request(layers, counted, bounds, wanted, show, limit)
    if require is not None:
        request = replace(request, requires=(understood("--require", require, requirement),))
    with list_progress() as progress:
        suggestion = suggest_spec(source, request, progress)
    if fmt == "json":
        from verifier.report.suggestion_json import suggestion_document

        click.echo(suggestion_document(suggestion, path, tool_versions()))
    else:
        from verifier.report.suggestion import suggestion_text

        print_text(suggestion_text(suggestion, path, source.spec.title, show, width(), color()))
    if target is not None:
        text = suggested_spec(source, suggestion, target)
        if text is not None:
            replace_file(target, [text])
        told = f"wrote {target}; now: verifier check {target}" if text is not None else "nothing to claim"
        click.echo(told, err=True)
    return suggestion.exit
