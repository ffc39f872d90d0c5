"""Carrying images into another domain without a network: swapped light, linear maps."""
