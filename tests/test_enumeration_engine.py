"""Parts of the enumeration that must not be trusted, each one broken on purpose: the list stays the same.

Proposals that lack or invent readouts, samples of rows instead of all, cubes, limits and interruptions.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from enumeration_oracle import class_of
from hypothesis import given
from hypothesis import strategies as st
from test_enumeration_differential import cases, everyday, to_network, to_output, to_space
from test_enumeration_golden import RELU as RELU_LAYERS
from test_enumeration_golden import xor as xor_case

import verifier.engine.enumeration.features as features_module
import verifier.engine.enumeration.stage as stage_module
import verifier.smt.readouts as readouts_module
from verifier.api import check
from verifier.certificate import parse_feature as parse_readout
from verifier.checks import DEFAULT_CHECKS
from verifier.decoding import Decoding, argmax, parse_output
from verifier.domain import Domain
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.enumerate import Options, Watch, count, enumerate_space
from verifier.engine.enumeration.examine import Accepted, Rejected, examine
from verifier.engine.enumeration.features import cubes, tile
from verifier.engine.enumeration.listing import Found, Listing, Order
from verifier.engine.enumeration.propose import bounded, nothing
from verifier.engine.enumeration.stage import prepare
from verifier.engine.replay import activations
from verifier.engine.verify import Subject
from verifier.errors import InputError, InternalError
from verifier.explanation import Explanation, Feature, parse_feature
from verifier.library import Library
from verifier.network import Activation, Layer, Network
from verifier.smt.readouts import Judge
from verifier.space import Space
from verifier.spec import load
from verifier.verdict import Limits

F = Fraction
ROOT = Path(__file__).parent.parent
STEP, RELU, IDENTITY = Activation("step"), Activation("relu"), Activation("identity")
HALF = F(1, 2)
LOOP = Options("monolithic")


def stack(*layers: tuple[str, list, list, Activation]) -> Network:
    """Return a network of (name, weights, bias, activation)."""
    return Network(Layer.of(*layer) for layer in layers)


def units(m: int) -> list[list[int]]:
    """Return the rows of the identity."""
    return [[int(i == j) for j in range(m)] for i in range(m)]


def parity(n: int) -> Network:
    """Return parity in one hidden layer: unit i says that at least i inputs are on."""
    hidden = ("h", [[1] * n] * n, [HALF - i for i in range(1, n + 1)], STEP)
    return stack(hidden, ("y", [[(-1) ** i for i in range(n)]], [-HALF], STEP))


XOR = stack(
    ("h", [[1, 0], [0, 1], [1, 1]], [-HALF, -HALF, F(-3, 2)], STEP), ("y", [[1, 1, -2]], [-HALF], STEP)
)
RELU_XOR = stack(("h", [[1, 0], [0, 1], [1, 1]], [0, 0, -1], RELU), ("y", [[1, 1, -2]], [0], RELU))
#: The hidden layer is the input itself: a sample of five of the 16 rows reads every function of these five.
COPY = stack(("h", units(4), [-HALF] * 4, STEP), ("y", [[1, 1, 0, 0]], [F(-3, 2)], STEP))
#: Two copies of one bit: readouts differ by a kernel lattice.
TWICE = stack(("h", [[1, 0], [1, 0], [0, 1]], [0, 0, 0], RELU), ("y", [[1, 1, 1]], [F(-5, 2)], STEP))
#: Values 0, 1/3, 2/3, 1 and so on: rows whose differences have denominators.
THIRDS = stack(
    ("h", [[F(1, 3), 0], [0, F(1, 2)], [F(1, 3), F(1, 2)]], [0, 0, 0], IDENTITY),
    ("y", [[3, 2, 0]], [F(-3, 2)], STEP),
)


def subject(network: Network, output: str = "y", choice: str = "auto", **domain: object) -> Subject:
    """Return a network on the whole cube, or a part of it, with one output."""
    inputs = tuple(f"x{i + 1}" for i in range(network.n))
    decoding = Decoding((parse_output(output, network, "y"),))
    return Subject(network, Domain(inputs, **domain), decoding, choice)


def shipped(name: str) -> Subject:
    """Return the network of a shipped spec."""
    spec = load(str(ROOT / "specs" / f"{name}.circuit.yaml"))
    return Subject(spec.network, spec.domain, spec.decoding)


def features_of(listing: Iterable[Found]) -> list[tuple[str, ...]]:
    """Return the readouts of each explanation, as text."""
    return [item.features for item in listing]


def same(one: Listing, other: Listing) -> bool:
    """Return whether two runs listed the same, and claim the same but for what that rests on."""
    a, b = one.statement, other.statement
    return (one.items, one.groups, a.count, a.classes, a.complete, a.bound_binding) == (
        other.items,
        other.groups,
        b.count,
        b.classes,
        b.complete,
        b.bound_binding,
    )


def given_features(network: Network, *texts: str) -> tuple[Feature, ...]:
    """Return given features from `GATE @ SITE`."""
    inputs = [f"x{i + 1}" for i in range(network.n)]
    return tuple(parse_feature(f"a{i + 1}", text, network, inputs) for i, text in enumerate(texts))


# --- generators that are wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "k", "box"), [(XOR, 2, (-2, 2)), (parity(4), 3, (-1, 1)), (TWICE, 2, (-1, 2))]
)
def test_a_generator_that_drops_a_readout_changes_nothing(
    network: Network, k: int, box: tuple[int, int]
) -> None:
    about, space = subject(network), Space("h", k, box)
    told = enumerate_space(about, space)
    assert told.items
    for dropped in (0, -1, 1):

        def forgetful(
            hull: object, values: list[list[int]], limits: Limits, dropped: int = dropped
        ) -> object:
            return np.delete(bounded(hull, values, limits), dropped, axis=0)

        assert same(enumerate_space(about, space, propose=forgetful), told)


def test_a_generator_that_proposes_nothing_changes_nothing() -> None:
    for about, space in _bounded_spaces():
        told = enumerate_space(about, space)
        assert same(enumerate_space(about, space, propose=nothing), told)
        assert same(enumerate_space(about, space, Options(warm_start=False)), told)


@pytest.mark.parametrize("extra", [(1, 1, 0), (0, 0, 0), (2, 0, 0)])
def test_a_generator_that_invents_a_readout_is_an_internal_error(extra: tuple[int, ...]) -> None:
    def inventive(hull: object, values: list[list[int]], limits: Limits) -> object:
        return np.concatenate([bounded(hull, values, limits), np.array([extra])])

    with pytest.raises(InternalError, match="does not replay"):
        enumerate_space(subject(XOR), Space("h", 2, (-2, 2)), propose=inventive)


def test_a_generator_that_leaves_the_box_changes_nothing_or_is_refused() -> None:
    """A readout outside the bounds lies in no cube."""
    about, space = subject(XOR), Space("h", 2, (-1, 1))

    def wide(hull: object, values: list[list[int]], limits: Limits) -> object:
        return bounded(hull, [list(range(-2, 3))] * 3, limits)

    told = enumerate_space(about, space)
    try:
        found = enumerate_space(about, space, propose=wide)
    except InternalError:
        return
    assert features_of(found) == features_of(told)


# --- rows of a sample --------------------------------------------------------------------------------------


def _bounded_spaces() -> list[tuple[Subject, Space]]:
    return [
        (subject(XOR), Space("h", 2, (-2, 2))),
        (subject(XOR), Space("h", (1, 3), (-1, 1), polarity=True)),
        (subject(parity(4)), Space("h", 2, (-1, 1))),
        (subject(parity(3)), Space("h", 2, (-1, 1), must_use=("h2",))),
        (subject(COPY), Space("h", 2, (-1, 1))),
        (subject(COPY), Space("h", 1, (-1, 1), must_not_use=("h3",), require=("readout",))),
        (subject(TWICE), Space("h", 2, (-1, 2))),
        (subject(THIRDS), Space("h", 2, (-3, 3))),
        (shipped("full-adder"), Space("h", 3, (-1, 1))),
        (subject(COPY), Space("h", 3, (0, 1), given=given_features(COPY, "x1 @ h1"))),
    ]


def _unbounded_spaces() -> list[tuple[Subject, Space]]:
    return [
        (subject(XOR), Space("h", 2)),
        (subject(parity(4)), Space("h", 2)),
        (subject(COPY), Space("h", 2, polarity=True)),
        (subject(TWICE), Space("h", 2)),
    ]


ADDER = 8  # in `_bounded_spaces`: its 192 explanations take the loop seconds


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize(
    ("strategy", "number"),
    [
        pytest.param(
            strategy, number, marks=[pytest.mark.slow] * ((strategy, number) == ("monolithic", ADDER))
        )
        for strategy in ("decomposed", "monolithic")
        for number in range(len(_bounded_spaces()) + len(_unbounded_spaces()))
    ],
)
def test_a_sample_of_the_rows_gives_the_same_list(
    number: int, strategy: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, space = (_bounded_spaces() + _unbounded_spaces())[number]
    options = Options(strategy)
    if strategy == "monolithic" and space.require != ("readout", "mediation", "interchange"):
        pytest.skip("sets without conditions are many")
    told = enumerate_space(about, space, options)
    assert told.stage is not None
    assert told.stage.whole
    monkeypatch.setattr(stage_module, "MAX_ROWS", most)
    with_table = enumerate_space(about, space, options)
    assert with_table.stage is not None
    assert not with_table.stage.whole
    assert same(with_table, told)
    symbolic = Subject(about.network, about.domain, about.decoding, "smt")
    assert symbolic.table is None
    assert same(enumerate_space(symbolic, space, options), told)
    if strategy == "decomposed" and space.coefficients is not None:
        assert same(enumerate_space(about, space, options, propose=nothing), told)


def test_the_sample_alone_would_admit_false_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "MAX_ROWS", 3)
    space = Space("h", 1, (-1, 1), require=("readout",))
    sample = prepare(subject(COPY), space, Limits.of(None, None)).rows
    assert len(sample) == 5  # they span the cube, and nothing else is known of the other 11
    false = [
        R
        for R in product((-1, 0, 1), repeat=4)
        if len({sum(a * b for a, b in zip(R, h, strict=True)) for h in sample}) == 2
        and {sum(a * b for a, b in zip(R, h, strict=True)) for h in product((0, 1), repeat=4)} - {0, 1}
        and {sum(a * b for a, b in zip(R, h, strict=True)) for h in product((0, 1), repeat=4)} - {0, -1}
    ]
    assert false
    listing = enumerate_space(subject(COPY), space)
    assert listing.statement.complete
    assert sorted(features_of(listing)) == sorted(
        [
            (f"{' '.join(map(str, [s * (i == j) for j in range(4)]))};{int(s < 0)}",)
            for i in range(4)
            for s in (1, -1)
        ]
    )
    assert listing.stage is not None
    assert len(listing.stage.rows) > len(sample)


def test_given_features_on_a_sample_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "MAX_ROWS", 1)
    network = parity(3)
    first, good = "x1 | x2 | x3 @ h1", "x1 & x2 | x3 & (x1 | x2) @ h2"
    for texts in ([first, good], [good, first]):
        space = Space("h", 2, (-1, 1), given=given_features(network, *texts))
        assert same(enumerate_space(subject(network), space), enumerate_space(subject(network), space, LOOP))


def test_a_given_feature_whose_gate_is_wrong_is_refused_whatever_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space = Space("h", 2, (-1, 1), given=given_features(parity(3), "x1 @ h1"))
    with pytest.raises(InputError, match="E506"):
        enumerate_space(subject(parity(3)), space)
    monkeypatch.setattr(stage_module, "MAX_ROWS", 1)
    with pytest.raises(InputError, match="E506"):
        enumerate_space(subject(parity(3)), space)


def test_random_questions_on_a_sample_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is decided on a sample is what is decided on all rows; only gates need all of them."""
    decided = 0

    @everyday(13, 60)
    @given(cases())
    def run(case) -> None:
        nonlocal decided
        about, space = to_subject(case), to_space(case)
        monkeypatch.setattr(stage_module, "MAX_ROWS", 4096)
        told = enumerate_space(about, space)
        monkeypatch.setattr(stage_module, "MAX_ROWS", 1)
        found = enumerate_space(about, space)
        if found.statement.complete:
            assert same(found, told)
            decided += 1
        else:
            assert set(found.items) <= set(told.items)

    run()
    assert decided > 20


