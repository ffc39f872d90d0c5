"""Confounding: how strongly domain and class hang together, and what helps."""
