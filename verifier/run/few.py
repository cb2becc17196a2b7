"""Domain → the same inputs, such that a table lists them in a moment, where they are few."""

from dataclasses import replace

from verifier.domain import Domain
from verifier.engine.methods import AUTO_TABLE_INPUTS
from verifier.verdict import Limits, UndecidedError


def few(domain: Domain, most: int, nodes: int) -> Domain | None:
    """Return a domain of the same inputs if these are `most` at most, else None.

    What a condition leaves of very many inputs is told by a diagram of so many nodes; None beyond that.
    """
    if domain.where is None or domain.listed <= most:
        return domain if domain.listed <= most else None
    if domain.rows is not None or domain.listed <= AUTO_TABLE_INPUTS:
        from verifier.table.rows import count

        return domain if count(domain) <= most else None
    from verifier.bdd.inputs import inputs

    try:
        rows = inputs(domain, most, Limits(nodes=nodes))
    except UndecidedError:
        return None
    return replace(domain, where=None, rows=tuple(rows)) if rows is not None else None
