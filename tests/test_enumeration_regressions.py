"""What was once wrong about lists of explanations, with the day and what the tool said; never deleted."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from verifier.api import enumerate_explanations
from verifier.audit import audit
from verifier.cli import run
from verifier.engine.enumeration.enumerate import Options
from verifier.engine.outcome import Exit
from verifier.errors import InputError, InternalError
from verifier.network import Layer, Network
from verifier.run.enumerate_spec import enumerate_spec, prepared, report_of
from verifier.run.why_not import why_not
from verifier.space import Space
from verifier.spec import loads

XOR = """spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1], [1, 1]], bias: [-1/2, -1/2, -3/2], activation: step}
    - {name: y, weights: [[1, 1, -2]], bias: [-1/2], activation: step}
output: y
"""
ONE_INPUT = """spec: 1
inputs: [x]
network:
  layers:
    - {name: h, weights: [[WEIGHT]], activation: identity}
    - {name: y, weights: [[1]], bias: [-1/2], activation: step}
output: y
"""
COPIES = """spec: 1
inputs: [x]
network:
  layers:
    - {name: h, weights: [[1], [1]], activation: identity}
    - {name: y, weights: [[1, 0]], bias: [-1/2], activation: step}
output: y
"""
STRATEGIES = ["decomposed", "monolithic"]


def listed(text, strategy="decomposed", **options):
    """Return the report of the list a spec asks for."""
    return enumerate_spec(loads(text), Options(strategy, **options))


def told(text, strategy="decomposed"):
    """Return count, classes, complete and bound_binding of the list a spec asks for."""
    statement = listed(text, strategy).listing.statement
    return statement.count, statement.classes, statement.complete, statement.bound_binding


# 2026-11-21  readouts differ by a lattice, and the only solution lies far out: 0, complete for all integers
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_solutions_far_out_are_found(strategy):
    text = """spec: 1
inputs: [x1, x2]
where: ~(x1 & x2)
network:
  layers:
    - {name: h, weights: [[1, 0], [1, 0], [0, 1]], activation: identity}
    - {name: y, weights: [[4194304, -4194304, 0]], bias: [2097153], activation: step}
