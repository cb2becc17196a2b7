import pytest

A1 = "a1: x1 & ~x2 @ h1 - h3"


@pytest.mark.parametrize(
    ("written", "place", "hint"),
    [
        ("a1: &x1", "E106 11:11", 'in quotes: "&x1"'),
        ("a1: &x1 & x2", "E106 11:11", 'in quotes: "&x1 & x2"'),
        ("a1: !x1", "E106 11:11", 'in quotes: "!x1"'),
        ("a1: !x1 & x2 @ h2 - h3  # a tag", "E106 11:11", 'in quotes: "!x1 & x2 @ h2 - h3"'),
        ("a1: ! x1", "E106 11:11", 'in quotes: "! x1"'),
        ("a1: *x1", "E106 11:11", 'in quotes: "*x1"'),
        ("a1: !!str x1", "E106 11:11", "tag"),
        ("a1: @ h1", "E106 11:11", "write the gate first: gate @ h1"),
        ("a1: | x1", "E106 11:11", 'in quotes: "| x1"'),
        ("a1: > x1", "E106 11:11", 'in quotes: "> x1"'),
        ("a1: %x1", "E106 11:11", 'in quotes: "%x1"'),
        ("a1: ~", "E106 11:11", 'in quotes: "~"'),
        ("a1: null", "E106 11:11", 'in quotes: "null"'),
        ('a1: "x1" & x2', "E106 11:11", 'in quotes: "x1 & x2"'),
        ("a1: 'x1' or x2", "E106 11:11", 'in quotes: "x1 or x2"'),
        ("a1:\tx1", "E106 11:10", "spaces instead of the tab"),
        ("a1:", "E104 11:7", "expected a gate, or  gate @ site, got nothing"),
        ("a1: - x1", "E101 11:11", "in quotes"),
        ("a1: x1: x2", "E101 11:13", "in quotes"),
        ("<<: {a1: x1}", "E106 11:7", "write the keys out"),
        ("null: x1", "E106 11:7", 'in quotes: "null"'),
        ("[a1]: x1", "E104 11:7", "in quotes"),
        ("a1:x1", "E101 11:10", "a space after a1:"),
        ("a1:x1\n      b1:x2\n\n      # c1:", "E101 11:10", "a space after a1:"),
        ("a1: x1\n      see: http://x1: 2", "E101 12:21", "write a space after key:"),
    ],
)
def test_a_trap_says_what_to_write_instead(vary, refuse, hints, written, place, hint):
    text = vary((A1, written))
    assert refuse(text)[0] == place
    assert hint in hints(text)


@pytest.mark.parametrize(
    "written",
    [
        'a1: "x1 & ~x2 @ h1 - h3"',
        "a1: 'x1 & ~x2 @ h1 - h3'",
        "a1: x1 & ~x2 @ h1 - h3   # a comment",
        "a1: x1\n        & ~x2\n        @ h1 - h3",
        "a1: |\n        x1 & ~x2\n        @ h1 - h3",
        "a1: >-\n        x1 & ~x2 @ h1 - h3",
        '"a1": x1 &~x2 @ h1 - h3',
        "? a1\n      : x1 & !x2 @ h1 - h3",
    ],
)
def test_other_styles_mean_the_same(xor, read, written):
    assert read((A1, written)).entries[0].explanation == read().entries[0].explanation


def test_commas_in_a_flow_collection(vary, refuse, hints):
    flow = "  bob: {circuit: {y: maj(x1, x2, 1)}}\n"
    assert refuse(vary(add=flow)) == ["E106 14:22"]
    assert 'in quotes: "maj(x1, x2, 1)"' in hints(vary(add=flow))
    assert refuse(vary(("output: y", "output: [y, f(a, b)]"))) == ["E106 7:13"]


def test_quotes_protect_commas(read):
    assert read(add='  bob: {circuit: {y: "maj(x1, x2, 1)"}}\n').entries[1].explanation.name == "bob"


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("a1: x1 & z", "E202 11:16"),
        ('a1: "x1 & z"', "E202 11:17"),
        ("a1: x1 @ h1 - g", "E205 11:21"),
        ("a1: x1\n        & z", "E202 11:11"),
        ("a1: |\n        x1 & z", "E202 11:11"),
        ('a1: "x1 \\x26 z"', "E202 11:11"),
    ],
)
def test_a_column_inside_a_text_is_the_column_of_the_file_where_that_can_be_told(
    vary, refuse, written, place
):
    assert refuse(vary((A1, written))) == [place]


def test_every_duplicate_key_is_reported(vary, refuse):
    text = vary(add="    title: t\n    title: u\n    title: v\nspec: 1\n")
    assert refuse(text) == ["E105 15:5", "E105 16:5", "E105 17:1"]


def test_anchors_in_several_places_are_reported_together(vary, refuse):
    assert refuse(vary(("[x1, x2]", "&in [x1, x2]"), ("output: y", "output: *in"))) == [
        "E106 2:9",
        "E106 7:9",
    ]


def test_directives_and_documents(vary, refuse, xor):
    assert refuse("%YAML 1.1\n---\n" + xor) == ["E101 1:1"]
    assert refuse(xor + "---\n" + xor) == ["E101 14:1"]
    assert refuse("[" * 5000) == ["E101 1:65"]


def test_one_explicit_document_is_fine(read, xor):
    assert read(("spec: 1", "---\nspec: 1"), add="...\n").network == read().network
