"""`inputs`, `encoding`, `where`, `rows` and `thresholds` → Domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from verifier.domain import Domain
from verifier.formula import MAX_ARGUMENTS, Formula, Gate, Name, parse, unknown_names
from verifier.notation import exact, show
from verifier.spec import scalars
from verifier.spec.data_to_rows import Group
from verifier.spec.nodes import Mapping, Node, Scalar
from verifier.spec.nodes import scalars as scalars_of
from verifier.spec.nodes_to_rows import read_rows
from verifier.spec.problems import Problems


@dataclass(frozen=True, slots=True)
class Inputs:
    """The names of the inputs, and the one-hot groups among them."""

    names: tuple[str, ...]
    groups: tuple[Group, ...] = ()


def read_inputs(root: Mapping, problems: Problems) -> Inputs | None:
    """Return the inputs, ranges and groups written out; None if they are faulty."""
    node = root.sequence("inputs")
    if node is None:
        return None
    names: dict[str, Node] = {}
    groups, sound = [], True
    for item in node.items:
        group = _group(item)
        if group is not None:
            groups.append(group)
        for name in group.names if group else scalars.names(item.text) if isinstance(item, Scalar) else ():
            if name in names:
                problems.add("E105", f"two inputs are named {name}", item.position)
                sound = False
            names[name] = item
        if len(names) > MAX_ARGUMENTS:
            problems.add("E104", f"expected at most {MAX_ARGUMENTS} inputs", item.position)
            return None
    return Inputs(tuple(names), tuple(groups)) if sound else None


def _group(item: Node) -> Group | None:
    if not isinstance(item, Mapping):
        return None
    ((stem, (_, size)),) = item.items.items()
    assert isinstance(size, Scalar)
    suffixes = scalars.one_hot(size.text)
    names = tuple(f"{stem}{suffix}" for suffix in suffixes)
    return Group(stem, names, tuple(suffix.removeprefix("_") for suffix in suffixes))


def read_domain(root: Mapping, inputs: Inputs | None, folder: Path, problems: Problems) -> Domain | None:
    """Return the domain; None if something in it is faulty. `rows` is looked up in `folder`."""
    low, high = _encoding(root, problems)
    where = root.scalar("where")
    restriction = problems.attempt(where, lambda: _over(inputs, where.text)) if where else None
    if inputs is None or low == high:
        return None
    given = read_rows(root, inputs.names, inputs.groups, (low, high), folder, problems)
    rows, source = given or (None, None)
    conditions = [restriction] if restriction is not None else []
    conditions += [Gate("exactly", tuple(map(Name, group.names)), "1") for group in inputs.groups]
    return Domain(inputs.names, _all(conditions), rows, low, high, source)


def _encoding(root: Mapping, problems: Problems) -> tuple[Fraction, Fraction]:
    node = root.sequence("encoding")
    if node is None:
        return Fraction(0), Fraction(1)
    low, high = (exact(item.text) for item in scalars_of(node))
    if low == high:
        message = f"expected two different numbers for bit 0 and bit 1, got {show(low)} twice"
        problems.add("E104", message, node.position)
    return low, high


def _over(inputs: Inputs | None, text: str) -> Formula:
    """Return a formula whose names are inputs; where those are faulty, any names."""
    formula = parse(text)
    unknown = unknown_names(formula, inputs.names) if inputs is not None else None
    if unknown is not None:
        raise unknown
    return formula


def _all(conditions: Sequence[Formula]) -> Formula | None:
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return Gate("and", tuple(conditions))
