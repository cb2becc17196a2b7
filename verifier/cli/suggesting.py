"""The verb about networks without claims: suggest."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from verifier.cli.terminal import FORMATS, color, list_progress, print_text, width
from verifier.errors import input_error

T = TypeVar("T")


@click.command()
@click.argument("path", metavar="SPEC")
@click.option("--layer", "layers", multiple=True, metavar="LAYER", help="Only this hidden layer.")
@click.option("--features", metavar="K | LOW..HIGH", default="1..3", show_default=True)
@click.option("--coefficients", metavar="LOW..HIGH | any", default="-2..2", show_default=True)
@click.option("-o", "--out", metavar="OUT.circuit.yaml", help="Write a spec that claims what was found.")
@click.option("--force", is_flag=True, help="Overwrite it.")
@click.option(
    "--show", type=click.IntRange(1), default=5, show_default=True, help="Show so many per layer at most."
)
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Stop after so long."
)
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def suggest(
    path: str,
    layers: tuple[str, ...],
    features: str,
    coefficients: str,
    out: str | None,
    force: bool,
    show: int,
    timeout: float | None,
    fmt: str,
) -> int:
    """Say what a network computes, what its layers hold, and how it may be explained most simply.

    \b
    Exit codes: 0 the lists are complete, 3 they are not.
    """
    from verifier.engine.suggest.suggest import Request
    from verifier.run.check_specs import tool_versions
    from verifier.run.suggest_spec import spec_source, suggest_spec, suggested_spec
    from verifier.spec import load
    from verifier.spec.scalars import coefficients as bounds_of
    from verifier.spec.scalars import count as count_of

    if timeout is not None and not timeout < float("inf"):
        raise input_error("E601", f"expected a number of seconds, got --timeout {timeout}")
    target = Path(out) if out is not None else None
    if target is not None and not force and target.exists():
        raise input_error("E601", f"{target} exists", "choose another name, or say --force")
    counted, bounds = (
        _read("--features", features, count_of),
        _read("--coefficients", coefficients, bounds_of),
    )
    source = spec_source(path)
    spec = source.spec
    suggestion = suggest_spec(spec, Request(layers, counted, bounds, show, timeout), list_progress())
    if fmt == "json":
        from verifier.report.suggestion_json import suggestion_document

        click.echo(suggestion_document(suggestion, path, tool_versions()))
    else:
        from verifier.report.suggestion import suggestion_text

        print_text(suggestion_text(suggestion, path, spec.title, show, width(), color()))
    if target is not None:
        _write(target, suggested_spec(source, suggestion, target))
        click.echo(f"wrote {target}; now: verifier check {target}", err=True)
    return suggestion.exit


def _read(option: str, text: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise input_error("E601", f"expected {error} as {option}, got {text}") from None


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise input_error("E108", f"cannot write {target}: {error.strerror}") from None
