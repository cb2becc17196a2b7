"""Features up to polarity → catalogue: all in canonical order, and what sets of them must hold."""

from dataclasses import dataclass, field
from itertools import product
from math import lcm

import numpy as np

from verifier.arrays import Array, integers
from verifier.certificate import parse_feature, show_feature
from verifier.engine.enumeration.features import Features, readout
from verifier.engine.enumeration.stage import Stage, member


@dataclass
class Catalogue:
    """The features of a space in canonical order with their texts.

    `number[j, polarity]` is the place of feature j, or of its complement, in that order; -1 if it is not
    listed. `wanted` holds, per given feature, the places that fulfil it.
    """

    texts: list[str]
    number: Array
    wanted: list[Array]
    _output_gates: dict[bytes, bool] = field(default_factory=dict)

    def admits(self, stage: Stage, ranked: Array, output: Array) -> Array:
        """Return which sets (C x k places) hold the given features and have outputs of the library."""
        fine = np.ones(len(ranked), dtype=bool)
        for places in self.wanted:
            fine &= np.isin(ranked, places).any(axis=1)
        if not stage.space.output_gates.unrestricted:
            admitted = [all(self._is_gate(stage, table) for table in tables) for tables in output]
            fine &= np.array(admitted, dtype=bool)
        return fine

    def _is_gate(self, stage: Stage, table: Array) -> bool:
        key = table.tobytes()
        if key not in self._output_gates:
            k = len(table).bit_length() - 1
            points = np.array(list(product([False, True], repeat=k)), dtype=bool).reshape(2**k, k)
            self._output_gates[key] = member(stage.space.output_gates, points, table)
        return self._output_gates[key]


def catalogue(stage: Stage, features: Features) -> Catalogue:
    """Return the catalogue of the features that the space lists."""
    common = lcm(*(int(s) for s in np.unique(features.scale))) if len(features) else 1
    largest = int(np.abs(features.R).max(initial=0)) * common
    rows = integers(features.R, largest) * integers(common // features.scale, common)[:, None]
    members = [np.flatnonzero(features.listed[:, polarity]) for polarity in (0, 1)]
    signed = np.concatenate([rows[members[0]], -rows[members[1]]])
    owner = np.concatenate(members)
    polarity = np.repeat([0, 1], [len(part) for part in members])
    order = np.lexsort(signed.T[::-1]) if len(signed) else np.zeros(0, dtype=np.int64)
    number = np.full((len(features), 2), -1, dtype=np.int64)
    number[owner[order], polarity[order]] = np.arange(len(order))
    if common == 1:
        texts = stage.texts(signed[order])
    else:
        texts = _texts(stage, features, owner[order], polarity[order])
    wanted = []
    for want in stage.given:
        bits = features.bits[owner[order]] ^ (polarity[order] == 1)[:, None]
        same = [
            parse_feature(text) == want or tuple(row) == want
            for text, row in zip(texts, bits.tolist(), strict=True)
        ]
        wanted.append(np.flatnonzero(same))
    return Catalogue(texts, number, wanted)


def _texts(stage: Stage, features: Features, owner: Array, polarity: Array) -> list[str]:
    """Return the texts of features of which some have coefficients that are not whole."""
    pairs = zip(owner.tolist(), polarity.tolist(), strict=True)
    return [show_feature(*readout(stage, features, j, bool(flipped))) for j, flipped in pairs]
