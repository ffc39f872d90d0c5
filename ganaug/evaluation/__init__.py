"""Evaluation: how good a store's images are, per class."""
