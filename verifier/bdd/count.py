"""Diagram → how many assignments make it true, exactly (CUDD itself counts in floating point)."""

from typing import Any


def count(manager: Any, function: Any) -> int:
    """Return the number of assignments to all declared variables with the function true."""
    n = len(manager.vars)
    true, false = manager.true, manager.false
    below: dict[int, int] = {int(true): 1, int(false): 0}  # assignments to the variables from its level on
    level = {int(true): n, int(false): n}
    stack = [function]
    while stack:
        node = stack[-1]
        key = int(node)
        if key in below:
            stack.pop()
            continue
        low, high = (~child if node.negated else child for child in (node.low, node.high))
        waiting = [child for child in (low, high) if int(child) not in below]
        if waiting:
            stack += waiting
            continue
        level[key] = node.level
        below[key] = sum(below[int(child)] << (level[int(child)] - node.level - 1) for child in (low, high))
    key = int(function)
    return below[key] << level[key]
