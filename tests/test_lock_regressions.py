"""Locks that said what no check would have found, with digests and versions that fit: none of it may pass."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import verifier.run.believed as believed
from verifier.certificate import canonical, digest
from verifier.cli import run
from verifier.engine.outcome import Exit
from verifier.engine.verify import Subject
from verifier.lock.digests import about, claim_digest, space_digest
from verifier.lock.document import CERTIFICATES, NAME
from verifier.run.certify import header
from verifier.run.check_specs import tool_versions
from verifier.run.enumerate_spec import query_of
from verifier.run.locked import versions
from verifier.spec import Spec, load
from verifier.verdict import UndecidedError

SPECS = Path(__file__).parent.parent / "specs"
CLAIMS = "claims.circuit.yaml"


@dataclass
class Forge:
    """A spec beside a lock that says everything of it is as it expects, and its list complete."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def lock(self, text: str, rests_on: str = "table", listed: Sequence[str] = (), **held: Any) -> None:
        """Write the spec and the lock; `listed` are single readouts, `held` keys of every check."""
        path = self.folder / CLAIMS
        path.write_text(f"spec: 1\n{text}", encoding="utf-8")
        spec = load(str(path))
        now = about(spec.network, spec.domain, spec.decoding)
        entry = {
            "sha256": spec.sha256,
            "network": now.network,
            "domain": now.domain,
            "decoding": now.decoding,
            "tool": versions(),
            "explanations": {
                each.explanation.name: {
                    "claim": claim_digest(each.explanation),
                    "checks": {
                        check: {"verdict": expected, "expected": expected, "rests_on": rests_on, **held}
                        for check, expected in each.checks
                    },
                }
                for each in spec.entries
            },
        }
        if spec.enumeration is not None:
            lines = [canonical({"features": [each], "output": None}) + "\n" for each in listed]
            entry["enumerate"] = self._list(spec, lines)
        (self.folder / NAME).write_text(json.dumps({"version": 1, "specs": {CLAIMS: entry}}))

    def _list(self, spec: Spec, lines: Sequence[str]) -> dict[str, Any]:
        assert spec.enumeration is not None
        counts = {"count": len(lines), "classes": len(lines)}
        said = {"complete": True, **counts, "bound_binding": None, "rests_on": "arb"}
        footer = canonical({**said, "list_sha256": digest("".join(lines))})
        text = f"{header(query_of(spec), tool_versions())}{''.join(lines)}{footer}\n"
        (self.folder / CERTIFICATES).mkdir()
        (self.folder / CERTIFICATES / f"{digest(text)}.jsonl").write_text(text, encoding="utf-8")
        space = space_digest(spec.network, spec.domain, spec.decoding, spec.enumeration.space)
        held = {key: said[key] for key in ("complete", "count", "classes", "rests_on")}
        return {"space": space, "certificate": digest(text), "audit": "holey", **held}

    def change(self, change: Any) -> None:
        """Change the entry of the spec."""
        lock = json.loads((self.folder / NAME).read_text(encoding="utf-8"))
        change(lock["specs"][CLAIMS])
        (self.folder / NAME).write_text(json.dumps(lock), encoding="utf-8")

    def check(self, *arguments: str) -> tuple[int, Any]:
        """Return the exit code of a check, and its document about the spec."""
        self.capsys.readouterr()
        code = run(["check", str(self.folder), *arguments, "--format", "json"])
        return code, json.loads(self.capsys.readouterr().out)["specs"][0]


@pytest.fixture
def forge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Forge:
    return Forge(tmp_path, capsys)


def verdicts(document: Any) -> list[str]:
    return [check["verdict"] for each in document["explanations"] for check in each["checks"]]


# what is small is decided again, and its answer stands

