"""Claim and run → trace: every intermediate value, exact, network beside explanation.

Numbers are rationals; where the network has smooth layers, sums of sigmoids that are compared in balls.

Nothing is reported as refuted before `confirm` has seen it fail here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, assert_never

from verifier.algebra import RATIONALS, Algebra
from verifier.checks import Agreement, Influence, Mediation, Obligation, Plan
from verifier.claim import Claim, Compared, agree, changed, readings
from verifier.decoding import Decoding
from verifier.domain import Bits, Domain
from verifier.engine.rounding.replay import confirm as confirm_rounding
from verifier.errors import InternalError
from verifier.explanation import Explanation, Feature
from verifier.formula import show as show_formula
from verifier.linear import dot
from verifier.network import Activation, Network, Row
from verifier.notation import show, show_row
from verifier.readout import Linear, Reading, Units, read, show_site, value_of
from verifier.verdict import Counterexample, Direction, Idle, Rounding, Run, Setting, UndecidedError
from verifier.write import Dependency, Write, compile_write, rows_at

Kind = Literal["input", "unit", "feature", "computed", "output"]


@dataclass(frozen=True, slots=True)
class Step:
    """One value of a run: what it is, the network's and the explanation's side, and whether they differ."""

    kind: Kind
    name: str
    definition: str
    network: str = ""
    explanation: str = ""
    diverges: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """All steps of a run in the order of computation."""

    steps: tuple[Step, ...]

    @property
    def first_divergence(self) -> int | None:
        """The index of the first step on which the two sides differ, or None."""
        return next((i for i, step in enumerate(self.steps) if step.diverges), None)


def algebra(network: Network) -> Algebra[bool, Any]:
    """Return the algebra a network is run in: rationals, or sums of sigmoids if it has smooth layers."""
    if not network.smooth:
        return RATIONALS
    from verifier.balls.reals import Reals

    return Reals()


def activations(
    network: Network, domain: Domain, x: Bits, place: int, alg: Algebra[bool, Any] = RATIONALS
) -> list[Any]:
    """Return the activations at a place on input x."""
    values, _ = network.forward(alg, 0, domain.encode(alg, x), place)
    return values


def prefix(alg: Algebra[bool, Any], claim: Claim, x: Bits, place: int) -> list[Any]:
    """Return the activations at a place on input x."""
    return activations(claim.network, claim.domain, x, place, alg)


def written(alg: Algebra[bool, Any], claim: Claim, run: Run) -> tuple[list[Any], dict[str, bool]]:
    """Return the activations of the run's layer after its writes, and the bits they stand for."""
    write = compile_write(claim.network, claim.explanation, run.layer)
    if not isinstance(write, Write):
        raise InternalError("a run that writes dependent features")
    targets: list[Any] = []
    bits: dict[str, bool] = {}
    for name, setting in run.settings:
        if isinstance(setting, bool):
            bits[name] = setting
            targets.append(alg.number(Fraction(setting)))
        else:
            donor = prefix(alg, claim, setting, run.layer)
            bits[name] = claim.explanation.recompute(RATIONALS, claim.domain.named(setting))[name]
            targets += write.rows.read(alg, name, donor)
    h = prefix(alg, claim, run.x, run.layer)
    return write.apply(alg, [name for name, _ in run.settings], h, targets), bits


def confirm(claim: Claim, obligation: Obligation | None, found: Counterexample) -> bool:
    """Return whether the counterexample refutes the obligation (None: what needs none does)."""
    alg = algebra(claim.network)
    match found:
        case Run():
            if not isinstance(obligation, Agreement) or not _of_plan(obligation.plan, found):
                return False
            start, h = 0, prefix(alg, claim, found.x, 0)
            bits: dict[str, bool] = {}
            if found.settings:
                start, (h, bits) = found.layer, written(alg, claim, found)
            shown, tie = readings(alg, claim, obligation.compared, start, h)
            expected = claim.explanation.recompute(RATIONALS, claim.domain.named(found.x), bits)
            return _inside(claim, found) and not agree(alg, shown, tie, expected)
        case Direction(layer, v, unit, pair):
            if not isinstance(obligation, Mediation) or unit not in dict(obligation.targets):
                return False
            row = dict(obligation.targets)[unit]
            seen = all(dot(r, v) == 0 for r in obligation.rows.C) and dot(row, v) != 0
            return seen and (pair is None or _pair_shows(claim, obligation, row, layer, pair))
        case Dependency(layer, terms):
            rows = rows_at(claim.network, claim.explanation, layer)
            labelled = dict(zip(rows.labels, rows.C, strict=True))
            columns = zip(*(labelled[label] for label, _ in terms), strict=True)
            return any(c for _, c in terms) and all(
                dot([c for _, c in terms], column) == 0 for column in columns
            )
        case Idle(feature):
            return isinstance(obligation, Influence) and obligation.plan.features == (feature,)
        case Rounding():
            about = claim.network, claim.domain, claim.decoding
            return obligation is None and in_domain(claim.domain, found.x) and confirm_rounding(*about, found)
        case _:
            assert_never(found)


