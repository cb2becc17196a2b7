"""What the Python functions return → values that print as the reports of the command line.

The reports are imported when something is printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import chain

from verifier.claim import Claim
from verifier.engine.enumeration.describe import Describer
from verifier.engine.enumeration.listing import Found, Listing, Statement
from verifier.engine.outcome import Checked, ExplanationReport, SpecReport, word
from verifier.engine.probe.outcome import ProbeReport
from verifier.engine.suggest.outcome import Suggestion
from verifier.engine.verify import Result
from verifier.errors import input_error
from verifier.explanation import Explanation
from verifier.notation import any_digits
from verifier.verdict import UndecidedError

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


class Explanations:
    """What `enumerate_explanations` found: an iterator over the explanations, and last the statement."""

    def __init__(self, listing: Listing) -> None:
        self._stage = listing.stage
        self._left: Iterator[Found | Statement] = chain(listing, [listing.statement])

    def __iter__(self) -> Iterator[Found | Statement]:
        return self

    def __next__(self) -> Found | Statement:
        return next(self._left)

    def explanation(self, found: Found, name: str = "found") -> Explanation:
        """Return one of them with the shortest formulas, as `check` takes it.

        Without interchange it has no outputs.

        Raises:
            InputError: E601, the inputs are too many to tell formulas.
        """
        assert self._stage is not None  # or there is none of them
        try:
            return Describer(self._stage).explanation(found, name)
        except UndecidedError as error:
            raise input_error("E601", str(error)) from None