def to_subject(case) -> Subject:
    """Return the network of a random question on its domain."""
    network, n = to_network(case.layers), len(case.inputs[0])
    inputs = tuple(f"x{i + 1}" for i in range(n))
    rows = None if len(case.inputs) == 2**n else tuple(tuple(map(bool, x)) for x in case.inputs)
    domain = Domain(inputs, None, rows, case.low, case.high)
    told = to_output(case)
    if told == "argmax":
        return Subject(network, domain, argmax(network))
    outputs = tuple(parse_output(text, network, name) for name, text in told.items())
    return Subject(network, domain, Decoding(outputs, case.decoding["tolerance"]))


def test_gates_on_a_sample_of_the_rows_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "MAX_ROWS", 1)
    space = Space("h", 2, (-2, 2), gates=Library(("and",)))
    for options in (Options(), LOOP):
        statement = enumerate_space(subject(XOR), space, options).statement
        assert not statement.complete
        assert "inputs" in statement.reason


def test_a_domain_that_is_too_large_to_list() -> None:
    n, bounds = 26, (9, 14, 20)
    network = stack(
        ("h", [[1] * n] * 3, [HALF - b for b in bounds], STEP), ("y", [[1, -1, 1]], [-HALF], STEP)
    )
    about = subject(network)
    assert about.table is None
    told = None
    for space in (Space("h", 2, (-1, 1)), Space("h", 2)):
        listing = enumerate_space(about, space)
        assert listing.statement.complete
        assert listing.items
        told = told or features_of(listing)
        assert features_of(listing) == told  # parity of three thresholds: as for n = 3
    small = stack(
        ("h", [[1] * 3] * 3, [HALF - b for b in (1, 2, 3)], STEP), ("y", [[1, -1, 1]], [-HALF], STEP)
    )
    assert told == features_of(enumerate_space(subject(small), Space("h", 2, (-1, 1))))
    random = Random(0)
    readouts = {text: parse_readout(text) for features in told or () for text in features}
    seen: dict[str, set[Fraction]] = {text: set() for text in readouts}
    for number in range(1000):
        ones = number % (n + 1)
        x = random.sample([True] * ones + [False] * (n - ones), n)
        h = activations(network, about.domain, tuple(x), 1)
        assert h == [int(ones >= b) for b in bounds]
        for text, (row, offset) in readouts.items():
            seen[text].add(sum(a * b for a, b in zip(row, h, strict=True)) + offset)
    assert all(values == {0, 1} for values in seen.values())


