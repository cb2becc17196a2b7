"""Rewritings whose effect on the list is known: the same network in other clothes, a larger or smaller space.

A failure means that what is listed depends on how a network is written down, or that a list has gaps.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from enumeration_oracle import class_of
from hypothesis import assume, given
from hypothesis import strategies as st
from profiles import EXAMPLES
from test_enumeration_differential import Seen, ask, cases, everyday, make_layer
from test_enumeration_golden import RELU, xor

F = Fraction
FEW = EXAMPLES // 25


def rewritten(case, weights, bias, above):
    """Return the case with other weights and bias of the layer that is read, and of those above."""
    place, layers = case.place, list(case.layers)
    layer, reader = layers[place - 1], layers[place]
    kind, parameters = _activation(layer)
    layers[place - 1] = make_layer(layer["name"], weights, bias, kind, **parameters)
    kind, parameters = _activation(reader)
    layers[place] = make_layer(reader["name"], above, reader["bias"], kind, **parameters)
    return replace(case, layers=tuple(layers))


def _activation(layer):
    parameters = dict(layer["activation"])
    return parameters.pop("kind"), parameters


def parts(case):
    """Return weights and bias of the layer that is read, and the weights above."""
    layer = case.layers[case.place - 1]
    return layer["weights"], layer["bias"], case.layers[case.place]["weights"]


def permuted(case, order):
    """Return the case with the units in another order."""
    weights, bias, above = parts(case)
    moved = rewritten(
        case,
        [weights[i] for i in order],
        [bias[i] for i in order],
        [[row[i] for i in order] for row in above],
    )
    units = case.layers[case.place - 1]["units"]
    new_name = {units[i]: units[at] for at, i in enumerate(order)}
    return moved.within(
        must_use=[new_name[u] for u in case.space.get("must_use", ())],
        must_not_use=[new_name[u] for u in case.space.get("must_not_use", ())],
        given=[
            g if g["row"] is None else {**g, "row": [g["row"][i] for i in order]}
            for g in case.space.get("given", ())
        ],
    )


def scaled(case, unit, factor):
    """Return the case with one unit's weights times a factor, and what reads it divided by the factor."""
    weights, bias, above = parts(case)
    return rewritten(
        case,
        [[v * factor for v in row] if i == unit else row for i, row in enumerate(weights)],
        [v * factor if i == unit else v for i, v in enumerate(bias)],
        [[v / factor if i == unit else v for i, v in enumerate(row)] for row in above],
    )


def padded(case, bias):
    """Return the case with one more unit that is constant, that nothing reads and no feature may."""
    weights, biases, above = parts(case)
    wider = rewritten(
        case,
        [*weights, [F(0)] * len(weights[0])],
        [*biases, bias],
        [[*row, F(0)] for row in above],
    )
    unit = wider.layers[case.place - 1]["units"][-1]
    return wider.within(
        must_not_use=[*case.space.get("must_not_use", ()), unit],
        given=[
            g if g["row"] is None else {**g, "row": [*g["row"], F(0)]} for g in case.space.get("given", ())
        ],
    )


def complemented(case, flipped):
    """Return the case on inputs some of which mean the opposite."""
    first = case.layers[0]
    both = case.low + case.high
    weights = [[-v if flip else v for v, flip in zip(row, flipped, strict=True)] for row in first["weights"]]
    bias = [
        b + sum(v * both for v, flip in zip(row, flipped, strict=True) if flip)
        for row, b in zip(first["weights"], first["bias"], strict=True)
    ]
    kind, parameters = _activation(first)
    inputs = tuple(tuple(bit ^ flip for bit, flip in zip(x, flipped, strict=True)) for x in case.inputs)
    layers = (make_layer(first["name"], weights, bias, kind, **parameters), *case.layers[1:])
    return replace(case, layers=layers, inputs=inputs)


def all_is_mediated(case):
    """Return whether nothing after a write depends on its direction: no unit above can tie unmediated."""
    reader = case.layers[case.place]
    kind, parameters = _activation(reader)
    refuses = kind in ("step", "sign") and "tie" not in parameters
    return not refuses or len(case.question.network.read_above(case.place)) == len(reader["weights"])


def listed(case):
    """Return {features: outputs}."""
    return dict(ask(case)[0])


def keys(case):
    """Return the features that a case lists, as functions and as a set."""
    return [case.question.functions_of(features) for features, _ in ask(case)[0]]


def random_test(shard, run, *strategies, least=1):
    """Run a test on random cases, and check that some of them list something."""
    seen = Seen()

    @everyday(shard, FEW)
    @given(*strategies, st.randoms(use_true_random=False))
    def once(case, random):
        seen.passes(case, run(case, random))

    once()
    assert seen["listed"] >= least, seen


