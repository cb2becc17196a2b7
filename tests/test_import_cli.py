"""verifier import: what a file holds, network files and ready specs, and nothing half-written."""

import json
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from verifier.cli import run
from verifier.cli.terminal import replace_file
from verifier.errors import InputError
from verifier.spec import load
from verifier.spec.network_file import read_network_file

W1 = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
B1 = np.array([-0.5, -0.5, -1.5], np.float32)
W2 = np.array([[1, 1, -2]], np.float32)
B2 = np.array([-0.5], np.float32)
STEPS = ("--activations", "step,step")
ALICE = [
    part
    for claim in ("a1: x1 & ~x2 @ h1 - h3", "a2: ~x1 & x2 @ h2 - h3", "y: a1 | a2")
    for part in ("--claim", claim)
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    save_file({"fc1.weight": W1, "fc1.bias": B1, "fc2.weight": W2, "fc2.bias": B2}, "xor.safetensors")
    np.savez("xor.npz", coefs_0=W1.T, intercepts_0=B1, coefs_1=W2.T, intercepts_1=B2)
    return tmp_path


def test_says_what_a_file_of_tensors_holds(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "xor.safetensors"]) == 0
    said = capsys.readouterr().out
    assert "fc1.weight  3x2  from 0 to 1, whole numbers" in said
    assert "fc2.bias  1  from -0.5 to -0.5, multiples of 2^-1" in said
    assert "--activations" in said


def test_says_what_a_network_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "xor.npz", "--activations", "leaky_relu(slope=1/100), clip(low=0,high=6)"]) == 0
    said = capsys.readouterr().out
    assert "2-3-1 network (leaky_relu(slope 1/100), clip(low 0, high 6))" in said
    assert "h  3 units" in said


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_header_as_long_as_a_pickle_begins_is_none(here: Path, protocol: int) -> None:
    """The length of the header comes first: one of 640 bytes makes the first two those of a pickle."""
    tensors = {"fc1.weight": W1, "fc1.bias": B1, "fc2.weight": W2, "fc2.bias": B2}
    wanted, name = 256 * protocol + 128, "xor.safetensors"
    header = int.from_bytes((here / name).read_bytes()[:8], "little")
    save_file(tensors, name, metadata={"note": ""})
    spent = int.from_bytes((here / name).read_bytes()[:8], "little")
    assert header < spent < wanted
    save_file(tensors, name, metadata={"note": " " * (wanted - spent)})
    assert (here / name).read_bytes()[:2] == bytes([0x80, protocol])
    assert run(["import", name, *STEPS, "-o", "net.yaml"]) == 0
    assert read_network_file(here / "net.yaml").network.layers[0].b[2] == Fraction(-3, 2)
    (here / name).write_bytes(bytes([0x80, protocol]) + b"}q\x00.")
    assert run(["import", name]) == 2


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_writes_a_network_file_that_holds_the_same(here: Path, suffix: str) -> None:
    assert run(["import", "xor.safetensors", *STEPS, "-o", f"net.{suffix}"]) == 0
    imported = read_network_file(here / f"net.{suffix}")
    assert imported.network.layers[0].b == (Fraction(-1, 2), Fraction(-1, 2), Fraction(-3, 2))
    assert run(["import", f"net.{suffix}", "-o", f"again.circuit.{suffix}", "--output", "y"]) == 0
    assert load(here / f"again.circuit.{suffix}").network == imported.network


@pytest.mark.parametrize("file", ["xor.safetensors", "xor.npz"])
@pytest.mark.parametrize("out", ["xor.circuit.yaml", "xor.circuit.json", "below/xor.circuit.yml"])
def test_from_weights_to_a_verdict_in_two_commands(here: Path, file: str, out: str) -> None:
    (here / "below").mkdir()
    assert run(["import", file, *STEPS, "-o", out, "--output", "y", *ALICE]) == 0
    assert run(["check", out]) == 0
    (here / file).write_bytes((here / file).read_bytes() + b" ")
    assert run(["check", out]) == 2  # the spec names the digest of the file


def test_names_and_rows_come_from_the_data_file(here: Path) -> None:
    (here / "d.csv").write_text("a,label,b\n0,0,0\n0,1,1\n1,1,0\n0,0,1\n")
    options = ["--rows", "d.csv", "--ignore", "label", "--merge", "--where", "~(a & b)", "--output", "y"]
    assert run(["import", "xor.npz", *STEPS, "-o", "d.circuit.yaml", *options]) == 0
    spec = load(here / "d.circuit.yaml")
    assert spec.domain.inputs == ("a", "b")
    assert spec.domain.rows == ((False, False), (False, True), (True, False))


