"""Weights that are damaged, unsafe or other than the spec says: exit code 2, and file and place are named."""

import io
import json
import pickle
import random
import struct
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from safetensors.numpy import save

from verifier.cli import run
from verifier.errors import InputError
from verifier.importers.layout import Layout
from verifier.importers.read import read_tensors, read_weights
from verifier.network import Activation

W1, B1 = np.array([[1, 0], [0, 1], [1, 1]], np.float32), np.array([-0.5, -0.5, -1.5], np.float32)
W2, B2 = np.array([[1, 1, -2]], np.float32), np.array([-0.5], np.float32)
TENSORS = {"fc1.weight": W1, "fc1.bias": B1, "fc2.weight": W2, "fc2.bias": B2}
GOOD = save(TENSORS)
ACTIVATIONS = "activations: [step, step]"

SPEC = """\
spec: 1
inputs: [x1, x2]
output: y
network: {network}
explanations:
  claim:
    circuit:
      a1: x1 & ~x2 @ h1 - h3
      a2: ~x1 & x2 @ h2 - h3
      y: a1 | a2
"""


def safetensors(header: object, body: bytes = b"") -> bytes:
    """Return a file with a header of one's own."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(dtype: str, shape: list[int], start: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def archive(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, data in members:
            file.writestr(name, data)
    return buffer.getvalue()


def npy(header: str, body: bytes = b"", version: int = 1) -> bytes:
    """Return an array with a header of one's own."""
    text = header.encode("latin-1")
    return (
        b"\x93NUMPY"
        + bytes([version, 0])
        + struct.pack("<H" if version == 1 else "<I", len(text))
        + text
        + body
    )


def described(shape: str, dtype: str = "'<f4'") -> str:
    return f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}}}"


def changed(**tensors: object) -> bytes:
    """Return the good file with other tensors; None leaves one out."""
    named = {name.replace("_", "."): value for name, value in tensors.items()}
    return save({name: value for name, value in {**TENSORS, **named}.items() if value is not None})


def spoiled(value: float) -> bytes:
    weights = W1.copy()
    weights[2, 0] = value
    return changed(fc1_weight=weights)


def declared(data: bytes, size: int) -> bytes:
    """Return an archive whose directory declares another unpacked size of its only member."""
    where = data.index(b"PK\x01\x02")
    return data[: where + 24] + struct.pack("<I", size) + data[where + 28 :]


def repeated() -> bytes:
    """Return an archive that has a member twice."""
    return archive(("a.npy", b""), ("b.npy", b"")).replace(b"b.npy", b"a.npy")


def torch_file() -> bytes:
    return archive(("archive/data.pkl", pickle.dumps({"fc1.weight": [1.0]})), ("archive/data/0", b"\0" * 4))


@dataclass(frozen=True)
class Case:
    """A file, what the spec says of it besides its name, and what must be said about it."""

    file: str
    data: bytes | None
    said: str
    network: str = ACTIVATIONS


#: A bomb: a kilobyte that unpacks to a gigabyte.
BOMB = archive(("a.npy", b"\0" * 2**26), compression=zipfile.ZIP_DEFLATED)
OVERLAP = {"a": entry("F32", [2], 0, 8), "b": entry("F32", [2], 4, 12)}
HUGE = {"a": entry("F32", [2**62, 2**62], 0, 8)}
SIZED = {"a": entry("F32", [3], 0, 8)}
EIGHTS = {"a.weight": entry("F8_E4M3", [1, 2], 0, 2)}
TWICE = b'{"a.weight":%s,"a.weight":%s}' % (
    json.dumps(entry("F32", [2, 1], 0, 8)).encode(),
    json.dumps(entry("F32", [1, 2], 0, 8)).encode(),
)

