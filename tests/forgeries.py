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


def query(
    layers, *, inputs=2, outputs=None, argmax=False, tolerance=0, where=None, rows=None, ends=(0, 1), **space
):
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


def xor_layers(kind="step", bias=("-1/2", "-1/2", "-3/2"), end="-1/2"):
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
        assert self.x
        assert all(decode(document["decoding"], forward(layers, h)) for h in fed)
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


# Forgeries of one certificate: the header, 5 cubes (lines 2 to 6), 8 explanations (7 to 14), the footer (15)


def original():
    """Return the certificate of the XOR network that the forgeries start from, and its query."""
    document = query(xor_layers())
    return certificate(document, cubes=1), document


def replaced(lines, number, old, new):
    """Return the lines with a text of line `number` replaced."""
    assert old in lines[number - 1], lines[number - 1]
    return [*lines[: number - 1], lines[number - 1].replace(old, new, 1), *lines[number:]]


def resealed(lines, **options):
    """Return the lines with a footer that fits them."""
    return seal(lines[:-1], **options)


def without(lines, number):
    return [*lines[: number - 1], *lines[number:]]


def requery(lines, change):
    """Return the lines with a changed query and the digests that fit it."""
    document = json.loads(lines[0])["query"]
    change(document)
    return [canonical(header(document)), *lines[1:]]


def set_bounds(*bounds):
    def change(document):
        document["space"]["coefficients"] = list(bounds)

    return change


def set_weight(document):
    document["network"]["layers"][1]["weights"][0][2] = "-1"


def swapped(lines, a, b):
    lines = list(lines)
    lines[a - 1], lines[b - 1] = lines[b - 1], lines[a - 1]
    return lines


def inserted(lines, number, line):
    """Return the lines with one more, before line `number`."""
    return [*lines[: number - 1], line, *lines[number - 1 :]]


def edited(lines, number, **changed):
    """Return the lines with other values in the object of one line."""
    value = {**json.loads(lines[number - 1]), **changed}
    return [*lines[: number - 1], canonical(value), *lines[number:]]


def moved_readout(lines):
    """Return the lines with a readout of cube 2 listed in cube 3."""
    readouts = json.loads(lines[3])["readouts"]
    taken, *rest = json.loads(lines[2])["readouts"]
    return edited(edited(lines, 3, readouts=rest), 4, readouts=[taken, *readouts])


FOREIGN = entry([((F(1), F(0), F(-1)), F(0)), ((F(1), F(1), F(-1)), F(0))], ["0100"])
FIRST = '"features":["-1 -1 1;1","0 0 -1;1"]'

