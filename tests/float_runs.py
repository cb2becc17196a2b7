"""A network run by another program in floats, judged by the error bound of the float checks."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import NDArray

from verifier import Explanation, InputError, Network, Proved, check
from verifier.algebra import RATIONALS
from verifier.engine.rounding.bounds import enclosures, fed
from verifier.engine.rounding.format import FLOAT32, FLOAT64, Format

#: The other formats in use; their names are no names of checks.
FLOAT16 = Format("float16", 11, -14, 15)  # type: ignore[arg-type]
BFLOAT16 = Format("bfloat16", 8, -126, 127)  # type: ignore[arg-type]
FORMATS = {"float16": FLOAT16, "bfloat16": BFLOAT16, "float32": FLOAT32, "float64": FLOAT64}

Run = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Inputs, one per row → outputs, each the float that the other program computed."""


def exact(network: Network, x: Sequence[int]) -> list[Fraction]:
    """Return the exact outputs of a network."""
    return network.forward(RATIONALS, 0, list(map(Fraction, x)), network.depth)[0]


def disagreements(network: Network, run: Run, form: Format) -> list[str]:
    """Return where a program is further from the exact outputs than any evaluation in this format can be."""
    inputs = list(product((0, 1), repeat=network.n))
    found = run(np.array(inputs, np.float64))
    assert found.shape == (len(inputs), network.layer(network.depth).width)
    wrong = []
    for x, row in zip(inputs, found.tolist(), strict=True):
        bounds = enclosures(form, network, [fed(form, [Fraction(value)]) for value in x])[-1]
        for i, (value, wanted, bound) in enumerate(zip(row, exact(network, x), bounds, strict=True)):
            assert bound.error is not None
            if abs(Fraction(value) - wanted) > bound.error:
                wrong.append(f"output {i} at {x}: {value}, exactly {float(wanted)}, ±{float(bound.error)}")
    return wrong


def proves(network: Network, form: Format) -> bool:
    """Return whether the float check of a format proves that no rounding changes the sign of the output."""
    explanation = Explanation.of(network, {"y": "x1"})
    try:
        report = check(network, explanation, output="y > 0", checks=[form.name])
    except InputError:  # a tie
        return False
    return isinstance(report[form.name].verdict, Proved)


def decides_otherwise(network: Network, run: Run) -> list[tuple[int, ...]]:
    """Return the inputs on which a program's only output has another sign than the exact one."""
    inputs = list(product((0, 1), repeat=network.n))
    found = run(np.array(inputs, np.float64))[:, 0] > 0
    return [x for x, bit in zip(inputs, found, strict=True) if bit != (exact(network, x)[0] > 0)]
