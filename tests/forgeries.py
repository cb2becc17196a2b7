"""A certificate writer by brute force from the definitions, and ways to forge what it writes.

It imports nothing of the package: every set of features is tried, in rationals, one by one.
"""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha256
from itertools import combinations, permutations, product

F = Fraction
DEFAULT = ["readout", "mediation", "interchange"]
ANY = {"kinds": ["any"], "fan_in": None}


# The query document


def layer(name, weights, bias, kind="step", tie=None, slope=None, low=None, high=None):
    """Return a layer; its units are `<name>1`, `<name>2`, …"""
    return {
        "name": name,
        "units": [f"{name}{i + 1}" for i in range(len(weights))],
        "weights": [[str(F(v)) for v in row] for row in weights],
        "bias": [str(F(v)) for v in bias],
        "activation": {"kind": kind, "tie": tie, "slope": slope, "low": low, "high": high},
    }


def output(row=(1,), op=None, value=0, name="y"):
    """Return one output of a decoding."""
    return {"name": name, "row": [str(F(v)) for v in row], "op": op, "value": str(F(value))}


def query(layers, *, inputs=2, outputs=None, argmax=False, tolerance=0, where=None, rows=None, ends=(0, 1), **space):
    """Return a query document; what is left out is the default."""
    document = {
        "layer": "h",
        "features": [2, 2],
        "coefficients": [-2, 2],
        "polarity": False,
        "require": DEFAULT,
        "gates": ANY,
        "output_gates": ANY,
        "must_use": [],
        "must_not_use": [],
        "given": [],
    }
    assert set(space) <= set(document)
    return {
        "network": {"layers": layers},
        "domain": {
            "inputs": [f"x{i + 1}" for i in range(inputs)],
            "where": where,
            "rows": rows,
            "low": str(F(ends[0])),
            "high": str(F(ends[1])),
        },
        "decoding": {
            "argmax": argmax,
            "tolerance": str(F(tolerance)),
            "outputs": [output()] if outputs is None else outputs,
        },
        "space": {**document, **space},
    }


def xor_layers(kind="step", bias=(F(-1, 2), F(-1, 2), F(-3, 2)), end=F(-1, 2)):
    """Return the XOR network of the seed."""
    return [layer("h", [[1, 0], [0, 1], [1, 1]], bias, kind), layer("y", [[1, 1, -2]], [end], kind)]


def parity_layers(n):
    """Return parity of n bits in one hidden layer: h_i = [at least i], y = [their alternating sum > 1/2]."""
    thermometer = layer("h", [[1] * n] * n, [F(1, 2) - i for i in range(1, n + 1)])
    return [thermometer, layer("y", [[(-1) ** i for i in range(n)]], [F(-1, 2)])]


# The definitions


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True) if x and y), F(0))


def numbers(texts):
    return _numbers(tuple(texts))


@cache
def _numbers(texts):
    return [F(text) for text in texts]


def activate(activation, z):
    """Return the activation, or None for a tie."""
    match activation["kind"]:
        case "step" | "sign":
            if z == 0 and activation["tie"] is None:
                return None
            bit = z > 0 or (z == 0 and activation["tie"] == 1)
            return F(bit) if activation["kind"] == "step" else F(1 if bit else -1)
        case "identity":
            return z
        case "relu":
            return max(z, F(0))
        case "leaky_relu":
            return z if z > 0 else F(activation["slope"]) * z
        case "hard_tanh":
            return min(max(z, F(-1)), F(1))
        case "clip":
            return min(max(z, F(activation["low"])), F(activation["high"]))


def forward(layers, h):
    """Return the activations after the layers, or None for a tie."""
    for part in layers:
        h = [
            activate(part["activation"], dot(numbers(row), h) + b)
            for row, b in zip(part["weights"], numbers(part["bias"]), strict=True)
        ]
        if None in h:
            return None
    return h


