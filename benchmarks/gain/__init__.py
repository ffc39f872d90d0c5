"""Whether synthetic images help a classifier, on real sets and on known cases."""
