"""Synthetic images: drawing them, storing them, mixing them with real ones."""
