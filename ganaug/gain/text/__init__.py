"""Gains of new texts: arms, classifiers, splits."""
