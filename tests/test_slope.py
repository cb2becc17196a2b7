"""From which slope on: brackets against closed forms and high precision, the margin theorem, refusals."""

import json
import math
import time
from fractions import Fraction
from itertools import product
from pathlib import Path

import mpmath
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from profiles import EXAMPLES, SEED

import verifier.engine.slope.family as family
from verifier import Explanation, Layer, Network, check
from verifier.balls.reals import Slopes
from verifier.balls.rows import cut
from verifier.claim import Claim
from verifier.cli import run
from verifier.decoding import Decoding, parse_output
from verifier.domain import Domain
from verifier.engine.slope.bracket import bracket, rounded_down
from verifier.engine.slope.family import Family
from verifier.engine.slope.margins import Margin, errors, margins
from verifier.engine.slope.outcome import Always, Bracket, Never, Open
from verifier.errors import InternalError
from verifier.network import Activation
from verifier.table.rows import Table
from verifier.verdict import Finding, Proved, Refuted, Run, Tie, Unknown

F = Fraction
SPECS = Path(__file__).parent.parent / "specs"
FINEST = F(1, 10**9)
ALICE = {"a1": "x1 & ~x2 @ h1 - h3", "a2": "~x1 & x2 @ h2 - h3", "y": "a1 | a2"}


def layer(name, weights, bias, kind="sigmoid", slope=25):
    """Return a smooth layer."""
    return Layer.of(name, weights, bias, Activation(kind, slope=F(slope)))


def xor(slope=25):
    """Return the seed network."""
    return Network([
        layer("h", [[1, 0], [0, 1], [1, 1]], ["-1/2", "-1/2", "-3/2"], slope=slope),
        layer("y", [[1, 1, -2]], ["-1/2"], slope=slope),
    ])  # fmt: skip


def of(network, circuit, check="behavior", output="y", tolerance=0, features=None):
    """Return a check of a claim at every slope."""
    explanation = Explanation.of(network, circuit, tolerance=tolerance if features is None else features)
    domain = Domain(tuple(f"x{i + 1}" for i in range(network.n)))
    decoding = Decoding((parse_output(output, network),), F(tolerance))
    claim = Claim(network, domain, decoding, explanation)
    return Family(claim, check, Table(cut(network), domain))


@pytest.fixture
def spec(tmp_path):
    """Return what writes the spec of the seed network, varied."""

    def write(*pairs):
        text = (SPECS / "xor-sigmoid.circuit.yaml").read_text(encoding="utf-8").split("  bob:\n")[0]
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "slope.circuit.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


# --- golden facts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "output", "tolerance", "low", "high"),
    [
        ("behavior", "y > 1/2", 0, "2.197224577312", "2.197224577370"),  # 2 ln 3
        ("behavior", "y", "1/10", "5.657122", "5.657123"),
        ("interchange", "y > 1/2", "1/10", "2.197224577312", "2.197224577370"),
    ],
)
def test_the_smallest_slope_of_the_seed_network(check, output, tolerance, low, high):
    started = time.process_time()
    found = bracket(of(xor(), ALICE, check, output, tolerance), FINEST)
    assert time.process_time() - started < 5
    assert isinstance(found, Bracket)
    assert 0 < found.high - found.low <= FINEST
    assert F(low) - FINEST <= found.low < F(high)
    assert F(low) < found.high <= F(high) + FINEST
    if tolerance == 0:
        assert found.low < F(2 * math.log(3)) < found.high
        assert found.found == Run((False, True))


def test_readouts_within_a_tolerance_have_a_closed_form():
    """h1 - h3 at 10 is σ(λ/2) - σ(-λ/2) = tanh(λ/4), and 9/10 of it is the tolerance: λ* = 4 artanh(9/10)."""
    found = bracket(of(xor(), {"a": "x1 & ~x2 @ h1 - h3", "y": "a"}, "readout", tolerance="1/10"), FINEST)
    with mpmath.workdps(30):
        exact = 4 * mpmath.atanh(mpmath.mpf(9) / 10)
        assert mpmath.mpf(found.low.numerator) / found.low.denominator < exact
        assert exact < mpmath.mpf(found.high.numerator) / found.high.denominator
    assert found.high - found.low <= FINEST


