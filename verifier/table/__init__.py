"""Obligation → finding by enumeration: every input of the domain, in vectorised exact integers."""
