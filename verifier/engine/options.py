"""How to check: the method, and what one check may spend, as far as somebody said so."""

from dataclasses import dataclass, fields, replace
from typing import Literal

Choice = Literal["auto", "table", "bdd", "smt", "arb", "all"]
CHOICES: tuple[Choice, ...] = ("auto", "table", "bdd", "smt", "arb", "all")


@dataclass(frozen=True, slots=True)
class Options:
    """The method, and limits of one check: seconds, solver resources, diagram nodes; None: not said.

    They decide how a verdict is reached and whether it is: a limit can make one unknown, never another one.
    `otherwise` is what holds where neither these nor a spec say anything. `why` asks, besides, for the facts
    that each proved check follows from.
    """

    method: Choice | None = None
    timeout_s: float | None = None
    rlimit: int | None = None
    nodes: int | None = None
    otherwise: "Options | None" = None
    why: bool | None = None

    def over(self, other: "Options") -> "Options":
        """Return what is said here, and of the rest what the other says.

        >>> Options("table").over(Options("smt", rlimit=9))
        Options(method='table', timeout_s=None, rlimit=9, nodes=None, otherwise=None, why=None)
        """
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return Options(**{k: getattr(other, k) if v is None else v for k, v in said.items()})

    def with_spec(self, spec: "Options") -> "Options":
        """Return what holds for a spec that says something itself."""
        said = replace(self, otherwise=None).over(spec)
        return said.over(self.otherwise) if self.otherwise is not None else said


SILENT = Options()
