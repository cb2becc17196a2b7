"""Text → Formula: Boolean expressions, evaluated over any algebra, printed so that they parse back.

Precedence, tightest first: `~`, `&`, `^`, `|`, `->` (to the right), `<->`. Gates are written as functions,
with a parameter before a semicolon: `maj(a,b,c)`, `atleast(2; a,b,c)`, `table(0110; a,b)`, `parity(x1..x8)`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import product
from typing import Any

from lark import Token, Transformer, v_args

from verifier.algebra import RATIONALS, Algebra, B, S
from verifier.errors import InputError, Position, Problem, input_error
from verifier.notation import NAME, Notation, fail, suggest

MAX_DEPTH = 200
MAX_ARGUMENTS = 10_000
MAX_NUMBER = 9
MAX_TABLE_ARGUMENTS = 16


@dataclass(frozen=True, slots=True)
class Const:
    """A constant bit."""

    value: bool

    def __str__(self) -> str:
        return show(self)


@dataclass(frozen=True, slots=True)
class Name:
    """An input or an earlier feature; `column` is its 1-based place in the text it was read from."""

    name: str
    column: int | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Gate:
    """An operator of `GATES` applied to arguments; `parameter` is what stands before the semicolon."""

    op: str
    args: tuple["Formula", ...]
    parameter: str | None = None

    def __post_init__(self) -> None:
        rule = GATES.get(self.op)
        if rule is None:
            raise input_error("E203", f"unknown gate {self.op}", f"known: {', '.join(GATES)}")
        problem = rule.misfit(self.op, len(self.args), self.parameter)
        if problem is not None:
            raise InputError([problem])
        if rule.parameter == "a count":
            object.__setattr__(self, "parameter", str(int(self.parameter or 0)))

    def __str__(self) -> str:
        return show(self)


Formula = Const | Name | Gate

Evaluate = Callable[[Algebra[Any, Any], Sequence[Any], str | None], Any]


@dataclass(frozen=True, slots=True)
class GateRule:
    """What a gate computes over any algebra, and which argument counts and parameter it takes."""

    evaluate: Evaluate
    least: int
    most: int | None
    parameter: str | None = None
    odd: bool = False

    def misfit(self, op: str, count: int, parameter: str | None) -> Problem | None:
        """Return what is wrong with so many arguments and this parameter."""
        if count < self.least:
            exactly = "exactly" if self.least == self.most else "at least"
            return Problem("E203", f"{op} takes {exactly} {self.least} argument(s), got {count}")
        if self.most is not None and count > self.most:
            return Problem("E203", f"{op} takes at most {self.most} argument(s), got {count}")
        if self.odd and count % 2 == 0:
            message = f"{op} takes an odd number of arguments, got {count}"
            return Problem("E203", message, "use atleast(k; …)")
        if self.parameter is None:
            return Problem("E203", f"{op} takes no parameter, got {parameter};") if parameter else None
        if not parameter:
            return Problem("E203", f"{op} needs {self.parameter} before a semicolon", f"{op}(…; a,b)")
        if self.parameter == "bits" and not re.fullmatch(f"[01]{{{2**count}}}", parameter):
            return Problem("E203", f"{op} of {count} argument(s) takes {2**count} bits, got {parameter}")
        if self.parameter == "a count" and not re.fullmatch("0*[0-9]{1,9}", parameter):
            return Problem("E203", f"{op} takes a count of at most 9 digits, got {parameter}")
        return None


def _parity(alg: Algebra[B, S], args: Sequence[B]) -> B:
    return reduce(alg.differ, args)


def _exactly(alg: Algebra[B, S], k: int, args: Sequence[B]) -> B:
    return alg.conjoin([alg.at_least(k, args), alg.negate(alg.at_least(k + 1, args))])


def _ite(alg: Algebra[B, S], s: B, a: B, b: B) -> B:
    return alg.disjoin([alg.conjoin([s, a]), alg.conjoin([alg.negate(s), b])])


def _table(alg: Algebra[B, S], bits: str, args: Sequence[B]) -> B:
    """Look the arguments up, the first one being the most significant bit of the row number."""
    minterms = []
    for row, bit in zip(product([False, True], repeat=len(args)), bits, strict=True):
        if bit == "1":
            minterms.append(
                alg.conjoin([a if want else alg.negate(a) for a, want in zip(args, row, strict=True)])
            )
    return alg.disjoin(minterms)


GATES: dict[str, GateRule] = {
    "not": GateRule(lambda alg, a, _: alg.negate(a[0]), 1, 1),
    "and": GateRule(lambda alg, a, _: alg.conjoin(a), 1, None),
    "or": GateRule(lambda alg, a, _: alg.disjoin(a), 1, None),
    "xor": GateRule(lambda alg, a, _: _parity(alg, a), 1, None),
    "implies": GateRule(lambda alg, a, _: alg.disjoin([alg.negate(a[0]), a[1]]), 2, 2),
    "iff": GateRule(lambda alg, a, _: alg.negate(alg.differ(a[0], a[1])), 2, 2),
    "nand": GateRule(lambda alg, a, _: alg.negate(alg.conjoin(a)), 1, None),
    "nor": GateRule(lambda alg, a, _: alg.negate(alg.disjoin(a)), 1, None),
    "xnor": GateRule(lambda alg, a, _: alg.negate(_parity(alg, a)), 2, None),
    "parity": GateRule(lambda alg, a, _: _parity(alg, a), 1, None),
    "maj": GateRule(lambda alg, a, _: alg.at_least(len(a) // 2 + 1, a), 1, None, odd=True),
    "ite": GateRule(lambda alg, a, _: _ite(alg, a[0], a[1], a[2]), 3, 3),
    "atleast": GateRule(lambda alg, a, p: alg.at_least(int(p or 0), a), 1, None, parameter="a count"),
    "exactly": GateRule(lambda alg, a, p: _exactly(alg, int(p or 0), a), 1, None, parameter="a count"),
    "table": GateRule(lambda alg, a, p: _table(alg, p or "", a), 1, MAX_TABLE_ARGUMENTS, parameter="bits"),
}

_INFIX = {"iff": ("<->", 1), "implies": ("->", 2), "or": ("|", 3), "xor": ("^", 4), "and": ("&", 5)}
_TIGHTEST = 6


def evaluate(formula: Formula, alg: Algebra[B, S], values: Mapping[str, B]) -> B:
    """Return the value of the formula, its names looked up in `values`."""
    match formula:
        case Const(value):
            return alg.bit(value)
        case Name(name):
            return values[name]
        case Gate(op, args, parameter):
            bits = [evaluate(arg, alg, values) for arg in args]
            result: B = GATES[op].evaluate(alg, bits, parameter)
            return result


def names(formula: Formula) -> Iterator[Name]:
    """Yield every occurrence of a name, left to right."""
    match formula:
        case Name():
            yield formula
        case Gate(_, args):
            for arg in args:
                yield from names(arg)
        case Const():
            pass


def truth_table(formula: Formula, inputs: Sequence[str]) -> str:
    """Return the 2^n values as a text of 0 and 1, the first input being the most significant bit.

    >>> truth_table(parse("x1 & ~x2"), ["x1", "x2"])
    '0010'
    """
    rows = product([False, True], repeat=len(inputs))
    return "".join("01"[evaluate(formula, RATIONALS, dict(zip(inputs, row, strict=True)))] for row in rows)


def show(formula: Formula) -> str:
    """Return a text that parses back to the same formula.

    >>> show(parse("not (a and b) or maj(a, b, c)"))
    '~(a & b) | maj(a,b,c)'
    """
    return _show(formula, 0)


def _show(formula: Formula, context: int) -> str:
    match formula:
        case Const(value):
            return "1" if value else "0"
        case Name(name):
            return name
        case Gate("not", (arg,)):
            return "~" + _show(arg, _TIGHTEST)
        case Gate(op, args) if op in _INFIX and len(args) > 1:
            symbol, level = _INFIX[op]
            # `->` groups to the right and `<->` to the left; a chain of & ^ | is one gate.
            contexts = [level + 1] * len(args)
            if op == "implies":
                contexts[-1] = level
            elif op == "iff":
                contexts[0] = level
            pairs = zip(args, contexts, strict=True)
            text = f" {symbol} ".join(_show(arg, tight) for arg, tight in pairs)
            return f"({text})" if level < context else text
        case Gate(op, args, parameter):
            head = f"{parameter}; " if parameter is not None else ""
            return f"{op}({head}{','.join(_show(arg, 0) for arg in args)})"


_GRAMMAR = rf"""
start: iff
?iff: implies | iff _IFF implies -> iff
?implies: or | or _IMPLIES implies -> implies
?or: xor | xor ((_OR | _OR_WORD) xor)+ -> disjunction
?xor: and | and ((_XOR | _XOR_WORD) and)+ -> parity
?and: unary | unary ((_AND | _AND_WORD) unary)+ -> conjunction
?unary: atom | _NOT unary -> negation
?atom: CONST -> constant
     | NAME -> name
     | _LP iff _RP
     | gate _LP (PARAMETER _SEMI)? arguments _RP -> call
