"""Spec files → one report each, in this process or in several."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import format_exc

from verifier.checks import DEFAULT_CHECKS, Check, applicable
from verifier.claim import Claim
from verifier.engine.decide import Choice
from verifier.engine.outcome import Checked, ExplanationReport, SpecReport
from verifier.engine.verify import Subject, TiesError
from verifier.errors import InputError, InternalError, Problem
from verifier.spec import Entry, Spec, load

SUFFIXES = (".circuit.yaml", ".circuit.yml", ".circuit.json")


@dataclass(frozen=True, slots=True)
class Options:
    """How to check: the method, and what one check may spend (seconds, or a solver's resource count)."""

    method: Choice = "auto"
    timeout_s: float | None = None
    rlimit: int | None = None


def find_specs(paths: Iterable[str]) -> list[str]:
    """Return the spec files among paths: a file as it is, a folder as the files below it named `SUFFIXES`."""
    found: dict[str, None] = {}
    for path in paths:
        if Path(path).is_dir():
            below = sorted(p for p in Path(path).rglob("*") if p.name.endswith(SUFFIXES) and not p.is_dir())
            found.update(dict.fromkeys(map(str, below)))
        else:
            found[path] = None
    return list(found)


def check_specs(
    paths: Sequence[str],
    options: Options | None = None,
    select: Callable[[str], bool] | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[SpecReport]:
    """Return one report per spec file, in order; malformed specs and defects of ours are in the reports.

    Args:
        select: which `path::explanation::check` to run; default all.
        jobs: how many processes; one explanation is the unit of work.
        progress: called with (explanations done, explanations in all).
    """
    options = options or Options()
    specs = [_loaded(path, select) for path in paths]
    tasks = [(spec, i) for spec in specs if isinstance(spec, Spec) for i in range(len(spec.entries))]
    done: list[SpecReport] = []
    if jobs > 1 and len(tasks) > 1:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(min(jobs, len(tasks))) as pool:
            futures = [pool.submit(_check_entries, spec, (spec.entries[i],), options) for spec, i in tasks]
            try:
                for future in futures:
                    done.append(future.result())
                    if progress is not None:
                        progress(len(done), len(tasks))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        merged = iter(done)
        return [
            _merged(spec, [next(merged) for _ in spec.entries]) if isinstance(spec, Spec) else spec
            for spec in specs
        ]
    reports = []
    finished = 0
    for spec in specs:
        if isinstance(spec, Spec):
            finished += len(spec.entries)
            reports.append(_check_entries(spec, spec.entries, options) if spec.entries else _merged(spec, []))
        else:
            reports.append(spec)
        if progress is not None:
            progress(finished, len(tasks))
    return reports


def _loaded(path: str, select: Callable[[str], bool] | None) -> Spec | SpecReport:
    try:
        spec = load(path)
    except InputError as error:
        return SpecReport(path, problems=error.problems)
    except Exception:
        return SpecReport(path, defect=format_exc())
    if select is None:
        return spec
    entries = []
    for entry in spec.entries:
        name = entry.explanation.name
        chosen = tuple(c for c in entry.checks if select(f"{path}::{name}::{c[0]}"))
        if chosen:
            entries.append(replace(entry, checks=chosen))
    return replace(spec, entries=tuple(entries))


def _merged(spec: Spec, reports: Sequence[SpecReport]) -> SpecReport:
    """Return one report of a spec whose explanations were checked apart."""
    problems: dict[Problem, None] = {problem: None for report in reports for problem in report.problems}
    return SpecReport(
        spec.path,
        spec.sha256,
        spec.title,
        next((r.domain_size for r in reports if r.domain_size is not None), None),
        tuple(explanation for report in reports for explanation in report.explanations),
        _unchecked(spec),
        tuple(problems),
        "\n".join(report.defect for report in reports if report.defect),
    )


def _unchecked(spec: Spec) -> tuple[str, ...]:
    if spec.enumeration is None:
        return ()
    return ("the section `enumerate` was read but not run: this version lists no explanations",)


def _check_entries(spec: Spec, entries: Sequence[Entry], options: Options) -> SpecReport:
    """Return the report of some explanations of a spec, prepared together."""
    report = SpecReport(spec.path, spec.sha256, spec.title, notes=_unchecked(spec))
    explanations: list[ExplanationReport] = []
    try:
        subject = Subject(
            spec.network, spec.domain, spec.decoding, options.method, options.timeout_s, options.rlimit
        )
        report = replace(report, domain_size=subject.size)
        for entry in entries:
            claim = Claim(spec.network, spec.domain, spec.decoding, entry.explanation)
            results = subject.verify_all(claim, [name for name, _ in entry.checks])
            checked = tuple(
                Checked(result, expected) for result, (_, expected) in zip(results, entry.checks, strict=True)
            )
            explanations.append(ExplanationReport(claim, checked, _skipped(entry)))
    except TiesError as error:
        located = [
            _locate_tie(spec, problem, tie.layer)
            for problem, tie in zip(error.problems, error.ties, strict=True)
        ]
        return replace(report, problems=tuple(located))
    except InputError as error:
        where = spec.positions.get("where") or spec.positions.get("rows") or spec.positions.get("inputs")
        return replace(report, problems=tuple(p.at(spec.path, p.position or where) for p in error.problems))
    except InternalError as error:
        return replace(report, explanations=tuple(explanations), defect=f"internal error: {error}")
    except Exception:
        return replace(report, explanations=tuple(explanations), defect=format_exc())
    return replace(report, explanations=tuple(explanations))


def _skipped(entry: Entry) -> tuple[str, ...]:
    asked = {name for name, _ in entry.checks}
    return tuple(c for c in DEFAULT_CHECKS if c not in asked and applicable(entry.explanation, c))


def _locate_tie(spec: Spec, problem: Problem, layer: str) -> Problem:
    place = spec.network.place_of(layer) if layer else None
    key = f"network.layers.{place - 1}" if place is not None else "output"
    return problem.at(spec.path, spec.positions.get(key))


def claims_of(
    path: str, select: Callable[[str], bool] | None = None
) -> list[tuple[Claim, tuple[Check, ...]]]:
    """Return the claims of a spec with the checks that are asked of each.

    Raises:
        InputError: the spec is malformed.
    """
    spec = load(path)
    claims = []
    for entry in spec.entries:
        name = entry.explanation.name
        chosen = tuple(c for c, _ in entry.checks if select is None or select(f"{path}::{name}::{c}"))
        if chosen:
            claims.append((Claim(spec.network, spec.domain, spec.decoding, entry.explanation), chosen))
    return claims


def tool_versions() -> dict[str, str]:
    """Return the versions a verdict may depend on."""
    from importlib.metadata import version

    return {
        "name": "circuit-verifier",
        "version": version("circuit-verifier"),
        "z3-solver": version("z3-solver"),
        "numpy": version("numpy"),
        "python-flint": version("python-flint"),
    }
