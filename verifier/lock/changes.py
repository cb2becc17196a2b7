"""Spec, its entry in a lock, and what a run found → sentences: what changed, what still holds, what fell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import UnsetType

from verifier.engine.outcome import SpecReport, word
from verifier.lock.digests import About, about, claim_digest, space_digest
from verifier.lock.document import SpecLock
from verifier.spec import Entry, Spec

MOST_NAMES = 8
_PARTS = {"network": "network", "domain": "domain", "decoding": "decoding of the output"}


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between a spec and its entry in a lock.

    `claims` are the explanations that say what they said, of the same network, domain and decoding; `listed`
    is whether that is so of the space of explanations. `told` are sentences on what is another; `note` is
    one where nothing is, but the bytes of a file.
    """

    claims: frozenset[str]
    listed: bool
    told: tuple[str, ...]
    note: str = ""


def changes(
    spec: Spec, entry: SpecLock | None, entries: Sequence[Entry], listed: bool, whole: bool
) -> Changes:
    """Return what changed since a spec was locked.

    Args:
        entry: what the lock says; None if the spec is not in it.
        entries: the explanations that are checked.
        listed: whether the list of all explanations is.
        whole: whether that is all there is to check.
    """
    if entry is None:
        return Changes(frozenset(), False, ("this spec is not in verifier.lock",))
    now = about(spec.network, spec.domain, spec.decoding)
    parts = [told for part, told in _PARTS.items() if getattr(now, part) != getattr(entry, part)]
    told = [f"{' and '.join(parts)} changed since this was proved"] if parts else []
    same = set()
    for explained in entries:
        name = explained.explanation.name
        held = entry.explanations.get(name)
        if held is None:
            told.append(f"{name} is not in verifier.lock")
            continue
        if held.claim != claim_digest(explained.explanation):
            told.append(f"the claim {name} changed since it was proved")
        elif not parts:
            same.add(name)
        for check, expected in explained.checks:
            if check not in held.checks:
                told.append(f"{name}::{check} is not in verifier.lock")
            elif held.checks[check].expected != str(expected):
                was = held.checks[check].expected
                told.append(
                    f"{name}::{check} was expected {was} when it was locked, is now expected {expected}"
                )
    if whole:
        told += _gone(entry, entries, listed)
    kept = not parts and not isinstance(entry.enumerate, UnsetType)
    if listed:
        listed = kept and _same_space(spec, entry)
        if not kept and not parts:
            told.append("the list of all explanations is not in verifier.lock")
        elif kept and not listed:
            told.append("the space of explanations changed since they were listed")
    return Changes(frozenset(same), listed, tuple(told), "" if told else _note(spec, entry, now))


def _same_space(spec: Spec, entry: SpecLock) -> bool:
    assert spec.enumeration is not None
    assert not isinstance(entry.enumerate, UnsetType)
    now = space_digest(spec.network, spec.domain, spec.decoding, spec.enumeration.space)
    return entry.enumerate.space == now


def _gone(entry: SpecLock, entries: Sequence[Entry], listed: bool) -> Iterator[str]:
    """Yield what is locked and not checked any more."""
    asked = {f"{e.explanation.name}::{check}" for e in entries for check, _ in e.checks}
    for name, claim in entry.explanations.items():
        for check in claim.checks:
            if f"{name}::{check}" not in asked:
                yield f"{name}::{check} is in verifier.lock, and not checked any more"
    if not listed and not isinstance(entry.enumerate, UnsetType):
        yield "a list of all explanations is in verifier.lock, and not checked any more"


def _note(spec: Spec, entry: SpecLock, now: About) -> str:
    """Return the files whose bytes changed, if any did."""
    before = {} if isinstance(entry.files, UnsetType) else entry.files
    files = [] if spec.sha256 == entry.sha256 else ["this file"]
    files += [f for f in sorted({*before, *now.files}) if before.get(f) != now.files.get(f)]
    if not files:
        return ""
    return f"{' and '.join(files)} changed since this was locked, in nothing that is checked"


def outcomes(entry: SpecLock, same: frozenset[str], report: SpecReport) -> tuple[tuple[str, ...], str]:
    """Return which of the claims that changed, or what they are about, came out otherwise.

    A last sentence says what is as before, if anything is.
    """
    fell: list[str] = []
    still: list[str] = []
    for explanation in report.explanations:
        name = explanation.claim.explanation.name
        held: Mapping[str, str] = (
            {check: locked.verdict for check, locked in entry.explanations[name].checks.items()}
            if name in entry.explanations and name not in same
            else {}
        )
        kept = []
        for checked in explanation.checks:
            label, now = f"{name}::{checked.result.check}", word(checked.result.verdict)
            was = held.get(checked.result.check)
            if was == now:
                kept.append(label)
            elif was is not None and now == "unknown":
                fell.append(f"{label} was {was}, and is not decided here")
            elif was is not None:
                fell.append(f"{label} was {was}, and is {now} now")
        still += [name] if kept and len(kept) == len(explanation.checks) else kept
    more = f", and {len(still) - MOST_NAMES} more" if len(still) > MOST_NAMES else ""
    told = f"decided again, as before: {', '.join(still[:MOST_NAMES])}{more}" if still else ""
    return tuple(fell), told
