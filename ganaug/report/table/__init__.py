"""The page about a table's new rows, one section per file."""
