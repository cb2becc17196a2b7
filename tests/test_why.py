"""Why a check holds: what is said to be needed is enough, whatever the rest does, and needed.

The judge is the brute force of `oracle` with a network of its own making: what is not among the facts has any
value, drawn anew each time it is computed. A failure here means that `--why` says something false.
"""

import json
import random
import time
from collections import Counter
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from families import FAMILIES
from hypothesis import HealthCheck, given, seed, settings
from networks import ALICE, BOB, FIXED, XOR, cases, to_claim, unit_names, xor
from oracle import Truth, activate, dot
from profiles import EXAMPLES, PHASES, SEED
from test_differential import assert_moves

import verifier
from verifier.checks import obligations
from verifier.claim import Claim
from verifier.cli import run
from verifier.decoding import Decoding, parse_output
from verifier.domain import Domain
from verifier.engine.verify import Subject
from verifier.engine.why import Combined, Needed, Shown, Untold, why
from verifier.errors import InternalError
from verifier.explanation import Explanation
from verifier.formula import parse
from verifier.network import Layer, Network
from verifier.relaxed import DOMAIN, Fact, facts
from verifier.report.why import told as sentences
from verifier.smt import cores
from verifier.verdict import Limits, Proved, Refuted, Run, UndecidedError, Unknown

SPECS = Path(__file__).parent.parent / "specs"
F = Fraction
POOL = [F(v) for v in ("0", "1", "-1", "1/2", "-1/2", "3", "-3", "1/3", "50", "-50")]
NO_LIMITS = Limits()


class Loose(Truth):
    """What is true of a case of whose network only some facts are known."""

    def __init__(self, case, known, draw):
        super().__init__(case)
        self.known = {(fact.kind, fact.unit, fact.source) for fact in known}
        self.draw = draw
        self.written = None
        if ("domain", "", "") not in self.known:
            self.__dict__["domain"] = list(product((False, True), repeat=len(case.inputs)))

    def values(self, place):
        """Return values that the activations of a place can have; None: any number at all."""
        if place == 0:
            return [self.case.low, self.case.high]
        layer = self.case.layers[place - 1]
        if layer.kind in ("step", "sign"):
            return [activate(layer, F(-1)), activate(layer, F(1))]
        if layer.kind == "identity" or (layer.kind == "leaky_relu" and layer.slope > 0):
            return None
        return sorted({activate(layer, v) for v in POOL})

    def forward(self, start, h, stop):
        for place in range(start + 1, stop + 1):
            sources = None if self.written == place - 1 else self.values(place - 1)
            self.written = None
            h = [self.unit(place, i, h, sources) for i in range(len(self.case.layers[place - 1].W))]
        return h

    def unit(self, place, i, h, sources):
        """Return the activation of one unit."""
        layer, below = self.case.layers[place - 1], unit_names(self.case, place - 1) if place > 1 else None
        name = unit_names(self.case, place)[i]
        anything = ("unit", name, "") not in self.known
        taken = list(h)
        for j, w in enumerate(layer.W[i]):
            source = below[j] if below else self.case.inputs[j]
            if w != 0 and ("weight", name, source) not in self.known:
                anything |= sources is None
                taken[j] = self.draw(sources or POOL)
        found = None if anything else activate(layer, dot(layer.W[i], taken) + layer.b[i])
        return self.draw(self.values(place) or POOL) if found is None else found

    def activations(self, x, place):
        fed = [self.case.high if bit else self.case.low for bit in x]
        return self.forward(0, fed, place)

    def held(self, feature, x):
        """Return the numbers of a feature on a donor, which is run once for all it supplies."""
        if x not in self.donors:
            self.donors[x] = self.activations(x, feature.site.layer)
        return [dot(row, self.donors[x]) + d for row, d in self.rows_of(feature)]

    def after(self, layer, x, chosen):
        self.donors = {}
        h = super().after(layer, x, chosen)
        self.written = layer
        return h

    def fails(self, check, about):
        """Return whether a check, or the readout of one feature, fails in this draw."""
        if check == "readout":
            return not all(self.reads(f, x) for f in self.readable if f.name == about for x in self.domain)
        return not self.decide(check)[0]


