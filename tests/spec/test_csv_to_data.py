"""CSV text: records with their lines, or a refusal that names the line."""

import pytest

from verifier.errors import InputError
from verifier.spec.csv_to_data import MAX_ROWS, parse_csv


def refused(text):
    with pytest.raises(InputError) as caught:
        parse_csv(text, "rows.csv")
    assert all(problem.path == "rows.csv" for problem in caught.value.problems)
    return [(p.code, p.position.line, p.position.column, p.message) for p in caught.value.problems]


@pytest.mark.parametrize(
    "text",
    ["x1,x2\r\n0,1\r\n", '"x1","x2"\n"0","1"\n', " x1 , x2\n0,1\n\n", "x1,x2\r0,1", "\nx1,x2\n\n0,1"],
)
def test_what_spreadsheets_write(text):
    data = parse_csv(text, "rows.csv")
    assert data.names == ("x1", "x2")
    assert data.columns == (("0",), ("1",))


def test_lines_are_those_of_the_file():
    data = parse_csv('\nx1,"a\nb"\n0,1\n\n"1\n",0\n1,1', "rows.csv")
    assert data.names == ("x1", "a\nb")
    assert (data.header, data.lines) == (2, [4, 6, 8])


def test_every_ragged_row_at_once():
    assert refused("x1,x2\n0,1\n1\n\n,1,1\n") == [
        ("E402", 3, 1, "expected 2 cells, got 1"),
        ("E402", 5, 1, "expected 2 cells, got 3"),
    ]


@pytest.mark.parametrize(
    ("text", "cells"), [("a,b\n1,1\n,\n \n0,1\n", ("1", "", "0")), ('a\n""\n\n1', ("", "1"))]
)
def test_a_line_of_empty_cells_is_a_row(text, cells):
    assert parse_csv(text, "rows.csv").columns[0] == cells


def test_two_columns_of_one_name():
    assert refused("x1,x3,x1\n0,1,0\n") == [("E402", 1, 7, "two columns are named x1")]


@pytest.mark.parametrize("text", ["", "x1,x2\n", "\n\n", " , \n"])
def test_no_rows(text):
    message = "expected a header that names the columns, and rows below it, got none"
    assert refused(text) == [("E402", 1, 1, message)]


@pytest.mark.parametrize(
    ("text", "line"), [('x1,x2\n"0,1\n0,0\n', 2), ('x1\n0\n"0"1\n', 3), ("x1\n" + "0" * 200_000, 2)]
)
def test_quotes_and_cells_without_an_end(text, line):
    ((code, at, _, message),) = refused(text)
    assert (code, at) == ("E402", line)
    assert message.startswith("not CSV")


def test_too_many_rows(monkeypatch):
    assert MAX_ROWS == 2**20
    monkeypatch.setattr("verifier.spec.csv_to_data.MAX_ROWS", 100)
    ((_, line, _, message),) = refused("x\n" + "0\n" * 101)
    assert (line, message) == (103, "expected at most 100 rows")
    assert parse_csv("x\n" + "0\n" * 100, "rows.csv").size == 100


def test_too_many_columns():
    header = ",".join(f"x{i}" for i in range(16385))
    assert refused(f"{header}\n{header}\n") == [("E402", 1, 1, "expected at most 16384 columns, got 16385")]
