"""What a shell offers to complete, besides verbs and options: spec files, files, names of explanations."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

from verifier.cli.terminal import COMPLETE
from verifier.report.formats import FORMATS
from verifier.run.find_specs import SUFFIXES

SHELLS = ("bash", "zsh", "fish")
MOST_FILES = 100
_ARGUMENTS = ("paths", "path", "spec_path")


@add_completion_class
class _Bash(BashComplete):
    """What bash asks: it parts words at every `=`, and puts a space after what it completes."""

    source_template = BashComplete.source_template.replace(
        "COMPREPLY+=($value)", "COMPREPLY+=($value); [[ $value == *= ]] && compopt -o nospace"
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one to complete, and that; `name = value` is one word again."""
        parted, incomplete = super().get_completion_args()
        words: list[str] = []
        for word in [*parted, incomplete]:
            if word == "=" and words:
                words[-1] += "="
            elif words and words[-1].endswith("="):
                words[-1] += word
            else:
                words.append(word)
        return words[:-1], words[-1]


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete verbs, options, spec files and names of explanations.

    \b
    bash  eval "$(verifier completion bash)"       in ~/.bashrc
    zsh   eval "$(verifier completion zsh)"        in ~/.zshrc, after compinit
    fish  verifier completion fish | source        in ~/.config/fish/config.fish
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"this version of click completes nothing for {shell}")
    click.echo(found(ctx.find_root().command, {}, "verifier", COMPLETE).source())


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Leave it to the shell to offer files."""
    return [CompletionItem(incomplete, type="file")]


def reports(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer `FORMAT=`, and leave the path after it to the shell."""
    if "=" in incomplete:
        return files(ctx, param, incomplete)
    return [CompletionItem(f"{fmt}=") for fmt in FORMATS if fmt.startswith(incomplete)]


def spec_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer spec files, and folders: of a single folder what is in it, as shells put a space after it."""
    try:
        found = _specs(incomplete)
        while len(found) == 1 and found[0].endswith("/"):
            below = _specs(found[0])
            if not below:
                break
            found = below
    except OSError:
        return []
    return [CompletionItem(path) for path in found]


def _specs(typed: str) -> list[str]:
    shown = typed[: typed.rfind("/") + 1]
    start = typed.removeprefix(shown)
    found = []
    for entry in os.scandir(Path(shown or ".").expanduser()):
        if not entry.name.startswith(start) or not entry.name.isprintable():
            continue
        if entry.is_dir() and (start or not entry.name.startswith(".")):
            found.append(f"{shown}{entry.name}/")
        elif entry.name.endswith(SUFFIXES):
            found.append(f"{shown}{entry.name}")
    return sorted(found)


def explanations(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the explanations of the specs on the line, without one of those that the settings name.

    A completion that fails would garble the line: whatever is wrong, nothing is offered.
    """
    try:
        names = dict.fromkeys(name for name in _named(ctx) if name.startswith(incomplete))
    except Exception:
        return []
    return [CompletionItem(name) for name in names]


def _named(ctx: click.Context) -> Iterator[str]:
    from verifier.run.find_specs import find_specs
    from verifier.run.settings import read_settings
    from verifier.spec.files import decode, read_bytes
    from verifier.spec.nodes import Mapping
    from verifier.spec.problems import Problems
    from verifier.spec.text_to_nodes import read_nodes

    said = [ctx.params.get(name) or () for name in _ARGUMENTS]
    words = [word for each in said for word in ((each,) if isinstance(each, str) else each)]
    words += [word for word in ctx.args if Path(word).exists()]  # an option without its value stops click
    paths = read_settings().first(tuple(words), "paths") or ()
    for path in islice(find_specs(paths), MOST_FILES):
        root = read_nodes(decode(read_bytes(Path(path)), "E101"), path, Problems(path))
        claims = root.mapping("explanations") if isinstance(root, Mapping) else None
        yield from claims.items if claims is not None else ()