output: y
enumerate: {layer: h, features: 3RESTRICTED}
"""
    statement = listed(text.replace("RESTRICTED", ""), strategy).listing.statement
    assert statement.count >= 8
    assert statement.complete
    restricted = listed(text.replace("RESTRICTED", ", output_gates: [maj]"), strategy).listing.statement
    assert restricted.count >= 8 or not restricted.complete


# 2026-11-21  one given feature fulfils two wishes: the monolithic loop said 0, complete
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("second", ["x1 & ~x2", "x1 & ~x2 @ h1 - h3"])
def test_a_given_feature_may_fulfil_two_wishes(strategy, second):
    given = f"given: {{a1: x1 & ~x2 @ h1 - h3, a2: '{second}'}}"
    text = f"{XOR}enumerate: {{layer: h, features: 2, coefficients: -2..2, {given}}}\n"
    assert told(text, strategy) == (2, 1, True, False)


# 2026-11-21  up to polarity and a lattice: the monolithic loop listed both members of a class
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_per_class_up_to_a_lattice(strategy):
    text = f"{COPIES}enumerate: {{layer: h, features: 1, up_to: [order, polarity]}}\n"
    assert told(text, strategy)[:3] == (1, 1, True)


# 2026-11-21  bounds 0..1 list the only class, and were said to cut its complement off
def test_bounds_bind_classes_where_classes_are_listed(tmp_path):
    text = ONE_INPUT.replace("WEIGHT", "1")
    text += "enumerate: {layer: h, features: 1, coefficients: 0..1, up_to: [order, polarity]}\n"
    assert told(text) == (1, 1, True, False)
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(text)
    assert run(["enumerate", str(spec), "--certificate", str(certificate)]) == 0
    assert audit(certificate).verdict == "valid"


# 2026-11-21  a weight of 2^64 next to a zero: OverflowError
@pytest.mark.parametrize("coefficients", ["-1..1", "any"])
def test_large_weights_do_not_overflow(coefficients):
    text = ONE_INPUT.replace("WEIGHT", "18446744073709551616")
    text += f"enumerate: {{layer: h, features: 1, coefficients: {coefficients}}}\n"
    assert told(text)[:3] == (0, 0, True)


# 2026-11-21  `require` from a generator lost checks; three numbers were taken for two
def test_spaces_take_no_generators_and_no_triples():
    with pytest.raises(InputError):
        Space("h", 2, (-2, 2), require=(check for check in ("readout", "interchange")))
    with pytest.raises(InputError):
        Space("h", 2, (-2, 0, 2))
    with pytest.raises(InputError):
        Space("h", 2, (-(2**70), 2**70))


@pytest.fixture
def xor(tmp_path):
    """Return the paths of a spec of XOR with a list, and of a certificate cut down to its header."""
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(f"{XOR}enumerate: {{layer: h, features: 2, coefficients: -2..2}}\n")
    assert run(["enumerate", str(spec), "--certificate", str(certificate)]) == 0
    certificate.write_text(certificate.read_text().splitlines()[0] + "\n")
    return spec, certificate


def resumed(paths: tuple[Path, Path], line: str, *options: str) -> int:
    """Return the exit code of a run that goes on with a header and one more line."""
    spec, certificate = paths
    certificate.write_text(certificate.read_text() + line + "\n")
    return run(["enumerate", str(spec), "--resume", str(certificate), *options])


# 2026-11-21  a cube said to be closed, and nothing proposed: 0 explanations, complete
@pytest.mark.parametrize("options", [[], ["--no-warm-start"]])
def test_a_closed_cube_is_not_believed(xor, options):
    assert resumed(xor, '{"cube":[],"proof":null,"readouts":[]}', *options) == 0
    assert (audit(xor[1]).verdict, audit(xor[1]).count) == ("valid", 8)


# 2026-11-21  a readout of another width in a resumed file: a traceback
@pytest.mark.parametrize("options", [[], ["--limit", "1"], ["--strategy", "monolithic"]])
def test_a_readout_of_another_width_is_refused(xor, options, capsys):
    assert resumed(xor, '{"features":["0 1;0","1 0;0"],"output":["0111"]}', *options) == 2
    assert "E701" in capsys.readouterr().err


# 2026-11-21  one per class: another member in a resumed file was listed besides, or instead
@pytest.mark.parametrize("options", [[], ["--limit", "1"], ["--strategy", "monolithic"]])
def test_a_member_that_is_not_the_least_is_refused(tmp_path, options, capsys):
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(f"{XOR}enumerate: {{layer: h, features: 2, coefficients: -2..2, up_to: [polarity]}}\n")
    assert run(["enumerate", str(spec), "--certificate", str(certificate)]) == 0
    certificate.write_text(certificate.read_text().splitlines()[0] + "\n")
    line = '{"features":["0 1 -1;0","1 0 -1;0"],"output":["0111"]}'
    assert resumed((spec, certificate), line, *options) == 2
    assert "E701" in capsys.readouterr().err


# 2026-11-21  a false bound_binding where readouts differ by a lattice: valid
def test_an_unchecked_bound_is_not_valid(tmp_path):
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(
        f"{COPIES}enumerate: {{layer: h, features: 1, coefficients: -1..1, require: [readout]}}\n"
    )
    assert run(["enumerate", str(spec), "--certificate", str(certificate)]) == 0
    text = certificate.read_text()
    assert '"bound_binding":true' in text
    assert audit(certificate).verdict == "valid"
    certificate.write_text(text.replace('"bound_binding":true', '"bound_binding":false'))
    assert audit(certificate).verdict == "invalid"


# 2026-11-21  an explanation was looked for by its readouts only, whatever it claims about them
def test_contains_means_the_explanation_not_its_places():
    claim = """explanations:
  liar:
    circuit: {a1: x1 @ h1 - h3, a2: x2 @ h2 - h3, y: a1 & a2}
    expect: {readout: refuted}
  half:
    circuit: {a1: x1 & ~x2 @ h1 - h3, a2: ~x1 & x2 @ h2 - h3, y: a1 & a2}
    expect: {interchange: refuted}
  alice:
    circuit: {a1: x1 & ~x2 @ h1 - h3, a2: ~x1 & x2 @ h2 - h3, y: a1 | a2}
