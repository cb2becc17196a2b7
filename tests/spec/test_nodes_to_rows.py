"""`rows` and `thresholds` of a spec: what is read, what the domain tells of it, and what is refused where."""

import os
import subprocess
import sys
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest

from verifier.domain import Cut
from verifier.errors import InputError
from verifier.spec import load

DATA = "mean radius,age,label\n13.5,3,a\n13.37,4,b\n14,9,c\n14,10,c\n"


@pytest.fixture
def spec(vary, tmp_path):
    def read(keys, *edits, **files):
        for name, content in files.items():
            path = tmp_path / name.replace("_", ".")
            if isinstance(content, np.ndarray):
                np.save(path, content)
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path = tmp_path / "a.circuit.yaml"
        path.write_text(vary(("network:", f"{keys}\nnetwork:"), *edits))
        return load(path)

    return read


@pytest.fixture
def refused(spec, tmp_path):
    def found(keys, *edits, **files):
        with pytest.raises(InputError) as caught:
            spec(keys, *edits, **files)
        problems = caught.value.problems
        return [
            f"{p.path.removeprefix(str(tmp_path))[1:]}:{p.position.line}:{p.position.column} {p.code}"
            for p in problems
        ]

    return found


def test_rows_are_looked_up_beside_the_spec(spec, refused, tmp_path):
    domain = spec("rows: rows.csv", rows_csv="\ufeffx1,x2\n0,1\n").domain
    assert domain.rows == ((False, True),)
    source = domain.source
    assert (source.file, source.size, source.cuts, source.ignored) == ("rows.csv", 1, (), ())
    assert source.sha256 == sha256((tmp_path / "rows.csv").read_bytes()).hexdigest()
    found = refused("rows: rows.csv", ("output: y", "output: z"), rows_csv="x1,x2\n0,1\n0,1\n")
    assert found == ["a.circuit.yaml:8:9 E205", "rows.csv:3:1 E402"]


@pytest.mark.parametrize("name", ["missing.csv", ".", '"a\\0b"', "missing.npy"])
def test_a_file_that_cannot_be_opened_is_shown_in_the_spec(vary, refuse, name):
    assert refuse(vary(("network:", f"rows: {name}\nnetwork:"))) == ["E108 3:7"]
    assert refuse(vary(("network:", f"rows: {{file: {name}}}\nnetwork:"))) == ["E108 3:14"]


@pytest.mark.parametrize("keys", ["rows: {}\nnetwork: {layers: []}", "network: {}"])
def test_pipes_and_devices_are_not_opened(keys, tmp_path):
    """In a process of its own: whoever opens a pipe waits for its other end."""
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "zeros.npz").symlink_to("/dev/zero")
    file = tmp_path / "a.circuit.yaml"
    for name, kind in (("pipe.npz", "FIFO"), ("zeros.npz", "device")):
        file.write_text(f"spec: 1\ninputs: [x1, x2]\n{keys.replace('{}', name)}\noutput: y\n")
        code = f"from verifier.spec import load; load({str(file)!r})"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
        assert f"{name}: expected a regular file, got a {kind}" in ran.stderr


def test_bytes_that_are_no_text(refused):
    assert refused("rows: rows.csv", rows_csv=b"x1,x2\n0,\xff\n") == ["rows.csv:2:3 E402"]


def test_arrays(spec, refused):
    rows = ((False, True), (True, True))
    assert spec("rows: rows.npy", rows_npy=np.array([[0, 1], [1, 1]], dtype=np.float32)).domain.rows == rows
    assert spec("rows: rows.npy").domain.origin(rows[1]) == "row 2 of rows.npy"
    fields = np.array([(1, 0), (1, 1)], dtype=[("x2", "?"), ("x1", "f8")])
    assert spec("rows: rows.npy", rows_npy=fields).domain.rows == rows
    assert refused("rows: rows.npy", rows_npy=np.array([[0, 1], [1, 2]])) == ["rows.npy:2:2 E402"]
    assert refused("rows: rows.npy", rows_npy=np.array([[0, 1], [0, 1]])) == ["rows.npy:2:1 E402"]