# --- limits and interruptions ------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["decomposed", "monolithic"])
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_a_limit_gives_at_least_so_many(strategy: str, limit: int) -> None:
    every = features_of(enumerate_space(subject(XOR), Space("h", 2, (-2, 2))))
    listing = enumerate_space(subject(XOR), Space("h", 2, (-2, 2)), Options(strategy, limit=limit))
    statement = listing.statement
    assert (statement.count, statement.complete, statement.bound_binding) == (limit, False, None)
    assert statement.rests_on == ""
    assert statement.reason == f"the limit of {limit} was reached"
    assert str(statement).startswith(f"at least {limit} explanation")
    assert set(features_of(listing)) < set(every)
    assert features_of(listing) == [features for features in every if features in set(features_of(listing))]


@pytest.mark.parametrize("strategy", ["decomposed", "monolithic"])
def test_a_limit_that_is_not_reached_changes_nothing(strategy: str) -> None:
    about, space = subject(XOR), Space("h", 2, (-2, 2))
    told = enumerate_space(about, space, Options(strategy))
    assert same(enumerate_space(about, space, Options(strategy, limit=9)), told)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_1_is_refused(limit: int) -> None:
    with pytest.raises(InputError, match="E601"):
        Options(limit=limit)


@pytest.mark.parametrize("options", [{"timeout_s": 1e-9}, {"rlimit": 1}])
@pytest.mark.parametrize("strategy", ["decomposed", "monolithic"])
@pytest.mark.parametrize("coefficients", [(-1, 1), None])
def test_no_time_gives_at_least_nothing(
    options: dict[str, float], strategy: str, coefficients: tuple[int, int] | None
) -> None:
    if "rlimit" in options and strategy == "decomposed" and coefficients is None:
        pytest.skip("Z3 is not asked")
    space = Space("h", 2, coefficients)
    listing = enumerate_space(subject(parity(5)), space, Options(strategy, **options))
    statement = listing.statement
    assert not statement.complete
    assert statement.reason
    assert (statement.rests_on, statement.bound_binding) == ("", None)
    every = features_of(enumerate_space(subject(parity(5)), space))
    assert set(features_of(listing)) < set(every)