def told_of(case, check):
    """Return why a check of a case holds; nothing where it is refuted."""
    claim = to_claim(case)
    subject = Subject(claim.network, claim.domain, claim.decoding, "table")
    return why(claim, check, subject.verify(claim, check).verdict, 60)


def chance(known, case, check, about, tries, rng):
    """Return how many draws of the network fail the check."""
    return sum(Loose(case, known, rng.choice).fails(check, about) for _ in range(tries))


@pytest.mark.parametrize("name", FIXED)
def test_fixed_cases(name):
    """Of a claim known by listing: the facts are enough; without any one of them some draw fails it."""
    case, rng = FIXED[name], random.Random(name)
    for check in ("behavior", "readout", "interchange"):
        if not case.truth.applicable(check):
            continue
        for told in told_of(case, check):
            assert isinstance(told, Needed)
            assert told.minimal
            assert chance(told.facts, case, check, told.about, 5, rng) == 0
            for fact in told.facts:
                rest = [other for other in told.facts if other != fact]
                draws = (chance(rest, case, check, told.about, 1, rng) for _ in range(400))
                assert any(draws), (check, told.about, fact)


def test_random_networks():
    """The same of random networks, where draws that fail may be rare; the solver may run out of time."""
    seen: Counter[str] = Counter()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES // 30,
        deadline=None,
        database=None,
        phases=PHASES,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def compare(case):
        if case.truth.ties:
            return
        rng = random.Random(0)
        for check in ("behavior", "readout", "interchange"):
            if not case.truth.applicable(check):
                continue
            for told in told_of(case, check):
                assert isinstance(told, Needed)
                seen[f"told {check}"] += 1
                seen[f"minimal {told.minimal}"] += 1
                seen["left out"] += len(told.others)
                assert chance(told.facts, case, check, told.about, 3, rng) == 0, (check, told)
                for fact in told.facts[:3]:
                    rest = [other for other in told.facts if other != fact]
                    shown = any(chance(rest, case, check, told.about, 1, rng) for _ in range(10))
                    seen[f"needed {'shown' if shown else 'not shown'}"] += 1

    compare()
    assert min(seen[f"told {check}"] for check in ("behavior", "readout", "interchange")) > 1, seen
    assert seen["left out"] > 50, seen
    assert 20 * seen["minimal False"] <= seen["minimal True"], seen
    assert 5 * seen["needed not shown"] <= seen["needed shown"], seen


def test_golden():
    """XOR: one story needs two units per feature, the other one and three; writes need the last layer."""
    alice = told_of(xor(ALICE), "readout")
    assert [(told.about, told.units, len(told.weights)) for told in alice] == [
        ("a1", ("h1", "h3"), 3),
        ("a2", ("h2", "h3"), 3),
    ]
    assert [(told.about, told.units) for told in told_of(xor(BOB), "readout")] == [
        ("b1", ("h3",)),
        ("b2", ("h1", "h2", "h3")),
    ]
    (whole,) = told_of(xor(ALICE), "interchange")
    assert (whole.units, whole.unused_units) == (("k",), ("h1", "h2", "h3"))
    assert whole.weights == (("k", "h1"), ("k", "h2"), ("k", "h3"))
    assert (whole.read, whole.named, whole.unused_inputs) == ((), (), ("x1", "x2"))
    assert told_of(xor(ALICE), "mediation") == (Combined("h", (("k", (("a1", F(1)), ("a2", F(1)))),)),)
    (behavior,) = told_of(xor(ALICE), "behavior")
    assert (len(behavior.units), len(behavior.weights), behavior.others) == (4, 7, ())
    assert (behavior.unused_inputs, behavior.anywhere) == ((), False)
    shown = told_of(xor(ALICE), "necessity")
    assert [told.feature for told in shown] == ["a1", "a2"]
    for told in shown:
        assert_moves(xor(ALICE), told.run)


