"""The verbs that help to write a spec: init, schema."""

from pathlib import Path

import click

from verifier.errors import input_error


@click.command()
@click.argument("path", default="example.circuit.yaml", required=False)
@click.option("--force", is_flag=True, help="Overwrite.")
def init(path: str, force: bool) -> int:
    """Write a commented example spec (to example.circuit.yaml, unless a PATH is given)."""
    from importlib.resources import files

    text = (files("verifier.spec") / "example.yaml").read_text(encoding="utf-8")
    target = Path(path)
    try:
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise input_error("E601", f"{path} exists", "choose another name, or say --force") from None
    except OSError as error:
        raise input_error("E108", f"cannot write {path}: {error.strerror}") from None
    click.echo(f"wrote {path}; now: verifier check {path}", err=True)
    return 0


@click.command()
@click.argument("what", type=click.Choice(["spec", "certificate"]), default="spec", required=False)
def schema(what: str) -> int:
    """Print the JSON Schema of spec files, or of one line of a certificate."""
    import json
    from importlib.resources import files

    if what == "certificate":
        text = (files("verifier.audit") / "certificate.schema.json").read_text(encoding="utf-8")
        click.echo(text.rstrip())
        return 0
    from verifier.spec import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
    return 0
