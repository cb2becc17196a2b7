"""Network and domain → the methods that decide ∀-statements about them, all alike to the engine.

A method is prepared once per network, domain and decoding (which may refuse the domain's size, and finds
ties); then it is given obligations. Only `table` cannot decide unprepared.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from verifier.checks import Mediation, Obligation, Statement
from verifier.claim import Claim
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.engine.options import Choice
from verifier.network import Network, Row
from verifier.verdict import Finding, Limits, RestsOn, Tie, TooLargeError, UndecidedError, Unknown

if TYPE_CHECKING:
    from verifier.balls.rows import Rows
    from verifier.bdd.decide import Asking
    from verifier.engine.slope.certificate import Certificates
    from verifier.table.rows import Table

AUTO_TABLE_INPUTS = 2**20
COUNTING_NODES = 200_000
MANY_CASES = 2**20
TIME_IS_UP = "the time limit was reached"


class UnpreparedError(Exception):
    """A method cannot take this network on this domain; the reason."""


@dataclass(slots=True)
class Method(ABC):
    """One way to decide obligations about a network on a domain."""

    network: Network
    domain: Domain

    @property
    @abstractmethod
    def name(self) -> str:
        """What `--method` and reports call it."""

    @property
    @abstractmethod
    def rests_on(self) -> RestsOn:
        """What its answers rest on."""

    @property
    def counts(self) -> bool:
        """Whether its findings come with the share of cases that hold."""
        return True

    @abstractmethod
    def prepare(self, decoding: Decoding, limits: Limits) -> tuple[int | None, list[Tie]]:
        """Return |D|, None where it was not counted, and what is undecided on some input.

        Raises:
            UnpreparedError: the method does not apply, or its limits were reached.
        """

    @abstractmethod
    def decide(self, claim: Claim, obligation: Obligation, limits: Limits) -> Finding:
        """Return the verdict on one obligation."""

    @abstractmethod
    def outside(self, place: int, row: Row, allowed: Sequence[Fraction], limits: Limits) -> Bits | None:
        """Return an input whose activations h at a place give row · h no allowed value, or None.

        Raises:
            UndecidedError: the limits were reached.
        """

    def inside(self, place: int, forms: Sequence[tuple[Row, Fraction]], limits: Limits) -> Bits | None:
        """Return an input whose activations h at a place give row · h + offset ≤ 0 for every form, or None.

        Raises:
            UndecidedError: the limits were reached, or the method does not answer this.
        """
        raise UndecidedError(f"{self.name} does not look for inputs within bounds")

    def distinct_rows(self, place: int, most: int, limits: Limits) -> list[Row] | None:
        """Return the rows of activations at a place over the domain; None if over `most`, or not known."""
        return None

    def count_rows(self, place: int, limits: Limits) -> int | None:
        """Return how many rows of activations at a place the domain has; None if not known."""
        return None

    def remarks(self, claim: Claim, check: Statement, limits: Limits) -> Iterable[str]:
        """Return what there is to say besides about a check the method proved."""
        return ()

    def label(self, obligation: Obligation) -> str:
        """Return what a report calls the method on an obligation."""
        return "algebra" if isinstance(obligation, Mediation) else self.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave behind what was prepared: diagrams and balls do not pass from one process to another."""
        return type(self), (self.network, self.domain)


