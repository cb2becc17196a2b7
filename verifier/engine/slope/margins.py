"""Smooth network → margins: how far its step network is from ties, and what the margin theorem says.

The step network has a step for every sigmoid and a sign for every tanh: the limit of large slopes. Let m_l be
the least |pre-activation| of layer l of the step network over the domain, and A_l the largest Σ|w| of a row.
Then at every slope λ >= Λ each activation of layer l is within δ_l of its step, where δ_0 = 0 and

    δ_l = 1/(1 + e^(Λ (m_l - A_l δ_{l-1})))  for a sigmoid,  2/(1 + e^(2Λ (m_l - A_l δ_{l-1})))  for a tanh,

as long as m_l > A_l δ_{l-1}: the error below moves a pre-activation by at most A_l δ_{l-1}, which leaves it
on its side, and σ is monotone. The bound falls in Λ, so what it proves at Λ holds from there on.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from verifier.arrays import ARRAYS
from verifier.balls.reals import Reals, Slopes, bounds
from verifier.domain import Domain
from verifier.network import Activation, Layer, Network
from verifier.table.rows import Table
from verifier.verdict import Tie


@dataclass(frozen=True, slots=True)
class Margin:
    """A layer of the step network: its name, m and A."""

    layer: str
    m: Fraction
    A: Fraction


def step_network(network: Network) -> Network:
    """Return the network with a step for every sigmoid and a sign for every tanh."""
    limits = {"sigmoid": Activation("step"), "tanh": Activation("sign")}
    return Network(
        replace(layer, activation=limits.get(layer.activation.kind, layer.activation))
        for layer in network.layers
    )


def margins(network: Network, domain: Domain, deadline: float | None = None) -> tuple[Margin, ...] | Tie:
    """Return the margins of the smooth layers, or a unit of the step network with z = 0 on some input.

    Raises:
        TooLargeError, TimeoutError: as `Table`.
    """
    steps = step_network(network)
    table = Table(steps, domain, deadline)
    ties = table.ties(None)
    if ties:
        return ties[0]
    return tuple(
        Margin(layer.name, _least(table, place), max(sum(map(abs, row), Fraction(0)) for row in layer.W))
        for place, layer in enumerate(network.layers, 1)
        if layer.activation.smooth
    )


def _least(table: Table, place: int) -> Fraction:
    layer = table.network.layer(place)
    found = []
    for chunk in table.chunks:
        below, _ = table.activations(chunk, place - 1)
        z = layer.preactivations(ARRAYS, below)
        found += [Fraction(int(np.abs(value.values).min()), value.den) for value in z]
    return min(found)


def errors(network: Network, known: tuple[Margin, ...], slope: Fraction) -> tuple[Fraction, ...]:
    """Return the δ_l of the theorem from a slope on, rounded up; none where a margin does not suffice.

    The theorem is about networks of smooth layers alone: there are none for others.
    """
    if len(known) < network.depth:
        return ()
    alg = Reals(Slopes(slope, slope))
    found: list[Fraction] = []
    below = Fraction(0)
    for layer, margin in zip(network.layers, known, strict=True):
        room = margin.m - margin.A * below
        if room <= 0:
            return ()
        below = _error(alg, layer, room)
        found.append(below)
    return tuple(found)


def _error(alg: Reals, layer: Layer, room: Fraction) -> Fraction:
    kind = layer.activation.kind
    assert kind in ("sigmoid", "tanh")
    value = alg.smooth(kind, alg.number(room))
    return bounds(alg.affine([Fraction(-1)], [value], Fraction(1)))[1]
