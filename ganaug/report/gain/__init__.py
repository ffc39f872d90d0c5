"""The page about a gain, a section per file."""
