"""Planted bugs of probes: what is changed where, and which tests must notice."""

from mutant import Mutant

PROBE = "test_probe.py::test_"
FOLDER = "engine/probe/"
BRUTE = f"{PROBE}answers_are_those_of_brute_force"
PLANTED = f"{PROBE}planted_mistakes_are_refused"

MUTANTS = [
    Mutant(
        "simplex: the leaving row is any that rises",
        "simplex.py",
        "min(rising, key=lambda r: (Fraction(table[r][-1], table[r][entering]), self.basis[r]))",
        "rising[0]",
        ("test_simplex.py::test_answers_carry_proofs",),
    ),
    Mutant(
        "simplex: a row is negated for good",
        "simplex.py",
        "                    self.table[r] = [-v for v in self.table[r]]\n",
        "                    pass\n",
        ("test_simplex.py::test_answers_carry_proofs",),
    ),
    Mutant(
        "program: a row that is broken is not added",
        FOLDER + "program.py",
        "if missing[worst] > 0:",
        "if missing[worst] > 0 and sign > 0:",
        (BRUTE,),
    ),
    Mutant(
        "smallest: a proof covers units whose sum is not 0",
        FOLDER + "smallest.py",
        "price = bound * abs(total[c]) if c not in closed else 0",
        "price = 0",
        (BRUTE, f"{PROBE}float_weights_of_fifty_five_bits"),
    ),
    Mutant(
        "smallest: the first readout found is the smallest",
        FOLDER + "smallest.py",
        "            supports.costs(support, below if found is None else cost(found)[1])",
        "            if found is not None:\n                return Search(found)\n"
        "            supports.costs(support, below if found is None else cost(found)[1])",
        (f"{PROBE}the_smallest_is_not_the_first_that_is_found",),
    ),
    Mutant(
        "smallest: signs are told by where 0 is the most",
        FOLDER + "smallest.py",
        "top >= 1]",
        "top > 1]",
        (BRUTE,),
    ),
    Mutant(
        "supports: a cut of one support cuts all that have its units",
        "smt/supports.py",
        "differs = [z3.Not(u) if c in support else u for c, u in enumerate(self.used)]",
        "differs = [z3.Not(u) for c, u in enumerate(self.used) if c in support]",
        (f"{PROBE}the_cheapest_support_follows_the_cuts",),
    ),
    Mutant(
        "supports: the sum of coefficients does not count",
        "smt/supports.py",
        "        self.optimiser.minimize(self.weight)\n",
        "",
        (f"{PROBE}the_cheapest_support_follows_the_cuts", BRUTE),
    ),
    Mutant(
        "sieve: what was cut off is not allowed for",
        FOLDER + "sieve.py",
        "slack = 2 * (self.error * np.abs(rows).sum(axis=1) + self.off)",
        "slack = 0 * np.abs(rows).sum(axis=1)",
        (f"{PROBE}a_sieve_keeps_what_rounding_turns_around",),
    ),
    Mutant(
        "sieve: equal values are told apart",
        FOLDER + "sieve.py",
        "            slack = slack - 1\n",
        "            slack = slack - 2\n",
        (f"{PROBE}a_sieve_tells_equal_values_apart_and_no_others",),
    ),
    Mutant(
        "question: a comparison may be an equality",
        FOLDER + "question.py",
        'return least < most if self.form == "threshold" else least <= most',
        "return least <= most",
        (BRUTE,),
    ),
    Mutant(
        "widest: multiples of a row have other margins",
        FOLDER + "widest.py",
        "exact = (window[1] - window[0]) / largest",
        "exact = window[1] - window[0]",
        (BRUTE,),
    ),
    Mutant(
        "lattice: an obstacle is any column",
        "lattice.py",
        "if sum(a * t for a, t in zip(column, target, strict=True)) % q:",
        "if sum(a * t for a, t in zip(column, target, strict=True)) % q == 0:",
        (BRUTE, f"{PROBE}every_kind_of_answer_where_it_is_due"),
    ),
    Mutant(
        "confirm: weights need not add up to nothing",
        FOLDER + "confirm.py",
        "bool(weights) and signed and self._none(weights)",
        "bool(weights) and signed",
        (PLANTED,),
    ),
    Mutant(
        "confirm: an error is what is said",
        FOLDER + "confirm.py",
        "                    and self._told(concept, weights) == error * size\n",
        "",
        (PLANTED,),
    ),
    Mutant(
        "confirm: equal activations are believed",
        FOLDER + "confirm.py",
        "return same and self._bit",
        "return self._bit",
        (PLANTED,),
    ),
    Mutant(
        "confirm: a limit of margins is believed",
        FOLDER + "confirm.py",
        "bool(sum(map(abs, total)) <= wide.ceiling)",
        "True",
        (f"{PROBE}a_limit_of_margins_is_refused_if_it_is_too_low_or_weighs_the_wrong_rows",),
    ),
    Mutant(
        "listing: a function that only its complement is checked for",
        FOLDER + "listing.py",
        "for bit in (True, False):",
        "for bit in (True,):",
        (f"{PROBE}all_sixteen_functions_are_readable_in_the_xor_network_each_in_one_way",),
    ),
]
