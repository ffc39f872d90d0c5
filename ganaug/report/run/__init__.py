"""The page about a run or a store, a section per file."""
