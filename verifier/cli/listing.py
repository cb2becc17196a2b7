"""The verbs about all explanations: enumerate, why-not."""

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from verifier.cli.completing import spec_files
from verifier.cli.options import rlimit_option, timeout_option
from verifier.cli.terminal import (
    FORMATS,
    color,
    list_progress,
    print_text,
    print_wrapped,
    replace_file,
    width,
)
from verifier.errors import input_error
from verifier.visible import visible

if TYPE_CHECKING:
    from verifier.arrays import Array
    from verifier.engine.enumeration.enumerate import Options, Progress
    from verifier.engine.enumeration.listing import Found
    from verifier.engine.enumeration.outcome import ListReport
    from verifier.run.certify import Earlier
    from verifier.spec import Spec


@click.command("enumerate")
@click.argument("path", metavar="SPEC", shell_complete=spec_files)
@click.option(
    "--strategy",
    type=click.Choice(["auto", "decomposed", "monolithic"]),
    default="auto",
    show_default=True,
    help="decomposed: single features, then sets of them; monolithic: Z3 finds whole explanations.",
)
@click.option("--no-warm-start", is_flag=True, help="Propose nothing to Z3: it finds every feature itself.")
@click.option("--count", "only_count", is_flag=True, help="Only say how many there are.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Stop after so many explanations.")
@timeout_option("Stop after so long.")
@rlimit_option()
@click.option("--certificate", metavar="FILE", help="Write what was found, for `verifier audit` to check.")
@click.option("--resume", metavar="FILE", help="Go on with the certificate of a run that was cut short.")
@click.option("--force", is_flag=True, help="Overwrite the certificate, or the export.")
@click.option(
    "--proof", type=click.Choice(["lrat"]), help="Add proofs that no readout is missing (python-sat)."
)
@click.option(
    "--export", type=click.Choice(["smt2", "dimacs"]), help="Write the last query, for other solvers."
)
@click.option(
    "--export-to", metavar="PATH", help="Where --export goes: default SPEC.smt2, or the folder SPEC.cubes."
)
@click.option("--all", "every", is_flag=True, help="Show every explanation, not one per class.")
@click.option("--show", type=click.IntRange(0), default=20, show_default=True, help="Show so many at most.")
@click.option("--format", "fmt", type=FORMATS, default="text", show_default=True)
def enumerate_(
    path: str,
    strategy: str,
    no_warm_start: bool,
    only_count: bool,
    limit: int | None,
    timeout: float | None,
    rlimit: int | None,
    certificate: str | None,
    resume: str | None,
    force: bool,
    proof: str | None,
    export: str | None,
    export_to: str | None,
    every: bool,
    show: int,
    fmt: str,
) -> int:
    """List every explanation in the space of a spec's section `enumerate`, and say whether that is all.

    \b
    Exit codes: 0 complete (and as expected), 1 not as expected, 3 not complete.
    """
    from verifier.engine.enumeration.enumerate import Options
    from verifier.engine.options import Options as Said
    from verifier.run.check_specs import tool_versions
    from verifier.run.enumerate_spec import query_of
    from verifier.run.settings import options_of
    from verifier.spec import load

    if proof and not (certificate or resume):
        raise input_error("E601", "--proof needs a --certificate to go with")
    if export_to and not export:
        raise input_error("E601", "--export-to says where --export goes, which is missing")
    if export and not export_to:
        export_to = f"{Path(path).name.partition('.')[0]}.{'smt2' if export == 'smt2' else 'cubes'}"
    if export_to and not force and Path(export_to).is_file():
        raise input_error("E601", f"{export_to} exists", "choose another name, or say --force")
    if only_count and (certificate or resume or export or limit):
        raise input_error("E601", "--count keeps no list, so it takes no --limit and writes no file")
    spec = load(path)
    held = options_of(spec, Said(timeout_s=timeout, rlimit=rlimit))
    options = Options(
        strategy,  # type: ignore[arg-type]
        warm_start=not no_warm_start,
        limit=limit,
        timeout_s=held.timeout_s,
        rlimit=held.rlimit,
    )
    if only_count:
        return _count(spec, options, fmt)
    target = Path(resume or certificate or "") if resume or certificate else None
    if target is not None and target.is_dir():
        raise input_error("E601", f"expected the name of a file, got the folder {target}")
    if certificate and resume and certificate != resume:
        raise input_error(
            "E601", "--resume goes on with a file, so --certificate must be the same or left out"
        )
    if certificate and not resume and Path(certificate).exists() and not force:
        raise input_error("E601", f"{certificate} exists", "go on with --resume, or say --force")
    if proof and target is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*", target.name):
        raise input_error(
            "E601", f"expected letters, digits, _ . - in the name of a file with proofs, got {target}"
        )
    if proof:
        _provable(spec, options)
    with list_progress() as progress:
        report, earlier = _listed(spec, options, target, resume is not None, progress)
    if target is not None:
        _finish(report, query_of(spec), target, proof is not None, earlier)
    if export is not None:
        _export(report, export, Path(export_to or ""))
    if fmt == "json":
        from verifier.report.listing_json import listing_document

        for piece in listing_document(report, query_of(spec), tool_versions()):
            click.echo(piece, nl=False)
    else:
        from verifier.report.listing import listing_text

        print_text(listing_text(report, width(), color(), every, show))
    return report.exit


