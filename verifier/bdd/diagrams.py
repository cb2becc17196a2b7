"""Symbolic runs → the algebra of binary decision diagrams: bits are functions, numbers affine sums of them.

Package `dd` keeps the diagrams: its wrapper of CUDD, or its manager in pure Python where that is missing.
"""

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import Any, Literal

from verifier.bdd.thresholds import FALSE, TRUE, Thresholds
from verifier.sums import Atom, Comparison, Signed, Sum, Sums
from verifier.verdict import Limits, UndecidedError

Manager = Literal["auto", "cudd", "autoref"]
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
            manager = cudd.BDD()
            manager.configure(reordering=False, max_memory=BASE_BYTES + NODE_BYTES * nodes)
            return manager
    from dd import autoref

    manager = autoref.BDD()
    manager.configure(reordering=False)
    return manager


class Diagrams(Sums):
    """The algebra of runs on symbolic inputs, as diagrams of one manager.

    A sum over free inputs is compared by its own diagram, built bottom-up. A sum over functions of them is
    compared from the top: with each node of its diagram goes the set of inputs that lead there, so that
    combinations no input causes cost nothing. Bits are right on the inputs assumed so far.

    Raises:
        UndecidedError: from every operation, once there are more nodes than allowed, or the time is up.
    """

    def __init__(self, limits: Limits, manager: Manager = "auto") -> None:
        self.limits = limits
        self.manager = new_manager(manager, limits.nodes)
        self.care = self.manager.true
        self.exhausted = False
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
        parts = [self._masked(bit, then), self._masked(~bit, otherwise)]
        return self.affine([Fraction(1)] * 2, parts, Fraction(0))

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

    def _masked(self, bit: Any, value: Sum) -> Sum:
        """Return the number where the bit is true, else 0."""
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
        root = diagram.root(threshold)
        for number in range(max(built) + 1, len(diagram.nodes)):
            node = diagram.nodes[number]
            built[number] = self._checked(
                self.manager.ite, terms[node.level], built[node.high], built[node.low]
            )
        return built[root]

    def _top_down(self, literals: list[tuple[int, Atom]], threshold: int) -> Any:
        """Return the comparison of a sum of functions: the inputs that lead to its true end."""
        diagram = self._diagram(literals)
        levels: list[dict[int, Any]] = [{} for _ in range(len(literals) + 1)]
        root = diagram.root(threshold)
        levels[diagram.nodes[root].level][root] = self.care
        for (_, atom), reached in zip(literals, levels, strict=False):
            for number, inputs in reached.items():
                node = diagram.nodes[number]
                for target, side in ((node.high, atom.term), (node.low, ~atom.term)):
                    part = self._apply("and", inputs, side)
                    if target == FALSE or part == self.manager.false:
                        continue
                    level = levels[diagram.nodes[target].level]
                    level[target] = self._apply("or", level[target], part) if target in level else part
        result: Any = levels[-1].get(TRUE, self.manager.false)
        return result

    def _diagram(self, literals: list[tuple[int, Atom]]) -> Thresholds:
        coefficients = tuple(c for c, _ in literals)
        if coefficients not in self._thresholds:
            self._thresholds[coefficients] = Thresholds(coefficients)
        return self._thresholds[coefficients]

    def _variable(self, term: Any) -> int | None:
        """Return the number of the free input that a term is, or is the negation of."""
        return self.free.get(int(~term if term.negated else term))

    def _key(self, term: Any) -> int:
        return int(term)

    def _apply(self, operator: str, a: Any, b: Any) -> Any:
        return self._checked(self.manager.apply, operator, a, b)

    def _checked(self, operation: Callable[..., Any], *operands: Any) -> Any:
        try:
            result = operation(*operands)
        except ValueError as error:  # what `dd` says when CUDD had no memory left for the result
            if "NULL" not in str(error):
                raise
            raise self._full() from None
        if len(self.manager) > self.limits.nodes:
            raise self._full()
        if self.limits.passed:
            raise UndecidedError("the time limit was reached")
        return result

    def _full(self) -> UndecidedError:
        self.exhausted = True
        return UndecidedError(f"the diagrams need more than {self.limits.nodes} nodes")
