"""A list of features whose readouts are no bits → nothing, or what is false or missing in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod
from typing import Protocol

import numpy as np

from verifier.audit import plain
from verifier.audit.evaluate import State
from verifier.audit.flaw import FlawError
from verifier.audit.forward import Array
from verifier.audit.grid import Budget, mediates, steps_of
from verifier.audit.library import Membership
from verifier.audit.lines import Lines, Listed
from verifier.audit.listed import check_form, disorder_of
from verifier.audit.plain import Readout
from verifier.audit.query import CUT
from verifier.audit.readings import Feature, Readings, all_rows
from verifier.audit.sets import assignments
from verifier.audit.values import Row
from verifier.certificate import show_feature
from verifier.errors import InternalError

CASES_PER_SET = 2**10
Explanation = tuple[tuple[Feature, ...], tuple[str, ...] | None]


class Noted(Protocol):
    """Where an audit puts down what it has seen."""

    count: int
    classes: int
    complete: bool
    evaluated: bool
    checks: list[str]
    gaps: list[str]


@dataclass
class Judge:
    """Tells what is an explanation of a query; every feature is looked at once."""

    readings: Readings
    budget: Budget

    def __post_init__(self) -> None:
        state = self.readings.state
        self.space = state.query.space
        self.placed = [self.readings.given(given) for given in self.space.given if given.row is not None]
        self.wanted: list[Array] = []
        named = state.named()
        for given in self.space.given:
            named[given.name] = state.function(given.gate, named)
            if given.row is None:
                self.wanted.append(named[given.name])
        self._fine: dict[Feature, str | None] = {}

    def feature(self, feature: Feature) -> str | None:
        """Return what keeps a feature from being in any explanation, or None."""
        if feature not in self._fine:
            self._fine[feature] = self._feature(feature)
        return self._fine[feature]

    def _feature(self, feature: Feature) -> str | None:
        (row, _), space = feature, self.space
        assert space.bounds is not None
        if feature not in self.placed:
            for value in row:
                if value.denominator > 1 or not space.bounds[0] <= value <= space.bounds[1]:
                    return (
                        f"the coefficient {value} is no integer from {space.bounds[0]} to {space.bounds[1]}"
                    )
        if any(row[column] for column in space.must_not_use):
            return "a unit is used that must not be used"
        state = self.readings.state
        if not space.gates.free(len(state.query.inputs)):
            bits = np.array(self.readings.bits(feature), dtype=bool)
            if not Membership(space.gates, state.x).contains(bits[state.row_of]):
                return "the function is not in the library of gates"
        return None

    def together(self, features: Sequence[Feature]) -> str | None:
        """Return what keeps features from being an explanation, apart from writes and outputs, or None."""
        functions = [self.readings.bits(feature) for feature in features]
        unsigned = {tuple(bit is not bits[0] for bit in bits) for bits in functions}
        if len(unsigned) < len(features):
            return "two features are one function, or complementary"
        rows = [row for row, _ in features]
        if plain.dependent(rows):
            return "the readouts are linearly dependent"
        if any(not any(row[column] for row in rows) for column in self.space.must_use):
            return "no readout uses a unit that must be used"
        if any(feature not in features for feature in self.placed):
            return "a given feature is missing"
        state = self.readings.state
        for function in self.wanted:
            if not any((np.array(bits, dtype=bool)[state.row_of] == function).all() for bits in functions):
                return "no feature is a given function"
        return None

    def written(self, rows: tuple[Row, ...], gaps: Sequence[int]) -> tuple[str, ...] | str:
        """Return the truth tables of independent rows with these gaps; or why writes refute them.

        Raises:
            BeyondError: more cases than the budget has left.
        """
        found = steps_of(self.readings, rows, self.budget)
        if isinstance(found, str):
            return found
        if found.gaps != tuple(gaps):
            return "interchange: the outputs change where no feature does"
        return found.output

    def output(self, tables: Sequence[str]) -> str | None:
        """Return what is wrong with the functions of the outputs, or None."""
        k = len(tables[0]).bit_length() - 1
        if self.space.output_gates.free(k):
            return None
        membership = Membership(self.space.output_gates, assignments(k) == 1)
        for table in tables:
            if not membership.contains(np.array([bit == "1" for bit in table])):
                return f"the function {table} is not in the library of output gates"
        return None


def check(lines: Lines, state: State, budget: int, notes: Noted) -> None:
    """Check the list; what cannot be established is noted as a gap.

    Raises:
        FlawError: the first line that is false or out of form, or an explanation that is missing.
        BeyondError: more work than the budget.
    """
    query = state.query
    if query.space.bounds is None or (query.space.readouts != CUT and 4 * query.tolerance >= 1):
        raise FlawError(1, "query: expected bounds on the coefficients, and a tolerance below 1/4")
    if lines.cubes:
        raise FlawError(lines.cubes[0].line, "expected no cubes, as the readouts are no bits")
    readings = Readings(state)
    judge = Judge(readings, Budget(budget))
    known = _features(lines, judge)
    notes.classes = _list(lines, judge, known)
    notes.evaluated = True
    told = f"{notes.count} explanation(s) of {notes.classes} class(es), all different"
    notes.checks.append(f"list: {told}, every base with every choice of donors")
    footer = lines.footer
    if footer is None:
        return
    if footer.classes != notes.classes:
        raise FlawError(
            footer.line, f"classes: the list has {notes.classes}, the footer says {footer.classes}"
        )
    if footer.bound_binding is not None:
        raise FlawError(footer.line, "bound_binding: expected null, as only readouts in the box are tried")
    if not footer.complete:
        return
    listed = {tuple(sorted(known[i] for i in item.features)) for item in lines.explanations}
    ours = {tuple(sorted(features)) for features, _ in _all(judge, budget)}
    if listed - ours:
        raise InternalError(f"the auditor disagrees with itself about {min(listed - ours)}")
    if ours - listed:
        rows = " and ".join(" ".join(map(str, row)) for row, _ in min(ours - listed))
        missing = f"{len(ours - listed)} of {len(ours)} explanations are missing: of rows {rows}"
        raise FlawError(footer.line, f"not complete: {missing}")
    notes.checks.append(f"complete: {len(ours)} explanations, every set of rows of the box tried")


def _features(lines: Lines, judge: Judge) -> list[Feature]:
    """Return the features of the pool."""
    found = []
    for readout, line in zip(lines.pool.readouts, lines.pool.lines, strict=True):
        if len(readout[0]) != judge.readings.state.m:
            raise FlawError(line, f"expected readouts of {judge.readings.state.m} coefficients")
        feature = judge.readings.read(readout)
        problem = feature if isinstance(feature, str) else judge.feature(feature)
        if isinstance(feature, str) or problem is not None:
            raise FlawError(line, f"the readout {_text(judge, readout)}: {problem}")
        found.append(feature)
    return found


def _text(judge: Judge, readout: Readout) -> str:
    return show_feature(*readout, cut=judge.space.readouts == CUT)


def _list(lines: Lines, judge: Judge, known: Sequence[Feature]) -> int:
    """Return the number of classes, once every line is right and in its place."""
    readouts, space = lines.pool.readouts, judge.space
    order = sorted(range(len(readouts)), key=readouts.__getitem__)
    rank = {i: place for place, i in enumerate(order)}
    places = [tuple(rank[i] for i in item.features) for item in lines.explanations]
    disorder = disorder_of(places, lines.explanations, lines.footer is not None and lines.footer.complete)
    classes: dict[frozenset[Feature], int] = {}
    for item, place in zip(lines.explanations, places, strict=True):
        check_form(judge.readings.state.query, item, place)
        features = [known[i] for i in item.features]
        problem = _wrong(judge, item, features)
        if problem is not None:
            raise FlawError(item.line, problem)
        if disorder is not None and disorder.line == item.line:
            raise disorder
        key = frozenset(min(f, judge.readings.complement(f)) for f in features)
        line = classes.setdefault(key, item.line)
        if space.polarity and line != item.line:
            raise FlawError(item.line, f"the class of line {line} again")
        if space.polarity and _least(judge, _signed(judge, features, item.output)) != sorted(features):
            raise FlawError(item.line, "another one of its class is less")
    return len(classes)


def _wrong(judge: Judge, item: Listed, features: Sequence[Feature]) -> str | None:
    rows = tuple(row for row, _ in features)
    problem = judge.together(features)
    if problem is not None:
        return problem
    if judge.space.mediation and not mediates(judge.readings.state, rows):
        return "mediation: a unit of the next layer is not in the span"
    if item.output is None:
        return None
    found = judge.written(rows, [gap for _, gap in features])
    if isinstance(found, str):
        return found
    if found != item.output:
        return f"output: the truth tables are {', '.join(found)}, the file says {', '.join(item.output)}"
    return judge.output(found)


def _all(judge: Judge, budget: int) -> Iterator[Explanation]:
    """Yield every explanation of the space.

    Raises:
        BeyondError: more work than the budget.
    """
    readings, space = judge.readings, judge.space
    if None in judge.placed:
        return
    rows = {*all_rows(readings, budget), *(feature[0] for feature in judge.placed if feature is not None)}
    unsigned = sorted(
        row for row in rows if row >= tuple(-v for v in row) or tuple(-v for v in row) not in rows
    )
    for k in range(space.least, min(space.most, readings.state.m) + 1):
        judge.budget.spend(comb(len(unsigned), k) * CASES_PER_SET)
        for picked in combinations(unsigned, k):
            if plain.dependent(picked) or (space.mediation and not mediates(readings.state, picked)):
                continue
            for features, output in _choices(judge, picked):
                found = list(_signed(judge, features, output))
                least = _least(judge, found)
                if space.polarity and least is not None:
                    found = [one for one in found if sorted(one[0]) == least]
                yield from found


def _choices(judge: Judge, rows: tuple[Row, ...]) -> Iterator[Explanation]:
    """Yield features of these rows that pass what is asked of writes, each row with one sign."""
    gaps = [judge.readings.gaps(row) for row in rows]
    if judge.space.interchange:
        found = steps_of(judge.readings, rows, judge.budget)
        if not isinstance(found, str) and all(
            gap in some for gap, some in zip(found.gaps, gaps, strict=True)
        ):
            yield tuple(zip(rows, found.gaps, strict=True)), found.output
        return
    judge.budget.spend(prod(map(len, gaps)) * CASES_PER_SET)
    for chosen in product(*gaps):
        yield tuple(zip(rows, chosen, strict=True)), None


def _signed(
    judge: Judge, features: Sequence[Feature], output: tuple[str, ...] | None
) -> Iterator[Explanation]:
    """Yield the explanations that features are with every choice of signs."""
    k = len(features)
    for flips in product((0, 1), repeat=k):
        signed = tuple(
            judge.readings.complement(f) if flip else f for f, flip in zip(features, flips, strict=True)
        )
        if (
            any(judge.feature(feature) is not None for feature in signed)
            or judge.together(signed) is not None
        ):
            continue
        mask = sum(flip << (k - 1 - j) for j, flip in enumerate(flips))
        tables = None
        if output is not None:
            order = sorted(range(k), key=signed.__getitem__)
            tables = tuple(_permuted(table, order, mask) for table in output)
            if judge.output(tables) is not None:
                continue
        yield signed, tables


def _permuted(table: str, order: Sequence[int], mask: int) -> str:
    k = len(order)
    return "".join(
        table[sum(bool(u >> (k - 1 - place) & 1) << (k - 1 - j) for place, j in enumerate(order)) ^ mask]
        for u in range(2**k)
    )


def _least(judge: Judge, found: Iterator[Explanation] | Sequence[Explanation]) -> list[Feature] | None:
    return min((sorted(features) for features, _ in found), default=None)
