"""What was measured of ganaug, and how: scripts, pages and results."""
