"""Claim about a network with sigmoids → the slopes at which it holds."""
