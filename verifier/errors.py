"""Bad input and broken invariants → exceptions that carry their exit code.

A false claim is a return value (a *refuted* verdict), never an exception. What is raised here is malformed
input (exit 2), nothing to check (exit 5) or a defect of ours (exit 4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from verifier.visible import visible

#: Complaints about rows of data, with one hint, that are told before their number is.
MOST_ALIKE, ROWS = 5, ("E402", "E403")

#: Stable code → what it means. Codes are never reused.
CODES = {
    "E101": "the file cannot be read as YAML or JSON",
    "E102": "unknown key",
    "E103": "missing key",
    "E104": "a value of the wrong type or range",
    "E105": "duplicate key or name",
    "E106": "YAML would read this as something else than was meant",
    "E107": "unsupported version of the format of a spec or a lock",
    "E108": "the file cannot be opened",
    "E201": "formula syntax",
    "E202": "unknown name in a formula",
    "E203": "wrong arguments of a gate",
    "E204": "readout syntax",
    "E205": "unknown unit",
    "E206": "a readout that mixes layers",
    "E301": "shapes of weights, bias and layers do not fit",
    "E302": "a network this version cannot read",
    "E303": "an activation that lacks or refuses a parameter",
    "E304": "a tie: a step or sign unit with z = 0 on an input of the domain",
    "E305": "an output that is undecided on an input of the domain: a tie, or no bit",
    "E306": "a file of weights that is damaged or unsafe, or does not hold what is asked of it",
    "E401": "the domain is empty",
    "E402": "a data file of rows that cannot be used",
    "E403": "a threshold that does not fit its column",
    "E501": "an output of the network is not among the features",
    "E502": "a write that does not set what it claims to set",
    "E503": "a check that has nothing to check",
    "E504": "a feature that is found before a feature it depends on",
    "E505": "an expectation about a check that is not run",
    "E506": "a feature that is none of those a space lists",
    "E601": "an argument that cannot be understood",
    "E701": "a certificate that does not belong to the query, or does not hold",
}


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text: 1-based line and column."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about an input: code, message, where, and what to write instead."""

    code: str
    message: str
    hint: str = ""
    path: str = ""
    position: Position | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise InternalError(f"unregistered error code {self.code}")

    def at(self, path: str, position: Position | None) -> "Problem":
        """Return the same complaint, located."""
        return replace(self, path=path, position=position)

    def shifted(self, columns: int) -> "Problem":
        """Return the same complaint, that many columns further right."""
        if self.position is None:
            return self
        return replace(self, position=Position(self.position.line, self.position.column + columns))

    def __str__(self) -> str:
        return f"{self.told}\n    hint: {visible(self.hint)}" if self.hint else self.told

    @property
    def told(self) -> str:
        """The complaint without its hint, on one line, nothing in it hidden."""
        where = self.path
        if self.position is not None:
            place = f"{self.position.line}:{self.position.column}"
            where = f"{where}:{place}" if where else f"column {self.position.column}"
        return visible(f"{where}: {self.code} {self.message}" if where else f"{self.code} {self.message}")


def listed(problems: Iterable[Problem]) -> str:
    """Return complaints one below the other, a shared hint once; of rows of data the first few."""
    lines: list[str] = []
    for (hint, code), run in groupby(problems, lambda problem: (problem.hint, problem.code)):
        alike = list(run)
        some = alike[:MOST_ALIKE] if hint and code in ROWS else alike
        lines += [problem.told for problem in some]
        if len(alike) > len(some):
            lines.append(f"    and {len(alike) - len(some)} more like this")
        if hint:
            shared = f" for these {len(alike)}" if len(alike) > 1 else ""
            lines.append(f"    hint{shared}: {visible(hint)}")
    return "\n".join(lines)


class VerifierError(Exception):
    """Anything raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 4


class InputError(VerifierError):
    """Malformed input: every problem found, at once."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise InternalError("an InputError without a problem")
        super().__init__(listed(self.problems))

    def __reduce__(self) -> tuple[type, tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class NothingToCheckError(VerifierError):
    """The request is well-formed and empty: no spec, no explanation, no obligation."""

    exit_code = 5


class InternalError(VerifierError):
    """A defect of this program: a replay that fails, or two methods that disagree."""

    exit_code = 4


def input_error(code: str, message: str, hint: str = "") -> InputError:
    """Return the error for one problem whose place is not known yet."""
    return InputError([Problem(code, message, hint)])
