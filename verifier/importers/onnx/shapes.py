"""Shape and what a node asks for → shape, where it only regroups the numbers of one input; else refused."""

from collections.abc import Sequence
from math import prod

from verifier.errors import InputError, input_error
from verifier.importers.tensors import show_shape

Shape = tuple[int, ...]


def reshaped(shape: Shape, target: Sequence[int], allow_zero: bool = False) -> Shape:
    """Return what Reshape makes of a shape: 0 copies a length, -1 stands for the one that fits.

    Raises:
        InputError: E301, for a target that does not fit.

    >>> reshaped((2, 3, 4), (0, -1))
    (2, 12)
    """
    lengths = [shape[i] if v == 0 and i < len(shape) and not allow_zero else v for i, v in enumerate(target)]
    known = prod(v for v in lengths if v != -1)
    if lengths.count(-1) == 1 and known > 0:
        lengths[lengths.index(-1)] = prod(shape) // known
    if prod(lengths) != prod(shape) or any(v < 1 for v in lengths):
        raise input_error("E301", f"the shape {show_shape(shape)} does not fit {list(target)}")
    return tuple(lengths)


def regrouped(shape: Shape, batch: int | None, target: Sequence[int], allow_zero: bool) -> Shape:
    """Return the shape of one input after Reshape, which must leave the batch axis alone.

    Raises:
        InputError: E302, where it may mix inputs; E301, for a target that does not fit.
    """
    if not target or (target[0] != -1 and (target[0] != 0 or allow_zero) and target[0] != batch):
        raise _mixes(f"the shape {list(target)}")
    try:  # one input; where the batch axis is what fits, nothing else may be
        return reshaped((1, *shape), (1, *target[1:]), allow_zero)[1:]
    except InputError:
        if target[0] == -1:
            raise _mixes(f"the shape {list(target)}") from None
        raise


def flattened(shape: Shape, axis: int) -> Shape:
    """Return the shape of one input after Flatten with the batch axis first.

    Raises:
        InputError: E302, where it makes other than two axes of batch and numbers.
    """
    if axis not in (1, -len(shape)):
        raise _mixes(f"axis {axis} of {len(shape) + 1}")
    return (prod(shape),)


def squeezed(shape: Shape, axes: Sequence[int] | None) -> Shape:
    """Return the shape of one input after Squeeze of these axes, all named and none the batch.

    Raises:
        InputError: E302 for the batch axis; E301 for axes that are not of length 1.
    """
    if axes is None:
        raise _mixes("every axis of length 1")
    rank = len(shape) + 1
    dropped = {axis + rank if axis < 0 else axis for axis in axes}
    if 0 in dropped:
        raise _mixes("axis 0")
    if not all(0 < axis < rank and shape[axis - 1] == 1 for axis in dropped):
        raise input_error(
            "E301", f"the shape {show_shape(shape)} of one input has no axes {list(axes)} of length 1"
        )
    return tuple(length for axis, length in enumerate(shape, 1) if axis not in dropped)


def _mixes(what: str) -> InputError:
    return input_error("E302", f"{what} may mix the inputs of a batch", "only [N, …] to [N, n] is read")
