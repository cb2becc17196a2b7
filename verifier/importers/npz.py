"""Bytes of a `.npz` file → tensors, the directory of the archive judged before anything is unpacked."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from verifier.errors import InputError, input_error
from verifier.importers.npy import read_npy
from verifier.importers.tensors import MAX_NUMBERS, Tensor, check_total, from_array

MAX_MEMBERS = 1000
_MAX_HEADER = 2**14
_SUFFIX = ".npy"


def read_npz(data: bytes) -> dict[str, Tensor]:
    """Return the arrays of an archive by name.

    Raises:
        InputError: E306, for an archive that is damaged, or holds anything but a bounded amount of numbers.
    """
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = _members(archive)
            return {name: _tensor(archive, member, name) for name, member in members.items()}
    except InputError:
        raise
    except Exception as error:  # whatever zipfile trips over: it raises a dozen kinds
        raise input_error("E306", f"not an npz archive: {str(error)[:200]}") from None


def _members(archive: ZipFile) -> dict[str, ZipInfo]:
    """Return the members by the names of their arrays, none of them too large."""
    found: dict[str, ZipInfo] = {}
    listed = archive.infolist()
    if len(listed) > MAX_MEMBERS:
        raise input_error("E306", f"expected at most {MAX_MEMBERS} members in the archive, got {len(listed)}")
    for member in listed:
        name = member.filename.removesuffix(_SUFFIX)
        if not member.filename.endswith(_SUFFIX):
            raise input_error("E306", f"member {member.filename!r} of the archive is no array (.npy)")
        if name in found:
            raise input_error("E306", f"two members of the archive are named {member.filename!r}")
        if member.flag_bits & 1 or member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise input_error("E306", f"member {member.filename!r} is encrypted or compressed in another way")
        found[name] = member
    declared = sum(member.file_size for member in listed)
    if declared > 8 * MAX_NUMBERS + _MAX_HEADER * len(listed):
        message = f"the archive unpacks to {declared} bytes, more than {MAX_NUMBERS} numbers"
        raise input_error("E306", message)
    return found


def _tensor(archive: ZipFile, member: ZipInfo, name: str) -> Tensor:
    with archive.open(member) as file:
        data = file.read(member.file_size + 1)  # stops where the directory says, whatever the stream holds
    array = read_npy(data, f"member {member.filename!r}")
    check_total([array.shape])
    return from_array(name, array)
