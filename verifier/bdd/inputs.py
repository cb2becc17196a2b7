"""Domain → its inputs, however many there are before its condition leaves some out, where few are left."""

from verifier.bdd.count import count
from verifier.bdd.diagrams import Diagrams
from verifier.domain import Bits, Domain
from verifier.verdict import Limits


def inputs(domain: Domain, most: int, limits: Limits) -> list[Bits] | None:
    """Return the inputs of a domain that is given by a condition alone, in order; None if over `most`.

    Raises:
        UndecidedError: the diagram of the condition takes more than the limits allow.
    """
    alg = Diagrams(limits)
    for name in domain.inputs:
        alg.declare(name)
    inside = domain.contains(alg, {name: alg.manager.var(name) for name in domain.inputs})
    if count(alg.manager, inside) > most:
        return None
    found = alg.manager.pick_iter(inside, care_vars=set(domain.inputs))
    return sorted(tuple(bool(values[name]) for name in domain.inputs) for values in found)
