"""Obligation → finding by diagrams: the verdict, and the exact share of all cases that hold."""

from collections.abc import Sequence
from typing import Any

from verifier import symbolic
from verifier.bdd.count import count
from verifier.bdd.diagrams import Diagrams, Manager
from verifier.bdd.order import input_order
from verifier.checks import Obligation
from verifier.claim import Claim
from verifier.domain import Bits, Domain
from verifier.network import Network
from verifier.verdict import Finding, Limits, Share


class Query(symbolic.Query):
    """Diagrams over symbolic inputs of a domain, equal inputs of several copies side by side.

    `kept` is an earlier query over as many copies, whose diagrams of the network are used again.
    """

    rests_on = "bdd"
    alg: Diagrams

    def __init__(
        self, network: Network, domain: Domain, copies: int, alg: Diagrams, kept: "Query | None" = None
    ) -> None:
        super().__init__(network, domain)
        self.alg, self._unused = alg, iter(range(copies))
        self.alg.care = alg.manager.true
        self._copies: dict[int, symbolic.Copy] = kept._copies if kept is not None else {}
        self._bits: list[Any] = kept._bits if kept is not None else []
        self._variables = 0
        if kept is None:
            for i in input_order(network):
                for number in range(copies):
                    self.alg.declare(f"{number}.{i}")

    def bit(self, name: str) -> Any:
        number = self._variables
        self._variables += 1
        if number == len(self._bits):
            self.alg.declare(f"bit {number}")
            self._bits.append(self.alg.manager.var(f"bit {number}"))
        return self._bits[number]

    def inputs(self, prefix: str) -> list[Any]:
        return [self.alg.manager.var(f"{self._number}.{i}") for i in range(self.domain.n)]

    def copy(self, prefix: str = "") -> symbolic.Copy:
        self._number = next(self._unused)
        fresh = super().copy(prefix)
        return self._copies.setdefault(self._number, fresh)

    def assume(self, condition: Any) -> None:
        self.alg.care = self.alg.conjoin([self.alg.care, condition])

    def solve(self, condition: Any, bits: Sequence[Any], least: bool = True) -> Bits | None:
        alg, left = self.alg, self.alg.conjoin([self.alg.care, condition])
        if left == alg.manager.false:
            return None
        values = []
        for bit in bits:
            lower = alg.conjoin([left, ~bit])
            values.append(bool(lower == alg.manager.false))
            left = alg.conjoin([left, bit]) if values[-1] else lower
        return tuple(values)

    def share(self, holds: Any) -> Share:
        alg, idle = self.alg, len(self._bits) - self._variables
        held = alg.conjoin([alg.care, holds])
        return Share(count(alg.manager, held) >> idle, count(alg.manager, alg.care) >> idle)


class Asking:
    """Asks diagrams about symbolic inputs of the domain; those of the network are built once."""

    def __init__(self, network: Network, domain: Domain, manager: Manager = "auto") -> None:
        self.network, self.domain, self.manager = network, domain, manager
        self.limits = Limits()
        self._kept: dict[int, Query] = {}

    def __call__(self, copies: int) -> Query:
        kept = self._kept.get(copies)
        if kept is not None and kept.alg.exhausted:
            kept = None
        alg = kept.alg if kept is not None else Diagrams(self.limits, self.manager)
        alg.limits = self.limits
        self._kept[copies] = Query(self.network, self.domain, copies, alg, kept)
        return self._kept[copies]

    def decide(self, claim: Claim, obligation: Obligation) -> Finding:
        """Return the verdict on one obligation."""
        return symbolic.decide(self, claim, obligation)

    def size(self) -> int:
        """Return |D|.

        Raises:
            UndecidedError: the node limit or the time limit was reached.
        """
        query = self(1)
        query.copy()
        return query.share(query.alg.bit(True)).total
