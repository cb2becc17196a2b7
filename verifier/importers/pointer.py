"""Bytes of a file → refused where Git LFS has put a pointer in its place: what it stands for is not here."""

from verifier.errors import input_error


def is_pointer(data: bytes) -> bool:
    """Return whether bytes begin as every pointer does, by the specification of Git LFS."""
    return data.startswith(b"version https://git-lfs.github.com/spec/v1")


def refuse_pointer(data: bytes, code: str) -> None:
    """Raise an error of the given code for a pointer."""
    if is_pointer(data):
        told = "this is a pointer of Git LFS: the file that it stands for was not fetched"
        raise input_error(code, told, "git lfs pull")
