"""Certificates of comparisons and of forms within a tolerance: what the auditor accepts, and forgeries."""

import json
from copy import deepcopy
from fractions import Fraction

import pytest
from test_enumeration_thresholds import ALL, RELU, given_, network

from verifier.audit.audit import audit
from verifier.audit.readings import simplest
from verifier.audit.smooth import GAP
from verifier.certificate import canonical, complement, digest
from verifier.engine.enumeration.enumerate import enumerate_space
from verifier.engine.verify import Subject
from verifier.library import Library
from verifier.network import Activation, Layer, Network
from verifier.query import digests, query_document
from verifier.run.certify import finished
from verifier.run.given import decoding_of, domain_of
from verifier.space import Space

F = Fraction
NEAR = [
    ([[F("1.02"), F("0.99")], [F("1.01"), F("0.98")]], [F("-0.01"), -1], "relu"),
    ([[F("0.99"), -2]], [F("0.01")], "relu"),
]


def certificate(about, space, output="y > 1/2", tolerance=0):
    """Return the lines of a certificate as values."""
    domain, decoding = domain_of(about, None, None, None, (0, 1)), decoding_of(about, output, F(tolerance))
    listed = enumerate_space(Subject(about, domain, decoding), space)
    assert listed.statement.complete
    lines = finished(listed, query_document(about, domain, decoding, space), {"name": "test"})
    return [json.loads(line) for line in lines]


def compared(**options):
    """Return the certificate of two comparisons of the relu network."""
    return certificate(network(RELU), Space("h", 2, (-1, 1), readouts="threshold", **options))


def near(**options):
    """Return the certificate of two forms within 1/20."""
    return certificate(network(NEAR), Space("h", 2, (-2, 2), **options), "y", "1/20")


def said(lines, tmp_path, seal=True, **options):
    """Return what the auditor says of lines, with the counts and digests that go with them if `seal`."""
    if seal:
        lines[0] |= digests(lines[0]["query"])
        listed = [canonical(line) + "\n" for line in lines if "features" in line]
        lines[-1] |= {"count": len(listed), "list_sha256": digest("".join(listed))}
    file = tmp_path / "list.jsonl"
    file.write_text("".join(canonical(line) + "\n" for line in lines))
    return audit(file, **options)


@pytest.mark.parametrize(
    "space",
    [
        {"polarity": True},
        {"require": ALL[::2]},
        {"require": ALL[:1]},
        {"require": ALL[:1], "polarity": True, "gates": Library(("and", "or"), 2)},
        {"gates": Library(("and", "or"))},
        {"output_gates": Library(("nor",))},
        {"require": ALL[:1], "must_use": ("h2",), "must_not_use": ("h1",)},
        {"given": given_("x1 & x2 @ 2*h3 >= 1")},
        {"given": given_("nand(x1, x2) @ 1/2*h3 < 1/4"), "polarity": True},
        {"given": given_("x1 & x2 @ h3 > 0")},
        {"given": given_("x1 & x2")},
        {"require": ALL[:1], "given": given_("x1 | x2 @ 3*h1 + 2*h2 > 1/2")},
    ],
)
def test_restricted_lists_are_valid(space, tmp_path):
    lines = compared(**space)
    assert lines[-1]["count"] > 0
    found = said(lines, tmp_path)
    assert found.verdict == "valid", found.reason
    del lines[2]
    lines[-1]["classes"] = said(deepcopy(lines), tmp_path).classes
    assert said(lines, tmp_path).reason.startswith("not complete: 1 of")


@pytest.mark.parametrize("space", [{}, {"polarity": True}, {"require": ALL[:1]}, {"require": ALL[::2]}])
def test_lists_within_a_tolerance_are_valid(space, tmp_path):
    lines = near(**space)
    assert lines[-1]["count"] > 0
    assert (found := said(lines, tmp_path)).verdict == "valid", found.reason
    gone = deepcopy(lines)
    del gone[1]
    gone[-1]["classes"] = said(deepcopy(gone), tmp_path).classes
    assert said(gone, tmp_path).reason.startswith("not complete: 1 of")


def put(*path, to):
    """Return what puts a value at a path of the lines."""

    def forge(lines):
        value = lines
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = to

    return forge


