"""Explanations of an earlier run → those that a run cut short keeps, each decided again."""

from collections.abc import Sequence

from verifier.engine.enumeration.cosets import Cosets
from verifier.engine.enumeration.listing import Found
from verifier.engine.enumeration.propose import Hull
from verifier.engine.enumeration.stage import Stage
from verifier.errors import InputError, input_error
from verifier.verdict import Limits


def keep(
    stage: Stage | None, earlier: dict[tuple[str, ...], Found], found: dict[tuple[str, ...], Found], cut: bool
) -> None:
    """Add the explanations of an earlier run that a run which was `cut` short had no time to find again.

    Raises:
        InputError: E701, one of them is none, or would not be listed.
    """
    if stage is None:
        return
    left = [item for features, item in earlier.items() if found.get(features) != item]
    if left and cut:
        stage.limits = Limits()  # time may be up; what was found is decided all the same
        found.update((item.features, item) for item in checked(stage, left))
    elif left:
        raise stranger(left[0])


def checked(stage: Stage, items: Sequence[Found]) -> Sequence[Found]:
    """Return explanations of an earlier run, each decided again.

    Raises:
        InputError: E701, one of them is none, or would not be listed.
    """
    from verifier.engine.enumeration.monolithic import as_listed

    cosets = cosets_of(stage) if items else None
    for item in items:
        low, high = stage.space.features
        if not low <= len(item.features) <= high or not as_listed(stage, item, cosets):
            raise stranger(item)
    return items


def stranger(item: Found) -> InputError:
    """Return the complaint about an explanation of an earlier run that is none."""
    outputs = f" with outputs {', '.join(item.output)}" if item.output else ""
    return input_error("E701", f"{' and '.join(item.features)}{outputs} would not be listed in this space")


def cosets_of(stage: Stage) -> Cosets | None:
    """Return what decides sets of functions whose readouts differ by a kernel lattice, if they do."""
    if stage.space.coefficients is not None:
        return None
    hull = Hull.of(stage)
    return Cosets(stage, hull) if hull.kernel else None