def test_columns_of_numbers_are_cut_and_the_rest_left_out(here: Path) -> None:
    (here / "d.csv").write_text("name,radius,old\nann,13.5,-1\nbob,13.37,1\ncy,2,1\n")
    options = ["--rows", "d.csv", "--threshold", "big = radius > 13.37", "--ignore", "name", "--output", "y"]
    for file in ("xor.npz", "xor.safetensors"):
        out = f"{file}.circuit.yaml"
        assert run(["import", file, *STEPS, "-o", out, *options, "--encoding=-1,1"]) == 0
        domain = load(here / out).domain
        assert domain.inputs == ("big", "old")
        assert (domain.low, domain.high) == (-1, 1)
        assert domain.rows == ((True, False), (False, True))  # two rows are the same, once they are cut
    options = ["--rows", "d.csv", "--threshold", "big: radius >= 13.37", "--threshold", "any=radius>2"]
    options += ["--ignore", "rest", "--output", "y"]
    assert run(["import", "xor.npz", *STEPS, "-o", "rest.circuit.json", *options]) == 0
    assert load(here / "rest.circuit.json").domain.inputs == ("big", "any")


def test_one_hot_inputs_and_named_outputs(here: Path) -> None:
    (here / "d.csv").write_text("color\nred\nblue\n")
    options = ["--rows", "d.csv", "--inputs", "color: one_hot(red, blue)", "--output", "odd: y > 1/2"]
    assert run(["import", "xor.npz", *STEPS, "-o", "d.circuit.yaml", *options]) == 0
    spec = load(here / "d.circuit.yaml")
    assert spec.domain.inputs == ("color_red", "color_blue")
    assert spec.domain.rows == ((True, False), (False, True))
    assert spec.decoding.names == ("odd",)


