"""Path → text of a file: UTF-8, of a bounded size."""

import re
import stat
from pathlib import Path

from verifier.errors import InputError, Position, Problem, input_error
from verifier.importers.pointer import refuse_pointer

MAX_BYTES = 16 * 2**20
CONFLICT = "a merge conflict that is not resolved"
_MARKER = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_bytes(path: Path, *, regular: bool = True) -> bytes:
    """Return what is in a file; if it must be `regular`, no pipe or device, which may hang, is opened.

    Raises:
        InputError: E108, for what is no regular file, cannot be opened or is too large.
    """
    try:
        mode = path.stat().st_mode
        if regular and not stat.S_ISREG(mode):
            kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
            raise input_error("E108", f"cannot open {path}: expected a regular file, got {kind}")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise input_error("E108", f"cannot open {path}: {error.strerror}") from None
    except ValueError as error:
        raise input_error("E108", f"cannot open {str(path)!r}: {error}") from None
    if len(data) > MAX_BYTES:
        raise input_error("E108", f"{path} is larger than {MAX_BYTES // 2**20} MiB")
    return data


def decode(data: bytes, code: str) -> str:
    """Return the text of UTF-8 bytes, a byte order mark left out.

    Raises:
        InputError: of the given code, with the place of the first byte that is not UTF-8; for a pointer of
            Git LFS.
    """
    refuse_pointer(data, code)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        place = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"expected UTF-8 text, got the byte 0x{data[error.start]:02x}"
        raise InputError([Problem(code, message, position=place)]) from None


def conflict_in(text: str) -> Position | None:
    """Return the place of the first marker of a merge conflict, None if there is none."""
    mark = _MARKER.search(text)
    return None if mark is None else Position(text.count("\n", 0, mark.start()) + 1, 1)
