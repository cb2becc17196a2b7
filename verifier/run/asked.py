"""What options ask for besides a network → the keys of a spec that say it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from verifier.errors import InputError, Problem, input_error
from verifier.notation import NAME
from verifier.spec import scalars
from verifier.spec.data import Data
from verifier.spec.nodes_to_rows import column_of, read_data
from verifier.spec.write import Plain, seen_from, written_inputs

T = TypeVar("T")

COMMA = re.compile(r",(?![^()]*\))")
_GROUP = re.compile(r"\{?\s*(\w+)\s*:\s*(one_hot\(.*\))\s*\}?", re.ASCII)
_NAMED = re.compile(rf"\s*({NAME})\s*:\s*(\S.*)")
_THRESHOLD = re.compile(rf"\s*({NAME})\s*[=:]\s*(\S.*)")

#: What a hint tells to write into a spec, and the option that writes it.
_OPTIONS = (
    ("encoding: [-1, 1]", "--encoding=-1,1"),
    ("thresholds: {", "--threshold 'NAME = COLUMN > NUMBER'"),
    ("duplicates: merge", "--merge"),
    ("ignore: [TENSOR]", "verifier import --ignore-tensors TENSOR"),
    ("ignore: [", "--ignore COLUMN"),
    ("activations: [", "--activations A,B"),
    ("inputs: [{", "--inputs 'NAME: one_hot(VALUE, VALUE)'"),
    ("output: {", "--output 'NAME: FORM'"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a spec says besides the network: the keys of `rows` and of the domain, `output`, and claims.

    `ignore` is `("rest",)` for whatever is not used. A threshold is `NAME = COLUMN > NUMBER`; an output is
    a form, or `NAME: FORM`; a claim is one feature, `NAME: GATE @ SITE`, and all of them are one explanation.
    """

    rows: str = ""
    ignore: tuple[str, ...] = ()
    label: str = ""
    merge: bool = False
    thresholds: tuple[str, ...] = ()
    encoding: str = ""
    where: str = ""
    inputs: str = ""
    outputs: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()

    def document(self, n_inputs: int, network: Plain, output: str | None, folder: Path) -> dict[str, Plain]:
        """Return the keys of a spec, to be written to `folder`, about a network that takes so many inputs.

        Args:
            network: what stands under `network`.
            output: the decoding, unless one is asked for.

        Raises:
            InputError: E601 for what cannot be understood, E402 for the columns of the data file.
        """
        if not self.rows and (self.ignore or self.merge or self.thresholds or self.label):
            hint = "name it:  --rows FILE.csv"
            raise input_error("E601", "columns and rows are those of a data file, which is missing", hint)
        cuts, encoding = self._thresholds(), self._encoding() if self.encoding else []
        chosen = self._output() if self.outputs else output or ""
        return {
            "inputs": self._inputs(n_inputs, cuts),
            **({"encoding": encoding} if encoding else {}),
            **({"where": self.where} if self.where else {}),
            **({"rows": self._rows(folder)} if self.rows else {}),
            **({"thresholds": cuts} if cuts else {}),
            "network": network,
            "output": chosen,
            **({"explanations": {"claim": {"circuit": _circuit(self.claims)}}} if self.claims else {}),
        }

    def _thresholds(self) -> dict[str, str]:
        cuts: dict[str, str] = {}
        for text in self.thresholds:
            match = _THRESHOLD.fullmatch(text)
            if match is None or match[1] in cuts:
                message = f"expected NAME = COLUMN > NUMBER, each NAME once, got --threshold {text!r}"
                raise input_error("E601", message)
            understood("--threshold", match[2], scalars.cut)
            cuts[match[1]] = match[2].strip()
        return cuts

    def _encoding(self) -> list[Plain]:
        numbers = [number.strip() for number in self.encoding.strip("[] ").split(",")]
        if len(numbers) != 2:
            message = f"expected two numbers, for bit 0 and bit 1, got --encoding {self.encoding}"
            raise input_error("E601", message, "such as  --encoding=-1,1")
        return list(numbers)

    def _inputs(self, n_inputs: int, cuts: Mapping[str, str]) -> list[Plain]:
        """Return the inputs: those asked for, else one per column and threshold, else x1..xn."""
        if self.inputs:
            return [_input(item.strip()) for item in COMMA.split(self.inputs)]
        data = read_data(Path(self.rows))[0] if self.rows else None
        if data is None or not data.named:
            return written_inputs([f"x{i + 1}" for i in range(n_inputs)])
        names = self._columns(data, cuts)
        if len(names) != n_inputs:
            some = f"{len(names)} column{'' if len(names) == 1 else 's'}"
            message = f"{self.rows} has {some} that may be inputs, the network takes {n_inputs}"
            names_all = ", ".join(data.names)
            groups = "say which hold values:  --inputs 'a, color: one_hot(red, blue)'"
            hint = f"columns: {names_all}; --ignore some, --label one, --threshold others, or {groups}"
            raise input_error("E402", message, hint)
        unfit = [name for name in names if not re.fullmatch(NAME, name)]
        if unfit:
            hint = "rename it: a letter or _, then letters, digits or _; or cut it:  --threshold"
            raise input_error("E402", f"column {unfit[0]!r} of {self.rows} is no name of an input", hint)
        return written_inputs(names)

    def _columns(self, data: Data, cuts: Mapping[str, str]) -> list[str]:
        """Return the inputs in the order of the columns, in place of one that is cut all its thresholds."""
        made: dict[str, list[str]] = {}
        for name, text in cuts.items():
            made.setdefault(column_of(scalars.cut(text)[0], data, "E403"), []).append(name)
        left_out = {column_of(name, data, "E402") for name in (*self._ignored(), *filter(None, [self.label]))}
        rest = self.ignore == ("rest",)
        columns = [column for column in data.names if column in made or not (rest or column in left_out)]
        return [name for column in columns for name in made.get(column, [column])]

    def _ignored(self) -> tuple[str, ...]:
        if self.ignore == ("rest",):
            return ()
        if "rest" in self.ignore:
            raise input_error("E601", "--ignore rest leaves out all that is not used: name nothing besides")
        return self.ignore

    def _rows(self, folder: Path) -> Plain:
        file = seen_from(self.rows, folder)
        ignored = self._ignored()
        options: dict[str, Plain] = {"ignore": list(ignored)} if ignored else {}
        options |= {"ignore": "rest"} if self.ignore and not ignored else {}
        options |= {"label": self.label} if self.label else {}
        options |= {"duplicates": "merge"} if self.merge else {}
        return {"file": file, **options} if options else file

    def _output(self) -> Plain:
        """Return one form, a list of them, or forms by name."""
        named = [match for text in self.outputs if (match := _NAMED.fullmatch(text))]
        if not named:
            return self.outputs[0] if len(self.outputs) == 1 else list(self.outputs)
        by_name = {match[1]: match[2].strip() for match in named}
        if len(by_name) < len(self.outputs):
            message = f"expected NAME: FORM of every output, each NAME once, got {', '.join(self.outputs)}"
            raise input_error("E601", message)
        return by_name


