"""Inputs, a restriction and an encoding → Domain: the set of inputs a claim is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.algebra import Algebra, B, S
from verifier.errors import InputError, input_error
from verifier.formula import Formula, Gate, evaluate, show, unknown_names
from verifier.notation import Comparison, rational, show_decimal, unfit_name
from verifier.notation import show as show_number

Bits = tuple[bool, ...]
MOST_LETTERS = 60  # of a condition, where a domain is mentioned


@dataclass(frozen=True, slots=True)
class Cut:
    """An input that is 1 iff the number in a column of a data file `op` bound."""

    name: str
    column: str
    op: Comparison
    bound: Fraction

    @property
    def comparison(self) -> str:
        """The threshold as a spec writes it."""
        return f"{self.column} {self.op} {show_decimal(self.bound)}"

    def __str__(self) -> str:
        return f"{self.name} = [{self.comparison}]"


@dataclass(frozen=True, slots=True)
class Label:
    """A column of right answers: each row of bits that stands beside some cell of it, and how many times."""

    column: str
    told: tuple[tuple[Bits, str, int], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The data file that rows were made of.

    `size` counts its rows, equal ones included; `places` names those that differ (`line 2`, …). `cuts` are
    the inputs that a threshold makes of a column of numbers, `ignored` the columns that were left out, None
    where that was whatever is not used. `label` is the column of the answers that are right.
    """

    file: str
    sha256: str
    size: int
    places: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    ignored: tuple[str, ...] | None = ()
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """The inputs x in {0,1}^n with `where` true, or those of `rows`, or those of both.

    The network is fed `low` for bit 0 and `high` for bit 1. `source` tells where the rows come from.
    """

    inputs: tuple[str, ...]
    where: Formula | None = None
    rows: tuple[Bits, ...] | None = None
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)
    source: Source | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", rational(self.low))
        object.__setattr__(self, "high", rational(self.high))
        unfit = [problem for name in self.inputs if (problem := unfit_name("an input", name))]
        if unfit:
            raise InputError(unfit)
        if not self.inputs:
            raise input_error("E104", "expected at least one input, got none")
        if len(set(self.inputs)) < len(self.inputs):
            raise input_error("E105", "two inputs of one name")
        if self.low == self.high:
            raise input_error("E104", "expected two different numbers for bit 0 and bit 1")
        if self.rows is not None:
            if any(len(row) != self.n or set(row) - {False, True} for row in self.rows):
                raise input_error("E402", f"expected rows of {self.n} bits")
            object.__setattr__(self, "rows", tuple(tuple(map(bool, row)) for row in self.rows))
        unknown = unknown_names(self.where, self.inputs) if self.where is not None else None
        if unknown is not None:
            raise unknown
        if self.rows is not None and len(set(self.rows)) < len(self.rows):
            raise input_error("E402", "two rows are equal")

    @property
    def n(self) -> int:
        """The number of inputs."""
        return len(self.inputs)

    @property
    def listed(self) -> int:
        """How many inputs there are before `where` leaves some out."""
        return len(self.rows) if self.rows is not None else 2**self.n

    def encode(self, alg: Algebra[B, S], x: Sequence[B]) -> list[S]:
        """Return the numbers the network is fed."""
        return [alg.choose(bit, self.high, self.low) for bit in x]

    def contains(self, alg: Algebra[B, S], x: Mapping[str, B]) -> B:
        """Return whether `where` holds; membership in `rows` is not part of it."""
        return alg.bit(True) if self.where is None else evaluate(self.where, alg, x)

    def origin(self, x: Bits) -> str:
        """Return where an input stands in the data file, the first time; nothing if there is none."""
        if self.source is None or self.rows is None or x not in self.rows:
            return ""
        return f"{self.source.places[self.rows.index(x)]} of {self.source.file}"

    def named(self, x: Sequence[B]) -> dict[str, B]:
        """Return the inputs by name."""
        return dict(zip(self.inputs, x, strict=True))

    def written(self, most: int | None = None) -> str:
        """Return the domain as text; of a condition with more letters than `most`, the first part."""
        base = f"{{0,1}}^{self.n}" if self.rows is None else f"{len(self.rows)} given rows"
        if self.rows is not None and self.source is not None and self.source.size != len(self.rows):
            base = f"{self.source.size} given rows ({len(self.rows)} distinct)"
        where = "" if self.where is None else f" with {_brief(self.where, most)}"
        if self.low == 0 and self.high == 1:
            return base + where
        return f"{base}{where}, fed as {show_number(self.low)} and {show_number(self.high)}"

    def __str__(self) -> str:
        return self.written(MOST_LETTERS)


def _brief(formula: Formula, most: int | None) -> str:
    text = show(formula)
    if most is None or len(text) <= most or not (isinstance(formula, Gate) and formula.op == "and"):
        return text
    first, others = show(formula.args[0]), len(formula.args) - 1
    return f"{first} and {others} more condition{'' if others == 1 else 's'}"


def show_bits(x: Sequence[bool]) -> str:
    """Return an input as text, first input first.

    >>> show_bits((False, True))
    '01'
    """
    return "".join("01"[bit] for bit in x)
