"""Rows of tables: columns as numbers, a GAN on them, and its filters."""
