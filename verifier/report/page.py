"""Lines and tables → one text of a given width, with or without colors."""

from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from verifier.visible import visible


class Page:
    """Collects renderables into one text; `color` decides whether it holds escape sequences.

    What lines hold is made visible, so that a text from outside stays in its line.
    """

    def __init__(self, width: int, color: bool) -> None:
        self._buffer = StringIO()
        self._console = Console(
            file=self._buffer,
            width=max(width, 60),
            force_terminal=color,
            no_color=not color,
            color_system="standard" if color else None,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def line(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """Add a line, wrapped under its indent."""
        text = Text.assemble(*map(_visible, parts))
        self._console.print(Padding(text, (0, 0, 0, indent)) if indent else text)

    def literal(self, text: str, indent: int) -> None:
        """Add a line that is never wrapped, so that it can be copied."""
        self._console.print(" " * indent + visible(text), soft_wrap=True)

    def table(self, table: Table, indent: int) -> None:
        """Add a table."""
        self._console.print(Padding(table, (0, 0, 0, indent)))

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self._buffer.getvalue().splitlines()) + "\n"


def _visible(part: str | tuple[str, str]) -> str | tuple[str, str]:
    return visible(part) if isinstance(part, str) else (visible(part[0]), part[1])