CASES: dict[str, Case] = {
    # safetensors
    "empty": Case("w.safetensors", b"", "E306 w.safetensors: not a safetensors file"),
    "truncated in the header": Case("w.safetensors", GOOD[:40], "E306 w.safetensors: not a safetensors"),
    "truncated in the numbers": Case("w.safetensors", GOOD[:-3], "E306 w.safetensors: not a safetensors"),
    "header too long": Case("w.safetensors", b"\xff" * 8 + GOOD[8:], "E306 w.safetensors"),
    "header is no JSON": Case("w.safetensors", safetensors(b"{]"), "E306 w.safetensors: not a safetensors"),
    "header is no UTF-8": Case("w.safetensors", safetensors(b'{"\xff":1}'), "E306 w.safetensors"),
    "header nested deep": Case("w.safetensors", safetensors(b'{"a":' + b"[" * 10**5), "E306 w.safetensors"),
    "tensors overlap": Case("w.safetensors", safetensors(OVERLAP, b"\0" * 12), "E306 w.safetensors"),
    "offsets and shape differ": Case("w.safetensors", safetensors(SIZED, b"\0" * 8), "E306 w.safetensors"),
    "shape overflows": Case("w.safetensors", safetensors(HUGE, b"\0" * 8), "E306 w.safetensors"),
    "a tensor twice": Case("w.safetensors", safetensors(TWICE, b"\0" * 8), "has the name 'a.weight' twice"),
    "type not read": Case(
        "w.safetensors", safetensors(EIGHTS, b"\0" * 2), "tensor a.weight: numbers of type F8_E4M3"
    ),
    "no tensors": Case("w.safetensors", save({}), "E306 w.safetensors: the layers cannot be told"),
    "NaN": Case(
        "w.safetensors",
        spoiled(np.nan),
        "E104 w.safetensors: tensor fc1.weight, entry [2, 0]: expected a finite number, got nan",
    ),
    "infinity": Case(
        "w.safetensors",
        spoiled(-np.inf),
        "tensor fc1.weight, entry [2, 0]: expected a finite number, got -inf",
    ),
    "too many numbers": Case(
        "w.safetensors",
        save({"a.weight": np.zeros((1025, 1024), np.int8)}),
        "E306 w.safetensors: expected at most 1048576 numbers, got 1049600",
    ),
    "too large a file": Case("w.safetensors", b"\0" * (16 * 2**20 + 1), "E108 "),
    "pickle by content": Case(
        "w.safetensors", pickle.dumps({"a": 1}, 4), "E306 w.safetensors: this is a pickle"
    ),
    # npz
    "not a zip": Case("w.npz", b"PK\x05\x06 no", "E306 w.npz: not an npz archive"),
    "truncated zip": Case("w.npz", npz(**{"fc1.weight": W1})[:-30], "E306 w.npz: not an npz archive"),
    "checksum": Case(
        "w.npz",
        npz(a=W1).replace(W1.tobytes(), W2.tobytes() * 2, 1),
        "E306 w.npz: not an npz archive: Bad CRC-32",
    ),
    "objects": Case(
        "w.npz", npz(a=np.array([{}], object)), "E306 w.npz: member 'a.npy' holds pickled objects"
    ),
    "bomb": Case("w.npz", BOMB, "E306 w.npz: the archive unpacks to 67108864 bytes"),
    "bomb that lies": Case("w.npz", declared(BOMB, 128), "E306 w.npz"),
    "many members": Case("w.npz", archive(*((f"{i}.npy", b"") for i in range(1001))), "at most 1000 members"),
    "huge shape": Case(
        "w.npz",
        archive(("a.npy", npy(described("(4611686018427387904, 2)")))),
        "member 'a.npy': expected a shape of lengths from 0",
    ),
    "negative shape": Case(
        "w.npz",
        archive(("a.npy", npy(described("(-1, 2)")))),
        "member 'a.npy': expected a shape of lengths from 0",
    ),
    "shape and numbers differ": Case(
        "w.npz", archive(("a.npy", npy(described("(2, 2)"), b"\0" * 15))), "needs 16 bytes, the file has 15"
    ),
    "header of an npy": Case(
        "w.npz", archive(("a.npy", npy("{'descr': __import__('os')}"))), "member 'a.npy': not an npy header"
    ),
    "long header of an npy": Case(
        "w.npz", archive(("a.npy", npy("(" * 60000, version=2))), "member 'a.npy': not an npy header"
    ),
    "version of an npy": Case(
        "w.npz", archive(("a.npy", npy(described("(1,)"), b"\0" * 4, 9))), "E306 w.npz: member 'a.npy'"
    ),
    "not an array": Case(
        "w.npz", archive(("weights.txt", b"1 2 3")), "member 'weights.txt' of the archive is no array"
    ),
    "member twice": Case("w.npz", repeated(), "two members of the archive are named 'a.npy'"),
    "other compression": Case(
        "w.npz",
        archive(("a.npy", b"\0" * 99), compression=zipfile.ZIP_LZMA),
        "member 'a.npy' is encrypted or compressed in another way",
    ),
    "texts": Case(
        "w.npz", npz(**{"fc1.weight": np.array([["a"]])}), "tensor fc1.weight: numbers of type str"
    ),
    "complex": Case(
        "w.npz", npz(**{"fc1.weight": np.array([[1j]])}), "tensor fc1.weight: numbers of type complex128"
    ),
    "records": Case("w.npz", npz(a=np.zeros(2, [("p", "f4"), ("q", "i4")])), "tensor a: numbers of type"),
    "long doubles": Case("w.npz", npz(a=np.zeros((1, 2), np.longdouble)), "tensor a: numbers of type"),
    "checkpoint of PyTorch's": Case("w.npz", torch_file(), "E306 w.npz: this is a pickle"),
    # what the spec says
    "missing file": Case("w.npz", None, "E108 cannot open"),
    "suffix of a pickle": Case("w.pt", GOOD, "E302 w.pt: networks are not read from .pt"),
    "no suffix": Case("weights", GOOD, "E302 weights: networks are not read from files without a suffix"),
    "one array": Case("w.npy", npy(described("(1, 2)"), b"\0" * 8), "E302 w.npy"),
    "other digest": Case(
        "w.safetensors",
        GOOD,
        f"E306 w.safetensors: expected the sha256 {'0' * 64}",
        f"sha256: '{'0' * 64}', {ACTIVATIONS}",
    ),
    "no activations": Case(
        "w.safetensors",
        GOOD,
        "E103 w.safetensors: the file says no activations; expected one per layer (fc1.",
        "",
    ),
    "too few activations": Case(
        "w.safetensors",
        GOOD,
        "E301 w.safetensors: expected 2 activations, one per layer (fc1.weight, fc2.weight), got 1",
        "activations: [step]",
    ),
    "unknown activation": Case(
        "w.safetensors", GOOD, "E303 unknown activation gelu", "activations: [gelu, step]"
    ),
    "no such layer": Case(
        "w.safetensors",
        GOOD,
        "E306 w.safetensors: no tensor fc3: the file holds fc1.bias 3, fc1.weight 3x2,",
        f"layers: [fc1, fc3], {ACTIVATIONS}",
    ),
    "no such bias": Case(
        "w.safetensors",
        GOOD,
        "no tensor fc1.bais",
        f"layers: [{{weights: fc1, bias: fc1.bais}}, fc2], {ACTIVATIONS}",
    ),
    "a tensor left over": Case(
        "w.safetensors",
        changed(scale=B1),
        "E306 w.safetensors: the layers cannot be told from the names of the tensors: scale 3",
    ),
    "no order": Case(
        "w.safetensors",
        changed(fc2_weight=W1[:, :1]),
        "E301 w.safetensors: no order of layers fits the shapes",
    ),
    "several orders": Case(
        "w.safetensors",
        save({f"{name}.weight": np.eye(2, dtype=np.float32) for name in "ab"}),
        "E306 w.safetensors: the shapes admit more than one order of layers, a.weight, b.weight and",
    ),
    "transposed": Case(
        "w.safetensors", changed(fc1_weight=W1.T.copy(), fc2_weight=W2.T.copy()), "transpose: true"
    ),
    "transposed by name": Case(
        "w.safetensors",
        changed(fc1_weight=W1.T.copy()),
        "write transpose: true",
        f"layers: [fc1, fc2], {ACTIVATIONS}",
    ),
    "bias too long": Case(
        "w.safetensors",
        changed(fc1_bias=np.zeros(4, np.float32)),
        "E301 w.safetensors: tensor fc1.weight (3x2) has 3 units, the bias fc1.bias has the shape 4",
        f"layers: [fc1, fc2], {ACTIVATIONS}",
    ),
    "cube of weights": Case(
        "w.safetensors",
        changed(fc1_weight=np.zeros((1, 2, 3), np.float32)),
        "tensor fc1.weight: expected a matrix, got the shape 1x2x3",
        f"layers: [fc1, fc2], {ACTIVATIONS}",
    ),
    "layers in another order": Case(
        "w.safetensors",
        GOOD,
        "E301 w.safetensors: tensor fc2.weight (1x3) takes 3 inputs, but the spec names 2",
        f"layers: [fc2, fc1], {ACTIVATIONS}",
    ),
    "an activation twice": Case(
        "w.safetensors",
        GOOD,
        "layer fc1 has an activation of its own beside the list",
        f"layers: [{{weights: fc1, activation: step}}, fc2], {ACTIVATIONS}",
    ),
    "too many inputs": Case(
        "net.yaml",
        b"layers: [{name: y, weights: [[1, 1, 1]], activation: step}]",
        "E301 net.yaml: the network takes 3 inputs, but the spec names 2",
        "",
    ),
    "name that cannot be printed": Case("w.npz", npz(**{"a\x1b[2J": W1}), "'a\\x1b[2J' 3x2"),
    # network files
    "network file in latin-1": Case(
        "net.yaml", b"# caf\xe9\nlayers: []", "net.yaml:1:6: E101 expected UTF-8 text", ""
    ),
    "network file without layers": Case(
        "net.yaml", b"layer: []", "net.yaml:1:1: E103 missing key layers", ""
    ),
    "network file that is a spec": Case(
        "net.json", b'{"spec": 1, "layers": []}', "net.json:1:2: E102 unknown key 'spec'", ""
    ),
    "network file with a wrong number": Case(
        "net.yaml", b"layers: [{name: y, weights: [[1, x]], activation: step}]", "net.yaml:1:34: E104", ""
    ),
    "empty network file": Case("net.yaml", b"", "net.yaml:1:1: E101", ""),
    "layers of a network file": Case(
        "net.yaml",
        b"layers: [{name: y, weights: [[1, 1]], activation: step}]",
        "E104 net.yaml: a network file says itself",
    ),
}
#: Those that a careless reader would unpack, allocate or recurse into.
HEAVY = (
    "header too long", "header nested deep", "shape overflows", "too many numbers", "too large a file",
    "bomb", "bomb that lies", "many members", "huge shape", "long header of an npy",
)  # fmt: skip


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("claim.circuit.yaml")


