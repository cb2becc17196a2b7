"""Bytes of a file of weights → what it holds, by the suffix of its name; pickles are refused, never read."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from verifier.errors import input_error
from verifier.importers.layout import Layout, tensors_to_network
from verifier.importers.npz import read_npz
from verifier.importers.pointer import refuse_pointer
from verifier.importers.safetensors import read_safetensors
from verifier.importers.steps import network_of
from verifier.importers.tensors import Tensor
from verifier.network import Network

SUFFIXES = (".safetensors", ".npz")
_TORCH = "in PyTorch: safetensors.torch.save_file(network.state_dict(), 'weights.safetensors')"
_SKLEARN = (
    "in scikit-learn: numpy.savez('weights.npz', coefs_0=clf.coefs_[0], intercepts_0=clf.intercepts_[0], …)"
)
_KERAS = "in Keras: model.export('network.onnx', format='onnx')"
_REFUSED = {
    ".pt": _TORCH, ".pth": _TORCH, ".bin": _TORCH, ".ckpt": _TORCH, ".pkl": _SKLEARN, ".pickle": _SKLEARN,
    ".joblib": _SKLEARN, ".h5": _KERAS, ".hdf5": _KERAS, ".keras": _KERAS,
    ".npy": "one array is no network: numpy.savez('weights.npz', W1=…, b1=…, W2=…, b2=…)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imported:
    """A network and where it comes from.

    `format` is `onnx`, `torch`, …; `sha256` is the digest of the file, empty for an object in memory.
    `output` is the decoding that a classifier means, `y > 0` or `argmax`, if it says so. `unused` are the
    tensors of the file that are in no layer.
    """

    network: Network
    format: str
    sha256: str = ""
    output: str | None = None
    unused: tuple[str, ...] = ()


def read_weights(data: bytes, path: Path, layout: Layout) -> Imported:
    """Return the network in the bytes of a file; `path` tells the format, and is not opened.

    Raises:
        InputError: E302 for a format that is not read, E306 for a file that is damaged or unsafe, or what the
            readers of the formats raise.
    """
    digest = sha256(data).hexdigest()
    if path.suffix.lower() == ".onnx":
        return _read_onnx(data, layout, digest)
    network, unused = tensors_to_network(read_tensors(data, path), layout)
    return Imported(network, path.suffix.lower()[1:], digest, unused=unused)


def _read_onnx(data: bytes, layout: Layout, digest: str) -> Imported:
    try:
        from verifier.importers.onnx.read import read_onnx
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        hint = "pip install 'circuit-verifier[onnx]'"
        raise input_error(
            "E302", "reading ONNX needs the package onnx, which is not installed", hint
        ) from None
    _refuse_pickle(data)
    if not layout.silent:
        hint = "leave out layers and activations"
        raise input_error("E104", "an ONNX file says itself what its layers are", hint)
    chain = read_onnx(data)
    return Imported(network_of(chain.steps), "onnx", digest, chain.output)


def holds_tensors(path: Path) -> bool:
    """Return whether a file holds tensors, and nothing about layers."""
    return path.suffix.lower() in (".safetensors", ".npz")


def read_tensors(data: bytes, path: Path) -> Mapping[str, Tensor]:
    """Return the tensors of a file of tensors by name.

    Raises:
        InputError: as `read_weights`.
    """
    refuse_suffix(path)
    refuse_pointer(data, "E306")
    _refuse_pickle(data)
    match path.suffix.lower():
        case ".safetensors":
            return read_safetensors(data)
        case ".npz":
            return read_npz(data)
        case suffix:
            known = ", ".join([*SUFFIXES, ".onnx", ".yaml", ".json"])
            raise input_error(
                "E302", f"networks are not read from {suffix or 'files without a suffix'}", known
            )


def refuse_suffix(path: Path) -> None:
    """Raise E302 for the name of a file that may run code when it is read, or holds no network."""
    suffix = path.suffix.lower()
    if suffix in _REFUSED:
        pickled = suffix not in (".npy", ".h5", ".hdf5", ".keras")
        reason = ": it may be a pickle, and reading one can run code" if pickled else ""
        raise input_error("E302", f"networks are not read from {suffix}{reason}", _REFUSED[suffix])


def _refuse_pickle(data: bytes) -> None:
    """Raise E306 for bytes that start as a pickle, or as an archive of PyTorch's with one in it."""
    pickled = data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    header = int.from_bytes(data[:8], "little")  # of a safetensors file: 640 bytes begin as a pickle does
    pickled = pickled and not (header <= len(data) - 8 and data[8:9] == b"{")
    if pickled or (data[:4] == b"PK\x03\x04" and b"/data.pkl" in data[:4096]):
        raise input_error("E306", "this is a pickle: reading one can run code, so it is never read", _TORCH)
