"""Lists of readouts → clauses → refutations: what is proved, and which forgeries are refused."""

import pickle
import sys
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from profiles import MORE, SEED

from verifier.audit import cnf
from verifier.audit.cnf import Base, TooLargeError, dimacs, encode
from verifier.audit.lrat import check
from verifier.errors import InputError
from verifier.proof import NoProofError, SatisfiableError, available, prove

F = Fraction
SQUARE = [[1, 2], [-1, 2], [1, -2], [-1, -2]]
SQUARE_PROOF = "5 2 0 1 2 0\n5 d 1 2 0\n6 -2 0 3 4 0\n7 0 5 6 0\n"
SEED_ROWS = [(F(0), F(0), F(0)), (F(0), F(1), F(0)), (F(1), F(0), F(0)), (F(1), F(1), F(1))]

ENTRIES = st.sampled_from([F(0), F(0), F(1), F(1), F(-1), F(2), F(1, 2), F(-2, 3)])
BITS = st.sampled_from([F(0), F(1)])


@st.composite
def spaces(draw):
    """Distinct hidden rows, ascending, and the integers allowed per column."""
    width = draw(st.integers(1, 3))
    entries = draw(st.sampled_from([BITS, ENTRIES]))
    rows = draw(st.sets(st.tuples(*[entries] * width), min_size=1, max_size=5))
    low = draw(st.integers(-2, 1))
    box = range(low, draw(st.integers(low, 2)) + 1)
    values = [draw(st.sampled_from([tuple(box), tuple(box), (0,)])) for _ in range(width)]
    return sorted(rows), values


def readouts(rows, values):
    """Return every row R of the box under which the hidden rows take two values, one apart."""
    found = []
    for row in product(*values):
        seen = sorted({sum(a * b for a, b in zip(row, h, strict=True)) for h in rows})
        if len(seen) == 2 and seen[1] - seen[0] == 1:
            found.append(row)
    return found


def assignments(clauses, chosen):
    """Return the values of the `chosen` variables in the assignments of the clauses, each once."""
    found = []

    def propagate(true):
        true = set(true)
        while True:
            new = set()
            for clause in clauses:
                if not any(x in true for x in clause):
                    left = [x for x in clause if -x not in true]
                    if not left:
                        return None
                    if len(left) == 1:
                        new.add(left[0])
            if not new:
                return true
            if any(-x in new for x in new):
                return None
            true |= new

    def satisfiable(true):
        true = propagate(true)
        if true is None:
            return False
        free = next((abs(x) for c in clauses for x in c if not {x, -x} & true), None)
        return free is None or satisfiable(true | {free}) or satisfiable(true | {-free})

    def search(true):
        true = propagate(true)
        if true is None:
            return
        free = next((x for x in chosen if not {x, -x} & true), None)
        if free is None:
            if satisfiable(true):
                found.append(tuple(x for x in chosen if x in true))
            return
        search(true | {free})
        search(true | {-free})

    search(set())
    return found


def random_tests(offset, count):
    """Return the decorator of a random test over spaces."""

    def decorate(test):
        return seed(SEED + offset)(
            settings(max_examples=count * (10 if MORE else 1), deadline=None, database=None)(test)
        )

    return decorate


# The encoding


def test_the_seed_network():
    """From -1 to 1, all 14 functions of two bits are readable but exclusive or and its negation."""
    values = [range(-1, 2)] * 3
    base = Base.of(SEED_ROWS, values)
    xs = [x for column in base.literals for x in column.values()]
    named = [base.readout(a) for a in assignments(base.cube((), ()), xs)]
    assert sorted(named) == readouts(SEED_ROWS, values)
    assert len(named) == 12


def test_the_clauses_in_order():
    """A rational row, a column that is fixed and one that no row uses: clause by clause."""
    rows = [(F(0), F(0), F(0)), (F(1, 2), F(0), F(1))]
    assert encode(rows, [(0, 2), (0,), (0, 1)], (2,), [(2, 0, 0)]) == [
        [1, 2], [-1, -2],
        [3, -11],
        [4, 5], [-4, -5],
        [-1, 7], [-2, 8],
        [-4, -7, 9], [-5, -7, 10], [-4, -8, 10], [-5, -8],
        [-9, -10],
        [-10, -6],
        [10, -11],
        [-2, -3, -4],
        [2, -11],
        [11],
    ]  # fmt: skip