def test_thresholds_merge_equal_rows(spec, refused):
    cuts = "thresholds: {x1: mean radius > 13.37, x2: age >= 4}"
    rows = "rows: {file: rows.csv, ignore: [label]"
    domain = spec(f"{rows}}}\n{cuts}", rows_csv=DATA).domain
    assert domain.rows == ((True, False), (False, True), (True, True))
    assert domain.source.size == 4
    assert domain.origin((False, True)) == "line 3 of rows.csv"
    assert domain.origin((True, True)) == "line 4 of rows.csv"
    assert domain.origin((False, False)) == ""
    assert domain.source.ignored == ("label",)
    assert domain.source.cuts == (
        Cut("x1", "mean radius", ">", Fraction("13.37")),
        Cut("x2", "age", ">=", Fraction(4)),
    )
    assert str(domain) == "4 given rows (3 distinct)"
    assert refused(f"{rows}, duplicates: refuse}}\n{cuts}", rows_csv=DATA) == ["rows.csv:5:1 E402"]
    assert spec(f"rows: {{file: rows.csv, ignore: rest}}\n{cuts}", rows_csv=DATA).domain == domain
    assert refused(f"rows: rows.csv\n{cuts}", rows_csv=DATA) == ["rows.csv:1:17 E402"]


def test_equal_rows_are_merged_on_request(spec):
    data = "x1,x2,id\n0,1,a\n0,1,b\n"
    domain = spec("rows: {file: rows.csv, ignore: [id], duplicates: merge}", rows_csv=data).domain
    assert domain.rows == ((False, True),)
    assert domain.source.size == 2


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("rows: rows.csv\nthresholds: {x1: radius > 1, x2: age > 4}", ["a.circuit.yaml:4:18 E403"]),
        ("rows: rows.csv\nthresholds: {x3: age > 1, x4: age > 4}", ["4:14 E403", "4:27 E403"]),
        ("rows: rows.csv\nthresholds: {x1: age, x2: age > x}", ["4:18 E104", "4:27 E104"]),
        ("thresholds: {x1: age > 1}", ["3:13 E403"]),
        (
            "rows: {file: rows.csv, ignore: [lable, age]}\nthresholds: {x2: age > 1}",
            ["3:33 E402", "3:40 E402"],
        ),
        ("rows: {file: rows.csv, ignore: all}", ["3:32 E104"]),
        ("rows: {file: rows.csv, duplicates: keep}", ["3:36 E104"]),
        ("rows: {ignore: rest}", ["3:7 E103"]),
        ("rows: [rows.csv]", ["3:7 E104"]),
        (
            "rows: {file: rows.csv, ignore: rest}\nthresholds: {x1: label > 1, x2: age > 1}",
            ["rows.csv:2:8 E403"],
        ),
    ],
)
def test_what_is_refused_where(refused, keys, found):
    got = refused(keys, rows_csv=DATA)
    whole = [place if place.count(":") == 2 else f"a.circuit.yaml:{place}" for place in found]
    assert got[: len(whole)] == whole


def test_a_column_may_be_cut_and_be_an_input_of_its_name(spec):
    domain = spec("rows: rows.csv\nthresholds: {x1: x2 > 0}", rows_csv="x2\n0\n1\n").domain
    assert domain.rows == ((False, False), (True, True))


def test_a_column_named_as_an_input_that_is_cut_elsewhere_may_be_ignored(spec, refused):
    cuts = "thresholds: {x1: age > 1, x2: age > 2}"
    data = "x1,age\n7,1\n8,2\n"
    domain = spec(f"rows: {{file: rows.csv, ignore: [x1]}}\n{cuts}", rows_csv=data).domain
    assert domain.rows == ((False, False), (True, False))
    assert refused(f"rows: rows.csv\n{cuts}", rows_csv=data) == ["rows.csv:1:1 E402"]


def test_groups_by_value(spec):
    keys = "rows: rows.csv"
    three = ("[[1, 0], [0, 1], [1, 1]]", "[[1, 0, 0], [0, 1, 0], [1, 1, 0]]")
    group = ("inputs: [x1, x2]", "inputs:\n  - x1\n  - x2: one_hot(red, dark_red)")
    gates = (("x1 & ~x2", "x1 & ~x2_red"), ("~x1 & x2", "~x1 & x2_dark_red"))
    domain = spec(keys, three, group, *gates, rows_csv="x1,x2\n1,red\n0,dark_red\n").domain
    assert domain.inputs == ("x1", "x2_red", "x2_dark_red")
    assert domain.rows == ((True, True, False), (False, False, True))
