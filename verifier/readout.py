"""Text → Site: where a feature is read, and the bit read there, over any algebra.

Three places: `h1 - h3` (*linear*: the value equals the bit), `h1 - h3 > 1/2` (*threshold*: the bit is whether
the comparison holds), `{h1, h3}` (*units*: a set of units, swapped but not read).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import index
from typing import Any, Generic, assert_never

from lark import Token, Transformer, v_args

from verifier.algebra import Algebra, B, S
from verifier.errors import InputError, Position, Problem, input_error
from verifier.network import Network, Row
from verifier.notation import MOST_KNOWN, NAME, Comparison, Notation, exact, rational, show, show_row, suggest

_MIRRORED: dict[str, Comparison] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


@dataclass(frozen=True, slots=True)
class Linear:
    """The affine form row · h + offset of one layer equals the bit."""

    layer: int
    row: Row
    offset: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", tuple(map(rational, self.row)))
        object.__setattr__(self, "offset", rational(self.offset))

    def __str__(self) -> str:
        return f"layer {self.layer}: {_numbered(self.row, self.offset)}"


@dataclass(frozen=True, slots=True)
class Threshold:
    """The bit is whether row · h `op` bound. A plain comparison: equality is decided by `op`, never a tie."""

    layer: int
    row: Row
    op: Comparison
    bound: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", tuple(map(rational, self.row)))
        object.__setattr__(self, "bound", rational(self.bound))
        if self.op not in _MIRRORED:
            raise input_error("E204", f"expected a comparison > >= < or <=, got {self.op}")

    def __str__(self) -> str:
        return f"layer {self.layer}: {_numbered(self.row)} {self.op} {show(self.bound)}"


@dataclass(frozen=True, slots=True)
class Units:
    """The feature lives in these units (0-based); it is written by copying them from a donor."""

    layer: int
    units: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", tuple(map(index, self.units)))
        if not self.units or min(self.units) < 0 or len(set(self.units)) < len(self.units):
            raise input_error("E205", f"expected a set of units by number, got {self.units}")

    def __str__(self) -> str:
        return f"layer {self.layer}: {{{', '.join(f'[{i + 1}]' for i in self.units)}}}"


Site = Linear | Threshold | Units


def _numbered(row: Row, offset: Fraction = Fraction(0)) -> str:
    return show_row(row, [f"[{i + 1}]" for i in range(len(row))], offset)


@dataclass(frozen=True, slots=True)
class Reading(Generic[B]):
    """What a readout or an output says: bit 0, bit 1, or neither (never both)."""

    zero: B
    one: B

    def agrees(self, alg: Algebra[B, S], bit: B) -> B:
        """Return whether the reading is this bit."""
        return alg.disjoin([alg.conjoin([bit, self.one]), alg.conjoin([alg.negate(bit), self.zero])])


def value_of(alg: Algebra[B, S], site: Linear | Threshold, h: Sequence[S]) -> S:
    """Return the number read: row · h, plus the offset of a linear readout."""
    offset = site.offset if isinstance(site, Linear) else Fraction(0)
    return alg.affine(site.row, h, offset)


def read(alg: Algebra[B, S], site: Linear | Threshold, h: Sequence[S], tolerance: Fraction) -> Reading[B]:
    """Return the bit read from the activations of the site's layer; linear forms within `tolerance`."""
    value = value_of(alg, site, h)
    match site:
        case Linear():
            return Reading(
                _near(alg, value, Fraction(0), tolerance), _near(alg, value, Fraction(1), tolerance)
            )
        case Threshold(_, _, op, bound):
            one = compare(alg, value, op, bound)
            return Reading(alg.negate(one), one)
        case _:
            assert_never(site)


def compare(alg: Algebra[B, S], value: S, op: Comparison, bound: Fraction) -> B:
    """Return whether value `op` bound."""
    above = alg.greater(value, bound)
    match op:
        case ">":
            return above
        case "<=":
            return alg.negate(above)
        case ">=":
            return alg.disjoin([above, alg.equal(value, bound)])
        case "<":
            return alg.negate(alg.disjoin([above, alg.equal(value, bound)]))
        case _:
            assert_never(op)


def _near(alg: Algebra[B, S], value: S, target: Fraction, tolerance: Fraction) -> B:
    if tolerance == 0:
        return alg.equal(value, target)
    return alg.conjoin(
        [
            compare(alg, value, ">=", target - tolerance),
            compare(alg, value, "<=", target + tolerance),
        ]
    )