def decode(decoding, h):
    """Return the output bits, or None for a tie or a value that is no bit."""
    if h is None:
        return None
    if decoding["argmax"]:
        return [int(v == max(h)) for v in h] if h.count(max(h)) == 1 else None
    bits = []
    for part in decoding["outputs"]:
        v, value, tolerance = dot(numbers(part["row"]), h), F(part["value"]), F(decoding["tolerance"])
        match part["op"]:
            case None if abs(v + value) <= tolerance:
                bits.append(0)
            case None if abs(v + value - 1) <= tolerance:
                bits.append(1)
            case ">" | "<" if v != value:
                bits.append(int((v > value) == (part["op"] == ">")))
            case ">=":
                bits.append(int(v >= value))
            case "<=":
                bits.append(int(v <= value))
            case _:
                return None
    return bits


def inputs_of(document, holds):
    """Return the domain; `holds` is `where` as a function of the bits."""
    domain = document["domain"]
    texts = domain["rows"] or ["".join(x) for x in product("01", repeat=len(domain["inputs"]))]
    return [tuple(map(int, x)) for x in texts if holds is None or holds(tuple(map(int, x)))]


def echelon(rows):
    """Return the reduced non-zero rows."""
    rows, done = [list(row) for row in rows], []
    while rows:
        row = rows.pop()
        for pivot, other in done:
            row = [v - row[pivot] * w for v, w in zip(row, other, strict=True)]
        pivot = next((i for i, v in enumerate(row) if v), None)
        if pivot is not None:
            row = [v / row[pivot] for v in row]
            done = [(p, [v - o[pivot] * w for v, w in zip(o, row, strict=True)]) for p, o in done]
            done.append((pivot, row))
    return done


def rank(rows):
    return len(echelon(rows))


def inverse(matrix):
    """Return the inverse of a square matrix of full rank."""
    size = len(matrix)
    done = echelon([[*row, *(F(i == j) for j in range(size))] for i, row in enumerate(matrix)])
    return [row[size:] for _, row in sorted(done)]


def reaching(document, place):
    """Return the rows of layer `place` + 1 whose units reach an output."""
    layers, decoding = document["network"]["layers"], document["decoding"]
    seen = [numbers(part["row"]) for part in decoding["outputs"]]
    for part in reversed(layers[place:]):
        seen = [numbers(row) for i, row in enumerate(part["weights"]) if any(r[i] for r in seen)]
    return seen


@cache
def gates_of(kind, a):
    """Return the functions of a literals, as tuples of 2^a bits, of a kind."""
    points = list(product((0, 1), repeat=a))
    if kind == "any":
        return set(product((0, 1), repeat=len(points)))
    if kind == "symmetric":
        return {tuple(by[sum(p)] for p in points) for by in product((0, 1), repeat=a + 1)}
    if kind == "threshold":
        ranges = product(range(-2, 3), repeat=a)
        return {tuple(int(2 * dot(w, p) > 2 * t + 1) for p in points) for w in ranges for t in range(-8, 8)}
    found = set()
    for order, flips in product(permutations(range(a)), product((0, 1), repeat=a)):
        for t in range(a + 2):
            gate = {
                "and": lambda *v: all(v), "or": lambda *v: any(v), "nand": lambda *v: not all(v),
                "nor": lambda *v: not any(v), "xor": lambda *v: sum(v) % 2, "parity": lambda *v: sum(v) % 2,
                "xnor": lambda *v: sum(v) % 2 == 0, "iff": lambda p, q: p == q,
                "implies": lambda p, q: q >= p, "not": lambda p: not p, "ite": lambda s, p, q: p if s else q,
                "maj": lambda *v: 2 * sum(v) > a,
                "atleast": lambda *v, t=t: sum(v) >= t, "exactly": lambda *v, t=t: sum(v) == t,
            }[kind]  # fmt: skip
            found.add(tuple(int(gate(*(p[i] ^ flips[i] for i in order))) for p in points))
    return found


ARGUMENTS = {"iff": (2,), "implies": (2,), "not": (1,), "ite": (3,), "maj": (3, 5)}