"""
    space = "enumerate: {layer: h, features: 2, coefficients: -2..2, expect: {contains: [NAME]}}\n"
    for name, expected in (("liar", Exit.UNEXPECTED), ("half", Exit.UNEXPECTED), ("alice", Exit.OK)):
        assert listed(XOR + claim + space.replace("NAME", name)).exit == expected


# 2026-11-21  contains: false where functions, not readouts, are listed
def test_contains_knows_functions_up_to_a_lattice():
    text = """spec: 1
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [1, 0], [0, 1]], activation: identity}
    - {name: y, weights: [[1, 1, 2]], bias: [-1], activation: step, tie: 1}
output: y
explanations:
  bob:
    circuit: {a: x1 @ 3*h1 - 2*h2, b: x2 @ h3, y: a | b}
    expect: {readout: proved}
enumerate: {layer: h, features: 2, require: [readout], expect: {contains: [bob]}}
"""
    assert listed(text).exit == Exit.OK


# 2026-11-21  `complete: false` accepts a list that was cut short, and refused one that was not
def test_complete_false_accepts_both():
    space = "enumerate: {layer: h, features: 2, coefficients: -2..2, expect: {complete: false}}\n"
    assert listed(XOR + space).exit == Exit.OK
    assert listed(XOR + space, limit=3).exit == Exit.OK


# 2026-11-21  check -k enumerate forgot the explanations that `contains` names: NOT AS EXPECTED
def test_a_selected_list_knows_all_explanations(tmp_path):
    spec = tmp_path / "s.circuit.yaml"
    claim = "explanations: {alice: {circuit: {a: x1 & ~x2 @ h1 - h3, b: ~x1 & x2 @ h2 - h3, y: a | b}}}\n"
    space = "enumerate: {layer: h, features: 2, coefficients: -2..2, expect: {contains: [alice]}}\n"
    spec.write_text(
        XOR
        + claim.replace("{a: ", '{a: "').replace(" h3, b: ", ' h3", b: "').replace(" h3, y: a", ' h3", y: a')
        + space
    )
    assert run(["check", str(spec), "-k", "enumerate"]) == 0


# 2026-11-21  --resume with a limit, or without python-sat, made a complete certificate an unfinished one
def test_a_complete_certificate_stays_complete(xor):
    spec, certificate = xor
    assert run(["enumerate", str(spec), "--resume", str(certificate)]) == 0
    before = certificate.read_bytes()
    assert run(["enumerate", str(spec), "--resume", str(certificate), "--limit", "1"]) == 3
    assert certificate.read_bytes() == before


# 2026-11-21  features by the proofs of the cubes, and a bound_binding that nothing looked at: valid
def test_a_bound_is_looked_at_where_proofs_give_the_features(tmp_path):
    pytest.importorskip("pysolvers")
    n = 26
    names = [f"x{i + 1}" for i in range(n)]
    rows = [[0] * n, *([int(i == j) for j in range(n)] for i in range(n))]
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n")
    weights = [[(1 if i == 0 else 2) * int(i == j) for j in range(n)] for i in range(n)]
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(
        f"spec: 1\ninputs: [x1..x{n}]\nrows: rows.csv\nnetwork:\n  layers:\n"
        f"    - {{name: h, weights: {weights}, activation: identity}}\n"
        f"    - {{name: y, weights: [{[1] + [0] * (n - 1)}], bias: [-1/2], activation: step}}\n"
        "output: y\nenumerate: {layer: h, features: 1, coefficients: -1..1}\n"
    )
    assert run(["enumerate", str(spec), "--certificate", str(certificate), "--proof", "lrat"]) == 0
    text = certificate.read_text()
    assert '"bound_binding":null' in text
    assert audit(certificate).verdict == "valid"
    for claim in ("true", "false"):
        certificate.write_text(text.replace('"bound_binding":null', f'"bound_binding":{claim}'))
        assert audit(certificate).verdict == "holey"


# 2026-11-21  contains passed although mediation, or the output formula, is refuted
def test_contains_asks_for_all_required_checks():
    text = COPIES.replace("[1, 0]", "[3, -2]") + (
        "explanations:\n  bob: {circuit: {a: x @ h1, y: a}, expect: {mediation: refuted}}\n"
        "enumerate: {layer: h, features: 1, expect: {contains: [bob]}}\n"
    )
    assert listed(text).exit == Exit.UNEXPECTED


@pytest.mark.parametrize("mode", ["single", "donor"])
def test_contains_asks_for_all_writes(mode):
    text = """spec: 1
