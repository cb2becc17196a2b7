"""Clauses without an assignment → a proof of that in the LRAT format, by CaDiCaL through python-sat.

python-sat is optional (`circuit-verifier[proof]`). Its ready-made solver writes DRAT; LRAT needs the
functions beneath it, `pysolvers`, which promise nothing: the version is pinned, and every proof is to be
checked.
"""

import time
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import Any

from verifier.errors import InternalError, VerifierError, input_error

#: Conflicts between two looks at the clock.
SLICE = 2_000

#: Text with hints, asked for before the proof is traced; then what proved these clauses fastest.
SETTINGS = {"binary": 0, "lrat": 1, "stabilizeonly": 1, "reverse": 1}


class SatisfiableError(InternalError):
    """There is nothing to prove: `assignment` (its true literals) satisfies the clauses."""

    def __init__(self, assignment: Sequence[int]) -> None:
        self.assignment = tuple(assignment)
        super().__init__("the clauses have an assignment: a list that should be complete is not")

    def __reduce__(self) -> tuple[type, tuple[tuple[int, ...]]]:
        return type(self), (self.assignment,)


class NoProofError(VerifierError):
    """The time was up before the solver had an answer."""


def available() -> bool:
    """Return whether this Python has the solver that writes proofs."""
    try:
        import pysolvers
    except ImportError:
        return False
    return all(hasattr(pysolvers, f"cadical195_{name}") for name in ("set", "tracepr", "solve_lim"))


def prove(clauses: Sequence[Sequence[int]], timeout_s: float | None = None) -> str:
    """Return a refutation of the clauses as LRAT text, the clauses numbered from 1.

    Clauses are as `verifier.audit.cnf` writes them: no variable twice in one, at least two literals in all
    but the last (a unit clause earlier would change how the solver numbers those behind it). An empty clause,
    or two opposite unit clauses, are refuted without the solver.

    Raises:
        SatisfiableError: some assignment satisfies the clauses.
        NoProofError: no answer within the time.
        InputError: python-sat is missing.
        ValueError: a unit clause that is not the last one.
    """
    count = len(clauses)
    short = {tuple(clause): place for place, clause in enumerate(clauses, 1) if len(clause) < 2}
    if () in short:
        return f"{count + 1} 0 {short[()]} 0\n"
    for (literal,), place in short.items():
        if (-literal,) in short:
            return f"{count + 1} 0 {place} {short[(-literal,)]} 0\n"
    if any(place != count for place in short.values()):
        raise ValueError("expected at least two literals in every clause but the last")
    if not available():
        raise input_error(
            "E601", "proofs need python-sat, which is not installed", "pip install 'circuit-verifier[proof]'"
        )
    return _solve(clauses, None if timeout_s is None else time.monotonic() + timeout_s)


def _solve(clauses: Sequence[Sequence[int]], deadline: float | None) -> str:
    import pysolvers

    with TemporaryFile() as file:
        solver = pysolvers.cadical195_new()
        try:
            for name, value in SETTINGS.items():
                pysolvers.cadical195_set(solver, name, value)
            trace = pysolvers.cadical195_tracepr(solver, file)
            for clause in clauses:
                pysolvers.cadical195_add_cl(solver, clause)
            _answer(pysolvers, solver, deadline)
            pysolvers.flushpr(trace)
            file.seek(0)
            return file.read().decode("ascii")
        finally:
            pysolvers.cadical195_del(solver, file)


def _answer(pysolvers: Any, solver: Any, deadline: float | None) -> None:
    """Run the solver until it has refuted the clauses; between slices Python sees signals and the clock."""
    answer = 0
    while not answer:
        if deadline is not None and time.monotonic() >= deadline:
            raise NoProofError("no proof within the time limit")
        pysolvers.cadical195_cbudget(solver, SLICE)
        answer = pysolvers.cadical195_solve_lim(solver, [], 0)
    if answer > 0:
        raise SatisfiableError([v for v in pysolvers.cadical195_model(solver) or () if v > 0])
