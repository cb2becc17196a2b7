"""Complaints about one file → one `InputError`: collected, located in the file, sorted by place."""

from collections.abc import Callable
from typing import TypeVar

from verifier.errors import InputError, Position, Problem
from verifier.spec.nodes import Node, Scalar

T = TypeVar("T")


class Problems:
    """What is wrong with the file `path`, as far as it has been read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, code: str, message: str, position: Position | None, hint: str = "") -> None:
        """Collect one complaint about this file."""
        self._found.append(Problem(code, message, hint, self.path, position))

    def locate(self, error: InputError, node: Node) -> None:
        """Collect complaints about the text of a node; those about another file stay where they are."""
        for problem in error.problems:
            place = node.place(problem.position) if isinstance(node, Scalar) else node.position
            self._found.append(problem if problem.path else problem.at(self.path, place))

    def attempt(self, node: Node, read: Callable[[], T]) -> T | None:
        """Return what `read` makes of a node, or None with its complaints collected."""
        try:
            return read()
        except InputError as error:
            self.locate(error, node)
            return None

    def error(self) -> InputError:
        """Return everything collected, in the order of the file; other files come last."""
        return InputError(sorted(self._found, key=self._place))

    def _place(self, problem: Problem) -> tuple[bool, str, int, int]:
        position = problem.position or Position(0, 0)
        return problem.path != self.path, problem.path, position.line, position.column
