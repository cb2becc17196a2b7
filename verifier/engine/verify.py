"""Claim and check → result: pick a method, decide every obligation, replay, add up."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING

from verifier.checks import (
    FLOATS,
    Agreement,
    Check,
    Float,
    Obligation,
    Statement,
    applicable,
    obligations,
    reaching_rows,
)
from verifier.claim import Claim
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain, show_bits
from verifier.engine.decide import decide
from verifier.engine.methods import (
    ByBalls,
    ByDiagrams,
    ByTable,
    Method,
    UnpreparedError,
    methods,
)
from verifier.engine.options import CHOICES, Choice
from verifier.engine.replay import Trace, confirm, shortened, trace
from verifier.engine.rounding.decide import Question
from verifier.engine.rounding.format import FORMATS
from verifier.engine.vacuity import MAX_ROWS, Form, Vacuity, at_most, count_readable
from verifier.engine.why import Why
from verifier.errors import InputError, InternalError, Problem, input_error
from verifier.linear import combination
from verifier.network import Network, Row
from verifier.notation import suggest
from verifier.readout import Linear, Threshold
from verifier.verdict import (
    MAX_RLIMIT,
    NODES,
    Counterexample,
    Direction,
    Limits,
    Proved,
    Refuted,
    RestsOn,
    Run,
    Share,
    Tie,
    UndecidedError,
    Unknown,
    Verdict,
)
from verifier.write import Dependency, rows_at

if TYPE_CHECKING:
    from verifier.balls.rows import Rows
    from verifier.table.rows import Table

# what may be spent on floats: beside a proof, and for a check of their own
QUICK, THOROUGH = 2**15, 2**20
FORMS: dict[type, Form] = {Linear: "affine", Threshold: "threshold"}


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """One check of one explanation: the verdict, the method that gave it, and what it says besides.

    `floats` stands beside a proved `behavior`: whether its decisions survive float32 and, if that is not
    proved, float64. `why` is there if it was asked for: the facts that a proved check follows from.
    `found` is the counterexample as the method gave it, with every write of its obligation; that of the
    verdict is in its shortest form. `believed` says what of it was not found here, but taken from a lock.
    """

    check: Check
    verdict: Verdict
    method: str
    share: Share | None = None
    vacuity: tuple[Vacuity, ...] = ()
    notes: tuple[str, ...] = ()
    traces: tuple[tuple[Run, Trace], ...] = ()
    seconds: float = 0.0
    floats: tuple[tuple[Float, Verdict], ...] = ()
    why: tuple[Why, ...] = ()
    found: Counterexample | None = None
    believed: str = ""

    def __repr__(self) -> str:
        share = f", {self.share} cases hold" if self.share is not None else ""
        return f"{self.check}: {self.verdict} [{self.method}]{share}"


class TiesError(InputError):
    """The network, or its decoding, is undecided on inputs of the domain."""

    def __init__(self, ties: Iterable[Tie]) -> None:
        self.ties = tuple(ties)
        super().__init__(map(tie_problem, self.ties))

    def __reduce__(self) -> tuple[type, tuple[tuple[Tie, ...]]]:  # type: ignore[override]
        return type(self), (self.ties,)


def tie_problem(tie: Tie) -> Problem:
    """Return the complaint about a tie."""
    where = f"at x = {show_bits(tie.x)}" + (f", on {tie.count} input(s)" if tie.count is not None else "")
    if tie.layer:
        message = f"a tie: z = 0 at unit {tie.what} {where}"
        return Problem("E304", message, f"say `tie: 0` or `tie: 1` on layer {tie.layer}")
    return Problem(
        "E305",
        f"a tie: output {tie.what} is undecided {where}",
        "restrict the domain, or compare with >= or <=",
    )


@dataclass(slots=True)
class Subject:
    """A network on a domain with its decoding, prepared once for all its explanations.

    `size` is |D|, None where it was not counted; `asked` is what answers about rows of activations rest on.
    Preparing refuses an empty domain and ties.
    """

    network: Network
    domain: Domain
    decoding: Decoding
    choice: Choice = "auto"
    timeout_s: float | None = None
    rlimit: int | None = None
    nodes: int = NODES
    size: int | None = field(init=False, default=None)
    obstacle: str = field(init=False, default="")
    methods: list[Method] = field(init=False, default_factory=list)
    asked: set[RestsOn] = field(init=False, default_factory=set)
    _notes: tuple[str, ...] = field(init=False, default=())
    _in_floats: tuple[tuple[Float, Verdict], ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        """Prepare.

        Raises:
            InputError: E401 for an empty domain; as `TiesError`, E304 and E305 for ties; E601 for options.
        """
        if self.choice not in CHOICES:
            raise input_error("E601", f"unknown method {self.choice}", suggest(self.choice, CHOICES))
        if self.timeout_s is not None and not 0 < self.timeout_s < inf:
            raise input_error("E601", f"expected a positive number of seconds, got {self.timeout_s}")
        if self.rlimit is not None and not (type(self.rlimit) is int and 0 < self.rlimit <= MAX_RLIMIT):
            raise input_error("E601", f"expected a resource limit up to {MAX_RLIMIT}, got {self.rlimit}")
        if type(self.nodes) is not int or self.nodes < 1:
            raise input_error("E601", f"expected a positive number of nodes, got {self.nodes}")
        obstacles: dict[str, str] = {}
        try:
            waiting = methods(self.choice, self.network, self.run_on())
        except UnpreparedError as error:
            waiting, obstacles = [], {self.choice: str(error)}
        while waiting and not self.methods:
            method = waiting.pop(0)
            try:
                size, ties = method.prepare(self.decoding, self._limits())
            except UnpreparedError as error:
                obstacles[method.name] = str(error)
                continue
            if size == 0:
                raise _empty(self.domain)
            if ties:
                raise TiesError(ties)
            self.size, self.methods = size, [method, *waiting]
        if not self.methods:
            self.obstacle = "; ".join(dict.fromkeys(obstacles.values()))
        elif self.choice == "all":
            self._notes = tuple(f"{name} gave no answer: {reason}" for name, reason in obstacles.items())

    def run_on(self) -> Domain:
        """Return the domain as its inputs are listed."""
        return self.domain

    @property
    def table(self) -> "Table | None":
        """The inputs run through the network, where a method keeps such a table."""
        return next((method.table for method in self.methods if isinstance(method, ByTable)), None)

    @property
    def runs(self) -> "Rows | None":
        """The inputs run through a smooth network, where a method keeps them."""
        return next((method.rows for method in self.methods if isinstance(method, ByBalls)), None)

    def distinct_rows(self, place: int, most: int) -> list[Row] | None:
        """Return the rows of activations at a place over the domain; None if over `most`, or not known."""
        for method in self.methods[:1]:
            rows = method.distinct_rows(place, most, self._limits())
            if rows is not None:
                self.asked.add(method.rests_on)
            return rows
        return None

    def outside(self, place: int, row: Row, allowed: Sequence[Fraction], limits: Limits) -> Bits | None:
        """Return an input whose activations h at a place give row · h no allowed value, or None.

        Raises:
            UndecidedError: no method decided it.
        """
        reasons = []
        for method in self.methods:
            try:
                found = method.outside(place, row, allowed, limits)
            except UndecidedError as error:
                reasons.append(str(error))
            else:
                self.asked.add(method.rests_on)
                return found
        raise UndecidedError("; ".join(dict.fromkeys(reasons)) or self.obstacle)

    def inside(
        self, place: int, forms: Sequence[tuple[Row, Fraction]], limits: Limits
    ) -> tuple[Bits | None, RestsOn]:
        """Return an input whose activations h give row · h + offset ≤ 0 for all forms, and who says so.

        Raises:
            UndecidedError: no method decided it.
        """
        reason = self.obstacle
        for method in self.methods:
            try:
                return method.inside(place, forms, limits), method.rests_on
            except UndecidedError as error:
                reason = str(error)
        raise UndecidedError(reason)

    def _inside_first(
        self, place: int, forms: Sequence[tuple[Row, Fraction]], limits: Limits
    ) -> tuple[Bits | None, RestsOn]:
        """Return what `inside` does, by the method that is asked first alone."""
        return self.methods[0].inside(place, forms, limits), self.methods[0].rests_on

    def _limits(self) -> Limits:
        return Limits.of(self.timeout_s, self.rlimit, self.nodes)

    def verify_all(
        self, claim: Claim, checks: Sequence[Check], earlier: Sequence[Result] = ()
    ) -> tuple[Result, ...]:
        """Return the results of several checks of a claim, with notes on what one says about another.

        `earlier` are results of the same claim that the notes may speak of as well.

        Raises:
            InputError: as `verify`.
            InternalError: as `verify`.
        """
        results = {check: self.verify(claim, check) for check in checks}
        known = {**{result.check: result for result in earlier}, **results}
        interchange, readout = results.get("interchange"), known.get("readout")
        if (
            interchange is not None
            and not isinstance(interchange.verdict, Unknown)
            and claim.explanation.readable
            and (readout is None or not isinstance(readout.verdict, Proved))
        ):
            state = "not checked here" if readout is None else "not proved"
            note = f"readouts {state}: this alone does not say that the features are where they are claimed"
            results["interchange"] = replace(interchange, notes=(*interchange.notes, note))
        return tuple(results.values())

    def verify(self, claim: Claim, check: Check) -> Result:
        """Return the verdict on one check of a claim about this subject.

        Raises:
            InputError: E503, when the check has nothing to check.
            InternalError: a refutation that does not replay, two methods that disagree, or a claim about
                another network, domain or decoding than the one prepared.
        """
        started = time.perf_counter()
        if (claim.network, claim.domain, claim.decoding) != (self.network, self.domain, self.decoding):
            raise InternalError(f"{claim.explanation.name} is about another subject than the one prepared")
        if not applicable(claim.explanation, check):
            raise input_error("E503", f"{check} has nothing to check in {claim.explanation.name}")
        limits = self._limits()
        if self.obstacle:
            return Result(check, Unknown(self.obstacle), self.choice)
        if check == "float32" or check == "float64":
            verdict = self._rounding(check, THOROUGH, limits)
            return Result(check, verdict, "rounding", seconds=time.perf_counter() - started)
        stated = obligations(claim, check)
        if isinstance(stated, Dependency):
            if not confirm(claim, None, stated):
                raise InternalError("a dependency that does not replay")
            return Result(check, Refuted(stated), "algebra", seconds=time.perf_counter() - started)
        decision = decide(claim, stated, self.methods, self.choice == "all", limits)
        verdict = decision.verdict
        run_traces: tuple[tuple[Run, Trace], ...] = ()
        if isinstance(verdict, Refuted):
            verdict, run_traces = shown(claim, verdict)
        return Result(
            check,
            verdict,
            decision.method,
            decision.share if decision.share is not None else self._full_share(stated, verdict),
            self._vacuity(claim) if check == "readout" else (),
            (*self._notes, *decision.notes, *self._remarks(claim, check, verdict), *_notes(claim, check)),
            run_traces,
            time.perf_counter() - started,
            self._floats(limits) if check == "behavior" and isinstance(verdict, Proved) else (),
            found=decision.verdict.counterexample if isinstance(decision.verdict, Refuted) else None,
        )

    def _rounding(self, name: Float, work: int, limits: Limits) -> Verdict:
        """Return whether the decisions survive a format."""
        question = Question(FORMATS[name], self.network, self.domain, self.decoding, work)
        cheap = isinstance(self.methods[0], ByDiagrams)
        inside = self.inside if work == THOROUGH else self._inside_first if cheap else None
        return question.decide(self.table, limits, inside)

    def _floats(self, limits: Limits) -> tuple[tuple[Float, Verdict], ...]:
        """Return what is known of floats at little cost, up to the first format that is proved."""
        if self._in_floats:
            return self._in_floats
        found: list[tuple[Float, Verdict]] = []
        for name in FLOATS:
            found.append((name, self._rounding(name, QUICK, limits)))
            if isinstance(found[-1][1], Proved):
                break
        if not limits.passed:  # the next explanation has time of its own
            self._in_floats = tuple(found)
        return tuple(found)

    def _remarks(self, claim: Claim, check: Statement, verdict: Verdict) -> list[str]:
        """Return what the method says besides about a check it proved."""
        if not isinstance(verdict, Proved):
            return []
        return [text for method in self.methods[:1] for text in method.remarks(claim, check, self._limits())]

    def _full_share(self, stated: tuple[Obligation, ...], verdict: Verdict) -> Share | None:
        """Return the share of a proved check whose method does not count, where |D| is known."""
        if not isinstance(verdict, Proved) or self.size is None:
            return None
        total = 0
        for obligation in stated:
            if not isinstance(obligation, Agreement):
                return None
            sources = obligation.plan.sources if obligation.plan else ()
            donors = len({source for source in sources if source is not None})
            total += self.size ** (1 + donors) * 2 ** sources.count(None)
        return Share(total, total)

    def _vacuity(self, claim: Claim) -> tuple[Vacuity, ...]:
        """Return the counts of rows and of readable functions for every layer with a readout."""
        counted = []
        sites = [feature.site for feature in claim.explanation.readable if feature.site is not None]
        wanted = {(site.layer, FORMS[type(site)]) for site in sites}
        if claim.explanation.tolerance:  # more functions are readable within a tolerance than exactly
            wanted = {(layer, form) for layer, form in wanted if form != "affine"}
        for place, form in sorted(wanted):
            rows = self.distinct_rows(place, MAX_ROWS)
            readable = count_readable(rows, form) if rows is not None else None
            reached = len(rows) if rows is not None else self.methods[0].count_rows(place, self._limits())
            if reached is not None:
                layer = self.network.layer(place)
                most = at_most(reached, layer.width, form) if readable is None else None
                counted.append(Vacuity(layer.name, form, readable, reached, most))
        return tuple(counted)


def shown(claim: Claim, verdict: Refuted) -> tuple[Refuted, tuple[tuple[Run, Trace], ...]]:
    """Return the refutation in its shortest form, with the traces that show it."""
    found = verdict.counterexample
    match found:
        case Run():
            run = shortened(claim, found) if found.settings else found
            return Refuted(run), ((run, trace(claim, run)),)
        case Direction(_, _, _, (a, b)):
            return verdict, tuple((Run(x), trace(claim, Run(x))) for x in (a, b))
        case _:
            return verdict, ()


def _notes(claim: Claim, check: Check) -> Iterable[str]:
    if check != "interchange":
        return
    for layer in claim.explanation.layers:
        rows = rows_at(claim.network, claim.explanation, layer)
        name = claim.network.layer(layer).name
        if any(combination(rows.C, row) is None for _, row in reaching_rows(claim, layer)):
            yield f"mediation does not hold at {name}: the verdict depends on the chosen write"
            continue
        if any(combination(rows.C, row) is None for _, row in reaching_rows(claim, layer, watched=True)):
            yield (
                f"later features, or units that may not tie, see more of {name} than these features: "
                "the verdict depends on the chosen write"
            )


def _empty(domain: Domain) -> InputError:
    return input_error("E401", f"the domain is empty: {domain} holds no input")
