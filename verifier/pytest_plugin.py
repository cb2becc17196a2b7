"""Spec files in a run of pytest → a test per check: the plugin that pytest finds by its entry point.

`pytest specs` collects `specs/xor.circuit.yaml::alice::interchange`, …, `specs/xor.circuit.yaml::enumerate`.
A test passes where `verifier check` of the same check alone returns 0. Where no spec file is collected,
nothing but this module is imported.
"""

import os
import shutil
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from verifier.engine.options import Options
    from verifier.engine.outcome import SpecReport
    from verifier.errors import Position
    from verifier.report.cases import Case
    from verifier.run.check_specs import Part, Prepared
    from verifier.spec import Entry, Spec

ALLOW_UNKNOWN = "verifier_allow_unknown"
INDENT = "    "
OPTIONS = {
    "method": "how to decide, as `verifier check --method`",
    "timeout": "seconds that each check may take",
    "rlimit": "Z3 resources per query, the same on every machine",
    "node-limit": "nodes of decision diagrams per check",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; what they do not say, the environment, the spec or pyproject.toml may."""
    group = parser.getgroup("verifier", "claims about networks in *.circuit.yaml")
    meaning = "report a check that is neither proved nor refuted as xfailed, not as failed"
    group.addoption("--verifier-allow-unknown", dest=ALLOW_UNKNOWN, action="store_true", help=meaning)
    for name, told in OPTIONS.items():
        group.addoption(f"--verifier-{name}", dest=_variable(name), metavar=name.upper(), help=told)
    parser.addini(ALLOW_UNKNOWN, meaning, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that all our tests carry."""
    config.addinivalue_line("markers", "verifier: a check of a spec file, *.circuit.yaml")


def pytest_report_header(config: pytest.Config) -> str:
    """Return whether an undecided check fails."""
    return f"verifier: a check that is not decided {'is xfailed' if _allowed(config) else 'fails'}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SpecFile | None":
    """Return the collector of a spec file, None for another file."""
    from verifier.run.find_specs import SUFFIXES, in_a_loop

    if not file_path.name.endswith(SUFFIXES):
        return None
    if in_a_loop(file_path) and not parent.session.isinitpath(file_path):
        return None  # pytest follows links to folders round and round
    return SpecFile.from_parent(parent, path=file_path)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Collect links to nothing, too, where they are named as specs: pytest passes over what is no file."""
    from verifier.run.find_specs import SUFFIXES

    report = yield
    if isinstance(collector, pytest.Directory) and report.passed:
        for entry in os.scandir(collector.path):
            if entry.name.endswith(SUFFIXES) and not os.path.isfile(entry) and not os.path.isdir(entry):
                path = Path(entry.path)
                if not collector.ihook.pytest_ignore_collect(collection_path=path, config=collector.config):
                    report.result.append(SpecFile.from_parent(collector, path=path))
    return report


class SpecFile(pytest.File):
    """A spec file; one that cannot be read or has nothing to check is an error of collecting.

    While its tests run, `prepared` holds the network, prepared once for all of them.
    """

    spec: "Spec"
    options: "Options"
    prepared: "Prepared"

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield the explanations, and the list of all explanations if something is expected of it."""
        from verifier.errors import InputError
        from verifier.notation import any_digits
        from verifier.report.cases import ENUMERATE, place_of, spec_cases
        from verifier.run.check_run import nothing_in
        from verifier.run.check_specs import Part, loaded

        path = _shown(self.path)
        with any_digits():
            whole = loaded(path)
            if not isinstance(whole, Part):
                raise self.CollectError("\n".join(map(_told, spec_cases(whole))))
            try:
                self.options = _options(self.config)
            except InputError as error:
                raise self.CollectError(str(error)) from None
        if not whole.entries and not whole.listed:
            raise self.CollectError(nothing_in([path]))
        self.spec = whole.spec
        for entry in whole.entries:
            yield ExplanationNode.from_parent(self, name=entry.explanation.name, entry=entry)
        if whole.listed:
            part, place = Part(whole.spec, (), True), place_of(whole.spec.positions, ENUMERATE)
            yield CheckItem.from_parent(self, name=ENUMERATE, part=part, position=place)

    def setup(self) -> None:
        """Get ready to prepare the network, when the first check asks for it."""
        from verifier.run.check_specs import Prepared

        self.prepared = Prepared(self.spec, self.options)

    def teardown(self) -> None:
        """Let go of the network."""
        del self.prepared


class ExplanationNode(pytest.Collector):
    """An explanation of a spec."""

    def __init__(self, *, entry: "Entry", **rest: Any) -> None:
        super().__init__(**rest)
        self.entry = entry

    def collect(self) -> Iterator["CheckItem"]:
        """Yield its checks."""
        from verifier.report.cases import place_of
        from verifier.run.check_specs import Part

        spec = _file_of(self).spec
        for check in self.entry.checks:
            part = Part(spec, (replace(self.entry, checks=(check,)),), False)
            place = place_of(spec.positions, f"explanations.{self.name}", check[0])
            yield CheckItem.from_parent(self, name=check[0], part=part, position=place)


class CheckItem(pytest.Item):
    """One check of one explanation, or the list of all explanations."""

    def __init__(self, *, part: "Part", position: "Position | None", **rest: Any) -> None:
        super().__init__(**rest)
        self.part, self.position = part, position
        self.add_marker("verifier")

    def runtest(self) -> None:
        """Pass if the check is decided, and as expected.

        Raises:
            OtherwiseError: it is not.
        """
        from verifier.engine.outcome import Exit
        from verifier.notation import any_digits
        from verifier.report.cases import WIDTH, spec_cases

        with any_digits():
            report = _file_of(self).prepared.report(self.part)
            self.user_properties += [("spec", self.place), *_properties(report)]
            if report.interrupted:
                raise KeyboardInterrupt
            if report.exit == Exit.OK:
                return
            columns = shutil.get_terminal_size((WIDTH, 24)).columns
            found = spec_cases(report, min(columns, WIDTH) - len(INDENT))
            error = OtherwiseError([self._shortened(case) for case in found if case.exit != Exit.OK])
        if report.exit == Exit.UNDECIDED and not _refuted(report) and _allowed(self.config):
            pytest.xfail(error.message)  # returns under --runxfail
        raise error

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what was found, placed in the spec; of anything unforeseen the traceback."""
        if not isinstance(excinfo.value, OtherwiseError):
            return super().repr_failure(excinfo, style)
        shown = excinfo.getrepr(style="value", chain=False)
        if shown.reprcrash is not None:  # what the short summary shows, and junit as `message`
            path, line, _ = self.reportinfo()
            shown.reprcrash.path, shown.reprcrash.lineno = str(path), line + 1
            shown.reprcrash.message = excinfo.value.message
        if self.config.getoption("tbstyle", "auto") == "line":  # pytest adds the line itself
            shown.reprtraceback.reprentries = []
        return shown

    def _shortened(self, case: "Case") -> "Case":
        """Return a case, without its details under `--tb=short`."""
        return replace(case, details="") if self.config.getoption("tbstyle", "auto") == "short" else case

    @property
    def place(self) -> str:
        """The file and the line of what the spec expects."""
        path, line, _ = self.reportinfo()
        return f"{_shown(path)}:{line + 1}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return file, line counted from 0, and headline."""
        _, _, names = self.nodeid.partition("::")
        return self.path, self.position.line - 1 if self.position else 0, names


class OtherwiseError(Exception):
    """A check that is not decided as expected; its text is what there is to show of it."""

    def __init__(self, cases: list["Case"]) -> None:
        self.message = "; ".join(case.message for case in cases)
        super().__init__("\n".join(map(_told, cases)))


def _told(case: "Case") -> str:
    """Return a case as lines of text: place and sentence, details, commands."""
    from verifier.visible import visible

    place = f":{case.position.line}:{case.position.column}" if case.position else ""
    lines = [f"{visible(case.path)}{place}: {case.name} {case.message}"]
    lines += [f"{INDENT}{line}".rstrip() for line in case.details.splitlines()]
    lines += [f"{INDENT}see: {command}" for command in case.commands]
    return "\n".join(lines)


def _refuted(report: "SpecReport") -> bool:
    """Return whether a check is refuted: where a share is expected that was not counted, it is undecided."""
    from verifier.verdict import Refuted

    checks = (checked for explanation in report.explanations for checked in explanation.checks)
    return any(isinstance(checked.result.verdict, Refuted) for checked in checks)


def _properties(report: "SpecReport") -> Iterator[tuple[str, str]]:
    """Yield what is worth keeping beside the outcome, for junit's `properties` among others."""
    from verifier.engine.outcome import word
    from verifier.verdict import Proved

    if report.domain_size is not None:
        yield "domain_size", str(report.domain_size)
    for explanation in report.explanations:
        for checked in explanation.checks:
            result = checked.result
            yield "verdict", word(result.verdict)
            yield "expected", str(checked.expected)
            if isinstance(result.verdict, Proved):
                yield "rests_on", result.verdict.rests_on
            if result.share is not None:
                yield "share", str(result.share)
    if report.listing is not None:
        statement = report.listing.listing.statement
        yield "complete", str(statement.complete).lower()
        yield "count", str(statement.count)
        yield "rests_on", statement.rests_on


def _file_of(node: pytest.Item | pytest.Collector) -> SpecFile:
    file = node.getparent(SpecFile)
    assert file is not None
    return file


def _variable(option: str) -> str:
    return f"VERIFIER_{option.upper().replace('-', '_')}"


def _options(config: pytest.Config) -> "Options":
    """Return how to check: by our options, which stand for variables of the environment.

    Raises:
        InputError: settings that cannot be understood.
    """
    from verifier.errors import InputError
    from verifier.run.settings import read_settings

    given = {_variable(name): config.getoption(_variable(name)) for name in OPTIONS}
    said = {variable: text for variable, text in given.items() if text is not None}
    try:
        return read_settings(config.rootpath, {**os.environ, **said}).options()
    except InputError as error:
        named = {_variable(name): f"--verifier-{name}" for name in OPTIONS if _variable(name) in said}
        raise InputError(replace(p, path=named.get(p.path, p.path)) for p in error.problems) from None


def _allowed(config: pytest.Config) -> bool:
    return bool(config.getoption(ALLOW_UNKNOWN) or config.getini(ALLOW_UNKNOWN))


def _shown(path: Path) -> str:
    """Return a path as seen from the working directory, if it is below it."""
    folder = Path.cwd()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
