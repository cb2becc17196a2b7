"""Counterexample → one sentence, and the commands that reproduce it."""

import shlex
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from itertools import islice, product
from typing import assert_never

from verifier.checks import Check
from verifier.claim import Claim
from verifier.domain import Bits, show_bits
from verifier.engine.replay import Step, Trace, in_domain
from verifier.notation import show_row
from verifier.verdict import Counterexample, Direction, Idle, Run, Setting, Share
from verifier.write import Dependency

SAMPLES = (10, 100, 1000)


def sentence(claim: Claim, check: Check, found: Counterexample, traces: Sequence[tuple[Run, Trace]]) -> str:
    """Return what a counterexample says."""
    match found:
        case Run():
            return f"{place(found)}: {_differences(check, traces[0][1])}"
        case Direction(layer, v, unit, pair):
            units = claim.network.layer(layer).units
            shift = f"moving along {show_row(v, units)} changes what {unit} sees and no readout"
            if pair is None:
                told = "were found to show it" if claim.network.smooth else "of the domain show it"
                return f"{shift}; no two inputs {told}"
            a, b = map(show_bits, pair)
            return f"{shift}; x = {a} and x = {b} have equal readouts and differ at {unit}"
        case Dependency():
            return f"{found}: they cannot be set apart"
        case Idle(feature):
            return f"no write of {feature} changes the output on any input"
        case _:
            assert_never(found)


def place(run: Run) -> str:
    """Return where a run takes place: its input and what is set."""
    sets = [f"{name} := {show_setting(setting)}" for name, setting in run.settings]
    return f"at x = {show_bits(run.x)}" + (f", with {', '.join(sets)}" if sets else "")


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
    verb = "decodes to" if step.kind == "output" else "reads"
    network = "a tie" if step.network == "tie" else step.network
    return f"{step.name} {verb} {network}, the explanation says {step.explanation}"


def show_setting(setting: Setting) -> str:
    """Return what a feature is set to."""
    return "01"[setting] if isinstance(setting, bool) else f"its value at x = {show_bits(setting)}"


def commands(path: str, claim: Claim, found: Counterexample) -> list[str]:
    """Return the command lines that show the counterexample again, from nothing but the spec."""
    path = f"./{path}" if path.startswith("-") else path
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
        case Dependency() | Idle():
            return [_command(["verifier", "explain", path, "-e", claim.explanation.name])]
        case _:
            assert_never(found)


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
    quotient = _context(30).divide(Decimal(share.held), Decimal(share.total))
    rounded = _context(3).plus(_context(30).power(quotient, samples))
    return _context(3).to_sci_string(rounded.normalize(_context(3)))


def _context(digits: int) -> Context:
    return Context(prec=digits, Emin=MIN_EMIN, Emax=MAX_EMAX, capitals=0)
