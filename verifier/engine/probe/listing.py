"""Rows of a layer → all its functions that are readable: bit by bit, as long as some readout has them.

Readouts have rational coefficients of any size here, as in the count that is the cross-check.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from verifier.engine.probe.outcome import Concept, Form, Listed, Probed
from verifier.engine.probe.probe import Probe
from verifier.engine.probe.program import Program
from verifier.engine.probe.question import Question
from verifier.engine.vacuity import count_readable
from verifier.errors import InternalError
from verifier.explanation import Feature
from verifier.shortest import shortest
from verifier.verdict import Limits, UndecidedError

MAX_ROWS = 64
MAX_FUNCTIONS = 256
MAX_INPUTS = 2**12


def listed(probe: Probe, form: Form) -> Listed:
    """Return all readable functions, each with its shortest formula and its smallest readout.

    Raises:
        InternalError: another count of them disagrees.
    """
    seen = probe.seen
    tolerance = seen.subject.decoding.tolerance if form == "linear" else Fraction(0)
    if not seen.exact:
        return Listed(form, (), "lists are made of rational activations, these are sums of sigmoids")
    if len(seen.rows) > MAX_ROWS:
        return Listed(form, (), f"{len(seen.rows)} distinct rows: lists are made of {MAX_ROWS} at most")
    size = sum(chunk.size for chunk in seen.chunks)
    if size > MAX_INPUTS:
        return Listed(form, (), f"|D| = {size}: formulas are found for {MAX_INPUTS} inputs at most")
    counted = count_readable(seen.rows, "affine" if form == "linear" else form) if not tolerance else None
    many = f"functions of {len(seen.rows)} rows are readable, more than the {MAX_FUNCTIONS} that are listed"
    if counted is not None and counted > MAX_FUNCTIONS:
        return Listed(form, (), f"{counted} {many}")
    found = []
    try:
        for bits in _readable(probe, form, tolerance, (False,)):
            found += [bits, tuple(not bit for bit in bits)]
            if len(found) > MAX_FUNCTIONS:
                return Listed(form, (), many)
    except UndecidedError as error:
        return Listed(form, (), str(error))
    if counted is not None and counted != len(found):
        raise InternalError(f"{len(found)} readable functions where {counted} are counted")
    return Listed(form, tuple(_probed(probe, form, bits) for bits in sorted(found)))


def _readable(
    probe: Probe, form: Form, tolerance: Fraction, start: tuple[bool, ...]
) -> Iterator[tuple[bool, ...]]:
    """Yield the readable functions that begin with these bits."""
    limits = Limits.of(probe.timeout_s, None)
    pending = [start]
    while pending:
        bits = pending.pop()
        if len(bits) == len(probe.seen.rows):
            yield bits
            continue
        for bit in (True, False):
            longer = (*bits, bit)
            if len(set(longer)) == 1 or _fits(Question(probe.seen, longer, form, tolerance), limits):
                pending.append(longer)


def _fits(question: Question, limits: Limits) -> bool:
    """Return whether some affine form reads the bits of the first rows."""
    slack = Program(question, tuple(range(question.seen.m)), limits).slack()
    return slack.t is None or (question.form == "linear" and slack.t >= 0)


def _probed(probe: Probe, form: Form, bits: tuple[bool, ...]) -> Probed:
    seen = probe.seen
    points = np.concatenate([np.stack(chunk.x, axis=1) for chunk in seen.chunks])
    told = np.array(bits)[np.concatenate(seen.index)]
    formula = shortest(points, told, seen.subject.domain.inputs)
    concept = Concept(("",), (Feature("f", formula),), int(told.sum()))
    return Probed(concept, {form: probe.answer(concept, bits, form)})
