"""`torch.nn.Sequential` in memory → steps, by the names of its classes; PyTorch itself is not imported.

What a module computes is known by its class alone: a subclass, a hook or a replaced `forward` is refused.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.errors import InputError, Problem, input_error
from verifier.importers.fold import normalisation, scaled
from verifier.importers.steps import Affine, Step
from verifier.importers.tensors import from_array, matrix, vector
from verifier.network import ONE, ZERO, Activation, Row

Module = Any
_NN = "torch.nn.modules."
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")
_KINDS = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")
_HINTS = {
    "Softmax": "leave it out: argmax of what goes into it is argmax of it",
    "LogSoftmax": "leave it out: argmax of what goes into it is argmax of it",
    "GELU": "it is neither piecewise linear nor a sigmoid",
}


def is_module(network: object) -> bool:
    """Return whether an object is a module of PyTorch's, or of a class derived from one."""
    return any(
        f"{kind.__module__}.{kind.__qualname__}" == f"{_NN}module.Module" for kind in type(network).__mro__
    )


def read_module(network: Module) -> list[Step]:
    """Return the steps of a module in evaluation mode.

    Raises:
        InputError: E302 for every module that is not read, by its place, and for hooks on all modules; E303,
            E104 and E306 for what it holds.
    """
    home = sys.modules.get(f"{_NN}module")
    if any(getattr(home, f"_global{name}", None) for name in _HOOKS):
        hint = "remove what register_module_forward_hook or register_module_forward_pre_hook gave"
        raise input_error("E302", "hooks on every module are registered in PyTorch", hint)
    steps: list[Step] = []
    problems: list[Problem] = []
    modules = list(_flattened(network, ""))
    kind = _kind(modules)
    for place, module in modules:
        try:
            _append(steps, module, place, kind)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return steps


def _flattened(module: Module, place: str) -> Iterator[tuple[str, Module]]:
    """Yield the modules of nested sequences in order, a module that stands twice in it twice."""
    if not is_module(module):
        kind = type(module).__qualname__
        raise input_error("E302", f"module {place}: expected a module, got an object of class {kind}")
    if _class(module) == "container.Sequential" and not _altered(module):
        for name, child in module._modules.items():
            yield from _flattened(child, f"{place}.{name}" if place else name)
    else:
        yield place, module


def _class(module: Module) -> str:
    """Return the class of a module, as `linear.Linear`; of another library's, its full name."""
    kind = type(module)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix(_NN)


def _altered(module: Module) -> str:
    """Return what makes a module compute something else than its class does, if anything."""
    replaced = next((name for name in ("forward", "_call_impl") if name in vars(module)), None)
    if replaced is not None:
        return f"its {replaced} is replaced"
    if getattr(module, "_compiled_call_impl", None) is not None:
        return "it is compiled"
    return next(("it has hooks" for name in _HOOKS if getattr(module, name, None)), "")


def _kind(modules: list[tuple[str, Module]]) -> str:
    """Return the type of all numbers, which is also that of what an activation compares with."""
    kinds = {
        str(value.dtype).removeprefix("torch.")
        for _, module in modules
        for held in (module._parameters, module._buffers)
        for name, value in held.items()
        if value is not None and name != "num_batches_tracked"
    }
    if len(kinds) > 1:
        raise input_error("E302", f"expected numbers of one type, got {', '.join(sorted(kinds))}")
    kind = next(iter(kinds), "float64")
    if kind not in _KINDS:
        raise input_error("E306", f"numbers of type {kind} are not read")
    return kind


def _append(steps: list[Step], module: Module, place: str, kind: str) -> None:
    name = _class(module)
    where = f"module {place or 'itself'} ({name.rpartition('.')[2]})"
    read = _READERS.get(name)
    reason = _altered(module) or "it is not read"
    if read is None or _altered(module):
        known = ", ".join(sorted(reader.rpartition(".")[2] for reader in _READERS))
        hint = _HINTS.get(name.rpartition(".")[2], f"read are {known}, in torch.nn.Sequential")
        raise input_error("E302", f"{where}: {reason}", hint)
    try:
        read(steps, module, where, kind)
    except InputError as error:
        raise InputError(
            p
            if p.message.startswith(("module", "tensor"))
            else Problem(p.code, f"{where}: {p.message}", p.hint)
            for p in error.problems
        ) from None


