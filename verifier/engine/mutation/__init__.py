"""Proved explanation → score: it is changed in one place after the other, and its checks must notice."""