@random_tests(300, 60)
@given(spaces())
def test_assignments_are_readouts(space):
    """Without blocking clauses, the assignments and the readouts of a brute force are one to one."""
    rows, values = space
    base = Base.of(rows, values)
    xs = [x for column in base.literals for x in column.values()]
    variables = range(1, base.last + 1)
    found = assignments(base.cube((), ()), xs)
    assert sorted(base.readout(a) for a in found) == readouts(rows, values)
    assert all(abs(x) in variables for clause in base.clauses for x in clause)


@random_tests(301, 60)
@given(spaces(), st.data())
def test_cubes_hold_their_readouts(space, data):
    """A cube has exactly its own readouts as assignments, less those that are blocked."""
    rows, values = space
    expected = readouts(rows, values)
    prefix = tuple(data.draw(st.sampled_from(column)) for column in values[: data.draw(st.integers(0, 3))])
    blocked = [row for row in expected if data.draw(st.booleans())]
    base = Base.of(rows, values)
    xs = [x for column in base.literals for x in column.values()]
    found = [base.readout(a) for a in assignments(base.cube(prefix, blocked), xs)]
    inside = [row for row in expected if row[: len(prefix)] == prefix]
    assert sorted(found) == [row for row in inside if row not in blocked]


@random_tests(302, 60)
@given(spaces())
def test_units_come_last(space):
    """All clauses but the last have two literals, no variable twice; an empty clause is ¬t."""
    rows, values = space
    clauses = encode(rows, values, (), readouts(rows, values))
    last = clauses[-1][0]
    assert clauses[-1] == [last]
    assert all(len(clause) > 1 or clause == [-last] for clause in clauses[:-1])
    assert all(len({abs(x) for x in clause}) == len(clause) for clause in clauses)


def test_spaces_without_readouts():
    """One hidden row, or a column without a value: ¬t is among the clauses, and the proof needs no solver."""
    for rows, values in ([(F(3),)], [range(3)]), ([(F(0),), (F(1),)], [()]), ([(F(0),), (F(1),)], [(0,)]):
        clauses = encode(rows, values, (), ())
        assert [-clauses[-1][0]] in clauses[:-1]
        assert check(clauses, prove(clauses)) is None


@pytest.mark.parametrize(
    ("rows", "values"),
    [([], [range(2)]), ([()], []), ([(F(0), F(1))], [range(2)]), ([(F(1),), (F(0),)], [range(2)])],
)
def test_rows_that_do_not_fit(rows, values):
    """No rows, no columns, another length, another order."""
    with pytest.raises(ValueError, match="expected"):
        Base.of(rows, values)


@pytest.mark.parametrize(
    ("cube", "blocked"), [((5,), []), ((0, 0, 0, 0), []), ((), [(0, 0)]), ((), [(0, 0, 7)])]
)
def test_outside_the_box(cube, blocked):
    """A cube or a readout that the space does not have."""
    with pytest.raises(ValueError, match="cube"):
        encode(SEED_ROWS, [range(-1, 2)] * 3, cube, blocked)


def test_too_many_sums(monkeypatch):
    """The bound on partial sums holds for all rows together, and while those of one row are found."""
    values = [range(-1, 2)] * 3
    base = Base.of(SEED_ROWS, values)
    sums = base.last - sum(map(len, values)) - 2
    monkeypatch.setattr(cnf, "MAX_NODES", sums)
    assert Base.of(SEED_ROWS, values) == base
    for fewer in (sums - 1, 2):
        monkeypatch.setattr(cnf, "MAX_NODES", fewer)
        with pytest.raises(TooLargeError, match="partial sums"):
            Base.of(SEED_ROWS, values)


@pytest.mark.parametrize("width", [10**3, 10**4])
def test_too_many_clauses(width):
    """The bound on clauses holds for the values of the columns and for the sums, before they are made."""
    rows = [(F(0),) * 4, (F(1),) * 4]
    with pytest.raises(TooLargeError, match="clauses"):
        Base.of(rows, [range(-width, width)] * 4)