def read_off(weights, bias, formula, where=None, n=3):
    """Return the claim that one step unit is a formula."""
    network = Network([Layer.of("y", [weights], [bias])])
    inputs = tuple(f"x{i + 1}" for i in range(n))
    domain = Domain(inputs, parse(where) if where else None)
    decoding = Decoding((parse_output("y", network),))
    return Claim(network, domain, decoding, Explanation.of(network, {"y": formula}))


def test_small_weights_are_never_looked_at():
    """A term too small to turn the sum is not needed; an input the formula names in vain is told apart."""
    (told,) = why(*proved(read_off([4, 1, "1/2"], -2, "x1")))
    assert told.minimal
    assert (told.weights, told.unused_weights) == ((("y", "x1"),), (("y", "x2"), ("y", "x3")))
    assert told.unused_inputs == ("x2", "x3")
    (told,) = why(*proved(read_off([4, 1, 0], -2, "x1 & (x2 | ~x2)")))
    assert (told.read, told.named, told.unused_inputs) == (("x1",), ("x1", "x2"), ("x3",))


def test_the_domain_is_a_fact():
    """Whether the claim holds outside the domain too is found out; where all inputs are in it, nothing is."""
    (told,) = why(*proved(read_off([1, 1, 0], "-1/2", "x1 ^ x2", where="~(x1 & x2)")))
    assert not told.anywhere
    (told,) = why(*proved(read_off([1, 1, 0], "-1/2", "x1 | x2", where="~(x1 & x2)")))
    assert told.anywhere
    (told,) = why(*proved(read_off([1, 1, 0], "-1/2", "x1 | x2")))
    assert not told.anywhere


def test_a_tie_decides_nothing():
    """Where a term could make z = 0 it is needed, although z = 0 would do nothing if it were decided."""
    (told,) = why(*proved(read_off([2, 1, 0], -1, "x1", where="x1 | ~x2")))
    assert told.weights == (("y", "x1"), ("y", "x2"))
    (told,) = why(*proved(read_off([2, 1, 0], "-3/2", "x1", where="x1 | ~x2")))
    assert told.weights == (("y", "x1"),)


def test_outputs_that_can_be_any_number():
    """A unit without bounds is needed where it is decoded, with all it reads, and nowhere else."""
    hidden = Layer.of("h", [[1, 0], [1, 1]], ["-1/2", "-3/2"])
    last = Layer.of("y", [[1, "1/4"], [1, 1]], activation="identity")
    network = Network([hidden, last])
    decoding = Decoding((parse_output("y1 > 1/2", network, "y"),))
    explanation = Explanation.of(network, {"y": "x1"})
    (told,) = why(*proved(Claim(network, Domain(("x1", "x2")), decoding, explanation)))
    assert told.units == ("h1", "y1")
    assert told.weights == (("h1", "x1"), ("y1", "h1"))
    assert told.unused_inputs == ("x2",)


def test_a_write_to_the_last_layer():
    """What was in a unit before it was written is needed only as far as the write leaves it there."""
    network = Network([Layer.of("y", [[1, 0], [0, 1], [1, 1]], activation="identity")])
    decoding = Decoding((parse_output("y1 > 1/2", network, "a"),))
    domain = Domain(("x1", "x2"), rows=((False, False), (True, False)))
    overwritten = Explanation.of(network, {"p": "x1 @ y1", "a": "p"})
    left = Explanation.of(network, {"p": "x1 @ y1 - y2", "a": "x1"}, write={"p": "-1*y2"})
    for explanation, needed in ((overwritten, ()), (left, ("y1",))):
        claim = Claim(network, domain, decoding, explanation)
        verdict = Subject(network, domain, decoding, "table").verify(claim, "interchange").verdict
        (told,) = why(claim, "interchange", verdict)
        assert told.units == needed, told


def proved(claim):
    """Return what to ask about the behavior of a claim."""
    subject = Subject(claim.network, claim.domain, claim.decoding, "table")
    return claim, "behavior", subject.verify(claim, "behavior").verdict