def test_what_was_known_survives_every_limit() -> None:
    about, space = subject(parity(4)), Space("h", 2, (-1, 1))
    every = enumerate_space(about, space)
    known = every.items[2:5]
    for strategy in ("decomposed", "monolithic"):
        for options in ({"timeout_s": 1e-9}, {"rlimit": 1}, {"limit": 4}):
            listing = enumerate_space(about, space, Options(strategy, **options), known)
            assert not listing.statement.complete
            assert set(known) <= set(listing.items) <= set(every.items)
        assert same(enumerate_space(about, space, Options(strategy), known), every)


class Stopped:
    """A watch that interrupts at the nth call of one of its parts, and keeps what was found before."""

    def __init__(self, part: str, calls: int) -> None:
        self.part, self.calls, self.found = part, calls, set[Found]()

    def watch(self) -> Watch:
        """Return the watch."""
        return Watch(self._found, lambda *_: self._called("cube"), lambda _: self._called("progress"))

    def _found(self, batch: Sequence[Found]) -> None:
        self.found.update(batch)
        self._called("found")

    def _called(self, part: str) -> None:
        if part == self.part:
            self.calls -= 1
            if not self.calls:
                raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("part", "calls", "strategy"),
    [
        ("found", 1, "decomposed"),
        ("cube", 1, "decomposed"),
        ("progress", 2, "decomposed"),
        ("found", 1, "monolithic"),
        ("found", 3, "monolithic"),
        ("progress", 2, "monolithic"),
    ],
)
def test_an_interruption_loses_nothing(part: str, calls: int, strategy: str) -> None:
    about, space = subject(XOR), Space("h", 2, (-2, 2))
    every = enumerate_space(about, space)
    stopped = Stopped(part, calls)
    listing = enumerate_space(about, space, Options(strategy), watch=stopped.watch())
    assert (listing.statement.complete, listing.statement.reason) == (False, "interrupted")
    assert set(listing.items) == stopped.found <= set(every.items)
    again = enumerate_space(about, space, Options(strategy), listing.items)
    assert same(again, every)


