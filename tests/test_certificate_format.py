"""`specs/certificate.md`, the JSON Schema of a line and the certificates that are written say the same."""

import copy
import functools
import json
import lzma
import re
import shlex
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import forgeries as fg
import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from verifier.audit import query as audited
from verifier.certificate import FORMAT, VERSIONS, canonical
from verifier.cli import run
from verifier.engine.enumeration import features
from verifier.library import KINDS
from verifier.run import certify
from verifier.space import REQUIREMENTS

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
TEXT = (SPECS / "certificate.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SCHEMA = json.loads((ROOT / "verifier" / "audit" / "certificate.schema.json").read_text(encoding="utf-8"))
VALIDATORS = [Draft7Validator(SCHEMA), Draft202012Validator(SCHEMA)]
XOR = "specs/xor.circuit.yaml"
CUBES = features.cubes

RATIONAL = """
spec: 1
inputs: [x1..x3]
where: ~(x1 & x2 & x3)
encoding: [-1, 1]
network:
  layers:
    - {name: p, weights: [[1, 1/3, 0], [0, 0, 1]], bias: [-1/6, 1/4], activation: leaky_relu, slope: 1/100}
    - {name: q, weights: [[1, 0], [0, 1]], activation: sign, tie: 1}
    - {name: r, units: [u, v, t], weights: [[1, 0], [0, 1], [1, 0]], activation: clip, low: -1/2, high: 1/2}
    - {name: o, weights: [[1, 0, 0], [0, 1, 0]], activation: hard_tanh}
output: {a: o1 > 1/4, b: o2 + 1/2}
enumerate:
  {layer: r, features: 1..2, coefficients: -2..1, require: [readout], given: {g: x1 @ 1/2*u + 1/2*t + 1/2}}
"""

SECOND = {"space": {"readouts"}, "given": {"op"}}  # keys of version 2 alone
CASES = {
    "xor": ("xor", "{layer: h, features: 2, coefficients: -2..2}"),
    "several_sizes": ("xor", "{layer: h, features: 1..4, coefficients: -1..1, up_to: [order, polarity]}"),
    "any_coefficients": ("xor", "{layer: h, features: 1..2, coefficients: any, up_to: [polarity]}"),
    "modulo_a_kernel": (
        "redundant-copies",
        "{layer: h, features: 1..2, coefficients: any, require: [readout]}",
    ),
    "restricted": (
        "xor",
        "{layer: h, features: 2, coefficients: -2..2, gates: {kinds: [and, nand], fan_in: 2},"
        ' output_gates: [or], must_use: [h3], given: {a: "x1 & ~x2 @ h1 - h3", b: "~x1 & x2"}}',
    ),
    "unit_left_out": (
        "xor-relu-threshold",
        "{layer: h, features: 2, coefficients: -1..1, require: [readout], must_not_use: [h3]}",
    ),
    "several_outputs": ("full-adder", "{layer: h, features: 3, coefficients: -1..1, up_to: [polarity]}"),
    "argmax": ("comparator", "{layer: h, features: 2, coefficients: -1..1}"),
    "rows": ("seven-segment", "{layer: h, features: 1, coefficients: -1..1, require: [readout]}"),
    "one_hot": ("one-hot-veto", "{layer: h, features: 1, coefficients: any, require: [readout]}"),
    "nothing_inside": ("xor", "{layer: h, features: 2, coefficients: 5..6}"),
    "rational": (None, ""),
}
VALUED = {
    "compared": (
        "xor-relu-threshold",
        "{layer: h, features: 2, coefficients: -1..1, readouts: threshold,"
        " given: {a: x1 | x2 @ h1 + h2 >= 1}}",
    ),
    "within_a_tolerance": ("xor-approximate", "{layer: h, features: 2, coefficients: -1..1}"),
}


def errors(line):
    """Return whether each validator refuses a line, which both must say alike."""
    refused = [not validator.is_valid(line) for validator in VALIDATORS]
    assert refused[0] == refused[1], line
    return refused[0]


def parsed(path):
    """Return the lines of a certificate, after checking that each is valid."""
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
    for line in lines:
        assert not errors(line), line
    return lines


@functools.cache
def spec_text(case):
    name, section = (CASES | VALUED)[case]
    if name is None:
        return RATIONAL
    text = (SPECS / f"{name}.circuit.yaml").read_text(encoding="utf-8")
    return f"{text.partition('enumerate:')[0]}\nenumerate: {section}\n"


@pytest.fixture
def make(tmp_path, monkeypatch, capsys):
    """Return a function that writes the certificate of a case, and returns its path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").symlink_to(SPECS)
    (tmp_path / "seven-segment.csv").symlink_to(SPECS / "seven-segment.csv")

    def made(case, *options, file="list.jsonl", code=0):
        (tmp_path / "spec.yaml").write_text(spec_text(case), encoding="utf-8")
        where = () if "--resume" in options else ("--certificate", file)
        assert run(["enumerate", "spec.yaml", *where, *options]) == code, capsys.readouterr()
        return tmp_path / file

    return made


def killed(*_, **__):
    raise KeyboardInterrupt


# What is written is valid


@pytest.mark.parametrize("validator", VALIDATORS)
def test_schema_is_one(validator):
    validator.check_schema(SCHEMA)


@pytest.mark.parametrize("case", CASES)
def test_every_line_is_valid(make, case):
    header, *rest, footer = parsed(make(case))
    bounded = header["query"]["space"]["coefficients"] is not None
    kinds = ["cube" if "cube" in line else "features" for line in rest]
    assert kinds == ["cube"] * bounded + ["features"] * footer["count"]
    assert footer["complete"] is True
    assert run(["audit", "list.jsonl", "--spec", "spec.yaml"]) in (0, 3)


@pytest.mark.parametrize("case", VALUED)
def test_lists_of_values_are_of_version_2(make, case):
    header, *rest, footer = parsed(make(case))
    assert header["version"] == 2
    assert len(rest) == footer["count"] > 0
    assert all("features" in line for line in rest)
    separator = ">" if case == "compared" else ";"
    assert all(separator in text for line in rest for text in line["features"])
    assert (footer["complete"], footer["bound_binding"]) == (True, None)
    assert run(["audit", "list.jsonl", "--spec", "spec.yaml"]) == 0


@pytest.mark.parametrize("case", VALUED)
def test_lists_of_values_are_resumed(make, case):
    whole = make(case, file="whole.jsonl").read_bytes()
    path = make(case, "--limit", "1", code=3)
    assert parsed(path)[-1]["complete"] is False
    assert run(["audit", str(path)]) == 3
    assert make(case, "--resume", path.name).read_bytes() == whole


@pytest.mark.parametrize("case", VALUED)
def test_mutations_of_lists_of_values_are_refused(make, case):
    header, explanation, *_ = parsed(make(case))
    assert errors(changed(header, ("version",), 1))
    for keys in (("query", "space", "readouts"), ("query", "space", "given", 0, "op")):
        if case == "compared" or keys[-1] == "readouts":
            less = copy.deepcopy(header)
            del at(less, keys[:-1])[keys[-1]]
            assert errors(less)
            assert errors(changed(header, keys, "="))
    for new in ("1 0", "1 0=1", "1 0>1;0", "1 0>>1", "1 0> 1"):
        assert errors(changed(explanation, ("features", 0), new)), new


def test_cases_differ(make):
    """The cases hold what they are named after."""
    lines = {case: parsed(make(case, file=f"{case}.jsonl")) for case in CASES}
    assert len(lines["several_outputs"][2]["output"]) == 2
    assert len(lines["argmax"][2]["output"]) == 3
    assert {len(line["features"]) for line in lines["several_sizes"][2:-1]} == {2, 3}
    assert all(any("/" in text for text in line["features"]) for line in lines["rational"][2:-1])
    assert len(lines["rational"]) > 4
    assert lines["rational"][2]["output"] is None
    assert lines["modulo_a_kernel"][-1]["count"]
    assert lines["nothing_inside"][1:] == [
        {"cube": [], "proof": None, "readouts": []},
        {**lines["nothing_inside"][-1], "count": 0, "bound_binding": True},
    ]
    assert lines["rows"][0]["query"]["domain"]["rows"]
    assert lines["one_hot"][0]["query"]["domain"]["where"]


@pytest.mark.parametrize("case", ["xor", "several_outputs", "rational"])
def test_many_cubes_with_proofs_are_valid(make, monkeypatch, case):
    monkeypatch.setattr(features, "cubes", lambda rows, values: CUBES(rows, values, 3))
    path = make(case, "--proof", "lrat")
    cubes = [line for line in parsed(path) if "cube" in line]
    assert len(cubes) > 3
    assert all(a["cube"] < b["cube"] for a, b in pairwise(cubes))
    for cube in cubes:
        packed = (path.parent / cube["proof"]["file"]).read_bytes()
        assert sha256(packed).hexdigest() == cube["proof"]["sha256"]


def test_interrupted_is_valid_and_resumed(make, monkeypatch):
    whole = make("xor", file="whole.jsonl").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(certify, "finished", killed)
        path = make("xor", code=130)
    lines = parsed(path)
    assert {"cube", "features"} <= {key for line in lines for key in line}
    assert "complete" not in lines[-1]
    path.write_bytes(path.read_bytes()[:-9])
    assert len(parsed(path)) == len(lines) - 1
    assert run(["audit", str(path)]) == 3
    assert make("xor", "--resume", path.name).read_bytes() == whole


def test_limited_is_valid_and_resumed_twice(make, monkeypatch):
    whole = make("xor", file="whole.jsonl").read_bytes()
    path = make("xor", "--limit", "3", code=3)
    footer = parsed(path)[-1]
    assert (footer["complete"], footer["count"], footer["bound_binding"]) == (False, 3, None)
    assert run(["audit", str(path)]) == 3
    with monkeypatch.context() as patched:
        patched.setattr(certify, "finished", killed)
        make("xor", "--resume", path.name, code=130)
    assert parsed(path)
    assert run(["audit", str(path)]) == 3
    assert make("xor", "--resume", path.name).read_bytes() == whole


def test_what_another_writer_writes_is_valid():
    for document in (
        fg.query(fg.xor_layers()),
        fg.query(fg.parity_layers(2), coefficients=[-1, 1], require=["readout"]),
    ):
        for line in fg.certificate(document, cubes=1):
            assert not errors(json.loads(line))


# What is not, is refused


def places(value, path=()):
    """Yield the path of every value inside a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def changed(line, path, new):
    """Return a line with another value in a place."""
    line = copy.deepcopy(line)
    at(line, path[:-1])[path[-1]] = new
    return line


@pytest.mark.parametrize("case", ["restricted", "rational", "several_outputs"])
def test_mutations_are_refused(make, case):
    header, cube, explanation, *_, footer = parsed(make(case, "--proof", "lrat"))
    for line in (header, cube, explanation, footer):
        for path in places(line):
            value = at(line, path)
            if isinstance(value, dict) and path != ("tool",):
                for key in value:
                    less = copy.deepcopy(line)
                    del at(less, path)[key]
                    assert errors(less), (path, key)
                more = copy.deepcopy(line)
                at(more, path)["note"] = None
                assert errors(more), path
            if path:
                wrong = [{"x": []}] + [1] * isinstance(value, str) + [1.5, "1"] * (type(value) is int)
                wrong += [0, "true"] * isinstance(value, bool)
                assert all(errors(changed(line, path, new)) for new in wrong), path


def test_wrong_texts_are_refused(make):
    header, cube, explanation, *_, footer = parsed(make("xor", "--proof", "lrat"))
    for line in (header, cube, footer):
        for path in places(line):
            if path and str(path[-1]).endswith("sha256"):
                value = at(line, path)
                for new in (value[:-1], value + "0", value[:-1] + "g", value[:-1] + "A", f"{value}\n"):
                    assert errors(changed(line, path, new))
    for new in ("1.5", "-0", "01", "2/1", "1/0", "1/-2", "+1", " 1", "", "1e3", "0x1", "1/02"):
        path = ("query", "network", "layers", 0, "bias", 0)
        assert errors(changed(header, path, new)), new
        assert errors(changed(explanation, ("features", 0), f"1 0 {new};0")), new
        assert errors(changed(cube, ("readouts", 0), f"1 0 0;{new}")), new
    for new in ("1 0 -1", "1 0 -1; 0", "1  0;0", ";0", "1,0;0", "1 0;0;0"):
        assert errors(changed(explanation, ("features", 0), new)), new
    assert errors(changed(cube, ("readouts", 0), "1/2 0 0;0"))
    for new in ("", "0", "012", "0 1"):
        assert errors(changed(explanation, ("output", 0), new)), new
    for new in ("../x", "/x", "a/../b", "a//b", "", "a b", ".x"):
        assert errors(changed(cube, ("proof", "file"), new)), new
    for new in (0, 2, "1", True):
        assert errors(changed(header, ("version",), new)), new
    assert errors(changed(footer, ("rests_on",), ""))
    assert errors(changed(footer, ("count",), -1))
    assert errors(changed(header, ("query", "space", "require"), ["readout", "mediation"]))
    assert errors(changed(header, ("query", "space", "features"), [0, 2]))
    assert errors(changed(header, ("query", "space", "layer"), "not"))
    assert errors(changed(header, ("query", "network", "layers", 0, "activation", "slope"), "1/2"))
    assert all(errors(line) for line in (None, [], {}, "", [header], {**cube, **footer}))


def test_schema_names_what_the_package_knows():
    defined = SCHEMA["$defs"]
    assert tuple(defined["library"]["properties"]["kinds"]["items"]["enum"]) == KINDS == audited.KINDS
    assert set(defined["activation"]["properties"]["kind"]["enum"]) == set(audited.PARAMETERS)
    assert defined["space"]["properties"]["require"]["enum"] == [*map(list, REQUIREMENTS)]
    assert defined["header"]["properties"]["format"]["enum"] == [FORMAT]
    assert defined["header"]["properties"]["version"]["enum"] == list(VERSIONS)


# The document


def tables():
    """Return, per object of the schema, the rows of its table: the key and the example."""
    found = {}
    for section in re.split(r"^#+ ", TEXT, flags=re.MULTILINE):
        name = re.fullmatch(r"`(\w+)`", section.partition("\n")[0])
        rows = re.findall(r"^\| `(\w+)` \| .* \| (`.*`) \|$", section, re.MULTILINE)
        if name:
            assert len(rows) == section.count("\n|") - 2, name[1]
            found[name[1]] = [(key, text.replace(r"\|", "|")[1:-1]) for key, text in rows]
    return found


def test_every_key_is_in_a_table():
    objects = {name: one["properties"] for name, one in SCHEMA["$defs"].items() if "properties" in one}
    assert {name: {key for key, _ in rows} for name, rows in tables().items()} == {
        name: set(properties) for name, properties in objects.items()
    }
    for name, properties in objects.items():
        assert set(SCHEMA["$defs"][name]["required"]) == set(properties) - SECOND.get(name, set())
        assert SCHEMA["$defs"][name]["additionalProperties"] is False


def test_examples_in_tables_are_valid():
    for name, rows in tables().items():
        for key, text in rows:
            if "…" in text:
                assert set(re.findall(r'"(\w+)":', text)) <= {
                    key for rows in tables().values() for key, _ in rows
                }
                continue
            assert canonical(json.loads(text)) == text
            schema = {**SCHEMA["$defs"][name]["properties"][key], "$defs": SCHEMA["$defs"]}
            for validator in (Draft7Validator, Draft202012Validator):
                validator(schema).validate(json.loads(text))


def test_example_is_the_real_certificate(make):
    make("xor")
    assert run(["enumerate", XOR, "--certificate", "xor.jsonl"]) == 0
    (block,) = [text for kind, text in BLOCKS if kind == "jsonl"]
    shown = [json.loads(line) for line in block.splitlines()]
    assert [canonical(line) for line in shown] == block.splitlines()
    real = parsed(Path("xor.jsonl"))
    assert shown[0]["tool"].keys() == real[0]["tool"].keys()
    shown[0]["tool"] = real[0]["tool"]
    assert shown == real
    for name, kinds in (
        ("header", real[:1]),
        ("cube", real[1:2]),
        ("explanation", real[2:-1]),
        ("footer", real[-1:]),
    ):
        for key, text in tables()[name]:
            if key != "tool" and "…" not in text:
                assert json.loads(text) in [line[key] for line in kinds], (name, key)


def test_proof_and_exported_formula_are_the_same(make):
    make("xor")
    assert run(["enumerate", XOR, "--certificate", "xor.jsonl", "--proof", "lrat"]) == 0
    assert run(["enumerate", XOR, "--export", "dimacs", "--export-to", "xor.cubes"]) == 0
    proof = parsed(Path("xor.jsonl"))[1]["proof"]
    assert json.loads(dict(tables()["proof"])["file"]) == proof["file"]
    text = lzma.decompress(Path(proof["file"]).read_bytes()).decode()
    assert text == Path("xor.cubes/0000.lrat").read_text()
    assert sorted(path.name for path in Path("xor.cubes").iterdir()) == ["0000.cnf", "0000.lrat"]


def test_commands_and_snippets_do_what_is_shown(tmp_path, monkeypatch, capsys):
    """All blocks, and the commands indented between them, from top to bottom in one folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "specs").symlink_to(SPECS)
    steps = re.findall(r"^```(\w+)\n(.*?)^```$|^    (verifier [^\n]*)$", TEXT, re.MULTILINE | re.DOTALL)
    assert {kind for kind, _, _ in steps} == {"", "console", "python", "jsonl"}
    for kind, block, indented in steps:
        if kind == "python":
            exec(compile(block.replace("open(", "OPEN("), "certificate.md", "exec"), {"OPEN": Opened})
            assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", block)
        elif kind != "jsonl":
            command, _, wanted = block.partition("\n")
            words = shlex.split(indented or command.removeprefix("$ "))
            assert words[0] == "verifier"
            assert run(words[1:]) == 0
            shown = capsys.readouterr().out
            assert indented or shown == wanted


class Opened:
    """`open`, without the warning that a short snippet leaves the file to be closed."""

    def __init__(self, name, _):
        self.read = Path(name).read_bytes


def test_files_named_exist():
    for name in re.findall(r"`((?:specs|verifier)/[\w./-]+)`", TEXT):
        assert (ROOT / name).is_file()
    for command in re.findall(r"`verifier (\w+)", TEXT):
        assert run([command, "--help"]) == 0
