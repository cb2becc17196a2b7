"""Inputs, bits → small trained networks in files: what the training scripts of the gallery share.

A network is a list of (W, b), first layer first, in float32. A script is run as `python
benchmarks/train/NAME.py [FOLDER]`: it trains from a fixed seed, prints on how many inputs of the whole
domain the network is right, and writes the weights (and rows) into FOLDER, specs/gallery unless given.
Training is in float64 on one thread, so that a machine repeats itself.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from safetensors.numpy import save_file
from torch.nn.functional import binary_cross_entropy_with_logits, hardtanh

Layers = list[tuple[NDArray[np.float32], NDArray[np.float32]]]
ACTIVATIONS = {"relu": torch.relu, "hard_tanh": hardtanh, "tanh": torch.tanh}


def folder() -> Path:
    """Return where to write: the first argument, or specs/gallery."""
    return Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "specs" / "gallery"


def combinations(*sizes: int) -> NDArray[np.int64]:
    """Return every combination of values 0 to size - 1, one row each."""
    return np.array(list(product(*map(range, sizes))))


def one_hot(values: NDArray[np.int64], *sizes: int) -> NDArray[np.float64]:
    """Return rows of values as rows of bits, one group of bits per column, in each of which one bit is 1."""
    groups = [np.eye(size)[column] for column, size in zip(values.T, sizes, strict=True)]
    return np.concatenate(groups, axis=1)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def save(path: Path, layers: Layers, names: Sequence[str] = ("h", "y")) -> None:
    """Write weights and biases as `NAME.weight` and `NAME.bias` of a safetensors file."""
    tensors = {}
    for name, (W, b) in zip(names, layers, strict=True):
        tensors |= {f"{name}.weight": np.ascontiguousarray(W), f"{name}.bias": b}
    save_file(tensors, path)


def train(
    x: ArrayLike,
    t: ArrayLike,
    widths: Sequence[int],
    *,
    seed: int,
    activation: str = "relu",
    steps: int = 3000,
    rate: float = 0.02,
    l1: float = 0.0,
    saturate: float = 0.0,
    grid: float = 0.0,
    prune: float = 0.1,
    fields: ArrayLike = 1.0,
    extra: Callable[[list[torch.Tensor]], torch.Tensor] | None = None,
) -> Layers:
    """Return a network with hidden layers of at most these widths whose outputs are the logits of bits t.

    Adam on all rows at once. The loss is the mean cross entropy of the bits, plus `l1` times the sum of
    absolute weights and `saturate` times the mean of 1 - h^2 (which drives a hard_tanh to its ends), both
    growing in the first half, plus `extra` of the parameters [W, b, W, b, …]. In the last two fifths weights
    smaller than `prune` are 0, or weights and biases rounded to multiples of `grid`; the gradient passes
    straight through. Unit i of the first layer sees input j only where `fields`[i][j] is 1. Hidden units that
    ended constant or unseen are removed.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.tensor(np.asarray(x, dtype=float))
    bits = torch.tensor(np.asarray(t, dtype=float)).reshape(len(inputs), -1)
    parameters = []
    for n, m in pairwise([inputs.shape[1], *widths, bits.shape[1]]):
        W = torch.randn(m, n, generator=generator, dtype=torch.float64) * n**-0.5
        parameters += [W.requires_grad_(), torch.zeros(m, dtype=torch.float64, requires_grad=True)]
    seen = torch.tensor(np.asarray(fields, dtype=float))
    optimizer = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        late = step >= steps * 3 // 5
        used = [_settled(p, grid, prune) if late else p for p in parameters]
        used[0] = used[0] * seen
        *hidden, y = activations(used, inputs, activation)
        slack = sum((1 - h**2).mean() for h in hidden)
        pressure = min(1.0, 2 * step / steps)
        loss = binary_cross_entropy_with_logits(y, bits)
        loss = loss + pressure * (l1 * sum(W.abs().sum() for W in used[::2]) + saturate * slack)
        if extra is not None:
            loss = loss + extra(used)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    parameters[0] = parameters[0] * seen
    arrays = [_settled(p, grid, prune).detach().numpy().astype(np.float32) for p in parameters]
    return _without_idle_units(list(zip(arrays[::2], arrays[1::2], strict=True)), activation)


def activations(
    parameters: Sequence[torch.Tensor], h: torch.Tensor, activation: str = "relu"
) -> list[torch.Tensor]:
    """Return the activations of every layer on rows h below the first; the last layer is linear."""
    layers = []
    for W, b in zip(parameters[::2], parameters[1::2], strict=True):
        z = h @ W.T + b
        h = z if W is parameters[-2] else ACTIVATIONS[activation](z)
        layers.append(h)
    return layers


def _settled(p: torch.Tensor, grid: float, prune: float) -> torch.Tensor:
    if grid:
        return p + (torch.round(p / grid) * grid - p).detach()
    return p * (p.abs() > prune) if p.dim() == 2 else p


def _without_idle_units(layers: Layers, activation: str) -> Layers:
    """Return the network without units that see nothing (they join the next bias) or are not seen."""
    for below, above in pairwise(range(len(layers))):
        (W, b), (V, c) = layers[below], layers[above]
        constant = ~W.any(axis=1)
        h = ACTIVATIONS[activation](torch.tensor(b)).numpy()
        kept = ~constant & V.any(axis=0)
        layers[below], layers[above] = (W[kept], b[kept]), (V[:, kept], c + V[:, constant] @ h[constant])
    return layers


def report(name: str, layers: Layers, x: ArrayLike, t: ArrayLike, activation: str = "relu") -> int:
    """Print and return on how many inputs every output has the sign that its bit asks for."""
    parameters = [torch.tensor(p, dtype=torch.float64) for layer in layers for p in layer]
    y = activations(parameters, torch.tensor(np.asarray(x, dtype=float)), activation)[-1].numpy()
    right = int(((y > 0) == np.asarray(t, dtype=bool).reshape(len(y), -1)).all(axis=1).sum())
    shape = "-".join(str(n) for n in [layers[0][0].shape[1], *(len(b) for _, b in layers)])
    weights = sum(np.count_nonzero(W) for W, _ in layers)
    print(f"{name}: {shape}, {weights} weights, right on {right}/{len(y)} inputs")
    return right
