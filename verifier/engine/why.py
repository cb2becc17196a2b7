"""Proved check → why it holds: the facts of the network that it follows from (see `verifier.relaxed`)."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from verifier.checks import Agreement, Check, Influence, Mediation, obligations
from verifier.claim import Claim
from verifier.engine.constant import constant_value
from verifier.engine.replay import confirm_witness
from verifier.errors import InternalError
from verifier.formula import names
from verifier.linear import combination
from verifier.relaxed import DOMAIN, Fact, facts
from verifier.symbolic import copies
from verifier.verdict import Limits, Proved, Refuted, Run, UndecidedError, Verdict
from verifier.write import Dependency

if TYPE_CHECKING:
    from verifier.engine.verify import Result, Subject
    from verifier.smt.cores import Core

SECONDS = 10.0  # per check, unless a time limit is given
MOST_FACTS = 10_000  # over all statements of a check, and all inputs of one


@dataclass(frozen=True, slots=True)
class Needed:
    """Facts from which a check, or its part about one feature, follows whatever else the network does.

    Args:
        about: the feature of a readout; empty for a whole check.
        facts: the facts; `minimal` if the check follows from no part of them.
        others: the other facts of the network, and of the domain.
        inputs: the inputs of the domain; `read` are those that some unit must read right, `named` those that
            occur in the gates compared, or in those they are made of.
        constant: needed units that are the same on every input, and their value there.
    """

    about: str
    facts: tuple[Fact, ...]
    others: tuple[Fact, ...]
    minimal: bool
    inputs: tuple[str, ...]
    read: tuple[str, ...]
    named: tuple[str, ...]
    constant: tuple[tuple[str, Fraction], ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """The units that must do what they do."""
        return tuple(fact.unit for fact in self.facts if fact.kind == "unit")

    @property
    def unused_units(self) -> tuple[str, ...]:
        """The units that could have any value."""
        return tuple(fact.unit for fact in self.others if fact.kind == "unit")

    @property
    def weights(self) -> tuple[tuple[str, str], ...]:
        """The weights needed, by the unit and what it reads."""
        return tuple((fact.unit, fact.source) for fact in self.facts if fact.kind == "weight")

    @property
    def unused_weights(self) -> tuple[tuple[str, str], ...]:
        """The other weights that are not 0."""
        return tuple((fact.unit, fact.source) for fact in self.others if fact.kind == "weight")

    @property
    def unused_inputs(self) -> tuple[str, ...]:
        """The inputs that neither the network nor the gates need."""
        return tuple(x for x in self.inputs if x not in self.read and x not in self.named)

    @property
    def within(self) -> bool:
        """Whether it matters which inputs are in the domain."""
        return DOMAIN in self.facts

    @property
    def anywhere(self) -> bool:
        """Whether the check holds on inputs outside the domain too."""
        return DOMAIN in self.others


@dataclass(frozen=True, slots=True)
class Combined:
    """Why a mediation holds: every row of the next layer, by unit, as Σ α · (row of a readout)."""

    layer: str
    rows: tuple[tuple[str, tuple[tuple[str, Fraction], ...]], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Why a feature is necessary: a run in which setting it changes the outputs; it replays."""

    feature: str
    run: Run


@dataclass(frozen=True, slots=True)
class Untold:
    """No answer, and why there is none."""

    reason: str


Why = Needed | Combined | Shown | Untold


def with_why(
    subject: "Subject", claim: Claim, result: "Result", timeout_s: float | None, rlimit: int | None
) -> "Result":
    """Return the result of a check with why it holds, if it does; arguments and errors as for `why`."""
    told = why(claim, result.check, result.verdict, timeout_s, rlimit)
    limits = Limits.of(SECONDS if timeout_s is None else min(timeout_s, SECONDS), rlimit)
    return replace(result, why=tuple(_with_constants(subject, one, limits) for one in told))


def _with_constants(subject: "Subject", why: Why, limits: Limits) -> Why:
    if not isinstance(why, Needed):
        return why
    places = {
        unit: (place, i)
        for place, layer in enumerate(subject.network.layers, start=1)
        for i, unit in enumerate(layer.units)
    }
    values = [(unit, constant_value(subject, *places[unit], limits)) for unit in why.units]
    return replace(why, constant=tuple((unit, value) for unit, value in values if value is not None))


