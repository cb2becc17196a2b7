"""Linear programs: every answer carries its proof, which is checked; no answer at all is Z3's to confirm."""

from fractions import Fraction

import pytest
import z3
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from profiles import EXAMPLES, PHASES, SEED

from verifier.simplex import Infeasible, Optimum, Unbounded, cheapest

NUMBERS = st.integers(-3, 3)


@st.composite
def programs(draw):
    size, count = draw(st.integers(1, 4)), draw(st.integers(1, 7))
    columns = draw(st.lists(st.lists(NUMBERS, min_size=size, max_size=size), min_size=count, max_size=count))
    target = draw(st.lists(NUMBERS, min_size=size, max_size=size))
    return columns, target, draw(st.lists(NUMBERS, min_size=count, max_size=count))


def dot(a, b):
    """Return the inner product."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, phases=PHASES, database=None)
@given(programs())
def test_answers_carry_proofs(program):
    columns, target, costs = program
    found = cheapest(columns, target, costs)
    match found:
        case Optimum(weights, dual):
            assert min(weights) >= 0
            assert [dot(weights, row) for row in zip(*columns, strict=True)] == target
            assert all(dot(dual, column) <= c for column, c in zip(columns, costs, strict=True))
            assert dot(dual, target) == dot(weights, costs)
        case Infeasible(dual):
            assert all(dot(dual, column) <= 0 for column in columns)
            assert dot(dual, target) > 0
        case Unbounded():
            y = [z3.Real(f"y{i}") for i in range(len(target))]
            solver = z3.Solver()
            for column, c in zip(columns, costs, strict=True):
                solver.add(z3.Sum([a * v for a, v in zip(column, y, strict=True)]) <= c)
            assert solver.check() == z3.unsat
            weights = [z3.Real(f"w{j}") for j in range(len(columns))]
            feasible = z3.Solver()
            feasible.add(*(w >= 0 for w in weights))
            for row, t in zip(zip(*columns, strict=True), target, strict=True):
                feasible.add(z3.Sum([a * w for a, w in zip(row, weights, strict=True)]) == t)
            assert feasible.check() == z3.sat


def test_a_program_that_runs_in_circles_without_care():
    """Beale's example (1955), times 100: the steepest column alone returns to where it began."""
    columns = [
        (25, 50, 0),
        (-6000, -9000, 0),
        (-4, -2, 100),
        (900, 300, 0),
        (100, 0, 0),
        (0, 100, 0),
        (0, 0, 100),
    ]
    found = cheapest(columns, (0, 0, 100), (-75, 15000, -2, 600, 0, 0, 0))
    assert dot(found.weights, (-75, 15000, -2, 600, 0, 0, 0)) == -5


def test_a_tick_ends_it():
    def stop():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        cheapest([(1,)], (1,), (1,), stop)
