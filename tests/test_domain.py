"""Domains: which inputs a claim is about."""

from fractions import Fraction

import pytest

from verifier.api import check
from verifier.domain import Domain
from verifier.engine.outcome import word
from verifier.engine.verify import Subject, TiesError
from verifier.errors import InputError
from verifier.explanation import Explanation
from verifier.formula import parse
from verifier.network import Layer, Network

F = Fraction
AND = Network([Layer.of("y", [[1, 1]], ["-3/2"])])
METHODS = pytest.mark.parametrize("method", ["table", "smt", "all", "auto"])


def told(text, method, **domain):
    """Return the verdict on the behavior of the AND network."""
    report = check(AND, Explanation.of(AND, {"y": text}), checks=["behavior"], method=method, **domain)
    return word(report["behavior"].verdict)


@METHODS
def test_where(method):
    """A claim may hold on a part, and only there."""
    assert told("x1", method, where="x2") == "proved"
    assert told("x1", method, where="x1 | x2") == "refuted"
    assert told("x1", method) == "refuted"


@METHODS
def test_rows(method):
    """Rows are the domain, and what `where` leaves of them."""
    assert told("x1", method, rows=[[0, 0], [1, 1]]) == "proved"
    assert told("x1", method, rows=[[0, 0], [1, 0]]) == "refuted"
    assert told("x1", method, rows=[[0, 0], [1, 0]], where="~x1") == "proved"


@METHODS
def test_encoding(method):
    """Fed as -1 and 1 the same network is still an AND; fed as 1 and 0 it is a NOR."""
    assert told("x1 & x2", method, encoding=(-1, 1)) == "proved"
    assert told("nor(x1, x2)", method, encoding=(1, 0)) == "proved"
    assert told("x1 & x2", method, encoding=(1, 0)) == "refuted"
    assert told("x1 & x2", method, encoding=("1/2", "2/3")) == "refuted"


@METHODS
@pytest.mark.parametrize("domain", [{"where": "x1 & ~x1"}, {"rows": []}, {"rows": [[0, 1]], "where": "x1"}])
def test_empty_domains_are_refused(method, domain):
    """Everything would hold on nothing."""
    with pytest.raises(InputError) as caught:
        told("x1", method, **domain)
    assert [p.code for p in caught.value.problems] == ["E401"]


@METHODS
def test_a_domain_is_a_set(method):
    """An input listed twice counts once: |D| and the share do not depend on how rows are written."""
    rows = [[0, 1], [1, 1], [0, 1], [0, 1]]
    try:
        report = check(AND, Explanation.of(AND, {"y": "x1 & x2"}), rows=rows, method=method)
    except InputError:
        return  # refusing them is as good
    assert report.domain_size in (2, None)
    assert str(report["behavior"].share) in ("2/2", "None")


@METHODS
def test_ties_are_refused(method):
    """z = 0 is no decision, unless the layer says which, or the domain leaves it out."""
    network = Network([Layer.of("y", [[1, 1]], [-1])])
    explanation = Explanation.of(network, {"y": "x1 & x2"})
    with pytest.raises(TiesError) as caught:
        check(network, explanation, method=method)
    (tie,) = caught.value.ties
    assert (tie.layer, tie.what) == ("y", "y")
    assert tie.x in {(False, True), (True, False)}
    assert check(network, explanation, method=method, where="x1 <-> x2").proved


@METHODS
def test_ties_of_outputs_are_refused(method):
    """So is an output on the bound of its comparison; `>=` says what equality means."""
    network = Network([Layer.of("y", [[1, 1]], [0], "identity")])
    explanation = Explanation.of(network, {"y": "x1 | x2"})
    with pytest.raises(TiesError):
        check(network, explanation, output="y > 1", method=method)
    assert check(network, explanation, output="y >= 1", method=method).proved
    assert check(network, explanation, output="y > 1/2", method=method).proved


def test_sizes():
    """|D| is counted by the table."""
    for condition, size in ((None, 4), ("x1", 2), ("x1 & x2", 1)):
        domain = Domain(("x1", "x2"), parse(condition) if condition else None)
        decoding = check(AND, Explanation.of(AND, {"y": "x1 & x2"})).claim.decoding
        assert Subject(AND, domain, decoding, "table").size == size


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: Domain(()), "E104"),
        (lambda: Domain(("a", "a")), "E105"),
        (lambda: Domain(("a",), low=F(1)), "E104"),
        (lambda: Domain(("a",), rows=((True, False),)), "E402"),
    ],
)
def test_refused(build, code):
    """A malformed domain is an error."""
    with pytest.raises(InputError) as caught:
        build()
    assert [p.code for p in caught.value.problems] == [code]


def test_long_conditions_are_cut_where_a_domain_is_mentioned():
    parts = [f"exactly(1; a{i},b{i},c{i},d{i})" for i in range(4)]
    inputs = tuple(f"{letter}{i}" for i in range(4) for letter in "abcd")
    domain = Domain(inputs, parse(" & ".join(parts)))
    assert str(domain) == "{0,1}^16 with exactly(1; a0,b0,c0,d0) and 3 more conditions"
    assert domain.written() == f"{{0,1}}^16 with {' & '.join(parts)}"
    short = Domain(("a", "b"), parse("a & ~b"))
    assert str(short) == short.written() == "{0,1}^2 with a & ~b"
    long = parse(" | ".join(parts))
    assert str(Domain(inputs, long)) == Domain(inputs, long).written()
