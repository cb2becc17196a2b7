"""Rows and obligation with very many cases → finding: cases with writes from donors decided in boxes.

Where features take what they hold on a donor, one each, cases multiply: 515 rows and two features make 515^3.
A table runs every one; boxes of them (`decide`) need only be as small as the network tells them apart.
"""

from verifier.balls.decide import MAX_BOXES, decide
from verifier.balls.rows import Rows
from verifier.checks import Obligation
from verifier.claim import Claim
from verifier.verdict import Finding, Proved, Refuted

FEW_BOXES = 2**12


def decide_many(rows: Rows, claim: Claim, obligation: Obligation, counts: bool) -> Finding | None:
    """Return the verdict on an obligation; None if it takes many boxes, and a table `counts` every case.

    Where no table does, what refutes may come without the share of cases that hold; None means not decided.
    """
    finding = decide(rows, claim, obligation, FEW_BOXES)
    if isinstance(finding.verdict, Proved) or finding.share is not None:
        return finding
    if counts:
        return None
    if not isinstance(finding.verdict, Refuted):
        finding = decide(rows, claim, obligation, MAX_BOXES)
    return finding if isinstance(finding.verdict, Proved | Refuted) else None
