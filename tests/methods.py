"""One obligation by one named method: the table, diagrams of one manager, or the solver in one encoding."""

from verifier.bdd.decide import Asking
from verifier.smt.decide import decide as decide_by_smt
from verifier.table.decide import decide as decide_by_table
from verifier.table.rows import Table
from verifier.verdict import Limits

METHODS = ("table", "cudd", "autoref", "bv", "lia", "pb")
TIMEOUT_S = 4.0
NODES = 20_000


def decide(claim, obligation, method):
    """Return the finding of a method; wide numbers may keep it busy until the time limit."""
    if method == "table":
        return decide_by_table(Table(claim.network, claim.domain), claim, obligation)
    if method in ("cudd", "autoref"):
        asking = Asking(claim.network, claim.domain, method)
        asking.limits = Limits.of(TIMEOUT_S, None, NODES)
        return asking.decide(claim, obligation)
    return decide_by_smt(claim, obligation, Limits.of(TIMEOUT_S, None), method)