def write(spec: Path, case: Case) -> None:
    """Write the file, and a spec that names it."""
    if case.data is not None:
        Path(case.file).write_bytes(case.data)
    said = f"{{file: {case.file}, {case.network}}}" if case.network else case.file
    spec.write_text(SPEC.replace("{network}", said), encoding="utf-8")


def test_what_the_others_are_variations_of(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(spec, Case("w.safetensors", GOOD, ""))
    assert run(["check", str(spec)]) == 0
    assert "4 checks: 4 proved" in capsys.readouterr().out


@pytest.mark.parametrize("name", CASES)
def test_is_refused_with_file_and_place(name: str, spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = CASES[name]
    write(spec, case)
    assert run(["check", str(spec)]) == 2
    _, err = capsys.readouterr()
    assert case.said in err, err
    assert err.startswith((f"{spec}:4:", case.file))
    assert case.file in err or case.said.startswith("E303")
    assert err.isprintable() or err.replace("\n", "").isprintable()
    assert len(err) < 2000


@pytest.mark.parametrize(
    "name", ["truncated in the numbers", "bomb", "suffix of a pickle", "NaN", "missing file"]
)
def test_the_verb_import_refuses_the_same(name: str, spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = CASES[name]
    write(spec, case)
    assert run(["import", case.file]) == 2
    err = capsys.readouterr().err
    assert case.said.partition(f"{case.file}: ")[2] in err
    assert case.file in err


def test_a_folder_is_no_file(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("w.npz").mkdir()
    write(spec, Case("w.npz", None, ""))
    assert run(["check", str(spec)]) == 2
    assert f"{spec}:4:17: E108 cannot open w.npz" in capsys.readouterr().err


def test_bounded_memory_and_time(spec: Path) -> None:
    """With 1 GB of address space and 10 s of processor time for all of them."""
    script = """
        import resource, sys, tracemalloc
        from pathlib import Path
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
        from verifier.errors import InputError
        from verifier.importers.layout import Layout
        from verifier.spec.network_file import read_network_file
        import verifier.importers.npz, safetensors
        for path in sorted(Path(sys.argv[1]).iterdir()):
            tracemalloc.start()
            try:
                read_network_file(path, Layout())
            except InputError:
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
                if peak > 64 * 2**20:
                    sys.exit(f"{path} took {peak} bytes")
                continue
            sys.exit(f"{path} is read")
    """
    folder = Path("heavy")
    folder.mkdir()
    for i, name in enumerate(HEAVY):
        data = CASES[name].data
        assert data is not None
        (folder / f"{i}.{CASES[name].file}").write_bytes(data)
    command = [sys.executable, "-c", dedent(script), str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(("suffix", "data"), [(".safetensors", GOOD), (".npz", npz(**TENSORS))])
@pytest.mark.parametrize("seed", range(3))
def test_bytes_that_are_changed(seed: int, suffix: str, data: bytes) -> None:
    """Whatever is changed in a file, it is read or refused: nothing else is raised."""
    chance = random.Random(seed)
    layout = Layout(None, (Activation("relu"), Activation("identity")))
    outcomes = set()
    for _ in range(200):
        spoilt = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            where = chance.randrange(len(spoilt))
            if chance.random() < 0.3:
                del spoilt[where : where + chance.randint(1, 8)]
            else:
                spoilt[where] = chance.randrange(256)
        try:
            read_weights(bytes(spoilt), Path(f"w{suffix}"), layout)
            outcomes.add("read")
        except InputError:
            outcomes.add("refused")
    assert "refused" in outcomes


def test_what_is_unusual_and_sound_is_read() -> None:
    big = {"fc1.weight": np.asfortranarray(W1).astype(">f8"), "fc1.bias": B1.astype(np.float16)}
    tensors = read_tensors(npz(**big, u=np.array([2**64 - 1], np.uint64)), Path("w.npz"))
    assert tensors["fc1.weight"].values.tolist() == W1.tolist()
    assert tensors["fc1.bias"].values.tolist() == B1.tolist()
    assert tensors["u"].values.tolist() == [2**64 - 1]
    header = {"b": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}
    body = np.array([0x3F80, 0xBFC0, 0x0001], "<u2").tobytes()
    read = read_tensors(safetensors(header, body), Path("w.safetensors"))
    assert read["b"].values.tolist() == [1.0, -1.5, 2.0**-133]
