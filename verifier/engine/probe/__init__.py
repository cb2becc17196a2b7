"""Concepts and a layer → for each concept the simplest whole readout, or the proof that there is none."""
