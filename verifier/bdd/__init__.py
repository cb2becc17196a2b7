"""Obligation → finding by binary decision diagrams: every input at once, counted exactly."""
