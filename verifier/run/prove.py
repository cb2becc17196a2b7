"""Complete listing → evidence for other programs: LRAT proofs, DIMACS files, an SMT-LIB query."""

import lzma
from collections.abc import Iterator
from hashlib import sha256

from verifier.audit.cnf import Base, dimacs
from verifier.engine.enumeration.enumerate import closing_queries
from verifier.engine.enumeration.listing import Listing
from verifier.errors import InputError, InternalError, input_error
from verifier.proof import SatisfiableError, available, prove

Cube = tuple[int, ...]
XZ_PRESET = 1


def prove_cubes(listing: Listing) -> Iterator[tuple[Cube, bytes, str]]:
    """Yield every cube with the compressed LRAT proof that it holds no other readout, and the proof's digest.

    Raises:
        InputError: E601, the list is not a complete bounded one found by cubes, or python-sat is missing.
    """
    for cube, clauses in _formulas(listing):
        data = lzma.compress(_proof(cube, clauses).encode(), preset=XZ_PRESET)
        yield cube, data, sha256(data).hexdigest()


def export_dimacs(listing: Listing) -> Iterator[tuple[str, str]]:
    """Yield file names and texts: the formula of every cube and, with python-sat, its LRAT proof.

    Raises:
        InputError: as `prove_cubes`.
    """
    for number, (cube, clauses) in enumerate(_formulas(listing)):
        yield f"{number:04}.cnf", f"c cube {' '.join(map(str, cube)) or 'all'}\n{dimacs(clauses)}"
        if available():
            yield f"{number:04}.lrat", _proof(cube, clauses)


def export_smt2(listing: Listing) -> str:
    """Return the query "another explanation exists" as SMT-LIB 2: one `check-sat` per number of features.

    Raises:
        InputError: E601, the list is not complete.
    """
    if not listing.statement.complete or listing.stage is None or not listing.stage.bitwise:
        raise _unfit(listing)
    queries = list(closing_queries(listing))
    return "(reset)\n".join(queries) or "; every feature is given: there is nothing to ask\n"


def _formulas(listing: Listing) -> Iterator[tuple[Cube, list[list[int]]]]:
    stage = listing.stage
    if not listing.statement.complete or stage is None or not stage.whole or not stage.bitwise:
        raise _unfit(listing)
    if not listing.cubes and all(stage.values()):
        raise _unfit(listing)
    base = Base.of(stage.rows, stage.values())
    for cube, rows in listing.cubes:
        yield cube, base.cube(cube, [tuple(row) for row in rows.tolist()])


def _proof(cube: Cube, clauses: list[list[int]]) -> str:
    try:
        return prove(clauses)
    except SatisfiableError as error:
        raise InternalError(f"the list of readouts that start with {cube} is not complete") from error


def _unfit(listing: Listing) -> InputError:
    reason = listing.statement.reason or "it is not one"
    hint = "set coefficients: LOW..HIGH and leave --strategy at decomposed"
    return input_error(
        "E601", f"expected a complete list with bounded coefficients, found cube by cube: {reason}", hint
    )
