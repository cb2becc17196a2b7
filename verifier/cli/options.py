"""What several verbs are told alike: the method and the limits; None where the command line is silent."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from verifier.engine.options import CHOICES
from verifier.errors import InputError, input_error

if TYPE_CHECKING:
    from verifier.run.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def seconds(text: str) -> float:
    """Return a positive number of seconds.

    Raises:
        InputError: E601.
    """
    from verifier.spec import scalars

    try:
        return scalars.seconds(text)
    except (ValueError, InputError):
        raise input_error("E601", f"expected a positive number of seconds, got --timeout {text}") from None


def timeout_option(told: str) -> Callable[[F], F]:
    """Return the option `--timeout`; `told` says what it bounds."""
    return click.option("--timeout", type=seconds, metavar="SECONDS", help=told)


def rlimit_option() -> Callable[[F], F]:
    """Return the option `--rlimit`."""
    told = "Z3 resources per query: the same on every machine."
    return click.option("--rlimit", type=click.IntRange(1, 2**32 - 1), metavar="N", help=told)


def paths_of(settings: "Settings", paths: Sequence[str]) -> Sequence[str]:
    """Return the paths of a command line, else those that the settings say.

    Raises:
        UsageError: nobody says any.
    """
    found = settings.first(tuple(paths), "paths")
    if not found:
        raise click.UsageError("expected a PATH, or `paths` under [tool.verifier] in pyproject.toml")
    return found


def checking(command: F) -> F:
    """Add the options of everything that decides checks: `method`, `timeout`, `rlimit`, `node_limit`."""
    for option in (
        click.option(
            "--node-limit",
            type=click.IntRange(1),
            metavar="N",
            help="Nodes of decision diagrams per check.  [default: 1000000]",
        ),
        rlimit_option(),
        timeout_option("Per check."),
        click.option(
            "--method",
            type=click.Choice(CHOICES),
            help="table: all inputs, enumerated; bdd: decision diagrams; smt: Z3; arb: balls; "
            "all: and compare.  [default: auto]",
        ),
    ):
        command = option(command)
    return command
