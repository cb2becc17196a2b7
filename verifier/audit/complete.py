"""Features and a space → the one complete list of explanations, by the auditor's own route."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, product
from math import comb

import numpy as np

from verifier.audit import sets
from verifier.audit.features import all_features
from verifier.audit.flaw import BeyondError, amount
from verifier.audit.forward import Array, whole
from verifier.audit.join import candidates, rank
from verifier.audit.library import Membership
from verifier.audit.table import Table

BLOCK = 2**16


@dataclass(frozen=True, slots=True)
class Classes:
    """Features up to complement: class c has members `member[c]` (-1: none), feature f class `of[f]`."""

    member: Array
    of: Array
    fixed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """All explanations of one size, ascending, as numbers of features; and by which route they were found."""

    sets: Array
    route: str


def usable(table: Table, given: Sequence[int | None]) -> Array:
    """Return which rows of the table may be in an explanation, by C1, C2 and what C8 says of one feature."""
    state = table.state
    space = state.query.space
    good = table.readable()
    for f in given:
        if f is not None:
            good[f] = table.good[f] and not any(table.R[f, column] for column in space.must_not_use)
    if not space.gates.free(len(state.query.inputs)):
        membership = Membership(space.gates, state.x)
        for g in np.nonzero(good)[0]:
            bits = table.bits(np.array([g]))[0]
            good[g] = membership.contains(bits[state.row_of])
    return np.asarray(good)


def classes_of(table: Table, good: Array, given: Sequence[int]) -> Classes:
    """Return the classes of the usable features; of the class of a given feature only that member is left."""
    number: dict[int, int] = {}
    member: list[list[int]] = []
    of = np.full(len(table), -1, dtype=np.int64)
    for f in np.nonzero(good)[0].tolist():
        c = number.setdefault(int(table.polar[f]), len(member))
        if c == len(member):
            member.append([])
        member[c].append(f)
        of[f] = c
    fixed = []
    for f in given:
        fixed.append(int(of[f]))
        member[int(of[f])] = [f]
    padded = [[*ms, -1][:2] for ms in member]
    return Classes(np.array(padded, dtype=np.int64).reshape(len(padded), 2), of, tuple(fixed))


def all_explanations(table: Table, k: int, budget: int) -> Found:
    """Return every explanation of k features; the table must hold all features, and the given ones.

    Raises:
        BeyondError: more work than the budget allows.
    """
    state = table.state
    space = state.query.space
    places = [table.place.get(given.row) if given.row is not None else None for given in space.given]
    good = usable(table, places)
    nothing = Found(np.zeros((0, k), dtype=np.int64), "a given feature is none")
    for given, f in zip(space.given, places, strict=True):
        if given.row is not None and (f is None or not good[f] or table.offset(f) != given.offset):
            return nothing
    fixed = sorted({f for f in places if f is not None})
    classes = classes_of(table, good, fixed)
    if len(set(classes.fixed)) < len(classes.fixed):
        return nothing
    blocks, route = _proposed(table, classes, k, budget)
    kept = []
    for block in blocks:
        held = sets.judge(table, classes.member[block, 0]).holds
        kept.append(block[held])
    found = np.concatenate(kept) if kept else np.zeros((0, k), dtype=np.int64)
    found = members_of(table, classes, found)
    return Found(found[least_of_class(classes.of[found])] if space.polarity else found, route)


def least_of_class(ordered: Array) -> Array:
    """Return the places of the first set of every class, from the classes of the features of ordered sets."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64)
    _, first = np.unique(np.sort(ordered, axis=1), axis=0, return_index=True)
    return np.sort(first)


def _proposed(table: Table, classes: Classes, k: int, budget: int) -> tuple[Iterator[Array], str]:
    """Return blocks of sets of classes that hold every explanation, and the route."""
    space, count = table.state.query.space, len(classes.member)
    if space.mediation:
        targets = [[int(v) for v in row] for row in whole(table.state.targets)[0]]
        rows = [[int(v) for v in row] for row in table.R[classes.member[:, 0]]] if count else []
        if not rows or not any(map(any, targets)):
            return iter(()), "no feature can reach an output"
        return candidates(rows, targets, classes.fixed, k, budget), "join modulo a prime"
    free = k - len(classes.fixed)
    runs = len(table.state.H) << k if space.interchange else 1
    work = comb(count - len(classes.fixed), max(0, free)) * runs
    if work > budget:
        raise BeyondError(f"{amount(work)} cases of sets of {k} features, the budget is {budget}")
    return _every(count, classes.fixed, k), "every set tried"


def _every(count: int, fixed: Sequence[int], k: int) -> Iterator[Array]:
    others = [c for c in range(count) if c not in fixed]
    if k < len(fixed):
        return
    chosen = combinations(others, k - len(fixed))
    while block := list(islice(chosen, BLOCK)):
        array = np.array([(*fixed, *more) for more in block], dtype=np.int64).reshape(len(block), k)
        yield np.sort(array, axis=1)


