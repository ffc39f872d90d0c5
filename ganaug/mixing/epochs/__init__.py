"""Epochs of a mixed set: their order, and who reads which item in them."""
