"""The table method where there are more cases than it will list."""

import pytest

from verifier import Explanation, Layer, Network, Proved, Refuted, Unknown, check
from verifier.engine.methods import ByTable

N = 9
WEIGHTS = [2**i for i in reversed(range(N))]
NETWORK = Network(
    [
        Layer.of("h", [WEIGHTS, list(reversed(WEIGHTS))], None, "identity"),
        Layer.of("y", [[1, 0]], ["-511/2"]),
    ]
)


def explanation(gate: str) -> Explanation:
    """Two comparisons of 512 values each: 512^3 cases of an input and two donors."""
    circuit = {"a": "x1 @ h1 > 511/2", "b": f"x{N} @ h2 > 511/2", "y": gate}
    return Explanation.of(NETWORK, circuit)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are run one by one, as where boxes of them tell nothing."""
    monkeypatch.setattr(ByTable, "_in_boxes", lambda *_: None)


@pytest.mark.usefixtures("listed")
def test_a_refutation_is_found_among_too_many_cases() -> None:
    result = check(NETWORK, explanation("a | b"), checks=["interchange"], method="table")["interchange"]
    assert isinstance(result.verdict, Refuted)
    assert result.share is None


@pytest.mark.usefixtures("listed")
def test_too_many_cases_without_a_refutation_are_unknown() -> None:
    result = check(NETWORK, explanation("a"), checks=["interchange"], method="table")["interchange"]
    assert result.verdict == Unknown("134217728 cases are too many for a table (at most 67108864)")


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(("method", "deciders"), [("auto", "bdd"), ("all", "bdd+smt")])
def test_other_methods_take_over(method: str, deciders: str) -> None:
    result = check(NETWORK, explanation("a"), checks=["interchange"], method=method)["interchange"]  # type: ignore[arg-type]
    assert result.method == deciders
    assert str(result.share) == f"{512**3}/{512**3}"


def test_boxes_of_cases_need_no_other_method() -> None:
    proved = check(NETWORK, explanation("a"), checks=["interchange"], method="table")["interchange"]
    assert isinstance(proved.verdict, Proved)
    assert str(proved.share) == f"{512**3}/{512**3}"
    refuted = check(NETWORK, explanation("a | b"), checks=["interchange"], method="table")["interchange"]
    assert isinstance(refuted.verdict, Refuted)
    assert str(refuted.share) == f"{512**3 * 3 // 4}/{512**3}"