SPACE = (0, "query", "space")
GIVEN = {"name": "a", "gate": "x1", "row": ["1", "0", "0"], "offset": "0"}
# The first lines are  -1 -1 -1>-2, -1 -1 0>-1/2: 0010  and  -1 -1 -1>-2, -1 -1 1>-1/2: 0010
FORGERIES = {
    "an explanation is gone": (lambda c: c.pop(3), "not complete: 1 of 36 explanations are missing"),
    "an explanation again": (lambda c: c.insert(3, c[2]), "the explanation of line 3 again"),
    "explanations out of order": (lambda c: c.insert(1, c.pop(2)), "ascending order"),
    "features out of order": (put(1, "features", to=["-1 -1 0>-1/2", "-1 -1 -1>-2"]), "ascending order"),
    "a cut that is not the simplest": (
        put(1, "features", 0, to="-1 -1 -1>-5/3"),
        "-5/3 is not the simplest number",
    ),
    "a whole cut that is not nearest to 0": (
        put(1, "features", 0, to="-1 -1 -1>-5/2"),
        "-5/2 is not the simplest number",
    ),
    "a cut at a value": (put(1, "features", 0, to="-1 -1 -1>-1"), "-1 is not between two values"),
    "a cut beyond all values": (put(1, "features", 0, to="-1 -1 -1>5"), "5 is not between two values"),
    "another gap of the same row": (
        put(1, "features", 1, to="-1 -1 0>-3/2"),
        "two features are one function",
    ),
    "another function": (put(1, "output", to=["0111"]), "output: the truth tables are 0010, the file says"),
    "a feature that does not matter": (put(1, "output", to=["0011"]), "output: the truth tables are 0010"),
    "a short table": (put(1, "output", to=["01"]), "expected 1 truth tables of 4 bits"),
    "no table": (put(1, "output", to=None), "output: expected truth tables"),
    "a form that equals its bit": (
        put(1, "features", 0, to="-1 -1 -1;-2"),
        "expected another kind of readout",
    ),
    "coefficients with a common factor": (
        put(1, "features", 0, to="-2 -2 -2>-4"),
        "the coefficients are not coprime integers",
    ),
    "a row out of the box": (put(1, "features", 0, to="-2 -1 -1>-3"), "the coefficient -2 is no integer"),
    "a row of zeros": (put(1, "features", 0, to="0 0 0>0"), "the coefficients are not coprime"),
    "a short row": (put(1, "features", 0, to="-1 -1>-2"), "expected readouts of 3 coefficients"),
    "one function twice": (put(1, "features", 1, to="0 0 -1>-1/2"), "two features are one function"),
    "no mediation": (put(1, "features", to=["-1 -1 -1>-2", "-1 0 0>-1/2"]), "mediation: a unit of"),
    "too many classes": (put(-1, "classes", to=36), "classes: the list has 9, the footer says 36"),
    "bounds that bind": (put(-1, "bound_binding", to=False), "bound_binding: expected null"),
    "a cube": (lambda c: c.insert(1, {"cube": [], "proof": None, "readouts": []}), "expected no cubes"),
    "a larger box": (put(*SPACE, "coefficients", to=[-2, 2]), "not complete"),
    "no bounds": (put(*SPACE, "coefficients", to=None), "expected bounds on the coefficients"),
    "three features too": (put(*SPACE, "features", to=[2, 3]), "not complete"),
    "without mediation": (put(*SPACE, "require", to=["readout"]), "output: expected null"),
    "polarity": (put(*SPACE, "polarity", to=True), "the class of line"),
    "version 1": (put(0, "version", to=1), "unknown key 'readouts'"),
    "forms": (put(*SPACE, "readouts", to="linear"), "expected another kind of readout"),
    "another word": (put(*SPACE, "readouts", to="cut"), "query.space.readouts: expected one of"),
    "no word": (lambda c: c[0]["query"]["space"].pop("readouts"), "query.space: expected the key readouts"),
    "an empty domain": (put(0, "query", "domain", "where", to="x1 & ~x1"), "the domain is empty"),
    "a weight": (
        put(0, "query", "network", "layers", 1, "weights", 0, 2, to="-1"),
        "interchange: the outputs depend on more of what is written",
    ),
    "a given comparison that is not there": (
        put(*SPACE, "given", to=[GIVEN | {"op": ">"}]),
        "a given feature is missing",
    ),
    "a given comparison without a sign": (put(*SPACE, "given", to=[GIVEN]), "expected the key op"),
}
NEAR_FORGERIES = {
    "an offset that is not the simplest": (
        put(1, "features", 0, to="-1 1;51/50"),
        "51/50 is not the simplest number",
    ),
    "an offset beyond the tolerance": (
        put(1, "features", 0, to="-1 1;2"),
        "not within the tolerance of a bit",
    ),
    "a comparison": (put(1, "features", 0, to="-1 1>1"), "expected another kind of readout"),
    "a smaller tolerance": (
        put(0, "query", "decoding", "tolerance", to="1/100"),
        "not within the tolerance of a bit",
    ),
    "a tolerance of 1/4": (put(0, "query", "decoding", "tolerance", to="1/4"), "a tolerance below 1/4"),
    "an explanation is gone": (lambda c: c.pop(1), "not complete: 1 of"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries(name, tmp_path):
    lines = compared()
    forge, reason = FORGERIES[name]
    forge(lines)
    found = said(lines, tmp_path)
    assert (found.verdict, reason in found.reason) == ("invalid", True), found


@pytest.mark.parametrize("name", NEAR_FORGERIES)
def test_forgeries_within_a_tolerance(name, tmp_path):
    lines = near()
    assert lines[1]["features"][0] == "-1 1;1"
    forge, reason = NEAR_FORGERIES[name]
    forge(lines)
    found = said(lines, tmp_path)
    assert (found.verdict, reason in found.reason) == ("invalid", True), found


def test_an_output_that_changes_at_another_gap(tmp_path):
    """h counts; y asks for one or more, and once the query is forged, for both."""
    layers = [([[1, 1]], [0], "relu"), ([[1]], [0], "identity")]
    lines = certificate(network(layers), Space("h", 1, (-1, 1), readouts="threshold"))
    assert [line["features"] for line in lines[1:-1]] == [["-1>-1/2"], ["1>1/2"]]
    put(0, "query", "decoding", "outputs", 0, "value", to="3/2")(lines)
    assert said(lines, tmp_path).reason == "interchange: the outputs change where no feature does"
    lines[1]["features"], lines[2]["features"] = ["-1>-3/2"], ["1>3/2"]
    assert said(lines, tmp_path).verdict == "valid"


def test_polarity_lists_the_least(tmp_path):
    every, least = compared(), compared(polarity=True)

    def group(line):
        return {min(text, complement(text)) for text in line["features"]}

    other = next(line for line in reversed(every[1:-1]) if group(line) == group(least[-2]))
    forged = [*least[:-2], other, least[-1]]
    assert "another one of its class is less" in said(forged, tmp_path).reason


def test_a_budget_that_is_too_small(tmp_path):
    found = said(compared(), tmp_path, budget=1000)
    assert (found.verdict, found.line) == ("holey", None)
    assert "the budget has" in found.reason
    found = said(compared(), tmp_path, budget=20_000)
    assert found.verdict == "holey"
    assert any("list: 36" in check for check in found.checks)


def test_an_unfinished_list(tmp_path):
    lines = compared()
    found = said([*lines[:5], lines[-1] | {"complete": False, "rests_on": "", "classes": 3}], tmp_path)
    assert found.verdict == "holey" or "classes" in found.reason
    found = said(lines[:5], tmp_path, seal=False)
    assert (found.verdict, found.count) == ("holey", 4)


def test_sigmoids_are_not_evaluated(tmp_path):
    """What reads a sum of sigmoids is not known here; rows, spans and forms are."""
    sigmoid = Activation("sigmoid", slope=1)
    layers = [Layer.of("h", *RELU[0]), Layer.of("y", [[1, 1, -2]], [F(-1, 2)], sigmoid)]
    lines = certificate(Network(layers), Space("h", 2, (-1, 1), readouts="threshold"))
    assert lines[-1]["count"] == 36
    found = said(deepcopy(lines), tmp_path)
    assert (found.verdict, found.classes) == ("holey", 9)
    assert GAP in found.reason
    for forge, reason in (
        (put(1, "features", 0, to="-2 -2 -2>-4"), "are not coprime integers"),
        (put(1, "features", to=["-1 -1 -1>-2", "-1 0 0>-1/2"]), "mediation: the row of y"),
        (put(-1, "classes", to=36), "classes: the list has 9"),
        (put(1, "features", 0, to="-1 -1 -1;-2"), "expected another kind of readout"),
    ):
        forged = deepcopy(lines)
        forge(forged)
        found = said(forged, tmp_path)
        assert (found.verdict, reason in found.reason) == ("invalid", True), found


@pytest.mark.parametrize("closed", [True, False])
def test_the_simplest_is_told(closed):
    """Of every fraction with a small denominator, against trying all that are simpler."""
    fractions = sorted({F(p, q) for q in range(1, 8) for p in range(-2 * q, 2 * q + 1)})
    for low in fractions[::5]:
        for high in fractions[::3]:
            inside = [v for v in fractions if (low <= v <= high if closed else low < v < high)]
            for value in inside:
                best = min(inside, key=lambda v: (v.denominator, abs(v)))
                tie = value.denominator == 1 and abs(value) == abs(best)
                assert simplest(value, (low, high), closed) is (value == best or (tie and best == value))
