"""What is suggested, against a brute force of lists and a closure of formulas that share nothing with it.

A failure here means that something simpler exists than what is called the simplest, or that a formula or an
explanation is suggested that does not hold.
"""

from fractions import Fraction
from itertools import product

import pytest
from enumeration_oracle import class_of
from hypothesis import HealthCheck, assume, given, seed, settings
from profiles import EXAMPLES, PHASES, SEED
from test_enumeration_differential import Case, cases, to_network, to_output
from test_enumeration_golden import RELU, STEP, parity, xor
from test_shortest import least, least_with_parentheses

from verifier import InputError, Layer, Network, check, suggest
from verifier.readout import Linear

F = Fraction


# --- a ranking by brute force ------------------------------------------------------------------------------


def sizes(points, bits):
    """Return the least size of a formula with these bits on these points; of three inputs, its literals."""
    n = len(points[0])
    codes = [int("".join(map(str, p)), 2) for p in points]
    wanted = {2**n - 1 - c: b for c, b in zip(codes, bits, strict=True)}
    fitting = [f for f in range(1 << 2**n) if all(f >> place & 1 == b for place, b in wanted.items())]
    if n <= 2:
        return min(least_with_parentheses(n)[f] for f in fitting)
    return (min(min(least(n)[f][0], n if f in counted(n) else 99) for f in fitting),)


def counted(n):
    """Return the functions that one gate over the number of ones is."""
    weights = [sum(p) for p in product((0, 1), repeat=n)]
    gates = [[w >= k for w in weights] for k in range(1, n + 1)]
    gates += [[w == k for w in weights] for k in range(1, n)] + [[w % 2 == 1 for w in weights]]
    numbers = {int("".join("01"[bit] for bit in gate), 2) for gate in gates}
    return numbers | {(1 << 2**n) - 1 - f for f in numbers}


def simplicity(question, features, tables):
    """Return what an explanation is to be ranked by, literals alone where anything has three inputs."""
    k = len(features)
    functions = [question.read(*feature) for feature in features]
    outputs = [
        tuple(int(table[int("".join(str(f[i]) for f in functions), 2)]) for i in range(len(question.inputs)))
        for table in tables
    ]
    opposite = [tuple(1 - bit for bit in f) for f in functions]
    restates = all(output in (*functions, *opposite) for output in outputs if len(set(output)) == 2)
    corners = list(product((0, 1), repeat=k))
    parts = [sizes(question.inputs, f) for f in functions]
    parts += [sizes(corners, [int(bit) for bit in table]) for table in tables]
    shared = min(map(len, parts))
    total = tuple(sum(part[i] for part in parts) for i in range(shared))
    weight = (sum(abs(c) for row, _ in features for c in row),) if shared == 3 else ()
    return (restates, k, *total, *weight)


def ranking(question):
    """Return the least simplicity of every class, ascending, and the class's members."""
    classes = {}
    for features, tables in question.listing().explanations:
        classes.setdefault(class_of(features), []).append(simplicity(question, features, tables))
    shortest = min((len(s) for found in classes.values() for s in found), default=0)
    return sorted(min(s[:shortest] for s in found) for found in classes.values()), classes


def suggested(case, most=10_000, **options):
    """Return what the package suggests for one number of features."""
    n = len(case.inputs[0])
    return suggest(
        to_network(case.layers),
        inputs=[f"x{i + 1}" for i in range(n)],
        output=to_output(case),
        rows=None if len(case.inputs) == 2**n else case.inputs,
        encoding=(case.low, case.high),
        tolerance=case.decoding["tolerance"],
        layers=[case.space["layer"]],
        features=tuple(case.space["features"]),
        coefficients=case.space["coefficients"],
        most=most,
        **options,
    )


def keys(layer):
    """Return what the explanations of a layer were ranked by."""
    return [one.simplicity for one in layer.ranked]


def ranked_as_by_hand(case):
    """Compare a case; return how many classes it has."""
    by_hand, classes = ranking(case.question)
    (layer,) = suggested(case).layers
    assert layer.complete
    told = keys(layer)
    assert told == sorted(told)
    full = bool(by_hand) and len(by_hand[0]) == 6
    assert [tuple(key) if full else key[:3] for key in told] == by_hand
    for one in layer.ranked:
        sites = [f.site for f in one.explanation.features if f.site is not None]
        features = tuple((site.row, site.offset) for site in sites if isinstance(site, Linear))
        assert one.members == len(classes[class_of(features)])
    return len(classes)


@pytest.mark.parametrize(
    ("case", "classes"),
    [
        (xor(1), 1),
        (xor(2), 2),
        (xor(3), 8),
        (xor(2, layers=RELU), 1),
        (xor(1, None), 1),
        (parity(3, 2), 2),
        (parity(3, 3, (-2, 2)), 8),
    ],
)
def test_lists_known_elsewhere_are_ranked_as_by_hand(case, classes):
    """XOR and parity have so many classes, in this order."""
    assert ranked_as_by_hand(case) == classes


@settings(
    max_examples=EXAMPLES // 8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
@seed(SEED)
@given(cases(plain=True))
def test_random_lists_are_ranked_as_by_hand(case):
    """Whatever the weights, the list is the brute force's and its order is by the least formulas."""
    assume(len(case.inputs[0]) <= 3 and not case.decoding["argmax"])
    assume(case.space["features"][1] <= 3)
    k = case.space["features"][1]
    ranked_as_by_hand(case.within(features=[k, k], require=["readout", "mediation", "interchange"]))