inputs: [x1, x2, x3]
where: exactly(1; x1,x2,x3)
network:
  layers:
    - {name: h, weights: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], activation: identity}
    - {name: y, weights: [[2, 2, -3]], bias: [-1], activation: step}
output: y
explanations:
  veto:
    circuit: {a: x1 @ h1, b: x2 @ h2, c: x3 @ h3, y: (a | b) & ~c}
    interchange: {mode: MODE}
enumerate: {layer: h, features: 3, coefficients: 0..1, expect: {contains: [veto]}}
""".replace("MODE", mode)
    assert listed(text).exit == Exit.UNEXPECTED


# 2026-11-21  contains failed for the complement where functions are listed, one per class
@pytest.mark.parametrize("coefficients", ["any", "-1..1"])
def test_contains_knows_classes_of_functions(coefficients):
    text = COPIES + (
        "explanations:\n  pos: {circuit: {a: x @ h1, y: a}}\n  neg: {circuit: {a: ~x @ 1 - h1, y: ~a}}\n"
        f"enumerate: {{layer: h, features: 1, coefficients: {coefficients}, up_to: [polarity], "
        "expect: {contains: [pos, neg]}}\n"
    )
    assert listed(text).exit == Exit.OK


# 2026-11-21  which readouts stood for functions depended on their order: an honest file was refused
@pytest.mark.parametrize("options", [[], ["--limit", "1"], ["--strategy", "monolithic"]])
def test_representatives_do_not_depend_on_the_order(tmp_path, options):
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text("""spec: 1
inputs: [x1, x2]
where: ~(x1 & x2)
network:
  layers:
    - {name: h, weights: [[-1, 0], [1, 0], [1, -1]], activation: identity}
    - {name: y, weights: [[0, 0, -1]], bias: [-1/2], activation: step}
