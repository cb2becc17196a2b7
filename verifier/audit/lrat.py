"""Clauses + the text of an LRAT proof → nothing, or why it does not refute them.

A line `ID LITERALS 0 HINTS 0` adds a clause; the clauses given are numbered from 1. It is accepted when
reverse unit propagation along the hints closes: with all its literals false, each hint but the last is a
known clause with exactly one literal that is not false, which becomes true, and the last hint is a known
clause with none. Then every assignment of the clauses before it satisfies it. A line `ID d IDS 0` forgets
clauses, which takes nothing away from that. The last line must add the empty clause, which no assignment
satisfies.

Hints of resolution asymmetric tautologies (negative numbers) are refused: such clauses need not follow.
"""

import re
from collections.abc import Sequence

_FOREIGN = re.compile(r"[^-0-9d \n]")


def check(clauses: Sequence[Sequence[int]], proof: str) -> str | None:
    """Return None when the proof refutes the clauses, otherwise the first thing that is wrong with it.

    >>> check([[1, 2], [-1, 2], [-2]], "4 2 0 1 2 0\\n5 0 3 4 0\\n") is None
    True
    >>> check([[1, 2], [-1, 2], [-2]], "4 2 0 1 3 0\\n")
    'line 1: clause 3 is not false under the hints before it'
    """
    foreign = _FOREIGN.search(proof)
    if foreign:
        return f"line {proof.count(chr(10), 0, foreign.start()) + 1}: the character {foreign[0]!r}"
    known = dict(enumerate(clauses, 1))
    newest = len(known)
    derived: Sequence[int] | None = None
    for place, line in enumerate(proof.splitlines(), 1):
        if derived is not None and not derived:
            return f"line {place}: something follows the empty clause"
        try:
            if "d" in line:
                reason = _forget(known, line.split())
            else:
                numbers = [*map(int, line.split())]
                end = numbers.index(0, 1)
                derived = numbers[1:end]
                reason = _follows(known, newest, numbers, end)
                if reason is None:
                    newest = numbers[0]
                    known[newest] = derived
        except ValueError:
            reason = "not a line of an LRAT proof"
        if reason is not None:
            return f"line {place}: {reason}"
    return None if derived is not None and not derived else "the proof does not end in the empty clause"


def _follows(known: dict[int, Sequence[int]], newest: int, numbers: list[int], end: int) -> str | None:
    """Return None when the clause of a line, its numbers before `end`, follows by the hints behind."""
    if numbers[0] <= newest:
        return f"clause {numbers[0]} is not newer than clause {newest}"
    if numbers[-1] or end + 2 >= len(numbers):
        return "expected hints and then 0"
    false = set(numbers[1:end])
    hint = 0
    try:
        for hint in numbers[end + 1 : -2]:
            unit = 0
            for literal in known[hint]:
                if literal not in false:
                    if unit:
                        return f"clause {hint} has two literals that are not false under the hints before it"
                    unit = literal
            if not unit:
                return f"clause {hint} is false before the last hint"
            false.add(-unit)
        hint = numbers[-2]
        if not false.issuperset(known[hint]):
            return f"clause {hint} is not false under the hints before it"
    except KeyError:
        return f"no clause {hint}" if hint >= 0 else f"the hint {hint}: RAT is not supported"
    return None


def _forget(known: dict[int, Sequence[int]], words: list[str]) -> str | None:
    """Forget the clauses a deletion line names."""
    if len(words) < 3 or words[1] != "d" or words[-1] != "0" or int(words[0]) < 0:
        return "not a line of an LRAT proof"
    for word in words[2:-1]:
        if known.pop(int(word), None) is None:
            return f"no clause {word} to forget"
    return None