FLOATS = """
inputs: [x1..x5]
where: and(x1..x5)
network:
  layers:
    - name: y
      weights: [[-7724391/268435456, -10802661/536870912, 10403991/268435456, -7234193/8388608,
                 -7339121/16777216]]
      bias: [703283649/536870912]
      activation: identity
output: {o: y > 0}
explanations:
  wrong: {circuit: {o: x1 & ~x1}, checks: [float32]}
"""
FLOATS_OF_SIGMOIDS = """
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 1]], bias: [-3/2], activation: sigmoid}
    - {name: y, weights: [[1]], activation: identity}
output: y > 0.5
explanations:
  floats: {circuit: {y: x1 & x2}, checks: [float32, float64]}
"""
CLOSE = """
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[20000, 0], [30000, 0], [0, 1]], activation: sigmoid}
    - {name: y, weights: [[1, 1, 0]], activation: identity}
output: y > 2
explanations:
  wrong: {circuit: {y: ~x1 | ~x2}, checks: [behavior]}
"""
CLOSE_READOUT = """
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[20000, 0], [30000, 0], [0, 1]], activation: sigmoid}
    - {name: y, weights: [[0, 0, 1]], activation: identity}
output: y > 3/5
explanations:
  wrong: {circuit: {a: x1 & x2 @ h1 + h2 - h3 > 1.5, y: a}, checks: [readout]}
"""
CLOSE_LIST = """
inputs: [x1, x2]
tolerance: 1/1000
network:
  layers:
    - name: h
      weights: [[40, 0], [0, 40], [20000, 0], [30000, 0]]
      bias: [-20, -20, 0, 0]
      activation: sigmoid
    - {name: y, weights: [[0, 0, 1, 1]], activation: identity}
output: y > 2
enumerate:
  layer: h
  features: 1
  coefficients: -1..1
  require: [readout]
  expect: {count: 0, classes: 0, complete: true}
"""


