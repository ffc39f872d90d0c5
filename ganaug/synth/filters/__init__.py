"""Filters: which generated images may go into a store."""
