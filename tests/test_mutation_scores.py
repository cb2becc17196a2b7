"""The mutation scores of the shipped specs are those that specs/README.md lists."""

import re
from pathlib import Path

import pytest

from verifier.engine.mutation.outcome import Open
from verifier.engine.outcome import Exit
from verifier.run.mutate_spec import mutate_spec

SPECS = Path(__file__).parent.parent / "specs"
README = (SPECS / "README.md").read_text(encoding="utf-8").split("\n## Mutation scores\n", 1)[1]
TABLE = dict(re.findall(r"^\| `([\w/-]+)` \| (.* \d+/\d+.*) \|$", README, re.MULTILINE))
QUICK = ("gallery/led-four", "gallery/monk-3", "gallery/sparse-parity")
SLOW = ("equality-12-bits",)


def names():
    """Yield the names of all specs; most of the larger ones are for another day."""
    for path in sorted([*SPECS.glob("*.circuit.yaml"), *SPECS.glob("gallery/*.circuit.yaml")]):
        name = path.relative_to(SPECS).as_posix().removesuffix(".circuit.yaml")
        slow = name in SLOW or (name.startswith("gallery/") and name not in QUICK)
        yield pytest.param(name, marks=pytest.mark.slow) if slow else name


@pytest.mark.parametrize("name", list(names()))
def test_score(name):
    report = mutate_spec(str(SPECS / f"{name}.circuit.yaml"))
    told = []
    for each in report.mutated:
        assert not each.count(Open)
        sample = f" (a sample of {each.total})" if each.total > len(each.fates) else ""
        mark = "*" if each.refuted else ""
        told.append(f"{each.claim.explanation.name}{mark} {each.killed}/{each.counted}{sample}")
    assert ", ".join(told) == TABLE[name]
    assert report.exit == Exit.OK


def test_every_spec_is_listed():
    every = [param if isinstance(param, str) else param.values[0] for param in names()]
    assert sorted(TABLE) == sorted(every)


def test_the_weak_claim_is_the_weakest():
    """Of those of which nothing is left out."""
    found = [
        (int(killed) / int(counted), name)
        for row in TABLE.values()
        for name, killed, counted in re.findall(r"(\w[\w-]*) (\d+)/(\d+)", row)
    ]
    (least, weak), (second, _), *_ = sorted(found)
    assert weak == "weak"
    assert least < 0.6 < 0.8 < second
    assert (1, "strong") in found
