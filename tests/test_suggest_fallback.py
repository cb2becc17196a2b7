"""What `suggest` says where nothing mediates: why not, what holds without mediation, and near misses."""

import io
import json
import sys
import time
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

import verifier.cli.terminal as terminal
from verifier import InputError, Layer, Network, check, suggest
from verifier.cli import run
from verifier.engine.enumeration.enumerate import Progress
from verifier.engine.outcome import Exit
from verifier.linear import independent
from verifier.run.check_specs import Options, check_specs
from verifier.spec import load

EXPLAINED, MISSED = 12, 30
FULL, FREE = ("readout", "mediation", "interchange"), ("readout", "interchange")


def weights(seed):
    """Return W1, b1, W2, b2 of three inputs, three units and one output; whole numbers."""
    rng = np.random.default_rng(seed)
    sizes = (9, (3, 3)), (9, 3), (99, (1, 3)), (99, 1)
    return [rng.integers(-most, most + 1, shape) for most, shape in sizes]


def network(seed):
    """Return the network with these weights."""
    W1, b1, W2, b2 = (array.tolist() for array in weights(seed))
    return Network([Layer.of("h", W1, b1, "relu"), Layer.of("y", W2, b2, "identity")])


def about(seed, tmp_path, *more):
    """Run `suggest` on a file with these weights; return the code and the spec written."""
    arrays = dict(zip(("W1", "b1", "W2", "b2"), (a.astype(float) for a in weights(seed)), strict=True))
    np.savez(tmp_path / "net.npz", **arrays)
    out = tmp_path / "out.circuit.yaml"
    words = ["--activations", "relu,identity", "--output", "y > 0", "--features", "1..2"]
    return run(["suggest", str(tmp_path / "net.npz"), *words, "-o", str(out), "--force", *more]), out


def proved(out):
    """Have a spec checked, which must be as expected."""
    (report,) = check_specs([str(out)], Options(timeout_s=60))
    assert report.exit == Exit.OK
    return report


def test_what_rules_sets_out_is_counted_as_by_hand():
    """Of all sets of forms, those whose rows span what the next layer sees."""
    (layer,) = suggest(network(EXPLAINED), output="y > 0", features=(1, 2)).layers
    target = tuple(map(Fraction, weights(EXPLAINED)[2][0].tolist()))
    box = (row for row in product(range(-2, 3), repeat=3) if np.gcd.reduce(row) == 1)
    W1, b1 = weights(EXPLAINED)[:2]
    hidden = np.maximum(np.array(list(product((0, 1), repeat=3))) @ W1.T + b1, 0)
    told = [row for row in box if next(c for c in row if c) > 0 and len(set(hidden @ row)) > 1]
    forms = [tuple(map(Fraction, row)) for row in told]
    for counted in layer.counted:
        if counted.space.require != FULL or counted.space.readouts != "threshold":
            continue
        k = counted.space.features[0]
        sets = list(combinations(forms, k))
        spanning = sum(
            len(independent(some)) == k and len(independent([*some, target])) == k for some in sets
        )
        assert (counted.obstacle.forms, counted.obstacle.sets) == (len(forms), len(sets))
        assert counted.obstacle.mediating == spanning


def test_without_mediation_there_is_an_explanation_and_the_spec_says_so(tmp_path, capsys):
    """Each claim expects mediation to be refuted, the list is guarded, the empty ones are remarks alone."""
    code, out = about(EXPLAINED, tmp_path)
    assert code == 0
    told = capsys.readouterr().out
    assert "no explanation with mediation among these; without mediation" in told
    text = out.read_text(encoding="utf-8")
    assert "count: 0" not in text
    assert "# Layer h, readout, mediation, interchange: 1 to 2 features" in text
    spec = load(out)
    assert spec.enumeration.space.require == FREE
    assert spec.enumeration.expect.count > 0
    assert "simple1" in spec.enumeration.expect.contains
    report = proved(out)
    assert len(report.explanations[0].checks) == 4
    assert "mediation: refuted" in text