@pytest.mark.parametrize("strategy", ["decomposed", "monolithic"])
@pytest.mark.parametrize("limit", [None, 1])
@pytest.mark.parametrize(
    "stranger",
    [
        Found(("0 1 -1;0", "1 0 -1;1"), ("0111",)),
        Found(("0 1 -1;0", "1 0 -1;0"), ("0110",)),  # an explanation, with another output
        Found(("0 1 -1;0", "1 1 -1;0"), ("0111",)),
    ],
)
def test_a_known_explanation_that_is_none_is_refused(
    stranger: Found, limit: int | None, strategy: str
) -> None:
    with pytest.raises(InputError, match="E701"):
        enumerate_space(subject(XOR), Space("h", 2, (-2, 2)), Options(strategy, limit=limit), [stranger])


# --- does the bound cut anything off? ----------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("box", [(-2, 2), (-1, 1), (0, 1), (-1, 2), (-2, 0)])
@pytest.mark.parametrize("layers", [None, RELU_LAYERS])
def test_the_bound_binds_where_the_brute_force_finds_more(
    k: int, box: tuple[int, int], layers: object
) -> None:
    """There is no kernel here, so that the brute force knows a box that holds every readout."""
    case = xor_case(k, box, **({"layers": layers} if layers else {}))
    inside = set(case.question.listing().features)
    every = set(xor_case(k, None, **({"layers": layers} if layers else {})).question.listing().features)
    network = XOR if layers is None else RELU_XOR
    listing = enumerate_space(subject(network), Space("h", k, box))
    assert listing.statement.count == len(inside)
    assert listing.statement.bound_binding is bool(every - inside)


def test_with_a_kernel_a_feature_too_many_can_always_be_moved() -> None:
    """True needs more features than the next layer sees rows: then a larger box holds more."""
    wide = stack(("h", [[1, 0], [1, 0], [0, 1]], [0, 0, 0], RELU), ("y", [[1, 1, 1]], [-HALF], STEP))
    for network, box in ((TWICE, (-1, 2)), (wide, (-1, 1))):
        few, more = (
            enumerate_space(subject(network), Space("h", 2, b)) for b in (box, (box[0] - 2, box[1] + 2))
        )
        assert few.statement.bound_binding is True
        assert set(features_of(few)) < set(features_of(more))


def test_with_a_kernel_and_no_feature_to_spare_it_is_not_known() -> None:
    one = stack(("h", [[1, 0], [1, 0]], [-HALF, -HALF], STEP), ("y", [[1, 0]], [-HALF], STEP))
    lists = [enumerate_space(subject(one), Space("h", 1, (-b, b))) for b in (1, 2, 3, 4)]
    assert [listing.statement.bound_binding for listing in lists] == [None] * 4
    assert len({tuple(features_of(listing)) for listing in lists}) == 1  # none is cut off, but who knows


def test_with_a_kernel_readouts_alone_can_always_be_moved() -> None:
    listing = enumerate_space(subject(TWICE), Space("h", 1, (-1, 1), require=("readout",)))
    assert listing.statement.bound_binding is True
    wider = enumerate_space(subject(TWICE), Space("h", 1, (-3, 3), require=("readout",)))
    assert set(features_of(listing)) < set(features_of(wider))


@pytest.mark.parametrize("box", [(-2, 2), (-1, 2), (0, 2), (-1, 1)])
def test_the_bound_with_one_explanation_per_class(box: tuple[int, int]) -> None:
    """The statement is about explanations, whichever of a class is listed."""
    plain = enumerate_space(subject(XOR), Space("h", 2, box))
    listed = enumerate_space(subject(XOR), Space("h", 2, box, polarity=True))
    assert listed.statement.bound_binding is plain.statement.bound_binding


# --- counting ----------------------------------------------------------------------------------------------


