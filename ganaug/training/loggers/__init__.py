"""Logs of a training in formats that other programs show."""
