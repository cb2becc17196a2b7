"""Counterexample → one sentence, and the commands that reproduce it."""

import re
import shlex
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import islice, product
from typing import Any, assert_never

from verifier.checks import Check, Float
from verifier.claim import Claim
from verifier.domain import Bits, Domain, show_bits
from verifier.engine.outcome import Accuracy
from verifier.engine.replay import Step, Trace, in_domain
from verifier.errors import InternalError
from verifier.importers.tensors import printable
from verifier.linear import dot
from verifier.network import Network
from verifier.notation import above, below, context, rounded, show, show_row
from verifier.verdict import (
    Counterexample,
    Direction,
    Idle,
    Proved,
    Refuted,
    Rounding,
    Run,
    Setting,
    Share,
    Unknown,
    Verdict,
)
from verifier.write import Dependency

SAMPLES = (10, 100, 1000)
MOST_DIGITS = 20
MOST_NAMES = 12
MOST_UNITS = 40  # of a layer that get a line each; terms of a sum
SHOWN_TERMS = 4  # of a longer sum, at its start


def sentence(claim: Claim, check: Check, found: Counterexample, traces: Sequence[tuple[Run, Trace]]) -> str:
    """Return what a counterexample says."""
    match found:
        case Run():
            return f"{place(found, claim.domain)}: {rounded(_differences(check, traces[0][1]))}"
        case Direction(layer, v, unit, pair):
            units, next_layer = claim.network.layer(layer).units, claim.network.layer(layer + 1)
            by = rounded(show(dot(next_layer.W[next_layer.units.index(unit)], v)))
            along = rounded(show_row(v, units))
            shift = f"moving along {along} changes the sum of {unit} by {by}, and no readout"
            if pair is None:
                return f"{shift}; no two inputs of the domain show it"
            a, b = map(show_bits, pair)
            return f"{shift}; x = {a} and x = {b} have equal readouts and differ at {unit}"
        case Dependency():
            return f"{found}: they cannot be set apart"
        case Idle(feature):
            return f"no write of {feature} changes the output on any input"
        case Rounding():
            return _rounding(claim, found)
        case _:
            assert_never(found)


def _rounding(claim: Claim, found: Rounding) -> str:
    network, summed = claim.network, found.sums[found.deciding]
    layer = network.layer(found.place) if found.place else None
    constant = "the bias" if found.place < network.depth else "the offset"
    names = (*(layer.units if layer else claim.domain.inputs), constant)
    how = " in pairs" if summed.tree else " with fused multiply-adds" if summed.fma else ""
    order = f", summed{how} in the order {', '.join(names[i] for i in summed.order)}" if summed.order else ""
    values = f"{show_number(found.computed)} in place of {show_number(found.exact)}"
    return f"at {show_input(found.x, claim.domain)}: {found.decision} is decided on {values}{order}"


def few_terms(text: str) -> str:
    """Return a sum; of a long one the first terms, and the last with what comes after it."""
    terms = re.split(r"(?= [+-] )", text)
    if len(terms) <= MOST_UNITS:
        return text
    return f"{''.join(terms[:SHOWN_TERMS])} … {len(terms) - SHOWN_TERMS - 1} more …{terms[-1]}"


def show_number(value: Fraction | float) -> str:
    """Return a number exactly if that is short, else between which two of two digits it lies."""
    text = show(value) if isinstance(value, Fraction) else str(value)
    if isinstance(value, float) or len(text) <= MOST_DIGITS:
        return text
    return f"{below(value)}..{above(value)}"


def floats(found: Sequence[tuple[Float, Verdict]]) -> str:
    """Return what is known of a proved behavior in floats, in a line."""
    parts = ["exact proof"]
    open_still = {verdict.reason for _, verdict in found if isinstance(verdict, Unknown)}
    if len(found) > 1 and len(open_still) == 1 and all(isinstance(v, Unknown) for _, v in found):
        return f"exact proof; {' and '.join(name for name, _ in found)} not established: {open_still.pop()}"
    for name, verdict in found:
        match verdict:
            case Proved():
                parts.append(f"holds for {name} in any summation order")
            case Refuted(Rounding(x=x, decision=decision)):
                parts.append(f"in {name} some summation order changes {decision} at x = {show_bits(x)}")
            case Refuted():
                raise InternalError(f"a refutation of {name} that is about something else")
            case Unknown(reason):
                parts.append(f"{name} not established: {reason}")
            case _:
                assert_never(verdict)
    return "; ".join(parts)


def quantised(network: Network) -> bool:
    """Return whether activations are rounded to integers: in ONNX nothing else is a step."""
    onnx = network.origin is not None and network.origin.format == "onnx"
    return onnx and any(layer.activation.kind == "step" for layer in network.layers)


def unused(tensors: Sequence[str]) -> str:
    """Return the tensors of a file that are in no layer, of many the first."""
    more = [f"{len(tensors) - MOST_NAMES} more"] if len(tensors) > MOST_NAMES else []
    return ", ".join([*map(printable, tensors[:MOST_NAMES]), *more])


