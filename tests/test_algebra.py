"""One meaning, many algebras: rationals, arrays and solver terms say the same of the same numbers."""

from fractions import Fraction

import numpy as np
import pytest
import z3
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from profiles import MORE, SEED

from verifier.algebra import RATIONALS
from verifier.arrays import ARRAYS
from verifier.network import Activation
from verifier.smt.terms import ENCODINGS, Terms

F = Fraction
NUMBERS = st.sampled_from([F(0), F(1), F(-1), F(1, 2), F(-3, 2), F(7, 3), F(2**31), F(-(2**63)), F(1, 2**70)])
KINDS = [
    Activation("step", 0), Activation("step", 1), Activation("sign", 1), Activation("relu"),
    Activation("leaky_relu", slope=F(-1, 3)), Activation("hard_tanh"),
    Activation("clip", low=F(-1, 3), high=F(5, 2)), Activation("identity"),
]  # fmt: skip
EXAMPLES = 500 if MORE else 50


def program(alg, bits, weights, kinds, questions):
    """Return the answers about a chain of affine maps and activations of some bits, in any algebra."""
    values = [alg.choose(b, F(3, 2), F(-1)) for b in bits]
    for row, offset, kind in zip(*weights, kinds, strict=True):
        z = alg.affine(row, values[: len(row)], offset)
        values = [kind.apply(alg, z), *values]
    answers = []
    for bound in questions:
        answers += [alg.greater(values[0], bound), alg.equal(values[0], bound)]
    return [*answers, alg.at_least(2, [*bits, answers[0]]), alg.differ(answers[0], bits[0])]


@seed(SEED + 20)
@settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate, Phase.shrink])
@given(st.data())
def test_same_answers(data):
    """A failure means that a method computes with other numbers than the replay."""
    depth = data.draw(st.integers(1, 3))
    rows = [[data.draw(NUMBERS) for _ in range(2 + i)] for i in range(depth)]
    offsets = [data.draw(NUMBERS) for _ in range(depth)]
    kinds = [data.draw(st.sampled_from(KINDS)) for _ in range(depth)]
    questions = [data.draw(NUMBERS) for _ in range(2)]
    inputs = [(a, b) for a in (False, True) for b in (False, True)]
    exact = [program(RATIONALS, x, (rows, offsets), kinds, questions) for x in inputs]
    # a bound that is met exactly, too
    met = RATIONALS.affine(rows[0], [F(3, 2), F(-1)], offsets[0])
    questions.append(met)
    exact = [program(RATIONALS, x, (rows, offsets), kinds, questions) for x in inputs]
    columns = [np.array(column) for column in zip(*inputs, strict=True)]
    arrays = program(ARRAYS, columns, (rows, offsets), kinds, questions)
    assert [[bool(np.broadcast_to(a, 4)[i]) for a in arrays] for i in range(4)] == exact
    for encoding in ENCODINGS:
        bits = [z3.Bool("a"), z3.Bool("b")]
        terms = program(Terms(encoding), bits, (rows, offsets), kinds, questions)
        for x, answers in zip(inputs, exact, strict=True):
            fixed = [(b, z3.BoolVal(v)) for b, v in zip(bits, x, strict=True)]
            told = [z3.is_true(z3.simplify(z3.substitute(t, *fixed))) for t in terms]
            assert told == answers, encoding


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_cancels_never_reaches_the_solver(encoding):
    """A number that is constant is decided at once; one that is not, is not."""
    alg = Terms(encoding)
    a = alg.choose(z3.Bool("a"), F(1), F(0))
    nothing = alg.affine([F(1), F(-1)], [a, a], F(1, 2))
    assert not nothing.terms
    assert z3.is_true(alg.greater(nothing, F(0)))
    assert z3.is_false(alg.greater(nothing, F(1, 2)))
    assert z3.is_true(alg.equal(nothing, F(1, 2)))
    assert not z3.is_true(alg.greater(a, F(0)))
    assert not z3.is_false(alg.greater(a, F(0)))


def test_bits_of_rationals():
    """The empty AND is true, the empty OR is false."""
    assert RATIONALS.conjoin([]) is True
    assert RATIONALS.disjoin([]) is False
    assert RATIONALS.greater(F(1, 2), F(1, 2)) is False
    assert RATIONALS.equal(F(1, 2), F(1, 2)) is True
