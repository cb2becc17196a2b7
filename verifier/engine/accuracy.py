"""Subject → on how many rows of its data file the network decides as the column of right answers says."""

import numpy as np

from verifier.domain import Bits
from verifier.engine.options import Choice
from verifier.engine.outcome import Accuracy
from verifier.engine.suggest.outputs import readings, table_of
from verifier.engine.verify import Subject
from verifier.verdict import Share, UndecidedError


def accuracy(subject: Subject) -> Accuracy | None:
    """Return how far a network agrees with the labels of its data; None where there are none, or no time.

    An output that is no bit on a row agrees with no label.
    """
    source = subject.domain.source
    if source is None or source.label is None:
        return None
    if table_of(subject) is None:
        choice: Choice = "arb" if subject.network.smooth else "table"
        subject = Subject(subject.network, subject.domain, subject.decoding, choice, subject.timeout_s)
    table = table_of(subject)
    if table is None:
        return None
    try:
        parts = list(readings(subject))
    except (UndecidedError, TimeoutError):
        return None
    zero, one = (np.concatenate([part[side] for part in parts], axis=1).T.tolist() for side in (0, 1))
    points = (tuple(x) for chunk in table.chunks for x in np.stack(chunk.x, axis=1).tolist())
    decided: dict[Bits, tuple[Bits, Bits]] = {
        x: (tuple(zeros), tuple(ones)) for x, zeros, ones in zip(points, zero, one, strict=True)
    }
    meant = subject.decoding.meanings({cell for _, cell, _ in source.label.told})
    wanted = {cell: (tuple(not bit for bit in bits), bits) for cell, bits in meant.items()}
    told = [(decided[x], wanted[cell], times) for x, cell, times in source.label.told if x in decided]
    held = sum(times for got, expected, times in told if got == expected)
    return Accuracy(source.label.column, Share(held, sum(times for _, _, times in told)))
