"""Certificates while they are written: canonical lines, what a torn file still holds, one text per list."""

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

import verifier.engine.enumeration.features as features_module
from verifier.certificate import canonical, digest, parse_feature
from verifier.engine.enumeration.enumerate import Options, enumerate_space
from verifier.engine.enumeration.features import cubes
from verifier.engine.enumeration.listing import Found, Listing
from verifier.errors import InputError
from verifier.run.certify import cube_line, explanation_line, finished, header, unfinished
from verifier.run.enumerate_spec import prepared, query_of
from verifier.space import Space
from verifier.spec import load
from verifier.spec.spec import Enumeration, Spec
from verifier.spec.spec import Listing as Expected

ROOT = Path(__file__).parent.parent
TOOL = {"name": "verifier", "version": "0"}


def load_xor(space: Space | None = None) -> Spec:
    """Return the XOR spec, with another space if one is given."""
    from dataclasses import replace

    spec = load(str(ROOT / "specs" / "xor.circuit.yaml"))
    if space is None:
        return spec
    assert spec.enumeration is not None
    return replace(spec, enumeration=Enumeration(space, Expected(), spec.enumeration.position))


SPEC = load_xor()
QUERY = query_of(SPEC)
FIRST = header(QUERY, TOOL)


@pytest.fixture(autouse=True)
def small_cubes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several cubes even in a small box."""
    monkeypatch.setattr(features_module, "cubes", lambda rows, values: cubes(rows, values, 3))


def listed(spec: Spec = SPEC, earlier: bytes | None = None, options: Options | None = None) -> Listing:
    """Return the list of a spec, resumed from what a certificate holds."""
    assert spec.enumeration is not None
    query = query_of(spec)
    options = options or Options()
    subject, space = prepared(spec, options), spec.enumeration.space
    if earlier is None:
        return enumerate_space(subject, space, options)
    held = unfinished(earlier, "c", query, header(query, TOOL))
    return enumerate_space(subject, space, options, held.known)


def text_of(listing: Listing, spec: Spec = SPEC) -> str:
    """Return the finished certificate of a list."""
    return "".join(finished(listing, query_of(spec), TOOL))


def running(listing: Listing, backwards: bool = False) -> str:
    """Return the file as it stands before the footer: cubes, then explanations as they were found."""
    assert listing.stage is not None
    lines = [cube_line(listing.stage, cube, rows) for cube, rows in listing.cubes]
    found = [explanation_line(item) for item in listing]
    return "".join([FIRST, *lines, *(reversed(found) if backwards else found)])


def outcome(data: bytes, query: object = QUERY, first: str = FIRST) -> InputError:
    """Return the complaint about a file."""
    with pytest.raises(InputError) as caught:
        unfinished(data, "some.jsonl", query, first)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("E701", "some.jsonl")
    assert problem.message.startswith("cannot resume: ")
    assert "--force" in problem.hint
    return caught.value


def line_of(error: InputError) -> int:
    """Return the line of the complaint."""
    position = error.problems[0].position
    assert position is not None
    return position.line


# --- lines -------------------------------------------------------------------------------------------------


def test_every_line_is_canonical() -> None:
    text = text_of(listed())
    lines = text.splitlines(keepends=True)
    assert "".join(canonical(json.loads(line)) + "\n" for line in lines) == text
    assert text.isascii()
    assert len(lines) > 1 + 8 + 1


def test_the_header_holds_the_query_and_its_digests() -> None:
    told = json.loads(FIRST)
    assert set(told) == {"format", "version", "tool", "network_sha256", "query_sha256", "query"}
    assert (told["format"], told["version"], told["tool"]) == ("verifier-certificate", 1, TOOL)
    assert told["query"] == QUERY
    assert told["query_sha256"] == digest(canonical(QUERY))
    assert told["network_sha256"] == digest(canonical(QUERY["network"]))


def test_explanation_lines() -> None:
    found = Found(("0 1 -1;0", "1 0 -1;0"), ("0111",))
    assert explanation_line(found) == '{"features":["0 1 -1;0","1 0 -1;0"],"output":["0111"]}\n'
    assert explanation_line(Found(("0 0 1;0",), ())) == '{"features":["0 0 1;0"],"output":null}\n'


def test_cube_lines_hold_every_readout_of_the_cube() -> None:
    listing = listed()
    assert listing.stage is not None
    assert len(listing.cubes) > 1
    rows = listing.stage.rows
    seen = []
    for cube, found in listing.cubes:
        told = json.loads(cube_line(listing.stage, cube, found))
        assert told["cube"] == list(cube)
        assert told["proof"] is None
        for text in told["readouts"]:
            row, offset = parse_feature(text)
            assert {sum(a * b for a, b in zip(row, h, strict=True)) + offset for h in rows} == {0, 1}
            assert row[: len(cube)] == cube
            seen.append(row)
    readable = []
    for R in product(range(-2, 3), repeat=3):
        values = {sum(Fraction(a) * b for a, b in zip(R, h, strict=True)) for h in rows}
        if len(values) == 2 and max(values) - min(values) == 1:
            readable.append(R)
    assert seen == readable  # ascending, none twice, none missing


def test_a_cube_line_names_its_proof() -> None:
    listing = listed()
    assert listing.stage is not None
    cube, rows = listing.cubes[0]
    told = json.loads(cube_line(listing.stage, cube, rows, ("c.proof/0000.lrat.xz", "ab")))
    assert told["proof"] == {"file": "c.proof/0000.lrat.xz", "sha256": "ab"}


def test_the_footer_says_what_is_claimed() -> None:
    listing = listed()
    *lines, last = text_of(listing).splitlines(keepends=True)
    footer = json.loads(last)
    told = "".join(line for line in lines if line.startswith('{"features"'))
    assert footer == {
        "complete": True,
        "count": 8,
        "classes": 2,
        "bound_binding": False,
        "rests_on": "z3",
        "list_sha256": digest(told),
    }


def test_an_unfinished_list_claims_nothing() -> None:
    footer = json.loads(text_of(listed(options=Options(limit=3))).splitlines()[-1])
    assert (footer["complete"], footer["count"], footer["bound_binding"]) == (False, 3, None)


# --- torn files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backwards", [False, True])
def test_every_prefix_resumes_to_the_same_file(backwards: bool) -> None:
    told = listed()
    final, file = text_of(told), running(told, backwards).encode()
    seen: dict[tuple[object, ...], str] = {}
    for size in range(len(file) + 1):
        held = unfinished(file[:size], "c", QUERY, FIRST)
        assert held.text.encode() == file[: file[:size].rfind(b"\n") + 1]
        assert set(held.known) <= set(told.items)
        key = held.known, tuple(held.closed)
        if key not in seen:  # the same was held before
            seen[key] = text_of(listed(earlier=file[:size]))
            assert seen[key] == final, size
    assert len(seen) == 1 + len(told.cubes) + len(told.items)


def test_every_prefix_of_a_finished_file_resumes_to_it() -> None:
    final = text_of(listed())
    data = final.encode()
    for size in [*range(0, len(data), 97), len(data) - 1, len(data)]:
        assert text_of(listed(earlier=data[:size])) == final


def test_a_limited_list_resumes_to_the_whole_one() -> None:
    final = text_of(listed())
    for limit in range(1, 9):
        data = text_of(listed(options=Options(limit=limit))).encode()
        held = unfinished(data, "c", QUERY, FIRST)
        assert len(held.known) == limit
        assert "list_sha256" not in held.text
        assert text_of(listed(earlier=data)) == final


def test_nothing_at_all_is_the_start_of_every_certificate() -> None:
    held = unfinished(b"", "c", QUERY, FIRST)
    assert (held.known, held.closed, held.text) == ((), frozenset(), "")


def test_explanations_twice_count_once() -> None:
    told = listed()
    data = (running(told) + explanation_line(told.items[0])).encode()
    assert text_of(listed(earlier=data)) == text_of(told)


# --- files that are refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"{",
        b"spec: 1\n",
        b"\n",
        b"{}\n",
        b"[]\n",
        b"null\n",
        b'"text"\n',
        b"\xff\xfe\n",
        b"\x00",
        b"[" * 2000 + b"\n",
    ],
)
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    if data == b"{":  # the first byte of every certificate
        assert unfinished(data, "c", QUERY, FIRST).text == ""
        return
    assert line_of(outcome(data)) == 1


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("garbage", 2),
        ("{}", 2),
        ("[]", 2),
        ("7", 2),
        ('"features"', 2),
        ('{"unknown":1}', 2),
        ('{"features":["1 0 -1;0"]}', 2),  # no output
        ('{"features":["1 0 -1"],"output":["01"]}', 2),
        ('{"features":["1 0 -1;00"],"output":["01"]}', 2),
        ('{"features":["1 0 -1;1/0"],"output":["01"]}', 2),
        ('{"features":["1 0 -1;0","0 1 -1;0"],"output":["0111"]}', 2),  # not ascending
        ('{"features":7,"output":["01"]}', 2),
        ('{"features":[7],"output":["01"]}', 2),
        ('{"features":["1 0 -1;0"],"output":7}', 2),
        ('{"cube":[1]}', 2),
        ('{"cube":[1],"proof":null,"readouts":["1 0 x;0"]}', 2),
        ('{"cube":7,"proof":null,"readouts":[]}', 2),
        ("", 2),
    ],
)
@pytest.mark.parametrize("later", [False, True])
def test_a_line_that_is_none_is_refused_with_its_number(line: str, number: int, later: bool) -> None:
    more = explanation_line(listed().items[0]) if later else ""
    assert line_of(outcome((FIRST + more + line + "\n" + more).encode())) == number + later


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(version=2),
        lambda told: told.update(version=0),
        lambda told: told.pop("version"),
        lambda told: told.update(format="other"),
        lambda told: told.pop("query"),
        lambda told: told.update(query=None),
        lambda told: told["query"].pop("space"),
        lambda told: told["query"]["space"].update(coefficients=[-1, 1]),
        lambda told: told["query"]["network"]["layers"][0]["bias"].__setitem__(0, "-1/4"),
        lambda told: told["query"]["domain"].update(low="-1"),
        lambda told: told["query"]["decoding"].update(argmax=True),
        lambda told: told["query"].update(more=1),
    ],
)
def test_another_header_is_refused(change: Callable[[dict], object]) -> None:
    told = json.loads(FIRST)
    change(told)
    data = (canonical(told) + "\n" + explanation_line(listed().items[0])).encode()
    error = outcome(data)
    assert line_of(error) == 1


def test_the_part_of_the_query_that_differs_is_named() -> None:
    told = json.loads(FIRST)
    told["query"]["space"]["coefficients"] = [-1, 1]
    assert "the space differ" in str(outcome((canonical(told) + "\n").encode()))
    assert "the network" not in str(outcome((canonical(told) + "\n").encode()))


def test_the_versions_of_the_tools_may_differ() -> None:
    told = listed()
    file = running(told).encode()
    other = header(QUERY, {"name": "verifier", "version": "1"})
    assert len(unfinished(file, "c", QUERY, other).known) == 8


# --- one text per list -------------------------------------------------------------------------------------

SPACES = [
    Space("h", 2, (-2, 2)),
    Space("h", (1, 3), (-1, 1)),
    Space("h", 2, (-2, 2), polarity=True),
    Space("h", 2),
    Space("h", 1, (-1, 1)),
    Space("h", 2, (-1, 1), require=("readout",)),
    Space("h", 2, (-2, 2), must_use=("h1",), must_not_use=("h2",)),
]


@pytest.mark.parametrize("number", range(len(SPACES)))
def test_two_runs_and_both_strategies_write_the_same_list(number: int) -> None:
    spec = load_xor(SPACES[number])
    texts = {
        strategy: text_of(listed(spec, options=Options(strategy)), spec)
        for strategy in ("decomposed", "monolithic", "auto")
    }
    assert texts["decomposed"] == texts["auto"] == text_of(listed(spec), spec)
    assert texts["monolithic"] == text_of(listed(spec, options=Options("monolithic")), spec)
    cold = text_of(listed(spec, options=Options(warm_start=False)), spec)
    lists = []
    for text in (*texts.values(), cold):
        *lines, footer = text.splitlines()
        told = json.loads(footer)
        told.pop("rests_on")
        lists.append(([line for line in lines if '"features":' in line[:12]], told))
    assert all(found == lists[0] for found in lists)
