"""Planted bugs of enumeration and audit: what is changed where, and which tests must notice."""

from mutant import Mutant

GOLDEN = "test_enumeration_golden.py::test_"
DIFFERENTIAL = "test_enumeration_differential.py::test_"
AUDIT = "test_audit.py::test_"
SMOOTH = "test_enumeration_smooth.py::test_"
FOLDER = "engine/enumeration/"

MUTANTS = [
    Mutant(
        "join: neighbours are left out",
        f"{FOLDER}join.py",
        "np.nonzero(np.arange(len(residuals)) > block[:, None])",
        "np.nonzero(np.arange(len(residuals)) > block[:, None] + 1)",
        (f"{GOLDEN}parity",),
    ),
    Mutant(
        "join: residuals are parallel with one sign only",
        f"{FOLDER}join.py",
        "rows = np.where((lead < 0)[:, None], -rows, rows)",
        "rows = np.where((lead < 0)[:, None], rows, rows)",
        (f"{GOLDEN}xor",),
    ),
    Mutant(
        "sets: one essential feature is enough",
        f"{FOLDER}sets.py",
        "fine &= (flipped != output).any(axis=(1, 2))",
        "fine &= (flipped != output).any(axis=(1, 2)) | (j > 0)",
        (f"{DIFFERENTIAL}bounded",),
    ),
    Mutant(
        "sets: complementary functions may stand together",
        f"{FOLDER}sets.py",
        "    members = members[_different(features, members)]\n",
        "",
        (f"{DIFFERENTIAL}bounded",),
    ),
    Mutant(
        "sets: what may tie is not watched",
        f"{FOLDER}stage.py",
        "        for ties in (False, True)\n",
        "        for ties in (False, False)\n",
        (f"{GOLDEN}a_unit_that_reaches_no_output_may_not_tie",),
    ),
    Mutant(
        "lattice: every target has an integer solution",
        "lattice.py",
        "(y % q == 0).all(axis=1)",
        "(y % q >= 0).all(axis=1)",
        ("test_lattice.py", f"{DIFFERENTIAL}any_coefficients_without_a_kernel"),
    ),
    Mutant(
        "expand: a complemented feature keeps its column of the truth table",
        f"{FOLDER}decomposed.py",
        "assignments[None] ^ flipped[:, None, :]",
        "assignments[None] | flipped[:, None, :] & False",
        (f"{GOLDEN}what_the_package_lists_is_what_the_brute_force_lists",),
    ),
    Mutant(
        "catalogue: any one given feature will do",
        f"{FOLDER}catalogue.py",
        "            fine &= np.isin(ranked, places).any(axis=1)\n",
        "            fine |= np.isin(ranked, places).any(axis=1)\n",
        (f"{GOLDEN}restrictions_of_xor",),
    ),
    Mutant(
        "examine: complements are different enough",
        f"{FOLDER}examine.py",
        "if one == other or all(p != q for p, q in zip(one, other, strict=True)):",
        "if one == other:",
        (f"{GOLDEN}the_definition_by_hand",),
    ),
    Mutant(
        "listing: the order of texts is taken for that of numbers",
        f"{FOLDER}listing.py",
        "for text in item.features}, key=order_of)",
        "for text in item.features})",
        (f"{GOLDEN}xor", f"{DIFFERENTIAL}bounded"),
    ),
    Mutant(
        "bounds: nothing is ever cut off",
        f"{FOLDER}bounds.py",
        "return any(key(item) not in inside for batch",
        "return any(key(item) in () for batch",
        (f"{GOLDEN}a_bound_that_binds_is_told",),
    ),
    Mutant(
        "box: readouts as far off as the tolerance allows are not tried",
        f"{FOLDER}box.py",
        "most = float(2 * stage.tolerance + margin)",
        "most = float(stage.tolerance + margin)",
        (f"{SMOOTH}a_tolerance_next_to_the_boundary",),
    ),
    Mutant(
        "donors: they may have any bit",
        f"{FOLDER}donors.py",
        "[i for i, b in enumerate(function) if b is bit]",
        "range(len(function))",
        (f"{SMOOTH}xor",),
    ),
    Mutant(
        "donors: writes are tried on one input",
        f"{FOLDER}donors.py",
        "self._part(starts, range(self.n_rows))",
        "self._part(starts, range(1))",
        (f"{SMOOTH}brute_force",),
    ),
    Mutant(
        "donors: what no precision decides holds",
        f"{FOLDER}donors.py",
        "                failed = judged\n",
        "                failed = None\n",
        (f"{SMOOTH}what_a_write_leaves_too_close_is_not_decided",),
    ),
    Mutant(
        "audit: a footer that counts wrong passes",
        "audit/audit.py",
        "    if footer.classes != notes.classes:",
        "    if footer.classes < 0:",
        (f"{AUDIT}forgeries",),
    ),
    Mutant(
        "audit: the explanations found again are not compared with those listed",
        "audit/complete.py",
        "        kept.append(block[held])\n",
        "        kept.append(block[held][:1])\n",
        (f"{AUDIT}xor",),
    ),
    Mutant(
        "lrat: the last hint need not be false",
        "audit/lrat.py",
        "        if not false.issuperset(known[hint]):\n",
        "        if known[hint] is None:\n",
        ("test_proof.py::test_every_small_forgery_is_refused", "test_proof.py::test_forgeries_by_hand"),
    ),
    Mutant(
        "cnf: a listed readout is blocked by its first coefficients alone",
        "audit/cnf.py",
        "zip(literals, readout, strict=True)] for readout in blocked]",
        "zip(literals[:1], readout[:1], strict=True)] for readout in blocked]",
        ("test_proof.py::test_assignments_are_readouts", "test_proof.py::test_cubes_hold_their_readouts"),
    ),
]
