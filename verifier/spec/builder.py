"""Opening, closing and scalar marks → nodes: the half of reading that YAML and JSON share."""

from dataclasses import dataclass, field

from verifier.errors import Position
from verifier.spec.nodes import Faulty, Mapping, Node, Scalar, Sequence
from verifier.spec.problems import Problems

MAX_DEPTH = 64


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen; the children of a mapping are key, value, key, value, …"""

    position: Position
    mapping: bool
    flow: bool
    sound: bool
    children: list[Node] = field(default_factory=list)


class Builder:
    """Builds the tree; `root` is the first finished node that is in no other."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.root: Node | None = None
        self._stack: list[_Open] = []

    def open(self, position: Position, *, mapping: bool, flow: bool, sound: bool = True) -> None:
        """Begin a list or a mapping; one that is not sound becomes faulty when it closes.

        Raises:
            InputError: nested too deep.
        """
        if len(self._stack) >= MAX_DEPTH:
            self.problems.add("E101", f"expected nesting of at most {MAX_DEPTH} levels", position)
            raise self.problems.error()
        self._stack.append(_Open(position, mapping, flow, sound))

    def add(self, node: Node) -> None:
        """Add a finished node to the innermost open collection."""
        if not self._stack:
            self.root = node
            return
        children, mapping = self._stack[-1].children, self._stack[-1].mapping
        if mapping and len(children) % 2 and isinstance(node, Scalar) and node.plain and not node.text:
            node = Scalar("", children[-1].position)  # a value left out has no place of its own
        children.append(node)

    def close(self) -> None:
        """End the innermost open collection."""
        done = self._stack.pop()
        if not (done.sound and self._undivided(done)):
            self.add(Faulty(done.position))
        elif done.mapping:
            self.add(Mapping(self._items(done.children), done.position))
        else:
            self.add(Sequence(tuple(done.children), done.position))

    def _undivided(self, done: _Open) -> bool:
        """Report a plain text with parentheses that the commas of a flow collection have cut in pieces."""
        pieces = [node for node in done.children if isinstance(node, Scalar) and node.plain and node.text]
        for start, piece in enumerate(pieces):
            opened, text = _unclosed(piece.text), piece.text
            if not (done.flow and opened):
                continue
            for following in pieces[start + 1 :]:
                if opened <= 0:
                    break
                opened += _unclosed(following.text)
                text += f", {following.text}"
            message = f"YAML ends the text {piece.text} here, at the comma or bracket"
            self.problems.add("E106", message, piece.position, f'put it in quotes: "{text}"')
            return False
        return True

    def _items(self, children: list[Node]) -> dict[str, tuple[Scalar, Node]]:
        items: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            match key:
                case Scalar(text) if text in items:
                    first = items[text][0].position.line
                    self.problems.add("E105", f"duplicate key {text}, first on line {first}", key.position)
                case Scalar("<<", plain=True):
                    hint = "write the keys out: a spec shares nothing between mappings"
                    self.problems.add("E106", "YAML reads << as a merge of mappings", key.position, hint)
                case Scalar(text):
                    items[text] = key, value
                case Mapping() | Sequence():
                    hint = "put a text with brackets or braces in quotes"
                    self.problems.add("E104", "expected a key, got a list or mapping", key.position, hint)
                case Faulty():
                    pass
        return items


def _unclosed(text: str) -> int:
    return text.count("(") - text.count(")")
