"""Small random networks with claims about them, many of them true: plain data of `oracle`, and its texts.

Features are planted: a readout is drawn first, the gate is the table of the bit it shows, and what a gate
should say under interventions is seen by making them. A last step may spoil one detail, for near-misses.
"""

from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise, product

from hypothesis import strategies as st
from oracle import Case, Feature, Layer, Site, Truth, dot, kernel, rank, show, value

from verifier.claim import Claim
from verifier.decoding import Decoding, argmax, parse_output
from verifier.domain import Domain
from verifier.explanation import Explanation
from verifier.formula import parse
from verifier.network import Activation, Network
from verifier.network import Layer as NetworkLayer

F = Fraction
HALF = F(1, 2)
TENTH = F(*(0.1).as_integer_ratio())
LAYERS = "hko"
WEIGHTS = [F(v) for v in (1, 0, -1, 2, -2)] + [HALF, -HALF, F(1, 3), F(-2, 3), F(3, 2), TENTH]
BIASES = [-HALF, HALF, F(-3, 2), F(0), F(1), F(-1), F(-5, 2), F(-1, 3), TENTH]
COMPARISONS = [">", ">=", "<", "<="]


# --- plain data → text -------------------------------------------------------------------------------------


def formula_text(formula):
    """Return a formula in full parentheses; nothing of the package's printer is used."""
    kind, *rest = formula
    if kind == "const":
        return "1" if rest[0] else "0"
    if kind == "name":
        return rest[0]
    infix = {"and": " & ", "or": " | ", "xor": " ^ ", "implies": " -> ", "iff": " <-> "}
    if kind == "not":
        return f"~({formula_text(rest[0])})"
    if kind in infix and len(rest) > 1:
        return "(" + infix[kind].join(f"({formula_text(a)})" for a in rest) + ")"
    head = f"{rest.pop(0)}; " if kind in ("atleast", "exactly", "table") else ""
    return f"{kind}({head}{', '.join(map(formula_text, rest))})"


def unit_names(case, place):
    """Return the names of the units of a layer."""
    width, name = len(case.layers[place - 1].W), LAYERS[place - 1]
    return [name] if width == 1 else [f"{name}{i + 1}" for i in range(width)]


def direction_text(row, names):
    """Return row · names, each term with its sign."""
    terms = [f"{'-' if c < 0 else '+'} {abs(c)}*{name}" for c, name in zip(row, names, strict=True) if c]
    return " ".join(terms) or f"0*{names[0]}"


def site_text(site, names):
    """Return a site as a spec writes it."""
    if site.kind == "units":
        return "{" + ", ".join(names[i] for i in site.units) + "}"
    form = direction_text(site.row, names)
    if site.kind == "threshold":
        sign = "-" if site.bound < 0 else ""
        return f"{form} {site.op} {sign}{abs(site.bound)}"
    return f"{form} {'-' if site.offset < 0 else '+'} {abs(site.offset)}"


def circuit_text(case):
    """Return {feature: text} of an explanation."""
    texts = {}
    for f in case.features:
        place = f" @ {site_text(f.site, unit_names(case, f.site.layer))}" if f.site else ""
        texts[f.name] = formula_text(f.gate) + place
    return texts


# --- plain data → the package's values ---------------------------------------------------------------------


def to_network(case):
    """Return the network of a case."""
    return Network(
        NetworkLayer.of(name, layer.W, layer.b, to_activation(layer))
        for name, layer in zip(LAYERS, case.layers, strict=False)
    )


def to_activation(layer):
    """Return the activation of a layer."""
    return Activation(layer.kind, layer.tie, layer.slope, layer.low, layer.high)


