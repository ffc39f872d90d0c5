"""Seconds and memory of each part of ganaug, beside a yardstick."""