def in_options(error: InputError) -> InputError:
    """Return problems whose hints name the options that write what they tell to write into a spec."""
    return InputError(map(_in_options, error.problems))


def _in_options(problem: Problem) -> Problem:
    options = [option for key, option in _OPTIONS if key in problem.hint]
    return replace(problem, hint=f"{problem.hint}; here:  {options[0]}") if options else problem


def _input(item: str) -> Plain:
    """Return a name, a range of names or a one-hot group."""
    group, hint = _GROUP.fullmatch(item), "such as  --inputs 'a, x1..x3, color: one_hot(red, green)'"
    if group is None:
        understood("--inputs", item, scalars.names, hint)
        return item
    understood("--inputs", group[2], scalars.one_hot, hint)
    return {group[1]: group[2]}


def understood(option: str, text: str, read: Callable[[str], T], hint: str = "") -> T:
    """Return what the text of an option, or a part of it, is read as.

    Raises:
        InputError: E601.
    """
    try:
        return read(text)
    except ValueError as error:
        raise input_error("E601", f"expected {error} as {option}, got {text}", hint) from None


def _circuit(claims: Sequence[str]) -> Mapping[str, Plain]:
    circuit: dict[str, Plain] = {}
    for claim in claims:
        name, colon, feature = claim.partition(":")
        if not colon or name.strip() in circuit:
            raise input_error("E601", f"expected NAME: GATE @ SITE, each NAME once, got --claim {claim!r}")
        circuit[name.strip()] = feature.strip()
    return circuit