def test_dimacs():
    """The header counts variables and clauses."""
    assert dimacs(SQUARE) == "p cnf 2 4\n1 2 0\n-1 2 0\n1 -2 0\n-1 -2 0\n"
    assert dimacs([]) == "p cnf 0 0\n"


# The checker of proofs


def test_a_proof_by_hand():
    """Two resolutions and a conflict; with or without the line that forgets, and the last line end."""
    lines = SQUARE_PROOF.splitlines()
    assert check(SQUARE, SQUARE_PROOF) is None
    assert check(SQUARE, SQUARE_PROOF.rstrip("\n")) is None
    assert check(SQUARE, "\n".join([lines[0], *lines[2:]])) is None
    assert check([[1], [], [2]], "4 0 2 0\n") is None
    assert check([[1], [-1]], "8 0 2 1 0\n") is None


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ("", "the proof does not end in the empty clause"),
        ("\n", "line 1: not a line of an LRAT proof"),
        ("5 2 0 1 2 0\n", "the proof does not end in the empty clause"),
        ("5 2 0 1 2 0\n6 -2 0 3 4 0\n7 0 5 6 0\n7 d 1 0\n", "line 4: something follows the empty clause"),
        ("5 2 0 1 2 0\n\n6 -2 0 3 4 0\n7 0 5 6 0\n", "line 2: not a line of an LRAT proof"),
        ("5 2 0 1 0\n", "line 1: clause 1 is not false under the hints before it"),
        ("5 2 0 2 0\n", "line 1: clause 2 is not false under the hints before it"),
        ("5 2 0 1 2 3 0\n", "line 1: clause 2 is false before the last hint"),
        ("5 0 1 2 0\n", "line 1: clause 1 has two literals that are not false under the hints before it"),
        ("5 2 0 1 9 0\n", "line 1: no clause 9"),
        ("5 2 0 1 5 0\n", "line 1: no clause 5"),
        ("5 2 0 1 0 2 0\n", "line 1: no clause 0"),
        ("5 2 0 1 2\n", "line 1: expected hints and then 0"),
        ("5 2 0\n", "line 1: expected hints and then 0"),
        ("5 2 0 0\n", "line 1: expected hints and then 0"),
        ("5 0\n", "line 1: expected hints and then 0"),
        ("5 2\n", "line 1: not a line of an LRAT proof"),
        ("5\n", "line 1: not a line of an LRAT proof"),
        ("4 2 0 1 2 0\n", "line 1: clause 4 is not newer than clause 4"),
        ("-5 2 0 1 2 0\n", "line 1: clause -5 is not newer than clause 4"),
        ("5 2 0 1 2 0\n5 -2 0 3 4 0\n", "line 2: clause 5 is not newer than clause 5"),
        ("5 2 0 -1 2 0\n", "line 1: the hint -1: RAT is not supported"),
        ("5 2 0 1 -2 3 0\n", "line 1: the hint -2: RAT is not supported"),
        ("5 d 1 0\n6 2 0 1 2 0\n", "line 2: no clause 1"),
        ("5 d 9 0\n", "line 1: no clause 9 to forget"),
        ("5 d 1 1 0\n", "line 1: no clause 1 to forget"),
        ("5 d -1 0\n", "line 1: no clause -1 to forget"),
        ("5 d 1\n", "line 1: not a line of an LRAT proof"),
        ("5 d d 0\n", "line 1: not a line of an LRAT proof"),
        ("d 1 0\n", "line 1: not a line of an LRAT proof"),
        ("5 2 0 1 - 0\n", "line 1: not a line of an LRAT proof"),
        ("5 2 0 1-2 0\n", "line 1: not a line of an LRAT proof"),
        (f"{'9' * 5000} 2 0 1 2 0\n", "line 1: not a line of an LRAT proof"),
        ("5 2 0 1 2 0\nc done\n", "line 2: the character 'c'"),
        ("5 2 0 1 2 0\r\n", "line 1: the character '\\r'"),
        ("5 2 0 1 2.0 0\n", "line 1: the character '.'"),
        ("5 2 0 1 ٢ 0\n", "line 1: the character '٢'"),
        ("5 2 0 1_0 0\n", "line 1: the character '_'"),
    ],
)
def test_forgeries_by_hand(proof, reason):
    """Each way to be wrong, and how it is told."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)
    try:
        assert check(SQUARE, proof) == reason
    finally:
        sys.set_int_max_str_digits(limit)


def test_every_truncation_is_refused():
    """No shorter beginning of a proof is a proof."""
    for length in range(len(SQUARE_PROOF) - 1):
        assert check(SQUARE, SQUARE_PROOF[:length]) is not None


def forgeries(proof):
    """Return proofs without a hint, a literal or a clause that is used, or with a number that is taken."""
    lines = [line for line in proof.splitlines() if " d " not in line]
    used = {h for line in lines for h in line.split(" 0 ", 1)[1].split()} if lines else set()
    for k, line in enumerate(lines):
        words = line.split()
        middle = words.index("0", 1)
        for h in range(middle + 1, len(words) - 1):
            yield [*lines[:k], " ".join(words[:h] + words[h + 1 :]), *lines[k + 1 :]]
        if words[0] in used or k == len(lines) - 1:
            yield lines[:k] + lines[k + 1 :]
        if k:
            yield [*lines[:k], " ".join([lines[k - 1].split()[0], *words[1:]]), *lines[k + 1 :]]
        for literal in range(1, middle):
            changed = words[:literal] + words[literal + 1 :]
            yield [*lines[:k], " ".join(changed), *lines[k + 1 :]]


def test_every_small_forgery_is_refused():
    """Without a hint, a line or a literal, and with a number that is taken, the proof by hand is none."""
    texts = ["\n".join(lines) + "\n" for lines in forgeries(SQUARE_PROOF)]
    assert len(texts) == 13
    assert all(check(SQUARE, text) is not None for text in texts)


@seed(SEED + 303)
@settings(max_examples=3000 if MORE else 300, deadline=None, database=None)
@given(
    st.integers(0, 3), st.lists(st.tuples(st.integers(0, 99), st.sampled_from("0123456789- \nd")), max_size=6)
)
def test_no_text_refutes_what_has_an_assignment(missing, changes):
    """With a clause fewer there is an assignment: whatever is changed in the text, it proves nothing."""
    clauses = [clause for k, clause in enumerate(SQUARE) if k != missing]
    for text in (SQUARE_PROOF, "4 2 0 1 2 0\n5 0 3 4 0\n"):
        letters = list(text)
        for place, letter in changes:
            letters[place % len(letters)] = letter
        assert isinstance(check(clauses, "".join(letters)), str)


@seed(SEED + 304)
@settings(max_examples=1000 if MORE else 150, deadline=None, database=None)
@given(st.text() | st.text("0123456789- \nd", max_size=40))
def test_garbage_has_a_reason(text):
    """No text makes the checker fail otherwise than by a reason."""
    assert isinstance(check([[1, 2], [-1]], text), str)


# The prover


@pytest.fixture
def solver():
    """Skip a test of the prover where python-sat is missing."""
    pytest.importorskip("pysolvers")
    assert available()


def test_the_proof_of_a_square(solver):
    """The four clauses over two variables, refuted and checked."""
    assert check(SQUARE, prove(SQUARE)) is None


def test_a_missing_readout_is_named():
    """A list without one readout is not complete, and the assignment is that readout."""
    pytest.importorskip("pysolvers")
    values = [range(-1, 2)] * 3
    base, expected = Base.of(SEED_ROWS, values), readouts(SEED_ROWS, values)
    for missing in expected:
        clauses = base.cube((), [row for row in expected if row != missing])
        with pytest.raises(SatisfiableError) as caught:
            prove(clauses)
        assert base.readout(caught.value.assignment) == missing
        assert pickle.loads(pickle.dumps(caught.value)).assignment == caught.value.assignment


@random_tests(305, 50)
@given(spaces(), st.data())
def test_complete_lists_are_proved(space, data):
    """Everything listed: proved, and the proof is of nothing less. One left out: it is named."""
    pytest.importorskip("pysolvers")
    rows, values = space
    expected = readouts(rows, values)
    base = Base.of(rows, values)
    clauses = base.cube((), expected)
    proof = prove(clauses)
    assert check(clauses, proof) is None
    if expected:
        missing = data.draw(st.sampled_from(expected))
        fewer = base.cube((), [row for row in expected if row != missing])
        assert check(fewer, proof) is not None
        with pytest.raises(SatisfiableError) as caught:
            prove(fewer)
        assert base.readout(caught.value.assignment) == missing


@random_tests(306, 40)
@given(spaces(), st.integers(0, 2))
def test_cubes_that_tile_prove_all(space, depth):
    """Every cube of a tiling is proved with its own readouts, which together are all."""
    pytest.importorskip("pysolvers")
    rows, values = space
    expected = readouts(rows, values)
    base = Base.of(rows, values)
    listed = []
    for prefix in product(*values[:depth]):
        own = [row for row in expected if row[: len(prefix)] == prefix]
        clauses = base.cube(prefix, own)
        assert check(clauses, prove(clauses)) is None
        listed += own
    assert listed == expected


def test_forged_proofs_are_refused(solver):
    """A proof of a solver, cut short, without a line that is used or its last hint, or of other clauses."""
    rows = sorted(set(product((F(0), F(1)), repeat=3)))
    values = [range(-2, 3)] * 3
    expected = readouts(rows, values)
    clauses = encode(rows, values, (), expected)
    proof = prove(clauses)
    lines = [line for line in proof.splitlines() if " d " not in line]
    assert check(clauses, "\n".join(lines)) is None
    assert len(lines) > 5
    for k, line in enumerate(lines):
        rest = lines[k + 1 :]
        number, *_, last, _ = line.split()
        shorter = line.removesuffix(f" {last} 0") + " 0"
        assert check(clauses, "\n".join([*lines[:k], shorter, *rest])) is not None
        assert check(clauses, "\n".join(lines[:k])) is not None
        if any(f" {number} " in other.split(" 0 ", 1)[1] for other in rest) or not rest:
            assert check(clauses, "\n".join([*lines[:k], *rest])) is not None
    for k in range(len(clauses) - len(expected) - 1, len(clauses) - 1):
        other = [*clauses[:k], [*clauses[k], -clauses[-1][0] + 1], *clauses[k + 1 :]]
        assert check(other[:k] + other[k + 1 :], proof) is not None
    assert check(clauses[:-2] + clauses[-1:], proof) is not None


def test_no_time(solver):
    """No time is a reason to have no proof, not a proof."""
    with pytest.raises(NoProofError, match="time"):
        prove(SQUARE, timeout_s=0)
    assert check(SQUARE, prove(SQUARE, timeout_s=60)) is None


def test_slices_are_one_proof(solver, monkeypatch):
    """A solver that is stopped after every conflict goes on where it was, in the same proof."""
    monkeypatch.setattr("verifier.proof.SLICE", 1)
    rows = sorted(set(product((F(0), F(1)), repeat=4)))
    values = [range(-2, 3)] * 4
    clauses = encode(rows, values, (), readouts(rows, values))
    assert check(clauses, prove(clauses)) is None


def test_proofs_without_the_solver(monkeypatch):
    """What is false at sight is proved without python-sat; anything else says what to install."""
    monkeypatch.setitem(sys.modules, "pysolvers", None)
    assert not available()
    assert check([[1, 2], []], prove([[1, 2], []])) is None
    assert check([[1], [2, 3], [-1]], prove([[1], [2, 3], [-1]])) is None
    with pytest.raises(InputError, match=r"E601 .*\n.*pip install 'circuit-verifier\[proof\]'"):
        prove(SQUARE)


def test_units_before_the_end(solver):
    """A unit clause before the last would be counted otherwise by the solver."""
    with pytest.raises(ValueError, match="two literals"):
        prove([[1, 2], [1], [-1, -2], [2]])


def test_nothing_is_left_behind(solver, monkeypatch, tmp_path):
    """The file of the proof is gone, whether there is a proof or not."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    prove(SQUARE)
    with pytest.raises(SatisfiableError):
        prove(SQUARE[:3])
    assert not list(tmp_path.iterdir())