output: y
enumerate: {layer: h, features: 3, require: [readout]}
""")
    for strategy in STRATEGIES:
        words = ["enumerate", str(spec), "--force", "--strategy", strategy, "--limit", "2"]
        assert run([*words, "--certificate", str(certificate)]) == 3
        assert run(["enumerate", str(spec), "--resume", str(certificate), *options]) in (0, 3)


# 2026-11-21  no time to look at what a file holds: a traceback; now the file stands
def test_no_time_for_what_a_file_holds(tmp_path):
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    gated = "enumerate: {layer: h, features: 2, coefficients: -2..2, gates: [or, and]}\n"
    hidden = [[1] * 16, [1] * 16]
    spec.write_text(
        "spec: 1\ninputs: [x1..x16]\nnetwork:\n  layers:\n"
        f"    - {{name: h, weights: {hidden}, bias: [-1/2, -31/2], activation: step}}\n"
        "    - {name: y, weights: [[1, -1]], bias: [-1/2], activation: step}\n"
        f"output: y\n{gated}"
    )
    assert run(["enumerate", str(spec), "--certificate", str(certificate), "--limit", "1"]) == 3
    held = [line for line in certificate.read_text().splitlines() if '"features":[' in line]
    for seconds in ("0.000001", "0.001", "0.01"):
        assert run(["enumerate", str(spec), "--resume", str(certificate), "--timeout", seconds]) in (0, 3)
        assert set(held) <= set(certificate.read_text().splitlines())


# 2026-11-21  a constant or repeated feature in a resumed file, where functions are listed: exit 4
@pytest.mark.parametrize("features", ['"0 0;0","1 0;0"', '"1 0;0","1 0;0"'])
@pytest.mark.parametrize("options", [[], ["--limit", "1"], ["--strategy", "monolithic"]])
def test_no_features_in_a_resumed_file_are_refused(tmp_path, features, options):
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(f"{COPIES}enumerate: {{layer: h, features: 1..2}}\n")
    assert run(["enumerate", str(spec), "--certificate", str(certificate)]) == 0
    certificate.write_text(certificate.read_text().splitlines()[0] + "\n")
    assert resumed((spec, certificate), f'{{"features":[{features}],"output":["0111"]}}', *options) == 2


# 2026-11-21  numbers beyond 64 bits, in the engine and in the auditor: OverflowError, or exit 4
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("weights", "above", "space", "count"),
    [
        (
            "[[1, 0], [0, 1]]",
            "[[1, 1]]",
            "features: 1..2, coefficients: -1..1, require: [readout, interchange]",
            0,
        ),
        (
            "[[9223372036854775809, 1], [1, 9223372036854775809]]",
            "[[1, 1]]",
            "features: 1, coefficients: -1..1",
            0,
        ),
        (
            "[[9223372036854775807, 0], [1, 0]]",
            "[[1, 1]]",
            "features: 1, coefficients: -2..2, require: [readout]",
            2,
        ),
        ("[[4294967296, 1], [1, 4294967296]]", "[[1, 1]]", "features: 1, coefficients: -2..2", 0),
    ],
)
def test_numbers_beyond_64_bits(tmp_path, strategy, weights, above, space, count):
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(
        "spec: 1\ninputs: [x1, x2]\nnetwork:\n  layers:\n"
        f"    - {{name: h, weights: {weights}, activation: identity}}\n"
        f"    - {{name: y, weights: {above}, bias: [-36893488147419103233/2], activation: step}}\n"
        f"output: y\nenumerate: {{layer: h, {space}}}\n"
    )
    assert run(["enumerate", str(spec), "--certificate", str(certificate), "--strategy", strategy]) == 0
    found = audit(certificate)
    assert (found.verdict, found.count) == ("valid", count)


# 2026-11-21  an empty box is complete and bounded, and had no proofs
def test_an_empty_box_needs_no_proof(tmp_path):
    pytest.importorskip("pysolvers")
    spec, certificate = tmp_path / "s.yaml", tmp_path / "c.jsonl"
    spec.write_text(f"{XOR}enumerate: {{layer: h, features: 2, coefficients: 1..2, must_not_use: [h3]}}\n")
    assert run(["enumerate", str(spec), "--certificate", str(certificate), "--proof", "lrat"]) == 0
    assert audit(certificate).verdict == "valid"


# 2026-11-21  a unit without weights and a bias of many digits above the layer: OverflowError
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_bias_of_many_digits_beside_no_weights(strategy):
    text = """spec: 1
inputs: [x]
network:
  layers:
    - {name: h, weights: [[1], [-1]], bias: [-1/2, 1/3], activation: step}
    - {name: g, weights: [[1, 0], [0, 0]], bias: [0, -1e-30], activation: identity}
output: {o: g1 - 2*g2 <= 1/3}
enumerate: {layer: h, features: 1..2, coefficients: -2..2}
"""
    found = listed(text, strategy).listing
    assert found.statement.complete
    assert ("1 0;0",) in [item.features for item in found]


# 2026-11-21  Ctrl-C while check lists: the run went on with the next spec
def test_an_interruption_ends_check(tmp_path, monkeypatch):
    import verifier.engine.enumeration.enumerate as enumeration

    def interrupted(*_):
        raise KeyboardInterrupt

    spec = tmp_path / "s.circuit.yaml"
    spec.write_text(f"{XOR}enumerate: {{layer: h, features: 2, coefficients: -2..2, expect: {{count: 8}}}}\n")
    assert run(["check", str(spec)]) == 0
    monkeypatch.setattr(enumeration, "prepare", interrupted)
    assert run(["check", str(spec)]) == 130
    assert run(["enumerate", str(spec)]) == 3


# 2026-11-21  with argmax the tolerance of the file was forgotten: an empty list was complete, and valid
@pytest.mark.parametrize("activation", ["relu", "sigmoid, slope: 25"])
def test_argmax_keeps_the_tolerance(activation, tmp_path):
    w, b = (0.95, 0) if activation == "relu" else (1.9, -1)
    text = f"""spec: 1
