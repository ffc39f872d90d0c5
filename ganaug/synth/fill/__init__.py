"""Cells filled with images that a translator carries over from other domains."""
