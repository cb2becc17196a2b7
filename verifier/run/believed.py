"""Claim, check and what a lock says of them → result: replayed, decided again, or else believed.

No solver is reached. What a lock says and what is found here must not differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction

from msgspec import UnsetType

from verifier.checks import Agreement, Check, Float, Influence, Mediation, Obligation, obligations
from verifier.claim import Claim
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.engine.methods import ByDiagrams
from verifier.engine.outcome import word
from verifier.engine.replay import confirm
from verifier.engine.verify import Result, Subject, shown
from verifier.errors import InternalError
from verifier.lock.digests import claim_digest
from verifier.lock.document import CheckLock
from verifier.lock.evidence import counterexample
from verifier.mediation import unseen
from verifier.network import Network, Row
from verifier.run.few import few
from verifier.table.rows import MAX_INPUTS
from verifier.table.settings import settings
from verifier.verdict import (
    Counterexample,
    Direction,
    Idle,
    Limits,
    Proved,
    Refuted,
    RestsOn,
    Share,
    UndecidedError,
    Unknown,
    Verdict,
)
from verifier.write import Dependency

TABLE_INPUTS, DIAGRAM_NODES = 2**16, 2**16
TABLE_CASES, SLOW_CASES = 2**16, 2**10  # that are decided again in a moment
Held = tuple[str, str, Check]
PACKAGES = {"z3": "z3-solver", "bdd": "dd", "arb": "python-flint", "table": "numpy"}


@dataclass(slots=True)
class LockedSubject(Subject):
    """A network on a domain, with what a lock says of checks about it: by explanation, its digest, and check.

    `tool` are the versions a verdict was reached with, `outdated` says which of them are others now. `large`
    is true where the inputs are too many to run one by one, but not for a check: elsewhere what is undecided
    here is so there, too. `contradictions` are sentences on what the lock says and is not so, `believed` are
    the checks of which the lock alone says it. What is believed hangs on sizes, never on time: `timeout_s` is
    for what is not locked.
    """

    held: Mapping[Held, CheckLock] = field(default_factory=dict)
    tool: Mapping[str, str] = field(default_factory=dict)
    outdated: str = ""
    large: bool = field(init=False, default=False)
    contradictions: dict[str, None] = field(init=False, default_factory=dict)
    believed: dict[str, None] = field(init=False, default_factory=dict)
    _unlocked_s: float | None = field(init=False, default=None)
    _few: Domain | None = field(init=False, default=None)
    _gave_up: bool = field(init=False, default=False)
    _believes_nothing: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Prepare, unless so many inputs would take long.

        Raises:
            InputError: as `Subject`.
        """
        self._unlocked_s, self.timeout_s = self.timeout_s, None
        smooth = self.network.smooth
        self._few = few(self.domain, SLOW_CASES if smooth else TABLE_INPUTS, DIAGRAM_NODES)
        self.large = self._few is None and not (smooth and self.domain.listed > MAX_INPUTS)
        self.choice = "arb" if smooth else "bdd" if self.large else "table"
        if smooth and self.large:
            self.obstacle = f"over {SLOW_CASES} inputs are too many to run again in ball arithmetic"
            return
        Subject.__post_init__(self)  # a class with slots is another one than `super()` looks for

    def run_on(self) -> Domain:
        """Return the domain, its inputs listed where they are few."""
        return self._few or self.domain

    def verify(self, claim: Claim, check: Check) -> Result:
        """Return the verdict on a check, as `Subject.verify`; believed where deciding it takes long."""
        held = self.held.get((claim.explanation.name, claim_digest(claim.explanation), check))
        if held is None:
            return self._decided(claim, check)
        label = f"{claim.explanation.name}::{check}"
        replayed = self._replayed(claim, check, held)
        if held.verdict == "refuted" and replayed is None:
            self.contradict(f"the counterexample of {label} in verifier.lock refutes nothing")
        if held.verdict == "proved" and replayed is not None:
            self.contradict(f"{label} is proved in verifier.lock, beside a counterexample that refutes it")
        again = self._again(claim, check)
        if again is not None:
            self._compare(label, again, held)
            return again
        if self._believes_nothing:
            return self._decided(claim, check)
        self._compare_total(label, claim, check, held)
        if replayed is not None and not _universal(replayed.found):
            return replayed
        if self.outdated:
            self.contradict(f"{label} was {held.verdict} {self.outdated}")
            return Result(check, Unknown(f"{held.verdict} {self.outdated}"), "lock")
        if held.verdict == "refuted" and replayed is None:
            return Result(check, Unknown("the counterexample that is locked refutes nothing"), "lock")
        if check == "mediation" and replayed is None:  # algebra would have proved it
            self.contradict(
                f"verifier.lock says that {label} is proved; the readouts do not span what matters"
            )
            return Result(check, Unknown("a direction that no readout sees"), "algebra")
        self.believed[label] = None
        return replayed or self._proved(claim, check, held)

    def _decided(self, claim: Claim, check: Check) -> Result:
        """Return the verdict of `check`, within its limit of time."""
        self.timeout_s = self._unlocked_s
        try:
            return Subject.verify(self, claim, check)
        finally:
            self.timeout_s = None

    @contextmanager
    def believing_nothing(self) -> Iterator[None]:
        """Decide what else would be believed, as of what is on a list nothing is."""
        self._believes_nothing = True
        try:
            yield
        finally:
            self._believes_nothing = False

    def _proved(self, claim: Claim, check: Check, held: CheckLock) -> Result:
        """Return a proof as the lock has it."""
        stated = _stated(claim, check)
        if isinstance(stated, Dependency):
            raise InternalError("a dependency that was not decided")
        verdict = Proved("lock", len(stated))
        by = self._by(held)
        return Result(check, verdict, "lock", self._total(claim, check), notes=(_note(by),), believed=by)

    def _by(self, held: CheckLock) -> str:
        """Return what is believed of a verdict."""
        package = PACKAGES.get(held.rests_on, "circuit-verifier")
        return f"{held.verdict} by {held.rests_on} with {package} {self.tool.get(package, '')}"

    def _replayed(self, claim: Claim, check: Check, held: CheckLock) -> Result | None:
        """Return the refutation that the counterexample in the lock is; None if it refutes nothing."""
        try:
            found = self._counterexample(claim, check, held)
            if found is None:
                return None
            verdict, traces = shown(claim, Refuted(found))
        except (ValueError, UndecidedError):
            return None
        if isinstance(found, Idle):
            by = self._by(held)
            return Result(check, verdict, "lock", notes=(_note(by),), found=found, believed=by)
        share = None if self.outdated else share_of(held)
        told = ["how often it holds"] if share is not None else []
        told += ["that no two inputs show it"] if _universal(found) else []
        taken = " and ".join(told)
        note = f"locked: replayed; {taken} is believed" if told else "locked: replayed"
        return Result(check, verdict, "replay", share, (), (note,), traces, found=found, believed=taken)

    def _counterexample(self, claim: Claim, check: Check, held: CheckLock) -> Counterexample | None:
        if isinstance(held.counterexample, UnsetType):
            return None
        told = counterexample(claim.network, check, held.counterexample)
        stated = _stated(claim, check)
        if isinstance(stated, Dependency):
            return stated if held.counterexample.kind == "dependency" else None
        refutes = told is not None and any(confirm(claim, obligation, told) for obligation in stated)
        return told if refutes else None

    def _again(self, claim: Claim, check: Check) -> Result | None:
        """Return the result of deciding a check again, an Unknown included; None where that takes long."""
        floats = check == "float32" or check == "float64"
        if self.large and self.obstacle and not (floats and self.network.smooth):
            return _by_algebra(claim, check)
        if not self.obstacle and not self._small(claim, check):
            return None
        self._gave_up = False
        result = Subject.verify(self, claim, check)
        limited = self.large and (self._gave_up or not floats)  # by the size of diagrams
        return None if limited and isinstance(result.verdict, Unknown) else result

    def inside(
        self, place: int, forms: Sequence[tuple[Row, Fraction]], limits: Limits
    ) -> tuple[Bits | None, RestsOn]:
        """Return what `Subject.inside` does, and note that it was not decided."""
        try:
            return Subject.inside(self, place, forms, limits)
        except UndecidedError:
            self._gave_up = True
            raise

    def _small(self, claim: Claim, check: Check) -> bool:
        """Return whether a check can be decided again in a moment."""
        if isinstance(self.methods[0], ByDiagrams):  # which have limits of their own
            return True
        if check == "float32" or check == "float64":
            return self.size is not None and self.size <= SLOW_CASES
        stated = obligations(claim, check)
        if isinstance(stated, Dependency) or check == "mediation":
            return True
        limit = SLOW_CASES if self.network.smooth else TABLE_CASES
        return sum(self._cases(claim, obligation) for obligation in stated) <= limit

    def _cases(self, claim: Claim, obligation: Obligation) -> int:
        """Return how many cases an obligation ranges over, or a bound on that."""
        assert self.size is not None
        plan = obligation.plan if isinstance(obligation, Agreement | Influence) else None
        if plan is None:
            return self.size
        if self.table is not None:
            return self.size * settings(self.table, claim, plan).count
        donors = len(set(plan.sources) - {None})
        return int(self.size ** (1 + donors) * 2 ** plan.sources.count(None))

    def _compare(self, label: str, again: Result, held: CheckLock) -> None:
        now = word(again.verdict)
        if now != held.verdict:
            self.contradict(f"verifier.lock says that {label} is {held.verdict}; it is {now}")
        was, share = share_of(held), again.share
        if was is not None and share is not None and was != share:
            self.contradict(f"verifier.lock says that {label} holds in {was} cases; it does in {share}")

    def _total(self, claim: Claim, check: Check) -> Share | None:
        """Return the share of a check that holds in all cases, where these are counted and told."""
        if check == "float32" or check == "float64":
            return None
        stated = obligations(claim, check)
        return None if isinstance(stated, Dependency) else self._full_share(stated, Proved("lock", 1))

    def _compare_total(self, label: str, claim: Claim, check: Check, held: CheckLock) -> None:
        """Note a share of which it takes no deciding to see that it is another one."""
        was, full = share_of(held), self._total(claim, check)
        if was is None:
            return
        if (was.held == was.total) is not (held.verdict == "proved") or (full or was).total != was.total:
            cases = f" of {full.total}" if full is not None else ""
            self.contradict(f"verifier.lock says that {label} is {held.verdict}{cases}, and holds in {was}")

    def _floats(self, limits: Limits) -> tuple[tuple[Float, Verdict], ...]:
        """Return nothing: what is told of floats beside a proof was told when it was locked."""
        return ()

    def contradict(self, sentence: str) -> None:
        """Add a sentence on what the lock says and is not so."""
        self.contradictions[sentence] = None


