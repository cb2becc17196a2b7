"""PyTorch in memory: the network is the one that torch runs, and what is not read is refused by name."""

import warnings
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from float_runs import FORMATS, Run, decides_otherwise, disagreements, exact, proves
from numpy.typing import NDArray
from torch import nn
from torch.utils.hooks import RemovableHandle

from verifier import InputError, Network, import_network
from verifier.network import Activation

KINDS = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
}
ACTIVATIONS: list[Callable[[], nn.Module]] = [
    nn.ReLU,
    nn.LeakyReLU,
    lambda: nn.LeakyReLU(0.3),
    nn.Hardtanh,
    lambda: nn.Hardtanh(-0.1, 0.7),
    nn.ReLU6,
    nn.Identity,
    lambda: nn.Dropout(0.9),
]


def runs(module: nn.Module, kind: torch.dtype = torch.float32) -> Run:
    def run(x: NDArray[np.float64]) -> NDArray[np.float64]:
        with torch.no_grad():
            found: NDArray[np.float64] = module(torch.tensor(x).to(kind)).double().numpy()
        return found

    return run


def random_module(seed: int, outputs: int = 1) -> nn.Sequential:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    widths = [*rng.integers(1, 6, size=rng.integers(2, 5)).tolist(), outputs]
    parts: list[nn.Module] = []
    for n, m in pairwise(widths):
        parts.append(nn.Linear(n, m, bias=bool(rng.integers(4))))
        parts += [ACTIVATIONS[i]() for i in rng.integers(len(ACTIVATIONS), size=rng.integers(3))]
    cut = int(rng.integers(len(parts)))
    return nn.Sequential(nn.Flatten(), *parts[:cut], nn.Sequential(*parts[cut:])).eval()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(15))
def test_is_the_network_that_torch_runs(seed: int, kind: str) -> None:
    module = random_module(seed, outputs=1 + seed % 3).to(KINDS[kind])
    network = import_network(module).network
    assert not disagreements(network, runs(module, KINDS[kind]), FORMATS[kind])


def test_decides_as_torch_does_where_the_float_check_is_proved() -> None:
    proved = 0
    for seed in range(30):
        module = random_module(seed)
        network = import_network(module).network
        if proves(network, FORMATS["float32"]):
            proved += 1
            assert not decides_otherwise(network, runs(module))
    assert proved > 10


@pytest.mark.parametrize("kind", KINDS)
def test_a_slope_is_the_one_the_kernel_uses(kind: str) -> None:
    module = nn.Sequential(nn.Linear(1, 1), nn.LeakyReLU(0.01)).to(KINDS[kind])
    with torch.no_grad():
        module[0].weight.fill_(-256)
        module[0].bias.fill_(0)
    slope = import_network(module).network.layers[0].activation.slope
    assert slope == (Fraction(0.01) if kind == "float64" else Fraction(float(np.float32(0.01))))
    computed = FORMATS[kind].nearest(-256 * slope)
    assert Fraction(runs(module, KINDS[kind])(np.array([[1.0]]))[0, 0]) == computed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [0.1, 0.3, 1 / 3, 2.71, 1e-3, 100.01])
def test_limits_are_those_the_kernel_uses(limit: float, kind: str) -> None:
    module = nn.Sequential(nn.Linear(1, 1), nn.Hardtanh(-limit, 2 * limit)).to(KINDS[kind])
    with torch.no_grad():
        module[0].weight.fill_(-2000)
        module[0].bias.fill_(1000)
    activation = import_network(module).network.layers[0].activation
    high, low = runs(module, KINDS[kind])(np.array([[0.0], [1.0]]))[:, 0]
    assert (activation.low, activation.high) == (Fraction(low), Fraction(high))


@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh, nn.Hardsigmoid])
@pytest.mark.parametrize("seed", range(5))
def test_smooth_activations_are_near_what_torch_computes(seed: int, activation: type[nn.Module]) -> None:
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(3, 4), activation(), nn.Linear(4, 1)).double().eval()
    with torch.no_grad():
        module[0].weight.mul_(8)
    network = import_network(module).network
    for x in ([0, 0, 1], [1, 1, 1], [1, 0, 0]):
        found = runs(module, torch.float64)(np.array([x], np.float64))[0, 0]
        assert found == pytest.approx(approximate(network, x), rel=0, abs=1e-13)


