import json
import pickle
from fractions import Fraction
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from verifier.errors import InputError, Position
from verifier.spec import load, loads


def test_reads_the_claims_of_the_xor_network(xor):
    spec = loads(xor)
    (alice,) = spec.entries
    assert spec.domain.inputs == ("x1", "x2")
    assert str(spec.network) == "2-3-1 network (step, step)"
    assert spec.decoding.names == ("y",)
    assert [f.show(spec.network) for f in alice.explanation.features] == [
        "a1: x1 & ~x2 @ h1 - h3",
        "a2: ~x1 & x2 @ h2 - h3",
        "y: a1 | a2",
    ]
    assert dict(alice.checks) == dict.fromkeys(("behavior", "readout", "mediation", "interchange"), "proved")
    assert spec.enumeration is None


def test_positions_are_those_of_keys_and_items(xor):
    spec = loads(xor)
    assert spec.positions["network.layers.0"] == Position(5, 7)
    assert spec.positions["explanations.alice.circuit.a2"] == Position(12, 7)
    assert spec.entries[0].position == spec.positions["explanations.alice"] == Position(9, 3)


def test_survives_a_process_boundary(xor):
    spec = loads(xor)
    assert pickle.loads(pickle.dumps(spec)) == spec
    with pytest.raises(InputError) as caught:
        loads("spec: 2")
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_a_json_twin_says_the_same(xor, tmp_path):
    plain = YAML(typ="safe", pure=True).load(xor)
    file = tmp_path / "xor.json"
    file.write_text(json.dumps(plain, indent=2), encoding="utf-8")
    twin, spec = load(file), loads(xor)
    for part in ("network", "domain", "decoding", "enumeration", "title"):
        assert getattr(twin, part) == getattr(spec, part)
    assert [entry.explanation for entry in twin.entries] == [entry.explanation for entry in spec.entries]
    assert [entry.checks for entry in twin.entries] == [entry.checks for entry in spec.entries]


def test_digest_is_of_the_bytes_of_the_file(xor, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(xor, encoding="utf-8", newline="\n")
    assert load(file).sha256 == loads(xor).sha256
    assert load(file).path == str(file)
    file.write_bytes(b"\xef\xbb\xbf" + xor.replace("\n", "\r\n").encode())
    assert load(str(file)).network == loads(xor).network
    assert load(file).sha256 != loads(xor).sha256


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1e-3", Fraction(1, 1000)),
        ("0x1.8p-1", Fraction(3, 4)),
        ("-1/2", Fraction(-1, 2)),
        ('"-1/2"', Fraction(-1, 2)),
        ("−2", Fraction(-2)),
        ("+.5", Fraction(1, 2)),
        ("9007199254740993", Fraction(9007199254740993)),
    ],
)
def test_numbers_are_what_is_written(read, text, value):
    assert read(("[-1/2, -1/2, -3/2]", f"[{text}, 0, 0]")).network.layers[0].b[0] == value


@pytest.mark.parametrize(
    "text", ["1e5000", "1e999999999999", "nan", ".inf", "1/0", "1_000", "0o17", "one", "1/2/3", "9" * 5000]
)
def test_other_numbers_are_refused(vary, refuse, text):
    assert refuse(vary(("[-1/2, -1/2, -3/2]", f"[{text}, 0, 0]"))) == ["E104 5:59"]


@pytest.mark.parametrize("text", ["1", "true", "0"])
def test_a_constant_is_a_formula(read, text):
    assert read(("y: a1 | a2", f"y: {text}")).entries[0].explanation.features[2].site is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1:1: E101 expected a spec, got an empty file"),
        (b"# nothing but a comment\n", "1:1: E101"),
        (b"spec: 1\ntitle: caf\xe9\n", "2:11: E101 expected UTF-8 text, got the byte 0xe9"),
        (b"\xff\xfes\x00p\x00", "1:1: E101 expected UTF-8"),
        (b"- 1\n", "1:1: E104 expected a mapping with the keys spec, inputs, network, output, got a list"),
        (b"xor\n", "1:1: E104"),
        (b"spec: 1\n\x00", "2:1: E101"),
    ],
)
def test_a_file_that_is_no_spec(tmp_path, content, expected):
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}:{expected}")


def test_a_file_that_cannot_be_opened(tmp_path):
    for path in (tmp_path / "missing.yaml", tmp_path, Path("a\0b")):
        with pytest.raises(InputError, match="E108 cannot open") as caught:
            load(path)
        assert caught.value.problems[0].path == str(path)


def test_a_file_that_is_too_large(tmp_path, monkeypatch, xor):
    monkeypatch.setattr("verifier.spec.files.MAX_BYTES", 100)
    file = tmp_path / "a.yaml"
    file.write_text(xor)
    with pytest.raises(InputError, match="E108"):
        load(file)


def test_another_version_is_refused_before_anything_else(refuse, vary):
    assert refuse(vary(("spec: 1", "spec: 2"), ("inputs", "sources"))) == ["E107 1:7"]
    assert refuse(vary(("spec: 1\n", ""))) == ["E103 1:1"]


def test_all_problems_come_at_once_in_the_order_of_the_file(refuse, vary):
    text = vary(
        ("spec: 1", "spec: 1\ntitel: t"),
        ("output: y", "output: z"),
        ("h1 - h3", "h1 - h4"),
        ("~x1 & x2", "~x1 & & x2"),
        add="  bob:\n    circuit: {y: x1 ^ x3}\n    expect: {readout: maybe}\n",
    )
    assert refuse(text) == ["E102 2:1", "E205 8:9", "E205 12:27", "E201 13:17", "E202 16:23", "E104 17:23"]


def test_a_faulty_network_hides_no_formula_and_invents_no_problem(refuse, vary):
    text = vary(("[0, 1], [1, 1]", "[0, b], [1, 1]"), ("~x1 & x2", "~x1 & x3"), ("a1 | a2", "a1 | | a2"))
    assert refuse(text) == ["E104 5:39", "E202 12:17", "E201 13:15"]


def test_faulty_inputs_hide_the_names_in_formulas_only(refuse, vary):
    text = vary(("[x1, x2]", "[x1, 2]"), ("h1 - h3", "h1 - h4"), ("~x1 & x2", "~x1 & x9"))
    assert refuse(text) == ["E104 2:14", "E205 11:27"]
