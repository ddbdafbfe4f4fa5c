"""Quarterdeck runs a Project Management Office: establish it, run it, evolve it."""
