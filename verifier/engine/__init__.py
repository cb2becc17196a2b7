"""Claim → results: obligations given to a method, refutations replayed, shares and notes added up."""
