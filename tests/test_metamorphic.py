"""Rewritings that change nothing: the same network and claim in other clothes.

A failure means that a verdict or a share depends on how a network is written down.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from networks import FIXED, cases, to_claim
from oracle import Layer
from profiles import MORE, SEED

from verifier.checks import STATEMENTS
from verifier.engine.outcome import word
from verifier.engine.verify import Subject

F = Fraction


def told(case, method="table"):
    """Return what the package says of every check: verdict and share."""
    claim = to_claim(case)
    subject = Subject(claim.network, claim.domain, claim.decoding, method)
    results = [subject.verify(claim, c) for c in STATEMENTS if case.truth.applicable(c)]
    return {r.check: (word(r.verdict), None if r.share is None else str(r.share)) for r in results}


def with_layers(case, changes, sites):
    """Return the case with some layers exchanged and every site sent through a function."""
    layers = tuple(changes.get(place, layer) for place, layer in enumerate(case.layers, start=1))
    features = tuple(replace(f, site=sites(f.site) if f.site else None) for f in case.features)
    outputs = tuple((name, sites(site)) for name, site in case.outputs)
    return replace(case, layers=layers, features=features, outputs=outputs)


def permuted(case, place, order):
    """Return the case with the units of a layer in another order."""
    layer = case.layers[place - 1]
    changes = {place: replace(layer, W=tuple(layer.W[i] for i in order), b=tuple(layer.b[i] for i in order))}
    if place < len(case.layers):
        above = case.layers[place]
        changes[place + 1] = replace(above, W=tuple(tuple(row[i] for i in order) for row in above.W))

    def move(site):
        if site.layer != place:
            return site
        if site.kind == "units":
            return replace(site, units=tuple(sorted(order.index(u) for u in site.units)))
        return replace(site, row=tuple(site.row[i] for i in order))

    layer_of = {f.name: f.site.layer for f in case.features if f.site}
    writes = tuple(
        (name, tuple(w[i] for i in order) if layer_of[name] == place else w) for name, w in case.writes
    )
    return replace(with_layers(case, changes, move), writes=writes)


def padded(case, place, unit):
    """Return the case with one more unit that nothing reads."""
    layer: Layer = case.layers[place - 1]
    changes = {place: replace(layer, W=(*layer.W, unit), b=(*layer.b, F(1, 2)))}
    if place < len(case.layers):
        above = case.layers[place]
        changes[place + 1] = replace(above, W=tuple((*row, F(0)) for row in above.W))

    def widen(site):
        if site.layer != place or site.kind == "units":
            return site
        return replace(site, row=(*site.row, F(0)))

    layer_of = {f.name: f.site.layer for f in case.features if f.site}
    writes = tuple((name, (*w, F(0)) if layer_of[name] == place else w) for name, w in case.writes)
    return replace(with_layers(case, changes, widen), writes=writes)


def scaled_step(case, place, factor):
    """Return the case with every row and bias of a step or sign layer times a positive factor."""
    layer = case.layers[place - 1]
    W = tuple(tuple(factor * w for w in row) for row in layer.W)
    return with_layers(case, {place: replace(layer, W=W, b=tuple(factor * b for b in layer.b))}, lambda s: s)


def scaled_relu(case, place, factor):
    """Return the case with every unit of a relu layer times a factor and the next layer divided by it."""
    layer = case.layers[place - 1]
    W = tuple(tuple(factor * w for w in row) for row in layer.W)
    changes = {place: replace(layer, W=W, b=tuple(factor * b for b in layer.b))}
    if place < len(case.layers):
        above = case.layers[place]
        changes[place + 1] = replace(above, W=tuple(tuple(w / factor for w in row) for row in above.W))

    def shrink(site):
        if site.layer != place or site.kind == "units":
            return site
        return replace(site, row=tuple(c / factor for c in site.row))

    layer_of = {f.name: f.site.layer for f in case.features if f.site}
    writes = tuple(
        (name, tuple(factor * v for v in w) if layer_of[name] == place else w) for name, w in case.writes
    )
    return replace(with_layers(case, changes, shrink), writes=writes)


def renamed(case):
    """Return the case with other names of inputs, in formulas too."""
    new = {x: f"in_{'zyxwv'[i]}" for i, x in enumerate(case.inputs)}

    def move(formula):
        if formula[0] == "name":
            return ("name", new.get(formula[1], formula[1]))
        return tuple(move(part) if isinstance(part, tuple) else part for part in formula)

    features = tuple(replace(f, gate=move(f.gate)) for f in case.features)
    where = move(case.where) if case.where is not None else None
    return replace(case, inputs=tuple(new.values()), features=features, where=where)


def quick(shift):
    """Return the decorators of a random test over cases without ties."""
    options = settings(
        max_examples=400 if MORE else 40,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: seed(SEED + shift)(options(test))


@quick(10)
@given(cases(), st.data())
def test_order_of_units(case, data):
    """Units have no order."""
    assume(not case.truth.ties and not case.argmax)
    place = data.draw(st.integers(1, len(case.layers)))
    order = data.draw(st.permutations(range(len(case.layers[place - 1].W))))
    other = permuted(case, place, order)
    assert told(other) == told(case)


@quick(11)
@given(cases(), st.data())
def test_a_unit_nothing_reads(case, data):
    """A dead unit, varying or not, changes nothing."""
    assume(not case.truth.ties)
    depth = len(case.layers)
    assume(not (case.argmax and depth == 1))
    place = data.draw(st.integers(1, depth - 1 if case.argmax else depth))
    below = len(case.layers[place - 1].W[0])
    unit = tuple(data.draw(st.sampled_from([F(0), F(1), F(-1)])) for _ in range(below))
    other = padded(case, place, unit)
    assume(not other.truth.ties)
    # a tie of the new unit would refute a write: only rules that cannot tie are compared at every layer
    if all(layer.kind not in ("step", "sign") or layer.tie is not None for layer in case.layers[place - 1 :]):
        assert told(other) == told(case)
    else:
        assert {k: v for k, v in told(other).items() if k in ("behavior", "readout", "mediation")} == {
            k: v for k, v in told(case).items() if k in ("behavior", "readout", "mediation")
        }


@quick(12)
@given(cases(), st.data())
def test_scale_of_a_layer(case, data):
    """A step layer has no scale; a relu layer's scale is undone by whoever reads it."""
    assume(not case.truth.ties)
    homogeneous = [i for i, layer in enumerate(case.layers, 1) if layer.kind in ("step", "sign", "relu")]
    assume(homogeneous)
    place = data.draw(st.sampled_from(homogeneous))
    factor = data.draw(st.sampled_from([F(3), F(1, 7), F(2**70)]))
    if case.layers[place - 1].kind == "relu":
        # the least-squares write knows the scale of single units only: a common factor keeps it
        assume(not case.argmax or place < len(case.layers))
        other = scaled_relu(case, place, factor)
    else:
        other = scaled_step(case, place, factor)
    assert told(other) == told(case)


@quick(13)
@given(cases())
def test_names_of_inputs(case):
    """Names mean nothing."""
    assume(not case.truth.ties)
    assert told(renamed(case)) == told(case)


@pytest.mark.parametrize("method", ["table", "smt"])
@pytest.mark.parametrize("name", ["alice", "carol", "alice relu all", "units donor", "a later feature"])
def test_fixed_cases_in_other_clothes(name, method):
    """The same rewritings, once for the solver."""
    case = FIXED[name]
    before = {check: verdict for check, (verdict, _) in told(case, method).items()}
    scale = scaled_relu if case.layers[0].kind == "relu" else scaled_step
    others = [
        permuted(case, 1, (2, 0, 1)), padded(case, 1, (F(1), F(1))), scale(case, 1, F(5, 3)), renamed(case),
    ]  # fmt: skip
    for other in others:
        assert {check: verdict for check, (verdict, _) in told(other, method).items()} == before
