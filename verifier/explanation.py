"""Features, each a gate found at a place → Explanation, recomputed under interventions over any algebra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from verifier.algebra import Algebra, B, S
from verifier.errors import InputError, Problem, input_error
from verifier.formula import Formula, evaluate, names, parse, show, unknown_names
from verifier.network import Network, Row
from verifier.notation import rational, unfit_name
from verifier.readout import Linear, Site, Units, parse_direction, show_site
from verifier.readout import parse as parse_site

Mode = Literal["all", "donor", "single"]
MODES: tuple[Mode, ...] = ("all", "donor", "single")


@dataclass(frozen=True, slots=True)
class Feature:
    """A named gate over inputs and earlier features; `site` is where it is found, None if only computed."""

    name: str
    gate: Formula
    site: Site | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.gate, Formula):
            raise input_error(
                "E201", f"expected a parsed formula as the gate of {self.name}, got {self.gate!r}"
            )

    def show(self, network: Network) -> str:
        """Return the feature as a spec writes it."""
        place = f" @ {show_site(self.site, network)}" if self.site is not None else ""
        return f"{self.name}: {show(self.gate)}{place}"


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """An ordered, acyclic list of features.

    `tolerance` is how far a linear readout may be from its bit; `writes` holds explicit write directions
    (feature → vector over the units of its layer); `mode` says what `interchange` ranges over.
    """

    name: str
    features: tuple[Feature, ...]
    tolerance: Fraction = Fraction(0)
    writes: Mapping[str, Row] = field(default_factory=dict)
    mode: Mode = "all"

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", tuple(self.features))
        object.__setattr__(self, "tolerance", rational(self.tolerance))
        writes = {name: tuple(map(rational, w)) for name, w in self.writes.items()}
        object.__setattr__(self, "writes", MappingProxyType(writes))
        unfit = (unfit_name("a feature", feature.name) for feature in self.features)
        problems = [problem for problem in unfit if problem is not None]
        seen: set[str] = set()
        depth: dict[str, tuple[int, str]] = {}
        for feature in self.features:
            if feature.name in seen:
                problems.append(Problem("E105", f"two features are named {feature.name}"))
            seen.add(feature.name)
            deepest = max((depth[n.name] for n in names(feature.gate) if n.name in depth), default=(0, ""))
            if feature.site is not None:
                if feature.site.layer < deepest[0]:
                    message = f"{feature.name} is found before {deepest[1]}, which it depends on"
                    problems.append(Problem("E504", message))
                deepest = (feature.site.layer, feature.name)
            depth[feature.name] = deepest
        if not 0 <= self.tolerance < Fraction(1, 2):
            problems.append(Problem("E104", f"expected a tolerance in [0, 1/2), got {self.tolerance}"))
        if self.mode not in MODES:
            problems.append(Problem("E104", f"expected a mode of {', '.join(MODES)}, got {self.mode}"))
        if problems:
            raise InputError(problems)

    def __repr__(self) -> str:
        """Return the features; a site by its layer's number and its row, as the network is not at hand."""
        sites = {feature: "" if feature.site is None else f" @ {feature.site}" for feature in self.features}
        lines = [f"  {feature.name}: {show(feature.gate)}{site}" for feature, site in sites.items()]
        return "\n".join([f"explanation {self.name}", *lines])

    @classmethod
    def of(
        cls,
        network: Network,
        circuit: Mapping[str, str],
        *,
        name: str = "explanation",
        inputs: Sequence[str] | None = None,
        tolerance: object = 0,
        write: Mapping[str, str] | None = None,
        mode: Mode = "all",
    ) -> "Explanation":
        """Return the explanation a spec's `circuit` and `write` sections would give.

        Inputs are named x1..xn by default.

        Raises:
            InputError: every problem of every feature.
        """
        known = list(inputs) if inputs is not None else [f"x{i + 1}" for i in range(network.n)]
        features: list[Feature] = []
        problems: list[Problem] = []
        for feature, text in circuit.items():
            try:
                features.append(parse_feature(feature, text, network, known))
            except InputError as error:
                problems += [p.at(f"{name}.{feature}", p.position) for p in error.problems]
            known.append(feature)
        if problems:
            raise InputError(problems)
        writes = {}
        for feature, text in (write or {}).items():
            layer, writes[feature] = parse_direction(text, network)
            sites = {f.name: f.site for f in features}
            site = sites.get(feature)
            if site is None or site.layer != layer:
                where = network.layer(layer).name
                raise input_error(
                    "E502", f"{feature} is not found at layer {where}, so it is not written there"
                )
        return cls(name, tuple(features), rational(tolerance), writes, mode)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.name, self.features, self.tolerance, dict(self.writes), self.mode)

    def feature(self, name: str) -> Feature:
        """Return the feature of that name."""
        return next(feature for feature in self.features if feature.name == name)

    @property
    def layers(self) -> tuple[int, ...]:
        """The places of the layers at which features are found, ascending."""
        return tuple(sorted({feature.site.layer for feature in self.features if feature.site is not None}))

    def found_at(self, layer: int) -> tuple[Feature, ...]:
        """Return the features found at a layer, in order."""
        return tuple(f for f in self.features if f.site is not None and f.site.layer == layer)

    @property
    def readable(self) -> tuple[Feature, ...]:
        """The features that have a readout: linear and threshold sites."""
        return tuple(f for f in self.features if f.site is not None and not isinstance(f.site, Units))

    def writes_bits(self, feature: Feature) -> bool:
        """Whether the values this feature can take are the bits 0 and 1: an exact linear readout."""
        return isinstance(feature.site, Linear) and self.tolerance == 0

    def recompute(
        self, alg: Algebra[B, S], x: Mapping[str, B], do: Mapping[str, B] | None = None
    ) -> dict[str, B]:
        """Return every feature's bit at inputs x, the features in `do` set instead of computed."""
        values = dict(x)
        for feature in self.features:
            forced = (do or {}).get(feature.name)
            values[feature.name] = evaluate(feature.gate, alg, values) if forced is None else forced
        return {feature.name: values[feature.name] for feature in self.features}


def parse_feature(name: str, text: str, network: Network, known: Sequence[str]) -> Feature:
    """Return the feature `name: text`, the text being `gate` or `gate @ site`.

    Raises:
        InputError: every problem of the gate and of the site, with columns in the text.
    """
    gate_text, at, site_text = text.partition("@")
    problems: list[Problem] = []
    gate: Formula | None = None
    site: Site | None = None
    try:
        if at and not gate_text.strip():
            raise input_error("E201", "expected a gate before the @, got none")
        gate = parse(gate_text)
        unknown = unknown_names(gate, known)
        problems += unknown.problems if unknown else ()
    except InputError as error:
        problems += error.problems
    if at:
        try:
            site = parse_site(site_text, network)
        except InputError as error:
            problems += [problem.shifted(len(gate_text) + 1) for problem in error.problems]
    if problems or gate is None:
        raise InputError(problems)
    return Feature(name, gate, site)
