"""A brute force for the tests only: plain data → every check decided by listing everything it ranges over.

It shares no code with the package: numbers are Fractions in lists, formulas are nested tuples, linear algebra
is the elimination written below. It follows the definitions word by word and is as slow as they are.

Formulas: ("const", bit), ("name", text), and (gate, *arguments) with a leading parameter for `atleast`,
`exactly` (a count) and `table` (a text of bits, first argument most significant).
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product

F = Fraction
ZERO, ONE = F(0), F(1)


@dataclass(frozen=True)
class Layer:
    """z = W h + b, then the activation."""

    W: tuple
    b: tuple
    kind: str
    tie: int | None = None
    slope: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True)
class Site:
    """A place of a feature or output: `linear` (row, offset), `threshold` (row, op, bound) or `units`."""

    layer: int
    kind: str
    row: tuple = ()
    offset: Fraction = ZERO
    op: str = ""
    bound: Fraction = ZERO
    units: tuple = ()


@dataclass(frozen=True)
class Feature:
    """A named gate, found at a site or only computed."""

    name: str
    gate: tuple
    site: Site | None = None


@dataclass(frozen=True)
class Case:
    """A network, a domain, a decoding and an explanation, as plain data."""

    layers: tuple
    inputs: tuple
    outputs: tuple  # of (name, Site); of all units of the last layer when `argmax`
    features: tuple
    where: tuple | None = None
    rows: tuple | None = None
    low: Fraction = ZERO
    high: Fraction = ONE
    argmax: bool = False
    output_tolerance: Fraction = ZERO
    tolerance: Fraction = ZERO
    writes: tuple = ()  # of (feature, vector)
    mode: str = "all"
    truth: "Truth" = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "truth", Truth(self))


def value(formula, env):
    """Return the bit of a formula."""
    kind = formula[0]
    if kind == "const":
        return formula[1]
    if kind == "name":
        return env[formula[1]]
    if kind in ("atleast", "exactly"):
        ones = sum(value(a, env) for a in formula[2:])
        return ones >= formula[1] if kind == "atleast" else ones == formula[1]
    if kind == "table":
        number = 0
        for a in formula[2:]:
            number = 2 * number + (1 if value(a, env) else 0)
        return formula[1][number] == "1"
    bits = [value(a, env) for a in formula[1:]]
    ones = bits.count(True)
    return {
        "not": lambda: ones == 0,
        "and": lambda: ones == len(bits),
        "or": lambda: ones > 0,
        "xor": lambda: ones % 2 == 1,
        "parity": lambda: ones % 2 == 1,
        "xnor": lambda: ones % 2 == 0,
        "nand": lambda: ones < len(bits),
        "nor": lambda: ones == 0,
        "maj": lambda: 2 * ones > len(bits),
        "implies": lambda: bits[1] if bits[0] else True,
        "iff": lambda: bits[0] == bits[1],
        "ite": lambda: bits[1] if bits[0] else bits[2],
    }[kind]()


def dot(a, b):
    """Return the inner product."""
    assert len(a) == len(b)
    return sum((p * q for p, q in zip(a, b, strict=True)), F(0))


def reduced(rows):
    """Return the reduced row echelon form without its zero rows, and the pivot columns."""
    rows = [list(row) for row in rows]
    pivots, top = [], 0
    for column in range(len(rows[0]) if rows else 0):
        found = next((r for r in range(top, len(rows)) if rows[r][column] != 0), None)
        if found is None:
            continue
        rows[top], rows[found] = rows[found], rows[top]
        lead = rows[top][column]
        rows[top] = [v / lead for v in rows[top]]
        for r in range(len(rows)):
            if r != top and rows[r][column] != 0:
                factor = rows[r][column]
                rows[r] = [v - factor * p for v, p in zip(rows[r], rows[top], strict=True)]
        pivots.append(column)
        top += 1
    return rows[:top], pivots


def rank(rows):
    """Return the dimension of the span."""
    return len(reduced(rows)[1])


def inverse(square):
    """Return the inverse of a regular matrix."""
    size = len(square)
    joined = [[*row, *(F(i == j) for j in range(size))] for i, row in enumerate(square)]
    echelon, pivots = reduced(joined)
    assert pivots == list(range(size))
    return [row[size:] for row in echelon]


def kernel(rows, width):
    """Return a basis of the directions every row sends to zero."""
    echelon, pivots = reduced(rows)
    basis = []
    for free in (c for c in range(width) if c not in pivots):
        v = [F(0)] * width
        v[free] = F(1)
        for row, pivot in zip(echelon, pivots, strict=True):
            v[pivot] = -row[free]
        basis.append(v)
    return basis


def activate(layer, z):
    """Return the activation of z, or None for a refused tie."""
    if layer.kind in ("step", "sign"):
        if z == 0 and layer.tie is None:
            return None
        fires = z > 0 or (z == 0 and layer.tie == 1)
        return F(1) if fires else (F(0) if layer.kind == "step" else F(-1))
    if layer.kind == "identity":
        return z
    if layer.kind == "relu":
        return max(z, F(0))
    if layer.kind == "leaky_relu":
        return z if z > 0 else layer.slope * z
    low, high = (F(-1), F(1)) if layer.kind == "hard_tanh" else (layer.low, layer.high)
    return min(max(z, low), high)


def compare(left, op, right):
    """Return whether left `op` right."""
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[op]


def show(site, h, tolerance):
    """Return the bit read at a linear or threshold site, or None when the number is neither."""
    number = dot(site.row, h) + site.offset
    if site.kind == "threshold":
        return compare(number, site.op, site.bound)
    for bit in (False, True):
        if abs(number - int(bit)) <= tolerance:
            return bit
    return None


class Truth:
    """What is true of a case."""

    def __init__(self, case):
        self.case = case
        self.depth = len(case.layers)
        self._seen = {}

    @cached_property
    def domain(self):
        """The inputs of the domain."""
        case = self.case
        listed = product((False, True), repeat=len(case.inputs)) if case.rows is None else case.rows
        inside = [x for x in listed if case.where is None or value(case.where, self.named(x))]
        return list(dict.fromkeys(inside))

    def named(self, x):
        """Return the inputs by name."""
        return dict(zip(self.case.inputs, x, strict=True))

    def forward(self, start, h, stop):
        """Return the activations at `stop` from those at `start`, or None when a tie was met."""
        for layer in self.case.layers[start:stop]:
            h = [activate(layer, dot(row, h) + b) for row, b in zip(layer.W, layer.b, strict=True)]
            if None in h:
                return None
        return h

    def activations(self, x, place):
        """Return the activations at a place on an input."""
        if (x, place) not in self._seen:
            fed = [self.case.high if bit else self.case.low for bit in x]
            self._seen[x, place] = self.forward(0, fed, place)
        return self._seen[x, place]

    def decode(self, h):
        """Return the output bits (None: neither), or None altogether when the decoding ties."""
        case = self.case
        if case.argmax:
            winners = [i for i, v in enumerate(h) if v == max(h)]
            return [i == winners[0] for i in range(len(h))] if len(winners) == 1 else None
        bits = []
        for _, site in case.outputs:
            if site.kind == "threshold" and site.op in ("<", ">") and dot(site.row, h) == site.bound:
                return None
            bits.append(show(site, h, case.output_tolerance))
        return bits

    @cached_property
    def ties(self):
        """Whether some input of the domain meets a tie."""
        tied = (self.activations(x, self.depth) is None for x in self.domain)
        return any(tied) or any(self.decode(self.activations(x, self.depth)) is None for x in self.domain)

    def recompute(self, x, do):
        """Return the bit of every feature, those of `do` set."""
        env = self.named(x)
        for feature in self.case.features:
            env[feature.name] = do[feature.name] if feature.name in do else value(feature.gate, env)
        return env

    def found_at(self, layer):
        """Return the features of a layer, in order."""
        return [f for f in self.case.features if f.site is not None and f.site.layer == layer]

    @cached_property
    def layers(self):
        """The layers at which features are found."""
        return sorted({f.site.layer for f in self.case.features if f.site is not None})

    @property
    def readable(self):
        """The features with a readout."""
        return [f for f in self.case.features if f.site is not None and f.site.kind != "units"]

    def same_outputs(self, h, env):
        """Return whether the decoded outputs are the bits of the features named like them."""
        bits = None if h is None else self.decode(h)
        names = [name for name, _ in self.case.outputs]
        return bits is not None and all(b is env[name] for b, name in zip(bits, names, strict=True))

    # --- the checks -------------------------------------------------------------------------------------

    def behaves(self, x):
        """Return whether `behavior` holds on one input."""
        return self.same_outputs(self.activations(x, self.depth), self.recompute(x, {}))

    def reads(self, feature, x):
        """Return whether `readout` holds for one feature on one input."""
        bit = show(feature.site, self.activations(x, feature.site.layer), self.case.tolerance)
        return bit is self.recompute(x, {})[feature.name]

    def rows_of(self, feature):
        """Return (row, offset) for every number a feature holds."""
        site = feature.site
        if site.kind == "units":
            width = len(self.case.layers[site.layer - 1].W)
            return [([F(i == u) for i in range(width)], F(0)) for u in site.units]
        return [(list(site.row), site.offset)]

    def matrix(self, layer):
        """Return the stacked rows of the features of a layer."""
        return [row for feature in self.found_at(layer) for row, _ in self.rows_of(feature)]

    def dependent(self, layer):
        """Return whether the features of a layer cannot be set apart."""
        C = self.matrix(layer)
        return rank(C) < len(C)

    def directions(self, layer):
        """Return {feature: one write direction per number it holds}, with C · directions = identity."""
        if ("w", layer) not in self._seen:
            C = self.matrix(layer)
            gram = inverse([[dot(a, b) for b in C] for a in C])
            columns = [
                [sum((C[r][i] * gram[r][k] for r in range(len(C))), F(0)) for i in range(len(C[0]))]
                for k in range(len(C))
            ]
            given = dict(self.case.writes)
            found, next_row = {}, 0
            for feature in self.found_at(layer):
                size = len(self.rows_of(feature))
                found[feature.name] = columns[next_row : next_row + size]
                if feature.name in given:
                    found[feature.name] = [list(given[feature.name])]
                next_row += size
            self._seen["w", layer] = found
        return self._seen["w", layer]

    def held(self, feature, x):
        """Return the numbers a feature holds on an input."""
        h = self.activations(x, feature.site.layer)
        return [dot(row, h) + d for row, d in self.rows_of(feature)]

    def meaning(self, feature, setting):
        """Return (numbers, bit) of a setting: a bit, or a donor input."""
        if isinstance(setting, bool):
            return [F(setting)], setting
        return self.held(feature, setting), self.recompute(setting, {})[feature.name]

    def choices(self, feature):
        """Return what a feature can be set to by itself: bits for an exact linear readout, else donors."""
        exact = feature.site.kind == "linear" and self.case.tolerance == 0
        return [False, True] if exact else self.domain

    def settings(self, layer):
        """Yield every write of the mode at a layer, as {feature: setting}."""
        found = self.found_at(layer)
        if self.case.mode == "all":
            for chosen in product(*map(self.choices, found)):
                yield {f.name: setting for f, setting in zip(found, chosen, strict=True)}
            return
        most = 1 if self.case.mode == "single" else len(found)
        for size in range(1, most + 1):
            for subset in combinations(found, size):
                for donor in self.domain:
                    yield {f.name: donor for f in subset}

    def after(self, layer, x, chosen):
        """Return the activations of the layer after a write, and the bits it stands for."""
        h = list(self.activations(x, layer))
        do, moved = {}, list(h)
        for feature in self.found_at(layer):
            if feature.name not in chosen:
                continue
            numbers, do[feature.name] = self.meaning(feature, chosen[feature.name])
            w = self.directions(layer)[feature.name]
            for direction, number, (row, d) in zip(w, numbers, self.rows_of(feature), strict=True):
                amount = number - (dot(row, h) + d)
                moved = [m + v * amount for m, v in zip(moved, direction, strict=True)]
        return moved, do

    def interchanges(self, layer, x, chosen):
        """Return whether network and explanation agree after one write."""
        h, do = self.after(layer, x, chosen)
        env = self.recompute(x, do)
        for place in range(layer + 1, self.depth + 1):
            h = self.forward(place - 1, h, place)
            if h is None:
                return False
            for feature in self.found_at(place):
                if feature.site.kind == "units":
                    continue
                if show(feature.site, h, self.case.tolerance) is not env[feature.name]:
                    return False
        return self.same_outputs(h, env)

    def influences(self, layer, x, chosen):
        """Return whether one write changes the outputs; a tie is no change."""
        before = self.decode(self.activations(x, self.depth))
        h = self.forward(layer, self.after(layer, x, chosen)[0], self.depth)
        after = None if h is None else self.decode(h)
        return after is not None and after != before

    def idle(self, feature):
        """Return whether no write of a feature alone changes the outputs."""
        return not any(
            self.influences(feature.site.layer, x, {feature.name: setting})
            for x in self.domain
            for setting in self.choices(feature)
        )

    def reaching(self, layer):
        """Return {label: row} of what reads a layer and reaches an output along non-zero weights."""
        case = self.case
        names = [name for name, _ in case.outputs]
        width = len(case.layers[-1].W)
        if case.argmax:
            unit = [[F(i == j) for j in range(width)] for i in range(width)]
            forms = {
                f"{names[j]} - {names[i]}": [a - b for a, b in zip(unit[j], unit[i], strict=True)]
                for i, j in combinations(range(width), 2)
            }
        else:
            forms = {name: list(site.row) for name, site in case.outputs}
        rows = forms
        for place in range(self.depth, layer, -1):
            reached = [
                any(row[i] != 0 for row in rows.values()) for i in range(len(case.layers[place - 1].W))
            ]
            rows = {i: list(w) for i, w in enumerate(case.layers[place - 1].W) if reached[i]}
        return rows

    def unmediated(self, layer):
        """Return the labels of the reaching rows outside the span of the layer's rows."""
        C = self.matrix(layer)
        return [label for label, row in self.reaching(layer).items() if rank([*C, row]) > rank(C)]

    def pair_exists(self, layer, row):
        """Return whether two inputs with equal readouts differ on a row."""
        seen = {}
        for x in self.domain:
            h = self.activations(x, layer)
            key = tuple(dot(r, h) for r in self.matrix(layer))
            if seen.setdefault(key, dot(row, h)) != dot(row, h):
                return True
        return False

    def applicable(self, check):
        """Return whether a check has anything to check."""
        if check == "behavior":
            return True
        return bool(self.readable) if check == "readout" else bool(self.layers)

    def decide(self, check):
        """Return (holds, held, total): the verdict, and the exact share or None twice."""
        if check == "behavior":
            return _share([self.behaves(x) for x in self.domain])
        if check == "readout":
            return _share([self.reads(f, x) for f in self.readable for x in self.domain])
        if check == "mediation":
            return not any(self.unmediated(layer) for layer in self.layers), None, None
        if any(self.dependent(layer) for layer in self.layers):
            return False, None, None
        if check == "interchange":
            return _share(
                [
                    self.interchanges(layer, x, chosen)
                    for layer in self.layers
                    for chosen in self.settings(layer)
                    for x in self.domain
                ]
            )
        found = [f for layer in self.layers for f in self.found_at(layer)]
        return not any(self.idle(f) for f in found), None, None


def _share(results):
    return all(results), sum(results), len(results)


def readable_functions(rows):
    """Return how many 0/1 functions of distinct rows are affine in them, by trying each."""
    extended = [[*row, F(1)] for row in rows]
    size = rank(extended)
    return sum(
        rank([[*row, F(bit)] for row, bit in zip(extended, bits, strict=True)]) == size
        for bits in product((0, 1), repeat=len(rows))
    )