#: what is done → (how, verdict, what the reason says, the line it names)
FORGERIES = {
    "an explanation removed": (lambda c: without(c, 9), "invalid", "count: 7 explanations are listed", 14),
    "an explanation removed, everything recomputed": (
        lambda c: resealed(without(c, 9)), "invalid", "1 of 8 explanations with k = 2 are missing", 14),
    "an explanation changed": (lambda c: replaced(c, 7, "-1 -1 1", "-1 -1 0"), "invalid", "list_sha256", 15),
    "an explanation changed, everything recomputed": (
        lambda c: resealed(replaced(c, 7, "-1 -1 1", "-1 -1 0")), "invalid", "neither 0 nor 1", 7),
    "an explanation changed and the offset with it": (
        lambda c: resealed(replaced(c, 7, "-1 -1 1;1", "-1 0 0;1")), "invalid", "mediation", 7),
    "an explanation twice": (
        lambda c: resealed(inserted(c, 9, c[7])), "invalid", "the explanation of line 8 again", 9),
    "an explanation twice, unfinished": (
        lambda c: resealed(inserted(c, 9, c[7]), complete=False), "invalid", "of line 8 again", 9),
    "an explanation of another network": (
        lambda c: resealed(inserted(c, 15, FOREIGN)), "invalid", "mediation", 15),
    "another network in the header": (lambda c: requery(c, set_weight), "invalid", "not essential", 7),
    "a smaller bound in the header": (
        lambda c: requery(c, set_bounds(-1, 1)), "invalid", "outside the box", 2),
    "a larger bound in the header": (lambda c: requery(c, set_bounds(-3, 2)), "invalid", "leave out", 6),
    "no bound in the header": (
        lambda c: requery(c, lambda q: q["space"].update(coefficients=None)),
        "invalid", "expected no cubes", 2),
    "fewer features asked for": (
        lambda c: requery(c, lambda q: q["space"].update(features=[1, 1])), "invalid", "2 features", 7),
    "a complete footer after an interrupted run": (
        lambda c: seal(c[:11]), "invalid", "3 of 8 explanations", 12),
    "an interrupted run": (lambda c: c[:11], "holey", "no footer", None),
    "a footer that claims nothing": (lambda c: seal(c[:11], complete=False), "holey", "does not claim", None),
    "explanations reordered": (lambda c: resealed(swapped(c, 8, 9)), "invalid", "ascending order", 9),
    "features reordered": (
        lambda c: resealed(edited(c, 7, features=json.loads(c[6])["features"][::-1])),
        "invalid", "different features in ascending order", 7),
    "a feature twice": (
        lambda c: resealed(edited(c, 7, features=["-1 -1 1;1"] * 2)), "invalid", "ascending order", 7),
    "a feature and its complement": (
        lambda c: resealed(edited(c, 7, features=["-1 -1 1;1", "1 1 -1;0"])), "invalid", "complementary", 7),
    "a constant feature": (
        lambda c: resealed(edited(c, 7, features=["-1 -1 1;1", "0 0 0;1"])), "invalid", "constant", 7),
    "truncated in the footer": (lambda c: to_bytes(c)[:-20], "holey", "its last line cut off", None),
    "without the last newline": (lambda c: to_bytes(c)[:-1], "holey", "its last line cut off", None),
    "truncated in an explanation": (lambda c: to_bytes(c[:9])[:-9], "holey", "its last line cut off", None),
    "truncated in the header": (lambda c: to_bytes(c[:1])[:-9], "invalid", "expected the header", 1),
    "empty": (lambda c: b"", "invalid", "expected the header", 1),
    "the count changed": (lambda c: edited(c, 15, count=9), "invalid", "count", 15),
    "the classes changed": (lambda c: edited(c, 15, classes=3), "invalid", "classes: the list has 2", 15),
    "the digest of the list changed": (
        lambda c: edited(c, 15, list_sha256="0" * 64), "invalid", "list_sha256", 15),
    "the digest of the network changed": (
        lambda c: edited(c, 1, network_sha256="0" * 64), "invalid", "network_sha256", 1),
    "the digest of the query changed": (
        lambda c: edited(c, 1, query_sha256="0" * 64), "invalid", "query_sha256", 1),
    "the query changed": (lambda c: replaced(c, 1, '"-3/2"', '"-5/2"'), "invalid", "query_sha256", 1),
    "an output changed": (
        lambda c: resealed(edited(c, 7, output=["1110"])), "invalid", "the file says 1110", 7),
    "no output": (lambda c: resealed(edited(c, 7, output=None)), "invalid", "expected truth tables", 7),
    "an output too short": (
        lambda c: resealed(edited(c, 7, output=["11"])), "invalid", "1 truth tables of 4 bits", 7),
    "an output too many": (
        lambda c: resealed(edited(c, 7, output=["0111", "0111"])), "invalid", "1 truth tables of 4 bits", 7),
    "a cube missing": (lambda c: without(c, 4), "invalid", "leave out the readouts that begin with [0]", 5),
    "a cube twice": (lambda c: inserted(c, 3, c[1]), "invalid", "cubes overlap", 3),
    "a cube within another": (
        lambda c: inserted(c, 3, '{"cube":[-2,0],"proof":null,"readouts":[]}'),
        "invalid", "cubes overlap", 3),
    "cubes reordered": (lambda c: swapped(c, 3, 4), "invalid", "cubes in ascending order", 4),
    "a cube outside the box": (
        lambda c: inserted(c, 7, '{"cube":[3],"proof":null,"readouts":[]}'), "invalid", "outside the box", 7),
    "a cube too long": (lambda c: edited(c, 2, cube=[-2, 0, 0, 0]), "invalid", "at most 3 coefficients", 2),
    "a cube after an explanation": (
        lambda c: swapped(c, 6, 7), "invalid", "cubes before the explanations", 7),
    "a readout of a cube missing": (
        lambda c: edited(c, 4, readouts=json.loads(c[3])["readouts"][1:]),
        "invalid", "misses the readout", 4),
    "a readout in another cube": (moved_readout, "invalid", "is not in the cube", 4),
    "a readout of a cube twice": (
        lambda c: edited(c, 4, readouts=json.loads(c[3])["readouts"][:1] * 2),
        "invalid", "ascending order", 4),
    "a readout of a cube that is none": (
        lambda c: edited(c, 2, readouts=["-2 0 0;0"]), "invalid", "neither 0 nor 1", 2),
    "a readout too short": (
        lambda c: resealed(edited(c, 7, features=["1 0;0"])), "invalid", "of 3 coefficients", 7),
    "the bound is said to bind": (
        lambda c: edited(c, 15, bound_binding=True), "invalid", "bound_binding", 15),
    "a second footer": (lambda c: [*c, c[-1]], "invalid", "nothing after the footer", 16),
    "a second header": (lambda c: inserted(c, 2, c[0]), "invalid", "expected a cube, an explanation", 2),
    "something after the footer": (lambda c: to_bytes(c) + b"x", "invalid", "nothing after the footer", 16),
    "an empty line": (lambda c: inserted(c, 7, ""), "invalid", "expected a line of JSON", 7),
    "a space": (lambda c: replaced(c, 15, ":", ": "), "invalid", "canonical", 15),
    "a space in an explanation": (lambda c: replaced(c, 7, ":", ": "), "invalid", "canonical", 7),
    "Windows line ends": (lambda c: to_bytes(c).replace(b"\n", b"\r\n"), "invalid", "canonical", 1),
    "keys reordered": (
        lambda c: [*c[:6], '{"output":["0111"],' + FIRST + "}", *c[7:]], "invalid", "canonical", 7),
    "a key twice": (lambda c: replaced(c, 15, "{", '{"complete":true,'), "invalid", "canonical", 15),
    "an unknown key": (lambda c: edited(c, 15, by="me"), "invalid", "a footer with the keys", 15),
    "a key missing": (
        lambda c: [*c[:-1], canonical({"complete": True, "count": 8})],
        "invalid", "a footer with the keys", 15),
    "a number that is none": (lambda c: replaced(c, 15, ":8,", ":NaN,"), "invalid", "NaN is no number", 15),
    "an infinite number": (lambda c: replaced(c, 15, ":8,", ":1e999,"), "invalid", "canonical", 15),
    "a huge number": (
        lambda c: replaced(c, 15, ":8,", ":" + "9" * 5000 + ","), "invalid", "line of JSON", 15),
    "a large number": (lambda c: edited(c, 15, count=10**4000), "invalid", "count", 15),
    "a truth value for a number": (
        lambda c: edited(c, 15, count=True), "invalid", "count: expected a count", 15),
    "a number for a truth value": (lambda c: edited(c, 15, complete=1), "invalid", "complete", 15),
    "a decimal for a number": (lambda c: edited(c, 15, count=8.0), "invalid", "count: expected a count", 15),
    "a truth value in a cube": (lambda c: edited(c, 5, cube=[True]), "invalid", "a list of integers", 5),
    "a text for a list": (lambda c: edited(c, 5, readouts="x"), "invalid", "a list of readouts", 5),
    "a list for an object": (lambda c: inserted(c, 7, "[1]"), "invalid", "expected an object", 7),
    "nested deep": (lambda c: inserted(c, 7, "[" * 100_000 + "]" * 100_000), "invalid", "less deep", 7),
    "not UTF-8": (lambda c: to_bytes(c).replace(b"tests", b"t\xffsts", 1), "invalid", "ASCII", 1),
    "half a surrogate": (lambda c: edited(c, 15, **{"\ud800": 1}), "invalid", "a footer with the keys", 15),
    "a readout not in lowest terms": (
        lambda c: resealed(replaced(c, 7, "-1 -1 1;1", "-1 -1 2/2;1")), "invalid", "lowest terms", 7),
    "a readout over zero": (
        lambda c: [*replaced(c, 7, "-1 -1 1;1", "-1 -1 1/0;1")], "invalid", "lowest terms", 7),
    "a readout with a power": (
        lambda c: replaced(c, 7, "-1 -1 1;1", "-1 -1 1e999999999;1"), "invalid", "readout", 7),
    "a rational readout": (
        lambda c: resealed(edited(c, 7, features=["-1/2 -1 1;1", "0 0 -1;1"])),
        "invalid", "is no integer", 7),
    "a huge readout": (
        lambda c: resealed(edited(c, 7, features=[f"-{10**4000} -1 1;1", "0 0 -1;1"])),
        "invalid", "outside", 7),
    "another format": (lambda c: edited(c, 1, format="other"), "invalid", "format", 1),
    "another version": (lambda c: edited(c, 1, version=3), "invalid", "version", 1),
    "a version with a key that is not there": (
        lambda c: edited(c, 1, version=2), "invalid", "expected the key readouts", 1),
    "a version that is a truth value": (lambda c: edited(c, 1, version=True), "invalid", "version", 1),
    "a path out of the folder": (
        lambda c: edited(c, 2, proof={"file": "../x", "sha256": "0" * 64}),
        "invalid", "below the certificate", 2),
    "an absolute path": (
        lambda c: edited(c, 2, proof={"file": "/x", "sha256": "0" * 64}),
        "invalid", "below the certificate", 2),
}  # fmt: skip