@pytest.mark.parametrize(
    "text",
    [FLOATS, FLOATS_OF_SIGMOIDS, CLOSE, CLOSE_READOUT, CLOSE_LIST],
    ids=["floats", "floats of sigmoids", "a tie", "a readout", "a list"],
)
def test_what_a_check_leaves_undecided_is_not_believed(text: str, forge: Forge) -> None:
    forge.lock(text, "arb")
    assert forge.check()[0] == Exit.UNDECIDED
    code, document = forge.check("--locked")
    assert code == Exit.UNEXPECTED
    assert set(verdicts(document)) <= {"unknown"}
    assert document["stale"]
    assert "believed" not in json.dumps(document)
    if document["enumeration"] is not None:
        assert (document["enumeration"]["complete"], document["enumeration"]["ok"]) == (False, False)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [(FLOATS, "TABLE_INPUTS"), (FLOATS_OF_SIGMOIDS, "SLOW_CASES")],
    ids=["steps", "sigmoids"],
)
def test_floats_that_a_check_leaves_undecided_are_not_believed_of_any_size(
    text: str, sizes: str, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(believed, sizes, -1)
    forge.lock(text, "rounding")
    code, document = forge.check("--locked")
    assert (code, set(verdicts(document))) == (Exit.UNEXPECTED, {"unknown"})
    assert "believed" not in json.dumps(document)


def test_floats_beyond_diagrams_are_believed(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    tenths = ", ".join(["0.1"] * 21)
    forge.lock(
        f"inputs: [x1..x21]\nnetwork: {{layers: [{{name: y, weights: [[{tenths}]], bias: [-1.05], "
        "activation: step}]}\noutput: y\n"
        "explanations: {tenths: {circuit: {y: 'atleast(11; x1..x21)'}, checks: [float32]}}\n",
        "bdd",
    )
    code, document = forge.check("--locked")
    assert (code, document["explanations"][0]["checks"][0]["rests_on"]) == (0, "bdd")

    def give_up(*_: object) -> None:
        raise UndecidedError("the diagrams need more nodes")

    monkeypatch.setattr(Subject, "inside", give_up)
    code, document = forge.check("--locked")
    assert (code, document["explanations"][0]["checks"][0]["rests_on"]) == (0, "lock")


SIGMOIDS = """
inputs: [x1..x{n}]
where: {where}
tolerance: 1/1000
network:
  layers:
    - {{name: h, weights: [[40, {zeros}]], bias: [-20], activation: sigmoid}}
    - {{name: y, weights: [[1]], activation: identity}}
output: y > 0.6
"""
CLAIM = "explanations:\n  wrong: {circuit: {y: ~x1}, checks: [behavior]}\n"
LIST = (
    "enumerate: {layer: h, features: 1, coefficients: -1..1, require: [readout], expect: {complete: true}}\n"
)


def sigmoids(n: int, where: str) -> str:
    return SIGMOIDS.format(n=n, where=where, zeros=", ".join(["0"] * (n - 1)))


@pytest.mark.parametrize("n", [11, 23])
def test_sigmoids_are_run_on_the_inputs_that_a_condition_leaves(n: int, forge: Forge) -> None:
    forge.lock(sigmoids(n, f"nor(x2..x{n})") + CLAIM, "arb")
    code, document = forge.check("--locked")
    assert (code, document["domain_size"], verdicts(document)) == (Exit.UNEXPECTED, 2, ["refuted"])


@pytest.mark.parametrize("n", [11, 23])
def test_that_no_input_is_left_is_found(n: int, forge: Forge) -> None:
    forge.lock(sigmoids(n, "x1 & ~x1") + CLAIM, "arb")
    code, document = forge.check("--locked")
    assert (code, [error["code"] for error in document["errors"]]) == (Exit.BAD_INPUT, ["E401"])


@pytest.mark.parametrize("n", [11, 23])
def test_a_list_of_sigmoids_is_made_again_on_the_inputs_that_a_condition_leaves(n: int, forge: Forge) -> None:
    forge.lock(sigmoids(n, f"nor(x2..x{n})") + LIST)
    code, document = forge.check("--locked")
    assert code == Exit.BAD_INPUT
    assert "is missing, one of" in document["errors"][0]["message"]


def test_sigmoids_on_more_inputs_than_any_check_runs_are_not_believed(forge: Forge) -> None:
    forge.lock(sigmoids(25, "x1 | ~x1") + CLAIM + LIST, "arb")
    assert forge.check()[0] == Exit.UNDECIDED
    code, document = forge.check("--locked")
    assert (code, verdicts(document)) == (Exit.UNEXPECTED, ["unknown"])
    assert not document["enumeration"]["complete"]
    assert "believed" not in json.dumps(document)


def steps(n: int, where: str) -> str:
    """Return a network whose diagrams are large: so many inputs with large weights."""
    weights = ", ".join(str(7 ** (i + 30) % 2**60 + 1) for i in range(n))
    both = f"weights: [[{weights}], [{weights}]], bias: [-1, -{2**62}]"
    return (
        f"inputs: [x1..x{n}]\nwhere: {where}\nnetwork:\n  layers:\n"
        f"    - {{name: h, {both}, activation: step, tie: 0}}\n"
        "    - {name: y, weights: [[1, 1]], activation: identity}\noutput: y > 1/2\nexplanations:\n"
    )


def test_networks_beyond_diagrams_are_run_on_the_inputs_that_a_condition_leaves(forge: Forge) -> None:
    forge.lock(
        steps(44, "nor(x3..x44)") + "  wrong: {circuit: {y: x1 & x2}, checks: [behavior, float32]}\n", "bdd"
    )
    code, document = forge.check("--locked")
    assert (code, document["domain_size"]) == (Exit.UNEXPECTED, 4)
    behavior, float32 = document["explanations"][0]["checks"]
    assert (behavior["verdict"], behavior["method"]) == ("refuted", "table")
    assert float32["rests_on"] != "lock"


def test_two_inputs_that_show_a_direction_are_looked_for_among_few(forge: Forge) -> None:
    told = {"kind": "direction", "layer": "h", "direction": ["0", "1"], "unit": "y"}
    forge.lock(
        steps(44, "atleast(40; x3..x44)")
        + "  wrong: {circuit: {a: x1 @ h1, y: a}, expect: {mediation: refuted}, checks: [mediation]}\n",
        "replay",
        counterexample=told,
    )
    code, document = forge.check("--locked")
    (mediation,) = document["explanations"][0]["checks"]
    assert (code, document["domain_size"]) == (0, 4 * (1 + 42 + 42 * 41 // 2))
    assert mediation["rests_on"] != "lock"
    assert "believed" not in str(mediation)


# every entry is compared


def test_two_explanations_that_claim_the_same_have_an_entry_each(forge: Forge) -> None:
    forge.lock(
        "inputs: [x1, x2]\n"
        "network: {layers: [{name: y, weights: [[1, 1]], bias: [-3/2], activation: step}]}\n"
        "output: y\nexplanations:\n"
        "  one: {circuit: {y: x1 & x2}, checks: [behavior]}\n"
        "  two: {circuit: {y: x1 & x2}, checks: [behavior]}\n"
    )
    assert forge.check("--locked")[0] == 0

    def lie(entry: Any) -> None:
        held = entry["explanations"]["one"]["checks"]["behavior"]
        held.update(verdict="refuted", rests_on="replay", counterexample={"kind": "run", "x": "00"})

    forge.change(lie)
    code, document = forge.check("--locked")
    assert code == Exit.UNEXPECTED
    assert "the counterexample of one::behavior in verifier.lock refutes nothing" in document["stale"]


def test_files_that_only_the_lock_names_are_told(forge: Forge) -> None:
    forge.lock(FLOATS.replace("checks: [float32]", "checks: [behavior]"))
    forge.change(lambda entry: entry.update(files={"gone.npz": "0" * 64}))
    code, document = forge.check("--locked")
    assert code == 0
    told = "gone.npz changed since this was locked, in nothing that is checked"
    assert told in document["notes"]


# what writes a lock


def test_a_folder_that_is_spelt_in_two_ways_has_one_lock(tmp_path: Path) -> None:
    folder, names = tmp_path / "specs", ("xor", "mux-2", "majority-3")
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    paths = []
    for name, place in zip(names, (folder, folder / ".." / "specs", tmp_path / "link"), strict=True):
        shutil.copy(SPECS / f"{name}.circuit.yaml", folder)
        paths.append(f"{place}/{name}.circuit.yaml")
    assert run(["check", *paths, "--update-lock"]) == 0
    held = json.loads((folder / NAME).read_text(encoding="utf-8"))["specs"]
    assert set(held) == {f"{name}.circuit.yaml" for name in names}
    listed = {entry["enumerate"]["certificate"] for entry in held.values() if "enumerate" in entry}
    assert {path.stem for path in (folder / CERTIFICATES).iterdir()} == listed
    assert run(["check", *paths, "--locked"]) == 0
    assert run(["check", str(folder), "--locked"]) == 0
    shutil.copy(SPECS / "mux-2.circuit.yaml", folder / "claims.yaml")
    assert run(["check", f"{tmp_path}/link/claims.yaml", "--update-lock"]) == 0
    assert run(["check", str(folder), "--locked"]) == Exit.UNEXPECTED
    assert run(["check", str(folder), f"{tmp_path}/link/claims.yaml", "--locked"]) == 0


@pytest.mark.parametrize("name", ["a\\b.circuit.yaml", "a\tb.circuit.yaml"])
def test_a_name_that_no_lock_holds_is_not_locked(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(SPECS / "mux-2.circuit.yaml", tmp_path / name)
    assert run(["check", str(tmp_path), "--update-lock"]) == Exit.BAD_INPUT
    assert "E104" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]


# what is believed is told


BELIEVED = """
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 0], [0, 1]], bias: [-1/2, -1/2], activation: step}
    - {name: y, weights: [[1, 1]], bias: [-3/2], activation: step}
output: y
explanations:
  right: {circuit: {y: x1 & x2}, checks: [behavior]}
  wrong: {circuit: {y: x1 | x2}, expect: {behavior: refuted}}
"""


@pytest.mark.parametrize("fmt", ["text", "json", "github", "sarif", "junit", "markdown", "code-scanning"])
def test_what_is_believed_is_in_every_format_that_shows_what_passes(
    fmt: str, forge: Forge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    forge.lock(BELIEVED)
    held = {
        "verdict": "refuted",
        "expected": "refuted",
        "rests_on": "replay",
        "share": "2/4",
        "counterexample": {"kind": "run", "x": "01"},
    }
    forge.change(lambda entry: entry["explanations"]["wrong"]["checks"].update(behavior=held))
    monkeypatch.setattr(believed, "TABLE_CASES", -1)
    capsys.readouterr()
    assert run(["check", str(forge.folder), "--locked", "--format", fmt]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert ("proved by table with numpy" in shown) is (fmt != "code-scanning")
    assert ("how often it holds is believed" in shown) is (fmt != "code-scanning")


@pytest.mark.parametrize("fmt", ["text", "json", "github", "sarif", "junit", "markdown", "code-scanning"])
def test_what_is_believed_of_a_list_is_in_every_format_that_shows_what_passes(
    fmt: str, forge: Forge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    forge.lock(sigmoids(2, "x1 | ~x1") + LIST, listed=["1;0"])
    monkeypatch.setattr(believed, "SLOW_CASES", -1)
    capsys.readouterr()
    assert run(["check", str(forge.folder), "--locked", "--format", fmt]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for told in ("that all that is listed are explanations is believed", "that the list is complete"):
        assert (told in shown) is (fmt != "code-scanning")


# what is on a list is decided, whatever is believed of a check

ON_A_LIST = """
inputs: [x1, x2]
network:
  layers:
    - {name: h, weights: [[1, 1]], bias: [-3/2], activation: step}
    - {name: y, weights: [[1]], bias: [-1/2], activation: step}
output: y
enumerate: {layer: h, features: 1, coefficients: 0..1, expect: {count: 1, contains: [good, bad]}}
explanations:
  good: {circuit: {a: x1 & x2 @ h, y: a}, checks: [interchange]}
  bad: {circuit: {a: x1 & x2 @ h, y: ~a}, checks: [interchange]}
"""


def test_what_is_on_a_list_is_not_believed(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The outputs of `bad` are those of another function, and the lock says that they were proved."""
    forge.lock(ON_A_LIST, listed=["1;0"])
    text = next((forge.folder / CERTIFICATES).iterdir())
    lines = text.read_text(encoding="utf-8").replace('"output":null', '"output":["01"]').splitlines(True)
    footer = json.loads(lines[-1]) | {"list_sha256": digest("".join(lines[1:-1]))}
    said = "".join([*lines[:-1], canonical(footer) + "\n"])
    text.unlink()
    (forge.folder / CERTIFICATES / f"{digest(said)}.jsonl").write_text(said, encoding="utf-8")
    forge.change(lambda entry: entry["enumerate"].update(certificate=digest(said)))
    monkeypatch.setattr(believed, "TABLE_CASES", 0)
    code, document = forge.check("--locked")
    assert verdicts(document) == ["proved", "proved"]  # they are believed, and that is told
    assert all("believed" in str(check) for each in document["explanations"] for check in each["checks"])
    expectations = {e["expected"]: e["ok"] for e in document["enumeration"]["expectations"]}
    assert expectations == {"1": True, "good": True, "bad": False}
    assert code == Exit.UNEXPECTED


def test_proved_beside_a_counterexample_is_told(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counterexample replays, so what is shown is right; what the lock says is not."""
    monkeypatch.setattr(believed, "TABLE_CASES", 0)
    start = ON_A_LIST[: ON_A_LIST.index("enumerate")]
    forge.lock(
        f"{start}explanations:\n  bad: {{circuit: {{y: ~(x1 & x2)}}, expect: {{behavior: refuted}}}}\n"
    )
    run_at_00 = {"kind": "run", "x": "00"}
    for verdict, code in (("refuted", Exit.OK), ("proved", Exit.UNEXPECTED)):

        def change(entry: Any, verdict: str = verdict) -> None:
            (held,) = entry["explanations"]["bad"]["checks"].values()
            held.update(verdict=verdict, counterexample=run_at_00)

        forge.change(change)
        got, document = forge.check("--locked")
        assert (got, verdicts(document)) == (code, ["refuted"])
        told = "bad::behavior is proved in verifier.lock, beside a counterexample that refutes it"
        assert (told in document["stale"]) is (verdict == "proved")
