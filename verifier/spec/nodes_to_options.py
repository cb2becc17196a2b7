"""`options` → Options: how to check, as far as a file says so."""

from typing import cast

from verifier.engine.options import Choice, Options
from verifier.spec import scalars
from verifier.spec.nodes import Mapping


def read_options(node: Mapping | None) -> Options:
    """Return what is said under the keys of `models.Options`, which the node conforms to."""
    if node is None:
        return Options()
    method, timeout, rlimit, nodes = (
        node.scalar(key) for key in ("method", "timeout", "rlimit", "node_limit")
    )
    return Options(
        cast("Choice", method.text) if method else None,
        scalars.seconds(timeout.text) if timeout else None,
        scalars.positive(rlimit.text) if rlimit else None,
        scalars.positive(nodes.text) if nodes else None,
    )