@dataclass(slots=True)
class ByTable(Method):
    """Every input of the domain, enumerated exactly."""

    table: "Table | None" = None
    _rows: "Rows | None" = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        return "table"

    @property
    def rests_on(self) -> RestsOn:
        return "table"

    def prepare(self, decoding: Decoding, limits: Limits) -> tuple[int | None, list[Tie]]:
        from verifier.table.rows import Table

        try:
            table = Table(self.network, self.domain, limits.deadline)
            ties = table.ties(decoding) if table.size else []
        except TooLargeError as error:
            raise UnpreparedError(str(error)) from None
        except TimeoutError:
            raise UnpreparedError(TIME_IS_UP) from None
        self.table = table
        return table.size, ties

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.network, self.domain, self.table)

    def decide(self, claim: Claim, obligation: Obligation, limits: Limits) -> Finding:
        from verifier.table.decide import decide
        from verifier.table.settings import MAX_CASES, donor_cases

        assert self.table is not None
        self.table.deadline = limits.deadline
        try:
            cases = donor_cases(self.table, claim, obligation)
        except TimeoutError:
            return Finding(Unknown(TIME_IS_UP))
        found = None if cases <= MANY_CASES else self._in_boxes(claim, obligation, cases <= MAX_CASES)
        return found or decide(self.table, claim, obligation)

    def _in_boxes(self, claim: Claim, obligation: Obligation, counts: bool) -> Finding | None:
        from verifier.balls.many import decide_many
        from verifier.balls.rows import Rows

        if self._rows is None:
            self._rows = Rows(self.network, self.domain, table=self.table)
        return decide_many(self._rows, claim, obligation, counts)

    def outside(self, place: int, row: Row, allowed: Sequence[Fraction], limits: Limits) -> Bits | None:
        assert self.table is not None
        self.table.deadline = limits.deadline
        try:
            return self.table.outside(place, row, allowed)
        except TimeoutError:
            raise UndecidedError(TIME_IS_UP) from None

    def distinct_rows(self, place: int, most: int, limits: Limits) -> list[Row] | None:
        assert self.table is not None
        return self.table.distinct_rows(place, most)


@dataclass(slots=True)
class ByDiagrams(Method):
    """Binary decision diagrams over symbolic inputs, counted exactly."""

    _asking: "Asking | None" = field(default=None, init=False)

    @property
    def name(self) -> str:
        return "bdd"

    @property
    def rests_on(self) -> RestsOn:
        return "bdd"

    def asking(self, limits: Limits) -> "Asking":
        """Return what asks diagrams about the network on the domain."""
        from verifier.bdd.decide import Asking

        if self._asking is None:
            self._asking = Asking(self.network, self.domain)
        self._asking.limits = limits
        return self._asking

    def prepare(self, decoding: Decoding, limits: Limits) -> tuple[int | None, list[Tie]]:
        from verifier.symbolic import find_ties

        asking = self.asking(limits)
        try:
            size = asking.size()
            return size, find_ties(asking, decoding) if size else []
        except UndecidedError as error:
            raise UnpreparedError(_ties_open(error)) from None

    def decide(self, claim: Claim, obligation: Obligation, limits: Limits) -> Finding:
        return self.asking(limits).decide(claim, obligation)

    def outside(self, place: int, row: Row, allowed: Sequence[Fraction], limits: Limits) -> Bits | None:
        from verifier.symbolic import find_outside

        return find_outside(self.asking(limits), place, row, allowed)

    def inside(self, place: int, forms: Sequence[tuple[Row, Fraction]], limits: Limits) -> Bits | None:
        from verifier.symbolic import find_inside

        return find_inside(self.asking(limits), place, forms)

    def distinct_rows(self, place: int, most: int, limits: Limits) -> list[Row] | None:
        from verifier.bdd.patterns import distinct_rows

        try:
            return distinct_rows(self.asking(limits)(1), place, most)
        except UndecidedError:
            return None

    def count_rows(self, place: int, limits: Limits) -> int | None:
        from verifier.bdd.decide import Asking
        from verifier.bdd.patterns import count_rows

        asking = Asking(self.network, self.domain)
        asking.limits = replace(limits, nodes=min(limits.nodes, COUNTING_NODES))
        try:
            return count_rows(asking(1), place)
        except UndecidedError:
            return None


