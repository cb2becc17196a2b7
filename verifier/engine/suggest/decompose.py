"""Truth table → a formula put together from parts that share no inputs, where that is shorter.

If, of the 2^s functions of the other inputs that fixing s inputs leaves, only two are different, then these
s inputs matter through one bit alone, a gate of theirs (Ashenhurst 1959). Such sets of two to four inputs
become one input each, again and again; an input that is an operand of all the rest is split off, and where
nothing else helps, the input that leaves the smallest two functions when fixed makes an `ite`.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, combinations, product

import numpy as np

from verifier.arrays import Array
from verifier.formula import Formula, Gate, Name
from verifier.shortest import MOST_EXACT, shortest, size

#: Inputs that a function may depend on.
MOST_INPUTS = 12


def decomposed(table: Array, inputs: Sequence[Formula]) -> Formula:
    """Return a formula of a table with one axis of length 2 per input, no longer than that of `shortest`.

    >>> table = np.array([a and (b != c) for a, b, c in product((0, 1), repeat=3)]).reshape(2, 2, 2)
    >>> print(decomposed(table, [Name("a"), Name("b"), Name("c")]))
    a & (b ^ c)
    """
    axes = [axis for axis in range(table.ndim) if (np.take(table, 0, axis) != np.take(table, 1, axis)).any()]
    table = table[tuple(slice(None) if axis in axes else 0 for axis in range(table.ndim))]
    return _best(table, [inputs[axis] for axis in axes])


def _best(table: Array, inputs: Sequence[Formula]) -> Formula:
    """Return a formula of a function that depends on all its inputs."""
    whole = _direct(table, inputs)
    if table.ndim < 3:
        return whole
    together = _together(table, inputs) if table.ndim > MOST_EXACT else None
    return min([whole, together or _apart(table, inputs)], key=size)


def _direct(table: Array, inputs: Sequence[Formula]) -> Formula:
    names = [f"#{i}" for i in range(table.ndim)]  # no name of an input begins like that
    points = np.array(list(product((False, True), repeat=table.ndim)), dtype=bool)
    formula = shortest(points.reshape(table.size, table.ndim), table.ravel(), names)
    return _filled(formula, dict(zip(names, inputs, strict=True)))


def _together(table: Array, inputs: Sequence[Formula]) -> Formula | None:
    """Return a formula in which some inputs, the fewest, stand together in a gate; None if none can."""
    n = table.ndim
    for count in range(2, MOST_EXACT + 1):
        for chosen in combinations(range(n), count):
            left = np.moveaxis(table, chosen, range(count)).reshape(2**count, -1)
            bits = (left != left[0]).any(axis=1)
            other = left[bits]
            if (other == other[0]).all():
                gate = _best(bits.reshape((2,) * count), [inputs[i] for i in chosen])
                rest = [inputs[i] for i in range(n) if i not in chosen]
                fewer = np.stack([left[0], other[0]]).reshape((2,) * (n - count + 1))
                return decomposed(fewer, [gate, *rest])
    return None


def _apart(table: Array, inputs: Sequence[Formula]) -> Formula:
    """Return a formula in which one input is an operand of all the rest, or chooses between two functions."""
    cofactors = [(np.take(table, 0, axis), np.take(table, 1, axis)) for axis in range(table.ndim)]
    for axis, (zero, one) in enumerate(cofactors):
        x, rest = inputs[axis], [*inputs[:axis], *inputs[axis + 1 :]]
        negated = Gate("not", (x,))
        for op, literal, constant, left in (
            ("and", x, ~zero, one),
            ("or", x, one, zero),
            ("and", negated, ~one, zero),
            ("or", negated, zero, one),
            ("xor", x, zero ^ one, zero),
        ):
            if constant.all():
                return _joined(op, [literal, decomposed(left, rest)])
    axis = min(range(table.ndim), key=lambda axis: sum(map(support, cofactors[axis])))
    zero, one = cofactors[axis]
    rest = [*inputs[:axis], *inputs[axis + 1 :]]
    return Gate("ite", (inputs[axis], decomposed(one, rest), decomposed(zero, rest)))


def support(table: Array) -> int:
    """Return how many inputs a function depends on."""
    return sum(bool((np.take(table, 0, axis) != np.take(table, 1, axis)).any()) for axis in range(table.ndim))


def _filled(formula: Formula, values: Mapping[str, Formula]) -> Formula:
    """Return a formula with formulas for its names; operators of one kind that then meet are one."""
    match formula:
        case Name(name):
            return values[name]
        case Gate(op, args, parameter):
            filled = [_filled(arg, values) for arg in args]
            if op == "not" and isinstance(filled[0], Gate) and filled[0].op == "not":
                return filled[0].args[0]
            return _joined(op, filled) if op in ("and", "or", "xor") else Gate(op, tuple(filled), parameter)
        case _:
            return formula


def _joined(op: str, parts: Sequence[Formula]) -> Formula:
    """Return a chain of & | ^, those among its parts taken in."""
    chains = [part.args if isinstance(part, Gate) and part.op == op else (part,) for part in parts]
    return Gate(op, tuple(chain.from_iterable(chains)))