@dataclass(frozen=True, slots=True)
class Form:
    """An affine form over names as it was written: (name, coefficient, column) in order, and the offset."""

    terms: tuple[tuple[str, Fraction, int], ...]
    offset: Fraction

    def __sub__(self, other: "Form") -> "Form":
        negated = tuple((name, -c, column) for name, c, column in other.terms)
        return Form(self.terms + negated, self.offset - other.offset)


@dataclass(frozen=True, slots=True)
class Written:
    """A readout as text says it, before its names are looked up: a form, a comparison to 0, or a set."""

    form: Form | None = None
    op: Comparison | None = None
    units: tuple[tuple[str, int], ...] = ()


_GRAMMAR = rf"""
?start: _LB NAME (_COMMA NAME)* _RB -> units
      | form -> linear
      | form COMPARISON form -> threshold
form: first (signed)*
?first: SIGN? term -> signed
signed: SIGN term
?term: NUMBER -> constant
     | NUMBER _TIMES NAME -> scaled
     | NAME _TIMES NUMBER -> scaled
     | NAME -> unit
SIGN: "+" | "-" | "−"
COMPARISON: ">=" | "<=" | ">" | "<" | "≥" | "≤"
NUMBER: /0[xX][0-9a-fA-F]+(\.[0-9a-fA-F]*)?([pP][+-]?[0-9]+)?/
      | /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?(\s*\/\s*[0-9]+)?/
_TIMES: "*" | "·"
NAME: /{NAME}/
_LB: "{{"
_RB: "}}"
_COMMA: ","
%ignore /[ \t\r\n]+/
"""

_WORDS = {
    "SIGN": "+ or -", "COMPARISON": "a comparison", "NUMBER": "a number", "NAME": "a unit", "_TIMES": "*",
    "_RB": "}", "_COMMA": "a comma", "$END": "the end",
}  # fmt: skip


@v_args(inline=True)
class _Builder(Transformer[Token, Written]):
    def units(self, *tokens: Token) -> Written:
        return Written(units=tuple((str(token), token.column or 1) for token in tokens))

    def linear(self, form: Form) -> Written:
        return Written(form)

    def threshold(self, left: Form, op: Token, right: Form) -> Written:
        comparison: Comparison = {"≥": ">=", "≤": "<="}.get(op, str(op))  # type: ignore[assignment]
        if not left.terms:  # 1/2 < h1 is h1 > 1/2
            return Written(right - left, _MIRRORED[comparison])
        return Written(left - right, comparison)

    def form(self, *parts: Form) -> Form:
        return Form(
            tuple(term for part in parts for term in part.terms), sum((p.offset for p in parts), Fraction(0))
        )

    def signed(self, *parts: Any) -> Form:
        *sign, term = parts
        form: Form = term
        return form if not sign or sign[0] == "+" else Form((), Fraction(0)) - form

    def constant(self, number: Token) -> Form:
        return Form((), _number(number))

    def unit(self, name: Token) -> Form:
        return Form(((str(name), Fraction(1), name.column or 1),), Fraction(0))

    def scaled(self, a: Token, b: Token) -> Form:
        number, name = (a, b) if a.type == "NUMBER" else (b, a)
        return Form(((str(name), _number(number), name.column or 1),), Fraction(0))


def _number(token: Token) -> Fraction:
    try:
        return exact(token)
    except ValueError as error:
        raise InputError([Problem("E204", str(error), position=Position(1, token.column or 1))]) from None


_HINTS = {
    "/": "write the factor first: 1/2*h1",
    "=": "a form alone says that it equals the bit; or compare with >, >=, < or <=",
    ",": "write a set of units in braces: {h1, h3}",
    r"\(": "write the form without parentheses: 2*h1 - 2*h2",
    r"\[": "write the name of a unit: h1, h2, …",
    "[A-Za-z_]": "write * between a number and a unit: 2*h1",
}

_GLUED = re.compile(r"(?<![A-Za-z0-9_.])[0-9.]+([A-Za-z][A-Za-z0-9_]*)")

_NOTATION = Notation("E204", "readout", _GRAMMAR, _Builder(), _WORDS, _HINTS)


