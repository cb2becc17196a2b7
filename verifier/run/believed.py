"""Claim, check and what a lock says of them → result: replayed, decided again, or else believed.

No solver is reached. What a lock says and what is found here must not differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import UnsetType

from verifier.checks import Agreement, Check, Float, Influence, Obligation, obligations
from verifier.claim import Claim
from verifier.decoding import Decoding
from verifier.domain import Domain
from verifier.engine.methods import ByDiagrams
from verifier.engine.options import Choice
from verifier.engine.outcome import word
from verifier.engine.replay import confirm
from verifier.engine.verify import Result, Subject, shown
from verifier.errors import InternalError
from verifier.lock.digests import claim_digest
from verifier.lock.document import CheckLock
from verifier.lock.evidence import counterexample
from verifier.network import Network
from verifier.table.settings import settings
from verifier.verdict import (
    Counterexample,
    Idle,
    Limits,
    Proved,
    Refuted,
    Share,
    UndecidedError,
    Unknown,
    Verdict,
)
from verifier.write import Dependency

TABLE_INPUTS, DIAGRAM_NODES = 2**18, 2**16
TABLE_CASES, SLOW_CASES = 2**16, 2**10  # that are decided again in a moment
PACKAGES = {"z3": "z3-solver", "bdd": "dd", "arb": "python-flint", "table": "numpy"}


def choice(network: Network, domain: Domain) -> Choice:
    """Return the method that decides again."""
    if network.smooth:
        return "arb"
    return "table" if domain.listed <= TABLE_INPUTS else "bdd"


@dataclass(slots=True)
class LockedSubject(Subject):
    """A network on a domain, with what a lock says of checks about it: by the digest of the claim.

    `tool` are the versions a verdict was reached with, `outdated` says which of them are others now.
    `contradictions` are sentences on what the lock says and is not so.
    """

    held: Mapping[tuple[str, Check], CheckLock] = field(default_factory=dict)
    tool: Mapping[str, str] = field(default_factory=dict)
    outdated: str = ""
    contradictions: dict[str, None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare, unless so many inputs would take long.

        Raises:
            InputError: as `Subject`.
        """
        if self.network.smooth and self.domain.listed > SLOW_CASES:
            self.obstacle = f"{self.domain.listed} inputs are too many to run again in ball arithmetic"
            return
        Subject.__post_init__(self)  # a class with slots is another one than `super()` looks for

    def verify(self, claim: Claim, check: Check) -> Result:
        """Return the verdict on a check, as `Subject.verify`; believed where deciding it takes long."""
        held = self.held.get((claim_digest(claim.explanation), check))
        if held is None:
            return Subject.verify(self, claim, check)
        label = f"{claim.explanation.name}::{check}"
        replayed = self._replayed(claim, check, held)
        if held.verdict == "refuted" and replayed is None:
            self.contradict(f"the counterexample of {label} in verifier.lock refutes nothing")
        again = Subject.verify(self, claim, check) if self._small(claim, check) else None
        if again is not None and not isinstance(again.verdict, Unknown):
            self._compare(label, again, held)
            return again
        if self.outdated and (replayed is None or isinstance(replayed.found, Idle)):
            self.contradict(f"{label} was {held.verdict} {self.outdated}")
            return again or Result(check, Unknown(f"{held.verdict} {self.outdated}"), "lock")
        if replayed is not None:
            return replayed
        if held.verdict == "refuted":
            reason = "the counterexample that is locked refutes nothing"
            return again or Result(check, Unknown(reason), "lock")
        return self._believed(claim, check, held)

    def _believed(self, claim: Claim, check: Check, held: CheckLock) -> Result:
        stated = () if check == "float32" or check == "float64" else obligations(claim, check)
        if isinstance(stated, Dependency):
            raise InternalError("a dependency that was not decided")
        package = PACKAGES.get(held.rests_on, "circuit-verifier")
        by = f"locked: proved by {held.rests_on} with {package} {self.tool.get(package, '')}"
        note = f"{by}; believed, as nothing it depends on has changed"
        return Result(check, Proved("lock", len(stated) or 1), "lock", share_of(held), notes=(note,))

    def _replayed(self, claim: Claim, check: Check, held: CheckLock) -> Result | None:
        """Return the refutation that the counterexample in the lock is; None if it refutes nothing."""
        try:
            found = self._counterexample(claim, check, held)
            if found is None:
                return None
            verdict, traces = shown(claim, Refuted(found))
        except (ValueError, UndecidedError):
            return None
        share = None if self.outdated else share_of(held)
        note = "locked: replayed" if share is None else "locked: replayed; how often it holds is believed"
        return Result(check, verdict, "replay", share, notes=(note,), traces=traces, found=found)

    def _counterexample(self, claim: Claim, check: Check, held: CheckLock) -> Counterexample | None:
        if isinstance(held.counterexample, UnsetType):
            return None
        told = counterexample(claim.network, check, held.counterexample)
        stated: tuple[Obligation | None, ...] | Dependency = (None,)
        if check != "float32" and check != "float64":
            stated = obligations(claim, check)
        if isinstance(stated, Dependency):
            return stated if held.counterexample.kind == "dependency" else None
        refutes = told is not None and any(confirm(claim, obligation, told) for obligation in stated)
        return told if refutes else None

    def _small(self, claim: Claim, check: Check) -> bool:
        """Return whether a check can be decided again in a moment."""
        if self.obstacle or isinstance(self.methods[0], ByDiagrams):  # which have limits of their own
            return True
        if check == "float32" or check == "float64":
            return self.size is not None and self.size <= SLOW_CASES
        stated = obligations(claim, check)
        if isinstance(stated, Dependency):
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

    def _floats(self, limits: Limits) -> tuple[tuple[Float, Verdict], ...]:
        """Return nothing: what is told of floats beside a proof was told when it was locked."""
        return ()

    def contradict(self, sentence: str) -> None:
        """Add a sentence on what the lock says and is not so."""
        self.contradictions[sentence] = None


def share_of(held: CheckLock) -> Share | None:
    """Return the share of cases that a lock gives."""
    return None if isinstance(held.share, UnsetType) else Share(*map(int, held.share.split("/")))


def prepared(
    network: Network,
    domain: Domain,
    decoding: Decoding,
    held: Mapping[tuple[str, Check], CheckLock],
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
        choice(network, domain),
        timeout_s,
        nodes=DIAGRAM_NODES,
        held=held,
        tool=tool,
        outdated=outdated,
    )
