"""Lists of explanations: canonical order, classes, polarities, against definitions written out."""

from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.certificate import complement, show_feature
from verifier.engine.enumeration import decomposed
from verifier.engine.enumeration.enumerate import enumerate_space
from verifier.engine.enumeration.listing import Found, Order
from verifier.engine.verify import Subject
from verifier.space import Space
from verifier.spec import load

SPECS = Path(__file__).parent.parent / "specs"


def _readouts() -> list[tuple[tuple[Fraction, ...], Fraction]]:
    """Return readouts of two units with their complements; as texts, 10 sorts before 2."""
    numbers = [Fraction(-10), Fraction(-1, 2), Fraction(0), Fraction(2), Fraction(10)]
    found = [((a, b), offset) for a, b in product(numbers, repeat=2) for offset in (Fraction(0), Fraction(1))]
    return found + [(tuple(-a for a in row), 1 - offset) for row, offset in found]


@given(
    st.lists(
        st.tuples(
            st.lists(
                st.sampled_from(_readouts()),
                min_size=1,
                max_size=3,
                unique_by=lambda one: min(show_feature(*one), complement(show_feature(*one))),
            ),
            st.sampled_from(["0111", "0110"]),
        ),
        max_size=12,
        unique_by=lambda one: tuple(sorted(one[0])),
    )
)
def test_order_and_classes_are_those_of_the_definition(drawn) -> None:
    drawn = [(sorted(readouts), table) for readouts, table in drawn]
    items = [Found(tuple(show_feature(*one) for one in readouts), (table,)) for readouts, table in drawn]
    ordered = [
        Found(tuple(show_feature(*one) for one in readouts), (table,))
        for readouts, table in sorted(drawn, key=lambda one: (len(one[0]), one[0]))
    ]
    classes: dict[frozenset[str], int] = {}
    groups = [
        classes.setdefault(frozenset(min(text, complement(text)) for text in item.features), len(classes) + 1)
        for item in ordered
    ]
    assert Order().arranged(items) == (tuple(ordered), tuple(groups))
    assert Order().ranked(items) == ordered
    assert Order().arranged([]) == ((), ())


@pytest.mark.parametrize("polarity", [False, True])
@pytest.mark.parametrize("name", ["xor", "parity-4-one-layer", "full-adder"])
def test_polarities_chosen_a_few_at_a_time_give_the_same_list(
    monkeypatch: pytest.MonkeyPatch, name: str, polarity: bool
) -> None:
    spec = load(SPECS / f"{name}.circuit.yaml")
    layer = spec.network.layers[0].name
    space = Space(layer, (2, 3), (-1, 1), polarity=polarity)

    def items() -> tuple[Found, ...]:
        return enumerate_space(Subject(spec.network, spec.domain, spec.decoding), space).items

    whole = items()
    assert whole
    monkeypatch.setattr(decomposed, "CELLS", 1)
    assert items() == whole
