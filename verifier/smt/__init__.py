"""Obligation → finding by Z3: symbolic Boolean inputs, the network's weights as exact constants.

The only package that names z3; import it only when a solver is wanted.
"""
