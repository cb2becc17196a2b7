"""A certificate → valid, holey or invalid, with what was checked and by which route."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from verifier.audit import complete, cubes, features, listed, smooth, valued
from verifier.audit.evaluate import State, state_of
from verifier.audit.flaw import BeyondError, FlawError
from verifier.audit.forward import Array
from verifier.audit.lines import Footer, Lines, read_lines
from verifier.audit.query import CUT, EXACT, read_query
from verifier.audit.table import Table
from verifier.certificate import is_cut, show_feature
from verifier.errors import InternalError, input_error

BUDGET = 2**27

Verdict = Literal["valid", "holey", "invalid"]


@dataclass(frozen=True, slots=True)
class Audit:
    """What the auditor says of a certificate.

    *valid*: every explanation is one, and the auditor found by a route of its own that there is no other.
    *holey*: every explanation is one, or sigmoids keep that from being checked; that there is no other is not
    established. *invalid*: something is false, and `line` is the first line at fault. `count` and `classes`
    are those listed, `complete` whether the file claims that nothing is missing, `evaluated` whether each of
    them was evaluated, `checks` what was checked and how.
    """

    verdict: Verdict
    reason: str
    line: int | None
    count: int
    classes: int
    complete: bool
    evaluated: bool
    checks: tuple[str, ...]
    seconds: float


@dataclass(slots=True)
class Notes:
    """What an audit has seen so far: counts, sentences on what was checked, and on what could not be."""

    count: int = 0
    classes: int = 0
    complete: bool = False
    evaluated: bool = False
    checks: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def audit(path: Path, expected_query: dict[str, Any] | None = None, budget: int = BUDGET) -> Audit:
    """Return the verdict on a certificate, whatever its bytes.

    `expected_query` is the query document of a spec file: another query in the header is a flaw. `budget` is
    how many points each search of the completeness check may look at.

    Raises:
        InputError: E108, the file cannot be opened.
    """
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise input_error("E108", f"the file cannot be opened: {error}") from None
    return audit_bytes(data, Path(path).parent, expected_query, budget)


def audit_bytes(
    data: bytes, folder: Path, expected_query: dict[str, Any] | None = None, budget: int = BUDGET
) -> Audit:
    """Return the verdict on the bytes of a certificate; proofs it names are looked for in a folder."""
    start = time.perf_counter()
    notes = Notes()
    verdict: Verdict = "invalid"
    reason, line, flawed = "", None, False
    try:
        _check(data, folder, expected_query, budget, notes)
        verdict, reason = "valid", "every explanation is one, and there is no other"
    except FlawError as flaw:
        reason, line, flawed = flaw.reason, flaw.line, True
    except BeyondError as limit:
        notes.gaps.append(str(limit))
    if notes.gaps and not flawed:
        verdict, reason = "holey", "; ".join(notes.gaps)
    seconds = time.perf_counter() - start
    return Audit(
        verdict,
        reason,
        line,
        notes.count,
        notes.classes,
        notes.complete,
        notes.evaluated,
        tuple(notes.checks),
        seconds,
    )


def _check(data: bytes, folder: Path, expected: dict[str, Any] | None, budget: int, notes: Notes) -> None:
    """Check everything in turn; what cannot be established is noted as a gap.

    Raises:
        FlawError: something in the file is false.
        BeyondError: nothing more can be checked.
    """
    lines = read_lines(data)
    footer = lines.footer
    notes.count, notes.complete = len(lines.explanations), footer is not None and footer.complete
    path = None if expected is None else difference(expected, lines.query, "query")
    if path is not None:
        raise FlawError(1, f"the certificate answers another query: {path} differs")
    query = read_query(lines.query, lines.version)
    for text, i in lines.pool.number.items():
        if is_cut(text) is not (query.space.readouts == CUT):
            raise FlawError(lines.pool.lines[i], f"expected another kind of readout, got {text}")
    if query.space.bounds is None and lines.cubes:
        raise FlawError(lines.cubes[0].line, "expected no cubes, as the coefficients have no bounds")
    notes.checks.append("lines: canonical; the digests of network, query and list are right")
    if footer is None:
        notes.gaps.append("no footer: an interrupted run" + (", its last line cut off" if lines.torn else ""))
    elif not footer.complete:
        notes.gaps.append("the footer does not claim that the list is complete")
    if query.smooth:
        notes.classes = smooth.check(lines, query)
        told = f"{notes.count} explanation(s) of {notes.classes} class(es), all different"
        notes.checks.append(f"list: {told}; independent rows, mediation and truth tables by linear algebra")
        raise BeyondError(smooth.GAP)
    state = state_of(query)
    notes.checks.append(f"domain: {len(state.x)} inputs without a tie, {len(state.H)} distinct hidden rows")
    if query.space.readouts != EXACT:
        valued.check(lines, state, budget, notes)
        return
    if lines.cubes:
        cubes.check_tiling(lines.cubes, cubes.allowed(state), notes.complete)
    rows, gap = _all_features(state, budget, notes) if notes.complete else (None, "")
    table = _table(state, lines, rows)
    groups = _explanations(table, lines, notes)
    proved = _cubes(table, lines, folder, notes)
    if footer is None:
        return
    if footer.classes != notes.classes:
        reason = f"classes: the list has {notes.classes}, the footer says {footer.classes}"
        raise FlawError(footer.line, reason)
    if not footer.complete:
        return
    if rows is None and not proved:
        notes.gaps.append(gap)
        return
    if rows is None:
        notes.checks.append(f"features: all {table.readable().sum()}, by the proofs of the cubes")
    _completeness(table, groups, footer, budget, notes)
    _binding(state, table, footer, max(groups, default=0), budget if rows is not None else 0, notes)


def _all_features(state: State, budget: int, notes: Notes) -> tuple[Array | None, str]:
    """Return the rows of all features; or None, and why they are beyond the auditor."""
    try:
        rows = features.all_features(state, state.query.space.bounds, budget)
    except BeyondError as limit:
        return None, str(limit)
    notes.checks.append(f"features: all {len(rows)}, by every truth assignment of an affine basis")
    return rows, ""


def _table(state: State, lines: Lines, rows: Array | None) -> Table:
    """Return the table of all readouts there are to look at, each with its complement."""
    wanted = [given.row for given in state.query.space.given if given.row is not None]
    for readout, line in zip(lines.pool.readouts, lines.pool.lines, strict=True):
        if len(readout[0]) != state.m:
            raise FlawError(line, f"expected readouts of {state.m} coefficients, got {len(readout[0])}")
        wanted.append(readout[0])
    if rows is None:
        wanted += [tuple(-v for v in row) for row in wanted]
    return Table.of(state, rows, wanted)


def _explanations(table: Table, lines: Lines, notes: Notes) -> dict[int, listed.Group]:
    given = [table.place[g.row] for g in table.state.query.space.given if g.row is not None]
    good = complete.usable(table, given)
    numbers = listed.feature_numbers(table, lines, good)
    groups, disorder = listed.grouped(table, lines.explanations, numbers, notes.complete)
    listed.check_explanations(table, groups, disorder)
    if groups and table.state.query.space.polarity and features.finite(table.state):
        listed.check_least(table, groups, good, given)
    notes.classes = listed.count_classes(table, groups)
    notes.evaluated = True
    notes.checks.append(
        f"list: {notes.count} explanation(s) of {notes.classes} class(es), all different, evaluated exactly"
    )
    return groups


def _cubes(table: Table, lines: Lines, folder: Path, notes: Notes) -> bool:
    """Check the cubes; return whether their proofs show that they hold every feature."""
    if not lines.cubes:
        return False
    numbers = [table.place[row] for row, _ in lines.pool.readouts]
    cubes.check_members(table, lines.cubes, numbers, notes.complete)
    try:
        count = cubes.check_proofs(table, lines.cubes, numbers, folder)
    except BeyondError as limit:
        notes.gaps.append(str(limit))
        return False
    tile = "tiling the box" if notes.complete else "disjoint"
    notes.checks.append(f"cubes: {len(lines.cubes)}, {tile}; {count} proof(s) checked")
    return notes.complete and count == len(lines.cubes)


def _completeness(
    table: Table, groups: dict[int, listed.Group], footer: Footer, budget: int, notes: Notes
) -> None:
    """Compare the list with all explanations there are.

    Raises:
        FlawError: one is missing.
        InternalError: the list holds more than there are, though each was checked.
    """
    space = table.state.query.space
    for k in range(space.least, min(space.most, table.state.m) + 1):
        try:
            found = complete.all_explanations(table, k, budget)
        except BeyondError as limit:
            notes.gaps.append(str(limit))
            continue
        ours = {tuple(row) for row in found.sets.tolist()}
        theirs = {tuple(row) for row in groups[k].sets.tolist()} if k in groups else set()
        if theirs - ours:
            raise InternalError(f"the auditor disagrees with itself about {_show(table, min(theirs - ours))}")
        if ours - theirs:
            missing = f"{len(ours - theirs)} of {len(ours)} explanations with k = {k} are missing"
            raise FlawError(footer.line, f"not complete: {missing}: {_show(table, min(ours - theirs))}")
        notes.checks.append(f"complete: k = {k}, {len(ours)} explanations, {found.route}")


def _show(table: Table, chosen: tuple[int, ...]) -> str:
    return " and ".join(show_feature(*table.readout(f)) for f in chosen)


def _binding(state: State, table: Table, footer: Footer, largest: int, budget: int, notes: Notes) -> None:
    """Check the claim that the bounds cut an explanation off (or none), where that can be decided.

    Raises:
        FlawError: the claim is false.
    """
    space = state.query.space
    if footer.bound_binding is None:
        return
    if space.bounds is None:
        if footer.bound_binding:
            raise FlawError(footer.line, "bound_binding: expected false or null, as there are no bounds")
        return
    binding = complete.bound_is_binding(table, budget) if budget else None
    if binding is None:
        binding = True if complete.can_be_moved(table, largest) else None
    if binding is None:
        notes.gaps.append("bound_binding: whether explanations lie outside the bounds was not established")
        return
    if binding != footer.bound_binding:
        found = "cut explanations off" if binding else "cut no explanation off"
        raise FlawError(footer.line, f"bound_binding: the bounds {found}, the footer says otherwise")
    notes.checks.append(f"bounds: {'some' if binding else 'no'} explanation lies outside them")


def difference(expected: Any, found: Any, path: str) -> str | None:
    """Return the path of the first value in which two documents differ, or None.

    >>> difference({"a": [1, 2]}, {"a": [1, 3]}, "query")
    'query.a[1]'
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            if key not in expected or key not in found:
                return f"{path}.{key}"
            below = difference(expected[key], found[key], f"{path}.{key}")
            if below is not None:
                return below
        return None
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        for i, (a, b) in enumerate(zip(expected, found, strict=False)):
            below = difference(a, b, f"{path}[{i}]")
            if below is not None:
                return below
        return None if len(expected) == len(found) else f"{path}[{min(len(expected), len(found))}]"
    return None if type(expected) is type(found) and expected == found else path
