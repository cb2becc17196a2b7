"""What is known of the readouts of concepts, a closed sum, and the exit code that earns."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from verifier.domain import Bits
from verifier.engine.outcome import Exit
from verifier.engine.verify import Subject
from verifier.explanation import Feature
from verifier.formula import Formula
from verifier.linear import rank
from verifier.network import Layer
from verifier.readout import Linear, Threshold
from verifier.verdict import Unknown

Site = Linear | Threshold
Form = Literal["linear", "threshold"]
FORMS: tuple[Form, ...] = ("linear", "threshold")
#: Bounds on a number; equal ones where it is rational.
Ends = tuple[Fraction, Fraction]
#: Weights of rows of the layer, by an input of each; they add up to 0.
Weights = tuple[tuple[Bits, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """The concept is the same on every input: there is nothing to read."""

    bit: bool


@dataclass(frozen=True, slots=True)
class Widest:
    """A comparison and its margin: the gap between the values of the two classes over the largest |c|.

    `margin` encloses it, exactly where both ends are equal. No readout has more than `ceiling`, whatever its
    coefficients; `attained`, if given, has just that. `compared`: all those up to the bound were, and none
    has more than this one.
    """

    site: Threshold
    margin: Ends
    ceiling: Fraction
    compared: bool
    attained: Threshold | None = None


@dataclass(frozen=True, slots=True)
class Readable:
    """There is a readout. `why` says what proves it the smallest; None: it is not, for the given reason.

    `only`: no other readout reads the concept, whatever its coefficients. `z3`: none up to the bound reads
    fewer units, or as many with a smaller sum of |c|.
    """

    site: Site
    why: Literal["only", "z3"] | None
    reason: str = ""
    margin: Ends | None = None
    widest: Widest | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """No readout of any kind: two inputs with equal activations, on which the concept is 0 and 1."""

    zero: Bits
    one: Bits


@dataclass(frozen=True, slots=True)
class Unfit:
    """No linear readout whatever its coefficients: each is off by `error` or more on a row with a weight.

    Σ w h = 0 and Σ w = 0, so Σ w (R·h + d) = 0 for all R and d, while Σ w g = error · Σ |w|.
    """

    weights: Weights
    error: Fraction


@dataclass(frozen=True, slots=True)
class Meeting:
    """No comparison whatever its coefficients: a mean of rows with bit 1 is a mean of rows with bit 0.

    The weights of the former are positive and add up to 1, those of the latter negative; Σ w h = 0.
    """

    weights: Weights


@dataclass(frozen=True, slots=True)
class Fractional:
    """No linear readout with whole coefficients: Σ w = 0 and Σ w h is whole, but Σ w g is not."""

    weights: Weights


@dataclass(frozen=True, slots=True)
class Beyond:
    """No readout with whole coefficients up to the bound.

    Either |Σ w h| is so small that none of them makes the difference of Σ w g (`weights`), or `site` is the
    only linear readout there is (`only`), or all were searched (Z3 on sets of units). `site` is one beyond.
    """

    bound: int
    weights: Weights = ()
    site: Site | None = None
    only: bool = False


Absent = Clash | Unfit | Meeting | Fractional | Beyond
Answer = Constant | Readable | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Concept:
    """A Boolean function of the inputs under all its names: the last of some features without places.

    `ones` is on how many inputs it is 1, None where they were not run.
    """

    names: tuple[str, ...]
    features: tuple[Feature, ...]
    ones: int | None

    @property
    def gate(self) -> Formula:
        """The formula, over inputs and earlier features."""
        return self.features[-1].gate


@dataclass(frozen=True, slots=True)
class Probed:
    """What is known of a concept, form by form."""

    concept: Concept
    answers: dict[Form, Answer]


@dataclass(frozen=True, slots=True)
class Listed:
    """All functions of the rows with a readout of a form, whatever its coefficients, constants included.

    `reason` says why there is no such list.
    """

    form: Form
    functions: tuple[Probed, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What was found out about the readouts of a layer with whole coefficients of at most `bound`.

    `rows` counts its distinct activations, `rank` the dimension of the affine space they span; None where
    that is not known. `constant` are units known to be the same on every input.
    """

    subject: Subject
    place: int
    bound: int
    forms: tuple[Form, ...]
    rows: int | None
    rank: int | None
    probed: tuple[Probed, ...]
    listed: tuple[Listed, ...] = ()
    constant: tuple[str, ...] = ()

    @property
    def layer(self) -> Layer:
        """The layer."""
        return self.subject.network.layer(self.place)

    @property
    def exit(self) -> Exit:
        """What the run returns."""
        every = [*self.probed, *(one for each in self.listed for one in each.functions)]
        undecided = any(isinstance(answer, Unknown) for one in every for answer in one.answers.values())
        return Exit.UNDECIDED if undecided or any(each.reason for each in self.listed) else Exit.OK

    def readable(self, form: Form) -> tuple[Probed, ...]:
        """Return the concepts with a readout of a form."""
        return tuple(p for p in self.probed if isinstance(p.answers[form], Readable))

    def users(self, form: Form) -> dict[str, tuple[str, ...]]:
        """Return, per unit, the concepts whose readout shown here reads it."""
        found: dict[str, list[str]] = {unit: [] for unit in self.layer.units}
        for probed in self.readable(form):
            answer = probed.answers[form]
            assert isinstance(answer, Readable)
            for unit, c in zip(self.layer.units, answer.site.row, strict=True):
                if c:
                    found[unit].append(probed.concept.names[0])
        return {unit: tuple(names) for unit, names in found.items()}

    def span(self, form: Form) -> int:
        """Return the rank of the readouts shown here."""
        answers = (probed.answers[form] for probed in self.probed)
        return rank([answer.site.row for answer in answers if isinstance(answer, Readable)])
