"""The keys of a spec file and what their values may be: the source of validation and of the JSON Schema.

Where a number or a truth value may stand for a text, its text is read: the formula `1`, the decimal 0.1.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from verifier.checks import CHECKS, Check
from verifier.engine.options import Choice
from verifier.explanation import Mode
from verifier.library import KINDS as LIBRARY_KINDS
from verifier.network import KINDS
from verifier.notation import NAME, exact
from verifier.space import Readouts
from verifier.spec import scalars

NAME_PATTERN = f"^{NAME}$"

Text = Annotated[str | int | float | bool, Meta(title="text")]
Formula = Annotated[str | int | bool, Meta(title="a formula")]
Number = Annotated[int | float | str, Meta(title="a number", extra={"read": exact})]
Tolerance = Annotated[
    int | float | str, Meta(title="a number from 0 to below 1/2", extra={"read": scalars.tolerance})
]
Name = Annotated[str, Meta(title="a name", pattern=NAME_PATTERN, extra={"read": scalars.name})]
Label = Annotated[str, Meta(title="a label", pattern=f"^{scalars.LABEL}$", extra={"read": scalars.label})]
Names = Annotated[str, Meta(title="a name or a range such as x1..x8", extra={"read": scalars.names})]
OneHot = Annotated[
    str, Meta(title="one_hot(SIZE) or one_hot(VALUE, VALUE, …)", extra={"read": scalars.one_hot})
]
Input = Annotated[
    Names | Annotated[dict[Name, OneHot], Meta(min_length=1, max_length=1)],
    Meta(title="a name, a range such as x1..x8, or {NAME: one_hot(SIZE)}"),
]
Encoding = Annotated[
    list[Number], Meta(title="two numbers, [for bit 0, for bit 1]", min_length=2, max_length=2)
]
Place = Annotated[str, Meta(title="an output such as y, y > 1/2 or argmax")]
Output = Annotated[
    Place | Annotated[list[Place], Meta(min_length=1)] | Annotated[dict[Name, Place], Meta(min_length=1)],
    Meta(title="an output such as y, y > 1/2 or argmax, a list of them, or {NAME: OUTPUT}"),
]
Feature = Annotated[str | int | bool, Meta(title="a gate, or  gate @ site")]
Direction = Annotated[str, Meta(title="a direction such as h1 - h3")]
Activation = Annotated[str, Meta(title="an activation", extra_json_schema={"enum": list(KINDS)})]
Path = Annotated[str, Meta(title="the path of a file")]
Tensor = Annotated[str, Meta(title="the name of a tensor, or the prefix of a layer's tensors")]
Digest = Annotated[
    str, Meta(title="64 hexadecimal digits", pattern=f"^{scalars.SHA256}$", extra={"read": scalars.sha256})
]
Cut = Annotated[str, Meta(title="COLUMN > NUMBER", extra={"read": scalars.cut})]
Share = Annotated[int | float | str, Meta(title="a number above 0, at most 1", extra={"read": scalars.share})]


class Counted(Struct, kw_only=True, forbid_unknown_fields=True):
    """What share of its cases a check must hold on."""

    at_least: Share


Expectations = Annotated[
    dict[
        Check,
        Annotated[
            Literal["proved", "refuted"] | Counted, Meta(title="proved, refuted or {at_least: NUMBER}")
        ],
    ],
    Meta(
        title="a mapping such as {behavior: refuted}",
        min_length=1,
        extra_json_schema={"propertyNames": {"enum": list(CHECKS)}},
    ),
]
Count = Annotated[int, Meta(ge=0)]
Kind = Annotated[str, Meta(title="a kind of gate", extra_json_schema={"enum": list(LIBRARY_KINDS)})]


class Layer(Struct, kw_only=True, forbid_unknown_fields=True):
    """z = weights h + bias, then the activation; one row of weights per unit."""

    name: Name
    weights: Annotated[
        list[Annotated[list[Number], Meta(title="a row of weights such as [1, -1/2]", min_length=1)]],
        Meta(title="rows of weights such as [[1, -1/2], [0, 2]]", min_length=1),
    ]
    bias: list[Number] | UnsetType = UNSET
    activation: Activation
    tie: Literal[0, 1] | UnsetType = UNSET
    slope: Number | UnsetType = UNSET
    low: Number | UnsetType = UNSET
    high: Number | UnsetType = UNSET
    units: list[Name] | UnsetType = UNSET


class Network(Struct, kw_only=True, forbid_unknown_fields=True):
    """The layers, first to last."""

    layers: Annotated[list[Layer], Meta(min_length=1)]


class Source(Struct, kw_only=True, forbid_unknown_fields=True):
    """The file that the numbers of a network file were taken from."""

    file: Text
    format: Text
    sha256: Digest


class NetworkFile(Network, kw_only=True, forbid_unknown_fields=True):
    """A file of its own with what stands under `network` in a spec."""

    source: Source | UnsetType = UNSET


class Activated(Struct, kw_only=True, forbid_unknown_fields=True):
    """An activation with its parameters."""

    activation: Activation
    tie: Literal[0, 1] | UnsetType = UNSET
    slope: Number | UnsetType = UNSET
    low: Number | UnsetType = UNSET
    high: Number | UnsetType = UNSET


class StoredLayer(Activated, kw_only=True, forbid_unknown_fields=True):
    """A layer whose weights are in a file."""

    weights: Tensor
    bias: Tensor | UnsetType = UNSET
    transpose: bool | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    units: list[Name] | UnsetType = UNSET
    activation: Activation | UnsetType = UNSET  # type: ignore[assignment]


class StoredNetwork(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file of weights, and what it does not say itself."""

    file: Path
    sha256: Digest | UnsetType = UNSET
    layers: Annotated[list[Tensor | StoredLayer], Meta(min_length=1)] | UnsetType = UNSET
    activations: Annotated[list[Activation | Activated], Meta(min_length=1)] | UnsetType = UNSET
    ignore: Annotated[list[Tensor], Meta(min_length=1)] | UnsetType = UNSET


