"""Reports of a run → the locks that say what was decided, and the certificates of their lists."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from msgspec import UNSET

from verifier.audit import audit_bytes
from verifier.certificate import digest
from verifier.claim import Claim
from verifier.engine.enumeration.outcome import ListReport
from verifier.engine.outcome import Checked, RunReport, SpecReport
from verifier.errors import InputError, InternalError, Problem
from verifier.lock.changes import changes, outcomes
from verifier.lock.digests import about, claim_digest, space_digest
from verifier.lock.document import (
    NAME,
    VERSION,
    CheckLock,
    ClaimLock,
    ListLock,
    Lock,
    MalformedLockError,
    SpecLock,
    file_name,
    read_lock,
    show,
)
from verifier.lock.evidence import evidence
from verifier.query import query_document
from verifier.run.certify import finished
from verifier.run.check_specs import loaded, tool_versions
from verifier.run.find_specs import SUFFIXES, placed
from verifier.run.locked import AUDIT_BUDGET, versions
from verifier.verdict import Idle, Proved, Refuted


@dataclass(frozen=True, slots=True)
class Locking:
    """What to write in a folder: the text of its lock, and certificates by digest (those to keep, too).

    `replaced` says what is wrong with the file that the lock takes the place of, if it is none.
    """

    folder: Path
    text: str
    certificates: Mapping[str, str]
    kept: frozenset[str]
    replaced: str = ""


def lockings(reports: Sequence[SpecReport]) -> list[Locking]:
    """Return what to write after a run in which everything was as expected.

    Entries of specs that were not part of the run are kept, unless their files are gone. A file that is no
    lock is replaced if all specs beside it were part of the run.

    Raises:
        InputError: a lock that cannot be opened, or is none and may hold other specs; E104, a spec whose name
            a lock cannot hold.
        InternalError: a list whose certificate the auditor refuses.
    """
    folders: dict[Path, list[SpecReport]] = {}
    for report in reports:
        if report.about is not None:
            folders.setdefault(placed(report.path).parent, []).append(report)
    return [_locking(Path(some[0].path).parent, some) for some in folders.values()]


def compared(run: RunReport) -> RunReport:
    """Return a run with notes on how it differs from the locks beside the specs, where there are any.

    What is wrong with a lock is a warning: nothing rests on it here.
    """
    locks: dict[Path, Lock] = {}
    warnings: list[Problem] = []
    for folder in dict.fromkeys(Path(report.path).parent for report in run.specs):
        try:
            if os.path.lexists(folder / NAME):
                locks[folder] = read_lock(folder)
        except InputError as error:
            warnings += error.problems
    found = (_compared(report, locks.get(Path(report.path).parent)) for report in run.specs)
    return replace(run, specs=tuple(found), warnings=(*run.warnings, *warnings))


def _compared(report: SpecReport, lock: Lock | None) -> SpecReport:
    if lock is None or report.about is None:
        return report
    part = loaded(report.path, None)
    if isinstance(part, SpecReport):
        return report
    entry = lock.specs.get(Path(report.path).name)
    found = changes(part.spec, entry, part.entries, part.listed, whole=True)
    told = [*found.told, found.note]
    if entry is not None:
        fell, still = outcomes(entry, found.claims, report)
        told += [*fell, still]
    return replace(report, notes=(*report.notes, *filter(None, told)))


def _locking(folder: Path, reports: Sequence[SpecReport]) -> Locking:
    before: Mapping[str, SpecLock] = {}
    replaced = ""
    try:
        before = read_lock(folder).specs if (folder / NAME).exists() else {}
    except MalformedLockError as error:
        beside = {path.name for path in folder.iterdir() if path.name.endswith(SUFFIXES)}
        if not beside <= {Path(report.path).name for report in reports}:
            raise
        replaced = error.problems[0].told
    specs = {name: entry for name, entry in before.items() if (folder / name).exists()}
    certificates: dict[str, str] = {}
    for report in reports:
        specs[_name(report.path)] = _entry(report, certificates)
    lists = [entry.enumerate for entry in specs.values()]
    kept = frozenset(held.certificate for held in lists if isinstance(held, ListLock))
    return Locking(folder, show(Lock(version=VERSION, specs=specs)), certificates, kept, replaced)


def _name(path: str) -> str:
    """Return the name of a spec file, as a lock holds it."""
    try:
        return file_name(Path(path).name)
    except ValueError as error:
        told = f"a lock cannot hold the name of this file: expected {error}"
        raise InputError([Problem("E104", told, "give it another name", path)]) from None


def _entry(report: SpecReport, certificates: dict[str, str]) -> SpecLock:
    subject = report.about
    if subject is None or report.sha256 is None:
        raise InternalError("a report about nothing is not locked")
    found = about(subject.network, subject.domain, subject.decoding)
    explanations = {
        explained.claim.explanation.name: ClaimLock(
            claim=claim_digest(explained.claim.explanation),
            checks={checked.result.check: _check(explained.claim, checked) for checked in explained.checks},
        )
        for explained in report.explanations
    }
    return SpecLock(
        sha256=report.sha256,
        files=dict(found.files) or UNSET,
        network=found.network,
        domain=found.domain,
        decoding=found.decoding,
        tool=versions(),
        explanations=explanations,
        enumerate=_list(report.listing, certificates) if report.listing is not None else UNSET,
    )


def _check(claim: Claim, checked: Checked) -> CheckLock:
    result = checked.result
    share = UNSET if result.share is None else str(result.share)
    match result.verdict:
        case Proved(rests_on) if rests_on != "lock":
            return CheckLock(verdict="proved", expected=str(checked.expected), rests_on=rests_on, share=share)
        case Refuted(shortest):
            found = result.found or shortest
            return CheckLock(
                verdict="refuted",
                expected=str(checked.expected),
                rests_on=_of_idle(found) if isinstance(found, Idle) else "replay",
                share=share,
                counterexample=evidence(claim.network, found),
            )
        case _:
            raise InternalError("what is not decided, or only believed, is not locked")


def _of_idle(found: Idle) -> Literal["table", "bdd", "z3", "arb", "algebra", "rounding"]:
    if found.rests_on == "lock":
        raise InternalError("what is only believed is not locked")
    return found.rests_on


def _list(report: ListReport, certificates: dict[str, str]) -> ListLock:
    """Return what is said of a list, its certificate added to the others.

    Cubes are left out: with them the file would depend on how many processes listed.
    """
    parts = report.network, report.domain, report.decoding, report.space
    query, statement = query_document(*parts), report.listing.statement
    text = "".join(finished(replace(report.listing, cubes=()), query, tool_versions()))
    audited = audit_bytes(text.encode(), Path(report.path).parent, query, AUDIT_BUDGET)
    if audited.verdict == "invalid" or audited.count != statement.count:
        raise InternalError(f"the auditor does not confirm the list of {report.path}: {audited}")
    sha256 = digest(text)
    certificates[sha256] = text
    return ListLock(
        space=space_digest(*parts),
        certificate=sha256,
        audit=audited.verdict,
        count=statement.count,
        classes=statement.classes,
        complete=statement.complete,
        rests_on=statement.rests_on or UNSET,
    )
