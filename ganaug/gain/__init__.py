"""Gain: does it help? Arms, splits, statistics and the verdict."""
