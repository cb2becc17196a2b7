"""Everyday: everything that was kept is read again. With `-m slow`: a minute of new mutants."""

import time
from random import Random

import pytest
from fuzz.mutate import mutant
from fuzz.run import SlowError, fuzz, limited
from fuzz.targets import TARGETS, corpus, run

EVERY = pytest.mark.parametrize("name", TARGETS)


@EVERY
def test_the_corpus(name: str) -> None:
    inputs = corpus(name)
    assert len(inputs) >= 5
    with limited(60):
        for data in inputs:
            run(name, data)


@EVERY
def test_mutants_are_the_same_again_and_differ(name: str) -> None:
    def mutants() -> list[bytes]:
        rng = Random(5)
        return [mutant(rng, name, corpus(name)) for _ in range(20)]

    found = mutants()
    assert found == mutants()
    assert len(set(found) - set(corpus(name))) > 10


def test_a_defect_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fragile(data: bytes) -> None:
        if b"maj" in data and b"(" not in data:
            raise ZeroDivisionError

    monkeypatch.setitem(TARGETS, "formula", fragile)
    count, broken = fuzz("formula", 0.5, 1)
    assert 0 < len(broken) < count
    assert all("ZeroDivisionError" in trace for _, trace in broken)


def test_what_never_ends_is_found() -> None:
    with pytest.raises(SlowError), limited(0.1):
        time.sleep(60)


@pytest.mark.slow
@EVERY
def test_new_mutants(name: str) -> None:
    count, broken = fuzz(name, 6, 0)
    assert count > 20
    assert not broken, broken[0]
