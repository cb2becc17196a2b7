"""Mutants as plain data of `oracle`, and by brute force: are they refuted, do they claim the same?"""

from dataclasses import replace
from itertools import product

from oracle import Site, dot, value

from verifier.formula import Const, Name
from verifier.readout import Linear, Units


def plain(formula):
    """Return a formula of the package as nested tuples."""
    match formula:
        case Const(bit):
            return ("const", bit)
        case Name(name):
            return ("name", name)
    parameter = () if formula.parameter is None else (formula.parameter,)
    if formula.op in ("atleast", "exactly"):
        parameter = (int(formula.parameter),)
    return (formula.op, *parameter, *map(plain, formula.args))


def plain_site(site):
    """Return a place of the package as plain data."""
    match site:
        case None:
            return None
        case Units(layer, units):
            return Site(layer, "units", units=units)
        case Linear(layer, row, offset):
            return Site(layer, "linear", row, offset)
    return Site(site.layer, "threshold", site.row, op=site.op, bound=site.bound)


def mutated(case, mutant):
    """Return the case with one feature changed as the mutant says."""
    after = mutant.after
    features = [
        replace(f, gate=plain(after.gate), site=plain_site(after.site)) if f.name == after.name else f
        for f in case.features
    ]
    return replace(case, features=tuple(features))


def differences(case, other):
    """Return every case, as {name: bit}, in which two explanations say otherwise: in a gate, or at a place.

    Features that have a place take all values there are, the others are computed. A place without numbers
    differs everywhere, or nowhere.
    """
    found = []
    for number, (one, two) in enumerate(zip(case.features, other.features, strict=True)):
        before = case.features[:number]
        free = [f.name for f in before if f.site is not None]
        for x in case.truth.domain:
            for bits in product((False, True), repeat=len(free)) if one.gate != two.gate else ():
                env = case.truth.named(x) | dict(zip(free, bits, strict=True))
                for f in before:
                    env.setdefault(f.name, value(f.gate, env))
                if value(one.gate, env) is not value(two.gate, env):
                    found.append(env)
            if one.site != two.site and read(case, one.site, x) != read(case, two.site, x):
                found.append(case.truth.named(x))
    return found


def read(case, site, x):
    """Return the number of a linear place, the bit of a comparison, and the units of others."""
    if site.kind == "units":
        return site.units
    number = dot(site.row, case.truth.activations(x, site.layer)) + site.offset
    if site.kind == "linear":
        return number
    return {
        ">": number > site.bound,
        ">=": number >= site.bound,
        "<": number < site.bound,
        "<=": number <= site.bound,
    }[site.op]
