"""Counterexample → Evidence and back, in texts: bits as 01, numbers as fractions, units by name."""

from collections.abc import Iterable
from fractions import Fraction
from typing import assert_never

from msgspec import UNSET, UnsetType

from verifier.checks import FLOATS, Check
from verifier.domain import Bits, show_bits
from verifier.lock.document import Evidence
from verifier.network import Network
from verifier.verdict import Counterexample, Direction, Idle, Rounding, Run, Setting, Summation
from verifier.write import Dependency

_LEFT = "<-"  # a feature and the donor that supplies its value


def evidence(network: Network, found: Counterexample) -> Evidence:
    """Return a counterexample as a lock holds it."""
    match found:
        case Run(x, settings, place):
            layer = network.layer(place).name if settings else ""
            told = [_set(name, setting) for name, setting in settings]
            return Evidence(kind="run", x=show_bits(x), layer=layer, set=told or UNSET)
        case Direction(place, v, unit, pair):
            return Evidence(
                kind="direction",
                layer=network.layer(place).name,
                direction=[str(c) for c in v],
                unit=unit,
                inputs=[show_bits(x) for x in pair] if pair is not None else UNSET,
            )
        case Dependency(place):  # the readouts alone tell the rest
            return Evidence(kind="dependency", layer=network.layer(place).name)
        case Idle(feature):
            return Evidence(kind="idle", feature=feature)
        case Rounding():
            return Evidence(
                kind="rounding",
                x=show_bits(found.x),
                decision=found.decision,
                layer=network.layer(found.place).name if found.place else "",
                exact=str(found.exact),
                computed=str(found.computed),
                sums=[_sum(summed) for summed in found.sums],
            )
        case _:
            assert_never(found)


def counterexample(network: Network, check: Check, told: Evidence) -> Counterexample | None:
    """Return the counterexample that evidence tells of; None of a dependency: the readouts tell it.

    Raises:
        ValueError: it tells of none.
    """
    place = network.place_of(told.layer) if told.layer else 0
    if place is None:
        raise ValueError(f"no layer is named {told.layer}")
    match told.kind:
        case "run":
            settings = tuple(_setting(network, text) for text in _items(told.set))
            return Run(_bits(network, told.x), settings, place)
        case "direction":
            inputs = tuple(_bits(network, text) for text in _items(told.inputs))
            v = tuple(map(_number, _items(told.direction)))
            if not place or len(v) != network.layer(place).width:
                raise ValueError("expected a direction of a layer")
            if len(inputs) not in (0, 2):
                raise ValueError("expected two inputs or none")
            return Direction(place, v, told.unit, (inputs[0], inputs[1]) if inputs else None)
        case "dependency":
            return None
        case "idle":
            return Idle(told.feature, "lock")
        case "rounding":
            form = next((name for name in FLOATS if name == check), None)
            if form is None:
                raise ValueError(f"{check} is about no float format")
            sums = tuple(map(_summation, _items(told.sums)))
            infinite = told.computed in ("inf", "-inf", "nan")
            computed = float(told.computed) if infinite else _number(told.computed)
            exact, last, x = _number(told.exact), len(sums) - 1, _bits(network, told.x)
            return Rounding(form, x, told.decision, place, exact, computed, sums, last)
        case _:
            assert_never(told.kind)


def _set(name: str, setting: Setting) -> str:
    return f"{name}={'01'[setting]}" if isinstance(setting, bool) else f"{name}{_LEFT}{show_bits(setting)}"


def _setting(network: Network, text: str) -> tuple[str, Setting]:
    name, left, donor = text.partition(_LEFT)
    if left:
        return name, _bits(network, donor)
    name, _, bit = text.partition("=")
    if bit not in ("0", "1"):
        raise ValueError(f"expected what a feature is set to, got {text}")
    return name, bit == "1"


def _sum(summed: Summation) -> str:
    how = " tree" * summed.tree + " fma" * summed.fma
    return " ".join(map(str, summed.order)) + how


def _summation(text: str) -> Summation:
    words = text.split()
    how = {word for word in words if word in ("tree", "fma")}
    order = tuple(int(word) for word in words if word not in how)
    return Summation(order, "tree" in how, "fma" in how)


def _items(texts: list[str] | UnsetType) -> Iterable[str]:
    return () if isinstance(texts, UnsetType) else texts


def _bits(network: Network, text: str) -> Bits:
    if len(text) != network.n or set(text) - {"0", "1"}:
        raise ValueError(f"expected an input such as 01, got {text}")
    return tuple(letter == "1" for letter in text)


def _number(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"expected a number, got {text}") from None
