"""Planted bugs in what is said to be needed for a proof."""

from mutant import Mutant

WHY = "test_why.py::test_"

MUTANTS = [
    Mutant(
        "facts: a term of what was written may be missing",
        "relaxed.py",
        "for w, source in terms if w]",
        "for w, source in terms if not w]",
        (WHY + "golden",),
    ),
    Mutant(
        "facts: a unit that ties has the value of its activation",
        "relaxed.py",
        "right = alg.disjoin([right, alg.equal(z, ZERO)])",
        "pass",
        (WHY + "a_tie_decides_nothing",),
    ),
    Mutant(
        "facts: outputs without their unit are what it computes",
        "relaxed.py",
        "self.broken += [self.alg.negate(self.given(fact)) for fact in needed]",
        "pass",
        (WHY + "outputs_that_can_be_any_number",),
    ),
    Mutant(
        "cores: the second look knows all facts",
        "smt/cores.py",
        "self.alg.bit(fact in self.known)",
        "self.alg.bit(True)",
        (WHY + "a_lying_search_is_caught",),
    ),
    Mutant(
        "why: a feature that is set needs the inputs of its gate",
        "engine/why.py",
        "if name not in found and name not in set_to:",
        "if name not in found:",
        (WHY + "golden",),
    ),
]