def _array(tensor: Any, name: str) -> NDArray[Any]:
    """Return the numbers of a tensor; bfloat16, which numpy lacks, as the float32 that each of them is."""
    layout = getattr(tensor, "layout", type(tensor).__name__)
    if str(layout) != "torch.strided" or tensor.is_meta or tensor.is_quantized:
        raise input_error("E302", f"tensor {name}: expected numbers in memory, got {layout}")
    try:
        tensor = tensor.detach().cpu()
        return np.asarray((tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy())
    except (RuntimeError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise input_error("E302", f"tensor {name}: expected numbers in memory: {reason}") from None


def _linear(steps: list[Step], module: Module, where: str, kind: str) -> None:
    W = matrix(from_array(f"weight of {where}", _array(module.weight, where)))
    b = (ZERO,) * len(W) if module.bias is None else _vector(module.bias, f"bias of {where}")
    steps.append(Affine(W, b, where))


def _vector(tensor: Any, name: str) -> Row:
    return vector(from_array(name, _array(tensor, name)))


def _batch_norm(steps: list[Step], module: Module, where: str, kind: str) -> None:
    """Fold scale · (v - mean) / sqrt(var + eps) + offset, where it is rational, into what stands before."""
    if module.training or module.running_mean is None or module.running_var is None:
        raise input_error("E302", "normalises by the batch", "call .eval() on the network")
    mean, variance = _vector(module.running_mean, where), _vector(module.running_var, where)
    scale = (ONE,) * len(mean) if module.weight is None else _vector(module.weight, where)
    offset = (ZERO,) * len(mean) if module.bias is None else _vector(module.bias, where)
    found = normalisation(scale, offset, mean, variance, Fraction(module.eps))
    if isinstance(found, int):
        message = f"sqrt(var + eps) of unit {found + 1} is irrational: it cannot be folded exactly"
        hint = "torch.nn.utils.fusion.fuse_linear_bn_eval makes a Linear of it, in floats"
        raise input_error("E302", message, hint)
    _scale(steps, *found, where)


def _scale(steps: list[Step], factors: list[Fraction], shifts: list[Fraction], where: str) -> None:
    """Scale and shift every unit: in the map just before, else in a map of its own."""
    width = len(factors)
    if steps and isinstance(steps[-1], Affine) and len(steps[-1].W) == width:
        steps[-1] = scaled(steps[-1], factors, shifts)
    else:
        diagonal = tuple(tuple(factors[i] if i == j else ZERO for j in range(width)) for i in range(width))
        steps.append(Affine(diagonal, tuple(shifts), where))


def _hard_sigmoid(steps: list[Step], module: Module, where: str, kind: str) -> None:
    """z/6 + 1/2, cut off at 0 and 1."""
    before = next((step for step in reversed(steps) if isinstance(step, Affine)), None)
    if before is None:
        raise input_error("E302", "expected a Linear before it")
    width = len(before.W)
    _scale(steps, [Fraction(1, 6)] * width, [Fraction(1, 2)] * width, where)
    steps.append(Activation("clip", low=ZERO, high=ONE))


def _flatten(steps: list[Step], module: Module, where: str, kind: str) -> None:
    if (module.start_dim, module.end_dim) != (1, -1):
        raise input_error("E302", "is read with start_dim=1 and end_dim=-1 only")


def _dropout(steps: list[Step], module: Module, where: str, kind: str) -> None:
    if module.training:
        raise input_error("E302", "drops units at random", "call .eval() on the network")


def _rounded(value: float, kind: str) -> Fraction:
    """Return a parameter as the kernels use it, in the type of the network."""
    if kind == "bfloat16":  # the upper half of a float32, to nearest, ties to even
        bits = int(np.float32(value).view(np.uint32))
        bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
        return Fraction(float(np.uint32(bits).view(np.float32)))
    return Fraction(float(np.dtype(kind).type(value)))


def _leaky_relu(steps: list[Step], module: Module, where: str, kind: str) -> None:
    wide = kind if kind == "float64" else "float32"  # the kernels of half precision multiply in single
    steps.append(Activation("leaky_relu", slope=_rounded(module.negative_slope, wide)))


def _hard_tanh(steps: list[Step], module: Module, where: str, kind: str) -> None:
    low, high = _rounded(module.min_val, kind), _rounded(module.max_val, kind)
    usual = (low, high) == (-ONE, ONE)
    steps.append(Activation("hard_tanh") if usual else Activation("clip", low=low, high=high))


def _simply(activation: Activation) -> Callable[[list[Step], Module, str, str], None]:
    return lambda steps, module, where, kind: steps.append(activation)


_READERS: Mapping[str, Callable[[list[Step], Module, str, str], None]] = {
    "linear.Linear": _linear,
    "linear.Identity": lambda steps, module, where, kind: None,
    "batchnorm.BatchNorm1d": _batch_norm,
    "flatten.Flatten": _flatten,
    "dropout.Dropout": _dropout,
    "activation.ReLU": _simply(Activation("relu")),
    "activation.ReLU6": _hard_tanh,
    "activation.LeakyReLU": _leaky_relu,
    "activation.Hardtanh": _hard_tanh,
    "activation.Hardsigmoid": _hard_sigmoid,
    "activation.Sigmoid": _simply(Activation("sigmoid")),
    "activation.Tanh": _simply(Activation("tanh")),
}
