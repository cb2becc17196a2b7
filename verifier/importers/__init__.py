"""File of weights, or an object in memory → Network: every number exactly the one that was stored."""