def malformed(change):
    def forge(lines):
        return requery(lines, change)

    return forge


def _set(*path, to):
    """Return a change of one value of a query."""

    def change(document):
        at = document
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = to

    return change


LAYER = ("network", "layers", 0)

#: a change of the query, whose digests are then recomputed → what the reason says
MEANINGLESS = {
    "a tie below the layer": (
        _set(*LAYER, "bias", to=["0", "-1/2", "-3/2"]), "unit h1 has z = 0 on the input 00"),
    "a tie above the layer": (_set("network", "layers", 1, "bias", to=["0"]), "tied on the input 00"),
    "a tie of the decoding": (
        _set("decoding", "outputs", to=[output(op=">", value=1)]), "tied on the input 01"),
    "an empty domain": (_set("domain", "where", to="x1 & ~x1"), "the domain is empty"),
    "no rows": (_set("domain", "rows", to=[]), "the domain is empty"),
    "rows of another length": (_set("domain", "rows", to=["0"]), "rows of 2 bits"),
    "equal rows": (_set("domain", "rows", to=["01", "01"]), "two equal rows"),
    "a row of weights too short": (
        _set(*LAYER, "weights", 0, to=["1"]), "weights[0]: expected 2 numbers, got 1"),
    "a row of weights missing": (_set(*LAYER, "weights", to=[["1", "1"]]), "expected 3 rows, got 1"),
    "a bias missing": (_set(*LAYER, "bias", to=["1"]), "expected 3 numbers"),
    "a weight that is a number": (_set(*LAYER, "weights", 0, 0, to=1), "a number as text"),
    "a weight as a decimal": (_set(*LAYER, "weights", 0, 0, to="0.5"), "a number as text"),
    "a weight not in lowest terms": (_set(*LAYER, "weights", 0, 0, to="2/4"), "the number 1/2"),
    "a weight over zero": (_set(*LAYER, "weights", 0, 0, to="1/0"), "a number as text"),
    "a weight of many digits": (_set(*LAYER, "weights", 0, 0, to="1" * 5000), "a number as text"),
    "an unknown activation": (_set(*LAYER, "activation", "kind", to="softplus"), "one of step"),
    "a parameter too many": (_set(*LAYER, "activation", "slope", to="1"), "null for step"),
    "a parameter missing": (_set(*LAYER, "activation", "kind", to="leaky_relu"), "a number for leaky_relu"),
    "a tie that is a truth value": (_set(*LAYER, "activation", "tie", to=True), "one of None, 0, 1"),
    "the last layer": (_set("space", "layer", to="y"), "one of h"),
    "no layer": (_set("network", "layers", to=[]), "a list of 1 or more"),
    "a unit twice": (_set(*LAYER, "units", to=["h1", "h1", "h2"]), "two equal names"),
    "a unit that is no name": (_set(*LAYER, "units", to=["h1", "h2", "h 3"]), "a name"),
    "an unknown input": (_set("domain", "where", to="x3"), "unknown name x3"),
    "a formula that is none": (_set("domain", "where", to="x1 &"), "expected"),
    "a formula nested deep": (_set("domain", "where", to="~" * 5000 + "x1"), "nested"),
    "one encoding of two bits": (_set("domain", "high", to="0"), "as the same number"),
    "no features": (_set("space", "features", to=[0, 1]), "1 or more"),
    "features descending": (_set("space", "features", to=[2, 1]), "ascending"),
    "features that are truth values": (_set("space", "features", to=[True, True]), "an integer"),
    "bounds descending": (_set("space", "coefficients", to=[1, -1]), "ascending"),
    "bounds as texts": (_set("space", "coefficients", to=["-1", "1"]), "an integer"),
    "mediation only": (_set("space", "require", to=["mediation"]), "one of"),
    "an unknown unit": (_set("space", "must_use", to=["h9"]), "one of h1, h2, h3"),
    "an unknown gate": (_set("space", "gates", "kinds", to=["some"]), "one of any"),
    "no gate": (_set("space", "gates", "kinds", to=[]), "a list of 1 or more"),
    "a fan-in of none": (_set("space", "gates", "fan_in", to=0), "1 or more"),
    "a key too many": (_set("space", "more", to=1), "unknown key 'more'"),
    "a tolerance too large": (_set("decoding", "tolerance", to="1/2"), "below 1/2"),
    "an output of another width": (
        _set("decoding", "outputs", 0, "row", to=["1", "1"]), "expected 1 numbers"),
    "an argmax of one unit": (_set("decoding", "argmax", to=True), "two or more"),
    "a given row without offset": (
        _set("space", "given", to=[{"name": "a", "gate": "x1", "row": ["1", "0", "0"], "offset": None}]),
        "a row with an offset"),
    "a given name of an input": (
        _set("space", "given", to=[{"name": "x1", "gate": "x1", "row": None, "offset": None}]),
        "two equal names"),
}  # fmt: skip


# Proofs


def refute(clauses):
    """Return an LRAT proof that some clauses have no assignment: a plain search, each leaf a propagation."""
    clauses, lines = [list(clause) for clause in clauses], []

    def add(clause, hints):
        clauses.append(clause)
        lines.append(" ".join(map(str, [len(clauses), *clause, 0, *hints, 0])))
        return len(clauses)

    def search(decisions):
        true, hints = set(decisions), []
        while True:
            for number, clause in enumerate(clauses, 1):
                if any(literal in true for literal in clause):
                    continue
                free = [literal for literal in clause if -literal not in true]
                if len(free) < 2:
                    hints.append(number)
                    if not free:
                        return add([-d for d in decisions], hints)
                    true.add(free[0])
                    break
            else:
                literal = next(abs(v) for c in clauses for v in c if not {v, -v} & true and not set(c) & true)
                below = [search([*decisions, literal]), search([*decisions, -literal])]
                return add([-d for d in decisions], below)

    search([])
    return "\n".join(lines) + "\n"
