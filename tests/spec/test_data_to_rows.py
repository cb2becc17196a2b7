"""Cells → bits: which column is which input, in which of two writings, cut where."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.domain import Cut
from verifier.errors import InputError
from verifier.spec.csv_to_data import parse_csv
from verifier.spec.data import from_rows
from verifier.spec.data_to_rows import Group, Wanted, rows_of

F = Fraction
X = Wanted(("x1", "x2"))
SIGNS = Wanted(("x1", "x2"), low=F(-1))
COLOR = Group("color", ("color_red", "color_green"), ("red", "green"))
COLORED = Wanted((*COLOR.names, "x1"), (COLOR,))
SIZE = Group("size", ("size1", "size2", "size3"), ("1", "2", "3"))


def shown(rows):
    return " ".join("".join("01"[bit] for bit in row) for row in rows)


def read(text, wanted=X):
    return shown(rows_of(parse_csv(text, "a/rows.csv"), wanted))


def refused(text, wanted=X):
    with pytest.raises(InputError) as caught:
        rows_of(parse_csv(text, "a/rows.csv"), wanted)
    assert all(problem.path == "a/rows.csv" for problem in caught.value.problems)
    return [(p.code, p.position.line, p.position.column, p.message) for p in caught.value.problems]


def test_columns_come_in_any_order():
    assert read("x2,x1\n0,1\n1,1\n") == "10 11"


def test_wrong_columns():
    assert refused("x1,x3\n0,1\n") == [
        ("E402", 1, 1, "no column for x2"),
        ("E402", 1, 4, "column x3 is not an input"),
    ]


def test_columns_that_are_left_out():
    text = "x1,label,x2,id\n0,a,1,7\n1,b,1,8\n"
    assert read(text, Wanted(("x1", "x2"), ignored=("label", "id"))) == "01 11"
    assert read(text, Wanted(("x1", "x2"), ignored=None)) == "01 11"
    assert [at for _, _, at, _ in refused(text, Wanted(("x1", "x2"), ignored=("id",)))] == [4]
    assert refused(text, Wanted(("x1", "x3"), ignored=None)) == [("E402", 1, 1, "no column for x3")]


def test_every_wrong_cell_at_once():
    assert refused("x1,x2\n0,2\n1,\n1,0\nyes, 1 \n") == [
        ("E402", 2, 3, "column x2: expected 0 or 1, got 2"),
        ("E402", 3, 3, "column x2: expected 0 or 1, got nothing"),
        ("E402", 5, 1, "column x1: expected 0 or 1, got yes"),
    ]


def test_equal_rows():
    text = "x1,x2\n0,1\n1,0\n0,1\n0,1\n"
    assert refused(text) == [
        ("E402", 4, 1, "the row 01 equals line 2"),
        ("E402", 5, 1, "the row 01 equals line 2"),
    ]
    merged = rows_of(parse_csv(text, "rows.csv"), Wanted(("x1", "x2"), duplicates="merge"))
    assert merged == {(False, True): 0, (True, False): 1}


def test_no_more_than_a_screenful():
    found = refused("x1,x2\n" + "2,2\n" * 50)
    assert len(found) == 21
    assert [(line, column) for _, line, column, _ in found[:3]] == [(2, 1), (2, 3), (3, 1)]
    assert found[-1][3] == "and 80 more problems"


def test_the_numbers_fed_may_stand_for_bits():
    assert read("x1,x2\n-1,1\n-1.0,-1e0\n", SIGNS) == "01 00"
    assert read("x1,x2\n0,1\n0,0\n", SIGNS) == "01 00"
    assert read("x1,x2\n1,1.0\n", SIGNS) == "11"
    assert read("x1,x2\n1/2,0.25\n", Wanted(("x1", "x2"), low=F(1, 4), high=F(1, 2))) == "10"


def test_not_bits_here_and_the_numbers_fed_there():
    assert refused("x1,x2\n1,-1\n1,0\n0,1\n", SIGNS) == [
        ("E402", 3, 3, "column x2: expected -1 or 1, as elsewhere, got 0"),
        ("E402", 4, 1, "column x1: expected -1 or 1, as elsewhere, got 0"),
    ]
    assert refused("x1,x2\n1,0\n1,-1\n", SIGNS) == [
        ("E402", 3, 3, "column x2: expected 0 or 1, as elsewhere, got -1")
    ]
    assert refused("x1,x2\n1,2\n", SIGNS) == [("E402", 2, 3, "column x2: expected -1 or 0 or 1, got 2")]


@pytest.mark.parametrize(("low", "high"), [(1, 0), (1, -1), (2, 0)])
def test_a_number_that_reads_both_ways_is_a_bit(low, high):
    swapped = Wanted(("x1", "x2"), low=F(low), high=F(high))
    assert read("x1,x2\n0,1\n", swapped) == "01"
    if {low, high} != {0, 1}:
        assert len(refused(f"x1,x2\n{low},{high}\n", swapped)) == 1


def test_a_group_is_one_column_or_several():
    assert read("color,x1\nred,0\n green ,1\n", COLORED) == "100 011"
    assert read("color_red,x1,color_green\n1,0,0\n0,1,1\n", COLORED) == "100 011"
    assert refused("color,x1\nred,0\nblue,1\n,1\n", COLORED) == [
        ("E402", 3, 1, "column color: expected red or green, got blue"),
        ("E402", 4, 1, "column color: expected red or green, got nothing"),
    ]
    numbered = Wanted(SIZE.names, (SIZE,))
    assert read("size\n1\n3.0\n2\n", numbered) == "100 001 010"
    assert refused("size\n0\n", numbered) == [
        ("E402", 2, 1, "column size: expected 1 or 2 or 3, got 0"),
    ]


@pytest.mark.parametrize(
    ("values", "cells", "expected"),
    [
        (("1", "01"), ("01", "1"), "01 10"),
        (("7", "007"), ("7", "007"), "10 01"),
        (("1e3", "1000"), ("1000", "1e3"), "01 10"),
        (("16", "0x10"), ("0x10", "16", "16.0"), "01 10"),
        (("007", "8"), ("7", "8.0"), "10 01"),
    ],
)
def test_a_cell_of_a_group_is_the_value_it_spells(values, cells, expected):
    group = Group("c", ("c0", "c1"), values)
    wanted = Wanted(group.names, (group,), duplicates="merge")
    assert read("\n".join(["c", *cells, ""]), wanted) == expected


@pytest.mark.parametrize(
    ("values", "cell"), [(("7", "007"), "7.0"), (("1000", "1e3"), "01000"), (("16", "a"), "0x10")]
)
def test_a_number_of_two_values_is_neither(values, cell):
    group = Group("c", ("c0", "c1"), values)
    ((code, line, column, message),) = refused(f"c\n{cell}\n", Wanted(group.names, (group,)))
    assert (code, line, column) == ("E402", 2, 1)
    assert message == f"column c: expected {' or '.join(values)}, got {cell}"


@pytest.mark.parametrize("cell", ["5/5", "0/5", "1/1", "0x1", "0x0p0"])
def test_numbers_in_data_are_decimals(cell):
    assert refused(f"x1,x2\n1,{cell}\n") == [("E402", 2, 3, f"column x2: expected 0 or 1, got {cell}")]
    cut = Wanted(("x1",), cuts=(Cut("x1", "a", ">", F(0)),))
    with pytest.raises(InputError) as caught:
        rows_of(parse_csv(f"a\n{cell}\n", "rows.csv"), cut)
    (problem,) = caught.value.problems
    assert (problem.code, problem.position.line, problem.position.column) == ("E403", 2, 1)
    assert problem.hint == "numbers in data are decimals, such as 0.5 or 1e-3"


def test_numbers_fed_may_be_written_as_fractions():
    thirds = Wanted(("x1", "x2"), low=F(1, 3), high=F(2, 3))
    assert read("x1,x2\n1/3,2/3\n", thirds) == "01"
    assert len(refused("x1,x2\n2/6,2/3\n", thirds)) == 1


def test_a_group_has_one_spelling():
    assert refused("color,color_red,color_green,x1\nred,1,0,0\n", COLORED) == [
        ("E402", 1, 1, "column color is not an input")
    ]
    assert refused("color,color_red,x1\nred,1,0\n", COLORED) == [
        ("E402", 1, 1, "no column for color_green"),
        ("E402", 1, 1, "column color is not an input"),
    ]


def test_thresholds():
    cuts = (Cut("x1", "size (mm)", ">", F("0.1")), Cut("x2", "size (mm)", ">=", F("0.3")))
    wanted = Wanted(("x1", "x2"), cuts=cuts, duplicates="merge")
    assert read("size (mm)\n0.1\n0.3\n0.2999999999999999999999999\n.10000\n", wanted) == "00 11 10"
    assert refused("size (mm)\n0.1\n?\nnan\n", wanted)[:2] == [
        ("E403", 3, 1, "column size (mm): expected a number for x1 = [size (mm) > 0.1], got ?"),
        ("E403", 3, 1, "column size (mm): expected a number for x2 = [size (mm) >= 0.3], got ?"),
    ]


@given(
    st.lists(st.tuples(st.decimals(-3, 3, places=2), st.decimals(-3, 3, places=1)), min_size=1, max_size=12),
    st.sampled_from([">", ">=", "<", "<="]),
    st.decimals(-3, 3, places=1),
)
def test_thresholds_compare_decimals(pairs, op, bound):
    """Decimals are compared as decimals: the reference is `decimal`, which shares nothing with ours."""
    cuts = (Cut("p", "a", op, F(str(bound))), Cut("q", "b", op, F(str(bound))))
    text = "a,b\n" + "".join(f"{a},{b}\n" for a, b in pairs)
    ways = {">": Decimal.__gt__, ">=": Decimal.__ge__, "<": Decimal.__lt__, "<=": Decimal.__le__}
    expected = dict.fromkeys((ways[op](a, bound), ways[op](b, bound)) for a, b in pairs)
    wanted = Wanted(("p", "q"), cuts=cuts, duplicates="merge")
    assert list(rows_of(parse_csv(text, "rows.csv"), wanted)) == list(expected)


def test_columns_without_names():
    def array(rows, wanted):
        return shown(rows_of(from_rows(np.array(rows), "rows", len(rows[0])), wanted))

    assert array([[0, 1], [1.0, 1.0]], X) == "01 11"
    cut = (Cut("x1", "column 3", ">", F(9)),)
    assert array([[7, 0, 9.5], [7, 1, 9]], Wanted(("x1", "x2"), cuts=cut, ignored=("column 1",))) == "10 01"
    every = (Cut("x1", "column 1", ">", F(0)), Cut("x2", "column 1", ">", F(1)))
    assert array([[7, 0], [1, 1]], Wanted(("x1", "x2"), cuts=every, ignored=None)) == "11 10"
    with pytest.raises(InputError, match="expected 1 column, one for each input without a threshold, got 2"):
        array([[7, 0, 9.5]], Wanted(("x1", "x2"), cuts=cut))


def test_floats_are_the_floats_they_are():
    """0.1 in single precision is more than 0.1."""
    array = np.array([[0.1]], dtype=np.float32)
    wanted = Wanted(("x",), cuts=(Cut("x", "column 1", ">", F("0.1")),))
    assert rows_of(from_rows(array, "rows", 1), wanted) == {(True,): 0}
    assert rows_of(from_rows(array.astype(str), "rows", 1), wanted) == {(False,): 0}


def test_numbers_stay_exact_beside_others():
    wide = Wanted(("x1", "x2"), low=F(2**53), high=F(1, 2))
    assert rows_of(from_rows([[2**53, 0.5]], "rows", 2), wide) == {(False, True): 0}
    with pytest.raises(InputError, match="got 9007199254740993"):
        rows_of(from_rows([[2**53 + 1, 0.5]], "rows", 2), wide)
    assert rows_of(from_rows([[Decimal(1), F(0)], [np.bool_(False), "1"]], "rows", 2), X) == {
        (True, False): 0,
        (False, True): 1,
    }


def test_arrays_are_refused_by_row_and_column():
    data = from_rows([[0, 1], [True, 0.5], [1, float("nan")], [0, 1]], "rows", 2)
    with pytest.raises(InputError) as caught:
        rows_of(data, X)
    assert [str(problem) for problem in caught.value.problems] == [
        "rows:2:2: E402 row 2, column 2: expected 0 or 1, got 0.5",
        "rows:3:2: E402 row 3, column 2: expected 0 or 1, got nan",
    ]


@pytest.mark.parametrize(
    "rows", [[[0, 1], [1]], [[0, 1], 1], [[0, 1], "01"], [[0, 1], [[0], [1, 2]]], [[0, 1], [0, None]]]
)
def test_ragged_arrays(rows):
    with pytest.raises(InputError, match="rows:2:1: E402 row 2, expected 2 cells"):
        from_rows(rows, "rows", 2)
