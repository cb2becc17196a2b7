"""Scalars, sequences and mappings of a file, each with its place: what YAML and JSON are both read into."""

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.errors import Position


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as it was written; `plain` unless quoted or a block.

    `lead` is how many columns after `position` the text starts, None where its columns are not the file's.
    """

    text: str
    position: Position
    plain: bool = True
    lead: int | None = 0

    def place(self, inside: Position | None) -> Position:
        """Return the place in the file of a place in the text."""
        if inside is None or self.lead is None:
            return self.position
        return Position(self.position.line, self.position.column + self.lead + inside.column - 1)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys, in order, with their values; the keys are scalars, all different."""

    items: dict[str, tuple[Scalar, "Node"]]
    position: Position

    def get(self, key: str) -> "Node | None":
        """Return the value of a key, None if there is none or it is faulty."""
        node = self.items[key][1] if key in self.items else None
        return None if isinstance(node, Faulty) else node

    def scalar(self, key: str) -> Scalar | None:
        """Return the value of a key if it is a scalar."""
        node = self.get(key)
        return node if isinstance(node, Scalar) else None

    def sequence(self, key: str) -> Sequence | None:
        """Return the value of a key if it is a sequence."""
        node = self.get(key)
        return node if isinstance(node, Sequence) else None

    def mapping(self, key: str) -> "Mapping | None":
        """Return the value of a key if it is a mapping."""
        node = self.get(key)
        return node if isinstance(node, Mapping) else None

    @property
    def sound(self) -> bool:
        """Whether no value is faulty."""
        return not any(isinstance(node, Faulty) for _, node in self.items.values())


@dataclass(frozen=True, slots=True)
class Faulty:
    """A node about which a problem has been reported: whoever depends on it stays silent."""

    position: Position


Node = Scalar | Sequence | Mapping | Faulty


def scalars(sequence: Sequence | None) -> list[Scalar]:
    """Return the items of a sequence of scalars; of none: none."""
    return [item for item in (sequence.items if sequence else ()) if isinstance(item, Scalar)]


def positions(node: Node, path: str = "") -> Iterator[tuple[str, Position]]:
    """Yield dotted path and place of every key, and of every item that is itself a list or a mapping."""
    dot = f"{path}." if path else ""
    match node:
        case Mapping(items):
            for name, (key, value) in items.items():
                yield f"{dot}{name}", key.position
                yield from positions(value, f"{dot}{name}")
        case Sequence(children):
            for i, child in enumerate(children):
                if not isinstance(child, Scalar):
                    yield f"{dot}{i}", child.position
                    yield from positions(child, f"{dot}{i}")
        case Scalar() | Faulty():
            pass
