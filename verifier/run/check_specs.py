"""Spec files → one report each, in this process or in several."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from traceback import format_exc
from typing import TYPE_CHECKING

from verifier.checks import DEFAULT_CHECKS, Check, applicable
from verifier.claim import Claim
from verifier.engine.options import Options
from verifier.engine.outcome import Accuracy, Checked, ExplanationReport, SpecReport
from verifier.engine.verify import Result, Subject, TiesError
from verifier.engine.why import with_why
from verifier.errors import InputError, InternalError, Problem
from verifier.spec import Entry, Listing, Spec, load
from verifier.verdict import NODES

if TYPE_CHECKING:
    from verifier.engine.enumeration.outcome import ListReport

GRACE_S = 1.0  # that other processes get to hand over what they found


@dataclass(frozen=True, slots=True)
class Part:
    """Some explanations of a spec, with the list of all explanations or without it."""

    spec: Spec
    entries: tuple[Entry, ...]
    listed: bool


def check_specs(
    paths: Sequence[str],
    options: Options | None = None,
    select: Callable[[str], bool] | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[SpecReport]:
    """Return one report per spec file, in order; malformed specs and defects of ours are in the reports.

    Args:
        select: which `path::explanation::check` to run, the list of all explanations being
            `path::enumerate`; default all.
        jobs: how many processes; one explanation, or the list, is the unit of work.
        progress: called with (units done, units in all).
    """
    return list(reports_of(paths, options or Options(), select, jobs, progress))


def reports_of(
    paths: Sequence[str],
    options: Options,
    select: Callable[[str], bool] | None,
    jobs: int,
    progress: Callable[[int, int], None] | None,
) -> Iterator[SpecReport]:
    """Yield the reports of `check_specs` as they are complete.

    Raises:
        KeyboardInterrupt: once what was found until then has been yielded.
    """
    wholes = [loaded(path, select) for path in paths]
    parts = [(whole, _parts(whole) if isinstance(whole, Part) else []) for whole in wholes]
    total = sum(len(some) for _, some in parts)
    if jobs > 1 and total > 1:
        yield from _in_processes(parts, options, min(jobs, total), progress)
        return
    finished = 0
    for whole, some in parts:
        report = _check(whole, options) if isinstance(whole, Part) else whole
        finished += len(some)
        if progress is not None:
            progress(finished, total)
        yield report
        if report.interrupted:
            raise KeyboardInterrupt


def _in_processes(
    parts: Sequence[tuple[Part | SpecReport, Sequence[Part]]],
    options: Options,
    jobs: int,
    progress: Callable[[int, int], None] | None,
) -> Iterator[SpecReport]:
    """Yield the reports of specs whose parts are checked in processes of their own."""
    from concurrent.futures import Future, ProcessPoolExecutor, wait
    from multiprocessing import active_children

    others = set(active_children())
    pool = ProcessPoolExecutor(jobs)
    waiting: list[tuple[Part | SpecReport, list[Future[SpecReport]]]] = [(whole, []) for whole, _ in parts]
    total, finished = sum(len(some) for _, some in parts), 0
    try:
        for (_, futures), (_, some) in zip(waiting, parts, strict=True):
            futures.extend(pool.submit(_check, part, options) for part in some)
        while waiting:
            whole, futures = waiting[0]
            done = []
            for future in futures:
                done.append(future.result())
                finished += 1
                if progress is not None:
                    progress(finished, total)
            waiting.pop(0)
            yield whole if isinstance(whole, SpecReport) else _merged(whole.spec, done)
        pool.shutdown()
    except BaseException as error:
        pool.shutdown(wait=False, cancel_futures=True)
        running = [future for _, futures in waiting for future in futures if future.running()]
        with suppress(KeyboardInterrupt):  # whoever interrupts twice does not want to wait
            wait(running, timeout=GRACE_S)
        for child in set(active_children()) - others:
            child.kill()
        for whole, futures in waiting if isinstance(error, KeyboardInterrupt) else ():
            done = [f.result() for f in futures if f.done() and not f.cancelled() and f.exception() is None]
            if isinstance(whole, SpecReport):
                yield whole
            elif done:
                yield replace(_merged(whole.spec, done), interrupted=True)
        raise


def _parts(whole: Part) -> list[Part]:
    """Return what can be checked apart: each explanation, and the list if it is checked."""
    parts = [Part(whole.spec, (entry,), False) for entry in whole.entries]
    return [*parts, Part(whole.spec, (), True)] if whole.listed else parts


def guarded(spec: Spec) -> bool:
    """Return whether the spec expects something of the list of all explanations."""
    return spec.enumeration is not None and spec.enumeration.expect != Listing()


def loaded(path: str, select: Callable[[str], bool] | None = None) -> Part | SpecReport:
    """Return a spec with what is selected of it, or the report that it cannot be read."""
    try:
        spec = load(path)
    except InputError as error:
        return SpecReport(path, problems=error.problems)
    except Exception:
        return SpecReport(path, defect=format_exc())
    if select is None:
        return Part(spec, spec.entries, guarded(spec))
    entries = []
    for entry in spec.entries:
        name = entry.explanation.name
        chosen = tuple(c for c in entry.checks if select(f"{path}::{name}::{c[0]}"))
        if chosen:
            entries.append(replace(entry, checks=chosen))
    return Part(spec, tuple(entries), guarded(spec) and select(f"{path}::enumerate"))


def _merged(spec: Spec, reports: Sequence[SpecReport]) -> SpecReport:
    """Return one report of a spec whose explanations were checked apart."""
    problems: dict[Problem, None] = {problem: None for report in reports for problem in report.problems}
    return SpecReport(
        spec.path,
        spec.sha256,
        spec.title,
        next((r.domain_size for r in reports if r.domain_size is not None), None),
        tuple(explanation for report in reports for explanation in report.explanations),
        next((r.listing for r in reports if r.listing is not None), None),
        _unchecked(spec),
        tuple(problems),
        "\n".join(report.defect for report in reports if report.defect),
        spec.positions,
        interrupted=any(report.interrupted for report in reports),
        accuracy=next((r.accuracy for r in reports if r.accuracy is not None), None),
    )


def _unchecked(spec: Spec) -> tuple[str, ...]:
    if spec.enumeration is None or guarded(spec):
        return ()
    return ("nothing is expected of the list of all explanations: `verifier enumerate` lists them",)


def _check(part: Part, options: Options) -> SpecReport:
    return Prepared(part.spec, options).report(part)


@dataclass(slots=True)
class Prepared:
    """A spec whose network is prepared when first needed, and once for all that is checked of it."""

    spec: Spec
    options: Options
    _subject: Subject | InputError | None = field(init=False, default=None)
    _accuracy: Accuracy | None = field(init=False, default=None)
    _known: dict[str, tuple[Result, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Let the spec say what nobody before it said."""
        self.options = self.options.with_spec(self.spec.options)

    def report(self, part: Part) -> SpecReport:
        """Return the report of a part of the spec; malformed input and defects of ours are in it."""
        spec = self.spec
        report = SpecReport(
            spec.path, spec.sha256, spec.title, notes=_unchecked(spec), positions=spec.positions
        )
        if not part.entries and not part.listed:
            return report
        explanations: dict[str, ExplanationReport] = {}  # what is known of them, if one raises
        try:
            subject = self.prepared()
            report = replace(report, domain_size=subject.size, accuracy=self._measured(subject))
            for entry in part.entries:
                for so_far in self._explanation(subject, entry):
                    explanations[entry.explanation.name] = so_far
            if part.listed:
                from verifier.engine.enumeration.enumerate import INTERRUPTED

                found = self._listed(subject)
                cut_short = found.listing.statement.reason == INTERRUPTED
                report = replace(report, listing=found, interrupted=cut_short)
        except TiesError as error:
            located = [
                _locate_tie(spec, problem, tie.layer)
                for problem, tie in zip(error.problems, error.ties, strict=True)
            ]
            return replace(report, problems=tuple(located))
        except InputError as error:
            where = spec.positions.get("where") or spec.positions.get("rows") or spec.positions.get("inputs")
            return replace(
                report,
                problems=tuple(p if p.path else p.at(spec.path, p.position or where) for p in error.problems),
            )
        except InternalError as error:
            return replace(
                report, explanations=tuple(explanations.values()), defect=f"internal error: {error}"
            )
        except Exception:
            return replace(report, explanations=tuple(explanations.values()), defect=format_exc())
        except KeyboardInterrupt:
            return replace(report, explanations=tuple(explanations.values()), interrupted=True)
        return replace(report, explanations=tuple(explanations.values()))

    def prepared(self) -> Subject:
        """Return the network on its domain; raise, every time, what preparing it raises."""
        if self._subject is None:
            try:
                self._subject = self._subject_of()
            except InputError as error:
                self._subject = error
        if isinstance(self._subject, InputError):
            raise self._subject
        return self._subject

    def _subject_of(self) -> Subject:
        """Return what decides the checks."""
        spec, options = self.spec, self.options
        return Subject(
            spec.network,
            spec.domain,
            spec.decoding,
            options.method or "auto",
            options.timeout_s,
            options.rlimit,
            options.nodes or NODES,
        )

    def _listed(self, subject: Subject) -> "ListReport":
        """Return the list of all explanations."""
        from verifier.run.enumerate_spec import enumerate_spec, guard_options

        return enumerate_spec(self.spec, guard_options(self.options))

    def _measured(self, subject: Subject) -> Accuracy | None:
        """Return how far the network agrees with the labels of its data, once found out."""
        source = self.spec.domain.source
        if self._accuracy is None and source is not None and source.label is not None:
            from verifier.engine.accuracy import accuracy

            self._accuracy = accuracy(subject)
        return self._accuracy

    def _explanation(self, subject: Subject, entry: Entry) -> Iterator[ExplanationReport]:
        """Yield the report of an explanation after each check; notes may speak of checks run before."""
        spec, name = self.spec, entry.explanation.name
        claim = Claim(spec.network, spec.domain, spec.decoding, entry.explanation)
        done: dict[Check, Result] = {}
        # an interchange is told beside the verdict on the readouts
        for check in sorted((check for check, _ in entry.checks), key=lambda check: check != "readout"):
            earlier = self._known.get(name, ())
            (result,) = subject.verify_all(claim, [check], earlier)
            self._known[name] = (*earlier, result)
            if self.options.why:
                result = with_why(subject, claim, result, self.options.timeout_s, self.options.rlimit)
            done[check] = result
            checked = tuple(Checked(done[each], expected) for each, expected in entry.checks if each in done)
            yield ExplanationReport(claim, checked, _skipped(entry))


def _skipped(entry: Entry) -> tuple[str, ...]:
    asked = {name for name, _ in entry.checks}
    return tuple(c for c in DEFAULT_CHECKS if c not in asked and applicable(entry.explanation, c))


def _locate_tie(spec: Spec, problem: Problem, layer: str) -> Problem:
    place = spec.network.place_of(layer) if layer else None
    key = f"network.layers.{place - 1}" if place is not None else "output"
    return problem.at(spec.path, spec.positions.get(key) or spec.positions.get("network"))


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
        "dd": version("dd"),
    }
