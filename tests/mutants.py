"""Planted bugs: what is changed where, and which tests must notice.

A mutant that survives means that this kind of bug could live in the package unseen.
"""

from enumeration_mutants import MUTANTS as OF_ENUMERATION
from method_mutants import MUTANTS as OF_METHODS
from mutant import Mutant

FIXED = "test_differential.py::test_fixed_cases"
REPLAY = "test_replay.py::test_"
VERIFY = "test_verify.py::test_"

MUTANTS = [
    *OF_ENUMERATION,
    *OF_METHODS,
    Mutant(
        "rationals: greater is at least",
        "algebra.py",
        "        return value > bound\n",
        "        return value >= bound\n",
        ("test_algebra.py::test_bits_of_rationals", "test_network.py::test_activations"),
    ),
    Mutant(
        "arrays: greater is at least",
        "arrays.py",
        "np.asarray(value.values > threshold, dtype=bool)",
        "np.asarray(value.values >= threshold, dtype=bool)",
        ("test_arrays.py::test_comparisons_with_quotients", FIXED),
    ),
    Mutant(
        "arrays: int64 a bit too long",
        "arrays.py",
        "_INT64 = 2**63",
        "_INT64 = 2**65",
        ("test_arrays.py",),
    ),
    Mutant(
        "arrays: the offset is left out of the bound",
        "arrays.py",
        "for k, v in whole), abs(constant))",
        "for k, v in whole), 0)",
        ("test_arrays.py",),
    ),
    Mutant(
        "terms: bit-vectors one bit too narrow",
        "smt/*.py",
        "            width = most.bit_length()\n            return z3.UGT",
        "            width = most.bit_length() - 1\n            return z3.UGT",
        ("test_algebra.py", FIXED),
    ),
    Mutant(
        "terms: the constant of a complement is dropped",
        "sums.py",
        "                target -= Fraction(c // divisor * atom.most)\n",
        "",
        ("test_algebra.py", FIXED),
    ),
    Mutant(
        "terms: pseudo-Boolean off by one",
        "smt/*.py",
        "for c, atom in literals], threshold + 1)",
        "for c, atom in literals], threshold)",
        ("test_algebra.py", FIXED),
    ),
    Mutant(
        "claim: a tie under intervention is ignored",
        "claim.py",
        "[alg.negate(tie), *(reading.agrees",
        "[*(reading.agrees",
        (FIXED,),
    ),
    Mutant(
        "claim: only the first output is compared",
        "claim.py",
        "shown += zip(claim.decoding.names, outputs, strict=True)",
        "shown += list(zip(claim.decoding.names, outputs, strict=True))[:1]",
        ("test_decoding.py::test_every_output_counts", FIXED),
    ),
    Mutant(
        "table: a donor's bit is read from the network, not computed by the gates",
        "table/*.py",
        "        told = [np.broadcast_to(bits[name], (chunk.size,)) for name in names]\n",
        "        told = [np.broadcast_to(bits[name], (chunk.size,)) for name in names]\n"
        "        if len(values) == len(told):\n"
        "            told = [v * 2 > n.den for v, n in zip(values, numbers, strict=True)]\n",
        (FIXED,),
    ),
    Mutant(
        "replay: a donor's bit is read from the network, not computed by the gates",
        "engine/*.py",
        "bits[name] = claim.explanation.recompute(RATIONALS, claim.domain.named(setting))[name]",
        "bits[name] = write.rows.read(RATIONALS, name, donor)[0] > Fraction(1, 2)",
        (FIXED, REPLAY + "what_the_table_finds_is_confirmed"),
    ),
    Mutant(
        "table: how many donors share a value is forgotten",
        "table/*.py",
        "found[key] = x, already + int(count)",
        "found[key] = x, 1",
        (FIXED,),
    ),
    Mutant(
        "table: only the first piece of a domain is read",
        "table/*.py",
        "for start in range(0, count, CHUNK):",
        "for start in range(0, min(count, CHUNK), CHUNK):",
        (VERIFY + "chunks_add_up",),
    ),
    Mutant(
        "checks: features of later layers are not compared",
        "checks.py",
        "feature.site.layer > write.rows.layer",
        "feature.site.layer > write.rows.layer + 9",
        (FIXED,),
    ),
    Mutant(
        "checks: rows reach an output along zero weights",
        "checks.py",
        "alive = [no_tie or any(row[i] for _, row in rows)",
        "alive = [no_tie or any(True for _, row in rows)",
        (FIXED,),
    ),
    Mutant(
        "checks: donors are shared where each feature has its own",
        "checks.py",
        "None if bits[name] else donor for donor, name in enumerate(features)",
        "None if bits[name] else 0 for donor, name in enumerate(features)",
        (FIXED,),
    ),
    Mutant(
        "linear: the transpose instead of a right inverse",
        "linear.py",
        "    return _rows(Ct * (C * Ct).inv())\n",
        "    return _rows(Ct)\n",
        ("test_linear.py::test_right_inverse", "test_write.py::test_random_writes"),
    ),
    Mutant(
        "write: a dependency is ignored",
        "write.py",
        "    if found is not None:\n        terms",
        "    if found is not None and len(found) > 9:\n        terms",
        ("test_write.py::test_dependent_readouts", FIXED),
    ),
    Mutant(
        "write: an explicit write is ignored",
        "write.py",
        "        if feature.name in explanation.writes:\n",
        "        if feature.name in ():\n",
        ("test_write.py::test_random_writes", FIXED),
    ),
    Mutant(
        "readout: a tolerance is ignored",
        "readout.py",
        "    if tolerance == 0:\n        return alg.equal(value, target)",
        "    if tolerance >= 0:\n        return alg.equal(value, target)",
        ("test_readout.py::test_tolerance_includes_its_end", FIXED),
    ),
    Mutant(
        "explanation: setting a feature does not override its gate",
        "explanation.py",
        "alg, values) if forced is None else forced",
        "alg, values)",
        ("test_explanation.py::test_setting_overrides_the_gate", FIXED),
    ),
    Mutant(
        "decoding: argmax without a largest unit is no tie",
        "decoding.py",
        "return readings, alg.negate(alg.disjoin(largest))",
        "return readings, alg.bit(False)",
        ("test_decoding.py::test_argmax",),
    ),
    Mutant(
        "replay: everything is confirmed",
        "engine/*.py",
        "not agree(RATIONALS, shown, tie, expected)",
        "True",
        (REPLAY + "forged_writes", VERIFY + "a_refutation_that_does_not_replay_is_caught"),
    ),
    Mutant(
        "replay: inputs outside the domain are confirmed",
        "engine/*.py",
        "    return all(in_domain(claim.domain, x) for x in inputs)",
        "    return True",
        (REPLAY + "forged_inputs_outside_the_domain", REPLAY + "forged_donors"),
    ),
    Mutant(
        "verify: methods may disagree",
        "engine/*.py",
        "for finding in decided.values()}) > 1:",
        "for finding in decided.values()}) > 2:",
        (VERIFY + "a_method_that_lies_is_caught",),
    ),
    Mutant(
        "verify: an open obligation is forgotten",
        "engine/*.py",
        "for kind in (Refuted, Unknown):",
        "for kind in (Refuted,):",
        (VERIFY + "unknown_is_not_proved",),
    ),
    Mutant(
        "verify: refutations are not replayed",
        "engine/*.py",
        "if isinstance(verdict, Refuted) and not confirm(",
        "if False and not confirm(",
        (VERIFY + "a_refutation_that_does_not_replay_is_caught",),
    ),
    Mutant(
        "outcome: unknown is ok",
        "engine/*.py",
        "            return Exit.UNDECIDED\n",
        "            return Exit.OK\n",
        ("test_outcome.py",),
    ),
    Mutant(
        "outcome: an open question outweighs a refutation",
        "engine/*.py",
        "Exit.UNEXPECTED, Exit.UNDECIDED)",
        "Exit.UNDECIDED, Exit.UNEXPECTED)",
        ("test_outcome.py::test_the_worst_counts",),
    ),
    Mutant(
        "vacuity: only one of the two bits is readable off the basis",
        "engine/*.py",
        "bits[(value == 0) | (value == den)]",
        "bits[value == 0]",
        ("test_vacuity.py",),
    ),
    Mutant(
        "formula: the first argument of a table is the least significant",
        "formula.py",
        "for a, want in zip(args, row, strict=True)])",
        "for a, want in zip(args[::-1], row, strict=True)])",
        ("test_formula.py::test_table_takes_the_first_argument_as_most_significant",),
    ),
]