def sources(network: Network, domain: Domain) -> Iterator[str]:
    """Yield the file of the weights, and how inputs are cut from the columns of a data file, if they are."""
    if network.origin is not None:
        origin = network.origin
        left_out = f"; not used of it: {unused(origin.unused)}" if origin.unused else ""
        yield f"weights: {origin.file} (sha256 {origin.sha256[:12]}…){left_out}"
    if domain.source is not None and domain.source.cuts:
        yield f"thresholds on {domain.source.file}: {', '.join(map(str, domain.source.cuts))}"


def agrees(found: Accuracy) -> str:
    """Return how far the network agrees with the labels of its data."""
    named = "" if found.column == "label" else f" ({found.column})"
    return f"agrees with the label{named} on {found.share.held} of {found.share.total} rows"


def show_input(x: Bits, domain: Domain) -> str:
    """Return an input as `x = 01`, and where it stands in the data file of a domain, if it does."""
    origin = domain.origin(x)
    return f"x = {show_bits(x)}" + (f" ({origin})" if origin else "")


def place(run: Run, domain: Domain) -> str:
    """Return where a run takes place: its input and what is set."""
    sets = [f"{name} := {show_setting(setting)}" for name, setting in run.settings]
    return f"at {show_input(run.x, domain)}" + (f", with {', '.join(sets)}" if sets else "")


def _differences(check: Check, trace: Trace) -> str:
    """Return what differs: the readouts for a `readout`, the outputs elsewhere unless only features do."""
    differing = [step for step in trace.steps if step.diverges]
    outputs = [step for step in differing if step.kind == "output"]
    others = [step for step in differing if step.kind != "output"]
    chosen = (others or outputs) if check == "readout" else (outputs or others)
    return "; ".join(map(_difference, chosen))


def _difference(step: Step) -> str:
    if step.explanation == "":
        return f"{step.name} is a tie"
    bit = step.network in ("0", "1", "tie")
    verb = "reads" if step.kind != "output" else "decodes to" if bit else "is no bit but"
    network = "a tie" if step.network == "tie" else step.network
    return f"{step.name} {verb} {network}, the explanation says {step.explanation}"


def show_setting(setting: Setting) -> str:
    """Return what a feature is set to."""
    return "01"[setting] if isinstance(setting, bool) else f"its value at x = {show_bits(setting)}"


def run_document(run: Run) -> dict[str, Any]:
    """Return the JSON value of a run."""
    settings = {
        name: "01"[setting] if isinstance(setting, bool) else {"donor": show_bits(setting)}
        for name, setting in run.settings
    }
    return {"x": show_bits(run.x), "set": settings}


def commands(path: str, claim: Claim, found: Counterexample) -> list[str]:
    """Return the command lines that show the counterexample again, from nothing but the spec."""
    path = _argument(path)
    start = ["verifier", "eval", path, "-e", claim.explanation.name]
    match found:
        case Run(x, settings):
            return [_command([*start, "--x", show_bits(x), *_set_options(settings)])]
        case Direction(layer, v, _, pair) if pair is None:
            first = _some_input(claim)
            direction = show_row(v, claim.network.layer(layer).units)
            return [_command([*start, "--x", show_bits(first), f"--add={direction}"])]
        case Direction(pair=pair):
            assert pair is not None
            return [_command([*start, *(word for x in pair for word in ("--x", show_bits(x)))])]
        case Rounding(format=name):
            words = ["verifier", "check", path, "-e", claim.explanation.name, "-k", f"::{name}"]
            return [_command(words)]
        case Dependency() | Idle():
            return [_command(["verifier", "explain", path, "-e", claim.explanation.name])]
        case _:
            assert_never(found)


def update_command(paths: Sequence[str]) -> str:
    """Return the command line that locks specs, or folders of them, anew."""
    return _command(["verifier", "check", *map(_argument, paths), "--update-lock"])


def _argument(path: str) -> str:
    """Return a path that is taken for no option."""
    return f"./{path}" if path.startswith("-") else path


def _some_input(claim: Claim) -> Bits:
    """Return an input, of the domain if one of the first few is."""
    listed = claim.domain.rows or product([False, True], repeat=claim.domain.n)
    first = list(islice(listed, 4096))
    return next((x for x in first if in_domain(claim.domain, x)), first[0])


def _set_options(settings: Sequence[tuple[str, Setting]]) -> list[str]:
    options = []
    for name, setting in settings:
        flag = "--set" if isinstance(setting, bool) else "--donor"
        options += [flag, f"{name}={'01'[setting] if isinstance(setting, bool) else show_bits(setting)}"]
    return options


def _command(words: Sequence[str]) -> str:
    return shlex.join(words)


def chance(share: Share, samples: int) -> str:
    """Return the chance that so many random cases all pass, rounded.

    Its numbers may have thousands of digits, so the power is taken of 30 digits of their quotient.

    >>> chance(Share(12, 16), 10)
    '0.0563'
    """
    quotient = context(30).divide(Decimal(share.held), Decimal(share.total))
    rounded = context(3).plus(context(30).power(quotient, samples))
    return context(3).to_sci_string(rounded.normalize(context(3)))