def _restricted_spaces() -> list[tuple[Subject, Space]]:
    found = []
    for about, names in ((subject(XOR), "xor"), (subject(parity(4)), "parity")):
        restrictions: list[dict[str, object]] = [
            {},
            {"polarity": True},
            {"gates": Library(("and", "nand"))},
            {"gates": Library(("any",), 1 if names == "xor" else 3)},
            {"gates": Library(("threshold", "symmetric")), "polarity": True},
            {"output_gates": Library(("or",))},
            {"output_gates": Library(("or", "and"), 2), "polarity": True},
            {"must_use": ("h1", "h3")},
            {"must_not_use": ("h2",)},
            {"must_use": ("h1",), "polarity": True},
            {"require": ("readout",)},
            {"require": ("readout", "interchange")},
        ]
        if names == "xor":
            at_a_place, anywhere = (given_features(XOR, f"x1 {op}") for op in ("| x2 @ h1 + h2 - h3", "| x2"))
            alice = given_features(XOR, "x1 & ~x2 @ h1 - h3")
            restrictions += [{"given": at_a_place}, {"given": anywhere}, {"given": alice, "polarity": True}]
        else:
            restrictions += [{"features": 1}, {"features": (1, 3)}, {"features": (2, 3), "polarity": True}]
        found += [
            (about, Space("h", **{"features": 2, "coefficients": (-1, 1), **more})) for more in restrictions
        ]
    return found + _bounded_spaces() + _unbounded_spaces()


@pytest.mark.parametrize("number", range(len(_restricted_spaces())))
def test_counting_agrees_with_listing(number: int) -> None:
    about, space = _restricted_spaces()[number]
    listing, statement = enumerate_space(about, space), count(about, space)
    order = Order()
    assert listing.statement.complete
    assert (statement.count, statement.classes, statement.complete) == (
        len(listing.items),
        len({order.group(item) for item in listing}),
        True,
    )
    assert (statement.rests_on, statement.kernel) == (listing.statement.rests_on, listing.statement.kernel)
    assert listing.statement.count == len(listing.items) == len(set(listing.items))
    assert listing.statement.classes == max(listing.groups, default=0)
    if space.polarity:
        assert statement.count == statement.classes
    keys = [class_of(item.readouts) for item in listing]
    firsts = list(dict.fromkeys(keys))
    assert [firsts.index(key) + 1 for key in keys] == list(listing.groups)


@pytest.mark.parametrize("number", range(len(_restricted_spaces())))
def test_one_per_class_is_the_least_of_those_listed(number: int) -> None:
    about, space = _restricted_spaces()[number]
    if space.polarity or space.coefficients is None:
        return
    parts = {name: getattr(space, name) for name in Space.__dataclass_fields__}
    every = enumerate_space(about, space)
    listed = enumerate_space(about, Space(**{**parts, "polarity": True}))
    least: dict[int, tuple[str, ...]] = {}
    for item, group in zip(every.items, every.groups, strict=True):
        least.setdefault(group, item.features)
    assert features_of(listed) == list(least.values())


def test_counting_stops_too() -> None:
    assert not count(subject(parity(5)), Space("h", 2, (-1, 1)), Options(timeout_s=1e-9)).complete
    assert not count(subject(parity(5)), Space("h", 2, (-1, 1)), Options(rlimit=1)).complete


def test_counting_says_what_it_rests_on() -> None:
    """Without bounds every function is tried, unless Z3 is asked for whole explanations."""
    space = Space("h", 2)
    assert (count(subject(XOR), space).rests_on, count(subject(XOR), space, LOOP).rests_on) == (
        "algebra",
        "z3",
    )


# --- the definition ----------------------------------------------------------------------------------------

EXAMINED: list[tuple[Callable[[], Subject], Space, tuple[int, int]]] = [
    (lambda: subject(XOR), Space("h", (1, 3), (-2, 2)), (-2, 2)),
    (lambda: subject(RELU_XOR), Space("h", (1, 3), (-2, 2)), (-2, 2)),
    (lambda: shipped("full-adder"), Space("h", (1, 3), (-1, 1)), (-1, 1)),
    (lambda: shipped("parity-4-two-layers"), Space("h", (1, 2), (-1, 1)), (-1, 1)),
    (lambda: shipped("parity-4-two-layers"), Space("g", (1, 2), (-1, 1)), (-1, 1)),
    (lambda: subject(TWICE), Space("h", (1, 2), (-1, 2)), (-1, 2)),
    (lambda: subject(THIRDS), Space("h", (1, 2), (-3, 3), require=("readout", "interchange")), (-3, 3)),
    (lambda: subject(XOR), Space("h", 2, (-1, 1), must_use=("h1",), gates=Library(("and", "or"))), (-1, 1)),
]


