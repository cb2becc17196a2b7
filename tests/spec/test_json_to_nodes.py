import json

import pytest
from ruamel.yaml import YAML

from verifier.spec import loads


@pytest.fixture
def document(xor):
    return YAML(typ="safe", pure=True).load(xor)


def test_tabs_escapes_and_long_keys_are_json(document):
    document["title"] = 'caf\u00e9 "\U0001f600" \\ /'
    text = json.dumps(document, indent="\t")
    assert loads(text, "a.json").title == document["title"]
    assert loads(text.replace("/", "\\/"), "a.JSON").title == document["title"]


def test_places_are_those_of_the_file(document, refuse):
    document["explanations"]["alice"]["circuit"]["a1"] = "x1 & z"
    text = json.dumps(document, indent="\t")
    line = next(i for i, part in enumerate(text.splitlines(), 1) if "x1 & z" in part)
    assert refuse(text, "a.json") == [f"E202 {line}:17"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", ["E101 1:2"]),
        ('{"spec": 1,}', ["E101 1:12"]),
        ("{'spec': 1}", ["E101 1:2"]),
        ('{"spec": NaN}', ["E101"]),
        ("", ["E101 1:1"]),
        ("spec: 1", ["E101 1:1"]),
        ("[" * 100_000, ["E101 1:65"]),
        ("[" * 100 + "]" * 100, ["E101 1:65"]),
        ('{"spec": 1, "spec": 1}', ["E103 1:1", "E103 1:1", "E103 1:1", "E105 1:13"]),
        ('{"spec": "1"}', ["E107 1:10"]),
        ('{"spec": null}', ["E107 1:10"]),
        ('"\ud800"', ["E104 1:1"]),
    ],
)
def test_what_is_no_json_spec(refuse, text, found):
    assert refuse(text, "a.json") == found


def test_nothing_is_read_twice(document, refuse):
    assert json.loads(json.dumps(document)) == document
    text = json.dumps(document).replace('"x1 & ~x2 @ h1 - h3"', "null")
    (found,) = refuse(text, "a.json")
    assert found.startswith("E106")
