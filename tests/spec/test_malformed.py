"""Every file of specs/malformed is refused with the codes, at the places, that its first line says."""

from pathlib import Path

import pytest

from verifier import errors
from verifier.errors import InputError
from verifier.spec import load

FILES = sorted((Path(__file__).parents[2] / "specs" / "malformed").glob("*.yaml"))
PREFIX = "# expect: "

#: Codes the loader raises; the others need a run (E304, E305, E401) or a command line (E601).
CODES = [code for code in errors.CODES if code not in ("E304", "E305", "E401", "E601", "E701")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_is_refused_as_its_first_line_says(file: Path) -> None:
    expected = file.read_text(encoding="utf-8").splitlines()[0]
    assert expected.startswith(PREFIX)
    with pytest.raises(InputError) as caught:
        load(file)
    found = [
        f"{p.code} at {p.position.line}:{p.position.column}" for p in caught.value.problems if p.position
    ]
    assert ", ".join(found) == expected.removeprefix(PREFIX)


@pytest.mark.parametrize("code", CODES)
def test_has_every_code(code: str) -> None:
    assert any(file.name.startswith(code) for file in FILES)


def test_is_named_by_what_is_wrong() -> None:
    for file in FILES:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert file.name.startswith("several") or file.name[:4] in first
        assert not file.name.endswith(".circuit.yaml")
