"""Query document → Query: every number exact, every name looked up, every shape checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verifier.audit.flaw import BeyondError, FlawError
from verifier.audit.values import (
    Row,
    array,
    boolean,
    choice,
    different,
    fail,
    integer,
    name,
    number,
    numbers,
    record,
)  # fmt: skip
from verifier.errors import InputError
from verifier.formula import Formula, parse, unknown_names

READOUT, INTERCHANGE, MEDIATION = "readout", "interchange", "mediation"
EXACT, NEAR, CUT = "exact", "linear", "threshold"
REQUIRE = ([READOUT], [READOUT, INTERCHANGE], [READOUT, MEDIATION, INTERCHANGE])
KINDS = (
    "any", "symmetric", "threshold", "and", "or", "nand", "nor", "xor", "xnor", "parity", "iff", "implies",
    "not", "maj", "ite", "atleast", "exactly",
)  # fmt: skip
PARAMETERS = {
    "step": (), "sign": (), "identity": (), "relu": (), "hard_tanh": (), "leaky_relu": ("slope",),
    "clip": ("low", "high"), "sigmoid": ("slope",), "tanh": ("slope",),
}  # fmt: skip
SMOOTH = ("sigmoid", "tanh")
MAX_INPUTS = 64


@dataclass(frozen=True, slots=True)
class Layer:
    """h = act(W h + b); a step or sign layer without `tie` refuses z = 0."""

    name: str
    units: tuple[str, ...]
    W: tuple[Row, ...]
    b: Row
    kind: str
    tie: int | None
    slope: Fraction
    low: Fraction
    high: Fraction

    @property
    def refuses(self) -> bool:
        """Whether z = 0 is an error."""
        return self.kind in ("step", "sign") and self.tie is None


@dataclass(frozen=True, slots=True)
class Output:
    """One output bit: row · h `op` value; without `op`, row · h + value must be 0 or 1."""

    name: str
    row: Row
    op: str | None
    value: Fraction


@dataclass(frozen=True, slots=True)
class Library:
    """The functions a gate may be."""

    kinds: tuple[str, ...]
    fan_in: int | None

    def free(self, n: int) -> bool:
        """Whether every function of n inputs is in it."""
        return "any" in self.kinds and (self.fan_in is None or self.fan_in >= n)


@dataclass(frozen=True, slots=True)
class Given:
    """A feature every explanation must hold: as this readout, or as this function of the inputs.

    With `op` the readout is the comparison row · h `op` offset.
    """

    name: str
    gate: Formula
    row: Row | None
    offset: Fraction
    op: str | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """What is enumerated: sets of `least` to `most` features at layer `place` (1-based).

    `readouts` are forms that equal their bit (EXACT), are within the tolerance (NEAR), or are compared (CUT).
    A query of version 1 has no word for them: they are EXACT, with a sigmoid or a tanh NEAR.
    """

    place: int
    least: int
    most: int
    bounds: tuple[int, int] | None
    polarity: bool
    mediation: bool
    interchange: bool
    gates: Library
    output_gates: Library
    must_use: tuple[int, ...]
    must_not_use: tuple[int, ...]
    given: tuple[Given, ...]
    readouts: str = EXACT


@dataclass(frozen=True, slots=True)
class Query:
    """A network, the inputs it is fed, how its output is decoded, and the space of explanations."""

    layers: tuple[Layer, ...]
    inputs: tuple[str, ...]
    where: Formula | None
    rows: tuple[str, ...] | None
    low: Fraction
    high: Fraction
    argmax: bool
    tolerance: Fraction
    outputs: tuple[Output, ...]
    space: Space

    @property
    def smooth(self) -> bool:
        """Whether some layer is a sigmoid or a tanh, which have no exact values."""
        return any(layer.kind in SMOOTH for layer in self.layers)

    @property
    def width(self) -> int:
        """The number m of units of the layer of the space."""
        return len(self.layers[self.space.place - 1].units)


def read_query(document: Any, version: int = 1) -> Query:
    """Return the query of a document in a version of the format.

    Raises:
        FlawError: what is malformed or does not fit, by its path in the document.
    """
    parts = record(document, "query", ("network", "domain", "decoding", "space"))
    domain = record(parts["domain"], "query.domain", ("inputs", "where", "rows", "low", "high"))
    inputs = [name(v, "query.domain.inputs") for v in array(domain["inputs"], "query.domain.inputs", 1)]
    different(inputs, "query.domain.inputs")
    if len(inputs) > MAX_INPUTS:
        raise BeyondError(f"the network has {len(inputs)} inputs, at most {MAX_INPUTS} are evaluated here")
    low, high = (number(domain[end], f"query.domain.{end}") for end in ("low", "high"))
    if low == high:
        raise FlawError(1, "query.domain: bit 0 and bit 1 are fed as the same number")
    layers = _layers(parts["network"], len(inputs))
    width = len(layers[-1].units)
    decoding = record(parts["decoding"], "query.decoding", ("argmax", "tolerance", "outputs"))
    outputs = _outputs(decoding["outputs"], width)
    argmax = boolean(decoding["argmax"], "query.decoding.argmax")
    tolerance = number(decoding["tolerance"], "query.decoding.tolerance")
    if not 0 <= tolerance < Fraction(1, 2):
        raise fail("query.decoding.tolerance", "a number from 0 to below 1/2", decoding["tolerance"])
    units = [tuple(Fraction(i == j) for j in range(width)) for i in range(width)]
    plain = all(output.op is None and output.value == 0 for output in outputs)
    if argmax and (width < 2 or [output.row for output in outputs] != units or not plain):
        raise FlawError(1, "query.decoding: argmax reads every unit of the last layer, two or more, in order")
    return Query(
        layers,
        tuple(inputs),
        _where(domain["where"], inputs),
        _rows(domain["rows"], len(inputs)),
        low,
        high,
        argmax,
        tolerance,
        outputs,
        _space(parts["space"], layers, inputs, version > 1),
    )


def _layers(value: Any, fed: int) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    items = array(record(value, "query.network", ("layers",))["layers"], "query.network.layers", 1)
    for i, item in enumerate(items):
        path = f"query.network.layers[{i}]"
        parts = record(item, path, ("name", "units", "weights", "bias", "activation"))
        units = tuple(name(v, f"{path}.units") for v in array(parts["units"], f"{path}.units", 1))
        rows = array(parts["weights"], f"{path}.weights")
        if len(rows) != len(units):
            raise FlawError(1, f"{path}.weights: expected {len(units)} rows, got {len(rows)}")
        W = tuple(numbers(row, f"{path}.weights[{j}]", fed) for j, row in enumerate(rows))
        b = numbers(parts["bias"], f"{path}.bias", len(units))
        layers.append(Layer(name(parts["name"], f"{path}.name"), units, W, b, *_activation(parts, path)))
        fed = len(units)
    different([layer.name for layer in layers], "query.network.layers")
    different([unit for layer in layers for unit in layer.units], "query.network.layers")
    return tuple(layers)


def _activation(layer: dict[str, Any], path: str) -> tuple[str, int | None, Fraction, Fraction, Fraction]:
    path = f"{path}.activation"
    parts = record(layer["activation"], path, ("kind", "tie", "slope", "low", "high"))
    kind: str = choice(parts["kind"], f"{path}.kind", list(PARAMETERS))
    tie: int | None = choice(parts["tie"], f"{path}.tie", (None, 0, 1))
    if tie is not None and kind not in ("step", "sign"):
        raise fail(f"{path}.tie", f"null for {kind}", tie)
    read = {}
    for key in ("slope", "low", "high"):
        if (key in PARAMETERS[kind]) == (parts[key] is None):
            wanted = "a number" if parts[key] is None else "null"
            raise fail(f"{path}.{key}", f"{wanted} for {kind}", parts[key])
        read[key] = Fraction(0) if parts[key] is None else number(parts[key], f"{path}.{key}")
    if kind in SMOOTH and read["slope"] <= 0:
        raise fail(f"{path}.slope", "a number above 0", parts["slope"])
    if kind == "clip" and read["low"] >= read["high"]:
        raise FlawError(1, f"{path}: expected low < high")
    return kind, tie, read["slope"], read["low"], read["high"]


def _outputs(value: Any, width: int) -> tuple[Output, ...]:
    outputs = []
    for i, item in enumerate(array(value, "query.decoding.outputs", 1)):
        path = f"query.decoding.outputs[{i}]"
        parts = record(item, path, ("name", "row", "op", "value"))
        outputs.append(
            Output(
                name(parts["name"], f"{path}.name"),
                numbers(parts["row"], f"{path}.row", width),
                choice(parts["op"], f"{path}.op", (None, ">", ">=", "<", "<=")),
                number(parts["value"], f"{path}.value"),
            )
        )
    different([output.name for output in outputs], "query.decoding.outputs")
    return tuple(outputs)


def _formula(value: Any, path: str, known: Sequence[str]) -> Formula:
    if not isinstance(value, str):
        raise fail(path, "a formula", value)
    try:
        formula = parse(value)
        unknown = unknown_names(formula, known)
    except (InputError, RecursionError) as error:
        raise FlawError(1, f"{path}: {_first(error)}") from None
    if unknown is not None:
        raise FlawError(1, f"{path}: {_first(unknown)}")
    return formula


def _first(error: Exception) -> str:
    return str(error.problems[0].message) if isinstance(error, InputError) else "nested too deep"


def _where(value: Any, inputs: Sequence[str]) -> Formula | None:
    return None if value is None else _formula(value, "query.domain.where", inputs)


def _rows(value: Any, n: int) -> tuple[str, ...] | None:
    if value is None:
        return None
    for item in array(value, "query.domain.rows"):
        if not isinstance(item, str) or len(item) != n or set(item) - {"0", "1"}:
            raise fail("query.domain.rows", f"rows of {n} bits", item)
    if len(set(value)) < len(value):
        raise FlawError(1, "query.domain.rows: two equal rows")
    return tuple(value)


def _space(value: Any, layers: Sequence[Layer], inputs: Sequence[str], told: bool) -> Space:
    """Return the space; `told` is whether it says what its readouts are."""
    keys = (
        "layer", "features", "coefficients", "polarity", "require", "gates", "output_gates", "must_use",
        "must_not_use", "given", *(["readouts"] if told else []),
    )  # fmt: skip
    parts = record(value, "query.space", keys)
    inner = [layer.name for layer in layers[:-1]]
    layer: str = choice(parts["layer"], "query.space.layer", inner)
    place = inner.index(layer) + 1
    units = layers[place - 1].units
    least, most = _pair(parts["features"], "query.space.features", integer)
    if not 1 <= least <= most:
        raise fail("query.space.features", "two counts, 1 or more, ascending", parts["features"])
    bounds = None
    if parts["coefficients"] is not None:
        bounds = _pair(parts["coefficients"], "query.space.coefficients", integer)
        if bounds[0] > bounds[1]:
            raise fail("query.space.coefficients", "two integers, ascending", parts["coefficients"])
    require = parts["require"]
    if require not in REQUIRE:
        raise fail("query.space.require", "one of " + " ".join(map(str, REQUIRE)), require)
    return Space(
        place,
        least,
        most,
        bounds,
        boolean(parts["polarity"], "query.space.polarity"),
        MEDIATION in require,
        INTERCHANGE in require,
        _library(parts["gates"], "query.space.gates"),
        _library(parts["output_gates"], "query.space.output_gates"),
        _unit_list(parts["must_use"], "query.space.must_use", units),
        _unit_list(parts["must_not_use"], "query.space.must_not_use", units),
        _given(parts["given"], units, inputs, told),
        choice(parts["readouts"], "query.space.readouts", (NEAR, CUT)) if told else EXACT,
    )


def _pair(value: Any, path: str, read: Callable[[Any, str], int]) -> tuple[int, int]:
    items = array(value, path)
    if len(items) != 2:
        raise fail(path, "two integers", value)
    return read(items[0], path), read(items[1], path)


def _library(value: Any, path: str) -> Library:
    parts = record(value, path, ("kinds", "fan_in"))
    kinds = [choice(kind, f"{path}.kinds", KINDS) for kind in array(parts["kinds"], f"{path}.kinds", 1)]
    different(kinds, f"{path}.kinds")
    fan_in = parts["fan_in"]
    if fan_in is not None and integer(fan_in, f"{path}.fan_in") < 1:
        raise fail(f"{path}.fan_in", "1 or more", fan_in)
    return Library(tuple(kinds), fan_in)


def _unit_list(value: Any, path: str, units: Sequence[str]) -> tuple[int, ...]:
    found = [choice(item, path, units) for item in array(value, path)]
    return tuple(units.index(item) for item in different(found, path))


def _given(value: Any, units: Sequence[str], inputs: Sequence[str], told: bool) -> tuple[Given, ...]:
    known = list(inputs)
    found = []
    for i, item in enumerate(array(value, "query.space.given")):
        path = f"query.space.given[{i}]"
        parts = record(item, path, ("name", "gate", "row", "offset", *(["op"] if told else [])))
        gate = _formula(parts["gate"], f"{path}.gate", known)
        row = None if parts["row"] is None else numbers(parts["row"], f"{path}.row", len(units))
        if (row is None) != (parts["offset"] is None):
            raise FlawError(1, f"{path}: expected a row with an offset, or neither")
        offset = Fraction(0) if row is None else number(parts["offset"], f"{path}.offset")
        op = choice(parts["op"], f"{path}.op", (None, ">", ">=", "<", "<=")) if told else None
        found.append(Given(name(parts["name"], f"{path}.name"), gate, row, offset, op))
        known.append(found[-1].name)
    different(known, "query.space.given")
    return tuple(found)