def approximate(network: Network, x: list[int]) -> float:
    """Return the output in float64, by nothing of the importer's."""
    h = np.array(x, np.float64)
    for layer in network.layers:
        z = np.array(layer.W, np.float64) @ h + np.array(layer.b, np.float64)
        match layer.activation:
            case Activation("sigmoid"):
                h = 1 / (1 + np.exp(-z))
            case Activation("tanh"):
                h = np.tanh(z)
            case Activation("clip"):
                h = np.clip(z, 0, 1)
            case Activation("identity"):
                h = z
            case other:
                raise AssertionError(other)
    return float(h[0])


def test_hard_sigmoid_is_part_of_the_layer_before_it() -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.Hardsigmoid(), nn.Hardsigmoid())
    network = import_network(module).network
    assert [layer.width for layer in network.layers] == [3, 3]
    assert {str(layer.activation) for layer in network.layers} == {"clip(low 0, high 1)"}
    first = Fraction(module[0].weight[0, 0].item())
    assert network.layers[0].W[0][0] == first / 6


def normalised(variance: float, eps: float) -> nn.Sequential:
    module = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2, eps=eps), nn.ReLU(), nn.BatchNorm1d(2, eps=eps))
    for part in (module[1], module[3]):
        part.running_var.fill_(variance)
        part.running_mean.copy_(torch.tensor([0.25, -3]))
        with torch.no_grad():
            part.weight.copy_(torch.tensor([-2, 0.5]))
            part.bias.copy_(torch.tensor([0.125, 1]))
    return module.double().eval()


def test_batch_normalisation_is_folded_where_its_root_is_rational() -> None:
    module = normalised(2.0, 0.25)
    network = import_network(module).network
    assert [layer.width for layer in network.layers] == [2, 2]
    for x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        found = runs(module, torch.float64)(np.array([x], np.float64))[0]
        assert [float(v) for v in exact(network, x)] == pytest.approx(found.tolist(), abs=1e-12)
    with pytest.raises(
        InputError, match=r"module 1 \(BatchNorm1d\): sqrt\(var \+ eps\) of unit 1 is irrational"
    ):
        import_network(normalised(2.0, 1e-5))


def test_a_module_that_stands_twice_is_read_twice() -> None:
    step = nn.ReLU()
    layer = nn.Linear(2, 2)
    assert import_network(nn.Sequential(layer, step, layer, step)).network.depth == 2


class Doubled(nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(x)


class Sum(nn.Sequential):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + super().forward(x)


def hooked() -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2))
    module[0].register_forward_hook(lambda module, given, found: 2 * found)
    return module


def hooked_whole() -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2))
    module.register_forward_pre_hook(lambda module, given: (2 * given[0],))
    return module


def replaced() -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2))
    module[0].forward = lambda x: x
    return module


def call_replaced() -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2))
    module[0]._call_impl = lambda x: x
    return module


def compiled() -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2))
    module[0]._compiled_call_impl = lambda x: x
    return module


def with_child(child: object) -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    module._modules["1"] = child  # type: ignore[assignment]
    return module


def without_variance() -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).eval()
    module[1].running_var = None
    return module


def weighing(weight: torch.Tensor | None, *more: nn.Module) -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2, bias=False), *more)
    module[0]._parameters["weight"] = weight  # type: ignore[assignment]
    return module


def filled(value: float) -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 2))
    with torch.no_grad():
        module[0].weight[1, 0] = value
    return module


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is in beta
    SPARSE_ROWS = torch.eye(2).to_sparse_csr()