def test_only_proofs_have_a_reason():
    claim = to_claim(xor(ALICE))
    for verdict in (Unknown("no time"), Refuted(None)):
        assert why(claim, "behavior", verdict) == ()
    assert why(claim, "float32", Proved("rounding", 1)) == ()


def test_limits():
    """Where the time is too short nothing is said, or that it may not be minimal; never that it is."""
    parity = FAMILIES["parity"](8)
    domain = Domain(parity.inputs)
    decoding = Decoding((parse_output("y", parity.network),))
    explanation = Explanation.of(parity.network, parity.circuit, inputs=parity.inputs)
    claim = Claim(parity.network, domain, decoding, explanation)
    stated = obligations(claim, "behavior")
    (told,) = why(claim, "behavior", Proved("z3", 1), rlimit=1)
    assert isinstance(told, Untold)
    started = time.monotonic()
    (told,) = why(claim, "behavior", Proved("z3", 1), timeout_s=0.2)
    assert time.monotonic() - started < 5
    assert isinstance(told, Untold) or not told.minimal
    found = cores.core(claim, stated, NO_LIMITS, NO_LIMITS)
    assert found.minimal
    assert found.facts == tuple(facts(claim.network, claim.domain))


def test_a_search_cut_short_says_so(monkeypatch):
    """What was left out until then is told, and that there may be more."""
    claim = read_off([4, 1, "1/2"], -2, "x1")
    follows, asked = cores._Search._follows, []

    def once(search, known):
        if asked:
            raise UndecidedError("no time")
        asked.append(known)
        return follows(search, known)

    monkeypatch.setattr(cores._Search, "_follows", once)
    with pytest.raises(UndecidedError):  # x1 is needed, so nothing was left out
        cores.core(claim, obligations(claim, "behavior"), NO_LIMITS, NO_LIMITS)
    monkeypatch.setattr(cores._Search, "_groups", lambda search: [{fact} for fact in reversed(search.kept)])
    asked.clear()
    found = cores.core(claim, obligations(claim, "behavior"), NO_LIMITS, NO_LIMITS)
    assert not found.minimal
    assert len(found.facts) < 4


def test_a_claim_that_fails_has_no_reason():
    """Were a refuted check called proved, this would come out."""
    claim = to_claim(FIXED["carol"])
    with pytest.raises(InternalError, match="a core that is not enough"):
        why(claim, "readout", Proved("table", 2))


def test_a_lying_search_is_caught(monkeypatch):
    """A solver that calls facts superfluous, or needed, which are not, is contradicted by a second look."""
    claim = to_claim(xor(ALICE))
    stated = obligations(claim, "behavior")
    with monkeypatch.context() as patch:
        patch.setattr(cores._Search, "_follows", lambda self, known: set(known))
        with pytest.raises(InternalError, match="a core that is not enough"):
            cores.core(claim, stated, NO_LIMITS, NO_LIMITS)
    replay = cores._Search._replay
    monkeypatch.setattr(cores._Search, "_replay", lambda self, known: replay(self, self.kept))
    with pytest.raises(InternalError, match="does not replay"):
        cores.core(claim, stated, NO_LIMITS, NO_LIMITS)


def test_smooth_networks_are_not_traced(capsys):
    assert run(["check", str(SPECS / "xor-sigmoid.circuit.yaml"), "--why", "-k", "alice and behavior"]) == 0
    assert "--why is for exact networks" in " ".join(capsys.readouterr().out.split())