def test_near_misses_have_the_share_that_checking_finds(tmp_path, capsys):
    """Behavior and readout hold; interchange fails in just so many cases."""
    suggestion = suggest(network(MISSED), output="y > 0", features=(1, 2))
    (layer,) = suggestion.layers
    assert not layer.telling
    assert 0 < len(layer.misses) <= layer.tried
    shares = [miss.share.fraction for miss in layer.misses]
    assert shares == sorted(shares, reverse=True)
    for miss in layer.misses:
        report = check(
            network(MISSED),
            miss.explanation,
            output="y > 0",
            checks=["behavior", "readout", "interchange"],
        )
        assert report["behavior"].share.fraction == report["readout"].share.fraction == 1
        assert report["interchange"].share == miss.share
        assert miss.share.fraction < 1
    code, out = about(MISSED, tmp_path)
    assert code == 0
    assert f"interchange holds in {layer.misses[0].share} cases" in capsys.readouterr().out
    proved(out)
    claimed = [e.explanation.name for e in load(out).entries]
    assert claimed[-1] == "function"
    assert [name for name in claimed if name.startswith("near")] == [
        f"near{i}" for i in range(1, len(layer.misses) + 1)
    ]


def test_what_is_required_can_be_chosen(tmp_path, capsys):
    """With mediation alone nothing else is tried; without it, it is what was asked for."""
    for require in (FULL, FREE):
        assert about(EXPLAINED, tmp_path, "--require", ",".join(require), "--format", "json")[0] == 0
        (layer,) = json.loads(capsys.readouterr().out)["layers"]
        assert {tuple(each["require"]) for each in layer["lists"]} == {require}
        assert bool(layer["explanations"]) == (require == FREE)
        assert layer["lists"][0]["excluded"]["forms"] == 0
    for text, message in (
        ("readout,meditation", "did you mean mediation"),
        ("readout", "expected readout,mediation,interchange or readout,interchange as --require"),
    ):
        assert about(EXPLAINED, tmp_path, "--require", text)[0] == 2
        told = capsys.readouterr().err
        assert "E601" in told
        assert message in told
    with pytest.raises(InputError, match="E601"):
        suggest(network(EXPLAINED), output="y > 0", require="interchange")


def test_staircases_are_looked_at_when_they_are_asked_for():
    """A layer of steps that cuts a number at every level holds many functions, and tells nothing."""
    steps = Layer.of("h", [[1, 2, 4, 8]] * 16, [f"-{2 * i + 1}/2" for i in range(16)], "step")
    staircase = Network([steps, Layer.of("y", [[1] * 16], ["-15/2"], "step")])
    (layer,) = suggest(staircase, features=(1, 1)).layers
    assert layer.skipped == "16 steps that cut a number at each level, as quantisation does: not looked at"
    assert (layer.counted, layer.candidates) == ((), None)
    (layer,) = suggest(staircase, features=(1, 1), layers=["h"], coefficients=(0, 0)).layers
    assert not layer.skipped
    assert layer.counted


class Pipe(io.StringIO):
    """Standard error that is no terminal."""


def test_progress_is_told_in_lines_where_there_is_no_terminal(monkeypatch):
    """After a while, then now and then; what ends early says nothing."""
    monkeypatch.setattr(sys, "stderr", Pipe())
    monkeypatch.setattr(terminal, "FIRST_S", 30.0)
    with terminal.list_progress() as show:
        show(Progress(time.monotonic()))
    assert sys.stderr.getvalue() == ""
    monkeypatch.setattr(terminal, "FIRST_S", 0.05)
    monkeypatch.setattr(terminal, "EVERY_S", 0.05)
    with terminal.list_progress() as show:
        show(Progress(time.monotonic(), features=7, doing="layer h, 2 features"))
        deadline = time.monotonic() + 10
        while sys.stderr.getvalue().count("\n") < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    lines = sys.stderr.getvalue().splitlines()
    assert len(lines) >= 2
    assert all(
        line.startswith("still searching after 0 s: layer h, 2 features: 0 found") for line in lines[:2]
    )
    assert "\r" not in sys.stderr.getvalue()


@pytest.mark.slow
def test_quantised_layers_are_skipped_and_the_rest_is_explained(tmp_path, capsys):
    """The comparison that int8 broke is told as a vote."""
    gallery = Path(__file__).parent.parent / "specs" / "gallery"
    out = tmp_path / "out.circuit.yaml"
    assert run(["suggest", str(gallery / "greater-int8.circuit.yaml"), "-o", str(out)]) == 0
    told = capsys.readouterr().out
    assert "layer ha: 510 steps that cut 4 numbers at each level" in told
    assert "1 iff -31*a5 - 16*a4 - 8*a3 - 4*a2 - 2*a1 - a0 + 31*b5" in told
    proved(out)
