"""Symbolic runs → the algebra of binary decision diagrams: bits are functions, numbers affine sums of them.

Package `dd` keeps the diagrams: its wrapper of CUDD, or its manager in pure Python where that is missing.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from time import perf_counter
from typing import Any, Literal

from verifier.bdd.thresholds import FALSE, TRUE, Thresholds, subset_sums
from verifier.sums import Atom, Comparison, Signed, Sum, Sums
from verifier.verdict import Limits, UndecidedError

Manager = Literal["auto", "cudd", "autoref"]
COST = 5  # a node of a sum's own diagram takes as long as so many others
REORDER_FIRST, REORDER_STEP, REORDER_LAST = 5_000, 3, 100_000  # nodes; larger ones take too long to sift
COUNT_EVERY, LONG_S = 512, 0.001  # CUDD takes milliseconds to count its nodes
MAX_VALUES = 256
MAX_SUMS = 4096
MAX_STATES = 2**16
BASE_BYTES = 2**26
NODE_BYTES = 256


def new_manager(kind: Manager, nodes: int) -> Any:
    """Return an empty manager of package `dd` that takes no more than about so many nodes."""
    if kind != "autoref":
        try:
            from dd import cudd
        except ImportError:
            if kind == "cudd":
                raise
        else:
            manager = cudd.BDD(initial_cache_size=2**14)  # it grows; the default takes 7 ms to clear
            manager.configure(reordering=False, max_memory=BASE_BYTES + NODE_BYTES * nodes)
            return manager
    from dd import autoref, bdd

    class Unwatched(bdd.BDD):  # type: ignore[misc]
        def __del__(self) -> None:
            """Check nothing: where cycles are collected, functions may outlive their manager."""

    manager = autoref.BDD()
    manager._bdd = Unwatched()
    manager.vars = manager._bdd.vars
    manager.configure(reordering=False)
    return manager


def _reordering(manager: Any) -> Callable[[Any], None] | None:
    """Return what reorders the variables of a manager; None in pure Python, where it takes too long."""
    if not type(manager).__module__.endswith("cudd"):
        return None
    from dd import cudd

    sift: Callable[[Any], None] = cudd.reorder
    return sift


class Diagrams(Sums):
    """The algebra of runs on symbolic inputs, as diagrams of one manager.

    A sum of free inputs is compared by its own diagram, built bottom-up. A sum of functions of them is
    compared atom by atom, each partial sum with the inputs that lead to it, so that combinations no input
    causes cost nothing. Bits are right on the inputs assumed so far.

    Raises:
        UndecidedError: from every operation, once there are more nodes than allowed, or the time is up.
    """

    def __init__(self, limits: Limits, manager: Manager = "auto") -> None:
        self.limits = limits
        self.manager = new_manager(manager, limits.nodes)
        self.care = self.manager.true
        self.exhausted = False
        self._reorder = _reordering(self.manager)
        self._reorder_at = REORDER_FIRST
        self._uncounted = 0
        self.free: dict[int, int] = {}
        self._thresholds: dict[tuple[int, ...], Thresholds] = {}
        self._built: dict[Hashable, dict[int, Any]] = {}

    def declare(self, name: str) -> None:
        """Add an input below those there are."""
        self.manager.declare(name)
        self.free[int(self.manager.var(name))] = len(self.free)

    def bit(self, value: bool) -> Any:
        return self.manager.true if value else self.manager.false

    def negate(self, a: Any) -> Any:
        return ~a

    def conjoin(self, bits: Sequence[Any]) -> Any:
        result = self.manager.true
        for b in bits:
            result = self._apply("and", result, b)
        return result

    def disjoin(self, bits: Sequence[Any]) -> Any:
        result = self.manager.false
        for b in bits:
            result = self._apply("or", result, b)
        return result

    def differ(self, a: Any, b: Any) -> Any:
        return self._apply("xor", a, b)

    def select(self, bit: Any, then: Sum, otherwise: Sum) -> Sum:
        literal = self.literal(bit)
        if isinstance(literal, bool):
            return then if literal else otherwise
        values: dict[Fraction, Any] = {}
        for value, side in ((then, bit), (otherwise, ~bit)):
            told = self._values(value, self.conjoin([self.care, side]))
            if told is None or len(values) > MAX_VALUES:
                parts = [self._masked(bit, then), self._masked(~bit, otherwise)]
                return self.affine([Fraction(1)] * 2, parts, Fraction(0))
            for number, inputs in told.items():
                values[number] = self.disjoin([values.get(number, self.manager.false), inputs])
        base = min(values, default=Fraction(0))
        parts = [self.choose(inputs, number - base, Fraction(0)) for number, inputs in values.items()]
        return self.affine([Fraction(1)] * len(parts), parts, base)

    def literal(self, bit: Any) -> bool | Signed:
        if bit == self.manager.true or bit == self.manager.false:
            return bool(bit == self.manager.true)
        negated = bool(bit.negated)
        term = ~bit if negated else bit
        return Signed(int(term), term, negated)

    def complement(self, atom: Atom) -> Atom:
        return Atom(~atom.term)

    def exceeds(self, comparison: Comparison) -> Any:
        literals, _, threshold, _ = comparison
        literals = sorted(literals, key=lambda literal: -literal[0])
        if all(self._variable(atom.term) is not None for _, atom in literals):
            return self._bottom_up(literals, threshold)
        return self._top_down(literals, threshold)

    def meets(self, comparison: Comparison) -> Any:
        below = comparison._replace(threshold=comparison.threshold - 1)
        at_least = self.exceeds(below) if comparison.threshold > 0 else self.manager.true
        more = self.exceeds(comparison) if comparison.threshold < comparison.most else self.manager.false
        return self.conjoin([at_least, ~more])

    def forget(self, names: set[str], function: Any) -> Any:
        """Return whether some values of the inputs of these names make the function true."""
        return self._checked(self.manager.exist, names, function)

    def _values(self, value: Sum, inputs: Any) -> dict[Fraction, Any] | None:
        """Return each value a number takes on some inputs, and on which; None if there are too many."""
        found = {value.offset: inputs} if inputs != self.manager.false else {}
        for c, atom in value.terms.values():
            longer: dict[Fraction, Any] = {}
            for number, reached in found.items():
                for sum_, side in ((number + c, atom.term), (number, ~atom.term)):
                    part = self._apply("and", reached, side)
                    if part != self.manager.false:
                        longer[sum_] = self._apply("or", longer[sum_], part) if sum_ in longer else part
            if len(longer) > MAX_VALUES:
                return None
            found = longer
        return found

    def _masked(self, bit: Any, value: Sum) -> Sum:
        """Return the number where the bit is true, else 0, as a sum of as many atoms and one."""
        parts = [self.choose(bit, value.offset, Fraction(0))]
        parts += [
            self.choose(self._apply("and", bit, atom.term), c, Fraction(0))
            for c, atom in value.terms.values()
        ]
        return self.affine([Fraction(1)] * len(parts), parts, Fraction(0))

    def _bottom_up(self, literals: list[tuple[int, Atom]], threshold: int) -> Any:
        """Return the comparison of a sum of free inputs, decided in the order of the inputs."""
        literals = sorted(literals, key=lambda literal: self._variable(literal[1].term) or 0)
        terms = [atom.term for _, atom in literals]
        diagram = self._diagram(literals)
        built = self._built.setdefault(
            (tuple(diagram.coefficients), tuple(map(int, terms))),
            {FALSE: self.manager.false, TRUE: self.manager.true},
        )
        root = diagram.root(threshold, lambda nodes: self._tick(COST * nodes))
        for number in range(max(built) + 1, len(diagram.nodes)):
            node = diagram.nodes[number]
            built[number] = self._checked(
                self.manager.ite, terms[node.level], built[node.high], built[node.low]
            )
        return built[root]

    def _top_down(self, literals: list[tuple[int, Atom]], threshold: int) -> Any:
        """Return the comparison of a sum of functions: the inputs on which it comes out true.

        With each bound that is left for the atoms to come goes the set of inputs that lead there.
        """
        true: Any = self.manager.false
        reached = {0: (threshold, self.care)}
        rest = sum(c for c, _ in literals)
        for i, (c, atom) in enumerate(literals):
            rest -= c
            sums = subset_sums([c for c, _ in literals[i + 1 :]], MAX_SUMS)
            longer: dict[int, tuple[int, Any]] = {}
            for bound, inputs in reached.values():
                for left, side in ((bound - c, atom.term), (bound, ~atom.term)):
                    part = self._apply("and", inputs, side) if left < rest else self.manager.false
                    if part == self.manager.false:
                        continue
                    if left < 0:
                        true = self._apply("or", true, part)
                        continue
                    key = left if sums is None else bisect_right(sums, left)
                    longer[key] = (left, self._apply("or", longer[key][1], part) if key in longer else part)
            if len(longer) > MAX_STATES:
                raise UndecidedError(f"a comparison needs more than {MAX_STATES} partial sums")
            reached = longer
        return true

    def _diagram(self, literals: list[tuple[int, Atom]]) -> Thresholds:
        coefficients = tuple(c for c, _ in literals)
        if coefficients not in self._thresholds:
            self._thresholds[coefficients] = Thresholds(coefficients)
        return self._thresholds[coefficients]

    def _variable(self, term: Any) -> int | None:
        """Return the number of the free input that a term is, or is the negation of."""
        return self.free.get(int(~term if term.negated else term))

    def _apply(self, operator: str, a: Any, b: Any) -> Any:
        return self._checked(self.manager.apply, operator, a, b)

    def _checked(self, operation: Callable[..., Any], *operands: Any) -> Any:
        """Return the result of an operation; after some, and after long ones, the nodes are counted."""
        started = perf_counter()
        try:
            result = operation(*operands)
            self._uncounted += 1
            if self._uncounted >= COUNT_EVERY or perf_counter() - started > LONG_S:
                self._uncounted = 0
                self._grown(len(self.manager))
        except (ValueError, RuntimeError) as error:  # what `dd` says when CUDD had no memory left
            if isinstance(error, ValueError) and "NULL" not in str(error):
                raise
            raise self._full() from None
        return result

    def _grown(self, nodes: int) -> None:
        """Reorder if it is time to, and stop if there are too many nodes left."""
        if self._reorder is not None and self._reorder_at < nodes < REORDER_LAST:
            self._reorder(self.manager)
            nodes = len(self.manager)
            self._reorder_at = REORDER_STEP * max(nodes, self._reorder_at)
        self._tick(nodes)

    def _tick(self, nodes: int) -> None:
        if nodes > self.limits.nodes:
            raise self._full()
        if self.limits.passed:
            raise UndecidedError("the time limit was reached")

    def _full(self) -> UndecidedError:
        self.exhausted = True
        return UndecidedError(f"the diagrams need more than {self.limits.nodes} nodes")
