"""Gains of new rows of tables: arms, splits, and what they say."""
