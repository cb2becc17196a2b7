"""Spec of a network with sigmoids → from which slope on each of its claims holds."""

import time
from collections.abc import Callable
from fractions import Fraction

from verifier.balls.rows import cut
from verifier.checks import STATEMENTS, Statement
from verifier.claim import Claim
from verifier.engine.slope.bracket import bracket
from verifier.engine.slope.family import Family, shared_slope
from verifier.engine.slope.margins import errors, margins
from verifier.engine.slope.outcome import Degenerate, Judged, SlopeReport
from verifier.engine.verify import TiesError
from verifier.errors import NothingToCheckError, input_error
from verifier.notation import show
from verifier.run.check_specs import claims_of
from verifier.spec import Spec, load
from verifier.table.rows import Table
from verifier.verdict import Tie, TooLargeError


def slope_spec(
    path: str,
    explanation: str | None = None,
    select: Callable[[str], bool] | None = None,
    width: Fraction = Fraction(1, 10**9),
    timeout_s: float | None = None,
) -> SlopeReport:
    """Return what is known about the slopes of the claims of a spec, each within `timeout_s` seconds.

    Raises:
        InputError: the spec is malformed, or has no single slope; a tie below the first sigmoid.
        NothingToCheckError: no claim is chosen.
    """
    spec = load(path)
    slope = _slope(spec)
    chosen = [
        (claim, check)
        for claim, checks in claims_of(path, select)
        if explanation in (None, claim.explanation.name)
        for check in STATEMENTS
        if check in checks
    ]
    if not chosen:
        names = ", ".join(entry.explanation.name for entry in spec.entries) or "none"
        raise NothingToCheckError(f"no claim of {path} is chosen; its explanations: {names}")
    try:
        table = Table(cut(spec.network), spec.domain)
        if table.size == 0:
            raise input_error("E401", f"the domain is empty: {spec.domain} holds no input")
        ties = table.ties(None)
        if ties:
            raise TiesError(ties)
        known = margins(spec.network, spec.domain)
    except TooLargeError as error:
        raise input_error("E601", f"slopes are found input by input: {error}") from None

    def judge(claim: Claim, check: Statement) -> Judged:
        if isinstance(known, Tie) and check != "mediation":  # which is about weights alone
            return Judged(claim, check, Degenerate(known))
        table.deadline = None if timeout_s is None else time.monotonic() + timeout_s
        return Judged(claim, check, bracket(Family(claim, check, table), width))

    return SlopeReport(
        path,
        spec.sha256,
        spec.title,
        slope,
        table.size,
        () if isinstance(known, Tie) else known,
        () if isinstance(known, Tie) else errors(spec.network, known, slope),
        tuple(judge(claim, check) for claim, check in chosen),
    )


def _slope(spec: Spec) -> Fraction:
    slopes = {layer.activation.slope for layer in spec.network.layers if layer.activation.smooth}
    slope = shared_slope(spec.network)
    if slope is None:
        told = ", ".join(sorted(show(s) for s in slopes if s is not None))
        message = (
            f"expected one slope in every sigmoid and tanh, got {told}" if told else "no sigmoid, no tanh"
        )
        raise input_error("E303", f"{spec.path}: {message}")
    return slope
