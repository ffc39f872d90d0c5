"""Inputs of G and D: batches, conditions, captions, and the range of pixel values."""
