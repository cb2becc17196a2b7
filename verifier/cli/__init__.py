"""argv → exit code: the only place that prints, writes files or decides how the process ends."""

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TextIO

import click

from verifier.cli.terminal import COMPLETE, complain
from verifier.errors import VerifierError
from verifier.visible import visible_lines

VERBS = {
    "audit": "auditing",
    "check": "checking",
    "completion": "completing",
    "config": "configuring",
    "enumerate": "listing",
    "eval": "checking",
    "explain": "checking",
    "import": "importing",
    "init": "starting",
    "mutate": "mutating",
    "probe": "probing",
    "schema": "starting",
    "slope": "slopes",
    "suggest": "suggesting",
    "why-not": "listing",
}


class Verbs(click.Group):
    """A group whose commands are names until one is asked for: only then its module is imported."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb; None if there is none of that name."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"verifier.cli.{VERBS[cmd_name]}")
        commands = (value for value in vars(module).values() if isinstance(value, click.Command))
        return next(command for command in commands if command.name == cmd_name)


@click.group(
    cls=Verbs,
    commands=list(map(click.Command, VERBS)),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="circuit-verifier", message="%(prog)s %(version)s")
def cli() -> None:
    """Prove or refute claims about how a small neural network computes.

    \b
    Exit codes:
      0    everything decided, and as expected (without `expect`: proved)
      1    something refuted that should hold, or proved that should not
      2    usage, spec or network error
      3    undecided
      4    internal error, or methods that disagree
      5    nothing to check
      130  interrupted
    """


def run(argv: Sequence[str]) -> int:
    """Return the exit code of a command line; nothing but this decides it."""
    code = _run(argv)
    printed = [_printed(stream) for stream in (sys.stdout, sys.stderr)]
    return code if all(printed) else 4


def _printed(stream: TextIO | None) -> bool:
    """Return whether all was written; what was not is let go, or the interpreter would exit with 120."""
    try:
        if stream is not None:
            stream.flush()
    except OSError:
        assert stream is not None
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True


def _run(argv: Sequence[str]) -> int:
    sys.set_int_max_str_digits(0)  # exact numbers are printed, however long
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if COMPLETE in os.environ:
        import_module("verifier.cli.completing")  # how bash is answered, which is registered there
    try:
        code = cli.main(list(argv), prog_name="verifier", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()  # or what cannot be printed is told
    except click.exceptions.Abort:
        return 130
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return 130
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        if argv[:1] == ["check"]:
            from verifier.cli.handing_over import forget_reports

            forget_reports(argv)
        error.show()
        return 2
    except VerifierError as error:
        complain(str(error))
        return error.exit_code
    except SystemExit as error:  # of click: completion, or a pipe that nobody reads, for which it has 1
        return 4 if error.code else 0
    except BrokenPipeError:
        return 4
    except Exception:
        told = f"internal error, please report it\n{visible_lines(traceback.format_exc())}"
        with suppress(OSError):  # nobody may be listening
            click.echo(told, err=True)
        return 4
    return int(code or 0)
