"""Stores and generators in formats that other programs read without ganaug."""
