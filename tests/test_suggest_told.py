"""Outputs as votes and as parts that share no inputs, against brute force over functions of few inputs."""

from itertools import combinations, product

import numpy as np
import pytest

from verifier import Layer, Network, suggest
from verifier.arrays import ARRAYS
from verifier.engine.suggest.decompose import decomposed
from verifier.engine.suggest.vote import vote
from verifier.engine.suggest.written import like
from verifier.formula import Name, evaluate, names, parse
from verifier.shortest import shortest, size

RNG = np.random.default_rng(20261121)


def cube(n):
    """Return all points of n bits."""
    return np.array(list(product((False, True), repeat=n)), dtype=bool)


def value(formula, points, inputs):
    """Return a formula on points."""
    bits = evaluate(formula, ARRAYS, dict(zip(inputs, points.T, strict=True)))
    return np.broadcast_to(bits, (len(points),))


def thresholds(n, bound):
    """Return the functions of n inputs that whole weights up to a bound compare, constants left out."""
    points = cube(n).astype(int)
    found = set()
    for weights in product(range(-bound, bound + 1), repeat=n):
        sums = points @ np.array(weights)
        found |= {tuple(sums >= cut) for cut in range(int(sums.min()) + 1, int(sums.max()) + 1)}
    return found


@pytest.mark.parametrize("n", [2, 3])
def test_a_vote_is_found_exactly_where_there_is_one(n):
    """Of three inputs, weights up to 2 make every threshold function (Muroga 1971)."""
    points, inputs = cube(n), [f"x{i}" for i in range(n)]
    votes = thresholds(n, 2)
    assert len(votes) == {2: 12, 3: 102}[n]
    for bits in product((False, True), repeat=2**n):
        found = vote(points, np.array(bits), inputs)
        assert (found is not None) == (bits in votes)
        if found is not None:
            sums = sum(weight * points[:, inputs.index(name)].astype(int) for name, weight in found.weights)
            assert tuple(sums >= found.least) == bits
            assert tuple(value(found.formula, points, inputs)) == bits
            assert tuple(value(parse(str(found.formula)), points, inputs)) == bits


def test_votes_of_many_inputs_on_some_rows():
    """Votes with known weights are found again, as functions of the rows; rows that clash are none."""
    inputs = [f"x{i}" for i in range(12)]
    for _ in range(5):
        points = np.unique(RNG.integers(0, 2, (200, 12)).astype(bool), axis=0)
        weights = RNG.integers(-3, 4, 12)
        bits = points.astype(int) @ weights >= 1
        if bits.all() or not bits.any():
            continue
        found = vote(points, bits, inputs)
        assert found is not None
        assert (value(found.formula, points, inputs) == bits).all()
        assert sum(abs(weight) for _, weight in found.weights) <= 2 * np.abs(weights).sum()
    twice = np.concatenate([cube(4), cube(4)])
    clash = np.arange(32) < 16
    assert vote(twice, clash, inputs[:4]) is None


def test_a_vote_may_take_no_longer_than_it_is_given():
    """What is called between pivots can end it."""

    def late():
        raise TimeoutError

    points = cube(5)
    with pytest.raises(TimeoutError):
        vote(points, points.sum(axis=1) >= 3, list("abcde"), late)


def test_every_function_of_three_inputs_is_what_its_parts_say():
    """Nothing is longer than the formula in ~ & | ^, and a choice is told as one."""
    inputs = ["a", "b", "c"]
    points = cube(3)
    for bits in product((False, True), repeat=8):
        found = decomposed(np.array(bits).reshape(2, 2, 2), [Name(name) for name in inputs])
        assert tuple(value(found, points, inputs)) == bits
        assert size(found) <= size(shortest(points, np.array(bits), inputs))
    choice = points[:, 1] & points[:, 0] | points[:, 2] & ~points[:, 0]
    assert str(decomposed(choice.reshape(2, 2, 2), [Name(name) for name in inputs])) == "ite(a,b,c)"


@pytest.mark.parametrize("n", [5, 6, 7])
def test_random_functions_are_what_their_parts_say(n):
    """Whatever the function, also one that ignores an input."""
    inputs = [f"x{i}" for i in range(n)]
    points = cube(n)
    for number in range(6):
        bits = RNG.integers(0, 2, 2**n).astype(bool)
        if number % 2:
            table = bits.reshape((2,) * n)
            bits = np.stack([table[0], table[0]]).ravel()
        found = decomposed(bits.reshape((2,) * n), [Name(name) for name in inputs])
        assert (value(found, points, inputs) == bits).all()
        assert size(found) <= size(shortest(points, bits, inputs))


READ_ONCE = [
    "ite(a,ite(b,c,d),ite(b,e,f))",
    "(a ^ b) & (c ^ d) | e",
    "maj(a,b,c) ^ d ^ e & f",
    "a & b | c & d | e & ~f",
    "~(a ^ b) ^ (c | d & (e ^ f ^ g))",
    "maj(a,b ^ c,d & e) | f",
]


