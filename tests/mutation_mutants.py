"""Planted bugs of claim mutation: what is changed where, and which tests must notice."""

from functools import partial

from mutant import Mutant

FOLDER = "engine/mutation/"
MUTATION = "test_mutation.py::test_"
planted = partial(Mutant, slow=True)

MUTANTS = [
    Mutant(
        "miters: features with a place are computed, so that gates are compared where inputs lead",
        f"{FOLDER}miter.py",
        "for feature in used if feature.site is not None)",
        "for feature in used if feature.site is ...)",
        (f"{MUTATION}gates_are_compared_on_all_values_of_features_with_a_place",),
    ),
    Mutant(
        "fates: what no check decided is compared all the same",
        f"{FOLDER}mutate.py",
        '    if reasons:\n        return Open("; ".join(reasons))\n',
        "",
        (f"{MUTATION}a_later_check_may_refute_what_an_earlier_one_left_open",),
    ),
    Mutant(
        "scores: what is undecided does not count",
        f"{FOLDER}outcome.py",
        "self.killed + self.count(Survived) + self.count(Open)",
        "self.killed + self.count(Survived)",
        (f"{MUTATION}what_is_undecided_was_not_noticed",),
    ),
    planted(
        "miters: the domain is not restricted",
        f"{FOLDER}miter.py",
        "Domain(inputs, domain.where, rows)",
        "Domain(inputs, None, rows)",
        (f"{MUTATION}gates_are_compared_on_the_domain",),
    ),
    planted(
        "miters: rows with one value of the features only",
        f"{FOLDER}miter.py",
        "for bits in product((False, True), repeat=len(free)))",
        "for bits in product((False,), repeat=len(free)))",
        (f"{MUTATION}gates_are_compared_on_the_domain",),
    ),
    planted(
        "miters: comparisons are strict",
        f"{FOLDER}miter.py",
        'tie=int(op in (">=", "<="))',
        "tie=0",
        (f"{MUTATION}comparisons_are_the_same_iff_they_read_the_same_bit",),
    ),
    planted(
        "miters: the constant of a readout is not compared",
        f"{FOLDER}miter.py",
        "(both,), (offset - moved,)",
        "(both,), (ZERO,)",
        (f"{MUTATION}fates_of_fixed_cases",),
    ),
    planted(
        "fates: a check that is undecided refutes",
        f"{FOLDER}mutate.py",
        '                reasons.append(f"{check}: {reason}")',
        "                return Killed(check)",
        (f"{MUTATION}what_is_undecided_was_not_noticed",),
    ),
    planted(
        "fates: the first mutants are the sample",
        f"{FOLDER}mutate.py",
        "every[i * len(every) // most]",
        "every[i]",
        (f"{MUTATION}a_sample_is_spaced_evenly_and_counted",),
    ),
    planted(
        "functions: a name matters only if all values depend on it",
        f"{FOLDER}gates.py",
        "if (zero == one).all():",
        "if (zero == one).any():",
        (f"{MUTATION}functions_are_equal_iff_their_values_are",),
    ),
    planted(
        "mutants: a value at its bound is on the other side",
        f"{FOLDER}mutants.py",
        'site.op in (">", "<=")',
        'site.op in (">", ">=")',
        (f"{MUTATION}mutants_of_bounds_are_in_the_neighboring_gaps",),
    ),
    planted(
        "mutants: features are replaced by inputs",
        f"{FOLDER}mutants.py",
        "if name in subject.domain.inputs else earlier",
        "if name in subject.domain.inputs else subject.domain.inputs",
        (f"{MUTATION}names_are_replaced_by_names_of_their_kind",),
    ),
    planted(
        "run: what is proved is mutated, expected or not",
        "run/mutate_spec.py",
        "if checked.exit != Exit.OK\n",
        "if False\n",
        (f"{MUTATION}what_is_not_as_expected_is_not_changed",),
    ),
    planted(
        "run: a check that is refuted as expected notices mutants",
        "run/mutate_spec.py",
        "for kind in (Proved, Refuted)",
        "for kind in ((Proved, Refuted), Refuted)",
        (f"{MUTATION}what_is_refuted_as_expected_has_no_say",),
    ),
    planted(
        "run: where behavior is refuted, the rest is scored",
        "run/mutate_spec.py",
        ' or "behavior" in refuted:',
        ":",
        (f"{MUTATION}what_is_refuted_as_expected_has_no_say",),
    ),
    planted(
        "report: percents are rounded up",
        "report/mutation.py",
        "score.numerator * 100 // score.denominator",
        "-(score.numerator * -100 // score.denominator)",
        (f"{MUTATION}a_share_is_rounded_down",),
    ),
]
