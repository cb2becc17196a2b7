"""Exact weights and activations → Network, with the forward pass written once over any algebra."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal, assert_never

from verifier.algebra import Algebra, B, S, Smooth
from verifier.errors import InputError, Problem, input_error
from verifier.notation import rational, show, show_row

Row = tuple[Fraction, ...]
Kind = Literal["step", "sign", "identity", "relu", "leaky_relu", "hard_tanh", "clip", Smooth]
SMOOTH: tuple[Smooth, ...] = ("sigmoid", "tanh")
KINDS: tuple[Kind, ...] = ("step", "sign", "identity", "relu", "leaky_relu", "hard_tanh", "clip", *SMOOTH)
ONE, ZERO = Fraction(1), Fraction(0)
MAX_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Activation:
    """What a layer does to its pre-activation z.

    `step` is [z > 0] and `sign` is +1 or -1 by the same rule; z = 0 is a tie, refused unless `tie` gives the
    bit it stands for (for `sign`, bit 0 is -1). `leaky_relu` is z where z > 0 and slope·z elsewhere;
    `hard_tanh` is `clip` to [-1, 1]; `clip` cuts z off at `low` and `high`. `sigmoid` is 1/(1 + e^(-slope·z))
    and `tanh` is tanh(slope·z), with a positive slope, 1 unless given.
    """

    kind: Kind
    tie: int | None = None
    slope: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None

    def __post_init__(self) -> None:
        if self.smooth and self.slope is None:
            object.__setattr__(self, "slope", ONE)
        for name in ("slope", "low", "high"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, rational(getattr(self, name)))
        needs = {"leaky_relu": ("slope",), "clip": ("low", "high")}.get(self.kind, ())
        allows = ("tie",) if self.kind in ("step", "sign") else ("slope",) if self.smooth else ()
        problems = []
        if self.kind not in KINDS:
            hint = f"known: {', '.join(KINDS)}"  # what is spelt alike is another function
            problems.append(Problem("E303", f"unknown activation {self.kind}", hint))
        for name in ("tie", "slope", "low", "high"):
            given = getattr(self, name) is not None
            if given and name not in (*needs, *allows):
                problems.append(Problem("E303", f"activation {self.kind} takes no {name}"))
            if not given and name in needs:
                problems.append(Problem("E303", f"activation {self.kind} needs {name}"))
        if self.low is not None and self.high is not None and self.low >= self.high:
            problems.append(
                Problem("E303", f"expected low < high, got {show(self.low)} and {show(self.high)}")
            )
        if self.smooth and self.slope is not None and self.slope <= 0:
            problems.append(Problem("E303", f"expected a positive slope, got {show(self.slope)}"))
        if self.tie not in (None, 0, 1):
            problems.append(Problem("E303", f"expected tie: 0 or 1, got {self.tie}"))
        if problems:
            raise InputError(problems)

    @property
    def refuses_ties(self) -> bool:
        """Whether z = 0 is an error."""
        return self.kind in ("step", "sign") and self.tie is None

    @property
    def smooth(self) -> bool:
        """Whether the values are irrational: sigmoid and tanh."""
        return self.kind in SMOOTH

    def apply(self, alg: Algebra[B, S], z: S) -> S:
        """Return the activation of z; at a refused tie the value means nothing (see `tied`)."""
        match self.kind:
            case "step":
                return alg.choose(self._fires(alg, z), ONE, ZERO)
            case "sign":
                return alg.choose(self._fires(alg, z), ONE, -ONE)
            case "identity":
                return z
            case "relu":
                return alg.select(alg.greater(z, ZERO), z, alg.number(ZERO))
            case "leaky_relu":
                return alg.select(alg.greater(z, ZERO), z, alg.affine([self.slope or ZERO], [z], ZERO))
            case "hard_tanh":
                return _clip(alg, z, -ONE, ONE)
            case "clip":
                return _clip(alg, z, self.low or ZERO, self.high or ZERO)
            case "sigmoid" | "tanh":
                return alg.smooth(self.kind, alg.affine([self.slope or ONE], [z], ZERO))
            case _:
                assert_never(self.kind)

    def _fires(self, alg: Algebra[B, S], z: S) -> B:
        positive = alg.greater(z, ZERO)
        return alg.disjoin([positive, alg.equal(z, ZERO)]) if self.tie == 1 else positive

    def __str__(self) -> str:
        parameters = [
            f"{name} {show(value) if isinstance(value, Fraction) else value}"
            for name in ("tie", "slope", "low", "high")
            if (value := getattr(self, name)) is not None
        ]
        return f"{self.kind}({', '.join(parameters)})" if parameters else self.kind


def _clip(alg: Algebra[B, S], z: S, low: Fraction, high: Fraction) -> S:
    below = alg.select(alg.greater(z, low), z, alg.number(low))
    return alg.select(alg.greater(z, high), alg.number(high), below)


@dataclass(frozen=True, slots=True)
class Layer:
    """z = W h + b, then the activation. `W` has one row per unit of this layer, `units` their names."""

    name: str
    W: tuple[Row, ...]
    b: Row
    activation: Activation
    units: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given: object = self.activation
        if not isinstance(given, Activation):
            raise input_error("E303", f"layer {self.name}: expected an Activation, got {given!r}")
        object.__setattr__(self, "W", tuple(tuple(map(rational, row)) for row in self.W))
        object.__setattr__(self, "b", tuple(map(rational, self.b)))
        problems = []
        if not self.W or not self.W[0]:
            problems.append(Problem("E301", f"layer {self.name} has no weights"))
        widths = {len(row) for row in self.W}
        if len(widths) > 1:
            found = ", ".join(map(str, sorted(widths)))
            problems.append(Problem("E301", f"layer {self.name}: rows of weights have {found} entries"))
        if len(self.b) != len(self.W):
            counts = f"{len(self.W)} rows of weights and {len(self.b)} entries of bias"
            problems.append(Problem("E301", f"layer {self.name}: {counts}"))
        if self.units and len(self.units) != len(self.W):
            counts = f"{len(self.W)} rows of weights and {len(self.units)} names of units"
            problems.append(Problem("E301", f"layer {self.name}: {counts}"))
        if problems:
            raise InputError(problems)
        if not self.units:
            named = [self.name] if len(self.W) == 1 else [f"{self.name}{i + 1}" for i in range(len(self.W))]
            object.__setattr__(self, "units", tuple(named))

    @classmethod
    def of(
        cls,
        name: str,
        weights: Iterable[Iterable[object]],
        bias: Iterable[object] | None = None,
        activation: Kind | Activation = "step",
        units: Sequence[str] = (),
    ) -> "Layer":
        """Return a layer from numbers: texts, ints, Fractions, or floats (taken as the dyadics they are)."""
        W = tuple(tuple(map(rational, row)) for row in weights)
        b = tuple(map(rational, bias)) if bias is not None else (ZERO,) * len(W)
        try:
            act = activation if isinstance(activation, Activation) else Activation(activation)
        except InputError as error:
            raise InputError(
                replace(p, message=f"layer {name}: {p.message}") for p in error.problems
            ) from None
        return cls(name, W, b, act, tuple(units))

    @property
    def width(self) -> int:
        """The number of units."""
        return len(self.W)

    def preactivations(self, alg: Algebra[B, S], h: Sequence[S]) -> list[S]:
        """Return z = W h + b, one number per unit."""
        return [alg.affine(row, h, offset) for row, offset in zip(self.W, self.b, strict=True)]

    def activations(self, alg: Algebra[B, S], z: Sequence[S]) -> list[S]:
        """Return the activation of every unit from its pre-activation."""
        return [self.activation.apply(alg, value) for value in z]

    def tied(self, alg: Algebra[B, S], z: Sequence[S]) -> B:
        """Return whether a unit that refuses ties has z = 0."""
        if not self.activation.refuses_ties:
            return alg.bit(False)
        return alg.disjoin([alg.equal(value, ZERO) for value in z])


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that the numbers of a network were read from, `sha256` the digest of its bytes.

    `unused` are its tensors that are in no layer.
    """

    file: str
    format: str
    sha256: str
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Network:
    """Layers 1..L. Place 0 of an activation list is the input; place l is the output of layer l.

    `origin` is told in reports and makes no difference otherwise.
    """

    layers: tuple[Layer, ...]
    origin: Origin | None = field(compare=False)
    _places: dict[str, tuple[int, int]] = field(init=False, repr=False, compare=False)

    def __init__(self, layers: Iterable[Layer], origin: Origin | None = None) -> None:
        object.__setattr__(self, "layers", tuple(layers))
        object.__setattr__(self, "origin", origin)
        object.__setattr__(self, "_places", {})
        problems = [] if self.layers else [Problem("E301", "a network needs at least one layer")]
        for below, layer in zip(self.layers, self.layers[1:], strict=False):
            if len(layer.W[0]) != below.width:
                counts = f"takes {len(layer.W[0])} inputs, but layer {below.name} has {below.width} units"
                problems.append(Problem("E301", f"layer {layer.name} {counts}"))
        if len({layer.name for layer in self.layers}) < len(self.layers):
            problems.append(Problem("E105", "two layers of one name"))
        for place, layer in enumerate(self.layers, start=1):
            for i, unit in enumerate(layer.units):
                if unit in self._places:
                    problems.append(Problem("E105", f"two units are named {unit}"))
                self._places[unit] = (place, i)
        if problems:
            raise InputError(problems)
        for place, layer in enumerate(self.layers, start=1):
            if layer.width == 1:  # `h1` stays a name of the only unit of layer h
                self._places.setdefault(f"{layer.name}1", (place, 0))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.layers, self.origin)

    @property
    def n(self) -> int:
        """The number of inputs."""
        return len(self.layers[0].W[0])

    @property
    def depth(self) -> int:
        """The number of layers, L."""
        return len(self.layers)

    @property
    def smooth(self) -> bool:
        """Whether some layer is a sigmoid or a tanh."""
        return any(layer.activation.smooth for layer in self.layers)

    def find(self, unit: str) -> tuple[int, int] | None:
        """Return (layer place 1..L, 0-based index) of a unit, or None."""
        return self._places.get(unit)

    def layer(self, place: int) -> Layer:
        """Return layer `place`, counted from 1."""
        return self.layers[place - 1]

    def place_of(self, layer_name: str) -> int | None:
        """Return the place 1..L of a layer, or None."""
        return next((place for place, layer in enumerate(self.layers, 1) if layer.name == layer_name), None)

    def unit_names(self) -> list[str]:
        """Return the names of all units, in order."""
        return [unit for layer in self.layers for unit in layer.units]

    def forward(self, alg: Algebra[B, S], start: int, h: Sequence[S], stop: int) -> tuple[list[S], B]:
        """Return the activations at place `stop` from those at place `start`, and whether a tie was met."""
        values, ties = list(h), []
        for layer in self.layers[start:stop]:
            z = layer.preactivations(alg, values)
            ties.append(layer.tied(alg, z))
            values = layer.activations(alg, z)
        return values, alg.disjoin(ties)

    def __repr__(self) -> str:
        """Return the equations of a small network, the shape of a large one."""
        names = [f"x{i + 1}" for i in range(self.n)]
        lines = [str(self)]
        if sum(layer.width for layer in self.layers) <= MAX_SHOWN:
            for layer in self.layers:
                for unit, row, b in zip(layer.units, layer.W, layer.b, strict=True):
                    lines.append(f"  {unit} = {layer.activation}({show_row(row, names, b)})")
                names = list(layer.units)
        return "\n".join(lines)

    def __str__(self) -> str:
        sizes = "-".join(str(size) for size in [self.n, *(layer.width for layer in self.layers)])
        return f"{sizes} network ({', '.join(str(layer.activation) for layer in self.layers)})"
