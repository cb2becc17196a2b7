"""Cases that were once wrong, kept for good; each says what was said and what is true."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from verifier import (
    Activation,
    Explanation,
    InputError,
    Layer,
    Network,
    Proved,
    Refuted,
    Unknown,
    check,
)
from verifier.claim import Claim
from verifier.cli import run
from verifier.decoding import Decoding, Output
from verifier.domain import Domain
from verifier.explanation import Feature
from verifier.formula import Gate, Name, parse
from verifier.readout import Linear, Threshold, Units
from verifier.report.describe import chance
from verifier.run.selection import selection
from verifier.verdict import Share

ROOT = Path(__file__).parent.parent


def identity() -> Network:
    hidden = Layer.of("h", [[1, 0], [0, 1]], None, "identity")
    return Network([hidden, Layer.of("y", [[1, 0]], ["-1/2"])])


# 2026-11-21  check(..., method="z3"): no method was prepared, a false claim on an empty domain was proved
@pytest.mark.parametrize("arguments", [{"where": "0"}, {"rows": []}])
def test_an_unknown_method_is_no_way_around_the_empty_domain(arguments: dict[str, object]) -> None:
    explanation = Explanation.of(identity(), {"y": "~x1"})
    with pytest.raises(InputError, match="E601"):
        check(identity(), explanation, method="z3", **arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="E401"):
        check(identity(), explanation, **arguments)  # type: ignore[arg-type]


# 2026-11-21  Explanation.of(..., write={"a": "0*h1"}): a write that sets nothing, and interchange was proved
@pytest.mark.parametrize("write", ["0*h1", "h2", "-3*h1"])
def test_writes_from_python_are_validated(write: str) -> None:
    network = identity()
    explanation = Explanation.of(network, {"a": "x1 @ h1", "y": "a"}, write={"a": write})
    with pytest.raises(InputError, match="E502"):
        check(network, explanation)


@pytest.mark.parametrize("write", [{"a": "y"}, {"b": "h1"}, {"u": "h2"}])
def test_writes_that_fit_no_feature_are_refused(write: dict[str, str]) -> None:
    network = identity()
    with pytest.raises(InputError, match="E502"):
        check(network, Explanation.of(network, {"a": "x1 @ h1", "u": "x2 @ {h2}", "y": "a"}, write=write))


def test_writes_cannot_be_changed_afterwards() -> None:
    explanation = Explanation.of(identity(), {"a": "x1 @ h1", "y": "a"}, write={"a": "h1"})
    with pytest.raises(TypeError):
        explanation.writes["a"] = (Fraction(0), Fraction(0))  # type: ignore[index]


# 2026-11-21  check(..., output=[]): nothing was compared, and a false behavior proved
@pytest.mark.parametrize("output", [[], {}])
def test_no_output_is_refused(output: object) -> None:
    with pytest.raises(InputError, match="E503"):
        check(identity(), Explanation.of(identity(), {"y": "~x1"}), output=output)  # type: ignore[arg-type]


# 2026-11-21  check(..., tolerance=1): both bits agreed with every output, and a false behavior was proved
@pytest.mark.parametrize("tolerance", ["1/2", 1, -1])
def test_tolerances_from_python_are_validated(tolerance: object) -> None:
    with pytest.raises(InputError, match="E104"):
        check(identity(), Explanation.of(identity(), {"y": "~x1"}), tolerance=tolerance)


# 2026-11-21  rows=[(0,1),(0,1),(1,1)]: |D| = 3 was reported for two inputs
def test_equal_rows_are_refused() -> None:
    with pytest.raises(InputError, match="E402"):
        check(identity(), Explanation.of(identity(), {"y": "x1"}), rows=[(0, 1), (0, 1), (1, 1)])


# 2026-11-21  inputs=["p", "set a"]: an input and a free bit were one Z3 variable, interchange proved by smt
def test_names_from_python_are_validated() -> None:
    with pytest.raises(InputError, match="E104"):
        Domain(("p", "set a"))
    with pytest.raises(InputError, match="E104"):
        Explanation("e", (Feature("set a", parse("x1")),))


# 2026-11-21  atleast(0000000001; x1) was read as atleast(0; x1), true everywhere
def test_counts_keep_all_their_digits() -> None:
    assert parse("atleast(0000000001; x1)") == parse("atleast(1; x1)")
    with pytest.raises(InputError, match="E203"):
        parse("atleast(10000000000; x1)")


# 2026-11-21  parity(x08..x9) dropped the input x08
def test_ranges_keep_leading_zeros() -> None:
    assert parse("parity(x08..x11)") == parse("parity(x08,x09,x10,x11)")
    for text in ("parity(x08..x9)", "parity(x1..x08)"):
        with pytest.raises(InputError, match="E203"):
            parse(text)


# 2026-11-21  within a tolerance, "2 of 16 functions are readable" left out the one just proved readable
def test_no_count_of_readable_functions_within_a_tolerance() -> None:
    network = Network([Layer.of("h", [["0.98", "0.02"]], None, "identity"), Layer.of("y", [[1]], ["-1/2"])])
    exact = check(network, Explanation.of(network, {"p": "x1 @ h", "y": "p"}))
    near = check(network, Explanation.of(network, {"p": "x1 @ h", "y": "p"}, tolerance="1/20"))
    assert [v.readable for v in exact["readout"].vacuity] == [2]
    assert near["readout"].vacuity == ()


# 2026-11-21  two relu layers with float64 weights: OverflowError, an int64 zero times a factor beyond int64
@pytest.mark.parametrize(
    "layers",
    [
        [
            Layer.of("h", [[0.1]], [0], "relu"),
            Layer.of("g", [[0.1]], [0], "relu"),
            Layer.of("y", [[1]], ["1/2"]),
        ],
        [Layer.of("h", [[1e-30]], [0], "relu"), Layer.of("y", [[1]], ["1/2"])],
        [Layer.of("h", [[0], [1]], None, "identity"), Layer.of("y", [["1e20", 0]], [1])],
        [Layer.of("h", [["1/2"]], None, Activation("clip", low=0, high="1e19")), Layer.of("y", [[1]], [1])],
    ],
)
def test_huge_and_tiny_numbers_beside_zeros(layers: list[Layer]) -> None:
    network = Network(layers)
    for method in ("table", "smt"):
        assert check(network, Explanation.of(network, {"y": "1"}), method=method).proved


# 2026-11-21  a feature named like a unit of another feature: "a dependency that does not replay"
def test_features_named_like_units() -> None:
    network = Network([Layer.of("h", [[1, 0], [0, 1]], None, "identity"), Layer.of("y", [[1, 1]], ["-1/2"])])
    circuit = {"h2": "x1 @ h1", "p": "x2 @ {h2}", "q": "x1 @ h1", "y": "p | q"}
    report = check(network, Explanation.of(network, circuit), checks=["interchange"])
    assert "h2 - q = 0 on every input" in repr(report)
    shared = {"a": "x1 @ {h1}", "b": "x1 @ {h1, h2}", "y": "a | x2"}
    assert "a.h1 - b.h1 = 0" in repr(check(network, Explanation.of(network, shared), checks=["interchange"]))


# 2026-11-21  numbers of more than 4300 digits could not be printed, and the whole report was lost
def test_numbers_of_many_digits_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "big.circuit.yaml"
    path.write_text(
        "spec: 1\ninputs: [x1]\nnetwork:\n  layers:\n"
        "    - {name: h, weights: [[1e3000]], activation: identity}\n"
        "    - {name: y, weights: [[1e3000]], bias: [1], activation: identity}\n"
        "output: y > 2\nexplanations: {a: {circuit: {y: 0}}}\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-m", "verifier", "check", str(path), "--format", "json"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["exit_code"] == 1


def test_chances_of_huge_shares_are_cheap() -> None:
    total = 10**9000
    assert chance(Share(total // 2, total), 10) == "0.000977"
    assert chance(Share(total - 1, total), 1000) == "1"


# 2026-11-21  --timeout inf and nan, rlimits beyond 32 bits: a crash, or a limit that wrapped around
@pytest.mark.parametrize("options", [["--timeout", "inf"], ["--timeout", "nan"], ["--rlimit", "4294967297"]])
def test_limits_are_finite(options: list[str]) -> None:
    assert run(["check", str(ROOT / "specs" / "xor.circuit.yaml"), "--method", "smt", *options]) == 2


# 2026-11-21  a lone surrogate in the title, a closed stdout or stderr: exit 4 for a spec that is all right
def test_texts_that_cannot_be_encoded(tmp_path: Path) -> None:
    path = tmp_path / "title.circuit.json"
    path.write_text(
        '{"spec": 1, "title": "\\ud800", "inputs": ["a"], "output": "y", "explanations": {"e": {"circuit": '
        '{"y": "a"}}}, "network": {"layers": [{"name": "y", "weights": [[1]], "activation": "identity"}]}}',
        encoding="utf-8",
    )
    for options in ([], ["--format", "json"]):
        words = [sys.executable, "-m", "verifier", "check", str(path), *options]
        assert subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("redirection", ["2>&-", ">&-", "2>&- >&-"])
def test_closed_streams(redirection: str) -> None:
    command = f"exec {sys.executable} -m verifier check specs/xor.circuit.yaml {redirection}"
    assert subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False).returncode == 0


# 2026-11-21  values made by hand: ints where rationals belong ended in tracebacks, or in floats
def test_numbers_made_by_hand_become_exact() -> None:
    assert Activation("leaky_relu", slope=0.5).slope == Fraction(1, 2)
    assert Layer("h", ((1, 2),), (0.5,), Activation("step")).b == (Fraction(1, 2),)
    assert Linear(1, (1, 0), 0).row == (Fraction(1), Fraction(0))
    assert Domain(("a",), low=-1, high=0.5).high == Fraction(1, 2)
    assert Decoding.__doc__
    for made in (
        lambda: Units(1, ()),
        lambda: Units(1, (-1,)),
        lambda: Threshold(1, (Fraction(1),), "=>", Fraction(0)),  # type: ignore[arg-type]
        lambda: Gate("table", (Name("a"), Name("b")), "0"),
        lambda: Gate("nothing", (Name("a"),)),
    ):
        with pytest.raises(InputError):
            made()


# 2026-11-21  p: x1 @ -1*h > 1/2 with write -1*h was refused, since the row had been mirrored
def test_a_comparison_keeps_the_sign_it_was_written_with() -> None:
    network = Network([Layer.of("h", [[-1]], None, "identity"), Layer.of("y", [[-1]], ["-1/2"])])
    explanation = Explanation.of(network, {"p": "x1 @ -1*h > 1/2", "y": "p"}, write={"p": "-1*h"})
    assert check(network, explanation).proved


# 2026-11-21  a dangling link in a folder of specs was skipped without a word
def test_a_dangling_link_is_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.circuit.yaml").symlink_to(tmp_path / "nowhere")
    assert run(["check", str(tmp_path)]) == 2


# 2026-11-21  check(..., checks=iter([...])): nothing was run, and the report said proved
def test_checks_may_be_any_iterable() -> None:
    report = check(identity(), Explanation.of(identity(), {"y": "~x1"}), checks=iter(["behavior"]))  # type: ignore[arg-type]
    assert len(report.results) == 1
    assert not report.proved


# 2026-11-21  an argmax decoding made by hand, its sites other than the units: a wrong mediation was proved
def test_an_argmax_made_by_hand_must_be_the_network_s() -> None:
    layers = [
        Layer.of("h", [[1, 0], [0, 1]], None, "identity"),
        Layer.of("y", [[2, 0], [0, 3]], [0, 1], "identity"),
    ]
    network = Network(layers)
    blank = Linear(2, (Fraction(0), Fraction(0)), Fraction(0))
    decoding = Decoding((Output("y1", blank), Output("y2", blank)), argmax=True)
    explanation = Explanation.of(network, {"a": "x1 @ h1", "y1": "a & ~x2", "y2": "~a | x2"})
    with pytest.raises(InputError, match="E301"):
        Claim(network, Domain(("x1", "x2")), decoding, explanation)
    report = check(network, explanation, output="argmax", checks=["mediation"])
    assert isinstance(report["mediation"].verdict, Refuted)


# 2026-11-21  -k xor was read as an operator of formulas, -k 1 as everything, -k 0 as nothing
def test_selections_are_words() -> None:
    text = "specs/xor.circuit.yaml::alice-2::readout"
    for words in (
        "xor",
        "not mux-2",
        "alice-2 and (readout or behavior)",
        "not not xor",
        "2",
        "organ or xor",
    ):
        select = selection(words)
        assert select is not None, words
        assert select(text), words
    for words in ("0", "1", "true", "not xor", "majority"):
        select = selection(words)
        assert select is not None, words
        assert not select(text), words
    assert selection("") is None
    for words in ("or", "xor and", "(xor", "xor alice", "maj(a)"):
        with pytest.raises(InputError, match="E601"):
            selection(words)


# 2026-11-21  replay commands: a path that begins with -, an explanation named 0, an input outside the domain
def test_replay_commands_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-a.circuit.yaml").write_text(
        "spec: 1\ninputs: [x1, x2]\nwhere: x1\nnetwork:\n  layers:\n"
        "    - {name: h, weights: [[1, 0], [1, 0]], activation: identity}\n"
        "    - {name: y, weights: [[0, 1]], activation: identity}\noutput: y\nexplanations:\n"
        "  0: {circuit: {a: x1 @ h1, y: a}, checks: [mediation]}\n"
        "  or: {circuit: {a: x1 @ h1, b: x1 @ 2*h1 - 1, y: a}, checks: [interchange]}\n",
        encoding="utf-8",
    )
    assert run(["check", "--format", "json", "--", "-a.circuit.yaml"]) == 1
    explanations = json.loads(capsys.readouterr().out)["specs"][0]["explanations"]
    (shift,), (see,) = (e["checks"][0]["counterexample"]["commands"] for e in explanations)
    assert shift.split()[:6] == ["verifier", "eval", "./-a.circuit.yaml", "-e", "0", "--x"]
    assert shift.split()[6][0] == "1"
    for command in (shift, see):
        assert run(shlex.split(command)[1:]) == 0


# 2026-11-21  --timeout 1e306 overflowed
def test_a_very_long_time_limit() -> None:
    assert (
        run(["check", str(ROOT / "specs" / "xor.circuit.yaml"), "--method", "smt", "--timeout", "1e306"]) == 0
    )


# 2026-11-21  repr(report) failed on numbers of more than 4300 digits
def test_a_report_with_long_numbers_has_a_repr() -> None:
    network = Network([Layer.of("y", [[Fraction(10) ** 5000]], [1], "identity")])
    report = check(network, Explanation.of(network, {"y": "0"}), output="y > 2")
    assert len(repr(report)) > 5000


@pytest.mark.parametrize(
    "made",
    [
        lambda: Domain(("a", "b"), rows=((0, 2), (0, 1))),  # type: ignore[arg-type]
        lambda: Domain(("a",), where=parse("b")),
        lambda: Decoding((Output("y", Units(1, (0,))),)),  # type: ignore[arg-type]
        lambda: Layer("h", ((1,),), (0,), "step"),  # type: ignore[arg-type]
        lambda: Feature("a", "x1"),  # type: ignore[arg-type]
    ],
)
def test_values_made_by_hand_are_checked(made: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        made()


# 2026-11-21  float32 was proved although a weight of 0 met an activation that overflows: 0 times infinity
@pytest.mark.parametrize(
    "layers",
    [
        [
            Layer.of("h", [[1, 0], [0, "1e38"]], None, "relu"),
            Layer.of("k", [[1, 0], [0, 10]], None, "relu"),
            Layer.of("y", [[1, 0]], ["-1/2"], "step"),
        ],
        [
            Layer.of("h", [[1, 0], [0, "1e39"]], None, "identity"),
            Layer.of("y", [[1, 0]], ["-1/2"], "step"),
        ],
    ],
)
def test_infinity_times_zero_is_no_number(layers: list[Layer]) -> None:
    network = Network(layers)
    report = check(network, Explanation.of(network, {"y": "x1"}), output="y", checks=["behavior", "float32"])
    assert isinstance(report["float32"].verdict, Unknown)
    assert not isinstance(dict(report["behavior"].floats)["float32"], Proved)


# 2026-11-21  float32 was refuted by a NaN that was taken for at most 1/2; no comparison with one is true
@pytest.mark.parametrize("op", ["<=", "<", ">=", ">"])
def test_a_nan_is_not_below_a_bound(op: str) -> None:
    network = Network([Layer.of("h", [["2e38"], ["2e38"]], ["2e38", "2e38"], "identity")])
    exact = {"<=": "false", "<": "false", ">=": "true", ">": "true"}[op]
    report = check(
        network,
        Explanation.of(network, {"o": exact}),
        output={"o": f"2*h1 - h2 {op} 1/2"},
        where="x1",
        checks=["behavior", "float32"],
    )
    assert report["behavior"].share == Share(1, 1)
    assert isinstance(report["float32"].verdict, Unknown)