def in_library(library, points, values):
    """Return whether a gate of the library agrees with the values on the points."""
    return _in_library(tuple(library["kinds"]), library["fan_in"], tuple(points), tuple(values))


@cache
def _in_library(kinds, fan_in, points, values):
    n = len(points[0])
    most = n if fan_in is None else min(n, fan_in)
    if "any" in kinds and most == n:
        return True
    for kind, a in product(kinds, range(most + 1)):
        if kind not in ("any", "symmetric", "threshold") and (a == 0 or a not in ARGUMENTS.get(kind, (a,))):
            continue
        for gate in gates_of(kind, a):
            for chosen in combinations(range(n), a):
                places = [int("".join(str(p[i]) for i in chosen) or "0", 2) for p in points]
                if all(gate[place] == value for place, value in zip(places, values, strict=True)):
                    return True
    return False


@dataclass
class Brute:
    """All explanations of a query by the definitions. `given` maps gates to functions of the bits."""

    document: dict
    holds: object = None
    gates: dict | None = None

    def __post_init__(self):
        document, space = self.document, self.document["space"]
        layers = document["network"]["layers"]
        self.place = [part["name"] for part in layers].index(space["layer"]) + 1
        low, high = F(document["domain"]["low"]), F(document["domain"]["high"])
        self.x = inputs_of(document, self.holds)
        fed = [[high if bit else low for bit in x] for x in self.x]
        self.H = [forward(layers[: self.place], h) for h in fed]
        assert self.x and all(decode(document["decoding"], forward(layers, h)) for h in fed if document["decoding"])
        self.units = layers[self.place - 1]["units"]
        self.rest = layers[self.place :]
        self.targets = reaching(document, self.place)

    def bits(self, feature):
        row, d = feature
        return tuple(dot(row, h) + d for h in self.H)

    def features(self, bounds=None):
        """Return all features by C1 and C2 that use no forbidden unit."""
        low, high = bounds or self.document["space"]["coefficients"]
        banned = [self.units.index(unit) for unit in self.document["space"]["must_not_use"]]
        found = []
        for row in product(range(low, high + 1), repeat=len(self.units)):
            values = {dot(row, h) for h in self.H}
            if len(values) == 2 and max(values) == min(values) + 1 and not any(row[i] for i in banned):
                found.append((tuple(map(F, row)), -min(values)))
        return sorted(found)

    def explanations(self, bounds=None):
        """Return (features, output) of every explanation, ascending."""
        space = self.document["space"]
        pool = self.features(bounds)
        for part in space["given"]:
            if part["row"] is not None:
                feature = (tuple(numbers(part["row"])), F(part["offset"]))
                pool = sorted({*pool, feature} if set(self.bits(feature)) == {0, 1} else pool)
        pool = [f for f in pool if in_library(space["gates"], self.x, self.bits(f))]
        found = []
        for k in range(space["features"][0], space["features"][1] + 1):
            for chosen in combinations(pool, k):
                holds, tables = self.judge(chosen)
                if holds:
                    found.append((chosen, tables))
        return self.least(found) if space["polarity"] else found

    def least(self, found):
        classes = {}
        for item in found:
            classes.setdefault(class_of(item[0]), item)
        return list(classes.values())

    def judge(self, chosen):
        """Return whether a set of features is an explanation, and its truth tables."""
        space, k = self.document["space"], len(chosen)
        bits = [self.bits(f) for f in chosen]
        rows = [row for row, _ in chosen]
        known = {b if b[0] == 0 else tuple(1 - v for v in b) for b in bits}
        if len(known) < k or rank(rows) < k:
            return False, None
        for unit in space["must_use"]:
            if not any(row[self.units.index(unit)] for row in rows):
                return False, None
        for part in space["given"]:
            if part["row"] is None and self.gate(part) not in bits:
                return False, None
            if part["row"] is not None and (tuple(numbers(part["row"])), F(part["offset"])) not in chosen:
                return False, None
        if any(any(row[self.units.index(unit)] for unit in space["must_not_use"]) for row in rows):
            return False, None
        if "mediation" in space["require"] and any(rank([*rows, w]) > k for w in self.targets):
            return False, None
        return self.interchange(chosen) if "interchange" in space["require"] else (True, None)

    def gate(self, part):
        return tuple(F(self.gates[part["gate"]](x)) for x in self.x)

    def interchange(self, chosen):
        rows, k = [row for row, _ in chosen], len(chosen)
        gram = inverse([[dot(a, b) for b in rows] for a in rows])
        shown = []
        for u in product((0, 1), repeat=k):
            seen = set()
            for h in self.H:
                gap = [bit - dot(row, h) - d for bit, (row, d) in zip(u, chosen, strict=True)]
                alpha = [dot(line, gap) for line in gram]
                moved = [v + dot(alpha, column) for v, column in zip(h, zip(*rows, strict=True), strict=True)]
                bits = decode(self.document["decoding"], forward(self.rest, moved))
                seen.add(None if bits is None else tuple(bits))
            if len(seen) > 1 or None in seen:
                return False, None
            shown.append(seen.pop())
        for j in range(k):
            if all(shown[i] == shown[i ^ (1 << (k - 1 - j))] for i in range(1 << k)):
                return False, None
        tables = ["".join(str(bits[o]) for bits in shown) for o in range(len(shown[0]))]
        library, points = self.document["space"]["output_gates"], list(product((0, 1), repeat=k))
        fine = all(in_library(library, points, tuple(map(int, table))) for table in tables)
        return fine, tables


