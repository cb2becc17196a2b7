"""Layer, number of features, coefficients and restrictions → Space: what an enumeration ranges over."""

from dataclasses import dataclass, field
from operator import index
from typing import Literal, TypeGuard

from verifier.checks import Check
from verifier.errors import InputError, Problem, input_error
from verifier.explanation import Feature
from verifier.library import ANY, Library
from verifier.network import Network
from verifier.notation import suggest
from verifier.readout import Linear, Site, Threshold

MAX_FEATURES = 10
MAX_COEFFICIENT = 2**31
REQUIREMENTS: tuple[tuple[Check, ...], ...] = (
    ("readout",),
    ("readout", "interchange"),
    ("readout", "mediation", "interchange"),
)
Readouts = Literal["linear", "threshold"]
SITES: dict[Readouts, type[Linear] | type[Threshold]] = {"linear": Linear, "threshold": Threshold}


@dataclass(frozen=True, slots=True)
class Space:
    """Sets of `features` readouts of one hidden layer that satisfy the checks in `require`.

    Coefficients are integers from `coefficients[0]` to `coefficients[1]`, or any integers (None). `polarity`
    lists one explanation per class up to complementing features. `gates` and `output_gates` restrict the
    Boolean functions of features and outputs; `given` features must be among those of the explanation, at
    their place if they have one. `readouts` says what reads a bit: an affine form that equals it (or is
    within the tolerance of the decoding), or a comparison.
    """

    layer: str
    features: tuple[int, int]
    coefficients: tuple[int, int] | None = None
    polarity: bool = False
    require: tuple[Check, ...] = REQUIREMENTS[-1]
    gates: Library = ANY
    output_gates: Library = ANY
    must_use: tuple[str, ...] = ()
    must_not_use: tuple[str, ...] = ()
    given: tuple[Feature, ...] = field(default=())
    readouts: Readouts = "linear"

    def __init__(
        self,
        layer: str,
        features: int | tuple[int, int],
        coefficients: tuple[int, int] | None = None,
        polarity: bool = False,
        require: tuple[Check, ...] = REQUIREMENTS[-1],
        gates: Library = ANY,
        output_gates: Library = ANY,
        must_use: tuple[str, ...] = (),
        must_not_use: tuple[str, ...] = (),
        given: tuple[Feature, ...] = (),
        readouts: Readouts = "linear",
    ) -> None:
        problems = _misfits(
            layer,
            features,
            coefficients,
            gates,
            output_gates,
            must_use,
            must_not_use,
            given,
            require,
            readouts,
        )
        if problems:
            raise InputError(problems)
        low, high = features if isinstance(features, tuple | list) else (features, features)
        wanted = tuple(check for check in REQUIREMENTS[-1] if check in require)
        values = {
            "layer": layer,
            "features": (index(low), index(high)),
            "coefficients": None
            if coefficients is None
            else (index(coefficients[0]), index(coefficients[1])),
            "polarity": bool(polarity),
            "require": wanted,
            "gates": gates,
            "output_gates": output_gates,
            "must_use": tuple(dict.fromkeys(must_use)),
            "must_not_use": tuple(dict.fromkeys(must_not_use)),
            "given": tuple(given),
            "readouts": readouts,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if not 1 <= self.features[0] <= self.features[1] <= MAX_FEATURES:
            problems.append(Problem("E104", f"expected 1 to {MAX_FEATURES} features, got {low}..{high}"))
        if self.coefficients is not None and max(map(abs, self.coefficients)) > MAX_COEFFICIENT:
            problems.append(Problem("E104", f"expected coefficients up to 2^31, got {coefficients}"))
        if self.coefficients is not None and self.coefficients[0] > self.coefficients[1]:
            problems.append(Problem("E104", f"expected a range of coefficients, got {coefficients}"))
        if set(require) - set(wanted) or wanted not in REQUIREMENTS:
            told = " or ".join(f"[{', '.join(checks)}]" for checks in REQUIREMENTS)
            hint = "without interchange nothing fixes the output gate where no input leads"
            problems.append(Problem("E104", f"expected require: {told}, got [{', '.join(require)}]", hint))
        if problems:
            raise InputError(problems)

    @property
    def interchange(self) -> bool:
        """Whether writes must act as the explanation says."""
        return "interchange" in self.require

    @property
    def mediation(self) -> bool:
        """Whether the features must be all the next layer sees."""
        return "mediation" in self.require

    def place(self, network: Network) -> int:
        """Return the place of the layer.

        Raises:
            InputError: E104 for a layer, E205 for a unit, that the network does not have, and E506 for a
                given feature that is not read like the others from this layer.
        """
        hidden = [layer.name for layer in network.layers[:-1]]
        if self.layer not in hidden:
            hint = suggest(self.layer, hidden) or f"hidden layers: {', '.join(hidden) or 'none'}"
            raise input_error("E104", f"expected a hidden layer of the network, got {self.layer}", hint)
        place = network.place_of(self.layer)
        assert place is not None
        units = network.layer(place).units
        problems = [
            Problem("E205", f"unknown unit {unit} of layer {self.layer}", suggest(unit, units))
            for unit in (*self.must_use, *self.must_not_use)
            if unit not in units
        ]
        problems += [
            Problem("E104", f"unit {unit} must be used and must not be used")
            for unit in sorted(set(self.must_use) & set(self.must_not_use))
        ]
        for feature in self.given:
            site = feature.site
            if site is None:
                continue
            if not self.reads(site) or site.layer != place or len(site.row) != len(units):
                message = (
                    f"the given feature {feature.name} is not a {self.readouts} readout of layer {self.layer}"
                )
                problems.append(Problem("E506", message))
        if problems:
            raise InputError(problems)
        return place

    def reads(self, site: Site | None) -> TypeGuard[Linear | Threshold]:
        """Return whether a place is read as the features of this space are."""
        return isinstance(site, SITES[self.readouts])


def _misfits(
    layer: object,
    features: object,
    coefficients: object,
    gates: object,
    output_gates: object,
    must_use: object,
    must_not_use: object,
    given: object,
    require: object,
    readouts: object,
) -> list[Problem]:
    """Return which arguments are of another kind than they should be."""
    texts = (must_use, must_not_use)
    checked = [
        ("layer", "a name", layer, isinstance(layer, str)),
        ("features", "a number or two", features, hasattr(features, "__index__") or _pair(features)),
        ("require", "names of checks", require, _all(require, str)),
        (
            "coefficients",
            "two whole numbers or None",
            coefficients,
            coefficients is None or _pair(coefficients),
        ),
        ("gates", "a Library", gates, isinstance(gates, Library)),
        ("output_gates", "a Library", output_gates, isinstance(output_gates, Library)),
        *(("must_use, must_not_use", "names of units", units, _all(units, str)) for units in texts),
        ("given", "features, as Explanation.of(...).features", given, _all(given, Feature)),
        ("readouts", " or ".join(SITES), readouts, readouts in SITES),
    ]
    return [
        Problem("E104", f"expected {wanted} as {name}, got {value!r}")
        for name, wanted, value, fits in checked
        if not fits
    ]


def _pair(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and all(hasattr(v, "__index__") for v in value)


def _all(values: object, kind: type) -> bool:
    return isinstance(values, tuple | list) and all(isinstance(value, kind) for value in values)