inputs: [x1, x2]
network:
  layers:
    - {{name: h, weights: [[{w}, 0], [0, {w}]], bias: [{b}, {b}], activation: {activation}}}
    - {{name: y, weights: [[1, 0], [-1, 0]], bias: [-0.5, 0.5], activation: identity}}
output: OUTPUT
tolerance: 1/10
explanations: {{e: {{circuit: {{a: x1 @ h1, y1: a, y2: ~a}}}}}}
enumerate: {{layer: h, features: 1, coefficients: -2..2, expect: {{contains: [e]}}}}
"""
    spec, certificate = tmp_path / "s.circuit.yaml", tmp_path / "c.jsonl"
    counts = []
    for output in ("argmax", "{y1: y1 - y2 > 0, y2: y2 - y1 > 0}"):
        spec.write_text(text.replace("OUTPUT", output))
        assert run(["check", str(spec)]) == 0
        assert run(["enumerate", str(spec), "--certificate", str(certificate), "--force"]) == 0
        verdict = audit(certificate)
        assert verdict.verdict == ("valid" if activation == "relu" else "holey")
        counts.append(certificate.read_text().count('"features"'))
    assert counts[0] == counts[1] > 0


# 2026-11-21  the same, from Python
def test_argmax_keeps_the_tolerance_in_python():
    network = Network(
        [
            Layer.of("h", [["0.95"]], None, "relu"),
            Layer.of("y", [[1], [-1]], ["-1/2", "1/2"], "identity"),
        ]
    )
    space = Space("h", 1, (-1, 1))
    outputs = ["argmax", {"y1": "y1 - y2 > 0", "y2": "y2 - y1 > 0"}]
    lists = [[*enumerate_explanations(network, space, output=o, tolerance="1/10")] for o in outputs]
    assert [len(found) for found in lists] == [3, 3]


# 2026-11-22  no unit of the next layer reaches an output: division by zero
@pytest.mark.parametrize("require", ["[readout, interchange]", "[readout, mediation, interchange]"])
@pytest.mark.parametrize("readouts", ["linear", "threshold"])
def test_outputs_that_nothing_reaches_have_no_explanation(readouts, require):
    text = f"""spec: 1
inputs: [x1, x2]
network:
  layers:
    - {{name: h, weights: [[1, 0], [0, 1]], activation: relu}}
    - {{name: g, weights: [[1, 1]], activation: relu}}
    - {{name: y, weights: [[0]], bias: [1], activation: identity}}
output: y > 1/2
enumerate: {{layer: h, features: 1..2, coefficients: -1..1, readouts: {readouts}, require: {require}}}
"""
    assert told(text)[:3] == (0, 0, True)


PAIRS = """spec: 1
inputs: [a, b, c, d]
network:
  layers:
    - name: h
      weights: [[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]]
      bias: [-3/2, -3/2, -7/2]
      activation: step
    - {name: y, weights: [[1, 1, -2]], bias: [-1/2], activation: step}
output: y
explanations:
  one_sided: {circuit: {l: a & b & ~(c & d) @ h1 - h3, r: c & d & ~(a & b) @ h2 - h3, y: l | r}}
  both_sides: {circuit: {l: a & b & ~(c & d) @ h1 - h3, r: c & d & ~(a & b) @ h2 - h3, y: l & r}}
  relabelled: {circuit: {n: ~(a & b) | c & d @ 1 - h1 + h3, q: c & d @ h2, m: a & b & q @ h3, y: ~n | q & ~m}}
  shortcut: {circuit: {l: a & b & ~(c & d) @ h1 - h3, r: c & d & ~(a & b) @ h2 - h3, y: l | c & d & ~(a & b)}}
  misread: {circuit: {l: a & b @ h1 - h3, r: c & d & ~(a & b) @ h2 - h3, y: l | r}}
