"""The verb about files of weights: import; and the options about a spec that it shares with suggest."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.completing import files
from verifier.cli.terminal import replace_file
from verifier.errors import input_error
from verifier.visible import visible

if TYPE_CHECKING:
    from verifier.run.asked import Asked

_ABOUT_A_SPEC = {
    "rows": click.option(
        "--rows", metavar="DATA", shell_complete=files, help="Data file whose rows are the inputs that count."
    ),
    "ignore": click.option(
        "--ignore", multiple=True, metavar="COLUMN | rest", help="Column of DATA to leave out; repeatable."
    ),
    "label": click.option("--label", metavar="COLUMN", help="Column of DATA that holds the right answers."),
    "merge": click.option("--merge", is_flag=True, help="Count equal rows once."),
    "thresholds": click.option(
        "--threshold",
        "thresholds",
        multiple=True,
        metavar="'NAME = COLUMN > NUMBER'",
        help="Input that is cut from a column of numbers; repeatable.",
    ),
    "encoding": click.option(
        "--encoding", metavar="LOW,HIGH", help="Numbers fed for bit 0 and bit 1, such as --encoding=-1,1."
    ),
    "where": click.option("--where", metavar="FORMULA", help="Only inputs on which it is true count."),
    "inputs": click.option(
        "--inputs", metavar="NAMES", help="Names of inputs, such as 'a, x1..x3, color: one_hot(red, blue)'."
    ),
    "outputs": click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FORM | 'NAME: FORM'",
        help="How an output becomes a bit, such as 'y > 0', or argmax; repeatable.",
    ),
}


def spec_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options about a spec to a command, which takes what they say as `asked`."""

    @wraps(command)
    def taking(**given: Any) -> int:
        from verifier.run.asked import Asked

        said = {key: given.pop(key) for key in _ABOUT_A_SPEC}
        return command(asked=Asked(**{key: value for key, value in said.items() if value}), **given)

    for option in reversed(_ABOUT_A_SPEC.values()):
        option(taking)
    return taking


@click.command("import")
@click.argument("path", metavar="FILE", shell_complete=files)
@click.option("-o", "--out", metavar="OUT", help="*.circuit.yaml: a spec; else .yaml, .json: a network file.")
@click.option("--layers", metavar="A,B", help="Tensors or their prefixes, first layer to last.")
@click.option("--activations", metavar="A,B", help="One per layer, such as relu,leaky_relu(slope=1/100).")
@click.option("--ignore-tensors", metavar="A,B", help="Tensors, or their prefixes, that are in no layer.")
@click.option("--transpose", is_flag=True, help="Each row of the weights is an input, not a unit.")
@spec_options
@click.option("--claim", "claims", multiple=True, metavar="'NAME: GATE @ SITE'", help="Feature; repeatable.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
def import_(
    path: str,
    out: str | None,
    layers: str | None,
    activations: str | None,
    ignore_tensors: str | None,
    transpose: bool,
    asked: "Asked",
    claims: tuple[str, ...],
    force: bool,
) -> int:
    """Read a network from a file (.onnx, .safetensors, .npz, a network file), every number exactly.

    Without -o only say what the file holds. Options from --rows to --claim are keys of a spec.
    """
    from dataclasses import replace

    from verifier.importers.layout import Layout, Stored
    from verifier.run.asked import Asked
    from verifier.run.find_specs import SUFFIXES
    from verifier.run.import_file import activations_of, contents, network_file, ready_spec
    from verifier.spec.network_file import TEXTS

    if transpose and not layers:
        raise input_error("E601", "--transpose is said of the layers that --layers names")
    named = [name.strip() for name in layers.split(",")] if layers else []
    layout = Layout(
        tuple(Stored(name, transpose=transpose or None) for name in named) or None,
        activations_of(activations) if activations else None,
        ignored=tuple(name.strip() for name in ignore_tensors.split(",")) if ignore_tensors else (),
    )
    asked = replace(asked, claims=claims)
    target = Path(out) if out is not None else None
    is_spec = target is not None and target.name.lower().endswith(SUFFIXES)
    if asked != Asked() and not is_spec:
        raise input_error("E601", "options about a spec need -o NAME.circuit.yaml")
    if target is None:
        click.echo("\n".join(map(visible, contents(path, layout))))
        return 0
    if target.suffix.lower() not in TEXTS:
        raise input_error("E601", f"expected a name that ends in .yaml or .json, got {target}")
    if target.exists() and not force:
        raise input_error("E601", f"{target} exists", "choose another name, or say --force")
    text = ready_spec(path, layout, asked, target) if is_spec else network_file(path, layout, target)
    replace_file(target, [text])
    verb = "check" if claims else "suggest"
    click.echo(f"wrote {target}" + (f"; now: verifier {verb} {target}" if is_spec else ""), err=True)
    return 0