@dataclass(slots=True)
class BySolver(Method):
    """Z3 over symbolic inputs."""

    @property
    def name(self) -> str:
        return "smt"

    @property
    def rests_on(self) -> RestsOn:
        return "z3"

    @property
    def counts(self) -> bool:
        return False

    def prepare(self, decoding: Decoding, limits: Limits) -> tuple[int | None, list[Tie]]:
        from verifier.smt.decide import asking
        from verifier.symbolic import find_input, find_ties

        ask = asking(self.network, self.domain, limits)
        try:
            if find_input(ask) is None:
                return 0, []
            return self._size(), find_ties(ask, decoding)
        except UndecidedError as error:
            raise UnpreparedError(_ties_open(error)) from None

    def _size(self) -> int | None:
        listed = self.domain.listed
        if self.domain.where is None:
            return listed
        if listed > AUTO_TABLE_INPUTS:
            return None
        from verifier.table.rows import count

        return count(self.domain)

    def decide(self, claim: Claim, obligation: Obligation, limits: Limits) -> Finding:
        if limits.passed:
            return Finding(Unknown(TIME_IS_UP))
        from verifier.smt.decide import decide

        return decide(claim, obligation, limits)

    def outside(self, place: int, row: Row, allowed: Sequence[Fraction], limits: Limits) -> Bits | None:
        from verifier.smt.decide import asking
        from verifier.symbolic import find_outside

        return find_outside(asking(self.network, self.domain, limits), place, row, allowed)

    def inside(self, place: int, forms: Sequence[tuple[Row, Fraction]], limits: Limits) -> Bits | None:
        from verifier.smt.decide import asking
        from verifier.symbolic import find_inside

        return find_inside(asking(self.network, self.domain, limits), place, forms)

    def label(self, obligation: Obligation) -> str:
        return self.name


@dataclass(slots=True)
class ByBalls(Method):
    """Every input of the domain, in sums of sigmoids compared by ball arithmetic."""

    rows: "Rows | None" = field(default=None, init=False)
    _certificates: "Certificates | None" = field(default=None, init=False)

    @property
    def name(self) -> str:
        return "arb"

    @property
    def rests_on(self) -> RestsOn:
        return "arb"

    def prepare(self, decoding: Decoding, limits: Limits) -> tuple[int | None, list[Tie]]:
        from verifier.balls.rows import Rows

        try:
            rows = Rows(self.network, self.domain, limits.deadline)
            ties = rows.ties(decoding) if rows.size else []
        except TooLargeError as error:
            raise UnpreparedError(str(error)) from None
        except TimeoutError:
            raise UnpreparedError(TIME_IS_UP) from None
        except UndecidedError as error:
            raise UnpreparedError(_ties_open(error)) from None
        self.rows = rows
        return rows.size, ties

    def decide(self, claim: Claim, obligation: Obligation, limits: Limits) -> Finding:
        from verifier.balls.decide import decide

        assert self.rows is not None
        self.rows.table.deadline = limits.deadline
        return decide(self.rows, claim, obligation)

    def outside(self, place: int, row: Row, allowed: Sequence[Fraction], limits: Limits) -> Bits | None:
        raise UndecidedError("values of sigmoids are not compared with single numbers")

    def remarks(self, claim: Claim, check: Statement, limits: Limits) -> Iterable[str]:
        from verifier.engine.slope.certificate import Certificates

        if check in ("mediation", "necessity"):
            return ()
        assert self.rows is not None
        self.rows.table.deadline = limits.deadline
        if self._certificates is None:
            self._certificates = Certificates(self.rows)
        return (self._certificates.sentence(claim, check),)


def _ties_open(error: Exception) -> str:
    return f"whether a unit or an output ties was not decided: {error}"


def methods(choice: Choice, network: Network, domain: Domain) -> list[Method]:
    """Return the methods a choice stands for, in the order they are asked.

    Raises:
        UnpreparedError: the choice does not fit the network.
    """
    if network.smooth:
        if choice in ("table", "bdd", "smt"):
            raise UnpreparedError(f"{choice} cannot run a sigmoid or a tanh; arb can")
        return [ByBalls(network, domain)]
    by_table, by_diagrams = ByTable(network, domain), ByDiagrams(network, domain)
    solver = BySolver(network, domain)
    match choice:
        case "table":
            return [by_table]
        case "bdd":
            return [by_diagrams]
        case "smt":
            return [solver]
        case "arb":
            raise UnpreparedError("arb is for networks with a sigmoid or a tanh")
        case "auto":
            small = domain.listed <= AUTO_TABLE_INPUTS
            return [by_table, by_diagrams, solver] if small else [by_diagrams, solver]
        case "all":
            return [by_table, by_diagrams, solver]
