"""Text of `-k` → predicate on `file::explanation::check`: words that occur in it, joined by and, or, not."""

from collections.abc import Callable

from lark import Token, Transformer, v_args

from verifier.errors import InputError, Problem
from verifier.notation import Notation

ENUMERATE = "enumerate"
Select = Callable[[str], bool]

_GRAMMAR = r"""
?start: start "or" both -> either | both
?both: both "and" one -> both | one
?one: "not" one -> negation | WORD -> word | "(" start ")"
WORD: /(?!(?:and|or|not)(?:[\s()]|$))[^\s()]+/
%ignore /\s+/
"""


@v_args(inline=True)
class _Builder(Transformer[Token, Select]):
    def word(self, token: Token) -> Select:
        return lambda text: str(token) in text

    def negation(self, part: Select) -> Select:
        return lambda text: not part(text)

    def both(self, left: Select, right: Select) -> Select:
        return lambda text: left(text) and right(text)

    def either(self, left: Select, right: Select) -> Select:
        return lambda text: left(text) or right(text)


_WORDS = {"AND": "and", "OR": "or", "WORD": "a word", "RPAR": ")", "$END": "the end"}
_NOTATION = Notation("E601", "selection", _GRAMMAR, _Builder(), _WORDS, {})


def _column(problem: Problem) -> str:
    return f" at column {problem.position.column}" if problem.position is not None else ""


def _explanation(text: str) -> str | None:
    """Return the explanation of `file::explanation::check`; None for `file::enumerate`.

    >>> _explanation("a::b.circuit.yaml::alice::readout"), _explanation("::bob::::enumerate")
    ('alice', None)
    """
    _, name, check = f"::{text}".rsplit("::", 2)
    return None if check == ENUMERATE else name


def selection(expression: str | None, explanation: str | None = None) -> Select | None:
    """Return the predicate; None, which selects everything, for no expression.

    Args:
        explanation: the only explanation that it selects, by its name.

    Raises:
        InputError: E601, the expression cannot be read.

    >>> selection("alice and not readout")("xor.circuit.yaml::alice::behavior")
    True
    """
    if explanation is not None:
        fits = selection(expression)
        return lambda text: _explanation(text) == explanation and (fits is None or fits(text))
    if expression is None or not expression.strip():
        return None
    try:
        select: Select = _NOTATION.parse(expression)
    except InputError as error:
        raise InputError(
            Problem("E601", f"-k {expression!r}: {p.message}{_column(p)}", p.hint) for p in error.problems
        ) from None
    return select
