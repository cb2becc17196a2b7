"""Spec files and their locks → one report each, without a solver: replayed, audited, or decided again.

What takes too many cases to decide again is believed, if nothing it depends on has changed; the report says
so. A lock that says what is not so makes the run fail.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgspec import UnsetType

from verifier.audit import Audit, audit_bytes
from verifier.certificate import digest
from verifier.engine.enumeration.enumerate import Options as ListOptions
from verifier.engine.enumeration.enumerate import kernel_of, staged
from verifier.engine.enumeration.listing import Found, Listing, Order, Statement
from verifier.engine.enumeration.outcome import ListReport
from verifier.engine.options import Options
from verifier.engine.outcome import SpecReport
from verifier.engine.verify import Subject
from verifier.errors import InputError, Position, Problem
from verifier.lock.changes import Changes, changes, outcomes
from verifier.lock.digests import claim_digest
from verifier.lock.document import (
    CERTIFICATES,
    NAME,
    CheckLock,
    ListLock,
    Lock,
    SpecLock,
    place_of,
    read_lock,
    regular_bytes,
)
from verifier.report.describe import update_command
from verifier.run.believed import Held, LockedSubject, prepared
from verifier.run.certify import header, unfinished
from verifier.run.check_specs import Part, Prepared, loaded, tool_versions
from verifier.run.enumerate_spec import enumerate_spec, query_of, report_of, section_of
from verifier.run.find_specs import files_below, placed
from verifier.run.relisted import differing, listed_again, refused
from verifier.verdict import UndecidedError

AUDIT_BUDGET = 2**20


def locked_reports(
    paths: Sequence[str],
    specs: Sequence[str],
    options: Options,
    select: Callable[[str], bool] | None,
    jobs: int,
    progress: Callable[[int, int], None] | None,
) -> Iterator[SpecReport]:
    """Yield one report per spec file, as `check_specs.reports_of`; locks without a spec follow.

    `paths` are as they were given: folders among them are checked as a whole. Of the options the time limit
    counts; everything is done in this process, whatever `jobs` says.
    """
    locks: dict[Path, Lock | None] = {}
    for done, path in enumerate(specs, start=1):
        folder = Path(path).parent
        if folder not in locks:
            locks[folder] = None
            try:
                locks[folder] = read_lock(folder)
            except InputError as error:
                yield SpecReport(str(folder / NAME), problems=error.problems)
        lock = locks[folder]
        if lock is not None:
            yield _report(path, lock, options, select)
        if progress is not None:
            progress(done, len(specs))
    if select is None:
        yield from _orphans(paths, specs, locks)


def _orphans(
    paths: Sequence[str], specs: Sequence[str], locks: Mapping[Path, Lock | None]
) -> Iterator[SpecReport]:
    """Yield what the locks of whole folders tell of specs that are not there."""
    checked = set(map(placed, specs))
    files = (file for path in paths if Path(path).is_dir() for file in files_below(path, NAME))
    for folder in sorted({file.parent for file in files if file.name == NAME}):
        try:
            lock = locks[folder] if folder in locks else read_lock(folder)
        except InputError as error:
            yield SpecReport(str(folder / NAME), problems=error.problems)
            continue
        for name in lock.specs if lock is not None else ():
            if placed(folder / name) not in checked:
                gone = "not there any more" if not (folder / name).is_file() else "not checked any more"
                yield SpecReport(str(folder / name), stale=(f"it is in {NAME}, and {gone}",))


def _report(path: str, lock: Lock, options: Options, select: Callable[[str], bool] | None) -> SpecReport:
    part = loaded(path, select)
    if isinstance(part, SpecReport):
        return part
    entry = lock.specs.get(Path(path).name)
    if not part.entries and not part.listed and (entry is None or select is not None):
        return Prepared(part.spec, options).report(part)
    found = changes(part.spec, entry, part.entries, part.listed, select is None)
    return Locked(part.spec, options, entry, found).report(part)


def outdated(entry: SpecLock, tool: Mapping[str, str]) -> str:
    """Return which versions are others than those a spec was locked with; nothing if they are the same."""
    names = [name for name in sorted({*entry.tool, *tool}) if entry.tool.get(name) != tool.get(name)]
    before, now = (
        ", ".join(f"{name} {each.get(name, 'missing')}" for name in names) for each in (entry.tool, tool)
    )
    return f"with {before}, this is {now}" if now else ""


def versions() -> dict[str, str]:
    """Return the versions a lock names."""
    tool = tool_versions()
    return {tool.pop("name"): tool.pop("version"), **tool}


@dataclass(slots=True)
class Locked(Prepared):
    """A spec with its entry in a lock, and what changed since."""

    entry: SpecLock | None
    changes: Changes
    _believed: list[str] = field(init=False, default_factory=list)

    def report(self, part: Part) -> SpecReport:
        """Return the report of the spec; what the lock says and is not so is stale."""
        report = Prepared.report(self, part)
        told = list(self.changes.told)
        believed = report.listing.believed if report.listing is not None else ()
        notes = [*report.notes, *believed, self.changes.note]
        if isinstance(self._subject, LockedSubject):
            told += self._subject.contradictions
        if self.entry is not None:
            fell, still = outcomes(self.entry, self.changes.claims, report)
            told += fell
            notes.append(still)
        return replace(report, stale=tuple(told), notes=tuple(filter(None, notes)))

    def _subject_of(self) -> Subject:
        spec, held, old, tool = self.spec, self._held(), "", {}
        if self.entry is not None:
            old, tool = outdated(self.entry, versions()), self.entry.tool
        about = spec.network, spec.domain, spec.decoding
        return prepared(*about, held, tool, old, self.options.timeout_s)

    def _held(self) -> dict[Held, CheckLock]:
        """Return what the lock says of claims that have not changed."""
        if self.entry is None:
            return {}
        return {
            (e.explanation.name, claim_digest(e.explanation), check): locked
            for e in self.spec.entries
            if e.explanation.name in self.changes.claims
            for check, locked in self.entry.explanations[e.explanation.name].checks.items()
        }

    def _listed(self, subject: Subject) -> ListReport:
        """Return the list in the certificate, audited; if it is about something else now, one made anew.

        Raises:
            InputError: E108 or E701, a certificate that is missing, false, or another one than is locked.
        """
        assert isinstance(subject, LockedSubject)
        with subject.believing_nothing():
            return self._list(subject)

    def _list(self, subject: LockedSubject) -> ListReport:
        """Return the list, as `_listed`."""
        held = self.entry.enumerate if self.entry is not None else None
        without_z3 = ListOptions(z3=False, timeout_s=self.options.timeout_s)
        if held is None or isinstance(held, UnsetType) or not self.changes.listed:
            return enumerate_spec(self.spec, without_z3, subject=subject)
        path = Path(self.spec.path).parent / CERTIFICATES / f"{held.certificate}.jsonl"
        audited, items, binds = self._certificate(path, held)
        if held.audit == "valid" != audited.verdict:
            subject.contradict(f"the certificate of the list was valid when it was locked: {audited.reason}")
        again = None if audited.verdict == "valid" else listed_again(self.spec, subject)
        if again is not None and again.listing.statement.complete:
            if differs := differing(items, audited.complete, again.listing):
                raise _false(path, 1, differs)
            return again
        stage, wrong, undecided = None, "" if audited.evaluated or not items else None, ""
        if again is not None and not again.listing.refrained:
            undecided = again.listing.statement.reason
        try:
            stage = staged(subject, section_of(self.spec).space, ListOptions(z3=False))
            wrong = "" if audited.evaluated else refused(stage, items)
        except UndecidedError as error:
            undecided = undecided or str(error)
        if wrong:
            raise _false(path, 1, wrong)
        if again is not None and undecided and not subject.large and (held.complete or wrong is None):
            subject.contradict(f"a list of all explanations is in verifier.lock; undecided here: {undecided}")
            return again
        if wrong is None:
            self._believed.append("locked: that all that is listed are explanations is believed")
        statement = self._statement(held, audited, subject, binds)
        kernel = kernel_of(stage) if stage is not None else ()
        listing = Listing(items, Order().arranged(items)[1], replace(statement, kernel=kernel), stage)
        return replace(report_of(self.spec, subject, listing), believed=tuple(self._believed))

    def _certificate(self, path: Path, held: ListLock) -> tuple[Audit, tuple[Found, ...], bool | None]:
        """Return the audit of a certificate, what it lists, and whether it says that the bounds cut some off.

        Raises:
            InputError: as `_listed`.
        """
        try:
            data = regular_bytes(path)
        except InputError as error:
            raise InputError(
                self._of_lock(p.code, p.message, "certificate") for p in error.problems
            ) from None
        if digest(data) != held.certificate:
            raise _false(path, 1, "its digest is not the one in its name")
        query = query_of(self.spec)
        audited = audit_bytes(data, path.parent, query, AUDIT_BUDGET)
        if audited.verdict == "invalid":
            raise _false(path, audited.line or 1, audited.reason)
        earlier = unfinished(data, str(path), query, header(query, tool_versions()))
        items, groups = Order().arranged(earlier.known)
        classes = max(groups, default=0)
        found = {"count": len(items), "classes": classes, "complete": audited.complete}
        wrong = [
            self._of_lock(
                "E701", f"{key} is {json.dumps(getattr(held, key))}, in {path} {json.dumps(value)}", key
            )
            for key, value in found.items()
            if getattr(held, key) != value
        ]
        if wrong:
            raise InputError(wrong)
        binds = json.loads(data.splitlines()[-1])["bound_binding"] if audited.complete else None
        return audited, items, binds

    def _of_lock(self, code: str, message: str, key: str) -> Problem:
        """Return a complaint about what the lock says of the list."""
        path = Path(self.spec.path)
        place = place_of(path.parent, "specs", path.name, "enumerate", key)
        hint = f"put back what belongs together, or write it anew:  {update_command([str(path.parent)])}"
        return Problem(code, message, hint, str(path.parent / NAME), place)

    def _statement(
        self, held: ListLock, audited: Audit, subject: LockedSubject, binds: bool | None
    ) -> Statement:
        """Return what is said of the list: what the auditor found, and what is believed beyond that."""
        basis = "audit" if held.audit == audited.verdict == "valid" else "lock"
        complete, reason = held.complete, "" if held.complete else "the list was cut short when it was locked"
        if basis == "lock" and complete and subject.outdated:
            complete, reason = False, f"listed {subject.outdated}"
            subject.contradict(f"the list of all explanations was made {subject.outdated}")
        elif basis == "lock" and complete:
            beyond = ", and what its bounds cut off," if binds is not None else ""
            self._believed.append(
                f"locked: that the list is complete{beyond} rests on {held.rests_on}; believed"
            )
        return Statement(held.count, held.classes, complete, basis if complete else "", binds, reason)


def _false(path: Path, line: int, reason: str) -> InputError:
    return InputError([Problem("E701", reason, "", str(path), Position(line, 1))])