def _of_plan(plan: Plan | None, run: Run) -> bool:
    """Return whether the run's settings are of the kinds the plan ranges over."""
    if plan is None:
        return not run.settings
    if tuple(name for name, _ in run.settings) != plan.features or run.layer != plan.layer:
        return False
    donors: dict[int, Setting] = {}
    for source, (_, setting) in zip(plan.sources, run.settings, strict=True):
        if isinstance(setting, bool) is not (source is None):
            return False
        if source is not None and donors.setdefault(source, setting) != setting:
            return False
    return True


def confirm_witness(claim: Claim, run: Run) -> bool:
    """Return whether the writes of the run change the output."""
    alg, outputs = algebra(claim.network), Compared(outputs=True)
    before, _ = readings(alg, claim, outputs, run.layer, prefix(alg, claim, run.x, run.layer))
    after, tie = readings(alg, claim, outputs, run.layer, written(alg, claim, run)[0])
    return _inside(claim, run) and changed(alg, before, after, tie)


def in_domain(domain: Domain, x: Bits) -> bool:
    """Return whether an input is in the domain."""
    return domain.contains(RATIONALS, domain.named(x)) and (domain.rows is None or x in domain.rows)


def _inside(claim: Claim, run: Run) -> bool:
    """Return whether the run's input and donors are in the domain."""
    inputs = [run.x, *(setting for _, setting in run.settings if not isinstance(setting, bool))]
    return all(in_domain(claim.domain, x) for x in inputs)


def _pair_shows(claim: Claim, obligation: Mediation, row: Row, layer: int, pair: tuple[Bits, Bits]) -> bool:
    alg = algebra(claim.network)
    a, b = (prefix(alg, claim, x, layer) for x in pair)
    *read, seen = (
        _equal(alg, alg.affine(r, a, Fraction(0)), alg.affine(r, b, Fraction(0)))
        for r in (*obligation.rows.C, row)
    )
    return all(read) and not seen and all(_inside(claim, Run(x)) for x in pair)


def _equal(alg: Algebra[bool, Any], a: Any, b: Any) -> bool:
    return alg.equal(alg.affine([Fraction(1), Fraction(-1)], [a, b], Fraction(0)), Fraction(0))


def _same(alg: Algebra[bool, Any], a: Any, b: Any) -> bool:
    """Return whether two numbers are known to be equal."""
    try:
        return _equal(alg, a, b)
    except UndecidedError:
        return False


def shortened(claim: Claim, run: Run) -> Run:
    """Return the run without the writes that change nothing on either side, if the rest shows the same."""
    alg = algebra(claim.network)
    full, bits = _outcome(alg, claim, run)
    for setting in run.settings:
        fewer = Run(run.x, tuple(s for s in run.settings if s != setting), run.layer)
        if not fewer.settings:
            continue
        h, told = _outcome(alg, claim, fewer)
        if told == bits and all(_same(alg, a, b) for a, b in zip(full, h, strict=True)):
            return shortened(claim, fewer)
    return run


def _outcome(alg: Algebra[bool, Any], claim: Claim, run: Run) -> tuple[list[Any], dict[str, bool]]:
    """Return the activations after the writes of a run, and what the explanation says then."""
    h, bits = written(alg, claim, run)
    return h, claim.explanation.recompute(RATIONALS, claim.domain.named(run.x), bits)


def trace(claim: Claim, run: Run, shift: tuple[int, Row] | None = None) -> Trace:
    """Return every value of a run, up to a tie; `shift` adds a direction to the activations of a layer."""
    network, explanation, x = claim.network, claim.explanation, claim.domain.named(run.x)
    alg = algebra(network)
    do = written(alg, claim, run)[1] if run.settings else {}
    bits = explanation.recompute(RATIONALS, x, do)
    steps = [replace(step, explanation=step.network) for step in _inputs(claim.domain, run.x)]

    def change(place: int, h: list[Any]) -> list[Any]:
        if run.settings and place == run.layer:
            changed_h = written(alg, claim, run)[0]
            copied = _copied(claim, run)
            units = network.layer(place).units
            for i, (unit, old, new) in enumerate(zip(units, h, changed_h, strict=True)):
                if i in copied or not _same(alg, old, new):
                    steps.append(Step("unit", unit, "after the write", number_text(new)))
            h = changed_h
        h = _shifted(alg, network, place, h, shift, steps)
        for feature in explanation.found_at(place):
            steps.append(_feature(alg, claim, feature, h, bits, feature.name in do))
        return h

    h = _forward(alg, network, claim.domain, run.x, steps, change)
    for feature in explanation.features:
        if feature.site is None and feature.name not in claim.decoding.names:
            gate = show_formula(feature.gate)
            steps.append(Step("computed", feature.name, gate, "", _bit(bits[feature.name])))
    steps += _outputs(alg, network, claim.decoding, h, explanation, bits)
    return Trace(tuple(steps))