def parse(text: str, network: Network, among: Sequence[str] | None = None) -> Site:
    """Return the site a text means in a network; `among` are the units a hint may name, default all.

    Raises:
        InputError: E204 for syntax, E205 for unknown units, E206 for units of several layers.
    """
    written = _written(text, network)
    if written.form is None:
        layer, indices = _locate(network, written.units, among)
        if len(set(indices)) < len(indices):
            column = written.units[0][1]
            raise InputError([Problem("E105", "a unit is named twice in { }", position=Position(1, column))])
        return Units(layer, tuple(sorted(indices)))
    layer, row = _row(network, written.form, among)
    if written.op is None:
        return Linear(layer, row, written.form.offset)
    return Threshold(layer, row, written.op, -written.form.offset)


def parse_direction(text: str, network: Network) -> tuple[int, Row]:
    """Return (layer, vector over its units) of a form such as `h1 - 1/2*h3`.

    Raises:
        InputError: as `parse`; and E204 for an offset, a comparison or a set.
    """
    written = _written(text, network)
    if written.form is None or written.op is not None or written.form.offset != 0:
        message = f"expected a direction such as h1 - h3, got {text}"
        raise InputError([Problem("E204", message, "no constant, no comparison and no set")])
    return _row(network, written.form, None)


def _written(text: str, network: Network) -> Written:
    """Return a parsed text in which no number could be a factor of a unit: 2e1, where a unit is named e1."""
    written: Written = _NOTATION.parse(text)
    for found in _GLUED.finditer(text):
        if network.find(found[1]) is not None:
            message = f"{found[0]} is a number, and {found[1]} is a unit"
            place = Position(1, found.start(1) + 1)
            raise InputError([Problem("E204", message, _HINTS["[A-Za-z_]"], position=place)])
    return written


def _row(network: Network, form: Form, among: Sequence[str] | None) -> tuple[int, Row]:
    if not form.terms:
        message = "expected a readout that names at least one unit, got a constant"
        raise InputError([Problem("E204", message, position=Position(1, 1))])
    layer, indices = _locate(network, tuple((name, column) for name, _, column in form.terms), among)
    row = [Fraction(0)] * network.layer(layer).width
    for i, (_, coefficient, _) in zip(indices, form.terms, strict=True):
        row[i] += coefficient
    return layer, tuple(row)


def _locate(
    network: Network, units: tuple[tuple[str, int], ...], among: Sequence[str] | None
) -> tuple[int, list[int]]:
    problems, places = [], []
    for name, column in units:
        place = network.find(name)
        if place is None:
            hint = _known(name, network, among)
            problems.append(Problem("E205", f"unknown unit {name}", hint, position=Position(1, column)))
        else:
            places.append(place)
    if problems:
        raise InputError(problems)
    if len({layer for layer, _ in places}) > 1:
        found = ", ".join(
            f"{name} ({network.layer(p[0]).name})" for (name, _), p in zip(units, places, strict=True)
        )
        message = f"expected units of one layer, got {found}"
        raise InputError([Problem("E206", message, position=Position(1, units[0][1]))])
    return places[0][0], [i for _, i in places]


def _known(name: str, network: Network, among: Sequence[str] | None) -> str:
    """Return a hint on the units there are instead of one that is unknown."""
    place = network.place_of(name)
    if place is None or among is not None:
        return suggest(name, network.unit_names() if among is None else among)
    units = network.layer(place).units
    shown = units if len(units) <= MOST_KNOWN else (units[0], "…", units[-1])
    return f"{name} is a layer, its units are {', '.join(shown)}"


def show_site(site: Site, network: Network) -> str:
    """Return a text that parses back to the same site."""
    units = network.layer(site.layer).units
    match site:
        case Linear(_, row, offset):
            return _anchored(row, units, offset)
        case Threshold(_, row, op, bound):
            return f"{_anchored(row, units, Fraction(0))} {op} {show(bound)}"
        case Units(_, indices):
            return "{" + ", ".join(units[i] for i in indices) + "}"
        case _:
            assert_never(site)


def _anchored(row: Row, units: Sequence[str], offset: Fraction) -> str:
    """Return row · h + offset, tied to its layer by a unit even when the row is zero."""
    if any(row):
        return show_row(row, units, offset)
    return show_row([Fraction(1)], [f"0*{units[0]}"], offset)