@pytest.mark.parametrize("text", READ_ONCE)
def test_parts_that_share_no_inputs_are_found(text):
    """Of a formula that names each input once, one that does so too is found, but for choices."""
    formula = parse(text)
    inputs = sorted({name.name for name in names(formula)})
    bits = value(formula, cube(len(inputs)), inputs)
    found = decomposed(bits.reshape((2,) * len(inputs)), [Name(name) for name in inputs])
    assert (value(found, cube(len(inputs)), inputs) == bits).all()
    assert size(found)[0] == sum(1 for _ in names(formula))


def test_what_is_told_of_an_output():
    """A vote, a formula that no other has fewer literals than, and the proof that there is no vote."""
    network = Network([Layer.of("y", [[3, 2, 1, -1, -2]], ["-3/2"], "step")])
    (output,) = suggest(network).outputs
    assert str(output.vote) == "3*x1 + 2*x2 + x3 - x4 - 2*x5 >= 2"
    assert not output.shortest
    odd = Network(
        [
            Layer.of("h", [[1] * 5 for _ in range(5)], [f"-{2 * i + 1}/2" for i in range(5)], "step"),
            Layer.of("y", [[1, -1, 1, -1, 1]], ["-1/2"], "step"),
        ]
    )
    (output,) = suggest(odd, features=(1, 1)).outputs
    assert output.no_vote
    assert output.vote is None
    assert output.fewest
    assert sum(1 for _ in names(output.formula)) == 5


def test_no_formula_has_fewer_literals_where_that_is_said():
    """On rows an input may be spared, so nothing is said of them."""
    rows = [tuple(point) for point in cube(5).astype(int) if point.sum() != 2]
    network = Network([Layer.of("y", [[1, 1, 1, 1, 1]], ["-5/2"], "step")])
    (whole,) = suggest(network).outputs
    (some,) = suggest(network, rows=rows).outputs
    assert whole.fewest
    assert not some.fewest


def test_pairs_of_functions_that_tell_the_class_are_all_found():
    """The matrix products say what looking at every pair says."""
    from verifier.engine.suggest.misses import _pairs, _triples

    F = RNG.integers(0, 2, (14, 24)).astype(bool)
    F[3], F[5] = F[0] ^ F[1], F[2] & F[4]
    target = np.stack([F[0] ^ F[1] ^ F[2], F[2] & F[4] | F[0]])
    for wanted in (target[:1], target, (F[2] & F[4])[None]):
        seen, number = np.unique(wanted, axis=1, return_inverse=True)
        classes = number.ravel() == np.arange(seen.shape[1])[:, None]

        def tells(chosen, number=number):
            known = {}
            rows = zip(zip(*F[list(chosen)], strict=True), number.ravel().tolist(), strict=True)
            return all(known.setdefault(bits, one) == one for bits, one in rows)

        pairs = {pair for pair in combinations(range(14), 2) if tells(pair)}
        assert set(_pairs(F, classes)) == pairs
        triples = {
            three
            for three in combinations(range(14), 3)
            if tells(three) and not any(tells(two) for two in combinations(three, 2))
        }
        assert set(_triples(F, classes)) == triples


@pytest.mark.parametrize("output", ["y > 1/2", "y <= 1/2"])
def test_a_feature_that_is_an_output_has_its_formula(output):
    """Two of three and not the fourth: the formula of parts is none that `shortest` alone finds."""
    network = Network(
        [
            Layer.of("h", [[1, 1, 1, -3], [1, 1, 1, 0]], [-1, 0], "relu"),
            Layer.of("y", [[1, 0]], [0], "identity"),
        ]
    )
    found = suggest(network, output=output, inputs=["cpu", "mem", "disk", "maint"])
    (told,) = found.outputs
    assert "maj(cpu,mem,disk)" in str(told.formula)
    (first, *_) = found.ranked
    feature = first.explanation.features[0]
    assert size(feature.gate)[0] == size(told.formula)[0] == 4
    assert "maj(cpu,mem,disk)" in str(feature.gate)
    listed = [one.gate for layer in found.layers for one in layer.candidates.items if one.name]
    assert listed
    assert all("maj(cpu,mem,disk)" in gate for gate in listed)


def test_one_formula_per_function():
    """Of a known function, and of its complement, the known formula, unless there is a shorter one."""
    points, inputs = cube(4), list("abcd")
    known = parse("~d & maj(a,b,c)")
    bits = value(known, points, inputs)
    assert str(like([known], points, bits, inputs)) == str(known)
    assert str(like([known], points, ~bits, inputs)) == "~(~d & maj(a,b,c))"
    assert str(like([parse("a & a | a")], points, points[:, 0], inputs)) == "a"
    for other in (points[:, 0], points[:, 1] ^ bits):
        assert like([known], points, other, inputs) == shortest(points, other, inputs)