def members_of(table: Table, classes: Classes, found: Array) -> Array:
    """Return the explanations, ascending, that sets of classes with one explanation each stand for."""
    k = found.shape[1]
    members = classes.member[found]
    parts = []
    for choice in product((0, 1), repeat=k):
        part = np.stack([members[:, j, c] for j, c in enumerate(choice)], axis=1)
        parts.append(part[(part >= 0).all(axis=1)])
    chosen = np.concatenate(parts)
    chosen.sort(axis=1)
    space = table.state.query.space
    if len(chosen) and space.interchange and not space.output_gates.free(k):
        kept = [
            part[satisfying(table, part, sets.judge(table, part).output)]
            for part in np.array_split(chosen, -(-len(chosen) // BLOCK))
        ]
        chosen = np.concatenate(kept)
    else:
        chosen = chosen[satisfying(table, chosen, None)]
    return chosen[np.lexsort(chosen.T[::-1])] if len(chosen) else chosen


def satisfying(table: Table, chosen: Array, output: Array | None) -> Array:
    """Return which sets hold the given features and functions, and have output functions in the library.

    `output` are their truth tables, not needed when the library holds every function.
    """
    space, k = table.state.query.space, chosen.shape[1]
    fine = np.ones(len(chosen), dtype=bool)
    for wanted in _given_functions(table):
        fine &= wanted[chosen].any(axis=1)
    if output is not None and space.interchange and not space.output_gates.free(k):
        membership = Membership(space.output_gates, sets.assignments(k) == 1)
        for i in np.nonzero(fine)[0]:
            fine[i] = all(membership.contains(output[i, :, o]) for o in range(output.shape[2]))
    return fine


def _given_functions(table: Table) -> Iterator[Array]:
    """Yield, for every given feature, which features of the table are that readout, or that function."""
    state = table.state
    named = state.named()
    for given in state.query.space.given:
        function = state.function(given.gate, named)
        named[given.name] = function
        if given.row is not None:
            only = np.zeros(len(table), dtype=bool)
            only[[f for f in [table.place[given.row]] if table.offset(f) == given.offset]] = True
            yield only
            continue
        count = len(state.H)
        one = np.bincount(state.row_of, weights=function, minlength=count)
        total = np.bincount(state.row_of, minlength=count)
        of_rows = one == total
        if not (of_rows | (one == 0)).all():
            yield np.zeros(len(table), dtype=bool)
            continue
        same = table.good & (table.first == of_rows[0])
        for f in np.nonzero(same)[0]:
            same[f] = (table.bits(np.array([f]))[0] == of_rows).all()
        yield same


def bound_is_binding(table: Table, budget: int) -> bool | None:
    """Return whether the bounds cut off an explanation (up to polarity: a whole class); None if undecided.

    Only where every function has one readout at most are there finitely many readouts to look at.
    """
    state = table.state
    space = state.query.space
    free = replace(state, query=replace(state.query, space=replace(space, bounds=None, polarity=False)))
    try:
        rows = all_features(free, None, budget)
        larger = Table.of(free, np.concatenate([rows, table.R[table.scale == 1]]), list(table.place))
        inside = replace(larger, state=state).readable()
        inside[[larger.place[given.row] for given in space.given if given.row is not None]] = True
        if inside[larger.readable()].all():
            return False
        for k in range(space.least, min(space.most, state.m) + 1):
            found = all_explanations(larger, k, budget).sets
            within = inside[found].all(axis=1)
            if space.polarity:
                classes = np.sort(larger.polar[found], axis=1)
                _, of = np.unique(classes, axis=0, return_inverse=True)
                within = np.isin(of.reshape(-1), of.reshape(-1)[within])
            if not within.all():
                return True
    except BeyondError:
        return None
    return False


def can_be_moved(table: Table, largest: int) -> bool:
    """Return whether an explanation of `largest` features (0: none) exists outside any bounds.

    Readouts of one function differ by the integer vectors no row shows, if there are any. With mediation the
    moves of k readouts that keep every unit above have dimension (k - p) times that of these vectors, p the
    rank of the rows above; the moved readouts are independent but for finitely many multiples of a move.
    """
    space, state = table.state.query.space, table.state
    usable = [c for c in range(state.m) if c not in space.must_not_use]
    steps = [tuple(h[c] - state.H[0][c] for c in usable) for h in state.H[1:]]
    if not largest or space.given or rank(steps) == len(usable):
        return False
    if not space.interchange:
        return True
    if not space.mediation or set(state.watched) != set(state.targets):
        return False
    return largest > rank(list(state.targets))
