"""The verb about files of weights: import."""

from pathlib import Path

import click

from verifier.cli.terminal import replace_file
from verifier.errors import input_error


@click.command("import")
@click.argument("path", metavar="FILE")
@click.option("-o", "--out", metavar="OUT", help="*.circuit.yaml: a spec; else .yaml, .json: a network file.")
@click.option("--layers", metavar="A,B", help="Tensors or their prefixes, first layer to last.")
@click.option("--activations", metavar="A,B", help="One per layer, such as relu,leaky_relu(slope=1/100).")
@click.option("--transpose", is_flag=True, help="Each row of the weights is an input, not a unit.")
@click.option("--rows", metavar="DATA", help="Spec: the data file whose rows are the inputs that count.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="Spec: a column to leave out; repeatable.")
@click.option("--merge", is_flag=True, help="Spec: count equal rows once.")
@click.option("--where", metavar="FORMULA", help="Spec: only inputs on which it is true count.")
@click.option("--inputs", metavar="NAMES", help="Spec: names of the inputs, such as a,x1..x3.")
@click.option("--output", metavar="OUTPUT", help="Spec: how the output becomes a bit, such as 'y > 0'.")
@click.option("--claim", "claims", multiple=True, metavar="'NAME: GATE @ SITE'", help="Spec: a feature.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
def import_(
    path: str,
    out: str | None,
    layers: str | None,
    activations: str | None,
    transpose: bool,
    rows: str | None,
    ignore: tuple[str, ...],
    merge: bool,
    where: str | None,
    inputs: str | None,
    output: str | None,
    claims: tuple[str, ...],
    force: bool,
) -> int:
    """Read a network from a file (.onnx, .safetensors, .npz, a network file), every number exactly.

    Without -o only say what the file holds.
    """
    from verifier.importers.layout import Layout, Stored
    from verifier.run.find_specs import SUFFIXES
    from verifier.run.import_file import Asked, activations_of, contents, network_file, ready_spec
    from verifier.spec.network_file import TEXTS

    if transpose and not layers:
        raise input_error("E601", "--transpose is said of the layers that --layers names")
    named = [name.strip() for name in layers.split(",")] if layers else []
    layout = Layout(
        tuple(Stored(name, transpose=transpose or None) for name in named) or None,
        activations_of(activations) if activations else None,
    )
    asked = Asked(rows or "", ignore, merge, where or "", inputs or "", output or "", claims)
    target = Path(out) if out is not None else None
    is_spec = target is not None and target.name.lower().endswith(SUFFIXES)
    if asked != Asked() and not is_spec:
        raise input_error("E601", "options about a spec need -o NAME.circuit.yaml")
    if target is None:
        click.echo("\n".join(contents(path, layout)))
        return 0
    if target.suffix.lower() not in TEXTS:
        raise input_error("E601", f"expected a name that ends in .yaml or .json, got {target}")
    if target.exists() and not force:
        raise input_error("E601", f"{target} exists", "choose another name, or say --force")
    text = ready_spec(path, layout, asked, target) if is_spec else network_file(path, layout, target)
    replace_file(target, [text])
    next_step = f"; now: verifier check {target}" if claims else ""
    click.echo(f"wrote {target}{next_step}", err=True)
    return 0