def test_a_tighter_bracket():
    found = bracket(of(xor(), ALICE, output="y > 1/2"), F(1, 10**25))
    with mpmath.workdps(50):
        exact = 2 * mpmath.log(3)
        low, high = (mpmath.mpf(end.numerator) / end.denominator for end in (found.low, found.high))
        assert low < exact < high
    assert found.high - found.low <= F(1, 10**25)


def test_what_does_not_depend_on_the_slope():
    single = Network([layer("y", [[1, 1]], ["-3/2"])])
    assert bracket(of(single, {"y": "x1 & x2"}, output="y > 1/2"), FINEST) == Always()
    never = bracket(of(single, {"y": "x1 | x2"}, output="y > 1/2"), FINEST)
    assert never == Never(F(1), Run((False, True)))
    assert bracket(of(xor(), ALICE, "mediation"), FINEST) == Always()


def test_a_claim_true_in_the_middle_only_fails_at_every_large_slope():
    """Within 2/5 of 1/2: true for small slopes, not for large ones."""
    single = Network([layer("h", [[1]], ["-1/2"]), Layer.of("y", [[1]], [0], "identity")])
    found = bracket(of(single, {"m": "0 @ h > 9/10", "y": "m"}, "readout"), FINEST)
    assert isinstance(found, Never)
    assert found.found == Run((True,))


@pytest.mark.parametrize(("offset", "scale"), [(F(-1, 2), F(1)), (F(777, 100), F(1, 4))])
def test_a_hole_below_which_the_claim_holds_again_is_not_skipped(offset, scale):
    """y at x = 1 is positive, then negative, then positive as the slope grows: the last change counts."""
    weights = [scale, scale / 4, scale / 20]
    network = Network([
        layer("h", [[w] for w in weights], [0, 0, 0]), Layer.of("y", [[20, -50, 31]], [offset], "identity"),
    ])  # fmt: skip
    with mpmath.workdps(30):

        def value(slope):
            h = [1 / (1 + mpmath.exp(-slope * precise(w))) for w in weights]
            return 20 * h[0] - 50 * h[1] + 31 * h[2] + precise(offset)

        grid = [mpmath.mpf(i) / 5 for i in range(1, 1000)]
        signs = [value(slope) > 0 for slope in grid]
        changes = [i for i in range(1, len(grid)) if signs[i] != signs[i - 1]]
        assert len(changes) == 2
        last = mpmath.findroot(value, (grid[changes[1] - 1], grid[changes[1]]), solver="anderson")
    domain = Domain(("x1",), rows=((True,),))
    explanation = Explanation.of(network, {"y": "x1"})
    claim = Claim(network, domain, Decoding((parse_output("y > 0", network),)), explanation)
    found = bracket(Family(claim, "behavior", Table(cut(network), domain)), F(1, 10**6))
    assert isinstance(found, Bracket)
    assert found.high - found.low <= F(1, 10**6)
    assert float(found.low) < float(last) < float(found.high)


# --- the margin theorem ------------------------------------------------------------------------------------


def test_margins_of_the_seed_network():
    known = margins(xor(), Domain(("x1", "x2")))
    assert known == (Margin("h", F(1, 2), F(2)), Margin("y", F(1, 2), F(4)))
    with mpmath.workdps(40):
        first = 1 / (1 + mpmath.exp(mpmath.mpf(25) / 2))
        second = 1 / (1 + mpmath.exp(25 * (mpmath.mpf(1) / 2 - 4 * first)))
        for error, exact in zip(errors(xor(), known, F(25)), (first, second), strict=True):
            assert (
                exact <= mpmath.mpf(error.numerator) / error.denominator < exact * (1 + mpmath.mpf(10) ** -20)
            )
    assert errors(xor(), known, F(1)) == ()  # 4δ is more than the margin


WEIGHTS = st.sampled_from([F(v) for v in (-2, -1, 0, 1, 2)] + [F(1, 2)])
ODD = st.sampled_from([F(v, 4) for v in (-5, -3, -1, 1, 3, 5)])