gate: NAME | _AND_WORD -> and_word | _OR_WORD -> or_word | _XOR_WORD -> xor_word
arguments: argument (_COMMA argument)*
?argument: iff | NAME _DOTS NAME -> span

_IFF: "<->" | "↔"
_IMPLIES: "->" | "→"
_OR: /\|\|?|∨/
_XOR: "^" | "⊕"
_AND: /&&?|∧/
_NOT.2: /~|!|¬|not\b/
_OR_WORD.2: /or\b/
_XOR_WORD.2: /xor\b/
_AND_WORD.2: /and\b/
CONST.2: /[01](?![0-9A-Za-z_])|(true|false)\b/
PARAMETER.4: /[0-9]+(?=\s*;)/
NAME: /{NAME}/
_LP: "("
_RP: ")"
_COMMA: ","
_SEMI: ";"
_DOTS: ".."
%ignore /[ \t\r\n]+/
"""

_WORDS = {
    "_AND": "an operator", "_OR": "an operator", "_XOR": "an operator", "_IMPLIES": "an operator",
    "_IFF": "an operator", "NAME": "an operand", "_RP": ")", "_COMMA": "a comma", "$END": "the end",
}  # fmt: skip


@v_args(inline=True)
class _Builder(Transformer[Token, Formula]):
    def start(self, formula: Formula) -> Formula:
        return formula

    def constant(self, token: Token) -> Formula:
        return Const(token in ("1", "true"))

    def name(self, token: Token) -> Formula:
        return Name(str(token), token.column)

    def negation(self, arg: Formula) -> Formula:
        return Gate("not", (arg,))

    def conjunction(self, *args: Formula) -> Formula:
        return Gate("and", args)

    def disjunction(self, *args: Formula) -> Formula:
        return Gate("or", args)

    def parity(self, *args: Formula) -> Formula:
        return Gate("xor", args)

    def implies(self, a: Formula, b: Formula) -> Formula:
        return Gate("implies", (a, b))

    def iff(self, a: Formula, b: Formula) -> Formula:
        return Gate("iff", (a, b))

    def gate(self, token: Token) -> Token:
        return token

    def and_word(self) -> str:
        return "and"

    def or_word(self) -> str:
        return "or"

    def xor_word(self) -> str:
        return "xor"

    def span(self, first: Token, last: Token) -> tuple[Formula, ...]:
        return tuple(Name(name, first.column) for name in expand(str(first), str(last), first))

    def arguments(self, *args: Formula | tuple[Formula, ...]) -> tuple[Formula, ...]:
        return tuple(name for arg in args for name in (arg if isinstance(arg, tuple) else (arg,)))

    def call(self, op: Token | str, *rest: Any) -> Formula:
        *parameter, args = rest
        try:
            return Gate(str(op), args, str(parameter[0]) if parameter else None)
        except InputError as error:
            column = op.column if isinstance(op, Token) else None
            place = Position(1, column) if column else None
            raise InputError(replace(problem, position=place) for problem in error.problems) from None


def expand(first: str, last: str, token: Token | None = None) -> list[str]:
    """Return the names a range stands for: `x1`, `x4` → x1, x2, x3, x4.

    Raises:
        InputError: the two names differ in more than their number, or the numbers do not rise.
    """
    stem = first.rstrip("0123456789")
    low, high = first[len(stem) :], last[len(stem) :]
    padded = any(number.startswith("0") and len(number) > 1 for number in (low, high))
    if not (
        last.startswith(stem)
        and low.isdecimal()
        and high.isdecimal()
        and len(high) <= MAX_NUMBER
        and int(low) <= int(high)
        and (len(low) == len(high) or not padded)
    ):
        raise fail("E203", f"expected a range such as x1..x8 or x01..x12, got {first}..{last}", token)
    if int(high) - int(low) >= MAX_ARGUMENTS:
        raise fail("E203", f"expected at most {MAX_ARGUMENTS} names, got {first}..{last}", token)
    width = len(low) if padded else 0
    return [f"{stem}{i:0{width}}" for i in range(int(low), int(high) + 1)]


_HINTS = {
    "==?>": "write -> for implies",
    "==?": "write <-> for is equal to, ^ for differs from",
    r"[*+]": "write & for and, | for or, ^ for exclusive or",
    r"(AND|OR|XOR|NOT)\b": "words are in lower case: and, or, xor, not",
}

_NOTATION = Notation("E201", "formula", _GRAMMAR, _Builder(), _WORDS, _HINTS)


def parse(text: str) -> Formula:
    """Return the formula a text means.

    Raises:
        InputError: E201 for syntax, E203 for a gate's arguments, with the column in the text.

    >>> parse("x1 and not x2") == parse("x1 && !x2") == parse("x1 ∧ ¬x2")
    True
    """
    opened = deepest = 0
    for character in text:
        opened += (character == "(") - (character == ")")
        deepest = max(deepest, opened)
    if deepest > MAX_DEPTH:
        raise input_error("E201", f"expected a formula nested at most {MAX_DEPTH} deep, got {deepest}")
    formula: Formula = _NOTATION.parse(text)
    if _depth(formula) > MAX_DEPTH:
        raise input_error("E201", f"expected a formula nested at most {MAX_DEPTH} deep")
    return formula


def _depth(formula: Formula) -> int:
    """Return the nesting depth, without recursion: a long chain of `~` or `->` is as deep as it is long."""
    deepest, pending = 0, [(formula, 1)]
    while pending:
        part, depth = pending.pop()
        deepest = max(deepest, depth)
        if isinstance(part, Gate):
            pending += [(arg, depth + 1) for arg in part.args]
    return deepest


def unknown_names(formula: Formula, known: Sequence[str]) -> InputError | None:
    """Return the error that names every unknown name of the formula, or None."""
    problems = [
        Problem(
            "E202",
            f"unknown name {name.name}",
            suggest(name.name, known),
            position=Position(1, name.column) if name.column else None,
        )
        for name in names(formula)
        if name.name not in known
    ]
    return InputError(problems) if problems else None
