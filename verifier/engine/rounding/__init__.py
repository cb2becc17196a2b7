"""Network → decisions no rounding can change: error bounds, a search for an order that does, its replay."""
