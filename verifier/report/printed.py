"""What the Python functions return → values that print as the reports of the command line.

The reports are imported when something is printed.
"""

from dataclasses import dataclass, fields

from verifier.claim import Claim
from verifier.engine.outcome import Checked, ExplanationReport, SpecReport, word
from verifier.engine.probe.outcome import ProbeReport
from verifier.engine.suggest.outcome import Suggestion
from verifier.engine.verify import Result
from verifier.notation import any_digits

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts of `check` on one explanation."""

    claim: Claim
    results: tuple[Result, ...]
    domain_size: int | None

    def __getitem__(self, check: str) -> Result:
        """Return the result of one check; KeyError when it was not run."""
        by_name: dict[str, Result] = {result.check: result for result in self.results}
        return by_name[check]

    @property
    def proved(self) -> bool:
        """Whether every check is proved; False covers refuted and unknown."""
        return bool(self.results) and all(word(result.verdict) == "proved" for result in self.results)

    def __repr__(self) -> str:
        from verifier.report.text import check_text

        checks = tuple(Checked(result, "proved") for result in self.results)
        report = SpecReport(
            "", domain_size=self.domain_size, explanations=(ExplanationReport(self.claim, checks),)
        )
        with any_digits():
            return check_text([report], WIDTH, False).strip()


@dataclass(frozen=True, slots=True, repr=False)
class Probing(ProbeReport):
    """What `probe` found out."""

    @classmethod
    def of(cls, found: ProbeReport) -> "Probing":
        """Return the same report."""
        return cls(*(getattr(found, field.name) for field in fields(found)))

    def __repr__(self) -> str:
        from verifier.report.probe import probe_text

        with any_digits():
            return probe_text(self, "", "", WIDTH, False).strip()


@dataclass(frozen=True, slots=True, repr=False)
class Suggested(Suggestion):
    """What `suggest` found."""

    @classmethod
    def of(cls, found: Suggestion) -> "Suggested":
        """Return the same suggestion."""
        return cls(*(getattr(found, field.name) for field in fields(found)))

    def __repr__(self) -> str:
        from verifier.report.suggestion import suggestion_text

        with any_digits():
            return suggestion_text(self, "", "", self.request.most, WIDTH, False).strip()
