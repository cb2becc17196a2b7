"""Proved claim → the fate of every mutant: refuted by a check, equal to the claim, or not noticed."""

from collections.abc import Callable, Sequence
from typing import assert_never

from verifier.checks import Statement, applicable
from verifier.claim import Claim
from verifier.engine.mutation.miter import decided, miter
from verifier.engine.mutation.mutants import Mutant, mutants
from verifier.engine.mutation.outcome import Equal, Fate, Killed, Mutated, Open, Refused, Survived
from verifier.engine.verify import Subject
from verifier.errors import InputError, InternalError
from verifier.formula import names
from verifier.verdict import Proved, Refuted, Run, UndecidedError, Unknown

MOST = 1000


def mutate(
    subject: Subject,
    claim: Claim,
    checks: Sequence[Statement],
    most: int = MOST,
    progress: Callable[[int, int], None] | None = None,
) -> Mutated:
    """Return the fates of the mutants of a claim of which these checks, cheap ones first, were proved.

    Args:
        most: how many mutants to try; of more, so many evenly spaced ones.
        progress: called with (mutants tried, mutants to try).

    Raises:
        InternalError: as `Subject.verify`.
    """
    every = mutants(subject, claim.explanation)
    tried = [every[i * len(every) // most] for i in range(most)] if len(every) > most else every
    fates = []
    for done, mutant in enumerate(tried, start=1):
        fates.append((mutant, _fate(subject, claim, checks, mutant)))
        if progress is not None:
            progress(done, len(tried))
    return Mutated(claim, tuple(checks), tuple(fates), len(every))


def _fate(subject: Subject, claim: Claim, checks: Sequence[Statement], mutant: Mutant) -> Fate:
    try:
        changed = mutant.of(claim)
    except InputError as error:
        return Refused("; ".join(problem.message for problem in error.problems))
    reasons = []
    for check in checks:
        if not applicable(changed.explanation, check):
            raise InternalError(f"a mutant of {claim.explanation.name} leaves {check} nothing to check")
        verdict = subject.verify(changed, check).verdict
        match verdict:
            case Refuted():
                return Killed(check)
            case Unknown(reason):
                reasons.append(f"{check}: {reason}")
            case Proved():
                pass
            case _:
                assert_never(verdict)
    if reasons:
        return Open("; ".join(reasons))
    return _unnoticed(subject, claim, mutant)


def _unnoticed(subject: Subject, claim: Claim, mutant: Mutant) -> Fate:
    """Return whether a mutant that nothing refuted claims the same, or else where it does not."""
    try:
        question = miter(claim, mutant)
    except UndecidedError as error:
        return Open(f"whether it claims the same: {error}")
    if question is None:
        return Survived()
    verdict = decided(subject, question)
    match verdict:
        case Proved(rests_on):
            return Equal(rests_on)
        case Unknown(reason):
            return Open(f"whether it claims the same: {reason}")
        case Refuted(Run(x)):
            bits = dict(zip(question.domain.inputs, x, strict=True))
            told = {name.name for feature in question.explanation.features for name in names(feature.gate)}
            return Survived(tuple((name, bit) for name, bit in bits.items() if not told or name in told))
        case _:
            raise InternalError(f"a miter refuted otherwise than by a run: {verdict}")