def class_of(features):
    """Return the class of a set of features up to complementing them."""
    return frozenset(max((row, d), (tuple(-v for v in row), 1 - d)) for row, d in features)


# The file


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def digest(text):
    return sha256(text.encode()).hexdigest()


def show(feature):
    row, d = feature
    return " ".join(map(str, row)) + f";{d}"


def parse(text):
    row, d = text.split(";")
    return tuple(map(F, row.split(" "))), F(d)


def header(document):
    """Return the header of a query."""
    return {
        "format": "verifier-certificate",
        "version": 1,
        "tool": {"tests": "1"},
        "network_sha256": digest(canonical(document["network"])),
        "query_sha256": digest(canonical(document)),
        "query": document,
    }


def entry(features, tables):
    """Return the line of an explanation."""
    return canonical({"features": [show(f) for f in features], "output": tables})


def cube_lines(features, values, width):
    """Return one cube per choice of the first `width` coefficients, without proofs."""
    lines = []
    for prefix in product(*values[:width]):
        inside = [show(f) for f in sorted(features) if f[0][:width] == prefix]
        lines.append(canonical({"cube": list(prefix), "proof": None, "readouts": inside}))
    return lines


def seal(lines, complete=True, binding=None, **changed):
    """Return the lines with the footer they call for."""
    listed = [line for line in lines[1:] if line.startswith('{"features"')]
    parts = [json.loads(line)["features"] for line in listed]
    classes = {class_of([parse(text) for text in part]) for part in parts}
    footer = {
        "complete": complete,
        "count": len(listed),
        "classes": len(classes),
        "bound_binding": binding,
        "rests_on": "tests",
        "list_sha256": digest("".join(line + "\n" for line in listed)),
    }
    return [*lines, canonical({**footer, **changed})]


def certificate(document, brute=None, cubes=0):
    """Return the lines of a right and complete certificate."""
    brute = brute or Brute(document)
    low, high = document["space"]["coefficients"] or (-4, 4)
    lines = [canonical(header(document))]
    if cubes:
        banned = document["space"]["must_not_use"]
        values = [[0] if unit in banned else range(low, high + 1) for unit in brute.units]
        lines += cube_lines(brute.features(), values, cubes)
    found = brute.explanations((low, high))
    return seal([*lines, *(entry(features, tables) for features, tables in found)])


def to_bytes(lines):
    return "".join(line + "\n" for line in lines).encode()