def to_claim(case):
    """Return the claim of a case; the explanation and the outputs go through their texts."""
    network = to_network(case)
    where = parse(formula_text(case.where)) if case.where is not None else None
    domain = Domain(case.inputs, where, case.rows, case.low, case.high)
    names = unit_names(case, len(case.layers))
    if case.argmax:
        decoding = argmax(network)
    else:
        outputs = [parse_output(site_text(site, names), network, name) for name, site in case.outputs]
        decoding = Decoding(tuple(outputs), case.output_tolerance)
    layer_of = {f.name: f.site.layer for f in case.features if f.site}
    write = {name: direction_text(w, unit_names(case, layer_of[name])) for name, w in case.writes}
    explanation = Explanation.of(
        network, circuit_text(case), inputs=case.inputs, tolerance=case.tolerance, write=write, mode=case.mode
    )
    return Claim(network, domain, decoding, explanation)


# --- random plain data -------------------------------------------------------------------------------------


def formulas(names, depth=3):
    """Return a strategy of formulas over names."""
    leaf = st.sampled_from([("name", n) for n in names]) | st.booleans().map(lambda b: ("const", b))
    if depth == 0:
        return leaf
    part = formulas(names, depth - 1)
    some = st.lists(part, min_size=1, max_size=3)
    return (
        leaf
        | part.map(lambda a: ("not", a))
        | st.tuples(st.sampled_from(["and", "or", "xor", "nand", "nor", "parity"]), some).map(_flat)
        | st.tuples(st.just("xnor"), st.lists(part, min_size=2, max_size=3)).map(_flat)
        | st.tuples(st.sampled_from(["implies", "iff"]), st.lists(part, min_size=2, max_size=2)).map(_flat)
        | st.tuples(st.sampled_from(["maj", "ite"]), st.lists(part, min_size=3, max_size=3)).map(_flat)
        | st.tuples(st.sampled_from(["atleast", "exactly"]), st.integers(0, 4), some).map(_flat)
        | some.flatmap(
            lambda args: st.text("01", min_size=2 ** len(args), max_size=2 ** len(args)).map(
                lambda bits: ("table", bits, *args)
            )
        )
    )


def _flat(parts):
    *head, args = parts
    return (*head, *args)


@st.composite
def layers(draw, n_inputs, most=3):
    """Return one to `most` layers; the first activation listed is the one shrinking prefers."""
    kinds = ["step", "step", "relu", "identity", "sign", "leaky_relu", "hard_tanh", "clip"]
    stack, width = [], n_inputs
    for _ in range(draw(st.sampled_from([2, 1, 3][:most]))):
        units = draw(st.sampled_from([2, 1, 3, 4, 5]))
        W = tuple(tuple(draw(st.sampled_from(WEIGHTS)) for _ in range(width)) for _ in range(units))
        b = tuple(draw(st.sampled_from(BIASES)) for _ in range(units))
        kind = draw(st.sampled_from(kinds))
        tie = draw(st.sampled_from([None, 0, 1])) if kind in ("step", "sign") else None
        slope = draw(st.sampled_from([HALF, F(0), F(-1), F(1, 3)])) if kind == "leaky_relu" else None
        low, high = (
            draw(st.sampled_from([(F(0), F(1)), (F(-1, 3), HALF)])) if kind == "clip" else (None, None)
        )
        stack.append(Layer(W, b, kind, tie, slope, low, high))
        width = units
    return tuple(stack)


@st.composite
def cases(draw, modes=("all", "donor", "single"), may_tie=False):
    """Return a network with a claim about it; with `may_tie` some have inputs that decide nothing."""
    n = draw(st.sampled_from([2, 3, 4]))
    inputs = tuple(f"x{i + 1}" for i in range(n))
    low, high = draw(st.sampled_from([(F(0), F(1)), (F(0), F(1)), (F(-1), F(1)), (HALF, F(-1, 3))]))
    case = Case(draw(layers(n)), inputs, (), (), low=low, high=high)
    case = _restricted(draw, case)
    if not may_tie:
        case = _decided(draw, case)
    case = _decoded(draw, case)
    case = replace(case, mode=draw(st.sampled_from(modes)))
    if not case.truth.ties:
        case = _explained(draw, case)
        case = _spoiled(draw, case)
    else:
        constant = tuple(Feature(name, ("const", False)) for name, _ in case.outputs)
        case = replace(case, features=constant)
    return _affordable(case)


