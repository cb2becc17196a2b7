"""Network → order of its inputs: those that one sum weighs alike and heavily side by side, near the top."""

from verifier.network import Network


def input_order(network: Network) -> list[int]:
    """Return the inputs in the order diagrams decide them.

    From the outputs down, each unit asks first for what it weighs most (Malik et al. 1988 order the inputs
    of circuits so, by depth): bit i of two compared numbers ends up beside its partner, blocks of inputs that
    do not meet stay apart.
    """
    placed: dict[int, None] = {}
    seen: set[tuple[int, int]] = set()
    stack = [(network.depth, i) for i in reversed(range(network.layer(network.depth).width))]
    while stack:
        place, i = stack.pop()
        if place == 0:
            placed.setdefault(i)
            continue
        if (place, i) in seen:
            continue
        seen.add((place, i))
        row = network.layer(place).W[i]
        heaviest_first = sorted((j for j, w in enumerate(row) if w), key=lambda j: -abs(row[j]))
        stack += [(place - 1, j) for j in reversed(heaviest_first)]
    return [*placed, *(i for i in range(network.n) if i not in placed)]
