"""Subject and space → listing: every explanation of the space, with the statement that there is no other.

`decomposed` closes the list of single features and joins them; `monolithic` asks Z3 for whole explanations.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import comb, prod
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from verifier.arrays import Array
from verifier.engine.enumeration import box, cuts, decomposed, near, thresholds
from verifier.engine.enumeration.bounds import binding
from verifier.engine.enumeration.catalogue import catalogue
from verifier.engine.enumeration.cosets import Cosets
from verifier.engine.enumeration.cuts import CutStage
from verifier.engine.enumeration.earlier import checked, cosets_of, keep
from verifier.engine.enumeration.features import Cube, Features, Propose
from verifier.engine.enumeration.listing import Found, Listing, Order, Statement
from verifier.engine.enumeration.misread import misread
from verifier.engine.enumeration.near import NearStage
from verifier.engine.enumeration.propose import Hull, bounded, nothing
from verifier.engine.enumeration.stage import Stage, prepare
from verifier.engine.verify import Subject
from verifier.errors import InternalError, input_error
from verifier.formula import unknown_names
from verifier.network import Row
from verifier.space import Space
from verifier.verdict import Limits, UndecidedError

if TYPE_CHECKING:
    from verifier.smt.explanations import Loop

Strategy = Literal["auto", "decomposed", "monolithic"]
INTERRUPTED = "interrupted"
STRATEGIES: tuple[Strategy, ...] = ("auto", "decomposed", "monolithic")


class RefrainedError(UndecidedError):
    """It would have taken what was not allowed: Z3, or too many cases."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to enumerate, and when to stop: after `limit` explanations, `timeout_s` seconds, or Z3's `rlimit`.

    Without `warm_start` nothing is proposed to Z3: it finds every feature itself. Without `solver` Z3 is
    left out where every function of the hidden rows has one readout at most, so that trying them all proves
    as much; without `z3` it is never asked, and what takes it stays undecided. `most` leaves undecided what
    takes more cases than that, of readouts to try or of sets to write into, whatever the time.
    """

    strategy: Strategy = "auto"
    warm_start: bool = True
    solver: bool = True
    limit: int | None = None
    timeout_s: float | None = None
    rlimit: int | None = None
    z3: bool = True
    most: int | None = None

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise input_error("E601", f"expected a strategy of {', '.join(STRATEGIES)}, got {self.strategy}")
        if self.limit is not None and self.limit < 1:
            raise input_error("E601", f"expected a limit of at least 1, got {self.limit}")


@dataclass(slots=True)
class Progress:
    """How far an enumeration has come: features known, explanations found, cubes closed, seconds spent.

    `doing` says which of several it is.
    """

    started: float
    features: int = 0
    cubes: int = 0
    found: int = 0
    doing: str = ""

    @property
    def seconds(self) -> float:
        """The time since the start."""
        return time.monotonic() - self.started


@dataclass
class Watch:
    """What is told while an enumeration runs: that it starts, each batch, each closed cube, progress."""

    found: Callable[[Sequence[Found]], None] = lambda _: None
    cube: Callable[[Stage, Cube, Array], None] = lambda _, __, ___: None
    progress: Callable[[Progress], None] = lambda _: None
    ready: Callable[[], None] = lambda: None


def enumerate_space(
    subject: Subject,
    space: Space,
    options: Options | None = None,
    known: Sequence[Found] = (),
    watch: Watch | None = None,
    propose: Propose | None = None,
) -> Listing:
    """Return the list of all explanations, or what was found of it when a limit or an interruption ended it.

    `known` explanations, of an earlier run, are kept, each of them found or decided again.

    Raises:
        InputError: a space that does not fit the network; a known explanation that is none.
    """
    options, watch = options or Options(), watch or Watch()
    earlier = {item.features: item for item in known}
    found: dict[tuple[str, ...], Found] = {}
    reason, refrained, stage, search = "", False, None, None
    try:
        stage = staged(subject, space, options)
        watch.ready()
        search = Search(stage, options, watch, propose or (bounded if options.warm_start else nothing))
        for batch in search.explanations(known):
            room = len(batch) if options.limit is None else options.limit - len(found)
            batch = batch[:room]
            found.update(zip(map(attrgetter("features"), batch), batch, strict=True))
            watch.found([item for item in batch if item.features not in earlier] if earlier else batch)
            search.progress.found = len(found)
            watch.progress(search.progress)
            if options.limit is not None and len(found) >= options.limit:
                reason = f"the limit of {options.limit} was reached"
                break
    except UndecidedError as error:
        reason, refrained = str(error), isinstance(error, RefrainedError)
    except KeyboardInterrupt:
        reason = INTERRUPTED
    settled = True
    try:
        keep(stage, earlier, found, bool(reason))
    except UndecidedError:
        settled = False
    items, groups = Order().arranged(found.values())
    classes = max(groups, default=0)
    cubes = search.cubes if search is not None else []
    if reason or stage is None or search is None:
        statement = Statement(len(items), classes, False, "", None, reason)
        return Listing(items, groups, statement, stage, cubes, settled, refrained)
    told = space.coefficients is not None and stage.bitwise
    binds = binding(stage, items, search.features) if told else None
    statement = Statement(len(items), classes, True, search.rests_on, binds, "", kernel_of(stage))
    return Listing(items, groups, statement, stage, cubes)


def staged(subject: Subject, space: Space, options: Options) -> Stage:
    """Return the stage of a space, once its given features have been checked.

    Raises:
        InputError: the space does not fit, E105 or E202 for names, E506 for a given feature that its readout
            does not read, E601 for options that need Z3 where readouts are no bits.
        UndecidedError: nothing decides that, or anything else about this subject.
    """
    placed = [feature for feature in space.given if feature.site is not None]
    for feature in space.given:
        unknown = unknown_names(feature.gate, subject.domain.inputs)
        if unknown is not None:
            raise unknown
        if feature.name in subject.domain.inputs:
            raise input_error("E105", f"the given feature {feature.name} has the name of an input")
    limits = Limits.of(options.timeout_s, options.rlimit)
    prepared = _kind(subject, space)
    if prepared is not prepare and (options.strategy == "monolithic" or not options.warm_start):
        message = "comparisons, and readouts within a tolerance, are no question for Z3: all are tried"
        raise input_error("E601", message, "leave out --strategy and --no-warm-start")
    stage = prepared(subject, space, limits)
    wrong = misread(subject, placed) if placed else None
    if wrong is not None:
        raise input_error("E506", f"the given feature {wrong}")
    return stage


def _kind(subject: Subject, space: Space) -> Callable[[Subject, Space, Limits], Stage]:
    """Return what prepares the stage for the readouts of a space."""
    if space.readouts == "threshold":
        return cuts.prepare
    return near.prepare if subject.network.smooth or subject.decoding.tolerance else prepare


def count(subject: Subject, space: Space, options: Options | None = None) -> Statement:
    """Return how many explanations there are, without keeping a list of them.

    Raises:
        InputError: as `enumerate_space`.
    """
    options = options or Options()
    if options.strategy == "monolithic" or options.limit is not None or not options.warm_start:
        return enumerate_space(subject, space, options).statement
    total = classes = 0
    try:
        stage = staged(subject, space, options)
        search = Search(stage, options, Watch(), bounded)
        for sets_total, sets_classes in search.counts():
            total, classes = total + sets_total, classes + sets_classes
    except (UndecidedError, KeyboardInterrupt) as error:
        return Statement(total, classes, False, "", None, str(error) or INTERRUPTED)
    return Statement(total, classes, True, search.rests_on, kernel=kernel_of(stage))


def closing_queries(listing: Listing) -> Iterator[str]:
    """Yield, per number of features, the query "another explanation exists" as SMT-LIB 2 text.

    Candidates that satisfy the linear constraints without being explanations are excluded too, with a comment
    that says why.

    Raises:
        InternalError: there is another explanation.
    """
    from verifier.engine.enumeration import monolithic

    stage = listing.stage
    assert stage is not None
    low, high = stage.space.features
    for k in range(low, high + 1):
        known = [item for item in listing if len(item.features) == k]
        loops: list[Loop] = []
        others = monolithic.explanations(stage, k, known, cosets_of(stage), loops)
        if any(batch for batch in others):
            raise InternalError("a complete list that lacks an explanation")
        for loop in loops:
            yield loop.smt2()


def kernel_of(stage: Stage) -> tuple[tuple[int, ...], ...]:
    """Return a basis of the lattice by which readouts of one function differ."""
    return Hull.of(stage).kernel if stage.bitwise else ()


class Search:
    """One enumeration of a stage: which strategy it takes, and the features it has found on the way."""

    def __init__(self, stage: Stage, options: Options, watch: Watch, propose: Propose) -> None:
        self.stage, self.watch, self.propose = stage, watch, propose
        self.monolithic = options.strategy == "monolithic"
        self.solver, self.z3, self.most = options.solver and options.z3, options.z3, options.most
        self.progress = Progress(time.monotonic())
        self.features: Features | None = None
        self.cubes: list[tuple[Cube, Array]] = []
        bounds = stage.space.coefficients is not None
        self.basis = "z3" if self.monolithic or bounds else "algebra"

    @property
    def rests_on(self) -> str:
        """What completeness rests on: what closed the list, and what told of inputs that were not listed."""
        return "+".join(dict.fromkeys([self.basis, *sorted(self.stage.subject.asked - {"table"})]))

    def explanations(self, known: Sequence[Found]) -> Iterator[list[Found]]:
        """Yield the explanations in batches; known ones included."""
        if self.monolithic:
            yield from self._loop(known)
            return
        if isinstance(self.stage, CutStage):
            yield from thresholds.explanations(self.stage, self._rows(self.stage))
            return
        cosets = self._prepare()
        assert self.features is not None
        self._bound_sets(len(self.features))
        if cosets is None:
            yield from decomposed.explanations(self.stage, self.features)
            return
        for k in self._sizes():
            yield from cosets.all(self.features, k)

    def counts(self) -> Iterator[tuple[int, int]]:
        """Yield how many explanations, and classes of them, each batch of candidates holds."""
        if isinstance(self.stage, CutStage):
            yield from _counted(thresholds.explanations(self.stage, self._rows(self.stage)))
            return
        cosets = self._prepare()
        assert self.features is not None
        if cosets is not None:
            for k in self._sizes():
                yield from _counted(cosets.all(self.features, k))
            return
        listed = catalogue(self.stage, self.features)
        for k in self._sizes():
            for sets in decomposed.up_to_polarity(self.stage, self.features, k):
                yield decomposed.count(self.stage, listed, sets)

    def _sizes(self) -> range:
        low, high = self.stage.space.features
        return range(low, high + 1)

    def _prepare(self) -> Cosets | None:
        """Find all single features; return what decides sets where readouts are told up to a lattice."""
        hull = None
        if isinstance(self.stage, NearStage):
            self.basis = "arb"
            self._bound(prod(map(len, self.stage.values())) * self.stage.n_rows)
            self.features = box.features(self.stage)
        elif self.stage.space.coefficients is not None:
            self.features = None if self.solver else decomposed.tried_features(self.stage)
            if self.features is None and not self.z3:
                raise RefrainedError("Z3 was not to be asked whether there are other readouts")
            if self.features is None:
                told = self._cube
                self.features = decomposed.bounded_features(self.stage, self.propose, told)
            else:
                self.basis = "algebra"
        else:
            hull, self.features = decomposed.unbounded_features(self.stage)
        self.progress.features = self.features.count
        self.watch.progress(self.progress)
        return Cosets(self.stage, hull) if hull is not None and hull.kernel else None

    def _rows(self, stage: CutStage) -> list[Row]:
        """Find all rows that can be compared."""
        self.basis = "arb"
        self._bound(prod(map(len, stage.values())) * stage.n_rows)
        rows = thresholds.rows_of(stage)
        self._bound_sets(len(rows))
        self.progress.features = len(rows)
        self.watch.progress(self.progress)
        return rows

    def _bound_sets(self, features: int) -> None:
        """Raise RefrainedError where sets of so many features, up to polarity, have too many cases."""
        self._bound(sum(comb(features, k) * 2**k for k in self._sizes()) * self.stage.n_rows)

    def _bound(self, cases: int) -> None:
        if self.most is not None and cases > self.most:
            raise RefrainedError(f"{cases} cases to try, more than {self.most}")

    def _cube(self, cube: Cube, rows: Array) -> None:
        self.cubes.append((cube, rows))
        self.progress.cubes += 1
        self.progress.features += len(rows)
        self.watch.cube(self.stage, cube, rows)
        self.watch.progress(self.progress)

    def _loop(self, known: Sequence[Found]) -> Iterator[list[Found]]:
        from verifier.engine.enumeration import monolithic

        cosets = cosets_of(self.stage)
        for k in self._sizes():
            earlier = [item for item in known if len(item.features) == k]
            yield list(checked(self.stage, earlier))
            yield from monolithic.explanations(self.stage, k, earlier, cosets)


def _counted(batches: Iterable[Sequence[Found]]) -> Iterator[tuple[int, int]]:
    for batch in batches:
        yield len(batch), len(set(map(Order().group, batch)))