def _count(spec: "Spec", options: "Options", fmt: str) -> int:
    from verifier.run.enumerate_spec import count_spec

    counted = count_spec(spec, options)
    if fmt == "json":
        from verifier.report.listing_json import count_document

        click.echo(count_document(counted))
    else:
        from verifier.report.statement import stated

        print_wrapped("\n".join(text for text, _ in stated(counted)))
    return counted.exit


def _listed(
    spec: "Spec",
    options: "Options",
    target: Path | None,
    resume: bool,
    progress: "Callable[[Progress], None]",
) -> tuple["ListReport", "Earlier"]:
    """Return the list, appending to the certificate what is found while it is found.

    Second comes what the certificate held before; if it was complete, it is not touched here.
    """
    from verifier.engine.enumeration.enumerate import Watch
    from verifier.run.certify import Earlier, cube_line, explanation_line, header, unfinished
    from verifier.run.check_specs import tool_versions
    from verifier.run.enumerate_spec import enumerate_spec, query_of

    watch = Watch(progress=progress)
    earlier = Earlier((), frozenset(), "", False)
    if target is None:
        return enumerate_spec(spec, options, watch=watch), earlier
    query = query_of(spec)
    first = header(query, tool_versions())
    if resume:
        try:
            earlier = unfinished(target.read_bytes(), str(target), query, first)
        except OSError as error:
            raise input_error("E108", f"cannot read {target}: {error.strerror}") from None
    with ExitStack() as stack:
        append: list[TextIO] = []

        def ready() -> None:  # an old file is replaced once nothing can be refused any more
            replace_file(target, [earlier.text or first])
            append.append(stack.enter_context(target.open("a", encoding="utf-8")))

        def found(batch: "Sequence[Found]") -> None:
            append[0].writelines(map(explanation_line, batch))
            append[0].flush()

        def cube(stage: Any, prefix: tuple[int, ...], rows: "Array") -> None:
            if prefix not in earlier.closed:
                append[0].write(cube_line(stage, prefix, rows))
                append[0].flush()

        if not earlier.complete:
            watch.ready, watch.found, watch.cube = ready, found, cube
        try:
            return enumerate_spec(spec, options, earlier.known, watch), earlier
        except OSError as error:
            raise input_error("E108", f"cannot write {target}: {error.strerror}") from None


