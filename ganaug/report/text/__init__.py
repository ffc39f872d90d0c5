"""The page about new texts, one section per file."""
