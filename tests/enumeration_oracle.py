"""A brute force of enumeration, for the tests only: plain data → the sorted list of all explanations.

It shares no code and no idea with the package: every row of the box is tried on every input, and every set of
k readouts is decided by making all its interventions. Nothing is solved, joined, projected or cut short; no
number is ever computed from a closed form of the readouts. Numbers are exact: ints where they are whole (so
that trying a box is quick), Fractions elsewhere.

The data are those of a query: layers as `{"name", "units", "weights", "bias", "activation"}`, inputs as
tuples of bits, the decoding and the space as the dicts of a query; numbers may be texts. One key differs: the
gate of a given feature is `bits`, its value on each of the inputs in turn.

Without bounds (`coefficients` None): where the hidden rows span everything affinely, a box that holds every
readout there can be is computed first (`enough`), and that box is searched. Take m differences H_i - H_0 that
are a basis, M the matrix of these rows. A readout R of a function g has M R = e with e_i = g_i - g_0, each of
them 0, 1 or -1, so |R_c| is at most the sum of |entries| of row c of the inverse of M. Elsewhere the list is
infinite: `modulo_kernel` gives the sets of functions found in a given box, which is a lower bound.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations, permutations, product
from math import ceil, comb

F = Fraction


class TieError(Exception):
    """An input of the domain decides nothing."""


@dataclass(frozen=True)
class Listing:
    """Explanations, each (features, outputs): features of (row, offset), outputs of truth tables or None."""

    explanations: tuple
    classes: int

    @property
    def features(self):
        """The features alone."""
        return [features for features, _ in self.explanations]


def exact(number):
    """Return the exact number a text or a number is: an int where it is whole."""
    number = F(number)
    return int(number) if number.denominator == 1 else number


def dot(a, b):
    """Return the inner product."""
    assert len(a) == len(b)
    return sum(p * q for p, q in zip(a, b, strict=True))


def eliminated(rows):
    """Return the rows in reduced echelon form, zero rows last, and how many are not zero."""
    rows = [[F(v) for v in row] for row in rows]
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        candidates = [r for r in range(done, len(rows)) if rows[r][column] != 0]
        if not candidates:
            continue
        rows[done], rows[candidates[0]] = rows[candidates[0]], rows[done]
        lead = rows[done][column]
        rows[done] = [v / lead for v in rows[done]]
        for r in range(len(rows)):
            factor = rows[r][column]
            if r != done and factor != 0:
                rows[r] = [v - factor * p for v, p in zip(rows[r], rows[done], strict=True)]
        done += 1
    return rows, done


def rank(rows):
    """Return the dimension of the span."""
    return eliminated(rows)[1]


def divided(square, right):
    """Return X with square · X = right, for a regular square matrix."""
    size = len(square)
    joined, found = eliminated([[*a, *b] for a, b in zip(square, right, strict=True)])
    assert found == size
    assert all(joined[i][j] == (i == j) for i in range(size) for j in range(size))
    return [row[size:] for row in joined]


def directions(rows):
    """Return w_1..w_k, the columns of R^T (R R^T)^-1: writing along w_j moves the j-th reading alone."""
    gram = [[dot(a, b) for b in rows] for a in rows]
    return divided(gram, rows)


def complement(feature):
    """Return the readout of the other bit."""
    row, offset = feature
    return tuple(-c for c in row), 1 - offset


def class_of(features):
    """Return what is common to explanations that differ by complementing features."""
    return frozenset(min(f, complement(f)) for f in features)


# --- networks ----------------------------------------------------------------------------------------------


class Stack:
    """Layers, run from any place to the end."""

    def __init__(self, layers, decoding):
        self.layers = [
            (
                [[exact(v) for v in row] for row in layer["weights"]],
                [exact(v) for v in layer["bias"]],
                layer["activation"],
            )
            for layer in layers
        ]
        self.decoding = decoding

    def run(self, start, h, stop):
        """Return the activations at `stop` from those at `start`, or None when a unit ties."""
        for weights, bias, activation in self.layers[start:stop]:
            h = [self.activated(activation, dot(w, h) + b) for w, b in zip(weights, bias, strict=True)]
            if None in h:
                return None
        return tuple(h)

    @staticmethod
    def activated(activation, z):
        """Return the activation of z, or None for a refused tie."""
        kind, tie = activation["kind"], activation.get("tie")
        if kind == "identity":
            return z
        if kind == "relu":
            return max(0, z)
        if kind == "leaky_relu":
            return z if z > 0 else exact(activation["slope"]) * z
        if kind == "hard_tanh":
            return max(-1, min(1, z))
        if kind == "clip":
            return max(exact(activation["low"]), min(exact(activation["high"]), z))
        assert kind in ("step", "sign")
        if z == 0 and tie is None:
            return None
        fires = tie == 1 if z == 0 else z > 0
        return 1 if fires else {"step": 0, "sign": -1}[kind]

    def decoded(self, h):
        """Return the output bits (None for a number that is neither), or None when the decoding ties."""
        if self.decoding.get("argmax"):
            tops = [i for i, v in enumerate(h) if v == max(h)]
            return tuple(int(i in tops) for i in range(len(h))) if len(tops) == 1 else None
        tolerance = exact(self.decoding.get("tolerance", 0))
        bits = []
        for output in self.decoding["outputs"]:
            row, value = [exact(v) for v in output["row"]], exact(output["value"])
            left = dot(row, h)
            match output["op"]:
                case None:
                    near = [bit for bit in (0, 1) if abs(left + value - bit) <= tolerance]
                    bits.append(near[0] if near else None)
                case ">" | "<" as op:
                    if left == value:
                        return None
                    bits.append(int((left > value) == (op == ">")))
                case ">=":
                    bits.append(int(left >= value))
                case "<=":
                    bits.append(int(left <= value))
        return tuple(bits)

    def read_above(self, place):
        """Return the rows of the next layer whose units reach an output along non-zero weights."""
        last = len(self.layers)
        width = len(self.layers[-1][0])
        if self.decoding.get("argmax"):
            readers = [[int(i == j) - int(i == 0) for i in range(width)] for j in range(1, width)]
        else:
            readers = [[exact(v) for v in output["row"]] for output in self.decoding["outputs"]]
        for above in range(last, place, -1):
            weights = self.layers[above - 1][0]
            readers = [weights[i] for i in range(len(weights)) if any(row[i] != 0 for row in readers)]
        return readers


# --- libraries ---------------------------------------------------------------------------------------------

GATES = {
    "and": lambda a, c: all(a),
    "or": lambda a, c: any(a),
    "nand": lambda a, c: not all(a),
    "nor": lambda a, c: not any(a),
    "xor": lambda a, c: sum(a) % 2 == 1,
    "parity": lambda a, c: sum(a) % 2 == 1,
    "xnor": lambda a, c: sum(a) % 2 == 0,
    "iff": lambda a, c: a[0] == a[1],
    "implies": lambda a, c: a[1] if a[0] else True,
    "not": lambda a, c: not a[0],
    "maj": lambda a, c: 2 * sum(a) > len(a),
    "ite": lambda a, c: a[1] if a[0] else a[2],
    "atleast": lambda a, c: sum(a) >= c,
    "exactly": lambda a, c: sum(a) == c,
}
SIZES = {
    "iff": lambda size: size == 2,
    "implies": lambda size: size == 2,
    "not": lambda size: size == 1,
    "maj": lambda size: size >= 3 and size % 2 == 1,
    "ite": lambda size: size == 3,
}
KINDS = ("any", "symmetric", "threshold", *GATES)


@cache
def threshold_functions(size):
    """Return all linearly separable functions of at most 4 bits: integer weights up to 3 give them all."""
    assert size <= 4
    points = list(product((0, 1), repeat=size))
    found = set()
    for weights in product(range(-3, 4), repeat=size):
        sums = [dot(weights, p) for p in points]
        for bound in {*sums, max(sums) + 1}:
            found.add(tuple(int(s >= bound) for s in sums))
    return [dict(zip(points, f, strict=True)) for f in found]


@cache
def total_gates(kind, size):
    """Return all functions of exactly `size` literals that a gate makes, each input used once."""
    if not SIZES.get(kind, lambda size: size >= 1)(size):
        return []
    points = list(product((0, 1), repeat=size))
    counts = range(size + 2) if kind in ("atleast", "exactly") else [None]
    orders = permutations(range(size)) if kind in ("implies", "ite") else [tuple(range(size))]
    found = set()
    for order, negated, count in product(orders, product((0, 1), repeat=size), counts):
        table = []
        for p in points:
            literals = [bool(p[i]) != bool(negated[i]) for i in order]
            table.append(int(bool(GATES[kind](literals, count))))
        found.add(tuple(table))
    return [dict(zip(points, f, strict=True)) for f in found]


def in_library(library, points, bits):
    """Return whether a function known on some points is of a kind, over few enough of the inputs."""
    width = len(points[0])
    most = library.get("fan_in")
    for size in range(1, width + 1 if most is None else min(most, width) + 1):
        for inputs in combinations(range(width), size):
            known = {}
            for point, bit in zip(points, bits, strict=True):
                known.setdefault(tuple(point[i] for i in inputs), set()).add(bit)
            if any(len(seen) > 1 for seen in known.values()):
                continue
            known = {p: seen.pop() for p, seen in known.items()}
            if any(_is_of(kind, size, known) for kind in library["kinds"]):
                return True
    return False


def _is_of(kind, size, known):
    if kind == "any":
        return True
    if kind == "symmetric":
        return len({(sum(p), bit) for p, bit in known.items()}) == len({sum(p) for p in known})
    functions = threshold_functions(size) if kind == "threshold" else total_gates(kind, size)
    return any(all(f[p] == bit for p, bit in known.items()) for f in functions)


# --- enumeration -------------------------------------------------------------------------------------------


class Question:
    """A network, inputs and a space; everything that is true of them."""

    def __init__(self, layers, inputs, decoding, space, low=0, high=1):
        self.network = Stack(layers, decoding)
        self.inputs = [tuple(map(int, x)) for x in inputs]
        self.space = space
        names = [layer["name"] for layer in layers]
        self.place = names.index(space["layer"]) + 1
        self.units = layers[self.place - 1]["units"]
        self.last = len(layers)
        assert 1 <= self.place < self.last
        self.hidden = []
        for x in self.inputs:
            h = self.network.run(0, [exact(high) if bit else exact(low) for bit in x], self.place)
            end = None if h is None else self.network.run(self.place, h, self.last)
            if end is None or self.network.decoded(end) is None:
                raise TieError(x)
            self.hidden.append(h)
        self._ends, self._allowed = {}, {}

    def read(self, row, offset):
        """Return what an affine form reads on every input."""
        return tuple(dot(row, h) + offset for h in self.hidden)

    def offset(self, row):
        """Return the offset that makes a form a readout of a function with both values, or None."""
        first, other = dot(row, self.hidden[0]), 0
        for h in self.hidden:
            step = dot(row, h) - first
            if step in (0, other):
                continue
            if other != 0 or step not in (1, -1):
                return None
            other = step
        return None if other == 0 else exact(-min(first, first + other))

    def kernel_is_zero(self):
        """Return whether a function has at most one readout."""
        return rank([[a - b for a, b in zip(h, self.hidden[0], strict=True)] for h in self.hidden]) == len(
            self.units
        )

    def enough(self):
        """Return, per unit, how large the coefficient of any readout can be; only if the kernel is zero."""
        width, basis = len(self.units), []
        for h in self.hidden:
            difference = [a - b for a, b in zip(h, self.hidden[0], strict=True)]
            if rank([*basis, difference]) > len(basis):
                basis.append(difference)
        assert len(basis) == width
        inverse = divided(basis, [[int(i == j) for j in range(width)] for i in range(width)])
        return [ceil(sum(abs(v) for v in row)) for row in inverse]

    def box(self):
        """Return the coefficients each unit may have."""
        bounds = self.space["coefficients"]
        if bounds is None:
            return [range(-most, most + 1) for most in self.enough()]
        return [range(int(bounds[0]), int(bounds[1]) + 1)] * len(self.units)

    @cached_property
    def given(self):
        """The given readouts."""
        return [
            (tuple(exact(v) for v in g["row"]), exact(g["offset"]))
            for g in self.space.get("given", ())
            if g["row"] is not None
        ]

    @cached_property
    def readouts(self):
        """Every readout in the box, and the given ones that read a function."""
        found = []
        for row in product(*self.box()):
            offset = self.offset(row)
            if offset is not None:
                found.append((row, offset))
        return sorted({*found, *(g for g in self.given if self.offset(g[0]) == g[1])})

    def outcome(self, h):
        """Return the output bits the rest of the network gives from these activations, None if it cannot."""
        if h not in self._ends:
            end = self.network.run(self.place, h, self.last)
            bits = None if end is None else self.network.decoded(end)
            self._ends[h] = None if bits is None or None in bits else bits
        return self._ends[h]

    def allows(self, function):
        """Return whether the library of gates has a function of the inputs."""
        if function not in self._allowed:
            self._allowed[function] = in_library(self.space.get("gates", ANY), self.inputs, function)
        return self._allowed[function]

    def output_functions(self, features):
        """Return {u: output bits} if what is written decides every output on every input, else None."""
        rows = [row for row, _ in features]
        w = directions(rows)
        functions = {}
        for h in dict.fromkeys(self.hidden):
            read = [dot(row, h) + offset for row, offset in features]
            for u in product((0, 1), repeat=len(features)):
                moved = list(h)
                for j, direction in enumerate(w):
                    moved = [v + c * (u[j] - read[j]) for v, c in zip(moved, direction, strict=True)]
                bits = self.outcome(tuple(map(exact, moved)))
                if bits is None or functions.setdefault(u, bits) != bits:
                    return None
        return functions

    def decide(self, features):
        """Return the truth tables of the outputs (None: not asked for), or False for no explanation.

        The features are taken as they are, in or out of the box.
        """
        space, width = self.space, len(self.units)
        features = sorted(features)
        k = len(features)
        functions = [self.read(*feature) for feature in features]
        if any(set(f) != {0, 1} for f in functions):
            return False
        opposite = [tuple(1 - bit for bit in f) for f in functions]
        if len({*functions, *opposite}) < 2 * k:
            return False
        if not all(g in features for g in self.given):
            return False
        wanted = [tuple(map(int, g["bits"])) for g in space.get("given", ()) if g["row"] is None]
        if not all(f in functions for f in wanted):
            return False
        used = {self.units[c] for row, _ in features for c in range(width) if row[c] != 0}
        if not used.issuperset(space.get("must_use", ())) or used.intersection(space.get("must_not_use", ())):
            return False
        if not all(self.allows(f) for f in functions):
            return False
        rows = [row for row, _ in features]
        if rank(rows) < k:
            return False
        if "mediation" in space["require"]:
            for row in self.network.read_above(self.place):
                if rank([*rows, row]) > k:
                    return False
        if "interchange" not in space["require"]:
            return None
        outputs = self.output_functions(features)
        if outputs is None:
            return False
        for j in range(k):
            if all(outputs[u] == outputs[(*u[:j], 1 - u[j], *u[j + 1 :])] for u in outputs):
                return False
        points = list(product((0, 1), repeat=k))
        tables = [[outputs[u][o] for u in points] for o in range(len(outputs[points[0]]))]
        if not all(in_library(space.get("output_gates", ANY), points, table) for table in tables):
            return False
        return tuple("".join(map(str, table)) for table in tables)

    def work(self):
        """Return how many sets of readouts there are to decide."""
        least, most = self.space["features"]
        return sum(comb(len(self.readouts), k) for k in range(least, most + 1))

    def listing(self):
        """Return the list, in order."""
        least, most = self.space["features"]
        functions = {feature: self.read(*feature) for feature in self.readouts}
        found = []
        for k in range(least, most + 1):
            for features in combinations(self.readouts, k):
                if len({functions[f] for f in features}) < k:
                    continue
                outputs = self.decide(features)
                if outputs is not False:
                    found.append((features, outputs))
        found.sort(key=lambda e: (len(e[0]), e[0]))
        classes = {}
        for explanation in found:
            classes.setdefault(class_of(explanation[0]), explanation)
        listed = tuple(classes.values()) if self.space.get("polarity") else tuple(found)
        return Listing(listed, len(classes))

    def functions_of(self, features):
        """Return the set of functions that an explanation reads."""
        return frozenset(self.read(*feature) for feature in features)

    def modulo_kernel(self):
        """Return the sets of functions that have an explanation in the box."""
        return {self.functions_of(features) for features in self.listing().features}


ANY = {"kinds": ["any"], "fan_in": None}


def explanations(layers, inputs, decoding, space, low=0, high=1):
    """Return the listing of a question."""
    return Question(layers, inputs, decoding, space, low, high).listing()
