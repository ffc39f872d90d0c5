"""Checks of the CSVs of rows and of texts that ganaug wrote."""