def _restricted(draw, case):
    """Return the case on a cube, on a formula or on listed rows."""
    n = len(case.inputs)
    how = draw(st.sampled_from(["cube", "cube", "where", "rows", "both"]))
    if how in ("where", "both"):
        smaller = replace(case, where=draw(formulas(case.inputs, 2)))
        case = smaller if smaller.truth.domain else case
    if how in ("rows", "both"):
        rows = draw(st.lists(st.tuples(*[st.booleans()] * n), min_size=1, max_size=8, unique=True))
        smaller = replace(case, rows=tuple(rows))
        case = smaller if smaller.truth.domain else case
    return case


def _decided(draw, case):
    """Return the case with a tie rule on every layer that would tie."""
    for place, layer in enumerate(case.layers):
        if any(case.truth.activations(x, place + 1) is None for x in case.truth.domain):
            decided = replace(layer, tie=draw(st.sampled_from([0, 1])))
            case = replace(case, layers=(*case.layers[:place], decided, *case.layers[place + 1 :]))
    return case


def _decoded(draw, case):
    """Return the case with outputs that seldom tie."""
    depth, last = len(case.layers), case.layers[-1]
    width = len(last.W)
    if any(case.truth.activations(x, depth) is None for x in case.truth.domain):
        site = Site(depth, "linear", tuple(F(i == 0) for i in range(width)))
        return replace(case, outputs=(("y", site),))
    if width > 1 and draw(st.sampled_from([False, False, False, True])):
        units = [Site(depth, "linear", tuple(F(i == j) for j in range(width))) for i in range(width)]
        names = unit_names(case, depth)
        decided = replace(case, outputs=tuple(zip(names, units, strict=True)), argmax=True)
        if not decided.truth.ties:
            return decided
    outputs = []
    for i in range(min(width, draw(st.sampled_from([1, 1, 2])))):
        row = tuple(F(i == j) for j in range(width))
        seen = sorted({case.truth.activations(x, depth)[i] for x in case.truth.domain})
        bits = set(seen) <= {F(0), F(1)}
        if draw(st.booleans()) if bits else draw(st.sampled_from([False, False, False, True])):
            site = Site(depth, "linear", row)
        else:
            op = draw(st.sampled_from(COMPARISONS))
            if op in (">=", "<="):
                bound = draw(st.sampled_from(seen))
            else:
                middles = [(a + b) / 2 for a, b in pairwise(seen)] or [seen[0] + HALF]
                bound = draw(st.sampled_from(middles))
            site = Site(depth, "threshold", row, op=op, bound=bound)
        outputs.append((f"y{i + 1}", site))
    tolerance = draw(st.sampled_from([F(0), F(0), F(1, 3)]))
    return replace(case, outputs=tuple(outputs), output_tolerance=tolerance)


def _explained(draw, case):
    """Return the case with planted features."""
    if draw(st.sampled_from([False, False, False, True])):
        case = replace(case, tolerance=draw(st.sampled_from([F(1, 4), F(2, 5), F(1, 8)])))
    depth = len(case.layers)
    chosen = sorted(draw(st.lists(st.integers(1, depth), max_size=2, unique=True, min_size=draw(_MOSTLY))))
    for layer in chosen:
        draw_sites = _each_unit if draw(st.booleans()) else _forms
        planted = []
        for site in draw_sites(draw, case, layer):
            function = {x: bool(_shown(case, site, x)) for x in case.truth.domain}
            shown = partial(show, site, tolerance=case.tolerance)
            if site.kind == "units":
                function, shown = draw(_functions(case)), None
            gate = _gate(draw, case, function, shown, layer)
            name = f"a{len(case.features) + len(planted) + 1}"
            planted.append(Feature(name, gate, site))
        case = replace(case, features=(*case.features, *planted))
        case = _written(draw, case, layer)
    last = {x: case.truth.decode(case.truth.activations(x, depth)) for x in case.truth.domain}
    features = []
    for i, (name, _) in enumerate(case.outputs):
        function = {x: bool(bits[i]) for x, bits in last.items()}
        gate = _gate(draw, case, function, lambda h, i=i: (case.truth.decode(h) or {i: None})[i], depth)
        features.append(Feature(name, gate))
    return replace(case, features=(*case.features, *features))


