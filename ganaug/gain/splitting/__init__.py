"""Splits of a gain: training, validation and test images without leaks."""
