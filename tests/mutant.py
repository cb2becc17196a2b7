"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One piece of text exchanged; `old` occurs exactly once in the files of that pattern.

    A `slow` one is planted when the slow tests run.
    """

    name: str
    files: str
    old: str
    new: str
    killers: tuple[str, ...]
    slow: bool = False