_MOSTLY = st.sampled_from([1, 1, 1, 1, 0])


def _shown(case, site, x):
    if site.kind == "units":
        return None
    return show(site, case.truth.activations(x, site.layer), case.tolerance)


@st.composite
def _functions(draw, case):
    return {x: draw(st.booleans()) for x in case.truth.domain}


def _each_unit(draw, case, layer):
    """Return one site per unit of a narrow layer: together they mediate, and are independent."""
    width = len(case.layers[layer - 1].W)
    sites = []
    for i in range(width):
        row = tuple(F(i == j) for j in range(width))
        sites.append(_site_on(draw, case, layer, row))
    return sites


def _forms(draw, case, layer):
    """Return sites on a few small forms."""
    width = len(case.layers[layer - 1].W)
    sites = []
    for _ in range(draw(st.sampled_from([1, 2, 3]))):
        row = tuple(draw(st.sampled_from([F(1), F(0), F(-1), HALF])) for _ in range(width))
        if draw(st.integers(0, 5)) == 0:
            units = draw(st.lists(st.integers(0, width - 1), min_size=1, max_size=2, unique=True))
            sites.append(Site(layer, "units", units=tuple(sorted(units))))
        elif any(row):
            sites.append(_site_on(draw, case, layer, row))
    return sites


def _site_on(draw, case, layer, row):
    """Return an exact readout where the form has two values, a tolerant one or a threshold elsewhere."""
    seen = sorted({dot(row, case.truth.activations(x, layer)) for x in case.truth.domain})
    if len(seen) == 1:
        return Site(layer, "linear", row, -seen[0])
    span = seen[-1] - seen[0]
    if draw(st.booleans()):
        span, seen = -span, seen[::-1]
    scaled = [(v - seen[0]) / span for v in seen]
    near = all(min(abs(v), abs(v - 1)) <= case.tolerance for v in scaled)
    if near and draw(st.integers(0, 3)):
        return Site(layer, "linear", tuple(c / span for c in row), -seen[0] / span)
    op = draw(st.sampled_from(COMPARISONS))
    bound = draw(st.sampled_from([(a + b) / 2 for a, b in pairwise(seen)] + seen))
    return _turned(Site(layer, "threshold", row, op=op, bound=bound))


def _turned(site):
    """Return -h < -1 as h > 1, as a text of it is read: then rows and writes are of one sign."""
    if site.kind != "threshold" or any(c > 0 for c in site.row) or not any(site.row):
        return site
    op = {">": "<", "<": ">", ">=": "<=", "<=": ">="}[site.op]
    return replace(site, row=tuple(-c for c in site.row), op=op, bound=-site.bound)


def _gate(draw, case, function, shown, place):
    """Return a gate with these values on the domain.

    Over earlier features, where they determine the function; what it says of bits no input causes is what
    the network showed when it was made to have them.
    """
    truth = case.truth
    below = [f for f in case.features if f.site is not None and f.site.layer == max(truth.layers)]
    if below and below[0].site.layer < place and draw(st.integers(0, 3)):
        names = [f.name for f in below]
        known = {}
        for x, bit in function.items():
            key = tuple(truth.recompute(x, {})[name] for name in names)
            if known.setdefault(key, bit) is not bit:
                break
        else:
            for key, bit in _under_writes(case, below, shown, place) if shown else ():
                known.setdefault(key, bit)
            return _table(names, lambda bits: known.get(bits, False))
    return _table(case.inputs, lambda bits: function.get(bits, False))


def _table(names, bit_of):
    rows = product((False, True), repeat=len(names))
    return ("table", "".join("01"[bit_of(bits)] for bits in rows), *(("name", name) for name in names))


def _under_writes(case, below, shown, place):
    """Yield (bits of the features below, the bit shown at a place) for writes on the first input."""
    truth, layer = case.truth, below[0].site.layer
    if truth.dependent(layer):
        return
    everything = replace(case, mode="all").truth
    x = truth.domain[0]
    for i, chosen in enumerate(everything.settings(layer)):
        if i == 256:
            return
        h, do = everything.after(layer, x, chosen)
        h = truth.forward(layer, h, place)
        if h is not None:
            yield tuple(do[f.name] for f in below), bool(shown(h))