def _provable(spec: "Spec", options: "Options") -> None:
    """Refuse what would end without proofs, before anything is written."""
    from verifier.proof import available
    from verifier.run.enumerate_spec import section_of

    if section_of(spec).space.coefficients is None or options.strategy == "monolithic":
        hint = "set coefficients: LOW..HIGH and leave --strategy at decomposed"
        raise input_error("E601", "proofs are made for bounded coefficients, cube by cube", hint)
    if spec.network.smooth or spec.decoding.tolerance or section_of(spec).space.readouts == "threshold":
        message = "proofs are made of readouts that equal bits, not of comparisons, a tolerance or sigmoids"
        raise input_error("E601", message)
    if not available():
        hint = "install the extra: pip install '.[proof]' in a clone, or 'circuit-verifier[proof]'"
        raise input_error("E601", "--proof needs the package python-sat", hint)


def _finish(
    report: "ListReport", query: dict[str, Any], target: Path, prove: bool, earlier: "Earlier"
) -> None:
    """Replace the certificate by the finished one, its proofs beside it; not a complete one by no more."""
    from verifier.run.certify import finished
    from verifier.run.check_specs import tool_versions
    from verifier.run.prove import prove_cubes

    complete = report.listing.statement.complete
    listing = report.listing
    no_more = not complete or (set(listing.items) == set(earlier.known) and not prove)
    less = listing.stage is None or not listing.settled or (earlier.complete and no_more)
    if less and target.exists():
        click.echo(visible(f"{target} stays as it was"), err=True)
        return
    replace_file(target, finished(report.listing, query, tool_versions()))
    proofs: dict[tuple[int, ...], tuple[str, str]] = {}
    if prove and not complete:
        click.echo("no proofs: the list is not complete", err=True)
    elif prove:
        folder = target.with_name(target.name + ".proof")
        folder.mkdir(exist_ok=True)
        for number, (cube, data, digest) in enumerate(prove_cubes(report.listing)):
            name = f"{number:04}.lrat.xz"
            (folder / name).write_bytes(data)
            proofs[cube] = f"{folder.name}/{name}", digest
        for file in folder.glob("*.lrat.xz"):  # of an earlier run
            if f"{folder.name}/{file.name}" not in {name for name, _ in proofs.values()}:
                file.unlink()
        replace_file(target, finished(report.listing, query, tool_versions(), proofs))
    told = "" if complete else f", which is not complete; to go on: --resume {target}"
    click.echo(visible(f"wrote {target}{told}"), err=True)


def _export(report: "ListReport", kind: str, target: Path) -> None:
    from verifier.run.prove import export_dimacs, export_smt2

    try:
        if kind == "smt2":
            target.write_text(export_smt2(report.listing), encoding="utf-8")
            click.echo(f'wrote {target}: "another explanation exists"; expect unsat', err=True)
            return
        target.mkdir(parents=True, exist_ok=True)
        for name, text in export_dimacs(report.listing):
            (target / name).write_text(text, encoding="utf-8")
        click.echo(f'wrote {target}: per cube "another readout exists", and its refutation', err=True)
    except OSError as error:
        raise input_error("E108", f"cannot write {target}: {error.strerror}") from None


@click.command("why-not")
@click.argument("path", metavar="SPEC", shell_complete=spec_files)
@click.argument("features", nargs=-1, required=True, metavar="EXPLANATION | 'NAME: GATE @ SITE'...")
@timeout_option("Stop after so long.")
def why_not(path: str, features: tuple[str, ...], timeout: float | None) -> int:
    """Say why an explanation is not on the list: the input, or the equation, that rules it out.

    \b
    Exit codes: 0 it is ruled out, 1 it is on the list, 3 undecided.
    """
    from verifier.engine.enumeration.enumerate import Options
    from verifier.engine.options import Options as Said
    from verifier.notation import rounded_within
    from verifier.run.settings import options_of
    from verifier.run.why_not import why_not as reason_of
    from verifier.spec import load

    spec = load(path)
    limit = options_of(spec, Said(timeout_s=timeout)).timeout_s
    answer = reason_of(spec, features, Options(timeout_s=limit))
    print_wrapped(rounded_within(answer.text))
    return answer.exit
