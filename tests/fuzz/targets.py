"""Bytes → one reader each: whatever the bytes, it returns, or says what is wrong with them."""

import atexit
import contextlib
import json
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp

from verifier.audit import audit
from verifier.decoding import parse_output
from verifier.engine.options import Options
from verifier.engine.outcome import RunReport
from verifier.errors import InputError, NothingToCheckError
from verifier.explanation import parse_feature
from verifier.formula import parse, show
from verifier.importers.layout import Layout, Stored
from verifier.importers.read import read_weights
from verifier.network import Activation, Layer, Network
from verifier.notation import exact
from verifier.readout import parse as parse_readout
from verifier.readout import parse_direction
from verifier.report.json import check_document
from verifier.report.text import check_text
from verifier.run.check_specs import check_specs
from verifier.spec import loads, scalars
from verifier.spec.csv_to_data import parse_csv
from verifier.spec.data import Data
from verifier.spec.data_to_rows import Group, Wanted, rows_of
from verifier.spec.files import decode
from verifier.spec.npy_to_data import parse_npy

FOLDER = Path(__file__).parents[2] / "specs"
CORPUS = Path(__file__).parent / "corpus"
NETWORK = Network(
    [Layer.of("h", [[1, 0], [0, 1], [1, 1]], [0, 0, -1], "relu"), Layer.of("y", [[1, 1, -2], [0, 1, 0]])]
)
GROUP = Group("c", ("c_red", "c_green"), ("red", "green"))
WANTED = (
    Wanted(("x1", "x2"), duplicates="merge"),
    Wanted(("x1", *GROUP.names), (GROUP,), ignored=None),
    Wanted(("x1", "x2"), low=exact("-1"), ignored=None),
)
LAYOUTS = (
    Layout(),
    Layout(n_inputs=2, activations=(Activation("relu"), Activation("identity"))),
    Layout((Stored("fc1", activation=Activation("tanh")), Stored("fc2", transpose=True))),
)


def attempt(read: Callable[[], object]) -> None:
    """Read; an `InputError` must be showable, also as UTF-8; anything else that is raised is a defect."""
    with contextlib.suppress(NothingToCheckError):
        try:
            read()
        except InputError as error:
            if not all(problem.message and str(problem).encode() for problem in error.problems):
                raise AssertionError("a problem that says nothing") from error


@cache
def folder() -> Path:
    """Return a folder of this process with the data that specs name."""
    path = Path(mkdtemp())
    atexit.register(rmtree, path)
    for data in FOLDER.glob("*.csv"):
        copy(data, path)
    return path


def spec_yaml(data: bytes) -> None:
    attempt(lambda: loads(decode(data, "E101"), str(FOLDER / "a.yaml")))


def spec_json(data: bytes) -> None:
    attempt(lambda: loads(decode(data, "E101"), str(FOLDER / "a.json")))


def check(data: bytes) -> None:
    """Run every claim of a spec: whatever the verdicts, nothing may break."""
    path = folder() / "a.circuit.yaml"
    path.write_bytes(data)
    (report,) = check_specs([str(path)], Options(timeout_s=1, rlimit=500_000, nodes=20_000))
    assert not report.defect, report.defect
    if not report.problems:
        assert check_text([report], 80, color=False)
        json.loads(check_document(RunReport((report,)), {}))


def formula(data: bytes) -> None:
    """A formula that is read is shown as a text that is read as the same."""

    def read() -> None:
        parsed = parse(data.decode("utf-8", "replace"))
        assert parse(show(parsed)) == parsed

    attempt(read)


def notations(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    attempt(lambda: parse_readout(text, NETWORK))
    attempt(lambda: parse_direction(text, NETWORK))
    attempt(lambda: parse_output(text, NETWORK))
    attempt(lambda: parse_output(text, NETWORK, "out"))
    attempt(lambda: parse_feature("a", text, NETWORK, ["x1", "x2"]))
    for read in (exact, scalars.cut, scalars.one_hot, scalars.names, scalars.count, scalars.coefficients):
        with contextlib.suppress(ValueError, InputError):
            read(text)


def _table(table: Data) -> None:
    for wanted in WANTED:
        attempt(lambda wanted=wanted: rows_of(table, wanted))  # type: ignore[misc]


def csv(data: bytes) -> None:
    attempt(lambda: _table(parse_csv(decode(data, "E402"), "rows.csv")))


def npy(data: bytes) -> None:
    attempt(lambda: _table(parse_npy(data, "rows.npy")))


def _weights(data: bytes, suffix: str) -> None:
    for layout in LAYOUTS:
        attempt(lambda layout=layout: read_weights(data, Path(f"a.{suffix}"), layout))  # type: ignore[misc]


def safetensors(data: bytes) -> None:
    _weights(data, "safetensors")


def npz(data: bytes) -> None:
    _weights(data, "npz")


def onnx(data: bytes) -> None:
    _weights(data, "onnx")


def certificate(data: bytes) -> None:
    path = folder() / "list.jsonl"
    path.write_bytes(data)
    assert audit(path, budget=10_000).verdict in ("valid", "holey", "invalid")


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        spec_yaml,
        spec_json,
        check,
        formula,
        notations,
        csv,
        npy,
        safetensors,
        npz,
        onnx,
        certificate,
    )
}


def run(name: str, data: bytes) -> None:
    """Hand the bytes to a target; numpy may warn of what it then refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        TARGETS[name](data)


def corpus(name: str) -> list[bytes]:
    """Return the inputs that are kept for a target."""
    texts: list[str] = json.loads((CORPUS / f"{name}.json").read_text(encoding="ascii"))
    return [text.encode("latin-1") for text in texts]


def seeds(name: str) -> list[bytes]:
    """Return what mutants of a target are made from: what is kept, and the shipped specs."""
    shipped = FOLDER.glob("*.circuit.yaml") if name in ("spec_yaml", "check") else ()
    return corpus(name) + [path.read_bytes() for path in shipped]


def keep(name: str, inputs: list[bytes]) -> None:
    """Write the inputs that are kept for a target."""
    texts = [data.decode("latin-1") for data in sorted(set(inputs), key=lambda data: (len(data), data))]
    (CORPUS / f"{name}.json").write_text(json.dumps(texts, indent=0) + "\n", encoding="ascii")