@seed(SEED)
@settings(max_examples=EXAMPLES // 8, deadline=None)
@given(
    st.lists(st.tuples(WEIGHTS, WEIGHTS, ODD), min_size=2, max_size=3),
    st.lists(WEIGHTS, min_size=3, max_size=3),
    ODD,
    st.sampled_from(["sigmoid", "tanh"]),
    st.sampled_from([F(2), F(9), F(30)]),
    st.fractions(1, 5, max_denominator=3),
)
def test_the_theorem_bounds_the_distance_from_steps(hidden, V, c, kind, slope, factor):
    W, b = [row[:2] for row in hidden], [row[2] for row in hidden]
    V = V[: len(W)]
    network = Network([layer("h", W, b, kind, slope), layer("y", [V], [c], kind, slope)])
    known = margins(network, Domain(("x1", "x2")))
    rows = []
    for x in product((0, 1), repeat=2):
        z = [w[0] * x[0] + w[1] * x[1] + o for w, o in zip(W, b, strict=True)]
        low = -1 if kind == "tanh" else 0
        steps = [1 if v > 0 else low for v in z]
        top = sum(v * s for v, s in zip(V, steps, strict=True)) + c
        rows.append((z, steps, top, 1 if top > 0 else low))
    if any(v == 0 for z, _, top, _ in rows for v in (*z, top)):
        assert isinstance(known, Tie)
        return
    assert known[0].m == min(abs(v) for z, *_ in rows for v in z)
    assert known[1].m == min(abs(top) for *_, top, _ in rows)
    bounds = errors(network, known, slope)
    with mpmath.workdps(40):

        def smooth(z):
            z = precise(slope * factor) * z
            return mpmath.tanh(z) if kind == "tanh" else 1 / (1 + mpmath.exp(-z))

        for z, steps, _, last in rows if bounds else ():
            h = [smooth(precise(v)) for v in z]
            y = smooth(mpmath.fsum([precise(v) * s for v, s in zip(V, h, strict=True)]) + precise(c))
            assert all(abs(v - s) <= precise(bounds[0]) for v, s in zip(h, steps, strict=True))
            assert abs(y - last) <= precise(bounds[1])
        _same_from_there_on(network, slope, factor)


def precise(value):
    """Return a rational at the precision of mpmath."""
    value = F(value)
    return mpmath.mpf(value.numerator) / value.denominator


def _same_from_there_on(network, slope, factor):
    """What the enclosures prove from a slope on holds at a larger one, what they refute fails there."""
    for circuit in ({"y": "x1"}, {"y": "x1 & ~x2"}, {"f": "x1 | x2 @ h1", "y": "f"}):
        for name in ("behavior", "readout")[: len(circuit)]:
            claim = of(network, circuit, name, output="y", tolerance=F(1, 5))
            verdict = claim.over(Slopes(slope, None))
            if not isinstance(verdict, Unknown):
                at = claim.failing(slope * factor)
                assert isinstance(verdict, Refuted) is (at is not None)


def test_a_slope_certificate_stands_beside_what_is_proved():
    network = xor()
    found = check(network, Explanation.of(network, ALICE, tolerance="1/10"), tolerance="1/10")
    notes = {result.check: " ".join(result.notes) for result in found.results}
    assert notes["mediation"] == ""
    for name in ("behavior", "readout", "interchange"):
        text = notes[name].split("holds at every slope >= ")[1]
        least, rest = text.split(" ", 1)
        assert rest.startswith("(margins, row by row: m = 1/2, 1/2; A = 2, 4)")
        known = of(network, ALICE, name, tolerance="1/10")
        assert isinstance(known.over(Slopes(F(least), None)), Proved)
        assert not isinstance(known.over(Slopes(F(least) * F(999, 1000), None)), Proved)


def test_a_certificate_may_need_a_larger_slope_than_the_network_has():
    """σ(2λ) > σ(λ) at every slope; apart they are enclosed in intervals that overlap for small ones."""
    network = Network([
        layer("h", [[1], [F(1, 2)]], [1, F(1, 2)], slope=1),
        Layer.of("y", [[1, -1]], [F(1, 100)], "identity"),
    ])  # fmt: skip
    found = check(network, Explanation.of(network, {"y": "1"}), output="y > 0")
    assert found.proved
    least = F(found["behavior"].notes[0].split(">= ")[1].split(" ")[0])
    assert 4 < least < 5
    assert isinstance(of(network, {"y": "1"}, output="y > 0").over(Slopes(least, None)), Proved)


def test_true_now_and_false_at_every_larger_slope():
    single = Network([layer("y", [[1]], ["-1/2"], slope="1/10")])
    explanation = Explanation.of(single, {"m": "0 @ y > 9/10", "y": "x1"})
    found = check(single, explanation, output="y > 1/2", checks=["readout"])
    assert found.proved
    assert "fails at every slope >= 6.4" in found["readout"].notes[0]


def test_no_certificate_where_slopes_differ():
    network = Network([layer("h", [[1]], ["-1/2"], slope=4), layer("y", [[1]], ["-1/2"], slope=9)])
    found = check(network, Explanation.of(network, {"y": "x1"}), output="y > 1/2")
    assert found.proved
    assert "slopes of the layers differ" in found["behavior"].notes[0]


def test_a_zero_preactivation_is_degenerate(spec, capsys):
    network = Network([layer("h", [[1, 1]], [-1]), layer("y", [[1]], ["-3/4"])])
    found = check(network, Explanation.of(network, {"y": "x1 & x2"}), output="y > 1/2")
    assert found.proved
    assert "degenerate, h has z = 0 at x = 01" in found["behavior"].notes[0]
    path = spec(("-1/2, -1/2, -3/2]", "-1/2, -1/2, -1]"))
    assert run(["slope", path]) == 3
    assert "degenerate, h3 has z = 0 at x = 01" in " ".join(capsys.readouterr().out.split())


def test_a_refutation_at_a_slope_is_replayed(monkeypatch):
    monkeypatch.setattr(family, "decide", lambda *_: Finding(Refuted(Run((False, False)))))
    with pytest.raises(InternalError, match="does not replay"):
        of(xor(), ALICE, output="y > 1/2").failing(F(25))


def test_decimals_are_rounded_down():
    assert rounded_down(F(2, 3), F(1, 20)) == F(66, 100)
    assert rounded_down(F(7), F(3)) == 7


# --- the command line --------------------------------------------------------------------------------------


def test_the_command(spec, capsys):
    path = spec(("output: y\n", "output: y > 1/2\n"))
    assert run(["slope", path, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["slope"], document["domain_size"], document["exit_code"]) == ("25", 4, 0)
    assert [margin["m"] for margin in document["margins"]] == ["1/2", "1/2"]
    found = {item["check"]: item for item in document["checks"]}
    assert found["mediation"]["outcome"] == "always"
    assert F(found["behavior"]["fails_at"]) < F(2 * math.log(3)) < F(found["behavior"]["holds_from"])
    assert run(["slope", path, "-e", "alice", "-k", "behavior", "--width", "1/100"]) == 0
    text = capsys.readouterr().out
    assert "λ* in [2.1" in text
    assert "readout" not in text


def test_exit_codes(spec, capsys):
    wrong = spec(("a1 | a2", "a1 & a2"))
    assert run(["slope", wrong, "-k", "behavior"]) == 1
    assert "fails at every slope >= " in capsys.readouterr().out
    open_ = spec(("tolerance: 1/1000", "tolerance: 0"))
    assert run(["slope", open_, "-k", "readout"]) == 3
    assert "unknown: neither" in capsys.readouterr().out
    assert run(["slope", str(SPECS / "xor.circuit.yaml")]) == 2
    assert run(["slope", spec(), "--width", "0"]) == 2
    assert run(["slope", spec(), "--timeout", "inf"]) == 2
    assert run(["slope", spec(), "-e", "nobody"]) == 5
    two = spec(("[-1/2], activation: sigmoid, slope: 25", "[-1/2], activation: sigmoid, slope: 24"))
    assert run(["slope", two]) == 2
    assert "one slope in every sigmoid and tanh, got 24, 25" in capsys.readouterr().err


def test_out_of_time(spec, capsys):
    assert run(["slope", spec(), "-k", "interchange", "--timeout", "1e-6"]) == 3
    assert "the time limit was reached" in capsys.readouterr().out


def test_an_open_bracket_keeps_what_is_known():
    found = bracket(of(xor(), {"a": "x1 & ~x2 @ h1 - h3", "y": "a"}, "readout"), FINEST)
    assert isinstance(found, Open)
    assert found.low is None
