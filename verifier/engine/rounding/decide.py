"""Network, domain and decoding → verdict: can rounding change a decision on some input?

Error bounds that hold on the whole domain settle most decisions at once. Inputs whose margin they leave open
are looked at one by one, and where that leaves them open too, a search tries to find an evaluation that
decides otherwise.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.algebra import RATIONALS
from verifier.arrays import ARRAYS, Array, Num
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain, show_bits
from verifier.engine.replay import in_domain
from verifier.engine.rounding.bounds import enclosures, fed
from verifier.engine.rounding.budget import Enclosure
from verifier.engine.rounding.decisions import Decision, decisions, matters
from verifier.engine.rounding.format import Format, exponent
from verifier.engine.rounding.orders import search
from verifier.engine.rounding.replay import confirm
from verifier.errors import InternalError
from verifier.network import Network, Row
from verifier.notation import above, below
from verifier.table.rows import Chunk, Table
from verifier.verdict import Limits, Proved, Refuted, RestsOn, UndecidedError, Unknown, Verdict

_BITS = 40  # of weights, in a first look
SHIFTS = (0, 10, 20, 30, 40)  # of a budget, to find an input that its own budget leaves open
SEARCHED = 16  # inputs, in the order of their margins

Inside = Callable[[int, Sequence[tuple[Row, Fraction]], Limits], tuple[Bits | None, RestsOn]]
"""(place, forms, limits) → an input of the domain whose activations h at that place give row · h + offset ≤ 0
for every form, or None when there is none; and what that rests on. Raises `UndecidedError` otherwise."""


@dataclass(frozen=True, slots=True)
class Open:
    """A decision that rounding may change at x, as far as its error bound (None: there is none) can tell."""

    decision: Decision
    x: Bits
    margin: Fraction
    budget: Fraction | None

    def __str__(self) -> str:
        where = f"{self.decision.name} at x = {show_bits(self.x)}"
        if self.budget is None:
            return f"a sum may overflow before {where}"
        relation = "<" if self.margin < self.budget else "<="
        return f"margin {below(self.margin)} {relation} budget {above(self.budget)} of {where}"


@dataclass(frozen=True, slots=True)
class Question:
    """Whether the decisions of a network on a domain survive a format.

    `work` is how many products may be taken one at a time, in bounds at single inputs and again in a search,
    and how many inputs may be listed for it.
    """

    form: Format
    network: Network
    domain: Domain
    decoding: Decoding
    work: int

    @property
    def unspecified(self) -> str:
        """Why IEEE 754 does not say what a float program computes here; empty when it does."""
        kinds = [layer.activation.kind for layer in self.network.layers if layer.activation.smooth]
        return f"how a library rounds {kinds[0]} is not specified" if kinds else ""

    def decide(self, table: Table | None, limits: Limits, inside: Inside | None = None) -> Verdict:
        """Return the verdict; without a table `inside` finds inputs, where there are too many to list.

        Raises:
            InternalError: a refutation that does not replay.
        """
        if self.unspecified:
            return Unknown(self.unspecified)
        try:
            if table is None and self.domain.listed <= self.work:
                table = Table(self.network, self.domain, limits.deadline)
            if table is not None:
                table.deadline = limits.deadline
            return self._decide(table, inside, limits)
        except TimeoutError:
            return Unknown("the time limit was reached")
        except UndecidedError as error:
            return Unknown(str(error))

    def _decide(self, table: Table | None, inside: Inside | None, limits: Limits) -> Verdict:
        places = self.places()
        stated = list(self.budgets(places))
        left = [(decision, budget) for decision, budget in stated if budget != 0]
        rests_on: RestsOn = "rounding"
        if table is not None:
            found = self._rows_left(table, left, places)
        else:
            found, rests_on = self._found_inside(inside, left, places, limits)
        if not found:
            return Proved(rests_on, len(stated))
        inputs = list(dict.fromkeys(o.x for o in found))[:SEARCHED]
        change = search(self.form, self.network, self.domain, self.decoding, inputs, self.work)
        if change is None:
            return Unknown(str(found[0]))
        shown = confirm(self.network, self.domain, self.decoding, change)
        if not shown or not in_domain(self.domain, change.x):
            raise InternalError(f"a change of decision by rounding that does not replay: {change}")
        return Refuted(change)

    def places(self) -> list[list[Enclosure]]:
        """Return what holds of all activations on the whole domain."""
        bits = fed(self.form, (self.domain.low, self.domain.high))
        return enclosures(self.form, self.network, [bits] * self.domain.n)

    def budgets(self, places: Sequence[Sequence[Enclosure]]) -> Iterator[tuple[Decision, Fraction | None]]:
        """Yield the decisions, each with what rounding can do to it at most."""
        for decision in decisions(self.network, self.decoding):
            yield decision, decision.budget(self.form, places[decision.place])

    def _rows_left(
        self,
        table: Table,
        left: Sequence[tuple[Decision, Fraction | None]],
        places: Sequence[Sequence[Enclosure]],
    ) -> list[Open]:
        """Return what stays open, by margin; at least one when not all inputs could be looked at.

        Raises:
            UndecidedError: too many inputs are left, and none of the first is open.
        """
        most = self.work // sum(layer.width * len(layer.W[0]) for layer in self.network.layers) + 1
        suspects: dict[Bits, Fraction] = {}
        for decision, budget in left:
            # without errors below, inputs of one row of activations share everything
            alike = all(v.error == 0 for w, v in zip(decision.row, places[decision.place], strict=True) if w)
            for chunk in table.chunks:
                table.tick()
                for x, margin in self._suspects(table, chunk, decision, budget, alike, most + 1):
                    suspects[x] = min(margin, suspects.get(x, margin))
                if len(suspects) > most:  # too many for a proof, enough for a refutation
                    break
        found: list[Open] = []
        for x in sorted(suspects, key=lambda x: (suspects[x], x))[:most]:
            table.tick()
            found += self.open_at(x)
            if len(found) >= SEARCHED:
                break
        if len(suspects) > most and not found:
            raise UndecidedError("too many inputs would have to be looked at one by one")
        return sorted(found, key=lambda o: o.margin)

    def _suspects(
        self,
        table: Table,
        chunk: Chunk,
        decision: Decision,
        budget: Fraction | None,
        alike: bool,
        most: int,
    ) -> Iterator[tuple[Bits, Fraction]]:
        """Yield `most` inputs within the budget, by margin, with their margins; if `alike` one per row."""
        h, index = table.activations(chunk, decision.place)
        rows = np.arange(len(h[0].values))
        row, offset = decision.row, decision.offset - decision.bound
        if budget is not None:
            for rough, constant, slack in (_shortened(row, offset, h), (row, offset, Fraction(0))):
                rows = rows[~ARRAYS.greater(_distances(rough, h, rows, constant), budget + slack)]
        rows = rows[np.broadcast_to(matters(ARRAYS, decision, self.decoding, _at(h, rows)), rows.shape)]
        distance = _distances(row, h, rows, offset)
        place = np.full(len(h[0].values), -1)
        place[rows] = np.arange(len(rows))
        inputs = np.flatnonzero(place[index] >= 0)
        if alike:
            inputs = inputs[np.unique(index[inputs], return_index=True)[1]]
        order = np.argsort(distance.values[place[index[inputs]]], kind="stable")[:most]
        for i in inputs[order]:
            yield chunk.input_at(int(i)), Fraction(int(distance.values[place[index[i]]]), distance.den)

    def _found_inside(
        self,
        inside: Inside | None,
        left: Sequence[tuple[Decision, Fraction | None]],
        places: Sequence[Sequence[Enclosure]],
        limits: Limits,
    ) -> tuple[list[Open], RestsOn]:
        """Return what stays open at an input that `inside` finds; and what it rests on that there is none.

        Raises:
            UndecidedError: a decision is open, and no input shows it.
        """
        asked: set[RestsOn] = set()
        for decision, budget in left:
            about = f"a worst case of all inputs leaves {decision.name} open"
            if budget is None:
                raise UndecidedError(f"{about}: a sum may overflow")
            if inside is None:
                raise UndecidedError(f"{about}: its budget is {above(budget)}")
            for shift in SHIFTS:
                forms = decision.open_where(self.form, places[decision.place], budget / 2**shift)
                x, rests_on = inside(decision.place, forms, limits)
                asked.add(rests_on)
                if x is None:
                    break
                found = self.open_at(x)
                if found:
                    return found, rests_on
            if x is not None or shift:
                raise UndecidedError(f"{about}, and no input was found that its own budget leaves open")
        return [], "z3" if "z3" in asked else "bdd" if asked else "rounding"

    def open_at(self, x: Bits) -> list[Open]:
        """Return the decisions at one input that its own error bounds leave open."""
        inputs = [fed(self.form, (self.domain.high if bit else self.domain.low,)) for bit in x]
        places = enclosures(self.form, self.network, inputs)
        found = []
        for decision, budget in self.budgets(places):
            exact = [v.low for v in places[decision.place]]  # of a single input, every range is a point
            if budget != 0 and matters(RATIONALS, decision, self.decoding, exact):
                value = RATIONALS.affine(decision.row, exact, decision.offset) - decision.bound
                if budget is None or abs(value) <= budget:
                    found.append(Open(decision, x, abs(value), budget))
        return found


def _at(h: Sequence[Num], rows: Array) -> Sequence[Num]:
    """Return some of the rows, or all of them as they are."""
    whole = len(rows) == len(h[0].values)
    return h if whole else [Num(v.values[rows], v.den, v.bound) for v in h]


def _distances(row: Row, h: Sequence[Num], rows: Array, offset: Fraction) -> Num:
    """Return |row · h + offset| for some of the rows."""
    value = ARRAYS.affine(row, _at(h, rows), offset)
    return Num(np.abs(np.broadcast_to(value.values, rows.shape)), value.den, value.bound)


def _shortened(row: Row, offset: Fraction, h: Sequence[Num]) -> tuple[Row, Fraction, Fraction]:
    """Return row and offset to a few bits, which fits machine integers, and how far off that is at most."""
    most = [Fraction(v.bound, v.den) for v in h]
    largest = max([abs(offset), *(abs(w) * b for w, b in zip(row, most, strict=True)), Fraction(1, 2**64)])
    scale = Fraction(2) ** (_BITS - exponent(largest))
    rough, constant = tuple(Fraction(round(w * scale)) / scale for w in row), round(offset * scale) / scale
    slack = sum((abs(w - r) * b for w, r, b in zip(row, rough, most, strict=True)), abs(offset - constant))
    return rough, constant, slack
