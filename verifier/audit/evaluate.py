"""Query → State: every input run through the network, and the distinct rows of the layer asked about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from verifier.audit.flaw import BeyondError, FlawError
from verifier.audit.forward import Affine, Array, Rest, Runs, activate, alive_units, top, whole
from verifier.audit.query import Query
from verifier.audit.values import Row
from verifier.formula import Formula, evaluate

CHUNK = 2**16
MAX_INPUTS = 2**20
MAX_ROWS = 2**14


class Columns:
    """The bits of a formula as numpy arrays, one entry per input."""

    def bit(self, value: bool) -> Any:
        return np.bool_(value)

    def negate(self, a: Any) -> Any:
        return ~a

    def conjoin(self, bits: Sequence[Any]) -> Any:
        return reduce(np.logical_and, bits, np.bool_(True))

    def disjoin(self, bits: Sequence[Any]) -> Any:
        return reduce(np.logical_or, bits, np.bool_(False))

    def differ(self, a: Any, b: Any) -> Any:
        return a ^ b

    def at_least(self, threshold: int, bits: Sequence[Any]) -> Any:
        return sum((np.asarray(bit).astype(np.int64) for bit in bits), np.int64(0)) >= threshold


@dataclass(frozen=True, slots=True)
class State:
    """What is checked against: the distinct rows of the layer, ascending, and where they come from.

    `H` are those N rows of m numbers, `HI`/`den` the same in integers; `row_of` is the row of each input, `x`
    the inputs. `targets` are the rows of the next layer whose units reach an output, `watched` those of all
    units whose value an output or a tie can show.
    """

    query: Query
    H: tuple[Row, ...]
    HI: Array
    den: int
    row_of: Array
    x: Array
    targets: tuple[Row, ...]
    watched: tuple[Row, ...]
    rest: Rest

    @property
    def m(self) -> int:
        """The number of units of the layer."""
        return self.query.width

    def function(self, formula: Formula, named: dict[str, Array]) -> Array:
        """Return a formula's bit on every input."""
        return _on(formula, named, len(self.x))

    def named(self) -> dict[str, Array]:
        """Return the inputs by name."""
        return {name: self.x[:, i] for i, name in enumerate(self.query.inputs)}


def state_of(query: Query) -> State:
    """Return the state of a query.

    Raises:
        FlawError: the domain is empty, or an input of it meets a tie: the query means nothing.
        BeyondError: the domain or the layer has too many rows to list.
    """
    space = query.space
    rest = Rest.above(query, space.place)
    kept: list[Array] = []
    indices: list[Array] = []
    numbers: dict[tuple[int, ...], int] = {}
    den = None
    for x in inputs_of(query):
        runs = _hidden(query, x)
        q = int(runs.q.flat[0]) if runs.q.size else 1
        den = q if den is None else den
        rows, inverse = _distinct(runs.x)
        _refuse_ties(rest, rows, q, x, inverse, query)
        places = [numbers.setdefault(tuple(row), len(numbers)) for row in rows.tolist()]
        if len(numbers) > MAX_ROWS:
            raise BeyondError(f"the layer has more than {MAX_ROWS} distinct rows")
        indices.append(np.array(places, dtype=np.int64)[inverse])
        kept.append(x)
    if not kept or den is None:
        raise FlawError(1, "query.domain: expected at least one input, the domain is empty")
    order = sorted(numbers)
    rank = {numbers[row]: i for i, row in enumerate(order)}
    H = tuple(tuple(Fraction(v, den) for v in row) for row in order)
    HI, common = whole(H)
    above = query.layers[space.place]
    watched, reaching = (alive_units(query, ties)[space.place] for ties in (True, False))
    return State(
        query,
        H,
        HI,
        common,
        np.array([rank[i] for i in range(len(rank))], dtype=np.int64)[np.concatenate(indices)],
        np.concatenate(kept),
        tuple(above.W[i] for i in reaching),
        tuple(above.W[i] for i in watched),
        rest,
    )


def _on(formula: Formula, named: dict[str, Array], count: int) -> Array:
    algebra: Any = Columns()
    return np.broadcast_to(evaluate(formula, algebra, named), (count,))


def inputs_of(query: Query) -> Iterator[Array]:
    """Yield the inputs of the domain as rows of bits."""
    n = len(query.inputs)
    count = 2**n if query.rows is None else len(query.rows)
    if count > MAX_INPUTS:
        raise BeyondError(f"the domain has more than {MAX_INPUTS} inputs to list")
    for start in range(0, count, CHUNK):
        stop = min(start + CHUNK, count)
        if query.rows is None:
            number = np.arange(start, stop)[:, None]
            x = (number >> np.arange(n - 1, -1, -1)) & 1 == 1
        else:
            x = np.array([[c == "1" for c in row] for row in query.rows[start:stop]], dtype=bool)
        if query.where is not None:
            x = x[_on(query.where, {name: x[:, i] for i, name in enumerate(query.inputs)}, len(x))]
        if len(x):
            yield x


def _hidden(query: Query, x: Array) -> Runs:
    """Return the activations of the layer asked about.

    Raises:
        FlawError: a unit up to there that refuses ties has z = 0.
    """
    (ends,), den = whole([(query.low, query.high)])
    fed = ends[x.astype(np.int64)]
    one = np.ones(len(x), dtype=np.int64 if den < 2**62 else object)
    runs = Runs(fed, one * den, top(fed), den)
    for layer in query.layers[: query.space.place]:
        runs = Affine.of(layer.W, layer.b)(runs)
        if layer.refuses and (runs.x == 0).any():
            at, unit = (int(i[0]) for i in np.nonzero(runs.x == 0))
            message = f"unit {layer.units[unit]} has z = 0 on the input {_show(x[at])}: a tie"
            raise FlawError(1, f"query: {message}")
        runs = activate(layer, runs)
    return runs


def _distinct(x: Array) -> tuple[Array, Array]:
    """Return the distinct rows, and for every row its place among them."""
    if x.dtype == object:
        places: dict[tuple[int, ...], int] = {}
        of = [places.setdefault(tuple(row), len(places)) for row in x.tolist()]
        rows = np.empty((len(places), x.shape[1]), dtype=object)
        rows[:] = list(places)
        return rows, np.array(of, dtype=np.int64)
    mixed = np.zeros(len(x), dtype=np.uint64)
    for column in x.T:
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + column.astype(np.uint64)
        mixed ^= mixed >> np.uint64(29)
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    if not (x[first][inverse] == x).all():  # two rows of one hash
        rows, inverse = np.unique(x, axis=0, return_inverse=True)
        return rows, inverse.reshape(-1)
    return x[first], inverse


def _refuse_ties(rest: Rest, rows: Array, q: int, x: Array, inverse: Array, query: Query) -> None:
    runs = Runs(rows, np.full(len(rows), q, dtype=np.int64 if q < 2**62 else object), top(rows), q)
    decided = rest.tie_free(runs)
    if not decided.all():
        at = int(np.nonzero(~decided[inverse])[0][0])
        raise FlawError(1, f"query: a unit or the decoding is tied on the input {_show(x[at])}")


def _show(x: Array) -> str:
    return "".join("01"[int(bit)] for bit in x)
