"""Self-contained HTML pages about a run, a store or a gain."""
