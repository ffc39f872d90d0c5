"""Features in, numbers out: distances and diversity."""
