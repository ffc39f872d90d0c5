"""Classifiers that adapt to unlabelled images."""
