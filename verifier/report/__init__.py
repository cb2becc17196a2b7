"""Outcomes → text and JSON. Nothing here prints or writes a file."""
