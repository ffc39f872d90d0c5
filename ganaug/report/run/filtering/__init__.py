"""What the filters did with a store's candidates, a section per file."""