def _written(draw, case, layer):
    """Return the case, sometimes with an explicit write of one feature of the layer."""
    truth = case.truth
    readable = [f for f in truth.found_at(layer) if f.site.kind != "units"]
    if not readable or truth.dependent(layer) or draw(st.integers(0, 3)):
        return case
    feature = draw(st.sampled_from(readable))
    w = truth.directions(layer)[feature.name][0]
    for v in kernel(truth.matrix(layer), len(w)):
        c = draw(st.sampled_from([F(1), F(0), HALF]))
        w = [a + c * b for a, b in zip(w, v, strict=True)]
    return replace(case, writes=(*case.writes, (feature.name, tuple(w))))


def _spoiled(draw, case):
    """Return the case, sometimes with one detail changed."""
    how = draw(st.sampled_from(["", "", "", "gate", "gate", "row", "offset", "op", "drop"]))
    sited = [f for f in case.features if f.site is not None]
    if how == "gate":
        feature = draw(st.sampled_from([*case.features, case.features[-1]]))
        kind, bits, *args = feature.gate
        i = draw(st.integers(0, len(bits) - 1))
        bits = bits[:i] + "10"[int(bits[i])] + bits[i + 1 :]
        return _replaced(case, feature, replace(feature, gate=(kind, bits, *args)))
    if not sited or not how:
        return case
    feature = draw(st.sampled_from(sited))
    if how == "drop":
        used = {part[1] for f in case.features for part in f.gate[2:]}
        return case if feature.name in used else _replaced(case, feature, None)
    if feature.site.kind == "units":
        return case
    site = feature.site
    if how == "row":
        i = draw(st.integers(0, len(site.row) - 1))
        row = list(site.row)
        row[i] += draw(st.sampled_from([F(1), F(-1), HALF]))
        site = replace(site, row=tuple(row)) if any(row) else site
    elif site.kind == "threshold":
        site = replace(site, op=draw(st.sampled_from(COMPARISONS)))
    else:
        site = replace(site, offset=site.offset + draw(st.sampled_from([HALF, F(1), F(1, 8)])))
    return _replaced(case, feature, replace(feature, site=_turned(site)))


def _replaced(case, old, new):
    features = tuple(new if f is old else f for f in case.features if f is not old or new is not None)
    keep = old.site == (new.site if new else None)
    writes = case.writes if keep else ()
    return replace(case, features=features, writes=writes)


def _affordable(case):
    """Return the case in a mode that can be listed quickly."""
    truth, size = case.truth, len(case.truth.domain)
    for layer in truth.layers if not truth.ties else []:
        cases_of = size
        for f in truth.found_at(layer):
            cases_of *= len(truth.choices(f))
        if (case.mode == "all" and cases_of > 1024) or (
            case.mode == "donor" and len(truth.found_at(layer)) > 3
        ):
            return replace(case, mode="single")
    return case


# --- fixed cases -------------------------------------------------------------------------------------------


def name(text):
    """Return the formula that is a name."""
    return ("name", text)


X1, X2 = name("x1"), name("x2")
NOT1, NOT2 = ("not", X1), ("not", X2)


def row(*numbers):
    """Return a row of exact numbers."""
    return tuple(F(v) for v in numbers)


def linear(layer, numbers, offset=0):
    """Return a linear site."""
    return Site(layer, "linear", row(*numbers), F(offset))


def threshold(layer, numbers, op, bound):
    """Return a threshold site."""
    return Site(layer, "threshold", row(*numbers), op=op, bound=F(bound))


def layer(kind, W, b, **parameters):
    """Return a layer."""
    return Layer(tuple(row(*w) for w in W), row(*b), kind, **parameters)


