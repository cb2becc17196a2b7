"""Whatever the text: a spec, or an `InputError` all of whose problems can be shown."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verifier.errors import InputError
from verifier.spec import loads

PIECES = [
    *"&*!|>%@`'\"[]{}:,-?#~() \n\t\\\r",
    "- ",
    ": ",
    "<<: ",
    "null",
    "!!map ",
    "---\n",
    "\u2028",
    "\x85",
    '"\\UFFFFFFFF"',
]
SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def attempt(text: str, path: str) -> None:
    """Read a text; anything but an `InputError` that can be shown fails the test."""
    with contextlib.suppress(InputError):
        try:
            loads(text, path)
        except InputError as error:
            str(error)
            raise


@pytest.mark.parametrize("path", ["a.yaml", "a.json"])
@given(text=st.text())
@SETTINGS
def test_any_text(path, text):
    attempt(text, path)


@given(
    edits=st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 12), st.sampled_from(PIECES)), max_size=5)
)
@SETTINGS
def test_any_damage(xor, edits):
    text = xor
    for place, cut, piece in edits:
        at = place % (len(text) + 1)
        text = text[:at] + piece + text[at + cut :]
    attempt(text, "a.yaml")
