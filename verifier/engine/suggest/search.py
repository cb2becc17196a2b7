"""Subject and one layer → what it holds: readable functions, the simplest explanations, or near misses.

What is looked for with every requirement is looked for without mediation where there is none. Then every set
of forms has to be tried: where these are many, coefficients are at most 1, unless it was asked for. Each gets
a part of the time.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import comb

from verifier.arrays import Array
from verifier.certificate import parse_feature
from verifier.checks import DEFAULT_CHECKS, Check, applicable
from verifier.claim import Claim
from verifier.engine.constant import constant_units
from verifier.engine.enumeration.cuts import CutStage
from verifier.engine.enumeration.enumerate import (
    INTERRUPTED,
    Options,
    Progress,
    Watch,
    enumerate_space,
    kernel_of,
    staged,
)
from verifier.engine.enumeration.join import candidates
from verifier.engine.enumeration.listing import Found, Listing, Order
from verifier.engine.enumeration.sets import solve
from verifier.engine.enumeration.thresholds import rows_of
from verifier.engine.suggest.candidates import Candidates, Readable, compared, linear
from verifier.engine.suggest.misses import combined, explained_by, unfinished
from verifier.engine.suggest.outcome import (
    Counted,
    LayerFindings,
    Miss,
    Obstacle,
    Request,
    Require,
    nearness,
)
from verifier.engine.suggest.outputs import table_of
from verifier.engine.suggest.rank import Ranked, rank
from verifier.engine.suggest.written import Written
from verifier.engine.verify import Result, Subject
from verifier.errors import InternalError
from verifier.explanation import Explanation
from verifier.linear import primitive
from verifier.shortest import shortest
from verifier.space import Readouts, Space
from verifier.verdict import Limits, Proved, Refuted, UndecidedError

#: Explanations of one number of features, or functions of one layer, to stop after.
MOST_LISTED = 200_000
#: The part of the time of a layer after which nothing is looked for with a requirement, if another follows.
PART = 0.5
#: The part of it that is left for near misses, and seconds that a check may take at least.
LAST, LEAST_S = 0.15, 1.0
SMALL = (-1, 1)
#: Sets of forms that are all tried without mediation, whatever the bounds.
MOST_TRIED = 2**12
OUT_OF_TIME = "the time limit was reached"
SOME = "only some of the functions were put together"


@dataclass(slots=True)
class Search:
    """Lists of one layer, within one limit of time; `outputs` holds the bits to explain, if known.

    Functions are told by the formulas that are `written` of them.
    """

    subject: Subject
    request: Request
    limits: Limits
    progress: Callable[[Progress], None]
    outputs: Mapping[str, Array]
    written: Written = shortest
    interrupted: bool = False
    _readable: dict[Readouts, Readable | UndecidedError] = field(default_factory=dict)
    _until: float | None = None

    def layer(self, name: str) -> LayerFindings:
        """Return what a layer holds, up to the first requirement with which there are explanations."""
        place = self.subject.network.place_of(name) or 0
        found = LayerFindings(name, constant=tuple(constant_units(self.subject, place)))
        for require in self.request.requires:
            self._until = self._share(PART if require is not self.request.requires[-1] else 1 - LAST)
            try:
                found = self._with(found, require)
            except KeyboardInterrupt:
                found = self._interrupted(found)
            if any(counted.statement.count for counted in found.counted) or self.interrupted:
                break
        self._until = self.limits.deadline
        explained = found.telling or any(c.space.mediation and c.statement.count for c in found.counted)
        if explained or self.interrupted or not self.outputs:
            return found
        try:
            return self._missed(found)
        except KeyboardInterrupt:
            return self._interrupted(found)

    def _interrupted(self, found: LayerFindings) -> LayerFindings:
        """Return what was found of a layer; from now on there is no time left."""
        self._stop()
        return _lacking(found, INTERRUPTED)

    def _stop(self) -> None:
        self.interrupted, self.limits, self._until = True, Limits(time.monotonic()), time.monotonic()

    def _share(self, part: float) -> float | None:
        """Return when a part of the time that is left is over."""
        now = time.monotonic()
        return None if self.limits.deadline is None else now + part * (self.limits.deadline - now)

    def _with(self, found: LayerFindings, require: Require) -> LayerFindings:
        """Return what is known of a layer, and what a requirement adds."""
        failed: set[Readouts] = set()
        spaces = self._spaces(found.layer, require)
        if self.request.coefficients is None and "linear" not in self.request.readouts:
            return _lacking(found, "comparisons are all tried, which takes bounds: --coefficients")
        for number, space in enumerate(spaces, start=1):
            if space.readouts in failed:
                continue
            try:
                readable = self._searched(found.layer, space.readouts)
                counted = self._counted(readable, space)
            except UndecidedError as error:
                failed.add(space.readouts)
                found = _lacking(found, str(error))
                if self._left() == 0:
                    return found
                continue
            except KeyboardInterrupt:
                return self._interrupted(found)
            if not _rich(found.candidates, readable.width):
                found = replace(found, candidates=readable.candidates)
            found = replace(found, counted=(*found.counted, counted))
            if counted.telling or self.interrupted:
                return found
            if self._left() == 0:
                return found if number == len(spaces) else _lacking(found, OUT_OF_TIME)
            if not counted.statement.complete:
                failed.add(space.readouts)
        return found

    def _spaces(self, name: str, require: Require) -> list[Space]:
        """Return what is looked at: by readouts, then by features; or what has fewest sets of forms first.

        Without mediation every set of forms has to be tried.
        """
        width = self.subject.network.layer(self.subject.network.place_of(name) or 0).width
        low, high = self.request.features
        asked = self.request.coefficients
        spaces = [
            Space(name, k, asked, require=require, readouts=readouts)
            for readouts in self.request.readouts
            if readouts == "linear" or asked is not None  # all rows in bounds are compared
            for k in range(low, min(high, width) + 1)
        ]
        if "mediation" in require or asked is None:
            return spaces
        if asked[0] < SMALL[0] and asked[1] > SMALL[1]:
            many = [space for space in spaces if self._sets(space) > MOST_TRIED]
            kept = spaces if require is self.request.requires[0] else [s for s in spaces if s not in many]
            spaces = [*(replace(space, coefficients=SMALL) for space in many), *kept]
        sets = {space: self._sets(space) for space in spaces}
        return sorted(spaces, key=lambda space: (max(sets[space], MOST_TRIED), space.features, sets[space]))

    def _sets(self, space: Space) -> int:
        """Return how many sets of forms there are in a space; 0 where that is not known."""
        try:
            readable = self._searched(space.layer, space.readouts)
        except UndecidedError:
            return 0
        return comb(len(readable.within(space)), space.features[0])

    def _counted(self, readable: Readable, space: Space) -> Counted:
        """Return the explanations of a space, each of those that are told proved.

        Raises:
            UndecidedError: formulas take too long, or a check was not decided.
        """
        same = readable.nothing if space.coefficients == self.request.coefficients else None
        listing = self._listed(space) if same is None else same
        obstacle = self._obstacle(readable, space) if not listing.items else None
        return self._told(listing, space, obstacle)

    def _told(self, listing: Listing, space: Space, obstacle: Obstacle | None = None) -> Counted:
        ranking = rank(listing, self.request.most, self.written)
        proved = tuple(self._replayed(one, space.require) for one in ranking.ranked)
        return Counted(space, listing.statement, replace(ranking, ranked=proved), obstacle)

    def _searched(self, name: str, readouts: Readouts) -> Readable:
        """Return the functions that can be read.

        Raises:
            UndecidedError: not all of them were found; nor would be what they make up.
        """
        if readouts not in self._readable:
            try:
                self._readable[readouts] = self._found(name, readouts)
            except UndecidedError as error:
                self._readable[readouts] = error
        found = self._readable[readouts]
        if isinstance(found, UndecidedError):
            raise found
        return found

    def _found(self, name: str, readouts: Readouts) -> Readable:
        space = Space(name, 1, self.request.coefficients, require=("readout",), readouts=readouts)
        m = self.subject.network.layer(self.subject.network.place_of(name) or 0).width
        if readouts == "threshold":
            stage = staged(self.subject, space, Options(timeout_s=self._left()))
            assert isinstance(stage, CutStage)
            rows = rows_of(stage)
            return Readable.of(compared(stage, rows, self.outputs, self.written), stage, rows, m)
        listing = self._listed(space)
        if not listing.statement.complete:
            raise UndecidedError(f"not complete: {listing.statement.reason}")
        order = Order()
        texts = sorted({order.unsigned(item.features[0]) for item in listing})
        read = [parse_feature(text)[0] for text in texts]
        found = Readable.of(linear(listing, self.outputs, self.written), listing.stage, read, m)
        beyond = listing.statement.bound_binding  # of sets it says less than of single readouts
        return found if texts or beyond else replace(found, nothing=listing)

    def _obstacle(self, readable: Readable, space: Space) -> Obstacle | None:
        """Return what rules out the sets of a space without explanations.

        None where the time is up, or functions have infinitely many readouts: these are not counted.
        """
        stage, k = readable.stage, space.features[0]
        if stage is None:
            return Obstacle(0, 0, None)
        R = readable.within(space)
        if len(R) and space.coefficients is None and kernel_of(stage):
            return None
        if not space.mediation:
            return Obstacle(len(R), comb(len(R), k), None)
        layer = self.subject.network.layer(stage.place + 1)
        targets = [primitive(layer.W[i]) for i in stage.reaching]
        whole, mediating = [[int(c) for c in target] for target in targets], 0
        try:
            for members in candidates(R, targets, k, Limits(self._until)):
                solution = solve(R[members], whole)
                used = (solution.gain != 0).any(axis=2).all(axis=1)
                mediating += int((solution.regular & solution.spans.all(axis=1) & used).sum())
        except UndecidedError:
            return None
        return Obstacle(len(R), comb(len(R), k), mediating)

    def _missed(self, found: LayerFindings) -> LayerFindings:
        """Return what is known of a layer, and the sets of features that come nearest to an explanation.

        Those that are explanations, whatever the bounds of the lists, are listed instead.
        """
        if found.candidates is None:
            return found
        misses, tried = [], 0
        others: dict[int, dict[tuple[str, ...], Found]] = {}
        try:
            readable = self._searched(found.layer, found.candidates.readouts)
            if readable.stage is None:
                return found
            space = replace(
                readable.stage.space, features=self.request.features, require=self.request.requires[-1]
            )
            stage = staged(self.subject, space, Options(timeout_s=self._left()))
            for explanation in combined(
                readable.stage, readable.candidates.pool, self.outputs, self.request.features, self.written
            ):
                if Limits(self._until).passed:
                    break
                judged = explained_by(stage, explanation)
                if isinstance(judged, str):
                    miss = self._measured(explanation, judged)
                    misses += [miss] if miss is not None else []
                    tried += miss is not None
                else:
                    known = others.setdefault(len(explanation.readable), {})
                    known.update((item.features, item) for item in judged)
            lists = {each.space for each in found.counted if each.statement.complete}
            for k, items in others.items():
                if (one := replace(space, features=(k, k))) not in lists:
                    listing = unfinished(stage, list(items.values()), SOME)
                    found = replace(found, counted=(*found.counted, self._told(listing, one)))
        except UndecidedError as error:
            return found if not others else _lacking(found, str(error))
        nearest = sorted(misses, key=nearness)[: self.request.most]
        return found if found.telling else replace(found, misses=tuple(nearest), tried=tried)

    def _measured(self, explanation: Explanation, why: str) -> Miss | None:
        """Return a set of features that is no explanation with its share; None where that is not known."""
        results = self._verified(explanation, ["behavior", "readout", "interchange"])
        if any(isinstance(result.verdict, Refuted) for result in results[:2]):
            raise InternalError(f"{explanation!r} does not read what it is made of")
        if not all(isinstance(one.verdict, Proved) for one in results[:2]) or results[2].share is None:
            return None
        return Miss(explanation, results[2].share, why)

    def _left(self) -> float | None:
        """Return the seconds that are left."""
        return None if self._until is None else max(self._until - time.monotonic(), 0)

    def _listed(self, space: Space) -> Listing:
        options = Options(solver=False, limit=MOST_LISTED, timeout_s=self._left())
        how = " by comparison" if space.readouts == "threshold" else ""
        k = space.features[0]
        features = f"{k} feature{'' if k == 1 else 's'}{how}"
        doing = f"layer {space.layer}, {features}, {', '.join(space.require)}"

        def told(progress: Progress) -> None:
            self.progress(replace(progress, doing=doing))

        watch = Watch(progress=told, ready=lambda: told(Progress(time.monotonic())))
        listing = enumerate_space(self.subject, space, options, watch=watch)
        if listing.statement.reason == INTERRUPTED:
            self._stop()
        table = table_of(self.subject)
        if table is not None:
            table.deadline = None  # what is listed is told, whatever the time
        return listing

    def _replayed(self, one: Ranked, require: Require) -> Ranked:
        """Return a listed explanation with what the checks say of it.

        Raises:
            UndecidedError: a check was not decided.
            InternalError: a check refutes what it was listed for.
        """
        explanation = one.explanation
        checks = [check for check in DEFAULT_CHECKS if applicable(explanation, check)]
        proved, refuted = [], []
        for result in self._verified(explanation, checks):
            if isinstance(result.verdict, Proved):
                proved.append(result.check)
            elif result.check == "behavior" or result.check in require:
                if isinstance(result.verdict, Refuted):
                    raise InternalError(f"{explanation!r} is listed, and its {result.check} refuted")
                raise UndecidedError(f"{result.check} of {explanation.name}: {result.verdict.reason}")
            elif isinstance(result.verdict, Refuted):
                refuted.append(result.check)
        return replace(one, proved=tuple(proved), refuted=tuple(refuted))

    def _verified(self, explanation: Explanation, checks: Sequence[Check]) -> tuple[Result, ...]:
        subject, left = self.subject, self._left()
        subject.timeout_s = None if left is None else max(left, LEAST_S)
        claim = Claim(subject.network, subject.domain, subject.decoding, explanation)
        return subject.verify_all(claim, checks)


def _rich(known: Candidates | None, width: int) -> bool:
    """Return whether the functions known of a layer are as many as its units."""
    return known is not None and (known.functions is None or known.functions >= width)


def _lacking(found: LayerFindings, reason: str) -> LayerFindings:
    """Return what is known of a layer with another reason why something is missing."""
    reasons = dict.fromkeys(filter(None, [found.reason, reason]))
    return replace(found, reason="; ".join(reasons))