def test_sentences():
    """Long lists are cut short; what is not known, or holds of more inputs, is said."""
    inputs = tuple(f"x{i}" for i in range(1, 13))
    units = tuple(Fact("unit", f"h{i}") for i in range(1, 12))
    weights = tuple(Fact("weight", unit.unit, "x1") for unit in units)
    told = Needed("", units[:10], (units[10], *weights, DOMAIN), False, inputs, ("x1",), ("x1", "x2"))
    assert list(sentences(told)) == [
        "why: needs h1, h2, h3, h4, h5, h6, h7 and 3 more of 11 units, 0 of 11 weights; "
        "not shown to be minimal; never looks at x3, x4, x5, x6, x7, x8, x9 and 3 more; "
        "x2 only in the formula; holds outside the domain too"
    ]
    domain = Needed("", (*units[:1], DOMAIN), (), True, ("x1", "x2"), ("x1",), ("x1",))
    assert list(sentences(domain)) == [
        "why: needs all 1 unit, 0 of 0 weights; minimal: with any of these free it fails; "
        "never looks at x2 but for the domain"
    ]
    nothing = Needed("p", (), units[:1], True, ("x1",), (), ("x1",))
    assert list(sentences(nothing)) == [
        "why: p needs nothing of 1 unit, 0 of 0 weights; minimal; x1 only in the formula"
    ]
    rows = tuple((f"k{i}", (("p", F(1)), ("q", F(-2)))) for i in range(10))
    told = list(sentences(Combined("h", rows)))
    assert (told[0], told[-1], len(told)) == (
        "why: k0 sees h as p - 2*q",
        "why: and 2 more units likewise",
        9,
    )
    shown = Shown("p", Run((False, True), (("p", (True, True)),), 1))
    assert list(sentences(shown)) == ["why: p matters at x = 01, set to its value at x = 11"]


def test_api():
    """In Python the reasons are values, if asked for."""
    network = Network([Layer.of("h", XOR[0].W, XOR[0].b), Layer.of("y", XOR[1].W, XOR[1].b)])
    explanation = Explanation.of(network, {"b1": "nand(x1, x2) @ 1 - h3", "y": "x1 ^ x2"})
    for why_too in (False, True):
        readout = verifier.check(network, explanation, checks=["readout"], why=why_too).results[0]
        assert [told.units for told in readout.why] == [("h3",)] * why_too


def test_needed_units_that_never_change(capsys, tmp_path):
    """To be needed is not to be of use: h2 is 0 on all of D, and with another value the claim fails."""
    path = tmp_path / "e.circuit.yaml"
    path.write_text(
        """\
spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [1, 1], [0, 1]], bias: [0, -3, 0], activation: relu}
    - {name: y, weights: [[1, 1, 0]], bias: [-1/2], activation: step}
output: y
explanations: {e: {circuit: {y: x1}}}
"""
    )
    assert run(["check", str(path), "--why"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "why: needs h1, h2, y of 4 units, " in told
    assert "; minimal: with any of these free it fails; h2 is 0 on all of D; never looks at x2" in told
    assert run(["check", str(path), "--why", "--format", "json"]) == 0
    (check,) = checks(capsys.readouterr().out)
    assert check["why"][0]["constant_units"] == {"h2": "0"}
    for method in ("smt", "bdd"):
        assert run(["check", str(path), "--why", "--format", "json", "--method", method]) == 0
        (check,) = checks(capsys.readouterr().out)
        assert check["why"][0]["constant_units"] == {"h2": "0"}, method


def test_cli(capsys):
    """Text and JSON say the same; verdicts and exit code are those without it."""
    spec = str(SPECS / "xor.circuit.yaml")
    documents = []
    for options in ([], ["--why"]):
        assert run(["check", spec, "--format", "json", *options]) == 0
        documents.append(checks(capsys.readouterr().out))
    for one, other in zip(*documents, strict=True):
        assert one["why"] is None
        told = other["why"]
        assert (told is None) == (other["verdict"] != "proved")
        assert all(one[key] == other[key] for key in one if key not in ("why", "seconds"))
        if other["check"] == "interchange":
            assert told[0]["units"] == ["y"]
            assert told[0]["unused_inputs"] == ["x1", "x2"]
    assert run(["check", spec, "--why"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "why: a1 needs h1, h3 of 4 units, 3 of 7 weights; minimal" in told
    assert "why: y sees h as a1 + a2" in told
    assert "never looks at x1, x2" in told


def checks(document):
    specs = json.loads(document)["specs"]
    return [check for spec in specs for e in spec["explanations"] for check in e["checks"]]