def trace_network(
    network: Network, domain: Domain, decoding: Decoding, x: Bits, shift: tuple[int, Row] | None = None
) -> Trace:
    """Return every value of the network on an input, beside no explanation, as `trace`."""
    alg = algebra(network)
    steps = _inputs(domain, x)
    h = _forward(
        alg, network, domain, x, steps, lambda place, h: _shifted(alg, network, place, h, shift, steps)
    )
    return Trace((*steps, *_outputs(alg, network, decoding, h)))


def _inputs(domain: Domain, x: Bits) -> list[Step]:
    """Return the bits of an input, with the numbers that are fed for them where these are others."""
    plain = domain.low == 0 and domain.high == 1
    fed = ["" if plain else f"fed as {show(number)}" for number in domain.encode(RATIONALS, x)]
    return [
        Step("input", name, told, "01"[bit])
        for (name, bit), told in zip(domain.named(x).items(), fed, strict=True)
    ]


def _forward(
    alg: Algebra[bool, Any],
    network: Network,
    domain: Domain,
    x: Bits,
    steps: list[Step],
    change: Callable[[int, list[Any]], list[Any]],
) -> list[Any] | None:
    """Return the last activations, those of every layer changed; each value is added to the steps.

    None: a unit ties, so that no layer after it has values.
    """
    h = domain.encode(alg, x)
    for place, layer in enumerate(network.layers, start=1):
        z = layer.preactivations(alg, h)
        h = layer.activations(alg, z)
        for unit, row, b, before, after in zip(layer.units, layer.W, layer.b, z, h, strict=True):
            tie = layer.activation.refuses_ties and alg.equal(before, Fraction(0))
            below = domain.inputs if place == 1 else network.layer(place - 1).units
            definition = _activated(layer.activation, f"{show_row(row, below, b)} = {number_text(before)}")
            steps.append(Step("unit", unit, definition, "tie" if tie else number_text(after), "", tie))
        if layer.tied(alg, z):
            return None
        h = change(place, h)
    return h


def _shifted(
    alg: Algebra[bool, Any],
    network: Network,
    place: int,
    h: list[Any],
    shift: tuple[int, Row] | None,
    steps: list[Step],
) -> list[Any]:
    """Return the activations of a layer, shifted if it is the one to shift."""
    if shift is None or place != shift[0]:
        return h
    h = [alg.affine([Fraction(1)], [old], v) for old, v in zip(h, shift[1], strict=True)]
    moved = [(unit, new) for unit, v, new in zip(network.layer(place).units, shift[1], h, strict=True) if v]
    steps += [Step("unit", unit, "after the shift", number_text(new)) for unit, new in moved]
    return h


def _activated(activation: Activation, z: str) -> str:
    if activation.smooth and activation.slope is not None and activation.slope != 1:
        return f"{activation.kind}({show(activation.slope)}*({z}))"
    return f"{activation.kind}({z})"


def _copied(claim: Claim, run: Run) -> set[int]:
    """Return the units a run copies from donors."""
    sites = [claim.explanation.feature(name).site for name, _ in run.settings]
    return {i for site in sites if isinstance(site, Units) for i in site.units}


def _feature(
    alg: Algebra[bool, Any],
    claim: Claim,
    feature: Feature,
    h: list[Any],
    bits: Mapping[str, bool],
    is_set: bool,
) -> Step:
    site, bit = feature.site, bits[feature.name]
    assert site is not None
    gate = "set" if is_set else show_formula(feature.gate)
    definition = f"{show_site(site, claim.network)}  |  {gate}"
    if isinstance(site, Units):
        return Step("feature", feature.name, definition, "", _bit(bit))
    reading = read(alg, site, h, claim.explanation.tolerance)
    value = number_text(value_of(alg, site, h)) if isinstance(site, Linear) else _bit(reading.one)
    return Step("feature", feature.name, definition, value, _bit(bit), not reading.agrees(alg, bit))


def _outputs(
    alg: Algebra[bool, Any],
    network: Network,
    decoding: Decoding,
    h: list[Any] | None,
    explanation: Explanation | None = None,
    bits: Mapping[str, bool] = MappingProxyType({}),
) -> list[Step]:
    """Return what the outputs say; of no activations: that there was a tie."""
    readings, tie = ([], True) if h is None else decoding.decode(alg, h)
    steps = []
    for n, output in enumerate(decoding.outputs):
        text = "tie" if h is None or tie else _shown(readings[n], value_of(alg, output.site, h))
        form = "argmax" if decoding.argmax else show_site(output.site, network)
        if explanation is None:
            steps.append(Step("output", output.name, form, text, "", tie))
            continue
        gate = show_formula(explanation.feature(output.name).gate)
        bit = bits[output.name]
        differs = tie or not readings[n].agrees(alg, bit)
        steps.append(Step("output", output.name, f"{form}  |  {gate}", text, _bit(bit), differs))
    return steps


def _shown(reading: Reading[bool], value: Any) -> str:
    return _bit(reading.one) if reading.zero or reading.one else number_text(value)


def number_text(value: Any) -> str:
    """Return a number of the algebra of a run for a reader."""
    return show(value) if isinstance(value, Fraction) else str(value)


def _bit(bit: bool) -> str:
    return "1" if bit else "0"
