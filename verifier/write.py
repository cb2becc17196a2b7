"""Features of one layer → Write: how setting a feature changes the activations, over any algebra.

Setting the features S of a layer to targets t adds  Σ_{r in S} w_r (t_r - C_r h - d_r)  to the activations h,
where C stacks the rows of all the layer's features (a readout's row, or one unit vector per unit of a units
feature) and C·[w_1 … w_K] = I: afterwards every feature of S reads its target, the others are untouched.
Default columns are the least-squares right inverse C^T (C C^T)^-1; an explicit write replaces its column.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.algebra import Algebra, B, S
from verifier.errors import Problem
from verifier.explanation import Explanation, Feature
from verifier.linear import dependency, dot, right_inverse
from verifier.network import Network, Row
from verifier.notation import show_row, suggest
from verifier.readout import Linear, Units


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows C and offsets d of the features found at one layer; `spans` says which rows are whose."""

    layer: int
    C: tuple[Row, ...]
    d: Row
    spans: tuple[tuple[str, range], ...]
    labels: tuple[str, ...]

    def span(self, feature: str) -> range:
        """Return the indices of the rows of a feature."""
        return next(span for name, span in self.spans if name == feature)

    def read(self, alg: Algebra[B, S], feature: str, h: Sequence[S]) -> list[S]:
        """Return the numbers a feature holds: what is copied when it is written from a donor."""
        return [alg.affine(self.C[r], h, self.d[r]) for r in self.span(feature)]


def rows_at(network: Network, explanation: Explanation, layer: int) -> Rows:
    """Return the stacked rows of the features found at a layer."""
    units = network.layer(layer).units
    C: list[Row] = []
    d: list[Fraction] = []
    spans, labels = [], []
    for feature in explanation.found_at(layer):
        start = len(C)
        match feature.site:
            case Units(_, indices):
                for i in indices:
                    C.append(tuple(Fraction(i == j) for j in range(len(units))))
                    d.append(Fraction(0))
                    labels.append(f"{feature.name}.{units[i]}")
            case None:
                pass
            case site:
                C.append(site.row)
                d.append(site.offset if isinstance(site, Linear) else Fraction(0))
                labels.append(feature.name)
        spans.append((feature.name, range(start, len(C))))
    return Rows(layer, tuple(C), tuple(d), tuple(spans), tuple(labels))


@dataclass(frozen=True, slots=True)
class Dependency:
    """Σ c_j (value of label_j) = constant on every input: the features cannot be set apart."""

    layer: int
    terms: tuple[tuple[str, Fraction], ...]
    constant: Fraction

    def __str__(self) -> str:
        names, coefficients = [name for name, _ in self.terms], [c for _, c in self.terms]
        return f"{show_row(coefficients, names)} = {self.constant} on every input"


@dataclass(frozen=True, slots=True)
class Write:
    """The stacked rows of a layer with a right inverse: m rows of K columns, C · columns = I."""

    rows: Rows
    columns: tuple[Row, ...]
    _known: dict[tuple[str, ...], list[tuple[Row, Fraction]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def apply(
        self, alg: Algebra[B, S], features: Sequence[str], h: Sequence[S], targets: Sequence[S]
    ) -> list[S]:
        """Return the activations after setting `features`; `targets` holds their numbers, in that order."""
        values = [*h, *targets]
        return [alg.affine(row, values, offset) for row, offset in self._forms(tuple(features))]

    def _forms(self, features: tuple[str, ...]) -> list[tuple[Row, Fraction]]:
        """Return, per unit, what its activation after the write is of (h, targets): a row and an offset."""
        if features not in self._known:
            written = [r for feature in features for r in self.rows.span(feature)]
            C, d = self.rows.C, self.rows.d
            forms = []
            for i, column in enumerate(self.columns):
                keep = [
                    Fraction(i == k) - sum((column[r] * C[r][k] for r in written), Fraction(0))
                    for k in range(len(self.columns))
                ]
                offset = -sum((column[r] * d[r] for r in written), Fraction(0))
                forms.append(((*keep, *(column[r] for r in written)), offset))
            self._known[features] = forms
        return self._known[features]


def compile_write(network: Network, explanation: Explanation, layer: int) -> Write | Dependency:
    """Return how the features of a layer are set, or the dependency that makes it impossible."""
    rows = rows_at(network, explanation, layer)
    found = dependency(rows.C)
    if found is not None:
        terms = tuple((label, c) for label, c in zip(rows.labels, found, strict=True) if c)
        return Dependency(layer, terms, dot(found, rows.d))
    columns = [list(row) for row in right_inverse(rows.C)]
    for feature in explanation.found_at(layer):
        if feature.name in explanation.writes:
            (r,) = rows.span(feature.name)
            for i, value in enumerate(explanation.writes[feature.name]):
                columns[i][r] = value
    return Write(rows, tuple(map(tuple, columns)))


def validate_writes(network: Network, explanation: Explanation) -> list[Problem]:
    """Return what is wrong with the explicit writes: each must move its own readout by 1 and no other."""
    problems = []
    features = {feature.name: feature for feature in explanation.features}
    for name, w in explanation.writes.items():
        if name not in features:
            problems.append(
                Problem("E502", f"a write of {name}, which is no feature", suggest(name, features))
            )
            continue
        problem = _misfit(network, explanation, features[name], w)
        if problem is not None:
            problems.append(problem)
    return problems


def _misfit(network: Network, explanation: Explanation, feature: Feature, w: Row) -> Problem | None:
    if feature.site is None or isinstance(feature.site, Units):
        return Problem("E502", f"{feature.name} has no readout, so it takes no write")
    if len(w) != network.layer(feature.site.layer).width:
        return Problem("E502", f"the write of {feature.name} is not a direction of its layer")
    rows = rows_at(network, explanation, feature.site.layer)
    for r, (row, label) in enumerate(zip(rows.C, rows.labels, strict=True)):
        wanted, moved = int(r in rows.span(feature.name)), dot(row, w)
        if moved != wanted:
            message = f"the write of {feature.name} moves {label} by {moved}, expected {wanted}"
            return Problem("E502", message)
    return None
