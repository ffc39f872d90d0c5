"""Labels: one way to read them, and the names of their classes."""
