"""Explanations of a certificate → the list made again, or each of them decided again, where that is not long.

How long is told by sizes alone, so that a time limit makes nothing believed. No solver is reached.
"""

from collections.abc import Sequence

from verifier.engine.enumeration.enumerate import Options
from verifier.engine.enumeration.examine import Accepted, examine
from verifier.engine.enumeration.listing import Found, Listing
from verifier.engine.enumeration.outcome import ListReport
from verifier.engine.enumeration.stage import Stage
from verifier.engine.verify import Subject
from verifier.run.believed import SLOW_CASES, TABLE_CASES
from verifier.run.enumerate_spec import enumerate_spec
from verifier.spec import Spec

MOST, MOST_SLOW = 2**20, 2**14  # cases tried to make a list again; where readouts are no bits


def listed_again(spec: Spec, subject: Subject) -> ListReport:
    """Return the list of a spec; an unfinished one where that takes a solver or too many cases."""
    assert spec.enumeration is not None
    bitwise = spec.enumeration.space.readouts == "linear" and not subject.network.smooth
    most = MOST if bitwise and not subject.decoding.tolerance else MOST_SLOW
    return enumerate_spec(spec, Options(z3=False, most=most), subject=subject)


def differing(items: Sequence[Found], complete: bool, again: Listing) -> str:
    """Return how a list, `complete` or in part, differs from the one made again; nothing if it does not."""
    strange = set(items) - set(again)
    if strange:
        return f"{_told(min(strange))} is no explanation to be listed here"
    missing = set(again) - set(items)
    return f"{_told(min(missing))} is missing, one of {len(missing)}" if missing and complete else ""


def refused(stage: Stage, items: Sequence[Found]) -> str | None:
    """Return which of some explanations is none, with the reason, or nothing; None where telling takes long.

    Raises:
        UndecidedError: a question about the domain was not decided.
    """
    limit = TABLE_CASES if stage.bitwise else SLOW_CASES
    if sum(stage.n_rows * 2 ** len(item.features) for item in items) > limit:
        return None
    for item in items:
        readouts = list(item.readouts)
        if any(len(row) != stage.m or stage.canonical(row, d) != (row, d) for row, d in readouts):
            return f"{_told(item)} would be written in another way"
        found = examine(stage, readouts)
        if not isinstance(found, Accepted):
            return f"{_told(item)} is no explanation: {found.reason}"
        if found.output != item.output:
            return f"{_told(item)} has the outputs {', '.join(found.output)}"
    return ""


def _told(item: Found) -> str:
    outputs = f" with outputs {', '.join(item.output)}" if item.output else ""
    return f"{' and '.join(item.features)}{outputs}"
