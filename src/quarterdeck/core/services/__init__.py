"""Verbs of the kernel."""
