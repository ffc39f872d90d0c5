"""Readers: folders, CSV files, arrays and torch Datasets as a list of images."""