def test_permuting_units_permutes_the_list():
    """Rows have their coefficients in the new order; what the outputs make of them is the same function."""

    def run(case, random):
        order = list(range(len(case.layers[case.place - 1]["units"])))
        random.shuffle(order)
        before, statement = ask(case)
        after, again = ask(permuted(case, order))
        moved = {
            frozenset((tuple(row[i] for i in order), d) for row, d in features) for features, _ in before
        }
        if case.space.get("polarity"):
            assert {class_of(features) for features in moved} == {class_of(f) for f, _ in after}
        else:
            assert moved == {frozenset(features) for features, _ in after}
        assert (statement.count, statement.classes) == (again.count, again.classes)
        return before

    random_test(20, run, cases())


@pytest.mark.parametrize("factor", [F(1, 2), F(1, 3)])
@pytest.mark.parametrize("unit", [0, 1, 2])
def test_scaling_a_relu_unit_of_xor(unit, factor):
    """The readouts of the relu network are unique and whole, so a smaller unit has as many, read the same."""
    case = xor(2, None, RELU)
    smaller = scaled(case, unit, factor)
    assert set(keys(smaller)) == set(keys(case))
    assert ask(smaller)[1].classes == 1


def test_scaling_a_unit_down_loses_nothing():
    """What reads a relu unit reads half of it twice: with any coefficients no set of functions is lost."""

    def run(case, random):
        assume(all_is_mediated(case))
        unit = random.randrange(len(case.layers[case.place - 1]["units"]))
        before = keys(case)
        assert set(before) <= set(keys(scaled(case, unit, F(1, 2))))
        return before

    kinds = ["relu", "identity", "leaky_relu"]
    random_test(21, run, cases(kernel=False, bounded=False, plain=True, kinds=kinds))


def test_a_dead_unit_that_must_not_be_used_changes_nothing():
    """The same list, with a zero in every row."""

    def run(case, random):
        before = ask(case)[0]
        after = ask(padded(case, random.choice([F(1, 2), F(-1, 2)])))[0]
        wider = [(tuple(((*row, 0), d) for row, d in features), outputs) for features, outputs in before]
        assert wider == after
        return before

    random_test(22, run, cases())


def test_complementing_inputs_changes_nothing():
    """The hidden layer sees the same numbers; libraries that have literals do not mind either."""

    def run(case, random):
        assume("symmetric" not in case.space.get("gates", {"kinds": []})["kinds"])
        flipped = [random.randrange(2) for _ in case.inputs[0]]
        before = ask(case)[0]
        assert before == ask(complemented(case, flipped))[0]
        return before

    random_test(23, run, cases())


def test_a_larger_box_never_loses_an_explanation():
    """What it adds lies outside of the smaller box, and is nothing where the bound is said not to bind."""

    def run(case, random):
        low, high = case.space["coefficients"]
        case = case.within(polarity=False)
        found, statement = ask(case)
        larger = listed(case.within(coefficients=[low - random.randrange(2), high + 1]))
        assert larger.items() >= dict(found).items()
        given_rows = [tuple(row) for row, _ in case.question.given]
        for features in larger.keys() - dict(found).keys():
            rows = [row for row, _ in features if row not in given_rows]
            assert not all(low <= c <= high for row in rows for c in row)
        if statement.bound_binding is False and case.question.kernel_is_zero():
            assert larger == dict(found)
        return found

    small = cases().filter(lambda case: len(case.layers[case.place - 1]["units"]) <= 3)
    random_test(24, run, small)


def test_a_range_of_numbers_of_features_is_the_union():
    """1..3 lists what 1, 2 and 3 list, one after the other."""

    def run(case, random):
        least, most = case.space["features"]
        singly = [e for k in range(least, most + 1) for e in ask(case.within(features=[k, k]))[0]]
        assert ask(case)[0] == singly
        return singly

    random_test(25, run, cases().filter(lambda case: case.space["features"][0] < case.space["features"][1]))


def test_polarity_lists_one_of_each_class():
    """The least of it, and the numbers of classes are equal."""

    def run(case, random):
        every, statement = ask(case.within(polarity=False))
        found, again = ask(case.within(polarity=True))
        least = {}
        for features, outputs in every:
            least.setdefault(class_of(features), (features, outputs))
        assert found == list(least.values())
        assert statement.classes == again.classes == again.count == len(found)
        return found

    random_test(26, run, cases())


def test_fewer_requirements_lose_nothing():
    """Each requirement only takes explanations away."""

    def run(case, random):
        plain = case.within(polarity=False, output_gates={"kinds": ["any"], "fan_in": None})
        read = listed(plain.within(require=["readout"]))
        exchanged = listed(plain.within(require=["readout", "interchange"]))
        mediated = listed(plain.within(require=["readout", "mediation", "interchange"]))
        assert read.keys() >= exchanged.keys()
        assert exchanged.items() >= mediated.items()
        assert set(read.values()) <= {None}
        return mediated

    small = cases().filter(lambda case: len(case.question.readouts) <= 20)
    random_test(27, run, small)
