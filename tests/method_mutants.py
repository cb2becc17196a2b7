"""Planted bugs in the methods for many inputs: sums, diagrams, counts, and expectations about them."""

from mutant import Mutant

BDD = "test_bdd.py::test_"

MUTANTS = [
    Mutant(
        "diagrams: an interval of bounds reaches too far",
        "bdd/*.py",
        "min(high[1] + c, low[1])",
        "max(high[1] + c, low[1])",
        (BDD + "thresholds",),
    ),
    Mutant(
        "diagrams: a partial sum is merged with the next one",
        "bdd/*.py",
        "bisect_right(sums, left)",
        "(bisect_right(sums, left) + 1) // 2",
        (BDD + "comparisons_of_functions", BDD + "families_by_all_methods"),
    ),
    Mutant(
        "diagrams: a sum that may still come out true is given up",
        "bdd/*.py",
        "if left < rest else self.manager.false",
        "if left < rest - 1 else self.manager.false",
        (BDD + "comparisons_of_functions", BDD + "many_inputs"),
    ),
    Mutant(
        "counts: the children of a negated node are not negated",
        "bdd/*.py",
        "(~child if node.negated else child for child in (node.low, node.high))",
        "(child for child in (node.low, node.high))",
        (BDD + "counts_are_exact", BDD + "families_by_all_methods"),
    ),
    Mutant(
        "counts: levels that are skipped count once",
        "bdd/*.py",
        "below[key] << level[key]",
        "below[key]",
        (BDD + "counts_are_exact",),
    ),
    Mutant(
        "diagrams: the domain is not assumed",
        "bdd/*.py",
        "self.alg.care = self.alg.conjoin([self.alg.care, condition])",
        "pass",
        (BDD + "a_domain_is_counted", BDD + "reachable_patterns"),
    ),
    Mutant(
        "symbolic: two donors are one input",
        "symbolic.py",
        "            donors[source] = query.copy(",
        "            donors[source] = base if donors else query.copy(",
        (BDD + "every_feature_has_a_donor_of_its_own",),
    ),
    Mutant(
        "expectations: a share is enough whatever it is",
        "engine/*.py",
        "share is not None and share.fraction >= self.expected.share",
        "share is not None",
        ("test_outcome.py::test_a_share_is_expected",),
    ),
]
