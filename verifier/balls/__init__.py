"""Networks with sigmoid and tanh → verdicts: exact sums of sigmoids, compared in ball arithmetic."""
