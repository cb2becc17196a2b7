"""Formula → formulas with one thing changed: a part negated, a gate dropped or swapped, a name replaced."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from verifier.arrays import ARRAYS
from verifier.formula import GATES, Const, Formula, Gate, Name, evaluate, names, show

Operator = Literal["negate", "drop", "swap", "replace", "coefficient", "offset", "bound", "unit"]

MAX_NAMES = 12  # of formulas that are compared as functions

_SWAPS = {
    "and": ("or", "xor"), "or": ("and", "xor"), "xor": ("and", "or"), "parity": ("and", "or"),
    "nand": ("nor", "xnor"), "nor": ("nand", "xnor"), "xnor": ("nand", "nor"),
    "implies": ("iff",), "iff": ("implies",), "atleast": ("exactly",), "exactly": ("atleast",),
}  # fmt: skip
_ALONE = ("and", "or", "xor", "parity", "maj")  # of one argument they are that argument


def changes(formula: Formula, alike: Callable[[str], Sequence[str]]) -> Iterator[tuple[Operator, Formula]]:
    """Yield the formulas with one part changed, outer parts first, and how each was changed; some twice.

    Args:
        alike: the names that may stand in the place of a name.

    >>> [show(changed) for _, changed in changes(Gate("and", (Name("a"), Name("b"))), lambda name: [])]
    ['~(a & b)', 'a', 'b', 'b', 'a', 'a | b', 'a ^ b', '~a & b', 'a & ~b']
    """
    yield "negate", _gate("not", (formula,))
    match formula:
        case Name(name):
            yield from (("replace", Name(other)) for other in alike(name))
        case Gate(op, args, parameter):
            if len(args) > 1:
                yield from (("drop", arg) for arg in args)
                for i in range(len(args)):
                    rest = (*args[:i], *args[i + 1 :])
                    if GATES[op].misfit(op, len(rest), parameter) is None:
                        yield "drop", _gate(op, rest, parameter)
            yield from (("swap", swapped) for swapped in _swapped(op, args, parameter))
            for i, arg in enumerate(args):
                for operator, changed in changes(arg, alike):
                    yield operator, _gate(op, (*args[:i], changed, *args[i + 1 :]), parameter)
        case Const():
            pass


def _swapped(op: str, args: tuple[Formula, ...], parameter: str | None) -> Iterator[Formula]:
    """Yield other gates of the same arguments, and the same gate with another parameter or order."""
    if len(args) > 1:
        yield from (_gate(other, args, parameter) for other in _SWAPS.get(op, ()))
    match op:
        case "implies":
            yield _gate(op, args[::-1])
        case "iff":
            yield _gate("implies", args[::-1])
        case "ite":
            yield _gate(op, (args[0], args[2], args[1]))
        case "maj" if len(args) > 1:
            yield from (_gate("atleast", args, str(len(args) // 2 + k)) for k in (0, 2))
        case "atleast" | "exactly":
            counts = (int(parameter or 0) + step for step in (-1, 1))
            yield from (_gate(op, args, str(count)) for count in counts if count >= 0)
        case "table":
            bits = parameter or ""
            for i, bit in enumerate(bits):
                yield _gate(op, args, f"{bits[:i]}{'10'[int(bit)]}{bits[i + 1 :]}")
        case _:
            pass


def _gate(op: str, args: tuple[Formula, ...], parameter: str | None = None) -> Formula:
    """Return a gate, written plainly: no double negation, no gate that is its only argument."""
    if len(args) > 1:
        return Gate(op, args, parameter)
    match op, args[0]:
        case "not", Gate("not", (inner,)):
            return inner
        case "not", Const(value):
            return Const(not value)
        case (("nand" | "nor"), arg):
            return _gate("not", (arg,))
        case _, arg:
            return arg if op in _ALONE else Gate(op, args, parameter)


def function(formula: Formula) -> tuple[tuple[str, ...], bytes | str]:
    """Return the names a formula depends on and its values: equal for equal functions of any arguments.

    Beyond `MAX_NAMES` names, the formula itself stands for what it computes.
    """
    used = sorted({name.name for name in names(formula)})
    if len(used) > MAX_NAMES:
        return tuple(used), show(formula)
    axes = np.indices((2,) * len(used)).astype(bool)
    values = np.broadcast_to(evaluate(formula, ARRAYS, dict(zip(used, axes, strict=True))), (2,) * len(used))
    for axis in reversed(range(len(used))):
        zero, one = values.take(0, axis), values.take(1, axis)
        if (zero == one).all():
            values = zero
            del used[axis]
    return tuple(used), np.packbits(values).tobytes()