enumerate: {layer: h, features: 1..3, coefficients: -2..2}
"""
EQUALITY = """spec: 1
inputs: [a1, a0, b1, b0]
network:
  layers:
    - {name: g, weights: [[1, 0, -1, 0], [-1, 0, 1, 0], [0, 1, 0, -1], [0, -1, 0, 1]], activation: relu}
    - name: h
      weights: [[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]]
      bias: [-1/2, -1/2, -3/2]
      activation: step
    - {name: y, weights: [[-1, -1, 1]], bias: [1/2], activation: step}
output: y
explanations:
  bitwise: {circuit: {d1: a1 ^ b1 @ g1 + g2, d0: a0 ^ b0 @ g3 + g4, e1: d1 @ h1, e0: d0 @ h2, y: ~(e1 | e0)}}
  counted: {circuit: {d1: a1 ^ b1 @ g1 + g2, d0: a0 ^ b0 @ g3 + g4, any: d1 | d0 @ h1 + h2 - h3, y: ~any}}
  false_order: {circuit: {g1: a1 & ~b1 @ g1, g0: a0 & ~b0 @ g3, any: g1 | g0 @ h1 + h2 - h3, y: ~any}}
  both_above: {circuit: {d1: a1 ^ b1 @ g1 + g2, d0: a0 ^ b0 @ g3 + g4, any: d1 & d0 @ h1 + h2 - h3, y: ~any}}
