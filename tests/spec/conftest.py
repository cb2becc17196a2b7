"""A sound spec to vary, and what is wrong with the variation."""

from collections.abc import Callable

import pytest

from verifier.errors import InputError
from verifier.spec import Spec, loads

XOR = """\
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [-1/2, -1/2, -3/2], activation: step}
    - {name: y, weights: [[1, 1, -2]], bias: [-1/2], activation: step}
output: y
explanations:
  alice:
    circuit:
      a1: x1 & ~x2 @ h1 - h3
      a2: ~x1 & x2 @ h2 - h3
      y: a1 | a2
"""

Vary = Callable[..., str]


@pytest.fixture
def xor() -> str:
    return XOR


@pytest.fixture
def vary() -> Vary:
    """Return XOR with pieces replaced; every piece occurs once."""

    def varied(*pairs: tuple[str, str], add: str = "") -> str:
        text = XOR + add
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return text

    return varied


@pytest.fixture
def read(vary: Vary) -> Callable[..., Spec]:
    """Return the spec of a variation."""
    return lambda *pairs, add="": loads(vary(*pairs, add=add))


@pytest.fixture
def refuse() -> Callable[..., list[str]]:
    """Return what is wrong with a text, as `E104 6:31`."""

    def refused(text: str, path: str = "<text>") -> list[str]:
        with pytest.raises(InputError) as caught:
            loads(text, path)
        places = [(p.code, p.position) for p in caught.value.problems]
        return [f"{code} {at.line}:{at.column}" if at else code for code, at in places]

    return refused


@pytest.fixture
def hints() -> Callable[[str], str]:
    """Return everything said about a text."""

    def said(text: str) -> str:
        with pytest.raises(InputError) as caught:
            loads(text)
        return str(caught.value)

    return said
