"""Planted bugs of suggestions: what is changed where, and which tests must notice."""

from mutant import Mutant

SUGGEST = "test_suggest.py::test_"
FOLDER = "engine/suggest/"

MUTANTS = [
    Mutant(
        "rank: explanations that restate the output are as good as others",
        f"{FOLDER}rank.py",
        "self.outputs <= frozenset[int]()",
        "not self.outputs <= frozenset[int]()",
        (
            f"{SUGGEST}xor_is_explained_as_by_bob_and_by_alice_and_then_restated",
            f"{SUGGEST}lists_known_elsewhere_are_ranked_as_by_hand",
        ),
    ),
    Mutant(
        "rank: the formulas of outputs do not count",
        f"{FOLDER}rank.py",
        "zip(*map(self.size, (*gates, *outputs)), strict=True)",
        "zip(*map(self.size, gates), strict=True)",
        (f"{SUGGEST}lists_known_elsewhere_are_ranked_as_by_hand",),
    ),
    Mutant(
        "rank: any member stands for its class",
        f"{FOLDER}rank.py",
        "sorted(min(map(measure.key, numbers)) for numbers in members.values())",
        "sorted(max(map(measure.key, numbers)) for numbers in members.values())",
        (f"{SUGGEST}lists_known_elsewhere_are_ranked_as_by_hand",),
    ),
    Mutant(
        "candidates: values at ones and at zeros may meet",
        f"{FOLDER}candidates.py",
        "zeros.max(axis=1) < ones.min(axis=1)",
        "zeros.max(axis=1) <= ones.min(axis=1)",
        (f"{SUGGEST}what_can_be_compared_is_what_the_brute_force_compares",),
    ),
    Mutant(
        "scope: a list within bounds speaks for all integers",
        f"{FOLDER}scope.py",
        "counted.statement.bound_binding is False else",
        "counted.statement.bound_binding is not True else",
        ("test_suggest_scope.py::test_what_is_told_of_linear_readouts_holds_of_what_it_names",),
    ),
    Mutant(
        "search: one readout stands for all that the kernel adds",
        f"{FOLDER}search.py",
        "space.coefficients is None and kernel_of(stage)",
        "space.coefficients is None and not kernel_of(stage)",
        ("test_suggest_scope.py::test_readouts_that_no_input_tells_apart_are_not_counted",),
    ),
    Mutant(
        "search: a list of single readouts stands for lists of sets of them",
        f"{FOLDER}search.py",
        "found if texts or beyond else",
        "found if beyond else",
        (
            "test_suggest_scope.py::test_where_nothing_can_be_read_lists_are_what_they_are_without_a_short_cut",
        ),
    ),
    Mutant(
        "outputs: beyond D a formula is the shortest all the same",
        "shortest.py",
        "len(names) <= MOST_EXACT or (whole and",
        "len(names) <= MOST_EXACT or (True and",
        ("test_shortest.py::test_what_is_proved_to_be_the_shortest",),
    ),
]
