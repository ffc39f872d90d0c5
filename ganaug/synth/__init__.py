"""Synthetic images: drawing candidates, filtering them, filling a store with them."""
