"""Spec and the texts of an `eval` command → traces: the network and its explanations run on given inputs."""

from collections.abc import Sequence

from verifier.claim import Claim
from verifier.domain import Bits, Domain
from verifier.engine.replay import Trace, trace, trace_network
from verifier.errors import InputError, Problem
from verifier.explanation import Explanation
from verifier.network import Row
from verifier.notation import suggest
from verifier.readout import Threshold, Units, parse_direction
from verifier.spec import Entry, Spec
from verifier.verdict import Run, Setting
from verifier.write import Dependency, compile_write


def evaluate(
    spec: Spec,
    inputs: Sequence[str],
    explanation: str | None = None,
    bits: Sequence[str] = (),
    donors: Sequence[str] = (),
    shift: str | None = None,
) -> list[tuple[str, Domain, Run, Trace]]:
    """Return (name, domain, run, trace) of every chosen explanation on every input.

    Where the spec has no explanation the network is run alone, and the name is empty.

    Args:
        inputs: texts of n bits.
        bits: texts `name=0` or `name=1`: features set to a bit.
        donors: texts `name=01`: features set to what they hold at another input.
        shift: a direction such as `h1 - h3`, added to the activations of its layer.

    Raises:
        InputError: every argument that does not fit the spec.
    """
    arguments = _Arguments(spec)
    runs_x = [arguments.bits(text) for text in inputs]
    settings = [*arguments.settings(bits, donor=False), *arguments.settings(donors, donor=True)]
    arguments.once([name for name, _ in settings])
    entries = arguments.entries(explanation, [name for name, _ in settings])
    layers = [arguments.layer(entry.explanation, [name for name, _ in settings]) for entry in entries]
    for entry in entries:
        arguments.writable(entry.explanation, settings)
    direction = arguments.direction(shift)
    if arguments.problems:
        raise InputError(arguments.problems)
    if not spec.entries:
        about = spec.network, spec.domain, spec.decoding
        return [("", spec.domain, Run(x), trace_network(*about, x, direction)) for x in runs_x]
    return [
        (entry.explanation.name, spec.domain, run, trace(claim, run, direction))
        for entry, layer in zip(entries, layers, strict=True)
        for claim in [Claim(spec.network, spec.domain, spec.decoding, entry.explanation)]
        for run in [Run(x, tuple(settings), layer) for x in runs_x]
    ]


class _Arguments:
    """The texts of an `eval` command → values, every problem collected."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.problems: list[Problem] = []

    def _complain(self, message: str, hint: str = "") -> None:
        self.problems.append(Problem("E601", message, hint))

    def bits(self, text: str) -> Bits:
        """Return an input."""
        n = self.spec.domain.n
        if len(text) != n or set(text) - {"0", "1"}:
            order = ", ".join(self.spec.domain.inputs)
            got = f"{text}, which has {len(text)}" if len(text) != n else text
            self._complain(f"expected {n} digits 0 or 1, got {got}", f"one digit each for {order}")
        return tuple(bit == "1" for bit in text)

    def settings(self, texts: Sequence[str], donor: bool) -> list[tuple[str, Setting]]:
        """Return what features are set to."""
        found: list[tuple[str, Setting]] = []
        for text in texts:
            name, _, value = text.partition("=")
            if not donor and value not in ("0", "1"):
                self._complain(f"expected NAME=0 or NAME=1, got {text}")
            found.append((name, self.bits(value) if donor else value == "1"))
        return found

    def once(self, features: Sequence[str]) -> None:
        """Refuse features that are set twice."""
        for name in dict.fromkeys(features):
            if list(features).count(name) > 1:
                self._complain(f"{name} is set twice")

    def entries(self, explanation: str | None, features: Sequence[str]) -> list[Entry]:
        """Return the explanations that are meant."""
        named = {entry.explanation.name: entry for entry in self.spec.entries}
        if explanation is not None:
            if explanation not in named:
                self._complain(f"unknown explanation {explanation}", suggest(explanation, named))
            return [named[explanation]] if explanation in named else []
        chosen = [
            entry
            for entry in self.spec.entries
            if {f.name for f in entry.explanation.features}.issuperset(features)
        ]
        if not chosen and features:
            self._complain(f"no explanation has the features {', '.join(features)}")
        return chosen

    def layer(self, explanation: Explanation, features: Sequence[str]) -> int:
        """Return the layer the features are found at; 0 when none is set."""
        sites = {f.name: f.site for f in explanation.features}
        layers = set()
        for name in features:
            site = sites.get(name)
            if site is None:
                hint = suggest(name, [f for f, s in sites.items() if s is not None])
                self._complain(
                    f"{name} is not a feature of {explanation.name} that is found at a place", hint
                )
            else:
                layers.add(site.layer)
        if len(layers) > 1:
            self._complain("features of several layers cannot be set at once")
        return min(layers, default=0)

    def writable(self, explanation: Explanation, settings: Sequence[tuple[str, Setting]]) -> None:
        """Refuse bits for features whose values are not bits, and features that cannot be set apart."""
        for name, setting in settings:
            feature = next((f for f in explanation.features if f.name == name), None)
            if (
                isinstance(setting, bool)
                and feature is not None
                and isinstance(feature.site, Threshold | Units)
            ):
                read = "a comparison" if isinstance(feature.site, Threshold) else "no number"
                message = (
                    f"{name} of {explanation.name} is read by {read}, so it takes its value from an input"
                )
                self._complain(message, f"say --donor {name}=INPUT")
        if settings and not self.problems:
            layer = self.layer(explanation, [name for name, _ in settings])
            write = compile_write(self.spec.network, explanation, layer)
            if isinstance(write, Dependency):
                self._complain(f"the features cannot be set apart: {write}")

    def direction(self, text: str | None) -> tuple[int, Row] | None:
        """Return a shift."""
        if text is None:
            return None
        try:
            return parse_direction(text, self.spec.network)
        except InputError as error:
            self.problems += (problem.at("--add", None) for problem in error.problems)
            return None
