"""Shifted tests: corrupted versions of the test images, and scores on them."""
