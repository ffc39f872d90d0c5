"""Classifiers that a gain is measured for: named, torchvision's, the user's own."""