def test_tensors_that_are_not_used_are_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tensors = {"fc1.weight": W1, "fc1.bias": B1, "fc2.weight": W2, "fc2.bias": B2, "emb.weight": W1}
    save_file({**tensors, "step": np.zeros((), np.float32)}, "more.safetensors")
    start = ["import", "more.safetensors", *STEPS]
    assert run(start) == 2
    assert "ignore: [TENSOR]" in capsys.readouterr().err
    for options in (["--layers", "fc1,fc2"], ["--ignore-tensors", "emb,step"]):
        assert run([*start, *options]) == 0
        assert "not used: emb.weight, step" in capsys.readouterr().out
        out = ["-o", "more.circuit.yaml", "--force", "--output", "y", *ALICE]
        assert run([*start, *options, *out]) == 0
        assert run(["check", "more.circuit.yaml"]) == 0
        assert "not used of it: emb.weight, step" in " ".join(capsys.readouterr().out.split())
        assert run(["check", "more.circuit.yaml", "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["specs"][0]["weights"]["unused"] == ["emb.weight", "step"]


def test_many_rows_with_one_mistake_get_one_hint(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "d.csv").write_text("a,b\n" + "-1,1\n" * 41)
    options = ["--rows", "d.csv", "--output", "y"]
    assert run(["import", "xor.npz", *STEPS, "-o", "d.circuit.yaml", *options]) == 2
    said = capsys.readouterr().err.splitlines()
    assert sum("got -1" in line for line in said) == 5
    assert [line for line in said if "hint" in line or "more" in line] == [
        "    and 15 more like this",
        "    hint for these 20: if the network is fed -1 and 1:  encoding: [-1, 1]; here:  --encoding=-1,1",
        "d.csv:21:1: E402 and 21 more problems",
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--ignore", "lable"], "d.csv has no column lable"),
        (["--ignore", "lable"], "did you mean label?"),
        (["--ignore", "label", "--ignore", "rest"], "name nothing besides"),
        (["--ignore", "label"], "d.csv has 3 columns that may be inputs, the network takes 2"),
        (["--inputs", "a,b", "--ignore", "rest"], "--threshold 'NAME = COLUMN > NUMBER'"),
        (["--inputs", "a,b", "--ignore", "rest"], "thresholds: {NAME: b > NUMBER}"),
        (["--inputs", "a,c", "--ignore", "rest"], "--inputs 'NAME: one_hot(VALUE, VALUE)'"),
        (["--inputs", "a,b", "--ignore", "label"], "ignore: [c]}; here:  --ignore COLUMN"),
        (["--inputs", "a,1b"], "--inputs"),
        (["--inputs", "a: one_hot(1)"], "--inputs"),
        (["--threshold", "big = b"], "--threshold"),
        (["--threshold", "b > 2"], "NAME = COLUMN > NUMBER"),
        (["--threshold", "big = bb > 2"], "d.csv has no column bb"),
        (["--threshold", "big = b > 2", "--threshold", "big = b > 3"], "each NAME once"),
        (["--encoding", "1"], "two numbers"),
        (["--encoding", "1,1", "--inputs", "a,b", "--ignore", "rest"], "E104"),
        (["--output", "p: y > 0", "--output", "y"], "NAME: FORM of every output"),
        (["--output", "p: y > 0", "--output", "p: y > 1"], "each NAME once"),
        (["--output", "2*y > 1", "--inputs", "a,b"], "--output 'NAME: FORM'"),
    ],
)
def test_what_is_asked_of_columns_is_understood_or_refused(
    here: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    (here / "d.csv").write_text("a,b,c,label\n0,2.5,red,0\n1,3.5,blue,1\n")
    output = ["--output", "y"] * ("--output" not in options)
    start = ["import", "xor.npz", *STEPS, "-o", "out.circuit.yaml", "--rows", "d.csv"]
    assert run([*start, *options, *output]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "out.circuit.yaml").exists()


@pytest.mark.parametrize("option", ["--ignore=a", "--merge", "--threshold=a=a>1", "--label=a"])
def test_columns_need_a_data_file(here: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert run(["import", "xor.npz", *STEPS, "-o", "o.circuit.yaml", "--output", "y", option]) == 2
    assert "--rows FILE.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--inputs", "a..b", "--output", "y"], "a..b"),
        (["--inputs", "a", "--output", "y"], "fits the shapes and inputs (n = 1)"),
        (["--output", "z"], "E205"),
        ([], "--output"),
        (["--output", "y", "--claim", "a1"], "NAME: GATE @ SITE"),
        (["--output", "y", "--claim", "y: x1 & x9"], "E202"),
        (["--output", "y", "--where", "x1 &"], "E201"),
        (["--output", "y", "--rows", "d.csv"], "--ignore"),
        (["--output", "y", "--rows", "e.csv"], "is no name of an input"),
        (["--output", "y", "--rows", "none.csv"], "E108"),
        (["--output", "y", "--layers", "coefs_0"], "one per layer"),
        (["--output", "y", "--transpose"], "--layers"),
        (["--output", "y", "--activations", "step,(step"], "E601"),
        (["--output", "y", "--activations", "step,step(tie=2)"], "tie=0 or tie=1"),
        (["--output", "y", "--activations", "step,gelu"], "hint: known: step, sign, identity, relu,"),
    ],
)
def test_refuses_and_writes_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    (here / "d.csv").write_text("a,b,label\n0,0,0\n")
    (here / "e.csv").write_text("a,mean radius\n0,0\n")
    before = sorted(here.iterdir())
    assert run(["import", "xor.npz", *STEPS, "-o", "out.circuit.yaml", *options]) == 2
    assert said in capsys.readouterr().err
    assert sorted(here.iterdir()) == before


