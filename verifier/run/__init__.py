"""Spec files → reports, traces and claims: what the command line and the API have in common."""