class Rows(Struct, kw_only=True, forbid_unknown_fields=True):
    """A data file, what of it is left out, its column of right answers, and what to do about equal rows."""

    file: Path
    ignore: Annotated[list[Text] | Literal["rest"], Meta(title="a list of columns, or rest")] | UnsetType = (
        UNSET
    )
    label: Text | UnsetType = UNSET
    duplicates: Literal["refuse", "merge"] | UnsetType = UNSET


class Interchange(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the check `interchange` ranges over."""

    mode: Mode


class Explanation(Struct, kw_only=True, forbid_unknown_fields=True):
    """Features in order, each a gate over inputs and earlier features, found at a site."""

    circuit: Annotated[dict[Name, Feature], Meta(title="features, each  NAME: gate @ site", min_length=1)]
    title: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    tolerance: Tolerance | UnsetType = UNSET
    write: Annotated[dict[Name, Direction], Meta(min_length=1)] | UnsetType = UNSET
    interchange: Interchange | UnsetType = UNSET
    checks: Annotated[list[Check], Meta(title="a list such as [behavior]", min_length=1)] | UnsetType = UNSET
    expect: Expectations | UnsetType = UNSET


class Listing(Struct, kw_only=True, forbid_unknown_fields=True):
    """What an enumeration is expected to list."""

    count: Count | UnsetType = UNSET
    classes: Count | UnsetType = UNSET
    contains: list[Label] | UnsetType = UNSET
    complete: bool | UnsetType = UNSET


class Gates(Struct, kw_only=True, forbid_unknown_fields=True):
    """A library of gates: of these kinds, with so many inputs at most."""

    kinds: Annotated[list[Kind], Meta(min_length=1)] | UnsetType = UNSET
    fan_in: Annotated[int, Meta(ge=1)] | UnsetType = UNSET


Restriction = Annotated[
    Annotated[list[Kind], Meta(min_length=1)] | Gates,
    Meta(title="a list of kinds of gates, or {kinds, fan_in}"),
]


class Enumerate(Struct, kw_only=True, forbid_unknown_fields=True):
    """The explanations to list: all of one layer with so many features and such coefficients."""

    layer: Name
    features: Annotated[int | str, Meta(title=scalars.COUNT, extra={"read": scalars.count})]
    coefficients: (
        Annotated[str, Meta(title=scalars.COEFFICIENTS, extra={"read": scalars.coefficients})] | UnsetType
    ) = UNSET
    up_to: list[Literal["order", "polarity"]] | UnsetType = UNSET
    require: (
        Annotated[list[Literal["readout", "mediation", "interchange"]], Meta(min_length=1)] | UnsetType
    ) = UNSET
    gates: Restriction | UnsetType = UNSET
    output_gates: Restriction | UnsetType = UNSET
    must_use: Annotated[list[Name], Meta(min_length=1)] | UnsetType = UNSET
    must_not_use: Annotated[list[Name], Meta(min_length=1)] | UnsetType = UNSET
    given: Annotated[dict[Name, Feature], Meta(min_length=1)] | UnsetType = UNSET
    readouts: Readouts | UnsetType = UNSET
    expect: Listing | UnsetType = UNSET


class Options(Struct, kw_only=True, forbid_unknown_fields=True):
    """How to check: the method, and what one check may spend."""

    method: Choice | UnsetType = UNSET
    timeout: (
        Annotated[
            int | float | str, Meta(title="a positive number of seconds", extra={"read": scalars.seconds})
        ]
        | UnsetType
    ) = UNSET
    rlimit: (
        Annotated[
            int,
            Meta(title="a whole number from 1 to below 2^32", ge=1, extra={"read": scalars.resources}),
        ]
        | UnsetType
    ) = UNSET
    node_limit: (
        Annotated[int, Meta(title="a whole number of 1 or more", ge=1, extra={"read": scalars.positive})]
        | UnsetType
    ) = UNSET


class Document(Struct, kw_only=True, forbid_unknown_fields=True):
    """Claims about how a network computes."""

    spec: Literal[1]
    title: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    inputs: Annotated[list[Input], Meta(title="a list such as [a, b] or [x1..x4]", min_length=1)]
    encoding: Encoding | UnsetType = UNSET
    where: Formula | UnsetType = UNSET
    rows: (
        Annotated[Path | Rows, Meta(title="the path of a CSV or .npy file, or a mapping with the key file")]
        | UnsetType
    ) = UNSET
    thresholds: Annotated[dict[Name, Cut], Meta(min_length=1)] | UnsetType = UNSET
    network: Network
    output: Output
    tolerance: Tolerance | UnsetType = UNSET
    concepts: Annotated[dict[Name, Formula], Meta(title="formulas by name", min_length=1)] | UnsetType = UNSET
    explanations: Annotated[dict[Label, Explanation], Meta(min_length=1)] | UnsetType = UNSET
    enumerate: Enumerate | UnsetType = UNSET
    options: Options | UnsetType = UNSET


class ReferringDocument(Document, kw_only=True, forbid_unknown_fields=True):
    """The same of a network that is in a file."""

    network: Path | StoredNetwork  # type: ignore[assignment]
