"""The listed explanations → nothing, or the first that is false, out of place or twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from verifier.audit import complete, plain, sets
from verifier.audit.flaw import FlawError
from verifier.audit.forward import Array
from verifier.audit.lines import Lines, Listed
from verifier.audit.query import Query
from verifier.audit.table import Table
from verifier.certificate import show_feature


@dataclass(frozen=True, slots=True)
class Group:
    """The listed explanations of one size, as numbers of features of the table, in the order of the file."""

    listed: list[Listed]
    sets: Array


def feature_numbers(table: Table, lines: Lines, good: Array) -> Array:
    """Return which feature of the table each readout of the pool is; `good` are the usable features.

    Raises:
        FlawError: the first readout that is no feature, or must not be in an explanation.
    """
    pool, state = lines.pool, table.state
    used = {i for listed in lines.explanations for i in listed.features}
    numbers = np.zeros(len(pool.readouts), dtype=np.int64)
    in_box = table.readable()
    cube_line = {i: cube.line for cube in reversed(lines.cubes) for i in cube.readouts}
    for i, readout in enumerate(pool.readouts):
        f = table.place[readout[0]]
        numbers[i] = f
        right = bool(table.good[f]) and table.offset(f) == readout[1]
        if i in cube_line and not (right and in_box[f]):
            problem = plain.feature_violated(state, readout, gates=False)
            what = problem or f"the readout {show_feature(*readout)} is not in the box"
            raise FlawError(cube_line[i], what)
        if i in used and not (right and good[f]):
            problem = plain.feature_violated(state, readout)
            line = next(listed.line for listed in lines.explanations if i in listed.features)
            raise FlawError(line, problem or f"{show_feature(*readout)} may not be in an explanation")
    return numbers


def grouped(
    table: Table, listed: Sequence[Listed], numbers: Array, ordered: bool
) -> tuple[dict[int, Group], FlawError | None]:
    """Return the explanations by size, and the first that is repeated or, if `ordered`, out of order.

    Raises:
        FlawError: the first line with features or tables out of form.
    """
    as_list = numbers.tolist()
    rows: list[tuple[int, ...]] = []
    for item in listed:
        row = tuple([as_list[i] for i in item.features])
        check_form(table.state.query, item, row)
        rows.append(row)
    disorder = disorder_of(rows, listed, ordered)
    groups: dict[int, Group] = {}
    for k in sorted(set(map(len, rows))):
        chosen = [i for i, row in enumerate(rows) if len(row) == k]
        groups[k] = Group([listed[i] for i in chosen], np.array([rows[i] for i in chosen], dtype=np.int64))
    return groups, disorder or _repeated(table, rows, listed)


def check_form(query: Query, item: Listed, row: tuple[int, ...]) -> None:
    """Check the size of a listed explanation, the order of its features, and the form of its truth tables.

    Raises:
        FlawError: the first that is not right.
    """
    k, space, outputs = len(row), query.space, len(query.outputs)
    if not space.least <= k <= space.most:
        raise FlawError(item.line, f"{k} features, expected {space.least} to {space.most}")
    if k > query.width:
        raise FlawError(item.line, f"{k} readouts of {query.width} units are linearly dependent")
    if any(a >= b for a, b in pairwise(row)):
        raise FlawError(item.line, "expected different features in ascending order")
    if (item.output is not None) != space.interchange:
        wanted = "truth tables" if space.interchange else "null, as interchange is not required"
        raise FlawError(item.line, f"output: expected {wanted}")
    if item.output is not None and [len(t) for t in item.output] != [1 << k] * outputs:
        raise FlawError(item.line, f"output: expected {outputs} truth tables of {1 << k} bits")


def disorder_of(rows: Sequence[tuple[int, ...]], listed: Sequence[Listed], ordered: bool) -> FlawError | None:
    """Return the first explanation that is repeated or, if `ordered`, out of order."""
    if all((len(a), a) < (len(b), b) for a, b in pairwise(rows)):
        return None
    seen: dict[tuple[int, ...], int] = {}
    for i, (row, item) in enumerate(zip(rows, listed, strict=True)):
        if row in seen:
            return FlawError(item.line, f"the explanation of line {seen[row]} again")
        seen[row] = item.line
        if ordered and i and not (len(rows[i - 1]), rows[i - 1]) < (len(row), row):
            return FlawError(item.line, "expected explanations in ascending order")
    return None


def _repeated(table: Table, rows: Sequence[tuple[int, ...]], listed: Sequence[Listed]) -> FlawError | None:
    """Return the first explanation whose functions were listed before, where readouts have no bounds."""
    space = table.state.query.space
    if space.bounds is not None:
        return None
    bit = 0 if space.polarity else table.first
    number = (2 * table.function + bit).tolist()
    seen: dict[tuple[int, ...], int] = {}
    for row, item in zip(rows, listed, strict=True):
        line = seen.setdefault(tuple(sorted(number[f] for f in row)), item.line)
        if line != item.line:
            return FlawError(item.line, f"the functions of line {line} again, modulo the kernel")
    return None


def check_explanations(table: Table, groups: dict[int, Group], disorder: FlawError | None) -> None:
    """Check every listed set by C3 to C8, and its truth tables.

    Raises:
        FlawError: the first one that is no explanation, has another output, or is out of order.
    """
    problems = [problem for group in groups.values() if (problem := _first_false(table, group))]
    if disorder is not None and (not problems or (disorder.line or 0) < min(problems)[0]):
        raise disorder
    if problems:
        line, features, written = min(problems)
        readouts = [table.readout(f) for f in features]
        reason, output = plain.judge(table.state, readouts)
        if reason is None:
            reason = f"output: the truth tables are {got_tables(output)}, the file says {got_tables(written)}"
        raise FlawError(line, reason)


def got_tables(tables: Sequence[str] | None) -> str:
    """Return truth tables for a message."""
    text = ", ".join(tables or ())
    return text if len(text) <= 80 else f"{text[:77]}..."


def _first_false(table: Table, group: Group) -> tuple[int, list[int], tuple[str, ...]] | None:
    judged = sets.judge(table, group.sets)
    right = judged.holds & complete.satisfying(table, group.sets, judged.output)
    if table.state.query.space.interchange:
        text = "".join("".join(item.output or ()) for item in group.listed)
        bits = np.frombuffer(text.encode(), dtype=np.uint8) == ord("1")
        written = bits.reshape(len(group.sets), judged.output.shape[2], judged.output.shape[1])
        right &= (np.swapaxes(written, 1, 2) == judged.output).all(axis=(1, 2))
    if right.all():
        return None
    first = int(np.nonzero(~right)[0][0])
    item = group.listed[first]
    return item.line, group.sets[first].tolist(), item.output or ()


def count_classes(table: Table, groups: dict[int, Group]) -> int:
    """Return the number of classes up to complementing features among the listed."""
    of = table.polar if table.state.query.space.bounds is not None else table.function
    return sum(len(np.unique(np.sort(of[g.sets], axis=1), axis=0)) for g in groups.values())


def check_least(table: Table, groups: dict[int, Group], good: Array, given: Sequence[int]) -> None:
    """Check that the listed explanations are the least of their classes, one per class.

    Raises:
        FlawError: the first that is not.
    """
    classes = complete.classes_of(table, good, given)
    for group in groups.values():
        of = classes.of[group.sets]
        members = complete.members_of(table, classes, of)
        least = members[complete.least_of_class(classes.of[members])]
        known = {
            tuple(sorted(c)): tuple(row)
            for c, row in zip(classes.of[least].tolist(), least.tolist(), strict=True)
        }
        for item, c, row in zip(group.listed, of.tolist(), group.sets.tolist(), strict=True):
            if known[tuple(sorted(c))] != tuple(row):
                other = " and ".join(show_feature(*table.readout(f)) for f in known[tuple(sorted(c))])
                raise FlawError(item.line, f"up to polarity {other} is listed instead: it is less")
