import pytest

from verifier.errors import InputError
from verifier.spec import load
from verifier.spec.csv_to_rows import read_rows


@pytest.fixture
def rows(tmp_path):
    def read(text, inputs=("x1", "x2")):
        file = tmp_path / "rows.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_rows(file, inputs)

    return read


@pytest.fixture
def refused(rows):
    def found(text):
        with pytest.raises(InputError) as caught:
            rows(text)
        assert all(problem.path.endswith("rows.csv") for problem in caught.value.problems)
        return [(p.code, p.position.line, p.position.column, p.message) for p in caught.value.problems]

    return found


def test_columns_come_in_any_order(rows):
    assert rows("x2,x1\n0,1\n1,1\n") == ((True, False), (True, True))


@pytest.mark.parametrize(
    "text", ["x1,x2\r\n0,1\r\n", '"x1","x2"\n"0","1"\n', " x1 , x2\n0, 1\n\n", b"\xef\xbb\xbfx1,x2\n0,1"]
)
def test_what_spreadsheets_write(rows, text):
    assert rows(text) == ((False, True),)


def test_wrong_columns(refused):
    assert refused("x1,x3,x1\n0,1,0\n") == [
        ("E402", 1, 4, "column x3 is not an input"),
        ("E402", 1, 7, "two columns are named x1"),
        ("E402", 1, 1, "no column for x2"),
    ]


def test_every_wrong_row_at_once(refused):
    assert refused("x1,x2\n0,2\n1\n1,0\n1,0\n,1,1\n") == [
        ("E402", 2, 3, "column x2: expected 0 or 1, got 2"),
        ("E402", 3, 1, "expected 2 cells, got 1"),
        ("E402", 5, 1, "the row 10 is on line 4 already"),
        ("E402", 6, 1, "column x1: expected 0 or 1, got nothing"),
        ("E402", 6, 1, "expected 2 cells, got 3"),
    ]


def test_no_more_than_a_screenful(refused):
    found = refused("x1,x2\n" + "0,2\n" * 50)
    assert len(found) == 21
    assert found[-1][3] == "and 30 more problems"


@pytest.mark.parametrize("text", ["", "x1,x2\n", "\n\n", b"\xff", 'x1,x2\n"0,1\n'])
def test_no_rows(refused, text):
    ((code, *_),) = refused(text)
    assert code == "E402"


def test_rows_are_looked_up_beside_the_spec(vary, tmp_path):
    (tmp_path / "rows.csv").write_text("x1,x2\n0,1\n")
    spec = tmp_path / "a.yaml"
    spec.write_text(vary(("network:", "rows: rows.csv\nnetwork:")))
    assert load(spec).domain.rows == ((False, True),)
    (tmp_path / "rows.csv").write_text("x1,x2\n0,1\n0,1\n")
    spec.write_text(vary(("network:", "rows: rows.csv\nnetwork:"), ("output: y", "output: z")))
    with pytest.raises(InputError) as caught:
        load(spec)
    assert [(p.code, p.path) for p in caught.value.problems] == [
        ("E205", str(spec)),
        ("E402", str(tmp_path / "rows.csv")),
    ]


@pytest.mark.parametrize("name", ["missing.csv", ".", '"a\\0b"'])
def test_a_file_that_cannot_be_opened_is_shown_in_the_spec(vary, refuse, name):
    assert refuse(vary(("network:", f"rows: {name}\nnetwork:"))) == ["E108 3:7"]