@pytest.mark.parametrize("number", range(len(EXAMINED)))
def test_the_definition_accepts_what_is_listed_and_nothing_else(number: int) -> None:
    make, space, (low, high) = EXAMINED[number]
    about = make()
    listing = enumerate_space(about, space)
    stage = listing.stage
    assert stage is not None
    assert listing.statement.complete
    singles = []
    for R in product(range(low, high + 1), repeat=stage.m):
        values = {sum(a * b for a, b in zip(R, h, strict=True)) for h in stage.rows}
        if len(values) == 2 and max(values) - min(values) == 1:
            singles.append((tuple(map(F, R)), -F(min(values))))
    singles.sort()
    listed = {frozenset(item.readouts): item for item in listing}
    seen = 0
    for k in range(space.features[0], space.features[1] + 1):
        for chosen in combinations(singles, k):
            found = examine(stage, chosen)
            item = listed.get(frozenset(chosen))
            assert isinstance(found, Accepted if item else Rejected), (chosen, found)
            if item:
                assert isinstance(found, Accepted)
                assert (found.output, item.readouts) == (item.output, chosen)
                seen += 1
    assert seen == len(listing.items) > 0


@pytest.mark.parametrize(
    ("make", "space"),
    [
        (lambda: subject(XOR), Space("h", (1, 2), (-2, 2))),
        (lambda: subject(RELU_XOR), Space("h", 2, (-2, 2))),
        (lambda: subject(parity(3)), Space("h", 2, (-1, 1))),
        (lambda: shipped("full-adder"), Space("h", 3, (-1, 1), polarity=True)),
        (lambda: shipped("parity-4-two-layers"), Space("h", 2, (-1, 1))),
        (lambda: shipped("parity-4-two-layers"), Space("g", (1, 2))),
        (lambda: subject(TWICE), Space("h", 2, (-1, 2))),
    ],
)
def test_what_is_listed_passes_the_checks_of_single_claims(make: Callable[[], Subject], space: Space) -> None:
    about = make()
    listing = enumerate_space(about, space)
    assert listing.stage is not None
    assert listing.items
    describer = Describer(listing.stage)
    inputs = about.domain.inputs
    output = list(about.decoding.names)
    for item in listing.items[:: max(1, len(listing.items) // 12)]:
        names = describer.names(len(item.features))
        circuit = {
            name: f"{describer.gate(text)} @ {describer.readout(text)}"
            for name, text in zip(names, item.features, strict=True)
        }
        circuit |= describer.output_gates(item)
        explanation = Explanation.of(about.network, circuit, inputs=inputs)
        told = check(about.network, explanation, inputs=inputs, output=output)
        assert [result.check for result in told.results] == list(DEFAULT_CHECKS)
        assert told.proved, told
        weights = describer.weights(item)
        assert set(weights) == {
            about.network.layer(listing.stage.place + 1).units[i] for i in listing.stage.reaching
        }
        for unit, (alpha, beta) in weights.items():
            layer = about.network.layer(listing.stage.place + 1)
            i = layer.units.index(unit)
            for h in listing.stage.rows:
                bits = [sum(a * b for a, b in zip(row, h, strict=True)) + d for row, d in item.readouts]
                z = sum(a * b for a, b in zip(layer.W[i], h, strict=True)) + layer.b[i]
                assert z == sum(a * b for a, b in zip(alpha, bits, strict=True)) + beta


# --- cubes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefixes", "tiles"),
    [
        ([()], True),
        ([(0,), (1,)], True),
        ([(0,), (1, 0), (1, 1)], True),
        ([(1, 1), (0,), (1, 0)], True),
        ([], False),
        ([(0,)], False),
        ([(0,), (1, 1)], False),
        ([(0,), (1,), (1, 0)], False),
        ([(0,), (0,), (1,)], False),
        ([(), (0,)], False),
        ([(0,), (1,), (2,)], False),
        ([(0,), (1, 0), (1, 2)], False),
        ([(0,), (1, 0, 0), (1, 1)], False),
    ],
)
def test_only_cubes_without_gap_or_overlap_tile(prefixes: list[tuple[int, ...]], tiles: bool) -> None:
    assert tile(prefixes, [[0, 1], [0, 1]]) is tiles


@everyday(11, 100)
@given(st.data())
def test_cubes_tile_every_box(data) -> None:
    sizes = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    values = [list(range(low, low + size)) for size in sizes for low in [data.draw(st.integers(-2, 1))]]
    points = list(product(*values))
    chosen = data.draw(st.lists(st.sampled_from(points), max_size=20, unique=True))
    rows = np.array(sorted(chosen), dtype=np.int64).reshape(len(chosen), len(values))
    most = data.draw(st.integers(1, 4))
    prefixes = cubes(rows, values, most)
    assert tile(prefixes, values)
    for point in points:
        assert sum(point[: len(p)] == p for p in prefixes) == 1
    for p in prefixes:
        assert sum(tuple(row[: len(p)]) == p for row in rows.tolist()) <= most
    if len(prefixes) > 1:
        gone = data.draw(st.sampled_from(prefixes))
        assert not tile([p for p in prefixes if p != gone], values)
        assert not tile(sorted([*prefixes, gone]), values)


@pytest.fixture
def small_cubes(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most three readouts in a cube."""
    monkeypatch.setattr(features_module, "cubes", lambda rows, values: cubes(rows, values, 3))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The cubes about which Z3 is asked."""
    about: list[tuple[int, ...]] = []
    others = Judge.others

    def noted(judge: Judge, cube: tuple[int, ...], *rest: object) -> object:
        about.append(cube)
        return others(judge, cube, *rest)

    monkeypatch.setattr(Judge, "others", noted)
    return about


def test_many_cubes_give_the_same_list(request: pytest.FixtureRequest) -> None:
    whole = [enumerate_space(*each) for each in _bounded_spaces()]
    assert {len(listing.cubes) for listing in whole} == {1}
    request.getfixturevalue("small_cubes")
    for each, told in zip(_bounded_spaces(), whole, strict=True):
        listing = enumerate_space(*each)
        assert len(listing.cubes) > 1
        assert same(listing, told)
        assert [row for _, rows in listing.cubes for row in rows.tolist()] == [
            row for _, rows in told.cubes for row in rows.tolist()
        ]


def test_a_column_that_may_only_be_0_where_0_is_out_of_bounds() -> None:
    space = Space("h", 2, (1, 2), must_not_use=("h1",))
    for options in (Options(), Options(warm_start=False), LOOP):
        statement = enumerate_space(subject(XOR), space, options).statement
        assert (statement.count, statement.complete) == (0, True)
    assert count(subject(XOR), space).count == 0


# --- the judge ---------------------------------------------------------------------------------------------


@st.composite
def _readable(draw):
    m = draw(st.integers(1, 4))
    number = st.sampled_from([F(0), F(1), F(0), F(1), F(-1), HALF, F(1, 3), F(2), F(-3, 2)])
    rows = draw(st.lists(st.tuples(*[number] * m), min_size=1, max_size=5, unique=True))
    boxes = [(-2, 2), (0, 3), (-1, 0), (-3, 1), (0, 0), (1, 2), (-6, -5)]
    bounds = [draw(st.sampled_from(boxes)) for _ in range(m)]
    return rows, [list(range(low, high + 1)) for low, high in bounds]


def _judge(rows: list[tuple[Fraction, ...]], values: list[list[int]]) -> Judge:
    D, den = [], []
    for row in rows[1:]:
        step = [a - b for a, b in zip(row, rows[0], strict=True)]
        common = int(np.lcm.reduce([v.denominator for v in step]))
        D.append([int(v * common) for v in step])
        den.append(common)
    width = len(values)
    return Judge(
        np.array(D, dtype=np.int64).reshape(len(D), width), np.array(den, dtype=np.int64), values, Limits()
    )


def _tried(rows: list[tuple[Fraction, ...]], values: list[list[int]]) -> list[tuple[int, ...]]:
    """Return all readouts in the box, by trying."""
    found = []
    for R in product(*values):
        read = {sum(a * b for a, b in zip(R, h, strict=True)) for h in rows}
        if len(read) == 2 and max(read) - min(read) == 1:
            found.append(R)
    return found


@everyday(12, 60)
@given(_readable(), st.data())
def test_the_judge_finds_exactly_what_is_missing(case, data) -> None:
    rows, values = case
    every = _tried(rows, values)
    judge = _judge(rows, values)
    assert judge.others((), every) == []
    for size in (1, 2, 5, len(every)):
        missing = data.draw(st.lists(st.sampled_from(every), max_size=size, unique=True)) if every else []
        known = [R for R in every if R not in missing]
        assert sorted(judge.others((), known)) == sorted(missing)
    depth = data.draw(st.integers(0, len(values)))
    cube = tuple(data.draw(st.sampled_from(column)) for column in values[:depth])
    inside = [R for R in every if R[:depth] == cube]
    assert sorted(judge.others(cube, inside[1:])) == inside[:1]
    assert sorted(judge.others(cube, [])) == inside
    assert len(judge.others(cube, [], most=1)) == min(1, len(inside))


def test_the_judge_leaves_the_solver_as_it_was() -> None:
    import z3

    before = z3.get_param("sat.euf"), z3.get_param("tactic.default_tactic")
    _judge([(F(0),), (F(1),)], [[-1, 0, 1]]).others((), [])
    assert (z3.get_param("sat.euf"), z3.get_param("tactic.default_tactic")) == before
    assert readouts_module.Judge is Judge
