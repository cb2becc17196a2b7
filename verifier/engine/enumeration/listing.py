"""Explanations found → listing: canonical order, classes up to polarity, and what the list rests on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from verifier.arrays import Array
from verifier.certificate import parse_feature, show_feature
from verifier.engine.enumeration.stage import Readout, Stage

Basis = Literal["z3", "algebra"]


@dataclass(frozen=True, slots=True)
class Found:
    """One explanation: its readouts as certificates write them, in order, and a truth table per output."""

    features: tuple[str, ...]
    output: tuple[str, ...]

    @property
    def readouts(self) -> tuple[Readout, ...]:
        """The (row, offset) pairs."""
        return tuple(map(parse_feature, self.features))


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said about a list: it is complete, or holds at least so many, and why no more can be said.

    `classes` counts up to complementing features. `bound_binding` says whether explanations exist outside
    the bounds on the coefficients (None: not known). `rests_on` is empty when nothing is claimed. With
    `kernel` > 0 and unbounded coefficients, sets of functions are listed: readouts differ by a lattice of
    that rank.
    """

    count: int
    classes: int
    complete: bool
    rests_on: str
    bound_binding: bool | None = None
    reason: str = ""
    kernel: int = 0

    def __str__(self) -> str:
        least = "" if self.complete else "at least "
        explanations = f"{self.count} explanation{'' if self.count == 1 else 's'}"
        return f"{least}{explanations} in {least}{self.classes} class{'' if self.classes == 1 else 'es'}"


@dataclass(frozen=True)
class Listing:
    """Explanations in canonical order: by the number of features, then by their readouts.

    `groups` holds the number of each one's class. `stage` is None when nothing could be prepared. `cubes` are
    the cubes Z3 has closed, each with all its readouts (rows of integers, ascending).
    """

    items: tuple[Found, ...]
    groups: tuple[int, ...]
    statement: Statement
    stage: Stage | None
    cubes: Sequence[tuple[tuple[int, ...], Array]] = ()

    def __iter__(self) -> Iterator[Found]:
        return iter(self.items)


@dataclass
class Order:
    """The order of readouts and their classes, each text parsed once."""

    _readouts: dict[str, Readout] = field(default_factory=dict)
    _complements: dict[str, str] = field(default_factory=dict)

    def readout(self, text: str) -> Readout:
        """Return the readout a text means."""
        found = self._readouts.get(text)
        if found is None:
            found = self._readouts[text] = parse_feature(text)
        return found

    def ranked(self, items: Iterable[Found]) -> list[Found]:
        """Return explanations in canonical order."""
        items = list(items)
        texts = {text for item in items for text in item.features}
        rank = {text: i for i, text in enumerate(sorted(texts, key=self.readout))}
        return sorted(items, key=lambda item: (len(item.features), [rank[text] for text in item.features]))

    def group(self, item: Found) -> frozenset[str]:
        """Return what all explanations of one class up to polarity have in common."""
        return frozenset(map(self._unsigned, item.features))

    def _unsigned(self, text: str) -> str:
        found = self._complements.get(text)
        if found is None:
            row, offset = self.readout(text)
            found = self._complements[text] = min(text, show_feature(tuple(-c for c in row), 1 - offset))
        return found

    def groups(self, items: Sequence[Found]) -> tuple[int, ...]:
        """Return the number of each explanation's class, counted from 1 in order of appearance."""
        numbers: dict[frozenset[str], int] = {}
        return tuple(numbers.setdefault(self.group(item), len(numbers) + 1) for item in items)