def _stated(claim: Claim, check: Check) -> tuple[Obligation | None, ...] | Dependency:
    """Return the obligations of a check, None for that of floats, or the dependency that refutes it."""
    return (None,) if check == "float32" or check == "float64" else obligations(claim, check)


def _note(by: str) -> str:
    """Return the note beside what is believed."""
    return f"locked: {by}; believed, as nothing it depends on has changed"


def _universal(found: Counterexample | None) -> bool:
    """Return whether a counterexample says something of all inputs, which replaying it does not show."""
    return isinstance(found, Idle) or (isinstance(found, Direction) and found.pair is None)


def _by_algebra(claim: Claim, check: Check) -> Result | None:
    """Return the result of a check that is decided without a look at any input; None of another one."""
    stated = _stated(claim, check)
    if isinstance(stated, Dependency):
        return Result(check, Refuted(stated), "algebra") if confirm(claim, None, stated) else None
    spanned = all(
        isinstance(each, Mediation) and all(unseen(each.rows.C, row) is None for _, row in each.targets)
        for each in stated
    )
    return Result(check, Proved("algebra", len(stated)), "algebra") if spanned else None


def share_of(held: CheckLock) -> Share | None:
    """Return the share of cases that a lock gives."""
    return None if isinstance(held.share, UnsetType) else Share(*map(int, held.share.split("/")))


def prepared(
    network: Network,
    domain: Domain,
    decoding: Decoding,
    held: Mapping[Held, CheckLock],
    tool: Mapping[str, str],
    outdated: str,
    timeout_s: float | None,
) -> LockedSubject:
    """Return a network on its domain, with what a lock says of it.

    Raises:
        InputError: as `Subject`.
    """
    return LockedSubject(
        network,
        domain,
        decoding,
        "auto",
        timeout_s,
        nodes=DIAGRAM_NODES,
        held=held,
        tool=tool,
        outdated=outdated,
    )