XOR = (
    layer("step", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"]),
    layer("step", [[1, 1, -2]], ["-1/2"]),
)
XOR_RELU = (
    layer("relu", [[1, 0], [0, 1], [1, 1]], [0, 0, -1]),
    layer("relu", [[1, 1, -2]], [0]),
)
ALICE = (
    Feature("a1", ("and", X1, NOT2), linear(1, [1, 0, -1])),
    Feature("a2", ("and", NOT1, X2), linear(1, [0, 1, -1])),
    Feature("y", ("or", name("a1"), name("a2"))),
)
BOB = (
    Feature("b1", ("nand", X1, X2), linear(1, [0, 0, -1], 1)),
    Feature("b2", ("or", X1, X2), linear(1, [1, 1, -1])),
    Feature("y", ("and", name("b1"), name("b2"))),
)
CAROL = (
    Feature("c1", ("and", X1, NOT2), linear(1, [1, 0, -1])),
    Feature("c2", ("or", X1, X2), linear(1, [0, 1, 0])),
    Feature("y", ("or", name("c1"), name("c2"))),
)
EXACT = (("y", linear(2, [1])),)
OVER_HALF = (("y", threshold(2, [1], ">", "1/2")),)


def xor(features, network=XOR, outputs=EXACT, **options):
    """Return a claim about an XOR network."""
    return Case(network, ("x1", "x2"), outputs, features, **options)


def _fixed():
    alice_1, alice_2, alice_y = ALICE
    found = {"alice": xor(ALICE), "bob": xor(BOB), "carol": xor(CAROL)}
    for mode in ("all", "donor", "single"):
        found[f"alice relu {mode}"] = xor(ALICE, XOR_RELU, mode=mode)
        found[f"bob relu {mode}"] = xor(BOB, XOR_RELU, mode=mode)
        found[f"alice {mode}"] = xor(ALICE, mode=mode)
        units = Feature("a1", alice_1.gate, Site(1, "units", units=(0, 2)))
        found[f"units {mode}"] = xor((units, alice_y_of("a1")), mode=mode)
        over = tuple(replace(f, site=threshold(1, f.site.row, ">", "1/3") if f.site else None) for f in ALICE)
        found[f"thresholds {mode}"] = xor(over, mode=mode)
    found["alice relu, decoded by > 1/2"] = xor(ALICE, XOR_RELU, OVER_HALF)
    # at do(a1 := 1, a2 := 1) all values fit: what refutes is the tie alone
    neither = ("nand", name("a1"), name("a2"))
    below_two = (*ALICE[:2], Feature("y", neither))
    found["an output ties under a write"] = xor(below_two, XOR_RELU, (("y", threshold(2, [1], "<", 2)),))
    # the sum is read at the next layer: a feature of a later layer, and it is wrong only under a write
    deep = (*XOR_RELU, layer("step", [[1]], ["-1/2"]))
    middle = Feature("s", ("or", name("a1"), name("a2")), linear(2, [1]))
    found["a later feature"] = xor(
        (alice_1, alice_2, middle, Feature("y", name("s"))), deep, (("y", linear(3, [1])),)
    )
    # a unit that only the third layer's zero weight reads: it reaches no output
    blind = (
        layer("step", [[1, 0], [0, 1]], ["-1/2", "-1/2"]),
        layer("identity", [[1, 0], [0, 1]], [0, 0]),
        layer("step", [[1, 0]], ["-1/2"]),
    )
    one = (Feature("a", X1, linear(1, [1, 0])), Feature("y", name("a")))
    found["a unit that reaches no output"] = xor(one, blind, (("y", linear(3, [1])),))
    found["features that sum to one"] = xor(
        (
            Feature("a", X1, linear(1, [1, 0])),
            Feature("b", NOT1, linear(1, [-1, 0], 1)),
            Feature("y", name("a")),
        ),
        blind,
        (("y", linear(3, [1])),),
    )
    tolerant = (
        layer("identity", [["7/8", 0], [0, 1]], ["1/16", 0]),
        layer("step", [[1, 1]], ["-1/2"]),
    )
    pair = (
        Feature("a", X1, linear(1, [1, 0])),
        Feature("b", X2, linear(1, [0, 1])),
        Feature("y", ("or", name("a"), name("b"))),
    )
    for tolerance in (F(1, 16), F(1, 17), F(0)):
        found[f"within {tolerance}"] = xor(pair, tolerant, tolerance=tolerance)
    # z = 0 under do(a1 := 1, a2 := 1) only
    tying = (XOR[0], layer("step", [["1/2", "1/2", -1], [-1, -1, 2]], ["-1/4", 2]))
    both = (*ALICE[:2], alice_y, Feature("w", neither))
    outputs = (("y", linear(2, [1, 0])), ("w", linear(2, [0, 1])))
    found["a unit ties under a write"] = xor(both, tying, outputs)
    for tie in (0, 1):
        found[f"the same tie, ruled {tie}"] = xor(both, (tying[0], replace(tying[1], tie=tie)), outputs)
    # the second output is wrong, the first is right
    second = (XOR[0], layer("step", [[1, 1, -2], [1, 1, -1]], ["-1/2", "-1/2"]))
    found["only the second output is wrong"] = xor(
        (*ALICE[:2], alice_y, Feature("z", ("and", X1, X2))),
        second,
        (("y", linear(2, [1, 0])), ("z", linear(2, [0, 1]))),
    )
    signs = (layer("sign", [[1, 0], [0, 1]], [0, 0]), layer("sign", [[1, 1], [-1, -1]], [1, "-1/2"]))
    found["signs, argmax"] = xor(
        (
            Feature("p", X1, linear(1, ["1/2", 0], "1/2")),
            Feature("q", X2, linear(1, [0, "1/2"], "1/2")),
            Feature("k1", ("or", name("p"), name("q"))),
            Feature("k2", ("nor", name("p"), name("q"))),
        ),
        signs,
        (("k1", linear(2, [1, 0])), ("k2", linear(2, [0, 1]))),
        low=F(-1),
        argmax=True,
    )
    found["an explicit write"] = xor(ALICE, writes=(("a1", row(1, 0, 0)),))
    found["an explicit write, relu"] = xor(ALICE, XOR_RELU, writes=(("a1", row(0, -1, -1)),))
    # donors: the gate is wrong for a1, so that a donor's bit and the number it holds differ
    wrong = replace(alice_1, gate=X1)
    for mode in ("donor", "single"):
        found[f"a wrong gate, {mode}"] = xor((wrong, alice_2, alice_y), mode=mode)
    idle = Feature("c", ("and", X1, X2), linear(1, [0, 0, 1]))
    found["an idle feature"] = xor(
        (idle, Feature("y", ("or", X1, X2))),
        (XOR[0], layer("step", [[1, 1, 0]], ["-1/2"])),
    )
    carry = (
        layer("clip", [[1, 1], [1, -1]], [-1, 0], low=F(0), high=F(1)),
        layer("leaky_relu", [[1, 0], [0, 1]], [0, 0], slope=F(1, 3)),
        layer("hard_tanh", [[2, 0], [0, 3]], [0, 0]),
    )
    found["clip, leaky_relu, hard_tanh"] = xor(
        (
            Feature("c", ("and", X1, X2), linear(1, [1, 0])),
            Feature("d", ("and", X1, NOT2), linear(1, [0, 1])),
            Feature("c2", name("c"), threshold(2, [1, 0], ">", "1/2")),
            Feature("y", name("c2")),
            Feature("z", name("d")),
        ),
        carry,
        (("y", linear(3, [1, 0])), ("z", linear(3, [0, 1]))),
    )
    # two different inputs share one donor value three to one: what IIA must count
    shared = (layer("step", [[1, 1]], ["-3/2"]), layer("identity", [[1]], [0]))
    found["three donors of one value"] = xor(
        (Feature("a", ("and", X1, X2), Site(1, "units", units=(0,))), Feature("y", X1)),
        shared,
        (("y", linear(2, [1])),),
    )
    return found


def alice_y_of(feature):
    """Return XOR over one feature and the inputs."""
    return Feature("y", ("or", name(feature), ("and", NOT1, X2)))


FIXED = _fixed()
__all__ = ["FIXED", "Truth", "cases", "formulas", "rank", "to_claim", "value"]