enumerate: {layer: LAYER, features: 1..4, coefficients: any}
"""
AT_G, AT_H = EQUALITY.replace("LAYER", "g"), EQUALITY.replace("LAYER", "h")
ONE_SIDED = ["p: a & b & ~(c & d) @ h1 - h3", "q: c & d & ~(a & b) @ h2 - h3"]


# 2026-11-22  "not ruled out: it is an explanation of this space", of what `enumerate` says is not listed;
#             "not listed: bitwise, because its mediation is not proved": refuted, and at another layer
@pytest.mark.parametrize(
    ("text", "name", "condition", "why"),
    [
        (PAIRS, "both_sides", "interchange", "THOSE; its y is l & r, the network's l | r"),
        (PAIRS, "relabelled", "interchange", "THOSE; its y is ~n | q & ~m, the network's "),
        (PAIRS, "shortcut", "interchange", "THOSE; its interchange is refuted at x = 0000, with r := 1: y "),
        (PAIRS, "misread", "readout", "l reads 0 at x = 1111, its gate says 1"),
        (
            AT_G,
            "bitwise",
            "mediation",
            "THOSE; its mediation is refuted at layer h: moving along h3 changes ",
        ),
        (AT_G, "both_above", "readout", "THOSE; its readout is refuted at x = 0001: any reads 1, the expl"),
        (AT_G, "false_order", "mediation", "unit h1 of the next layer sees more: g2 changes it"),
        (AT_H, "false_order", "readout", "any reads 1 at x = 0001, its gate says 0"),
        (AT_H, "bitwise", "mediation", "unit y of the next layer sees more: h3 changes it"),
    ],
)
def test_why_not_and_the_list_say_the_same(text, name, condition, why):
    spec = loads(text)
    report = enumerate_spec(spec, Options())
    assert name not in report.named
    answer = why_not(spec, [name], Options())
    assert answer.exit is Exit.OK
    of_one = why.replace("THOSE", "its features are those of a listed explanation")
    assert answer.text.startswith(f"ruled out by {condition}: {of_one}")
    told = re.sub(r"those of no\. \d+;", "those of a listed explanation;", report.absent[name])
    assert answer.text == f"ruled out by {condition}: {told}"
    assert ("THOSE" in why) is (told != report.absent[name])


@pytest.mark.parametrize(("text", "name"), [(PAIRS, "one_sided"), (AT_G, "counted"), (AT_H, "counted")])
def test_why_not_of_what_the_list_names(text, name):
    spec = loads(text)
    assert name in enumerate_spec(spec, Options()).named
    assert why_not(spec, [name], Options()).exit is Exit.UNEXPECTED


# 2026-11-22  the same of `y: p & q` on the command line, where any output was taken, of unknown names too
@pytest.mark.parametrize(
    ("features", "code", "told"),
    [
        ([*ONE_SIDED, "y: p & q"], Exit.OK, "; its y is p & q, the network's p | q"),
        ([*ONE_SIDED, "y: 1"], Exit.OK, "; its y is 1, the network's p | q"),
        ([*ONE_SIDED, "both: p & q", "y: p ^ q ^ both"], Exit.UNEXPECTED, "of this space (y is p | q)"),
        ([*ONE_SIDED, "y: p | q"], Exit.UNEXPECTED, "explanation of this space (y is p | q)"),
        (ONE_SIDED, Exit.UNEXPECTED, "explanation of this space (y is p | q)"),
        (["one_sided", "y: l & r"], Exit.OK, "; its y is l & r, the network's l | r"),
        ([ONE_SIDED[0], "q: c & d & ~p @ h2 - h3"], Exit.OK, "q reads 0 at x = 1111, its gate says 1"),
        (["p: a & b @ h1", "m: p & c & d @ h3", "q: c & d @ h2"], Exit.UNEXPECTED, "of this space"),
    ],
)  # fmt: skip
def test_why_not_looks_at_outputs_and_earlier_features(features, code, told):
    answer = why_not(loads(PAIRS), features, Options())
    assert answer.exit is code
    assert told in answer.text


@pytest.mark.parametrize("line", ["y: p | zzz", "s: zzz & p @ h3", "s: y @ h3"])
def test_why_not_knows_no_other_names(line):
    with pytest.raises(InputError, match=r"E202 unknown name (zzz|y)"):
        why_not(loads(PAIRS), [*ONE_SIDED, line], Options())


# 2026-11-22  "0 explanations", complete for all integers, where 1/2*h1 is a readout: no word of fractions
@pytest.mark.parametrize(("weight", "told"), [("2", True), ("1", False)])
def test_an_empty_list_tells_that_coefficients_are_whole(weight, told, tmp_path, capsys):
    spec = tmp_path / "s.circuit.yaml"
    spec.write_text(ONE_INPUT.replace("WEIGHT", weight) + "enumerate: {layer: h, features: 1}\n")
    assert run(["enumerate", str(spec)]) == 0
    out = capsys.readouterr().out
    assert ("0 explanations" in out) is told
    assert ("coefficients are whole numbers" in out) is told


# 2026-11-22  two features that are alike were taken for one: "no. 1 = twice" of a list of single features
@pytest.mark.parametrize("section", ["coefficients: any", "coefficients: any, up_to: [polarity]"])
@pytest.mark.parametrize("other", ["x @ h2", "~x @ 1 - h2"])
def test_features_that_are_alike_are_not_one(section, other):
    text = f"""{COPIES.replace("[[1, 0]]", "[[1, 1]]")}explanations:
  once: {{circuit: {{a: x @ h1, y: a}}}}
  twice: {{circuit: {{a: x @ h1, b: {other}, y: a}}}}
enumerate: {{layer: h, features: 1..2, require: [readout], {section}}}
"""
    report = listed(text)
    assert "once" in report.named
    assert "twice" not in report.named
    assert report.absent["twice"].startswith("a and b are ")


# 2026-11-22  "another one of its class is listed", of whatever a list lacked
def test_a_list_that_lacks_an_explanation_is_a_defect_or_a_false_lock():
    spec = loads(PAIRS)
    subject = prepared(spec, Options())
    listing = enumerate_spec(spec, Options(), subject=subject).listing
    empty = replace(listing, items=(), groups=())
    with pytest.raises(InternalError, match="a complete list that lacks one_sided"):
        report_of(spec, subject, empty)
    locked = replace(empty, statement=replace(listing.statement, rests_on="lock"))
    assert report_of(spec, subject, locked).absent["one_sided"] == "the list that was locked lacks it"