def why(
    claim: Claim, check: Check, verdict: Verdict, timeout_s: float | None = None, rlimit: int | None = None
) -> tuple[Why, ...]:
    """Return why a check holds: of each readout, else of the whole check; nothing unless it is proved.

    Args:
        timeout_s: seconds for the check, 10 by default; what is found is confirmed in a third of it.
        rlimit: what a solver may spend on one query.

    Raises:
        InternalError: Z3 does not find that the check holds.
    """
    if not isinstance(verdict, Proved) or check == "float32" or check == "float64":
        return ()
    stated = obligations(claim, check)
    if isinstance(stated, Dependency):
        raise InternalError("a proved check with dependent features")
    if claim.network.smooth and not isinstance(stated[0], Mediation):
        return (Untold("--why is for exact networks, and this one has a sigmoid or a tanh"),)
    limit_s = timeout_s or SECONDS
    match stated[0]:
        case Mediation():
            return tuple(_combined(claim, o) for o in stated if isinstance(o, Mediation))
        case Influence():
            return _shown(claim, [o for o in stated if isinstance(o, Influence)], limit_s, rlimit)
        case Agreement():
            agreements = [o for o in stated if isinstance(o, Agreement)]
            parts = [[o] for o in agreements] if check == "readout" else [agreements]
            return _needed(claim, parts, limit_s, rlimit)
        case _:
            assert_never(stated[0])


def _combined(claim: Claim, obligation: Mediation) -> Combined:
    labels, found = obligation.rows.labels, []
    for unit, row in obligation.targets:
        alpha = combination(obligation.rows.C, row)
        if alpha is None:
            raise InternalError(f"a proved mediation with a row outside the span: {unit}")
        found.append((unit, tuple((label, a) for label, a in zip(labels, alpha, strict=True) if a)))
    return Combined(claim.network.layer(obligation.rows.layer).name, tuple(found))


def _shown(
    claim: Claim, stated: Sequence[Influence], timeout_s: float, rlimit: int | None
) -> tuple[Why, ...]:
    from verifier.smt.decide import decide

    found: list[Why] = []
    limits = Limits.of(timeout_s, rlimit)
    for obligation in stated:
        (feature,) = obligation.plan.features
        finding = decide(claim, obligation, limits)
        if isinstance(finding.verdict, Refuted):
            raise InternalError(f"methods disagree: {feature} is necessary, and it is not")
        if finding.witness is None:
            found.append(_untold(feature, timeout_s, rlimit))
        elif confirm_witness(claim, finding.witness):
            found.append(Shown(feature, finding.witness))
        else:
            raise InternalError(f"a run that shows {feature} to be necessary does not replay")
    return tuple(found)


def _untold(about: str, timeout_s: float, rlimit: int | None) -> Untold:
    limit = f"{timeout_s:g} s" + ("" if rlimit is None else f" and {rlimit} resources")
    return Untold(f"{about}{': ' if about else ''}not found within {limit}")


def _needed(
    claim: Claim, parts: Sequence[Sequence[Agreement]], timeout_s: float, rlimit: int | None
) -> tuple[Why, ...]:
    every = facts(claim.network, claim.domain)
    size = len(every) * sum(copies(obligation.plan) for part in parts for obligation in part)
    if size > MOST_FACTS:
        return (Untold(f"{size} facts to try, more than {MOST_FACTS}"),)
    from verifier.smt.cores import core

    found: list[Why] = []
    deadline = time.monotonic() + timeout_s
    for number, part in enumerate(parts):
        about = part[0].compared.features[0] if not part[0].compared.outputs else ""
        share = max(0.0, deadline - time.monotonic()) / (len(parts) - number)
        try:
            kept = core(claim, part, Limits.of(share * 2 / 3, rlimit), Limits.of(share, rlimit))
        except UndecidedError:
            found.append(_untold(about, timeout_s, rlimit))
        else:
            found.append(_told(claim, part, about, kept, every))
    return tuple(found)


def _told(claim: Claim, part: Sequence[Agreement], about: str, kept: "Core", every: Iterable[Fact]) -> Needed:
    inputs, first = claim.domain.inputs, claim.network.layer(1).units
    sources = {fact.source for fact in kept.facts if fact.unit in first}
    named = {name for obligation in part for name in _named(claim, obligation)}
    return Needed(
        about,
        kept.facts,
        tuple(fact for fact in every if fact not in kept.facts),
        kept.minimal,
        inputs,
        tuple(x for x in inputs if x in sources),
        tuple(x for x in inputs if x in named),
    )


def _named(claim: Claim, obligation: Agreement) -> set[str]:
    """Return the names that the explanation's side depends on; what sets a feature is a bit, or its donor."""
    compared, plan = obligation.compared, obligation.plan
    roots = [*compared.features, *(claim.decoding.names if compared.outputs else ())]
    if plan is None:
        return _closure(claim, roots, ())
    donors = [name for name, source in zip(plan.features, plan.sources, strict=True) if source is not None]
    return _closure(claim, roots, plan.features) | _closure(claim, donors, ())


def _closure(claim: Claim, roots: Iterable[str], set_to: Sequence[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    gates = {feature.name: feature.gate for feature in claim.explanation.features}
    while waiting:
        name = waiting.pop()
        if name not in found and name not in set_to:
            found.add(name)
            waiting += [leaf.name for leaf in names(gates[name])] if name in gates else []
    return found
