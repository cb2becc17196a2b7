"""Lists of a suggestion → the sentences that say how many explanations there are, and what does not exist."""

from collections.abc import Collection, Iterator, Sequence

from verifier.engine.suggest.outcome import Counted, LayerFindings
from verifier.engine.suggest.scope import Bounds, Scope, bounds_of, decided
from verifier.network import Network
from verifier.report.statement import completeness
from verifier.space import Readouts

PASSING = " with different features, all in use"


def groups(counted: Sequence[Counted]) -> list[list[Counted]]:
    """Return lists in order, those that are empty for one reason together."""
    told: dict[tuple[object, ...], list[Counted]] = {}
    for number, each in enumerate(counted):
        empty = not each.statement.count and each.statement.complete
        told.setdefault(_kind(each) if empty else (number,), []).append(each)
    return list(told.values())


def _kind(counted: Counted) -> tuple[object, ...]:
    space, obstacle = counted.space, counted.obstacle
    return space.readouts, space.require, space.coefficients, obstacle and bool(obstacle.mediating)


def counts(group: Sequence[Counted], within: bool) -> str:
    """Return how many explanations there are of so many features, `within` which bounds, and why none."""
    space = group[0].space
    features = numbered([counted.space.features[0] for counted in group])
    bounds = next(filter(None, map(bounds_of, group)), None) if within else None
    return f"{features}{how(space.readouts)}{_within(bounds)}: {_count(group[0])}{_why(group)}"


def wide(layer: LayerFindings) -> bool:
    """Return whether lists were cut at different bounds, so that each says its own."""
    return len({counted.space.coefficients for counted in layer.counted}) > 1


def numbered(features: Collection[int]) -> str:
    """Return numbers of features in words.

    >>> numbered([2, 1]), numbered([1]), numbered([3, 1])
    ('1 to 2 features', '1 feature', '1, 3 features')
    """
    low, high = min(features), max(features)
    if low == high:
        return f"{low} feature{'' if low == 1 else 's'}"
    if set(features) == set(range(low, high + 1)):
        return f"{low} to {high} features"
    return f"{', '.join(map(str, sorted(features)))} features"


def how(readouts: Readouts) -> str:
    """Return how features are read, where that is by comparison."""
    return " by comparison" if readouts == "threshold" else ""


def _within(bounds: Bounds) -> str:
    return "" if bounds is None else f" within {bounds[0]}..{bounds[1]}"


def _why(group: Sequence[Counted]) -> str:
    """Return what rules out the sets of readouts that were looked at."""
    obstacles = [counted.obstacle for counted in group if counted.obstacle is not None]
    if len(obstacles) < len(group) or not group[0].statement.complete:
        return ""
    if not obstacles[0].forms:
        return "; nothing can be read so"
    kind = "forms" if group[0].space.readouts == "threshold" else "readouts"
    total = sum(obstacle.sets for obstacle in obstacles)
    forms = f"{obstacles[0].forms} {kind if obstacles[0].forms > 1 else kind.removesuffix('s')}"
    sets = f"of {total} set{'' if total == 1 else 's'} of {forms}"
    if obstacles[0].mediating is None:
        return f"; {sets} none passes interchange{PASSING}"
    mediating = sum(obstacle.mediating or 0 for obstacle in obstacles)
    if not mediating:
        return f"; {sets} none mediates with all in use"
    return f"; {sets} {mediating} mediate{'s' if mediating == 1 else ''}, none passes interchange{PASSING}"


def _count(counted: Counted) -> str:
    """Return how many explanations there are with so many features."""
    statement, restating = counted.statement, counted.ranking.restating
    if not statement.count:
        return "no explanation" if statement.complete else f"none found: {statement.reason}"
    if restating == statement.classes:
        return f"{statement}, which only restate the outputs"
    return f"{statement}" + (f", {restating} of which only restate the outputs" if restating else "")


def sure(layer: LayerFindings) -> str:
    """Return what is known of simpler explanations than those shown, or of any where there are none."""
    if not layer.ranked:
        return _none(layer)
    require = layer.counted[-1].space.require
    last = [counted for counted in layer.counted if counted.space.require == require]
    if layer.reason or not all(counted.statement.complete for counted in last):
        reasons = [layer.reason, *(counted.statement.reason for counted in last)]
        more = ": --timeout gives more time" if any("time limit" in reason for reason in reasons) else ""
        count = _least(last)
        return f"the simplest found, of at least {count}; not all was looked at{more}"
    best = layer.ranked[0].simplicity
    # one feature can only restate, and what restates comes after all that does not, however many features
    simpler = None if best.restates else range(2, best.features + 1)
    scopes = decided(last, require, simpler)
    kinds = _readouts(scopes, simpler)
    rankings = [counted.ranking for counted in last]
    if not all(ranking.formulas for ranking in rankings):
        return (
            f"none with {kinds} has fewer features; formulas are too many to compare, "
            "so readouts decide the rest"
        )
    simplest = f"nothing simpler exists with {kinds}"
    if not all(ranking.shortest for ranking in rankings):
        return f"{simplest}, formulas being measured as found: not all are proved the shortest"
    return simplest


def _least(lists: Sequence[Counted]) -> int:
    """Return how many explanations there are in lists at least: those within other bounds may be the same."""
    most: dict[tuple[Readouts, int], int] = {}
    for each in lists:
        kind = each.space.readouts, each.space.features[0]
        most[kind] = max(most.get(kind, 0), each.statement.count)
    return sum(most.values())


def _none(layer: LayerFindings) -> str:
    """Return with which requirement no explanation exists, where: the last one says it of those before."""
    told: dict[tuple[Scope, ...], str] = {}
    for require in dict.fromkeys(counted.space.require for counted in layer.counted):
        scopes = decided(layer.counted, require)
        if scopes:
            told[scopes] = f"with {', '.join(require)} exists by {_readouts(scopes)}"
    found = [f"no explanation {first}" if not i else f"none {first}" for i, first in enumerate(told.values())]
    return "; ".join([*found, *(["no explanation was found"] if not layer.complete else [])])


def _readouts(scopes: Sequence[Scope], every: range | None = None) -> str:
    """Return where all was looked at; numbers of features are left out where each has `every` one."""
    parts = []
    for scope in scopes:
        whole = every is not None and scope.features == tuple(every)
        features = "" if whole else f" of {numbered(scope.features)}"
        parts.append(f"{' or '.join(scope.readouts)} readouts{features}{_within(scope.coefficients)}")
    return ", or ".join(parts)


def completed(layer: LayerFindings, network: Network) -> Iterator[str]:
    """Yield what the completeness of the lists with the last requirement rests on.

    Numbers of features are named where different things are said of them.
    """
    require = layer.counted[-1].space.require if layer.counted else ()
    told: dict[Readouts, dict[str, list[int]]] = {}
    for counted in layer.counted:
        if counted.space.require == require:
            sentence = completeness(counted.statement, counted.space, network)
            numbers = told.setdefault(counted.space.readouts, {}).setdefault(sentence, [])
            numbers.append(counted.space.features[0])
    for readouts, sentences in told.items():
        for sentence, numbers in sentences.items():
            features = f" of {numbered(numbers)}" if len(sentences) > 1 else ""
            yield f"{readouts} readouts{features}: {sentence}"
