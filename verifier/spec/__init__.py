"""Spec file → Spec: the only reader of spec files."""

from verifier.spec.load import load, loads
from verifier.spec.models_to_schema import json_schema
from verifier.spec.spec import Entry, Enumeration, Listing, Spec

__all__ = ["Entry", "Enumeration", "Listing", "Spec", "json_schema", "load", "loads"]