REFUSED: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "GELU": (lambda: nn.Sequential(nn.Linear(2, 2), nn.GELU()), r"E302 module 1 \(GELU\)"),
    "softmax": (lambda: nn.Sequential(nn.Linear(2, 2), nn.Softmax(1)), "argmax of what goes into it"),
    "subclass of Linear": (lambda: nn.Sequential(Doubled(2, 2)), r"E302 module 0 \(Doubled\)"),
    "subclass of Sequential": (lambda: Sum(nn.Linear(2, 2)), r"E302 module itself \(Sum\)"),
    "nested subclass": (lambda: nn.Sequential(Sum(nn.Linear(2, 2))), r"E302 module 0 \(Sum\)"),
    "hook": (hooked, r"module 0 \(Linear\): it has hooks"),
    "hook of the whole": (hooked_whole, r"module itself \(Sequential\): it has hooks"),
    "forward replaced": (replaced, "its forward is replaced"),
    "call replaced": (call_replaced, r"module 0 \(Linear\): its _call_impl is replaced"),
    "compiled": (compiled, r"module 0 \(Linear\): it is compiled"),
    "no module": (lambda: with_child(None), "E302 module 1: expected a module, got .* NoneType"),
    "function": (lambda: with_child(torch.relu), "E302 module 1: expected a module"),
    "batch norm without variance": (without_variance, "normalises by the batch"),
    "no weight": (lambda: weighing(None), "E302 tensor .*expected numbers in memory, got NoneType"),
    "sparse": (lambda: weighing(torch.eye(2).to_sparse()), "E302.*got torch.sparse_coo"),
    "sparse rows": (lambda: weighing(SPARSE_ROWS), "E302.*got torch.sparse_csr"),
    "conjugate": (lambda: weighing(torch.eye(2, dtype=torch.complex64).conj()), "E306.*complex64"),
    "float8": (
        lambda: weighing(torch.eye(2).to(torch.float8_e4m3fn), nn.Hardtanh()),
        "E306 numbers of type float8_e4m3fn are not read",
    ),
    "negated": (
        lambda: weighing(torch._neg_view(torch.eye(2))),
        "E302.*expected numbers in memory: .*resolve_neg",
    ),
    "weight norm": (
        lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))),
        "ParametrizedLinear",
    ),
    "dropout in training": (lambda: nn.Sequential(nn.Linear(2, 2), nn.Dropout()), r"\.eval\(\)"),
    "batch norm in training": (lambda: nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), r"\.eval\(\)"),
    "batch norm without statistics": (
        lambda: nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2, track_running_stats=False)).eval(),
        "normalises by the batch",
    ),
    "flatten from 0": (lambda: nn.Sequential(nn.Flatten(0), nn.Linear(2, 2)), "start_dim=1"),
    "convolution": (lambda: nn.Conv1d(1, 1, 1), "Conv1d"),
    "mixed types": (lambda: nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2).double()), "float32, float64"),
    "complex": (lambda: nn.Sequential(nn.Linear(2, 2, dtype=torch.complex64)), "E306.*complex64"),
    "nan": (lambda: filled(float("nan")), r"E104 tensor weight of module 0 .*entry \[1, 0\].*nan"),
    "infinity": (lambda: filled(float("-inf")), "E104.*-inf"),
    "widths": (lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1)), "E301 module 1 .* takes 2 inputs"),
    "no weights": (lambda: nn.Sequential(nn.ReLU()), "E301 expected a layer"),
    "meta": (lambda: nn.Sequential(nn.Linear(2, 2, device="meta")), "E302.*expected numbers in memory"),
    "large": (lambda: nn.Sequential(nn.Linear(2048, 1024)), "E306 .*expected at most 1048576 numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_by_name(name: str) -> None:
    make, said = REFUSED[name]
    with pytest.raises(InputError, match=said):
        import_network(make())


def test_all_that_is_refused_is_said_at_once() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.GELU(), nn.Sequential(nn.Softplus()))
    with pytest.raises(InputError) as caught:
        import_network(module)
    assert [p.message.partition(":")[0] for p in caught.value.problems] == [
        "module 1 (GELU)",
        "module 2.0 (Softplus)",
    ]


@pytest.mark.parametrize(
    "register",
    [
        lambda: nn.modules.module.register_module_forward_hook(lambda module, given, found: -found),
        lambda: nn.modules.module.register_module_forward_pre_hook(lambda module, given: (-given[0],)),
    ],
)
def test_hooks_on_every_module_are_refused(register: Callable[[], RemovableHandle]) -> None:
    module = nn.Sequential(nn.Linear(2, 2))
    handle = register()
    try:
        with pytest.raises(InputError, match="E302 hooks on every module"):
            import_network(module)
    finally:
        handle.remove()
    assert import_network(module).network.n == 2
