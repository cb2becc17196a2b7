"""Claim → the formulas its checks prove, with the numbers filled in."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice
from typing import Literal, assert_never

from verifier.checks import Agreement, Check, Plan, obligations, reaching_rows
from verifier.claim import Claim
from verifier.decoding import Output
from verifier.engine.rounding.decide import Question
from verifier.engine.rounding.format import FORMATS, Format
from verifier.explanation import Feature
from verifier.formula import Formula, Gate, Name, names
from verifier.formula import show as show_formula
from verifier.linear import combination
from verifier.network import Activation, Layer
from verifier.notation import above, show, show_row
from verifier.readout import Linear, Threshold, show_site
from verifier.report.describe import MOST_UNITS, SHOWN_TERMS, few_terms
from verifier.write import Dependency, Write, rows_at

MOST_GATES = 60  # of a formula that is written out in another one


def explain(claim: Claim, checks: tuple[Check, ...]) -> str:
    """Return the text: where h comes from, then each check as a statement about it."""
    lines = [*_network(claim)]
    for check in checks:
        lines.append(f"{check}:")
        lines += [f"  {line}" for line in _check(claim, check)]
    return "\n".join(lines)


def _network(claim: Claim) -> Iterator[str]:
    yield "where"
    below: tuple[str, ...] = claim.domain.inputs
    origin, source = claim.network.origin, claim.domain.source
    if origin is not None:
        yield f"  the weights are those of {origin.file} (sha256 {origin.sha256[:12]}…)"
    if str(claim.domain) != claim.domain.written():
        yield f"  {claim.domain} is {claim.domain.written()}"
    if source is not None:
        yield f"  x ranges over the rows of {source.file} (sha256 {source.sha256[:12]}…)"
        yield from (f"  {cut}" for cut in source.cuts)
    if (claim.domain.low, claim.domain.high) != (Fraction(0), Fraction(1)):
        yield f"  an input is fed as {show(claim.domain.low)} for 0 and {show(claim.domain.high)} for 1"
    for layer in claim.network.layers:
        shown = layer.width if layer.width <= MOST_UNITS else SHOWN_TERMS
        for unit, row, b in islice(zip(layer.units, layer.W, layer.b, strict=True), shown):
            yield f"  {unit} = {_activated(layer.activation, few_terms(show_row(row, below, b)))}"
        if shown < layer.width:
            yield f"  and so on: {layer.width - shown} more units of layer {layer.name}"
        below = layer.units
    for name, gate in _gates(claim)[1].items():
        yield f"  {name} = [{show_formula(gate)}]"


def _activated(activation: Activation, z: str) -> str:
    match activation.kind:
        case "step":
            return f"[{z} {'>=' if activation.tie == 1 else '>'} 0]"
        case "identity":
            return z
        case "leaky_relu":
            return f"leaky_relu({z}; {show(activation.slope or Fraction(0))})"
        case "clip":
            return f"clip({z}; {show(activation.low or Fraction(0))}, {show(activation.high or Fraction(0))})"
        case "sigmoid" | "tanh":
            slope = activation.slope or Fraction(1)
            return f"{activation.kind}({z})" if slope == 1 else f"{activation.kind}({show(slope)}*({z}))"
        case "sign" | "relu" | "hard_tanh":
            return f"{activation.kind}({z})"
        case _:
            assert_never(activation.kind)


def _check(claim: Claim, check: Check) -> Iterator[str]:
    inputs = f"for all x in {claim.domain}"
    match check:
        case "behavior":
            for output in claim.decoding.outputs:
                yield f"{inputs}: {_decoded(claim, output)} = [{_expanded(claim, output.name)}]"
        case "readout":
            for feature in claim.explanation.readable:
                yield f"{inputs}: {_read(claim, feature)} = [{_expanded(claim, feature.name)}]"
        case "mediation":
            yield from _mediation(claim)
        case "interchange" | "necessity":
            yield from _written(claim, check)
        case "float32" | "float64":
            yield f"{inputs}, every number rounded to the nearest {check}, in any order of summation, with"
            yield "fused multiply-adds or without, each of these is decided as it is exactly:"
            yield from (f"  {line}" for line in _decided(claim, FORMATS[check]))
        case _:
            assert_never(check)


def _decoded(claim: Claim, output: Output) -> str:
    if claim.decoding.argmax:
        return f"[{output.name} is the largest of {', '.join(claim.decoding.names)}]"
    return _form(claim, output.site, claim.decoding.tolerance)


def _read(claim: Claim, feature: Feature) -> str:
    assert isinstance(feature.site, Linear | Threshold)
    return _form(claim, feature.site, claim.explanation.tolerance)


def _form(claim: Claim, site: Linear | Threshold, tolerance: Fraction) -> str:
    text = show_site(site, claim.network)
    if isinstance(site, Threshold):
        return f"[{text}]"
    return f"{text} (within {show(tolerance)})" if tolerance else text


def _expanded(claim: Claim, name: str) -> str:
    """Return a feature's gate over the inputs alone, but for gates that are too long (see `_gates`)."""
    return show_formula(_gates(claim)[0][name])