def test_overwrites_only_by_force(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "net.yaml").write_text("old")
    assert run(["import", "xor.npz", *STEPS, "-o", "net.yaml"]) == 2
    assert "--force" in capsys.readouterr().err
    assert (here / "net.yaml").read_text() == "old"
    assert run(["import", "xor.npz", *STEPS, "-o", "net.yaml", "--force"]) == 0
    assert read_network_file(here / "net.yaml").network.n == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "net.txt"], ".yaml or .json"),
        (["-o", "net.yaml", "--output", "y"], "-o NAME.circuit.yaml"),
        (["--claim", "y: x1"], "-o NAME.circuit.yaml"),
        (["-o", "none/net.yaml"], "E108 cannot write"),
    ],
)
def test_refuses_other_targets(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["import", "xor.npz", *STEPS, *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_network_file_names_its_source(here: Path) -> None:
    assert run(["import", "xor.npz", *STEPS, "-o", "net.json"]) == 0
    source = json.loads((here / "net.json").read_text())["source"]
    assert source["file"] == "xor.npz"
    assert source["format"] == "npz"
    assert len(source["sha256"]) == 64


def test_reports_name_the_weights(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "xor.npz", *STEPS, "-o", "xor.circuit.yaml", "--output", "y", *ALICE]) == 0
    digest = load(here / "xor.circuit.yaml").network.origin
    assert digest is not None
    with (here / "xor.circuit.yaml").open("a") as file:
        file.write("enumerate: {layer: h, features: 2}\n")
    capsys.readouterr()
    for verb in ("check", "enumerate", "explain"):
        assert run([verb, "xor.circuit.yaml"]) == 0
        assert f"xor.npz (sha256 {digest.sha256[:12]}…)" in capsys.readouterr().out
    wanted = {"file": "xor.npz", "format": "npz", "sha256": digest.sha256, "unused": []}
    assert run(["check", "xor.circuit.yaml", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["specs"][0]["weights"] == wanted
    assert run(["enumerate", "xor.circuit.yaml", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == wanted


def test_a_tie_is_located_where_the_file_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file({"fc.weight": np.array([[1, -1]], np.float32)}, "tie.safetensors")
    claim = ["--claim", "y: x1 & ~x2", "--output", "y"]
    assert run(["import", "tie.safetensors", "--activations", "step", "-o", "t.circuit.yaml", *claim]) == 0
    assert run(["check", "t.circuit.yaml"]) == 2
    assert "t.circuit.yaml:3:1: E304 a tie: z = 0 at unit y" in capsys.readouterr().err


def test_paths_are_seen_from_the_spec_through_links(here: Path) -> None:
    (here / "deep" / "folder").mkdir(parents=True)
    (here / "link").symlink_to(here / "deep" / "folder")
    options = ["--output", "y", *ALICE]
    assert run(["import", "xor.npz", *STEPS, "-o", "link/xor.circuit.yaml", *options]) == 0
    assert "file: ../../xor.npz" in (here / "deep" / "folder" / "xor.circuit.yaml").read_text()
    assert run(["check", "link/xor.circuit.yaml"]) == 0


@pytest.mark.parametrize("out", ["net.yaml", "net.json", "x.circuit.yaml", "x.circuit.json"])
def test_a_name_that_is_not_utf8_is_refused(here: Path, capsys: pytest.CaptureFixture[str], out: str) -> None:
    name = os.fsdecode(b"\xff.npz")
    (here / "xor.npz").rename(name)
    options = ["--output", "y"] if "circuit" in out else []
    assert run(["import", name, *STEPS, "-o", out, *options]) == 2
    assert "E601" in (said := capsys.readouterr().err)
    assert "is not UTF-8" in said
    assert not (here / out).exists()


@pytest.mark.parametrize("letter", ["\x7f", "\ufffe"])
def test_a_network_file_that_could_not_be_read_replaces_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], letter: str
) -> None:
    (here / "xor.npz").rename(f"{letter}.npz")
    (here / "net.yaml").write_text("old")
    assert run(["import", f"{letter}.npz", *STEPS, "-o", "net.yaml", "--force"]) == 2
    assert "E101" in capsys.readouterr().err
    assert (here / "net.yaml").read_text() == "old"


def test_numbers_too_long_to_be_read_again_are_not_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer = {"name": "y", "weights": [["1e-4000"]], "activation": "step"}  # 1/10^4000 in full is too long
    (here / "long.json").write_text(json.dumps({"layers": [layer]}))
    assert run(["import", "long.json"]) == 0
    for out in ("net.yaml", "net.json"):
        assert run(["import", "long.json", "-o", out]) == 2
        assert "more than 4000 digits" in capsys.readouterr().err
        assert not (here / out).exists()


def test_what_is_not_utf8_is_not_written(here: Path) -> None:
    with pytest.raises(InputError, match=r"E108 cannot write .* is not UTF-8"):
        replace_file(here / "out", ["\udcff"])
    assert not (here / "out").exists()


def test_a_file_is_replaced_through_no_link_and_with_the_usual_permissions(here: Path) -> None:
    (here / "precious").write_text("kept")
    (here / ".net.yaml.new").symlink_to("precious")
    assert run(["import", "xor.npz", *STEPS, "-o", "net.yaml"]) == 0
    assert (here / "precious").read_text() == "kept"
    (here / "plain").touch()
    assert (here / "net.yaml").stat().st_mode == (here / "plain").stat().st_mode
    assert not list(here.glob(".verifier-*"))


def test_two_writers_at_once_write_two_files(here: Path) -> None:
    target = here / "out"

    def lines() -> Iterator[str]:
        yield "one\n"
        replace_file(target, ["other\n"])
        assert target.read_text() == "other\n"
        yield "two\n"

    replace_file(target, lines())
    assert target.read_text() == "one\ntwo\n"

    def broken() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_file(target, broken())
    assert target.read_text() == "one\ntwo\n"
    assert not list(here.glob(".verifier-*"))
