"""A certificate → valid, holey or invalid: re-checked without a solver, by an evaluator of its own."""

from verifier.audit.audit import Audit, audit, audit_bytes

__all__ = ["Audit", "audit", "audit_bytes"]