def _gates(claim: Claim) -> tuple[dict[str, Formula], dict[str, Formula]]:
    """Return every gate with the features it uses written out, and those that are too long to write out."""
    told: dict[str, Formula] = {}
    written_out: dict[str, Formula] = {}
    for feature in claim.explanation.features:
        told[feature.name] = _substituted(feature.gate, written_out)
        if _length(told[feature.name]) <= MOST_GATES:
            written_out[feature.name] = told[feature.name]
    used = {n.name for gate in told.values() for n in names(gate)} - set(claim.domain.inputs)
    return told, {name: told[name] for name in told if name in used and name not in written_out}


def _length(formula: Formula) -> int:
    return 1 + sum(map(_length, formula.args)) if isinstance(formula, Gate) else 1


def _substituted(formula: Formula, gates: dict[str, Formula]) -> Formula:
    match formula:
        case Name(name):
            return gates.get(name, formula)
        case Gate(op, args, parameter):
            parts = [_substituted(arg, gates) for arg in args]
            return Gate(op, tuple(chain(*(_chained(part, op) for part in parts))), parameter)
        case _:
            return formula


def _chained(part: Formula, op: str) -> tuple[Formula, ...]:
    """Return the arguments of a part that needs no parentheses in a chain of `op`, else the part."""
    match part:
        case Gate("and" | "or" | "xor" as inner, args) if inner == op:
            return args
        case _:
            return (part,)


def _grouped(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def _mediation(claim: Claim) -> Iterator[str]:
    for layer in claim.explanation.layers:
        rows = rows_at(claim.network, claim.explanation, layer)
        units = claim.network.layer(layer).units
        for unit, row in reaching_rows(claim, layer):
            alpha = combination(rows.C, row)
            what = f"what {unit} reads, {show_row(row, units)},"
            if alpha is None:
                readouts = ", ".join(show_row(r, units) for r in rows.C)
                yield f"{what} is in the span of {readouts}  (it is not)"
                continue
            yield f"{what} = {show_row(alpha, [_grouped(show_row(r, units)) for r in rows.C])}"


def _decided(claim: Claim, form: Format) -> Iterator[str]:
    """Yield every decision with the margin that suffices for it on any input."""
    question = Question(form, claim.network, claim.domain, claim.decoding, 0)
    if question.unspecified:
        yield question.unspecified
        return
    for decision, budget in question.budgets(question.places()):
        layer = claim.network.layer(decision.place) if decision.place else None
        names = layer.units if layer else claim.domain.inputs
        z = show_row(decision.row, names, decision.offset - decision.bound)
        if budget == 0:
            yield f"{decision.name}: {z} is computed exactly"
        elif budget is None:
            yield f"{decision.name}: {z} may overflow"
        else:
            where = " where one of the two is the largest" if decision.rivals else ""
            yield f"{decision.name}: |{z}| > {above(budget)}{where}, or than what suffices for x alone"


def _written(claim: Claim, check: Literal["interchange", "necessity"]) -> Iterator[str]:
    stated = obligations(claim, check)
    if isinstance(stated, Dependency):
        yield f"no write exists, since {stated}"
        return
    for obligation in stated:
        plan = obligation.plan if isinstance(obligation, Agreement) else getattr(obligation, "plan", None)
        assert isinstance(plan, Plan)
        layer = claim.network.layer(plan.layer)
        choices = "; ".join(_choices(plan))
        forced = ", ".join(f"{name} := {_bit_of(plan, name)}" for name in plan.features)
        if isinstance(obligation, Agreement):
            sides = [*obligation.compared.features, *claim.decoding.names]
            yield f"for all x in {claim.domain}; {choices}: with"
            yield from (f"  {line}" for line in _after(plan.write, plan.features, layer))
            yield f"the network shows the explanation's {', '.join(sides)} recomputed under do({forced})"
        else:
            yield f"for some x in {claim.domain}; {choices}: the output changes, with"
            yield from (f"  {line}" for line in _after(plan.write, plan.features, layer))


def _choices(plan: Plan) -> Iterator[str]:
    """Yield what is chosen: a bit, or a donor with the number u it supplies."""
    donors: dict[int, list[str]] = {}
    for name, source in zip(plan.features, plan.sources, strict=True):
        if source is None:
            yield f"u_{name} in {{0,1}}"
        else:
            donors.setdefault(source, []).append(name)
    for source, together in donors.items():
        held = ", ".join(f"u_{name}" for name in together)
        yield f"s{source + 1} in the same set, {held} being what {', '.join(together)} read(s) there"


def _bit_of(plan: Plan, name: str) -> str:
    """Return the bit a feature is set to on the explanation's side."""
    source = plan.sources[plan.features.index(name)]
    return f"u_{name}" if source is None else f"{name}(s{source + 1})"


def _after(write: Write, features: tuple[str, ...], layer: Layer) -> Iterator[str]:
    """Yield how each unit changes; u_j stands for the number written, a bit or the donor's value."""
    rows = write.rows
    for unit, column in zip(layer.units, write.columns, strict=True):
        coefficients, moves = [Fraction(1)], [unit]
        for name in features:
            for r in rows.span(name):
                label = f"u_{name}" if len(rows.span(name)) == 1 else f"u_{name}.{rows.labels[r]}"
                coefficients.append(column[r])
                moves.append(f"({label} - {_grouped(show_row(rows.C[r], layer.units, rows.d[r]))})")
        if any(coefficients[1:]):
            yield f"{unit}' = {show_row(coefficients, moves)}"
