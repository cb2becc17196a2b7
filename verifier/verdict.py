"""Answers to checks, a closed sum: proved, refuted with a counterexample, or unknown with the reason."""

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from verifier.checks import Float
from verifier.domain import Bits
from verifier.errors import InternalError
from verifier.network import Row
from verifier.write import Dependency

RestsOn = Literal["table", "bdd", "z3", "arb", "algebra", "rounding", "lock"]
Setting = bool | Bits
MAX_MS = MAX_RLIMIT = 2**32 - 1  # Z3 keeps both in 32 bits
NODES = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the network against the explanation: input x and what each written feature is set to.

    A setting is a bit, or the donor input that supplies the feature's value.
    """

    x: Bits
    settings: tuple[tuple[str, Setting], ...] = ()
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction v no readout of the layer sees, and a next unit that does: R v = 0, W v ≠ 0.

    `pair` holds two inputs of the domain with equal readouts on which that unit differs, if there are any.
    """

    layer: int
    v: Row
    unit: str
    pair: tuple[Bits, Bits] | None


@dataclass(frozen=True, slots=True)
class Idle:
    """A feature no write of which changes the output, whatever the input."""

    feature: str
    rests_on: RestsOn


@dataclass(frozen=True, slots=True)
class Summation:
    """An order in which to add w_j · h_j and the offset, whose number is n, the length of the row.

    One after the other; or, as a `tree`, neighbors in pairs, the results in pairs, until one is left. With
    `fma` a product is added without being rounded first (a tree has none).
    """

    order: tuple[int, ...]
    tree: bool = False
    fma: bool = False


@dataclass(frozen=True, slots=True)
class Rounding:
    """An evaluation of the network in a float format that decides otherwise than the exact one.

    At input x the unit or output `decision`, whose sum is over the activations at `place`, is decided on
    `computed` in place of `exact`; a float there is an infinity or NaN. `sums` has the order of every sum of
    the evaluation, as the forward pass takes them, that of the decision being number `deciding`.
    """

    format: Float
    x: Bits
    decision: str
    place: int
    exact: Fraction
    computed: Fraction | float
    sums: tuple[Summation, ...]
    deciding: int


Counterexample = Run | Direction | Dependency | Idle | Rounding


@dataclass(frozen=True, slots=True)
class Proved:
    """True on every input of the domain; `obligations` statements were discharged, more than none."""

    rests_on: RestsOn
    obligations: int

    def __post_init__(self) -> None:
        if self.obligations < 1:
            raise InternalError("proved without an obligation")


@dataclass(frozen=True, slots=True)
class Refuted:
    """False, with the evidence."""

    counterexample: Counterexample


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not decided; never a pass."""

    reason: str


Verdict = Proved | Refuted | Unknown


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the cases a check ranges over hold: the exact interchange intervention accuracy (IIA)."""

    held: int
    total: int

    @property
    def fraction(self) -> Fraction:
        """The share that holds."""
        return Fraction(self.held, self.total)

    def __str__(self) -> str:
        return f"{self.held}/{self.total}"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """An expectation met by a share of cases that hold of `share` or more; `text` is as it was written."""

    share: Fraction
    text: str

    def __str__(self) -> str:
        return f"at least {self.text}"


Expected = Literal["proved", "refuted"] | AtLeast


@dataclass(frozen=True, slots=True)
class Finding:
    """One obligation decided by one method; `witness` is the run that proves an existence."""

    verdict: Verdict
    share: Share | None = None
    witness: Run | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """An undecided unit (or output, then `layer` is empty), an input that shows it, and how many do."""

    layer: str
    what: str
    x: Bits
    count: int | None


class UndecidedError(Exception):
    """A question was not decided within the limits; the reason becomes an `Unknown`."""


class TooLargeError(Exception):
    """A method cannot take on a domain of this size; the reason becomes an `Unknown`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a check may spend: a point of the monotonic clock, a solver's resource count, nodes of diagrams.

    All but the first give the same verdict on every machine.
    """

    deadline: float | None = None
    rlimit: int | None = None
    nodes: int = NODES

    @classmethod
    def of(cls, timeout_s: float | None, rlimit: int | None, nodes: int = NODES) -> "Limits":
        """Return limits that start now, `timeout_s` seconds long."""
        return cls(None if timeout_s is None else time.monotonic() + timeout_s, rlimit, nodes)

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def remaining_ms(self) -> int:
        """Return the milliseconds left, at least one."""
        assert self.deadline is not None
        return int(max(1, min(MAX_MS, 1000 * (self.deadline - time.monotonic()))))
